//! Another configuration in the place of the one that runs: read whole, then swapped, or refused with everything that is wrong with it
//! while the old one stays. Polls and attempts under way end as they began; whatever comes next is done by the new one.

use std::fmt;

use tokio::sync::{mpsc, oneshot, watch};

use crate::config::Loaded;
use crate::config::problem::Problems;
use crate::config::settings::Settings;
use crate::logging::{chain, events};

use super::report::counted;
use super::{House, systemd};

/// Reads the configuration that this service was started with, as it is now.
pub type Load = Box<dyn Fn() -> Result<Loaded, Problems> + Send + Sync>;

/// Somebody wants the configuration read anew, and perhaps to know what came of it.
#[derive(Debug)]
pub struct Request {
    /// Who waits for the verdict.
    pub answer: Option<oneshot::Sender<Verdict>>,
}

/// Where requests go.
pub type Requests = mpsc::Sender<Request>;

/// What came of a new configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It runs; what deserves a word comes along.
    Accepted {
        /// What runs now.
        summary: String,
        /// One line each.
        warnings: Vec<String>,
    },
    /// The old one stays.
    Refused {
        /// Everything that is wrong with the new one.
        why: String,
    },
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Accepted { summary, warnings } => {
                for warning in warnings {
                    writeln!(out, "warning: {warning}")?;
                }
                write!(out, "the new configuration is in force: {summary}")
            }
            Verdict::Refused { why } => {
                write!(out, "the new configuration was refused, the old one stays in force:\n{why}")
            }
        }
    }
}

/// Swaps the house that everybody works in, or says why not.
pub(super) fn reload(houses: &watch::Sender<House>, load: &Load) -> Verdict {
    systemd::reloading();
    // Not borrowed while it is replaced.
    let old = houses.borrow().clone();
    let verdict = match renewed(&old, load) {
        Ok((house, warnings)) => {
            let summary = summary_of(&house.settings);
            houses.send_replace(house);
            Verdict::Accepted { summary, warnings }
        }
        Err(why) => Verdict::Refused { why },
    };
    match &verdict {
        Verdict::Accepted { summary, warnings } => {
            for warning in warnings {
                tracing::warn!("{warning}");
            }
            tracing::info!(target: events::CONFIGURATION, "the new configuration is in force: {summary}");
        }
        Verdict::Refused { why } => {
            tracing::error!(target: events::CONFIGURATION_REFUSED, "the new configuration was refused, the old one stays in force: {why}");
        }
    }
    systemd::ready();
    let present = houses.borrow().clone();
    if let Err(error) = systemd::tell_standing(&present) {
        tracing::warn!("could not read how things stand: {}", chain(&error));
    }
    verdict
}

fn renewed(old: &House, load: &Load) -> Result<(House, Vec<String>), String> {
    let loaded = load().map_err(|problems| problems.to_string())?;
    let fixed = what_needs_a_restart(&old.settings, &loaded.settings);
    if !fixed.is_empty() {
        return Err(format!("{} cannot change while the service runs: restart it", fixed.join(" and ")));
    }
    let house = old.renewed(loaded.settings).map_err(|error| chain(&error))?;
    Ok((house, loaded.warnings.iter().map(ToString::to_string).collect()))
}

/// What the running service holds open.
fn what_needs_a_restart(old: &Settings, new: &Settings) -> Vec<&'static str> {
    let mut fixed = Vec::new();
    if old.state != new.state {
        fixed.push("state.database");
    }
    if old.web != new.web {
        fixed.push("[web]");
    }
    fixed
}

/// `6 sources, 4 watches, 2 subscribers`.
pub fn summary_of(settings: &Settings) -> String {
    let counts = [
        (settings.sources.len(), "source"),
        (settings.watches.len(), "watch"),
        (settings.subscribers.len(), "subscriber"),
    ];
    counts.map(|(number, thing)| counted(number as u64, thing)).join(", ")
}
