//! What becomes of a broken page: polled as often as it takes to be believed, and the good page once more after it. Every announcement
//! must be one that the mutation made true.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use stagewatch::changes::change::{Change, Kind};
use stagewatch::changes::comparison::{Comparison, Holdings, Limits, Question, compare};
use stagewatch::changes::difference::matter_of;
use stagewatch::config::doubt::Doubt;
use stagewatch::daemon::gather::{Received, Sheet, programme_of, sheet_of};
use stagewatch::formats::Authority;
use stagewatch::formats::{Absence, Format, Scope};
use stagewatch::standards::programme::Programme;
use stagewatch::standards::project::Project;

use super::cases::Case;
use super::markup::{without_tags, without_unread};

/// Every poll is of this day.
pub(crate) const TODAY: Date = date(2026, 5, 12);

/// A page that was broken.
pub(crate) struct Broken {
    pub(crate) bytes: Vec<u8>,
    pub(crate) content_type: Option<String>,
    pub(crate) status: u16,
    /// What was done to the page, for a person.
    pub(crate) what: String,
    /// What the page now says by itself.
    pub(crate) says: Says,
}

/// What a mutation makes a page say, so that telling it is no misreading. No mutation makes a page say another stage: to put the text of one
/// stage where another stood is what a body does when a project moves, and nobody could tell the two apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Says {
    /// Nothing that it did not say before.
    Nothing,
    /// That projects are not on the list. A list that claims to be complete and lacks some rows, fewer than the share that is believed to
    /// vanish at once, is what a body serves that dropped those projects; so this is told after some polls, and counted apart.
    Less,
    /// That fields are other ones: two labels changed places, and what stands under each is what the page says of it.
    OtherFields,
    /// That elements begin or end elsewhere, and so hold more or less than before: that is what any browser shows. What belongs to another
    /// project they must not hold.
    OtherSeams,
    /// What a page of others says: it is there, in whole or in part, and its projects are new.
    Others,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// A page that is no page.
    Refused,
    /// Not to be trusted: nothing follows.
    Doubt,
    /// Read as the good page.
    Right,
    /// Less of it was read, or something that is no news; nothing is told.
    Silent,
    /// Told what the mutation did change: a title, a day, a new row.
    Changed,
    /// Told what stands on a page of others.
    Others,
    /// Told as no longer listed what is no longer listed.
    Gone,
    /// Told the stage before, with its earlier day: a list of steps that lost its newest one is, letter by letter, the page that the body
    /// served before it added that.
    Older,
    /// Told a title, a day or a new project that nothing made so.
    Misread,
    /// Told a stage, a withdrawal, a publication or an absence that nothing made so; or panicked.
    Wrong,
}

impl Verdict {
    pub(crate) const ALL: [Verdict; 10] = [
        Verdict::Refused,
        Verdict::Doubt,
        Verdict::Right,
        Verdict::Silent,
        Verdict::Changed,
        Verdict::Others,
        Verdict::Gone,
        Verdict::Older,
        Verdict::Misread,
        Verdict::Wrong,
    ];
}

/// The limits of a source of that format and scope, as configured by default.
pub(crate) fn limits_of<'a>(format: &Format, scope: &'a Scope) -> Limits<'a> {
    let doubt = Doubt::default();
    let misses_before_gone = match format.absence_in(scope) {
        Absence::NoLongerListed => Some(doubt.misses),
        Absence::SaysNothing => None,
    };
    Limits {
        shrink_share: doubt.shrink_share,
        misses_before_gone,
        question: Question::Same,
        none_is_an_answer: !scope.standards.is_empty(),
        believes_reversals: format.authority != Authority::News,
        committees: &scope.committees,
    }
}

/// One page as the programme of its source.
pub(crate) fn programme_in(sheet: Sheet) -> Programme {
    programme_of(&[sheet])
}

