//! Public consultations of SAC/TC 260 (www.tc260.org.cn): lists and notices, in three generations of the site, tried in turn, since
//! old addresses may be served again. Not a source of plan numbers: no consultation names one.
//!
//! ```html
//! <li class="list-group-item list_title_news"><a href="/front/bzzqyjDetail.html?id=…">关于国家标准《…》征求意见稿征求意见的通知</a>
//!   <span class="list_time">[截至日期:2099-10-26]</span></li>
//! <div class="item"><a onclick="jumpDetail('…','2099-04-12')">关于国家标准《…》…</a><span>2099-02-11</span></div>
//! <ul class="inList"><li><a href="/tc260/tzgg/209909/….shtml" title="…"><span class="date">2099-09-15</span>…</a></li></ul>
//! ```
//!
//! A consultation is called by the title of its document, the text between the outer 《》, since nobody calls it by its id; typing
//! errors of the site stay. The site publishes one consultation under several ids at times: each id is a project here, told apart
//! by nothing but the id, and whoever compares knows them by title and window. The third generation mixes notices into the list:
//! those that do not say 征求意见 are projects without a stage. It also answers every dead address with its home page and status 200.

use scraper::Html;
use url::Url;

use super::reading::{css, in_scope};
use super::tc260_detail::{Detail, detail_of};
use super::tc260_list::{Entry, listing_of};
use super::tc260_project::project_of;
use super::{Absence, Authority, Content, Format, Page, Reading};
use crate::standards::programme::{Defect, Wholeness};
use crate::standards::project::{Project, ProjectId};

/// The row of the table.
pub const FORMAT: Format = Format {
    name: "tc260-consultations",
    about: "www.tc260.org.cn: public consultations of SAC/TC 260 with deadline and drafts, lists and single notices",
    content: Content::Html,
    absence: Absence::SaysNothing,
    authority: Authority::Overview,
    keep: None,
    sites: &[
        "www.tc260.org.cn/portal/suggestion",
        "www.tc260.org.cn/front/bzzqyj",
        "www.tc260.org.cn/tc260/",
        "www.tc260.org.cn/tc260/tzgg/",
    ],
    read,
};

fn read(page: &Page<'_>) -> Reading {
    let document = Html::parse_document(page.text);
    let listing = listing_of(&document, page);
    let detail = detail_of(&document, page).filter(Detail::is_consultation);
    if let Some(listing) = &listing
        && listing.is_home_page(page.url)
    {
        return Reading::doubt("an address of the old site answers with a page of the new one");
    }
    let mut defects = Vec::new();
    let mut projects: Vec<Project> = Vec::new();
    let mut follow = Vec::new();
    if let Some(listing) = listing {
        projects.extend(listing.entries.into_iter().map(|entry| project_of(entry, &mut defects)));
        defects.splice(..0, listing.defects);
        follow.extend(next_page(&document, page.url));
    }
    if let Some(detail) = detail {
        put_detail(detail, &mut projects, page, &mut defects);
    }
    let wholeness = if projects.is_empty() {
        Wholeness::InDoubt("no consultation in this page".to_owned())
    } else {
        Wholeness::Whole
    };
    projects.retain(|project| in_scope(project, page.scope));
    Reading { projects, defects, wholeness, follow }
}

/// Adds what a notice says: to the project of its id, or of its title where the address is not known, or as a project of its own.
fn put_detail(detail: Detail, projects: &mut Vec<Project>, page: &Page<'_>, defects: &mut Vec<Defect>) {
    let id = detail.id.clone().map(ProjectId::Tc260);
    let place = projects.iter().position(|project| match &id {
        Some(id) => project.id == *id,
        None => detail.speaks_of(&project.reference),
    });
    if let Some(place) = place {
        let project = &mut projects[place];
        project.consultation.closes = project.consultation.closes.or(detail.deadline);
        project.consultation.attachments = detail.attachments;
        return;
    }
    let (Some(id), Some(notice)) = (detail.id, detail.notice) else { return };
    let url = page.url.map(ToString::to_string);
    let entry = Entry { id, notice, published: detail.published, deadline: detail.deadline, url };
    let mut project = project_of(entry, defects);
    project.consultation.attachments = detail.attachments;
    projects.push(project);
}

/// The next page of the list, where the page itself links to it.
fn next_page(document: &Html, url: Option<&Url>) -> Option<Url> {
    let here = url?;
    let (list, position) = place_in_list(here)?;
    document
        .select(&css("a[href]"))
        .filter_map(|link| here.join(link.attr("href")?).ok())
        .filter_map(|link| Some((place_in_list(&link)?, link)))
        .filter(|((other, further), _)| *other == list && *further > position)
        .min_by_key(|((_, further), _)| *further)
        .map(|(_, link)| link)
}

