//! `/feed.atom` and `/calendar.ics`: what changed and what closes, for programs that people read with. Of everything, of one watch, or of one
//! project. Not the pages.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan as _};
use serde::Serialize;

use super::answer::{Answer, Content, Desk, Refusal, absolute};
use super::catalogue::Entry as Known;
use super::templates::encoded;
use crate::changes::change::RecordedChange;
use crate::changes::closing::{day_at, window_of};
use crate::changes::icalendar::{entry_of, written};
use crate::changes::notice::{Languages, headline};
use crate::changes::notice_sentence::sentence;
use crate::standards::language::Language;
use crate::standards::project::ProjectId;
use crate::store::browsing::ChangeSearch;

/// Changes in a feed: a reader that looks once a week misses nothing.
const ENTRIES: u32 = 100;

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
    let own = desk.ask.uri.path_and_query().map_or("/feed.atom", |asked| asked.as_str());
    let feed = Feed {
        // A feed is what it is about, wherever it is served.
        id: format!("urn:stagewatch:feed:{}", encoded(&about)),
        title: format!("stagewatch: {about}"),
        updated: stamp(modified.unwrap_or(Timestamp::UNIX_EPOCH)),
        own: absolute(desk, own),
        page: absolute(desk, &path),
        entries: found.iter().map(|change| entry(desk, change)).collect(),
    };
    let text = desk.site.shared.templates.rendered("feed.xml", desk.language(), &feed);
    let mut content = Content::of("application/atom+xml; charset=utf-8", text);
    content.modified = modified;
    Ok(content.into())
}

fn entry(desk: &Desk<'_>, change: &RecordedChange) -> Entry {
    Entry {
        id: format!("urn:stagewatch:change:{}", encoded(&change.id)),
        title: headline(change, desk.language()),
        updated: stamp(change.seen_at),
        address: absolute(desk, &format!("/changes/{}", encoded(&change.id))),
        summary: sentence(change, desk.language()),
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

/// `/calendar.ics`: the days on which something closes, those that a body prints; of one project those too that its rules give.
pub(super) fn calendar(desk: &Desk<'_>) -> Result<Answer, Refusal> {
    let (watch, project) = wanted(desk)?;
    let catalogue = desk.catalogue()?;
    let position = watch.as_ref().and_then(|id| desk.configured.watches.iter().position(|watch| watch.id == *id));
    let recently = super::pages::today(desk).saturating_sub(30.days());
    let is_meant = |entry: &&Known| match (&project, position) {
        (Some(id), _) => entry.id == *id,
        (None, Some(position)) => entry.watches.iter().any(|own| usize::from(*own) == position),
        (None, None) => true,
    };
    let has_day = |entry: &&Known| project.is_some() || entry.closes.is_some_and(|day| day >= recently);
    let chosen = catalogue.entries.iter().filter(is_meant).filter(has_day).take(MOST_DAYS);
    let ids: Vec<ProjectId> = chosen.map(|entry| entry.id.clone()).collect();
    let mut seen_at: BTreeMap<ProjectId, Timestamp> = BTreeMap::new();
    let mut seen_to_come: BTreeMap<ProjectId, Timestamp> = BTreeMap::new();
    for (id, trail) in desk.store.known_stages(&ids)? {
        let Some(last) = trail.last() else { continue };
        // A stage that was there at first contact may be old: nothing is reckoned from that.
        if last.change.is_some() {
            seen_to_come.insert(id.clone(), last.seen_at);
        }
        seen_at.insert(id, last.seen_at);
    }
    let languages = if desk.language() == Language::Chinese { Languages::Chinese } else { Languages::English };
    let mut entries: BTreeMap<String, _> = BTreeMap::new();
    for shown in desk.store.shown(&ids)? {
        let project = &shown.held.project;
        let stamp = seen_at.get(&project.id).copied();
        let first_seen = seen_to_come.get(&project.id).map(|at| day_at(&project.id, *at));
        let Some(open) = window_of(project, first_seen) else { continue };
        if let Some(entry) = entry_of(project, open, languages, 0, stamp.unwrap_or(Timestamp::UNIX_EPOCH)) {
            entries.insert(entry.uid.clone(), entry);
        }
    }
    let entries: Vec<_> = entries.into_values().collect();
    let name = match &watch {
        Some(id) => format!("stagewatch: {id}"),
        None => "stagewatch".to_owned(),
    };
    let mut content = Content::of("text/calendar; charset=utf-8", written(&entries, Some(&name)));
    content.modified = seen_at.values().max().copied();
    Ok(content.into())
}
