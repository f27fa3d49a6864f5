//! Where things stand, as numbers that templates draw: the track of a project, its line in time. Not the drawing: colours and shapes are in
//! the style sheet, and say the same in grey.

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::Serialize;

use crate::changes::change::Change;
use crate::changes::clock::Clock;
use crate::changes::corroboration::KnownStage;
use crate::changes::notice_track::{Mark, Place, known_by, way};
use crate::changes::stage_days::{StageDay, day_of};
use crate::standards::language::Language;
use crate::standards::project::{Project, Standing};
use crate::standards::stage::{Scheme, StageCode};

/// The steps of its way in a row, and which of them the project has behind it: the same that a mail draws.
#[derive(Debug, Serialize)]
pub(super) struct Track {
    pub(super) steps: Vec<Step>,
    /// Of the field that it is drawn in.
    pub(super) width: usize,
    /// `FDIS 50.20, step 6 of 7`: what the picture says, in words.
    pub(super) says: String,
}

/// One step on the track.
#[derive(Debug, Serialize)]
pub(super) struct Step {
    pub(super) label: String,
    /// `past`, `here`, `ended` or `ahead`.
    pub(super) state: &'static str,
    /// The day on which it got there.
    pub(super) day: Option<String>,
    /// Got there by the move that is told of.
    pub(super) is_new: bool,
    pub(super) x: usize,
}

/// The track of a project.
pub(super) fn track(place: &Place<'_>, language: Language) -> Option<Track> {
    let steps = way(place, language)?;
    let (code, n_steps) = (place.code, steps.len());
    let here = steps.iter().position(|step| matches!(step.mark, Mark::Here | Mark::Ended)).unwrap_or(n_steps - 1);
    let label = if steps[here].mark == Mark::Here { steps[here].label.as_str() } else { code.label_in(language) };
    let says = match language {
        Language::Chinese => format!("{label} {code}，第 {} 步，共 {n_steps} 步", here + 1),
        Language::English | Language::French | Language::Russian => {
            format!("{label} {code}, step {} of {n_steps}", here + 1)
        }
    };
    let drawn = steps.iter().enumerate().map(|(position, step)| Step {
        label: step.label.clone(),
        state: match step.mark {
            Mark::Passed => "past",
            Mark::Here => "here",
            Mark::Ahead => "ahead",
            Mark::Ended => "ended",
        },
        day: step.since.map(|day| StageDay { day, is_seen: step.is_seen }.in_words(language)),
        is_new: false,
        x: 8 + position * 30,
    });
    Some(Track { steps: drawn.collect(), width: n_steps.max(7) * 30 - 14, says })
}

/// Where a change left its project, and how far it brought it.
pub(super) fn moved(change: &Change, trail: &[KnownStage], language: Language) -> Option<Track> {
    let came_from = change.before.as_ref().and_then(Project::stage_code);
    let mut drawn = track(&Place { came_from, ..Place::of(&change.after, trail)? }, language)?;
    let before = change.before.as_ref().and_then(|before| track(&Place::of(before, &[])?, language));
    let behind = before.and_then(|before| before.steps.iter().position(Step::is_reached_last));
    for step in drawn.steps.iter_mut().skip(behind.map_or(usize::MAX, |position| position + 1)) {
        step.is_new = step.state != "ahead";
    }
    Some(drawn)
}

impl Step {
    fn is_reached_last(&self) -> bool {
        matches!(self.state, "here" | "ended")
    }
}

/// A span of time that lines are drawn in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    from: Date,
    until: Date,
}

/// A year in the head of a drawing.
#[derive(Debug, Serialize)]
pub(super) struct Tick {
    x: String,
    label: String,
}

/// A part of a line: one main stage, from one day to another.
#[derive(Debug, Serialize)]
pub(super) struct Segment {
    x: String,
    width: String,
    /// Of the label that stands in it; empty where it is too narrow for one.
    label: &'static str,
    /// `s1` to `s7`, or `s8` for what was given up or withdrawn.
    tone: String,
    says: String,
}

