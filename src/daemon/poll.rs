//! The pipeline: what a source showed last and what it shows now go in, a list of changes comes out, and with it what is to be sent.
//! If you read only one function of stagewatch, read `take_in`.
#![expect(clippy::disallowed_methods, reason = "the wiring measures how long a poll takes")]

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::changes::change::RecordedChange;
use crate::changes::comparison::{Comparison, Holdings, Limits, Question, compare};
use crate::changes::corroboration::{Corroborated, additions};
use crate::config::source::Source;
use crate::fetch::error::FetchError;
use crate::formats::refusal::Refusal;
use crate::formats::{Absence, Authority};
use crate::standards::programme::{Defect, Programme};
use crate::standards::project::Project;
use crate::store::error::StoreError;
use crate::store::{Acceptance, Poll, PollOutcome, SourceState, Store};

use super::House;
use super::calendar::tell_ahead;
use super::dispatch_list::{Dispatch, dispatch_list};
use super::earlier::{corroborated, trails_of};
use super::gather::{Gathered, Sheet, following, gather, programme_of, question_of};
use super::recording::{Bench, Shown};
use super::staleness::served_again;
use super::told_apart::{Told, told_apart};

/// A poll that could not be made or recorded.
#[derive(Debug, thiserror::Error)]
pub enum PollError {
    /// No page came.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The store did not take or give something.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An alert could not be put together.
    #[error("could not compose an alert for subscriber `{subscriber}`")]
    Compose {
        /// For whom.
        subscriber: String,
        /// Why.
        #[source]
        source: crate::deliver::email_compose::ComposeError,
    },
    /// A reader panicked: a fault of ours, met by a page that we had not foreseen.
    #[error("the reader of this format broke on the page; the page was not accepted")]
    ReaderPanicked,
    /// The server says `not modified` of a page that we never had.
    #[error("the server says that a page is not modified which was never received")]
    NothingHeld,
    /// The configuration lets no source through without an address.
    #[error("the source has no address")]
    NoAddress,
}

/// Whether changes are told to subscribers or only recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Announce {
    /// Told, in messages of this moment; that of the poll itself may be years ago.
    At(Timestamp),
    /// Recorded.
    No,
}

/// What a poll came to.
#[derive(Debug, Clone)]
pub struct Polled {
    /// As recorded.
    pub poll: Poll,
    /// What changed.
    pub changes: Vec<RecordedChange>,
    /// Lines that could not be read.
    pub defects: Vec<Defect>,
    /// Why the page was no page.
    pub refusal: Option<Refusal>,
    /// How long the other side asked us to stay away.
    pub stay_away: Option<Duration>,
    /// How many polls in a row had been in trouble before this one.
    pub n_troubles_before: u32,
}

impl Polled {
    pub(super) fn of(poll: Poll) -> Polled {
        Polled { poll, changes: Vec::new(), defects: Vec::new(), refusal: None, stay_away: None, n_troubles_before: 0 }
    }
}

/// Polls one source: fetch, read, take in, record; then looks at the calendar. Troubles of the source are outcomes; only a store that
/// fails is an error.
pub async fn poll(house: &House, source: &Source, at: Timestamp) -> Result<Polled, PollError> {
    // Finer than ids can tell apart, nobody needs it.
    let at = Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at);
    let mut polled = poll_pages(house, source, at).await?;
    polled.changes.extend(tell_ahead(house, source, at)?);
    Ok(polled)
}

