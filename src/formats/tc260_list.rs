//! The lists of TC 260 as its site served them in three generations: to November 2025, to August 2026, and since. One entry after
//! the other, as printed. Not what an entry means: that is for `tc260_project`.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;
use scraper::{ElementRef, Html};
use url::Url;

use super::Page;
use super::reading::{
    absolute, collapsed, css, date_in, date_or_defect, defect, first, pattern, text_of, text_without,
};
use crate::standards::programme::Defect;

/// Links are made absolute with it where the address of the page is not known.
pub(super) const SITE: &str = "https://www.tc260.org.cn/";

/// `jumpDetail('<id>','<deadline>')`: the only link that an entry of the second generation has.
static JUMP: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"jumpDetail\(\s*['"]([0-9A-Za-z_-]+)['"]\s*(?:,\s*['"]([^'"]*)['"])?"#));

/// `/tc260/<channel>/<yyyymm>/<hex>.shtml`.
static SHEET: LazyLock<Regex> = LazyLock::new(|| pattern(r"/([0-9a-f]{6,64})\.s?html?$"));

/// Which rebuilding of the site a page comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Generation {
    /// `/front/…`.
    First,
    /// `/portal/…`.
    Second,
    /// `/tc260/…`.
    Third,
}

/// One entry of a list.
pub(super) struct Entry {
    /// The site's id of the notice.
    pub(super) id: String,
    /// The notice's own title, white space collapsed.
    pub(super) notice: String,
    /// The day the notice appeared.
    pub(super) published: Option<Date>,
    /// The last day for comments.
    pub(super) deadline: Option<Date>,
    /// The page of the notice, absolute.
    pub(super) url: Option<String>,
}

/// A list with what could not be read in it.
pub(super) struct Listing {
    pub(super) generation: Generation,
    pub(super) entries: Vec<Entry>,
    pub(super) defects: Vec<Defect>,
}

impl Listing {
    /// Whether this is the home page of the newest site at a dead address of an older one, which answers so with status 200.
    pub(super) fn is_home_page(&self, url: Option<&Url>) -> bool {
        let is_old = url.is_some_and(|url| url.path().starts_with("/front/") || url.path().starts_with("/portal/"));
        self.generation == Generation::Third && is_old
    }
}

/// The list in this page, of whichever generation; `None` where there is none.
pub(super) fn listing_of(document: &Html, page: &Page<'_>) -> Option<Listing> {
    first_generation(document, page)
        .or_else(|| second_generation(document, page))
        .or_else(|| third_generation(document, page))
}

/// The id in an address of a notice, in any generation.
pub(super) fn id_in(url: &Url) -> Option<String> {
    let given = url.query_pairs().find(|(key, _)| key == "id").map(|(_, id)| id.into_owned());
    let in_path = || {
        let segment = url.path_segments()?.rev().find(|segment| !segment.is_empty())?.to_owned();
        url.path().contains("/suggestion-detail/").then_some(segment)
    };
    let in_sheet = || SHEET.captures(url.path()).map(|found| found[1].to_owned());
    given.filter(|id| !id.is_empty()).or_else(in_path).or_else(in_sheet)
}

fn first_generation(document: &Html, page: &Page<'_>) -> Option<Listing> {
    let (links, times) = (css("a[href]"), css(".list_time"));
    listed(Generation::First, document.select(&css("li.list_title_news")), |entry, defects| {
        let link = first(entry, &links).ok_or("no link in this entry")?;
        let url = absolute(page, SITE, link.attr("href").unwrap_or_default());
        let id = url.as_deref().and_then(|url| id_in(&Url::parse(url).ok()?)).ok_or("no id in this entry")?;
        let deadline = first(entry, &times).and_then(|time| date_or_defect(&text_of(time), defects));
        Ok(Entry { id, notice: text_of(link), published: None, deadline, url })
    })
}

fn second_generation(document: &Html, page: &Page<'_>) -> Option<Listing> {
    let (spans, calls) = (css("span"), css("[onclick*='jumpDetail(']"));
    listed(Generation::Second, document.select(&css("[onclick*='jumpDetail(']")), |link, defects| {
        let call = JUMP.captures(link.attr("onclick").unwrap_or_default()).ok_or("no id in this entry")?;
        let id = call[1].to_owned();
        let deadline = call.get(2).and_then(|deadline| date_or_defect(deadline.as_str(), defects));
        // An entry that lost its end holds the days of the next ones.
        let item = link.parent().and_then(ElementRef::wrap).filter(|item| item.select(&calls).nth(1).is_none());
        let published = item.and_then(|item| item.select(&spans).filter_map(|span| date_in(&text_of(span))).last());
        let url = absolute(page, SITE, &format!("/portal/suggestion-detail/{id}"));
        Ok(Entry { id, notice: text_of(link), published, deadline, url })
    })
}

