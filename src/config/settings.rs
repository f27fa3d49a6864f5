//! A configuration that was read and found right: what the daemon is started with. No defaults and no checks: those are with each
//! section.

use crate::changes::calendar::Ahead;
use crate::changes::subscription::Watch;
use crate::changes::work_plan::WorkPlan;
use crate::{deliver, fetch, store, web};

use super::doubt::Doubt;
use super::keep::Keep;
use super::source::Source;
use super::subscriber::Subscriber;

/// Everything that a configuration says, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where stagewatch remembers.
    pub state: store::Settings,
    /// How pages are fetched.
    pub fetch: fetch::settings::Settings,
    /// Where pages are served, and what alerts link to.
    pub web: web::settings::Settings,
    /// How mail is sent; there whenever a subscriber has mail addresses.
    pub mail: Option<deliver::email::Settings>,
    /// What holds for everything that is posted.
    pub posting: deliver::posting::Settings,
    /// How far ahead the calendar is told.
    pub ahead: Ahead,
    /// When a page is not believed.
    pub doubt: Doubt,
    /// How long things are kept.
    pub keep: Keep,
    /// What is watched; empty only where a folder of `include` is still to be filled.
    pub sources: Vec<Source>,
    /// Which changes matter.
    pub watches: Vec<Watch>,
    /// Who is told; when there is nobody, alerts go to the terminal.
    pub subscribers: Vec<Subscriber>,
    /// Who is told when something is wrong.
    pub operator: Option<Subscriber>,
    /// Targets to measure against.
    pub work_plans: Vec<WorkPlan>,
}

impl Settings {
    /// The source of that id.
    pub fn source(&self, id: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.id == id)
    }

    /// The subscriber of that id; the operator is one of them.
    pub fn subscriber(&self, id: &str) -> Option<&Subscriber> {
        self.subscribers.iter().chain(&self.operator).find(|subscriber| subscriber.subscription.subscriber == id)
    }
}
