//! Changes that somebody is to be told of later: with the next digest, when quiet hours or a pause are over. Not when that is, and not
//! what is said then.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::engine::Engine;
use super::error::{Failure, StoreError};
use super::row::{Row, Value};
use super::{NewDelivery, Store, outbox};

/// A change that is held back for one channel of a subscriber.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// For whom.
    pub subscriber: String,
    /// For which channel.
    pub channel: String,
    /// The change.
    pub change: String,
    /// Why.
    pub why: HeldWhy,
    /// Since when.
    pub at: Timestamp,
}

/// Why a change is held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HeldWhy {
    /// It goes out with the next digest.
    Digest,
    /// It goes out when the quiet hours are over.
    Quiet,
    /// It goes out when the subscriber is no longer paused.
    Paused,
    /// It never goes out by itself.
    Dropped,
}

impl HeldWhy {
    /// Every reason.
    pub const ALL: [HeldWhy; 4] = [HeldWhy::Digest, HeldWhy::Quiet, HeldWhy::Paused, HeldWhy::Dropped];

    /// The word of records: `digest`.
    pub fn as_str(self) -> &'static str {
        match self {
            HeldWhy::Digest => "digest",
            HeldWhy::Quiet => "quiet",
            HeldWhy::Paused => "paused",
            HeldWhy::Dropped => "dropped",
        }
    }

    /// Reads what [`HeldWhy::as_str`] writes.
    pub fn parse(text: &str) -> Option<HeldWhy> {
        HeldWhy::ALL.into_iter().find(|why| why.as_str() == text)
    }
}

/// What is let go for one channel of a subscriber, in one transaction.
#[derive(Debug, Clone)]
pub struct Release {
    /// Of whom.
    pub subscriber: String,
    /// Over which channel.
    pub channel: String,
    /// The changes that are no longer held.
    pub changes: Vec<String>,
    /// What tells of them.
    pub deliveries: Vec<NewDelivery>,
    /// The moment of the digest, where it is one: the next one tells of what comes after it.
    pub digest: Option<Timestamp>,
}

impl Store {
    /// Everything that is held back or was dropped, in the order in which the changes were seen.
    pub fn held(&self) -> Result<Vec<Held>, StoreError> {
        self.read("list what is held back", |engine| {
            let sql = "SELECT held.* FROM held JOIN changes ON changes.id = held.change_id \
                       ORDER BY held.subscriber, held.channel, changes.seen_at, changes.id";
            engine.query(sql, &[])?.iter().map(held_from).collect()
        })
    }

    /// Lets go what was held back: its deliveries are written, and it is held no longer, together or not at all.
    pub fn release(&self, release: &Release) -> Result<(), StoreError> {
        self.write("let go what was held back", |engine| {
            for change in &release.changes {
                let sql = "DELETE FROM held WHERE subscriber = $1 AND channel = $2 AND change_id = $3";
                let values: [Value; 3] =
                    [release.subscriber.as_str().into(), release.channel.as_str().into(), change.into()];
                engine.execute(sql, &values)?;
            }
            if let Some(at) = release.digest {
                note_digest(engine, &release.subscriber, &release.channel, at)?;
            }
            outbox::add(engine, &release.deliveries)
        })
    }

    /// Drops what is held back for a subscriber; how many changes that were.
    pub fn drop_held(&self, subscriber: &str) -> Result<u64, StoreError> {
        self.write("drop what is held back", |engine| {
            let dropped = HeldWhy::Dropped.as_str();
            let sql = "UPDATE held SET why = $2 WHERE subscriber = $1 AND why <> $2";
            Ok(engine.execute(sql, &[subscriber.into(), dropped.into()])?)
        })
    }

    /// When the last digest of each subscriber went out over each channel.
    pub fn digests(&self) -> Result<BTreeMap<(String, String), Timestamp>, StoreError> {
        self.read("look when digests went out", |engine| {
            let rows = engine.query("SELECT * FROM digests", &[])?;
            rows.iter().map(|row| Ok(((row.text("subscriber")?, row.text("channel")?), row.moment("at")?))).collect()
        })
    }
}

/// Holds changes back; one that is held already stays as it is.
pub(super) fn add(engine: &mut dyn Engine, held: &[Held]) -> Result<(), Failure> {
    for held in held {
        let values: [Value; 5] = [
            held.subscriber.as_str().into(),
            held.channel.as_str().into(),
            held.change.as_str().into(),
            held.why.as_str().into(),
            held.at.into(),
        ];
        let sql = "INSERT INTO held (subscriber, channel, change_id, why, at) VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT (subscriber, channel, change_id) DO NOTHING";
        engine.execute(sql, &values)?;
    }
    Ok(())
}

fn note_digest(engine: &mut dyn Engine, subscriber: &str, channel: &str, at: Timestamp) -> Result<(), Failure> {
    let sql = "INSERT INTO digests (subscriber, channel, at) VALUES ($1, $2, $3) \
               ON CONFLICT (subscriber, channel) DO UPDATE SET at = excluded.at";
    engine.execute(sql, &[subscriber.into(), channel.into(), at.into()])?;
    Ok(())
}

fn held_from(row: &Row) -> Result<Held, Failure> {
    Ok(Held {
        subscriber: row.text("subscriber")?,
        channel: row.text("channel")?,
        change: row.text("change_id")?,
        why: HeldWhy::parse(&row.text("why")?).ok_or_else(|| row.unreadable("why"))?,
        at: row.moment("at")?,
    })
}
