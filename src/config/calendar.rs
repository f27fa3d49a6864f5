//! `[calendar]`: how far ahead the calendar is told. Not what it brings: that is `changes::calendar`.

use jiff::SignedDuration;

use crate::changes::calendar::Ahead;

use super::table::Table;
use super::words;

/// Two weeks: time enough to act, and near enough to be believed.
const IN_FORCE_DAYS: u32 = 14;

/// What is told without a `[calendar]`.
pub(super) fn default() -> Ahead {
    Ahead { in_force_days: IN_FORCE_DAYS }
}

/// Reads `[calendar]`.
pub(super) fn read(table: &Table<'_>) -> Ahead {
    let span = table.value("in-force-ahead").and_then(|value| words::duration(&value));
    span.and_then(|span| SignedDuration::try_from(span).ok()).map_or_else(default, Ahead::from_span)
}
