//! What an RSS or Atom feed holds, as plain entries: addresses, titles, days, words. Not what an entry means: that is for the formats.
//!
//! The XML is read by `feed-rs`. Three things are taken out of its hands. Its text is decoded already, so the declaration of an encoding
//! goes. A day is the day that the feed prints, at the feed's own offset: the library would move it to UTC, where an evening in Geneva or
//! a morning in Beijing is another day. And the names of persons are left out before it reads them: they are not ours to keep, and
//! version 3.0.0 panics at `编辑（a@b.example）`, cutting a name in the middle of a character. Films and podcasts are left out, too: lengths that
//! do not fit into 64 bits panic, and groups of media inside groups take the stack, which nothing can catch. What panics nevertheless
//! comes back as an error; nothing that does is known.

use std::panic::catch_unwind;
use std::sync::LazyLock;

use feed_rs::model::{Entry, Link, Text};
use feed_rs::parser::{Builder, ParseFeedError};
use jiff::civil::Date;
use regex::Regex;
use scraper::Html;
use url::Url;

use super::outline::outline_of;
use super::reading::{collapsed, css, date_in, pattern, text_without};

/// The beginnings of tags that name a person, whole or broken. Elements of names that it does not know are nothing to the library.
static PERSONS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(</?(?:[^\s<>/:]*:)?)(?:author|managingEditor|webMaster|creator)\b"));

/// A declaration of XML, which stands at the very beginning or nowhere: further on the library panics at it.
static DECLARATION: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)<\?xml\s"));

/// What is quoted or left out in XML.
static QUOTED: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?s)<!\[CDATA\[.*?\]\]>|<!--.*?-->"));

/// `Mon, 7 Sep 2099 08:30:00 +0800`, by RFC 822 and what programs make of it: long names, two digits of a year.
static DAY_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b(\d{1,2})[\s-]+(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?[\s-]+(\d{4}|\d{2})\b")
});

/// `September 7, 2099`.
static MONTH_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+(\d{1,2}),?\s+(\d{4})\b")
});

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// The vocabularies of films and podcasts. Elements of a vocabulary that it does not know are nothing to the library.
const VOCABULARIES_LEFT_OUT: [&str; 3] = [
    "http://search.yahoo.com/mrss/",
    "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "https://podcastindex.org/namespace/1.0",
];

/// Markup inside an entry is parsed to this depth; pages stay under 60. Of deeper ones the bare text is taken.
const MAX_DEPTH: usize = 100;

/// A feed.
pub(super) struct Feed {
    /// The language that it declares, as printed.
    pub(super) language: Option<String>,
    /// What it is called.
    pub(super) title: Option<String>,
    /// Where it leads: the site and the feed itself.
    pub(super) links: Vec<String>,
    /// The entries in their order.
    pub(super) entries: Vec<FeedEntry>,
}

/// One entry of a feed.
pub(super) struct FeedEntry {
    /// The page that it speaks of: `http` or `https`, absolute.
    pub(super) address: Option<String>,
    /// Its own id, where the feed gives one.
    pub(super) guid: Option<String>,
    /// The title, white space collapsed.
    pub(super) title: Option<String>,
    /// Summary and content without markup.
    pub(super) words: String,
    /// The categories as printed.
    pub(super) categories: Vec<String>,
    /// The day it was published, else the day it was updated.
    pub(super) day: Option<Date>,
}

/// The feed in this text, or why there is none. `url` is where it came from: relative links are resolved against it, and against
/// `xml:base` where the feed has one.
pub(super) fn feed_of(text: &str, url: Option<&Url>) -> Result<Feed, String> {
    let text = without_declaration(text);
    if !text.starts_with('<') {
        return Err("no XML in this text".to_owned());
    }
    if DECLARATION.is_match(&QUOTED.replace_all(text, "")) {
        return Err("a second XML declaration: this is more than one page".to_owned());
    }
    let text = VOCABULARIES_LEFT_OUT
        .iter()
        .fold(PERSONS.replace_all(text, "${1}left-out").into_owned(), |text, vocabulary| {
            text.replace(vocabulary, "urn:left-out")
        });
    let base = url.map(Url::as_str);
    let parsed = catch_unwind(|| parsed(&text, base)).map_err(|_| "the reader of feeds gave up on this one")?;
    let feed = parsed.map_err(|error| format!("no feed: {error}"))?;
    Ok(Feed {
        language: feed.language,
        title: feed.title.as_ref().and_then(plain),
        links: feed.links.into_iter().map(|link| link.href).collect(),
        entries: feed.entries.iter().map(entry_of).collect(),
    })
}

