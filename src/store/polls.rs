//! How polls ended, and what a source is known for. What an accepted poll brought is written in `acceptance`.

use std::collections::BTreeMap;

use super::engine::Engine;
use super::error::{Failure, StoreError};
use super::pages::{self, PageValidators};
use super::row::{Row, Value};
use super::{Poll, PollOutcome, SourceState, Store, poll_times};
use crate::timing::waiting::{Trouble, Troubles};

impl PollOutcome {
    /// Every outcome.
    pub const ALL: [PollOutcome; 7] = [
        PollOutcome::Baseline,
        PollOutcome::Changed,
        PollOutcome::Unchanged,
        PollOutcome::NotModified,
        PollOutcome::Doubtful,
        PollOutcome::Refused,
        PollOutcome::Failed,
    ];

    /// The word of records: `not-modified`.
    pub fn as_str(self) -> &'static str {
        match self {
            PollOutcome::Baseline => "baseline",
            PollOutcome::Changed => "changed",
            PollOutcome::Unchanged => "unchanged",
            PollOutcome::NotModified => "not-modified",
            PollOutcome::Doubtful => "doubtful",
            PollOutcome::Refused => "refused",
            PollOutcome::Failed => "failed",
        }
    }

    /// Reads what [`PollOutcome::as_str`] writes.
    pub fn parse(text: &str) -> Option<PollOutcome> {
        PollOutcome::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }

    /// Whether nothing could be concluded from the poll.
    pub fn is_trouble(self) -> bool {
        match self {
            PollOutcome::Doubtful | PollOutcome::Refused | PollOutcome::Failed => true,
            PollOutcome::Baseline | PollOutcome::Changed | PollOutcome::Unchanged | PollOutcome::NotModified => false,
        }
    }
}

impl SourceState {
    /// What the source went through, as far as it is kept: which kind of refusal it was is not, and the longer rest offends nobody; nor is
    /// how long the other side asked us to wait.
    pub fn troubles(&self) -> Troubles {
        let last = match self.last_poll.as_ref().map(|last| last.outcome) {
            Some(PollOutcome::Refused) => Trouble::Block,
            Some(PollOutcome::Failed) => Trouble::Failure,
            Some(
                PollOutcome::Baseline
                | PollOutcome::Changed
                | PollOutcome::Unchanged
                | PollOutcome::NotModified
                | PollOutcome::Doubtful,
            )
            | None => Trouble::None,
        };
        Troubles { n_troubles: self.n_troubles, last, asked: None }
    }
}

impl Store {
    /// Records a poll that brought nothing to keep: one that ended in trouble, or that found everything as it was. In the second case
    /// the source counts as accepted anew, and the validators given replace those of their pages.
    pub fn record_poll(&self, poll: &Poll, validators: &[PageValidators]) -> Result<(), StoreError> {
        self.write("record a poll", |engine| {
            record(engine, poll)?;
            if poll.outcome.is_trouble() {
                return Ok(());
            }
            // A source that was never accepted stays so: it holds nothing that could have been found unchanged.
            let sql = "UPDATE sources SET accepted_at = $2 WHERE source = $1 AND accepted_at IS NOT NULL";
            engine.execute(sql, &[poll.source.as_str().into(), poll.at.into()])?;
            pages::revalidate(engine, &poll.source, validators)
        })
    }

    /// The polls of a source, at most so many, the newest of them.
    pub fn polls(&self, source: &str, limit: u32) -> Result<Vec<Poll>, StoreError> {
        self.read("list polls", |engine| {
            let mut polls = newest(engine, source, limit)?;
            polls.reverse();
            Ok(polls)
        })
    }

    /// How many polls of which source ended how, those included that were cleared out since.
    pub fn poll_counts(&self) -> Result<Vec<(String, PollOutcome, u64)>, StoreError> {
        self.read("count polls", |engine| {
            let rows = engine.query("SELECT * FROM poll_counts ORDER BY source, outcome", &[])?;
            rows.iter()
                .map(|row| {
                    let outcome = PollOutcome::parse(&row.text("outcome")?).ok_or_else(|| row.unreadable("outcome"))?;
                    Ok((row.text("source")?, outcome, row.number("n_polls")?))
                })
                .collect()
        })
    }

