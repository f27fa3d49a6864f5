//! `/api/v1/…`: the same as the pages, as JSON, in the shape of the records. Lists come a page at a time: `next` is the address of the next
//! one. Described by `/api/v1/openapi.json`, which is made from the types themselves.

/// What the addresses are, for programs.
mod description;
/// What goes over the wire beside the records.
mod shapes;

use axum::Router;
use serde::Serialize;

use self::shapes::{
    Changes, Deliveries, Plans, Polls, SourceRecord, Sources, Standard, Standards, Step, ToldChange, TriedDelivery,
};
use super::Site;
use super::answer::{Answer, Content, Desk, Refusal, with_parameter};
use super::catalogue::{Entry, together};
use super::health::next_poll_of;
use super::pages::{measured, page, page_of, wanted};
use crate::changes::change::{Kind, RecordedChange};
use crate::changes::closing::window_on;
use crate::changes::corroboration::KnownStage;
use crate::changes::notice_action::action;
use crate::changes::notice_frame::Frame;
use crate::changes::relations::Kin;
use crate::changes::stage_days::dated;
use crate::changes::subscription::watches_of;
use crate::records::action::ActionRecord;
use crate::records::change::{ChangeRecord, RelatedRecord};
use crate::records::delivery::{AttemptRecord, DeliveryRecord, PollRecord};
use crate::records::project::{ProjectRecord, StageRecord};
use crate::records::standard::{StandardRecord, WindowRecord};
use crate::standards::project::{Project, ProjectId};
use crate::store::DeliveryState;
use crate::store::browsing::{ChangeSearch, Cursor, DeliverySearch};

/// Items of a page where nobody says …
const USUAL: u32 = 100;

/// … and at most.
const MOST: u32 = 500;

/// The longest value of a parameter.
const LONGEST: usize = 200;

/// What `body` may say …
const BODIES: [&str; 4] = ["iso", "sac", "gb", "tc260"];

/// … and `sort`.
const SORTS: [&str; 3] = ["waiting", "closes", "reference"];

/// Every address.
pub(super) fn router() -> Router<Site> {
    Router::new()
        .route("/api/v1/openapi.json", page(description::page))
        .route("/api/v1/standards", page(standards))
        .route("/api/v1/standards/{id}", page_of(standard))
        .route("/api/v1/changes", page(changes))
        .route("/api/v1/changes/{id}", page_of(change))
        .route("/api/v1/sources", page(sources))
        .route("/api/v1/sources/{id}/polls", page_of(polls))
        .route("/api/v1/deliveries", page(deliveries))
        .route("/api/v1/deliveries/{id}", page_of(delivery))
        .route("/api/v1/plans", page(plans))
}

fn json(record: &impl Serialize) -> Content {
    let mut text = serde_json::to_vec(record).expect("records of text and numbers are JSON");
    text.push(b'\n');
    Content::of("application/json", text)
}

/// Refuses a question with a hole in it: `?since=`, from a script whose variable is empty, would be answered with everything.
fn insist_on_values(desk: &Desk<'_>) -> Result<(), Refusal> {
    let query = desk.ask.uri.query().unwrap_or_default();
    let says_nothing = |value: &str| value.trim().is_empty() || value.chars().count() > LONGEST;
    let has_hole = url::form_urlencoded::parse(query.as_bytes()).any(|(_, value)| says_nothing(&value));
    if has_hole { Err(Refusal::Wrong) } else { Ok(()) }
}

/// Refuses what is none of these words.
fn insist_on_one_of(desk: &Desk<'_>, name: &str, words: &[&str]) -> Result<(), Refusal> {
    let is_known = desk.parameter(name).is_none_or(|said| words.contains(&said.as_str()));
    if is_known { Ok(()) } else { Err(Refusal::Wrong) }
}

fn limit(desk: &Desk<'_>) -> Result<u32, Refusal> {
    let asked = desk.parameter("limit").map(|text| text.parse::<u32>().map_err(|_| Refusal::Wrong)).transpose()?;
    asked.map_or(Ok(USUAL), |limit| if (1..=MOST).contains(&limit) { Ok(limit) } else { Err(Refusal::Wrong) })
}

fn cursor(desk: &Desk<'_>) -> Result<Option<Cursor>, Refusal> {
    desk.parameter("after").map(|text| Cursor::parse(&text).ok_or(Refusal::Wrong)).transpose()
}

