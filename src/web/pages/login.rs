//! `/login` and `/logout`: showing the token in a browser, once for a session. Not whether a token is right: that is for the gate.

use axum::extract::{Extension, Form, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::web::Site;
use crate::web::answer::{HTML, refused, rendered};
use crate::web::gate::{Ask, try_token};
use crate::web::preferences::value_of;
use crate::web::session::session_cookie;

/// What the form says.
#[derive(Deserialize)]
pub(in crate::web) struct Shown {
    token: String,
    #[serde(default)]
    next: String,
}

/// What the form needs.
#[derive(Serialize)]
struct Page {
    next: String,
    /// Whether the last token was wrong.
    was_wrong: bool,
    /// How many seconds to wait before the next.
    wait: Option<i64>,
}

/// `GET /login`.
pub(in crate::web) async fn form(State(site): State<Site>, Extension(ask): Extension<Ask>) -> Response {
    if site.shared.settings.token.is_none() {
        return refused(&site, &ask, StatusCode::NOT_FOUND);
    }
    let next = value_of(&ask.uri, "next").unwrap_or_default();
    let page = Page { next: inside(&next).to_owned(), was_wrong: false, wait: None };
    ([(header::CONTENT_TYPE, HTML)], rendered(&site, &ask, "login.html", page)).into_response()
}

/// `POST /login`.
pub(in crate::web) async fn log_in(
    State(site): State<Site>,
    Extension(ask): Extension<Ask>,
    Form(shown): Form<Shown>,
) -> Response {
    let next = inside(&shown.next).to_owned();
    let (status, was_wrong, wait) = match try_token(&site, ask.client, shown.token.trim(), ask.now) {
        Ok(true) => {
            let session = site.shared.sessions.begin(ask.now);
            return turned(&next, &session_cookie(&session, is_secure(&site, &ask)));
        }
        Ok(false) => (StatusCode::FORBIDDEN, true, None),
        Err(wait) => (StatusCode::TOO_MANY_REQUESTS, false, Some(wait)),
    };
    let page = Page { next, was_wrong, wait };
    let mut response =
        (status, [(header::CONTENT_TYPE, HTML)], rendered(&site, &ask, "login.html", page)).into_response();
    if let Some(wait) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, wait.into());
    }
    response
}

/// `POST /logout`.
pub(in crate::web) async fn log_out(State(site): State<Site>, Extension(ask): Extension<Ask>) -> Response {
    turned("/", &session_cookie("", is_secure(&site, &ask)))
}

fn turned(address: &str, cookie: &str) -> Response {
    let headers = [(header::LOCATION, address.to_owned()), (header::SET_COOKIE, cookie.to_owned())];
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// Whether the browser sees TLS: then its cookie is for TLS alone.
fn is_secure(site: &Site, ask: &Ask) -> bool {
    let is_public = site.shared.settings.public_url.as_ref().is_some_and(|url| url.scheme() == "https");
    ask.client.is_secure || (is_public && !ask.client.is_local)
}

/// Where to go on: an address of ours, and of nobody else.
fn inside(next: &str) -> &str {
    let is_ours = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n']);
    if is_ours { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_logging_in_one_stays_here() {
        assert_eq!(inside("/standards?q=%2F"), "/standards?q=%2F");
        for elsewhere in ["", "https://example.org/", "//example.org/", "/\\example.org", "javascript:alert(1)"] {
            assert_eq!(inside(elsewhere), "/", "{elsewhere}");
        }
    }
}
