//! Which of the due deliveries are claimed next, so that one receiver that is slow, or a subscriber who is not to be disturbed, holds up
//! nobody else. Not the claiming itself, and not how much of each is right.
//!
//! Candidates are those that are due longest, some hundreds of them; that is enough unless most belong to lanes that are full. Then the
//! endpoints are walked one by one, and of each no more is read than it may have: ten thousand that are due for one cost no more than two.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::DeliveryState;
use super::engine::Engine;
use super::error::Failure;
use super::row::{Row, Value};

/// How many of those that are due longest are looked at first.
const PAGE: u32 = 256;

/// How much may be under way at once.
#[derive(Debug, Clone)]
pub struct Lanes {
    /// How many deliveries are claimed at most.
    pub limit: u32,
    /// How long they are ours.
    pub lease: Duration,
    /// How many to one endpoint, those already under way included.
    pub per_endpoint: usize,
    /// How many by one channel in all, where that is limited.
    pub per_channel: BTreeMap<String, usize>,
    /// Subscribers, each with a channel, to whom nothing goes out now.
    pub silent: BTreeSet<(String, String)>,
}

impl Default for Lanes {
    fn default() -> Lanes {
        Lanes {
            limit: u32::MAX,
            lease: Duration::from_mins(5),
            per_endpoint: usize::MAX,
            per_channel: BTreeMap::new(),
            silent: BTreeSet::new(),
        }
    }
}

/// Who is written to: a subscriber, a channel, a recipient.
type Endpoint = (String, String, String);

/// A delivery that may be claimed: since when it is due, its id, and whom it is for.
type Candidate = (Timestamp, String, Endpoint);

/// What is under way, by endpoint and by channel.
#[derive(Debug, Default, Clone)]
struct Traffic {
    by_endpoint: BTreeMap<Endpoint, usize>,
    by_channel: BTreeMap<String, usize>,
}

impl Traffic {
    /// Adds one to a lane, where it has room.
    fn enter(&mut self, endpoint: &Endpoint, lanes: &Lanes) -> bool {
        if self.room_at(endpoint, lanes) == 0 || self.room_in(&endpoint.1, lanes) == 0 {
            return false;
        }
        *self.by_endpoint.entry(endpoint.clone()).or_default() += 1;
        *self.by_channel.entry(endpoint.1.clone()).or_default() += 1;
        true
    }

    /// How many more may go to an endpoint; none to one that is not to be disturbed.
    fn room_at(&self, endpoint: &Endpoint, lanes: &Lanes) -> usize {
        if lanes.silent.contains(&(endpoint.0.clone(), endpoint.1.clone())) {
            return 0;
        }
        lanes.per_endpoint.saturating_sub(self.by_endpoint.get(endpoint).copied().unwrap_or_default())
    }

    /// How many more may go by a channel.
    fn room_in(&self, channel: &str, lanes: &Lanes) -> usize {
        let most = lanes.per_channel.get(channel).copied().unwrap_or(usize::MAX);
        most.saturating_sub(self.by_channel.get(channel).copied().unwrap_or_default())
    }

    /// The ids of those that find room, in the order given.
    fn let_in(mut self, candidates: &[Candidate], lanes: &Lanes) -> Vec<String> {
        let has_room = |(_, _, endpoint): &&Candidate| self.enter(endpoint, lanes);
        candidates.iter().filter(has_room).map(|(_, id, _)| id.clone()).take(lanes.limit as usize).collect()
    }
}

/// The ids to claim, the longest due first. Claims that ran out wait again.
pub(super) fn choose(engine: &mut dyn Engine, now: Timestamp, lanes: &Lanes) -> Result<Vec<String>, Failure> {
    let (waiting, under_way) = (DeliveryState::Waiting.as_str(), DeliveryState::UnderWay.as_str());
    let sql = "UPDATE deliveries SET state = $2, lease_expires_at = NULL WHERE state = $3 AND lease_expires_at <= $1";
    engine.execute(sql, &[now.into(), waiting.into(), under_way.into()])?;
    let traffic = traffic(engine)?;
    let longest_due = longest_due(engine, now)?;
    let chosen = traffic.clone().let_in(&longest_due, lanes);
    if longest_due.len() < PAGE as usize || chosen.len() == lanes.limit as usize {
        return Ok(chosen);
    }
    let due = due_by_endpoint(engine, now, &traffic, lanes)?;
    Ok(traffic.let_in(&due, lanes))
}

