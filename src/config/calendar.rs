//! `[calendar]`: how far ahead the calendar is told. Not what it brings: that is `changes::calendar` and `changes::reminders`.

use std::time::Duration;

use jiff::SignedDuration;

use crate::changes::calendar::{Ahead, whole_days};

use super::table::Table;
use super::value::Value;
use super::words;

/// Two weeks: time enough to act, and near enough to be believed.
const IN_FORCE_DAYS: u32 = 14;

/// Two weeks to write comments, and three days to send them.
const CLOSING_DAYS: [u32; 2] = [14, 3];

/// What is told without a `[calendar]`.
pub(super) fn default() -> Ahead {
    Ahead { in_force_days: IN_FORCE_DAYS, closing_days: CLOSING_DAYS.to_vec() }
}

/// Reads `[calendar]`.
pub(super) fn read(table: &Table<'_>) -> Ahead {
    let unsaid = default();
    let in_force = table.value("in-force-ahead").and_then(|value| words::duration(&value)).map(days_of);
    let closing = table.value("closing-ahead").map(|value| {
        let mut days: Vec<u32> = value.list().iter().filter_map(reminder).collect();
        days.sort_unstable();
        days.dedup();
        days
    });
    Ahead {
        in_force_days: in_force.unwrap_or(unsaid.in_force_days),
        closing_days: closing.unwrap_or(unsaid.closing_days),
    }
}

/// How many days ahead to remind; a reminder of less than a day would come when it is too late.
fn reminder(value: &Value<'_>) -> Option<u32> {
    let days = days_of(words::duration(value)?);
    if days == 0 {
        value.wrong("that is less than a day", "write whole days, e.g. \"3d\", or [] for no reminders");
        return None;
    }
    Some(days)
}

fn days_of(span: Duration) -> u32 {
    SignedDuration::try_from(span).map_or(0, whole_days)
}
