//! Webhooks by the letter of Standard Webhooks 1.0: a signed POST of one change, and what the answer means. Not the body of it, not
//! the arithmetic of the signature, and not when to try again.
//!
//! Receivers are often wrong for a while: a missing route, a full disk, an expired login. So every answer but success and `410 Gone`
//! is a reason to try again; the plan of attempts is bounded.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::dns::Resolve;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use tokio::time::timeout;
use url::Url;

use super::webhook_signature::sign;
use super::{Outcome, Parcel, answer_line, causes_of, choose_cryptography};
use crate::masked::{Recipient, Secret};

/// How much of an answer is read; the rest stays with the receiver.
const LONGEST_REPLY: usize = 20_000;
/// Who is calling, for the receiver's log.
const USER_AGENT: &str = concat!("stagewatch/", env!("CARGO_PKG_VERSION"));

/// One receiver.
#[derive(Clone)]
pub struct Settings {
    /// Where to post.
    pub url: Url,
    /// What to sign with, the current secret first; all of them sign while a receiver changes over.
    pub secrets: Vec<Secret>,
    /// How long one exchange may take, the whole answer included.
    pub timeout: Duration,
}

/// The address may hold a token of its own: it prints as recipients do.
impl fmt::Debug for Settings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Settings")
            .field("url", &Recipient::new(self.url.as_str()))
            .field("secrets", &self.secrets)
            .field("timeout", &self.timeout)
            .finish()
    }
}

/// Why nothing can be posted at all.
#[derive(Debug, thiserror::Error)]
pub enum SenderError {
    /// The machine gives no trusted certificates, or no cryptography.
    #[error("could not set up encryption for webhooks")]
    Encryption(#[source] reqwest::Error),
}

/// Posts bodies.
#[derive(Debug, Clone)]
pub struct Sender {
    client: Client,
}

impl Sender {
    /// A sender that asks the machine where a host is.
    pub fn new() -> Result<Sender, SenderError> {
        Sender::built(Client::builder())
    }

    /// A sender that asks somebody else where a host is, and may be told that it is nowhere.
    ///
    /// Note: an address literal in a URL is never looked up, so a guard has to check those for itself.
    pub fn with_resolver(resolver: Arc<dyn Resolve>) -> Result<Sender, SenderError> {
        Sender::built(Client::builder().dns_resolver(resolver))
    }

    fn built(builder: reqwest::ClientBuilder) -> Result<Sender, SenderError> {
        choose_cryptography();
        // No connection is kept: alerts are hours apart, and one that the receiver has closed meanwhile fails an attempt.
        let client = builder
            .redirect(Policy::none())
            .no_proxy()
            .user_agent(USER_AGENT)
            .pool_max_idle_per_host(0)
            .build()
            .map_err(SenderError::Encryption)?;
        Ok(Sender { client })
    }

    /// Posts the exact bytes, signed afresh at `now`; never takes longer than the time set.
    pub async fn send(&self, settings: &Settings, parcel: &Parcel, now: Timestamp) -> Outcome {
        let moment = now.as_second();
        let signature = match sign(&settings.secrets, &parcel.id, moment, &parcel.payload) {
            Ok(signature) => signature,
            Err(error) => return Outcome::TryAgain { why: format!("for the operator: {error}"), wait: None },
        };
        let request = self
            .client
            .post(settings.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &parcel.id)
            .header("webhook-timestamp", moment)
            .header("webhook-signature", signature)
            .body(parcel.payload.clone());
        let mut heard = None;
        let exchange = async {
            let mut response = request.send().await?;
            let known = heard.insert(Heard::of(&response));
            known.reply = beginning_of(&mut response).await;
            Ok::<(), reqwest::Error>(())
        };
        let ended = timeout(settings.timeout, exchange).await;
        match (heard, ended) {
            // The status is the answer; a receiver that said it and then dawdles has still said it.
            (Some(heard), _) => outcome_of(&heard, settings, now),
            (None, Ok(Err(error))) => failed(settings, &error),
            (None, Ok(Ok(())) | Err(_)) => {
                let why = format!("the webhook did not answer within {:?}", settings.timeout);
                Outcome::TryAgain { why, wait: None }
            }
        }
    }
}

/// What a receiver said.
struct Heard {
    status: StatusCode,
    retry_after: Option<String>,
    reply: String,
}

impl Heard {
    fn of(response: &Response) -> Heard {
        Heard { status: response.status(), retry_after: retry_after(response.headers()), reply: String::new() }
    }
}

fn retry_after(headers: &HeaderMap) -> Option<String> {
    headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(|value| value.trim().to_owned())
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

fn outcome_of(heard: &Heard, settings: &Settings, now: Timestamp) -> Outcome {
    let first_line = heard.reply.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let answer = masked(&format!("{} {first_line}", heard.status), settings);
    if heard.status.is_success() {
        return Outcome::Delivered { answer };
    }
    if heard.status.is_redirection() {
        let why =
            format!("the webhook points elsewhere, and redirects are not followed; write the final address: {answer}");
        return Outcome::TryAgain { why, wait: None };
    }
    match heard.status {
        StatusCode::GONE => Outcome::Refused { why: format!("the webhook says that it is gone: {answer}") },
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => {
            let wait = heard.retry_after.as_deref().and_then(|value| wait_of(value, now));
            Outcome::TryAgain { why: format!("the webhook is busy: {answer}"), wait }
        }
        _ => Outcome::TryAgain { why: format!("the webhook did not take it: {answer}"), wait: None },
    }
}

fn failed(settings: &Settings, error: &reqwest::Error) -> Outcome {
    // The library's own first line only repeats the address.
    let cause = std::error::Error::source(error).map_or_else(|| "no connection".to_owned(), causes_of);
    Outcome::TryAgain { why: masked(&format!("could not reach the webhook: {cause}"), settings), wait: None }
}

/// Paths and queries of webhooks are often their only key, and receivers like to repeat them.
fn masked(text: &str, settings: &Settings) -> String {
    let url = &settings.url;
    let path = if url.path().len() > 1 { url.path() } else { "" };
    let mut hidden = vec![
        (url.as_str(), "…"),
        (url.query().unwrap_or_default(), "…"),
        (path, "/…"),
        (url.password().unwrap_or_default(), "***"),
    ];
    hidden.extend(settings.secrets.iter().map(|secret| (secret.reveal().trim(), "***")));
    answer_line(text, &hidden)
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
    fn settings_print_neither_secret_nor_path() {
        let url = Url::parse("https://plm.example.org/hooks/4711?token=x").unwrap();
        let settings = Settings { url, secrets: vec![Secret::new("whsec_x")], timeout: Duration::from_secs(1) };
        assert_eq!(format!("{settings:?}"), "Settings { url: https://plm.example.org/…, secrets: [***], timeout: 1s }");
    }

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
}