fn next(desk: &Desk<'_>, cursor: Option<&Cursor>) -> Option<String> {
    cursor.map(|cursor| with_parameter(&desk.ask.uri, "after", &cursor.to_text()))
}

fn standards(desk: &Desk<'_>) -> Result<Answer, Refusal> {
    insist_on_values(desk)?;
    insist_on_one_of(desk, "body", &BODIES)?;
    insist_on_one_of(desk, "sort", &SORTS)?;
    let catalogue = desk.catalogue()?;
    let found = wanted(desk, &catalogue);
    let after = desk.parameter("after").map(|text| ProjectId::parse(&text).ok_or(Refusal::Wrong)).transpose()?;
    let start = match after {
        Some(after) => found.iter().position(|entry| entry.id == after).ok_or(Refusal::NotThere)? + 1,
        None => 0,
    };
    let limit = limit(desk)? as usize;
    let shown: Vec<&Entry> = found.iter().skip(start).take(limit).copied().collect();
    let is_last = start + shown.len() >= found.len();
    let last = shown.last().filter(|_| !is_last).map(|entry| entry.id.to_string());
    let ids: Vec<ProjectId> = shown.iter().map(|entry| entry.id.clone()).collect();
    let mut by_id: std::collections::BTreeMap<ProjectId, Vec<_>> = std::collections::BTreeMap::new();
    for shown in desk.store.shown(&ids)? {
        by_id.entry(shown.held.project.id.clone()).or_default().push(shown);
    }
    let trails = desk.store.known_stages(&ids)?;
    let items = shown.iter().filter_map(|entry| {
        let shown = by_id.remove(&entry.id)?;
        let leader = trails.get(&entry.id).and_then(|trail| trail.last()).map(|last| last.source.as_str());
        let watches = entry.watches.iter().filter_map(|position| desk.configured.watches.get(usize::from(*position)));
        Some(StandardRecord {
            sources: shown.iter().map(|shown| shown.source.clone()).collect(),
            project: ProjectRecord::from(&together(shown, leader)),
            watches: watches.map(|watch| watch.id.clone()).collect(),
            window: entry.open.as_ref().map(WindowRecord::from),
        })
    });
    let page = Standards {
        found: found.len(),
        items: items.collect(),
        next: last.map(|id| with_parameter(&desk.ask.uri, "after", &id)),
    };
    Ok(json(&page).into())
}

fn record_of(desk: &Desk<'_>, project: &Project, trail: &[KnownStage], sources: Vec<String>) -> StandardRecord {
    StandardRecord {
        project: ProjectRecord::from(project),
        sources,
        watches: watches_of(&desk.configured.watches, project),
        window: window_on(project, trail).as_ref().map(WindowRecord::from),
    }
}

fn standard(desk: &Desk<'_>, id: &str) -> Result<Answer, Refusal> {
    let id = ProjectId::parse(id).ok_or(Refusal::NotThere)?;
    let trail = desk.store.history(&id)?;
    let shown = desk.store.shown(std::slice::from_ref(&id))?;
    if shown.is_empty() {
        return Err(Refusal::NotThere);
    }
    let sources = shown.iter().map(|shown| shown.source.clone()).collect();
    let project = together(shown, trail.last().map(|last| last.source.as_str()));
    let trail = dated(trail, project.stage_code(), project.since);
    let near = desk.catalogue()?.neighbours(&project);
    let related = Kin::of(desk.store.shown(&near)?.into_iter().map(|shown| shown.held.project)).related_to(&project);
    let history = trail.iter().map(|known| Step {
        stage: StageRecord::from(&known.stage),
        since: known.since.map(|day| day.to_string()),
        seen_at: known.seen_at.to_string(),
        source: known.source.clone(),
        change: known.change.clone(),
    });
    let record = Standard {
        record: record_of(desk, &project, &trail, sources),
        history: history.collect(),
        related: related.iter().map(RelatedRecord::from).collect(),
    };
    Ok(json(&record).into())
}

