//! Mattermost, by an incoming webhook: one attachment for each change, in Markdown.

use serde_json::{Value, json};

use super::Outcome;
use super::card::{Block, Card, Entry};
use super::chat::{by_status, json_of, n_chars};
use super::markup::{address, markdown};
use super::posting::Answer;

/// Longest message in characters, as servers are set up.
const LONGEST: usize = 16_383;

/// The body of the request.
pub(super) fn compose(card: &Card) -> Value {
    card.fitting(lay_out, |message| n_chars(message) <= LONGEST)
}

fn lay_out(card: &Card) -> Value {
    let mut attachments: Vec<Value> = Vec::new();
    for block in &card.blocks {
        attachments.extend(block.entries.iter().map(|entry| attachment(card, entry)));
        attachments.push(closing(block));
    }
    json!({"text": format!("**{}**", markdown(&card.title)), "attachments": attachments})
}

fn attachment(card: &Card, entry: &Entry) -> Value {
    let headline = entry.headline.iter().map(|headline| format!("**{}**", markdown(headline)));
    let sentence = entry.sentence.iter().map(|sentence| markdown(sentence));
    let link = entry.link.iter().map(|(called, url)| format!("[{}]({})", markdown(called), address(url)));
    let text: Vec<String> = headline.chain(sentence).chain(link).collect();
    let fields: Vec<Value> = entry
        .facts
        .iter()
        .map(|fact| json!({"short": true, "title": markdown(&fact.label), "value": markdown(&fact.value)}))
        .collect();
    let fallback = entry.headline.as_ref().unwrap_or(&card.title);
    json!({"fallback": markdown(fallback), "text": text.join("\n\n"), "fields": fields})
}

fn closing(block: &Block) -> Value {
    let lines: Vec<String> = block.more.iter().chain([&block.footer]).map(|line| markdown(line)).collect();
    json!({"fallback": markdown(&block.footer), "text": lines.join("\n\n")})
}

/// Mattermost names its errors.
pub(super) fn outcome_of(answer: &Answer) -> Outcome {
    let told = answer.in_one_line();
    let name = json_of(answer)["id"].as_str().unwrap_or_default().to_owned();
    match name.as_str() {
        "web.incoming_webhook.invalid.app_error" => {
            Outcome::Gone { why: format!("Mattermost does not have this webhook any more: {told}") }
        }
        "web.incoming_webhook.disabled.app_error"
        | "web.incoming_webhook.channel.app_error"
        | "web.incoming_webhook.channel_locked.app_error"
        | "web.incoming_webhook.permissions.app_error"
        | "web.incoming_webhook.user.app_error" => {
            Outcome::ForOperator { why: format!("Mattermost does not let this webhook post: {told}") }
        }
        "web.incoming_webhook.parse.app_error"
        | "web.incoming_webhook.text.app_error"
        | "web.incoming_webhook.text.length.app_error"
        | "web.incoming_webhook.attachment.app_error" => {
            Outcome::Refused { why: format!("Mattermost does not take the message: {told}") }
        }
        _ => by_status(answer, "Mattermost"),
    }
}
