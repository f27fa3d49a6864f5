//! The page of one consultation of TC 260: what the notice says and what can be downloaded, in the boxes of the first and second
//! generation of the site. No sample of the third was found, so a box of another name is no notice until there is one. Not what is
//! made of a notice: that is for the formats.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;
use scraper::{ElementRef, Html};

use super::Page;
use super::reading::{absolute, css, date_in, date_of, first, pattern, squeezed, text_of};
use super::tc260_list::{SITE, id_in};
use crate::standards::consultation::Attachment;

/// `将意见于2026年02月10日前反馈`, `请于2025年10月30日前反馈意见`, matched after all white space is gone.
static DEADLINE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:意见|请)于(\d{4})年(\d{1,2})月(\d{1,2})日(?:之|以)?前"));

/// A paragraph that is a date and nothing else: the line under the title, or the one under the signature.
static BARE_DATE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\d{4}(?:-\d{1,2}-\d{1,2}|年\d{1,2}月\d{1,2}日)$"));

/// Where every generation keeps its files.
static FILE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"/(?:upload|sysFile/downloadFile|files|zgwabwtzggfile|zgwabwuploadfile)/"));

/// One notice.
pub(super) struct Detail {
    /// The site's id, from the address of the page.
    pub(super) id: Option<String>,
    /// The notice's own title.
    pub(super) notice: Option<String>,
    /// The day the notice appeared.
    pub(super) published: Option<Date>,
    /// The last day for comments, from the text.
    pub(super) deadline: Option<Date>,
    /// Draft, explanation, forms.
    pub(super) attachments: Vec<Attachment>,
    /// Whether nothing but a box of a name that any page may use (`info`) marks this as a notice.
    pub(super) is_bare: bool,
    /// Text and names of files without any white space: what the notice speaks of.
    words: String,
}

impl Detail {
    /// Whether there is a window or a file: without either, a page that has such a box is some other page.
    pub(super) fn is_consultation(&self) -> bool {
        self.deadline.is_some() || !self.attachments.is_empty()
    }

    /// Whether the notice speaks of a document of this title.
    pub(super) fn speaks_of(&self, title: &str) -> bool {
        self.words.contains(&squeezed(title))
    }
}

/// The notice in this page; `None` where there is none.
pub(super) fn detail_of(document: &Html, page: &Page<'_>) -> Option<Detail> {
    let body = document.select(&css("div.news_end, div.info")).next()?;
    let text = squeezed(&text_of(body));
    let attachments = attachments_in(document, page);
    let names: String = attachments.iter().map(|file| squeezed(&file.name)).collect();
    let is_named = body.value().classes().any(|class| class == "news_end");
    let heading = |selector| document.select(&css(selector)).next();
    let bare_date =
        || paragraphs(body).find_map(|text| BARE_DATE.is_match(&squeezed(&text)).then(|| date_in(&text))?);
    let notice_line = || paragraphs(body).find(|text| text.contains('《') && text.contains("征求意见"));
    let title = heading(".advice .title h1").map(text_of).filter(|text| !text.is_empty());
    let is_bare = !is_named && title.is_none();
    let notice = title.or_else(notice_line);
    Some(Detail {
        is_bare,
        id: page.url.and_then(id_in),
        published: heading(".advice .title .time").and_then(|time| date_in(&text_of(time))).or_else(bare_date),
        deadline: DEADLINE.captures(&text).and_then(|found| date_of(&found)),
        attachments,
        words: text + &names + &squeezed(notice.as_deref().unwrap_or_default()),
        notice,
    })
}

fn paragraphs(body: ElementRef<'_>) -> impl Iterator<Item = String> {
    body.select(&css("p, h1, h2, h3")).map(text_of).collect::<Vec<_>>().into_iter()
}

fn attachments_in(document: &Html, page: &Page<'_>) -> Vec<Attachment> {
    let labels = css("label");
    let mut files = Vec::new();
    for link in document.select(&css("a[href]")) {
        let href = link.attr("href").unwrap_or_default().trim();
        let Some(url) = FILE.is_match(href).then(|| absolute(page, SITE, href)).flatten() else { continue };
        let label = || link.parent().and_then(ElementRef::wrap).and_then(|item| first(item, &labels)).map(text_of);
        let name = Some(text_of(link)).filter(|name| !name.is_empty()).or_else(label).unwrap_or_else(|| url.clone());
        files.push(Attachment { name, url });
    }
    files
}
