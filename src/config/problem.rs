//! What is wrong with a configuration, and where. Not how it is found: a reader notes it in a report and reads on, so that one
//! look at the list is enough to mend everything.

use std::cell::RefCell;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// A line of a file, in the order in which files are read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    n_file: usize,
    file: Arc<str>,
    line: Option<usize>,
}

/// One thing that is wrong, or that deserves a word.
///
/// Prints as `file:line: key: what was found, and what would be right`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    place: Place,
    key: String,
    what: String,
}

/// Everything that is wrong, in the order of files and lines; never empty. Prints one problem a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

/// Where readers note what they find.
#[derive(Debug, Default)]
pub(super) struct Report {
    problems: RefCell<Vec<Problem>>,
    warnings: RefCell<Vec<Problem>>,
    secret_files: RefCell<Vec<PathBuf>>,
}

impl Place {
    /// A line of the file that was read as number `n_file`.
    pub(super) fn new(n_file: usize, file: &Arc<str>, line: Option<usize>) -> Place {
        Place { n_file, file: Arc::clone(file), line }
    }

    /// The file, as it was named.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The line, counted from 1; `None` where the whole file is meant.
    pub fn line(&self) -> Option<usize> {
        self.line
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(out, "{}:{line}", self.file),
            None => out.write_str(&self.file),
        }
    }
}

impl Problem {
    /// Where it is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The key it is about, with its table: `source.schedule`; empty for a whole file.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What was found, and what would be right.
    pub fn what(&self) -> &str {
        &self.what
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: ", self.place)?;
        if !self.key.is_empty() {
            write!(out, "{}: ", self.key)?;
        }
        out.write_str(&self.what)
    }
}

impl Problems {
    /// Each of them.
    pub fn list(&self) -> &[Problem] {
        &self.0
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, problem) in self.0.iter().enumerate() {
            if n > 0 {
                out.write_str("\n")?;
            }
            write!(out, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

impl Report {
    /// Notes that something is wrong.
    pub(super) fn problem(&self, place: Place, key: impl Into<String>, what: impl fmt::Display) {
        self.problems.borrow_mut().push(Problem { place, key: key.into(), what: what.to_string() });
    }

    /// Notes something that works and still deserves a word.
    pub(super) fn warning(&self, place: Place, key: impl Into<String>, what: impl fmt::Display) {
        self.warnings.borrow_mut().push(Problem { place, key: key.into(), what: what.to_string() });
    }

    /// Notes a file that holds a secret.
    pub(super) fn secret(&self, file: PathBuf) {
        self.secret_files.borrow_mut().push(file);
    }

    /// The files that hold secrets, each once.
    pub(super) fn secret_files(&self) -> Vec<PathBuf> {
        let mut files = self.secret_files.borrow().clone();
        files.sort();
        files.dedup();
        files
    }

    /// The warnings, in order; or the problems, if there are any.
    pub(super) fn settled(self) -> Result<Vec<Problem>, Problems> {
        let mut problems = self.problems.into_inner();
        problems.sort();
        problems.dedup();
        if !problems.is_empty() {
            return Err(Problems(problems));
        }
        let mut warnings = self.warnings.into_inner();
        warnings.sort();
        Ok(warnings)
    }
}
