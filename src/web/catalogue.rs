//! All projects at hand, each as all sources together show it, in a form that can be searched, filtered and sorted within a millisecond:
//! a few hundred bytes each. Made anew when the store says that what sources show was rewritten, or the configuration was read again.
//! Not the projects themselves: those are read when one is looked at.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::configured::Configured;
use crate::changes::clock::Clock;
use crate::changes::closing::{Closing, Open, window_on};
use crate::changes::corroboration::KnownStage;
use crate::changes::stage_days::{StageDay, dated};
use crate::changes::subscription::Watch;
use crate::standards::committee::Committee;
use crate::standards::deliverable::Deliverable;
use crate::standards::language::Language;
use crate::standards::project::{Project, ProjectId, Standing};
use crate::standards::reference::{Reference, normal_form};
use crate::standards::stage::StageCode;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::register::Shown;

/// How many rows are read at once: no more of them, with all their stages, are in memory beside what is kept.
const PIECE: u32 = 128;

/// One project.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: ProjectId,
    pub(super) reference: String,
    pub(super) english: Option<Box<str>>,
    pub(super) chinese: Option<Box<str>>,
    pub(super) committee: Option<Arc<str>>,
    pub(super) code: Option<StageCode>,
    pub(super) printed: Box<str>,
    pub(super) standing: Option<Standing>,
    pub(super) since: Option<Date>,
    pub(super) deliverable: Option<Deliverable>,
    /// What is open where it stands, printed or expected.
    pub(super) open: Option<Open>,
    /// When its last stage was first seen.
    pub(super) seen_at: Option<Timestamp>,
    /// It was seen to move there, and not there already at first contact.
    pub(super) is_moved: bool,
    /// Positions of the watches that it is in.
    pub(super) watches: Box<[u16]>,
    /// Everything that it can be found by, folded.
    text: Box<str>,
}

/// All projects, by body and reference.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    revision: i64,
    configured: Option<Arc<Configured>>,
    pub(super) entries: Vec<Entry>,
    by_id: BTreeMap<ProjectId, u32>,
    /// Positions by when the last move was seen, the newest first: what is asked for most is not sorted for everybody who asks.
    by_move: Box<[u32]>,
    /// Every committee, with how many projects it has.
    pub(super) committees: BTreeMap<Arc<str>, u32>,
}

/// The catalogue as it was made last.
#[derive(Default)]
pub(super) struct Shelf {
    catalogue: Mutex<Arc<Catalogue>>,
}

impl Shelf {
    /// The catalogue of what the store holds now. While it is made anew others wait, instead of making it too.
    pub(super) fn catalogue(&self, store: &Store, configured: &Arc<Configured>) -> Result<Arc<Catalogue>, StoreError> {
        let mut kept = self.catalogue.lock().unwrap_or_else(PoisonError::into_inner);
        let revision = store.revision()?;
        let is_of = |known: &Arc<Configured>| Arc::ptr_eq(known, configured);
        if kept.revision != revision || !kept.configured.as_ref().is_some_and(is_of) {
            // What was is let go first: two of them at once would take twice the room.
            *kept = Arc::default();
            *kept = Arc::new(Catalogue::read(store, configured, revision)?);
        }
        Ok(Arc::clone(&kept))
    }
}

/// The stages that projects are known to have been in.
type Trails = BTreeMap<ProjectId, Vec<KnownStage>>;

impl Catalogue {
    fn read(store: &Store, configured: &Arc<Configured>, revision: i64) -> Result<Catalogue, StoreError> {
        let mut catalogue = Catalogue { revision, configured: Some(Arc::clone(configured)), ..Catalogue::default() };
        let mut of_one: Vec<Shown> = Vec::new();
        let mut trails = Trails::new();
        let mut after: Option<(ProjectId, String)> = None;
        loop {
            let place = after.as_ref().map(|(project, source)| (project, source.as_str()));
            let piece = store.shown_after(place, PIECE)?;
            after = piece.last().map(|shown| (shown.held.project.id.clone(), shown.source.clone()));
            let is_last = piece.len() < PIECE as usize;
            trails.retain(|id, _| of_one.first().is_some_and(|first| first.held.project.id == *id));
            let ids: Vec<ProjectId> = piece.iter().map(|shown| shown.held.project.id.clone()).collect();
            trails.extend(store.known_stages(&ids)?);
            for shown in piece {
                if of_one.first().is_some_and(|first| first.held.project.id != shown.held.project.id) {
                    catalogue.add(std::mem::take(&mut of_one), &trails, &configured.watches);
                }
                of_one.push(shown);
            }
            if is_last {
                break;
            }
        }
        catalogue.add(of_one, &trails, &configured.watches);
        catalogue.entries.sort_by_cached_key(|entry| order_of(&entry.id, &entry.reference));
        catalogue.entries.shrink_to_fit();
        let mut by_move: Vec<u32> = (0..).take(catalogue.entries.len()).collect();
        by_move.sort_by_cached_key(|position| Reverse(catalogue.entries[*position as usize].last_move()));
        catalogue.by_move = by_move.into();
        catalogue.by_id = (0..).zip(&catalogue.entries).map(|(position, entry)| (entry.id.clone(), position)).collect();
        Ok(catalogue)
    }

