//! When to poll: asks the rule in `timing`, holds the clock against it, and polls. Sources are polled side by side; the fetcher sees to
//! it that one host is asked one thing at a time.
#![expect(clippy::disallowed_methods, reason = "the wiring reads the clock")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::config::source::Source;
use crate::formats::refusal::RefusalKind;
use crate::store::PollOutcome;
use crate::store::error::StoreError;
use crate::timing::waiting::{Trouble, Troubles, next_ask};

use super::poll::{PollError, Polled, poll};
use super::progress::Round;
use super::report::{ToldDefects, tell, tell_operator};
use super::{House, systemd};

/// The longest sleep: after it the clock is looked at again, so that a clock that was set, or a machine that slept, is noticed.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// The longest poll: many pages of one host, each at its own deadline, behind the polls of other sources of that host.
const LONGEST_POLL: Duration = Duration::from_hours(6);

/// How long to wait with a poll that could not be written down.
const REST_OF_DISK: SignedDuration = SignedDuration::from_mins(1);

/// By how much a clock that runs well may be set back.
const CORRECTION: SignedDuration = SignedDuration::from_hours(1);

/// A poll that ended: its source, and what came of it.
type Ended = (Source, Result<Polled, PollError>);

/// What the scheduler has on its desk.
struct Desk {
    house: House,
    /// When each source is asked next; not those that are being asked.
    next: BTreeMap<String, Timestamp>,
    under_way: JoinSet<Ended>,
    /// The sources that are being asked, each since when.
    asked: BTreeMap<String, Instant>,
    told: ToldDefects,
}

/// Polls every source when it is due, until told to stop. Another house takes over between two looks at the clock: polls under way end
/// in the one that they began in.
pub async fn run(mut houses: watch::Receiver<House>, stop: CancellationToken) -> Result<(), PollError> {
    let house = houses.borrow_and_update().clone();
    let next = first_polls(&house, Timestamp::now())?;
    systemd::tell_standing(&house)?;
    let (under_way, asked, told) = (JoinSet::new(), BTreeMap::new(), ToldDefects::default());
    let mut desk = Desk { house, next, under_way, asked, told };
    let mut looked_at = Timestamp::now();
    loop {
        let now = Timestamp::now();
        if !desk.hangs() {
            desk.house.progress.moved(Round::Scheduler);
        }
        let is_new = houses.has_changed().unwrap_or(false);
        if is_new {
            desk.house = houses.borrow_and_update().clone();
        }
        // When the clock was set back, what it said of the future is not to be waited for.
        if is_new || is_ahead(looked_at, now) {
            desk.plan_anew(now)?;
        }
        looked_at = now;
        desk.hear_wishes(now);
        desk.ask_whoever_is_due(now);
        let rest = sleep_until(&desk.next, now).min(desk.house.progress.rest());
        tokio::select! {
            Some(ended) = desk.under_way.join_next() => {
                // A task that panicked is a fault of ours: the service ends and is started again.
                let (source, polled) = ended.map_err(|_| PollError::ReaderPanicked)?;
                desk.take_back(&source, polled, Timestamp::now())?;
            }
            Ok(()) = houses.changed() => {
                // Not yet taken: the next look does.
                houses.mark_changed();
            }
            () = desk.house.wanted.added() => {}
            () = tokio::time::sleep(rest) => {}
            () = stop.cancelled() => return Ok(()),
        }
    }
}

impl Desk {
    /// Whether a poll takes longer than any can.
    fn hangs(&self) -> bool {
        self.asked.values().any(|since| since.elapsed() > LONGEST_POLL)
    }

    /// Every source that is not being asked, at its next time.
    fn plan_anew(&mut self, now: Timestamp) -> Result<(), StoreError> {
        self.next = first_polls(&self.house, now)?;
        self.next.retain(|source, _| !self.asked.contains_key(source));
        Ok(())
    }

    /// Whoever is wanted now and not being asked already is due now.
    fn hear_wishes(&mut self, now: Timestamp) {
        let wish = self.house.wanted.take();
        for (_, at) in self.next.iter_mut().filter(|(source, _)| wish.names(source)) {
            *at = now;
        }
    }

