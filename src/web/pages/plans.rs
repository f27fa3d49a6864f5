//! `/plans`: what a committee set out to do, and how far it is.

use serde::Serialize;

use super::standards::{stage_in_words, today};
use crate::changes::work_plan::{Candidate, Goal, Progress, Standing, Task, measure};
use crate::standards::language::Language;
use crate::standards::project::ProjectId;
use crate::standards::reference::Reference;
use crate::web::answer::{Answer, Desk, Refusal};
use crate::web::catalogue::Catalogue;

/// One plan.
#[derive(Serialize)]
struct Plan {
    id: String,
    title: String,
    n_reached: usize,
    tasks: Vec<Told>,
}

/// One task.
#[derive(Serialize)]
struct Told {
    title: String,
    goal: String,
    at_least: u32,
    n_reached: u32,
    /// Of a hundred.
    share: u32,
    tone: &'static str,
    says: &'static str,
    from: Option<String>,
    until: Option<String>,
    members: Vec<Member>,
}

/// One project that counts.
#[derive(Serialize)]
struct Member {
    wanted: String,
    id: Option<String>,
    title: String,
    from: String,
    now: String,
    reached: Option<String>,
    counts: bool,
}

/// What the page shows.
#[derive(Serialize)]
struct Page {
    plans: Vec<Plan>,
}

/// The page.
pub(super) fn page(desk: &Desk<'_>) -> Result<Answer, Refusal> {
    let catalogue = desk.catalogue()?;
    let mut plans = Vec::new();
    for plan in &desk.configured.plans {
        let tasks = plan.tasks.iter().map(|task| told(desk, &catalogue, task)).collect::<Result<Vec<_>, _>>()?;
        plans.push(Plan {
            id: plan.id.clone(),
            title: plan.title.clone().unwrap_or_else(|| plan.id.clone()),
            n_reached: tasks.iter().filter(|task| task.tone == "good").count(),
            tasks,
        });
    }
    Ok(desk.page("plans.html", Page { plans }))
}

fn told(desk: &Desk<'_>, catalogue: &Catalogue, task: &Task) -> Result<Told, Refusal> {
    let language = desk.language();
    let (progress, named) = measured(desk, catalogue, task)?;
    let stage = |code: Option<crate::standards::stage::StageCode>| stage_in_words(code, "–", language);
    let members = progress.members.iter().zip(&named).map(|(member, ids)| {
        let entry = ids.first().and_then(|id| catalogue.entry(id));
        Member {
            wanted: entry.map_or_else(|| member.wanted.to_string(), |entry| entry.reference.clone()),
            id: ids.first().map(ToString::to_string),
            title: entry.and_then(|entry| entry.title(language)).unwrap_or_default().to_owned(),
            from: stage(member.from),
            now: stage(member.now),
            reached: member.reached.map(|day| day.to_string()),
            counts: member.counts,
        }
    });
    let (tone, says) = match progress.standing {
        Standing::Reached => ("good", desk.pick("reached", "已达成")),
        Standing::UnderWay => ("warn", desk.pick("under way", "进行中")),
        Standing::Missed => ("bad", desk.pick("not reached in time", "逾期未达成")),
    };
    Ok(Told {
        title: task.title.clone(),
        goal: goal(task.goal, language),
        at_least: task.at_least,
        n_reached: progress.n_reached,
        share: (progress.n_reached * 100 / task.at_least.max(1)).min(100),
        tone,
        says,
        from: task.begins().map(|day| day.to_string()),
        until: task.until.map(|day| day.to_string()),
        members: members.collect(),
    })
}

/// How far a task is, and which projects each standard that it names means.
pub(super) fn measured(
    desk: &Desk<'_>,
    catalogue: &Catalogue,
    task: &Task,
) -> Result<(Progress, Vec<Vec<ProjectId>>), Refusal> {
    let named: Vec<Vec<ProjectId>> = task.standards.iter().map(|wanted| named(catalogue, wanted)).collect();
    let trails = desk.store.known_stages(&named.concat())?;
    let candidates: Vec<Candidate> = task
        .standards
        .iter()
        .zip(&named)
        .map(|(wanted, ids)| {
            let mut trail: Vec<_> = ids.iter().filter_map(|id| trails.get(id)).flatten().cloned().collect();
            trail.sort_by_key(|known| {
                known.since.unwrap_or_else(|| known.seen_at.to_zoned(jiff::tz::TimeZone::UTC).date())
            });
            Candidate { wanted: wanted.clone(), trail }
        })
        .collect();
    Ok((measure(task, &candidates, today(desk)), named))
}

/// The newest number first: a revision has one of its own.
fn named(catalogue: &Catalogue, wanted: &Reference) -> Vec<ProjectId> {
    let mut ids: Vec<_> =
        catalogue.named(wanted).map(|entry| (entry.moved().map(|moved| moved.day), entry.id.clone())).collect();
    ids.sort_by(|one, other| other.cmp(one));
    ids.into_iter().map(|(_, id)| id).collect()
}

fn goal(goal: Goal, language: Language) -> String {
    let is_chinese = language == Language::Chinese;
    match goal {
        Goal::Register => if is_chinese { "立项" } else { "become a project" }.to_owned(),
        Goal::Advance => if is_chinese { "进入下一阶段" } else { "move to a later stage" }.to_owned(),
        Goal::Publish => if is_chinese { "发布" } else { "be published" }.to_owned(),
        Goal::Reach(stage) if is_chinese => format!("达到阶段 {:02}", stage.number()),
        Goal::Reach(stage) => format!("reach stage {:02}", stage.number()),
    }
}
