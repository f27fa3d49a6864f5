//! Whatever takes a request that the operator writes: address, method, headers, and a body made by a template. Not the services that have a
//! file of their own.
//!
//! Note: what lies in the outbox is what the template is filled with, not what comes out of it, so that a template that fails can be mended
//! before the next attempt.

use std::fmt;

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Value, json};
use url::Url;

use super::Outcome;
use super::chat::{bearer, by_status};
use super::posting::{Answer, Request};
use crate::changes::change::RecordedChange;
use crate::changes::notice::{Notice, headline, subject};
use crate::changes::notice_sentence::sentence;
use crate::changes::notice_text::text;
use crate::masked::{Recipient, Secret};
use crate::records::change::ChangeRecord;
use crate::standards::language::Language;

/// How many steps a template may take: thousands of times what an alert needs.
const FUEL: u64 = 500_000;
/// How many changes a template is given; the others are counted in `n_changes`.
const MOST_CHANGES: usize = 30;
/// No receiver of alerts takes more.
const LONGEST_BODY: usize = 1024 * 1024;
/// How the template is called in errors.
const NAME: &str = "body";

/// One receiver.
#[derive(Clone)]
pub struct Settings {
    /// Where to send.
    pub url: Url,
    /// `POST` or `PUT`.
    pub method: Method,
    /// What the body is; JSON is escaped as JSON.
    pub content_type: HeaderValue,
    /// Further headers.
    pub headers: HeaderMap,
    /// What to sign in with.
    pub token: Option<Secret>,
    /// The template.
    pub body: String,
}

/// The address may hold a key.
impl fmt::Debug for Settings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = Recipient::new(self.url.as_str());
        out.debug_struct("Settings").field("url", &url).field("method", &self.method).finish_non_exhaustive()
    }
}

/// Why a template gives no body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The language of templates.
    #[error("the template fails in line {line}: {what}")]
    Template {
        /// From 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// A body that says it is JSON.
    #[error("the body that comes out is not JSON, and the content type says that it is: {0}")]
    NotJson(String),
    /// A body without end.
    #[error("the body that comes out is longer than a mebibyte")]
    TooLong,
}

/// What a template is filled with: the notice as JSON.
pub fn context_of(notice: &Notice, id: &str) -> Vec<u8> {
    let changes: Vec<Value> = notice.changes.iter().take(MOST_CHANGES).map(change_of).collect();
    written(&json!({
        "id": id,
        "subscriber": notice.subscriber,
        "languages": notice.languages.each().iter().map(|language| language.code()).collect::<Vec<_>>(),
        "subject": subject(notice),
        "text": text(notice),
        "n_changes": notice.changes.len(),
        "changes": changes,
    }))
}

/// The same for a word of ours, of no change.
pub(super) fn context_of_words(title: &str, lines: &[String], id: &str) -> Vec<u8> {
    written(&json!({
        "id": id,
        "subscriber": "",
        "languages": ["en"],
        "subject": title,
        "text": lines.join("\n"),
        "n_changes": 0,
        "changes": [],
    }))
}

/// The record of a change, as in a webhook, with its words beside it.
fn change_of(recorded: &RecordedChange) -> Value {
    let mut record = serde_json::to_value(ChangeRecord::from(recorded)).expect("a record is made of strings and lists");
    let words = |say: fn(&RecordedChange, Language) -> String| json!({"en": say(recorded, Language::English), "zh": say(recorded, Language::Chinese)});
    record["headline"] = words(headline);
    record["sentence"] = words(sentence);
    record
}

fn written(context: &Value) -> Vec<u8> {
    serde_json::to_vec(context).expect("a JSON value can be written")
}

/// The body that a template gives. Names that there are not are errors; in JSON every value is written as JSON, quotes included.
pub fn rendered(template: &str, content_type: &HeaderValue, context: &Value) -> Result<String, TemplateError> {
    let is_json = content_type.to_str().is_ok_and(|text| text.contains("json"));
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_auto_escape_callback(move |_| if is_json { AutoEscape::Json } else { AutoEscape::None });
    let failed = |error: minijinja::Error| TemplateError::Template {
        line: error.line().unwrap_or(1),
        what: error.detail().map_or_else(|| error.kind().to_string(), |detail| format!("{}: {detail}", error.kind())),
    };
    environment.add_template(NAME, template).map_err(failed)?;
    let body = environment.get_template(NAME).and_then(|found| found.render(Serde(context))).map_err(failed)?;
    if body.len() > LONGEST_BODY {
        return Err(TemplateError::TooLong);
    }
    if is_json && let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(&body) {
        return Err(TemplateError::NotJson(error.to_string()));
    }
    Ok(body)
}

/// One request.
pub(super) fn request(settings: &Settings, payload: &[u8]) -> Result<Request, String> {
    let context: Value =
        serde_json::from_slice(payload).map_err(|_| "the outbox does not hold what a template needs")?;
    let body = rendered(&settings.body, &settings.content_type, &context).map_err(|error| error.to_string())?;
    let mut headers = bearer(settings.token.as_ref())?;
    headers.insert(CONTENT_TYPE, settings.content_type.clone());
    headers.extend(settings.headers.clone());
    Ok(Request { method: settings.method.clone(), url: settings.url.clone(), headers, body: body.into_bytes() })
}

/// Nobody knows what the receiver says: 2xx is success, 410 is the end, and everything else may pass.
pub(super) fn outcome_of(answer: &Answer) -> Outcome {
    match by_status(answer, "the receiver") {
        Outcome::Refused { why } | Outcome::ForOperator { why } => Outcome::TryAgain { why, wait: answer.wait() },
        outcome => outcome,
    }
}
