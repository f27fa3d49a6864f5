//! A crontab line → what the `cron` crate is asked, which counts Sunday as 1, wants seconds, and takes both days to be required.
//! So a line is read here, field by field, as crontab(5) means it, and handed on as plain lists of numbers. Not when it fires.

use std::str::FromStr;

use super::ScheduleError;

const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/// What is asked of a field, and how its entries are written.
struct Field {
    name: &'static str,
    first: u32,
    last: u32,
    /// Names of the values, from `first` on.
    names: &'static [&'static str],
}

const MINUTE: Field = Field { name: "minute", first: 0, last: 59, names: &[] };
const HOUR: Field = Field { name: "hour", first: 0, last: 23, names: &[] };
const DAY: Field = Field { name: "day of the month", first: 1, last: 31, names: &[] };
const MONTH: Field = Field { name: "month", first: 1, last: 12, names: &MONTHS };
const WEEKDAY: Field = Field { name: "weekday", first: 0, last: 7, names: &WEEKDAYS };

/// The values that a field allows, as bits.
#[derive(Clone, Copy)]
struct Values {
    bits: u64,
    /// crontab(5): a day field that begins with a star does not restrict the day, even as `*/2`.
    starred: bool,
}

/// The calendars whose earliest firing is that of the line: two where either the day of the month or the weekday is enough.
pub(super) fn calendars_of(line: &str) -> Result<Vec<cron::Schedule>, ScheduleError> {
    let spelled_out = match line.trim() {
        nickname if nickname.starts_with('@') => meaning_of(nickname)?,
        fields => fields,
    };
    let fields: Vec<&str> = spelled_out.split_whitespace().collect();
    let &[minute, hour, day, month, weekday] = fields.as_slice() else {
        return Err(wrong_count(line, fields.len()));
    };
    let [minute, hour] = [values_of(&MINUTE, minute)?, values_of(&HOUR, hour)?];
    let [day, month] = [values_of(&DAY, day)?, values_of(&MONTH, month)?];
    let weekday = values_of(&WEEKDAY, weekday)?.with_one_sunday();

    if day.starred || weekday.starred {
        must_come(line, day, month)?;
        return Ok(vec![calendar(minute, hour, day, month, weekday)]);
    }
    Ok(vec![calendar(minute, hour, day, month, Values::ALL), calendar(minute, hour, Values::ALL, month, weekday)])
}

fn meaning_of(nickname: &str) -> Result<&'static str, ScheduleError> {
    match nickname.to_ascii_lowercase().as_str() {
        "@hourly" => Ok("0 * * * *"),
        "@daily" | "@midnight" => Ok("0 0 * * *"),
        "@weekly" => Ok("0 0 * * 0"),
        "@monthly" => Ok("0 0 1 * *"),
        "@yearly" | "@annually" => Ok("0 0 1 1 *"),
        _ => Err(ScheduleError::Nickname(nickname.to_owned())),
    }
}

fn wrong_count(line: &str, n_fields: usize) -> ScheduleError {
    let remedy = match n_fields {
        6 => "; leave out the seconds, which other programs write first",
        7 => "; leave out the seconds, which other programs write first, and the year, which they write last",
        _ => "",
    };
    ScheduleError::Fields { line: line.to_owned(), n_fields, remedy }
}

/// Refuses days that none of the months has, which would wait for ever without a word.
fn must_come(line: &str, day: Values, month: Values) -> Result<(), ScheduleError> {
    let first_day = day.bits.trailing_zeros();
    let longest = month.numbers().map(longest_month).max().unwrap_or_default();
    if first_day <= longest {
        return Ok(());
    }
    let months: Vec<String> = month.numbers().map(|number| number.to_string()).collect();
    Err(ScheduleError::Never { line: line.to_owned(), day: first_day, months: months.join(", ") })
}

