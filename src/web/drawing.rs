//! Where things stand, as numbers that templates draw: the track of a project, its line in time. Not the drawing: colours and shapes are in
//! the style sheet, and say the same in grey.

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::changes::corroboration::KnownStage;
use crate::changes::notice_track::{Mark, Place, known_by, way};
use crate::standards::language::Language;
use crate::standards::project::Standing;
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
        day: step.since.map(|day| day.to_string()),
        x: 8 + position * 30,
    });
    Some(Track { steps: drawn.collect(), width: n_steps.max(7) * 30 - 14, says })
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
    label_x: String,
    /// `s1` to `s7`, or `s8` for what was given up or withdrawn.
    tone: String,
    says: String,
}

impl Window {
    /// From the first day on which something is known, at most ten years back, to a little after today.
    pub(super) fn over<'a>(trails: impl Iterator<Item = &'a KnownStage>, today: Date) -> Window {
        let earliest = today.saturating_sub(10.years());
        let first = trails.map(day_of).min().unwrap_or(today).clamp(earliest, today);
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
                let label = day.strftime(if step.get_months() == 3 { "%Y-%m" } else { "%Y" }).to_string();
                ticks.push(Tick { x: percent(self.share(day)), label });
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
    pub(super) fn line(self, trail: &[KnownStage], today: Date, language: Language) -> Vec<Segment> {
        let mut steps: Vec<(Date, StageCode)> =
            trail.iter().filter_map(|known| Some((day_of(known), known.stage.code?))).collect();
        steps.sort_by_key(|(day, _)| *day);
        steps.dedup_by(|later, earlier| tone(later.1) == tone(earlier.1));
        let ends = steps.iter().skip(1).map(|(day, _)| *day).chain([today]);
        let segments = steps.iter().zip(ends).filter(|(_, end)| *end >= self.from);
        segments.map(|((day, code), end)| self.segment(*code, *day, end, language)).collect()
    }

    fn segment(self, code: StageCode, from: Date, until: Date, language: Language) -> Segment {
        let (x, end) = (self.share(from), self.share(until));
        let width = (end - x).max(0.4);
        let label = code.label_in(language);
        let wide_enough = 1.2 + f64::from(u32::try_from(label.chars().count()).unwrap_or(9)) * 1.1;
        Segment {
            label: if width >= wide_enough { label } else { "" },
            label_x: percent(x + 0.5),
            tone: tone(code),
            says: format!("{label}, {from} – {until}"),
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

fn day_of(known: &KnownStage) -> Date {
    known.since.unwrap_or_else(|| TimeZone::UTC.to_datetime(known.seen_at).date())
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