/// The verdict, with the announcements that led to it.
pub(crate) fn judged(case: &Case, broken: &Broken) -> (Verdict, String) {
    let received = Received {
        status: broken.status,
        ..Received::saved(case.url.clone(), broken.content_type.clone(), broken.bytes.clone())
    };
    let followed = case.held.keys().cloned().collect();
    let scope = Scope { followed, ..case.scope.clone() };
    let sheet = match sheet_of(case.format, &scope, received, Timestamp::UNIX_EPOCH) {
        Ok(sheet) => sheet,
        Err(refusal) => return (Verdict::Refused, refusal.to_string()),
    };
    let text = sheet.text.clone();
    let programme = programme_in(sheet);
    let Some(told) = polled(case, &programme) else {
        return (Verdict::Doubt, format!("{:?}", programme.wholeness));
    };
    let traces = Traces::of(&case.text, &text);
    let verdicts = told.iter().map(|change| (verdict_on(change, case, broken.says, &traces), line_of(change)));
    verdicts.max_by_key(|(verdict, _)| *verdict).unwrap_or_else(|| {
        let is_right = programme.projects == case.programme.projects;
        (if is_right { Verdict::Right } else { Verdict::Silent }, String::new())
    })
}

/// All that is told while the broken page is there and when the good one is back; `None` where it is in doubt at once. That something is
/// back, or again as it was, is no news that could be wrong unless the first was.
fn polled(case: &Case, programme: &Programme) -> Option<Vec<Change>> {
    let limits = limits_of(case.format, &case.scope);
    let mut told = Vec::new();
    let mut held: Holdings = case.held.clone();
    for _ in 0..=Doubt::default().misses {
        match compare(Some(&held), programme, limits, TODAY) {
            Comparison::Baseline(_) => unreachable!("something is held"),
            Comparison::Doubt(_) if told.is_empty() => return None,
            Comparison::Doubt(_) => break,
            Comparison::Compared { holdings, changes } => {
                held = holdings;
                told.extend(changes);
            }
        }
    }
    if let Comparison::Compared { changes, .. } = compare(Some(&held), &case.programme, limits, TODAY) {
        let is_first = |change: &Change| !told.iter().any(|other| other.after.id == change.after.id);
        let grave: Vec<Change> =
            changes.into_iter().filter(|change| is_grave(change.kind) && is_first(change)).collect();
        told.extend(grave);
    }
    Some(told)
}

/// The kinds that a subscriber acts upon.
fn is_grave(kind: Kind) -> bool {
    matches!(kind, Kind::StageMoved | Kind::Published | Kind::InForce | Kind::Withdrawn | Kind::NoLongerListed)
}

/// The page before and now, as far as a reader may look.
struct Traces {
    before: String,
    now: String,
    /// The same without tags and white space: digits of a day may stand in elements of their own.
    days_before: String,
    days_now: String,
}

impl Traces {
    fn of(before: &str, now: &str) -> Traces {
        let (before, now) = (without_unread(before), without_unread(now));
        let (days_before, days_now) = (without_tags(&before), without_tags(&now));
        Traces { before, now, days_before, days_now }
    }

    /// Whether this text stands on the page less often than before: a day in any notation, or a word of it. White space, marks and entities
    /// may stand between words.
    fn lost(&self, text: &str) -> bool {
        self.counts(text).any(|(before, now)| now < before)
    }

    /// Whether this text, or a word of it, stands on the page more often than before.
    fn gained(&self, text: &str) -> bool {
        self.counts(text).any(|(before, now)| now > before)
    }

    fn counts(&self, text: &str) -> impl Iterator<Item = (usize, usize)> {
        let count = |word: &str, before: &str, now: &str| (before.matches(word).count(), now.matches(word).count());
        let days = text.parse::<Date>().map(notations_of).unwrap_or_default();
        let days = days.into_iter().map(move |day| count(&day, &self.days_before, &self.days_now));
        let words = words_of(text).flat_map(move |word| {
            // A word may have tags inside.
            [count(word, &self.before, &self.now), count(word, &self.days_before, &self.days_now)]
        });
        let whole: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let whole = count(&whole, &self.days_before, &self.days_now);
        days.chain(words).chain([whole])
    }
}

