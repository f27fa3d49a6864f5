//! What a committee set out to do, measured: which of the projects that count have done what the task asks, and when. Not where the projects
//! come from, and not how progress is drawn.
//!
//! A stage counts from the day that its body gives it; where the body gives none, from the day on which we saw it. What happened after the
//! last day of a task does not count for it, and is shown all the same.

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

use super::corroboration::KnownStage;
use crate::standards::reference::Reference;
use crate::standards::stage::{Stage, StageCode};

/// A plan of a committee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkPlan {
    /// Its name here.
    pub id: String,
    /// What it is.
    pub title: Option<String>,
    /// Its tasks; never empty.
    pub tasks: Vec<Task>,
}

/// One task of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// What is to be reached, in words.
    pub title: String,
    /// The projects that count; never empty.
    pub standards: Vec<Reference>,
    /// What each has to do to count.
    pub goal: Goal,
    /// How many of them.
    pub at_least: u32,
    /// The first day on which something counts; where nobody says, the first of the year of the last.
    pub from: Option<Date>,
    /// The last day.
    pub until: Option<Date>,
}

/// What a project has to do to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// Become a project.
    Register,
    /// Move to a later stage, whichever.
    Advance,
    /// Be at this stage or later.
    Reach(Stage),
    /// Be published.
    Publish,
}

/// A project that a task names, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What the task names.
    pub wanted: Reference,
    /// What it has been through, over all projects of that name, in order of first sight.
    pub trail: Vec<KnownStage>,
}

/// How far a project is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// What the task names.
    pub wanted: Reference,
    /// Where it stood when the time of the task began; `None` where that is not known.
    pub from: Option<StageCode>,
    /// Where it stands now.
    pub now: Option<StageCode>,
    /// When it did what the task asks, whether in time or not.
    pub reached: Option<Date>,
    /// Whether that was in time.
    pub counts: bool,
}

/// How a task fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// As many as were wanted, in time.
    Reached,
    /// Not yet, and there is time.
    UnderWay,
    /// Not in time.
    Missed,
}

/// How far a task is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// How it fares.
    pub standing: Standing,
    /// How many count.
    pub n_reached: u32,
    /// Each project that the task names.
    pub members: Vec<Member>,
}

impl Goal {
    /// The word of configuration and records: `reach:50`.
    pub fn to_text(self) -> String {
        match self {
            Goal::Register => "register".to_owned(),
            Goal::Advance => "advance".to_owned(),
            Goal::Reach(stage) => format!("reach:{:02}", stage.number()),
            Goal::Publish => "publish".to_owned(),
        }
    }
}

impl Standing {
    /// The word of records: `under-way`.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Reached => "reached",
            Standing::UnderWay => "under-way",
            Standing::Missed => "missed",
        }
    }
}

impl Task {
    /// The first day on which something counts.
    pub fn begins(&self) -> Option<Date> {
        self.from.or_else(|| self.until.map(|until| date(until.year(), 1, 1)))
    }
}

/// How far a task is today; `candidates` are what is known of each standard that it names.
pub fn measure(task: &Task, candidates: &[Candidate], today: Date) -> Progress {
    let members: Vec<Member> = candidates.iter().map(|candidate| member(task, candidate)).collect();
    let n_reached = members.iter().map(|member| u32::from(member.counts)).sum();
    let is_over = task.until.is_some_and(|until| until < today);
    let standing = match (n_reached >= task.at_least, is_over) {
        (true, _) => Standing::Reached,
        (false, false) => Standing::UnderWay,
        (false, true) => Standing::Missed,
    };
    Progress { standing, n_reached, members }
}

fn member(task: &Task, candidate: &Candidate) -> Member {
    let steps: Vec<(Date, StageCode)> =
        candidate.trail.iter().filter_map(|known| Some((day_of(known), known.stage.code?))).collect();
    let begins = task.begins();
    let before = |day: Date| begins.is_none_or(|begins| day < begins);
    // Where nothing is known from before the time of the task, its first stage is where it began.
    let from = steps.iter().rfind(|(day, _)| begins.is_some() && before(*day)).or(steps.first());
    let from = from.map(|(_, code)| *code);
    let reached = steps.iter().find(|(day, code)| {
        let is_since = begins.is_none_or(|begins| *day >= begins);
        match task.goal {
            Goal::Advance => is_since && from.is_some_and(|from| is_later(from, *code)),
            Goal::Register => is_at(*code, Stage::Preparatory),
            Goal::Reach(stage) => is_at(*code, stage),
            Goal::Publish => is_at(*code, Stage::Publication),
        }
    });
    let reached = reached.map(|(day, _)| *day);
    Member {
        wanted: candidate.wanted.clone(),
        from,
        now: steps.last().map(|(_, code)| *code),
        reached,
        counts: reached.is_some_and(|day| task.until.is_none_or(|until| day <= until)),
    }
}

fn day_of(known: &KnownStage) -> Date {
    known.since.unwrap_or_else(|| TimeZone::UTC.to_datetime(known.seen_at).date())
}

