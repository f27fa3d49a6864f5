//! What the service manager is told, by the protocol of `sd_notify(3)`. Where nobody asked (`$NOTIFY_SOCKET`), nothing is said.
//!
//! Not when to say it: that is for the start, the loops and the end.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sd_notify::NotifyState;

use crate::store::SourceState;
use crate::store::deliveries::OutboxCounts;
use crate::store::error::StoreError;
use crate::store::migrations::Upgrade;

use super::House;
use super::report::counted;

/// How long one part of an upgrade of the database may take beyond the time that a start has: at worst all of it is copied, or its largest
/// table written anew.
const PART_OF_AN_UPGRADE: Duration = Duration::from_mins(10);

/// How far apart the standing is told while deliveries come and go.
const BETWEEN_STANDINGS: Duration = Duration::from_secs(1);

/// How often the service manager wants to hear that we are alive; `None` where it does not care.
pub fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled()
}

/// The start is over.
pub(super) fn ready() {
    tell(&[NotifyState::Ready]);
}

/// The loops move.
pub(super) fn alive() {
    tell(&[NotifyState::Watchdog]);
}

/// The database is brought up to date: each part of that may take longer than a start usually does.
pub fn upgrading(upgrade: &Upgrade) {
    let status = match upgrade {
        Upgrade::Copy { from, to, copy } => {
            let copy = copy.display();
            format!("the database is of schema {from} and is brought to {to}; a copy is kept as {copy}")
        }
        Upgrade::Make => "making the database: there was none".to_owned(),
        Upgrade::Step { number, of } => format!("bringing the database up to date: step {number} of {of}"),
        Upgrade::Changes => "bringing the database up to date: its changes".to_owned(),
    };
    if *upgrade != Upgrade::Changes {
        tracing::info!("{status}");
    }
    let microseconds = u32::try_from(PART_OF_AN_UPGRADE.as_micros()).unwrap_or(u32::MAX);
    tell(&[NotifyState::ExtendTimeoutUsec(microseconds), NotifyState::Status(&status)]);
}

/// Another configuration is being read. The time goes along in the same datagram: without it systemd from 253 on ends the service.
pub(super) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::warn!(%error, "could not read the monotonic clock: the reload is not announced"),
    }
}

/// The end has begun.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("stopping: what is under way gets a few seconds")]);
}

/// The line of `systemctl status` while things move fast: it counts the whole outbox, and is told of many changes at once.
#[derive(Debug, Default)]
pub(super) struct Standing {
    has_changed: bool,
    told_at: Option<Instant>,
}

impl Standing {
    /// It is another than was told.
    pub(super) fn changed(&mut self) {
        self.has_changed = true;
    }

    /// How long it takes until it is told; `None` where nothing has changed.
    pub(super) fn wait(&self, now: Instant) -> Option<Duration> {
        let rest = |told: Instant| BETWEEN_STANDINGS.saturating_sub(now.saturating_duration_since(told));
        self.has_changed.then(|| self.told_at.map_or(Duration::ZERO, rest))
    }

    /// Tells it where it is time to.
    pub(super) fn tell(&mut self, house: &House, now: Instant) -> Result<(), StoreError> {
        if self.wait(now) != Some(Duration::ZERO) {
            return Ok(());
        }
        *self = Standing { has_changed: false, told_at: Some(now) };
        tell_standing(house)
    }
}

/// How things stand, in the line that `systemctl status` shows.
pub(super) fn tell_standing(house: &House) -> Result<(), StoreError> {
    if !is_asked() {
        return Ok(());
    }
    let mut states = house.store.source_states()?;
    states.retain(|source, _| house.settings.source(source).is_some());
    let line = standing(house.settings.sources.len(), &states, house.store.outbox_counts()?);
    tell(&[NotifyState::Status(&line)]);
    Ok(())
}

/// `6 sources, last poll 2026-11-26 12:00 UTC, 1 in trouble; outbox: 2 waiting, 0 given up`.
fn standing(n_sources: usize, states: &BTreeMap<String, SourceState>, outbox: OutboxCounts) -> String {
    let last = states.values().filter_map(|state| state.last_poll.as_ref()).map(|poll| poll.at).max();
    let last =
        last.map_or_else(|| "no poll yet".to_owned(), |at| format!("last poll {}", at.strftime("%Y-%m-%d %H:%M UTC")));
    let n_troubled = states.values().filter(|state| state.n_troubles > 0).count();
    let waiting = outbox.n_waiting + outbox.n_under_way;
    format!(
        "{}, {last}, {n_troubled} in trouble; outbox: {waiting} waiting, {} given up",
        counted(n_sources as u64, "source"),
        outbox.n_failed
    )
}

#[expect(clippy::disallowed_methods, reason = "where the service manager listens is a matter of the environment")]
fn is_asked() -> bool {
    std::env::var_os("NOTIFY_SOCKET").is_some()
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "could not tell the service manager how things stand");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::daemon::poll::blank;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "instants come from nowhere else")]
    fn the_standing_is_told_at_once_then_once_a_second_and_the_last_change_of_many_in_the_end() {
        let begun = Instant::now();
        let after = |milliseconds: u64| begun + Duration::from_millis(milliseconds);
        let mut standing = Standing::default();
        assert_eq!(standing.wait(after(0)), None, "nothing has changed");
        standing.changed();
        assert_eq!(standing.wait(after(0)), Some(Duration::ZERO));
        standing = Standing { has_changed: false, told_at: Some(after(0)) };
        assert_eq!(standing.wait(after(10)), None);
        standing.changed();
        standing.changed();
        assert_eq!(standing.wait(after(400)), Some(Duration::from_millis(600)));
        assert_eq!(standing.wait(after(1000)), Some(Duration::ZERO));
    }

    #[test]
    fn the_status_line_says_what_an_administrator_looks_for() {
        let poll = |at: &str| Some(blank("a", at.parse().unwrap(), Duration::ZERO));
        let states = BTreeMap::from([
            (
                "a".to_owned(),
                SourceState { last_poll: poll("2026-05-12T09:00:00Z"), n_troubles: 2, ..SourceState::default() },
            ),
            ("b".to_owned(), SourceState { last_poll: poll("2026-05-12T10:30:00Z"), ..SourceState::default() }),
        ]);
        let outbox =
            OutboxCounts { n_waiting: 1, n_under_way: 1, n_delivered: 7, n_failed: 3, ..OutboxCounts::default() };
        assert_eq!(
            standing(2, &states, outbox),
            "2 sources, last poll 2026-05-12 10:30 UTC, 1 in trouble; outbox: 2 waiting, 3 given up"
        );
        assert_eq!(
            standing(1, &BTreeMap::new(), OutboxCounts::default()),
            "1 source, no poll yet, 0 in trouble; outbox: 0 waiting, 0 given up"
        );
    }
}
