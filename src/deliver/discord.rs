//! Discord, by a webhook: one embed for each change. Nobody is ever mentioned: `allowed_mentions` says so, whatever a title holds.

use std::time::Duration;

use serde_json::{Value, json};

use super::Outcome;
use super::card::{Block, Card, Entry};
use super::chat::{by_status, json_of};
use super::markup::{address, markdown};
use super::posting::Answer;

/// Discord takes ten embeds a message …
const MOST_EMBEDS: usize = 10;
/// … which together hold so many characters.
const LONGEST: usize = 6000;

/// The body of the request.
pub(super) fn compose(card: &Card) -> Value {
    card.fitting(lay_out, |message| {
        let Some(embeds) = message["embeds"].as_array() else { return false };
        embeds.len() <= MOST_EMBEDS && embeds.iter().map(n_chars_of).sum::<usize>() <= LONGEST
    })
}

fn lay_out(card: &Card) -> Value {
    let mut embeds: Vec<Value> = Vec::new();
    for block in &card.blocks {
        embeds.extend(block.entries.iter().map(embed));
        embeds.push(closing(block));
    }
    json!({
        "content": format!("**{}**", markdown(&card.title)),
        "embeds": embeds,
        "allowed_mentions": {"parse": []},
    })
}

fn embed(entry: &Entry) -> Value {
    let fields: Vec<Value> = entry
        .facts
        .iter()
        .map(|fact| json!({"name": markdown(&fact.label), "value": markdown(&fact.value), "inline": true}))
        .collect();
    let mut embed = json!({"fields": fields});
    if let Some(headline) = &entry.headline {
        embed["title"] = markdown(headline).into();
    }
    let link = entry.link.iter().map(|(called, url)| format!("[{}]({})", markdown(called), address(url)));
    let text: Vec<String> = entry.sentence.iter().map(|sentence| markdown(sentence)).chain(link).collect();
    embed["description"] = text.join("\n").into();
    embed
}

fn closing(block: &Block) -> Value {
    let more = block.more.as_deref().map(markdown).unwrap_or_default();
    json!({"description": more, "footer": {"text": block.footer}})
}

/// What Discord counts in an embed.
fn n_chars_of(embed: &Value) -> usize {
    let length = |value: &Value| value.as_str().map_or(0, |text| text.chars().count());
    let fields = embed["fields"].as_array().into_iter().flatten();
    let in_fields: usize = fields.map(|field| length(&field["name"]) + length(&field["value"])).sum();
    length(&embed["title"]) + length(&embed["description"]) + length(&embed["footer"]["text"]) + in_fields
}

/// Discord has numbers for its errors, and says in the body how long to wait.
pub(super) fn outcome_of(answer: &Answer) -> Outcome {
    let told = answer.in_one_line();
    let body = json_of(answer);
    match body["code"].as_i64() {
        Some(10_003 | 10_015 | 50_027) => {
            return Outcome::Gone { why: format!("Discord does not have this webhook any more: {told}") };
        }
        Some(50_006 | 50_035 | 50_109) => {
            return Outcome::Refused { why: format!("Discord does not take the message: {told}") };
        }
        Some(_) | None => {}
    }
    let asked = body["retry_after"].as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    match by_status(answer, "Discord") {
        Outcome::TryAgain { why, wait } => Outcome::TryAgain { why, wait: wait.max(asked) },
        outcome => outcome,
    }
}
