//! Answers that are no page, with the marks that real ones carry: a firewall's block, a challenge, a limit that is answered in JSON, an
//! empty body, a home page where something else was. The words in them are ours.

use serde::Serialize;

use super::markup::Markup;
use crate::demo::body::answer::Answer;

#[derive(Serialize)]
struct Nothing {}

/// 403 of a cloud firewall, in HTML.
pub fn blocked() -> Answer {
    Answer::html(Markup::Blocked.filled(&Nothing {})).with_status(403).without_validators()
}

/// A challenge with status 200: a script that wants proof of a person.
pub fn challenge() -> Answer {
    Answer::html(Markup::Challenge.filled(&Nothing {}))
        .with_header("cf-mitigated", "challenge")
        .with_header("Server", "cloudflare")
        .without_validators()
}

/// What std.samr.gov.cn answers for ten minutes to who asks too often: status 200, JSON, and no `rows`.
pub fn limited_json() -> Answer {
    Answer::json(r#"{"code":429,"message":"访问过于频繁，请稍后再试"}"#).without_validators()
}

/// Status 200 and not one byte.
pub fn empty() -> Answer {
    Answer::html("").without_validators()
}

/// The home page of TC 260, which its third generation serves with status 200 for every address that is dead.
pub fn home() -> Answer {
    Answer::html(Markup::Home.filled(&Nothing {})).without_validators()
}
