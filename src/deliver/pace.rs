//! Turns at one address: services that people read allow so many messages a minute, and shut out who sends more. Not the waiting after a
//! failure, which is the outbox's.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// When each address may be posted to next.
#[derive(Debug, Default)]
pub(super) struct Pace {
    next: Mutex<HashMap<String, Instant>>,
}

impl Pace {
    /// When it is this message's turn, asked at `now`; the next one's comes `pause` later.
    pub(super) fn turn(&self, address: &str, pause: Duration, now: Instant) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        // What has passed says nothing any more.
        next.retain(|_, turn| *turn > now);
        let turn = next.get(address).copied().unwrap_or(now);
        next.insert(address.to_owned(), turn + pause);
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any moment will do")]
    fn one_address_has_its_turns_and_another_its_own() {
        let (pace, now, pause) = (Pace::default(), Instant::now(), Duration::from_secs(3));
        let turns: Vec<u64> = (0..3).map(|_| (pace.turn("a", pause, now) - now).as_secs()).collect();
        assert_eq!(turns, [0, 3, 6]);
        assert_eq!(pace.turn("b", pause, now), now);
        let later = now + Duration::from_mins(1);
        assert_eq!(pace.turn("a", pause, later), later, "nobody waits for what has passed");
    }
}
