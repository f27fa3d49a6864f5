//! Files → settings, with every problem of every file at once. Not a place that other rooms look into: they are handed their part.
//!
//! [`load`] reads the files one after another; each section has a file of its own with its type and its reader. A reader never stops
//! at a problem: it notes the line and what would be right, and reads on.

/// The folders that a configuration leans on.
pub mod environment;
/// What is wrong, and where.
pub mod problem;
/// The whole of a configuration.
pub mod settings;

/// `[calendar]`.
mod calendar;
/// `[subscriber.slack]` and the other services.
mod chat;
/// `[doubt]`.
pub mod doubt;
/// When a subscriber is told.
pub mod manner;
/// `[operator]`.
pub mod operator;
/// `[[source]]`.
pub mod source;
/// `[[subscriber]]`.
pub mod subscriber;
/// `[[work-plan]]`.
mod work_plan;

/// Which files make a configuration.
pub mod files;

/// `[mail]`: the keys that sign.
mod dkim;
/// `[fetch]`.
mod fetch;
/// `[keep]`.
pub mod keep;
/// `[mail]`.
mod mail;
/// `[state]`.
mod state;
/// `[[watch]]`.
mod watch;
/// `[web]`.
mod web;
/// `[webhook]`.
mod webhook;

/// One file and its lines.
mod document;
/// What all files say together.
mod draft;
/// Names used once.
mod ids;
/// Every key there is.
mod keys;
/// Paths, and secrets in files.
mod paths;
/// "Did you mean".
mod suggestion;
/// A cursor over a table.
mod table;
/// A cursor over a value.
mod value;
/// Values that several sections share.
mod words;

use std::path::{Path, PathBuf};

use document::Context;
use draft::Draft;
use environment::Environment;
use files::{Origin, Queue};
use problem::{Place, Problem, Problems, Report};
use settings::Settings;
use table::Table;

/// A configuration that can be run with.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What it says.
    pub settings: Settings,
    /// Where it came from.
    pub origin: Origin,
    /// The files that hold secrets.
    pub secret_files: Vec<PathBuf>,
    /// What deserves a word all the same, in the order of files and lines.
    pub warnings: Vec<Problem>,
}

/// The database of the configuration at `path`, or of the one that is found, whatever else may be wrong with it: for asking the service
/// that runs on it. `None` where no file that can be read says.
pub fn database_of(path: Option<&Path>, environment: &Environment) -> Option<PathBuf> {
    let report = Report::default();
    let mut queue = Queue::new(files::origin_of(path, environment));
    let mut draft = Draft::default();
    let mut complete = true;
    while let Some(document) = queue.next(environment, &report) {
        let Some(entries) = document.parse(&report) else {
            complete = false;
            continue;
        };
        let context = Context { document: &document, report: &report, environment };
        let top = Table::open(context, &keys::TOP, &entries, 0);
        queue.include(&top);
        draft.read_state(&top);
    }
    draft.database(environment, complete)
}

/// Reads the configuration at `path`, or the one that is found, with everything it includes.
///
/// Without a path: `stagewatch.toml` in the working directory, else the administrator's, else the embedded one.
pub fn load(path: Option<&Path>, environment: &Environment) -> Result<Loaded, Problems> {
    let origin = files::origin_of(path, environment);
    let report = Report::default();
    let mut queue = Queue::new(origin.clone());
    let mut draft = Draft::default();
    let mut first: Option<Place> = None;
    let mut complete = true;
    while let Some(document) = queue.next(environment, &report) {
        first.get_or_insert_with(|| document.whole());
        let Some(entries) = document.parse(&report) else {
            complete = false;
            continue;
        };
        let context = Context { document: &document, report: &report, environment };
        let top = Table::open(context, &keys::TOP, &entries, 0);
        queue.include(&top);
        draft.read(&top);
    }
    // What is missing in the files that could be read may well be in those that could not.
    if let (Some(first), true) = (first, complete && !queue.lost_any()) {
        draft.check(&first, environment, &report);
    }
    let secret_files = report.secret_files();
    let warnings = report.settled()?;
    let settings = draft.settings(environment).expect("whatever is missing was noted as a problem");
    Ok(Loaded { settings, origin, secret_files, warnings })
}
