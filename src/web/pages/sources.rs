//! `/sources` and `/sources/{id}`: how every watched address fares. Each poll is a bar; what was last accepted is a table.

use serde::Serialize;

use crate::changes::said::{said, said_if};
use crate::formats::decode::decode;
use crate::formats::{Content, Page as PageOfBody};
use crate::standards::project::ProjectId;
use crate::store::{Poll, PollOutcome, SourceState};
use crate::web::answer::{Answer, Desk, Refusal};
use crate::web::configured::Source;
use crate::web::health::next_poll_of;
use crate::web::words::{Moment, moment, outcome, size};

/// Bars in a row of the list …
const BARS: u32 = 40;

/// … and on the page of one source.
const MORE_BARS: u32 = 120;

/// Rows of one page of the last reading.
const ROWS: u32 = 50;

/// How many defects are listed: more of them have one cause.
const DEFECTS: usize = 50;

/// One source in the list.
#[derive(Serialize)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) format: &'static str,
    pub(super) host: String,
    /// `good`, `warn`, `bad`, or `new` where it was never polled.
    pub(super) tone: &'static str,
    pub(super) says: String,
    pub(super) why: Option<String>,
    pub(super) last: Option<Moment>,
    pub(super) accepted: Option<Moment>,
    pub(super) next: Option<Moment>,
    pub(super) bars: Vec<Bar>,
}

/// One poll, drawn.
#[derive(Serialize)]
pub(super) struct Bar {
    x: usize,
    y: u32,
    height: u32,
    outcome: &'static str,
    says: String,
}

/// A line through how many projects there were.
#[derive(Serialize)]
struct Sparkline {
    points: String,
    least: u64,
    most: u64,
    last: u64,
    width: usize,
}

/// One line of the last reading.
#[derive(Serialize)]
struct Line {
    id: String,
    reference: String,
    title: String,
    stage: String,
    since: String,
    missed: u32,
}

/// One poll in words.
#[derive(Serialize)]
struct Told {
    at: Moment,
    outcome: &'static str,
    says: &'static str,
    why: Option<String>,
    status: Option<u16>,
    size: String,
    n_projects: u64,
    n_defects: u64,
    n_changes: u64,
    millis: u128,
}

/// A line that could not be read.
#[derive(Serialize)]
struct Unread {
    what: String,
    text: String,
    line: Option<String>,
}

/// `/sources`.
#[derive(Serialize)]
struct List {
    rows: Vec<Row>,
}

/// `/sources/{id}`.
#[derive(Serialize)]
struct One {
    row: Row,
    about: String,
    schedule: String,
    zone: String,
    urls: Vec<String>,
    troubles: u32,
    sparkline: Option<Sparkline>,
    polls: Vec<Told>,
    older: Option<i64>,
    lines: Vec<Line>,
    n_lines: u64,
    next_lines: Option<String>,
    unread: Option<Vec<Unread>>,
}

/// The list.
pub(super) fn list(desk: &Desk<'_>) -> Result<Answer, Refusal> {
    Ok(desk.page("sources.html", List { rows: rows(desk)? }))
}

/// Every source, with its last polls.
pub(super) fn rows(desk: &Desk<'_>) -> Result<Vec<Row>, Refusal> {
    desk.configured.sources.iter().map(|source| row(desk, source, BARS)).collect()
}

fn row(desk: &Desk<'_>, source: &Source, n_bars: u32) -> Result<Row, Refusal> {
    let state = desk.store.source_state(&source.id)?;
    let polls = desk.store.polls(&source.id, n_bars)?;
    let (now, language) = (desk.ask.now, desk.language());
    let seen = |at| moment(at, now, language);
    let (tone, says) = standing(desk, &state);
    Ok(Row {
        id: source.id.clone(),
        format: source.format.name,
        host: source.urls.first().and_then(|url| url.host_str()).unwrap_or_default().to_owned(),
        tone,
        says,
        why: state
            .last_poll
            .as_ref()
            .filter(|last| last.outcome.is_trouble())
            .and_then(|last| said_if(last.why.as_deref(), language)),
        last: state.last_poll.as_ref().map(|last| seen(last.at)),
        accepted: state.last_accepted.map(seen),
        next: next_poll_of(source, &state).map(seen),
        bars: bars(desk, &polls, n_bars),
    })
}

/// How a source fares, in a word: well, in trouble, or in trouble for so long that somebody should look.
fn standing(desk: &Desk<'_>, state: &SourceState) -> (&'static str, String) {
    const LONG: u32 = 3;
    match (&state.last_poll, state.n_troubles) {
        (None, _) => ("new", desk.pick("not polled yet", "尚未轮询").to_owned()),
        (Some(last), 0) => ("good", outcome(last.outcome, desk.language()).to_owned()),
        (Some(last), n_troubles) => {
            let tone = if n_troubles >= LONG { "bad" } else { "warn" };
            let says = outcome(last.outcome, desk.language());
            (tone, if n_troubles > 1 { format!("{says} × {n_troubles}") } else { says.to_owned() })
        }
    }
}

