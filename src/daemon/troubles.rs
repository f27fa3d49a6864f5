//! The troubles that there are at this moment, gathered from store, disk and clock. Which of them the operator is told of is decided by
//! `changes::alarms`.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::changes::alarm_groups::is_same;
use crate::changes::alarms::{Alarm, Jump, Trouble};
use crate::config::source::Source;
use crate::deliver::Channel;
use crate::store::SourceState;
use crate::store::endpoints::Endpoint;
use crate::store::error::StoreError;
use crate::store::room::free_bytes;

use super::House;
use super::operator::host_of;

/// An endpoint that failed so often in a row is told of: greylisting and restarts are over by then.
const FAILURES_TOLD: u32 = 4;

/// A source is stale when it was not read for so many times of its schedule …
const MISSED_TIMES: i32 = 3;

/// … and this much longer: its rest after a block may take a day.
const LONGEST_REST: SignedDuration = SignedDuration::from_hours(24);

/// Less than this is little space: a large list in two versions, and a month of changes.
const LITTLE_SPACE: u64 = 100;

/// With this much, little space is over: between the two nothing is said, so that nobody is told every minute.
const ENOUGH_SPACE: u64 = 200;

/// What is known beside the store.
#[derive(Debug, Clone, Copy)]
pub struct Signs {
    /// How the clock jumped, not long ago.
    pub jump: Option<Jump>,
    /// Whether the service has run for long enough that a source that was not read must have been missed.
    pub is_settled: bool,
}

/// Every trouble there is.
pub fn troubles_of(house: &House, alarms: &[Alarm], signs: Signs, now: Timestamp) -> Result<Vec<Trouble>, StoreError> {
    let mut troubles = Vec::new();
    let states = house.store.source_states()?;
    for source in &house.settings.sources {
        let Some(state) = states.get(&source.id) else { continue };
        // What was told is not over before it gives something good.
        let lasts = state.n_troubles > 0 && is_told(&source.id, alarms);
        let trouble = if lasts { Some(in_trouble(source, state)) } else { of_source(house, source, state, signs, now) };
        troubles.extend(trouble);
    }
    let with_them = with_the_same(house, &states, &troubles, alarms);
    troubles.extend(with_them);
    let oddities = house.oddities.all().into_iter();
    troubles.extend(oddities.map(|(source, what, text)| Trouble::Defect { source, what, text }));
    troubles.extend(of_endpoints(house)?);
    troubles.extend(of_space(house, alarms));
    troubles.extend(signs.jump.map(|jump| Trouble::Clock { jump }));
    Ok(troubles)
}

/// Whether what an alarm is about was looked at: unknown texts are known only once their source was read.
pub fn is_known(house: &House, alarm: &Alarm) -> bool {
    let Some(rest) = alarm.about.strip_prefix("defect:") else { return true };
    let source = rest.split(':').next().unwrap_or_default();
    house.oddities.knows(source) || house.settings.source(source).is_none()
}

fn is_told(source: &str, alarms: &[Alarm]) -> bool {
    alarms.iter().any(|alarm| alarm.kind == "source.doubtful" && alarm.about.strip_prefix("source:") == Some(source))
}

fn in_trouble(source: &Source, state: &SourceState) -> Trouble {
    let why = state.last_poll.as_ref().and_then(|poll| poll.why.clone()).unwrap_or_default();
    Trouble::Source { source: source.id.clone(), n_polls: state.n_troubles, why }
}

/// Sources of a host that is told of now, which began to fail for the same reason later: told with it, and not each by itself soon after.
fn with_the_same(
    house: &House,
    states: &BTreeMap<String, SourceState>,
    troubles: &[Trouble],
    alarms: &[Alarm],
) -> Vec<Trouble> {
    let is_new = |trouble: &&Trouble| matches!(trouble, Trouble::Source { source, .. } if !is_told(source, alarms));
    let host_of = |source: &str| host_of(house, source);
    let others = house.settings.sources.iter().filter_map(|source| {
        let state = states.get(&source.id).filter(|state| state.n_troubles > 0)?;
        let trouble = in_trouble(source, state);
        let is_there = troubles.iter().any(|known| known.about() == trouble.about());
        let is_same = troubles.iter().filter(is_new).any(|known| is_same(known, &trouble, host_of));
        (is_same && !is_there).then_some(trouble)
    });
    others.collect()
}

fn of_source(house: &House, source: &Source, state: &SourceState, signs: Signs, now: Timestamp) -> Option<Trouble> {
    let id = source.id.clone();
    if state.n_troubles >= house.settings.doubt.tell_after {
        return Some(in_trouble(source, state));
    }
    let last = state.last_accepted?;
    let next = source.schedule.next_after(last);
    let interval = source.schedule.next_after(next).duration_since(next);
    let patience = interval.saturating_mul(MISSED_TIMES).saturating_add(LONGEST_REST);
    let is_stale = signs.is_settled && signs.jump.is_none() && now.duration_since(last) > patience;
    is_stale.then_some(Trouble::Stale { source: id, last })
}

/// One server takes all mail: what fails there is one trouble, however many mailboxes it is for.
fn of_endpoints(house: &House) -> Result<Vec<Trouble>, StoreError> {
    let mut troubles = Vec::new();
    let mut mail: Vec<Endpoint> = Vec::new();
    for endpoint in house.store.endpoints()?.into_iter().filter(|endpoint| is_configured(house, endpoint)) {
        let Endpoint { subscriber, channel, recipient, health, last_answer } = endpoint.clone();
        let (recipient, answer) = (recipient.to_string(), last_answer);
        let is_failing = health.for_operator || health.n_failures >= FAILURES_TOLD;
        match health.disabled {
            Some((_, why)) => troubles.push(Trouble::Disabled { subscriber, channel, recipient, why, answer }),
            None if is_failing && channel == Channel::Email.as_str() => mail.push(endpoint),
            None if is_failing => troubles.push(Trouble::Failing { subscriber, channel, recipient, answer }),
            None => {}
        }
    }
    if let Some(first) = mail.first() {
        troubles.push(Trouble::Mail { n_mailboxes: mail.len(), answer: first.last_answer.clone() });
    }
    Ok(troubles)
}

/// What is no longer in the configuration is nobody's trouble.
fn is_configured(house: &House, endpoint: &Endpoint) -> bool {
    let Some(subscriber) = house.settings.subscriber(&endpoint.subscriber) else { return false };
    let Some(channel) = Channel::parse(&endpoint.channel) else { return false };
    subscriber.recipients(channel).contains(&endpoint.recipient)
}

fn of_space(house: &House, alarms: &[Alarm]) -> Option<Trouble> {
    let folder = house.store.database().parent().filter(|folder| !folder.as_os_str().is_empty());
    let mebibytes = free_bytes(folder.unwrap_or(std::path::Path::new("."))).ok()? >> 20;
    let was_low = alarms.iter().any(|alarm| alarm.about == "space");
    (mebibytes < if was_low { ENOUGH_SPACE } else { LITTLE_SPACE }).then_some(Trouble::Space { mebibytes })
}
