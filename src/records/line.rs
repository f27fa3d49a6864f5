//! The lines of `read --json` and `probe --json`.

use schemars::JsonSchema;
use serde::Serialize;

use super::project::ProjectRecord;
use crate::standards::programme::Defect;

/// One line.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Line {
    /// A project.
    Project(Box<ProjectRecord>),
    /// A line that could not be read.
    Defect(DefectRecord),
    /// The last line: what the page was.
    Page(PageRecord),
}

/// A defect on the wire.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DefectRecord {
    /// From 1, or `null`.
    pub line: Option<usize>,
    /// What is wrong.
    pub what: String,
    /// The text concerned.
    pub text: String,
}

/// What a page was.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PageRecord {
    /// The format that read it.
    pub format: String,
    /// Whether it was all there.
    pub whole: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// How many projects.
    pub projects: usize,
    /// How many defects.
    pub defects: usize,
    /// Further pages.
    pub next: Vec<String>,
}

impl From<&Defect> for DefectRecord {
    fn from(defect: &Defect) -> DefectRecord {
        DefectRecord { line: defect.line, what: defect.what.clone(), text: defect.text.clone() }
    }
}
