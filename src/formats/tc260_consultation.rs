//! The page of one consultation of SAC/TC 260 (www.tc260.org.cn), in the boxes of three generations of the site, tried in turn:
//!
//! ```html
//! <!-- /front/bzzqyjDetail.html?id=20990827154251 -->
//! <div class="news_end"><p>关于国家标准《…》征求意见稿征求意见的通知</p><p>2099-09-15</p> … <p>请于2099年10月30日前反馈意见。</p></div>
//! <!-- /portal/suggestion-detail/<32 hex> -->
//! <div class="advice"><div class="title"><h1>关于国家标准《…》…</h1><div class="time">2099-02-11</div></div></div>
//! <div class="advice-c"><div class="info"> … 意见于2099年<span>04</span>月12日前反馈 …</div><div class="list"><a href="/sysFile/…">…</a></div></div>
//! ```
//!
//! No page of the third generation (`/tc260/<channel>/<yyyymm>/<hex>.shtml`, since August 2026) was found: one is read only if the
//! boxes of the older ones and the sentence with the deadline stand on it. In this generation every dead address answers with the
//! home page and status 200, so what a page is of is never concluded from its having come; and a bare `div.info`, which any page may
//! have, is a notice only with both a deadline and a file.
//!
//! Oddities: single digits stand in elements of their own, dates have line breaks inside, and no notice prints its id: it is that of
//! the address, or of the canonical link where the page has one. Without either, nothing says which consultation it is.

use scraper::Html;
use url::Url;

use super::reading::{absolute, css, defect};
use super::tc260_detail::{Detail, detail_of};
use super::tc260_list::{Entry, SITE, id_in, listing_of};
use super::tc260_project::project_of;
use super::{Absence, Authority, Content, Format, Page, Reading};
use crate::standards::programme::Defect;
use crate::standards::project::Project;

/// The row of the table.
pub const FORMAT: Format = Format {
    name: "tc260-consultation",
    about: "www.tc260.org.cn: one public consultation of SAC/TC 260 with deadline and files; needs the address of the page",
    content: Content::Html,
    absence: Absence::SaysNothing,
    authority: Authority::OwnPage,
    keep: None,
    sites: &[
        "www.tc260.org.cn/portal/suggestion-detail/",
        "www.tc260.org.cn/front/bzzqyjDetail",
        "www.tc260.org.cn/tc260/",
    ],
    read,
};

/// Reads the page. The scope of the source is left aside: whoever names one page wants it.
fn read(page: &Page<'_>) -> Reading {
    let document = Html::parse_document(page.text);
    match consultation_on(&document, page) {
        Ok((project, defects)) => Reading { defects, ..Reading::of(vec![project]) },
        Err(why) => Reading::doubt(why),
    }
}

/// The consultation, or why the page is not to be trusted.
fn consultation_on(document: &Html, page: &Page<'_>) -> Result<(Project, Vec<Defect>), String> {
    if listing_of(document, page).is_some_and(|listing| listing.is_home_page(page.url)) {
        return Err("an address of the old site answers with a page of the new one".to_owned());
    }
    let detail = detail_of(document, page).ok_or("no notice on the page")?;
    let id = id_of(document, page)?;
    if detail.deadline.is_none() && is_third_generation(page.url) {
        return Err("no deadline in the notice, on a page of a layout that was never seen".to_owned());
    }
    if detail.is_bare && (detail.deadline.is_none() || detail.attachments.is_empty()) {
        return Err("a box that any page may have, and in it not both a deadline and a file".to_owned());
    }
    if !detail.is_consultation() {
        return Err("neither a deadline nor a file in the notice".to_owned());
    }
    let mut defects = defects_of(&detail);
    let notice = detail.notice.ok_or("no title of a consultation in the notice")?;
    let url = page.url.map(ToString::to_string);
    let entry = Entry { id, notice, published: detail.published, deadline: detail.deadline, url };
    let mut project = project_of(entry, &mut defects);
    if project.stage.is_none() {
        return Err(format!("the notice `{}` asks for no comments", project.reference));
    }
    project.consultation.attachments = detail.attachments;
    Ok((project, defects))
}

/// The site's id, where address and page agree on it.
fn id_of(document: &Html, page: &Page<'_>) -> Result<String, String> {
    let link = document.select(&css("link[rel='canonical'][href]")).next();
    let canonical =
        link.and_then(|link| absolute(page, SITE, link.attr("href")?)).and_then(|url| Url::parse(&url).ok());
    match (page.url.and_then(id_in), canonical.as_ref().and_then(id_in)) {
        (Some(asked), Some(named)) if asked != named => {
            Err(format!("the page names consultation `{named}`, but its address `{asked}`"))
        }
        (Some(id), _) | (None, Some(id)) => Ok(id),
        (None, None) => Err("nothing says which consultation this is: no id in the address or on the page".to_owned()),
    }
}

fn is_third_generation(url: Option<&Url>) -> bool {
    url.is_some_and(|url| url.path().starts_with("/tc260/"))
}

