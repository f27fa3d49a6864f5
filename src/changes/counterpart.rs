//! The publication of a national standard is one event under two numbers: its plan is shown as published, and the standard is listed for
//! the first time. Whoever was told of the one needs no second alert for the other. Not the same move at two sources under one number:
//! that is for corroboration.

use super::change::{Kind, RecordedChange};
use crate::standards::project::{ProjectId, Standing};

/// The change among `others`, which are of the plan or the standard that belongs to this project by number, that told the same
/// publication to everybody whom this change concerns.
pub fn told_by<'a>(
    recorded: &RecordedChange,
    others: impl IntoIterator<Item = &'a RecordedChange>,
) -> Option<&'a RecordedChange> {
    if !tells_publication(recorded) {
        return None;
    }
    let reached_all = |other: &&RecordedChange| recorded.watches.iter().all(|watch| other.watches.contains(watch));
    others.into_iter().filter(|other| tells_publication(other)).find(reached_all)
}

/// The projects whose changes may have told it: its plan or its standard, joined by number.
pub fn counterparts(recorded: &RecordedChange) -> impl Iterator<Item = &ProjectId> {
    let by_number = recorded.related.iter().filter(|other| other.relation.is_one_work() && !other.inferred);
    by_number.map(|other| &other.id).filter(|id| matches!(id, ProjectId::Sac(_) | ProjectId::Gb(_)))
}

fn tells_publication(recorded: &RecordedChange) -> bool {
    let project = &recorded.change.after;
    let is_out = matches!(project.standing, Some(Standing::Published | Standing::InForce));
    match (recorded.change.kind, &project.id) {
        (Kind::Published, ProjectId::Sac(_) | ProjectId::Gb(_)) => true,
        (Kind::Appeared, ProjectId::Gb(_)) => is_out,
        _ => false,
    }
}
