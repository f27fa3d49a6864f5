//! What a notice needs beyond the changes: where our own pages are, which moment it is, and the way that each project has come. Handed in
//! by whoever composes; a notice without it says less, and nothing wrong.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::change::RecordedChange;
use super::clock::day_at;
use super::closing::{Open, seen_to_come, window_of, window_on};
use super::corroboration::KnownStage;
use super::notice_words::clean;
use crate::standards::project::ProjectId;

/// What stands around the changes of a notice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frame {
    /// Where our own pages are served, as readers reach them; without it nothing links there.
    pub public_url: Option<String>,
    /// The moment of writing; that of each change where it is `None`.
    pub now: Option<Timestamp>,
    /// The known stages of the projects, in order of first sight.
    pub trails: BTreeMap<ProjectId, Vec<KnownStage>>,
}

impl Frame {
    /// The page of ours that shows a change with its evidence.
    pub fn page_of(&self, recorded: &RecordedChange) -> Option<String> {
        Some(format!("{}/changes/{}", self.base()?, clean(&recorded.id)))
    }

    /// The page of ours that lists the changes.
    pub fn page_of_all(&self) -> Option<String> {
        Some(format!("{}/changes", self.base()?))
    }

    /// Which day it is where the project's body is.
    pub fn today(&self, recorded: &RecordedChange) -> Date {
        day_at(&recorded.change.after, self.now.unwrap_or(recorded.seen_at))
    }

    /// The window that is open for a project where a change has brought it, or was when it closed.
    pub fn window(&self, recorded: &RecordedChange) -> Option<Open> {
        let project = &recorded.change.after;
        let moved = recorded.came_at();
        let seen = || seen_to_come(project, self.trail(&project.id));
        window_of(project, moved.map(|at| day_at(project, at)).or_else(seen))
    }

    /// The window in which the change found the project.
    pub fn window_before(&self, recorded: &RecordedChange) -> Option<Open> {
        let before = recorded.change.before.as_ref()?;
        window_on(before, self.trail(&before.id))
    }

    /// The stages that are known of a project.
    pub fn trail(&self, id: &ProjectId) -> &[KnownStage] {
        self.trails.get(id).map(Vec::as_slice).unwrap_or_default()
    }

    /// The stages that a project had been through before a change.
    pub fn trail_before(&self, recorded: &RecordedChange) -> impl Iterator<Item = &KnownStage> {
        self.trail(&recorded.change.after.id).iter().take_while(|known| known.seen_at < recorded.seen_at)
    }

    fn base(&self) -> Option<&str> {
        self.public_url.as_deref().map(|url| url.trim_end_matches('/'))
    }
}
