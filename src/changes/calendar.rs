//! What the calendar will bring. A body prints the day on which a standard enters into force months before it comes: that is told ahead,
//! once for each day that was set, and when the day has come and the page says so it is no news any more. Not what a page changed.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Span};

use super::change::{Change, Kind, RecordedChange};
use super::comparison::Holdings;
use crate::standards::project::{Project, ProjectId, Standing};

/// How far ahead the calendar is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ahead {
    /// Days before the entry into force; 0 tells nothing ahead.
    pub in_force_days: u32,
    /// Days before a consultation closes, a reminder for each; none reminds of nothing.
    pub closing_days: Vec<u32>,
}

/// The projects that are about to enter into force, told or not.
pub fn about_to_enter_into_force(holdings: &Holdings, ahead_days: u32, today: Date) -> impl Iterator<Item = &Project> {
    let horizon = today.saturating_add(Span::new().days(i64::from(ahead_days.min(MOST_DAYS))));
    let is_due = move |project: &&Project| {
        let day = project.effective.filter(|_| project.standing == Some(Standing::Published));
        ahead_days > 0 && day.is_some_and(|day| today <= day && day <= horizon)
    };
    holdings.values().map(|held| &held.project).filter(is_due)
}

/// What is to be told of them: each once for the day that is set now. `told` are the changes recorded of each.
pub fn coming_into_force<'a>(
    due: impl Iterator<Item = &'a Project>,
    told: &BTreeMap<ProjectId, Vec<RecordedChange>>,
) -> Vec<Change> {
    let is_told = |project: &Project| told.get(&project.id).is_some_and(|told| told_ahead(project, told).is_some());
    due.filter(|project| !is_told(project))
        .map(|project| Change {
            kind: Kind::EnteringIntoForce,
            movement: None,
            before: Some(project.clone()),
            after: project.clone(),
            differences: Vec::new(),
        })
        .collect()
}

/// The change that told ahead that the project enters into force on the day it prints.
pub fn told_ahead<'a>(project: &Project, told: &'a [RecordedChange]) -> Option<&'a RecordedChange> {
    let is_about = |recorded: &&RecordedChange| {
        recorded.change.kind == Kind::EnteringIntoForce && recorded.change.after.effective == project.effective
    };
    told.iter().find(is_about)
}

/// More than a year ahead is no help to anybody.
const MOST_DAYS: u32 = 366;

/// A span of time in whole days, at most a year of them.
pub fn whole_days(span: SignedDuration) -> u32 {
    u32::try_from(span.as_hours() / 24).unwrap_or(0).min(MOST_DAYS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::changes::comparison::Held;

    fn due(standing: Standing, effective: &str, ahead: u32) -> bool {
        let mut project = Project::new(ProjectId::Gb("GB/T 99001-2031".into()), "GB/T 99001-2031");
        project.standing = Some(standing);
        project.effective = Some(effective.parse().unwrap());
        let holdings = Holdings::from([(project.id.clone(), Held { project, missed: 0 })]);
        let today = "2031-08-01".parse().unwrap();
        about_to_enter_into_force(&holdings, ahead, today).next().is_some()
    }

    #[test]
    fn only_what_is_published_and_near_is_told_ahead() {
        for (standing, effective, ahead, expected) in [
            (Standing::Published, "2031-08-01", 14, true),
            (Standing::Published, "2031-08-15", 14, true),
            (Standing::Published, "2031-08-16", 14, false),
            (Standing::Published, "2031-07-31", 14, false),
            (Standing::Published, "2031-08-01", 0, false),
            (Standing::InForce, "2031-08-10", 14, false),
            (Standing::OnHold, "2031-08-10", 14, false),
            (Standing::Withdrawn, "2031-08-10", 14, false),
        ] {
            assert_eq!(due(standing, effective, ahead), expected, "{standing:?} {effective} {ahead}");
        }
    }
}
