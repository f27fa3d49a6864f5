//! DingTalk, by a custom robot: Markdown without any escape, signed in the query where the robot is set up so.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use url::Url;

use super::Outcome;
use super::card::Card;
use super::chat::{by_status, hmac_base64, json_of, n_bytes, plain_markdown};
use super::posting::Answer;
use crate::masked::Secret;

/// A request has 20 KB.
const LONGEST: usize = 19_500;
/// A robot that sent more than 20 messages in a minute is shut up for ten.
const REST: Duration = Duration::from_mins(10);

/// The body of the request.
pub(super) fn compose(card: &Card) -> Value {
    card.fitting(
        |card| json!({"msgtype": "markdown", "markdown": {"title": card.title, "text": plain_markdown(card, "\n\n")}}),
        |message| n_bytes(message) <= LONGEST,
    )
}

/// The address with `timestamp` in milliseconds and `sign`: the secret as key, over the moment and the secret.
pub(super) fn signed(url: &Url, secret: &Secret, now: Timestamp) -> Url {
    let secret = secret.reveal().trim();
    let moment = now.as_millisecond();
    let sign = hmac_base64(secret.as_bytes(), format!("{moment}\n{secret}").as_bytes());
    let mut url = url.clone();
    url.query_pairs_mut().append_pair("timestamp", &moment.to_string()).append_pair("sign", &sign);
    url
}

/// DingTalk says in the body whether it took the message, with status 200.
pub(super) fn outcome_of(answer: &Answer) -> Outcome {
    let told = answer.in_one_line();
    match json_of(answer)["errcode"].as_i64() {
        Some(0) if answer.status.is_success() => Outcome::Delivered { answer: told },
        Some(300_001 | 300_005 | 400_013 | 400_101 | 400_102 | 400_106) => {
            Outcome::Gone { why: format!("DingTalk does not have this robot or its group any more: {told}") }
        }
        Some(310_000) => Outcome::ForOperator {
            why: format!(
                "the robot at DingTalk is set to refuse this (signature, addresses or keywords; “stagewatch” is in every message): {told}"
            ),
        },
        Some(40_035 | 43_004 | 400_105 | 410_103 | 410_110) => {
            Outcome::Refused { why: format!("DingTalk does not take the message: {told}") }
        }
        Some(130_101 | 130_102 | 410_100 | 90_030) => {
            Outcome::TryAgain { why: format!("DingTalk has had too many messages: {told}"), wait: Some(REST) }
        }
        Some(_) => Outcome::TryAgain { why: format!("DingTalk did not take it: {told}"), wait: answer.wait() },
        None => match by_status(answer, "DingTalk") {
            Outcome::Delivered { .. } => {
                Outcome::TryAgain { why: format!("DingTalk did not say whether it took it: {told}"), wait: None }
            }
            outcome => outcome,
        },
    }
}
