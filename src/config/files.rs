//! Which files make a configuration, in the order in which they are read: the one that was named or found, then what it includes.
//! Not what is in them.
#![expect(clippy::disallowed_methods, reason = "configurations are files")]

use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::document::Document;
use super::environment::Environment;
use super::problem::{Place, Report};
use super::table::Table;
use super::value::Value;

/// The configuration of a program that found no file; also the sample that packages install.
pub const EMBEDDED: &str = include_str!("../../config/stagewatch.toml");

/// The name of the file in every folder where it is looked for.
const FILE_NAME: &str = "stagewatch.toml";

/// What the embedded text is called in messages.
const EMBEDDED_NAME: &str = "embedded stagewatch.toml";

/// Where a configuration came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// This file, and what it includes.
    File(PathBuf),
    /// The text that the program carries.
    Embedded,
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::File(path) => write!(out, "{}", path.display()),
            Origin::Embedded => out.write_str(EMBEDDED_NAME),
        }
    }
}

/// The files still to be read.
#[derive(Debug)]
pub(super) struct Queue {
    waiting: VecDeque<Origin>,
    seen: BTreeSet<PathBuf>,
    n_read: usize,
    n_lost: usize,
}

/// The file that was asked for, or the first that is there, or the embedded one.
pub(super) fn origin_of(path: Option<&Path>, environment: &Environment) -> Origin {
    if let Some(path) = path {
        return Origin::File(environment.cwd.join(path));
    }
    let candidates = [environment.cwd.join(FILE_NAME), environment.system.join(FILE_NAME)];
    // A file that is there but may not be looked at is a problem to report, not a reason to take another.
    let is_there = |path: &PathBuf| !matches!(path.metadata(), Err(error) if error.kind() == io::ErrorKind::NotFound);
    candidates.into_iter().find(is_there).map_or(Origin::Embedded, Origin::File)
}

impl Queue {
    /// A queue with one file in it.
    pub(super) fn new(first: Origin) -> Queue {
        Queue { waiting: VecDeque::from([first]), seen: BTreeSet::new(), n_read: 0, n_lost: 0 }
    }

    /// The next document that can be read; files that cannot are noted and passed over.
    pub(super) fn next(&mut self, environment: &Environment, report: &Report) -> Option<Document> {
        while let Some(origin) = self.waiting.pop_front() {
            let n_file = self.n_read;
            let path = match origin {
                Origin::Embedded => {
                    self.n_read += 1;
                    return Some(Document::new(n_file, EMBEDDED_NAME, &environment.cwd, EMBEDDED.to_owned()));
                }
                Origin::File(path) => path,
            };
            // A file that two patterns match, or that matches its own pattern, is read once.
            if !self.seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())) {
                continue;
            }
            self.n_read += 1;
            let name = environment.name_of(&path);
            match std::fs::read_to_string(&path) {
                Ok(text) => {
                    let folder = path.parent().unwrap_or(&environment.cwd);
                    return Some(Document::new(n_file, &name, folder, text));
                }
                Err(error) => {
                    self.n_lost += 1;
                    let place = Place::new(n_file, &name.into(), None);
                    report.problem(place, "", format_args!("could not be read: {error}"));
                }
            }
        }
        None
    }

    /// Whether a file could not be read.
    pub(super) fn lost_any(&self) -> bool {
        self.n_lost > 0
    }

    /// Queues what a file includes.
    pub(super) fn include(&mut self, top: &Table<'_>) {
        for pattern in top.list("include") {
            self.waiting.extend(matches_of(&pattern).into_iter().map(Origin::File));
        }
    }
}

/// Whether a file includes whatever is in some folder: one that may be filled later.
pub(super) fn includes_a_folder(top: &Table<'_>) -> bool {
    top.list("include").iter().any(|pattern| pattern.found().as_str().is_some_and(is_pattern))
}

fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// The files that a pattern of `include` means, in the order of their names.
fn matches_of(pattern: &Value<'_>) -> Vec<PathBuf> {
    let Some(text) = pattern.filled() else { return Vec::new() };
    let folder = pattern.context().document.folder();
    let whole = Path::new(&glob::Pattern::escape(&folder.to_string_lossy())).join(text);
    let options = glob::MatchOptions { require_literal_leading_dot: true, ..glob::MatchOptions::new() };
    let found = match glob::glob_with(&whole.to_string_lossy(), options) {
        Ok(found) => found,
        Err(error) => {
            pattern.wrong(error.msg, "write a pattern of file names, e.g. \"sources/*.toml\"");
            return Vec::new();
        }
    };
    let mut paths = Vec::new();
    for entry in found {
        match entry {
            Ok(path) => paths.push(path),
            Err(error) => {
                pattern.wrong(format_args!("{}: {}", error.path().display(), error.error()), "make it readable");
            }
        }
    }
    // A folder of drop-ins may be empty; a file that is named must be there.
    if paths.is_empty() && !is_pattern(text) {
        pattern.wrong("there is no such file", format_args!("names are relative to {}", folder.display()));
    }
    paths
}