    /// What a source is known for; of one never polled, nothing.
    pub fn source_state(&self, source: &str) -> Result<SourceState, StoreError> {
        self.read("read the state of a source", |engine| {
            let rows = engine.query("SELECT * FROM sources WHERE source = $1", &[source.into()])?;
            rows.first().map_or(Ok(SourceState::default()), |row| state_from(engine, row))
        })
    }

    /// What every source that was ever polled is known for.
    pub fn source_states(&self) -> Result<BTreeMap<String, SourceState>, StoreError> {
        self.read("read the state of all sources", |engine| {
            let rows = engine.query("SELECT * FROM sources", &[])?;
            rows.iter().map(|row| Ok((row.text("source")?, state_from(engine, row)?))).collect()
        })
    }
}

/// Adds a poll to those of its source, and counts troubles in a row.
pub(super) fn record(engine: &mut dyn Engine, poll: &Poll) -> Result<(), Failure> {
    let n_troubles = u32::from(poll.outcome.is_trouble());
    let sql = "INSERT INTO sources (source, n_troubles) VALUES ($1, $2) ON CONFLICT (source) DO UPDATE \
               SET n_troubles = CASE WHEN excluded.n_troubles = 0 THEN 0 ELSE sources.n_troubles + 1 END";
    engine.execute(sql, &[poll.source.as_str().into(), n_troubles.into()])?;
    let values: [Value; 10] = [
        poll.source.as_str().into(),
        poll.at.into(),
        poll.duration.into(),
        poll.outcome.as_str().into(),
        poll.why.as_deref().into(),
        poll.status.into(),
        poll.size_bytes.into(),
        poll.n_projects.into(),
        poll.n_defects.into(),
        poll.n_changes.into(),
    ];
    let sql = "INSERT INTO polls (source, at, duration, outcome, why, status, size_bytes, n_projects, n_defects, n_changes) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    engine.execute(sql, &values)?;
    let sql = "INSERT INTO poll_counts (source, outcome, n_polls) VALUES ($1, $2, 1) \
               ON CONFLICT (source, outcome) DO UPDATE SET n_polls = poll_counts.n_polls + 1";
    engine.execute(sql, &[poll.source.as_str().into(), poll.outcome.as_str().into()])?;
    poll_times::count(engine, &poll.source, poll.duration)
}

fn newest(engine: &mut dyn Engine, source: &str, limit: u32) -> Result<Vec<Poll>, Failure> {
    let sql = "SELECT * FROM polls WHERE source = $1 ORDER BY id DESC LIMIT $2";
    let rows = engine.query(sql, &[source.into(), limit.into()])?;
    rows.iter().map(poll_from).collect()
}

fn state_from(engine: &mut dyn Engine, row: &Row) -> Result<SourceState, Failure> {
    let source = row.text("source")?;
    Ok(SourceState {
        last_poll: newest(engine, &source, 1)?.pop(),
        last_accepted: row.optional_moment("accepted_at")?,
        asked_for: row.optional_text("asked_for")?,
        n_troubles: row.number("n_troubles")?,
        pages: pages::of_source(engine, &source)?,
    })
}

pub(super) fn poll_from(row: &Row) -> Result<Poll, Failure> {
    Ok(Poll {
        source: row.text("source")?,
        at: row.moment("at")?,
        duration: row.duration("duration")?,
        outcome: PollOutcome::parse(&row.text("outcome")?).ok_or_else(|| row.unreadable("outcome"))?,
        why: row.optional_text("why")?,
        status: row.optional_number("status")?,
        size_bytes: row.number("size_bytes")?,
        n_projects: row.number("n_projects")?,
        n_defects: row.number("n_defects")?,
        n_changes: row.number("n_changes")?,
    })
}
