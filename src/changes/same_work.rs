//! One project of ISO or IEC under several ids: by its number in ISO's own data, and by a link or by what it is called in the table of a body
//! that numbers nothing. A reference is no key, so it joins only what cannot be meant otherwise; and what it joins is held under every id,
//! and told once. Not one id at two sources: that is for corroboration. Not a plan and its standard: those are for `counterpart`.

use std::collections::{BTreeMap, BTreeSet};

use super::change::RecordedChange;
use super::corroboration::KnownStage;
use crate::standards::project::{Project, ProjectId, Standing};
use crate::standards::reference::Reference;
use crate::standards::stage::{Scheme, StageCode};

/// A project of ISO or IEC, as far as another source can show it under another id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    id: ProjectId,
    reference: Reference,
    is_published: bool,
}

impl Work {
    /// `None` for what no reference joins: what is not of ISO or IEC, what stands nowhere, what was given up or withdrawn, and what is
    /// published without its year.
    pub fn of(project: &Project) -> Option<Work> {
        if !matches!(project.id, ProjectId::Iso(_) | ProjectId::Page(_)) {
            return None;
        }
        let code = project.stage_code().filter(|code| code.scheme() == Scheme::Iso)?;
        let is_published = match project.standing.unwrap_or(code.standing()) {
            Standing::UnderDevelopment => false,
            Standing::Published | Standing::InForce => true,
            Standing::OnHold | Standing::Withdrawn | Standing::Cancelled => return None,
        };
        let reference = Reference::parse(&project.reference).filter(Reference::is_international)?;
        let can_be_meant = !reference.is_stub() && (!is_published || reference.year().is_some());
        can_be_meant.then(|| Work { id: project.id.clone(), reference, is_published })
    }

    /// Whether both may be one: both under way, or both published in one year.
    pub fn is_called_as(&self, other: &Work) -> bool {
        self.is_published == other.is_published
            && self.reference.same_thing(&other.reference)
            && (!self.is_published || self.reference.year() == other.reference.year())
    }

    /// Whether both are one under two ids. Two numbers of ISO are two projects, whatever they are called.
    pub fn is_other_id_of(&self, other: &Work) -> bool {
        let are_numbers = matches!((&self.id, &other.id), (ProjectId::Iso(_), ProjectId::Iso(_)));
        self.id != other.id && !are_numbers && self.is_called_as(other)
    }
}

/// The works that a change is about: the project as it was, and as it is.
pub fn works_of(recorded: &RecordedChange) -> Vec<Work> {
    let states = recorded.change.before.iter().chain([&recorded.change.after]);
    states.filter_map(Work::of).collect()
}

/// The other ids of the project of a change; none where one source shows two of that name, or ISO has two numbers for it. `shown` is what
/// sources show, each with the source.
pub fn other_ids(recorded: &RecordedChange, shown: &[(String, Work)]) -> BTreeSet<ProjectId> {
    let works = works_of(recorded);
    let own = (&recorded.evidence.source, &recorded.change.after.id);
    let others = shown.iter().filter(|(_, other)| works.iter().any(|work| work.is_called_as(other)));
    let mut by_source: BTreeMap<&String, BTreeSet<&ProjectId>> = BTreeMap::new();
    for (source, id) in others.map(|(source, other)| (source, &other.id)).chain([own]) {
        by_source.entry(source).or_default().insert(id);
    }
    let ids: BTreeSet<&ProjectId> = by_source.values().flatten().copied().collect();
    let n_numbers = ids.iter().filter(|id| matches!(id, ProjectId::Iso(_))).count();
    if n_numbers > 1 || by_source.values().any(|of_source| of_source.len() > 1) {
        return BTreeSet::new();
    }
    ids.into_iter().filter(|id| *id != own.1).cloned().collect()
}

/// The change among `others`, the recorded changes of another id of the project in their order, that told of this step forward, or of one
/// further, to everybody whom this one concerns. `trail` are the stages of the project under its own id: a step that was taken back since is
/// another one.
pub fn told_as<'a>(
    recorded: &RecordedChange,
    others: &'a [RecordedChange],
    trail: &[KnownStage],
) -> Option<&'a RecordedChange> {
    let (from, to) = step_of(recorded).filter(|(from, to)| from < to)?;
    let moves: Vec<(&RecordedChange, StageCode)> =
        others.iter().filter_map(|other| step_of(other).map(|(_, to)| (other, to))).collect();
    // Where the other id came there last, and did not leave it again.
    let n_there = moves.iter().rev().take_while(|(_, code)| *code >= to).count();
    let (told, _) = moves[moves.len() - n_there..].first()?;
    let before = trail.iter().rev().find(|known| known.seen_at < told.seen_at);
    let since = trail.iter().filter(|known| known.seen_at >= told.seen_at);
    let codes: Vec<StageCode> = before.into_iter().chain(since).filter_map(|known| known.stage.code).collect();
    let only_rose = codes.is_sorted() && codes.iter().all(|code| *code <= from);
    let reached_all = recorded.watches.iter().all(|watch| told.watches.contains(watch));
    (only_rose && reached_all).then_some(*told)
}

/// From which stage a change moved its project to which.
fn step_of(recorded: &RecordedChange) -> Option<(StageCode, StageCode)> {
    recorded.change.movement?;
    recorded.change.before.as_ref()?.stage_code().zip(recorded.change.after.stage_code())
}
