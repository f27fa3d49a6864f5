//! Any RSS or Atom feed: its entries as notices. Not the pages that the entries lead to, and no stages: a feed of anybody's making names
//! none that could be trusted.
//!
//! An entry is known by its link, else by its own id; a feed without entries is a doubt, since a feed that was emptied and one that
//! broke look alike. Days are those of UTC: the library that reads feeds does not keep the zone that an entry was dated in.

use feed_rs::model::Entry;
use url::Url;

use super::feed_entries::{day_of, parsed, plain};
use super::reading::{defect, in_scope};
use super::{Absence, Content, Format, Page, Reading};
use crate::standards::language::Language;
use crate::standards::programme::{Defect, Wholeness};
use crate::standards::project::{Project, ProjectId};

/// The row of the table.
pub const FORMAT: Format = Format {
    name: "feed",
    about: "any RSS or Atom feed: new entries are announced",
    content: Content::Xml,
    sites: &[],
    absence: Absence::SaysNothing,
    keep: None,
    read,
};

fn read(page: &Page<'_>) -> Reading {
    let feed = match parsed(page) {
        Ok(feed) => feed,
        Err(why) => return Reading::doubt(why),
    };
    let language = if feed.language.as_deref().is_some_and(|code| code.to_lowercase().starts_with("zh")) {
        Some(Language::Chinese)
    } else {
        None
    };
    let mut projects = Vec::new();
    let mut defects = Vec::new();
    for entry in &feed.entries {
        match notice_of(entry, page.url, language) {
            Ok(notice) => projects.push(notice),
            Err(refused) => defects.push(refused),
        }
    }
    let wholeness = match (feed.entries.len(), projects.len()) {
        (0, _) => Wholeness::InDoubt("no entries in this feed".to_owned()),
        (n_entries, 0) => Wholeness::InDoubt(format!("none of {n_entries} entries could be read")),
        _ => Wholeness::Whole,
    };
    projects.retain(|project| in_scope(project, page.scope));
    Reading { projects, defects, wholeness, follow: Vec::new() }
}

fn notice_of(entry: &Entry, base: Option<&Url>, language: Option<Language>) -> Result<Project, Defect> {
    let title = entry.title.as_ref().map(|title| plain(&title.content)).filter(|title| !title.is_empty());
    let title = title.ok_or_else(|| defect("no title in this entry", &entry.id))?;
    let link = entry.links.iter().find(|link| link.rel.as_deref().is_none_or(|rel| rel == "alternate"));
    let link = link.or(entry.links.first()).map(|link| link.href.trim()).filter(|link| !link.is_empty());
    let url = link.map(|link| base.and_then(|base| base.join(link).ok()).map_or_else(|| link.to_owned(), String::from));
    let address = url.as_deref().unwrap_or(entry.id.as_str());
    if address.is_empty() {
        return Err(defect("neither link nor id in this entry", &title));
    }
    let mut notice = Project::new(ProjectId::of_page(address), title.clone());
    notice.titles.insert(language.unwrap_or_else(|| language_of(&title)), title);
    notice.published = day_of(entry);
    notice.url = url.filter(|url| url.starts_with("http"));
    Ok(notice)
}

/// Titles with Chinese characters are Chinese, whatever a feed says of itself.
fn language_of(title: &str) -> Language {
    if title.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter)) {
        Language::Chinese
    } else {
        Language::English
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Scope;

    fn read_text(text: &str) -> Reading {
        let url = Url::parse("https://body.example/news/feed.xml").unwrap();
        read(&Page { text, url: Some(&url), scope: &Scope::default() })
    }

    #[test]
    fn entries_of_rss_and_atom_are_notices() {
        let rss = "<?xml version='1.0'?><rss version='2.0'><channel><title>News</title><item><title>One &amp;amp; &lt;b&gt;two&lt;/b&gt;</title>\
                   <link>/news/1</link><pubDate>Mon, 06 Jan 2031 23:30:00 +0800</pubDate></item></channel></rss>";
        let atom = "<feed xmlns='http://www.w3.org/2005/Atom'><title>News</title><id>urn:x</id><updated>2031-01-06T00:00:00Z</updated>\
                    <entry><id>urn:1</id><title>关于示例的通知</title><link href='https://body.example/news/1'/><updated>2031-01-06T10:00:00Z</updated></entry></feed>";
        let (one, other) = (read_text(rss), read_text(atom));
        assert!(one.wholeness.is_whole() && other.wholeness.is_whole(), "{one:?} {other:?}");
        let (one, other) = (&one.projects[0], &other.projects[0]);
        assert_eq!(one.id, other.id, "one address, one notice");
        assert_eq!(one.titles[&Language::English], "One & two");
        assert_eq!(other.titles[&Language::Chinese], "关于示例的通知");
        assert_eq!((one.published.unwrap().to_string(), one.is_notice()), ("2031-01-06".to_owned(), true));
        assert_eq!(one.url.as_deref(), Some("https://body.example/news/1"));
    }

    #[test]
    fn what_is_no_feed_or_an_empty_one_is_a_doubt() {
        for text in [
            "",
            "<html></html>",
            "<rss version='2.0'><channel><title>News</title></channel></rss>",
            "<rss version='2.0'><channel><item><title></title><link>/1</link></item></channel></rss>",
            "<rss version='2.0'><channel><item><title>One</title><li",
        ] {
            let reading = read_text(text);
            assert!(!reading.wholeness.is_whole() && reading.projects.is_empty(), "{text}: {reading:?}");
        }
    }
}
