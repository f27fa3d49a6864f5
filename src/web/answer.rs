//! What a page comes to: its text, or why there is none; with the tag by which a reader asks whether it still is the same.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use minijinja::Value;
use minijinja::value::Serde;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::sync::OwnedSemaphorePermit;

use super::Site;
use super::catalogue::Catalogue;
use super::configured::Configured;
use super::gate::{Access, Ask, wants_html};
use super::readers::Lane;
use crate::standards::language::Language;
use crate::store::Store;
use crate::store::error::StoreError;

/// HTML.
pub(super) const HTML: &str = "text/html; charset=utf-8";

/// Moments in headers.
const HTTP_DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";

/// What a page comes to.
pub(super) enum Answer {
    /// Something to be read.
    Content(Content),
    /// Somewhere else, after something was done.
    SeeOther(String),
}

/// Something to be read.
pub(super) struct Content {
    /// Its status, 200 mostly.
    pub(super) status: StatusCode,
    /// Its type.
    pub(super) kind: &'static str,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
    /// What else is said of it.
    pub(super) headers: Vec<(HeaderName, String)>,
}

/// Why a page says nothing.
#[derive(Debug)]
pub(super) enum Refusal {
    /// There is no such thing.
    NotThere,
    /// Not without the token.
    NotAllowed,
    /// The request cannot be understood.
    Wrong,
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Refusal {
        Refusal::Store(error)
    }
}

impl Content {
    /// Bytes of that type.
    pub(super) fn of(kind: &'static str, bytes: impl Into<Vec<u8>>) -> Content {
        Content { status: StatusCode::OK, kind, bytes: bytes.into(), headers: Vec::new() }
    }
}

impl From<Content> for Answer {
    fn from(content: Content) -> Answer {
        Answer::Content(content)
    }
}

/// Where a page is made: everything that it may look at.
pub(super) struct Desk<'a> {
    /// The whole site.
    pub(super) site: &'a Site,
    /// What was asked.
    pub(super) ask: &'a Ask,
    /// What the configuration says.
    pub(super) configured: Arc<Configured>,
    /// A connection to read with.
    pub(super) store: &'a Store,
}

impl Desk<'_> {
    /// All projects.
    pub(super) fn catalogue(&self) -> Result<Arc<Catalogue>, Refusal> {
        Ok(self.site.shared.shelf.catalogue(self.store, &self.configured)?)
    }

    /// The language of the reader.
    pub(super) fn language(&self) -> Language {
        self.ask.preferences.language
    }

    /// One of two wordings.
    pub(super) fn pick(&self, english: &'static str, chinese: &'static str) -> &'static str {
        if self.language() == Language::Chinese { chinese } else { english }
    }

    /// A page of that template.
    pub(super) fn page(&self, template: &str, page: impl Serialize) -> Answer {
        Content::of(HTML, rendered(self.site, self.ask, template, page)).into()
    }

    /// A parameter of the address that says something.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let value = super::preferences::value_of(&self.ask.uri, name)?;
        Some(value.trim().to_owned()).filter(|value| !value.is_empty())
    }
}

