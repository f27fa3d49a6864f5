//! Microsoft Teams, by a workflow that is started by a webhook: an Adaptive Card. What a body printed stands in text runs, which are the
//! one element of a card in which Markdown is not read.

use serde_json::{Value, json};

use super::Outcome;
use super::card::{Block, Card, Entry};
use super::chat::{by_status, n_bytes};
use super::posting::Answer;

/// Teams takes 28 KB a message; the workflow adds a little of its own.
const LONGEST: usize = 26_000;

/// The body of the request.
pub(super) fn compose(card: &Card) -> Value {
    card.fitting(lay_out, |message| n_bytes(message) <= LONGEST)
}

fn lay_out(card: &Card) -> Value {
    let mut body = vec![text(&[run(&card.title, "Large", true)])];
    for block in &card.blocks {
        for entry in &block.entries {
            body.push(entry_of(entry));
        }
        body.push(closing(block));
    }
    let content = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": card.title,
        "msteams": {"width": "Full"},
        "body": body,
    });
    let attachment =
        json!({"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": null, "content": content});
    json!({"type": "message", "attachments": [attachment]})
}

fn entry_of(entry: &Entry) -> Value {
    let mut items: Vec<Value> = Vec::new();
    items.extend(entry.headline.iter().map(|headline| text(&[run(headline, "Medium", true)])));
    items.extend(entry.sentence.iter().map(|sentence| text(&[run(sentence, "Default", false)])));
    for fact in &entry.facts {
        let label = format!("{}: ", fact.label);
        items.push(text(&[run(&label, "Default", true), run(&fact.value, "Default", false)]));
    }
    if let Some((called, url)) = &entry.link {
        let open = json!({"type": "Action.OpenUrl", "title": called, "url": url});
        items.push(json!({"type": "ActionSet", "actions": [open]}));
    }
    json!({"type": "Container", "separator": true, "spacing": "Medium", "items": items})
}

fn closing(block: &Block) -> Value {
    let texts = block.more.iter().chain([&block.footer]);
    let items: Vec<Value> = texts.map(|line| text(&[run(line, "Small", false)])).collect();
    json!({"type": "Container", "separator": true, "items": items})
}

fn text(runs: &[Value]) -> Value {
    json!({"type": "RichTextBlock", "spacing": "Small", "inlines": runs})
}

fn run(words: &str, size: &str, is_bold: bool) -> Value {
    json!({"type": "TextRun", "text": words, "size": size, "weight": if is_bold { "Bolder" } else { "Default" }})
}

/// A workflow answers 202; the connectors of old, which are being switched off, say in a 200 what Teams itself answered.
pub(super) fn outcome_of(answer: &Answer) -> Outcome {
    let told = answer.in_one_line();
    let reply = answer.reply.trim();
    if answer.status.is_success() && reply.contains("Microsoft Teams endpoint returned HTTP error") {
        return if reply.contains("HTTP error 413") {
            Outcome::Refused { why: format!("Teams does not take the message: {told}") }
        } else {
            Outcome::TryAgain { why: format!("Teams is busy: {told}"), wait: answer.wait() }
        };
    }
    if reply.contains("WorkflowNotFound") || reply.contains("WorkflowTriggerNotFound") {
        return Outcome::Gone { why: format!("Teams does not have this workflow any more: {told}") };
    }
    by_status(answer, "Teams")
}
