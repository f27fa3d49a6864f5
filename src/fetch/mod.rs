//! HTTP: an address → `NotModified` or a [`Page`]. Polite, bounded, and deaf to what pages say.
//!
//! Polite: it says who it is, asks only for what is new, and visits a host once at a time with a pause between. Bounded: in time, in
//! bytes, in redirects. Deaf: whatever was answered to the end is a [`Page`], whether its status is 200 or 503; what it means is for
//! others to say. It never follows a redirect to another host, so that a log-in page cannot stand in for the page asked for.
//!
//! Not here: what a page says, when to ask again, what is remembered.
#![expect(clippy::disallowed_methods, reason = "time on an exchange is measured")]

/// What can go wrong, by the step that failed.
pub mod error;
/// Who we are, how patient, and through what.
pub mod settings;

/// The body of an answer, within its limits.
mod body;
/// One client for each way of connecting.
mod clients;
/// What the headers of an answer say.
mod headers;
/// Where a redirect may lead.
mod redirect;
/// What a site asks of programs.
mod robots;
/// Lines of a body that is too large to be kept.
mod sieve;
/// One request at a time for a host, and a pause between two.
mod turns;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::Duration;

use reqwest::header::{HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use reqwest::{Client, Response, StatusCode};
use tokio::time::{Instant, timeout};
use url::Url;

use self::body::Limits;
use self::clients::Clients;
use self::error::{FetchError, Route};
use self::robots::Rules;
use self::settings::{Options, Settings};
use self::turns::{Turn, Turns};

/// Five hops are more than any page in sight needs; more is a loop.
const MAX_REDIRECTS: usize = 5;

/// A body that goes through a sieve may be this much larger than one that is kept, and take this much longer to come: the open data
/// of ISO is a file of 150 MB, of which some hundred lines are kept.
const SIEVED_FACTOR: u32 = 16;

/// How long the rules of a site are believed.
const RULES_LAST: Duration = Duration::from_hours(24);

/// What the other side gave us to ask again with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// `ETag` as served.
    pub etag: Option<String>,
    /// `Last-Modified` as served.
    pub last_modified: Option<String>,
}

/// Says of each line (without its newline) whether to keep it.
pub type Sieve = Box<dyn FnMut(&str) -> bool + Send>;

/// What to fetch, and how.
pub struct Request {
    /// The address.
    pub url: Url,
    /// What the last answer gave us, so that an unchanged page is not sent again; empty asks for the page whatever its age.
    pub validators: Validators,
    /// What the configuration of the source adds.
    pub options: Options,
    /// Which lines to keep of a successful answer while it streams; without one the whole body is kept.
    pub sieve: Option<Sieve>,
}

/// What came back.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "one value a request, taken apart at once")]
pub enum Fetched {
    /// The page is the one we know.
    NotModified {
        /// For the next request: as served now, or else as we asked with.
        validators: Validators,
    },
    /// Anything else that was read to its end.
    Page(Page),
}

/// An answer that was read to its end, whatever its status. Prints without its body: pages do not belong into logs.
#[derive(Clone)]
pub struct Page {
    /// The address that answered, after redirects.
    pub url: Url,
    /// HTTP status; never 304 and never a followed redirect.
    pub status: u16,
    /// `Content-Type` as served.
    pub content_type: Option<String>,
    /// All headers, names in lower case; of a body that came compressed, without its length and encoding.
    pub headers: Vec<(String, String)>,
    /// For the next request.
    pub validators: Validators,
    /// How long the other side asks us to wait (`Retry-After`), up to a year.
    pub retry_after: Option<Duration>,
    /// The decompressed body, or the lines of it that the sieve kept.
    pub bytes: Vec<u8>,
    /// Size of the whole decompressed body.
    pub size_bytes: u64,
    /// How many lines the sieve saw; `None` without a sieve.
    pub n_lines: Option<u64>,
    /// Whether the last line that the sieve saw ended with a newline, as a whole file does; always true without a sieve.
    pub ended_cleanly: bool,
}

/// What sites ask of programs, by origin, each until when it is believed.
type KnownRules = HashMap<String, (Arc<Rules>, Instant)>;

/// The one who fetches for all sources, since it knows when each host was visited last.
#[derive(Debug)]
pub struct Fetcher {
    settings: Settings,
    clients: Clients,
    turns: Turns,
    rules: Arc<Mutex<KnownRules>>,
}

