//! One exchange over HTTP with a receiver that somebody configured: where it may go, how long it may take, how much of the answer is read.
//! Not what is posted, not what the answer means, and not when to try again.
//!
//! Redirects are not followed, no proxy of the surroundings is asked, nothing is decompressed, and no connection is kept.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};
use reqwest::dns::Resolve;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response, StatusCode};
use tokio::time::{Instant, timeout};
use url::Url;

use super::guard::{Forbidden, Guard, GuardedNames, SystemNames};
use super::pace::Pace;
use super::{Outcome, answer_line, choose_cryptography};
use crate::masked::{Recipient, Secret};

/// How much of an answer is read; the rest stays with the receiver.
const LONGEST_REPLY: usize = 20_000;
/// Standard Webhooks ask for 15 to 30 seconds.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Who has too much to do is left alone for so long, whatever the plan of attempts says.
const LEAST_REST: Duration = Duration::from_mins(1);
/// Who is calling, for the receiver's log.
const USER_AGENT: &str = concat!("stagewatch/", env!("CARGO_PKG_VERSION"));

/// What `[webhook]` says; it holds for everything that is posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Networks that may be reached beside the public internet.
    pub allowed: Vec<IpNet>,
    /// How long one exchange may take, the whole answer included.
    pub timeout: Duration,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { allowed: Vec::new(), timeout: TIMEOUT }
    }
}

/// Why nothing can be posted at all.
#[derive(Debug, thiserror::Error)]
pub enum PosterError {
    /// The machine gives no trusted certificates, or no cryptography.
    #[error("could not set up encryption for webhooks")]
    Encryption(#[source] reqwest::Error),
}

/// What is sent.
#[derive(Clone)]
pub struct Request {
    /// `POST`, or `PUT` where a service wants it.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// With which headers.
    pub headers: HeaderMap,
    /// The exact bytes.
    pub body: Vec<u8>,
}

/// Address and headers may hold tokens.
impl fmt::Debug for Request {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = Recipient::new(self.url.as_str());
        out.debug_struct("Request").field("method", &self.method).field("url", &url).finish_non_exhaustive()
    }
}

/// How an exchange ended.
#[derive(Debug)]
pub enum Exchange {
    /// With an answer.
    Answered(Answer),
    /// Before it began: the address may not be reached.
    Forbidden(Forbidden),
    /// Without an answer, for this reason.
    Failed(String),
    /// Without an answer within the time set.
    TimedOut(Duration),
}

/// What a receiver said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// How long it asked us to stay away.
    pub retry_after: Option<Duration>,
    /// The beginning of the body.
    pub reply: String,
}

/// Posts.
#[derive(Debug, Clone)]
pub struct Poster {
    client: Client,
    guard: Guard,
    timeout: Duration,
    pace: Arc<Pace>,
}

impl Poster {
    /// A poster that asks the machine where a host is.
    pub fn new(settings: &Settings) -> Result<Poster, PosterError> {
        Poster::with_resolver(settings, Arc::new(SystemNames))
    }

    /// A poster that asks somebody else where a host is; what it is told goes through the guard all the same.
    pub fn with_resolver(settings: &Settings, names: Arc<dyn Resolve>) -> Result<Poster, PosterError> {
        choose_cryptography();
        let guard = Guard::allowing(settings.allowed.iter().copied());
        // No connection is kept: alerts are hours apart, and one that the receiver has closed meanwhile fails an attempt.
        let client = Client::builder()
            .dns_resolver(Arc::new(GuardedNames::new(guard.clone(), names)))
            .redirect(Policy::none())
            .no_proxy()
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .user_agent(USER_AGENT)
            .pool_max_idle_per_host(0)
            .build()
            .map_err(PosterError::Encryption)?;
        Ok(Poster { client, guard, timeout: settings.timeout, pace: Arc::default() })
    }