    fn ask_whoever_is_due(&mut self, now: Timestamp) {
        for source in due(&self.house, &self.next, now) {
            self.next.remove(&source.id);
            self.asked.insert(source.id.clone(), Instant::now());
            let house = self.house.clone();
            self.under_way.spawn(async move {
                let polled = poll(&house, &source, now).await;
                (source, polled)
            });
        }
    }

    /// A poll ended. The source may be another one by now, or gone.
    fn take_back(
        &mut self,
        source: &Source,
        polled: Result<Polled, PollError>,
        now: Timestamp,
    ) -> Result<(), PollError> {
        self.asked.remove(&source.id);
        let present = self.house.settings.source(&source.id).cloned();
        let at = after(&self.house, present.as_ref().unwrap_or(source), polled, &mut self.told, now)?;
        if present.is_some() {
            self.next.insert(source.id.clone(), at);
        }
        systemd::tell_standing(&self.house)?;
        Ok(())
    }
}

/// On start a source is due at once when it was never polled, or when a poll was missed while we were away; a rest that it was given
/// outlives a restart, but no clock that was ahead.
fn first_polls(house: &House, now: Timestamp) -> Result<BTreeMap<String, Timestamp>, StoreError> {
    let mut next = BTreeMap::new();
    for source in &house.settings.sources {
        let state = house.store.source_state(&source.id)?;
        // A poll that lies ahead was made by a clock that was wrong, and says nothing.
        let troubles = state.troubles();
        let last = state.last_poll.filter(|last| !is_ahead(last.at, now));
        let at = last.map_or(now, |last| next_ask(&source.schedule, &source.id, last.at, &troubles).max(now));
        next.insert(source.id.clone(), at);
    }
    Ok(next)
}

/// Whether a moment that is past lies ahead, by more than clocks are corrected by while they run well.
fn is_ahead(past: Timestamp, now: Timestamp) -> bool {
    past.duration_since(now) > CORRECTION
}

fn due(house: &House, next: &BTreeMap<String, Timestamp>, now: Timestamp) -> Vec<Source> {
    house.settings.sources.iter().filter(|source| next.get(&source.id).is_some_and(|at| *at <= now)).cloned().collect()
}

fn sleep_until(next: &BTreeMap<String, Timestamp>, now: Timestamp) -> Duration {
    let earliest = next.values().min().map(|at| at.duration_since(now));
    earliest.map_or(LONGEST_SLEEP, |wait| Duration::try_from(wait).unwrap_or_default()).min(LONGEST_SLEEP)
}

/// Tells what came of a poll, wakes the dispatcher, and says when the next one is due.
fn after(
    house: &House,
    source: &Source,
    polled: Result<Polled, PollError>,
    told: &mut ToldDefects,
    now: Timestamp,
) -> Result<Timestamp, PollError> {
    let polled = match polled {
        // The disk may come back: what this poll would have found is found then.
        Err(PollError::Store(error)) if error.is_transient() => {
            house.disk.failed(&error, now);
            return Ok(now.saturating_add(REST_OF_DISK).unwrap_or(now));
        }
        polled => polled?,
    };
    house.oddities.note(&polled);
    if !polled.changes.is_empty() {
        house.outbox_filled.notify_one();
    }
    let n_troubles = house.store.source_state(&source.id)?.n_troubles;
    let troubles = Troubles { n_troubles, last: trouble_of(&polled), asked: polled.stay_away };
    tell_operator(&source.id, polled.n_troubles_before, n_troubles, house.settings.doubt.tell_after);
    let next = next_ask(&source.schedule, &source.id, now, &troubles);
    tell(source, &polled, &told.news(&polled), Some(next));
    Ok(next)
}