/// The newest at the right; what went well stands, what did not hangs below the line, so that colour is not needed.
fn bars(desk: &Desk<'_>, polls: &[Poll], n_bars: u32) -> Vec<Bar> {
    let first = n_bars as usize - polls.len();
    let bar = |(position, poll): (usize, &Poll)| {
        let (y, height) = match poll.outcome {
            PollOutcome::Baseline | PollOutcome::Changed => (0, 14),
            PollOutcome::Unchanged => (7, 7),
            PollOutcome::NotModified => (10, 4),
            PollOutcome::Doubtful => (15, 5),
            PollOutcome::Refused => (15, 8),
            PollOutcome::Failed => (15, 9),
        };
        let says = format!("{} · {}", poll.at.strftime("%Y-%m-%d %H:%M"), outcome(poll.outcome, desk.language()));
        Bar { x: (first + position) * 6, y, height, outcome: poll.outcome.as_str(), says }
    };
    polls.iter().enumerate().map(bar).collect()
}

/// One source.
pub(super) fn one(desk: &Desk<'_>, id: &str) -> Result<Answer, Refusal> {
    let configured = desk.configured.clone();
    let source = configured.source(id).ok_or(Refusal::NotThere)?;
    let (before, after) = (desk.parameter("before"), desk.parameter("after"));
    let before = before.map(|text| text.parse::<i64>().map_err(|_| Refusal::Wrong)).transpose()?;
    let after = after.map(|text| ProjectId::parse(&text).ok_or(Refusal::Wrong)).transpose()?;
    let (polls, older) = desk.store.poll_leaf(id, before, 25)?;
    let (held, n_lines) = desk.store.holding_leaf(id, after.as_ref(), ROWS)?;
    let next_lines =
        if held.len() == ROWS as usize { held.last().map(|held| held.project.id.to_string()) } else { None };
    let lines = held.iter().map(|held| Line {
        id: held.project.id.to_string(),
        reference: held.project.reference.clone(),
        title: held.project.title(desk.language()).unwrap_or_default().to_owned(),
        stage: held.project.stage.as_ref().map(|stage| stage.printed.clone()).unwrap_or_default(),
        since: held.project.since.map(|day| day.to_string()).unwrap_or_default(),
        missed: held.missed,
    });
    let page = One {
        row: row(desk, source, MORE_BARS)?,
        about: said(source.format.about, desk.language()),
        schedule: source.schedule.line().to_owned(),
        zone: source.schedule.zone().iana_name().unwrap_or("UTC").to_owned(),
        urls: source.urls.iter().map(ToString::to_string).collect(),
        troubles: desk.store.source_state(id)?.n_troubles,
        sparkline: sparkline(&desk.store.polls(id, MORE_BARS)?),
        polls: polls.iter().map(|poll| told(desk, poll)).collect(),
        older,
        lines: lines.collect(),
        n_lines,
        next_lines,
        unread: desk.parameter("defects").map(|_| unread(desk, source)).transpose()?,
    };
    Ok(desk.page("source.html", page))
}

fn told(desk: &Desk<'_>, poll: &Poll) -> Told {
    Told {
        at: moment(poll.at, desk.ask.now, desk.language()),
        outcome: poll.outcome.as_str(),
        says: outcome(poll.outcome, desk.language()),
        why: said_if(poll.why.as_deref(), desk.language()),
        status: poll.status,
        size: size(poll.size_bytes),
        n_projects: poll.n_projects,
        n_defects: poll.n_defects,
        n_changes: poll.n_changes,
        millis: poll.duration.as_millis(),
    }
}

/// Through the polls that read something, in a field of 300 by 36.
fn sparkline(polls: &[Poll]) -> Option<Sparkline> {
    const WIDTH: usize = 300;
    const HEIGHT: u64 = 36;
    let read = |poll: &&Poll| !poll.outcome.is_trouble() && poll.outcome != PollOutcome::NotModified;
    let counts: Vec<u64> = polls.iter().filter(read).map(|poll| poll.n_projects).collect();
    let (least, most) = (*counts.iter().min()?, *counts.iter().max()?);
    let steps = counts.len().saturating_sub(1).max(1);
    let height = |count: u64| {
        if most == least { HEIGHT / 2 } else { HEIGHT - 3 - (count - least) * (HEIGHT - 6) / (most - least) }
    };
    let mut points: Vec<String> = counts
        .iter()
        .enumerate()
        .map(|(position, count)| format!("{},{}", position * WIDTH / steps, height(*count)))
        .collect();
    if let [only] = points.as_slice() {
        points.push(only.replacen("0,", &format!("{WIDTH},"), 1));
    }
    Some(Sparkline { points: points.join(" "), least, most, last: *counts.last()?, width: WIDTH })
}

/// The lines of the pages as last accepted that could not be read: read once more, since only their number is kept.
fn unread(desk: &Desk<'_>, source: &Source) -> Result<Vec<Unread>, Refusal> {
    let mut unread = Vec::new();
    for page in desk.store.source_state(&source.id)?.pages {
        let Some(bytes) = desk.store.page_bytes(&page.sha256)? else { continue };
        let url = url::Url::parse(&page.url).ok();
        let host = url.as_ref().and_then(|url| url.host_str());
        let text = decode(&bytes, page.content_type.as_deref(), host).text;
        let reading = (source.format.read)(&PageOfBody { text: &text, url: url.as_ref(), scope: &source.scope });
        let is_lines = source.format.content == Content::JsonLines;
        unread.extend(reading.defects.into_iter().map(|defect| Unread {
            line: defect.line.filter(|_| is_lines).map(|line| line.to_string()),
            what: said(&defect.what, desk.language()),
            text: defect.text,
        }));
    }
    unread.truncate(DEFECTS);
    Ok(unread)
}
