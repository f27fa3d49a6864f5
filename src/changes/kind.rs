//! The kind under which a change of one project is told: the most telling of its differences. Not whether anybody was told before.

use jiff::civil::Date;

use super::change::{Change, Difference, Kind, Move};
use super::difference::{Matter, differences_of, matter_of};
use super::stage_move::{self, move_of};
use crate::standards::project::{Project, Standing};

/// What a project that is shown is a change of, if it is one; `before` is how it was held, `was_gone` whether it was told to be gone.
pub(super) fn change_of(before: Option<&Project>, now: &Project, was_gone: bool, today: Date) -> Option<Change> {
    let Some(before) = before else {
        return Some(Change {
            kind: kind_of_newcomer(now, today),
            movement: None,
            before: None,
            after: now.clone(),
            differences: Vec::new(),
        });
    };
    let differences = differences_of(before, now);
    let movement = match (before.stage_code(), now.stage_code()) {
        (Some(from), Some(to)) => move_of(from, to),
        _ => None,
    };
    let kind = kind_of(before, now, movement, &differences, today).or_else(|| was_gone.then_some(Kind::ListedAgain))?;
    Some(Change { kind, movement, before: Some(before.clone()), after: now.clone(), differences })
}

fn kind_of_newcomer(now: &Project, today: Date) -> Kind {
    if is_open(now, today) {
        Kind::ConsultationOpened
    } else if now.is_notice() {
        Kind::Announced
    } else {
        Kind::Appeared
    }
}

/// The most telling kind of what differs; `None` where nothing that differs is news.
fn kind_of(
    before: &Project,
    now: &Project,
    movement: Option<Move>,
    differences: &[Difference],
    today: Date,
) -> Option<Kind> {
    if let Some(movement) = movement {
        return Some(stage_move::kind_of(movement));
    }
    match (before.standing, now.standing) {
        (Some(Standing::Published | Standing::OnHold), Some(Standing::InForce)) => return Some(Kind::InForce),
        // The stage stays; that the standard will not be in force, or no longer is, is news all the same.
        (Some(Standing::Published | Standing::InForce), Some(Standing::OnHold)) => return Some(Kind::StageMoved),
        _ => {}
    }
    if before.consultation.is_empty() && is_open(now, today) {
        return Some(Kind::ConsultationOpened);
    }
    // What is news of a notice is that it is there; its title and its day are edited without anything happening.
    if now.is_notice() {
        return None;
    }
    let matters: Vec<Matter> = differences.iter().filter_map(matter_of).collect();
    let by_matter = [
        (Matter::Name, Kind::Retitled),
        (Matter::Committee, Kind::Reassigned),
        (Matter::Day, Kind::Redated),
        (Matter::Words, Kind::TextChanged),
    ];
    by_matter.into_iter().find_map(|(matter, kind)| matters.contains(&matter).then_some(kind))
}

fn is_open(project: &Project, today: Date) -> bool {
    project.consultation.closes.is_some_and(|closes| closes >= today)
}

/// A project that stayed away.
pub(super) fn no_longer_listed(project: &Project) -> Change {
    Change {
        kind: Kind::NoLongerListed,
        movement: None,
        before: Some(project.clone()),
        after: project.clone(),
        differences: Vec::new(),
    }
}
