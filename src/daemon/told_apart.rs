//! What was told already under another number or another id of the same work, looked up in the store. Not what makes two of them one: that is
//! decided in `changes`.

use crate::changes::change::RecordedChange;
use crate::changes::counterpart::{counterparts, told_by};
use crate::changes::same_work::{Work, other_ids, told_as, works_of};
use crate::store::Store;
use crate::store::error::StoreError;

use super::earlier::changes_of;

/// Changes that another change told already, each with the id of that one.
pub(super) type Told = Vec<(RecordedChange, String)>;

/// Sets apart what was told under another number or id of the same work, each with the id of the change that told it.
pub(super) fn told_apart(
    store: &Store,
    recorded: Vec<RecordedChange>,
) -> Result<(Vec<RecordedChange>, Told), StoreError> {
    let works = works_shown(store, &recorded)?;
    let mut news: Vec<RecordedChange> = Vec::new();
    let mut told = Told::new();
    for change in recorded {
        let mut earlier = Vec::new();
        for id in counterparts(&change) {
            earlier.extend(changes_of(store, id)?);
        }
        let now = news.iter().filter(|other| counterparts(&change).any(|id| *id == other.change.after.id));
        let by_number = told_by(&change, earlier.iter().chain(now)).map(|by| by.id.clone());
        let by = match by_number {
            Some(by) => Some(by),
            None => told_under_another_id(store, &change, &works)?,
        };
        match by {
            Some(by) => told.push((change, by)),
            None => news.push(change),
        }
    }
    Ok((news, told))
}

fn told_under_another_id(
    store: &Store,
    change: &RecordedChange,
    works: &[(String, Work)],
) -> Result<Option<String>, StoreError> {
    for id in other_ids(change, works) {
        let trail = store.history(&change.change.after.id)?;
        if let Some(by) = told_as(change, &changes_of(store, &id)?, &trail) {
            return Ok(Some(by.id.clone()));
        }
    }
    Ok(None)
}

/// What the sources show that may be what these changes are about, and what this poll brings of it.
fn works_shown(store: &Store, recorded: &[RecordedChange]) -> Result<Vec<(String, Work)>, StoreError> {
    let asked: Vec<(String, Work)> = recorded
        .iter()
        .filter(|recorded| recorded.change.movement.is_some())
        .flat_map(|recorded| works_of(recorded).into_iter().map(|work| (recorded.evidence.source.clone(), work)))
        .collect();
    if asked.is_empty() {
        return Ok(asked);
    }
    let mut found = Vec::new();
    store.look_through(&mut |shown| {
        let work = Work::of(&shown.held.project);
        found.extend(
            work.filter(|work| asked.iter().any(|(_, asked)| asked.is_called_as(work)))
                .map(|work| (shown.source, work)),
        );
    })?;
    found.extend(asked);
    Ok(found)
}
