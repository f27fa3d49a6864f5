//! Looking at deliveries and their attempts: for the operator, and for who asks what became of an alert. Not moving them on: that is
//! `outbox`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::engine::{Conditions, Engine, query_list};
use super::error::{Failure, StoreError};
use super::row::Row;
use super::{Delivery, DeliveryState, NewDelivery, Settlement, Store};
use crate::masked::Recipient;

/// Which deliveries to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// Only those that were given up.
    pub failed_only: bool,
    /// Only those that wait, are being sent or are held back.
    pub unsettled_only: bool,
    /// Only those for this subscriber.
    pub subscriber: Option<String>,
    /// Only those written then or later.
    pub since: Option<Timestamp>,
    /// At most so many, the newest of them.
    pub limit: Option<u32>,
}

/// How many deliveries stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutboxCounts {
    /// Waiting for their next attempt.
    pub n_waiting: u64,
    /// Being sent.
    pub n_under_way: u64,
    /// Taken by the other side.
    pub n_delivered: u64,
    /// Given up.
    pub n_failed: u64,
    /// Held back: their endpoint is disabled, or their mailbox is not written to.
    pub n_held: u64,
    /// Dropped by the operator.
    pub n_dropped: u64,
    /// When the oldest of those that are waiting or being sent was written.
    pub oldest_unsettled: Option<Timestamp>,
}

/// One attempt to send a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Counted from 1.
    pub number: u32,
    /// When it began.
    pub begun_at: Timestamp,
    /// When it was over; `None` while it is under way.
    pub ended_at: Option<Timestamp>,
    /// How it ended; `None` while it is under way.
    pub outcome: Option<AttemptOutcome>,
    /// What the other side said.
    pub answer: Option<String>,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttemptOutcome {
    /// The other side took it.
    Delivered,
    /// It did not work and was put off.
    TryAgain,
    /// It did not work, and the delivery was given up.
    Failed,
    /// Its dispatcher was gone before it could say; the other side may have it.
    Lost,
    /// It did not work, and the endpoint is not to be tried again; the delivery was held back.
    Held,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [DeliveryState; 6] = [
        DeliveryState::Waiting,
        DeliveryState::UnderWay,
        DeliveryState::Delivered,
        DeliveryState::Failed,
        DeliveryState::Held,
        DeliveryState::Dropped,
    ];

    /// The word of records: `under-way`.
    pub fn as_str(self) -> &'static str {
        match self {
            DeliveryState::Waiting => "waiting",
            DeliveryState::UnderWay => "under-way",
            DeliveryState::Delivered => "delivered",
            DeliveryState::Failed => "failed",
            DeliveryState::Held => "held",
            DeliveryState::Dropped => "dropped",
        }
    }

    /// Reads what [`DeliveryState::as_str`] writes.
    pub fn parse(text: &str) -> Option<DeliveryState> {
        DeliveryState::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

impl AttemptOutcome {
    /// Every outcome.
    pub const ALL: [AttemptOutcome; 5] = [
        AttemptOutcome::Delivered,
        AttemptOutcome::TryAgain,
        AttemptOutcome::Failed,
        AttemptOutcome::Lost,
        AttemptOutcome::Held,
    ];

    /// The word of records: `try-again`.
    pub fn as_str(self) -> &'static str {
        match self {
            AttemptOutcome::Delivered => "delivered",
            AttemptOutcome::TryAgain => "try-again",
            AttemptOutcome::Failed => "failed",
            AttemptOutcome::Lost => "lost",
            AttemptOutcome::Held => "held",
        }
    }

    /// Reads what [`AttemptOutcome::as_str`] writes.
    pub fn parse(text: &str) -> Option<AttemptOutcome> {
        AttemptOutcome::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }

    /// The outcome of an attempt that was settled so.
    pub(super) fn of(settlement: &Settlement) -> AttemptOutcome {
        match settlement {
            Settlement::Delivered => AttemptOutcome::Delivered,
            Settlement::TryAgain(_) => AttemptOutcome::TryAgain,
            Settlement::Failed => AttemptOutcome::Failed,
            Settlement::Held => AttemptOutcome::Held,
        }
    }
}

impl Store {
    /// The deliveries asked for, in the order in which they were written.
    pub fn deliveries(&self, filter: &DeliveryFilter) -> Result<Vec<Delivery>, StoreError> {
        self.read("list deliveries", |engine| {
            let mut conditions = Conditions::default();
            if filter.failed_only {
                conditions.add("state = ?", DeliveryState::Failed.as_str());
            }
            if filter.unsettled_only {
                let open = [DeliveryState::Waiting, DeliveryState::UnderWay, DeliveryState::Held];
                let open = open.map(|state| conditions.placeholder(state.as_str()));
                conditions.add_part(format!("state IN ({})", open.join(", ")));
            }
            if let Some(since) = filter.since {
                conditions.add("created_at >= ?", since);
            }
            if let Some(subscriber) = &filter.subscriber {
                conditions.add("subscriber = ?", subscriber);
            }
            let limit = conditions.placeholder(filter.limit.map_or(i64::MAX, i64::from));
            let asked = conditions.text();
            let sql = format!("SELECT * FROM deliveries {asked} ORDER BY created_at DESC, id DESC LIMIT {limit}");
            let mut rows = engine.query(&sql, &conditions.values)?;
            rows.reverse();
            deliveries_from(engine, &rows)
        })
    }

