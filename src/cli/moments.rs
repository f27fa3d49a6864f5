//! Moments as people write them on a command line. Pure but for one function, which knows what time it is.
#![expect(clippy::disallowed_methods, reason = "what was yesterday is a matter of the clock")]

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// A moment of the command line: a day, a moment, or how long ago.
pub fn moment(text: &str) -> Result<Timestamp, String> {
    moment_before(text, Timestamp::now())
}

/// The same in a file that is read at any time, where only days and moments make sense: a day (its beginning, in UTC), a moment with its
/// offset, or one without, which is UTC as everything that is printed here.
pub fn fixed_moment(text: &str) -> Result<Timestamp, String> {
    fixed(text.trim())
        .ok_or_else(|| "write a day such as 2020-11-03, or a moment such as 2020-11-03T06:00:00Z".to_owned())
}

fn moment_before(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let text = text.trim();
    fixed(text).or_else(|| relative(text, now)).ok_or_else(|| {
        "write a day such as 2020-11-03, a moment such as 2020-11-03T06:00:00Z, how long ago, such as 12h, 3d or 2w, or today or \
         yesterday; all in UTC"
            .to_owned()
    })
}

fn fixed(text: &str) -> Option<Timestamp> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    let date = text.parse::<Date>().ok().filter(|_| text.len() == "2020-11-03".len());
    let civil = match date {
        Some(date) => date.to_datetime(jiff::civil::Time::midnight()),
        // Without a time it would be a day in another spelling.
        None => text.parse::<DateTime>().ok().filter(|_| text.contains(':'))?,
    };
    civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// `3d`, `2 weeks`, `1d 12h ago`; `today` and `yesterday` are the beginnings of those days.
fn relative(text: &str, now: Timestamp) -> Option<Timestamp> {
    let now = now.to_zoned(TimeZone::UTC);
    let today = now.start_of_day().ok()?;
    let word = text.to_ascii_lowercase();
    let zoned = match word.as_str() {
        "now" => now,
        "today" => today,
        "yesterday" => today.yesterday().ok()?.start_of_day().ok()?,
        // Ago by itself: what is asked for is always the past.
        _ => now.checked_sub(word.parse::<Span>().ok()?.abs()).ok()?,
    };
    Some(zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_day_a_moment_or_how_long_ago() {
        let now: Timestamp = "2026-11-26T15:20:41.5Z".parse().unwrap();
        for (text, expected) in [
            ("2020-11-03", "2020-11-03T00:00:00Z"),
            ("2020-11-03T06:00:00Z", "2020-11-03T06:00:00Z"),
            ("2020-11-03T06:00:00+08:00", "2020-11-02T22:00:00Z"),
            ("2020-11-03 06:00", "2020-11-03T06:00:00Z"),
            ("now", "2026-11-26T15:20:41.5Z"),
            ("today", "2026-11-26T00:00:00Z"),
            ("Yesterday", "2026-11-25T00:00:00Z"),
            ("1d", "2026-11-25T15:20:41.5Z"),
            ("2w", "2026-11-12T15:20:41.5Z"),
            ("12h", "2026-11-26T03:20:41.5Z"),
            ("90m", "2026-11-26T13:50:41.5Z"),
            ("3 days ago", "2026-11-23T15:20:41.5Z"),
            ("1 month", "2026-10-26T15:20:41.5Z"),
            ("P1D", "2026-11-25T15:20:41.5Z"),
        ] {
            assert_eq!(moment_before(text, now), Ok(expected.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_told_what_would_be_one() {
        let now: Timestamp = "2026-11-26T15:20:41Z".parse().unwrap();
        for text in ["", "soon", "2020", "20201103", "7", "1x", "2020-13-01", "99999999y"] {
            let error = moment_before(text, now).unwrap_err();
            assert!(
                error.contains("2020-11-03T06:00:00Z") && error.contains("3d") && error.contains("yesterday"),
                "{text}"
            );
        }
        for text in ["1d", "yesterday"] {
            assert!(fixed_moment(text).unwrap_err().contains("2020-11-03"), "{text}");
        }
    }
}
