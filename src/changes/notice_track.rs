//! Where a project stands on its whole way, as steps to be drawn: in a line of text, in the cells of a table, on a card, on a page. Not what
//! happened when on that way: that is for the history.

use jiff::civil::Date;

use super::change::RecordedChange;
use super::clock::Clock;
use super::corroboration::KnownStage;
use super::notice_frame::Frame;
use super::notice_stage::letters;
use super::notice_stay::began;
use crate::standards::deliverable::Deliverable;
use crate::standards::language::Language;
use crate::standards::project::Project;
use crate::standards::stage::{HarmonizedCode, StageCode, Substage};

/// How a step is to the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mark {
    /// Behind it.
    Passed,
    /// Where it is.
    Here,
    /// Before it.
    Ahead,
    /// Where it ended: given up, or withdrawn.
    Ended,
}

impl Mark {
    /// The sign that is drawn; the four differ in shape, so that they need no colour.
    pub fn sign(self) -> &'static str {
        match self {
            Mark::Passed => "●",
            Mark::Here => "◉",
            Mark::Ahead => "○",
            Mark::Ended => "✕",
        }
    }
}

/// One step of the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The letters of the draft, or the word for the stage: `DIS`, `征求意见`.
    pub label: String,
    /// How it is to the project.
    pub mark: Mark,
    /// The day on which the project came there, where that is known.
    pub since: Option<Date>,
    /// The body printed no such day: it is the one on which that was first seen.
    pub is_seen: bool,
}

/// Where the enquiry stands on the way of ISO.
const ENQUIRY: usize = 4;

/// Where a project stands, and how it came there.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// By whose days.
    pub clock: Clock,
    /// Its stage.
    pub code: StageCode,
    /// As what: a technical report has other letters than a standard.
    pub deliverable: Option<Deliverable>,
    /// Since when it is there, by the body.
    pub since: Option<Date>,
    /// The day on which a change that is told now brought it there; the trail may not have it yet.
    pub moved: Option<Date>,
    /// Where that change found it.
    pub came_from: Option<StageCode>,
    /// The known stages, in order of first sight.
    pub trail: &'a [KnownStage],
}

impl<'a> Place<'a> {
    /// Where a project stands as it is shown; `None` for what has no stage.
    pub fn of(project: &'a Project, trail: &'a [KnownStage]) -> Option<Place<'a>> {
        let code = project.stage_code()?;
        let (deliverable, since) = (project.deliverable, project.since);
        Some(Place { clock: Clock::of_project(project), code, deliverable, since, moved: None, came_from: None, trail })
    }
}

/// The steps of the project of a change; `None` for what has no stage.
pub fn track(recorded: &RecordedChange, frame: &Frame, language: Language) -> Option<Vec<Step>> {
    let project = &recorded.change.after;
    let place = Place::of(project, frame.trail(&project.id))?;
    let moved = recorded.came_at().map(|at| place.clock.day(at));
    let came_from = recorded.change.before.as_ref().and_then(Project::stage_code);
    way(&Place { moved, came_from, ..place }, language)
}

/// The steps from first idea to publication and, where it is past that, to where it stands.
pub fn way(place: &Place<'_>, language: Language) -> Option<Vec<Step>> {
    let code = place.code;
    let here = code.track_position().or_else(|| last_position(place))?;
    let way = StageCode::track(code.scheme());
    let is_past = here + 1 == way.len() && !code.is_published() && is_after_publication(code);
    let mut steps = Vec::new();
    for (position, step) in way.iter().enumerate() {
        if position == ENQUIRY && here != ENQUIRY && has_no_enquiry(place.deliverable) {
            continue;
        }
        let mark = match position.cmp(&here) {
            std::cmp::Ordering::Less => Mark::Passed,
            std::cmp::Ordering::Greater => Mark::Ahead,
            std::cmp::Ordering::Equal if is_past => Mark::Passed,
            std::cmp::Ordering::Equal if code.is_cancelled() => Mark::Ended,
            std::cmp::Ordering::Equal => Mark::Here,
        };
        let shown = if mark == Mark::Here { code } else { known_by(*step) };
        let label = letters(shown, place.deliverable, language);
        let day = if mark == Mark::Ahead { None } else { began(place, position) };
        steps.push(Step { label, mark, since: day.map(|day| day.day), is_seen: day.is_some_and(|day| day.is_seen) });
    }
    if is_past {
        let mark = if code.is_withdrawn() { Mark::Ended } else { Mark::Here };
        steps.push(Step { label: code.label_in(language).to_owned(), mark, since: place.since, is_seen: false });
    }
    Some(steps)
}

/// `● PWI ─ ● NP ─ ● WD ─ ● CD ─ ● DIS ─ ◉ FDIS ─ ○ published`.
pub fn drawn(steps: &[Step]) -> String {
    steps.iter().map(|step| format!("{} {}", step.mark.sign(), step.label)).collect::<Vec<_>>().join(" ─ ")
}

/// 终止 names no step: the plan ended where it was.
fn last_position(place: &Place<'_>) -> Option<usize> {
    let before = place.came_from.and_then(StageCode::track_position);
    before.or_else(|| place.trail.iter().rev().find_map(|known| known.stage.code?.track_position()))
}

fn is_after_publication(code: StageCode) -> bool {
    match code {
        StageCode::Iso(code) => code > HarmonizedCode::PUBLISHED,
        StageCode::Gb(_) => true,
    }
}

/// What the committee itself approves goes from its own draft to the last ballot.
fn has_no_enquiry(deliverable: Option<Deliverable>) -> bool {
    matches!(
        deliverable,
        Some(
            Deliverable::TechnicalSpecification
                | Deliverable::TechnicalReport
                | Deliverable::PubliclyAvailableSpecification
        )
    )
}

/// The stage whose letters a step is known by: those of its draft, not of a project that was only registered.
pub fn known_by(step: StageCode) -> StageCode {
    match step {
        StageCode::Iso(code) => HarmonizedCode::new(code.stage(), Substage::Start).map_or(step, StageCode::Iso),
        StageCode::Gb(_) => step,
    }
}
