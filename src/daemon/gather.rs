//! A source's pages, fetched and read: the first page, and the pages that it says come next. Not what is new in them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

use crate::changes::comparison::Held;
use crate::config::source::Source;
use crate::fetch::{Fetched, Page, Request, Validators};
use crate::formats::layout::Layout;
use crate::formats::open::open;
use crate::formats::refusal::{Refusal, RefusalKind, Served};
use crate::formats::{Format, Reading, Scope};
use crate::standards::committee::Committee;
use crate::standards::programme::{Defect, Programme, Wholeness};
use crate::standards::reference::Reference;
use crate::store::error::StoreError;
use crate::store::snapshots::sha256_of;
use crate::store::{NewPage, SourceState, StoredPage};

use super::House;
use super::poll::PollError;

/// How long a page waits for the one that is read before it: many times what the largest takes.
const LONGEST_TURN: Duration = Duration::from_mins(2);

/// One page of a source, read.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// The page as it is to be stored.
    pub page: NewPage,
    /// Its decoded text.
    pub text: String,
    /// What the format found in it.
    pub reading: Reading,
}

/// What came of asking a source.
#[derive(Debug)]
pub enum Gathered {
    /// Every page is as it was.
    NotModified,
    /// All pages, read.
    Sheets(Vec<Sheet>),
    /// One page was no page.
    Refused {
        /// Why.
        refusal: Refusal,
        /// Its HTTP status.
        status: u16,
        /// How long the other side asked us to stay away.
        stay_away: Option<Duration>,
    },
}

/// Asks the source's addresses in order of preference until one answers with a page that can be believed: a refusal, a failure and a
/// first page in doubt (the home page in the place of a list that has moved) all send us on. When none does, the trouble of the last
/// is the answer; which address serves is told when it changes.
pub async fn gather(house: &House, source: &Source, state: &SourceState, at: Timestamp) -> Result<Gathered, PollError> {
    let served_last = state.pages.first().map(|page| page.url.as_str());
    let mut addresses = source.urls.iter().peekable();
    loop {
        let first = addresses.next().ok_or(PollError::NoAddress)?;
        let gathered = gather_from(house, source, first, state, at).await;
        let Some(trouble) = trouble_of(&gathered) else {
            tell_of_move(source, served_last, first);
            return gathered;
        };
        let Some(next) = addresses.peek() else { return gathered };
        // While another address serves, the trouble of this one was told when it began.
        if served_last.is_none_or(|last| last == first.as_str()) {
            tracing::warn!(source.id = %source.id, "`{first}` did not serve a page that can be believed ({trouble}); trying `{next}`");
        }
    }
}

/// Why an address did not serve; `None` where it did, or where another address would help nothing.
fn trouble_of(gathered: &Result<Gathered, PollError>) -> Option<String> {
    match gathered {
        Ok(Gathered::Refused { refusal, .. }) => Some(refusal.to_string()),
        Ok(Gathered::Sheets(sheets)) => match &sheets.first()?.reading.wholeness {
            Wholeness::InDoubt(why) => Some(why.clone()),
            Wholeness::Whole => None,
        },
        Err(error @ PollError::Fetch(_)) => Some(crate::logging::chain(error)),
        Ok(Gathered::NotModified) | Err(_) => None,
    }
}

/// Says once that another of the addresses serves now.
fn tell_of_move(source: &Source, served_last: Option<&str>, serves: &Url) {
    let place = |address: &str| source.urls.iter().position(|url| url.as_str() == address);
    let Some(last) = served_last.filter(|last| *last != serves.as_str()) else { return };
    match (place(last), place(serves.as_str())) {
        (Some(before), Some(now)) if now < before => {
            tracing::info!(source.id = %source.id, "`{serves}` serves again; it is preferred to `{last}`");
        }
        (Some(_), Some(_)) => {
            tracing::warn!(source.id = %source.id, "`{serves}` serves now, since `{last}` does not: has the site moved?");
        }
        _ => {}
    }
}

