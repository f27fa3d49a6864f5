//! The feed of one project on iso.org (`/contents/data/standard/AA/BB/{id}.detail.rss`), to which every page of a standard links.
//!
//! No body of it was ever seen. What is read here is what such a feed must say to be believed: the project's number in its own address or
//! in every link, a reference in its title, and entries of which each names exactly one harmonized stage code and a day; the newest tells
//! the stage. Anything else is a doubt. Prefer `iso-project` or `iso-open-data`, and see what `stagewatch probe` finds first.

use std::sync::LazyLock;

use feed_rs::model::{Entry, Feed};
use jiff::civil::Date;
use regex::Regex;

use super::feed_entries::{day_of, parsed, plain};
use super::iso::{code_of, number_in_link, url_of};
use super::reading::{in_scope, pattern};
use super::{Absence, Content, Format, Page, Reading};
use crate::standards::language::Language;
use crate::standards::project::{PrintedStage, Project, ProjectId};
use crate::standards::reference::Reference;
use crate::standards::stage::StageCode;

/// The row of the table.
pub const FORMAT: Format = Format {
    name: "iso-feed",
    about: "www.iso.org, detail.rss: the feed of one project (never tried on a real one: doubts early; probe first)",
    content: Content::Xml,
    sites: &["www.iso.org/contents/data/standard/"],
    absence: Absence::SaysNothing,
    keep: None,
    read,
};

static NUMBER: LazyLock<Regex> = LazyLock::new(|| pattern(r"/0*(\d+)\.detail\.rss$"));
static CODE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(\d\d\.\d\d)\b"));

fn read(page: &Page<'_>) -> Reading {
    match project_in(page) {
        Ok(project) => Reading::of(Vec::from_iter(in_scope(&project, page.scope).then_some(project))),
        Err(why) => Reading::doubt(why),
    }
}

fn project_in(page: &Page<'_>) -> Result<Project, String> {
    let feed = parsed(page)?;
    let number = number_of(&feed, page)?;
    let title = feed.title.as_ref().map(|title| plain(&title.content)).unwrap_or_default();
    let reference = reference_in(&title).ok_or_else(|| format!("no reference in the title of the feed: `{title}`"))?;
    let (code, since) = latest(&feed)?;
    let mut project = Project::new(ProjectId::Iso(number), reference.clone());
    project.stage = Some(PrintedStage { printed: code.to_string(), code: Some(code) });
    project.since = Some(since);
    let rest = title.strip_prefix(&reference).unwrap_or_default().trim_start_matches([' ', '-', '–', '—', ':']);
    if !rest.is_empty() {
        project.titles.insert(Language::English, rest.to_owned());
    }
    project.url = Some(url_of(number));
    Ok(project)
}

/// The number in the feed's own address and in all links that name one: they must agree.
fn number_of(feed: &Feed, page: &Page<'_>) -> Result<u64, String> {
    let own = page.url.and_then(|url| NUMBER.captures(url.path())?[1].parse().ok());
    let links = feed.links.iter().chain(feed.entries.iter().flat_map(|entry| &entry.links));
    let mut numbers: Vec<u64> = own.into_iter().chain(links.filter_map(|link| number_in_link(&link.href))).collect();
    numbers.dedup();
    match numbers.as_slice() {
        [number] => Ok(*number),
        [] => Err("no project number in this feed".to_owned()),
        several => Err(format!("several project numbers in this feed: {several:?}")),
    }
}

/// The longest beginning of the title that is a reference.
fn reference_in(title: &str) -> Option<String> {
    let ends = title.char_indices().filter(|(_, letter)| letter.is_whitespace()).map(|(at, _)| at).chain([title.len()]);
    let mut beginnings = ends.map(|end| title[..end].trim_end_matches([':', ',', ';']));
    beginnings.rfind(|text| Reference::parse(text).is_some_and(|parsed| parsed.is_international())).map(str::to_owned)
}

/// The stage of the newest entry; every entry names one code and a day, and no other entry is as new.
fn latest(feed: &Feed) -> Result<(StageCode, Date), String> {
    let mut steps = feed.entries.iter().map(step_of).collect::<Result<Vec<_>, String>>()?;
    steps.sort_by_key(|(_, day)| *day);
    match steps.as_slice() {
        [] => Err("no entries in this feed".to_owned()),
        [.., (one, day), (other, same)] if day == same && one != other => {
            Err(format!("two stages of one day, {one} and {other}"))
        }
        [.., last] => Ok(*last),
    }
}

fn step_of(entry: &Entry) -> Result<(StageCode, Date), String> {
    let texts = [entry.title.as_ref(), entry.summary.as_ref()].into_iter().flatten().map(|text| plain(&text.content));
    let said = texts.collect::<Vec<_>>().join(" ");
    let mut codes: Vec<StageCode> = CODE.captures_iter(&said).filter_map(|found| code_of(&found[1])).collect();
    codes.dedup();
    match (codes.as_slice(), day_of(entry)) {
        ([code], Some(day)) => Ok((*code, day)),
        ([], _) => Err(format!("no stage code in an entry: `{}`", said.chars().take(80).collect::<String>())),
        (_, None) => Err("an entry without a day".to_owned()),
        (several, _) => Err(format!("{} stage codes in one entry", several.len())),
    }
}
