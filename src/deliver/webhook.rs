//! Webhooks by the letter of Standard Webhooks 1.0: a signed POST of one change, and what the answer means. Not the body of it, not
//! the arithmetic of the signature, and not when to try again.
//!
//! Receivers are often wrong for a while: a missing route, a full disk, an expired login. So every answer but success and `410 Gone`
//! is a reason to try again; the plan of attempts is bounded.

use std::fmt;

use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use url::Url;

use super::posting::{Answer, Exchange, Poster, Request, masked, unanswered};
use super::webhook_signature::sign;
use super::{Outcome, Parcel};
use crate::masked::{Recipient, Secret};

/// Who did or did not do it, in outcomes.
const WHO: &str = "the webhook";

/// One receiver.
#[derive(Clone)]
pub struct Settings {
    /// Where to post.
    pub url: Url,
    /// What to sign with, the current secret first; all of them sign while a receiver changes over.
    pub secrets: Vec<Secret>,
}

/// The address may hold a token of its own: it prints as recipients do.
impl fmt::Debug for Settings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = Recipient::new(self.url.as_str());
        out.debug_struct("Settings").field("url", &url).field("secrets", &self.secrets).finish()
    }
}

/// Posts the exact bytes, signed afresh at `now`, under the id of the delivery.
pub async fn send(poster: &Poster, settings: &Settings, parcel: &Parcel, now: Timestamp) -> Outcome {
    let headers = match headers_of(settings, parcel, now) {
        Ok(headers) => headers,
        Err(why) => return Outcome::ForOperator { why },
    };
    let request = Request { method: Method::POST, url: settings.url.clone(), headers, body: parcel.payload.clone() };
    match poster.exchange(request, now).await {
        Exchange::Answered(answer) => outcome_of(&answer, settings),
        other => match unanswered(&other, WHO) {
            Outcome::TryAgain { why, wait } => Outcome::TryAgain { why: shown(&why, settings), wait },
            outcome => outcome,
        },
    }
}

fn headers_of(settings: &Settings, parcel: &Parcel, now: Timestamp) -> Result<HeaderMap, String> {
    let moment = now.as_second();
    let signature = sign(&settings.secrets, &parcel.id, moment, &parcel.payload).map_err(|error| error.to_string())?;
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| "an id that is no header value".to_owned());
    Ok(HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (HeaderName::from_static("webhook-id"), value(&parcel.id)?),
        (HeaderName::from_static("webhook-timestamp"), HeaderValue::from(moment)),
        (HeaderName::from_static("webhook-signature"), value(&signature)?),
    ]))
}

fn outcome_of(answer: &Answer, settings: &Settings) -> Outcome {
    let told = shown(&answer.in_one_line(), settings);
    if answer.status.is_success() {
        return Outcome::Delivered { answer: told };
    }
    if answer.status == StatusCode::GONE {
        return Outcome::Gone { why: format!("the webhook says that it is gone: {told}") };
    }
    let why = if answer.status.is_redirection() {
        format!("the webhook points elsewhere, and redirects are not followed; write the final address: {told}")
    } else if answer.is_busy() {
        format!("the webhook is busy: {told}")
    } else {
        format!("the webhook did not take it: {told}")
    };
    Outcome::TryAgain { why, wait: answer.wait() }
}

fn shown(text: &str, settings: &Settings) -> String {
    masked(text, &settings.url, &settings.secrets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_print_neither_secret_nor_path() {
        let url = Url::parse("https://plm.example.org/hooks/4711?token=x").unwrap();
        let settings = Settings { url, secrets: vec![Secret::new("whsec_x")] };
        assert_eq!(format!("{settings:?}"), "Settings { url: https://plm.example.org/…, secrets: [***] }");
    }
}
