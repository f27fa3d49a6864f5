//! `/standards`: every project that is watched, searched, filtered and sorted, each with its track.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::changes::clock::Clock;
use crate::changes::closing::{Basis, Open};
use crate::changes::corroboration::KnownStage;
use crate::changes::notice_action::basis_in_words;
use crate::changes::notice_track::{Place, known_by};
use crate::changes::notice_window::what_closes;
use crate::changes::stage_days::dated;
use crate::standards::committee::Committee;
use crate::standards::language::Language;
use crate::standards::project::ProjectId;
use crate::standards::stage::{Scheme, StageCode};
use crate::web::answer::{Answer, Desk, Refusal, with_parameter};
use crate::web::catalogue::{Catalogue, Entry, folded, is_under};
use crate::web::drawing::{Track, standing, track};
use crate::web::words::days_until;

/// Rows of a page.
pub(super) const ROWS: usize = 50;

/// Committees in the filter: those with most projects; the others are found by their name.
const COMMITTEES: usize = 60;

/// One project in a list.
#[derive(Serialize)]
pub(super) struct Row {
    id: String,
    reference: String,
    title: String,
    other_title: Option<String>,
    committee: Option<String>,
    track: Option<Track>,
    stage: String,
    standing: Option<&'static str>,
    since: Option<String>,
    /// The body prints no such day: it is ours.
    is_seen: bool,
    ago: Option<String>,
    closing: Option<Closing>,
}

/// The day on which something closes.
#[derive(Serialize)]
pub(super) struct Closing {
    pub(super) day: String,
    /// `in 12 days`.
    pub(super) when: String,
    /// `enquiry ballot closes`.
    pub(super) what: &'static str,
    pub(super) is_open: bool,
    /// Reckoned by the rules of the body, which prints none.
    pub(super) is_expected: bool,
    /// What an expected one is reckoned from.
    pub(super) basis: String,
}

/// A choice in a filter.
#[derive(Serialize)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) is_chosen: bool,
}

/// What is asked for.
pub(super) struct Wanted {
    pub(super) text: String,
    body: String,
    committee: String,
    stage: String,
    pub(super) watch: String,
    sort: String,
}

/// What the page shows.
#[derive(Serialize)]
struct Page {
    rows: Vec<Row>,
    n_found: usize,
    n_all: usize,
    text: String,
    bodies: Vec<Choice>,
    committees: Vec<Choice>,
    stages: Vec<Choice>,
    watches: Vec<Choice>,
    sorts: Vec<Choice>,
    number: usize,
    n_pages: usize,
    earlier: Option<String>,
    later: Option<String>,
}

impl Wanted {
    pub(super) fn of(desk: &Desk<'_>) -> Wanted {
        let asked = |name: &str| desk.parameter(name).unwrap_or_default();
        Wanted {
            text: asked("q"),
            body: asked("body"),
            committee: asked("committee"),
            stage: asked("stage"),
            watch: asked("watch"),
            sort: asked("sort"),
        }
    }

    /// What is meant, in the order that is wanted.
    pub(super) fn found<'a>(&self, desk: &Desk<'_>, catalogue: &'a Catalogue) -> Vec<&'a Entry> {
        let words: Vec<String> = self.text.split_whitespace().map(folded).collect();
        let committee = Committee::parse(&self.committee);
        let has_watches = !desk.configured.watches.is_empty();
        let watch = desk.configured.watches.iter().position(|watch| watch.id == self.watch);
        let is_watched = |entry: &Entry| match (self.watch.as_str(), watch) {
            ("", _) => !has_watches || !entry.watches.is_empty(),
            ("*", _) => true,
            (_, Some(position)) => entry.watches.iter().any(|own| usize::from(*own) == position),
            (_, None) => false,
        };
        let is_meant = |entry: &&Entry| {
            is_watched(entry)
                && (self.body.is_empty() || body_of(&entry.id) == self.body)
                && (self.stage.is_empty() || entry.code.is_some_and(|code| stage_key(code) == self.stage))
                && (self.committee.is_empty()
                    || committee.as_ref().is_some_and(|wanted| {
                        entry.committee.as_ref().is_some_and(|printed| is_under(printed, wanted))
                    }))
                && entry.says(&words)
        };
        if !matches!(self.sort.as_str(), "reference" | "waiting" | "closes") {
            return catalogue.newest_first().filter(is_meant).collect();
        }
        let mut found: Vec<&Entry> = catalogue.entries.iter().filter(is_meant).collect();
        match self.sort.as_str() {
            "waiting" => found.sort_by_key(|entry| {
                let day = entry.moved().map(|moved| moved.day);
                (day.is_none(), is_settled(entry), day)
            }),
            // What is still open first, the nearest day first; what is closed after it, the last day first.
            "closes" => found.sort_by_key(|entry| match entry.days_left(desk.ask.now) {
                Some(ahead @ 0..) => (0, ahead),
                Some(past) => (1, -past),
                None => (2, 0),
            }),
            _ => {}
        }
        found
    }
}