/// What stays the same from hop to hop.
#[derive(Clone)]
struct Visit {
    client: Client,
    headers: HeaderMap,
    asked_with: Validators,
    route: Route,
}

/// What one exchange led to.
enum Answer {
    Elsewhere(Url),
    Fetched(Fetched),
}

/// Makes AWS-LC the TLS provider of this process. Whoever builds TLS clients without us (mail) calls it first; more than once is fine.
pub fn install_tls() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        // Note: an error says that a provider is there already, which is what we want.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    });
}

impl fmt::Debug for Page {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Page")
            .field("host", &self.url.host_str())
            .field("status", &self.status)
            .field("content_type", &self.content_type)
            .field("size_bytes", &self.size_bytes)
            .field("n_lines", &self.n_lines)
            .finish_non_exhaustive()
    }
}

impl Request {
    /// A plain request for that address.
    pub fn to(url: Url) -> Request {
        Request { url, validators: Validators::default(), options: Options::default(), sieve: None }
    }
}

impl Fetcher {
    /// A fetcher with these settings; complains about the contact and the proxy if they cannot be used.
    pub fn new(settings: Settings) -> Result<Fetcher, FetchError> {
        install_tls();
        let clients = Clients::new(&settings)?;
        let turns = Turns::new(settings.pause);
        Ok(Fetcher { settings, clients, turns, rules: Arc::default() })
    }

    /// A fetcher with other settings that knows what this one knows: when each host was visited last, and what it asks of programs.
    pub fn renewed(&self, settings: Settings) -> Result<Fetcher, FetchError> {
        let clients = Clients::new(&settings)?;
        let turns = self.turns.with_pause(settings.pause);
        Ok(Fetcher { settings, clients, turns, rules: Arc::clone(&self.rules) })
    }

    /// Checks the options of a source without sending anything, so that a wrong proxy or certificate shows at the start.
    pub fn check(&self, options: &Options) -> Result<(), FetchError> {
        self.clients.client_for(options)?;
        settings::header_map_of(&options.headers)?;
        Ok(())
    }

    /// Asks for one address, waits for the host's turn, follows redirects within the host, and reads the answer to its end.
    pub async fn fetch(&self, request: Request) -> Result<Fetched, FetchError> {
        let host = redirect::host_of(&request.url)?;
        let visit = Visit {
            client: self.clients.client_for(&request.options)?,
            headers: request_headers(&request)?,
            asked_with: request.validators,
            route: Route { host, proxy: self.clients.proxy_name(&request.options) },
        };
        let (mut url, mut sieve) = (request.url, request.sieve);

        let allowed = self.settings.timeout.saturating_mul(if sieve.is_some() { SIEVED_FACTOR } else { 1 });
        let mut left = allowed;
        let mut turn = self.turns.turn_of(&visit.route.host).await;
        if self.settings.obey_robots && !request.options.ignore_robots {
            let plain = settings::header_map_of(&request.options.headers)?;
            let rules = self.rules_of(&Visit { headers: plain, ..visit.clone() }, &url, &mut turn).await?;
            turn.pause_at_least(rules.delay.unwrap_or_default());
            let asked = url[url::Position::BeforePath..url::Position::AfterQuery].to_owned();
            if !rules.allow(&asked) {
                return Err(FetchError::Disallowed { host: visit.route.host, path: asked });
            }
        }
        for _ in 0..=MAX_REDIRECTS {
            turn.begin().await;
            let begun = Instant::now();
            let answer = timeout(left, self.exchange(&visit, &url, &mut sieve)).await;
            turn.end();
            match answer {
                Err(_) => return Err(FetchError::Deadline { route: visit.route, after: allowed }),
                Ok(Err(error)) => return Err(error),
                Ok(Ok(Answer::Fetched(fetched))) => return Ok(fetched),
                Ok(Ok(Answer::Elsewhere(next))) => url = next,
            }
            left = left.saturating_sub(begun.elapsed());
        }
        Err(FetchError::TooManyRedirects { host: visit.route.host, most: MAX_REDIRECTS })
    }

