//! The RSS feed of one project on iso.org, `https://www.iso.org/contents/data/standard/AA/BB/<project number>.detail.rss`, to which every
//! page of a standard links. **No answer of that address was ever captured**: what is known is the link. So this format assumes nothing
//! but RSS or Atom, believes only what cannot mean two things, and doubts everything else. Where `iso-project` or `iso-open-data` can
//! be had, they are the better source.
//!
//! Believed is a feed in which
//! - every link to a standard, every guid that is one, and the address of the feed itself name one project number;
//! - every entry has a day, and in its title, text and categories exactly one code of the matrix of harmonized stage codes;
//! - the entries of the newest day agree on the code.
//!
//! Then the project is at that stage. The day of an entry is the day on which it was told, so the stage has a day only where the newest
//! entry prints exactly one beside the code. Titles are not read: nobody knows in which words the feed puts them.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;
use url::Url;

use super::reading::{date_of, in_scope, pattern};
use super::syndication::{Feed, FeedEntry, feed_of};
use super::{Absence, Authority, Content, Format, Page, Reading, iso};
use crate::standards::project::{PrintedStage, Project, ProjectId, Standing};
use crate::standards::reference::Reference;
use crate::standards::stage::StageCode;

/// The row of the table.
pub const FORMAT: Format = Format {
    name: "iso-feed",
    about: "iso.org: the RSS feed of one project, for its stage; made without a sample, so it doubts early",
    content: Content::Xml,
    absence: Absence::SaysNothing,
    authority: Authority::News,
    keep: None,
    sites: &["www.iso.org/contents/data/standard/"],
    read,
};

/// `40.20 2099-05-11`, or the day first: side by side, as the page of the standard prints them.
static CODE_AND_DAY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b\d{2}\.\d{2}[^0-9A-Za-z.]{1,4}(\d{4})-(\d{2})-(\d{2})\b"));
static DAY_AND_CODE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(\d{4})-(\d{2})-(\d{2})[^0-9A-Za-z.]{1,4}\d{2}\.\d{2}\b"));

/// How bodies separate a reference from what follows it.
const SEPARATORS: [&str; 5] = [" - ", " – ", " — ", " | ", ", "];

/// What one entry says.
struct Sighting<'a> {
    entry: &'a FeedEntry,
    day: Date,
    printed: String,
    code: StageCode,
}

fn read(page: &Page<'_>) -> Reading {
    match feed_of(page.text, page.url).and_then(|feed| project_of(&feed, page.url)) {
        Ok(project) => Reading::of(Vec::from_iter(in_scope(&project, page.scope).then_some(project))),
        Err(why) => Reading::doubt(why),
    }
}

fn project_of(feed: &Feed, url: Option<&Url>) -> Result<Project, String> {
    let number = number_of(feed, url)?;
    let newest = newest_of(feed)?;
    let id = ProjectId::Iso(number);
    let reference = reference_in(newest.entry.title.as_deref()).or_else(|| reference_in(feed.title.as_deref()));
    let mut project = Project::new(id.clone(), reference.or_else(|| feed.title.clone()).unwrap_or(id.to_string()));
    project.deliverable = iso::deliverable_of(&project.reference);
    project.standing = Some(newest.code.standing());
    project.since = day_told_in(newest.entry);
    if matches!(project.standing, Some(Standing::Withdrawn | Standing::Cancelled)) {
        project.withdrawn = project.since;
    }
    project.stage = Some(PrintedStage { printed: newest.printed, code: Some(newest.code) });
    project.url = Some(iso::url_of(number));
    Ok(project)
}

/// The project number, on which every address must agree.
fn number_of(feed: &Feed, url: Option<&Url>) -> Result<u64, String> {
    let of_entries = feed.entries.iter().flat_map(|entry| [entry.address.as_deref(), entry.guid.as_deref()]);
    let addresses = feed.links.iter().map(|link| Some(link.as_str())).chain(of_entries).chain([url.map(Url::as_str)]);
    let numbers: BTreeSet<u64> = addresses.flatten().filter_map(number_in).collect();
    match Vec::from_iter(numbers).as_slice() {
        [number] => Ok(*number),
        [] => Err("no link to a standard in this feed, and no project number in its address".to_owned()),
        several => Err(format!("the feed speaks of {} projects: {several:?}", several.len())),
    }
}

