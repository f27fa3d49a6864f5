//! What has its time and no page to wait for: reminders of the calendar, digests, the end of quiet hours. Wakes every few seconds, looks
//! at clock and store, and does what is due.
#![expect(clippy::disallowed_methods, reason = "the wiring reads the clock")]

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::House;
use super::calendar::tell_ahead;
use super::poll::PollError;
use super::progress::Round;
use super::releasing::release_due;

/// How long to sleep: digests are due on the minute.
const PERIOD: Duration = Duration::from_secs(10);

/// How often the calendar is looked at besides the polls: a source may be asked once a week only, or be away.
const CALENDAR_PERIOD: SignedDuration = SignedDuration::from_hours(1);

/// Does what is due until told to stop.
pub async fn run(houses: watch::Receiver<House>, stop: CancellationToken) -> Result<(), PollError> {
    let mut calendar_at = Timestamp::now();
    while !stop.is_cancelled() {
        let house = houses.borrow().clone();
        house.progress.moved(Round::Keeper);
        let now = Timestamp::now();
        if let Err(error) = look(&house, &mut calendar_at, now) {
            match error {
                PollError::Store(error) if error.is_transient() => house.disk.failed(&error, now),
                error => return Err(error),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(PERIOD.min(house.progress.rest())) => {}
            () = stop.cancelled() => {}
        }
    }
    Ok(())
}

fn look(house: &House, calendar_at: &mut Timestamp, now: Timestamp) -> Result<(), PollError> {
    house.store.beat(now)?;
    house.disk.worked();
    // A clock that was set back must not put the calendar off until it has caught up.
    if now.duration_since(*calendar_at).abs() >= CALENDAR_PERIOD {
        *calendar_at = now;
        for source in &house.settings.sources {
            tell_ahead(house, source, now)?;
        }
    }
    release_due(house, now).map(|_| ())
}
