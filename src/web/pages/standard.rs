//! `/standards/{id}`: one project, whole: its track, what it has been through, its consultations, what belongs to it, and what changed.

use serde::Serialize;

use super::changes::{self, Row as ChangeRow};
use super::standards::{Closing, closing, stage_in_words};
use crate::changes::clock::{Clock, day_at};
use crate::changes::closing::window_on;
use crate::changes::corroboration::KnownStage;
use crate::changes::notice_action::action_on;
use crate::changes::notice_position::next_in_words;
use crate::changes::notice_track::Place;
use crate::changes::relations::{Kin, Relation};
use crate::changes::stage_days::dated;
use crate::changes::subscription::watches_of;
use crate::standards::language::Language;
use crate::standards::project::{Degree, Project, ProjectId};
use crate::store::browsing::ChangeSearch;
use crate::web::answer::{Answer, Desk, Refusal};
use crate::web::catalogue::together;
use crate::web::drawing::{Track, standing, track};
use crate::web::words::{Moment, moment};

/// Changes on the page; the others are a link away.
const CHANGES: u32 = 30;

/// One fact about the project.
#[derive(Serialize)]
struct Fact {
    label: &'static str,
    value: String,
}

/// One stage that it has been through.
#[derive(Serialize)]
struct Past {
    stage: String,
    name: String,
    printed: String,
    since: Option<String>,
    seen: Moment,
    source: String,
    change: Option<String>,
}

/// A project that belongs to it.
#[derive(Serialize)]
struct Relative {
    relation: &'static str,
    id: String,
    reference: String,
    inferred: bool,
}

/// What is open, until when, and who can do what about it.
#[derive(Serialize)]
struct Window {
    is_consultation: bool,
    opens: Option<String>,
    closing: Option<Closing>,
    label: String,
    says: String,
    /// The stages that ordinarily follow.
    next: Option<String>,
    attachments: Vec<(String, String)>,
}