fn traffic(engine: &mut dyn Engine) -> Result<Traffic, Failure> {
    let mut traffic = Traffic::default();
    let sql = "SELECT subscriber, channel, recipient FROM deliveries WHERE state = $1";
    for row in engine.query(sql, &[DeliveryState::UnderWay.as_str().into()])? {
        traffic.enter(&endpoint_of(&row)?, &Lanes::default());
    }
    Ok(traffic)
}

/// The first page of what is due, whomever it is for.
fn longest_due(engine: &mut dyn Engine, now: Timestamp) -> Result<Vec<Candidate>, Failure> {
    let sql = "SELECT id, next_attempt_at, subscriber, channel, recipient FROM deliveries WHERE state = $1 AND next_attempt_at <= $2 \
               ORDER BY next_attempt_at, id LIMIT $3";
    let rows = engine.query(sql, &[DeliveryState::Waiting.as_str().into(), now.into(), PAGE.into()])?;
    rows.iter().map(|row| Ok((row.moment("next_attempt_at")?, row.text("id")?, endpoint_of(row)?))).collect()
}

/// Of every endpoint for which something waits, as many that are due as it has room for; the longest due first.
fn due_by_endpoint(
    engine: &mut dyn Engine,
    now: Timestamp,
    traffic: &Traffic,
    lanes: &Lanes,
) -> Result<Vec<Candidate>, Failure> {
    let mut due = Vec::new();
    let mut after = Endpoint::default();
    while let Some(endpoint) = next_endpoint(engine, &after)? {
        let room = traffic.room_at(&endpoint, lanes).min(traffic.room_in(&endpoint.1, lanes));
        let room = u32::try_from(room).unwrap_or(u32::MAX).min(lanes.limit);
        if room > 0 {
            due.extend(due_for(engine, &endpoint, now, room)?);
        }
        after = endpoint;
    }
    due.sort();
    Ok(due)
}

/// The next endpoint for which something waits; one step in an index, however much it is.
fn next_endpoint(engine: &mut dyn Engine, after: &Endpoint) -> Result<Option<Endpoint>, Failure> {
    let sql = "SELECT subscriber, channel, recipient FROM deliveries WHERE state = $1 \
               AND (subscriber, channel, recipient) > ($2, $3, $4) ORDER BY subscriber, channel, recipient LIMIT 1";
    let waiting = DeliveryState::Waiting.as_str();
    let values: [Value; 4] = [waiting.into(), (&after.0).into(), (&after.1).into(), (&after.2).into()];
    engine.query(sql, &values)?.first().map(endpoint_of).transpose()
}

fn due_for(engine: &mut dyn Engine, endpoint: &Endpoint, now: Timestamp, most: u32) -> Result<Vec<Candidate>, Failure> {
    let sql = "SELECT id, next_attempt_at FROM deliveries WHERE state = $1 AND subscriber = $2 AND channel = $3 AND recipient = $4 \
               AND next_attempt_at <= $5 ORDER BY next_attempt_at, id LIMIT $6";
    let waiting = DeliveryState::Waiting.as_str();
    let (subscriber, channel, recipient) = endpoint;
    let values: [Value; 6] =
        [waiting.into(), subscriber.into(), channel.into(), recipient.into(), now.into(), most.into()];
    let rows = engine.query(sql, &values)?;
    rows.iter().map(|row| Ok((row.moment("next_attempt_at")?, row.text("id")?, endpoint.clone()))).collect()
}

fn endpoint_of(row: &Row) -> Result<Endpoint, Failure> {
    Ok((row.text("subscriber")?, row.text("channel")?, row.text("recipient")?))
}
