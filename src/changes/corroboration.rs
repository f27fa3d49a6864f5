//! The same move seen at two sources is one move; and a source that lags behind never makes one backwards.
//!
//! For every project there is one trail of stages, in the order in which they were first seen, whatever source showed them. A source's
//! own holdings say where that source stood before. From the two follows what a change at that source is:
//!
//! | the source goes to a stage that … | and it came from … | then it is |
//! | --- | --- | --- |
//! | ends the trail | anywhere | known already |
//! | does not end the trail | the end of the trail, for sure | a move: news |
//! | is on the trail, but not its end | anywhere else | late: known already |
//! | is not on the trail, before its end in the scheme's order | anywhere else | late: a stage that another source passed over |
//! | is not on the trail otherwise | anywhere else | news |
//!
//! A source stands at the end of the trail for sure when it showed it, or when no earlier stage of the trail has the same code; otherwise
//! it may stand where the project was once before. Then the dates of the body decide, where both have one: a stage that began after the
//! end of the trail is news, one that began before it is late.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::calendar::told_ahead;
use super::change::{Change, Difference, Kind, RecordedChange};
use super::difference::{Matter, differences_of, matter_of, says_the_same};
use super::stage_move::{kind_of, move_of};
use crate::standards::project::{PrintedStage, Project, ProjectId};

/// One stage that a project is known to have been in, wherever it was seen first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownStage {
    /// The stage.
    pub stage: PrintedStage,
    /// The day it began, by the body.
    pub since: Option<Date>,
    /// When we first saw it.
    pub seen_at: Timestamp,
    /// The source that showed it first.
    pub source: String,
    /// The change that recorded it; `None` for a baseline.
    pub change: Option<String>,
}

/// What is known of one project from all sources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Its stages, in order of first sight.
    pub trail: Vec<KnownStage>,
    /// Its recorded changes, oldest first.
    pub changes: Vec<RecordedChange>,
}

/// What a source's changes come to once other sources are taken into account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Corroborated {
    /// Changes that nobody was told of yet.
    pub news: Vec<Change>,
    /// Recorded changes that this source now shows too.
    pub also_seen: Vec<String>,
}

/// Sorts the changes that `source` shows into news and what is known already.
pub fn corroborate(changes: Vec<Change>, source: &str, known: &BTreeMap<ProjectId, Known>) -> Corroborated {
    let mut corroborated = Corroborated::default();
    let nothing = Known::default();
    for change in changes {
        let known = known.get(&change.after.id).unwrap_or(&nothing);
        let change = further_on(&change, known).unwrap_or(change);
        match sight_of(&change, source, known) {
            Sight::First => corroborated.news.push(change),
            Sight::Again(recorded) => corroborated.also_seen.extend(recorded),
        }
    }
    corroborated
}

/// How often a change was seen.
enum Sight {
    /// Never before: news.
    First,
    /// Before; with the id of the recorded change, where one from another source told of it.
    Again(Option<String>),
}

fn sight_of(change: &Change, source: &str, known: &Known) -> Sight {
    match change.kind {
        Kind::StageMoved | Kind::Published | Kind::Withdrawn if change.movement.is_some() => {
            stage_sight_of(change, source, known)
        }
        _ if change.before.is_none() => newcomer_sight_of(source, known),
        Kind::InForce if is_only_in_force(change) && told_ahead(&change.after, &known.changes).is_some() => {
            Sight::Again(told_ahead(&change.after, &known.changes).map(|told| told.id.clone()))
        }
        Kind::Appeared
        | Kind::StageMoved
        | Kind::Published
        | Kind::Withdrawn
        | Kind::InForce
        | Kind::Retitled
        | Kind::Reassigned
        | Kind::Redated
        | Kind::ConsultationOpened => same_elsewhere(change, source, known),
        Kind::ConsultationClosing
        | Kind::ConsultationClosed
        | Kind::NoLongerListed
        | Kind::ListedAgain
        | Kind::EnteringIntoForce
        | Kind::TextChanged
        | Kind::Announced => Sight::First,
    }
}

