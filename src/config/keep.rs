//! `[keep]`: how long things are kept, and how many. Not the clearing out: that is `store::pruning`.

use std::time::Duration;

use crate::store::pruning::{Evidence, Retention};

use super::table::Table;
use super::words;

/// Long enough to look into what went wrong last quarter, as other senders of webhooks have it.
const USUAL: Duration = Duration::from_hours(90 * 24);

/// What is kept, and whether the service clears out by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// How long, and how many.
    pub retention: Retention,
    /// Whether the service clears out once a day.
    pub daily: bool,
}

impl Default for Keep {
    /// What `stagewatch prune` goes by without a `[keep]`; nothing goes by itself.
    fn default() -> Keep {
        let retention = Retention {
            polls: USUAL,
            deliveries: USUAL,
            snapshots: USUAL,
            most_polls: None,
            most_deliveries: None,
            most_snapshots: None,
            evidence: Evidence::Stays,
        };
        Keep { retention, daily: false }
    }
}

/// Reads `[keep]`.
pub(super) fn read(table: &Table<'_>) -> Keep {
    let usual = Keep::default();
    let span = |key| table.value(key).and_then(|value| words::duration(&value)).unwrap_or(USUAL);
    let most = |key| table.value(key).and_then(|value| value.count(1..=u32::MAX));
    Keep {
        retention: Retention {
            polls: span("polls"),
            deliveries: span("deliveries"),
            snapshots: span("snapshots"),
            most_polls: most("most-polls"),
            most_deliveries: most("most-deliveries"),
            most_snapshots: most("most-snapshots"),
            ..usual.retention
        },
        daily: table.value("daily").and_then(|value| value.flag()).unwrap_or(usual.daily),
    }
}