impl Site {
    /// Answers with what a page makes of the store, on a thread that may wait.
    pub(super) async fn answer(
        &self,
        ask: Ask,
        make: impl FnOnce(&Desk<'_>) -> Result<Answer, Refusal> + Send + 'static,
    ) -> Response {
        let place = self.shared.readers.pages.place().await;
        if !self.shared.unsent.room(self.shared.settings.patience).await {
            let refused = refused(self, &ask, StatusCode::SERVICE_UNAVAILABLE);
            return ([(header::RETRY_AFTER, "5")], refused).into_response();
        }
        self.made(&self.shared.readers.pages, place, ask, make).await
    }

    /// The same, of a few lines, for whoever asks whether all is well: they wait neither for pages nor for those who read them.
    pub(super) async fn answer_beside_pages(
        &self,
        ask: Ask,
        make: impl FnOnce(&Desk<'_>) -> Result<Answer, Refusal> + Send + 'static,
    ) -> Response {
        let place = self.shared.readers.health.place().await;
        self.made(&self.shared.readers.health, place, ask, make).await
    }

    async fn made(
        &self,
        lane: &Lane,
        place: OwnedSemaphorePermit,
        ask: Ask,
        make: impl FnOnce(&Desk<'_>) -> Result<Answer, Refusal> + Send + 'static,
    ) -> Response {
        let site = self.clone();
        let response = lane.made(place, move |store| {
            let desk = Desk { site: &site, ask: &ask, configured: site.configured(), store };
            let answer = make(&desk);
            responded(&site, &ask, answer)
        });
        // A page that broke is a fault of ours.
        response.await.unwrap_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response())
    }
}

fn responded(site: &Site, ask: &Ask, answer: Result<Answer, Refusal>) -> Response {
    match answer {
        Ok(Answer::Content(content)) => served(site, ask, content),
        Ok(Answer::SeeOther(address)) => (StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response(),
        Err(Refusal::NotThere) => refused(site, ask, StatusCode::NOT_FOUND),
        Err(Refusal::NotAllowed) => refused(site, ask, StatusCode::FORBIDDEN),
        Err(Refusal::Wrong) => refused(site, ask, StatusCode::BAD_REQUEST),
        Err(Refusal::Store(error)) => {
            tracing::error!("a page could not be made: {}", error);
            refused(site, ask, StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

/// The content, or that it is what the reader has already.
fn served(site: &Site, ask: &Ask, content: Content) -> Response {
    let tag = tag_of(&content.bytes);
    // Pages for people tell how long ago things were, and are never the same for long.
    let is_dated = content.status == StatusCode::OK && content.kind != HTML;
    let modified = is_dated.then(|| {
        let text = |name: HeaderName| ask.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let address = ask.uri.path_and_query().map_or("/", |asked| asked.as_str());
        let asked = [address, ask.preferences.language.code(), text(header::HOST)];
        site.shared.freshness.since(&asked, &tag, ask.now)
    });
    let mut response = if content.status == StatusCode::OK && has_it(&ask.headers, &tag, modified) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        (content.status, [(header::CONTENT_TYPE, content.kind)], site.shared.unsent.keep(content.bytes)).into_response()
    };
    let headers = response.headers_mut();
    let modified = modified.map(|moment| moment.strftime(HTTP_DATE).to_string());
    let said = [(header::ETAG, Some(tag)), (header::LAST_MODIFIED, modified)];
    let said = said.into_iter().filter_map(|(name, value)| Some((name, value?)));
    for (name, value) in said.chain(content.headers) {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    response
}

/// Whether the reader has this already, by its tag, or by the moment where no tag was sent (RFC 9110, 13.2.2).
fn has_it(asked: &HeaderMap, tag: &str, modified: Option<Timestamp>) -> bool {
    if let Some(known) = asked.get(header::IF_NONE_MATCH) {
        let is_same = |known: &str| known.trim().trim_start_matches("W/") == tag || known.trim() == "*";
        return known.to_str().is_ok_and(|known| known.split(',').any(is_same));
    }
    let known = asked.get(header::IF_MODIFIED_SINCE).and_then(|value| value.to_str().ok());
    let known = known.and_then(|text| jiff::fmt::rfc2822::parse(text).ok()).map(|known| known.timestamp());
    known.zip(modified).is_some_and(|(known, modified)| modified <= known)
}

fn tag_of(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    let hex: Vec<String> = hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{}\"", hex.concat())
}

/// That something is not to be had: a page for people, a line of JSON for programs.
pub(super) fn refused(site: &Site, ask: &Ask, status: StatusCode) -> Response {
    #[derive(Serialize)]
    struct Page {
        status: u16,
        may_log_in: bool,
    }
    let may_log_in = site.shared.settings.token.is_some() && ask.access < Access::Write;
    if wants_html(&ask.headers) {
        let page = Page { status: status.as_u16(), may_log_in };
        return (status, [(header::CONTENT_TYPE, HTML)], rendered(site, ask, "refused.html", page)).into_response();
    }
    let why = status.canonical_reason().unwrap_or("refused").to_lowercase();
    let line = serde_json::json!({ "error": why, "status": status.as_u16() }).to_string() + "\n";
    (status, [(header::CONTENT_TYPE, "application/json")], line).into_response()
}

/// A template with everything that every page has.
pub(super) fn rendered(site: &Site, ask: &Ask, template: &str, page: impl Serialize) -> String {
    #[derive(Serialize)]
    struct Frame {
        language: &'static str,
        theme: &'static str,
        path: String,
        other_language: String,
        light: String,
        dark: String,
        may_write: bool,
        is_logged_in: bool,
        has_token: bool,
        word: Option<String>,
        page: Value,
    }
    let (language, theme) = (ask.preferences.language, ask.preferences.theme);
    let other_language = if language == Language::Chinese { "en" } else { "zh" };
    let frame = Frame {
        language: language.code(),
        theme: theme.as_str(),
        path: ask.uri.path().to_owned(),
        other_language: with_parameter(&ask.uri, "lang", other_language),
        light: with_parameter(&ask.uri, "theme", "light"),
        dark: with_parameter(&ask.uri, "theme", "dark"),
        may_write: ask.access == Access::Write,
        is_logged_in: ask.session.is_some(),
        has_token: site.shared.settings.token.is_some(),
        word: ask.session.as_deref().map(|session| site.shared.sessions.word_for_forms(session)),
        page: Value::from(Serde(page)),
    };
    site.shared.templates.rendered(template, language, &frame)
}

/// An address of ours, whole: by the public name where there is one, else by the name that was asked for.
pub(super) fn absolute(desk: &Desk<'_>, path: &str) -> String {
    if let Some(url) = &desk.site.shared.settings.public_url {
        return format!("{}{path}", url.as_str().trim_end_matches('/'));
    }
    let host = desk.ask.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let scheme = if desk.ask.client.is_secure { "https" } else { "http" };
    format!("{scheme}://{host}{path}")
}

/// The address asked for, with one parameter set anew.
pub(super) fn with_parameter(uri: &axum::http::Uri, name: &str, value: &str) -> String {
    let query = uri.query().unwrap_or_default();
    let kept = url::form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key != name);
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(kept);
    if !value.is_empty() {
        query.append_pair(name, value);
    }
    let query = query.finish();
    if query.is_empty() { uri.path().to_owned() } else { format!("{}?{query}", uri.path()) }
}