impl Window {
    /// From the first day on which something is known, at most ten years back, to a little after today.
    pub(super) fn over(days: impl Iterator<Item = Date>, today: Date) -> Window {
        let earliest = today.saturating_sub(10.years());
        let first = days.min().unwrap_or(today).clamp(earliest, today);
        let first = first.min(today.saturating_sub(1.year()));
        Window { from: first.first_of_month(), until: today.saturating_add(2.months()).last_of_month() }
    }

    fn share(self, day: Date) -> f64 {
        let days = |from: Date, until: Date| f64::from((until - from).get_days());
        (days(self.from, day) / days(self.from, self.until).max(1.0)).clamp(0.0, 1.0) * 100.0
    }

    /// The first day of every year; of every quarter where that is less than two years.
    pub(super) fn ticks(self) -> Vec<Tick> {
        let step = if (self.until - self.from).get_days() < 800 { 3.months() } else { 12.months() };
        let mut day = self.from.first_of_year();
        let mut ticks = Vec::new();
        while day <= self.until {
            if day >= self.from {
                // At the right edge there is no room for words.
                let share = self.share(day);
                let format = if share > 93.0 {
                    ""
                } else if step.get_months() == 3 {
                    "%Y-%m"
                } else {
                    "%Y"
                };
                ticks.push(Tick { x: percent(share), label: day.strftime(format).to_string() });
            }
            day = day.saturating_add(step);
        }
        ticks
    }

    /// Where today is.
    pub(super) fn today(self, today: Date) -> String {
        percent(self.share(today))
    }

    /// The line of a project: one part for each main stage that it was in.
    pub(super) fn line(self, clock: Clock, trail: &[KnownStage], today: Date, language: Language) -> Vec<Segment> {
        let mut steps: Vec<(StageDay, StageCode)> =
            trail.iter().filter_map(|known| Some((day_of(known, clock), known.stage.code?))).collect();
        steps.sort_by_key(|(day, _)| day.day);
        steps.dedup_by(|later, earlier| tone(later.1) == tone(earlier.1));
        let ends = steps.iter().skip(1).map(|(day, _)| day.day).chain([today]);
        let segments = steps.iter().zip(ends).filter(|(_, end)| *end >= self.from);
        segments.map(|((day, code), end)| self.segment(*code, *day, end, language)).collect()
    }

    fn segment(self, code: StageCode, from: StageDay, until: Date, language: Language) -> Segment {
        let end = self.share(until);
        // What began today is to be seen too, beside the line of today.
        let x = self.share(from.day).min(end - 0.6).max(0.0);
        let width = end - x;
        let label = code.label_in(language);
        let wide_enough = 1.2 + label.chars().map(|letter| if letter.is_ascii() { 0.9 } else { 1.6 }).sum::<f64>();
        Segment {
            label: if width >= wide_enough { label } else { "" },
            tone: tone(code),
            says: format!("{label}, {} – {until}", from.in_words(language)),
            x: percent(x),
            width: percent(width),
        }
    }
}

/// The names of the stages of a scheme with their tones, for a legend.
pub(super) fn legend(scheme: Scheme, language: Language) -> Vec<(String, &'static str)> {
    StageCode::track(scheme).iter().map(|code| (tone(*code), known_by(*code).label_in(language))).collect()
}

fn tone(code: StageCode) -> String {
    if code.is_cancelled() || code.is_withdrawn() {
        return "s8".to_owned();
    }
    code.track_position().map_or_else(|| "s8".to_owned(), |position| format!("s{}", position + 1))
}

fn percent(share: f64) -> String {
    format!("{share:.2}%")
}

/// A status in words, where it says more than the stage.
pub(super) fn standing(standing: Standing, language: Language) -> &'static str {
    let pick = |english, chinese| super::words::pick(language, english, chinese);
    match standing {
        Standing::UnderDevelopment => pick("under development", "制定中"),
        Standing::Published => pick("published, not yet in force", "即将实施"),
        Standing::InForce => pick("in force", "现行"),
        Standing::OnHold => pick("on hold", "暂不实施"),
        Standing::Withdrawn => pick("withdrawn", "废止"),
        Standing::Cancelled => pick("cancelled", "终止"),
    }
}
