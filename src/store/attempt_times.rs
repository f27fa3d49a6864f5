//! How long attempts to deliver took, counted as they end; the counts outlive the attempts. One that was lost with its dispatcher took
//! nobody knows how long, and is not counted.

use std::time::Duration;

use jiff::Timestamp;

use super::buckets::{Bounds, Buckets};
use super::engine::Engine;
use super::error::{Failure, StoreError};
use super::{Store, deliveries::AttemptOutcome};

/// From a receiver next door to the longest that one is waited for.
const BOUNDS: Bounds = Bounds(&[
    Duration::from_millis(100),
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_millis(2500),
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_mins(1),
    Duration::from_mins(2),
]);

/// The attempts by one channel that ended in one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptTimes {
    /// By which channel.
    pub channel: String,
    /// How they ended.
    pub outcome: AttemptOutcome,
    /// How many took how long.
    pub buckets: Buckets,
    /// How long all of them took together.
    pub took: Duration,
}

impl Store {
    /// How long attempts took, those included that were cleared out since; by channel and outcome.
    pub fn attempt_times(&self) -> Result<Vec<AttemptTimes>, StoreError> {
        self.read("count attempts", |engine| {
            let mut all: Vec<AttemptTimes> = Vec::new();
            for row in engine.query("SELECT * FROM attempt_times ORDER BY channel, outcome, up_to", &[])? {
                let channel = row.text("channel")?;
                let outcome = AttemptOutcome::parse(&row.text("outcome")?).ok_or_else(|| row.unreadable("outcome"))?;
                if all.last().is_none_or(|last| (&last.channel, last.outcome) != (&channel, outcome)) {
                    all.push(AttemptTimes { channel, outcome, buckets: BOUNDS.empty(), took: Duration::ZERO });
                }
                let last = all.last_mut().expect("there is one by now");
                last.took = last.took.saturating_add(row.duration("took")?);
                let bucket = BOUNDS.position(row.duration("up_to")?);
                last.buckets[bucket].1 += row.number::<u64>("n_attempts")?;
            }
            Ok(all)
        })
    }
}

/// Counts an attempt that ended.
pub(super) fn count(
    engine: &mut dyn Engine,
    delivery: &str,
    outcome: AttemptOutcome,
    begun: Timestamp,
    now: Timestamp,
) -> Result<(), Failure> {
    // A clock that was set back in between measures nothing.
    let took = Duration::try_from(now.duration_since(begun)).unwrap_or_default();
    let sql = "INSERT INTO attempt_times (channel, outcome, up_to, n_attempts, took) \
               SELECT channel, $2, $3, 1, $4 FROM deliveries WHERE id = $1 \
               ON CONFLICT (channel, outcome, up_to) DO UPDATE \
               SET n_attempts = attempt_times.n_attempts + 1, took = attempt_times.took + excluded.took";
    engine.execute(sql, &[delivery.into(), outcome.as_str().into(), BOUNDS.up_to(took), took.into()])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_before_there_were_counts_went_into_the_same_buckets() {
        let step = include_str!("migrations/0007_attempt_times.sql");
        for bound in BOUNDS.0.iter().map(Duration::as_micros) {
            assert!(step.contains(&format!("WHEN took <= {bound} THEN {bound}\n")), "{bound}");
        }
    }
}
