//! What is not a change, as JSON: a word to the operator, and a sample. The body of a webhook, as a change is `data` of others.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::changes::alarm_words::Word;
use crate::standards::language::Language;

/// A word to the operator on the wire: the whole body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EventRecord {
    /// `source.doubtful`, `source.recovered`, `delivery.failing`, `delivery.disabled`, `delivery.recovered`, `disk.trouble` …
    #[serde(rename = "type")]
    pub kind: String,
    /// UTC.
    #[schemars(extend("format" = "date-time"))]
    pub timestamp: String,
    /// What it says.
    pub data: EventData,
}

/// What a word to the operator says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EventData {
    /// What it is about: `source:iso-open-data`, `delivery:plm:webhook:https://plm.example.org/…`, `disk`.
    pub about: String,
    /// Since when it lasts, UTC.
    pub since: String,
    /// What happened, in one sentence, by language code.
    pub what: std::collections::BTreeMap<String, String>,
    /// What to do, by language code; empty where nothing is.
    pub remedy: std::collections::BTreeMap<String, String>,
    /// A command that shows more; `null` where there is none.
    pub command: Option<String>,
}

impl From<&Word> for EventRecord {
    fn from(word: &Word) -> EventRecord {
        let by_code = |said: &[(Language, String)]| {
            said.iter().map(|(language, text)| (language.code().to_owned(), text.clone())).collect()
        };
        EventRecord {
            kind: word.kind.clone(),
            timestamp: word.at.to_string(),
            data: EventData {
                about: word.about.clone(),
                since: word.since.to_string(),
                what: by_code(&word.what),
                remedy: by_code(&word.remedy),
                command: word.command.clone(),
            },
        }
    }
}
