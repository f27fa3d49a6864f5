//! When the next poll is due by a crontab line, and (in `waiting`) what troubles and failures make of that. Rules only: the clock and
//! chance are arguments.
//!
//! # Why the `cron` crate is only asked about wall-clock time
//!
//! Asked about a zone with daylight saving, `cron` answers moments in the past during the repeated hour of autumn, and skips the
//! day of a poll that falls into the hour that spring leaves out. So it is asked about a clock without a zone, and what it answers
//! is mapped to moments here. What must hold: no day is skipped, nothing runs twice, and the answer depends on nothing but the
//! line, the zone and the moment asked from, so that a restart changes nothing.
//!
//! - A time that spring leaves out comes later by the gap: 02:30 in Brussels becomes 03:30 on that one day.
//! - A time that autumn repeats comes at its first pass only. The price: `*/15` then has one hole of 1 h 15 min a year, and
//!   `@hourly` one of two hours. A poll that late misses nothing, since pages keep what they publish.
//!
//! Not here: waiting, the clock, chance.

/// A crontab line → what the `cron` crate is asked.
mod crontab;
/// When a digest is due.
pub mod digest;
/// Hours and days on which nobody wants to be told.
pub mod quiet;
/// How troubles and failures put things off.
pub mod waiting;

use jiff::civil::{DateTime, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A wall clock is never further ahead of the times that may still come than this: gaps are one hour, on Lord Howe half of one.
/// Where a zone once left out a whole day, the times of that day and of the next fall on the same moments.
const LONGEST_GAP: SignedDuration = SignedDuration::from_hours(3);

/// The calendars of the `cron` crate begin with 1970.
const FIRST_MOMENT: DateTime = date(1969, 12, 31).at(23, 59, 59, 0);

/// A crontab line of five fields in a time zone.
#[derive(Debug, Clone)]
pub struct Schedule {
    line: String,
    zone: TimeZone,
    /// One, or two where either the day of the month or the weekday is enough.
    calendars: Vec<cron::Schedule>,
}

/// What is wrong with a crontab line, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Not five fields.
    #[error(
        "`{line}` has {}, and a schedule has five: minute, hour, day of the month, month, weekday, such as `15 6 * * Mon-Fri`{remedy}",
        counted(*.n_fields)
    )]
    Fields {
        /// The line as written.
        line: String,
        /// How many fields it has.
        n_fields: usize,
        /// What to leave out, where that is known.
        remedy: &'static str,
    },
    /// An `@` word that crontab does not have, or that says nothing about time.
    #[error(
        "`{0}` is no schedule: write @hourly, @daily, @weekly, @monthly, @yearly, or five fields, such as `*/15 * * * *` for every 15 minutes"
    )]
    Nickname(String),
    /// One entry of one field.
    #[error("`{entry}` in the {field} field {why}")]
    Entry {
        /// The entry as written.
        entry: String,
        /// Which field it is in.
        field: &'static str,
        /// What is wrong with it, and what would be right.
        why: String,
    },
    /// Days that no month of the line has.
    #[error("`{line}` never comes: month {months} has no day {day}; write a day that it has, or `*`")]
    Never {
        /// The line as written.
        line: String,
        /// The first day asked for.
        day: u32,
        /// The months asked for.
        months: String,
    },
}

impl Schedule {
    /// Reads a crontab line (`15 6 * * Mon-Fri`, `@daily`) as crontab(5) means it.
    pub fn parse(line: &str, zone: TimeZone) -> Result<Schedule, ScheduleError> {
        let calendars = crontab::calendars_of(line)?;
        Ok(Schedule { line: line.to_owned(), zone, calendars })
    }

    /// The first firing after that moment; [`Timestamp::MAX`] where none is left before the year 2101.
    pub fn next_after(&self, moment: Timestamp) -> Timestamp {
        let firings = self.calendars.iter().filter_map(|calendar| first_after(calendar, &self.zone, moment));
        firings.min().unwrap_or(Timestamp::MAX)
    }

    /// The line as written.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// The zone it is read in.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }
}

/// Walks the wall clock from before the longest gap, and takes the earliest moment that is still to come. Times in a gap come out
/// of order (02:30 as 03:30, then 03:10 as itself), so the walk goes on until the wall clock has passed the best moment found.
fn first_after(calendar: &cron::Schedule, zone: &TimeZone, moment: Timestamp) -> Option<Timestamp> {
    let from = zone.to_datetime(moment).saturating_sub(LONGEST_GAP).max(FIRST_MOMENT);
    let from = from.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second();
    let from = chrono::DateTime::<chrono::Utc>::from_timestamp(from, 0)?;

    let mut best: Option<(Timestamp, DateTime)> = None;
    for written in calendar.after(&from) {
        let written = TimeZone::UTC.to_datetime(Timestamp::from_second(written.timestamp()).ok()?);
        if best.is_some_and(|(_, shown)| written > shown) {
            break;
        }
        let fires = zone.to_ambiguous_timestamp(written).compatible().ok()?;
        if fires > moment && best.is_none_or(|(soonest, _)| fires < soonest) {
            best = Some((fires, zone.to_datetime(fires)));
        }
    }
    best.map(|(fires, _)| fires)
}