fn parsed(text: &str, base: Option<&str>) -> Result<feed_rs::model::Feed, ParseFeedError> {
    Builder::new()
        .base_uri(base)
        // An id that was made up is none.
        .id_generator(|_, _, _| String::new())
        // The day as printed, in the only shape in which the library carries one.
        .timestamp_parser(|text| format!("{}T00:00:00Z", day_in(text)?).parse().ok())
        .build()
        .parse(text.as_bytes())
}

/// The text is decoded: what the declaration says of its encoding no longer holds.
fn without_declaration(text: &str) -> &str {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    match text.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")) {
        Some((_, rest)) => rest.trim_start(),
        None => text,
    }
}

fn entry_of(entry: &Entry) -> FeedEntry {
    let summary = entry.summary.as_ref().and_then(plain);
    let content = entry.content.as_ref().and_then(|content| without_markup(content.body.as_deref()?));
    let guid = Some(collapsed(&entry.id)).filter(|id| !id.is_empty());
    let moment = entry.published.or(entry.updated);
    FeedEntry {
        address: entry.links.iter().find_map(page_of).or_else(|| guid.as_deref().and_then(web_address)),
        title: entry.title.as_ref().and_then(plain),
        words: collapsed(&[summary, content].into_iter().flatten().collect::<Vec<_>>().join(" ")),
        categories: entry
            .categories
            .iter()
            .flat_map(|category| [Some(&category.term), category.label.as_ref()])
            .flatten()
            .map(|category| collapsed(category))
            .collect(),
        day: moment.and_then(|moment| moment.date_naive().to_string().parse().ok()),
        guid,
    }
}

/// The page that a link leads to, unless it is one of the other things that entries link: comments, files, the entry as XML.
fn page_of(link: &Link) -> Option<String> {
    let is_page = link.target.is_none() && link.rel.as_deref().is_none_or(|rel| rel == "alternate");
    is_page.then(|| web_address(&link.href)).flatten()
}

fn web_address(text: &str) -> Option<String> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https")).map(String::from)
}

/// The text of a title or summary, its markup read where the feed says that there is some; `None` where it is empty.
fn plain(text: &Text) -> Option<String> {
    if text.content_type.as_str().starts_with("text/plain") {
        return Some(collapsed(&text.content)).filter(|text| !text.is_empty());
    }
    without_markup(&text.content)
}

fn without_markup(markup: &str) -> Option<String> {
    let outline = outline_of(markup);
    let text = if outline.depth > MAX_DEPTH {
        outline.prose
    } else {
        text_without(Html::parse_fragment(markup).root_element(), &css("script, style"))
    };
    (!text.is_empty()).then_some(text)
}

/// The day that a moment is printed with, whatever time and zone follow.
fn day_in(text: &str) -> Option<Date> {
    if let Some(found) = DAY_FIRST.captures(text) {
        return day(year_of(&found[3])?, &found[2], &found[1]);
    }
    if let Some(found) = MONTH_FIRST.captures(text) {
        return day(year_of(&found[3])?, &found[1], &found[2]);
    }
    date_in(text)
}

/// By RFC 2822: two digits below 50 are of this century.
fn year_of(digits: &str) -> Option<i16> {
    let year: i16 = digits.parse().ok()?;
    Some(match (digits.len(), year) {
        (2, 50..) => 1900 + year,
        (2, _) => 2000 + year,
        _ => year,
    })
}