/// The page.
pub(super) fn page(desk: &Desk<'_>) -> Result<Answer, Refusal> {
    let catalogue = desk.catalogue()?;
    let wanted = Wanted::of(desk);
    let found = wanted.found(desk, &catalogue);
    let n_pages = found.len().div_ceil(ROWS).max(1);
    let number = desk.parameter("page").map_or(Ok(1), |text| text.parse::<usize>()).map_err(|_| Refusal::Wrong)?;
    let number = number.clamp(1, n_pages);
    let shown = &found[(number - 1) * ROWS..found.len().min(number * ROWS)];
    let at = |page: usize| with_parameter(&desk.ask.uri, "page", &page.to_string());
    let page = Page {
        rows: rows(desk, shown)?,
        n_found: found.len(),
        n_all: catalogue.entries.len(),
        bodies: bodies(desk, &wanted.body),
        committees: committees(desk, &catalogue, &wanted.committee),
        stages: stages(desk, &wanted.stage),
        watches: watches(desk, &wanted.watch),
        sorts: sorts(desk, &wanted.sort),
        text: wanted.text,
        number,
        n_pages,
        earlier: (number > 1).then(|| at(number - 1)),
        later: (number < n_pages).then(|| at(number + 1)),
    };
    Ok(desk.page("standards.html", page))
}

/// Entries as rows, with their tracks.
pub(super) fn rows(desk: &Desk<'_>, entries: &[&Entry]) -> Result<Vec<Row>, Refusal> {
    let ids: Vec<ProjectId> = entries.iter().map(|entry| entry.id.clone()).collect();
    let mut trails = desk.store.known_stages(&ids)?;
    let mut trail = |entry: &Entry| dated(trails.remove(&entry.id).unwrap_or_default(), entry.code, entry.since);
    Ok(entries.iter().map(|entry| row(desk, entry, &trail(entry))).collect())
}

fn row(desk: &Desk<'_>, entry: &Entry, trail: &[KnownStage]) -> Row {
    let (language, today) = (desk.language(), today(desk));
    let other = if language == Language::Chinese { &entry.english } else { &entry.chinese };
    let title = entry.title(language).unwrap_or_default();
    let moved = entry.moved();
    let place = entry.code.map(|code| Place {
        clock: entry.clock(),
        code,
        deliverable: entry.deliverable,
        since: entry.since,
        moved: None,
        came_from: None,
        trail,
    });
    Row {
        id: entry.id.to_string(),
        reference: entry.reference.clone(),
        title: title.to_owned(),
        other_title: other.as_deref().filter(|other| *other != title).map(str::to_owned),
        committee: entry.committee.as_deref().map(str::to_owned),
        track: place.and_then(|place| track(&place, language)),
        stage: stage_in_words(entry.code, &entry.printed, language),
        standing: entry.standing.filter(|_| entry.code.is_none()).map(|known| standing(known, language)),
        since: moved.map(|moved| moved.day.to_string()),
        is_seen: moved.is_some_and(|moved| moved.is_seen),
        ago: moved.map(|moved| days_until(moved.day, today, language)),
        closing: entry.open.and_then(|open| closing(desk, entry.clock(), open)),
    }
}

/// When a window closes, in words; `None` where no day is known.
pub(super) fn closing(desk: &Desk<'_>, clock: Clock, open: Open) -> Option<Closing> {
    let (closing, language, today) = (open.closes?, desk.language(), clock.day(desk.ask.now));
    Some(Closing {
        day: closing.day.to_string(),
        when: days_until(closing.day, today, language),
        what: what_closes(open.window, language),
        is_open: closing.day >= today,
        is_expected: closing.basis != Basis::Printed,
        basis: basis_in_words(open.window, closing, language),
    })
}