/// A project that comes to a source while others know it already, and that stands further on there: that is a move, and the source the
/// first to show it.
fn further_on(change: &Change, known: &Known) -> Option<Change> {
    let (end, to) = (known.trail.last()?, change.after.stage_code()?);
    let from = end.stage.code.filter(|from| *from < to)?;
    let is_known = known.trail.iter().any(|stage| stage.stage.code == Some(to));
    if change.before.is_some() || is_known {
        return None;
    }
    let before = Project { stage: Some(end.stage.clone()), since: end.since, ..change.after.clone() };
    let movement = move_of(from, to)?;
    let kind = kind_of(movement);
    Some(Change {
        kind,
        movement: Some(movement),
        differences: differences_of(&before, &change.after),
        before: Some(before),
        ..change.clone()
    })
}

/// A project that comes to a source is news unless another source had it, with a stage or without.
fn newcomer_sight_of(source: &str, known: &Known) -> Sight {
    let told =
        known.changes.iter().find(|recorded| recorded.evidence.source != source && recorded.change.before.is_none());
    match told {
        Some(recorded) => Sight::Again(Some(recorded.id.clone())),
        None if known.trail.is_empty() => Sight::First,
        None => Sight::Again(None),
    }
}

fn stage_sight_of(change: &Change, source: &str, known: &Known) -> Sight {
    let (Some(to), Some(end)) = (change.after.stage_code(), known.trail.last()) else { return Sight::First };
    let from = change.before.as_ref().and_then(Project::stage_code);
    let on_trail = known.trail.iter().rev().find(|stage| stage.stage.code == Some(to));
    let is_end = end.stage.code == Some(to);
    let came_from_end = end.stage.code == from && stands_at_end(source, known);
    let by_date = change.after.since.zip(end.since).map(|(now, end)| now.cmp(&end));
    let recorded = |stage: &KnownStage| (stage.source != source).then(|| stage.change.clone()).flatten();
    match (on_trail, by_date) {
        (Some(stage), _) if is_end => Sight::Again(recorded(stage)),
        _ if came_from_end => Sight::First,
        (_, Some(Ordering::Greater)) => Sight::First,
        (Some(stage), _) => Sight::Again(recorded(stage)),
        (None, Some(Ordering::Less)) => Sight::Again(None),
        (None, _) if end.stage.code.is_some_and(|end| to < end) => Sight::Again(None),
        (None, _) => Sight::First,
    }
}

/// Whether a source that shows the code of the trail's end can only mean the end: it showed the end itself, or no earlier stage has that
/// code.
fn stands_at_end(source: &str, known: &Known) -> bool {
    let Some((end, earlier)) = known.trail.split_last() else { return false };
    let has_shown = |id: &String| {
        let change = known.changes.iter().find(|recorded| recorded.id == *id);
        change.is_some_and(|recorded| recorded.also_seen_at.iter().any(|shown_at| shown_at == source))
    };
    end.source == source
        || end.change.as_ref().is_some_and(has_shown)
        || earlier.iter().all(|stage| stage.stage.code != end.stage.code)
}

/// Whether nothing but the calendar made the change.
fn is_only_in_force(change: &Change) -> bool {
    change.differences.iter().filter_map(matter_of).all(|matter| matter == Matter::Standing)
}

/// Whether other sources told of everything that this change tells; with the last change that did. Which words they print it in, and what
/// else they tell with it, is no matter.
fn same_elsewhere(change: &Change, source: &str, known: &Known) -> Sight {
    let elsewhere = || known.changes.iter().rev().filter(|recorded| recorded.evidence.source != source);
    let tells_matter =
        |difference: &&Difference| matter_of(difference).is_some_and(|matter| tells_of(change.kind, matter));
    let told = |difference: &Difference| {
        elsewhere().find(|recorded| recorded.change.differences.iter().any(|other| is_told_by(difference, other)))
    };
    let by_matter = change.differences.iter().filter(tells_matter).map(told).collect::<Option<Vec<_>>>();
    let opened_alike = || {
        let closes = change.after.consultation.closes;
        elsewhere()
            .find(|recorded| recorded.change.kind == change.kind && recorded.change.after.consultation.closes == closes)
    };
    let recorded = match change.kind {
        Kind::ConsultationOpened => opened_alike(),
        _ => by_matter.and_then(|told| told.first().copied()),
    };
    recorded.map_or(Sight::First, |recorded| Sight::Again(Some(recorded.id.clone())))
}

/// What a change of that kind is about.
fn tells_of(kind: Kind, matter: Matter) -> bool {
    matches!(
        (kind, matter),
        (Kind::Retitled, Matter::Name)
            | (Kind::Reassigned, Matter::Committee)
            | (Kind::Redated, Matter::Day)
            | (Kind::InForce | Kind::StageMoved, Matter::Standing)
    )
}