fn changes(desk: &Desk<'_>) -> Result<Answer, Refusal> {
    insist_on_values(desk)?;
    let kind = desk.parameter("kind").map(|word| Kind::parse(&word).ok_or(Refusal::Wrong)).transpose()?;
    let project = desk.parameter("project").map(|text| ProjectId::parse(&text).ok_or(Refusal::Wrong)).transpose()?;
    let since = desk.parameter("since").map(|text| text.parse().map_err(|_| Refusal::Wrong)).transpose()?;
    let (watch, source) = (desk.parameter("watch"), desk.parameter("source"));
    let search = ChangeSearch { kind, watch, project, source, since };
    let found = desk.store.change_leaf(&search, cursor(desk)?.as_ref(), limit(desk)?)?;
    let items = told(desk, &found.items)?;
    Ok(json(&Changes { items, next: next(desk, found.next.as_ref()) }).into())
}

fn change(desk: &Desk<'_>, id: &str) -> Result<Answer, Refusal> {
    let change = desk.store.change(id)?.ok_or(Refusal::NotThere)?;
    Ok(json(&told(desk, std::slice::from_ref(&change))?.pop()).into())
}

/// Changes with what could be done about each when it was seen, as webhooks tell them.
fn told(desk: &Desk<'_>, changes: &[RecordedChange]) -> Result<Vec<ToldChange>, Refusal> {
    let ids: Vec<ProjectId> = changes.iter().map(|change| change.change.after.id.clone()).collect();
    let frame = Frame { trails: desk.store.known_stages(&ids)?, ..Frame::default() };
    let told = |change: &RecordedChange| {
        let action = ActionRecord::from(&action(change, &frame));
        ToldChange { change: ChangeRecord::from(change), action }
    };
    Ok(changes.iter().map(told).collect())
}

fn sources(desk: &Desk<'_>) -> Result<Answer, Refusal> {
    let mut items = Vec::new();
    for source in &desk.configured.sources {
        let state = desk.store.source_state(&source.id)?;
        items.push(SourceRecord {
            source: source.id.clone(),
            format: source.format.name.to_owned(),
            urls: source.urls.iter().map(ToString::to_string).collect(),
            schedule: source.schedule.line().to_owned(),
            next_poll: next_poll_of(source, &state).map(|at| at.to_string()),
            last_poll: state.last_poll.as_ref().map(PollRecord::from),
            last_accepted: state.last_accepted.map(|at| at.to_string()),
            troubles_in_a_row: state.n_troubles,
        });
    }
    Ok(json(&Sources { items }).into())
}

fn polls(desk: &Desk<'_>, id: &str) -> Result<Answer, Refusal> {
    if desk.configured.source(id).is_none() {
        return Err(Refusal::NotThere);
    }
    insist_on_values(desk)?;
    let position = |text: String| text.parse::<i64>().ok().filter(|number| *number >= 0).ok_or(Refusal::Wrong);
    let before = desk.parameter("before").map(position).transpose()?;
    let (polls, older) = desk.store.poll_leaf(id, before, limit(desk)?)?;
    let next = older.map(|before| with_parameter(&desk.ask.uri, "before", &before.to_string()));
    Ok(json(&Polls { items: polls.iter().map(PollRecord::from).collect(), next }).into())
}

fn deliveries(desk: &Desk<'_>) -> Result<Answer, Refusal> {
    insist_on_values(desk)?;
    let state = desk.parameter("state").map(|word| DeliveryState::parse(&word).ok_or(Refusal::Wrong)).transpose()?;
    let search = DeliverySearch { state, subscriber: desk.parameter("subscriber"), change: desk.parameter("change") };
    let found = desk.store.delivery_leaf(&search, cursor(desk)?.as_ref(), limit(desk)?)?;
    let items = found.items.iter().map(DeliveryRecord::from).collect();
    Ok(json(&Deliveries { items, next: next(desk, found.next.as_ref()) }).into())
}

fn delivery(desk: &Desk<'_>, id: &str) -> Result<Answer, Refusal> {
    let delivery = desk.store.delivery(id)?.ok_or(Refusal::NotThere)?;
    let tried = desk.store.attempts(id)?.iter().map(AttemptRecord::from).collect();
    Ok(json(&TriedDelivery { delivery: DeliveryRecord::from(&delivery), tried }).into())
}

fn plans(desk: &Desk<'_>) -> Result<Answer, Refusal> {
    let mut items = Vec::new();
    for plan in &desk.configured.plans {
        for task in &plan.tasks {
            items.push(shapes::Task::of(&plan.id, task, &measured(desk, task)?));
        }
    }
    Ok(json(&Plans { items }).into())
}
