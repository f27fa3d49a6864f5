//! Who may read, who may write, and what every answer says to a browser. The one way in: whatever a page does, a request has been
//! through here.
//!
//! Reading is free on this machine, or where the configuration says `open`; otherwise it needs the token, and so does writing, always.
//! A program shows the token in `Authorization`, a browser once, for a session. Being alive, logging in, and stopping a subscription by
//! the link in a mail are open to everybody.
#![expect(clippy::disallowed_methods, reason = "the gate reads the clock: sessions end, and guessing is slowed down")]

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;

use super::Site;
use super::answer::{HTML, refused};
use super::client::{Client, client_of};
use super::preferences::{Preferences, preferences_of};
use super::server::Peer;
use super::session::{COOKIE, cookie};

/// No form of ours is longer.
pub(super) const LARGEST_BODY: usize = 64 * 1024;

/// How long an answer may take, from the end of the request's headers.
const PATIENCE: Duration = Duration::from_secs(15);

/// What runs in a page is ours and comes from here; nothing frames it, nothing is sent elsewhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'";

/// What everybody may ask.
const OPEN_PATHS: [&str; 5] = ["/healthz", "/readyz", "/assets/", "/login", "/unsubscribe/"];

/// How far somebody may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Access {
    /// Only what is open to everybody.
    None,
    /// Looking.
    Read,
    /// Looking and writing.
    Write,
}

/// A request, as far as every page needs it.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    /// Who asks.
    pub(super) client: Client,
    /// How far they may go.
    pub(super) access: Access,
    /// The session's cookie, where there is a valid one.
    pub(super) session: Option<String>,
    /// How pages are read.
    pub(super) preferences: Preferences,
    /// What was asked for.
    pub(super) uri: Uri,
    /// `If-None-Match`, `Cookie` and the others.
    pub(super) headers: HeaderMap,
    /// When it came.
    pub(super) now: Timestamp,
}

/// Why somebody is not let in.
enum Barred {
    /// Another site's name leads here: an attack, or a proxy that the configuration does not know.
    Host,
    /// A form of another site.
    CrossSite,
    /// Too many wrong tokens, and how long to wait.
    TooMany(i64),
    /// A token that is none.
    WrongToken,
    /// No token.
    NoToken,
    /// No token, and none is configured.
    Closed,
}

/// Lets a request in or not, and says to the browser what it may do with the answer.
pub(super) async fn gate(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let now = Timestamp::now();
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
    let peer = peer.unwrap_or(std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED));
    let client = client_of(&site.shared.settings, peer, request.headers());
    let (preferences, cookies) = preferences_of(request.uri(), request.headers());
    let mut ask = Ask {
        client,
        access: Access::None,
        session: None,
        preferences,
        uri: request.uri().clone(),
        headers: request.headers().clone(),
        now,
    };
    let mut response = match let_in(&site, &mut ask, request.method()) {
        Ok(()) => {
            request.extensions_mut().insert(ask.clone());
            match tokio::time::timeout(PATIENCE, next.run(request)).await {
                Ok(response) => response,
                Err(_) => refused(&site, &ask, StatusCode::SERVICE_UNAVAILABLE),
            }
        }
        Err(barred) => turn_away(&site, &ask, &barred),
    };
    // Programs read feeds and records: what they ask for changes nothing, here or there.
    let is_page = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes() == HTML.as_bytes());
    for cookie in cookies.into_iter().filter(|_| is_page) {
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    say_to_the_browser(response.headers_mut());
    response
}

