//! How the other sides fare, written with every attempt. Not the rule by which one is disabled: that is `changes::health`.

use jiff::Timestamp;

use super::engine::Engine;
use super::error::{Failure, StoreError};
use super::row::{Row, Value};
use super::stops::{Stop, StopReason, hold_back, note};
use super::{DeliveryState, Store};
use crate::changes::health::{Disabled, Health, Said};
use crate::masked::Recipient;

/// One other side: a mailbox or a hook of a subscriber.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Whose.
    pub subscriber: String,
    /// By which channel.
    pub channel: String,
    /// Where.
    pub recipient: Recipient,
    /// How it fares.
    pub health: Health,
    /// What it said last.
    pub last_answer: String,
}

impl Store {
    /// Every other side that was ever tried, by subscriber, channel and recipient.
    pub fn endpoints(&self) -> Result<Vec<Endpoint>, StoreError> {
        self.read("list endpoints", |engine| {
            let rows = engine.query("SELECT * FROM endpoints ORDER BY subscriber, channel, recipient", &[])?;
            rows.iter().map(endpoint_from).collect()
        })
    }
}

/// Notes what an attempt to send a delivery says of its endpoint, and how that fares now; what waits for one that is not to be tried any
/// more is held back.
pub(super) fn fare(
    engine: &mut dyn Engine,
    delivery: &str,
    said: Said,
    answer: &str,
    now: Timestamp,
) -> Result<Health, Failure> {
    let sql = "SELECT subscriber, channel, recipient FROM deliveries WHERE id = $1";
    let rows = engine.query(sql, &[delivery.into()])?;
    let Some(row) = rows.first() else { return Ok(Health::default()) };
    let (subscriber, channel, recipient) = (row.text("subscriber")?, row.text("channel")?, row.text("recipient")?);
    let who: [Value; 3] = [subscriber.as_str().into(), channel.as_str().into(), recipient.as_str().into()];
    let sql = "SELECT * FROM endpoints WHERE subscriber = $1 AND channel = $2 AND recipient = $3";
    let known = engine.query(sql, &who)?.first().map(endpoint_from).transpose()?;
    let before = known.map(|known| known.health).unwrap_or_default();
    let health = before.after(said, now);
    write(engine, &who, health, answer)?;
    match health.disabled.filter(|_| before.disabled.is_none()) {
        Some((at, Disabled::Bounced)) => {
            // What it did not take before it was known to be gone waits with what comes.
            let sql = "UPDATE deliveries SET state = $4, settled_at = NULL WHERE subscriber = $1 AND channel = $2 AND recipient = $3 \
                       AND state = $5 AND settled_at >= $6";
            let (held, failed) = (DeliveryState::Held.as_str(), DeliveryState::Failed.as_str());
            let [whose, how, to] = who;
            engine.execute(sql, &[whose, how, to, held.into(), failed.into(), health.failing_since.into()])?;
            let (recipient, reason) = (Recipient::new(recipient), StopReason::Bounced);
            note(engine, &Stop { subscriber, recipient, watch: None, reason, at })?;
        }
        Some((_, Disabled::Gone | Disabled::Failing)) => {
            hold_back(engine, &subscriber, &channel, &recipient)?;
        }
        None => {}
    }
    Ok(health)
}

fn write(engine: &mut dyn Engine, who: &[Value; 3], health: Health, answer: &str) -> Result<(), Failure> {
    let [subscriber, channel, recipient] = who.clone();
    let values: [Value; 11] = [
        subscriber,
        channel,
        recipient,
        health.failing_since.into(),
        health.n_failures.into(),
        health.n_bounces.into(),
        health.last_success.into(),
        answer.into(),
        health.disabled.map(|(at, _)| at).into(),
        health.disabled.map(|(_, why)| why.as_str()).into(),
        i64::from(health.for_operator).into(),
    ];
    let sql = "INSERT INTO endpoints (subscriber, channel, recipient, failing_since, n_failures, n_bounces, last_success, last_answer, \
               disabled_at, disabled_why, for_operator) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
               ON CONFLICT (subscriber, channel, recipient) DO UPDATE SET failing_since = excluded.failing_since, \
               n_failures = excluded.n_failures, n_bounces = excluded.n_bounces, last_success = excluded.last_success, \
               last_answer = excluded.last_answer, disabled_at = excluded.disabled_at, disabled_why = excluded.disabled_why, \
               for_operator = excluded.for_operator";
    engine.execute(sql, &values)?;
    Ok(())
}

fn endpoint_from(row: &Row) -> Result<Endpoint, Failure> {
    let why = match row.optional_text("disabled_why")? {
        Some(word) => Some(Disabled::parse(&word).ok_or_else(|| row.unreadable("disabled_why"))?),
        None => None,
    };
    Ok(Endpoint {
        subscriber: row.text("subscriber")?,
        channel: row.text("channel")?,
        recipient: Recipient::new(row.text("recipient")?),
        health: Health {
            failing_since: row.optional_moment("failing_since")?,
            n_failures: row.number("n_failures")?,
            n_bounces: row.number("n_bounces")?,
            for_operator: row.number::<i64>("for_operator")? != 0,
            last_success: row.optional_moment("last_success")?,
            disabled: row.optional_moment("disabled_at")?.zip(why),
        },
        last_answer: row.text("last_answer")?,
    })
}
