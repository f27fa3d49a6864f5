//! Feishu, and Lark, which is the same abroad: a card by a custom bot, signed where the bot is set up so. What a body printed stands in
//! `plain_text` alone, where no `<at>` is read.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Outcome;
use super::card::{Block, Card, Entry};
use super::chat::{by_status, hmac_base64, json_of, n_bytes, rest};
use super::posting::Answer;
use crate::masked::Secret;

/// A request has 20 KB; the signature comes on top.
const LONGEST: usize = 19_500;

/// The message, without the signature: that is made anew for each attempt.
pub(super) fn compose(card: &Card) -> Value {
    card.fitting(lay_out, |message| n_bytes(message) <= LONGEST)
}

fn lay_out(card: &Card) -> Value {
    let mut elements: Vec<Value> = Vec::new();
    for block in &card.blocks {
        for entry in &block.entries {
            elements.extend(elements_of(entry));
            elements.push(json!({"tag": "hr"}));
        }
        elements.push(closing(block));
    }
    let header = json!({"title": plain(&card.title), "template": "blue"});
    let card = json!({"config": {"wide_screen_mode": true}, "header": header, "elements": elements});
    json!({"msg_type": "interactive", "card": card})
}

fn elements_of(entry: &Entry) -> Vec<Value> {
    let lines: Vec<&str> = entry.headline.iter().chain(&entry.sentence).map(String::as_str).collect();
    let mut elements = Vec::new();
    if !lines.is_empty() {
        elements.push(json!({"tag": "div", "text": plain(&lines.join("\n"))}));
    }
    let fields: Vec<Value> = entry
        .facts
        .iter()
        .map(|fact| json!({"is_short": true, "text": plain(&format!("{}\n{}", fact.label, fact.value))}))
        .collect();
    if !fields.is_empty() {
        elements.push(json!({"tag": "div", "fields": fields}));
    }
    if let Some((called, url)) = &entry.link {
        let button = json!({"tag": "button", "text": plain(called), "type": "default", "url": url});
        elements.push(json!({"tag": "action", "actions": [button]}));
    }
    elements
}

fn closing(block: &Block) -> Value {
    let texts: Vec<Value> = block.more.iter().chain([&block.footer]).map(|text| plain(text)).collect();
    json!({"tag": "note", "elements": texts})
}

fn plain(text: &str) -> Value {
    json!({"tag": "plain_text", "content": text})
}

/// The message with `timestamp` and `sign`: a key made of the moment and the secret, over nothing.
pub(super) fn signed(payload: &[u8], secret: &Secret, now: Timestamp) -> Option<Vec<u8>> {
    let mut message: Value = serde_json::from_slice(payload).ok()?;
    let moment = now.as_second().to_string();
    let key = format!("{moment}\n{}", secret.reveal().trim());
    message["sign"] = hmac_base64(key.as_bytes(), b"").into();
    message["timestamp"] = moment.into();
    serde_json::to_vec(&message).ok()
}

/// Feishu says in the body whether it took the message, with status 200.
pub(super) fn outcome_of(answer: &Answer) -> Outcome {
    let told = answer.in_one_line();
    let body = json_of(answer);
    match body["code"].as_i64().or_else(|| body["StatusCode"].as_i64()) {
        Some(0) if answer.status.is_success() => Outcome::Delivered { answer: told },
        Some(19_001) => Outcome::Gone { why: format!("Feishu does not have this bot any more: {told}") },
        Some(19_021) => Outcome::ForOperator {
            why: format!("Feishu does not accept the signature; check secret-file and the clock: {told}"),
        },
        Some(19_022 | 19_024) => Outcome::ForOperator {
            why: format!(
                "the bot at Feishu is set to refuse this (addresses or keywords; “stagewatch” is in every message): {told}"
            ),
        },
        Some(9_499 | 19_002 | 11_246 | 230_001) => {
            Outcome::Refused { why: format!("Feishu does not take the message: {told}") }
        }
        Some(11_232 | 11_233 | 99_991_400) => rest("Feishu", &told, answer),
        Some(_) => Outcome::TryAgain { why: format!("Feishu did not take it: {told}"), wait: answer.wait() },
        None => match by_status(answer, "Feishu") {
            Outcome::Delivered { .. } => {
                Outcome::TryAgain { why: format!("Feishu did not say whether it took it: {told}"), wait: None }
            }
            outcome => outcome,
        },
    }
}