fn counted(n_fields: usize) -> String {
    match n_fields {
        0 => "no field".to_owned(),
        1 => "one field".to_owned(),
        n => format!("{n} fields"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ZONES: [&str; 5] =
        ["Europe/Brussels", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"];

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn schedule(line: &str, zone_name: &str) -> Schedule {
        Schedule::parse(line, zone(zone_name)).unwrap()
    }

    fn moment(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// The next firings after a moment, as local times with their offset.
    fn firings(line: &str, zone_name: &str, after: &str, n: usize) -> Vec<String> {
        let schedule = schedule(line, zone_name);
        let mut now = moment(after);
        let mut texts = Vec::new();
        for _ in 0..n {
            now = schedule.next_after(now);
            texts.push(now.to_zoned(schedule.zone().clone()).strftime("%a %Y-%m-%d %H:%M%:z").to_string());
        }
        texts
    }

    #[test]
    fn a_daily_poll_comes_once_every_civil_day_for_six_years() {
        for name in ZONES {
            let daily = schedule("30 2 * * *", name);
            let mut day = date(2026, 1, 1);
            let mut before = day.at(0, 0, 0, 0).to_zoned(zone(name)).unwrap().timestamp();
            while day <= date(2031, 12, 31) {
                let fires = daily.next_after(before);
                assert!(fires > before, "{name}: {fires} is not after {before}");
                assert_eq!(zone(name).to_datetime(fires).date(), day, "{name}");
                let gap = fires.duration_since(before);
                assert!(gap <= SignedDuration::from_hours(25), "{name}: {gap:#} before {fires}");
                before = fires;
                day = day.tomorrow().unwrap();
            }
        }
    }

    #[test]
    fn every_quarter_hour_goes_forward_and_leaves_one_hole_in_autumn() {
        for (name, hole_minutes, n_holes) in
            [("Europe/Brussels", 75, 1), ("Asia/Shanghai", 15, 0), ("Australia/Lord_Howe", 45, 1)]
        {
            let quarterly = schedule("*/15 * * * *", name);
            let mut now = moment("2026-01-01T12:00:00Z");
            let mut holes = Vec::new();
            while now < moment("2027-01-01T12:00:00Z") {
                let next = quarterly.next_after(now);
                assert!(next > now);
                let gap = next.duration_since(now).as_mins();
                if gap > 15 {
                    holes.push(gap);
                }
                now = next;
            }
            assert_eq!(holes, vec![hole_minutes; n_holes], "{name}");
        }
    }

    #[test]
    fn the_answer_is_the_same_from_any_moment_before_it() {
        for name in ZONES {
            for line in ["30 2 * * *", "*/20 1-3 * * *", "10 3 * * *", "15,45 2 * * Sun"] {
                let schedule = schedule(line, name);
                let mut now = moment("2026-03-01T00:00:00Z");
                while now < moment("2026-11-30T00:00:00Z") {
                    let next = schedule.next_after(now);
                    for part in [2, 3, 10] {
                        let between = now + (next.duration_since(now) / part);
                        assert_eq!(schedule.next_after(between), next, "{line} {name} from {between}");
                    }
                    now = next;
                }
            }
        }
    }

    #[test]
    fn a_time_in_the_gap_comes_late_and_a_repeated_time_comes_once() {
        assert_eq!(
            firings("30 2 * * *", "Europe/Brussels", "2026-03-28T00:00:00Z", 3),
            ["Sat 2026-03-28 02:30+01:00", "Sun 2026-03-29 03:30+02:00", "Mon 2026-03-30 02:30+02:00"]
        );
        assert_eq!(
            firings("30 2 * * *", "Europe/Brussels", "2026-10-24T12:00:00Z", 2),
            ["Sun 2026-10-25 02:30+02:00", "Mon 2026-10-26 02:30+01:00"]
        );
        assert_eq!(
            firings("30 2 * * *", "Europe/Brussels", "2026-10-25T01:10:00Z", 1),
            ["Mon 2026-10-26 02:30+01:00"],
            "asked from within the second pass"
        );
    }

    #[test]
    fn a_time_in_the_gap_is_not_lost_when_asked_after_the_gap() {
        assert_eq!(firings("30 2 * * *", "Europe/Brussels", "2026-03-29T01:10:00Z", 1), ["Sun 2026-03-29 03:30+02:00"]);
    }

    #[test]
    fn times_around_a_gap_come_in_their_real_order_and_none_is_lost() {
        // On Lord Howe the half hour from 02:00 on is left out: 02:10 comes at 02:40, after 02:30.
        assert_eq!(
            firings("10,30 2 * * *", "Australia/Lord_Howe", "2026-10-03T15:00:00Z", 3),
            ["Sun 2026-10-04 02:30+11:00", "Sun 2026-10-04 02:40+11:00", "Mon 2026-10-05 02:10+11:00"]
        );
        assert_eq!(
            firings("10,30 2,3 * * *", "Europe/Brussels", "2026-03-29T00:00:00Z", 3),
            ["Sun 2026-03-29 03:10+02:00", "Sun 2026-03-29 03:30+02:00", "Mon 2026-03-30 02:10+02:00"]
        );
    }

    #[test]
    fn weekdays_count_from_sunday_as_crontab_does() {
        for (weekday, names) in [
            ("0", "Sun Sun"),
            ("7", "Sun Sun"),
            ("1", "Mon Mon"),
            ("1-2", "Mon Tue"),
            ("Mon-Fri", "Fri Mon"),
            ("6,7", "Sat Sun"),
            ("5-7", "Fri Sat"),
            ("FRI-SUN", "Fri Sat"),
            ("sat-sun", "Sat Sun"),
            ("*/3", "Sat Sun"),
        ] {
            // 2026-01-02 is a Friday; the polls are at nine.
            let days = firings(&format!("0 9 * * {weekday}"), "Asia/Shanghai", "2026-01-01T12:00:00Z", 2);
            let days: Vec<&str> = days.iter().map(|text| &text[..3]).collect();
            assert_eq!(days.join(" "), names, "{weekday}");
        }
    }

    #[test]
    fn two_restricted_days_mean_either_and_a_star_means_both() {
        let either = firings("0 0 13 * Fri", "Asia/Shanghai", "2026-11-11T00:00:00Z", 4);
        let days: Vec<&str> = either.iter().map(|text| &text[..14]).collect();
        assert_eq!(days, ["Fri 2026-11-13", "Fri 2026-11-20", "Fri 2026-11-27", "Fri 2026-12-04"]);
        let dates = firings("0 0 1,15 * Wed", "Asia/Shanghai", "2026-07-12T00:00:00Z", 3);
        let days: Vec<&str> = dates.iter().map(|text| &text[..14]).collect();
        assert_eq!(days, ["Wed 2026-07-15", "Wed 2026-07-22", "Wed 2026-07-29"]);
        let both = firings("0 0 */2 * Mon", "Asia/Shanghai", "2026-11-01T00:00:00Z", 2);
        let days: Vec<&str> = both.iter().map(|text| &text[..14]).collect();
        assert_eq!(
            days,
            ["Mon 2026-11-09", "Mon 2026-11-23"],
            "odd days that are Mondays, as crontab(5) says of `*/2`"
        );
    }

    #[test]
    fn lines_fire_when_crontab_would() {
        for (line, expected) in [
            ("40 */6 * * *", "Thu 2026-01-01 00:40+08:00"),
            ("10-50/20 5 * * *", "Thu 2026-01-01 05:10+08:00"),
            ("0 0 29 2 *", "Tue 2028-02-29 00:00+08:00"),
            ("0 12 1 Jul-SEP *", "Wed 2026-07-01 12:00+08:00"),
            ("0 12 31 4,5 *", "Sun 2026-05-31 12:00+08:00"),
            ("  0\t12  1  1  * ", "Thu 2026-01-01 12:00+08:00"),
            ("@hourly", "Thu 2026-01-01 00:00+08:00"),
            ("@daily", "Thu 2026-01-01 00:00+08:00"),
            ("@midnight", "Thu 2026-01-01 00:00+08:00"),
            ("@Weekly", "Sun 2026-01-04 00:00+08:00"),
            ("@monthly", "Thu 2026-01-01 00:00+08:00"),
            ("@yearly", "Thu 2026-01-01 00:00+08:00"),
            ("@annually", "Thu 2026-01-01 00:00+08:00"),
        ] {
            let found = firings(line, "Asia/Shanghai", "2025-12-31T15:59:59.5Z", 1);
            assert_eq!(found, [expected], "{line}");
        }
    }

    #[test]
    fn moments_outside_the_calendar_have_an_answer() {
        let daily = schedule("30 2 * * *", "Europe/Brussels");
        assert_eq!(daily.next_after(Timestamp::MIN), moment("1970-01-01T01:30:00Z"));
        assert_eq!(daily.next_after(Timestamp::MAX), Timestamp::MAX);
        assert_eq!((daily.line(), daily.zone()), ("30 2 * * *", &zone("Europe/Brussels")));
    }

    proptest! {
        #[test]
        fn whatever_a_line_says_the_next_firing_is_later(
            minute in "(\\*|[0-5]?[0-9]|\\*/[1-9]|[0-2]?[0-9]-[3-5][0-9](/[1-9])?)",
            hour in "(\\*|1?[0-9](,2[0-3])?|\\*/[1-9])",
            day in "(\\*|[1-9]|[12][0-9]|3[01]|\\*/[1-9])",
            month in "(\\*|[1-9]|1[012]|Feb|APR-jun)",
            weekday in "(\\*|[0-7]|Mon-Fri|\\*/2)",
            second in 0_i64..8_000_000_000,
        ) {
            let line = format!("{minute} {hour} {day} {month} {weekday}");
            if let Ok(schedule) = Schedule::parse(&line, zone("Australia/Lord_Howe")) {
                let now = Timestamp::from_second(second).unwrap();
                let next = schedule.next_after(now);
                prop_assert!(next > now, "{}", line);
                prop_assert!(second > 3_000_000_000 || next < Timestamp::MAX, "{} never comes", line);
            }
        }
    }
}
