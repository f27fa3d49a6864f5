//! `/feed.atom` and `/calendar.ics`: what changed and what closes, for programs that people read with. Of everything, of one watch, or of one
//! project. Not the pages.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::answer::{Answer, Content, Desk, Refusal, absolute};
use super::catalogue::{Entry as Known, together};
use super::templates::encoded;
use crate::changes::change::RecordedChange;
use crate::changes::corroboration::KnownStage;
use crate::changes::icalendar::{Entry as Day, Revision, entry_of, written};
use crate::changes::notice::{Languages, headline};
use crate::changes::notice_action::action;
use crate::changes::notice_frame::Frame;
use crate::changes::notice_sentence::sentence;
use crate::standards::language::Language;
use crate::standards::project::ProjectId;
use crate::store::browsing::ChangeSearch;

/// Changes in a feed: a reader that looks once a week misses nothing.
const ENTRIES: u32 = 100;

/// For how long a day that is past stays in a calendar.
const REMEMBERED_DAYS: i32 = 30;

/// Days in a calendar, more than anybody has.
const MOST_DAYS: usize = 2000;

/// One change in a feed.
#[derive(Serialize)]
struct Entry {
    id: String,
    title: String,
    updated: String,
    address: String,
    summary: String,
    kind: &'static str,
}

/// A feed.
#[derive(Serialize)]
struct Feed {
    id: String,
    title: String,
    updated: String,
    own: String,
    page: String,
    entries: Vec<Entry>,
}

/// `/feed.atom`.
pub(super) fn atom(desk: &Desk<'_>) -> Result<Answer, Refusal> {
    let (watch, project) = wanted(desk)?;
    let search = ChangeSearch { watch: watch.clone(), project: project.clone(), ..ChangeSearch::default() };
    let found = desk.store.change_leaf(&search, None, ENTRIES)?.items;
    let about = match (&watch, &project) {
        (_, Some(id)) => id.to_string(),
        (Some(id), None) => {
            let watch = desk.configured.watch(id);
            watch.and_then(|watch| watch.title.clone()).unwrap_or_else(|| id.clone())
        }
        (None, None) => desk.pick("every change", "全部变动").to_owned(),
    };
    let path = match (&watch, &project) {
        (_, Some(id)) => format!("/standards/{}", encoded(&id.to_string())),
        (Some(id), None) => format!("/changes?watch={}", encoded(id)),
        (None, None) => "/changes".to_owned(),
    };
    let modified = found.first().map(|newest| newest.seen_at);
    let ids: Vec<ProjectId> = found.iter().map(|change| change.change.after.id.clone()).collect();
    let trails = desk.store.known_stages(&ids)?;
    let own = desk.ask.uri.path_and_query().map_or("/feed.atom", |asked| asked.as_str());
    let feed = Feed {
        // A feed is what it is about, wherever it is served.
        id: format!("urn:stagewatch:feed:{}", encoded(&about)),
        title: format!("stagewatch: {about}"),
        updated: stamp(modified.unwrap_or(Timestamp::UNIX_EPOCH)),
        own: absolute(desk, own),
        page: absolute(desk, &path),
        entries: found.iter().map(|change| entry(desk, change, trails.get(&change.change.after.id))).collect(),
    };
    let text = desk.site.shared.templates.rendered("feed.xml", desk.language(), &feed);
    Ok(Content::of("application/atom+xml; charset=utf-8", text).into())
}

fn entry(desk: &Desk<'_>, change: &RecordedChange, trail: Option<&Vec<KnownStage>>) -> Entry {
    let (language, project) = (desk.language(), change.change.after.id.clone());
    // What could be done when it was seen, as in the mail: an entry that was read does not change.
    let trails = trail.map(|trail| (project, trail.clone())).into_iter().collect();
    let todo = action(change, &Frame { public_url: None, now: None, trails });
    Entry {
        id: format!("urn:stagewatch:change:{}", encoded(&change.id)),
        title: headline(change, language),
        updated: stamp(change.seen_at),
        address: absolute(desk, &format!("/changes/{}", encoded(&change.id))),
        summary: format!("{}\n{}. {}", sentence(change, language), todo.label(language), todo.in_words(language)),
        kind: change.change.kind.as_str(),
    }
}

fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The watch and the project that the address names; names that nothing has are an error.
fn wanted(desk: &Desk<'_>) -> Result<(Option<String>, Option<ProjectId>), Refusal> {
    let watch = desk.parameter("watch");
    if watch.as_ref().is_some_and(|id| desk.configured.watch(id).is_none()) {
        return Err(Refusal::NotThere);
    }
    let project = desk.parameter("project").map(|text| ProjectId::parse(&text).ok_or(Refusal::Wrong)).transpose()?;
    Ok((watch, project))
}

/// `/calendar.ics`: the days on which something closes, those that a body prints and those that its rules make, which are tentative.
pub(super) fn calendar(desk: &Desk<'_>) -> Result<Answer, Refusal> {
    let (watch, project) = wanted(desk)?;
    let catalogue = desk.catalogue()?;
    let position = watch.as_ref().and_then(|id| desk.configured.watches.iter().position(|watch| watch.id == *id));
    let is_meant = |entry: &&Known| match (&project, position) {
        (Some(id), _) => entry.id == *id,
        (None, Some(position)) => entry.watches.iter().any(|own| usize::from(*own) == position),
        (None, None) => true,
    };
    let is_recent = |entry: &&Known| entry.days_left(desk.ask.now).is_some_and(|left| left >= -REMEMBERED_DAYS);
    let chosen = catalogue.entries.iter().filter(is_meant).filter(is_recent).take(MOST_DAYS);
    let ids: Vec<ProjectId> = chosen.map(|entry| entry.id.clone()).collect();
    let days = days(desk, &ids)?;
    let name = match &watch {
        Some(id) => format!("stagewatch: {id}"),
        None => "stagewatch".to_owned(),
    };
    Ok(Content::of("text/calendar; charset=utf-8", written(&days, Some(&name))).into())
}

/// The days of these projects, each under the name and the number that the mail about its newest change gave it.
fn days(desk: &Desk<'_>, ids: &[ProjectId]) -> Result<Vec<Day>, Refusal> {
    let languages = if desk.language() == Language::Chinese { Languages::Chinese } else { Languages::English };
    let mut trails = desk.store.known_stages(ids)?;
    let newest = desk.store.newest_changes(ids)?;
    let mut by_id: BTreeMap<ProjectId, Vec<_>> = BTreeMap::new();
    for shown in desk.store.shown(ids)? {
        by_id.entry(shown.held.project.id.clone()).or_default().push(shown);
    }
    let mut days = Vec::new();
    for (id, shown) in by_id {
        let trail = trails.remove(&id).unwrap_or_default();
        let first_seen = trail.last().map_or(Timestamp::UNIX_EPOCH, |last| last.seen_at);
        let (sequence, stamp) = newest.get(&id).copied().unwrap_or((0, first_seen));
        let project = together(shown, trail.last().map(|last| last.source.as_str()));
        days.extend(entry_of(&project, &trail, languages, Revision { sequence, stamp }));
    }
    Ok(days)
}
