//! What closes when: the window in which something can be said or done about a document where it stands, and the day on which it ends, as
//! the body prints it or as its rules make it. Not what is to be done, and not who is reminded.
//!
//! ISO prints no closing days outside its own systems, but the length of each ballot is a rule (ISO/IEC Directives, part 1: 2.3.4, 2.5.1,
//! 2.6.1, 2.7.1, 2.9). A day that is reckoned from it is *expected* and always says from what: the day on which the stage began, or, where
//! the body prints none, the day on which we first saw it, which can only be later. TC 260 leaves drafts open for sixty days, and prints
//! the day; where a plan shows nothing but its stage, the sixty days are expected, too.

use jiff::Span;
use jiff::civil::Date;

use super::clock::day_at;
use super::corroboration::KnownStage;
use crate::standards::deliverable::Deliverable;
use crate::standards::project::{Project, Standing};
use crate::standards::reference::Reference;
use crate::standards::stage::{GbStage, Stage, StageCode, Substage};

/// What is open, or about to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Window {
    /// Everybody may comment: the public comment of a Chinese draft.
    PublicComment,
    /// Whether the project is wanted is voted on (10.20).
    ProposalBallot,
    /// Experts of the working group comment on the working draft (20.20).
    WorkingDraft,
    /// National bodies comment on the committee draft (30.20).
    CommitteeDraft,
    /// National bodies vote and comment (40.20).
    Enquiry,
    /// National bodies vote yes or no (50.20).
    FinalBallot,
    /// National bodies say whether a standard is still good (90.20).
    Review,
    /// National bodies vote on a withdrawal (95.20).
    WithdrawalBallot,
    /// Published; what it asks for has to be met from a day on.
    EntryIntoForce,
}

/// Where a day comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Basis {
    /// The body prints it.
    Printed,
    /// Reckoned from the day on which the body says that the window opened.
    FromOpening(Date),
    /// Reckoned from the day on which we first saw it open: it closes then, or earlier.
    FromSight(Date),
}

/// The day on which a window closes; the day belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Closing {
    /// The day, by the calendar of the body.
    pub day: Date,
    /// Where it comes from.
    pub basis: Basis,
}

/// A window, and when it closes where that can be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Open {
    /// What is open.
    pub window: Window,
    /// Until when.
    pub closes: Option<Closing>,
}

impl Window {
    /// Every window.
    pub const ALL: [Window; 9] = [
        Window::PublicComment,
        Window::ProposalBallot,
        Window::WorkingDraft,
        Window::CommitteeDraft,
        Window::Enquiry,
        Window::FinalBallot,
        Window::Review,
        Window::WithdrawalBallot,
        Window::EntryIntoForce,
    ];

    /// The word of records and of calendars: `enquiry`.
    pub fn as_str(self) -> &'static str {
        match self {
            Window::PublicComment => "public-comment",
            Window::ProposalBallot => "proposal-ballot",
            Window::WorkingDraft => "working-draft",
            Window::CommitteeDraft => "committee-draft",
            Window::Enquiry => "enquiry",
            Window::FinalBallot => "final-ballot",
            Window::Review => "review",
            Window::WithdrawalBallot => "withdrawal-ballot",
            Window::EntryIntoForce => "entry-into-force",
        }
    }

    /// How many days it is open by the rules of its body; `None` where no rule says.
    pub fn days(self) -> Option<u32> {
        match self {
            Window::PublicComment => Some(60),
            Window::ProposalBallot | Window::Enquiry => Some(12 * 7),
            Window::CommitteeDraft | Window::FinalBallot => Some(8 * 7),
            Window::Review => Some(20 * 7),
            Window::WorkingDraft | Window::WithdrawalBallot | Window::EntryIntoForce => None,
        }
    }
}

impl Open {
    /// Whether the last day is over; what has no day is never over.
    pub fn is_over(&self, today: Date) -> bool {
        self.closes.is_some_and(|closing| closing.day < today)
    }
}

/// The window of a project where it stands, over or not. `first_seen` is the day on which we saw it come to its stage; leave it out where
/// that was never seen, because a stage that was there at first contact may be old.
pub fn window_of(project: &Project, first_seen: Option<Date>) -> Option<Open> {
    let code = project.stage_code();
    let is_over = |standing: Standing| matches!(standing, Standing::Cancelled | Standing::Withdrawn | Standing::OnHold);
    if project.standing.or(code.map(StageCode::standing)).is_some_and(is_over) {
        return None;
    }
    let is_published = project.standing == Some(Standing::Published) || code.is_some_and(StageCode::is_published);
    if let (true, Some(day)) = (is_published, project.effective) {
        let is_ahead = project.standing != Some(Standing::InForce);
        let closes = Some(Closing { day, basis: Basis::Printed });
        return is_ahead.then_some(Open { window: Window::EntryIntoForce, closes });
    }
    let printed = project.consultation.closes.map(|day| Closing { day, basis: Basis::Printed });
    let window = match code.and_then(|code| at_stage(code, project)) {
        Some(window) => window,
        None if printed.is_some() && !is_published => Window::PublicComment,
        None => return None,
    };
    Some(Open { window, closes: printed.or_else(|| reckoned(window, project, first_seen)) })
}

