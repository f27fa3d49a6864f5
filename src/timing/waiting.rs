//! How troubles put off the next poll, and failures the next attempt. Not the schedule itself, and not the waiting.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::Schedule;

/// Nobody is obeyed who asks for more: a mistyped header must not silence a source, or a receiver, for a month.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// After a failure that may pass, the first pause: a restart of a server, or of a line, takes minutes.
const REST_AFTER_FAILURE: Duration = Duration::from_mins(5);

/// A source that has been away for a day is asked four times a day.
const LONGEST_REST_AFTER_FAILURE: Duration = Duration::from_hours(6);

/// More than this nobody expects of a schedule.
const LONGEST_PUT_OFF: SignedDuration = SignedDuration::from_mins(5);

/// After a block, the first pause: long enough for the usual limits (per minute, per ten minutes) to forget us.
const REST_AFTER_BLOCK: Duration = Duration::from_mins(15);

/// The waits between the attempts of a webhook delivery, as Standard Webhooks recommends them: ten attempts in three days, so that
/// a receiver that fails on a Friday evening still gets everything on Monday.
pub const WEBHOOK_PLAN: &[Duration] = &[
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(14),
    Duration::from_hours(20),
    Duration::from_hours(24),
];

/// The waits between the attempts of a mail: several in the first hour for grey-listing, then every four hours until the five
/// days are over after which RFC 5321, 4.5.4.1, lets a sender give up.
pub const EMAIL_PLAN: &[Duration] = &email_plan();
/// What a source went through since its last accepted poll.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Troubles {
    /// Polls in a row that were refused or failed, the one just made included.
    pub n_troubles: u32,
    /// What the last one was.
    pub last: Trouble,
    /// How long the other side asked us to wait.
    pub asked: Option<Duration>,
}

/// What keeps a source from being read, by what to do about it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// Nothing, or a page that is not believed: the schedule is soon enough.
    #[default]
    None,
    /// No answer, or a server that failed: it may work in a while, and the schedule may be a day away.
    Failure,
    /// A block or a challenge: to knock again soon would make it worse.
    Block,
}
/// When to poll next: when the schedule says; after a failure that may pass sooner, after 5 minutes and then doubling up to 6 hours;
/// after a block not before a rest that doubles with every trouble, from 15 minutes up to a day; and never before the other side said
/// that we may (up to a day).
pub fn next_poll(schedule: &Schedule, now: Timestamp, troubles: &Troubles) -> Timestamp {
    let after = |wait: Duration| now.checked_add(wait).unwrap_or(Timestamp::MAX);
    let scheduled = schedule.next_after(now);
    let next = match troubles.last {
        Trouble::None => scheduled,
        Trouble::Failure => {
            scheduled.min(after(doubled(REST_AFTER_FAILURE, troubles.n_troubles, LONGEST_REST_AFTER_FAILURE)))
        }
        Trouble::Block => scheduled.max(after(doubled(REST_AFTER_BLOCK, troubles.n_troubles, LONGEST_WAIT))),
    };
    next.max(after(troubles.asked.unwrap_or_default().min(LONGEST_WAIT)))
}

/// When a source is asked next, that was asked at `last`: what the schedule sets is put off a little.
pub fn next_ask(schedule: &Schedule, source: &str, last: Timestamp, troubles: &Troubles) -> Timestamp {
    let next = next_poll(schedule, last, troubles);
    if next == schedule.next_after(last) { put_off(schedule, source, next) } else { next }
}

/// By how much a poll that the schedule sets is put off, so that all who watch a site do not knock on the same second: the same for one
/// source at one firing, up to five minutes, and never more than a tenth of the way to the next firing.
pub fn put_off(schedule: &Schedule, source: &str, firing: Timestamp) -> Timestamp {
    let interval = schedule.next_after(firing).duration_since(firing);
    let most = (interval / 10).min(LONGEST_PUT_OFF).as_secs().max(0);
    // FNV-1a: no secret, only a number that differs.
    let seed = source.bytes().chain(firing.as_second().to_le_bytes());
    let hash =
        seed.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let put_off = i64::try_from(hash % (most.unsigned_abs() + 1)).unwrap_or(0);
    firing.checked_add(SignedDuration::from_secs(put_off)).unwrap_or(firing)
}