    /// One delivery.
    pub fn delivery(&self, id: &str) -> Result<Option<Delivery>, StoreError> {
        self.read("read a delivery", |engine| {
            let rows = engine.query("SELECT * FROM deliveries WHERE id = $1", &[id.into()])?;
            Ok(deliveries_from(engine, &rows)?.pop())
        })
    }

    /// The changes that a subscriber was told of over a channel, or one mailbox of theirs, or that are on their way there.
    pub fn told(
        &self,
        subscriber: &str,
        channel: &str,
        mailbox: Option<&Recipient>,
    ) -> Result<BTreeSet<String>, StoreError> {
        self.read("read what somebody was told", |engine| {
            // An empty mailbox is nobody's: it stands for all of them.
            let mailbox = mailbox.map(Recipient::reveal).unwrap_or_default();
            let sql = "SELECT DISTINCT delivery_changes.change_id FROM delivery_changes JOIN deliveries \
                       ON deliveries.id = delivery_changes.delivery \
                       WHERE deliveries.subscriber = $1 AND deliveries.channel = $2 AND (deliveries.recipient = $3 OR $3 = '')";
            let rows = engine.query(sql, &[subscriber.into(), channel.into(), mailbox.into()])?;
            rows.iter().map(|row| row.text("change_id")).collect()
        })
    }

    /// The attempts to send a delivery, first one first.
    pub fn attempts(&self, delivery: &str) -> Result<Vec<Attempt>, StoreError> {
        self.read("list attempts", |engine| {
            let rows =
                engine.query("SELECT * FROM attempts WHERE delivery = $1 ORDER BY number", &[delivery.into()])?;
            rows.iter().map(attempt_from).collect()
        })
    }

    /// How many deliveries stand where.
    pub fn outbox_counts(&self) -> Result<OutboxCounts, StoreError> {
        self.read("count the outbox", |engine| {
            let mut counts = OutboxCounts::default();
            let sql = "SELECT state, count(*) AS n, min(created_at) AS oldest FROM deliveries GROUP BY state";
            for row in engine.query(sql, &[])? {
                let (n_here, oldest) = (row.number("n")?, row.moment("oldest")?);
                let older = counts.oldest_unsettled.map_or(oldest, |known| known.min(oldest));
                match state_from(&row)? {
                    DeliveryState::Waiting => (counts.n_waiting, counts.oldest_unsettled) = (n_here, Some(older)),
                    DeliveryState::UnderWay => (counts.n_under_way, counts.oldest_unsettled) = (n_here, Some(older)),
                    DeliveryState::Delivered => counts.n_delivered = n_here,
                    DeliveryState::Failed => counts.n_failed = n_here,
                    DeliveryState::Held => counts.n_held = n_here,
                    DeliveryState::Dropped => counts.n_dropped = n_here,
                }
            }
            Ok(counts)
        })
    }
}

/// Deliveries from their rows, each with the changes it tells of.
pub(super) fn deliveries_from(engine: &mut dyn Engine, rows: &[Row]) -> Result<Vec<Delivery>, Failure> {
    let ids: Vec<String> = rows.iter().map(|row| row.text("id")).collect::<Result<_, _>>()?;
    let sql = "SELECT delivery, change_id FROM delivery_changes WHERE delivery IN ({LIST}) ORDER BY delivery, position";
    let mut changes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in query_list(engine, sql, &ids)? {
        changes.entry(row.text("delivery")?).or_default().push(row.text("change_id")?);
    }
    rows.iter().map(|row| delivery_from(row, &mut changes)).collect()
}

fn delivery_from(row: &Row, changes: &mut BTreeMap<String, Vec<String>>) -> Result<Delivery, Failure> {
    let id = row.text("id")?;
    Ok(Delivery {
        delivery: NewDelivery {
            changes: changes.remove(&id).unwrap_or_default(),
            id,
            subscriber: row.text("subscriber")?,
            channel: row.text("channel")?,
            recipient: Recipient::new(row.text("recipient")?),
            subject: row.text("subject")?,
            payload: row.blob("payload")?,
            created_at: row.moment("created_at")?,
            due_at: row.moment("due_at")?,
        },
        state: state_from(row)?,
        n_attempts: row.number("n_attempts")?,
        next_attempt_at: row.moment("next_attempt_at")?,
        last_answer: row.optional_text("last_answer")?,
        settled_at: row.optional_moment("settled_at")?,
    })
}

fn state_from(row: &Row) -> Result<DeliveryState, Failure> {
    DeliveryState::parse(&row.text("state")?).ok_or_else(|| row.unreadable("state"))
}

fn attempt_from(row: &Row) -> Result<Attempt, Failure> {
    let outcome = match row.optional_text("outcome")? {
        Some(word) => Some(AttemptOutcome::parse(&word).ok_or_else(|| row.unreadable("outcome"))?),
        None => None,
    };
    Ok(Attempt {
        number: row.number("number")?,
        begun_at: row.moment("begun_at")?,
        ended_at: row.optional_moment("ended_at")?,
        outcome,
        answer: row.optional_text("answer")?,
    })
}
