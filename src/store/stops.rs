//! Mailboxes that are not written to any more, because somebody there said so or because nobody is there. Not who decides that.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::engine::Engine;
use super::error::{Failure, StoreError};
use super::row::{Row, Value};
use super::{DeliveryState, Store};
use crate::masked::Recipient;

/// A mailbox that is not written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Of which subscriber.
    pub subscriber: String,
    /// The mailbox.
    pub recipient: Recipient,
    /// Only about this watch; about everything where it is `None`.
    pub watch: Option<String>,
    /// Why.
    pub reason: StopReason,
    /// Since when.
    pub at: Timestamp,
}

/// Why a mailbox is not written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StopReason {
    /// Somebody there asked for it.
    Unsubscribed,
    /// Nobody is there.
    Bounced,
}

/// What becomes of what was held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Backlog {
    /// It goes out now.
    Send,
    /// It never goes out, and says so.
    Drop,
}

/// What [`Store::resume`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resumed {
    /// Stops that were lifted.
    pub n_stops: u64,
    /// Endpoints that were disabled and are not any more.
    pub n_endpoints: u64,
    /// Deliveries that were held back, and are due or dropped now.
    pub n_deliveries: u64,
}

impl StopReason {
    /// The word of records: `unsubscribed`.
    pub fn as_str(self) -> &'static str {
        match self {
            StopReason::Unsubscribed => "unsubscribed",
            StopReason::Bounced => "bounced",
        }
    }

    /// Reads what [`StopReason::as_str`] writes.
    pub fn parse(text: &str) -> Option<StopReason> {
        [StopReason::Unsubscribed, StopReason::Bounced].into_iter().find(|reason| reason.as_str() == text)
    }
}

impl Store {
    /// Writes no more to a mailbox; whether that is news. What already waits for it is held back, where the stop is about everything.
    pub fn stop(&self, stop: &Stop) -> Result<bool, StoreError> {
        self.write("stop writing to a mailbox", |engine| note(engine, stop))
    }

    /// Every stop, by subscriber and mailbox.
    pub fn stops(&self) -> Result<Vec<Stop>, StoreError> {
        self.read("list stops", |engine| {
            let rows = engine.query("SELECT * FROM stops ORDER BY subscriber, recipient, watch", &[])?;
            rows.iter().map(stop_from).collect()
        })
    }

    /// Writes again to a subscriber, or to one address of theirs: lifts stops, enables what was disabled, and sends or drops what was
    /// held back meanwhile.
    pub fn resume(
        &self,
        subscriber: &str,
        recipient: Option<&Recipient>,
        backlog: Backlog,
        now: Timestamp,
    ) -> Result<Resumed, StoreError> {
        self.write("resume a subscriber", |engine| {
            // An empty address is nobody's: it stands for all of them.
            let recipient = recipient.map(Recipient::reveal).unwrap_or_default();
            let whose = "subscriber = $1 AND (recipient = $2 OR $2 = '')";
            let who: [Value; 2] = [subscriber.into(), recipient.into()];
            let n_stops = engine.execute(&format!("DELETE FROM stops WHERE {whose}"), &who)?;
            let sql = format!(
                "UPDATE endpoints SET disabled_at = NULL, disabled_why = NULL, failing_since = NULL, n_failures = 0, n_bounces = 0 \
                 WHERE {whose} AND disabled_at IS NOT NULL"
            );
            let n_endpoints = engine.execute(&sql, &who)?;
            let reset = format!("UPDATE endpoints SET n_bounces = 0 WHERE {whose}");
            engine.execute(&reset, &who)?;
            let (state, settled_at) = match backlog {
                Backlog::Send => (DeliveryState::Waiting, None),
                Backlog::Drop => (DeliveryState::Dropped, Some(now)),
            };
            let sql = format!(
                "UPDATE deliveries SET state = $3, next_attempt_at = $4, settled_at = $5, lease_expires_at = NULL \
                 WHERE {whose} AND state = $6"
            );
            let values: [Value; 6] = [
                subscriber.into(),
                recipient.into(),
                state.as_str().into(),
                now.into(),
                settled_at.into(),
                DeliveryState::Held.as_str().into(),
            ];
            let n_deliveries = engine.execute(&sql, &values)?;
            Ok(Resumed { n_stops, n_endpoints, n_deliveries })
        })
    }
}

/// Notes a stop; whether it is new.
pub(super) fn note(engine: &mut dyn Engine, stop: &Stop) -> Result<bool, Failure> {
    let recipient = stop.recipient.reveal();
    let values: [Value; 5] = [
        stop.subscriber.as_str().into(),
        recipient.into(),
        stop.watch.as_deref().unwrap_or_default().into(),
        stop.reason.as_str().into(),
        stop.at.into(),
    ];
    let sql = "INSERT INTO stops (subscriber, recipient, watch, reason, at) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (subscriber, recipient, watch) DO NOTHING";
    let is_new = engine.execute(sql, &values)? == 1;
    if is_new && stop.watch.is_none() {
        hold_back(engine, &stop.subscriber, "email", recipient)?;
    }
    Ok(is_new)
}

/// Holds back what waits for one who is not to be sent to.
pub(super) fn hold_back(
    engine: &mut dyn Engine,
    subscriber: &str,
    channel: &str,
    recipient: &str,
) -> Result<u64, Failure> {
    let sql =
        "UPDATE deliveries SET state = $4 WHERE subscriber = $1 AND channel = $2 AND recipient = $3 AND state = $5";
    let (held, waiting) = (DeliveryState::Held.as_str(), DeliveryState::Waiting.as_str());
    let values: [Value; 5] = [subscriber.into(), channel.into(), recipient.into(), held.into(), waiting.into()];
    Ok(engine.execute(sql, &values)?)
}

/// Those who are not sent to at all, as subscriber, channel and recipient.
pub(super) fn silenced(engine: &mut dyn Engine) -> Result<BTreeSet<(String, String, String)>, Failure> {
    let sql = "SELECT subscriber, 'email' AS channel, recipient FROM stops WHERE watch = '' \
               UNION SELECT subscriber, channel, recipient FROM endpoints WHERE disabled_at IS NOT NULL";
    let rows = engine.query(sql, &[])?;
    rows.iter().map(|row| Ok((row.text("subscriber")?, row.text("channel")?, row.text("recipient")?))).collect()
}

fn stop_from(row: &Row) -> Result<Stop, Failure> {
    Ok(Stop {
        subscriber: row.text("subscriber")?,
        recipient: Recipient::new(row.text("recipient")?),
        watch: Some(row.text("watch")?).filter(|watch| !watch.is_empty()),
        reason: StopReason::parse(&row.text("reason")?).ok_or_else(|| row.unreadable("reason"))?,
        at: row.moment("at")?,
    })
}
