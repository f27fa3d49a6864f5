//! `changes`, `diff`, `evidence`, `deliveries` and `status`: what happened, from the store. Asks nobody and changes nothing.
#![expect(clippy::disallowed_methods, reason = "evidence is written to a file")]

use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use crate::changes::change::RecordedChange;
use crate::changes::notice_sentence::sentence;
use crate::config::settings::Settings;
use crate::formats::Content;
use crate::records::change::ChangeRecord;
use crate::standards::language::Language;
use crate::store::changes::ChangeFilter;
use crate::store::deliveries::DeliveryFilter;
use crate::store::{Delivery, DeliveryState, Poll, SourceState, Store};
use crate::web::evidence::{bundle, whole_diff};

use super::arguments::General;
use super::output::{Output, Tone, harmless};
use super::session::{CliError, Exit, store_of};

/// `stagewatch changes`.
pub fn changes(general: &General, since: Option<Timestamp>, json: bool, output: &mut Output) -> Result<Exit, CliError> {
    let (_, store) = store_of(general)?;
    let found = store.changes(&ChangeFilter { since, ..ChangeFilter::default() })?;
    for change in &found {
        if json {
            output.json(&ChangeRecord::from(change))?;
        } else {
            let day = change.seen_at.strftime("%Y-%m-%d %H:%M");
            let told = if change.announced { "" } else { "  (not announced)" };
            output.line(format!("{day}  {}{told}", output.toned(Tone::Strong, &change.id)))?;
            output.line(format!("  {}", harmless(&sentence(change, Language::English))))?;
        }
    }
    if found.is_empty() && !json {
        output.line("nothing changed")?;
    }
    Ok(Exit::Done)
}

/// What kind of text the source of a change serves; one that left the configuration is taken for a web page.
fn content_of(settings: &Settings, change: &RecordedChange) -> Content {
    settings.source(&change.evidence.source).map_or(Content::Html, |source| source.format.content)
}

/// `stagewatch evidence`.
pub fn evidence(general: &General, id: &str, file: &Path, output: &mut Output) -> Result<Exit, CliError> {
    let (settings, store) = store_of(general)?;
    let change = store.change(id)?.ok_or_else(|| {
        CliError::Unknown(format!("no change is called `{id}`; `stagewatch changes` lists those there are"))
    })?;
    let zip = bundle(&store, &change, content_of(&settings, &change))
        .map_err(|source| CliError::Evidence { id: id.to_owned(), source })?;
    let path = file.display().to_string();
    std::fs::write(file, &zip).map_err(|source| CliError::Write { path: path.clone(), source })?;
    output.line(format!("{path}: {} bytes; `sha256sum -c SHA256SUMS` checks what is in it", zip.len()))?;
    Ok(Exit::Done)
}

/// `stagewatch diff`.
pub fn diff(general: &General, id: &str, output: &mut Output) -> Result<Exit, CliError> {
    let (settings, store) = store_of(general)?;
    let change = store.change(id)?.ok_or_else(|| {
        CliError::Unknown(format!("no change is called `{id}`; `stagewatch changes` lists those there are"))
    })?;
    let content = content_of(&settings, &change);
    let diff =
        whole_diff(&store, &change, content).map_err(|source| CliError::Evidence { id: id.to_owned(), source })?;
    for line in diff.lines() {
        let line = harmless(line);
        let tone = match line.as_bytes().first() {
            Some(b'+') => Some(Tone::Good),
            Some(b'-') => Some(Tone::Bad),
            Some(b'@') => Some(Tone::Faint),
            _ => None,
        };
        output.line(tone.map_or_else(|| line.clone(), |tone| output.toned(tone, &line)))?;
    }
    Ok(Exit::Done)
}

/// A delivery on the wire. No recipient in clear: its masked form is what logs show too.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct DeliveryRecord {
    id: String,
    subscriber: String,
    channel: String,
    recipient: String,
    subject: String,
    changes: Vec<String>,
    state: &'static str,
    attempts: u32,
    created_at: String,
    next_attempt_at: Option<String>,
    settled_at: Option<String>,
    answer: Option<String>,
}

