//! Whether a page may be an older copy of itself: a mirror that lags, a cache that forgot to look. Such a page moves projects back to where
//! they were, and reads in every field as an earlier one did. A body that takes a step back seldom leaves no other trace, but it may; so
//! such a page is in doubt, not refused, and believed once it stays.
//!
//! The days of stages need no rule of their own here: a body that goes back prints the day on which it did so, and the page reads otherwise.

use jiff::{SignedDuration, Timestamp};

use super::change::Change;
use crate::standards::project::Project;

/// How long a copy may be old: after that the page is what the body shows.
const LONGEST_LAG: SignedDuration = SignedDuration::from_hours(48);

/// Whether a poll moves a project to an earlier stage.
pub fn goes_back(changes: &[Change]) -> bool {
    changes.iter().any(|change| {
        let from = change.before.as_ref().and_then(Project::stage_code);
        change.movement.is_some() && from.zip(change.after.stage_code()).is_some_and(|(from, to)| to < from)
    })
}

/// How a page stands to what it was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// As it was accepted last.
    AsAccepted,
    /// As it was once, from that moment on.
    Older(Timestamp),
    /// As it never was.
    New,
}

/// Which version of a page reads as it does now; the versions are the newest first, and the first of them is the one that was accepted last.
/// They are taken one by one, and no further than needed.
pub fn age_among(now: &[Project], versions: impl IntoIterator<Item = (Timestamp, Vec<Project>)>) -> Age {
    let same = versions.into_iter().enumerate().find(|(_, (_, earlier))| earlier == now);
    match same {
        Some((0, _)) => Age::AsAccepted,
        Some((_, (at, _))) => Age::Older(at),
        None => Age::New,
    }
}

/// Whether the page has been shown so often, or for so long, that it is no old copy. `shown` are the moments of the polls in a row that
/// showed it, this one not among them.
pub fn is_here_to_stay(shown: &[Timestamp], now: Timestamp, enough: u32) -> bool {
    let n_shown = u32::try_from(shown.len()).unwrap_or(u32::MAX).saturating_add(1);
    n_shown >= enough || shown.iter().min().is_some_and(|first| now.duration_since(*first) >= LONGEST_LAG)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::changes::change::Kind;
    use crate::changes::stage_move::move_of;
    use crate::standards::project::{PrintedStage, ProjectId};
    use crate::standards::stage::{Scheme, StageCode};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn project(code: &str) -> Project {
        let mut project = Project::new(ProjectId::Iso(1), "ISO/IEC 27071");
        project.stage = Some(PrintedStage { printed: code.into(), code: StageCode::parse(Scheme::Iso, code) });
        project
    }

    #[test]
    fn a_step_back_is_one_in_the_order_of_stages() {
        let change = |from: &str, to: &str| {
            let (before, after) = (project(from), project(to));
            let movement = move_of(before.stage_code().unwrap(), after.stage_code().unwrap());
            Change { kind: Kind::StageMoved, movement, before: Some(before), after, differences: Vec::new() }
        };
        assert!(goes_back(&[change("40.20", "40.60"), change("50.00", "40.60")]));
        assert!(!goes_back(&[change("40.20", "40.60")]));
        assert!(!goes_back(&[]));
    }

    #[test]
    fn a_page_is_old_if_a_version_before_the_last_reads_the_same() {
        let (old, new) = (vec![project("40.60")], vec![project("50.00")]);
        let versions = [(at("2023-04-01T00:00:00Z"), new.clone()), (at("2023-01-02T00:00:00Z"), old.clone())];
        assert_eq!(age_among(&old, versions.clone()), Age::Older(at("2023-01-02T00:00:00Z")));
        assert_eq!(age_among(&new, versions.clone()), Age::AsAccepted);
        let dated = Project { since: Some("2023-04-18".parse().unwrap()), ..old[0].clone() };
        assert_eq!(age_among(&[dated], versions), Age::New);
    }

    #[test]
    fn what_stays_is_no_old_copy() {
        let now = at("2023-04-20T12:00:00Z");
        assert!(!is_here_to_stay(&[], now, 3));
        assert!(!is_here_to_stay(&[at("2023-04-19T12:00:00Z")], now, 3));
        assert!(is_here_to_stay(&[at("2023-04-18T12:00:00Z"), at("2023-04-19T12:00:00Z")], now, 3));
        assert!(is_here_to_stay(&[at("2023-04-13T12:00:00Z")], now, 3));
        assert!(is_here_to_stay(&[], now, 1));
    }
}
