//! What the configuration says, as far as pages show it. Handed in by whoever read it; no path, no address of a recipient, no secret.

use url::Url;

use crate::changes::subscription::{Subscription, Watch};
use crate::changes::work_plan::WorkPlan;
use crate::formats::{Format, Scope};
use crate::timing::Schedule;

/// The sources, the watches, who follows them.
#[derive(Debug, Clone, Default)]
pub struct Configured {
    /// In configuration order.
    pub sources: Vec<Source>,
    /// In configuration order.
    pub watches: Vec<Watch>,
    /// In configuration order.
    pub subscribers: Vec<Subscriber>,
    /// In configuration order.
    pub plans: Vec<WorkPlan>,
}

/// One watched address.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its name.
    pub id: String,
    /// How its pages are read.
    pub format: &'static Format,
    /// Addresses of the same page, in order of preference.
    pub urls: Vec<Url>,
    /// Which rows matter.
    pub scope: Scope,
    /// When it is looked at.
    pub schedule: Schedule,
}

/// Someone who is told.
#[derive(Debug, Clone)]
pub struct Subscriber {
    /// Who, and of what.
    pub subscription: Subscription,
    /// Over which channels: `email`, `webhook` …
    pub channels: Vec<&'static str>,
}

impl Configured {
    /// The source of that id.
    pub(super) fn source(&self, id: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.id == id)
    }

    /// The watch of that id.
    pub(super) fn watch(&self, id: &str) -> Option<&Watch> {
        self.watches.iter().find(|watch| watch.id == id)
    }
}