/// How long to wait after attempt number `attempt` (counted from 1) failed: the plan's delay, spread by `chance` (0 ≤ chance < 1) over ±20 %,
/// never less than what the other side asked for (up to a day); `None` when the plan is used up.
pub fn wait_after(plan: &[Duration], attempt: u32, chance: f64, asked: Option<Duration>) -> Option<Duration> {
    let index = usize::try_from(attempt.saturating_sub(1)).ok()?;
    let planned = *plan.get(index)?;
    let chance = if chance.is_finite() { chance.clamp(0.0, 1.0) } else { 0.5 };
    let spread = Duration::try_from_secs_f64(planned.as_secs_f64() * (0.8 + 0.4 * chance)).unwrap_or(planned);
    Some(spread.max(asked.unwrap_or_default().min(LONGEST_WAIT)))
}
fn doubled(first: Duration, n_troubles: u32, longest: Duration) -> Duration {
    let doublings = n_troubles.saturating_sub(1).min(16);
    first.saturating_mul(1 << doublings).min(longest)
}
const fn email_plan() -> [Duration; 35] {
    let mut plan = [Duration::from_hours(4); 35];
    plan[0] = Duration::from_mins(1);
    plan[1] = Duration::from_mins(5);
    plan[2] = Duration::from_mins(15);
    plan[3] = Duration::from_mins(30);
    plan[4] = Duration::from_hours(1);
    plan[5] = Duration::from_hours(2);
    plan
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;

    fn schedule(line: &str, zone_name: &str) -> Schedule {
        Schedule::parse(line, TimeZone::get(zone_name).unwrap()).unwrap()
    }

    fn moment(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn blocked(n_troubles: u32) -> Troubles {
        Troubles { n_troubles, last: Trouble::Block, asked: None }
    }

    #[test]
    fn polls_are_put_off_a_little_and_each_source_by_its_own() {
        let firing: Timestamp = "2026-05-12T06:15:00Z".parse().unwrap();
        let by = |line: &str, source: &str| {
            let at = put_off(&schedule(line, "UTC"), source, firing);
            assert_eq!(at, put_off(&schedule(line, "UTC"), source, firing), "the same every time");
            at.duration_since(firing).as_secs()
        };
        let daily: Vec<i64> = ["a", "b", "c", "d", "e", "f"].map(|source| by("15 6 * * *", source)).to_vec();
        assert!(daily.iter().all(|seconds| (0..=300).contains(seconds)), "{daily:?}");
        assert!(daily.iter().collect::<std::collections::BTreeSet<_>>().len() > 3, "{daily:?}");
        for source in ["a", "b", "c", "d"] {
            assert!((0..=6).contains(&by("* * * * *", source)), "a tenth of a minute");
        }
    }

    #[test]
    fn after_a_failure_a_source_is_asked_before_the_schedule_says() {
        let now = moment("2026-06-01T00:01:00Z");
        let failed = |n_troubles| Troubles { n_troubles, last: Trouble::Failure, asked: None };
        let daily = schedule("0 6 * * *", "Asia/Shanghai");
        let wait = |troubles: &Troubles| next_poll(&daily, now, troubles).duration_since(now).as_mins();
        assert_eq!([1, 2, 3, 7, 70].map(|n| wait(&failed(n))), [5, 10, 20, 320, 360]);
        let often = schedule("*/5 * * * *", "Asia/Shanghai");
        assert_eq!(next_poll(&often, now, &failed(1)), often.next_after(now), "the schedule is soon enough");
    }

    #[test]
    fn a_block_doubles_the_rest_up_to_a_day() {
        let often = schedule("*/5 * * * *", "Asia/Shanghai");
        let now = moment("2026-06-01T00:01:00Z");
        let wait = |troubles: &Troubles| next_poll(&often, now, troubles).duration_since(now).as_mins();
        assert_eq!(wait(&Troubles::default()), 4);
        assert_eq!(wait(&Troubles { n_troubles: 7, ..Troubles::default() }), 4, "a doubt");
        let rests = [0, 1, 2, 3, 7, 8, u32::MAX].map(|n| wait(&blocked(n)));
        assert_eq!(rests, [15, 15, 30, 60, 960, 1440, 1440]);
        let asked = |hours| Troubles { n_troubles: 1, last: Trouble::None, asked: Some(Duration::from_hours(hours)) };
        assert_eq!([wait(&asked(2)), wait(&asked(100))], [120, 1440]);
        let daily = schedule("0 6 * * *", "Asia/Shanghai");
        assert_eq!(next_poll(&daily, now, &blocked(1)), daily.next_after(now), "the schedule is late enough");
    }

    #[test]
    fn at_the_end_of_time_there_is_still_an_answer() {
        let daily = schedule("30 2 * * *", "Europe/Brussels");
        assert_eq!(next_poll(&daily, Timestamp::MAX, &blocked(9)), Timestamp::MAX);
    }

    #[test]
    fn the_plans_last_as_long_as_they_promise() {
        let total = |plan: &[Duration]| plan.iter().sum::<Duration>();
        assert_eq!(total(WEBHOOK_PLAN), Duration::from_hours(75) + Duration::from_mins(35) + Duration::from_secs(5));
        assert!(
            total(EMAIL_PLAN) <= Duration::from_hours(120)
                && total(EMAIL_PLAN) + Duration::from_hours(4) > Duration::from_hours(120)
        );
        assert!(total(&EMAIL_PLAN[..4]) <= Duration::from_hours(1), "several tries in the first hour");
    }

    #[test]
    fn waits_follow_the_plan_from_the_first_attempt_on() {
        let plan = [Duration::from_secs(10), Duration::from_secs(100)];
        assert_eq!(wait_after(&plan, 1, 0.5, None), Some(Duration::from_secs(10)));
        assert_eq!(wait_after(&plan, 2, 0.0, None), Some(Duration::from_secs(80)));
        assert_eq!(wait_after(&plan, 3, 0.5, None), None);
        assert_eq!(wait_after(&plan, 3, 0.5, Some(Duration::from_secs(5))), None, "used up, whatever is asked");
        assert_eq!(wait_after(&[], 1, 0.5, None), None);
        assert_eq!(wait_after(&plan, 1, 0.5, Some(Duration::from_mins(1))), Some(Duration::from_mins(1)));
        assert_eq!(wait_after(&plan, 2, 0.5, Some(Duration::from_mins(1))), Some(Duration::from_secs(100)));
        assert_eq!(wait_after(&plan, 1, 0.5, Some(Duration::from_hours(48))), Some(Duration::from_hours(24)));
    }

    proptest! {
        #[test]
        fn waits_stay_within_a_fifth_of_the_plan(chance in 0.0..1.0_f64, attempt in 1_u32..=9) {
            let planned = WEBHOOK_PLAN[attempt as usize - 1].as_secs_f64();
            let wait = wait_after(WEBHOOK_PLAN, attempt, chance, None).unwrap().as_secs_f64();
            prop_assert!(wait >= planned * 0.799_999 && wait < planned * 1.200_001);
        }

        #[test]
        fn no_number_stops_the_waiting_rule(chance: f64, attempt: u32, planned: Duration, asked: Option<Duration>) {
            let _ = wait_after(&[planned], attempt, chance, asked);
            let _ = next_poll(
                &Schedule::parse("@daily", TimeZone::UTC).unwrap(),
                Timestamp::UNIX_EPOCH,
                &Troubles { n_troubles: attempt, last: Trouble::Block, asked },
            );
        }

    }
}
