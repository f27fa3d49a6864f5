//! What is known already of the projects that a poll changes, and what its changes come to beside it. Looked at one project after the other:
//! all that was ever recorded of hundreds of projects is more than a poll may hold. Not what is decided then.

use std::collections::{BTreeMap, BTreeSet};

use crate::changes::change::{Change, RecordedChange};
use crate::changes::comparison::Holdings;
use crate::changes::corroboration::{Corroborated, Known, corroborate};
use crate::changes::subscription::needed_of;
use crate::changes::twins::is_same_consultation;
use crate::standards::project::{Project, ProjectId};
use crate::store::changes::ChangeFilter;
use crate::store::error::StoreError;
use crate::store::{PollOutcome, Store};

use super::House;

/// The stages that are known of the projects of a baseline; of any other poll they are looked at with its changes.
pub(super) fn trails_of(
    store: &Store,
    holdings: &Holdings,
    outcome: PollOutcome,
) -> Result<BTreeMap<ProjectId, Known>, StoreError> {
    if outcome != PollOutcome::Baseline {
        return Ok(BTreeMap::new());
    }
    let ids: Vec<ProjectId> = holdings.keys().cloned().collect();
    let trails = store.known_stages(&ids)?.into_iter();
    Ok(trails.map(|(id, trail)| (id, Known { trail, changes: Vec::new() })).collect())
}

/// What the changes that a source shows come to beside what all sources know. Of what was recorded before, `known` has afterwards what is
/// needed for telling whom a change concerns.
pub(super) fn corroborated(
    house: &House,
    source: &str,
    changes: Vec<Change>,
    known: &mut BTreeMap<ProjectId, Known>,
) -> Result<Corroborated, StoreError> {
    let twins = twins_of(&house.store, &changes)?;
    let mut all = Corroborated::default();
    for change in changes {
        let id = change.after.id.clone();
        let others = twins.iter().filter(|(of, _)| *of == id).map(|(_, twin)| twin);
        let own = known_of(&house.store, &id, others)?;
        let own = BTreeMap::from([(id, own)]);
        let Corroborated { news, also_seen } = corroborate(vec![change], source, &own);
        all.news.extend(news);
        all.also_seen.extend(also_seen);
        for (id, Known { mut changes, .. }) in own {
            needed_of(&house.settings.watches, &mut changes);
            known.insert(id, Known { trail: Vec::new(), changes });
        }
    }
    Ok(all)
}

/// What is known of a project, by whatever other ids sources show it.
fn known_of<'a>(
    store: &Store,
    id: &ProjectId,
    others: impl Iterator<Item = &'a ProjectId>,
) -> Result<Known, StoreError> {
    let mut known = Known { trail: store.history(id)?, changes: changes_of(store, id)? };
    for other in others {
        known.changes.extend(changes_of(store, other)?);
        known.trail.extend(store.history(other)?);
        known.changes.sort_by_key(|change| change.seen_at);
        known.trail.sort_by_key(|stage| stage.seen_at);
    }
    Ok(known)
}

/// Everything that was recorded of a project.
pub(super) fn changes_of(store: &Store, id: &ProjectId) -> Result<Vec<RecordedChange>, StoreError> {
    store.changes(&ChangeFilter { project: Some(id.clone()), ..ChangeFilter::default() })
}

/// The other ids under which sources show the consultations among these changes.
fn twins_of(store: &Store, changes: &[Change]) -> Result<BTreeSet<(ProjectId, ProjectId)>, StoreError> {
    let may_have = |change: &&Change| matches!(change.after.id, ProjectId::Tc260(_) | ProjectId::Page(_));
    let consultations: Vec<&Project> = changes.iter().filter(may_have).map(|change| &change.after).collect();
    if consultations.is_empty() {
        return Ok(BTreeSet::new());
    }
    let mut pairs = BTreeSet::new();
    store.look_through(&mut |shown| {
        let other = &shown.held.project;
        let twins = consultations.iter().filter(|this| is_same_consultation(other, this));
        pairs.extend(twins.map(|this| (this.id.clone(), other.id.clone())));
    })?;
    Ok(pairs)
}