    /// Waits until it is this message's turn at an address that wants a pause between two.
    #[expect(clippy::disallowed_methods, reason = "the rim measures time")]
    pub async fn turn(&self, address: &str, pause: Duration) {
        if !pause.is_zero() {
            tokio::time::sleep_until(self.pace.turn(address, pause, Instant::now())).await;
        }
    }

    /// One exchange; never takes longer than the time set, the whole answer included. `now` is what dates in the answer are compared with.
    pub async fn exchange(&self, request: Request, now: Timestamp) -> Exchange {
        // An address literal is never looked up, so the resolver cannot guard it.
        if let Err(forbidden) = self.guard.check_url(&request.url) {
            return Exchange::Forbidden(forbidden);
        }
        let Request { method, url, headers, body } = request;
        let request = self.client.request(method, url).headers(headers).body(body);
        let mut heard = None;
        let exchange = async {
            let mut response = request.send().await?;
            let known = heard.insert(Answer::of(&response, now));
            known.reply = beginning_of(&mut response).await;
            Ok::<(), reqwest::Error>(())
        };
        let ended = timeout(self.timeout, exchange).await;
        match (heard, ended) {
            // The status is the answer; a receiver that said it and then dawdles has still said it.
            (Some(answer), _) => Exchange::Answered(answer),
            (None, Ok(Err(error))) => failed(&error),
            (None, Ok(Ok(())) | Err(_)) => Exchange::TimedOut(self.timeout),
        }
    }
}

impl Answer {
    fn of(response: &Response, now: Timestamp) -> Answer {
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        Answer {
            status: response.status(),
            retry_after: retry_after.and_then(|value| wait_of(value.trim(), now)),
            reply: String::new(),
        }
    }

    /// Status and first line, for the record.
    pub fn in_one_line(&self) -> String {
        let first_line = self.reply.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        format!("{} {first_line}", self.status)
    }

    /// Whether the status says that it was too much, and not that it was wrong.
    pub fn is_busy(&self) -> bool {
        matches!(
            self.status,
            StatusCode::TOO_MANY_REQUESTS
                | StatusCode::BAD_GATEWAY
                | StatusCode::SERVICE_UNAVAILABLE
                | StatusCode::GATEWAY_TIMEOUT
        )
    }

    /// How long to wait at least: what was asked for, and a minute for who has too much to do.
    pub fn wait(&self) -> Option<Duration> {
        if self.is_busy() { Some(self.retry_after.unwrap_or_default().max(LEAST_REST)) } else { self.retry_after }
    }
}

/// What an exchange without an answer means; `who` is `the webhook`, or the service.
pub fn unanswered(exchange: &Exchange, who: &str) -> Outcome {
    match exchange {
        Exchange::Forbidden(forbidden) => {
            Outcome::ForOperator { why: format!("{who} may not be reached: {forbidden}") }
        }
        Exchange::Failed(why) => Outcome::TryAgain { why: format!("could not reach {who}: {why}"), wait: None },
        Exchange::TimedOut(limit) => {
            Outcome::TryAgain { why: format!("{who} did not answer within {limit:?}"), wait: Some(LEAST_REST) }
        }
        Exchange::Answered(answer) => Outcome::TryAgain { why: answer.in_one_line(), wait: answer.wait() },
    }
}

/// An answer on one line without what is secret: paths and queries of hooks are often their only key, and receivers like to repeat them.
pub fn masked(text: &str, url: &Url, secrets: &[Secret]) -> String {
    let path = if url.path().len() > 1 { url.path() } else { "" };
    let mut hidden = vec![
        (url.as_str(), "…"),
        (url.query().unwrap_or_default(), "…"),
        (path, "/…"),
        (url.password().unwrap_or_default(), "***"),
    ];
    hidden.extend(secrets.iter().map(|secret| (secret.reveal().trim(), "***")));
    answer_line(text, &hidden)
}

