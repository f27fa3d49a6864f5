//! National standard plans with their stage: `gbProcessInfoPage` of std.samr.gov.cn, the one public source of a plan's stage.
//! Not the plan's own page, and not the plans of a committee: the answers are fuzzy searches, so absence says nothing.
//!
//! ```json
//! {"total":1,"pageNumber":1,"rows":[{"id":"…","C_PLAN_CODE":"20990001-T-469","C_C_NAME":"<sacinfo>示例</sacinfo>技术",
//!   "STD_FORM":"制订","SEND_DATE":"2099-10-24","CURRENT_LINK":"正在起草"}]}
//! ```
//!
//! A blocked client gets `{code, message}` with status 200: an answer without `rows` is a failed fetch, never "no results".

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::offset;
use regex::Regex;
use serde_json::Value;
use url::Url;

use super::cn_numbers::plan_number;
use super::cn_states::put_state;
use super::reading::{absolute, collapsed, date_or_defect, defect, in_scope, pattern};
use super::{Absence, Content, Format, Page, Reading};
use crate::standards::language::Language;
use crate::standards::programme::{Defect, Wholeness};
use crate::standards::project::{Project, ProjectId};

/// The row of the table.
pub const FORMAT: Format = Format {
    name: "samr-plans",
    about: "std.samr.gov.cn, gbProcessInfoPage: national standard plans (JSON) with number, title, stage and day of issue",
    content: Content::Json,
    absence: Absence::SaysNothing,
    keep: None,
    sites: &["std.samr.gov.cn/gb/search/gbProcessInfoPage"],
    read,
};

/// Links are made absolute with it where the address of the page is not known.
const SITE: &str = "https://std.samr.gov.cn/";

/// The marks that the search puts around what it found; nothing takes their place.
static MARKS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)</?(?:sacinfo|em|b|font|span)\b[^<>]*>"));

/// The answer, or the part of it that holds the rows.
struct Listing<'a> {
    rows: &'a [Value],
    total: Option<u64>,
    page_number: Option<u64>,
}

fn read(page: &Page<'_>) -> Reading {
    let answer: Value = match serde_json::from_str(page.text.trim_start_matches('\u{feff}')) {
        Ok(answer) => answer,
        Err(error) => return Reading::doubt(format!("no whole JSON document: {error}")),
    };
    let Some(listing) = listing_of(&answer) else {
        return Reading::doubt(without_rows(&answer));
    };
    let mut projects = Vec::new();
    let mut defects = Vec::new();
    for row in listing.rows {
        match project_of(row, page, &mut defects) {
            Ok(project) => projects.push(project),
            Err(refused) => defects.push(refused),
        }
    }
    let wholeness = wholeness_of(&listing, projects.len());
    projects.retain(|project| in_scope(project, page.scope));
    Reading { projects, defects, wholeness, follow: next_page(&listing, page.url).into_iter().collect() }
}

/// `rows` stands at the top of every answer that was seen of the sister addresses; one level of wrapping is let through.
fn listing_of(answer: &Value) -> Option<Listing<'_>> {
    let holder = std::iter::once(answer).chain(answer.as_object()?.values()).find(|part| part["rows"].is_array())?;
    Some(Listing {
        rows: holder["rows"].as_array()?,
        total: count_of(&holder["total"]),
        page_number: count_of(&holder["pageNumber"]),
    })
}

fn without_rows(answer: &Value) -> String {
    let said = ["code", "message", "msg"]
        .into_iter()
        .filter_map(|name| Some(format!("{name} `{}`", text_of(&answer[name])?)))
        .collect::<Vec<_>>()
        .join(", ");
    if said.is_empty() { "no `rows` in the answer".to_owned() } else { format!("no `rows` in the answer, but {said}") }
}

fn project_of(row: &Value, page: &Page<'_>, defects: &mut Vec<Defect>) -> Result<Project, Defect> {
    let refused = |what: &str| defect(what, &row.to_string());
    let printed = text_of(&row["C_PLAN_CODE"]).ok_or_else(|| refused("no plan number in this row"))?;
    let number = plan_number(&printed).ok_or_else(|| refused("plan number not understood"))?;
    let stage = text_of(&row["CURRENT_LINK"]).ok_or_else(|| refused("no stage in this row"))?;
    let mut project = Project::new(ProjectId::Sac(number.to_string()), printed);
    put_state(&mut project, &stage, defects);
    if let Some(title) = text_of(&row["C_C_NAME"]) {
        project.titles.insert(Language::Chinese, title);
    }
    project.deliverable = Some(number.deliverable());
    project.revision = text_of(&row["STD_FORM"]);
    project.issued = day_of(&row["SEND_DATE"], defects);
    project.url = text_of(&row["id"]).and_then(|id| absolute(page, SITE, &format!("/gb/search/gbDetailed?id={id}")));
    Ok(project)
}