async fn gather_from(
    house: &House,
    source: &Source,
    first: &Url,
    state: &SourceState,
    at: Timestamp,
) -> Result<Gathered, PollError> {
    let mut queue = VecDeque::from([first.clone()]);
    let max_pages = usize::try_from(source.max_pages).unwrap_or(usize::MAX);
    let mut asked = BTreeSet::new();
    let mut sheets = Vec::new();
    let mut is_modified = false;
    // A page that was read for something else is asked for anew: not modified would hide what was left out of it then.
    let is_same_question = state.asked_for.as_ref() == Some(&question_of(source));
    while let Some(url) = queue.pop_front() {
        if asked.len() >= max_pages || !asked.insert(url.to_string()) {
            continue;
        }
        let held = state.pages.iter().find(|page| is_same_question && page.url == url.as_str());
        let received = match house.fetcher.fetch(request_for(source, &url, held)).await? {
            Fetched::Page(page) => {
                is_modified = true;
                Received::from_page(url.clone(), page).read_as(source.encoding)
            }
            Fetched::NotModified { validators } => held_again(house, url.clone(), held, validators)?,
        };
        let (status, stay_away) = (received.status, received.stay_away);
        let sheet = match read_on_blocking_thread(house, source, received, at).await? {
            Ok(sheet) => sheet,
            Err(refusal) => return Ok(Gathered::Refused { refusal, status, stay_away }),
        };
        queue.extend(sheet.reading.follow.iter().filter(|next| next.host_str() == url.host_str()).cloned());
        sheets.push(sheet);
    }
    Ok(if is_modified { Gathered::Sheets(sheets) } else { Gathered::NotModified })
}

/// The source, asked also for the projects that it showed last: one that goes to a committee that the source is not asked for is to be seen
/// to leave, not to be missing.
pub fn following(house: &House, source: &Source) -> Result<Source, StoreError> {
    let mut source = source.clone();
    if !source.scope.committees.is_empty() {
        let held = house.store.holdings(&source.id)?.unwrap_or_default();
        let is_wanted = |held: &Held| held.project.is_of(&source.scope.committees) != Some(false);
        source.scope.followed = held.into_iter().filter(|(_, held)| is_wanted(held)).map(|(id, _)| id).collect();
    }
    Ok(source)
}

/// What a source is asked for, as text to compare: format, how many pages, addresses, committees, numbers, layout.
pub fn question_of(source: &Source) -> String {
    let addresses = source.urls.iter().map(Url::as_str);
    let committees = source.scope.committees.iter().map(Committee::name);
    let numbers: Vec<String> = source.scope.standards.iter().map(Reference::to_string).collect();
    let numbers = numbers.iter().map(String::as_str);
    let parts = source.scope.region.iter().chain(&source.scope.ignore).map(String::as_str);
    let layout = &source.scope.layout;
    let layout = (*layout != Layout::default()).then(|| format!("{layout:?}"));
    let encoding = source.encoding.into_iter();
    let n_pages = source.max_pages.to_string();
    let head = [source.format.name, &n_pages].into_iter();
    head.chain(addresses)
        .chain(committees)
        .chain(numbers)
        .chain(parts)
        .chain(encoding)
        .chain(layout.as_deref())
        .collect::<Vec<_>>()
        .join("\n")
}

/// What is asked for one address of a source; with what is held of it, so that it is not sent again unchanged.
pub fn request_for(source: &Source, url: &Url, held: Option<&StoredPage>) -> Request {
    let scope = source.scope.clone();
    Request {
        url: url.clone(),
        validators: held
            .map(|page| Validators { etag: page.etag.clone(), last_modified: page.last_modified.clone() })
            .unwrap_or_default(),
        options: source.options.clone(),
        sieve: source.format.keep.map(|keep| {
            let sieve: Box<dyn FnMut(&str) -> bool + Send> = Box::new(move |line| keep(line, &scope));
            sieve
        }),
    }
}

/// A page as it came, before anything was made of it.
#[derive(Debug, Clone)]
pub struct Received {
    /// The address asked for.
    pub asked: Url,
    /// The address that answered.
    pub answered: Url,
    /// HTTP status.
    pub status: u16,
    /// Headers as served, names in lower case.
    pub headers: Vec<(String, String)>,
    /// `Content-Type` as served.
    pub content_type: Option<String>,
    /// For the next request.
    pub validators: Validators,
    /// The body, or the lines of it that the sieve kept.
    pub bytes: Vec<u8>,
    /// Whether a body of lines ended with a whole line.
    pub ended_cleanly: bool,
    /// How long the other side asked us to stay away.
    pub stay_away: Option<Duration>,
}

impl Received {
    /// A page that was fetched.
    pub fn from_page(asked: Url, page: Page) -> Received {
        Received {
            asked,
            answered: page.url,
            status: page.status,
            headers: page.headers,
            content_type: page.content_type,
            validators: page.validators,
            bytes: page.bytes,
            ended_cleanly: page.ended_cleanly,
            stay_away: page.retry_after,
        }
    }

    /// The same, to be read in an encoding that the configuration names: what the page says of its type stays, what it says of its
    /// encoding does not.
    #[must_use]
    pub fn read_as(mut self, encoding: Option<&str>) -> Received {
        if let Some(encoding) = encoding {
            let media_type =
                self.content_type.as_deref().and_then(|served| served.split(';').next()).unwrap_or("text/html");
            self.content_type = Some(format!("{}; charset={encoding}", media_type.trim()));
        }
        self
    }

