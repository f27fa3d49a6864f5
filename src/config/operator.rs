//! `[operator]`: who runs this, and how they are told when something is wrong. Not of what.

use crate::changes::subscription::Subscription;

use super::subscriber::{Subscriber, Target, languages, ways_of};
use super::table::Table;

/// The name under which the outbox knows the operator.
pub const OPERATOR: &str = "operator";

/// Reads `[operator]`; its channels are those of a subscriber.
pub(super) fn read(table: &Table<'_>, targets: &mut Vec<Target>) -> Subscriber {
    let mut subscription = Subscription::to_everything(OPERATOR);
    if let Some(languages) = table.value("language").and_then(|value| languages(&value)) {
        subscription.languages = languages;
    }
    ways_of(table, targets).of(subscription)
}
