//! What we held × what a source shows → baseline, changes or doubt. The one place that decides what is news.
//!
//! What must hold, whatever a page does:
//! - a page that reads as nothing, lost more than a set share, or is not whole, changes nothing and is a doubt;
//! - a field that a page no longer prints is unknown, not gone: what was known of it is carried forward, so that a rebuilt
//!   page cannot announce, and a field that comes back cannot either;
//! - a project changes at most once a poll, under its most telling kind, and a consultation once, under however many ids;
//! - absence is news only where a list claims to be complete, only after several whole polls, and only while more projects are
//!   missing than lines could not be read;
//! - a project that went to a committee that the source is not asked for, or that stands there under another id, is held, and not missing.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::carried::carried_forward;
use super::change::Change;
use super::kind::{change_of, no_longer_listed};
use super::losses::{lost_lines, shrinkage};
use super::twins::{stands_under_another_id, without_repetitions};
use crate::standards::committee::Committee;
use crate::standards::programme::{Programme, Wholeness};
use crate::standards::project::{Project, ProjectId};

/// One project as last accepted from one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// What the source said last.
    pub project: Project,
    /// In how many whole polls in a row it was missing; 0 when it was there.
    pub missed: u32,
}

/// What was last accepted from one source.
pub type Holdings = BTreeMap<ProjectId, Held>;

/// Where belief ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits<'a> {
    /// A page that lost more than this share of its projects (0 to 1) is in doubt.
    pub shrink_share: f64,
    /// A project missing from this many whole polls in a row is no longer listed; `None` where absence says nothing.
    pub misses_before_gone: Option<u32>,
    /// Whether the source is asked for what it was asked for last time.
    pub question: Question,
    /// Whether a whole page that shows nothing answers the question: so it does where single numbers are asked for, and where only few
    /// can ever come.
    pub none_is_an_answer: bool,
    /// Whether a stage before the one that was shown last is believed. A feed that lost its newest entry looks as if a project went back.
    pub believes_reversals: bool,
    /// Only projects of these committees are asked for; all where there are none.
    pub committees: &'a [Committee],
}

impl Limits<'_> {
    /// Whether the project is of a committee that the source is not asked for: it went there, and its absence says nothing.
    pub(super) fn asks_for_others_than(&self, project: &Project) -> bool {
        !self.committees.is_empty() && project.is_of(self.committees) == Some(false)
    }
}

/// What a source is asked for: which pages, in which format, of which committees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// The same as last time: what is new is new, what is missing is missing.
    Same,
    /// Something else: who is in or out of the answer says nothing. What was held and is still there is compared all the same.
    Other,
}

/// What a poll means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// First contact: to be stored, not announced.
    Baseline(Holdings),
    /// To be stored; what changed is announced.
    Compared {
        /// What is held from now on.
        holdings: Holdings,
        /// What changed, in the order of project numbers.
        changes: Vec<Change>,
    },
    /// Nothing is to be concluded, and why.
    Doubt(String),
}

/// Compares what a source shows with what was held of it; `None` is first contact. `today` is the day of the poll.
pub fn compare(held: Option<&Holdings>, programme: &Programme, limits: Limits<'_>, today: Date) -> Comparison {
    if let Wholeness::InDoubt(why) = &programme.wholeness {
        return Comparison::Doubt(why.clone());
    }
    let held_nothing = held.is_none_or(BTreeMap::is_empty);
    if programme.projects.is_empty() && !(held_nothing && limits.none_is_an_answer) {
        return Comparison::Doubt("nothing was read from the page".to_owned());
    }
    let Some(held) = held else {
        return Comparison::Baseline(
            programme.projects.iter().map(|(id, project)| (id.clone(), listed(project.clone()))).collect(),
        );
    };
    if limits.question == Question::Same
        && let Some(why) = shrinkage(held, programme, limits).or_else(|| lost_lines(held, programme, limits))
    {
        return Comparison::Doubt(why);
    }
    let mut holdings = Holdings::new();
    let mut changes = Vec::new();
    for (id, now) in &programme.projects {
        let before = held.get(id);
        let mut known = before.map_or_else(|| now.clone(), |before| carried_forward(&before.project, now));
        if let Some(before) = before.filter(|before| !limits.believes_reversals && goes_back(&before.project, now)) {
            known = before.project.clone();
        }
        if before.is_some() || limits.question == Question::Same {
            let was_gone =
                before.zip(limits.misses_before_gone).is_some_and(|(before, misses)| before.missed >= misses);
            changes.extend(change_of(before.map(|before| &before.project), &known, was_gone, today));
        }
        holdings.insert(id.clone(), listed(known));
    }
    changes.extend(take_along_absent(held, programme, limits, &mut holdings));
    changes.sort_by(|a, b| a.after.id.cmp(&b.after.id));
    Comparison::Compared { holdings, changes: without_repetitions(changes, held, &programme.projects) }
}

