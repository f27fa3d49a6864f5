//! The lists of openstd.samr.gov.cn (`std_list`): published national standards that a search found, one a row. Not plans, and no complete
//! register: absence says nothing.
//!
//! ```html
//! <a>条,共</a>&nbsp;2&nbsp;<a>条标准</a> … <a>1</a>&nbsp;/&nbsp;1
//! <table class="table result_list"><tr><th>序号</th><th>标准号</th><th>语种</th><th>是否采标</th><th>标准名称</th><th>类别</th><th>状态</th>
//!   <th>发布日期</th><th>实施日期</th><th>操作</th></tr>
//! <tr><td>1</td><td><a onclick="showInfo('…32 hex…');">GB/T 99001-2031</a></td> …</tr></table>
//! ```
//!
//! Until 2026-01 there was no 语种 (language); dates had a time of day until 2023. An empty answer claims 0 standards *and* says
//! 未找到相关标准: a page that claims none and says nothing was cut.

use std::sync::LazyLock;

use regex::Regex;
use scraper::{ElementRef, Html};
use url::Url;

use super::cn_numbers::standard_number;
use super::cn_states::put_state;
use super::columns::{Columns, Row};
use super::reading::{
    absolute, css, date_or_defect, defect, first, in_scope, pattern, squeezed, text_of, text_without,
};
use super::{Absence, Authority, Content, Format, Page, Reading};
use crate::standards::language::Language;
use crate::standards::programme::{Defect, Wholeness};
use crate::standards::project::{Adoption, Project, ProjectId};

/// The row of the table.
pub const FORMAT: Format = Format {
    name: "openstd-list",
    about: "openstd.samr.gov.cn, std_list: published national standards that a search found, with state and dates",
    content: Content::Html,
    sites: &["openstd.samr.gov.cn/bzgk/gb/std_list", "openstd.samr.gov.cn/bzgk/std/std_list"],
    absence: Absence::SaysNothing,
    authority: Authority::Overview,
    keep: None,
    read,
};

/// Links are made absolute with it where the address of the page is not known.
const SITE: &str = "https://openstd.samr.gov.cn/bzgk/std/";

/// Without these a table is another one.
const HEADINGS: [&str; 5] = ["标准号", "标准名称", "状态", "发布日期", "实施日期"];

/// What stands in the place of rows where nothing was found.
const NOTHING_FOUND: &str = "未找到相关标准";

/// How many standards there are in all, on which page this is, of how many.
static CLAIM: LazyLock<Regex> = LazyLock::new(|| pattern(r"条,共(\d+)条标准(\d+)/(\d+)"));

/// The id under which openstd shows a standard; not a key, only the way to its page.
static HCNO: LazyLock<Regex> = LazyLock::new(|| pattern(r"showInfo\(\s*'([0-9A-Fa-f]{32})'"));

/// What the page says of the whole list.
struct Claim {
    total: usize,
    page_number: usize,
    n_pages: usize,
}

fn read(page: &Page<'_>) -> Reading {
    let document = Html::parse_document(page.text);
    let tables = css("table.result_list");
    let mut tables = document.select(&tables);
    let Some(table) = tables.next() else {
        return Reading::doubt("no table of results in this page");
    };
    if tables.next().is_some() {
        return Reading::doubt("two tables of results: this is more than one page");
    }
    let Some(columns) = Columns::of(table) else { return Reading::doubt("no headings in the table of results") };
    let missing = columns.missing(&HEADINGS);
    if !missing.is_empty() {
        return Reading::doubt(format!("no column {} in the table of results", missing.join(", ")));
    }
    let Some(claim) = claim_of(&document) else {
        return Reading::doubt("the page does not say how many standards there are");
    };
    let (mut projects, mut defects, mut n_rows, mut n_refused) = (Vec::new(), Vec::new(), 0, 0);
    let links = css("a[onclick*='showInfo']");
    for row in table.select(&css("tr")).filter(|row| first(*row, &links).is_some()) {
        n_rows += 1;
        let read = columns.row(row).ok_or_else(|| defect("more or fewer cells than columns", &text_of(row)));
        match read.and_then(|row| project_of(&row, page, &mut defects)) {
            Ok(project) => projects.extend(project),
            Err(refused) => {
                n_refused += 1;
                defects.push(refused);
            }
        }
    }
    // Scripts hold the words of every notice; only what is shown counts.
    let shown = text_without(document.root_element(), &css("script, style"));
    let says_nothing_found = shown.contains(NOTHING_FOUND);
    let wholeness = wholeness_of(&claim, n_rows, n_refused, says_nothing_found);
    projects.retain(|project| in_scope(project, page.scope));
    Reading { projects, defects, wholeness, follow: next_page(&claim, page.url).into_iter().collect() }
}