fn number_in(address: &str) -> Option<u64> {
    let path = address.split(['?', '#']).next()?;
    let of_feed = || path.rsplit_once('/')?.1.strip_suffix(".detail.rss")?.parse().ok();
    iso::number_in_link(path).or_else(of_feed)
}

/// What the entries of the newest day say with one voice.
fn newest_of(feed: &Feed) -> Result<Sighting<'_>, String> {
    let sightings: Vec<Sighting<'_>> = feed.entries.iter().map(sighting_of).collect::<Result<_, _>>()?;
    let newest = sightings.iter().map(|sighting| sighting.day).max().ok_or("a feed without entries")?;
    let mut of_that_day = sightings.into_iter().filter(|sighting| sighting.day == newest);
    let first = of_that_day.next().ok_or("a feed without entries")?;
    match of_that_day.find(|other| other.code != first.code) {
        Some(other) => Err(format!("two stages on {newest}: {} and {}", first.printed, other.printed)),
        None => Ok(first),
    }
}

fn sighting_of(entry: &FeedEntry) -> Result<Sighting<'_>, String> {
    let name = iso::quoted(entry.title.as_deref().or(entry.guid.as_deref()).unwrap_or_default());
    let day = entry.day.ok_or_else(|| format!("no day for the entry `{name}`"))?;
    let codes: BTreeSet<String> = texts_of(entry).flat_map(codes_in).collect();
    let [printed] = Vec::from_iter(codes).try_into().map_err(|codes: Vec<String>| {
        format!("{} stage codes in the entry `{name}`, where one is expected", codes.len())
    })?;
    let code = iso::code_of(&printed).ok_or("only codes of the matrix are collected")?;
    Ok(Sighting { entry, day, printed, code })
}

fn texts_of(entry: &FeedEntry) -> impl Iterator<Item = &str> {
    entry.title.iter().chain([&entry.words]).chain(&entry.categories).map(String::as_str)
}

/// The codes of the matrix in a text. `35.030` is a field of the ICS, `12.05.2099` a day, and neither is a code.
fn codes_in(text: &str) -> impl Iterator<Item = String> {
    text.split(|letter: char| !letter.is_ascii_digit() && letter != '.')
        .map(|number| number.trim_matches('.'))
        .filter(|number| number.len() == "40.20".len() && iso::code_of(number).is_some())
        .map(str::to_owned)
}

/// The day that an entry prints beside the code; `None` where it prints none there, or several.
fn day_told_in(entry: &FeedEntry) -> Option<Date> {
    let beside = |text| CODE_AND_DAY.captures_iter(text).chain(DAY_AND_CODE.captures_iter(text));
    let days: BTreeSet<Date> = texts_of(entry).flat_map(beside).filter_map(|found| date_of(&found)).collect();
    match Vec::from_iter(days).as_slice() {
        [day] => Some(*day),
        _ => None,
    }
}

