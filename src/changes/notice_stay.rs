//! How long a project stayed where it was: from the days that the body prints, and where it prints none, from when we saw it come. Not how
//! long it will stay.

use jiff::Unit;
use jiff::civil::Date;

use super::change::RecordedChange;
use super::clock::Clock;
use super::corroboration::KnownStage;
use super::notice_frame::Frame;
use super::notice_stage::standpoints;
use super::notice_track::Place;
use super::notice_words::{day_in_words, pick};
use super::stage_days::{StageDay, day_by_the_body, day_of};
use crate::standards::language::Language;
use crate::standards::stage::StageCode;

/// A day on which something began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Beginning {
    day: Date,
    /// It was there already when we first looked.
    at_latest: bool,
}

/// How long the stage before lasted, in words: `6 months and 3 days (DIS, 8 November 2022 to 11 May 2023)`. `None` where there was none,
/// or where nothing is known of its beginning.
pub(super) fn stay_before(recorded: &RecordedChange, frame: &Frame, language: Language) -> Option<String> {
    recorded.change.movement?;
    let (Some(before), Some(after)) = standpoints(&recorded.change) else { return None };
    let (from, to) = (before.code()?, after.code()?);
    let project = &recorded.change.after;
    let clock = Clock::of_project(project);
    let is_new_step = from.track_position() != to.track_position();
    let trail = frame.trail(&project.id);
    let last = trail.iter().rposition(|known| known.stage.code == Some(from));
    let whole = last.filter(|_| is_new_step).map(|last| run_of(trail, last));
    let (label, beginning) = match (whole, last) {
        (Some(run), _) => (before.short(language), beginning(&run[0], clock)),
        (None, Some(last)) => (before.with_code(language), beginning(&trail[last], clock)),
        (None, None) => {
            let since = recorded.change.before.as_ref()?.since?;
            (before.with_code(language), Beginning { day: since, at_latest: false })
        }
    };
    let printed = project.since.or_else(|| day_by_the_body(trail, to));
    let end = printed.unwrap_or_else(|| clock.day(recorded.seen_at));
    if beginning.at_latest && beginning.day >= end {
        // First seen on the day on which it ended: that says nothing of how long it took.
        return None;
    }
    let length = length_in_words(beginning.day, end, language)?;
    let (first, last) = (day_in_words(beginning.day, language), day_in_words(end, language));
    Some(match (language, beginning.at_latest) {
        (Language::Chinese, false) => format!("{length}（{label}，{first}至{last}）"),
        (Language::Chinese, true) => format!("至少{length}（{label}，{first}首次发现，至{last}）"),
        (_, false) => format!("{length} ({label}, {first} to {last})"),
        (_, true) => format!("at least {length} ({label}, first seen on {first}, until {last})"),
    })
}

/// The day on which a project came to a step of its way, where that is known.
pub(super) fn began(place: &Place<'_>, position: usize) -> Option<StageDay> {
    let trail = place.trail;
    let is_there = |known: &KnownStage| step_of(known) == Some(position);
    let stands_there = place.code.track_position() == Some(position);
    if let Some(last) = trail.iter().rposition(is_there) {
        let run = run_of(trail, last);
        // A source may print the day of a stage that another one showed first.
        if let ([only], Some(since), true) = (run, place.since, stands_there)
            && only.since.is_none()
            && only.stage.code == Some(place.code)
        {
            return Some(StageDay { day: since, is_seen: false });
        }
        return (!beginning(&run[0], place.clock).at_latest).then(|| day_of(&run[0], place.clock));
    }
    let by_the_body = place.since.map(|day| StageDay { day, is_seen: false });
    let by_us = place.moved.map(|day| StageDay { day, is_seen: true });
    by_the_body.or(by_us).filter(|_| stands_there)
}

/// The stages of one step without a break, up to this one.
fn run_of(trail: &[KnownStage], last: usize) -> &[KnownStage] {
    let step = step_of(&trail[last]);
    let n_same = trail[..=last].iter().rev().take_while(|known| step_of(known) == step).count();
    &trail[last + 1 - n_same..=last]
}

fn step_of(known: &KnownStage) -> Option<usize> {
    known.stage.code.and_then(StageCode::track_position)
}

fn beginning(known: &KnownStage, clock: Clock) -> Beginning {
    match known.since {
        Some(day) => Beginning { day, at_latest: false },
        None => Beginning { day: clock.day(known.seen_at), at_latest: known.change.is_none() },
    }
}

/// The two largest parts of a span: `1 year and 2 months`, `6 months and 3 days`, `12 days`; `None` where it ends before it begins.
fn length_in_words(from: Date, to: Date, language: Language) -> Option<String> {
    if to < from {
        return None;
    }
    let span = from.until((Unit::Year, to)).ok()?;
    let parts = [
        (i32::from(span.get_years()), "year", "年"),
        (span.get_months(), "month", "个月"),
        (span.get_days(), "day", "天"),
    ];
    let words: Vec<String> = parts
        .into_iter()
        .filter(|(count, _, _)| *count > 0)
        .take(2)
        .map(|(count, english, chinese)| match language {
            Language::Chinese => format!("{count}{chinese}"),
            _ if count == 1 => format!("1 {english}"),
            _ => format!("{count} {english}s"),
        })
        .collect();
    if words.is_empty() {
        return Some(pick(language, "less than a day", "不足一天").to_owned());
    }
    Some(words.join(pick(language, " and ", "零")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_told_by_its_two_largest_parts() {
        let told =
            |from: &str, to: &str, language| length_in_words(from.parse().unwrap(), to.parse().unwrap(), language);
        for (from, to, english, chinese) in [
            ("2022-11-08", "2023-05-11", "6 months and 3 days", "6个月零3天"),
            ("2022-02-28", "2023-04-30", "1 year and 2 months", "1年零2个月"),
            ("2023-05-01", "2023-05-13", "12 days", "12天"),
            ("2023-05-01", "2023-06-01", "1 month", "1个月"),
            ("2023-05-01", "2023-05-01", "less than a day", "不足一天"),
        ] {
            assert_eq!(told(from, to, Language::English).as_deref(), Some(english));
            assert_eq!(told(from, to, Language::Chinese).as_deref(), Some(chinese));
        }
        assert_eq!(told("2023-05-02", "2023-05-01", Language::English), None);
    }
}