async fn poll_pages(house: &House, source: &Source, at: Timestamp) -> Result<Polled, PollError> {
    let begun = Instant::now();
    let state = house.store.source_state(&source.id)?;
    let n_troubles_before = state.n_troubles;
    let source = &following(house, source)?;
    let so_far = || blank(&source.id, at, begun.elapsed());
    let polled = match gather(house, source, &state, at).await {
        Ok(Gathered::Sheets(sheets)) => {
            let (house, source) = (house.clone(), source.clone());
            let intake = Intake { house, source, state, announce: Announce::At(at), poll: so_far() };
            let taken = tokio::task::spawn_blocking(move || take_in(intake, sheets)).await;
            match taken.unwrap_or(Err(PollError::ReaderPanicked)) {
                Ok(polled) => return Ok(Polled { n_troubles_before, ..polled }),
                Err(error) => failed(error, so_far())?,
            }
        }
        Ok(Gathered::NotModified) => Polled::of(Poll { outcome: PollOutcome::NotModified, ..so_far() }),
        Ok(Gathered::Refused { refusal, status, stay_away }) => {
            let why = Some(refusal.to_string());
            let poll = Poll { outcome: PollOutcome::Refused, why, status: Some(status), ..so_far() };
            Polled { refusal: Some(refusal), stay_away, ..Polled::of(poll) }
        }
        Err(error) => failed(error, so_far())?,
    };
    house.store.record_poll(&polled.poll, &[])?;
    Ok(Polled { n_troubles_before, ..polled })
}

/// What could not be asked, read or put together is a poll that failed; a store that fails leaves nowhere to record even that.
fn failed(error: PollError, so_far: Poll) -> Result<Polled, PollError> {
    match error {
        PollError::Store(_) => Err(error),
        PollError::Fetch(_)
        | PollError::Compose { .. }
        | PollError::ReaderPanicked
        | PollError::NothingHeld
        | PollError::NoAddress => {
            let why = Some(crate::logging::chain(&error));
            Ok(Polled::of(Poll { outcome: PollOutcome::Failed, why, ..so_far }))
        }
    }
}

/// A poll of which nothing is known yet but when it began.
pub fn blank(source: &str, at: Timestamp, duration: Duration) -> Poll {
    Poll {
        source: source.to_owned(),
        at,
        duration,
        outcome: PollOutcome::Failed,
        why: None,
        status: None,
        size_bytes: 0,
        n_projects: 0,
        n_defects: 0,
        n_changes: 0,
    }
}

/// A poll whose pages are there: what is needed to take them in.
#[derive(Clone)]
pub struct Intake {
    /// The shared rooms.
    pub house: House,
    /// The source.
    pub source: Source,
    /// What it was known for before.
    pub state: SourceState,
    /// Whether subscribers are told.
    pub announce: Announce,
    /// What is known of the poll so far.
    pub poll: Poll,
}

/// Takes in the pages of one poll: compare, corroborate, match, accept. Everything it writes is one transaction.
pub fn take_in(intake: Intake, sheets: Vec<Sheet>) -> Result<Polled, PollError> {
    let Intake { house, source, state, announce, poll } = intake;
    let _one_at_a_time = house.intake.lock().unwrap_or_else(PoisonError::into_inner);
    let programme = programme_of(&sheets);
    let poll = counted(poll, &sheets, &programme);
    let limits = limits_of(&house, &source, &state);
    let (holdings, changes, outcome) = match compared(&house, &source, limits, (&sheets, &programme), poll.at)? {
        Comparison::Doubt(why) => return doubted(&house.store, poll, why, programme),
        Comparison::Baseline(holdings) => (holdings, Vec::new(), PollOutcome::Baseline),
        Comparison::Compared { holdings, changes } if changes.is_empty() => (holdings, changes, PollOutcome::Unchanged),
        Comparison::Compared { holdings, changes } => (holdings, changes, PollOutcome::Changed),
    };
    let mut known = trails_of(&house.store, &holdings, outcome)?;
    let Corroborated { news, mut also_seen } = corroborated(&house, &source.id, changes, &mut known)?;
    let shown = match news.as_slice() {
        [] => Shown::default(),
        news => Shown::beside(&house.store, &source.id, &holdings, news.iter().map(|change| &change.after))?,
    };
    let bench = Bench {
        house: &house,
        source: &source,
        state: &state,
        sheets: &sheets,
        known: &known,
        shown: &shown,
        at: poll.at,
    };
    let (mut recorded, told) = told_apart(&house.store, bench.record(news)?)?;
    house.store.number(&mut recorded)?;
    let Dispatch { deliveries, held } = match announce {
        Announce::At(now) => dispatch_list(&house, &mut recorded, now)?,
        Announce::No => Dispatch::default(),
    };
    let poll = Poll { outcome, n_changes: recorded.len() as u64, ..poll };
    let known = additions(trail_of(&holdings, &recorded, &told, outcome), &known, &source.id, poll.at);
    also_seen.extend(told.into_iter().map(|(_, by)| by));
    let pages = sheets.into_iter().map(|sheet| sheet.page).collect();
    let changes = recorded.clone();
    let asked_for = question_of(&source);
    let acceptance =
        Acceptance { poll: poll.clone(), asked_for, pages, holdings, changes, known, also_seen, deliveries, held };
    house.store.accept(&acceptance)?;
    Ok(Polled { changes: recorded, defects: programme.defects, ..Polled::of(poll) })
}

