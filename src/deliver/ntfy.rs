//! ntfy: a short notice on a phone, with a link behind it. Plain text, so nothing in it is read as markup.

use serde_json::{Value, json};
use url::Url;

use super::Outcome;
use super::card::Card;
use super::chat::{by_status, lines_of};
use super::posting::Answer;
use crate::masked::Secret;

/// Longest message in bytes; a longer one would come as a file.
const LONGEST: usize = 4096;

/// One topic.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The server.
    pub server: Url,
    /// The topic: whoever knows it may read along.
    pub topic: Secret,
    /// What to sign in with, where the topic wants it.
    pub token: Option<Secret>,
    /// From 1 to 5, 3 where nothing is said.
    pub priority: u8,
}

/// The message, without the topic, which is a secret and is added when it is sent.
pub(super) fn compose(card: &Card, priority: u8) -> Value {
    let click = card.blocks.iter().flat_map(|block| &block.entries).find_map(|entry| entry.link.as_ref());
    card.fitting(
        |card| {
            let mut message = json!({"title": card.title, "message": lines_of(card), "priority": priority});
            if let Some((_, url)) = click {
                message["click"] = url.as_str().into();
            }
            message
        },
        |message| message["message"].as_str().is_some_and(|text| text.len() <= LONGEST),
    )
}

/// The message with its topic.
pub(super) fn addressed(payload: &[u8], topic: &Secret) -> Option<Vec<u8>> {
    let mut message: Value = serde_json::from_slice(payload).ok()?;
    message["topic"] = topic.reveal().into();
    serde_json::to_vec(&message).ok()
}

/// ntfy keeps to the meaning of the statuses.
pub(super) fn outcome_of(answer: &Answer) -> Outcome {
    let told = answer.in_one_line();
    match answer.status.as_u16() {
        400 | 413 => Outcome::Refused { why: format!("ntfy does not take the message: {told}") },
        401 | 403 => {
            Outcome::ForOperator { why: format!("ntfy does not let us post to the topic; check token-file: {told}") }
        }
        507 => Outcome::TryAgain { why: format!("ntfy has no room: {told}"), wait: answer.wait() },
        _ => by_status(answer, "ntfy"),
    }
}