fn wholeness_of(listing: &Listing<'_>, n_read: usize) -> Wholeness {
    let n_rows = listing.rows.len();
    let total = listing.total.unwrap_or(n_rows as u64);
    if n_rows > 0 && n_read == 0 {
        return Wholeness::InDoubt(format!("none of {n_rows} rows could be read"));
    }
    if n_rows as u64 > total {
        return Wholeness::InDoubt(format!("{n_rows} rows where {total} are claimed in all"));
    }
    if n_rows == 0 && total > 0 && listing.page_number.unwrap_or(1) <= 1 {
        return Wholeness::InDoubt(format!("no rows where {total} are claimed"));
    }
    Wholeness::Whole
}

/// The next page, where rows are left. The site may serve fewer rows than asked for, so the first page settles the size, and the
/// following addresses ask for just that; a page with fewer rows than asked for is then the last one.
fn next_page(listing: &Listing<'_>, url: Option<&Url>) -> Option<Url> {
    let url = url?;
    let asked = |name: &str| url.query_pairs().find(|(key, _)| key == name)?.1.parse::<u64>().ok();
    let served = listing.rows.len() as u64;
    let number = asked("pageNumber").or(listing.page_number).unwrap_or(1);
    let cut_short = number > 1 && asked("pageSize").is_some_and(|size| served < size);
    if served == 0 || cut_short || number.saturating_mul(served) >= listing.total? {
        return None;
    }
    let mut next = url.clone();
    next.query_pairs_mut()
        .clear()
        .extend_pairs(url.query_pairs().filter(|(key, _)| key != "pageNumber" && key != "pageSize"))
        .append_pair("pageSize", &served.to_string())
        .append_pair("pageNumber", &number.saturating_add(1).to_string());
    Some(next)
}

/// The text of a field without the marks of the search; `None` where it is absent, null or empty.
fn text_of(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => collapsed(&MARKS.replace_all(text, "")),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
    };
    (!text.is_empty()).then_some(text)
}

/// A day, printed or as the milliseconds of its midnight in China, which the sister site for industry standards uses.
fn day_of(value: &Value, defects: &mut Vec<Defect>) -> Option<Date> {
    if let Some(moment) = value.as_i64() {
        let moment = Timestamp::from_millisecond(moment).ok()?;
        return Some(offset(8).to_datetime(moment).date());
    }
    date_or_defect(&text_of(value)?, defects)
}

