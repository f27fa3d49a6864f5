//! When a digest is due. Asked at any moment, and about a machine that was off: what was missed goes out once, not once for each time.

use jiff::{SignedDuration, Timestamp};

use super::Schedule;

/// By how much a clock that runs well may be set back.
const CORRECTION: SignedDuration = SignedDuration::from_hours(1);

/// What is to be done about a digest now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Nothing.
    No,
    /// It goes out; it stands for this firing of its schedule, however late it is.
    Since(Timestamp),
    /// The last one was sent by a clock that was ahead: count from now.
    CountAnew,
}

/// Whether a digest is due whose last one went out then.
pub fn due(schedule: &Schedule, last: Timestamp, now: Timestamp) -> Due {
    if last.duration_since(now) > CORRECTION {
        return Due::CountAnew;
    }
    let firing = schedule.next_after(last);
    if firing <= now { Due::Since(firing) } else { Due::No }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    fn due_at(last: &str, now: &str) -> Due {
        let schedule = Schedule::parse("0 8 * * Mon", TimeZone::get("Europe/Berlin").unwrap()).unwrap();
        due(&schedule, last.parse().unwrap(), now.parse().unwrap())
    }

    #[test]
    fn it_is_due_when_its_schedule_fires_and_then_not_until_the_next_time() {
        // Mondays: 2026-07-06, 2026-07-13; 08:00 in Berlin is 06:00 in UTC.
        let first: Timestamp = "2026-07-06T06:00:00Z".parse().unwrap();
        assert_eq!(due_at("2026-07-01T00:00:00Z", "2026-07-06T05:59:59Z"), Due::No);
        assert_eq!(due_at("2026-07-01T00:00:00Z", "2026-07-06T06:00:00Z"), Due::Since(first));
        assert_eq!(due_at("2026-07-06T06:00:00Z", "2026-07-13T05:59:59Z"), Due::No);
    }

    #[test]
    fn times_that_were_missed_are_made_good_once() {
        let now = "2026-08-01T12:00:00Z";
        assert!(matches!(due_at("2026-07-01T00:00:00Z", now), Due::Since(_)));
        assert_eq!(due_at(now, now), Due::No);
    }

    #[test]
    fn a_clock_that_was_ahead_does_not_silence_for_years() {
        assert_eq!(due_at("2038-01-19T03:14:08Z", "2026-07-06T06:00:00Z"), Due::CountAnew);
        assert_eq!(due_at("2026-07-06T06:00:30Z", "2026-07-06T06:00:00Z"), Due::No);
    }
}
