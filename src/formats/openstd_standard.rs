//! The page of one published national standard on openstd.samr.gov.cn (`newGbInfo?hcno=…`), as it was served from 2019 to 2026.
//! Not a source of plans, and since July 2022 not one of committees: 归口单位 gave way to 归口部门, the department.
//!
//! ```html
//! <div class="bor2"><table class="mk1"><tr><td><h1>标准号：GB/T 99204-2032 <span class="label label-warning">采</span></h1></td></tr></table>
//! <table class="tdlist"><tr><td>中文标准名称：<b>…</b></td></tr> … <tr><td>标准状态：<span class="text-success">现行</span></td></tr></table>
//! <div clsss="row"><div class="col-md-2 title">发布日期</div><div class="col-md-4 content">2032-10-14</div> …
//! ```
//!
//! Everything is found by its label: columns, classes and wording around them changed four times. The page also echoes the client's
//! User-Agent, carries an old maintenance notice in a comment, and says 废止 in a note; none of that is looked at.

use scraper::{ElementRef, Html};

use super::cn_numbers::standard_number;
use super::cn_states::put_state;
use super::reading::{codes_in, css, date_or_defect, first, in_scope, text_of, text_without};
use super::{Absence, Authority, Content, Format, Page, Reading};
use crate::standards::language::Language;
use crate::standards::programme::{Defect, Wholeness};
use crate::standards::project::{Adoption, Project, ProjectId};

/// The row of the table.
pub const FORMAT: Format = Format {
    name: "openstd-standard",
    about: "openstd.samr.gov.cn, newGbInfo: one published national standard with state and dates",
    content: Content::Html,
    absence: Absence::SaysNothing,
    authority: Authority::OwnPage,
    keep: None,
    sites: &["openstd.samr.gov.cn/bzgk/gb/newGbInfo", "openstd.samr.gov.cn/bzgk/std/newGbInfo"],
    read,
};

/// What the site says, with status 200, of a standard that it does not have.
const NOT_FOUND: &str = "您所查询的标准系统尚未收录";

/// The mark beside the number of a standard that adopts an international one.
const ADOPTION_MARK: &str = "采";

fn read(page: &Page<'_>) -> Reading {
    let document = Html::parse_document(page.text);
    let Some(heading) = heading_of(&document) else {
        return Reading::doubt(without_number(&document));
    };
    let printed = after_label(&text_without(heading, &css("span, label, i")), "标准号").unwrap_or_default();
    let Some(number) = standard_number(&printed) else {
        return Reading::doubt(format!("number not understood: `{printed}`"));
    };
    let states = states_of(&document);
    let [state] = states.as_slice() else {
        return Reading::doubt(match states.as_slice() {
            [] => format!("no 标准状态 for `{number}`"),
            several => format!("several 标准状态 for `{number}`: {}", several.join(", ")),
        });
    };
    let numbers = numbers_of(&document);
    if numbers.len() > 1 {
        return Reading::doubt(format!("several 标准号 in this page: {}", numbers.join(", ")));
    }
    let mut defects = Vec::new();
    let mut project = Project::new(ProjectId::Gb(number.to_string()), printed);
    put_state(&mut project, state, &mut defects);
    project.deliverable = Some(number.deliverable());
    project.url = page.url.map(ToString::to_string);
    if is_marked_as_adoption(heading) {
        project.adopts.push(Adoption { relation: None, of: None });
    }
    put_titles(&mut project, &document);
    let wholeness = put_fields(&mut project, &document, &mut defects);
    let projects = Vec::from_iter(in_scope(&project, page.scope).then_some(project));
    Reading { projects, defects, wholeness, follow: Vec::new() }
}

/// Note: the scripts of the pages of 2026 hold the words of every notice, in two languages; only what is shown counts.
fn without_number(document: &Html) -> &'static str {
    let shown = text_without(document.root_element(), &css("script, style"));
    if shown.contains(NOT_FOUND) { "the site does not have this standard" } else { "no 标准号 in this page" }
}

fn heading_of(document: &Html) -> Option<ElementRef<'_>> {
    document.select(&css("h1")).find(|heading| text_of(*heading).starts_with("标准号"))
}

/// The text after a label and its colon, of either width; `None` where the text does not begin with the label.
fn after_label(text: &str, label: &str) -> Option<String> {
    let rest = text.strip_prefix(label)?.trim_start();
    let rest = rest.strip_prefix(['：', ':']).unwrap_or(rest).trim();
    (!rest.is_empty()).then(|| rest.to_owned())
}

/// The cells whose text begins with a label, and which are no cells around other cells.
fn cells_of<'a>(document: &'a Html, label: &str) -> Vec<ElementRef<'a>> {
    let cells = css("td");
    let is_labelled = |cell: &ElementRef<'_>| first(*cell, &cells).is_none() && text_of(*cell).starts_with(label);
    document.select(&cells).filter(is_labelled).collect()
}

fn cell_of<'a>(document: &'a Html, label: &str) -> Option<ElementRef<'a>> {
    cells_of(document, label).into_iter().next()
}