fn claim_of(document: &Html) -> Option<Claim> {
    let spans: Vec<String> = document.select(&css("span")).map(|span| squeezed(&text_of(span))).collect();
    let found = spans.iter().find_map(|text| CLAIM.captures(text))?;
    let number = |group: usize| found[group].parse().ok();
    Some(Claim { total: number(1)?, page_number: number(2)?, n_pages: number(3)? })
}

fn wholeness_of(claim: &Claim, n_rows: usize, n_refused: usize, says_nothing_found: bool) -> Wholeness {
    let total = claim.total;
    let doubt = |why: String| Wholeness::InDoubt(why);
    if (total == 0) != says_nothing_found {
        let said = if says_nothing_found { "says" } else { "does not say" };
        return doubt(format!("{total} standards are claimed, and the page {said} that none were found"));
    }
    // Every page but the last is full, and so tells how many there must be.
    if n_rows > 0 && claim.page_number < claim.n_pages && total.div_ceil(n_rows) != claim.n_pages {
        return doubt(format!(
            "{n_rows} rows on page {} of {}, where {total} are claimed",
            claim.page_number, claim.n_pages
        ));
    }
    if (n_rows == 0) != (total == 0) || n_rows > total || (claim.n_pages <= 1 && n_rows != total) {
        return doubt(format!("{n_rows} rows where {total} are claimed"));
    }
    if n_rows > 0 && n_refused == n_rows {
        return doubt(format!("none of {n_rows} rows could be read"));
    }
    Wholeness::Whole
}

/// The project of a row; `None` for the edition of a standard in another language, which is a document of its own.
fn project_of(row: &Row<'_, '_>, page: &Page<'_>, defects: &mut Vec<Defect>) -> Result<Option<Project>, Defect> {
    let printed = row.text("标准号").ok_or_else(|| defect("no number in this row", ""))?;
    if row.text("语种").is_some_and(|language| language != "中文") {
        return Ok(None);
    }
    let number = standard_number(&printed).ok_or_else(|| defect("number not understood", &printed))?;
    let state = row.text("状态").ok_or_else(|| defect("no state in this row", &printed))?;
    let mut project = Project::new(ProjectId::Gb(number.to_string()), printed);
    put_state(&mut project, &state, defects);
    project.deliverable = Some(number.deliverable());
    project.titles.extend(row.text("标准名称").map(|title| (Language::Chinese, title)));
    project.published = row.text("发布日期").and_then(|day| date_or_defect(&day, defects));
    project.effective = row.text("实施日期").and_then(|day| date_or_defect(&day, defects));
    if row.text("是否采标").is_some_and(|mark| mark == "采") {
        project.adopts.push(Adoption { relation: None, of: None });
    }
    let link = row.cell("标准号").and_then(hcno_of).map(|hcno| format!("newGbInfo?hcno={hcno}"));
    project.url = link.and_then(|link| absolute(page, SITE, &link));
    Ok(Some(project))
}

fn hcno_of(cell: ElementRef<'_>) -> Option<String> {
    let on_click = first(cell, &css("a[onclick]"))?.attr("onclick")?;
    HCNO.captures(on_click).map(|found| found[1].to_owned())
}

