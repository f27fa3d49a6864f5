//! `/`: what moved since you last looked, what closes soon, what needs a person, how fresh every source is.
//!
//! When somebody last looked is kept in their browser: the moment of the visit before this one. Looking again within the hour is the same
//! visit, so that a page that is loaded anew still shows what was new.

use axum::http::header;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::changes::{self, Row as ChangeRow};
use super::sources::{self, Row as SourceRow};
use super::standards::{self, Row as StandardRow};
use crate::changes::said::said;
use crate::store::DeliveryState;
use crate::store::browsing::ChangeSearch;
use crate::web::answer::{Answer, Desk, Refusal};
use crate::web::catalogue::{Catalogue, Entry};
use crate::web::session::cookie;
use crate::web::words::{Moment, moment};

/// The cookie: the moment of the visit before, a dot, and that of this one.
const LOOKED: &str = "looked";

/// One visit.
const VISIT: SignedDuration = SignedDuration::from_hours(1);

/// What somebody sees who was never here.
const FIRST_LOOK: SignedDuration = SignedDuration::from_hours(24 * 7);

/// How far ahead a closing date is soon.
const SOON_DAYS: i32 = 60;

/// Rows of a list.
const ROWS: usize = 12;

/// What the page shows.
#[derive(Serialize)]
struct Page {
    since: Moment,
    is_first: bool,
    moved: Vec<ChangeRow>,
    has_more: bool,
    last: Vec<ChangeRow>,
    closing: Vec<StandardRow>,
    /// How many more close as soon.
    n_more_closing: usize,
    soon_days: i32,
    alarms: Vec<Alarm>,
    /// What is in trouble beside the alarms.
    troubled: Vec<Troubled>,
    n_failed: u64,
    n_held: u64,
    sources: Vec<SourceRow>,
    n_projects: usize,
    n_watched: usize,
}

/// Something that the operator was told of and that is not over.
#[derive(Serialize)]
struct Alarm {
    what: String,
    since: Moment,
    /// The sources that it tells of, as they are now.
    sources: Vec<Troubled>,
}

/// A source that gives nothing good.
#[derive(Clone, Serialize)]
struct Troubled {
    id: String,
    tone: &'static str,
    says: String,
    why: Option<String>,
}

/// The page.
pub(super) fn page(desk: &Desk<'_>) -> Result<Answer, Refusal> {
    let now = desk.ask.now;
    let (since, kept) = looked(cookie(&desk.ask.headers, LOOKED), now);
    let is_first = since.is_none();
    let since = since.unwrap_or(now - FIRST_LOOK);
    let search = ChangeSearch { since: Some(since), ..ChangeSearch::default() };
    let limit = u32::try_from(ROWS).unwrap_or(u32::MAX);
    let moved = desk.store.change_leaf(&search, None, limit)?;
    let last = if moved.items.is_empty() {
        desk.store.change_leaf(&ChangeSearch::default(), None, 5)?.items
    } else {
        Vec::new()
    };
    let catalogue = desk.catalogue()?;
    let in_state = |state: DeliveryState| desk.store.n_in_state(state);
    let sources = sources::rows(desk)?;
    let (alarms, troubled) = needs(desk, &sources)?;
    let (closing, n_more_closing) = closing(desk, &catalogue)?;
    let page = Page {
        since: moment(since, now, desk.language()),
        is_first,
        has_more: moved.next.is_some(),
        moved: moved.items.iter().map(|change| changes::row(desk, change)).collect(),
        last: last.iter().map(|change| changes::row(desk, change)).collect(),
        closing,
        n_more_closing,
        soon_days: SOON_DAYS,
        alarms,
        troubled,
        n_failed: in_state(DeliveryState::Failed)?,
        n_held: in_state(DeliveryState::Held)?,
        sources,
        n_projects: catalogue.entries.len(),
        n_watched: catalogue.entries.iter().filter(|entry| !entry.watches.is_empty()).count(),
    };
    let Answer::Content(mut content) = desk.page("dashboard.html", page) else { return Err(Refusal::Wrong) };
    // A browser that loads a page ahead has not shown it to anybody.
    let said = |name: &str| desk.ask.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !["sec-purpose", "purpose"].iter().any(|name| said(name).contains("prefetch")) {
        let kept = format!("{LOOKED}={kept}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax");
        content.headers.push((header::SET_COOKIE, kept));
    }
    Ok(content.into())
}

