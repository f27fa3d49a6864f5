//! A change as JSON: `changes --json`, the store, `data` of a webhook.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::project::{ProjectRecord, StageRecord, names_of};
use crate::changes::change::{Change, Difference, Evidence, Kind, Move, Otherwise, RecordedChange, SnapshotRef};
use crate::changes::relations::{Related, Relation};
use crate::standards::project::{Project, ProjectId};
use crate::standards::stage::StageCode;

/// [`RecordedChange`] on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ChangeRecord {
    /// `chg_…`.
    pub id: String,
    /// `stage-moved` …
    #[schemars(extend("enum" = Kind::ALL.map(Kind::as_str)))]
    pub kind: String,
    /// `advanced` …; `null` where no stage moved.
    #[serde(rename = "move")]
    #[schemars(extend("enum" = moves()))]
    pub movement: Option<String>,
    /// UTC.
    #[schemars(extend("format" = "date-time"))]
    pub seen_at: String,
    /// Which one of its project's changes it is, counted from 1: changes may arrive in another order.
    #[serde(default)]
    pub sequence: u64,
    /// Whether subscribers were told.
    pub announced: bool,
    /// After the change.
    pub project: ProjectRecord,
    /// The reference before, where it differs or the project is new: `null`.
    pub before: Option<ProjectRecord>,
    /// Stage before.
    pub from: Option<PositionRecord>,
    /// Stage after.
    pub to: Option<PositionRecord>,
    /// What ordinarily follows.
    pub next: Vec<NextRecord>,
    /// Every field that differs.
    pub differences: Vec<DifferenceRecord>,
    /// Watches it concerns.
    pub watches: Vec<String>,
    /// What proves it.
    pub evidence: EvidenceRecord,
    /// Other sources that showed the same.
    pub also_seen_at: Vec<String>,
    /// Projects that belong to this one.
    #[serde(default)]
    pub related: Vec<RelatedRecord>,
    /// Sources of more authority that showed another stage at that moment.
    #[serde(default)]
    pub otherwise_at: Vec<OtherwiseRecord>,
}

fn moves() -> Vec<Option<&'static str>> {
    Move::ALL.into_iter().map(Move::as_str).map(Some).chain([None]).collect()
}

/// A project that belongs to this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RelatedRecord {
    /// `sac:20230259-T-469`.
    pub id: String,
    /// As printed.
    pub reference: String,
    /// `plan`, `standard`, `consultation`, `amends`, `amended-by`, `edition`, `part`: what it is to this one.
    pub relation: String,
    /// Whether title and dates say so, and no number.
    pub inferred: bool,
}

/// What a source of more authority showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct OtherwiseRecord {
    /// Id of the source.
    pub source: String,
    /// The stage that it showed.
    pub stage: StageRecord,
    /// When it was last read, UTC.
    pub as_of: String,
}

impl From<&Related> for RelatedRecord {
    fn from(related: &Related) -> RelatedRecord {
        RelatedRecord {
            id: related.id.to_string(),
            reference: related.reference.clone(),
            relation: related.relation.as_str().to_owned(),
            inferred: related.inferred,
        }
    }
}

impl RelatedRecord {
    fn to_related(&self) -> Option<Related> {
        Some(Related {
            id: ProjectId::parse(&self.id)?,
            reference: self.reference.clone(),
            relation: Relation::parse(&self.relation)?,
            inferred: self.inferred,
        })
    }
}

impl From<&Otherwise> for OtherwiseRecord {
    fn from(otherwise: &Otherwise) -> OtherwiseRecord {
        OtherwiseRecord {
            source: otherwise.source.clone(),
            stage: StageRecord::from(&otherwise.stage),
            as_of: otherwise.as_of.to_string(),
        }
    }
}

impl OtherwiseRecord {
    fn to_otherwise(&self) -> Option<Otherwise> {
        let as_of = self.as_of.parse().ok()?;
        Some(Otherwise { source: self.source.clone(), stage: self.stage.to_stage(), as_of })
    }
}

/// A stage with its day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PositionRecord {
    /// The stage.
    #[serde(flatten)]
    pub stage: StageRecord,
    /// The day it began.
    pub since: Option<String>,
}

/// A stage that may follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NextRecord {
    /// The code.
    pub code: String,
    /// Names by language code.
    pub name: BTreeMap<String, String>,
}

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DifferenceRecord {
    /// `title.en`.
    pub field: String,
    /// Before.
    pub old: Option<String>,
    /// After.
    pub new: Option<String>,
}

