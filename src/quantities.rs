//! Lengths of time and sizes as people write them in a configuration: `90s`, `64MiB`. Not dates, and no arithmetic.

use std::time::Duration;

const MILLISECOND: u64 = 1;
const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Longer is a slip of the finger, and a moment that far away may not exist in the calendar.
const LONGEST: u64 = 36_525 * DAY;

const KIBIBYTE: u64 = 1 << 10;
const MEBIBYTE: u64 = 1 << 20;
const GIBIBYTE: u64 = 1 << 30;

/// Unit of time, milliseconds in it, and how else people write it.
const TIME_UNITS: [(&str, u64, &[&str]); 5] = [
    ("ms", MILLISECOND, &["msec", "millisecond", "milliseconds"]),
    ("s", SECOND, &["sec", "secs", "second", "seconds"]),
    ("m", MINUTE, &["min", "mins", "minute", "minutes"]),
    ("h", HOUR, &["hr", "hrs", "hour", "hours"]),
    ("d", DAY, &["day", "days"]),
];

/// Unit of size, bytes in it, and how else people write it.
const SIZE_UNITS: [(&str, u64, &[&str]); 4] = [
    ("B", 1, &["b", "byte", "bytes"]),
    ("KiB", KIBIBYTE, &["k", "kb", "kib"]),
    ("MiB", MEBIBYTE, &["m", "mb", "mib"]),
    ("GiB", GIBIBYTE, &["g", "gb", "gib"]),
];

/// What is wrong with a length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// A number alone.
    #[error("`{0}` has no unit: write `{0}s` for seconds, `{0}m` for minutes, `{0}h` for hours or `{0}d` for days")]
    NoUnit(String),
    /// A unit written in another way.
    #[error("`{found}` is not understood: write `{right}`")]
    OtherUnit {
        /// As written.
        found: String,
        /// As it should be.
        right: String,
    },
    /// Anything else.
    #[error("`{0}` is no length of time: write a whole number and a unit, such as `500ms`, `90s`, `15m`, `2h` or `1d`")]
    NotUnderstood(String),
    /// More than a hundred years.
    #[error("`{0}` is too long: a hundred years (`36525d`) are the most")]
    TooLong(String),
}

/// What is wrong with a size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SizeError {
    /// A number alone.
    #[error("`{0}` has no unit: write `{0}B` for bytes, `{0}KiB`, `{0}MiB` or `{0}GiB`")]
    NoUnit(String),
    /// A unit written in another way, or a decimal one.
    #[error("`{found}` is not understood: write `{right}`")]
    OtherUnit {
        /// As written.
        found: String,
        /// As it should be.
        right: String,
    },
    /// Anything else.
    #[error("`{0}` is no size: write a whole number and a unit, such as `512KiB`, `64MiB` or `1GiB`")]
    NotUnderstood(String),
    /// More bytes than can be counted.
    #[error("`{0}` is too large to be counted in bytes")]
    TooLarge(String),
}

/// Reads `500ms`, `90s`, `15m`, `2h`, `1d`.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let found = || text.to_owned();
    let (number, unit) = split(text).ok_or_else(|| DurationError::NotUnderstood(found()))?;
    if unit.is_empty() {
        return Err(DurationError::NoUnit(number.to_owned()));
    }
    let Some((_, milliseconds, _)) = TIME_UNITS.iter().find(|(name, ..)| *name == unit) else {
        return Err(match other_name(&TIME_UNITS, unit) {
            Some(right) => DurationError::OtherUnit { found: found(), right: format!("{number}{right}") },
            None => DurationError::NotUnderstood(found()),
        });
    };
    let milliseconds = number.parse::<u64>().ok().and_then(|number| number.checked_mul(*milliseconds));
    match milliseconds {
        Some(milliseconds) if milliseconds <= LONGEST => Ok(Duration::from_millis(milliseconds)),
        _ => Err(DurationError::TooLong(found())),
    }
}

/// Reads `512KiB`, `64MiB`, `1GiB`, in bytes.
pub fn parse_size(text: &str) -> Result<u64, SizeError> {
    let found = || text.to_owned();
    let (number, unit) = split(text).ok_or_else(|| SizeError::NotUnderstood(found()))?;
    if unit.is_empty() {
        return Err(SizeError::NoUnit(number.to_owned()));
    }
    let Some((_, bytes, _)) = SIZE_UNITS.iter().find(|(name, ..)| *name == unit) else {
        return Err(match other_name(&SIZE_UNITS, unit) {
            Some(right) => SizeError::OtherUnit { found: found(), right: format!("{number}{right}") },
            None => SizeError::NotUnderstood(found()),
        });
    };
    let size = number.parse::<u64>().ok().and_then(|number| number.checked_mul(*bytes));
    size.ok_or_else(|| SizeError::TooLarge(found()))
}

/// A length of time as [`parse_duration`] reads it, in the largest unit that is whole; less than a millisecond is left out.
pub fn duration_text(duration: Duration) -> String {
    let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    if milliseconds == 0 {
        return "0s".to_owned();
    }
    largest_whole(&TIME_UNITS, milliseconds)
}