/// What the page shows.
#[derive(Serialize)]
struct Page {
    id: String,
    reference: String,
    titles: Vec<(&'static str, String)>,
    stage: String,
    name: String,
    standing: Option<&'static str>,
    track: Option<Track>,
    facts: Vec<Fact>,
    history: Vec<Past>,
    window: Option<Window>,
    relatives: Vec<Relative>,
    changes: Vec<ChangeRow>,
    has_more: bool,
    url: Option<String>,
    sources: Vec<String>,
    watches: Vec<(String, String)>,
}

/// The page.
pub(super) fn page(desk: &Desk<'_>, id: &str) -> Result<Answer, Refusal> {
    let id = ProjectId::parse(id).ok_or(Refusal::NotThere)?;
    let trail = desk.store.history(&id)?;
    let shown = desk.store.shown(std::slice::from_ref(&id))?;
    let found =
        desk.store.change_leaf(&ChangeSearch { project: Some(id), ..ChangeSearch::default() }, None, CHANGES)?;
    let sources: Vec<String> = shown.iter().map(|shown| shown.source.clone()).collect();
    let leader = trail.last().map(|last| last.source.as_str());
    // One that no source shows any more is known by its last change.
    let project = match (shown.is_empty(), found.items.first()) {
        (false, _) => together(shown, leader),
        (true, Some(last)) => last.change.after.clone(),
        (true, None) => return Err(Refusal::NotThere),
    };
    let language = desk.language();
    let code = project.stage_code();
    let trail = dated(trail, code, project.since);
    let printed = project.stage.as_ref().map(|stage| stage.printed.as_str()).unwrap_or_default();
    let page = Page {
        id: project.id.to_string(),
        reference: project.reference.clone(),
        titles: titles(&project, language),
        stage: stage_in_words(code, printed, language),
        name: code.map(|code| code.name(language).to_owned()).unwrap_or_default(),
        standing: project.standing.map(|known| standing(known, language)),
        track: Place::of(&project, &trail).and_then(|place| track(&place, language)),
        facts: facts(desk, &project),
        history: trail.iter().rev().map(|known| past(desk, known)).collect(),
        window: window(desk, &project, &trail),
        relatives: relatives(desk, &project)?,
        changes: found.items.iter().map(|change| changes::row(desk, change)).collect(),
        has_more: found.next.is_some(),
        url: web_address(project.url.as_deref()),
        sources,
        watches: watches(desk, &project),
    };
    Ok(desk.page("standard.html", page))
}

fn titles(project: &Project, language: Language) -> Vec<(&'static str, String)> {
    let first = project.titles.get_key_value(&language);
    let others = project.titles.iter().filter(|(other, _)| **other != language);
    first.into_iter().chain(others).map(|(language, title)| (language.code(), title.clone())).collect()
}

fn watches(desk: &Desk<'_>, project: &Project) -> Vec<(String, String)> {
    let title =
        |id: &String| desk.configured.watch(id).and_then(|watch| watch.title.clone()).unwrap_or_else(|| id.clone());
    watches_of(&desk.configured.watches, project).into_iter().map(|id| (id.clone(), title(&id))).collect()
}

fn past(desk: &Desk<'_>, known: &KnownStage) -> Past {
    let language = desk.language();
    Past {
        stage: stage_in_words(known.stage.code, &known.stage.printed, language),
        name: known.stage.code.map(|code| code.name(language).to_owned()).unwrap_or_default(),
        printed: known.stage.printed.clone(),
        since: known.since.map(|day| day.to_string()),
        seen: moment(known.seen_at, desk.ask.now, language),
        source: known.source.clone(),
        change: known.change.clone(),
    }
}

/// What a consultation prints, or what the rules of the body make of the stage; and what comes next, as mails tell it.
fn window(desk: &Desk<'_>, project: &Project, trail: &[KnownStage]) -> Option<Window> {
    let consultation = &project.consultation;
    let open = window_on(project, trail);
    let code = project.stage_code();
    if consultation.is_empty() && open.is_none() && code.is_none() {
        return None;
    }
    let action = action_on(project, trail, day_at(project, desk.ask.now));
    let attachments = consultation.attachments.iter();
    Some(Window {
        is_consultation: !consultation.is_empty(),
        opens: consultation.opens.map(|day| day.to_string()),
        closing: open.and_then(|open| closing(desk, Clock::of_project(project), open)),
        label: action.label(desk.language()),
        says: action.in_words(desk.language()),
        next: code.and_then(|code| next_in_words(code, desk.language())),
        attachments: attachments.filter_map(|file| Some((file.name.clone(), web_address(Some(&file.url))?))).collect(),
    })
}

fn relatives(desk: &Desk<'_>, project: &Project) -> Result<Vec<Relative>, Refusal> {
    let near = desk.catalogue()?.neighbours(project);
    let others = desk.store.shown(&near)?.into_iter().map(|shown| shown.held.project);
    let related = Kin::of(others).related_to(project);
    let relative = |other: crate::changes::relations::Related| Relative {
        relation: relation(other.relation, desk),
        id: other.id.to_string(),
        reference: other.reference,
        inferred: other.inferred,
    };
    Ok(related.into_iter().map(relative).collect())
}

fn relation(relation: Relation, desk: &Desk<'_>) -> &'static str {
    match relation {
        Relation::Plan => desk.pick("comes from the plan", "来自计划"),
        Relation::Standard => desk.pick("became the standard", "形成标准"),
        Relation::Consultation => desk.pick("consultation on its draft", "征求意见"),
        Relation::Amends => desk.pick("amends", "修改"),
        Relation::AmendedBy => desk.pick("amended by", "被修改"),
        Relation::Edition => desk.pick("another edition", "其他版本"),
        Relation::Part => desk.pick("another part", "其他部分"),
    }
}

fn facts(desk: &Desk<'_>, project: &Project) -> Vec<Fact> {
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string());
    let list = |all: &[String]| (!all.is_empty()).then(|| all.join(", "));
    let adopts: Vec<String> = project
        .adopts
        .iter()
        .map(|adoption| {
            let degree = adoption.relation.map(Degree::as_str).unwrap_or_default();
            format!("{} {degree}", adoption.of.as_deref().unwrap_or_default()).trim().to_owned()
        })
        .collect();
    let months = project.cycle_months.map(|months| format!("{months} {}", desk.pick("months", "个月")));
    let all = [
        (desk.pick("number", "项目号"), (!project.id.is_ours()).then(|| project.id.to_string())),
        (desk.pick("committee", "归口委员会"), project.committee.clone()),
        (desk.pick("department", "主管部门"), project.department.clone()),
        (desk.pick("kind of document", "文件类型"), project.deliverable.map(|kind| kind.as_str().to_owned())),
        (desk.pick("edition", "版次"), project.edition.map(|edition| edition.to_string())),
        (desk.pick("plan issued", "下达日期"), day(project.issued)),
        (desk.pick("planned to take", "计划周期"), months),
        (desk.pick("new or revision", "制修订"), project.revision.clone()),
        (desk.pick("published", "发布日期"), day(project.published)),
        (desk.pick("in force from", "实施日期"), day(project.effective)),
        (desk.pick("withdrawn", "废止日期"), day(project.withdrawn)),
        (desk.pick("plan", "计划号"), project.plan.clone()),
        (desk.pick("standard", "标准号"), project.standard.clone()),
        (desk.pick("replaces", "代替"), list(&project.replaces)),
        (desk.pick("replaced by", "被代替"), list(&project.replaced_by)),
        (desk.pick("adopts", "采用国际标准"), list(&adopts)),
    ];
    all.into_iter().filter_map(|(label, value)| Some(Fact { label, value: value? })).collect()
}

/// An address that a browser may be sent to.
pub(super) fn web_address(url: Option<&str>) -> Option<String> {
    url.filter(|url| url.starts_with("https://") || url.starts_with("http://")).map(str::to_owned)
}