/// Holds what the source does not show now, as far as it is still to be held; gives those that stayed away for too long.
fn take_along_absent(
    held: &Holdings,
    programme: &Programme,
    limits: Limits<'_>,
    holdings: &mut Holdings,
) -> Vec<Change> {
    // A complete answer to another question has its own members; of a list of the newest, what was seen stays seen.
    let is_kept = limits.question == Question::Same || limits.misses_before_gone.is_none();
    let absent = held.iter().filter(|(id, _)| is_kept && !programme.projects.contains_key(*id));
    let (elsewhere, missing): (Vec<_>, Vec<_>) = absent.partition(|(_, before)| {
        let before = &before.project;
        limits.asks_for_others_than(before) || stands_under_another_id(before, &programme.projects)
    });
    holdings.extend(elsewhere.into_iter().map(|(id, before)| (id.clone(), before.clone())));
    // A line that could not be read may be that of any project that is missing.
    let are_gone = missing.len() > programme.defects.len();
    let mut gone = Vec::new();
    for (id, before) in missing {
        let missed = before.missed.saturating_add(u32::from(are_gone));
        if are_gone && limits.misses_before_gone == Some(missed) {
            gone.push(no_longer_listed(&before.project));
        }
        holdings.insert(id.clone(), Held { project: before.project.clone(), missed });
    }
    gone
}

fn goes_back(before: &Project, now: &Project) -> bool {
    before.stage_code().zip(now.stage_code()).is_some_and(|(before, now)| now < before)
}

