//! WeCom (企业微信), by a group robot: Markdown without any escape, in 4096 bytes.

use serde_json::{Value, json};

use super::Outcome;
use super::card::Card;
use super::chat::{by_status, json_of, plain_markdown, rest};
use super::posting::Answer;

/// Longest content in bytes.
const LONGEST: usize = 4096;

/// The body of the request.
pub(super) fn compose(card: &Card) -> Value {
    card.fitting(
        |card| json!({"msgtype": "markdown", "markdown": {"content": plain_markdown(card, "\n")}}),
        |message| message["markdown"]["content"].as_str().is_some_and(|content| content.len() <= LONGEST),
    )
}

/// WeCom says in the body whether it took the message, with status 200.
pub(super) fn outcome_of(answer: &Answer) -> Outcome {
    let told = answer.in_one_line();
    match json_of(answer)["errcode"].as_i64() {
        Some(0) if answer.status.is_success() => Outcome::Delivered { answer: told },
        Some(93_000) => Outcome::Gone { why: format!("WeCom does not have this robot any more: {told}") },
        Some(93_004 | 93_008 | 93_017) => {
            Outcome::ForOperator { why: format!("WeCom does not let this robot post: {told}") }
        }
        Some(40_008 | 40_058 | 44_004 | 45_002) => {
            Outcome::Refused { why: format!("WeCom does not take the message: {told}") }
        }
        Some(45_009 | 45_033) => rest("WeCom", &told, answer),
        Some(_) => Outcome::TryAgain { why: format!("WeCom did not take it: {told}"), wait: answer.wait() },
        None => match by_status(answer, "WeCom") {
            Outcome::Delivered { .. } => {
                Outcome::TryAgain { why: format!("WeCom did not say whether it took it: {told}"), wait: None }
            }
            outcome => outcome,
        },
    }
}