    /// What the site of an address asks of programs. A site that has no such file asks for nothing; one that cannot say whether it has
    /// is left alone until it can.
    async fn rules_of(&self, visit: &Visit, url: &Url, turn: &mut Turn) -> Result<Arc<Rules>, FetchError> {
        let origin = url.origin().ascii_serialization();
        let known = self.rules.lock().unwrap_or_else(PoisonError::into_inner).get(&origin).cloned();
        if let Some((rules, _)) = known.filter(|(_, until)| Instant::now() < *until) {
            return Ok(rules);
        }
        let unknown = |source: Option<FetchError>, status: Option<u16>| FetchError::Robots {
            host: visit.route.host.clone(),
            status,
            source: source.map(Box::new),
        };
        let mut address = url.join("/robots.txt").map_err(|_| unknown(None, None))?;
        let mut rules = Rules::default();
        for _ in 0..=MAX_REDIRECTS {
            turn.begin().await;
            let answer = timeout(self.settings.timeout, self.exchange(visit, &address, &mut None)).await;
            turn.end();
            match answer {
                Ok(Ok(Answer::Elsewhere(next))) => {
                    address = next;
                    continue;
                }
                Ok(Ok(Answer::Fetched(Fetched::Page(page)))) if page.status >= 500 => {
                    return Err(unknown(None, Some(page.status)));
                }
                Ok(Ok(Answer::Fetched(Fetched::Page(page)))) if (200..300).contains(&page.status) => {
                    rules = Rules::parse(&page.bytes);
                }
                // A file that moved to another host, and one that is not there, ask for nothing.
                Ok(Ok(Answer::Fetched(_)) | Err(FetchError::OtherHost { .. } | FetchError::Downgrade { .. })) => {}
                Ok(Err(error)) => return Err(unknown(Some(error), None)),
                Err(_) => return Err(unknown(None, None)),
            }
            break;
        }
        let rules = Arc::new(rules);
        let until = Instant::now() + RULES_LAST;
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).insert(origin, (rules.clone(), until));
        Ok(rules)
    }

    async fn exchange(&self, visit: &Visit, url: &Url, sieve: &mut Option<Sieve>) -> Result<Answer, FetchError> {
        let Visit { client, headers, asked_with, route } = visit;
        let sending = client.get(url.clone()).headers(headers.clone()).send();
        let response = sending.await.map_err(|error| error::sending(route, error, self.settings.timeout))?;
        if let Some(next) = redirect::next_address(url, response.status(), response.headers())? {
            return Ok(Answer::Elsewhere(next));
        }
        if response.status() == StatusCode::NOT_MODIFIED {
            return not_modified(&response, asked_with, route).map(Answer::Fetched);
        }
        let sieve = if response.status().is_success() { sieve.take() } else { None };
        self.page(url, response, route, sieve).await.map(|page| Answer::Fetched(Fetched::Page(page)))
    }

    async fn page(
        &self,
        url: &Url,
        response: Response,
        route: &Route,
        sieve: Option<Sieve>,
    ) -> Result<Page, FetchError> {
        let status = response.status().as_u16();
        let served = response.headers().clone();
        let limits = Limits {
            max_body_bytes: self.settings.max_body_bytes,
            max_markup_bytes: self.settings.max_markup_bytes,
            silence: self.settings.timeout,
        };
        let body = match sieve {
            None => body::whole(response, route, &limits).await?,
            Some(sieve) => body::sieved(response, route, &limits, sieve).await?,
        };
        Ok(Page {
            url: url.clone(),
            status,
            content_type: headers::text(&served, &reqwest::header::CONTENT_TYPE),
            headers: headers::all(&served),
            validators: headers::validators(&served),
            retry_after: headers::retry_after(&served),
            bytes: body.bytes,
            size_bytes: body.size_bytes,
            n_lines: body.n_lines,
            ended_cleanly: body.ended_cleanly,
        })
    }
}

fn request_headers(request: &Request) -> Result<HeaderMap, FetchError> {
    let mut headers = settings::header_map_of(&request.options.headers)?;
    let Validators { etag, last_modified } = &request.validators;
    for (name, value) in [(IF_NONE_MATCH, etag), (IF_MODIFIED_SINCE, last_modified)] {
        // A validator that is no header value did not come to us unharmed: asking without it brings the whole page.
        if let Some(value) = value.as_ref().and_then(|value| value.parse().ok()) {
            headers.insert(name, value);
        }
    }
    Ok(headers)
}

fn not_modified(response: &Response, asked_with: &Validators, route: &Route) -> Result<Fetched, FetchError> {
    if *asked_with == Validators::default() {
        return Err(FetchError::Unasked { route: route.clone() });
    }
    let Validators { etag, last_modified } = headers::validators(response.headers());
    let validators = Validators {
        etag: etag.or_else(|| asked_with.etag.clone()),
        last_modified: last_modified.or_else(|| asked_with.last_modified.clone()),
    };
    Ok(Fetched::NotModified { validators })
}
