//! What a subscriber wants to be told of, among the changes that their watches concern: everything, or what is significant, or some kinds.
//! Not whom a change concerns: that is `subscription`.

use super::change::{Change, Kind, Move};
use crate::standards::project::Project;
use crate::standards::stage::{GbStage, Stage, StageCode, Substage};

/// Which changes are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Appetite {
    /// Only these kinds; without any, every kind but the end of a consultation, of which reminders have spoken.
    pub kinds: Vec<Kind>,
    /// Only what is significant.
    pub significant_only: bool,
}

impl Appetite {
    /// Whether this change is wanted.
    pub fn is_for(&self, change: &Change) -> bool {
        let of_a_kind = if self.kinds.is_empty() {
            change.kind != Kind::ConsultationClosed
        } else {
            self.kinds.contains(&change.kind)
        };
        of_a_kind && (!self.significant_only || is_significant(change))
    }
}

/// Whether a change says where a standard stands or that something can be done about it: another stage, a ballot or a consultation,
/// publication, entry into force, withdrawal, a new project or one that is gone. Not titles, committees, dates, words of pages, notices,
/// and no steps within a stage but those that open a ballot or leave the road.
pub fn is_significant(change: &Change) -> bool {
    match change.kind {
        Kind::Appeared
        | Kind::Published
        | Kind::EnteringIntoForce
        | Kind::InForce
        | Kind::Withdrawn
        | Kind::ConsultationOpened
        | Kind::ConsultationClosing
        | Kind::NoLongerListed => true,
        Kind::StageMoved => is_significant_move(change),
        Kind::Retitled
        | Kind::Reassigned
        | Kind::Redated
        | Kind::ConsultationClosed
        | Kind::ListedAgain
        | Kind::TextChanged
        | Kind::Announced => false,
    }
}

fn is_significant_move(change: &Change) -> bool {
    let is_step = matches!(change.movement, Some(Move::Advanced | Move::Skipped));
    let before = change.before.as_ref().and_then(Project::stage_code);
    match (before, change.after.stage_code()) {
        (Some(before), Some(after)) if is_step => row_of(before) != row_of(after) || opens_a_ballot(after),
        _ => true,
    }
}

/// The row of the matrix, or the stage of GB/T 16733.
fn row_of(code: StageCode) -> Result<Stage, GbStage> {
    match code {
        StageCode::Iso(code) => Ok(code.stage()),
        StageCode::Gb(stage) => Err(stage),
    }
}

fn opens_a_ballot(code: StageCode) -> bool {
    match code {
        StageCode::Iso(code) => {
            code.substage() == Substage::Start
                && matches!(code.stage(), Stage::Committee | Stage::Enquiry | Stage::Approval)
        }
        StageCode::Gb(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standards::project::{PrintedStage, ProjectId};
    use crate::standards::stage::Scheme;

    fn moved(movement: Move, from: &str, to: &str) -> Change {
        let at = |code: &str| {
            let mut project = Project::new(ProjectId::Iso(1), "ISO/IEC 1");
            project.stage = Some(PrintedStage { printed: code.into(), code: StageCode::parse(Scheme::Iso, code) });
            project
        };
        let (before, after) = (Some(at(from)), at(to));
        Change { kind: Kind::StageMoved, movement: Some(movement), before, after, differences: Vec::new() }
    }

    #[test]
    fn steps_within_a_stage_are_not_significant_unless_they_open_a_ballot_or_leave_the_road() {
        for (movement, from, to, expected) in [
            (Move::Advanced, "40.60", "50.00", true),
            (Move::Skipped, "20.00", "40.20", true),
            (Move::Advanced, "40.20", "40.60", false),
            (Move::Advanced, "40.00", "40.20", true),
            (Move::Advanced, "20.00", "20.20", false),
            (Move::Abandoned, "40.60", "40.98", true),
            (Move::Repeated, "40.60", "40.93", true),
            (Move::ReferredBack, "50.60", "40.00", true),
        ] {
            assert_eq!(is_significant(&moved(movement, from, to)), expected, "{from} to {to}");
        }
    }

    #[test]
    fn kinds_that_are_named_are_wanted_and_the_end_of_a_consultation_only_then() {
        let of = |kind| Change { kind, ..moved(Move::Advanced, "40.20", "40.60") };
        let everything = Appetite::default();
        assert!(everything.is_for(&of(Kind::Retitled)) && !everything.is_for(&of(Kind::ConsultationClosed)));
        let some = Appetite { kinds: vec![Kind::ConsultationClosed, Kind::StageMoved], significant_only: false };
        assert!(some.is_for(&of(Kind::ConsultationClosed)) && !some.is_for(&of(Kind::Retitled)));
        let both = Appetite { significant_only: true, ..some };
        assert!(!both.is_for(&of(Kind::StageMoved)), "a step within a stage");
        assert!(both.is_for(&moved(Move::Advanced, "40.60", "50.00")));
    }
}