fn let_in(site: &Site, ask: &mut Ask, method: &Method) -> Result<(), Barred> {
    let settings = &site.shared.settings;
    if !is_our_host(site, &ask.headers) {
        return Err(Barred::Host);
    }
    let path = ask.uri.path().to_owned();
    let is_free = settings.open || (settings.is_local() && ask.client.is_local);
    ask.access = if is_free { Access::Read } else { Access::None };
    if let Some(shown) = bearer(&ask.headers) {
        check_token(site, ask.client, shown, ask.now)?;
        ask.access = Access::Write;
    } else if let Some(session) = cookie(&ask.headers, COOKIE)
        && site.shared.sessions.is_valid(session, ask.now)
    {
        ask.session = Some(session.to_owned());
        ask.access = Access::Write;
    }
    // The button in a mail program posts from nowhere, and its token is all that it needs.
    let is_one_click = path.starts_with("/unsubscribe/");
    if !method.is_safe() && !is_one_click && is_cross_site(&ask.headers) {
        return Err(Barred::CrossSite);
    }
    let is_open = OPEN_PATHS.iter().any(|open| path == *open || (open.ends_with('/') && path.starts_with(open)));
    match (ask.access, is_open, settings.token.is_some()) {
        (Access::None, false, true) => Err(Barred::NoToken),
        (Access::None, false, false) => Err(Barred::Closed),
        (_, _, _) => Ok(()),
    }
}

/// Looks at a token, unless too many wrong ones came from there; whether it is the right one.
pub(super) fn try_token(site: &Site, client: Client, shown: &str, now: Timestamp) -> Result<bool, i64> {
    let failures = &site.shared.failures;
    if let Some(wait) = failures.wait(client.address, now) {
        return Err(wait.as_secs() + 1);
    }
    let is_right = site.shared.settings.token.as_ref().is_some_and(|token| token.is(shown));
    if !is_right {
        failures.note(client.address, now);
        tracing::warn!(client = %client.address, "a wrong token was shown to the pages");
    }
    Ok(is_right)
}

fn check_token(site: &Site, client: Client, shown: &str, now: Timestamp) -> Result<(), Barred> {
    match try_token(site, client, shown, now) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Barred::WrongToken),
        Err(wait) => Err(Barred::TooMany(wait)),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whether the name in the address is one of ours. A page of another site can make its own name lead to this machine, and would read what
/// is free here; a name that we are not called by gives it away.
fn is_our_host(site: &Site, headers: &HeaderMap) -> bool {
    let settings = &site.shared.settings;
    if !settings.is_local() || settings.open {
        return true;
    }
    let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else { return true };
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((name, _)) => name,
        None => host.split(':').next().unwrap_or_default(),
    };
    let is_public = settings.public_url.as_ref().and_then(|url| url.host_str()).is_some_and(|own| own == name);
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        || is_public
}

/// Whether a browser says that a form was sent from a page of another site.
fn is_cross_site(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => origin.split_once("://").map(|(_, rest)| rest) != Some(host),
        (Some(_), None) => true,
        (None, _) => false,
    }
}

fn turn_away(site: &Site, ask: &Ask, barred: &Barred) -> Response {
    let with = |status, name: HeaderName, value: &str| {
        let mut response = refused(site, ask, status);
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
        response
    };
    match barred {
        Barred::Host => refused(site, ask, StatusCode::MISDIRECTED_REQUEST),
        Barred::CrossSite | Barred::Closed => refused(site, ask, StatusCode::FORBIDDEN),
        Barred::TooMany(wait) => with(StatusCode::TOO_MANY_REQUESTS, header::RETRY_AFTER, &wait.to_string()),
        Barred::NoToken if wants_html(&ask.headers) => {
            let asked = ask.uri.path_and_query().map_or("/", |asked| asked.as_str());
            let next: String = url::form_urlencoded::byte_serialize(asked.as_bytes()).collect();
            (StatusCode::SEE_OTHER, [(header::LOCATION, format!("/login?next={next}"))]).into_response()
        }
        Barred::WrongToken | Barred::NoToken => {
            with(StatusCode::UNAUTHORIZED, header::WWW_AUTHENTICATE, "Bearer realm=\"stagewatch\"")
        }
    }
}

/// Whether a person waits for the answer.
pub(super) fn wants_html(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

fn say_to_the_browser(headers: &mut HeaderMap) {
    let rules = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (header::CACHE_CONTROL, "private, no-cache"),
        (header::VARY, "Cookie, Accept-Language"),
    ];
    for (name, value) in rules {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}