/// Which list an address shows, and how far into it: `?start=10`, `?page=2`, `list_2.shtml`.
fn place_in_list(url: &Url) -> Option<(String, u64)> {
    let asked = |name: &str| url.query_pairs().find(|(key, _)| key == name).and_then(|(_, value)| value.parse().ok());
    let path = url.path();
    let list = |path: &str| format!("{}{path}", url.origin().ascii_serialization());
    if path.starts_with("/front/") {
        return Some((list(path), asked("start").unwrap_or(0)));
    }
    if path.starts_with("/portal/") {
        return Some((list(path), asked("page").unwrap_or(1)));
    }
    let (folder, sheet) = path.rsplit_once('/')?;
    let number = sheet.strip_prefix("list")?.strip_suffix(".shtml")?;
    let position = if number.is_empty() { 1 } else { number.strip_prefix('_')?.parse().ok()? };
    Some((list(folder), position))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Scope;
    use crate::standards::project::Standing;
    use crate::standards::stage::{GbStage, StageCode};

    fn read_at(url: &str, text: &str) -> Reading {
        let url = Url::parse(url).ok();
        read(&Page { text, url: url.as_ref(), scope: &Scope::default() })
    }

    fn item(id: &str, notice: &str) -> String {
        format!(
            "<div class=item><a onclick=\"jumpDetail('{id}','2099-04-12')\">{notice}</a><span>2099-02-11</span></div>"
        )
    }

    const NOTICE: &str = "关于国家标准《网络安全技术 示例要求》征求意见稿征求意见的通知";
    const DETAIL: &str = "<div class=advice><div class=title><h1>关于国家标准《网络安全技术 示例要求》征求意见稿征求意见的通知</h1>\
        <span class=time>发布时间：2099-02-11</span></div></div><div class=advice-c><div class=info><p>经标准编制单位的辛勤努力……</p>\
        <p>并将意见于2099\n年<span>0</span><span>4</span>月\n12日前反馈给网安标委秘书处。</p></div><div class=list><ul><li><label>征求意见稿：</label>\
        <a href='/sysFile/downloadFile/e83f'>草案.pdf</a></li><li><label>编制说明：</label><a href='/sysFile/downloadFile/7381'> </a></li></ul></div></div>";

    #[test]
    fn a_list_entry_has_window_stage_and_an_address_that_is_built_from_its_id() {
        let reading = read_at("https://tc.example/portal/suggestion?page=1", &item("20990827154251", NOTICE));
        let project = &reading.projects[0];
        assert_eq!(project.id.to_string(), "tc260:20990827154251");
        assert_eq!(project.reference, "网络安全技术 示例要求");
        assert_eq!(project.stage.as_ref().unwrap().printed, "征求意见稿");
        assert_eq!(project.stage_code(), Some(StageCode::Gb(GbStage::PublicConsultation)));
        assert_eq!(project.standing, Some(Standing::UnderDevelopment));
        assert_eq!(project.committee.as_deref(), Some("SAC/TC 260"));
        assert_eq!(project.consultation.opens, project.published);
        assert_eq!(project.published.unwrap().to_string(), "2099-02-11");
        assert_eq!(project.consultation.closes.unwrap().to_string(), "2099-04-12");
        assert_eq!(project.url.as_deref(), Some("https://tc.example/portal/suggestion-detail/20990827154251"));
        assert!(reading.wholeness.is_whole() && reading.follow.is_empty());
    }

    #[test]
    fn a_notice_gives_its_own_project_with_its_files() {
        let reading = read_at("https://tc.example/portal/suggestion-detail/abc123", DETAIL);
        let project = &reading.projects[0];
        assert_eq!(project.id.to_string(), "tc260:abc123");
        assert_eq!(project.reference, "网络安全技术 示例要求");
        assert_eq!(project.published.unwrap().to_string(), "2099-02-11");
        assert_eq!(project.consultation.closes.unwrap().to_string(), "2099-04-12");
        let files: Vec<_> = project.consultation.attachments.iter().map(|file| (&*file.name, &*file.url)).collect();
        assert_eq!(
            files,
            [
                ("草案.pdf", "https://tc.example/sysFile/downloadFile/e83f"),
                ("编制说明：", "https://tc.example/sysFile/downloadFile/7381")
            ]
        );
    }

    #[test]
    fn a_notice_with_an_empty_heading_takes_its_title_from_its_text() {
        let text = "<div class=advice><div class=title><h1> </h1></div></div><div class=info>\
            <p>关于国家标准《网络安全技术 示例要求》征求意见稿征求意见的通知</p><p>请于2099年4月12日前反馈。</p><p>2099年2月11日</p></div>";
        let project = &read_at("https://tc.example/portal/suggestion-detail/abc123", text).projects[0];
        assert_eq!(project.reference, "网络安全技术 示例要求");
        assert_eq!(project.published.unwrap().to_string(), "2099-02-11");
    }

    #[test]
    fn a_notice_beside_a_list_goes_to_the_entry_that_it_speaks_of() {
        let text = item("1", "关于《别的标准》征求意见稿征求意见的通知") + &item("2", NOTICE) + DETAIL;
        let projects = read_at("https://tc.example/portal/suggestion", &text).projects;
        let files: Vec<_> = projects.iter().map(|project| project.consultation.attachments.len()).collect();
        assert_eq!(files, [0, 2]);
    }

    #[test]
    fn a_page_that_is_neither_list_nor_notice_is_a_doubt() {
        let home = "<html><body><div class=info><p>《网络安全技术 示例要求》公开征求意见</p></div></body></html>";
        for text in ["", "<html><body>首页</body></html>", home] {
            let reading = read_at("https://tc.example/portal/suggestion-detail/abc123", text);
            assert!(!reading.wholeness.is_whole() && reading.projects.is_empty(), "{text}");
        }
    }

    #[test]
    fn the_home_page_of_the_new_site_at_an_old_address_is_a_doubt() {
        let news =
            "<ul class=inList><li><a href='/tc260/tzgg/209909/4a537d5c.shtml'>关于《甲》征求意见的通知</a></li></ul>";
        assert!(read_at("https://tc.example/tc260/tzgg/list.shtml", news).wholeness.is_whole());
        for old in ["https://tc.example/portal/suggestion?page=1", "https://tc.example/front/bzzqyjList.html"] {
            let reading = read_at(old, news);
            assert!(!reading.wholeness.is_whole() && reading.projects.is_empty());
        }
    }

    #[test]
    fn a_notice_that_asks_for_no_comments_has_no_stage_and_keeps_its_own_title() {
        let news = "<ul class=inList><li><a href='/t/209909/4a537d5c.shtml' title='关于发布《甲》的通知'>x<span class=date>2099-09-01</span></a></li></ul>";
        let project = &read_at("https://tc.example/tc260/tzgg/list.shtml", news).projects[0];
        assert_eq!(project.reference, "关于发布《甲》的通知");
        assert_eq!((project.stage.as_ref(), project.standing, project.consultation.opens), (None, None, None));
        assert_eq!(project.published.unwrap().to_string(), "2099-09-01");
    }

    #[test]
    fn only_the_next_page_that_the_page_links_to_is_followed() {
        let follow = |url: &str, links: &str| {
            let text = item("1", NOTICE) + links;
            read_at(url, &text).follow.first().map(Url::to_string)
        };
        let pager = "<a href='?page=3'>3</a><a href='?page=1'>1</a><a href='?page=2'>2</a>";
        let second = "https://tc.example/portal/suggestion?page=2";
        assert_eq!(follow("https://tc.example/portal/suggestion", pager).as_deref(), Some(second));
        assert_eq!(follow("https://tc.example/portal/suggestion?page=3", pager), None);
        assert_eq!(follow("https://tc.example/portal/suggestion", ""), None);
        let list = "https://tc.example/tc260/tzgg/list.shtml";
        assert_eq!(
            follow(
                list,
                "<a href='list_9.shtml'>末页</a><a href='list_2.shtml'>下一页</a><a href='../xw/list_2.shtml'>x</a>"
            )
            .as_deref(),
            Some("https://tc.example/tc260/tzgg/list_2.shtml")
        );
        assert_eq!(
            follow(
                list,
                "<a href='../xw/list_2.shtml'>x</a><a href='https://other.example/tc260/tzgg/list_2.shtml'>y</a>"
            ),
            None
        );
        let front = "https://tc.example/front/bzzqyjList.html?start=10&length=10";
        assert_eq!(
            follow(front, "<a href='?start=0&length=10'>1</a><a href='?start=20&length=10'>3</a>").as_deref(),
            Some("https://tc.example/front/bzzqyjList.html?start=20&length=10")
        );
    }
}
