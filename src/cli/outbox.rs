//! `deliveries`, `redeliver`, `resume` and `test`: what went out, and sending it again. Works beside a running service, through the store:
//! what is due again is sent by the service, or by the next `once`.
#![expect(clippy::disallowed_methods, reason = "the command line reads the clock")]

use jiff::Timestamp;

use crate::config::settings::Settings;
use crate::config::subscriber::Subscriber;
use crate::daemon::catching_up::catch_up;
use crate::daemon::report::counted;
use crate::daemon::sampling::try_all;
use crate::deliver::Outcome;
use crate::masked::Recipient;
use crate::records::delivery::{AttemptRecord, DeliveryRecord};
use crate::store::deliveries::DeliveryFilter;
use crate::store::stops::Backlog;
use crate::store::{Delivery, DeliveryState, Store};

use super::arguments::{Deliveries, General, Redeliver};
use super::output::{Output, Tone, harmless};
use super::session::{CliError, Exit, house_over_what_is_there, quiet_house_of, store_of};

/// `stagewatch deliveries`.
pub fn deliveries(general: &General, asked: &Deliveries, output: &mut Output) -> Result<Exit, CliError> {
    let (settings, store) = store_of(general)?;
    if let Some(id) = &asked.id {
        return one(&store, id, asked.json, output);
    }
    let filter = DeliveryFilter {
        failed_only: asked.failed,
        unsettled_only: asked.unsettled,
        subscriber: asked.subscriber.clone(),
        since: asked.since,
        limit: None,
    };
    let found = store.deliveries(&filter)?;
    if let (Some(id), true) = (&asked.subscriber, found.is_empty()) {
        // Who left the configuration may have had deliveries; who was never in it is a slip of the pen.
        named(&settings, id)?;
    }
    if asked.json {
        for delivery in &found {
            output.json(&DeliveryRecord::from(delivery))?;
        }
        return Ok(Exit::Done);
    }
    if found.is_empty() {
        output.line("no deliveries")?;
        return Ok(Exit::Done);
    }
    let rows = found.iter().map(|delivery| {
        let record = DeliveryRecord::from(delivery);
        let when = record.settled_at.or(record.next_attempt_at).unwrap_or(record.created_at);
        vec![
            record.id,
            record.state,
            record.attempts.to_string(),
            moment(&when),
            format!("{} {} {}", record.subscriber, record.channel, record.recipient),
            harmless(&record.subject),
            harmless(&record.answer.unwrap_or_default()),
        ]
    });
    output.table(&["delivery", "state", "tries", "when (utc)", "to", "about", "answer"], rows.collect())?;
    Ok(Exit::Done)
}

fn one(store: &Store, id: &str, json: bool, output: &mut Output) -> Result<Exit, CliError> {
    let delivery = store.delivery(id)?.ok_or_else(|| {
        CliError::Unknown(format!("no delivery is called `{id}`; `stagewatch deliveries` lists those there are"))
    })?;
    let attempts = store.attempts(id)?;
    if json {
        output.json(&DeliveryRecord::from(&delivery))?;
        for attempt in &attempts {
            output.json(&AttemptRecord::from(attempt))?;
        }
        return Ok(Exit::Done);
    }
    let record = DeliveryRecord::from(&delivery);
    output.line(format!("{}  {}", output.toned(Tone::Strong, &record.id), record.state))?;
    output.line(format!("to {} by {} {}", record.subscriber, record.channel, record.recipient))?;
    output.line(harmless(&record.subject))?;
    output.line(format!("tells of {}", record.changes.join(", ")))?;
    let rows = attempts.iter().map(|attempt| {
        let record = AttemptRecord::from(attempt);
        vec![
            record.attempt.to_string(),
            moment(&record.begun_at),
            record.outcome.unwrap_or_else(|| "under way".to_owned()),
            harmless(&record.answer.unwrap_or_default()),
        ]
    });
    output.table(&["try", "begun (utc)", "outcome", "answer"], rows.collect())?;
    Ok(Exit::Done)
}

fn moment(text: &str) -> String {
    text.get(..19).unwrap_or(text).replace('T', " ")
}

