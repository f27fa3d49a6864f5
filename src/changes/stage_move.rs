//! Stage × stage → what kind of move, in the codes of one scheme. Going back is neither an error nor rare (one move in six at ISO,
//! most of them the review loop), so every pair has an answer.

use super::change::{Kind, Move};
use crate::standards::stage::{GbStage, HarmonizedCode, Stage, StageCode, Substage};

/// How a project moved; `None` where it did not, or where the codes are of different schemes.
pub fn move_of(from: StageCode, to: StageCode) -> Option<Move> {
    match (from, to) {
        (StageCode::Iso(from), StageCode::Iso(to)) => (from != to).then(|| iso_move(from, to)),
        (StageCode::Gb(from), StageCode::Gb(to)) => (from != to).then(|| gb_move(from, to)),
        (StageCode::Iso(_), StageCode::Gb(_)) | (StageCode::Gb(_), StageCode::Iso(_)) => None,
    }
}

/// The kind of change that a move makes.
pub fn kind_of(movement: Move) -> Kind {
    match movement {
        Move::Published => Kind::Published,
        Move::Withdrawn => Kind::Withdrawn,
        Move::Advanced
        | Move::Skipped
        | Move::Repeated
        | Move::ReferredBack
        | Move::Abandoned
        | Move::UnderReview
        | Move::Confirmed
        | Move::ToBeRevised => Kind::StageMoved,
    }
}

fn iso_move(from: HarmonizedCode, to: HarmonizedCode) -> Move {
    match (to.stage(), to.substage()) {
        (_, Substage::Abandon) => Move::Abandoned,
        (Stage::Withdrawal, Substage::Proceed) => Move::Withdrawn,
        (Stage::Review, Substage::Start | Substage::Completion) => Move::UnderReview,
        // 95.92 is the decision not to withdraw.
        (Stage::Review, Substage::RepeatCurrent) | (Stage::Withdrawal, Substage::RepeatEarlier) => Move::Confirmed,
        (Stage::Review, Substage::RepeatEarlier) => Move::ToBeRevised,
        (Stage::Publication, Substage::Completion) if from < to => Move::Published,
        (_, Substage::RepeatEarlier) => Move::ReferredBack,
        (_, Substage::RepeatCurrent) => Move::Repeated,
        _ if to < from && to.stage() == from.stage() => Move::Repeated,
        _ if to < from => Move::ReferredBack,
        _ => onwards(row_of(from.stage()), row_of(to.stage())),
    }
}

fn gb_move(from: GbStage, to: GbStage) -> Move {
    match to {
        GbStage::Terminated => Move::Abandoned,
        GbStage::Withdrawn => Move::Withdrawn,
        GbStage::PeriodicReview => Move::UnderReview,
        // A plan that was given up and is back goes on from where it stands.
        _ if from == GbStage::Terminated => Move::Advanced,
        GbStage::Published if from < to => Move::Published,
        _ if to < from => Move::ReferredBack,
        _ => onwards(from as usize, to as usize),
    }
}

/// Stages are left out when a whole row of the matrix is.
fn onwards(from_row: usize, to_row: usize) -> Move {
    if to_row > from_row + 1 { Move::Skipped } else { Move::Advanced }
}

fn row_of(stage: Stage) -> usize {
    stage as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standards::stage::Scheme;

    fn check(scheme: Scheme, pairs: &[(&str, &str, Option<Move>)]) {
        for (from, to, expected) in pairs {
            let code = |text| StageCode::parse(scheme, text).unwrap_or_else(|| panic!("{text} is no code"));
            assert_eq!(move_of(code(from), code(to)), *expected, "{from} → {to}");
        }
    }

    #[test]
    fn moves_of_iso_projects_have_the_names_of_the_trade() {
        check(
            Scheme::Iso,
            &[
                ("40.20", "40.20", None),
                ("40.20", "40.60", Some(Move::Advanced)),
                ("40.60", "50.00", Some(Move::Advanced)),
                ("20.00", "30.20", Some(Move::Advanced)),
                ("30.99", "50.00", Some(Move::Skipped)),
                ("20.00", "40.00", Some(Move::Skipped)),
                ("60.00", "60.60", Some(Move::Published)),
                ("50.60", "60.60", Some(Move::Published)),
                ("40.60", "40.93", Some(Move::Repeated)),
                ("40.93", "40.00", Some(Move::Repeated)),
                ("30.60", "30.20", Some(Move::Repeated)),
                ("40.60", "40.92", Some(Move::ReferredBack)),
                ("50.00", "40.99", Some(Move::ReferredBack)),
                ("60.00", "30.00", Some(Move::ReferredBack)),
                ("90.92", "60.60", Some(Move::ReferredBack)),
                ("40.60", "40.98", Some(Move::Abandoned)),
                ("40.98", "50.00", Some(Move::Advanced)),
                ("60.60", "90.20", Some(Move::UnderReview)),
                ("90.93", "90.20", Some(Move::UnderReview)),
                ("90.60", "90.93", Some(Move::Confirmed)),
                ("95.60", "95.92", Some(Move::Confirmed)),
                ("95.99", "90.93", Some(Move::Confirmed)),
                ("90.60", "90.92", Some(Move::ToBeRevised)),
                ("90.92", "95.99", Some(Move::Withdrawn)),
            ],
        );
    }

    #[test]
    fn moves_of_national_plans_and_standards_have_them_too() {
        check(
            Scheme::Gb,
            &[
                ("20", "30", Some(Move::Advanced)),
                ("20", "50", Some(Move::Skipped)),
                ("30", "20", Some(Move::ReferredBack)),
                ("50", "60", Some(Move::Published)),
                ("60", "95", Some(Move::Withdrawn)),
                ("60", "90", Some(Move::UnderReview)),
                ("20", "terminated", Some(Move::Abandoned)),
                ("terminated", "30", Some(Move::Advanced)),
                ("60", "60", None),
            ],
        );
    }

    #[test]
    fn every_pair_of_codes_of_one_scheme_has_an_answer() {
        for scheme in [Scheme::Iso, Scheme::Gb] {
            for from in StageCode::all(scheme) {
                for to in StageCode::all(scheme) {
                    assert_eq!(move_of(from, to).is_none(), from == to, "{from} → {to}");
                }
            }
        }
    }
}