fn day(year: i16, month: &str, day: &str) -> Option<Date> {
    let month = month.to_ascii_lowercase();
    let place = MONTHS.iter().position(|name| *name == month)?;
    Date::new(year, i8::try_from(place + 1).ok()?, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(inside: &str) -> String {
        format!("<rss version='2.0'><channel><title>t</title><item>{inside}</item></channel></rss>")
    }

    fn only(text: &str) -> FeedEntry {
        feed_of(text, None).ok().unwrap().entries.pop().unwrap()
    }

    fn why(text: &str) -> String {
        feed_of(text, None).err().unwrap_or_default()
    }

    #[test]
    fn a_day_is_the_one_that_the_feed_prints_at_its_own_offset() {
        for (printed, day) in [
            ("Mon, 07 Sep 2099 00:30:00 +0800", "2099-09-07"),
            ("Mon, 07 Sep 2099 23:30:00 -0500", "2099-09-07"),
            ("7 September 99 10:00 GMT", "1999-09-07"),
            ("07 Sep 49 10:00 GMT", "2049-09-07"),
            ("September 7, 2099", "2099-09-07"),
            ("2099-09-07T00:30:00+08:00", "2099-09-07"),
            ("2099-09-07 00:30:00", "2099-09-07"),
            ("2099年9月7日", "2099-09-07"),
        ] {
            let entry = only(&item(&format!("<link>https://a.example/1</link><pubDate>{printed}</pubDate>")));
            assert_eq!(entry.day.map(|day| day.to_string()).as_deref(), Some(day), "{printed}");
        }
        for printed in ["", "yesterday", "31 Feb 2099 10:00 GMT", "2099-13-01T00:00:00Z", "00 Sep 0"] {
            assert_eq!(only(&item(&format!("<pubDate>{printed}</pubDate>"))).day, None, "{printed}");
        }
    }

    #[test]
    fn the_declared_encoding_of_a_text_that_is_decoded_says_nothing() {
        for declared in ["gb2312", "utf-16", "no-such"] {
            let text =
                format!("\u{feff}\n<?xml version='1.0' encoding='{declared}'?>\n{}", item("<title>通知</title>"));
            assert_eq!(only(&text).title.as_deref(), Some("通知"), "{declared}");
        }
    }

    #[test]
    fn no_name_of_a_person_stops_the_reading() {
        for person in [
            "<author>编辑（a@b.example）</author>",
            "<author>（a@b.example）</author>",
            "<author><![CDATA[编辑（a@b.example）]]></author>",
            "<dc:creator xmlns:dc='http://purl.org/dc/elements/1.1/'>（a@b.example）室</dc:creator>",
            "<author\n>编辑（<b>a</b>@b.example）</author>",
            "<author>编辑（<![CDATA[a@b.example]]>）</author>",
            "<author>（a@b.example）<i/></author>",
        ] {
            assert_eq!(only(&item(&format!("{person}<title>甲</title>"))).title.as_deref(), Some("甲"), "{person}");
        }
        // Nor one that has no end: the feed may be none then, but what reads it does not give up.
        for broken in ["<author>编辑（a@b.example）<&author>", "<author>（a@b.example）<title>甲</title>"] {
            assert!(!why(&item(broken)).contains("gave up"), "{broken}");
        }
        let channel = "<rss version='2.0'><channel><webMaster>室（a@b.example）</webMaster><item><title>甲</title></item></channel></rss>";
        assert_eq!(only(channel).title.as_deref(), Some("甲"));
    }

    #[test]
    fn two_feeds_in_one_are_none_and_a_quoted_declaration_is_only_text() {
        let declaration = "<?xml version='1.0' encoding='gb2312'?>";
        let feed = item("<title>甲</title>");
        assert!(why(&format!("{declaration}{feed}{declaration}{feed}")).starts_with("a second XML declaration"));
        let quoted = item(&format!("<title>甲</title><description><![CDATA[{declaration}]]></description>"));
        assert_eq!(only(&format!("{declaration}{quoted}")).title.as_deref(), Some("甲"));
    }

    #[test]
    fn a_person_left_out_takes_nothing_else_along() {
        let text = item(
            "<description><![CDATA[ <author> ]]></description><title>甲</title></item><item><author>a</author><title>乙</title>",
        );
        assert_eq!(feed_of(&text, None).ok().unwrap().entries.len(), 2);
    }

    #[test]
    fn films_and_podcasts_are_left_out_of_a_feed() {
        let length = "9".repeat(30);
        let groups = |n_levels: usize| format!("{}{}", "<m:group>".repeat(n_levels), "</m:group>".repeat(n_levels));
        for inside in [
            format!("<m:duration xmlns:m='http://www.itunes.com/dtds/podcast-1.0.dtd'>{length}</m:duration>"),
            format!(
                "<m:group xmlns:m='http://search.yahoo.com/mrss/'><m:title>乙</m:title>{}</m:group>",
                groups(50_000)
            ),
            format!("<m:group xmlns:m='http://search.yahoo.com/mrss&#47;'>{}</m:group>", groups(50_000)),
            format!(
                "<m:thumbnail xmlns:m='http://search.yahoo.com/mrss/' url='https://a.example/1.png' time='{length}'/>"
            ),
        ] {
            assert_eq!(
                only(&item(&format!("<title>甲</title>{inside}"))).title.as_deref(),
                Some("甲"),
                "{}",
                &inside[..40]
            );
        }
    }

    #[test]
    fn a_link_is_the_page_and_nothing_else_that_an_entry_links() {
        let atom = "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='https://a.example/news/'><entry><id>urn:x:1</id><title type='html'>A &lt;b&gt;b&lt;/b&gt; &amp;amp; c</title>\
            <link rel='self' href='1.xml'/><link rel='enclosure' href='1.pdf'/><link href='1.html'/></entry></feed>";
        let entry = only(atom);
        assert_eq!(entry.address.as_deref(), Some("https://a.example/news/1.html"));
        assert_eq!((entry.guid.as_deref(), entry.title.as_deref()), (Some("urn:x:1"), Some("A b & c")));
        let comments = only(&item("<comments>https://a.example/talk</comments><guid>https://a.example/7</guid>"));
        assert_eq!(comments.address.as_deref(), Some("https://a.example/7"));
        let script = only(&item("<link>javascript:alert(1)</link>"));
        assert_eq!((script.address, script.guid), (None, None));
    }

    #[test]
    fn a_relative_link_needs_the_address_of_the_feed() {
        let text = item("<link>/n/7.html</link>");
        assert_eq!(only(&text).address, None);
        let url = Url::parse("https://a.example/feed.xml").unwrap();
        let feed = feed_of(&text, Some(&url)).ok().unwrap();
        assert_eq!(feed.entries[0].address.as_deref(), Some("https://a.example/n/7.html"));
    }

    #[test]
    fn what_is_no_feed_is_an_error() {
        for (text, said) in [
            ("", "no XML in this text"),
            ("{\"version\":\"https://jsonfeed.org/version/1\"}", "no XML in this text"),
            ("<html><body></body></html>", "no feed: unable to parse feed: no root element"),
            ("<rss version='2.0'></rss>", "no feed: unable to parse feed: no root element"),
        ] {
            assert_eq!(why(text), said, "{text}");
        }
        assert!(why("<rss version='2.0'><channel><item><title>a</title></item>").starts_with("no feed: "));
    }

    #[test]
    fn a_feed_however_deep_is_read() {
        let nested =
            |name: &str| format!("{}{}", format!("<{name}>").repeat(50_000), format!("</{name}>").repeat(50_000));
        for inside in [
            nested("x"),
            nested("description"),
            nested("author"),
            nested("image"),
            format!("<description><![CDATA[{}]]></description>", nested("div")),
            format!("<!-- {} -->", nested("div")),
        ] {
            let entry = only(&item(&format!("<title>甲</title>{inside}")));
            assert_eq!((entry.title.as_deref(), entry.words.as_str()), (Some("甲"), ""));
        }
        let atom = format!(
            "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title type='xhtml'>{}</title><content type='xhtml'>{}</content></entry></feed>",
            nested("div"),
            nested("p")
        );
        assert_eq!(only(&atom).title, None);
    }

    #[test]
    fn an_entity_that_would_grow_is_not_expanded() {
        let text =
            format!("<!DOCTYPE rss [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]>{}", item("<title>x &b;</title>"));
        assert_eq!(only(&text).title.as_deref(), Some("x &b;"));
    }
}