/// The window of a project where it stands, with all that is known of its way: what mails, pages, calendars and records say of it.
pub fn window_on(project: &Project, trail: &[KnownStage]) -> Option<Open> {
    window_of(project, seen_to_come(project, trail))
}

/// The day on which we saw a project come to the stage where it is; `None` where it was there at first contact.
pub fn seen_to_come(project: &Project, trail: &[KnownStage]) -> Option<Date> {
    let code = project.stage_code()?;
    let here = trail.iter().rev().find(|known| known.stage.code == Some(code))?;
    here.change.is_some().then(|| day_at(project, here.seen_at))
}

/// How many windows of a kind a project has had that came through these stages: a second committee draft has a ballot of its own.
pub fn nth_window(window: Window, stages: impl IntoIterator<Item = StageCode>) -> usize {
    let mut n_windows = 0;
    let mut was_open = false;
    for code in stages {
        let is_open = window_at(code) == Some(window);
        n_windows += usize::from(is_open && !was_open);
        was_open = is_open;
    }
    n_windows.max(1)
}

/// The window that is open at a stage of a document of any kind: what comes next can be told by it.
pub fn window_at(code: StageCode) -> Option<Window> {
    match code {
        StageCode::Gb(GbStage::PublicConsultation) => Some(Window::PublicComment),
        StageCode::Gb(_) => None,
        StageCode::Iso(code) if code.substage() != Substage::Start => None,
        StageCode::Iso(code) => match code.stage() {
            Stage::Proposal => Some(Window::ProposalBallot),
            Stage::Preparatory => Some(Window::WorkingDraft),
            Stage::Committee => Some(Window::CommitteeDraft),
            Stage::Enquiry => Some(Window::Enquiry),
            Stage::Approval => Some(Window::FinalBallot),
            Stage::Review => Some(Window::Review),
            Stage::Withdrawal => Some(Window::WithdrawalBallot),
            Stage::Preliminary | Stage::Publication => None,
        },
    }
}

/// A proof (PRF) goes into print without a vote.
fn at_stage(code: StageCode, project: &Project) -> Option<Window> {
    let letters = || Reference::parse(&project.reference).and_then(|reference| reference.stage_label());
    let is_proof = || letters().is_some_and(|letters| letters.starts_with("PRF"));
    window_at(code).filter(|window| *window != Window::FinalBallot || !is_proof())
}