/// When somebody last looked, by their cookie, and what it says from now on.
fn looked(cookie: Option<&str>, now: Timestamp) -> (Option<Timestamp>, String) {
    let moments = cookie.and_then(|text| text.split_once('.'));
    let parse = |text: &str| text.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    let known = moments.and_then(|(before, this)| Some((parse(before)?, parse(this)?)));
    let (before, this) = match known.filter(|(_, this)| *this <= now) {
        Some((before, this)) if now.duration_since(this) < VISIT => (Some(before), this),
        Some((_, this)) => (Some(this), now),
        None => (None, now),
    };
    let kept = before.unwrap_or(now - FIRST_LOOK).as_second();
    (before, format!("{kept}.{}", this.as_second()))
}

/// Alarms, each with the sources that it tells of, and the sources in trouble that none tells of: each trouble once.
fn needs(desk: &Desk<'_>, sources: &[SourceRow]) -> Result<(Vec<Alarm>, Vec<Troubled>), Refusal> {
    let is_troubled = |row: &&SourceRow| matches!(row.tone, "warn" | "bad");
    let (mut alarms, mut apart) = (Vec::new(), sources.iter().filter(is_troubled).collect::<Vec<_>>());
    let troubled =
        |row: &SourceRow| Troubled { id: row.id.clone(), tone: row.tone, says: row.says.clone(), why: row.why.clone() };
    for alarm in desk.store.alarms()? {
        let is_told = |row: &SourceRow| match alarm.about.split_once(':') {
            Some(("source", source)) => row.id == source,
            Some(("host", host)) => row.host == host,
            _ => false,
        };
        alarms.push(Alarm {
            since: moment(alarm.since, desk.ask.now, desk.language()),
            what: said(&alarm.what, desk.language()),
            sources: apart.extract_if(.., |row| is_told(row)).map(troubled).collect(),
        });
    }
    Ok((alarms, apart.into_iter().map(troubled).collect()))
}

/// What closes soon, and how many more do than are listed.
fn closing(desk: &Desk<'_>, catalogue: &Catalogue) -> Result<(Vec<StandardRow>, usize), Refusal> {
    let is_soon = |entry: &&Entry| entry.days_left(desk.ask.now).is_some_and(|left| (0..=SOON_DAYS).contains(&left));
    let is_watched = |entry: &&Entry| desk.configured.watches.is_empty() || !entry.watches.is_empty();
    let mut found: Vec<&Entry> = catalogue.entries.iter().filter(is_soon).filter(is_watched).collect();
    found.sort_by_key(|entry| entry.closes().map(|closing| closing.day));
    let n_more = found.len().saturating_sub(ROWS);
    found.truncate(ROWS);
    Ok((standards::rows(desk, &found)?, n_more))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visit_lasts_an_hour_and_what_was_new_stays_new_in_it() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let first = at("2026-05-12T12:00:00Z");
        let (since, kept) = looked(None, first);
        assert_eq!(since, None);
        let (since, again) = looked(Some(&kept), first + SignedDuration::from_mins(59));
        assert_eq!((since, again.as_str()), (Some(first - FIRST_LOOK), kept.as_str()));
        let (since, next) = looked(Some(&kept), first + SignedDuration::from_hours(30));
        assert_eq!(since, Some(first));
        let (since, _) = looked(Some(&next), first + SignedDuration::from_hours(30));
        assert_eq!(since, Some(first));
        for nonsense in ["", "x.y", "9999999999999999.1", "1.99999999999"] {
            assert_eq!(looked(Some(nonsense), first).0, None, "{nonsense}");
        }
    }
}