    fn add(&mut self, shown: Vec<Shown>, trails: &Trails, watches: &[Watch]) {
        let Some(first) = shown.first() else { return };
        let trail = trails.get(&first.held.project.id).map(Vec::as_slice).unwrap_or_default();
        let last = trail.last();
        let project = together(shown, last.map(|last| last.source.as_str()));
        // Notices and pages of words stand nowhere.
        if project.is_notice() || project.text.is_some() {
            return;
        }
        let committee = project.committee.as_deref().map(|name| match self.committees.get_key_value(name) {
            Some((known, _)) => Arc::clone(known),
            None => Arc::from(name),
        });
        if let Some(committee) = &committee {
            *self.committees.entry(Arc::clone(committee)).or_default() += 1;
        }
        let concerned = (0_u16..).zip(watches).filter(|(_, watch)| watch.concerns(&project));
        self.entries.push(Entry {
            watches: concerned.map(|(position, _)| position).collect(),
            committee,
            text: text_of(&project).into(),
            english: project.titles.get(&Language::English).map(|title| title.as_str().into()),
            chinese: project.titles.get(&Language::Chinese).map(|title| title.as_str().into()),
            code: project.stage_code(),
            printed: project.stage.as_ref().map(|stage| stage.printed.as_str()).unwrap_or_default().into(),
            standing: project.standing,
            since: project.since,
            deliverable: project.deliverable,
            open: window_on(&project, trail),
            seen_at: last.map(|last| last.seen_at),
            is_moved: last.is_some_and(|last| last.change.is_some()),
            id: project.id,
            reference: project.reference,
        });
    }

    /// The entry of that id.
    pub(super) fn entry(&self, id: &ProjectId) -> Option<&Entry> {
        self.by_id.get(id).and_then(|position| self.entries.get(*position as usize))
    }

    /// Every entry, the one that moved last first; by body and reference where two moved at once.
    pub(super) fn newest_first(&self) -> impl Iterator<Item = &Entry> {
        self.by_move.iter().filter_map(|position| self.entries.get(*position as usize))
    }

    /// The projects that a reference means, at every stage and in every spelling.
    pub(super) fn named<'a>(&'a self, wanted: &'a Reference) -> impl Iterator<Item = &'a Entry> {
        let number = longest_number(&wanted.stem());
        self.entries.iter().filter(move |entry| {
            let mut printed = [Some(entry.reference.as_str()), number_of(&entry.id)].into_iter().flatten();
            entry.text.contains(&number)
                && printed.any(|printed| Reference::parse(printed).is_some_and(|printed| wanted.covers(&printed)))
        })
    }

    /// Projects that may belong to this one: they share a number or a title with it. Whether they do is for `changes::relations`.
    pub(super) fn neighbours(&self, project: &Project) -> Vec<ProjectId> {
        let references = [Some(project.reference.as_str()), project.plan.as_deref(), project.standard.as_deref()];
        let own = number_of(&project.id);
        let numbers = references.into_iter().chain([own]).flatten().map(|text| longest_number(&folded(text)));
        let title =
            project.titles.get(&Language::Chinese).and_then(|title| title.split_whitespace().last()).map(folded);
        let keys: Vec<String> = numbers.chain(title).filter(|key| key.chars().count() >= 4).collect();
        let shares = |entry: &&Entry| keys.iter().any(|key| entry.text.contains(key.as_str()));
        let near = self.entries.iter().filter(shares).map(|entry| entry.id.clone());
        near.filter(|id| *id != project.id).take(MOST_NEIGHBOURS).collect()
    }
}

/// More than any family of standards has; beyond it a number says nothing.
const MOST_NEIGHBOURS: usize = 200;

impl Entry {
    /// The title in the reader's language, else in the other.
    pub(super) fn title(&self, language: Language) -> Option<&str> {
        let (wanted, other) = match language {
            Language::Chinese => (&self.chinese, &self.english),
            Language::English | Language::French | Language::Russian => (&self.english, &self.chinese),
        };
        wanted.as_deref().or(other.as_deref())
    }

