//! `status`: sources, the outbox, what is held back, who is not sent to, which alarms last. Asks nobody and changes nothing.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::changes::health::Disabled;
use crate::config::settings::Settings;
use crate::daemon::report::counted;
use crate::records::delivery::PollRecord;
use crate::store::held::HeldWhy;
use crate::store::{SourceState, Store};

use super::arguments::General;
use super::output::{Output, harmless};
use super::session::{CliError, Exit, store_of};

/// A source on the wire.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct SourceRecord {
    source: String,
    format: &'static str,
    url: String,
    schedule: String,
    last_poll: Option<PollRecord>,
    last_accepted: Option<String>,
    troubles_in_a_row: u32,
}

/// The outbox on the wire.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct OutboxRecord {
    waiting: u64,
    under_way: u64,
    delivered: u64,
    failed: u64,
    held: u64,
    dropped: u64,
}

/// One line of `status --json`.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum StatusLine {
    Source(SourceRecord),
    Outbox(OutboxRecord),
    Held(HeldRecord),
    Stopped(StoppedRecord),
    Alarm(AlarmRecord),
}

/// Changes that are told later, for one channel of a subscriber.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct HeldRecord {
    subscriber: String,
    channel: String,
    why: &'static str,
    changes: u64,
}

/// Somebody who is not sent to.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct StoppedRecord {
    subscriber: String,
    channel: String,
    recipient: String,
    watch: Option<String>,
    why: &'static str,
    since: String,
}

/// What the operator was told of and what lasts.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct AlarmRecord {
    #[serde(rename = "type")]
    kind: String,
    about: String,
    what: String,
    since: String,
}

impl fmt::Display for StatusLine {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StatusLine::Source(source) => write!(out, "source: {}", source.source),
            StatusLine::Outbox(outbox) => write!(out, "outbox: {} waiting", outbox.waiting),
            StatusLine::Held(held) => {
                let changes = counted(held.changes, "change");
                let (subscriber, channel) = (&held.subscriber, &held.channel);
                match held.why {
                    "dropped" => write!(out, "dropped: {changes} for `{subscriber}` by {channel}, as its pause says"),
                    why => {
                        let over = over_when(why);
                        write!(out, "held back: {changes} for `{subscriber}` by {channel}, until {over}")
                    }
                }
            }
            StatusLine::Stopped(stopped) => {
                let StoppedRecord { subscriber, channel, recipient, watch, why, since } = stopped;
                let of = watch.as_ref().map(|watch| format!(" about `{watch}`")).unwrap_or_default();
                write!(
                    out,
                    "stopped: nothing goes to `{subscriber}` by {channel} {recipient}{of} ({why} since {}); \
                     `stagewatch resume {subscriber}` lifts it",
                    day(since)
                )
            }
            StatusLine::Alarm(alarm) => {
                write!(out, "alarm: {} since {}: {}", alarm.kind, day(&alarm.since), harmless(&alarm.what))
            }
        }
    }
}

/// When what is held back is told.
fn over_when(why: &str) -> &str {
    match why {
        "digest" => "its next digest",
        "quiet" => "its quiet hours are over",
        "paused" => "its pause is over",
        other => other,
    }
}

fn day(moment: &str) -> String {
    moment.get(..16).unwrap_or(moment).replace('T', " ")
}

