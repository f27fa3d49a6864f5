//! Matrix, by the client-server API: a notice in a room, as text and as HTML. The transaction is the delivery, so that whatever is sent a
//! second time is the same event.

use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

use super::Outcome;
use super::card::{Block, Card, Entry};
use super::chat::{by_status, json_of, lines_of, n_bytes};
use super::markup::html;
use super::posting::Answer;
use crate::masked::Secret;

/// An event has 65,536 bytes, what the server adds included.
const LONGEST: usize = 60_000;

/// One room.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The server of the account.
    pub homeserver: Url,
    /// `!id:server`, or the id alone.
    pub room: String,
    /// The access token of the account.
    pub token: Secret,
}

/// The content of the event. Nobody is mentioned: `m.mentions` says so, whatever a title holds.
pub(super) fn compose(card: &Card) -> Value {
    card.fitting(lay_out, |message| n_bytes(message) <= LONGEST)
}

fn lay_out(card: &Card) -> Value {
    let blocks: Vec<String> = card.blocks.iter().map(block_of).collect();
    json!({
        "msgtype": "m.notice",
        "body": format!("{}\n\n{}", card.title, lines_of(card)),
        "format": "org.matrix.custom.html",
        "formatted_body": format!("<h4>{}</h4>{}", html(&card.title), blocks.join("<hr>")),
        "m.mentions": {},
    })
}

fn block_of(block: &Block) -> String {
    let entries: String = block.entries.iter().map(entry_of).collect();
    let lines: Vec<String> = block.more.iter().chain([&block.footer]).map(|line| html(line)).collect();
    format!("{entries}<p><em>{}</em></p>", lines.join("<br>"))
}

fn entry_of(entry: &Entry) -> String {
    let headline = entry.headline.iter().map(|headline| format!("<p><strong>{}</strong></p>", html(headline)));
    let sentence = entry.sentence.iter().map(|sentence| format!("<p>{}</p>", html(sentence)));
    let facts: Vec<String> =
        entry.facts.iter().map(|fact| format!("<li>{}: {}</li>", html(&fact.label), html(&fact.value))).collect();
    let facts = (!facts.is_empty()).then(|| format!("<ul>{}</ul>", facts.concat()));
    let link = entry.link.iter().map(|(called, url)| format!("<p><a href=\"{}\">{}</a></p>", html(url), html(called)));
    headline.chain(sentence).chain(facts).chain(link).collect::<Vec<_>>().concat()
}

/// Where one delivery goes.
pub(super) fn address_of(settings: &Settings, delivery: &str) -> Option<Url> {
    let mut url = settings.homeserver.clone();
    let path = ["_matrix", "client", "v3", "rooms", &settings.room, "send", "m.room.message", delivery];
    url.path_segments_mut().ok()?.pop_if_empty().extend(path);
    Some(url)
}

/// Matrix names its errors.
pub(super) fn outcome_of(answer: &Answer) -> Outcome {
    let told = answer.in_one_line();
    let body = json_of(answer);
    match body["errcode"].as_str().unwrap_or_default() {
        "M_UNKNOWN_TOKEN" | "M_MISSING_TOKEN" | "M_USER_DEACTIVATED" | "M_USER_LOCKED" | "M_USER_SUSPENDED" => {
            Outcome::ForOperator {
                why: format!("Matrix does not accept the token; write a new one into token-file: {told}"),
            }
        }
        "M_FORBIDDEN" | "M_NOT_FOUND" | "M_UNRECOGNIZED" => Outcome::ForOperator {
            why: format!(
                "Matrix does not let the account post in the room; invite it, or mend `room` and `homeserver`: {told}"
            ),
        },
        "M_TOO_LARGE" | "M_BAD_JSON" | "M_NOT_JSON" | "M_INVALID_PARAM" => {
            Outcome::Refused { why: format!("Matrix does not take the message: {told}") }
        }
        "M_LIMIT_EXCEEDED" => {
            let asked = body["retry_after_ms"].as_u64().map(Duration::from_millis);
            Outcome::TryAgain { why: format!("Matrix is busy: {told}"), wait: answer.wait().max(asked) }
        }
        _ => by_status(answer, "Matrix"),
    }
}
