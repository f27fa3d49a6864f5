//! What happened to a standard, in English: the part of the sentence after its name. Not Chinese, and not the frame around it.

use super::change::{Change, Kind, Move, Otherwise};
use super::notice_sentence::{dates, lines_that_differ, titles};
use super::notice_stage::{standpoint, standpoint_of, standpoints};
use super::notice_window::{closed_for, field_in_words, open_for, what_closes, window_shown};
use super::notice_words::{clean, day_in_words, moment_in_words, quoted};
use crate::standards::language::Language;
use crate::standards::project::Project;

const ENGLISH: Language = Language::English;

/// `advanced from … to … on 11 May 2023`.
pub(super) fn predicate(change: &Change) -> String {
    let project = &change.after;
    match change.kind {
        Kind::Appeared => format!("is listed for the first time{}", at_stage(project)),
        Kind::StageMoved => stage_moved(change),
        Kind::Published => format!("was published{}{}", dated(project.published), also_moved(change)),
        Kind::EnteringIntoForce => format!("enters into force{}", on(project.effective)),
        Kind::InForce => format!("is in force{}{}", since(project.effective), also_moved(change)),
        Kind::Withdrawn => {
            format!("was withdrawn{}{}{}", on(project.withdrawn), replaced(project), also_moved(change))
        }
        Kind::Retitled => match titles(change, ENGLISH) {
            Some((old, new)) => format!("has a new title: {} became {}", quoted(&old), quoted(&new)),
            None => "has a new title".to_owned(),
        },
        Kind::Reassigned => reassigned(change),
        Kind::Redated => redated(change),
        Kind::ConsultationOpened => {
            let (opens, closes) = (project.consultation.opens, project.consultation.closes);
            let from = opens.map(|day| format!(" from {}", day_in_words(day, ENGLISH))).unwrap_or_default();
            let until = closes.map(|day| format!(" until {}", day_in_words(day, ENGLISH))).unwrap_or_default();
            format!("is {}{from}{until}", open_for(project, ENGLISH))
        }
        Kind::ConsultationClosing => match project.consultation.closes {
            Some(day) => format!(
                "is still open; its {} on {}",
                what_closes(window_shown(project), ENGLISH),
                day_in_words(day, ENGLISH)
            ),
            None => format!("is still open; its {} soon", what_closes(window_shown(project), ENGLISH)),
        },
        Kind::ConsultationClosed => match project.consultation.closes {
            Some(day) => format!("was {} on {}", closed_for(project, ENGLISH), day_in_words(day, ENGLISH)),
            None => format!("is {}", closed_for(project, ENGLISH)),
        },
        Kind::NoLongerListed => {
            format!("is no longer listed{}; its absence alone does not say why", last_shown(project))
        }
        Kind::ListedAgain => format!("is listed again{}", at_stage(project)),
        Kind::TextChanged => match lines_that_differ(change) {
            Some((gone, new)) => format!("reads differently than before ({gone} lines gone, {new} new)"),
            None => "reads differently than before".to_owned(),
        },
        Kind::Announced => format!("was announced{}", on(project.published)),
    }
}

/// What a source that stands nearer to the register showed instead; empty where none did.
pub(super) fn reservation(otherwise_at: &[Otherwise]) -> String {
    let told = |otherwise: &Otherwise| {
        let (source, stage) = (clean(&otherwise.source), standpoint_of(&otherwise.stage).in_words(ENGLISH));
        format!(
            "; not confirmed by the source “{source}”, which showed {stage} on {}",
            moment_in_words(otherwise.as_of)
        )
    };
    otherwise_at.iter().map(told).collect()
}

fn stage_moved(change: &Change) -> String {
    let how = change.movement.map_or("moved", verb);
    let day = change.after.since.map(|day| format!(" on {}", day_in_words(day, ENGLISH))).unwrap_or_default();
    match standpoints(change) {
        (Some(before), Some(after)) => {
            format!("{how} from {} to {}{day}", before.in_words(ENGLISH), after.in_words(ENGLISH))
        }
        (None, Some(after)) => format!("{how} to {}{day}", after.in_words(ENGLISH)),
        (Some(before), None) => format!("no longer shows a stage (before: {})", before.in_words(ENGLISH)),
        (None, None) => format!("{how} to another stage{day}"),
    }
}

fn verb(movement: Move) -> &'static str {
    match movement {
        Move::Advanced => "advanced",
        Move::Skipped => "advanced, leaving stages out,",
        Move::Repeated => "repeats a phase and moved",
        Move::ReferredBack => "was referred back",
        Move::Abandoned => "was abandoned: it moved",
        Move::Published => "was published: it moved",
        Move::UnderReview => "came under review: it moved",
        Move::Confirmed => "was confirmed after review: it moved",
        Move::ToBeRevised => "is to be revised after review: it moved",
        Move::Withdrawn => "was withdrawn: it moved",
    }
}

fn also_moved(change: &Change) -> String {
    match standpoints(change) {
        (Some(before), Some(after)) if !before.is_stage_of(&after) => {
            format!(", moving from {} to {}", before.in_words(ENGLISH), after.in_words(ENGLISH))
        }
        _ => String::new(),
    }
}

fn reassigned(change: &Change) -> String {
    let before = change.before.as_ref().and_then(|project| project.committee.as_deref());
    match (before, change.after.committee.as_deref()) {
        (Some(old), Some(new)) => format!("moved from committee {} to {}", quoted(old), quoted(new)),
        (None, Some(new)) => format!("was given to committee {}", quoted(new)),
        (Some(old), None) => format!("no longer names its committee (before: {})", quoted(old)),
        (None, None) => "was given to another committee".to_owned(),
    }
}

fn redated(change: &Change) -> String {
    let told: Vec<String> = dates(change)
        .into_iter()
        .map(|(field, old, new)| {
            format!("{} {} → {}", field_in_words(field, &change.after, ENGLISH), clean(old), clean(new))
        })
        .collect();
    if told.is_empty() { "has new dates".to_owned() } else { format!("has new dates ({})", told.join("; ")) }
}

fn at_stage(project: &Project) -> String {
    standpoint(project).map(|stage| format!(", at stage {}", stage.in_words(ENGLISH))).unwrap_or_default()
}

fn last_shown(project: &Project) -> String {
    standpoint(project).map(|stage| format!(", and was last shown at {}", stage.in_words(ENGLISH))).unwrap_or_default()
}

fn replaced(project: &Project) -> String {
    if project.replaced_by.is_empty() {
        return String::new();
    }
    format!(" and replaced by {}", clean(&project.replaced_by.join(", ")))
}

fn on(day: Option<jiff::civil::Date>) -> String {
    day.map(|day| format!(" on {}", day_in_words(day, ENGLISH))).unwrap_or_default()
}

fn since(day: Option<jiff::civil::Date>) -> String {
    day.map(|day| format!(" as of {}", day_in_words(day, ENGLISH))).unwrap_or_default()
}

/// Bodies print dates of publication before the fact: the date is theirs, not a claim of ours.
fn dated(day: Option<jiff::civil::Date>) -> String {
    day.map(|day| format!(", dated {}", day_in_words(day, ENGLISH))).unwrap_or_default()
}