/// The beginning of the answer's body; a reply without end, or one that breaks off, is no trouble.
async fn beginning_of(response: &mut Response) -> String {
    let mut reply = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = LONGEST_REPLY - reply.len();
        reply.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if reply.len() >= LONGEST_REPLY {
            break;
        }
    }
    String::from_utf8_lossy(&reply).into_owned()
}

fn failed(error: &reqwest::Error) -> Exchange {
    let mut cause = std::error::Error::source(error);
    // What the library wraps around the last cause repeats the address, or says that there was an error.
    let mut last = None;
    while let Some(error) = cause {
        if let Some(forbidden) = error.downcast_ref::<Forbidden>() {
            return Exchange::Forbidden(forbidden.clone());
        }
        last = Some(error.to_string());
        cause = error.source();
    }
    let what = if error.is_connect() { "could not connect" } else { "the connection broke" };
    Exchange::Failed(last.map_or_else(|| what.to_owned(), |last| format!("{what}: {last}")))
}

/// `Retry-After` in seconds or as any of the three dates of HTTP; a moment that has passed is no wait.
fn wait_of(value: &str, now: Timestamp) -> Option<Duration> {
    if !value.is_empty() && value.bytes().all(|digit| digit.is_ascii_digit()) {
        return value.parse().ok().map(Duration::from_secs);
    }
    let until = moment_of(value)?;
    let wait = until.duration_since(now).max(SignedDuration::ZERO);
    Some(wait.unsigned_abs())
}

fn moment_of(value: &str) -> Option<Timestamp> {
    const ZONE_GIVEN: &str = "%a, %d %b %Y %H:%M:%S GMT";
    const OBSOLETE: [&str; 2] = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    std::iter::once(ZONE_GIVEN).chain(OBSOLETE).find_map(|form| {
        let civil = jiff::civil::DateTime::strptime(form, value).ok()?;
        civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_retry_after_are_read_and_nonsense_is_none() {
        let now: Timestamp = "1994-11-06T08:49:00Z".parse().unwrap();
        let wait = |value| wait_of(value, now).map(|wait| wait.as_secs());
        assert_eq!(wait("120"), Some(120));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:37 GMT"), Some(37));
        assert_eq!(wait("Sunday, 06-Nov-94 08:49:37 GMT"), Some(37));
        assert_eq!(wait("Sun Nov  6 08:49:37 1994"), Some(37));
        assert_eq!(wait("Sun, 06 Nov 1994 08:00:00 GMT"), Some(0));
        assert_eq!(wait("soon"), None);
        assert_eq!(wait(""), None);
        assert_eq!(wait("-5"), None);
        assert_eq!(wait("99999999999999999999999"), None);
    }

    #[test]
    fn who_has_too_much_to_do_is_left_alone_for_a_minute_at_least() {
        let answer = |status: u16, asked: Option<u64>| {
            let status = StatusCode::from_u16(status).unwrap();
            let retry_after = asked.map(Duration::from_secs);
            Answer { status, retry_after, reply: String::new() }.wait().map(|wait| wait.as_secs())
        };
        assert_eq!([429, 502, 503, 504].map(|status| answer(status, None)), [Some(60); 4]);
        assert_eq!([answer(429, Some(5)), answer(503, Some(600))], [Some(60), Some(600)]);
        assert_eq!([answer(500, None), answer(500, Some(5)), answer(404, Some(600))], [None, Some(5), Some(600)]);
    }

    #[test]
    fn a_request_prints_neither_path_nor_headers() {
        let request = Request {
            method: Method::POST,
            url: Url::parse("https://chat.example.org/services/T0/B0/token").unwrap(),
            headers: HeaderMap::from_iter([(reqwest::header::AUTHORIZATION, "Bearer abc".parse().unwrap())]),
            body: b"secret".to_vec(),
        };
        assert_eq!(format!("{request:?}"), "Request { method: POST, url: https://chat.example.org/…, .. }");
    }
}
