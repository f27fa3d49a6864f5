//! The calendar, looked at after every poll, whatever came of it: what was last accepted says which day is near. One transaction, like a
//! poll's own changes.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use jiff::Timestamp;

use crate::changes::calendar::{about_to_enter_into_force, coming_into_force};
use crate::changes::change::{Change, Evidence, RecordedChange, SnapshotRef};
use crate::changes::relations::Relation;
use crate::changes::reminders::{closings, near_their_close};
use crate::changes::subscription::watches_of_change;
use crate::config::source::Source;
use crate::standards::project::Project;
use crate::store::StoredPage;
use crate::store::changes::ChangeFilter;

use super::House;
use super::dispatch_list::{Dispatch, dispatch_list};
use super::identifiers::id_of;
use super::poll::PollError;
use super::recording::Shown;

/// Tells ahead what the calendar brings to the projects of a source.
pub fn tell_ahead(house: &House, source: &Source, now: Timestamp) -> Result<Vec<RecordedChange>, PollError> {
    let _one_at_a_time = house.intake.lock().unwrap_or_else(PoisonError::into_inner);
    let today = now.to_zoned(source.schedule.zone().clone()).date();
    let Some(holdings) = house.store.holdings(&source.id)? else { return Ok(Vec::new()) };
    let ahead = &house.settings.ahead;
    let due: Vec<&Project> = about_to_enter_into_force(&holdings, ahead.in_force_days, today).collect();
    let closing: Vec<&Project> = near_their_close(&holdings, &ahead.closing_days, today).collect();
    if due.is_empty() && closing.is_empty() {
        return Ok(Vec::new());
    }
    let mut told = BTreeMap::new();
    for project in due.iter().chain(&closing) {
        let filter = ChangeFilter { project: Some(project.id.clone()), ..ChangeFilter::default() };
        told.insert(project.id.clone(), house.store.changes(&filter)?);
    }
    let mut coming = coming_into_force(due.into_iter(), &told);
    coming.extend(closings(closing.into_iter(), &told, &ahead.closing_days, (today, source.schedule.zone())));
    let state = house.store.source_state(&source.id)?;
    let Some(page) = state.pages.first().filter(|_| !coming.is_empty()) else { return Ok(Vec::new()) };
    let shown = Shown::beside(&house.store, &source.id, &holdings, coming.iter().map(|change| &change.after))?;
    let record = |change: Change| {
        let earlier = told.get(&change.after.id).map(Vec::as_slice).unwrap_or_default();
        let related = shown.related_to(&change.after);
        RecordedChange {
            id: id_of("chg", now, &[&source.id, &change.after.id.to_string(), change.kind.as_str()]),
            seen_at: now,
            sequence: 0,
            announced: false,
            watches: watches_of_change(&house.settings.watches, &change, earlier, &related),
            evidence: evidence_of(source, page),
            also_seen_at: Vec::new(),
            related: related.into_iter().filter(|other| other.relation != Relation::Part).collect(),
            otherwise_at: Vec::new(),
            change,
        }
    };
    let mut recorded: Vec<RecordedChange> = coming.into_iter().map(record).collect();
    house.store.number(&mut recorded)?;
    let Dispatch { deliveries, held } = dispatch_list(house, &mut recorded, now)?;
    house.store.announce(&recorded, &deliveries, &held)?;
    Ok(recorded)
}

/// The page that printed the day; nothing on it changed.
fn evidence_of(source: &Source, page: &StoredPage) -> Evidence {
    Evidence {
        source: source.id.clone(),
        url: page.url.clone(),
        before: None,
        after: SnapshotRef { sha256: page.sha256.clone(), at: page.at },
        diff: String::new(),
    }
}
