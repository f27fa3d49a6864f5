//! How long polls took, counted as they are recorded; the counts outlive the polls. Not how they ended, which is counted beside them.

use std::time::Duration;

use super::Store;
use super::buckets::{Bounds, Buckets};
use super::engine::Engine;
use super::error::{Failure, StoreError};

/// A poll of many pages of one host takes its time.
const BOUNDS: Bounds = Bounds(&[
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_millis(2500),
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(30),
]);

/// How long the polls of one source took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollTimes {
    /// Of which source.
    pub source: String,
    /// How many took how long.
    pub buckets: Buckets,
    /// How long all of them took together.
    pub took: Duration,
}

impl Store {
    /// How long polls took, those included that were cleared out since; by source.
    pub fn poll_times(&self) -> Result<Vec<PollTimes>, StoreError> {
        self.read("count how long polls took", |engine| {
            let mut all: Vec<PollTimes> = Vec::new();
            for row in engine.query("SELECT * FROM poll_times ORDER BY source, up_to", &[])? {
                let source = row.text("source")?;
                if all.last().is_none_or(|last| last.source != source) {
                    all.push(PollTimes { source, buckets: BOUNDS.empty(), took: Duration::ZERO });
                }
                let last = all.last_mut().expect("there is one by now");
                last.took = last.took.saturating_add(row.duration("took")?);
                last.buckets[BOUNDS.position(row.duration("up_to")?)].1 += row.number::<u64>("n_polls")?;
            }
            Ok(all)
        })
    }
}

/// Counts a poll that ended.
pub(super) fn count(engine: &mut dyn Engine, source: &str, took: Duration) -> Result<(), Failure> {
    let sql = "INSERT INTO poll_times (source, up_to, n_polls, took) VALUES ($1, $2, 1, $3) \
               ON CONFLICT (source, up_to) DO UPDATE \
               SET n_polls = poll_times.n_polls + 1, took = poll_times.took + excluded.took";
    engine.execute(sql, &[source.into(), BOUNDS.up_to(took), took.into()])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_polled_before_there_were_counts_went_into_the_same_buckets() {
        let step = include_str!("migrations/0008_kinds_of_watches.sql");
        for bound in BOUNDS.0.iter().map(Duration::as_micros) {
            assert!(step.contains(&format!("WHEN duration <= {bound} THEN {bound}\n")), "{bound}");
        }
    }
}