/// Whether one main stage lies behind the other; what was given up is nowhere.
fn is_later(from: StageCode, to: StageCode) -> bool {
    !to.is_cancelled()
        && match (from.track_position(), to.track_position()) {
            (Some(from), Some(to)) => to > from,
            (_, _) => false,
        }
}

/// Whether a project is at that stage of ISO, or further on; one of China by the nearest stage of ISO.
fn is_at(code: StageCode, stage: Stage) -> bool {
    if code.is_cancelled() {
        return false;
    }
    let code = if matches!(code, StageCode::Iso(_)) { Some(code) } else { code.gloss() };
    matches!(code, Some(StageCode::Iso(code)) if code.stage() >= stage)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standards::project::PrintedStage;
    use crate::standards::stage::Scheme;

    fn candidate(name: &str, scheme: Scheme, steps: &[(&str, &str)]) -> Candidate {
        let known = |(day, code): &(&str, &str)| KnownStage {
            stage: PrintedStage { printed: (*code).to_owned(), code: StageCode::parse(scheme, code) },
            since: Some(day.parse().unwrap()),
            seen_at: "2030-01-01T00:00:00Z".parse().unwrap(),
            source: "s".to_owned(),
            change: None,
        };
        Candidate { wanted: Reference::parse(name).unwrap(), trail: steps.iter().map(known).collect() }
    }

    fn task(goal: Goal, at_least: u32, until: &str) -> Task {
        let until = Some(until.parse().unwrap());
        Task { title: "t".to_owned(), standards: Vec::new(), goal, at_least, from: None, until }
    }

    fn check(task: &Task, candidates: &[Candidate], today: &str, expected: (&str, &[Option<&str>])) {
        let progress = measure(task, candidates, today.parse().unwrap());
        let reached: Vec<Option<String>> =
            progress.members.iter().map(|member| member.reached.map(|day| day.to_string())).collect();
        let reached: Vec<Option<&str>> = reached.iter().map(Option::as_deref).collect();
        assert_eq!((progress.standing.as_str(), reached.as_slice()), expected);
    }

    #[test]
    fn two_projects_advance_in_their_year_and_the_task_is_reached() {
        let moved = candidate("ISO/IEC 27071", Scheme::Iso, &[("2022-11-08", "40.60"), ("2023-05-11", "50.00")]);
        let within = candidate("ISO/IEC 27033-7", Scheme::Iso, &[("2022-11-08", "40.20"), ("2023-05-11", "40.60")]);
        let late = candidate("ISO/IEC 24392", Scheme::Iso, &[("2022-11-08", "40.60"), ("2024-01-02", "50.00")]);
        let two = task(Goal::Advance, 2, "2023-12-31");
        let all = [moved.clone(), within, late];
        let days = [Some("2023-05-11"), None, Some("2024-01-02")];
        check(&two, &all, "2023-06-01", ("under-way", &days));
        check(&two, &all, "2024-02-01", ("missed", &days));
        check(&task(Goal::Advance, 1, "2023-12-31"), &[moved], "2024-02-01", ("reached", &days[..1]));
    }

    #[test]
    fn what_was_reached_before_counts_for_a_stage_and_not_for_an_advance() {
        let early = candidate("ISO/IEC 27071", Scheme::Iso, &[("2021-01-01", "30.00"), ("2022-05-11", "50.20")]);
        check(
            &task(Goal::Advance, 1, "2023-12-31"),
            std::slice::from_ref(&early),
            "2023-06-01",
            ("under-way", &[None]),
        );
        let at_50 = task(Goal::Reach(Stage::Approval), 1, "2023-12-31");
        check(&at_50, std::slice::from_ref(&early), "2023-06-01", ("reached", &[Some("2022-05-11")]));
        check(&task(Goal::Publish, 1, "2023-12-31"), &[early], "2023-06-01", ("under-way", &[None]));
    }

    #[test]
    fn chinese_stages_are_measured_by_their_nearest_and_what_was_given_up_counts_for_nothing() {
        let plan = candidate("20230259-T-469", Scheme::Gb, &[("2023-03-01", "20"), ("2023-09-01", "30")]);
        check(
            &task(Goal::Register, 1, "2023-12-31"),
            std::slice::from_ref(&plan),
            "2023-10-01",
            ("reached", &[Some("2023-03-01")]),
        );
        check(
            &task(Goal::Reach(Stage::Enquiry), 1, "2023-12-31"),
            &[plan],
            "2023-10-01",
            ("reached", &[Some("2023-09-01")]),
        );
        let given_up = candidate("ISO/IEC 27071", Scheme::Iso, &[("2023-01-08", "40.60"), ("2023-05-11", "50.98")]);
        check(&task(Goal::Advance, 1, "2023-12-31"), &[given_up], "2023-10-01", ("under-way", &[None]));
        let unknown = candidate("ISO/IEC 27071", Scheme::Iso, &[]);
        check(&task(Goal::Publish, 1, "2023-12-31"), &[unknown], "2024-10-01", ("missed", &[None]));
    }
}