/// `FDIS 50.20`, or what was printed where that is in no vocabulary.
pub(super) fn stage_in_words(code: Option<StageCode>, printed: &str, language: Language) -> String {
    code.map_or_else(|| printed.to_owned(), |code| format!("{} {code}", code.label_in(language)))
}

/// The civil day of now.
pub(super) fn today(desk: &Desk<'_>) -> Date {
    desk.ask.now.to_zoned(TimeZone::UTC).date()
}

/// Published, withdrawn, given up: such a project waits for nothing.
fn is_settled(entry: &Entry) -> bool {
    entry.code.is_some_and(|code| code.is_cancelled() || code.is_withdrawn() || code.track_position() == Some(6))
}

fn body_of(id: &ProjectId) -> &'static str {
    match id {
        ProjectId::Iso(_) => "iso",
        ProjectId::Sac(_) => "sac",
        ProjectId::Gb(_) => "gb",
        ProjectId::Tc260(_) => "tc260",
        ProjectId::Page(_) => "page",
    }
}

/// `iso-40`, `gb-30`: the main stage of a code.
fn stage_key(code: StageCode) -> String {
    let text = code.to_string();
    format!("{}-{}", code.scheme().as_str(), text.split('.').next().unwrap_or_default())
}

fn choices(desk: &Desk<'_>, all: &[(&str, &'static str, &'static str)], chosen: &str) -> Vec<Choice> {
    let choice = |(value, english, chinese): &(&str, &'static str, &'static str)| Choice {
        value: (*value).to_owned(),
        label: desk.pick(english, chinese).to_owned(),
        is_chosen: *value == chosen,
    };
    all.iter().map(choice).collect()
}

fn bodies(desk: &Desk<'_>, chosen: &str) -> Vec<Choice> {
    let all = [
        ("", "any", "不限"),
        ("iso", "ISO, IEC", "ISO、IEC"),
        ("sac", "SAC: plans", "国标计划"),
        ("gb", "SAC: standards", "国家标准"),
        ("tc260", "TC 260: consultations", "TC 260 征求意见"),
    ];
    choices(desk, &all, chosen)
}

fn sorts(desk: &Desk<'_>, chosen: &str) -> Vec<Choice> {
    let all = [
        ("", "last move", "最近变动"),
        ("waiting", "longest in its stage", "停留最久"),
        ("closes", "closing date", "截止日期"),
        ("reference", "reference", "编号"),
    ];
    choices(desk, &all, chosen)
}

/// Which watch, for this page and others.
pub(super) fn watches(desk: &Desk<'_>, chosen: &str) -> Vec<Choice> {
    let mut all = choices(desk, &[("", "any watch", "任一关注列表"), ("*", "everything seen", "全部")], chosen);
    all.extend(desk.configured.watches.iter().map(|watch| Choice {
        value: watch.id.clone(),
        label: watch.title.clone().unwrap_or_else(|| watch.id.clone()),
        is_chosen: watch.id == chosen,
    }));
    all
}

fn committees(desk: &Desk<'_>, catalogue: &Catalogue, chosen: &str) -> Vec<Choice> {
    let mut counted: Vec<(&str, u32)> = catalogue.committees.iter().map(|(name, count)| (&**name, *count)).collect();
    counted.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
    counted.truncate(COMMITTEES);
    let mut named: BTreeMap<&str, u32> = counted.into_iter().collect();
    if !chosen.is_empty() {
        named.entry(chosen).or_default();
    }
    let mut all = choices(desk, &[("", "any", "不限")], chosen);
    all.extend(named.into_keys().map(|name| Choice {
        value: name.to_owned(),
        label: name.to_owned(),
        is_chosen: name == chosen,
    }));
    all
}

fn stages(desk: &Desk<'_>, chosen: &str) -> Vec<Choice> {
    let mut all = choices(desk, &[("", "any", "不限")], chosen);
    for scheme in [Scheme::Iso, Scheme::Gb] {
        let mut seen = String::new();
        for code in StageCode::all(scheme) {
            let value = stage_key(code);
            if value != seen {
                let label =
                    format!("{} {}", value.replace('-', " ").to_uppercase(), known_by(code).label_in(desk.language()));
                all.push(Choice { is_chosen: value == chosen, label, value: value.clone() });
                seen = value;
            }
        }
    }
    all
}