    /// A saved page.
    pub fn saved(asked: Url, content_type: Option<String>, bytes: Vec<u8>) -> Received {
        Received {
            answered: asked.clone(),
            asked,
            status: 200,
            headers: Vec::new(),
            content_type,
            validators: Validators::default(),
            bytes,
            ended_cleanly: true,
            stay_away: None,
        }
    }
}

/// The page that we hold, once more: one page of several was not modified.
fn held_again(
    house: &House,
    asked: Url,
    held: Option<&StoredPage>,
    validators: Validators,
) -> Result<Received, PollError> {
    let held = held.ok_or(PollError::NothingHeld)?;
    let bytes = house.store.page_bytes(&held.sha256)?.ok_or(PollError::NothingHeld)?;
    Ok(Received { validators, ..Received::saved(asked, held.content_type.clone(), bytes) })
}

/// The right to read the next page; none when whoever has it hangs, because room is worth less than every other source.
async fn a_turn(reading: &Arc<Semaphore>, longest: Duration) -> Option<OwnedSemaphorePermit> {
    let turn = tokio::time::timeout(longest, Arc::clone(reading).acquire_owned()).await.ok()?;
    Some(turn.expect("the semaphore is never closed"))
}

/// Readers are plain functions that may take long, and much room, on a large page: one reads at a time, and whoever hangs is waited for no
/// longer than [`LONGEST_TURN`]. A panic in one is a doubt about the page.
async fn read_on_blocking_thread(
    house: &House,
    source: &Source,
    received: Received,
    at: Timestamp,
) -> Result<Result<Sheet, Refusal>, PollError> {
    let (format, scope) = (source.format, source.scope.clone());
    let turn = a_turn(&house.reading, LONGEST_TURN).await;
    let read = tokio::task::spawn_blocking(move || {
        let sheet = sheet_of(format, &scope, received, at);
        drop(turn);
        sheet
    });
    read.await.map_err(|_| PollError::ReaderPanicked)
}

/// Decodes and reads one page; `Err` when it is no page.
pub fn sheet_of(format: &Format, scope: &Scope, received: Received, at: Timestamp) -> Result<Sheet, Refusal> {
    if !received.ended_cleanly {
        return Err(Refusal { kind: RefusalKind::Truncated, evidence: "the last line is not whole".to_owned() });
    }
    let served = Served {
        status: received.status,
        content_type: received.content_type.as_deref(),
        headers: &received.headers,
        asked: Some(&received.asked),
        answered: Some(&received.answered),
    };
    let opened = open(format, &served, &received.bytes, scope);
    if let Some(refusal) = opened.refusal {
        return Err(refusal);
    }
    let page = StoredPage {
        url: received.asked.to_string(),
        sha256: sha256_of(&received.bytes),
        at,
        content_type: received.content_type,
        etag: received.validators.etag,
        last_modified: received.validators.last_modified,
    };
    Ok(Sheet {
        page: NewPage { page, headers: received.headers, bytes: received.bytes },
        text: opened.text,
        reading: opened.reading,
    })
}

/// The sheets as one programme: whole only if every sheet is. A project shown twice counts once; where the two disagree on its stage,
/// neither is believed, and that is a defect.
pub fn programme_of(sheets: &[Sheet]) -> Programme {
    let mut programme = Programme { projects: BTreeMap::new(), defects: Vec::new(), wholeness: Wholeness::Whole };
    for sheet in sheets {
        programme.defects.extend(sheet.reading.defects.iter().cloned());
        if programme.wholeness.is_whole() {
            programme.wholeness = sheet.reading.wholeness.clone();
        }
        for project in &sheet.reading.projects {
            let first = programme.projects.entry(project.id.clone()).or_insert_with(|| project.clone());
            if first.stage_code() != project.stage_code() {
                (first.stage, first.standing, first.since) = (None, None, None);
                let text = format!("{} {:?}", project.reference, project.stage.as_ref().map(|stage| &stage.printed));
                let what = format!("`{}` is listed twice, at different stages", project.id);
                programme.defects.push(Defect { line: None, what, text });
            }
        }
    }
    programme
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_reader_that_hangs_does_not_hold_up_the_others_for_ever() {
        let reading = Arc::new(Semaphore::new(1));
        let hanging = a_turn(&reading, LONGEST_TURN).await;
        assert!(hanging.is_some());
        assert!(a_turn(&reading, Duration::from_millis(1)).await.is_none());
        drop(hanging);
        assert!(a_turn(&reading, LONGEST_TURN).await.is_some(), "one at a time again");
    }
}