/// What proves a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceRecord {
    /// Id of the source.
    pub source: String,
    /// Address of the page.
    pub url: String,
    /// Snapshot before.
    pub before: Option<SnapshotRecord>,
    /// Snapshot after.
    pub after: SnapshotRecord,
    /// The lines around this project that differ.
    pub diff: String,
}

/// A snapshot by hash and moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SnapshotRecord {
    /// Lower-case hex.
    pub sha256: String,
    /// UTC.
    pub at: String,
}

fn position_of(project: &Project) -> Option<PositionRecord> {
    let stage = project.stage.as_ref()?;
    Some(PositionRecord { stage: StageRecord::from(stage), since: project.since.map(|date| date.to_string()) })
}

impl From<&SnapshotRef> for SnapshotRecord {
    fn from(snapshot: &SnapshotRef) -> SnapshotRecord {
        SnapshotRecord { sha256: snapshot.sha256.clone(), at: snapshot.at.to_string() }
    }
}

impl SnapshotRecord {
    fn to_ref(&self) -> Option<SnapshotRef> {
        Some(SnapshotRef { sha256: self.sha256.clone(), at: self.at.parse::<Timestamp>().ok()? })
    }
}

impl From<&RecordedChange> for ChangeRecord {
    fn from(recorded: &RecordedChange) -> ChangeRecord {
        let change = &recorded.change;
        ChangeRecord {
            id: recorded.id.clone(),
            kind: change.kind.as_str().to_owned(),
            movement: change.movement.map(|movement| movement.as_str().to_owned()),
            seen_at: recorded.seen_at.to_string(),
            sequence: recorded.sequence,
            announced: recorded.announced,
            project: ProjectRecord::from(&change.after),
            before: change.before.as_ref().map(ProjectRecord::from),
            from: change.before.as_ref().and_then(position_of),
            to: position_of(&change.after),
            next: change
                .after
                .stage_code()
                .map(StageCode::next)
                .unwrap_or_default()
                .into_iter()
                .map(|code| NextRecord { code: code.to_string(), name: names_of(code) })
                .collect(),
            differences: change
                .differences
                .iter()
                .map(|difference| DifferenceRecord {
                    field: difference.field.clone(),
                    old: difference.old.clone(),
                    new: difference.new.clone(),
                })
                .collect(),
            watches: recorded.watches.clone(),
            evidence: EvidenceRecord {
                source: recorded.evidence.source.clone(),
                url: recorded.evidence.url.clone(),
                before: recorded.evidence.before.as_ref().map(SnapshotRecord::from),
                after: SnapshotRecord::from(&recorded.evidence.after),
                diff: recorded.evidence.diff.clone(),
            },
            also_seen_at: recorded.also_seen_at.clone(),
            related: recorded.related.iter().map(RelatedRecord::from).collect(),
            otherwise_at: recorded.otherwise_at.iter().map(OtherwiseRecord::from).collect(),
        }
    }
}

impl ChangeRecord {
    /// The change again; `None` when a word in it is not one of ours.
    pub fn to_recorded(&self) -> Option<RecordedChange> {
        Some(RecordedChange {
            id: self.id.clone(),
            change: Change {
                kind: Kind::parse(&self.kind)?,
                movement: match &self.movement {
                    Some(word) => Some(Move::parse(word)?),
                    None => None,
                },
                before: match &self.before {
                    Some(record) => Some(record.to_project()?),
                    None => None,
                },
                after: self.project.to_project()?,
                differences: self
                    .differences
                    .iter()
                    .map(|record| Difference {
                        field: record.field.clone(),
                        old: record.old.clone(),
                        new: record.new.clone(),
                    })
                    .collect(),
            },
            seen_at: self.seen_at.parse().ok()?,
            sequence: self.sequence,
            announced: self.announced,
            watches: self.watches.clone(),
            evidence: Evidence {
                source: self.evidence.source.clone(),
                url: self.evidence.url.clone(),
                before: match &self.evidence.before {
                    Some(record) => Some(record.to_ref()?),
                    None => None,
                },
                after: self.evidence.after.to_ref()?,
                diff: self.evidence.diff.clone(),
            },
            also_seen_at: self.also_seen_at.clone(),
            related: self.related.iter().map(RelatedRecord::to_related).collect::<Option<_>>()?,
            otherwise_at: self.otherwise_at.iter().map(OtherwiseRecord::to_otherwise).collect::<Option<_>>()?,
        })
    }
}