fn longest_month(month: u32) -> u32 {
    match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn calendar(minute: Values, hour: Values, day: Values, month: Values, weekday: Values) -> cron::Schedule {
    let [minute, hour] = [minute.list(&MINUTE, 0), hour.list(&HOUR, 0)];
    let [day, month] = [day.list(&DAY, 0), month.list(&MONTH, 0)];
    let weekday = weekday.list(&Field { last: 6, ..WEEKDAY }, 1);
    cron::Schedule::from_str(&format!("0 {minute} {hour} {day} {month} {weekday}"))
        .expect("every list holds numbers that the field allows")
}

fn values_of(field: &Field, text: &str) -> Result<Values, ScheduleError> {
    let mut bits = 0;
    for entry in text.split(',') {
        let (first, last, step) = entry_of(field, entry)?;
        for value in (first..=last).step_by(step) {
            bits |= 1 << value;
        }
    }
    Ok(Values { bits, starred: text.starts_with('*') })
}

/// One entry of a list: first and last value, and the step between.
fn entry_of(field: &Field, entry: &str) -> Result<(u32, u32, usize), ScheduleError> {
    let wrong = |why: String| ScheduleError::Entry { entry: entry.to_owned(), field: field.name, why };
    let (span, step) = match entry.split_once('/') {
        Some((span, step)) => (span, Some(step)),
        None => (entry, None),
    };
    let (first, last) = match span.split_once('-') {
        _ if span == "*" => (field.first, field.last),
        Some((first, last)) => range_of(field, first, last).map_err(wrong)?,
        None => {
            let value = value_of(field, span).map_err(wrong)?;
            if let Some(step) = step {
                return Err(wrong(format!("has a step without a range: write `{span}-{}/{step}`", field.last)));
            }
            (value, value)
        }
    };
    let step = step.map_or(Ok(1), |step| step_of(field, step)).map_err(wrong)?;
    Ok((first, last, step))
}

fn range_of(field: &Field, first: &str, last: &str) -> Result<(u32, u32), String> {
    let (from, to) = (value_of(field, first)?, value_of(field, last)?);
    if from <= to {
        return Ok((from, to));
    }
    // Sunday is the last day of a week as well as the first, which a number can say and a name cannot.
    if !field.names.is_empty() && last.eq_ignore_ascii_case("SUN") {
        return Ok((from, 7));
    }
    let (last_of_all, first_of_all) = if field.names.len() == 7 { (6, 0) } else { (field.last, field.first) };
    let before = span_text(field, from, last_of_all, first);
    let after = span_text(field, first_of_all, to, last);
    Err(format!("runs backwards: write `{before},{after}`"))
}

/// A range as one would write it, in names where the operator wrote a name.
fn span_text(field: &Field, from: u32, to: u32, written: &str) -> String {
    let named = written.starts_with(|letter: char| letter.is_ascii_alphabetic());
    let word = |value: u32| {
        let index = (value - field.first) as usize;
        field.names.get(index).filter(|_| named).map_or_else(|| value.to_string(), |name| (*name).to_owned())
    };
    if from == to { word(from) } else { format!("{}-{}", word(from), word(to)) }
}

fn value_of(field: &Field, text: &str) -> Result<u32, String> {
    if let Some(index) = field.names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
        return Ok(field.first + u32::try_from(index).unwrap_or_default());
    }
    match number_of(text) {
        Some(number) if (field.first..=field.last).contains(&number) => Ok(number),
        _ => Err(format!("is not understood: write {}", field.allowed())),
    }
}

fn step_of(field: &Field, text: &str) -> Result<usize, String> {
    let width = if field.first == 0 && field.names.is_empty() { field.last + 1 } else { field.last };
    match number_of(text) {
        Some(step) if (1..=width).contains(&step) => Ok(step as usize),
        _ => Err(format!("has a step that is not understood: a step is 1 to {width}, such as `*/2`")),
    }
}

