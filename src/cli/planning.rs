//! `plan`: what a committee set out to do, and how far it is. Not the measuring.
#![expect(clippy::disallowed_methods, reason = "the command line reads the clock")]

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::changes::corroboration::KnownStage;
use crate::changes::work_plan::{Candidate, Member, Progress, Standing, Task, WorkPlan, measure};
use crate::standards::language::Language;
use crate::standards::reference::Reference;
use crate::standards::stage::StageCode;

use super::arguments::General;
use super::output::{Output, Tone, harmless};
use super::session::{CliError, Exit, store_of};
use super::standing::{Known, known_projects};

/// One line of `plan --json`.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct TaskRecord<'a> {
    plan: &'a str,
    task: &'a str,
    goal: String,
    at_least: u32,
    from: Option<String>,
    until: Option<String>,
    standing: &'static str,
    reached: u32,
    projects: Vec<MemberRecord>,
}

/// One project that counts.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct MemberRecord {
    reference: String,
    from: Option<String>,
    now: Option<String>,
    reached: Option<String>,
    counts: bool,
}

/// `stagewatch plan`.
pub fn plan(general: &General, json: bool, output: &mut Output) -> Result<Exit, CliError> {
    let (settings, store) = store_of(general)?;
    let known = known_projects(&settings, &store)?;
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    for plan in &settings.work_plans {
        if !json {
            output.line(output.toned(Tone::Strong, plan.title.as_deref().unwrap_or(&plan.id)))?;
        }
        for task in &plan.tasks {
            let progress = progress_of(task, &known, today);
            if json {
                output.json(&record_of(plan, task, &progress))?;
            } else {
                show(task, &progress, today, output)?;
            }
        }
    }
    if settings.work_plans.is_empty() && !json {
        output.line("no work plan is configured: [[work-plan]]")?;
    }
    Ok(Exit::Done)
}

fn progress_of(task: &Task, known: &[Known], today: Date) -> Progress {
    let candidate = |wanted: &Reference| {
        let is_named = |known: &&Known| {
            let project = &known.project;
            let id = project.id.to_string();
            let number = id.split_once(':').map(|(_, number)| number);
            [Some(project.reference.as_str()), number]
                .into_iter()
                .flatten()
                .any(|printed| Reference::parse(printed).is_some_and(|printed| wanted.covers(&printed)))
        };
        let mut trail: Vec<KnownStage> =
            known.iter().filter(is_named).flat_map(|known| known.trail.iter().cloned()).collect();
        trail.sort_by_key(|known| known.since.unwrap_or_else(|| TimeZone::UTC.to_datetime(known.seen_at).date()));
        Candidate { wanted: wanted.clone(), trail }
    };
    let candidates: Vec<Candidate> = task.standards.iter().map(candidate).collect();
    measure(task, &candidates, today)
}

fn record_of<'a>(plan: &'a WorkPlan, task: &'a Task, progress: &Progress) -> TaskRecord<'a> {
    let day = |day: Option<Date>| day.map(|day| day.to_string());
    TaskRecord {
        plan: &plan.id,
        task: &task.title,
        goal: task.goal.to_text(),
        at_least: task.at_least,
        from: day(task.begins()),
        until: day(task.until),
        standing: progress.standing.as_str(),
        reached: progress.n_reached,
        projects: progress.members.iter().map(record).collect(),
    }
}

fn show(task: &Task, progress: &Progress, today: Date, output: &mut Output) -> Result<(), CliError> {
    let ahead = task.begins().filter(|begins| today < *begins);
    let (tone, word) = match (progress.standing, ahead) {
        (Standing::Reached, _) => (Tone::Good, "reached".to_owned()),
        (Standing::UnderWay, Some(begins)) => (Tone::Faint, format!("counts from {begins}, not begun")),
        (Standing::UnderWay, None) => (Tone::Warning, "under way".to_owned()),
        (Standing::Missed, _) => (Tone::Bad, "not reached in time".to_owned()),
    };
    let span = match (task.begins(), task.until) {
        (Some(begins), Some(until)) => format!(" from {begins} until {until}"),
        (Some(begins), None) => format!(" from {begins}"),
        (None, _) => String::new(),
    };
    let (reached, wanted) = (progress.n_reached, task.at_least);
    output.line(format!("  {}  {reached} of {wanted}{span}: {}", harmless(&task.title), output.toned(tone, &word)))?;
    for member in &progress.members {
        let stage = |code: Option<StageCode>| {
            code.map_or_else(|| "–".to_owned(), |code| format!("{} {code}", code.label_in(Language::English)))
        };
        let mark = if member.counts { output.toned(Tone::Good, "●") } else { output.toned(Tone::Faint, "○") };
        let day = member.reached.map(|day| format!(", {day}")).unwrap_or_default();
        output.line(format!("    {mark} {}  {} → {}{day}", member.wanted, stage(member.from), stage(member.now)))?;
    }
    Ok(())
}

fn record(member: &Member) -> MemberRecord {
    MemberRecord {
        reference: member.wanted.to_string(),
        from: member.from.map(|code| code.to_string()),
        now: member.now.map(|code| code.to_string()),
        reached: member.reached.map(|day| day.to_string()),
        counts: member.counts,
    }
}
