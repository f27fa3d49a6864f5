//! What was asked and what was sent, as JSON: a poll, a delivery, an attempt to make it. The same in `--json` output and in the API. No
//! recipient in clear: its masked form is what logs show too.

use schemars::JsonSchema;
use serde::Serialize;

/// A poll of a source.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct PollRecord {
    /// When it began, UTC.
    pub at: String,
    /// `changed`, `unchanged`, `doubtful` …
    pub outcome: String,
    /// Why, where it did not end well.
    pub why: Option<String>,
    /// HTTP status.
    pub status: Option<u16>,
    /// Bytes received.
    pub size_bytes: u64,
    /// Projects read.
    pub projects: u64,
    /// Lines that could not be read.
    pub defects: u64,
    /// Changes found.
    pub changes: u64,
}

/// A delivery: one notice, to one recipient, over one channel.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct DeliveryRecord {
    /// The Message-ID and the webhook-id.
    pub id: String,
    /// Whom it is for.
    pub subscriber: String,
    /// `email`, `webhook`, `slack` …
    pub channel: String,
    /// Where it goes, masked.
    pub recipient: String,
    /// One line for people.
    pub subject: String,
    /// Ids of the changes it tells of.
    pub changes: Vec<String>,
    /// `waiting`, `under-way`, `delivered`, `failed`, `held`, `dropped`.
    pub state: String,
    /// How many attempts were begun.
    pub attempts: u32,
    /// When it was written, UTC.
    pub created_at: String,
    /// When it is tried next, while it is not over.
    pub next_attempt_at: Option<String>,
    /// When it was delivered or given up.
    pub settled_at: Option<String>,
    /// What the other side said last.
    pub answer: Option<String>,
}

/// An attempt to make a delivery.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct AttemptRecord {
    /// Counted from 1.
    pub attempt: u32,
    /// When it began, UTC.
    pub begun_at: String,
    /// When it was over; absent while it is under way.
    pub ended_at: Option<String>,
    /// How it ended; absent while it is under way.
    pub outcome: Option<String>,
    /// What the other side said.
    pub answer: Option<String>,
}
