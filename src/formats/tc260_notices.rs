//! Notices of SAC/TC 260: news, practice guides, annual key working points (工作要点), monthly reports, as lists or as single pages, in the
//! generations of its site. Not consultations, which have a format of their own and are passed over here, and no stages: a monthly report
//! tells of plans issued, drafts reviewed and standards approved by title alone, and a title is no number.
//!
//! The lists of the first and the third generation are those of the consultations; of the news of the second only the addresses were
//! seen (`/portal/article/<column>/<id>`), so there an entry is a link to such an address. A dead address answers with the home page of
//! the newest site and status 200, which is a doubt.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;
use scraper::{ElementRef, Html};
use url::Url;

use super::reading::{collapsed, css, date_in, in_scope, is_cut_short, pattern, text_of, text_without};
use super::tc260_detail::detail_of;
use super::tc260_list::{SITE, listing_of};
use super::{Absence, Authority, Content, Format, Page, Reading};
use crate::standards::language::Language;
use crate::standards::programme::{Defect, Wholeness};
use crate::standards::project::{Project, ProjectId};

/// The row of the table.
pub const FORMAT: Format = Format {
    name: "tc260-notices",
    about: "www.tc260.org.cn: news, working points, guides and monthly reports of SAC/TC 260; new notices are announced",
    content: Content::Html,
    sites: &[
        "www.tc260.org.cn/front/postList",
        "www.tc260.org.cn/front/postDetail",
        "www.tc260.org.cn/portal/article/",
        "www.tc260.org.cn/portal/cms/",
        "www.tc260.org.cn/tc260/tzgg/",
        "www.tc260.org.cn/tc260/xwdt1/",
        "www.tc260.org.cn/tc260/sjzn/",
    ],
    absence: Absence::SaysNothing,
    authority: Authority::News,
    keep: None,
    read,
};

/// The address of an article of the second generation.
static ARTICLE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^/portal/article/[^/]+/[0-9A-Za-z]+$"));

/// What the consultations are told by.
const CONSULTATION: &str = "征求意见";

fn read(page: &Page<'_>) -> Reading {
    let document = Html::parse_document(page.text);
    let (mut notices, mut defects) = (Vec::new(), Vec::new());
    let mut n_entries = 0;
    if let Some(listing) = listing_of(&document, page) {
        if listing.is_home_page(page.url) {
            return Reading::doubt("an address of the old site answers with a page of the new one");
        }
        n_entries += listing.entries.len();
        defects.extend(listing.defects);
        let told = listing.entries.into_iter().filter(|entry| !entry.notice.contains(CONSULTATION));
        notices.extend(told.filter_map(|entry| notice_of(&entry.notice, entry.published, entry.url, &mut defects)));
    } else {
        let articles = articles_in(&document, page);
        n_entries += articles.len();
        let told = articles.into_iter().filter(|(title, ..)| !title.contains(CONSULTATION));
        notices.extend(told.filter_map(|(title, day, url)| notice_of(&title, day, Some(url), &mut defects)));
    }
    if n_entries == 0 {
        notices.extend(single(&document, page, &mut defects));
    }
    let wholeness = match (n_entries, notices.is_empty()) {
        (0, true) => Wholeness::InDoubt("no notice in this page".to_owned()),
        _ => Wholeness::Whole,
    };
    notices.retain(|notice| in_scope(notice, page.scope));
    Reading { projects: notices, defects, wholeness, follow: Vec::new() }
}

/// A page that is one notice: it has the box of one, a title, and an address that is not that of a list.
fn single(document: &Html, page: &Page<'_>, defects: &mut Vec<Defect>) -> Option<Project> {
    let detail = detail_of(document, page)?;
    let text_by = |selector| document.select(&selector).map(text_of).find(|text| !text.is_empty());
    let title = [css("h1, h2"), css("title")].into_iter().find_map(text_by)?;
    notice_of(&title, detail.published, page.url.map(ToString::to_string), defects)
}

/// Title, day and address of each article that is linked to.
fn articles_in(document: &Html, page: &Page<'_>) -> Vec<(String, Option<Date>, String)> {
    let base = page.url.cloned().or_else(|| Url::parse(SITE).ok());
    let mut articles: Vec<(String, Option<Date>, String)> = Vec::new();
    let links = css("a[href]");
    for link in document.select(&links) {
        let Some(url) = base.as_ref().and_then(|base| base.join(link.attr("href")?).ok()) else { continue };
        let title = title_of(link);
        let is_known = articles.iter().any(|(.., known)| known == url.as_str());
        if ARTICLE.is_match(url.path()) && !title.is_empty() && !is_known {
            // An entry that lost its end holds the days of the next ones.
            let item = link.parent().and_then(ElementRef::wrap).filter(|item| item.select(&links).nth(1).is_none());
            let day = date_in(&text_of(link)).or_else(|| item.and_then(|item| date_in(&text_of(item))));
            articles.push((title, day, url.into()));
        }
    }
    articles
}

fn title_of(link: ElementRef<'_>) -> String {
    let title = collapsed(link.attr("title").unwrap_or_default());
    if title.is_empty() { text_without(link, &css(".date, .time, time")) } else { title }
}

fn notice_of(title: &str, day: Option<Date>, url: Option<String>, defects: &mut Vec<Defect>) -> Option<Project> {
    let Some(url) = url else {
        defects.push(super::reading::defect("a notice without an address", title));
        return None;
    };
    let mut notice = Project::new(ProjectId::of_page(&url), title);
    if is_cut_short(title) {
        defects.push(super::reading::defect("the title is cut short", title));
        // What is done with the document stands behind its name: this may be a consultation, which another format tells.
        if title.matches('《').count() > title.matches('》').count() {
            return None;
        }
    } else {
        notice.titles.insert(Language::Chinese, title.to_owned());
    }
    notice.published = day;
    notice.url = Some(url);
    notice.committee = Some("SAC/TC 260".to_owned());
    Some(notice)
}
