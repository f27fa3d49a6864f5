//! Whether the clock runs: what it shows is held against what passed since the last look, and against when we were last seen alive.
#![expect(clippy::disallowed_methods, reason = "what passed is measured by a clock that nobody sets")]

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use crate::changes::alarms::Jump;

/// Clocks that run well are corrected by less.
const CORRECTION: SignedDuration = SignedDuration::from_hours(1);

/// A machine sleeps for days, and its clock then seems to have jumped; longer than this is no sleep.
const LONGEST_SLEEP: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A clock that has run for so long since it jumped runs again.
const STEADY: Duration = Duration::from_hours(1);

/// What is known of the clock.
#[derive(Debug, Default)]
pub struct Clock {
    last: Option<(Timestamp, Instant)>,
    jumped: Option<(Jump, Instant)>,
}

impl Clock {
    /// Looks at the clock; `seen_alive` is when the store was told last that we live. How it jumped, where that is not long ago.
    pub fn look(&mut self, now: Timestamp, seen_alive: Option<Timestamp>) -> Option<Jump> {
        self.look_at(now, Instant::now(), seen_alive)
    }

    fn look_at(&mut self, now: Timestamp, passed: Instant, seen_alive: Option<Timestamp>) -> Option<Jump> {
        let jump = match self.last {
            Some((shown, then)) => {
                let passed = SignedDuration::try_from(passed.duration_since(then)).unwrap_or_default();
                jump_of(now.duration_since(shown).saturating_sub(passed))
            }
            // Before the start nobody measured what passed; but time does not run backwards while nobody looks.
            None => seen_alive.and_then(|alive| jump_of(now.duration_since(alive).min(SignedDuration::ZERO))),
        };
        self.last = Some((now, passed));
        if let Some(jump) = jump {
            self.jumped = Some((jump, passed));
        }
        let is_recent = |(_, at): &(Jump, Instant)| passed.duration_since(*at) < STEADY;
        self.jumped = self.jumped.filter(is_recent);
        self.jumped.map(|(jump, _)| jump)
    }
}

fn jump_of(by: SignedDuration) -> Option<Jump> {
    if by <= -CORRECTION {
        return Some(Jump::Back(by.abs()));
    }
    (by >= LONGEST_SLEEP).then_some(Jump::Ahead(by))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_is_seen_and_over_after_an_hour_of_running() {
        let begun = Instant::now();
        let mut clock = Clock::default();
        let mut look = |minutes: u64, shown: &str| {
            clock.look_at(shown.parse().unwrap(), begun + Duration::from_mins(minutes), None)
        };
        assert_eq!(look(0, "2026-07-01T12:00:00Z"), None);
        assert_eq!(look(10, "2026-07-01T12:10:00Z"), None);
        assert_eq!(look(11, "2026-07-01T10:11:00Z"), Some(Jump::Back(SignedDuration::from_hours(2))));
        assert!(look(60, "2026-07-01T11:00:00Z").is_some());
        assert_eq!(look(71, "2026-07-01T11:11:00Z"), None);
        assert_eq!(look(72, "2026-07-04T11:12:00Z"), None, "a machine that slept over the weekend");
        assert!(matches!(look(73, "2038-01-19T03:14:08Z"), Some(Jump::Ahead(_))));
    }

    #[test]
    fn a_start_before_we_were_last_seen_alive_is_a_clock_that_was_set_back() {
        let alive = Some("2026-07-01T12:00:00Z".parse().unwrap());
        assert_eq!(Clock::default().look("2026-08-01T12:00:00Z".parse().unwrap(), alive), None);
        assert!(Clock::default().look("2026-06-01T12:00:00Z".parse().unwrap(), alive).is_some());
    }
}
