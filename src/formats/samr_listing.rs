//! The answers of the searches on std.samr.gov.cn as JSON: rows, how many there are in all, which page comes next, and fields without
//! the marks of the search. Not what a row says: that is for each format.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::offset;
use regex::Regex;
use serde_json::Value;
use url::Url;

use super::reading::{collapsed, date_or_defect, in_scope, pattern};
use super::{Page, Reading};
use crate::standards::programme::{Defect, Wholeness};
use crate::standards::project::Project;

/// Links are made absolute with it where the address of the page is not known.
pub(super) const SITE: &str = "https://std.samr.gov.cn/";

/// The marks that the search puts around what it found; nothing takes their place.
static MARKS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)</?(?:sacinfo|em|b|font|span)\b[^<>]*>"));

/// The answer, or the part of it that holds the rows.
struct Listing<'a> {
    rows: &'a [Value],
    total: Option<u64>,
    page_number: Option<u64>,
}

/// Reads every row of an answer; what a row says is for `project_of`.
pub(super) fn read_rows(
    page: &Page<'_>,
    project_of: impl Fn(&Value, &Page<'_>, &mut Vec<Defect>) -> Result<Project, Defect>,
) -> Reading {
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
pub(super) fn text_of(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => collapsed(&MARKS.replace_all(text, "")),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
    };
    (!text.is_empty()).then_some(text)
}

/// A day, printed or as the milliseconds of its midnight in China, which the sister site for industry standards uses.
pub(super) fn day_of(value: &Value, defects: &mut Vec<Defect>) -> Option<Date> {
    if let Some(moment) = value.as_i64() {
        let moment = Timestamp::from_millisecond(moment).ok()?;
        return Some(offset(8).to_datetime(moment).date());
    }
    date_or_defect(&text_of(value)?, defects)
}

fn count_of(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}
