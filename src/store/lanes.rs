//! Which of the due deliveries are claimed next, so that one receiver that is slow, or a subscriber who is not to be disturbed, holds up
//! nobody else. Not the claiming itself, and not how much of each is right.
//!
//! Candidates are read in the order of an index that holds all that is asked, some hundreds at a time, until enough are found: ten thousand
//! that are due cost no more than the first few, unless all of those belong to lanes that are full.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::DeliveryState;
use super::engine::Engine;
use super::error::Failure;
use super::row::Value;

/// How many candidates are looked at together.
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

/// What is under way, by endpoint and by channel.
#[derive(Debug, Default)]
struct Traffic {
    by_endpoint: BTreeMap<(String, String, String), usize>,
    by_channel: BTreeMap<String, usize>,
}

impl Traffic {
    /// Adds one to a lane, where it has room.
    fn enter(&mut self, endpoint: (String, String, String), lanes: &Lanes) -> bool {
        let channel = endpoint.1.clone();
        let most = lanes.per_channel.get(&channel).copied().unwrap_or(usize::MAX);
        let in_channel = self.by_channel.entry(channel).or_default();
        let at_endpoint = self.by_endpoint.entry(endpoint).or_default();
        if *in_channel >= most || *at_endpoint >= lanes.per_endpoint {
            return false;
        }
        *in_channel += 1;
        *at_endpoint += 1;
        true
    }
}

/// The ids to claim, the longest due first. Claims that ran out wait again.
pub(super) fn choose(engine: &mut dyn Engine, now: Timestamp, lanes: &Lanes) -> Result<Vec<String>, Failure> {
    let (waiting, under_way) = (DeliveryState::Waiting.as_str(), DeliveryState::UnderWay.as_str());
    let sql = "UPDATE deliveries SET state = $2, lease_expires_at = NULL WHERE state = $3 AND lease_expires_at <= $1";
    engine.execute(sql, &[now.into(), waiting.into(), under_way.into()])?;
    let mut traffic = Traffic::default();
    let everything = Lanes::default();
    for row in
        engine.query("SELECT subscriber, channel, recipient FROM deliveries WHERE state = $1", &[under_way.into()])?
    {
        traffic.enter((row.text("subscriber")?, row.text("channel")?, row.text("recipient")?), &everything);
    }
    let mut chosen = Vec::new();
    let mut after = (Timestamp::MIN, String::new());
    while chosen.len() < lanes.limit as usize {
        let sql = "SELECT id, next_attempt_at, subscriber, channel, recipient FROM deliveries WHERE state = $1 AND next_attempt_at <= $2 \
                   AND (next_attempt_at, id) > ($3, $4) ORDER BY next_attempt_at, id LIMIT $5";
        let values: [Value; 5] = [waiting.into(), now.into(), after.0.into(), after.1.as_str().into(), PAGE.into()];
        let candidates = engine.query(sql, &values)?;
        for row in &candidates {
            after = (row.moment("next_attempt_at")?, row.text("id")?);
            let endpoint = (row.text("subscriber")?, row.text("channel")?, row.text("recipient")?);
            let is_silent = lanes.silent.contains(&(endpoint.0.clone(), endpoint.1.clone()));
            if chosen.len() < lanes.limit as usize && !is_silent && traffic.enter(endpoint, lanes) {
                chosen.push(after.1.clone());
            }
        }
        if candidates.len() < PAGE as usize {
            break;
        }
    }
    Ok(chosen)
}