/// What the page says of the state, each word once; a page of one standard says one.
fn states_of(document: &Html) -> Vec<String> {
    let state_in = |cell: ElementRef<'_>| {
        let badge = cell.select(&css("span")).map(text_of).find(|text| !text.is_empty());
        badge.or_else(|| after_label(&text_of(cell), "标准状态"))
    };
    distinct(cells_of(document, "标准状态").into_iter().filter_map(state_in))
}

/// The numbers in the headings, each once.
fn numbers_of(document: &Html) -> Vec<String> {
    let headings = css("h1");
    let headings = document.select(&headings).filter(|heading| text_of(*heading).starts_with("标准号"));
    distinct(headings.filter_map(|heading| after_label(&text_without(heading, &css("span, label, i")), "标准号")))
}

fn distinct(texts: impl Iterator<Item = String>) -> Vec<String> {
    texts.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

/// The mark stands in the heading, or beside it in the same cell.
fn is_marked_as_adoption(heading: ElementRef<'_>) -> bool {
    let cell = heading.ancestors().filter_map(ElementRef::wrap).find(|element| element.value().name() == "td");
    cell.unwrap_or(heading).select(&css("span, label, i")).any(|mark| text_of(mark) == ADOPTION_MARK)
}

fn put_titles(project: &mut Project, document: &Html) {
    for (label, language) in [("中文标准名称", Language::Chinese), ("英文标准名称", Language::English)] {
        let title = cell_of(document, label).and_then(|cell| after_label(&text_of(cell), label));
        if let Some(title) = title {
            project.titles.insert(language, title);
        }
    }
}

/// Writes the labelled fields; a page that has not even the labels of its dates stops short of them, or was rebuilt.
fn put_fields(project: &mut Project, document: &Html, defects: &mut Vec<Defect>) -> Wholeness {
    let mut n_date_labels = 0;
    let mut supervising = None;
    for label in document.select(&css("div.title")) {
        let Some(value) = label.next_siblings().find_map(ElementRef::wrap).map(text_of) else { continue };
        match text_of(label).trim_end_matches(['：', ':']) {
            "发布日期" => project.published = date_or_defect(&value, defects),
            "实施日期" => project.effective = date_or_defect(&value, defects),
            "废止日期" => project.withdrawn = date_or_defect(&value, defects),
            "归口单位" => project.committee = Some(value).filter(|value| !value.is_empty()),
            "归口部门" => project.department = Some(value).filter(|value| !value.is_empty()),
            "国际标准分类号（ICS）" | "国际标准分类号" => project.ics = codes_in(&value),
            "中国标准分类号（CCS）" | "中国标准分类号" => project.ccs = codes_in(&value),
            "主管部门" => supervising = Some(value).filter(|value| !value.is_empty()),
            "代替标准" | "全部代替标准" | "部分代替标准" => project.replaces.extend(listed(&value)),
            _ => {}
        }
        n_date_labels += usize::from(matches!(text_of(label).as_str(), "发布日期" | "实施日期"));
    }
    project.department = project.department.take().or(supervising);
    if n_date_labels < 2 {
        return Wholeness::InDoubt(format!("no 发布日期 or no 实施日期 for `{}`", project.reference));
    }
    Wholeness::Whole
}

fn listed(value: &str) -> impl Iterator<Item = String> {
    value.split([',', '，', '、', ';', '；']).map(str::trim).filter(|part| !part.is_empty()).map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Scope;
    use crate::standards::project::Standing;
    use crate::standards::stage::{GbStage, StageCode};

    fn read_text(text: &str) -> Reading {
        read(&Page { text, url: None, scope: &Scope::default() })
    }

    fn page(number: &str, state: &str, fields: &str) -> String {
        format!(
            "<html><body><div class=bor2><table class=mk1><tr><td>{number}</td></tr></table><table class=tdlist>\
             <tr><td>中文标准名称：<b>示例技术  第1部分：通则</b></td><td><!-- x --></td></tr>\
             <tr><td>英文标准名称：Example technology—Part 1: General</td></tr><tr><td>{state}</td></tr>\
             <tr><td><span class=text-danger>废止标准不提供标准文本阅读服务</span></td></tr></table>{fields}</div></body></html>"
        )
    }

    const DATES: &str = "<div clsss=row><div class='c title'> 发布日期 </div><div class=content> 2031-01-02 </div>\
                         <div class=title>实施日期</div><div class=content>2031-08-01</div></div>";
    const NUMBER: &str = "<h1>标准号：GB/T 99001.1-2031 </h1>";
    const STATE: &str = "标准状态：<span class=text-success> 现行 </span>";

    #[test]
    fn everything_is_found_by_its_label() {
        let fields = format!(
            "<div class=title>主管部门</div><div>某部</div>{DATES}<div class=title>归口单位</div><div>全国示例标准化技术委员会</div>\
             <div class=title>全部代替标准</div><div>GB/T 99001.1-2011,GB/T 99002-2012</div>\
             <div class=title>中国标准分类号（CCS）</div><div>L80</div><div class=title>国际标准分类号（ICS）</div><div>35.030</div>"
        );
        let reading = read_text(&page(NUMBER, STATE, &fields));
        let project = &reading.projects[0];
        assert_eq!(project.id.to_string(), "gb:GB/T 99001.1-2031");
        assert_eq!(project.titles[&Language::Chinese], "示例技术 第1部分：通则");
        assert_eq!(project.titles[&Language::English], "Example technology—Part 1: General");
        assert_eq!(project.stage_code(), Some(StageCode::Gb(GbStage::Published)));
        assert_eq!(project.standing, Some(Standing::InForce));
        assert_eq!(project.published.unwrap().to_string(), "2031-01-02");
        assert_eq!(project.effective.unwrap().to_string(), "2031-08-01");
        assert_eq!(project.committee.as_deref(), Some("全国示例标准化技术委员会"));
        assert_eq!(project.department.as_deref(), Some("某部"));
        assert_eq!(project.replaces, ["GB/T 99001.1-2011", "GB/T 99002-2012"]);
        assert_eq!((project.ics.join(" "), project.ccs.join(" ")), ("35.030".to_owned(), "L80".to_owned()));
        assert!(project.adopts.is_empty() && reading.defects.is_empty() && reading.wholeness.is_whole());
    }

    #[test]
    fn the_department_is_never_taken_for_the_committee() {
        let fields = format!(
            "{DATES}<div class=title>归口部门</div><div>国家标准委</div><div class=title>归口单位</div><div> </div>"
        );
        let project = &read_text(&page(NUMBER, STATE, &fields)).projects[0];
        assert_eq!((project.committee.as_deref(), project.department.as_deref()), (None, Some("国家标准委")));
    }

    #[test]
    fn the_mark_of_an_adoption_is_no_part_of_the_number() {
        for heading in [
            "<h1>标准号：GB/T 99001.1-2031 <span class='label label-warning'>采</span></h1>",
            "<h1>标准号：GB/T 99001.1-2031</h1> <span class=label>采</span>",
        ] {
            let project = &read_text(&page(heading, STATE, DATES)).projects[0];
            assert_eq!(project.id.to_string(), "gb:GB/T 99001.1-2031");
            assert_eq!(project.adopts, [Adoption { relation: None, of: None }]);
        }
    }

    #[test]
    fn a_cell_around_other_cells_is_not_taken_for_the_labelled_one() {
        let wrapped = format!("<table><tr><td>标准状态一览<table><tr><td>{STATE}</td></tr></table></td></tr></table>");
        let project = &read_text(&page(NUMBER, "", &format!("{wrapped}{DATES}"))).projects[0];
        assert_eq!(project.stage.as_ref().unwrap().printed, "现行");
        let bare = "<table><tr><td>标准状态一览：<table><tr><td>标准状态：现行</td></tr></table></td></tr></table>";
        let project = &read_text(&page(NUMBER, "", &format!("{bare}{DATES}"))).projects[0];
        assert_eq!(project.stage.as_ref().unwrap().printed, "现行");
    }

    #[test]
    fn a_page_without_number_or_state_is_a_doubt() {
        for text in [
            page("", STATE, DATES),
            page(NUMBER, "", DATES),
            page(NUMBER, "标准状态：<span> </span>", DATES),
            page("<h1>标准号：</h1>", STATE, DATES),
            page("<h1>标准号：GB/T 99001.1-203</h1>", STATE, DATES),
            String::new(),
        ] {
            let reading = read_text(&text);
            assert!(!reading.wholeness.is_whole() && reading.projects.is_empty(), "{text}");
        }
        let gone = read_text("<html><body>您所查询的标准系统尚未收录，将在发布后20个工作日内公开</body></html>");
        assert_eq!(gone.wholeness, Wholeness::InDoubt("the site does not have this standard".to_owned()));
        let other = read_text("<script>t = {'noStandard': '您所查询的标准系统尚未收录'}</script><h1>首页</h1>");
        assert_eq!(other.wholeness, Wholeness::InDoubt("no 标准号 in this page".to_owned()));
    }

    #[test]
    fn a_page_that_stops_before_its_dates_is_a_doubt() {
        assert!(!read_text(&page(NUMBER, STATE, "")).wholeness.is_whole());
        let empty = "<div class=title>发布日期</div><div></div><div class=title>实施日期</div><div></div>";
        assert!(read_text(&page(NUMBER, STATE, empty)).wholeness.is_whole());
    }

    #[test]
    fn an_unknown_state_is_kept_as_printed_and_is_a_defect() {
        let reading = read_text(&page(NUMBER, "标准状态：<span>暂缓实施</span>", DATES));
        assert_eq!(reading.projects[0].stage.as_ref().unwrap().printed, "暂缓实施");
        assert_eq!(reading.projects[0].stage_code(), None);
        assert_eq!(reading.defects[0].what, "unknown stage text");
    }
}