/// What is held back, who is not sent to, which alarms last.
fn silences_of(store: &Store) -> Result<Vec<StatusLine>, CliError> {
    let mut held: BTreeMap<(String, String, HeldWhy), u64> = BTreeMap::new();
    for row in store.held()? {
        *held.entry((row.subscriber, row.channel, row.why)).or_default() += 1;
    }
    let held = held.into_iter().map(|((subscriber, channel, why), changes)| {
        StatusLine::Held(HeldRecord { subscriber, channel, why: why.as_str(), changes })
    });
    let stops = store.stops()?.into_iter().map(|stop| {
        StatusLine::Stopped(StoppedRecord {
            subscriber: stop.subscriber,
            channel: "email".to_owned(),
            recipient: stop.recipient.to_string(),
            watch: stop.watch,
            why: stop.reason.as_str(),
            since: stop.at.to_string(),
        })
    });
    let disabled = store.endpoints()?.into_iter().filter_map(|endpoint| {
        // A mailbox that bounced is among the stops.
        let (at, why) = endpoint.health.disabled.filter(|(_, why)| *why != Disabled::Bounced)?;
        Some(StatusLine::Stopped(StoppedRecord {
            subscriber: endpoint.subscriber,
            channel: endpoint.channel,
            recipient: endpoint.recipient.to_string(),
            watch: None,
            why: why.as_str(),
            since: at.to_string(),
        }))
    });
    let alarms = store.alarms()?.into_iter().map(|alarm| {
        StatusLine::Alarm(AlarmRecord {
            kind: alarm.kind,
            about: alarm.about,
            what: alarm.what,
            since: alarm.since.to_string(),
        })
    });
    Ok(held.chain(stops).chain(disabled).chain(alarms).collect())
}

fn sources_of(settings: &Settings, store: &Store) -> Result<Vec<SourceRecord>, CliError> {
    let mut records = Vec::new();
    for source in &settings.sources {
        let state: SourceState = store.source_state(&source.id)?;
        records.push(SourceRecord {
            source: source.id.clone(),
            format: source.format.name,
            url: source.urls.first().map(url::Url::to_string).unwrap_or_default(),
            schedule: source.schedule.line().to_owned(),
            last_poll: state.last_poll.as_ref().map(PollRecord::from),
            last_accepted: state.last_accepted.map(|at| at.to_string()),
            troubles_in_a_row: state.n_troubles,
        });
    }
    Ok(records)
}

/// `stagewatch status`: exit 3 while a source is in trouble, a delivery was given up, somebody is not sent to, or an alarm lasts.
pub fn status(general: &General, json: bool, output: &mut Output) -> Result<Exit, CliError> {
    let (settings, store) = store_of(general)?;
    let sources = sources_of(&settings, &store)?;
    let counts = store.outbox_counts()?;
    let outbox = OutboxRecord {
        waiting: counts.n_waiting,
        under_way: counts.n_under_way,
        delivered: counts.n_delivered,
        failed: counts.n_failed,
        held: counts.n_held,
        dropped: counts.n_dropped,
    };
    let silences = silences_of(&store)?;
    let is_quiet = silences.iter().all(|line| matches!(line, StatusLine::Held(_)));
    let is_well = sources.iter().all(|source| source.troubles_in_a_row == 0) && outbox.failed == 0 && is_quiet;
    if json {
        for source in sources {
            output.json(&StatusLine::Source(source))?;
        }
        output.json(&StatusLine::Outbox(outbox))?;
        for line in &silences {
            output.json(line)?;
        }
    } else {
        show_status(sources, &outbox, output)?;
        for line in &silences {
            output.line(line.to_string())?;
        }
    }
    Ok(if is_well { Exit::Done } else { Exit::Doubtful })
}

fn show_status(sources: Vec<SourceRecord>, outbox: &OutboxRecord, output: &mut Output) -> Result<(), CliError> {
    let rows = sources.into_iter().map(|source| {
        let (at, outcome, why) = match source.last_poll {
            Some(poll) => (day(&poll.at), poll.outcome, poll.why.unwrap_or_default()),
            None => ("never".to_owned(), String::new(), String::new()),
        };
        let accepted = source.last_accepted.map_or_else(|| "never".to_owned(), |at| day(&at));
        vec![source.source, at, outcome, accepted, source.troubles_in_a_row.to_string(), harmless(&why)]
    });
    output.table(&["source", "last poll (utc)", "outcome", "last accepted", "troubles", "why"], rows.collect())?;
    let OutboxRecord { waiting, under_way, delivered, failed, held, dropped } = outbox;
    output.line(format!(
        "outbox: {waiting} waiting, {under_way} under way, {delivered} delivered, {failed} given up, {dropped} dropped"
    ))?;
    if *held > 0 {
        let them = if *held == 1 { "1 delivery".to_owned() } else { format!("{held} deliveries") };
        output.line(format!("held back: {them} to those who are stopped"))?;
    }
    Ok(())
}
