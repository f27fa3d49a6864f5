//! How projects and changes are written as JSON: in `--json` output, in the store, in webhooks. One shape everywhere.
//!
//! Wire structs and conversions only; INTERFACE in ARCHITECTURE.md names the fields.

/// What can be done about a change.
pub mod action;
/// A change.
pub mod change;
/// Polls and deliveries.
pub mod delivery;
/// What is not a change: words to the operator.
pub mod event;
/// The lines of `read --json` and `probe --json`.
pub mod line;
/// A project.
pub mod project;
/// JSON Schemas of them.
pub mod schema;
/// A project as all sources together show it.
pub mod standard;