/// A size as [`parse_size`] reads it, in the largest unit that is whole.
pub fn size_text(size_bytes: u64) -> String {
    if size_bytes == 0 {
        return "0B".to_owned();
    }
    largest_whole(&SIZE_UNITS, size_bytes)
}

/// A size as people like to read it, with one digit behind the point: `1.4 MiB`. Not to be read back.
pub fn rounded(size_bytes: u64) -> String {
    let units = [("GiB", GIBIBYTE), ("MiB", MEBIBYTE), ("KiB", KIBIBYTE)];
    match units.into_iter().find(|(_, unit)| size_bytes >= *unit) {
        Some((name, unit)) => format!("{}.{} {name}", size_bytes / unit, size_bytes % unit * 10 / unit),
        None => format!("{size_bytes} B"),
    }
}

/// The number and the unit, with the space between them that some people write.
fn split(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (!number.is_empty()).then_some((number, unit))
}

fn other_name(units: &[(&'static str, u64, &[&str])], unit: &str) -> Option<&'static str> {
    let unit = unit.trim_start();
    let named = |(name, _, others): &&(&str, u64, &[&str])| {
        name.eq_ignore_ascii_case(unit) || others.contains(&unit.to_ascii_lowercase().as_str())
    };
    units.iter().find(|(name, ..)| *name == unit).or_else(|| units.iter().find(named)).map(|(name, ..)| *name)
}

fn largest_whole(units: &[(&str, u64, &[&str])], amount: u64) -> String {
    let whole = units.iter().rev().find(|(_, each, _)| amount.is_multiple_of(*each));
    whole.map_or_else(|| amount.to_string(), |(name, each, _)| format!("{}{name}", amount / each))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_read_in_five_units() {
        for (text, milliseconds) in [
            ("500ms", 500),
            ("5s", 5_000),
            ("90s", 90_000),
            ("15m", 900_000),
            ("2h", 7_200_000),
            ("1d", 86_400_000),
            ("0s", 0),
        ] {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(milliseconds)));
        }
    }

    #[test]
    fn wrong_durations_say_what_would_be_right() {
        for (text, expected) in [
            ("90", "`90` has no unit: write `90s` for seconds, `90m` for minutes, `90h` for hours or `90d` for days"),
            ("15min", "`15min` is not understood: write `15m`"),
            ("2 hours", "`2 hours` is not understood: write `2h`"),
            ("5 s", "`5 s` is not understood: write `5s`"),
            ("5S", "`5S` is not understood: write `5s`"),
            (
                "1.5h",
                "`1.5h` is no length of time: write a whole number and a unit, such as `500ms`, `90s`, `15m`, `2h` or `1d`",
            ),
            (
                "-5s",
                "`-5s` is no length of time: write a whole number and a unit, such as `500ms`, `90s`, `15m`, `2h` or `1d`",
            ),
            (
                "",
                "`` is no length of time: write a whole number and a unit, such as `500ms`, `90s`, `15m`, `2h` or `1d`",
            ),
            ("99999999999999999999d", "`99999999999999999999d` is too long: a hundred years (`36525d`) are the most"),
            ("36526d", "`36526d` is too long: a hundred years (`36525d`) are the most"),
        ] {
            assert_eq!(parse_duration(text).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn rounded_sizes_never_say_more_than_there_is() {
        let told = [0, 1023, 1024, 1_500_000, GIBIBYTE - 1, 3 * GIBIBYTE / 2].map(rounded);
        assert_eq!(told, ["0 B", "1023 B", "1.0 KiB", "1.4 MiB", "1023.9 MiB", "1.5 GiB"]);
    }

    #[test]
    fn sizes_are_read_in_binary_units() {
        for (text, size_bytes) in [("20B", 20), ("512KiB", 524_288), ("64MiB", 67_108_864), ("1GiB", 1_073_741_824)] {
            assert_eq!(parse_size(text), Ok(size_bytes));
        }
        for (text, expected) in [
            ("64", "`64` has no unit: write `64B` for bytes, `64KiB`, `64MiB` or `64GiB`"),
            ("64MB", "`64MB` is not understood: write `64MiB`"),
            ("64 MiB", "`64 MiB` is not understood: write `64MiB`"),
            ("large", "`large` is no size: write a whole number and a unit, such as `512KiB`, `64MiB` or `1GiB`"),
            ("99999999999GiB", "`99999999999GiB` is too large to be counted in bytes"),
        ] {
            assert_eq!(parse_size(text).unwrap_err().to_string(), expected);
        }
    }

    proptest! {
        #[test]
        fn no_text_stops_the_readers(text in "\\PC*") {
            let _ = (parse_duration(&text), parse_size(&text));
        }

        #[test]
        fn what_is_printed_is_read_back(amount in 0_u64..=LONGEST) {
            let duration = Duration::from_millis(amount);
            prop_assert_eq!(parse_duration(&duration_text(duration)), Ok(duration));
            prop_assert_eq!(parse_size(&size_text(amount)), Ok(amount));
        }
    }
}