fn is_told_by(difference: &Difference, other: &Difference) -> bool {
    let is_one_value = |(one, other): (&String, &String)| says_the_same(&difference.field, one, other);
    let is_same_matter = difference.field == other.field && matter_of(other).is_some();
    is_same_matter && difference.new.as_ref().zip(other.new.as_ref()).is_some_and(is_one_value)
}

/// The stages that a poll adds to trails: of news always, of a baseline only for projects that have no trail yet.
pub fn additions<'a>(
    projects: impl Iterator<Item = (&'a Project, Option<String>)>,
    known: &BTreeMap<ProjectId, Known>,
    source: &str,
    seen_at: Timestamp,
) -> Vec<(ProjectId, KnownStage)> {
    projects
        .filter(|(project, change)| {
            change.is_some() || known.get(&project.id).is_none_or(|known| known.trail.is_empty())
        })
        .filter_map(|(project, change)| {
            let stage = project.stage.clone()?;
            Some((
                project.id.clone(),
                KnownStage { stage, since: project.since, seen_at, source: source.to_owned(), change },
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standards::stage::{Scheme, StageCode};

    const SEEN: Timestamp = Timestamp::UNIX_EPOCH;

    fn project(code: &str, since: Option<&str>) -> Project {
        let mut project = Project::new(ProjectId::Iso(1), "ISO/IEC 27071");
        let stage = StageCode::parse(Scheme::Iso, code).unwrap_or_else(|| panic!("{code} is no code"));
        project.stage = Some(PrintedStage { printed: code.into(), code: Some(stage) });
        project.since = since.map(|day| day.parse().unwrap());
        project
    }

    /// The trail is written `40.20@list 40.60@page`; every stage has a recorded change named after its code.
    fn check(trail: &str, source: &str, from: &str, to: (&str, Option<&str>), expected: &str) {
        let trail = trail
            .split_whitespace()
            .map(|stage| {
                let (code, source) = stage.split_once('@').unwrap();
                let project = project(code, Some("2023-01-01"));
                KnownStage {
                    stage: project.stage.unwrap(),
                    since: project.since,
                    seen_at: SEEN,
                    source: source.into(),
                    change: Some(format!("chg_{code}")),
                }
            })
            .collect();
        let known = BTreeMap::from([(ProjectId::Iso(1), Known { trail, changes: Vec::new() })]);
        let (before, after) = (project(from, None), project(to.0, to.1));
        let change = Change {
            kind: Kind::StageMoved,
            movement: before.stage_code().zip(after.stage_code()).and_then(|(from, to)| move_of(from, to)),
            before: Some(before),
            after,
            differences: Vec::new(),
        };
        let found = corroborate(vec![change], source, &known);
        let said = match (found.news.len(), found.also_seen.first()) {
            (1, None) => "news".to_owned(),
            (0, Some(id)) => format!("also {id}"),
            (0, None) => "known".to_owned(),
            other => panic!("{other:?}"),
        };
        assert_eq!(said, expected, "{source}: {from} → {}", to.0);
    }

    #[test]
    fn the_same_move_at_a_second_source_is_not_news() {
        check("40.20@list 40.60@list", "page", "40.20", ("40.60", None), "also chg_40.60");
        check("40.20@list 40.60@list", "list", "40.20", ("40.60", None), "known");
    }

    #[test]
    fn a_source_that_lags_behind_makes_no_move_backwards() {
        check("40.20@list 40.60@list 50.00@list", "page", "40.20", ("40.60", None), "also chg_40.60");
        check("40.20@list 50.00@list", "page", "40.20", ("40.60", None), "known");
    }

    #[test]
    fn a_real_move_back_is_news() {
        check("40.99@list 50.00@list", "list", "50.00", ("40.99", None), "news");
        check("40.99@list 50.00@page", "list", "40.60", ("40.99", Some("2023-06-01")), "news");
        check("50.00@list", "list", "50.00", ("40.99", None), "news");
    }

    #[test]
    fn the_first_sight_of_a_move_is_news_wherever_the_source_stood() {
        check("40.20@list", "list", "40.20", ("40.60", None), "news");
        check("40.20@list 40.60@list", "page", "40.20", ("50.00", None), "news");
        check("", "page", "40.20", ("50.00", None), "news");
    }
}
