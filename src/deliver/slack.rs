//! Slack, by an incoming webhook: blocks for people, and a text for notifications. What a body printed stands in plain text objects alone,
//! where neither formatting nor `<!channel>` is read.

use serde_json::{Value, json};

use super::Outcome;
use super::card::{Block, Card, Entry};
use super::chat::by_status;
use super::markup::{address, entities};
use super::posting::Answer;

/// Slack takes 50 blocks a message …
const MOST_BLOCKS: usize = 50;
/// … ten fields a section …
const MOST_FIELDS: usize = 10;
/// … 3000 characters a section, and 2000 a field.
const LONGEST_TEXT: usize = 3000;

/// The body of the request.
pub(super) fn compose(card: &Card) -> Value {
    card.fitting(lay_out, |message| message["blocks"].as_array().is_some_and(|blocks| blocks.len() <= MOST_BLOCKS))
}

fn lay_out(card: &Card) -> Value {
    let mut blocks = vec![json!({"type": "header", "text": plain(&card.title)})];
    for block in &card.blocks {
        for entry in &block.entries {
            blocks.extend(section(entry));
            if let Some((called, url)) = &entry.link {
                let link = format!("<{}|{}>", entities(&address(url)), entities(called));
                blocks.push(json!({"type": "context", "elements": [{"type": "mrkdwn", "text": link}]}));
            }
        }
        blocks.push(context(block));
    }
    json!({"text": entities(&card.title), "mrkdwn": false, "unfurl_links": false, "unfurl_media": false, "blocks": blocks})
}

fn section(entry: &Entry) -> Option<Value> {
    let lines: Vec<&str> = entry.headline.iter().chain(&entry.sentence).map(String::as_str).collect();
    let fields: Vec<Value> =
        entry.facts.iter().take(MOST_FIELDS).map(|fact| plain(&format!("{}\n{}", fact.label, fact.value))).collect();
    let mut section = json!({"type": "section"});
    if !lines.is_empty() {
        section["text"] = plain(&lines.join("\n"));
    }
    if !fields.is_empty() {
        section["fields"] = Value::Array(fields);
    }
    (section.as_object().is_some_and(|keys| keys.len() > 1)).then_some(section)
}

fn context(block: &Block) -> Value {
    let texts = block.more.iter().chain([&block.footer]).map(|text| plain(text));
    json!({"type": "context", "elements": texts.collect::<Vec<_>>()})
}

fn plain(text: &str) -> Value {
    let text: String = text.chars().take(LONGEST_TEXT).collect();
    json!({"type": "plain_text", "text": text, "emoji": false})
}

/// Slack says in a word what is wrong, now and then with status 200.
pub(super) fn outcome_of(answer: &Answer) -> Outcome {
    let told = answer.in_one_line();
    match answer.reply.trim() {
        "ok" if answer.status.is_success() => Outcome::Delivered { answer: told },
        "no_service"
        | "no_active_hooks"
        | "no_team"
        | "team_disabled"
        | "invalid_token"
        | "channel_not_found"
        | "channel_is_archived" => {
            Outcome::Gone { why: format!("Slack does not have this webhook or its channel any more: {told}") }
        }
        "action_prohibited" | "posting_to_general_channel_denied" | "user_not_found" => {
            Outcome::ForOperator { why: format!("Slack does not allow this webhook to post: {told}") }
        }
        "rate_limited" | "rollup_error" => {
            Outcome::TryAgain { why: format!("Slack is busy: {told}"), wait: answer.wait() }
        }
        word if word.starts_with("invalid_")
            || word.starts_with("no_text")
            || word.starts_with("missing_text")
            || word.starts_with("too_many") =>
        {
            Outcome::Refused { why: format!("Slack does not take the message: {told}") }
        }
        _ if answer.status.is_success() => {
            Outcome::TryAgain { why: format!("Slack did not say ok: {told}"), wait: None }
        }
        _ => by_status(answer, "Slack"),
    }
}