fn count_of(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Scope;
    use crate::standards::project::Standing;
    use crate::standards::stage::{GbStage, StageCode};

    fn read_at(url: Option<&str>, text: &str) -> Reading {
        let url = url.map(|url| Url::parse(url).unwrap());
        read(&Page { text, url: url.as_ref(), scope: &Scope::default() })
    }

    fn rows(n: usize, total: usize, number: usize) -> String {
        let row = |i: usize| serde_json::json!({"C_PLAN_CODE": format!("2099{:04}-T-469", number * 1000 + i), "CURRENT_LINK": "正在起草"});
        serde_json::json!({"total": total, "pageNumber": number, "rows": (0..n).map(row).collect::<Vec<_>>()})
            .to_string()
    }

    #[test]
    fn a_row_is_read_with_the_marks_of_the_search_taken_out() {
        let reading = read_at(
            Some("https://std.example/gb/search/gbProcessInfoPage?searchText=x&pageSize=50&pageNumber=1"),
            r#"{"total":"1","rows":[{"id":"AB12","C_PLAN_CODE":"20990001-<sacinfo>T</sacinfo>-469",
               "C_C_NAME":"<sacinfo>网络</sacinfo>安全技术  示例　规范","STD_FORM":"修订","SEND_DATE":"2099-10-24 00:00:00","CURRENT_LINK":"正在征求意见"}]}"#,
        );
        let project = &reading.projects[0];
        assert_eq!(project.id.to_string(), "sac:20990001-T-469");
        assert_eq!(project.reference, "20990001-T-469");
        assert_eq!(project.titles[&Language::Chinese], "网络安全技术 示例 规范");
        assert_eq!(project.stage_code(), Some(StageCode::Gb(GbStage::PublicConsultation)));
        assert_eq!(project.standing, Some(Standing::UnderDevelopment));
        assert_eq!(project.revision.as_deref(), Some("修订"));
        assert_eq!(project.issued.unwrap().to_string(), "2099-10-24");
        assert_eq!(project.url.as_deref(), Some("https://std.example/gb/search/gbDetailed?id=AB12"));
        assert_eq!((reading.wholeness, reading.follow, reading.defects), (Wholeness::Whole, vec![], vec![]));
    }

    #[test]
    fn a_row_without_number_or_without_stage_is_refused_and_the_others_stand() {
        let reading = read_at(
            None,
            r#"{"total":4,"rows":[{"C_PLAN_CODE":"20990001-T-469","CURRENT_LINK":null},{"CURRENT_LINK":"正在起草"},
               {"C_PLAN_CODE":"无","CURRENT_LINK":"正在起草"},{"C_PLAN_CODE":"20990002-Q-252","CURRENT_LINK":"已终止"}]}"#,
        );
        assert_eq!(reading.projects.len(), 1);
        assert_eq!(
            reading.defects.iter().map(|defect| defect.what.as_str()).collect::<Vec<_>>(),
            ["no stage in this row", "no plan number in this row", "plan number not understood"]
        );
        assert!(reading.wholeness.is_whole());
    }

    #[test]
    fn an_answer_without_rows_is_a_doubt_that_quotes_what_the_site_said() {
        let said = read_at(None, r#"{"code":500,"message":"访问过于频繁"}"#).wholeness;
        assert_eq!(
            said,
            Wholeness::InDoubt("no `rows` in the answer, but code `500`, message `访问过于频繁`".to_owned())
        );
        for text in ["", "[]", "null", "{}", "7", r#"{"rows":null}"#, "<html></html>", r#"{"total":3,"rows":[]}"#] {
            let reading = read_at(None, text);
            assert!(!reading.wholeness.is_whole() && reading.projects.is_empty(), "{text}");
        }
    }

    #[test]
    fn rows_of_which_none_can_be_read_are_a_doubt() {
        assert!(!read_at(None, r#"{"total":1,"rows":[{"PLAN":"20990001-T-469"}]}"#).wholeness.is_whole());
        assert!(!read_at(None, &rows(3, 2, 1)).wholeness.is_whole());
        assert!(read_at(None, r#"{"total":0,"rows":[]}"#).wholeness.is_whole());
        assert!(read_at(None, r#"{"data":{"total":0,"rows":[]}}"#).wholeness.is_whole());
    }

    #[test]
    fn pages_are_followed_by_the_size_that_was_served_until_the_total_is_reached() {
        let first = "https://std.example/p?searchText=%E5%AE%89%E5%85%A8&pageSize=50&pageNumber=1";
        let follow = |url: &str, text: &str| read_at(Some(url), text).follow.first().map(Url::to_string);
        let second = follow(first, &rows(20, 45, 1)).unwrap();
        assert_eq!(second, "https://std.example/p?searchText=%E5%AE%89%E5%85%A8&pageSize=20&pageNumber=2");
        let third = follow(&second, &rows(20, 45, 2)).unwrap();
        assert!(third.ends_with("&pageSize=20&pageNumber=3"));
        assert_eq!(follow(&third, &rows(5, 45, 3)), None);
        assert_eq!(follow(first, &rows(45, 45, 1)), None);
        assert_eq!(follow("https://std.example/p?pageNumber=9", r#"{"total":45,"rows":[]}"#), None);
        assert_eq!(read_at(None, &rows(20, 45, 1)).follow, []);
    }

    #[test]
    fn milliseconds_are_the_midnight_of_china() {
        let text = r#"{"rows":[{"C_PLAN_CODE":"20990001-T-469","CURRENT_LINK":"正在起草","SEND_DATE":1538323200000}]}"#;
        assert_eq!(read_at(None, text).projects[0].issued.unwrap().to_string(), "2018-10-01");
    }
}