/// The first piece of a title that is a reference of ISO.
fn reference_in(title: Option<&str>) -> Option<String> {
    let title = SEPARATORS.iter().fold(title?.to_owned(), |title, separator| title.replace(separator, "\n"));
    let is_reference = |piece: &&str| Reference::parse(piece).is_some_and(|found| found.is_international());
    title.lines().map(str::trim).find(is_reference).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Scope;
    use crate::standards::programme::Wholeness;

    const URL: &str = "https://www.iso.org/contents/data/standard/09/90/99001.detail.rss";

    fn entry(inside: &str, day: &str) -> String {
        format!("<item>{inside}<link>https://www.iso.org/standard/99001.html</link><pubDate>{day}</pubDate></item>")
    }

    fn read_at(url: Option<&str>, title: &str, items: &str) -> Reading {
        let text = format!("<rss version='2.0'><channel><title>{title}</title>{items}</channel></rss>");
        let url = url.map(|url| Url::parse(url).unwrap());
        read(&Page { text: &text, url: url.as_ref(), scope: &Scope::default() })
    }

    fn why(items: &str) -> String {
        match read_at(Some(URL), "ISO/IEC DIS 99001-4", items).wholeness {
            Wholeness::Whole => String::new(),
            Wholeness::InDoubt(why) => why,
        }
    }

    #[test]
    fn the_newest_entry_gives_the_stage() {
        let items = entry("<title>Stage 40.20</title>", "Mon, 07 Sep 2099 00:00:00 +0200")
            + &entry("<title>Stage 40.60</title>", "Mon, 07 Dec 2099 00:00:00 +0100")
            + &entry("<title>Stage 30.60</title>", "Mon, 05 Jan 2099 00:00:00 +0100");
        let reading = read_at(Some(URL), "ISO/IEC DIS 99001-4 - Paper kites", &items);
        let project = &reading.projects[0];
        assert_eq!(project.id, ProjectId::Iso(99001));
        assert_eq!(project.reference, "ISO/IEC DIS 99001-4");
        assert_eq!(project.stage.as_ref().unwrap().printed, "40.60");
        assert_eq!(project.standing, Some(Standing::UnderDevelopment));
        assert_eq!((project.since, project.published), (None, None));
        assert_eq!(project.url.as_deref(), Some("https://www.iso.org/standard/99001.html"));
        assert!(reading.wholeness.is_whole() && project.titles.is_empty());
    }

    #[test]
    fn only_a_day_beside_the_code_dates_the_stage() {
        let since = |words: &str| {
            let items = entry(&format!("<title>x</title><description>{words}</description>"), "7 Sep 2099 10:00 GMT");
            let project = read_at(Some(URL), "t", &items).projects.remove(0);
            (project.since.map(|day| day.to_string()), project.withdrawn.map(|day| day.to_string()))
        };
        let day = |day: &str| Some(day.to_owned());
        assert_eq!(since("40.20 (2099-09-03); 2099-09-03 — 40.20"), (day("2099-09-03"), None));
        assert_eq!(since("40.20: 2099-09-03, or 2099-12-03: 40.20"), (None, None));
        assert_eq!(since("40.20. Publication date 2099-09-03"), (None, None));
        assert_eq!(since("40.20"), (None, None));
        assert_eq!(since("95.99 2099-09-03"), (day("2099-09-03"), day("2099-09-03")));
    }

    #[test]
    fn one_code_may_stand_anywhere_in_an_entry_and_two_nowhere() {
        let day = "7 Sep 2099 10:00 GMT";
        for inside in [
            "<title>a 40.20.</title><category>40.20</category>",
            "<title>a</title><category>40.20</category>",
            "<title>ICS 35.030, of 12.05.2099</title><description>&lt;b&gt;40.20&lt;/b&gt; DIS</description>",
        ] {
            assert_eq!(why(&entry(inside, day)), "", "{inside}");
        }
        for (inside, n_codes) in
            [("<title>40.20 → 40.60</title>", 2), ("<title>DIS ballot</title>", 0), ("<title>40.21</title>", 0)]
        {
            assert!(why(&entry(inside, day)).starts_with(&format!("{n_codes} stage codes in the entry")), "{inside}");
        }
    }

    #[test]
    fn entries_that_leave_the_newest_open_are_a_doubt() {
        let day = "7 Sep 2099 10:00 GMT";
        let dis = entry("<title>40.20</title>", day);
        assert_eq!(
            why(&(dis.clone() + &entry("<title>40.60</title>", day))),
            "two stages on 2099-09-07: 40.20 and 40.60"
        );
        assert_eq!(why(&(dis.clone() + &entry("<title>again 40.20</title>", day))), "");
        assert_eq!(why(&(dis + &entry("<title>30.60</title>", ""))), "no day for the entry `30.60`");
        assert_eq!(why(""), "a feed without entries");
    }

    #[test]
    fn every_address_must_name_one_project() {
        let dis = entry("<title>40.20</title>", "7 Sep 2099 10:00 GMT");
        for url in [None, Some(URL), Some("https://mirror.example/x.rss")] {
            assert!(read_at(url, "t", &dis).wholeness.is_whole(), "{url:?}");
        }
        let other = read_at(Some(&URL.replace("99001", "99002")), "t", &dis).wholeness;
        assert_eq!(other, Wholeness::InDoubt("the feed speaks of 2 projects: [99001, 99002]".to_owned()));
        let nothing = dis.replace("/standard/", "/news/");
        assert!(!read_at(None, "t", &nothing).wholeness.is_whole());
        assert!(read_at(Some(URL), "t", &nothing).wholeness.is_whole());
    }

    #[test]
    fn without_a_reference_the_project_is_called_as_the_feed_is() {
        let dis = entry("<title>40.20</title>", "7 Sep 2099 10:00 GMT");
        let reference = |title: &str| read_at(Some(URL), title, &dis).projects.remove(0).reference;
        assert_eq!(reference("Paper kites"), "Paper kites");
        assert_eq!(reference(""), "iso:99001");
        assert_eq!(reference("ISO | ISO/IEC CD 99001, Paper kites"), "ISO/IEC CD 99001");
    }
}
