//! `/changes` and `/changes/{id}`: what changed, and everything that proves it. The diff stands side by side, or one under the other; the
//! two snapshots are shown as served, in a frame in which nothing runs.

use serde::Serialize;

use super::deliveries::{self, Row as DeliveryRow};
use super::standard::web_address;
use super::standards::{Choice, stage_in_words, watches};
use crate::changes::agreement::{Agreement, agreement, agreements_in_words};
use crate::changes::change::{Kind, RecordedChange, SnapshotRef};
use crate::changes::corroboration::KnownStage;
use crate::changes::notice::headline;
use crate::changes::notice_action::action;
use crate::changes::notice_facts::{label_of, matters};
use crate::changes::notice_frame::Frame;
use crate::changes::notice_sentence::sentence;
use crate::formats::Content as Text;
use crate::standards::language::Language;
use crate::store::browsing::{ChangeSearch, Cursor, DeliverySearch};
use crate::web::answer::{Answer, Content, Desk, Refusal, with_parameter};
use crate::web::catalogue::trail_of;
use crate::web::diff::{Hunk, Piece, hunks, marked};
use crate::web::drawing::{Track, moved};
use crate::web::evidence::{self, EvidenceError};
use crate::web::words::{Moment, kind, moment};

/// Rows of a page.
const ROWS: u32 = 50;

/// Deliveries on the page of a change.
const TOLD: u32 = 50;

/// A diff with more rows is for the file.
const MOST_ROWS: usize = 2000;

/// One change in a list.
#[derive(Serialize)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) project: String,
    pub(super) headline: String,
    title: String,
    kind: &'static str,
    says: &'static str,
    pub(super) seen: Moment,
    source: String,
    watches: Vec<String>,
    announced: bool,
    track: Option<Track>,
}

/// `/changes`.
#[derive(Serialize)]
struct List {
    rows: Vec<Row>,
    next: Option<String>,
    kinds: Vec<Choice>,
    watches: Vec<Choice>,
    watch: String,
    is_filtered: bool,
}

/// One field before and after, with the words that differ.
#[derive(Serialize)]
struct Difference {
    field: String,
    old: Option<Vec<Piece>>,
    new: Option<Vec<Piece>>,
}

/// A page as served.
#[derive(Serialize)]
struct Snapshot {
    sha256: String,
    at: Moment,
    size: Option<String>,
}