fn reckoned(window: Window, project: &Project, first_seen: Option<Date>) -> Option<Closing> {
    // What corrects a standard is balloted by rules of its own.
    if project.deliverable == Some(Deliverable::Corrigendum) {
        return None;
    }
    let days = window.days()?;
    let opened = project.consultation.opens.or(project.since).map(|day| (day, Basis::FromOpening(day)));
    let (from, basis) = opened.or_else(|| first_seen.map(|day| (day, Basis::FromSight(day))))?;
    Some(Closing { day: from.checked_add(Span::new().days(i64::from(days))).ok()?, basis })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standards::project::{PrintedStage, ProjectId};
    use crate::standards::stage::Scheme;

    fn iso(reference: &str, code: &str, since: Option<&str>) -> Project {
        let mut project = Project::new(ProjectId::Iso(1), reference);
        project.stage = Some(PrintedStage { printed: code.into(), code: StageCode::parse(Scheme::Iso, code) });
        project.since = since.map(|day| day.parse().unwrap());
        project
    }

    fn plan(code: &str) -> Project {
        let mut project = Project::new(ProjectId::Sac("20991234-T-469".into()), "20991234-T-469");
        project.stage = Some(PrintedStage { printed: code.into(), code: StageCode::parse(Scheme::Gb, code) });
        project
    }

    fn told(project: &Project, first_seen: Option<&str>) -> String {
        match window_of(project, first_seen.map(|day| day.parse().unwrap())) {
            None => "nothing".into(),
            Some(Open { window, closes: None }) => window.as_str().into(),
            Some(Open { window, closes: Some(Closing { day, basis }) }) => {
                let basis = match basis {
                    Basis::Printed => "printed".to_owned(),
                    Basis::FromOpening(day) => format!("from {day}"),
                    Basis::FromSight(day) => format!("seen {day}"),
                };
                format!("{} {day} {basis}", window.as_str())
            }
        }
    }

    #[test]
    fn the_ballots_of_iso_last_as_long_as_the_directives_say() {
        let day = Some("2031-01-01");
        for (code, expected) in [
            ("10.20", "proposal-ballot 2031-03-26 from 2031-01-01"),
            ("20.20", "working-draft"),
            ("30.20", "committee-draft 2031-02-26 from 2031-01-01"),
            ("40.00", "nothing"),
            ("40.20", "enquiry 2031-03-26 from 2031-01-01"),
            ("40.60", "nothing"),
            ("50.20", "final-ballot 2031-02-26 from 2031-01-01"),
            ("60.60", "nothing"),
            ("90.20", "review 2031-05-21 from 2031-01-01"),
            ("95.20", "withdrawal-ballot"),
            ("40.98", "nothing"),
        ] {
            assert_eq!(told(&iso("ISO/IEC DIS 99001", code, day), None), expected, "{code}");
        }
    }

    #[test]
    fn a_day_is_reckoned_from_what_the_body_prints_else_from_first_sight_else_not_at_all() {
        let mut project = iso("ISO/IEC DIS 99001", "40.20", None);
        assert_eq!(told(&project, None), "enquiry");
        assert_eq!(told(&project, Some("2031-01-08")), "enquiry 2031-04-02 seen 2031-01-08");
        project.since = Some("2031-01-01".parse().unwrap());
        assert_eq!(told(&project, Some("2031-01-08")), "enquiry 2031-03-26 from 2031-01-01");
        project.consultation.closes = Some("2031-03-31".parse().unwrap());
        assert_eq!(told(&project, Some("2031-01-08")), "enquiry 2031-03-31 printed");
        project.since = Some(Date::MAX);
        project.consultation.closes = None;
        assert_eq!(told(&project, None), "enquiry", "no calendar has that day");
    }

    #[test]
    fn a_window_that_opens_again_is_another_one() {
        let nth = |codes: &str| {
            let codes = codes.split(' ').filter_map(|code| StageCode::parse(Scheme::Iso, code));
            nth_window(Window::CommitteeDraft, codes)
        };
        assert_eq!(nth("20.20 30.00"), 1, "the first one may not have been seen");
        assert_eq!(nth("20.20 30.20 30.60"), 1);
        assert_eq!(nth("20.20 30.20 30.20 30.60"), 1, "its day was put right");
        assert_eq!(nth("20.20 30.20 30.60 30.92 30.20"), 2);
    }

    #[test]
    fn what_was_there_at_first_contact_was_not_seen_to_come() {
        let project = iso("ISO/IEC DIS 99001", "40.20", None);
        let known = |change: Option<&str>| KnownStage {
            stage: project.stage.clone().unwrap(),
            since: None,
            seen_at: "2031-01-07T20:00:00Z".parse().unwrap(),
            source: "s".into(),
            change: change.map(str::to_owned),
        };
        assert_eq!(window_on(&project, &[known(None)]).unwrap().closes, None);
        let closes = window_on(&project, &[known(Some("chg_1"))]).unwrap().closes.unwrap();
        assert_eq!(closes.day.to_string(), "2031-04-01");
        assert_eq!(closes.basis, Basis::FromSight("2031-01-07".parse().unwrap()));
    }

    #[test]
    fn a_proof_is_not_voted_on_and_a_corrigendum_has_rules_of_its_own() {
        assert_eq!(told(&iso("ISO/IEC PRF 99001", "50.20", Some("2031-01-01")), None), "nothing");
        let mut corrigendum = iso("ISO/IEC 99001:2030/DCOR 1", "40.20", Some("2031-01-01"));
        corrigendum.deliverable = Some(Deliverable::Corrigendum);
        assert_eq!(told(&corrigendum, None), "enquiry");
    }

    #[test]
    fn a_chinese_draft_is_open_until_the_day_that_is_printed_or_for_the_usual_sixty() {
        let mut project = plan("30");
        assert_eq!(told(&project, None), "public-comment");
        assert_eq!(told(&project, Some("2031-08-16")), "public-comment 2031-10-15 seen 2031-08-16");
        project.consultation.closes = Some("2031-08-30".parse().unwrap());
        assert_eq!(told(&project, Some("2031-08-16")), "public-comment 2031-08-30 printed");
        project.stage = None;
        assert_eq!(told(&project, None), "public-comment 2031-08-30 printed", "a consultation has no stage");
        project.standing = Some(Standing::Cancelled);
        assert_eq!(told(&project, None), "nothing");
    }

    #[test]
    fn what_is_published_comes_into_force_on_a_day_until_it_is() {
        let mut project = plan("60");
        assert_eq!(told(&project, None), "nothing");
        project.effective = Some("2031-11-01".parse().unwrap());
        assert_eq!(told(&project, None), "entry-into-force 2031-11-01 printed");
        project.standing = Some(Standing::InForce);
        assert_eq!(told(&project, None), "nothing");
        project.standing = Some(Standing::OnHold);
        assert_eq!(told(&project, None), "nothing");
    }

    #[test]
    fn the_last_day_belongs_to_the_window_where_the_body_is() {
        let open = Open {
            window: Window::PublicComment,
            closes: Some(Closing { day: "2031-10-15".parse().unwrap(), basis: Basis::Printed }),
        };
        let over = |now: &str| open.is_over(day_at(&plan("30"), now.parse().unwrap()));
        assert!(!over("2031-10-15T15:59:00Z"));
        assert!(over("2031-10-15T16:00:00Z"), "it is the 16th in Beijing");
        assert!(!Open { closes: None, ..open }.is_over(Date::MAX));
    }
}