/// What a notice should have and this one lacks, or has wrong.
fn defects_of(detail: &Detail) -> Vec<Defect> {
    let notice = detail.notice.as_deref().unwrap_or_default();
    let mut defects = Vec::new();
    if detail.deadline.is_none() {
        defects.push(defect("no deadline in the notice", notice));
    }
    if detail.published.is_none() {
        defects.push(defect("no day of publication in the notice", notice));
    }
    if let (Some(opens), Some(closes)) = (detail.published, detail.deadline)
        && closes < opens
    {
        defects.push(defect("the deadline lies before the day of publication", &format!("{opens} {closes}")));
    }
    defects
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Scope;
    use crate::standards::committee::Committee;
    use crate::standards::programme::Wholeness;

    const FRONT: &str = "https://tc.example/front/bzzqyjDetail.html?id=20990827154251&norm_id=1";
    const PORTAL: &str = "https://tc.example/portal/suggestion-detail/abc123";
    const SHEET: &str = "https://tc.example/tc260/tzgg/209909/4a537d5c.shtml";

    const FIRST: &str = "<div class=news_end><p>关于国家标准《网络安全技术 示例要求》征求意见稿征求意见的通知</p><p>2099-09-15</p>\
        <p>请于2099年10月<span>3</span><span>0</span>日前反馈意见。</p><a href='/upload/2099-09-15/7.pdf'>草案.pdf</a></div>";

    fn read_at(url: Option<&str>, text: &str) -> Reading {
        let url = url.map(|url| Url::parse(url).unwrap());
        let scope = Scope { committees: Committee::parse("ISO/TC 34").into_iter().collect(), ..Scope::default() };
        read(&Page { text, url: url.as_ref(), scope: &scope })
    }

    fn why(reading: &Reading) -> &str {
        assert_eq!(reading.projects.len(), usize::from(reading.wholeness.is_whole()));
        match &reading.wholeness {
            Wholeness::Whole => "",
            Wholeness::InDoubt(why) => why,
        }
    }

    #[test]
    fn a_notice_gives_its_document_its_window_and_its_files_in_every_generation() {
        for (url, id) in [(FRONT, "20990827154251"), (PORTAL, "abc123"), (SHEET, "4a537d5c")] {
            let reading = read_at(Some(url), FIRST);
            assert_eq!((why(&reading), reading.defects.len()), ("", 0));
            let project = &reading.projects[0];
            assert_eq!(project.id.to_string(), format!("tc260:{id}"));
            assert_eq!(project.reference, "网络安全技术 示例要求");
            assert_eq!(project.stage.as_ref().unwrap().printed, "征求意见稿");
            assert_eq!(project.consultation.opens.unwrap().to_string(), "2099-09-15");
            assert_eq!(project.consultation.closes.unwrap().to_string(), "2099-10-30");
            assert_eq!(project.consultation.attachments[0].url, "https://tc.example/upload/2099-09-15/7.pdf");
            assert_eq!(project.url.as_deref(), Some(url));
        }
    }

    #[test]
    fn without_an_id_in_address_or_page_a_notice_is_a_doubt() {
        for url in [None, Some("https://tc.example/portal/suggestion")] {
            assert!(why(&read_at(url, FIRST)).starts_with("nothing says which consultation"));
        }
        let canonical = format!("<link rel=canonical href='/portal/suggestion-detail/abc123'>{FIRST}");
        assert_eq!(read_at(None, &canonical).projects[0].id.to_string(), "tc260:abc123");
        assert_eq!(why(&read_at(Some(PORTAL), &canonical)), "");
        assert_eq!(
            why(&read_at(Some(FRONT), &canonical)),
            "the page names consultation `abc123`, but its address `20990827154251`"
        );
    }

    #[test]
    fn the_third_generation_is_believed_only_with_a_deadline() {
        let without = FIRST.replace("请于", "在");
        assert!(why(&read_at(Some(SHEET), &without)).starts_with("no deadline in the notice"));
        assert_eq!(why(&read_at(Some(SHEET), &FIRST.replace("news_end", "article"))), "no notice on the page");
        let older = read_at(Some(PORTAL), &without);
        assert_eq!((why(&older), &*older.defects[0].what), ("", "no deadline in the notice"));
        assert_eq!(older.projects[0].consultation.closes, None);
    }

    #[test]
    fn a_box_that_any_page_may_have_needs_both_a_deadline_and_a_file() {
        let bare = FIRST.replace("news_end", "info");
        assert_eq!(why(&read_at(Some(PORTAL), &bare)), "");
        for text in [bare.replace("请于", "在"), bare.replace("/upload/", "/x/")] {
            assert!(why(&read_at(Some(PORTAL), &text)).starts_with("a box that any page may have"));
            let headed =
                format!("<div class=advice><div class=title><h1>关于《甲》征求意见的通知</h1></div></div>{text}");
            assert_eq!(why(&read_at(Some(PORTAL), &headed)), "");
        }
    }

    #[test]
    fn a_page_that_is_no_consultation_is_a_doubt() {
        for (text, doubt) in [
            (String::new(), "no notice on the page"),
            (FIRST.replace("征求意见", "发布"), "no title of a consultation in the notice"),
            (FIRST.replace(['《', '》'], ""), "no title of a consultation in the notice"),
            (FIRST.replace("请于", "在").replace("/upload/", "/x/"), "neither a deadline nor a file in the notice"),
            (
                format!("<div class=advice><div class=title><h1>关于发布《甲》的通知</h1></div></div>{FIRST}"),
                "the notice `关于发布《甲》的通知` asks for no comments",
            ),
            (
                format!("<ul class=inList><li><a href='/tc260/tzgg/209909/4a537d5c.shtml'>新闻</a></li></ul>{FIRST}"),
                "an address of the old site answers with a page of the new one",
            ),
        ] {
            assert_eq!(why(&read_at(Some(PORTAL), &text)), doubt);
        }
    }

    #[test]
    fn a_deadline_before_the_notice_is_kept_as_printed_and_a_defect() {
        let reading = read_at(Some(PORTAL), &FIRST.replace("2099-09-15<", "2099-12-15<"));
        assert_eq!(reading.defects[0].text, "2099-12-15 2099-10-30");
        assert_eq!(reading.projects[0].consultation.closes.unwrap().to_string(), "2099-10-30");
    }
}
