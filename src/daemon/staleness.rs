//! Looks up whether a page that moves projects back is an older copy of itself, and for how long it has been shown. What follows from that
//! is decided in `changes/staleness`.

use jiff::Timestamp;
use url::Url;

use crate::changes::change::Change;
use crate::changes::staleness::{Age, age_among, goes_back, is_here_to_stay};
use crate::config::source::Source;
use crate::standards::project::Project;
use crate::store::error::StoreError;
use crate::store::{PollOutcome, StoredPage};

use super::House;
use super::gather::{Received, Sheet, sheet_of};

/// How many versions of a page are read again: what is older than these is no copy that anybody still serves.
const VERSIONS: u32 = 16;

/// How many polls are looked through for those that showed the same.
const POLLS: u32 = 100;

/// Why the pages of a poll are not believed yet: they move projects back, and each that differs from what was accepted last reads as it
/// did before. `None` where they are to be believed.
pub fn served_again(
    house: &House,
    source: &Source,
    sheets: &[Sheet],
    changes: &[Change],
    at: Timestamp,
) -> Result<Option<String>, StoreError> {
    if !goes_back(changes) {
        return Ok(None);
    }
    let mut oldest = None;
    for sheet in sheets {
        match age_of(house, source, sheet)? {
            Age::AsAccepted => {}
            Age::Older(since) => oldest = Some(oldest.map_or(since, |oldest: Timestamp| oldest.min(since))),
            Age::New => return Ok(None),
        }
    }
    let Some(since) = oldest else { return Ok(None) };
    let why =
        format!("this reads as it did on {}, before it moved on: an older copy of the page?", since.strftime("%F"));
    let shown = polls_in_a_row(house, source, &why)?;
    Ok((!is_here_to_stay(&shown, at, house.settings.doubt.misses)).then_some(why))
}

fn age_of(house: &House, source: &Source, sheet: &Sheet) -> Result<Age, StoreError> {
    let versions = house.store.versions(&source.id, &sheet.page.page.url, VERSIONS)?;
    if versions.first().is_some_and(|last| last.sha256 == sheet.page.page.sha256) {
        return Ok(Age::AsAccepted);
    }
    let mut failed = None;
    // One version is in memory at a time.
    let read = versions.into_iter().map_while(|version| {
        let at = version.at;
        projects_in(house, source, version).map_err(|error| failed = Some(error)).ok().map(|projects| (at, projects))
    });
    let age = age_among(&sheet.reading.projects, read);
    failed.map_or(Ok(age), Err)
}

/// What an earlier version of a page reads as today; nothing where it is no page any more.
fn projects_in(house: &House, source: &Source, version: StoredPage) -> Result<Vec<Project>, StoreError> {
    let (Some(bytes), Ok(url)) = (house.store.page_bytes(&version.sha256)?, Url::parse(&version.url)) else {
        return Ok(Vec::new());
    };
    let received = Received::saved(url, version.content_type, bytes).read_as(source.encoding);
    let sheet = sheet_of(source.format, &source.scope, received, version.at);
    Ok(sheet.map(|sheet| sheet.reading.projects).unwrap_or_default())
}

/// The polls in a row, the newest of all, that were in this doubt; those that got no page do not count either way.
fn polls_in_a_row(house: &House, source: &Source, why: &str) -> Result<Vec<Timestamp>, StoreError> {
    let polls = house.store.polls(&source.id, POLLS)?;
    let saw_a_page =
        polls.iter().rev().filter(|poll| !matches!(poll.outcome, PollOutcome::Failed | PollOutcome::Refused));
    Ok(saw_a_page.take_while(|poll| poll.why.as_deref() == Some(why)).map(|poll| poll.at).collect())
}