/// What a poll says about when to ask again.
fn trouble_of(polled: &Polled) -> Trouble {
    match (polled.poll.outcome, polled.refusal.as_ref().map(|refusal| refusal.kind)) {
        (_, Some(RefusalKind::Blocked | RefusalKind::Challenge)) => Trouble::Block,
        (_, Some(RefusalKind::ServerError | RefusalKind::Maintenance | RefusalKind::Truncated))
        | (PollOutcome::Failed, None) => Trouble::Failure,
        (_, _) => Trouble::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{self, environment::Environment};
    use crate::daemon::gather::{Received, sheet_of};
    use crate::daemon::poll::blank;
    use crate::store::{Poll, Store};

    /// A house with one source that is due every five minutes, and the folder that it lives in.
    fn house_of(schedule: &str) -> (tempfile::TempDir, House) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("stagewatch.toml");
        let source = format!(
            "[[source]]\nid = \"a\"\nformat = \"samr-plans\"\nurl = \"https://std.example/\"\nschedule = \"{schedule}\"\n"
        );
        let database = folder.path().join("stagewatch.db").display().to_string();
        std::fs::write(&file, format!("[state]\ndatabase = \"sqlite:{database}\"\n{source}")).unwrap();
        let environment = Environment::from_variables(folder.path().to_owned(), |_| None);
        let settings = config::load(Some(&file), &environment).unwrap().settings;
        let store = Store::open(&settings.state).unwrap();
        (folder, House::open(settings, store).unwrap())
    }

    #[test]
    fn a_block_whatever_it_looks_like_is_followed_by_a_rest_that_doubles_and_outlives_a_restart() {
        let (_folder, house) = house_of("*/5 * * * *");
        let source = house.settings.source("a").unwrap().clone();
        let begun: Timestamp = "2026-05-12T12:00:00Z".parse().unwrap();
        let blocks: [(u16, &[u8]); 3] =
            [(403, b"<html></html>"), (200, r#"{"code":500,"message":"访问过于频繁"}"#.as_bytes()), (429, b"")];
        let mut now = begun;
        let mut rests = Vec::new();
        for (status, body) in blocks.into_iter().chain([(200, b"{\"total\":0,\"rows\":[]}".as_slice())]) {
            let refusal = refusal_of(&source, status, body);
            let outcome = if refusal.is_some() { PollOutcome::Refused } else { PollOutcome::Unchanged };
            let polled = Polled { refusal, ..Polled::of(Poll { outcome, ..blank("a", now, Duration::ZERO) }) };
            house.store.record_poll(&polled.poll, &[]).unwrap();
            let next = after(&house, &source, Ok(polled), &mut ToldDefects::default(), now).unwrap();
            assert!(outcome != PollOutcome::Refused || first_polls(&house, now).unwrap()["a"] >= next);
            rests.push(next.duration_since(now).as_mins());
            now = next;
        }
        assert_eq!(rests[..3], [15, 30, 60]);
        assert!(rests[3] <= 10, "the schedule again: {rests:?}");
    }

    /// Why an answer is no page, as a poll finds it.
    fn refusal_of(source: &Source, status: u16, body: &[u8]) -> Option<crate::formats::refusal::Refusal> {
        let saved = Received::saved(source.urls[0].clone(), None, body.to_vec());
        sheet_of(source.format, &source.scope, Received { status, ..saved }, Timestamp::UNIX_EPOCH).err()
    }

    #[test]
    fn a_source_that_was_polled_by_a_clock_ahead_of_its_time_is_due_at_once() {
        let (_folder, house) = house_of("0 9 * * *");
        let now: Timestamp = "2026-05-12T12:00:00Z".parse().unwrap();
        for (last, due) in
            [("2026-05-12T09:00:00Z", "2026-05-13T09:00:00Z"), ("2038-01-19T03:14:08Z", "2026-05-12T12:00:00Z")]
        {
            let polled = blank("a", last.parse().unwrap(), Duration::ZERO);
            house.store.record_poll(&Poll { outcome: PollOutcome::Unchanged, ..polled }, &[]).unwrap();
            let (next, due) = (first_polls(&house, now).unwrap()["a"], due.parse::<Timestamp>().unwrap());
            let put_off = next.duration_since(due);
            assert!((0..=300).contains(&put_off.as_secs()), "after a poll at {last}: {next}");
        }
    }
}