/// Digits alone: `u32::from_str` would also take `+5`.
fn number_of(text: &str) -> Option<u32> {
    let digits = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

impl Field {
    fn allowed(&self) -> String {
        let Field { first, last, names, .. } = self;
        match names {
            [] => {
                format!("{first} to {last}, `*`, a range such as `{}-{}`, or a step such as `*/2`", first + 1, last - 1)
            }
            [name, .., end] if names.len() == 7 => {
                format!("{first} to {last} (0 and 7 are Sunday), {name} to {end}, `*`, or a range such as `MON-FRI`")
            }
            [name, .., end] | [name @ end] => {
                format!("{first} to {last}, {name} to {end}, `*`, or a range such as `{name}-{end}`")
            }
        }
    }
}

impl Values {
    const ALL: Values = Values { bits: u64::MAX, starred: true };

    /// Sunday as 0, which may be written 7.
    fn with_one_sunday(self) -> Values {
        Values { bits: (self.bits | (self.bits >> 7 & 1)) & 0x7f, ..self }
    }

    fn numbers(self) -> impl Iterator<Item = u32> {
        (0..u64::BITS).filter(move |number| self.bits >> number & 1 == 1)
    }

    /// The values in the words of the `cron` crate, whose own numbers may be `shift` higher.
    fn list(self, field: &Field, shift: u32) -> String {
        let allowed = (field.first..=field.last).filter(|number| self.bits >> number & 1 == 1);
        let numbers: Vec<String> = allowed.map(|number| (number + shift).to_string()).collect();
        if numbers.len() == (field.last - field.first + 1) as usize { "*".to_owned() } else { numbers.join(",") }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn problem(line: &str) -> String {
        match calendars_of(line) {
            Ok(calendars) => format!("taken for {}", calendars[0].source()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn every_problem_says_what_was_found_and_what_would_be_right() {
        for (line, expected) in [
            (
                "",
                "`` has no field, and a schedule has five: minute, hour, day of the month, month, weekday, such as `15 6 * * Mon-Fri`",
            ),
            (
                "5 * * *",
                "`5 * * *` has 4 fields, and a schedule has five: minute, hour, day of the month, month, weekday, such as `15 6 * * Mon-Fri`",
            ),
            (
                "0 15 6 * * *",
                "`0 15 6 * * *` has 6 fields, and a schedule has five: minute, hour, day of the month, month, weekday, such as `15 6 * * Mon-Fri`; leave out the seconds, which other programs write first",
            ),
            (
                "@reboot",
                "`@reboot` is no schedule: write @hourly, @daily, @weekly, @monthly, @yearly, or five fields, such as `*/15 * * * *` for every 15 minutes",
            ),
            (
                "60 * * * *",
                "`60` in the minute field is not understood: write 0 to 59, `*`, a range such as `1-58`, or a step such as `*/2`",
            ),
            (
                "0 24 * * *",
                "`24` in the hour field is not understood: write 0 to 23, `*`, a range such as `1-22`, or a step such as `*/2`",
            ),
            (
                "0 0 0 * *",
                "`0` in the day of the month field is not understood: write 1 to 31, `*`, a range such as `2-30`, or a step such as `*/2`",
            ),
            (
                "0 0 * 13 *",
                "`13` in the month field is not understood: write 1 to 12, JAN to DEC, `*`, or a range such as `JAN-DEC`",
            ),
            (
                "0 0 * * Monday",
                "`Monday` in the weekday field is not understood: write 0 to 7 (0 and 7 are Sunday), SUN to SAT, `*`, or a range such as `MON-FRI`",
            ),
            (
                "0 0 * * 5#3",
                "`5#3` in the weekday field is not understood: write 0 to 7 (0 and 7 are Sunday), SUN to SAT, `*`, or a range such as `MON-FRI`",
            ),
            ("0 0 * * FRI-MON", "`FRI-MON` in the weekday field runs backwards: write `FRI-SAT,SUN-MON`"),
            ("0 0 * * 5-1", "`5-1` in the weekday field runs backwards: write `5-6,0-1`"),
            ("0 22-4 * * *", "`22-4` in the hour field runs backwards: write `22-23,0-4`"),
            ("0 0 * Nov-Jan *", "`Nov-Jan` in the month field runs backwards: write `NOV-DEC,JAN`"),
            (
                "0 0 L * *",
                "`L` in the day of the month field is not understood: write 1 to 31, `*`, a range such as `2-30`, or a step such as `*/2`",
            ),
            ("5/15 * * * *", "`5/15` in the minute field has a step without a range: write `5-59/15`"),
            (
                "*/0 * * * *",
                "`*/0` in the minute field has a step that is not understood: a step is 1 to 60, such as `*/2`",
            ),
            (
                "*/90 * * * *",
                "`*/90` in the minute field has a step that is not understood: a step is 1 to 60, such as `*/2`",
            ),
            (
                "1,,2 * * * *",
                "`` in the minute field is not understood: write 0 to 59, `*`, a range such as `1-58`, or a step such as `*/2`",
            ),
            ("0 0 31 2 *", "`0 0 31 2 *` never comes: month 2 has no day 31; write a day that it has, or `*`"),
            (
                "0 0 31 4,JUN */2",
                "`0 0 31 4,JUN */2` never comes: month 4, 6 has no day 31; write a day that it has, or `*`",
            ),
        ] {
            assert_eq!(problem(line), expected);
        }
        assert!(problem("0 15 6 * * * 2027").ends_with("and the year, which they write last"));
    }

    #[test]
    fn days_that_only_a_weekday_can_meet_are_allowed() {
        assert_eq!(calendars_of("0 0 31 2 Mon").unwrap().len(), 2);
    }

    #[test]
    fn the_remedies_for_what_runs_backwards_are_lines_that_are_taken() {
        for (line, same) in
            [("0 0 * * FRI-SAT,SUN-MON", "0 0 0 * * 1,2,6,7"), ("0 22-23,0-4 * * *", "0 0 0,1,2,3,4,22,23 * * *")]
        {
            assert_eq!(problem(line), format!("taken for {same}"));
        }
    }

    proptest! {
        #[test]
        fn no_line_stops_the_reader(line in "\\PC*") {
            let _ = calendars_of(&line);
        }

        #[test]
        fn no_line_of_crontab_letters_stops_the_reader(line in "([0-9*/,@A-Za-z-]{0,6} ){3,7}") {
            let _ = calendars_of(&line);
        }
    }
}