impl From<&Delivery> for DeliveryRecord {
    fn from(delivery: &Delivery) -> DeliveryRecord {
        let is_open = matches!(delivery.state, DeliveryState::Waiting | DeliveryState::UnderWay);
        let written = &delivery.delivery;
        DeliveryRecord {
            id: written.id.clone(),
            subscriber: written.subscriber.clone(),
            channel: written.channel.clone(),
            recipient: written.recipient.to_string(),
            subject: written.subject.clone(),
            changes: written.changes.clone(),
            state: delivery.state.as_str(),
            attempts: delivery.n_attempts,
            created_at: written.created_at.to_string(),
            next_attempt_at: is_open.then(|| delivery.next_attempt_at.to_string()),
            settled_at: delivery.settled_at.map(|at| at.to_string()),
            answer: delivery.last_answer.clone(),
        }
    }
}

/// `stagewatch deliveries`.
pub fn deliveries(general: &General, failed: bool, json: bool, output: &mut Output) -> Result<Exit, CliError> {
    let (_, store) = store_of(general)?;
    let found = store.deliveries(&DeliveryFilter { failed_only: failed, ..DeliveryFilter::default() })?;
    if json {
        for delivery in &found {
            output.json(&DeliveryRecord::from(delivery))?;
        }
        return Ok(Exit::Done);
    }
    let rows = found.iter().map(|delivery| {
        let record = DeliveryRecord::from(delivery);
        let when = record.settled_at.or(record.next_attempt_at).unwrap_or_default();
        vec![
            record.id,
            record.state.to_owned(),
            record.attempts.to_string(),
            when.get(..19).unwrap_or(&when).replace('T', " "),
            format!("{} {}", record.channel, record.recipient),
            harmless(&record.subject),
            harmless(&record.answer.unwrap_or_default()),
        ]
    });
    output.table(&["delivery", "state", "tries", "when (utc)", "to", "about", "answer"], rows.collect())?;
    Ok(Exit::Done)
}

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

/// A poll on the wire.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct PollRecord {
    at: String,
    outcome: &'static str,
    why: Option<String>,
    projects: u64,
    defects: u64,
    changes: u64,
}

impl From<&Poll> for PollRecord {
    fn from(poll: &Poll) -> PollRecord {
        PollRecord {
            at: poll.at.to_string(),
            outcome: poll.outcome.as_str(),
            why: poll.why.clone(),
            projects: poll.n_projects,
            defects: poll.n_defects,
            changes: poll.n_changes,
        }
    }
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

/// `stagewatch status`: exit 3 while a source is in trouble or a delivery was given up.
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
    let is_well = sources.iter().all(|source| source.troubles_in_a_row == 0) && outbox.failed == 0;
    if json {
        for source in sources {
            output.json(&StatusLine::Source(source))?;
        }
        output.json(&StatusLine::Outbox(outbox))?;
    } else {
        show_status(sources, &outbox, output)?;
    }
    Ok(if is_well { Exit::Done } else { Exit::Doubtful })
}

fn show_status(sources: Vec<SourceRecord>, outbox: &OutboxRecord, output: &mut Output) -> Result<(), CliError> {
    let day = |moment: &str| moment.get(..16).unwrap_or(moment).replace('T', " ");
    let rows = sources.into_iter().map(|source| {
        let (at, outcome, why) = match source.last_poll {
            Some(poll) => (day(&poll.at), poll.outcome.to_owned(), poll.why.unwrap_or_default()),
            None => ("never".to_owned(), String::new(), String::new()),
        };
        let accepted = source.last_accepted.map_or_else(|| "never".to_owned(), |at| day(&at));
        vec![source.source, at, outcome, accepted, source.troubles_in_a_row.to_string(), harmless(&why)]
    });
    output.table(&["source", "last poll (utc)", "outcome", "last accepted", "troubles", "why"], rows.collect())?;
    let OutboxRecord { waiting, under_way, delivered, failed, held, dropped } = outbox;
    Ok(output.line(format!(
        "outbox: {waiting} waiting, {under_way} under way, {delivered} delivered, {failed} given up, {held} held back, {dropped} dropped"
    ))?)
}