/// `stagewatch redeliver`.
pub fn redeliver(general: &General, asked: &Redeliver, output: &mut Output) -> Result<Exit, CliError> {
    let house = house_over_what_is_there(general)?;
    let now = Timestamp::now();
    let subscriber = asked.subscriber.as_deref().map(|id| named(&house.settings, id)).transpose()?;
    let mut ids = asked.ids.clone();
    if asked.failed || asked.since.is_some() {
        let filter = DeliveryFilter {
            failed_only: asked.failed,
            subscriber: asked.subscriber.clone(),
            since: asked.since,
            ..DeliveryFilter::default()
        };
        // What waits already, or is held or was dropped on purpose, is not sent again by the way.
        let is_settled = |found: &Delivery| matches!(found.state, DeliveryState::Delivered | DeliveryState::Failed);
        let found = house.store.deliveries(&filter)?.into_iter().filter(is_settled);
        ids.extend(found.map(|found| found.delivery.id));
    }
    let mut n_due = 0;
    for id in &ids {
        if house.store.redeliver(id, now)? {
            n_due += 1;
        } else {
            output.line(format!("{id} is being sent at this moment"))?;
        }
    }
    output.line(format!("{} due again, under the same ids", are(n_due, "delivery is", "deliveries are")))?;
    if let (Some(subscriber), Some(since), false) = (subscriber, asked.since, asked.failed) {
        let n_new = catch_up(&house, subscriber, since, now).map_err(|source| CliError::CatchingUp {
            subscriber: subscriber.subscription.subscriber.clone(),
            source,
        })?;
        let told = are(n_new as u64, "delivery tells", "deliveries tell");
        output.line(format!("{told} of what `{}` was never told of", subscriber.subscription.subscriber))?;
    }
    output.line("a running service sends them within half a minute, and otherwise the next `stagewatch once`")?;
    Ok(Exit::Done)
}

fn are(number: u64, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}

/// `stagewatch resume`.
pub fn resume(
    general: &General,
    subscriber: &str,
    address: Option<&str>,
    backlog: Backlog,
    output: &mut Output,
) -> Result<Exit, CliError> {
    let (settings, store) = store_of(general)?;
    let recipient = address.map(Recipient::new);
    let resumed = store.resume(subscriber, recipient.as_ref(), backlog, Timestamp::now())?;
    let n_dropped = match (backlog, address) {
        (Backlog::Drop, None) => store.drop_held(subscriber)?,
        (Backlog::Drop | Backlog::Send, _) => 0,
    };
    if resumed.n_stops + resumed.n_endpoints + resumed.n_deliveries + n_dropped == 0 {
        // Who left the configuration may have left something behind; who was never in it is a slip of the pen.
        named(&settings, subscriber)?;
        output
            .line(format!("nothing was stopped or held back for `{subscriber}`; `stagewatch status` shows what is"))?;
        return Ok(Exit::Done);
    }
    let become_of = match backlog {
        Backlog::Send => "due now",
        Backlog::Drop => "dropped",
    };
    output.line(format!(
        "`{subscriber}`: {} lifted, {} enabled, {} {become_of}",
        counted(resumed.n_stops, "stop"),
        counted(resumed.n_endpoints, "endpoint"),
        are(resumed.n_deliveries, "delivery", "deliveries")
    ))?;
    if n_dropped > 0 {
        output
            .line(format!("{} that waited for a digest or the end of a pause dropped", counted(n_dropped, "change")))?;
    }
    Ok(Exit::Done)
}

/// `stagewatch test`: exit 3 when an other side did not take it.
pub async fn test(general: &General, subscriber: &str, output: &mut Output) -> Result<Exit, CliError> {
    let house = quiet_house_of(general)?;
    let known = named(&house.settings, subscriber)?;
    let tried = try_all(&house, known, Timestamp::now())
        .await
        .map_err(|source| CliError::CatchingUp { subscriber: subscriber.to_owned(), source })?;
    let mut exit = if tried.is_empty() { Exit::Doubtful } else { Exit::Done };
    for one in tried {
        let (tone, verdict, answer) = match &one.outcome {
            Outcome::Delivered { answer } => (Tone::Good, "took it", answer),
            Outcome::TryAgain { why, .. } => (Tone::Warning, "did not take it now", why),
            Outcome::ForOperator { why } => (Tone::Bad, "cannot be reached before you mend something", why),
            Outcome::Refused { why } => (Tone::Bad, "refused it", why),
            Outcome::Gone { why } => (Tone::Bad, "is gone", why),
        };
        if !matches!(one.outcome, Outcome::Delivered { .. }) {
            exit = Exit::Doubtful;
        }
        let verdict = output.toned(tone, verdict);
        // Whom it is for is said by the verdict.
        let answer = harmless(answer.strip_prefix("for the operator: ").unwrap_or(answer));
        output.line(format!("{} {} {verdict}: {answer}", one.channel, one.recipient))?;
    }
    for stop in house.store.stops()?.into_iter().filter(|stop| stop.subscriber == subscriber) {
        let of = stop.watch.map(|watch| format!(" about `{watch}`")).unwrap_or_default();
        let (recipient, reason) = (&stop.recipient, stop.reason.as_str());
        output.line(format!("{recipient} is not written to{of}: {reason} since {:.0}", stop.at))?;
        exit = Exit::Doubtful;
    }
    Ok(exit)
}

fn named<'a>(settings: &'a Settings, id: &str) -> Result<&'a Subscriber, CliError> {
    settings.subscriber(id).ok_or_else(|| {
        let known: Vec<&str> = settings
            .subscribers
            .iter()
            .chain(&settings.operator)
            .map(|known| known.subscription.subscriber.as_str())
            .collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        CliError::Unknown(format!("no subscriber is called `{id}`; the configuration has {known}"))
    })
}
