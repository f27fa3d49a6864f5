//! Reminders: consultations that are about to close, and those that have. Each day that a body sets has its own reminders; a day that
//! moves takes them along. Not what a page changed.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::change::{Change, Kind, RecordedChange};
use super::comparison::Holdings;
use crate::standards::project::{Project, ProjectId, Standing};

/// For how long after its end the closing of a consultation is worth a record.
const REMEMBERED_DAYS: i32 = 30;

/// The projects that close for comment within the longest of these spans, or have just closed.
pub fn near_their_close<'a>(
    holdings: &'a Holdings,
    ahead_days: &[u32],
    today: Date,
) -> impl Iterator<Item = &'a Project> {
    let longest = ahead_days.iter().max().copied().unwrap_or(0);
    let is_near = move |project: &&Project| {
        let left = project.consultation.closes.map(|closes| days_between(today, closes));
        left.is_some_and(|left| left >= -REMEMBERED_DAYS && left <= i32::try_from(longest).unwrap_or(i32::MAX))
    };
    holdings.values().map(|held| &held.project).filter(is_near)
}

/// What is to be told or recorded of them today: at most one reminder each, that of the span reached last. `told` are the changes recorded
/// of each, and `zone` is the clock of the body.
pub fn closings<'a>(
    near: impl Iterator<Item = &'a Project>,
    told: &BTreeMap<ProjectId, Vec<RecordedChange>>,
    ahead_days: &[u32],
    (today, zone): (Date, &TimeZone),
) -> Vec<Change> {
    let closing = |project: &'a Project| {
        let closes = project.consultation.closes?;
        let earlier = told.get(&project.id).map(Vec::as_slice).unwrap_or_default();
        let of_this_day = || earlier.iter().filter(|past| past.change.after.consultation.closes == Some(closes));
        if closes < today {
            let is_known = of_this_day().any(|past| past.change.kind == Kind::ConsultationClosed);
            // What was over before anybody looked is nobody's news.
            let was_open = of_this_day().next().is_some();
            return (was_open && !is_known).then(|| unmoved(Kind::ConsultationClosed, project));
        }
        let span = span_of(closes, today, ahead_days)?;
        let shows_the_day = |past: &&RecordedChange| match past.change.kind {
            Kind::ConsultationClosing => true,
            // Whoever was told of the day within the same span needs no second word on it.
            Kind::ConsultationOpened | Kind::Appeared | Kind::Redated | Kind::StageMoved | Kind::ListedAgain => {
                past.announced
            }
            _ => false,
        };
        let is_told = of_this_day().filter(shows_the_day).any(|past| {
            let then = past.seen_at.to_zoned(zone.clone()).date();
            span_of(closes, then, ahead_days).is_some_and(|told| told <= span)
        });
        (!is_told && !is_given_up(project)).then(|| unmoved(Kind::ConsultationClosing, project))
    };
    near.filter_map(closing).collect()
}

/// The shortest span that the day is within.
fn span_of(closes: Date, today: Date, ahead_days: &[u32]) -> Option<u32> {
    let left = days_between(today, closes);
    ahead_days.iter().copied().filter(|days| left <= i32::try_from(*days).unwrap_or(i32::MAX)).min()
}

fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(i32::MAX, |span| span.get_days())
}

fn is_given_up(project: &Project) -> bool {
    matches!(project.standing, Some(Standing::Withdrawn | Standing::Cancelled | Standing::OnHold))
        || project.stage_code().is_some_and(|code| code.is_cancelled() || code.is_withdrawn())
}

