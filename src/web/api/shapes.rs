//! What goes over the wire beside the records: pages of lists, sources, deliveries, tasks. No recipient in clear.

use schemars::JsonSchema;
use serde::Serialize;

use crate::changes::work_plan::{self, Progress};
use crate::records::action::ActionRecord;
use crate::records::change::{ChangeRecord, RelatedRecord};
use crate::records::delivery::{AttemptRecord, DeliveryRecord, PollRecord};
use crate::records::project::StageRecord;
use crate::records::standard::StandardRecord;

/// A page of projects.
#[derive(Serialize, JsonSchema)]
pub(super) struct Standards {
    /// How many are meant in all.
    pub(super) found: usize,
    /// Those of this page.
    pub(super) items: Vec<StandardRecord>,
    /// The address of the next page.
    pub(super) next: Option<String>,
}

/// One project, whole.
#[derive(Serialize, JsonSchema)]
pub(super) struct Standard {
    /// The project.
    #[serde(flatten)]
    pub(super) record: StandardRecord,
    /// Every stage that it has been through, in order of first sight.
    pub(super) history: Vec<Step>,
    /// Projects that belong to it.
    pub(super) related: Vec<RelatedRecord>,
}

/// A stage that a project has been through.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Step {
    /// The stage.
    pub(super) stage: StageRecord,
    /// The day it began, by the body.
    pub(super) since: Option<String>,
    /// When it was first seen, UTC.
    pub(super) seen_at: String,
    /// The source that showed it first.
    pub(super) source: String,
    /// The change that recorded it; `null` for a first contact.
    pub(super) change: Option<String>,
}

/// A page of changes, newest first.
#[derive(Serialize, JsonSchema)]
pub(super) struct Changes {
    /// Those of this page.
    pub(super) items: Vec<ToldChange>,
    /// The address of the next page.
    pub(super) next: Option<String>,
}

/// A change, and what could be done about it when it was seen.
#[derive(Serialize, JsonSchema)]
pub(super) struct ToldChange {
    /// The change.
    #[serde(flatten)]
    pub(super) change: ChangeRecord,
    /// What could be done, by whom, and until when.
    pub(super) action: ActionRecord,
}

/// Every source.
#[derive(Serialize, JsonSchema)]
pub(super) struct Sources {
    /// In configuration order.
    pub(super) items: Vec<SourceRecord>,
}

/// A source.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct SourceRecord {
    /// Its id.
    pub(super) source: String,
    /// How its pages are read.
    pub(super) format: String,
    /// Addresses of the same page, in order of preference.
    pub(super) urls: Vec<String>,
    /// Five crontab fields.
    pub(super) schedule: String,
    /// When it is asked next, UTC.
    pub(super) next_poll: Option<String>,
    /// How the last poll ended.
    pub(super) last_poll: Option<PollRecord>,
    /// When one was last accepted, UTC.
    pub(super) last_accepted: Option<String>,
    /// Polls in a row that brought nothing good.
    pub(super) troubles_in_a_row: u32,
}

/// A page of polls, newest first.
#[derive(Serialize, JsonSchema)]
pub(super) struct Polls {
    /// Those of this page.
    pub(super) items: Vec<PollRecord>,
    /// The address of the next page.
    pub(super) next: Option<String>,
}

/// A page of deliveries, newest first.
#[derive(Serialize, JsonSchema)]
pub(super) struct Deliveries {
    /// Those of this page.
    pub(super) items: Vec<DeliveryRecord>,
    /// The address of the next page.
    pub(super) next: Option<String>,
}

/// One delivery, and each attempt to make it.
#[derive(Serialize, JsonSchema)]
pub(super) struct TriedDelivery {
    /// The delivery.
    #[serde(flatten)]
    pub(super) delivery: DeliveryRecord,
    /// Its attempts, oldest first.
    pub(super) tried: Vec<AttemptRecord>,
}

/// Every task of every work plan.
#[derive(Serialize, JsonSchema)]
pub(super) struct Plans {
    /// In configuration order.
    pub(super) items: Vec<Task>,
}

/// A task, and how far it is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Task {
    plan: String,
    #[serde(rename = "task")]
    title: String,
    /// `register`, `advance`, `reach:50`, `publish`.
    goal: String,
    at_least: u32,
    from: Option<String>,
    until: Option<String>,
    /// `reached`, `under-way`, `missed`.
    standing: String,
    reached: u32,
    projects: Vec<Member>,
}

/// A project that counts for a task.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Member {
    reference: String,
    from: Option<String>,
    now: Option<String>,
    reached: Option<String>,
    counts: bool,
}

impl Task {
    /// On the wire.
    pub(super) fn of(plan: &str, task: &work_plan::Task, progress: &Progress) -> Task {
        let member = |member: &work_plan::Member| Member {
            reference: member.wanted.to_string(),
            from: member.from.map(|code| code.to_string()),
            now: member.now.map(|code| code.to_string()),
            reached: member.reached.map(|day| day.to_string()),
            counts: member.counts,
        };
        Task {
            plan: plan.to_owned(),
            title: task.title.clone(),
            goal: task.goal.to_text(),
            at_least: task.at_least,
            from: task.begins().map(|day| day.to_string()),
            until: task.until.map(|day| day.to_string()),
            standing: progress.standing.as_str().to_owned(),
            reached: progress.n_reached,
            projects: progress.members.iter().map(member).collect(),
        }
    }
}
