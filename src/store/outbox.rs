//! What is to be sent, from the transaction that wrote it until the other side took it or it was given up. Not the sending, and not when
//! to try again: a dispatcher claims what is due, sends it, and says what became of it.
//!
//! What must hold: nothing that was written is lost, and nothing is sent by two at once that was not sent too slowly by one.
//! A claim is a lease. A dispatcher that dies leaves its lease to run out, and the delivery is due again under the same id. One that was
//! only slow finds that its attempt is no longer the current one: the number of the attempt is the fence, and what it says of the
//! delivery is ignored; what it says of its own attempt is kept.
//! The race we accept: sent, and killed before saying so, is sent once more, under the id by which the receiver knows it.

use std::time::Duration;

use jiff::Timestamp;

use super::deliveries::{AttemptOutcome, deliveries_from};
use super::engine::Engine;
use super::error::{Failure, StoreError};
use super::lanes::{self, Lanes};
use super::row::Value;
use super::{Delivery, DeliveryState, NewDelivery, Settlement, Store, Verdict, attempt_times, endpoints, stops};
use crate::changes::health::{Disabled, Health};

/// How much of an answer is kept: more than any SMTP reply, and the part of an HTML error page that says what is wrong.
const LONGEST_ANSWER: usize = 20_000;

impl Store {
    /// Adds to the outbox what no poll brought: a digest, a sample, a word to the operator. An id that is there already stays as it is.
    pub fn enqueue(&self, deliveries: &[NewDelivery]) -> Result<(), StoreError> {
        self.write("add to the outbox", |engine| add(engine, deliveries))
    }

    /// Claims what is due, the longest due first, until the lease runs out; each with the number of the attempt that begins now.
    pub fn claim_due(&self, now: Timestamp, limit: u32, lease: Duration) -> Result<Vec<Delivery>, StoreError> {
        self.claim_fairly(now, &Lanes { limit, lease, ..Lanes::default() })
    }

    /// Claims what is due within the lanes, so that who is slow holds up nobody else; otherwise as [`Store::claim_due`].
    pub fn claim_fairly(&self, now: Timestamp, lanes: &Lanes) -> Result<Vec<Delivery>, StoreError> {
        self.write("claim deliveries", |engine| {
            let chosen = lanes::choose(engine, now, lanes)?;
            let mut claimed = Vec::new();
            for id in &chosen {
                let sql = "UPDATE deliveries SET state = $3, n_attempts = n_attempts + 1, lease_expires_at = $2 WHERE id = $1 \
                           RETURNING *";
                let ends = now.checked_add(lanes.lease).unwrap_or(Timestamp::MAX);
                let values: [Value; 3] = [id.into(), ends.into(), DeliveryState::UnderWay.as_str().into()];
                claimed.extend(engine.query(sql, &values)?);
            }
            let claimed = deliveries_from(engine, &claimed)?;
            for delivery in &claimed {
                begin_attempt(engine, delivery, now)?;
            }
            Ok(claimed)
        })
    }

    /// Says what became of an attempt, and how its endpoint fares by that; whether it settled the delivery. It does not where another
    /// attempt has begun since.
    pub fn settle(&self, delivery: &str, attempt: u32, verdict: &Verdict, now: Timestamp) -> Result<bool, StoreError> {
        let answer = beginning_of(&verdict.answer);
        self.write("record an attempt", |engine| {
            let outcome = AttemptOutcome::of(&verdict.settlement);
            let sql = "UPDATE attempts SET ended_at = $3, outcome = $4, answer = $5 WHERE delivery = $1 AND number = $2 \
                       RETURNING begun_at";
            let values: [Value; 5] =
                [delivery.into(), attempt.into(), now.into(), outcome.as_str().into(), answer.into()];
            for ended in engine.query(sql, &values)? {
                attempt_times::count(engine, delivery, outcome, ended.moment("begun_at")?, now)?;
            }
            let fares = endpoints::fare(engine, delivery, verdict.said, answer, now)?;
            let (state, next_attempt_at, settled_at) = match verdict.settlement {
                Settlement::Delivered => (DeliveryState::Delivered, None, Some(now)),
                Settlement::TryAgain(_) if fares.disabled.is_some() => (DeliveryState::Held, None, None),
                Settlement::TryAgain(moment) => (DeliveryState::Waiting, Some(moment), None),
                Settlement::Held => (DeliveryState::Held, None, None),
                // The mailbox was found to be gone by this one: it waits with what comes.
                Settlement::Failed if is_bounced(&fares) => (DeliveryState::Held, None, None),
                Settlement::Failed => (DeliveryState::Failed, None, Some(now)),
            };
            let sql = "UPDATE deliveries SET state = $3, next_attempt_at = COALESCE($4, next_attempt_at), settled_at = $5, \
                       last_answer = $6, lease_expires_at = NULL WHERE id = $1 AND n_attempts = $2 AND state = $7";
            let values: [Value; 7] = [
                delivery.into(),
                attempt.into(),
                state.as_str().into(),
                next_attempt_at.into(),
                settled_at.into(),
                answer.into(),
                DeliveryState::UnderWay.as_str().into(),
            ];
            Ok(engine.execute(sql, &values)? == 1)
        })
    }

