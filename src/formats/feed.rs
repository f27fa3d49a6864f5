//! Any RSS or Atom feed: news of a body, a blog of a committee, what a portal says of itself. Entries are notices; nothing in them is
//! taken for a stage. Not JSON feeds, which no body of ours has.
//!
//! ```xml
//! <rss version="2.0"><channel><title>News</title><item><title>New work on paper kites</title><link>https://…/news/17.html</link>
//!   <guid>17</guid><pubDate>Mon, 07 Sep 2099 08:30:00 +0800</pubDate></item> … </channel></rss>
//! ```
//!
//! An entry is known by the address of its page and by nothing else: a feed that loses its links would be all news under its guids. Its day is the day that the feed prints, at the feed's own offset: published, else updated. The language of
//! a title is told by its letters, since feeds of Chinese sites declare `en-us` as their programs came with it.

use super::reading::{defect, in_scope};
use super::syndication::{Feed, FeedEntry, feed_of};
use super::{Absence, Authority, Content, Format, Page, Reading};
use crate::standards::language::Language;
use crate::standards::programme::{Defect, Wholeness};
use crate::standards::project::{Project, ProjectId};

/// The row of the table.
pub const FORMAT: Format = Format {
    name: "feed",
    about: "any RSS or Atom feed: its entries as notices",
    content: Content::Xml,
    absence: Absence::SaysNothing,
    authority: Authority::Anybody,
    keep: None,
    sites: &[],
    read,
};

fn read(page: &Page<'_>) -> Reading {
    let feed = match feed_of(page.text, page.url) {
        Ok(feed) => feed,
        Err(why) => return Reading::doubt(why),
    };
    let mut notices: Vec<Project> = Vec::new();
    let mut defects = Vec::new();
    for entry in &feed.entries {
        match notice_of(entry, &feed) {
            // One entry under two categories stands there twice.
            Ok(notice) if notices.iter().any(|other| other.id == notice.id) => {}
            Ok(notice) => notices.push(notice),
            Err(refused) => defects.push(refused),
        }
    }
    let wholeness = wholeness_of(feed.entries.len(), notices.len());
    notices.retain(|notice| in_scope(notice, page.scope));
    Reading { projects: notices, defects, wholeness, follow: Vec::new() }
}

fn wholeness_of(n_entries: usize, n_read: usize) -> Wholeness {
    match (n_entries, n_read) {
        (0, _) => Wholeness::InDoubt("a feed without entries".to_owned()),
        (_, 0) => Wholeness::InDoubt(format!("none of {n_entries} entries could be read")),
        _ => Wholeness::Whole,
    }
}

fn notice_of(entry: &FeedEntry, feed: &Feed) -> Result<Project, Defect> {
    let title = entry.title.as_deref();
    // Its own id is none: where a feed loses its links, every entry would be news once more.
    let address = entry.address.as_deref();
    let identity = address.ok_or_else(|| defect("no address in this entry", title.unwrap_or(&entry.words)))?;
    // An entry without a title is called by what it is known by.
    let mut notice = Project::new(ProjectId::of_page(identity), title.unwrap_or(identity));
    if let Some(title) = title {
        notice.titles.insert(language_of(title, feed.language.as_deref()), title.to_owned());
    }
    notice.published = entry.day;
    notice.url.clone_from(&entry.address);
    Ok(notice)
}

/// The language of a title: by its letters, and between languages that share them by what the feed declares.
fn language_of(title: &str, declared: Option<&str>) -> Language {
    let code = declared.and_then(|declared| declared.get(..2)).map(str::to_ascii_lowercase);
    match title.chars().find_map(language_of_letter) {
        Some(language) => language,
        None if code.as_deref() == Some("fr") => Language::French,
        None => Language::English,
    }
}

fn language_of_letter(letter: char) -> Option<Language> {
    match letter {
        '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3134f}' => Some(Language::Chinese),
        '\u{400}'..='\u{4ff}' => Some(Language::Russian),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Scope;
    use crate::standards::reference::Reference;

    const URL: &str = "https://news.example/feed.xml";

    fn read_with(scope: &Scope, items: &str) -> Reading {
        let text = format!("<rss version='2.0'><channel><language>en-us</language>{items}</channel></rss>");
        let url = url::Url::parse(URL).ok();
        read(&Page { text: &text, url: url.as_ref(), scope })
    }

    fn read_items(items: &str) -> Reading {
        read_with(&Scope::default(), items)
    }

    #[test]
    fn an_entry_is_a_notice_known_by_its_address() {
        let reading = read_items(
            "<item><title> 关于发布\n《甲》的通知 </title><link>/n/7.html</link><guid>7</guid><pubDate>Mon, 07 Sep 2099 00:30:00 +0800</pubDate></item>",
        );
        let notice = &reading.projects[0];
        assert_eq!(notice.id, ProjectId::of_page("https://news.example/n/7.html"));
        assert!(notice.is_notice());
        assert_eq!(notice.reference, "关于发布 《甲》的通知");
        assert_eq!(notice.titles[&Language::Chinese], notice.reference);
        assert_eq!(notice.published.unwrap().to_string(), "2099-09-07");
        assert_eq!(notice.url.as_deref(), Some("https://news.example/n/7.html"));
        assert!(reading.wholeness.is_whole() && reading.defects.is_empty());
    }

    #[test]
    fn an_entry_without_an_address_is_a_defect_and_no_news_under_its_guid() {
        let reading =
            read_items("<item><title>a</title><guid>7</guid></item><item><link>/1</link><title>b</title></item>");
        assert_eq!((reading.projects.len(), reading.defects[0].what.as_str()), (1, "no address in this entry"));
        let lost = read_items("<item><title>a</title><guid>7</guid></item>");
        assert!(!lost.wholeness.is_whole() && lost.projects.is_empty());
    }

    #[test]
    fn an_entry_without_a_title_is_called_by_its_address() {
        let notice =
            &read_items("<item><link>https://a.example/1</link><description>x</description></item>").projects[0];
        assert_eq!((notice.reference.as_str(), notice.titles.len()), ("https://a.example/1", 0));
    }

    #[test]
    fn one_entry_that_stands_there_twice_is_one_notice() {
        let item = "<item><title>a</title><link>https://a.example/1</link></item>";
        assert_eq!(read_items(&item.repeat(2)).projects.len(), 1);
    }

    #[test]
    fn a_feed_without_entries_or_with_none_that_can_be_read_is_a_doubt() {
        for (items, why) in
            [("", "a feed without entries"), ("<item><title>a</title></item>", "none of 1 entries could be read")]
        {
            assert_eq!(read_items(items).wholeness, Wholeness::InDoubt(why.to_owned()));
        }
    }

    #[test]
    fn the_letters_of_a_title_tell_its_language_before_the_feed_does() {
        for (title, declared, language) in [
            ("通知 notice", Some("en-us"), Language::Chinese),
            ("Новости", None, Language::Russian),
            ("Nouvelles", Some("FR-ch"), Language::French),
            ("News", Some("zh-CN"), Language::English),
            ("", Some("é"), Language::English),
        ] {
            assert_eq!(language_of(title, declared), language, "{title}");
        }
    }

    #[test]
    fn a_source_that_asks_for_numbers_gets_no_news() {
        let scope = Scope { standards: vec![Reference::parse("ISO/IEC 27001").unwrap()], ..Scope::default() };
        let reading = read_with(&scope, "<item><title>a</title><link>https://a.example/1</link></item>");
        assert!(reading.projects.is_empty() && reading.wholeness.is_whole());
    }
}