fn third_generation(document: &Html, page: &Page<'_>) -> Option<Listing> {
    let (links, dates) = (css("a[href]"), css(".date"));
    listed(Generation::Third, document.select(&css("ul.inList > li")), |entry, defects| {
        let link = first(entry, &links).ok_or("no link in this entry")?;
        let url = absolute(page, SITE, link.attr("href").unwrap_or_default());
        let id = url.as_deref().and_then(|url| id_in(&Url::parse(url).ok()?)).ok_or("no id in this entry")?;
        let title = collapsed(link.attr("title").unwrap_or_default());
        let notice = if title.is_empty() { text_without(link, &dates) } else { title };
        let published = first(entry, &dates).and_then(|date| date_or_defect(&text_of(date), defects));
        Ok(Entry { id, notice, published, deadline: None, url })
    })
}

/// Reads entry after entry; `None` where there is not one, so that the next generation is tried.
fn listed<'a>(
    generation: Generation,
    elements: impl Iterator<Item = ElementRef<'a>>,
    read: impl Fn(ElementRef<'a>, &mut Vec<Defect>) -> Result<Entry, &'static str>,
) -> Option<Listing> {
    let mut listing = Listing { generation, entries: Vec::new(), defects: Vec::new() };
    for element in elements {
        match read(element, &mut listing.defects) {
            Ok(entry) if entry.notice.is_empty() => listing.defects.push(defect("no title in this entry", &entry.id)),
            Ok(entry) if listing.entries.iter().any(|other| other.id == entry.id) => {}
            Ok(entry) => listing.entries.push(entry),
            Err(what) => listing.defects.push(defect(what, &text_of(element))),
        }
    }
    (!listing.entries.is_empty() || !listing.defects.is_empty()).then_some(listing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Scope;

    fn listing(text: &str) -> Option<Listing> {
        listing_of(&Html::parse_document(text), &Page { text, url: None, scope: &Scope::default() })
    }

    #[test]
    fn an_entry_without_id_or_title_is_a_defect_and_the_others_stand() {
        let second = listing(
            "<div class=item><a onclick=\"jumpDetail('','2099-04-12')\">甲</a></div>\
             <div class=item><a onclick=\"jumpDetail('20990101000000','随后')\">乙</a></div>\
             <div class=item><a onclick=\"jumpDetail('20990101000001','2099-04-12')\"> </a></div>",
        )
        .unwrap();
        assert_eq!(second.generation, Generation::Second);
        let what: Vec<_> = second.defects.iter().map(|defect| defect.what.as_str()).collect();
        assert_eq!(what, ["no id in this entry", "date not understood", "no title in this entry"]);
        assert_eq!((second.entries.len(), second.entries[0].deadline), (1, None));
    }

    #[test]
    fn the_date_inside_the_link_is_no_part_of_the_title() {
        let third = listing(
            "<ul class=inList><li><a href='/tc260/tzgg/209909/4a537d5c.shtml'><span class=date>2099年9月15日</span>通知甲</a></li>\
             <li><a href='https://elsewhere.example/x'>别处</a></li></ul>",
        )
        .unwrap();
        let entry = &third.entries[0];
        assert_eq!((entry.id.as_str(), entry.notice.as_str()), ("4a537d5c", "通知甲"));
        assert_eq!(entry.published.unwrap().to_string(), "2099-09-15");
        assert_eq!(entry.url.as_deref(), Some("https://www.tc260.org.cn/tc260/tzgg/209909/4a537d5c.shtml"));
        assert_eq!(third.defects[0].what, "no id in this entry");
    }

    #[test]
    fn the_last_date_beside_the_link_is_the_day_of_the_notice() {
        let second = listing(
            "<div class=item><span>第3号</span><a onclick=\"jumpDetail('20990101000000','2099-04-12')\">甲</a>\
             <span>2098-01-01</span><span>2099-02-11</span><span>新</span></div>",
        );
        assert_eq!(second.unwrap().entries[0].published.unwrap().to_string(), "2099-02-11");
    }

    #[test]
    fn a_page_without_any_of_the_three_lists_has_no_listing() {
        assert!(listing("").is_none());
        assert!(listing("<ul class=list-group></ul><ul class=inList></ul><div class=publication></div>").is_none());
    }

    #[test]
    fn an_id_is_found_in_the_addresses_of_every_generation() {
        for (address, id) in [
            ("https://a.example/front/bzzqyjDetail.html?id=20990827154251&norm_id=1", Some("20990827154251")),
            (
                "https://a.example/portal/suggestion-detail/3bb57023c00a464faf4c2f7b9a5524c7",
                Some("3bb57023c00a464faf4c2f7b9a5524c7"),
            ),
            ("https://a.example/tc260/tzgg/209909/4a537d5c.shtml", Some("4a537d5c")),
            ("https://a.example/tc260/tzgg/list.shtml", None),
            ("https://a.example/portal/suggestion?page=1", None),
        ] {
            assert_eq!(id_in(&Url::parse(address).unwrap()).as_deref(), id, "{address}");
        }
    }
}
