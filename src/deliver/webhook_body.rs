//! Webhooks: one change as the body of a request, always below the size that receivers must take. Not the sending.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::changes::change::{Kind, RecordedChange};
use crate::changes::notice_action::action;
use crate::changes::notice_frame::Frame;
use crate::records::action::ActionRecord;
use crate::records::change::ChangeRecord;
use crate::records::schema::of;

/// Standard Webhooks: payloads stay below 20 kB.
const LONGEST_BODY: usize = 20_000 - 1;
/// Room for the sentence that says what was cut.
const NOTE: usize = 200;
/// How long texts and lists may be, step by step, where a change without its difference is still too large.
const STEPS: [(usize, usize); 4] = [(1000, 50), (200, 10), (60, 5), (12, 1)];

/// A request's body: one change.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "StandardChanged")]
pub struct Body<D> {
    /// `standard.` and the kind of change, with `_` for `-`.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = types()))]
    kind: String,
    /// When the change was seen, UTC; not when it was sent, which is `webhook-timestamp`.
    #[schemars(extend("format" = "date-time"))]
    timestamp: String,
    /// The change.
    data: D,
    /// What is shorter here than in the record; absent where nothing is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    cut: Vec<&'static str>,
}

/// The change, and what can be done about it.
#[derive(Serialize, JsonSchema)]
pub struct Data {
    #[serde(flatten)]
    change: ChangeRecord,
    /// What can be done about the change, as of the moment at which this was written.
    action: ActionRecord,
}

/// The schema of the body of a webhook about a change.
pub fn schema() -> Value {
    of::<Body<Data>>()
}

fn types() -> Vec<String> {
    Kind::ALL.iter().map(|kind| type_of(kind.as_str())).collect()
}

fn type_of(kind: &str) -> String {
    format!("standard.{}", kind.replace('-', "_"))
}

/// `{"type":"standard.stage_moved","timestamp":…,"data":{…}}`, below 20 kB: the difference is cut first and says so; `cut` names what
/// is not whole. The frame has the moment, and so says what can still be done.
pub fn compose(recorded: &RecordedChange, frame: &Frame) -> Vec<u8> {
    let action = ActionRecord::from(&action(recorded, frame));
    let mut data = Data { change: ChangeRecord::from(recorded), action };
    let whole = body_of(&data, &[]);
    if whole.len() <= LONGEST_BODY {
        return whole;
    }
    let diff = std::mem::take(&mut data.change.evidence.diff);
    let without_diff = body_of(&data, &["evidence.diff"]);
    let room = LONGEST_BODY.saturating_sub(without_diff.len() + NOTE);
    data.change.evidence.diff = shortened_diff(&diff, room, &data.change.id);
    let shorter = body_of(&data, &["evidence.diff"]);
    if shorter.len() <= LONGEST_BODY {
        return shorter;
    }
    cut_everywhere(&data)
}

fn body_of(data: &Data, cut: &[&'static str]) -> Vec<u8> {
    written(&data.change, &in_json(data), cut)
}

fn in_json(data: &Data) -> Value {
    serde_json::to_value(data).expect("a record is made of strings, numbers and lists")
}

fn written(record: &ChangeRecord, data: &Value, cut: &[&'static str]) -> Vec<u8> {
    let body = Body { kind: type_of(&record.kind), timestamp: record.seen_at.clone(), data, cut: cut.to_vec() };
    serde_json::to_vec(&body).expect("strings, numbers and lists can be written")
}

/// The first lines of the difference that fit, and a last line that says how to see the rest.
fn shortened_diff(diff: &str, room: usize, id: &str) -> String {
    let mut kept = String::new();
    let mut left = room;
    for line in diff.split_inclusive('\n') {
        let size = size_in_json(line);
        if size > left {
            break;
        }
        kept.push_str(line);
        left -= size;
    }
    let short_id: String = id.chars().take(40).collect();
    format!(
        "{kept}… cut: {} of {} bytes left out; the whole: stagewatch diff {short_id}",
        diff.len() - kept.len(),
        diff.len()
    )
}

fn size_in_json(text: &str) -> usize {
    serde_json::to_string(text).map_or(usize::MAX, |written| written.len() - 2)
}

/// A body that no real page makes necessary: every text and list is shortened until it fits.
fn cut_everywhere(whole: &Data) -> Vec<u8> {
    let (record, whole) = (&whole.change, in_json(whole));
    let mut body = Vec::new();
    for (max_chars, max_items) in STEPS {
        let mut data = whole.clone();
        shorten(&mut data, max_chars, max_items);
        body = written(record, &data, &["evidence.diff", "data"]);
        if body.len() <= LONGEST_BODY {
            break;
        }
    }
    body
}

fn shorten(value: &mut Value, max_chars: usize, max_items: usize) {
    match value {
        Value::String(text) => {
            // Ids, hashes, dates and codes are what receivers match on; none is longer than a SHA-256.
            let is_ours = text.len() <= 64;
            if !is_ours && text.chars().count() > max_chars {
                *text = text.chars().take(max_chars).chain(['…']).collect();
            }
        }
        Value::Array(items) => {
            items.truncate(max_items);
            for item in items {
                shorten(item, max_chars, max_items);
            }
        }
        Value::Object(fields) => {
            for field in fields.values_mut() {
                shorten(field, max_chars, max_items);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