    /// Takes back every claim, for whoever has the database to itself: those who made them are gone. How many there were.
    pub fn release_claims(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.write("take back claims", |engine| {
            let sql =
                "UPDATE deliveries SET state = $1, next_attempt_at = $2, lease_expires_at = NULL WHERE state = $3";
            let (waiting, under_way) = (DeliveryState::Waiting.as_str(), DeliveryState::UnderWay.as_str());
            Ok(engine.execute(sql, &[waiting.into(), now.into(), under_way.into()])?)
        })
    }

    /// The first moment at which there is something to claim, which may be past; `None` where nothing waits.
    pub fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read("look when deliveries are due", |engine| {
            let sql = "SELECT min(CASE WHEN state = $1 THEN next_attempt_at ELSE lease_expires_at END) AS due \
                       FROM deliveries WHERE state IN ($1, $2)";
            let (waiting, under_way) = (DeliveryState::Waiting.as_str(), DeliveryState::UnderWay.as_str());
            let rows = engine.query(sql, &[waiting.into(), under_way.into()])?;
            rows.first().map_or(Ok(None), |row| row.optional_moment("due"))
        })
    }

    /// The first moment after this one at which there is something more to claim; `None` where nothing waits for it.
    pub fn next_due_after(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.read("look when deliveries are due", |engine| {
            let waiting =
                "SELECT min(next_attempt_at) AS due FROM deliveries WHERE state = $1 AND next_attempt_at > $2";
            let leased =
                "SELECT min(lease_expires_at) AS due FROM deliveries WHERE state = $1 AND lease_expires_at > $2";
            let mut due = Vec::new();
            for (sql, state) in [(waiting, DeliveryState::Waiting), (leased, DeliveryState::UnderWay)] {
                for row in engine.query(sql, &[state.as_str().into(), now.into()])? {
                    due.extend(row.optional_moment("due")?);
                }
            }
            Ok(due.into_iter().min())
        })
    }

    /// Makes a delivery due again, under the same id and with the same bytes; whether it is now. One that is being sent at this moment
    /// is left alone.
    pub fn redeliver(&self, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        self.write("make a delivery due again", |engine| {
            if engine.query("SELECT id FROM deliveries WHERE id = $1", &[id.into()])?.is_empty() {
                return Err(Failure::NoSuchDelivery(id.to_owned()));
            }
            let sql = "UPDATE deliveries SET state = $3, next_attempt_at = $2, settled_at = NULL, lease_expires_at = NULL \
                       WHERE id = $1 AND (state <> $4 OR lease_expires_at <= $2)";
            let (waiting, under_way) = (DeliveryState::Waiting.as_str(), DeliveryState::UnderWay.as_str());
            Ok(engine.execute(sql, &[id.into(), now.into(), waiting.into(), under_way.into()])? == 1)
        })
    }
}

/// Adds deliveries; one whose id is there already stays as it is, and one for somebody who is not to be sent to is held back.
pub(super) fn add(engine: &mut dyn Engine, deliveries: &[NewDelivery]) -> Result<(), Failure> {
    if deliveries.is_empty() {
        return Ok(());
    }
    let silenced = stops::silenced(engine)?;
    for new in deliveries {
        let whose = (new.subscriber.clone(), new.channel.clone(), new.recipient.reveal().to_owned());
        let state = if silenced.contains(&whose) { DeliveryState::Held } else { DeliveryState::Waiting };
        let values: [Value; 9] = [
            new.id.as_str().into(),
            new.subscriber.as_str().into(),
            new.channel.as_str().into(),
            new.recipient.reveal().into(),
            new.subject.as_str().into(),
            new.payload.as_slice().into(),
            new.created_at.into(),
            new.due_at.into(),
            state.as_str().into(),
        ];
        let sql = "INSERT INTO deliveries (id, subscriber, channel, recipient, subject, payload, created_at, due_at, next_attempt_at, \
                   state, n_attempts) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, 0) ON CONFLICT (id) DO NOTHING";
        if engine.execute(sql, &values)? == 0 {
            continue;
        }
        for (position, change) in new.changes.iter().enumerate() {
            let sql = "INSERT INTO delivery_changes (delivery, position, change_id) VALUES ($1, $2, $3)";
            engine.execute(sql, &[new.id.as_str().into(), position.into(), change.into()])?;
        }
    }
    Ok(())
}

/// Notes that an attempt begins, and that the one before it, if it never ended, was lost with its dispatcher.
fn begin_attempt(engine: &mut dyn Engine, delivery: &Delivery, now: Timestamp) -> Result<(), Failure> {
    let id = delivery.delivery.id.as_str();
    let sql = "UPDATE attempts SET ended_at = $2, outcome = $3 WHERE delivery = $1 AND ended_at IS NULL";
    engine.execute(sql, &[id.into(), now.into(), AttemptOutcome::Lost.as_str().into()])?;
    let sql = "INSERT INTO attempts (delivery, number, begun_at) VALUES ($1, $2, $3)";
    engine.execute(sql, &[id.into(), delivery.n_attempts.into(), now.into()])?;
    Ok(())
}

fn is_bounced(health: &Health) -> bool {
    health.disabled.is_some_and(|(_, why)| why == Disabled::Bounced)
}

fn beginning_of(answer: &str) -> &str {
    &answer[..answer.floor_char_boundary(LONGEST_ANSWER)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_answer_is_cut_between_characters() {
        assert_eq!(beginning_of("250 2.0.0 Ok"), "250 2.0.0 Ok");
        let cut = beginning_of(&"错".repeat(10_000)).len();
        assert_eq!(cut, 19_998);
    }
}
