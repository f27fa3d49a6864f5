//! Hours and days on which nobody wants to be told: a rule about the wall clock of a place. Not what becomes of what happens meanwhile.

use jiff::Timestamp;
use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;

/// When it is quiet: from one time of the day to another (over midnight, where the second is the earlier), and on whole days.
#[derive(Debug, Clone)]
pub struct Quiet {
    hours: Option<(Time, Time)>,
    days: Vec<Weekday>,
    zone: TimeZone,
}

/// Why a text is no span of hours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// Something else.
    #[error("`{0}` is no span of hours: write `22:00-07:00`")]
    NotASpan(String),
    /// From a time to the same time.
    #[error("`{0}` begins when it ends: write `22:00-07:00`, or pause the subscriber")]
    Empty(String),
}

impl Quiet {
    /// Quiet between these hours and on these days, by the clock of a zone.
    pub fn new(hours: Option<(Time, Time)>, days: Vec<Weekday>, zone: TimeZone) -> Quiet {
        Quiet { hours, days, zone }
    }

    /// Whether it is quiet at that moment; the end belongs to the day's work.
    pub fn is_at(&self, moment: Timestamp) -> bool {
        let here = self.zone.to_datetime(moment);
        let by_hour = self.hours.is_some_and(|(from, to)| {
            let time = here.time();
            if from < to { from <= time && time < to } else { from <= time || time < to }
        });
        by_hour || self.days.contains(&here.weekday())
    }
}

/// Reads `22:00-07:00`.
pub fn hours_of(text: &str) -> Result<(Time, Time), HoursError> {
    let time = |text: &str| {
        let (hour, minute) = text.trim().split_once(':')?;
        let digits = |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(hour) || minute.len() != 2 || !digits(minute) {
            return None;
        }
        Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
    };
    let span = text.split_once(['-', '–']).and_then(|(from, to)| Some((time(from)?, time(to)?)));
    match span {
        Some((from, to)) if from == to => Err(HoursError::Empty(text.to_owned())),
        Some(span) => Ok(span),
        None => Err(HoursError::NotASpan(text.to_owned())),
    }
}

/// Reads `Sat`, `saturday`.
pub fn weekday_of(text: &str) -> Option<Weekday> {
    let day = text.trim().to_ascii_lowercase();
    let names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let position = names.iter().position(|name| day == *name || (day.len() == 3 && name.starts_with(&day)))?;
    Weekday::from_monday_zero_offset(i8::try_from(position).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet(hours: &str, days: &[&str], zone: &str) -> Quiet {
        let hours = (!hours.is_empty()).then(|| hours_of(hours).unwrap());
        let days = days.iter().map(|day| weekday_of(day).unwrap()).collect();
        Quiet::new(hours, days, TimeZone::get(zone).unwrap())
    }

    fn at(quiet: &Quiet, moments: &[&str]) -> Vec<bool> {
        moments.iter().map(|moment| quiet.is_at(moment.parse().unwrap())).collect()
    }

    #[test]
    fn hours_go_over_midnight_and_their_end_is_not_quiet() {
        let night = quiet("22:00-07:00", &[], "Europe/Berlin");
        let moments = [
            "2026-07-01T19:59:59Z",
            "2026-07-01T20:00:00Z",
            "2026-07-02T04:59:59Z",
            "2026-07-02T05:00:00Z",
            "2026-01-02T05:30:00Z",
        ];
        assert_eq!(at(&night, &moments), [false, true, true, false, true]);
        let noon = quiet("12:00-13:30", &[], "UTC");
        assert_eq!(at(&noon, &["2026-07-01T12:00:00Z", "2026-07-01T13:30:00Z"]), [true, false]);
    }

    #[test]
    fn days_are_whole_and_those_of_the_place() {
        let weekend = quiet("", &["Sat", "sunday"], "Asia/Shanghai");
        // 2026-07-03 is a Friday; in Shanghai Saturday begins eight hours before it does in UTC.
        let moments = ["2026-07-03T15:59:00Z", "2026-07-03T16:00:00Z", "2026-07-05T15:59:00Z", "2026-07-05T16:00:00Z"];
        assert_eq!(at(&weekend, &moments), [false, true, true, false]);
    }

    #[test]
    fn the_hour_that_autumn_repeats_is_quiet_twice_and_the_one_that_spring_leaves_out_never() {
        let night = quiet("02:00-03:00", &[], "Europe/Berlin");
        let autumn = ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:00:00Z"];
        assert_eq!(at(&night, &autumn), [true, true, false]);
        assert_eq!(at(&night, &["2026-03-29T00:59:00Z", "2026-03-29T01:00:00Z"]), [false, false]);
    }

    #[test]
    fn what_is_no_span_of_hours_says_what_would_be_one() {
        assert_eq!(hours_of("7:00 – 8:15").unwrap(), (Time::constant(7, 0, 0, 0), Time::constant(8, 15, 0, 0)));
        for text in ["", "22-7", "22:00", "25:00-07:00", "22:0-07:00", "+2:00-07:00", "always"] {
            let told = hours_of(text).unwrap_err().to_string();
            assert!(told.contains("22:00-07:00"), "{told}");
        }
        assert_eq!(hours_of("07:00-07:00"), Err(HoursError::Empty("07:00-07:00".to_owned())));
        assert_eq!(weekday_of("Sa"), None);
        assert_eq!(weekday_of("wed"), Some(Weekday::Wednesday));
    }
}
