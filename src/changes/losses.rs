//! How much of what a source showed last is gone at once, and whether that is more than is believed: a page that was cut, or answers
//! another question, loses many; a body that gives projects up, few. Not which of them are gone for good.

use std::collections::BTreeSet;

use super::comparison::{Held, Holdings, Limits};
use crate::standards::programme::Programme;
use crate::standards::project::ProjectId;

/// Whether the page lost more of what it showed last than the limit allows.
pub(super) fn shrinkage(held: &Holdings, programme: &Programme, limits: Limits<'_>) -> Option<String> {
    let is_expected = |held: &Held| held.missed == 0 && !limits.asks_for_others_than(&held.project);
    let shown_last: Vec<&ProjectId> = held.iter().filter(|(_, held)| is_expected(held)).map(|(id, _)| id).collect();
    let n_last = shown_last.len();
    let n_missing = match limits.misses_before_gone {
        Some(_) => shown_last.iter().filter(|id| !programme.projects.contains_key(*id)).count(),
        // Of a list of the newest entries all may be new; only its length tells.
        None => n_last.saturating_sub(programme.projects.len()),
    };
    exceeds(n_missing, n_last, limits.shrink_share).then(|| {
        format!(
            "{n_missing} of {n_last} projects are gone at once, more than the share of {} that is believed",
            limits.shrink_share
        )
    })
}

/// Whether a page that is watched for its words lost more of its lines than the limit allows.
pub(super) fn lost_lines(held: &Holdings, programme: &Programme, limits: Limits<'_>) -> Option<String> {
    let texts =
        programme.projects.iter().filter_map(|(id, now)| held.get(id)?.project.text.as_ref().zip(now.text.as_ref()));
    let lost = |(before, now): (&String, &String)| {
        let still: BTreeSet<&str> = now.lines().collect();
        let (n_lines, n_gone) = (before.lines().count(), before.lines().filter(|line| !still.contains(line)).count());
        exceeds(n_gone, n_lines, limits.shrink_share).then(|| {
            let share = limits.shrink_share;
            format!("{n_gone} of {n_lines} lines are gone at once, more than the share of {share} that is believed")
        })
    };
    texts.into_iter().find_map(lost)
}

fn exceeds(n_gone: usize, n_last: usize, share: f64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "numbers of projects and lines are far below 2^52")]
    let gone = n_gone as f64 / n_last.max(1) as f64;
    gone > share
}