/// `/changes/{id}`.
#[derive(Serialize)]
struct One {
    row: Row,
    sentence: String,
    facts: Vec<(String, String, Option<String>)>,
    differences: Vec<Difference>,
    hunks: Vec<Hunk>,
    is_unified: bool,
    side_by_side: String,
    unified: String,
    url: Option<String>,
    before: Option<Snapshot>,
    after: Snapshot,
    also_seen_at: Vec<String>,
    otherwise: Vec<(&'static str, String)>,
    todo: Todo,
    told: Vec<DeliveryRow>,
}

/// What can be done about it now, and by whom.
#[derive(Serialize)]
struct Todo {
    label: String,
    says: String,
    is_asked: bool,
    /// Where the project is by now, when it is not where this change brought it.
    moved_on: Option<String>,
}

/// `/changes/{id}/diff`.
#[derive(Serialize)]
struct Whole {
    row: Row,
    hunks: Vec<Hunk>,
    is_unified: bool,
    side_by_side: String,
    unified: String,
    is_cut: bool,
}

/// The list.
pub(super) fn list(desk: &Desk<'_>) -> Result<Answer, Refusal> {
    let asked = desk.parameter("kind");
    let only = asked.as_deref().map(|word| Kind::parse(word).ok_or(Refusal::Wrong)).transpose()?;
    let watch = desk.parameter("watch").filter(|watch| watch != "*");
    let search = ChangeSearch { kind: only, watch: watch.clone(), ..ChangeSearch::default() };
    let cursor = desk.parameter("after").map(|text| Cursor::parse(&text).ok_or(Refusal::Wrong)).transpose()?;
    let found = desk.store.change_leaf(&search, cursor.as_ref(), ROWS)?;
    let chosen = asked.unwrap_or_default();
    let any =
        Choice { value: String::new(), label: desk.pick("any", "不限").to_owned(), is_chosen: chosen.is_empty() };
    let kinds = Kind::ALL.into_iter().map(|each| Choice {
        value: each.as_str().to_owned(),
        label: kind(each, desk.language()).to_owned(),
        is_chosen: each.as_str() == chosen,
    });
    let watch = watch.unwrap_or_default();
    let page = List {
        rows: found.items.iter().map(|change| row(desk, change)).collect(),
        next: found.next.map(|cursor| with_parameter(&desk.ask.uri, "after", &cursor.to_text())),
        kinds: std::iter::once(any).chain(kinds).collect(),
        is_filtered: only.is_some() || !watch.is_empty() || cursor.is_some(),
        watches: watches(desk, &watch).into_iter().filter(|choice| choice.value != "*").collect(),
        watch,
    };
    Ok(desk.page("changes.html", page))
}

/// A change as a row.
pub(super) fn row(desk: &Desk<'_>, change: &RecordedChange) -> Row {
    let language = desk.language();
    let project = &change.change.after;
    Row {
        id: change.id.clone(),
        project: project.id.to_string(),
        headline: headline(change, language),
        title: project.title(language).unwrap_or_default().to_owned(),
        kind: change.change.kind.as_str(),
        says: kind(change.change.kind, language),
        seen: moment(change.seen_at, desk.ask.now, language),
        source: change.evidence.source.clone(),
        watches: change.watches.clone(),
        announced: change.announced,
        track: moved(&change.change, &[], language),
    }
}

/// One change.
pub(super) fn one(desk: &Desk<'_>, id: &str) -> Result<Answer, Refusal> {
    let change = desk.store.change(id)?.ok_or(Refusal::NotThere)?;
    let language = desk.language();
    let evidence = &change.evidence;
    let told = DeliverySearch { change: Some(id.to_owned()), ..DeliverySearch::default() };
    let told = desk.store.delivery_leaf(&told, None, TOLD)?.items;
    let project = &change.change.after;
    let trail = trail_of(desk.store, &project.id)?;
    let frame =
        Frame { public_url: None, now: Some(desk.ask.now), trails: [(project.id.clone(), trail.clone())].into() };
    let known_then: Vec<_> = trail.iter().filter(|known| known.seen_at <= change.seen_at).cloned().collect();
    let track = moved(&change.change, &known_then, language);
    let page = One {
        row: Row { track, ..row(desk, &change) },
        sentence: sentence(&change, language),
        facts: matters(&change, &frame, language).into_iter().map(|fact| (fact.label, fact.value, fact.link)).collect(),
        differences: differences(&change, language),
        hunks: hunks(&evidence.diff),
        is_unified: is_unified(desk),
        side_by_side: with_parameter(&desk.ask.uri, "view", "side"),
        unified: with_parameter(&desk.ask.uri, "view", "unified"),
        url: web_address(Some(&evidence.url)),
        before: evidence.before.as_ref().map(|page| snapshot(desk, page)).transpose()?,
        after: snapshot(desk, &evidence.after)?,
        also_seen_at: change.also_seen_at.clone(),
        otherwise: otherwise(desk, &change)?,
        todo: todo(desk, &change, &frame, &trail),
        told: told.iter().map(|delivery| deliveries::row(desk, delivery)).collect(),
    };
    Ok(desk.page("change.html", page))
}

/// What sources showed otherwise at the time, and whether they agree by now; each with its tone.
fn otherwise(desk: &Desk<'_>, change: &RecordedChange) -> Result<Vec<(&'static str, String)>, Refusal> {
    let shown = desk.store.shown(std::slice::from_ref(&change.change.after.id))?;
    let shown: Vec<_> = shown.into_iter().map(|shown| (shown.source, shown.held.project)).collect();
    let of = |source: &str| shown.iter().find(|(shows, _)| shows == source).map(|(_, project)| project);
    let tone = |other| match agreement(change, other, of(&other.source)) {
        Agreement::Agrees => "good",
        Agreement::StillOtherwise | Agreement::ShowsNow(_) | Agreement::Gone => "warn",
    };
    let said = agreements_in_words(change, &shown, desk.language());
    Ok(change.otherwise_at.iter().map(tone).zip(said).collect())
}

fn todo(desk: &Desk<'_>, change: &RecordedChange, frame: &Frame, trail: &[KnownStage]) -> Todo {
    let (language, brought_to) = (desk.language(), change.change.after.stage_code());
    let action = action(change, frame);
    let is_later = |last: &&KnownStage| last.seen_at > change.seen_at && last.stage.code != brought_to;
    let moved_on = trail.last().filter(is_later);
    Todo {
        label: action.label(language),
        says: action.in_words(language),
        is_asked: action.is_asked() && moved_on.is_none(),
        moved_on: moved_on.map(|last| stage_in_words(last.stage.code, &last.stage.printed, language)),
    }
}

fn is_unified(desk: &Desk<'_>) -> bool {
    desk.parameter("view").is_some_and(|view| view == "unified")
}

fn differences(change: &RecordedChange, language: Language) -> Vec<Difference> {
    let difference = |difference: &crate::changes::change::Difference| {
        let field = label_of(&difference.field, language);
        let whole = |text: &String| vec![Piece { text: text.clone(), differs: true }];
        let (old, new) = match (&difference.old, &difference.new) {
            (Some(old), Some(new)) => {
                let (old, new) = marked(old, new);
                (Some(old), Some(new))
            }
            (old, new) => (old.as_ref().map(whole), new.as_ref().map(whole)),
        };
        Difference { field, old, new }
    };
    change.change.differences.iter().map(difference).collect()
}

fn snapshot(desk: &Desk<'_>, page: &SnapshotRef) -> Result<Snapshot, Refusal> {
    let known = desk.store.snapshot(&page.sha256)?;
    Ok(Snapshot {
        sha256: page.sha256.clone(),
        at: moment(page.at, desk.ask.now, desk.language()),
        size: known.map(|known| crate::web::words::size(known.size_bytes)),
    })
}

/// The whole diff, made from the two snapshots.
pub(super) fn whole(desk: &Desk<'_>, id: &str) -> Result<Answer, Refusal> {
    let change = desk.store.change(id)?.ok_or(Refusal::NotThere)?;
    let diff = evidence::diff_of(desk.store, &change, content_of(desk, &change), evidence::Extent::Differing)
        .map_err(refused)?;
    let mut hunks = hunks(&diff);
    let mut n_rows = 0;
    let n_hunks = hunks.len();
    hunks.retain(|hunk| {
        n_rows += hunk.pairs.len();
        n_rows <= MOST_ROWS
    });
    let page = Whole {
        row: row(desk, &change),
        is_cut: hunks.len() < n_hunks,
        hunks,
        is_unified: is_unified(desk),
        side_by_side: with_parameter(&desk.ask.uri, "view", "side"),
        unified: with_parameter(&desk.ask.uri, "view", "unified"),
    };
    Ok(desk.page("diff.html", page))
}

/// Everything that proves a change, as a file.
pub(super) fn bundle(desk: &Desk<'_>, id: &str) -> Result<Answer, Refusal> {
    let change = desk.store.change(id)?.ok_or(Refusal::NotThere)?;
    let zip = evidence::bundle(desk.store, &change, content_of(desk, &change)).map_err(refused)?;
    let mut content = Content::of("application/zip", zip);
    let name = format!("attachment; filename=\"{}.zip\"", change.id);
    content.headers.push((axum::http::header::CONTENT_DISPOSITION, name));
    Ok(content.into())
}

fn content_of(desk: &Desk<'_>, change: &RecordedChange) -> Text {
    desk.configured.source(&change.evidence.source).map_or(Text::Html, |source| source.format.content)
}

fn refused(error: EvidenceError) -> Refusal {
    match error {
        EvidenceError::Store(error) => Refusal::Store(error),
        EvidenceError::Gone(_) | EvidenceError::Zip(_) => Refusal::NotThere,
    }
}