    /// The day of its last move: by the body where it prints one, else by our sight.
    pub(super) fn moved(&self) -> Option<StageDay> {
        let printed = self.since.map(|day| StageDay { day, is_seen: false });
        printed.or_else(|| self.seen_at.map(|at| StageDay { day: self.clock().day(at), is_seen: true }))
    }

    /// What orders last moves: when we saw it move; what was there at first contact by the day of the body.
    pub(super) fn last_move(&self) -> Option<Timestamp> {
        let printed = || self.since?.to_zoned(TimeZone::UTC).ok().map(|day| day.timestamp());
        self.seen_at.filter(|_| self.is_moved).or_else(printed).or(self.seen_at)
    }

    /// The day on which something closes, printed or expected, where one is known.
    pub(super) fn closes(&self) -> Option<Closing> {
        self.open.and_then(|open| open.closes)
    }

    /// By whose days it is told.
    pub(super) fn clock(&self) -> Clock {
        Clock::of(&self.id, &self.reference, self.code)
    }

    /// How many days are left until it closes, by the calendar of the body: 0 on the last day, less than 0 after it.
    pub(super) fn days_left(&self, now: Timestamp) -> Option<i32> {
        self.closes().map(|closing| (closing.day - self.clock().day(now)).get_days())
    }

    /// Whether every one of these words, folded, is in it.
    pub(super) fn says(&self, words: &[String]) -> bool {
        words.iter().all(|word| self.text.contains(word.as_str()))
    }
}

/// One project as all its sources show it: the record is that of the source which was first to show its last stage; the day of the stage
/// may come from another that shows the same stage.
pub(super) fn together(shown: Vec<Shown>, leader: Option<&str>) -> Project {
    let days: Vec<_> =
        shown.iter().filter_map(|shown| Some((shown.held.project.stage_code(), shown.held.project.since?))).collect();
    let titles: Vec<_> = shown.iter().map(|shown| shown.held.project.titles.clone()).collect();
    let best = shown.iter().position(|shown| Some(shown.source.as_str()) == leader).unwrap_or(0);
    let shown = shown.into_iter().nth(best).expect("a project is there because a source shows it");
    let mut project = shown.held.project;
    let code = project.stage_code();
    let same = days.into_iter().find(|(other, _)| *other == code).map(|(_, day)| day);
    project.since = project.since.or(same);
    for (language, title) in titles.into_iter().flatten() {
        project.titles.entry(language).or_insert(title);
    }
    project
}

/// The stages of one project, with the day that the body prints now for the last.
pub(super) fn trail_of(store: &Store, id: &ProjectId) -> Result<Vec<KnownStage>, StoreError> {
    let trail = store.history(id)?;
    let shown = store.shown(std::slice::from_ref(id))?;
    if shown.is_empty() {
        return Ok(trail);
    }
    let project = together(shown, trail.last().map(|last| last.source.as_str()));
    Ok(dated(trail, project.stage_code(), project.since))
}

/// By body, then by reference without its stage, so that what belongs together stands together whatever its numbers are.
fn order_of(id: &ProjectId, reference: &str) -> (u8, String) {
    let body = match id {
        ProjectId::Iso(_) => 0,
        ProjectId::Sac(_) | ProjectId::Gb(_) => 1,
        ProjectId::Tc260(_) => 2,
        ProjectId::Page(_) => 3,
    };
    (body, Reference::parse(reference).map_or_else(|| reference.to_owned(), |parsed| parsed.stem()))
}

fn text_of(project: &Project) -> String {
    let texts = [
        Some(project.reference.as_str()),
        project.plan.as_deref(),
        project.standard.as_deref(),
        project.committee.as_deref(),
    ];
    let all: Vec<String> =
        texts.into_iter().flatten().chain(project.titles.values().map(String::as_str)).map(folded).collect();
    format!("{} {}", project.id, all.join(" ")).to_lowercase()
}

/// A text as it is searched for: width, case and white space do not matter.
pub(super) fn folded(text: &str) -> String {
    normal_form(text).to_lowercase()
}

/// The longest row of digits: what tells one standard from another.
fn longest_number(text: &str) -> String {
    let rows = text.split(|letter: char| !letter.is_ascii_digit());
    rows.max_by_key(|row| row.len()).unwrap_or_default().to_owned()
}

/// The number that an id carries, where that is a reference.
fn number_of(id: &ProjectId) -> Option<&str> {
    match id {
        ProjectId::Sac(number) | ProjectId::Gb(number) => Some(number),
        ProjectId::Iso(_) | ProjectId::Tc260(_) | ProjectId::Page(_) => None,
    }
}

/// Whether a committee, as printed, is the wanted one or one of its groups.
pub(super) fn is_under(printed: &str, wanted: &Committee) -> bool {
    Committee::parse(printed).is_some_and(|committee| committee.is_under(wanted))
}
