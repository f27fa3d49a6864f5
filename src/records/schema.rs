//! The JSON Schemas of what we write, generated from its types. Not the writing.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::Value;

use super::change::ChangeRecord;
use super::event::EventRecord;
use super::line::Line;
use super::project::ProjectRecord;

/// Name, and what it is the schema of.
type Named = (&'static str, &'static str, fn() -> Value);

/// Every schema of a record.
pub const SCHEMAS: &[Named] = &[
    ("webhook-operator", "the body of a webhook to the operator", of::<EventRecord>),
    ("change", "a line of `changes --json`; `data` of a webhook has `action` beside it", of::<ChangeRecord>),
    ("project", "a project, wherever one stands in a record", of::<ProjectRecord>),
    ("reading-line", "a line of `read --json` and `probe --json`", of::<Line>),
];

/// The schema of a type, by JSON Schema 2020-12.
pub fn of<T: JsonSchema>() -> Value {
    SchemaGenerator::default().into_root_schema_for::<T>().to_value()
}