fn next_page(claim: &Claim, url: Option<&Url>) -> Option<Url> {
    let url = url.filter(|_| claim.page_number < claim.n_pages)?;
    let mut next = url.clone();
    next.query_pairs_mut()
        .clear()
        .extend_pairs(url.query_pairs().filter(|(key, _)| key != "page"))
        .append_pair("page", &claim.page_number.saturating_add(1).to_string());
    Some(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Scope;

    fn page(claim: (usize, usize, usize), rows: &str) -> String {
        let (total, number, pages) = claim;
        format!(
            "<html><body><span><a>条,共</a>&nbsp;{total}&nbsp;<a>条标准</a> &nbsp;<a>{number}</a>&nbsp;/&nbsp;{pages}</span>\
             <table class='table result_list'><tr><th>序号</th><th><div>标准号</div></th><th>语种</th><th>标准名称</th><th>状态</th>\
             <th>发布日期</th><th>实施日期</th></tr>{rows}</table></body></html>"
        )
    }

    fn row(number: &str, language: &str) -> String {
        let call = format!("showInfo('{}');", "0".repeat(32));
        format!(
            "<tr><td>1</td><td><a onclick=\"{call}\">{number}</a></td><td>{language}</td><td>示例</td><td><span>现行</span></td>\
             <td>2031-01-02 00:00:00.0</td><td>2031-08-01</td></tr>"
        )
    }

    fn read_at(url: Option<&str>, text: &str) -> Reading {
        let url = url.map(|url| Url::parse(url).unwrap());
        read(&Page { text, url: url.as_ref(), scope: &Scope::default() })
    }

    #[test]
    fn an_empty_answer_is_whole_only_if_it_says_so_twice() {
        let nothing = "<tr><td colspan=7>未找到相关标准</td></tr>";
        assert!(read_at(None, &page((0, 1, 0), nothing)).wholeness.is_whole());
        for text in [page((0, 1, 0), ""), page((3, 1, 1), nothing), page((3, 1, 1), &row("GB/T 99001-2031", ""))] {
            assert!(!read_at(None, &text).wholeness.is_whole(), "{text}");
        }
    }

    #[test]
    fn a_page_of_several_that_lost_rows_or_claims_what_it_denies_is_a_doubt() {
        let rows = |count: usize| {
            (0..count).map(|number| row(&format!("GB/T 9900{number}-2031"), "")).collect::<Vec<_>>().concat()
        };
        assert!(read_at(None, &page((7, 1, 3), &rows(3))).wholeness.is_whole());
        assert!(read_at(None, &page((7, 3, 3), &rows(1))).wholeness.is_whole());
        assert!(!read_at(None, &page((7, 1, 3), &rows(2))).wholeness.is_whole());
        let denied = page((2, 1, 1), &(rows(2) + "<tr><td>未找到相关标准</td></tr>"));
        assert!(!read_at(None, &denied).wholeness.is_whole());
    }

    #[test]
    fn the_edition_in_another_language_is_passed_over_and_counted() {
        let rows = row("GB/T 99001-2031", "中文") + &row("GB/T 99001-2031", "英文");
        let reading = read_at(None, &page((2, 1, 1), &rows));
        assert_eq!((reading.projects.len(), reading.defects.len()), (1, 0));
        assert!(reading.wholeness.is_whole());
    }

    #[test]
    fn a_column_that_is_gone_or_a_row_that_has_other_cells_is_noticed() {
        let text = page((1, 1, 1), &row("GB/T 99001-2031", "")).replace("<th>状态</th>", "<th>现状</th>");
        let why = "no column 状态 in the table of results".to_owned();
        assert_eq!(read_at(None, &text).wholeness, Wholeness::InDoubt(why));
        let text =
            page((2, 1, 1), &(row("GB/T 99001-2031", "") + &row("GB/T 99002-2031", "").replace("<td>示例</td>", "")));
        let reading = read_at(None, &text);
        assert_eq!(reading.projects.len(), 1);
        assert_eq!(reading.defects[0].what, "more or fewer cells than columns");
    }

    #[test]
    fn a_list_of_several_pages_goes_on_at_the_next() {
        let text = page((2, 1, 2), &row("GB/T 99001-2031", ""));
        let next = |url: &str| read_at(Some(url), &text).follow.first().map(Url::to_string);
        assert_eq!(
            next("https://openstd.example/bzgk/std/std_list?p.p2=GB").as_deref(),
            Some("https://openstd.example/bzgk/std/std_list?p.p2=GB&page=2")
        );
        assert_eq!(read_at(None, &text).follow, []);
        let project = &read_at(Some("https://openstd.example/bzgk/gb/std_list?p.p2=GB"), &text).projects[0];
        let own_page = format!("https://openstd.example/bzgk/gb/newGbInfo?hcno={}", "0".repeat(32));
        assert_eq!(project.url.as_deref(), Some(own_page.as_str()));
        assert_eq!(project.published.unwrap().to_string(), "2031-01-02");
    }
}
