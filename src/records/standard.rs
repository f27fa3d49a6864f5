//! A project as all sources together show it, as JSON: on the command line and in the API.

use schemars::JsonSchema;
use serde::Serialize;

use super::project::ProjectRecord;
use crate::changes::closing::{Basis, Open, Window};

/// A project as all sources together show it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct StandardRecord {
    /// The project.
    pub project: ProjectRecord,
    /// The sources that show it.
    pub sources: Vec<String>,
    /// The watches that it is in.
    pub watches: Vec<String>,
    /// The window that is open where it stands, over or not; `null` where there is none.
    pub window: Option<WindowRecord>,
}

/// A window in which something can be said or done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct WindowRecord {
    /// What is open.
    #[schemars(extend("enum" = Window::ALL.map(Window::as_str)))]
    pub kind: String,
    /// Its last day, by the calendar of the body; `null` where none is known.
    #[schemars(extend("format" = "date"))]
    pub closes: Option<String>,
    /// Whether `closes` is not printed by the body but reckoned by its rules: it may close earlier.
    pub expected: bool,
    /// The day that an expected one is reckoned from: the one on which the window opened, or was first seen open.
    #[schemars(extend("format" = "date"))]
    pub reckoned_from: Option<String>,
}

impl From<&Open> for WindowRecord {
    fn from(open: &Open) -> WindowRecord {
        let from = open.closes.and_then(|closing| match closing.basis {
            Basis::Printed => None,
            Basis::FromOpening(day) | Basis::FromSight(day) => Some(day),
        });
        WindowRecord {
            kind: open.window.as_str().to_owned(),
            closes: open.closes.map(|closing| closing.day.to_string()),
            expected: from.is_some(),
            reckoned_from: from.map(|day| day.to_string()),
        }
    }
}
