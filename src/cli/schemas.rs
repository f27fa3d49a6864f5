//! `schema`: the JSON Schemas of what stagewatch writes. Not the schemas, which come from the types.

use serde_json::Value;

use crate::deliver::webhook_body;
use crate::records::schema::SCHEMAS;

use super::output::Output;
use super::session::{CliError, Exit};

/// Name, what it is the schema of, and the schema.
type Named = (&'static str, &'static str, fn() -> Value);

/// Every schema there is.
fn schemas() -> Vec<Named> {
    const EVENTS: [Named; 1] = [("webhook-change", "the body of a webhook about a change", webhook_body::schema)];
    EVENTS.iter().chain(SCHEMAS).copied().collect()
}

/// The names of all.
pub fn names() -> Vec<&'static str> {
    schemas().into_iter().map(|(name, _, _)| name).collect()
}

/// Prints one schema, or what there are.
pub fn schema(wanted: Option<&str>, output: &mut Output) -> Result<Exit, CliError> {
    for (name, about, of) in schemas() {
        if wanted.is_none() {
            output.line(format!("{name:<16} {about}"))?;
        } else if wanted == Some(name) {
            output.line(serde_json::to_string_pretty(&of()).expect("a schema is JSON"))?;
        }
    }
    Ok(Exit::Done)
}