fn listed(project: Project) -> Held {
    Held { project, missed: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standards::language::Language;
    use crate::standards::programme::Defect;
    use crate::standards::project::{PrintedStage, Standing};
    use crate::standards::stage::{Scheme, StageCode};

    const LIMITS: Limits<'_> = Limits {
        shrink_share: 0.5,
        misses_before_gone: Some(2),
        question: Question::Same,
        none_is_an_answer: false,
        believes_reversals: true,
        committees: &[],
    };
    const RECENT: Limits<'_> = Limits {
        shrink_share: 0.5,
        misses_before_gone: None,
        question: Question::Same,
        none_is_an_answer: false,
        believes_reversals: true,
        committees: &[],
    };

    fn today() -> Date {
        "2023-05-12".parse().unwrap()
    }

    fn stage(scheme: Scheme, code: &str, printed: &str) -> PrintedStage {
        PrintedStage { printed: printed.into(), code: StageCode::parse(scheme, code) }
    }

    fn iso(number: u64, code: &str) -> Project {
        let mut project = Project::new(ProjectId::Iso(number), format!("ISO/IEC {number}"));
        project.stage = Some(stage(Scheme::Iso, code, code));
        project.titles.insert(Language::English, format!("Title of {number}"));
        project
    }

    fn gb(printed: &str, code: &str, standing: Standing) -> Project {
        let mut project = Project::new(ProjectId::Gb("GB/T 1.1-2009".into()), "GB/T 1.1-2009");
        project.stage = Some(stage(Scheme::Gb, code, printed));
        project.standing = Some(standing);
        project
    }

    fn shown(projects: Vec<Project>) -> Programme {
        Programme {
            projects: projects.into_iter().map(|project| (project.id.clone(), project)).collect(),
            defects: Vec::new(),
            wholeness: Wholeness::Whole,
        }
    }

    fn baseline(projects: Vec<Project>) -> Holdings {
        match compare(None, &shown(projects), LIMITS, today()) {
            Comparison::Baseline(holdings) => holdings,
            other => panic!("{other:?}"),
        }
    }

    /// `stage-moved/advanced iso:1`, a line a change; `doubt: …`.
    fn check(held: &Holdings, now: Vec<Project>, limits: Limits<'_>, expected: &str) -> Holdings {
        match compare(Some(held), &shown(now), limits, today()) {
            Comparison::Baseline(_) => panic!("a baseline of something held"),
            Comparison::Doubt(why) => {
                assert_eq!(format!("doubt: {why}"), expected);
                held.clone()
            }
            Comparison::Compared { holdings, changes } => {
                let lines: Vec<String> = changes
                    .iter()
                    .map(|change| {
                        let movement = change.movement.map(|movement| format!("/{}", movement.as_str()));
                        format!("{}{} {}", change.kind.as_str(), movement.unwrap_or_default(), change.after.id)
                    })
                    .collect();
                assert_eq!(lines.join("\n"), expected);
                holdings
            }
        }
    }

    #[test]
    fn first_contact_is_a_baseline_and_the_same_again_is_nothing() {
        let held = baseline(vec![iso(1, "40.20"), iso(2, "60.60")]);
        check(&held, vec![iso(2, "60.60"), iso(1, "40.20")], LIMITS, "");
    }

    #[test]
    fn a_stage_move_and_whatever_came_with_it_is_one_change() {
        let held = baseline(vec![iso(1, "30.60"), iso(2, "60.00")]);
        let mut moved = iso(1, "40.00");
        moved.reference = "ISO/IEC DIS 1".into();
        moved.titles.insert(Language::English, "Another title".into());
        check(&held, vec![moved, iso(2, "60.60")], LIMITS, "stage-moved/advanced iso:1\npublished/published iso:2");
    }

    #[test]
    fn a_notice_is_announced_and_a_page_of_words_tells_its_lines() {
        let notice = |address: &str| {
            let mut notice = Project::new(ProjectId::of_page(address), "A notice");
            notice.url = Some(address.to_owned());
            notice
        };
        let held = baseline(vec![notice("https://body.example/1"), notice("https://body.example/3")]);
        let id = ProjectId::of_page("https://body.example/2");
        check(
            &held,
            vec![notice("https://body.example/2"), notice("https://body.example/1")],
            RECENT,
            &format!("announced {id}"),
        );

        let page = |text: &str| Project { text: Some(text.to_owned()), ..notice("https://body.example/plan") };
        let held = baseline(vec![page("one\ntwo\nthree\nfour")]);
        let id = ProjectId::of_page("https://body.example/plan");
        check(&held, vec![page("one\ntwo\nthree\nfour")], RECENT, "");
        check(&held, vec![page("one\n2\nthree\nfour\nfive")], RECENT, &format!("text-changed {id}"));
        let lost = "doubt: 3 of 4 lines are gone at once, more than the share of 0.5 that is believed";
        check(&held, vec![page("one")], RECENT, lost);
    }

    #[test]
    fn an_empty_page_is_a_doubt_not_a_withdrawal() {
        let held = baseline(vec![iso(1, "40.20")]);
        check(&held, vec![], LIMITS, "doubt: nothing was read from the page");
        assert!(matches!(compare(None, &shown(vec![]), LIMITS, today()), Comparison::Doubt(_)));
    }

    #[test]
    fn a_source_of_news_moves_nothing_back() {
        let news = Limits { believes_reversals: false, ..RECENT };
        let held = baseline(vec![iso(1, "40.20")]);
        let held = check(&held, vec![iso(1, "30.60")], news, "");
        let held = check(&held, vec![iso(1, "40.20")], news, "");
        check(&held, vec![iso(1, "40.60")], news, "stage-moved/advanced iso:1");
        check(&held, vec![iso(1, "30.60")], RECENT, "stage-moved/referred-back iso:1");
    }

    #[test]
    fn that_a_number_is_not_there_is_an_answer_until_it_is() {
        let asked = Limits { none_is_an_answer: true, ..RECENT };
        let Comparison::Baseline(held) = compare(None, &shown(vec![]), asked, today()) else { panic!("no baseline") };
        let held = check(&held, vec![], asked, "");
        let held = check(&held, vec![iso(1, "40.20")], asked, "appeared iso:1");
        check(&held, vec![], asked, "doubt: nothing was read from the page");
    }

    #[test]
    fn a_page_that_is_not_whole_is_a_doubt_whatever_it_shows() {
        let held = baseline(vec![iso(1, "40.20")]);
        let mut cut = shown(vec![iso(1, "95.99")]);
        cut.wholeness = Wholeness::InDoubt("cut short".into());
        assert_eq!(compare(Some(&held), &cut, LIMITS, today()), Comparison::Doubt("cut short".into()));
        assert_eq!(compare(None, &cut, LIMITS, today()), Comparison::Doubt("cut short".into()));
    }

    #[test]
    fn a_page_that_lost_more_than_the_share_is_a_doubt() {
        let held = baseline((1..=4).map(|number| iso(number, "40.20")).collect());
        let doubt = "doubt: 3 of 4 projects are gone at once, more than the share of 0.5 that is believed";
        check(&held, vec![iso(1, "40.20")], LIMITS, doubt);
        check(&held, vec![iso(9, "40.20")], RECENT, doubt);
        check(&held, vec![iso(1, "40.20"), iso(2, "40.20")], LIMITS, "");
    }

    #[test]
    fn a_project_is_no_longer_listed_after_several_whole_polls_and_once() {
        let mut held = baseline(vec![iso(1, "40.20"), iso(2, "40.20"), iso(3, "40.20")]);
        let without = || vec![iso(2, "40.20"), iso(3, "40.20")];
        held = check(&held, without(), LIMITS, "");
        held = check(&held, without(), LIMITS, "no-longer-listed iso:1");
        held = check(&held, without(), LIMITS, "");
        check(&held, vec![iso(1, "40.20"), iso(2, "40.20"), iso(3, "40.20")], LIMITS, "listed-again iso:1");
        check(&held, vec![iso(1, "50.00"), iso(2, "40.20"), iso(3, "40.20")], LIMITS, "stage-moved/advanced iso:1");
    }

    #[test]
    fn a_project_that_went_to_another_committee_is_told_and_then_not_missed() {
        let committees = [Committee::parse("ISO/IEC JTC 1/SC 27").unwrap()];
        let limits = Limits { committees: &committees, ..LIMITS };
        let of = |number: u64, committee: &str| {
            let mut project = iso(number, "40.20");
            project.committee = Some(committee.into());
            project
        };
        let (here, there) = ("ISO/IEC JTC 1/SC 27", "ISO/TC 22");
        let mut held = baseline(vec![of(1, here), of(2, here)]);
        held = check(&held, vec![of(1, there), of(2, here)], limits, "reassigned iso:1");
        for _ in 0..5 {
            held = check(&held, vec![of(2, here)], limits, "");
        }
        held = check(&held, vec![of(1, here), of(2, here)], limits, "reassigned iso:1");
        held = check(&held, vec![of(2, here)], limits, "");
        check(&held, vec![of(2, here)], limits, "no-longer-listed iso:1");
    }

    #[test]
    fn a_line_that_could_not_be_read_may_be_any_project_that_is_missing() {
        let mut held = baseline(vec![iso(1, "40.20"), iso(2, "40.20"), iso(3, "40.20"), iso(4, "40.20")]);
        let without = |numbers: &[u64]| {
            let mut programme = shown(numbers.iter().map(|number| iso(*number, "40.20")).collect());
            programme.defects.push(Defect { line: Some(1), what: "no row".into(), text: String::new() });
            programme
        };
        let mut told = |numbers: &[u64]| match compare(Some(&held), &without(numbers), LIMITS, today()) {
            Comparison::Compared { holdings, changes } => {
                held = holdings;
                changes.len()
            }
            other => panic!("{other:?}"),
        };
        assert_eq!((0..5).map(|_| told(&[1, 2, 3])).sum::<usize>(), 0);
        assert_eq!((0..2).map(|_| told(&[1, 2])).sum::<usize>(), 2);
    }

    #[test]
    fn in_a_list_of_the_newest_absence_says_nothing() {
        let mut held = baseline(vec![iso(1, "40.20"), iso(2, "40.20")]);
        for _ in 0..5 {
            held = check(&held, vec![iso(2, "40.20")], RECENT, "");
        }
        check(&held, vec![iso(1, "40.20"), iso(2, "40.20")], RECENT, "");
    }

    #[test]
    fn a_source_that_is_asked_for_something_else_announces_neither_who_came_nor_who_left() {
        let held = baseline(vec![iso(1, "40.20"), iso(2, "40.20"), iso(3, "40.20")]);
        let other = Limits { question: Question::Other, ..LIMITS };
        let now = || vec![iso(3, "40.60"), iso(4, "20.00"), iso(5, "20.00")];
        let held = check(&held, now(), other, "stage-moved/advanced iso:3");
        let held = check(&held, now(), LIMITS, "");
        assert_eq!(held.keys().map(ToString::to_string).collect::<Vec<_>>(), ["iso:3", "iso:4", "iso:5"]);
    }

    #[test]
    fn a_wording_that_flips_inside_one_class_is_nothing() {
        let held = baseline(vec![gb("废止", "95", Standing::Withdrawn)]);
        let held = check(&held, vec![gb("被代替", "95", Standing::Withdrawn)], RECENT, "");
        check(&held, vec![gb("废止", "95", Standing::Withdrawn)], RECENT, "");
    }

    #[test]
    fn withdrawal_and_entry_into_force_have_kinds_of_their_own() {
        let held = baseline(vec![gb("即将实施", "60", Standing::Published)]);
        let held = check(&held, vec![gb("现行", "60", Standing::InForce)], RECENT, "in-force gb:GB/T 1.1-2009");
        check(&held, vec![gb("废止", "95", Standing::Withdrawn)], RECENT, "withdrawn/withdrawn gb:GB/T 1.1-2009");
    }

    #[test]
    fn what_a_page_no_longer_prints_is_unknown_and_comes_back_as_nothing() {
        let mut full = iso(1, "90.60");
        full.since = Some("2020-09-03".parse().unwrap());
        full.committee = Some("ISO/IEC JTC 1".into());
        full.published = Some("2015-04-29".parse().unwrap());
        let held = baseline(vec![full.clone()]);
        let mut bare = iso(1, "90.60");
        bare.titles.clear();
        let held = check(&held, vec![bare], LIMITS, "");
        let held = check(&held, vec![full.clone()], LIMITS, "");
        full.stage = Some(PrintedStage { printed: "under study".into(), code: None });
        let held = check(&held, vec![full.clone()], LIMITS, "");
        full.stage = Some(stage(Scheme::Iso, "90.60", "90.60"));
        check(&held, vec![full], LIMITS, "");
    }

    #[test]
    fn titles_committees_and_dates_are_news_only_when_the_body_changed_them() {
        let mut before = iso(1, "60.60");
        before.committee = Some("ISO/IEC JTC 1/SC 27".into());
        before.effective = Some("2026-08-01".parse().unwrap());
        let held = baseline(vec![before.clone()]);
        let with = |edit: fn(&mut Project)| {
            let mut now = before.clone();
            edit(&mut now);
            vec![now]
        };
        check(&held, with(|now| now.committee = Some("ISO/IEC JTC1/SC27".into())), LIMITS, "");
        check(&held, with(|now| now.committee = Some("ISO/TC 22".into())), LIMITS, "reassigned iso:1");
        check(&held, with(|now| now.effective = Some("2026-09-01".parse().unwrap())), LIMITS, "redated iso:1");
        check(&held, with(|now| now.published = Some("2026-01-01".parse().unwrap())), LIMITS, "");
        check(
            &held,
            with(|now| drop(now.titles.insert(Language::English, "Something else".into()))),
            LIMITS,
            "retitled iso:1",
        );
    }

    #[test]
    fn a_consultation_that_is_open_is_told_as_such() {
        let held = baseline(vec![iso(1, "40.00")]);
        let mut open = iso(2, "40.00");
        open.consultation.closes = Some("2023-07-01".parse().unwrap());
        let mut over = iso(3, "40.00");
        over.consultation.closes = Some("2023-05-11".parse().unwrap());
        check(&held, vec![iso(1, "40.00"), open, over], LIMITS, "consultation-opened iso:2\nappeared iso:3");
    }
}
