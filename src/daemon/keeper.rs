//! What has its time and no page to wait for: reminders of the calendar, digests, the end of quiet hours. Wakes every few seconds, looks
//! at clock and store, and does what is due.
#![expect(clippy::disallowed_methods, reason = "the wiring reads the clock")]

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::calendar::tell_ahead;
use super::clock::Clock;
use super::poll::PollError;
use super::progress::Round;
use super::releasing::release_due;
use super::troubles::Signs;
use super::{House, operator};

/// How long to sleep: digests are due on the minute.
const PERIOD: Duration = Duration::from_secs(10);

/// How often the calendar is looked at besides the polls: a source may be asked once a week only, or be away.
const CALENDAR_PERIOD: SignedDuration = SignedDuration::from_hours(1);

/// A service that has run for so long has polled every source that was due.
const SETTLED_AFTER: Duration = Duration::from_hours(1);

/// Does what is due until told to stop.
pub async fn run(houses: watch::Receiver<House>, stop: CancellationToken) -> Result<(), PollError> {
    let (begun, clock, calendar_at) = (Instant::now(), Clock::default(), Timestamp::now());
    let mut keeper = Keeper { begun, clock, calendar_at, shouting: JoinSet::new() };
    while !stop.is_cancelled() {
        let house = houses.borrow().clone();
        house.progress.moved(Round::Keeper);
        let now = Timestamp::now();
        if let Err(error) = keeper.look(&house, now) {
            match error {
                PollError::Store(error) if error.is_transient() => house.disk.failed(&error, now),
                error => return Err(error),
            }
        }
        if let Some(trouble) = house.disk.trouble().filter(|trouble| !trouble.is_told) {
            let house = house.clone();
            // A server that is slow to hear of it must not look like a round that hangs.
            let shout = async move { operator::shout(&house, &trouble, now).await };
            if !is_under_way(&mut keeper.shouting) {
                keeper.shouting.spawn(shout);
            }
        }
        tokio::select! {
            () = tokio::time::sleep(PERIOD.min(house.progress.rest())) => {}
            () = stop.cancelled() => {}
        }
    }
    Ok(())
}

/// What is kept in mind between two looks.
struct Keeper {
    begun: Instant,
    clock: Clock,
    calendar_at: Timestamp,
    /// The word of a disk that takes no outbox, while it is under way.
    shouting: JoinSet<()>,
}

/// Whether something is under way; what has ended is forgotten.
fn is_under_way(errands: &mut JoinSet<()>) -> bool {
    while errands.try_join_next().is_some() {}
    !errands.is_empty()
}

impl Keeper {
    fn look(&mut self, house: &House, now: Timestamp) -> Result<(), PollError> {
        let seen_alive = house.store.beat(now)?;
        if let Some(mut over) = house.disk.worked() {
            // Whoever may be hearing of it at this moment hears of its end, too.
            over.is_told |= is_under_way(&mut self.shouting);
            self.shouting.abort_all();
            operator::tell_disk_works(house, &over, now)?;
        }
        let jump = self.clock.look(now, seen_alive);
        // A clock that was set back must not put the calendar off until it has caught up.
        if now.duration_since(self.calendar_at).abs() >= CALENDAR_PERIOD {
            self.calendar_at = now;
            for source in &house.settings.sources {
                tell_ahead(house, source, now)?;
            }
        }
        release_due(house, now)?;
        let signs = Signs { jump, is_settled: self.begun.elapsed() >= SETTLED_AFTER };
        operator::tell_news(house, signs, now).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;

    #[tokio::test]
    async fn a_word_that_nobody_takes_is_under_way_until_it_is_called_off() {
        let mut errands = JoinSet::new();
        assert!(!is_under_way(&mut errands));
        errands.spawn(pending());
        tokio::task::yield_now().await;
        assert!(is_under_way(&mut errands), "it is not begun a second time");
        errands.abort_all();
        tokio::task::yield_now().await;
        assert!(!is_under_way(&mut errands));
    }
}
