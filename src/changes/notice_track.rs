//! Where a project stands on its whole way, as steps to be drawn: in a line of text, in the cells of a table, on a card. Not what happened
//! when on that way: that is for the history.

use jiff::civil::Date;

use super::change::RecordedChange;
use super::notice_frame::Frame;
use super::notice_stage::standpoint;
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
}

/// Where the enquiry stands on the way of ISO.
const ENQUIRY: usize = 4;

/// The steps from first idea to publication and, where it is past that, to where it stands; `None` for what has no stage.
pub fn track(recorded: &RecordedChange, frame: &Frame, language: Language) -> Option<Vec<Step>> {
    let project = &recorded.change.after;
    let code = project.stage_code()?;
    let here = code.track_position().or_else(|| last_position(recorded, frame))?;
    let way = StageCode::track(code.scheme());
    let is_past = here + 1 == way.len() && !code.is_published() && is_after_publication(code);
    let mut steps = Vec::new();
    for (position, step) in way.iter().enumerate() {
        if position == ENQUIRY && here != ENQUIRY && has_no_enquiry(project) {
            continue;
        }
        let mark = match position.cmp(&here) {
            std::cmp::Ordering::Less => Mark::Passed,
            std::cmp::Ordering::Greater => Mark::Ahead,
            std::cmp::Ordering::Equal if is_past => Mark::Passed,
            std::cmp::Ordering::Equal if code.is_cancelled() => Mark::Ended,
            std::cmp::Ordering::Equal => Mark::Here,
        };
        let own = standpoint(project).filter(|_| mark == Mark::Here).map(|standpoint| standpoint.short(language));
        let label = own.unwrap_or_else(|| label_of(*step, project.deliverable, language));
        let since = if mark == Mark::Ahead { None } else { began(recorded, frame, position) };
        steps.push(Step { label, mark, since });
    }
    if is_past {
        let mark = if code.is_withdrawn() { Mark::Ended } else { Mark::Here };
        steps.push(Step { label: code.label_in(language).to_owned(), mark, since: project.since });
    }
    Some(steps)
}

/// `● PWI ─ ● NP ─ ● WD ─ ● CD ─ ● DIS ─ ◉ FDIS ─ ○ published`.
pub fn drawn(steps: &[Step]) -> String {
    steps.iter().map(|step| format!("{} {}", step.mark.sign(), step.label)).collect::<Vec<_>>().join(" ─ ")
}

/// 终止 names no step: the plan ended where it was.
fn last_position(recorded: &RecordedChange, frame: &Frame) -> Option<usize> {
    let before = recorded.change.before.as_ref().and_then(Project::stage_code).and_then(StageCode::track_position);
    let known =
        || frame.trail(&recorded.change.after.id).iter().rev().find_map(|known| known.stage.code?.track_position());
    before.or_else(known)
}

fn is_after_publication(code: StageCode) -> bool {
    match code {
        StageCode::Iso(code) => code > HarmonizedCode::PUBLISHED,
        StageCode::Gb(_) => true,
    }
}

/// What the committee itself approves goes from its own draft to the last ballot.
fn has_no_enquiry(project: &Project) -> bool {
    matches!(
        project.deliverable,
        Some(
            Deliverable::TechnicalSpecification
                | Deliverable::TechnicalReport
                | Deliverable::PubliclyAvailableSpecification
        )
    )
}

/// The letters that a step is known by: those of its draft, not of a project that was only registered.
fn label_of(step: StageCode, deliverable: Option<Deliverable>, language: Language) -> String {
    let known_by = match step {
        StageCode::Iso(code) => HarmonizedCode::new(code.stage(), Substage::Start).map_or(step, StageCode::Iso),
        StageCode::Gb(_) => step,
    };
    match deliverable.map(|deliverable| known_by.label_for(deliverable)).filter(|letters| *letters != known_by.label())
    {
        Some(letters) => letters.to_owned(),
        None => known_by.label_in(language).to_owned(),
    }
}
