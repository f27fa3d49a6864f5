//! Whether what is watched by its number is shown by anybody.

use crate::changes::subscription::seen_nowhere;
use crate::config::settings::Settings;
use crate::daemon::report::counted;
use crate::store::Store;
use crate::store::holdings::ProjectFilter;
use crate::store::inspection;
use crate::store::upkeep::latest_schema;

use super::finding::Finding;

/// How many numbers are named; `standards` names all.
const MOST: usize = 3;

/// One line, once a source was read. A database that would have to be brought up to date first is left alone.
pub(super) fn findings(settings: &Settings) -> Vec<Finding> {
    let is_ready = inspection::contents(&settings.state.database)
        .is_ok_and(|found| found.schema == latest_schema() && found.n_projects > 0);
    if !is_ready {
        return Vec::new();
    }
    let shown = Store::open(&settings.state).and_then(|store| store.projects(&ProjectFilter::default()));
    let shown = shown.unwrap_or_default();
    let unseen = seen_nowhere(&settings.watches, shown.iter().map(|(_, held)| &held.project));
    if unseen.is_empty() {
        return Vec::new();
    }
    let named: Vec<String> = unseen.iter().take(MOST).map(|(wanted, _)| wanted.to_string()).collect();
    let more = if unseen.len() > MOST { " …" } else { "" };
    let (numbers, are) = (counted(unseen.len() as u64, "number"), if unseen.len() == 1 { "is" } else { "are" });
    let says = format!("{numbers} that {are} watched, no source shows: {}{more}", named.join(", "));
    vec![Finding::doubtful("watches", says, "add a source that shows it (`stagewatch standards` names all of them)")]
}