/// What the pages of a poll and their programme mean, next to what was accepted last.
pub fn compared(
    house: &House,
    source: &Source,
    limits: Limits<'_>,
    (sheets, programme): (&[Sheet], &Programme),
    at: Timestamp,
) -> Result<Comparison, StoreError> {
    let held = house.store.holdings(&source.id)?;
    let today = at.to_zoned(source.schedule.zone().clone()).date();
    let comparison = compare(held.as_ref(), programme, limits, today);
    let stale = match &comparison {
        Comparison::Compared { changes, .. } => served_again(house, source, sheets, changes, at)?,
        Comparison::Baseline(_) | Comparison::Doubt(_) => None,
    };
    Ok(stale.map_or(comparison, Comparison::Doubt))
}

fn counted(poll: Poll, sheets: &[Sheet], programme: &Programme) -> Poll {
    Poll {
        status: Some(200),
        size_bytes: sheets.iter().map(|sheet| sheet.page.bytes.len() as u64).sum(),
        n_projects: programme.projects.len() as u64,
        n_defects: programme.defects.len() as u64,
        ..poll
    }
}

fn doubted(store: &Store, poll: Poll, why: String, programme: Programme) -> Result<Polled, PollError> {
    let poll = Poll { outcome: PollOutcome::Doubtful, why: Some(why), ..poll };
    store.record_poll(&poll, &[])?;
    Ok(Polled { defects: programme.defects, ..Polled::of(poll) })
}

/// Where belief ends for this source.
pub fn limits_of<'a>(house: &House, source: &'a Source, state: &SourceState) -> Limits<'a> {
    let is_same = state.asked_for.as_ref().is_none_or(|asked_for| *asked_for == question_of(source));
    Limits {
        question: if is_same { Question::Same } else { Question::Other },
        none_is_an_answer: !source.scope.standards.is_empty(),
        believes_reversals: source.format.authority != Authority::News,
        shrink_share: house.settings.doubt.shrink_share,
        committees: &source.scope.committees,
        misses_before_gone: match source.format.absence_in(&source.scope) {
            Absence::NoLongerListed => Some(house.settings.doubt.misses),
            Absence::SaysNothing => None,
        },
    }
}

/// Which stages this poll saw: of a baseline every one, otherwise those of the changes that moved a project or brought it.
fn trail_of<'a>(
    holdings: &'a Holdings,
    recorded: &'a [RecordedChange],
    told: &'a Told,
    outcome: PollOutcome,
) -> Box<dyn Iterator<Item = (&'a Project, Option<String>)> + 'a> {
    if outcome == PollOutcome::Baseline {
        return Box::new(holdings.values().map(|held| (&held.project, None)));
    }
    Box::new(
        recorded
            .iter()
            .filter(|recorded| recorded.change.movement.is_some() || recorded.change.before.is_none())
            .map(|recorded| (&recorded.change.after, Some(recorded.id.clone())))
            .chain(told.iter().map(|(recorded, by)| (&recorded.change.after, Some(by.clone())))),
    )
}