fn notations_of(day: Date) -> Vec<String> {
    let (y, m, d) = (day.year(), day.month(), day.day());
    vec![
        format!("{y}-{m:02}-{d:02}"),
        format!("{y}-{m}-{d}"),
        format!("{y}年{m:02}月{d:02}日"),
        format!("{y}年{m}月{d}日"),
        format!("{y}.{m:02}.{d:02}"),
    ]
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

fn verdict_on(change: &Change, case: &Case, says: Says, traces: &Traces) -> Verdict {
    let project = &change.after;
    if change.kind == Kind::NoLongerListed {
        let number = project.id.to_string();
        let may_lack = matches!(says, Says::Less | Says::OtherFields);
        let number = number.rsplit(':').next().unwrap_or_default();
        let is_gone = may_lack && (traces.lost(number) || traces.lost(&project.reference));
        return if is_gone { Verdict::Gone } else { Verdict::Wrong };
    }
    let began = (change.before.as_ref().and_then(|before| before.since), project.since);
    if is_grave(change.kind) {
        let is_older = began.0.zip(began.1).is_some_and(|(before, now)| now < before);
        return if is_older { Verdict::Older } else { Verdict::Wrong };
    }
    if change.before.is_none() {
        return newcomer(project, case, says, traces);
    }
    let news = change.differences.iter().filter(|difference| matter_of(difference).is_some());
    let is_made = news.into_iter().all(|difference| {
        let (old, new) = (difference.old.as_deref(), difference.new.as_deref());
        old.is_some_and(|old| traces.lost(old)) || new.is_some_and(|new| traces.gained(new))
    });
    // The words of a page stand in the order in which a browser shows them, and any mark may change that.
    let is_of_words = change.kind == Kind::TextChanged && says != Says::Nothing;
    match says {
        Says::OtherFields => Verdict::Changed,
        Says::OtherSeams if !takes_of_another(change, case) => Verdict::Changed,
        _ if is_of_words => Verdict::Changed,
        _ if is_made => Verdict::Changed,
        _ => Verdict::Misread,
    }
}

fn newcomer(project: &Project, case: &Case, says: Says, traces: &Traces) -> Verdict {
    let id = project.id.to_string();
    // A row that the site hid by a class that is gone now, or one that contradicted itself and no longer does.
    let number = id.rsplit(':').next().unwrap_or_default();
    let could_not_be_read = case.text.contains("ng-hide") || !case.programme.defects.is_empty();
    if could_not_be_read && (case.text.contains(number) || case.text.contains(&project.reference)) {
        return Verdict::Changed;
    }
    // An element that ends later holds what a row is known by, and more.
    let held = || case.programme.projects.values().map(|held| &held.reference);
    if says == Says::OtherSeams
        && held().any(|held| project.reference.contains(held) || held.contains(&project.reference))
    {
        return Verdict::Changed;
    }
    // A project that names no committee is kept, whatever committees a source asks for: sites drop that field and bring it back.
    if project.committee.is_none() && !case.scope.committees.is_empty() {
        return Verdict::Changed;
    }
    // An address is printed without the escapes that it is kept with.
    let address = project.url.as_deref().map(without_escapes);
    let names = [Some(id.as_str()), Some(project.reference.as_str()), address.as_deref()];
    let is_made = names.into_iter().flatten().any(|name| traces.gained(name));
    match says {
        Says::Others => Verdict::Others,
        Says::OtherFields => Verdict::Changed,
        _ if is_made => Verdict::Changed,
        _ => Verdict::Misread,
    }
}

fn without_escapes(address: &str) -> String {
    let mut pieces = address.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        match piece.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => bytes.extend(std::iter::once(byte).chain(piece[2..].bytes())),
            None => bytes.extend(std::iter::once(b'%').chain(piece.bytes())),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether a field now says what the page says of another project.
fn takes_of_another(change: &Change, case: &Case) -> bool {
    let others: Vec<&Project> =
        case.programme.projects.values().filter(|project| project.id != change.after.id).collect();
    let said_of = |project: &Project, field: &str| match field {
        "reference" => Some(project.reference.clone()),
        "committee" => project.committee.clone(),
        "published" => project.published.map(|day| day.to_string()),
        "effective" => project.effective.map(|day| day.to_string()),
        "withdrawn" => project.withdrawn.map(|day| day.to_string()),
        "consultation.closes" => project.consultation.closes.map(|day| day.to_string()),
        _ => {
            project.titles.iter().find(|(language, _)| field.ends_with(language.code())).map(|(_, title)| title.clone())
        }
    };
    change.differences.iter().filter(|difference| matter_of(difference).is_some()).any(|difference| {
        others.iter().any(|other| difference.new.is_some() && said_of(other, &difference.field) == difference.new)
    })
}

/// `stage-moved/advanced iso:70001: stage 40.20 → 40.60`.
fn line_of(change: &Change) -> String {
    let movement = change.movement.map(|movement| format!("/{}", movement.as_str())).unwrap_or_default();
    let differences: Vec<String> = change
        .differences
        .iter()
        .map(|difference| format!("{} {:?} → {:?}", difference.field, difference.old, difference.new))
        .collect();
    format!("{}{movement} {}: {}", change.kind.as_str(), change.after.id, differences.join(", "))
}