fn unmoved(kind: Kind, project: &Project) -> Change {
    let (before, after) = (Some(project.clone()), project.clone());
    Change { kind, movement: None, before, after, differences: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::changes::change::{Evidence, SnapshotRef};
    use crate::changes::closing::window_of;
    use crate::changes::comparison::Held;
    use crate::standards::project::PrintedStage;
    use crate::standards::stage::{Scheme, StageCode};

    const AHEAD: [u32; 2] = [14, 3];

    fn open_until(closes: &str) -> Project {
        let mut project = Project::new(ProjectId::Tc260("1".into()), "Draft");
        project.consultation.closes = Some(closes.parse().unwrap());
        project
    }

    fn seen(kind: Kind, project: &Project, day: &str, announced: bool) -> RecordedChange {
        let seen_at = format!("{day}T04:00:00Z").parse().unwrap();
        RecordedChange {
            id: "chg".into(),
            change: unmoved(kind, project),
            sequence: 1,
            seen_at,
            announced,
            watches: Vec::new(),
            evidence: Evidence {
                source: "tc260".into(),
                url: String::new(),
                before: None,
                after: SnapshotRef { sha256: String::new(), at: seen_at },
                diff: String::new(),
            },
            also_seen_at: Vec::new(),
            related: Vec::new(),
            otherwise_at: Vec::new(),
        }
    }

    /// What is told on each of these days, looking once a day; nothing is known but what was told so.
    fn told_on(project: &Project, known: Vec<RecordedChange>, days: &[&str]) -> Vec<String> {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let mut told = BTreeMap::from([(project.id.clone(), known)]);
        let holdings = Holdings::from([(project.id.clone(), Held { project: project.clone(), missed: 0 })]);
        let mut lines = Vec::new();
        for day in days {
            let today = day.parse().unwrap();
            let near = near_their_close(&holdings, &AHEAD, today);
            for change in closings(near, &told, &AHEAD, (today, &zone)) {
                lines.push(format!("{day} {}", change.kind.as_str()));
                told.get_mut(&project.id).unwrap().push(seen(change.kind, &change.after, day, true));
            }
        }
        lines
    }

    #[test]
    fn each_span_reminds_once_and_the_end_is_recorded_once() {
        let days = [
            "2026-06-15",
            "2026-06-16",
            "2026-06-17",
            "2026-06-26",
            "2026-06-27",
            "2026-06-28",
            "2026-06-30",
            "2026-07-01",
            "2026-07-02",
        ];
        let expected =
            ["2026-06-16 consultation-closing", "2026-06-27 consultation-closing", "2026-07-01 consultation-closed"];
        assert_eq!(told_on(&open_until("2026-06-30"), Vec::new(), &days), expected);
    }

    #[test]
    fn what_is_found_late_has_one_reminder_and_what_was_over_has_none() {
        let late = open_until("2026-06-30");
        assert_eq!(told_on(&late, Vec::new(), &["2026-06-29", "2026-06-30"]), ["2026-06-29 consultation-closing"]);
        assert_eq!(told_on(&late, Vec::new(), &["2026-07-01", "2026-08-30"]), [""; 0]);
    }

    #[test]
    fn whoever_was_told_of_the_day_within_the_span_is_not_reminded_in_the_same_span() {
        let project = open_until("2026-06-30");
        let days = ["2026-06-20", "2026-06-27"];
        let opened = |announced| vec![seen(Kind::ConsultationOpened, &project, "2026-06-19", announced)];
        assert_eq!(told_on(&project, opened(true), &days), ["2026-06-27 consultation-closing"]);
        assert_eq!(told_on(&project, opened(false), &days).len(), 2, "nobody was told");
    }

    #[test]
    fn a_day_that_moves_takes_its_reminders_along_and_one_that_is_withdrawn_has_none() {
        let before = open_until("2026-06-30");
        let known = vec![seen(Kind::ConsultationClosing, &before, "2026-06-27", true)];
        let moved = open_until("2026-07-20");
        let days = ["2026-06-28", "2026-07-06", "2026-07-17", "2026-07-21"];
        assert_eq!(
            told_on(&moved, known, &days),
            ["2026-07-06 consultation-closing", "2026-07-17 consultation-closing", "2026-07-21 consultation-closed"]
        );
        let mut given_up = open_until("2026-06-30");
        given_up.standing = Some(Standing::Cancelled);
        assert_eq!(told_on(&given_up, Vec::new(), &["2026-06-20", "2026-06-28"]), [""; 0]);
    }

    #[test]
    fn nobody_is_reminded_of_a_day_that_is_only_reckoned() {
        let mut ballot = Project::new(ProjectId::Iso(1), "ISO/IEC DIS 99001");
        ballot.stage = Some(PrintedStage { printed: "40.20".into(), code: StageCode::parse(Scheme::Iso, "40.20") });
        ballot.since = Some("2026-04-07".parse().unwrap());
        let expected = window_of(&ballot, None).unwrap().closes.unwrap().day;
        assert_eq!(expected.to_string(), "2026-06-30");
        assert_eq!(told_on(&ballot, Vec::new(), &["2026-06-20", "2026-06-28", "2026-07-01"]), [""; 0]);
    }
}
