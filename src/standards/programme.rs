//! What one source showed at one moment: the projects it lists, what was wrong with single lines, and whether it
//! was whole. Not what was shown before.

use std::collections::BTreeMap;

use super::project::{Project, ProjectId};

/// One line of a page that could not be read rightly. The rest of the page stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// Line of the decoded text, counted from 1, where one can be named.
    pub line: Option<usize>,
    /// What is wrong: `no stage in this row`.
    pub what: String,
    /// The text concerned, shortened.
    pub text: String,
}

/// Whether all of a page, or of a programme, was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wholeness {
    /// Nothing suggests that anything is missing.
    Whole,
    /// Something is missing or contradicts itself, and what; nothing may be concluded from it.
    InDoubt(String),
}

impl Wholeness {
    /// Whether conclusions may be drawn.
    pub fn is_whole(&self) -> bool {
        matches!(self, Wholeness::Whole)
    }
}

/// What one source showed at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programme {
    /// Projects by their number.
    pub projects: BTreeMap<ProjectId, Project>,
    /// What was wrong with single lines.
    pub defects: Vec<Defect>,
    /// Whether conclusions may be drawn.
    pub wholeness: Wholeness,
}
