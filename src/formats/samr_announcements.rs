//! Announcements of national standards (国家标准公告) as std.samr.gov.cn lists them: `nocGBPage`, and its sisters for industry and local
//! standards. Not the text of an announcement, which stands on another site; each is a notice here, known by the address of that text.
//!
//! ```json
//! {"total":1,"rows":[{"TITLE":"关于批准发布《示例》等20项国家标准的公告","PID":"0A1B","NOTICE_DATE":"2031-05-25","CODE":"2031年第23号"}]}
//! ```
//!
//! No answer was at hand, only the names of its fields in working crawlers: a row without title or number is a defect, and an answer
//! without a readable row a doubt.

use serde_json::Value;

use super::reading::defect;
use super::samr_listing::{day_of, read_rows, text_of};
use super::{Absence, Authority, Content, Format, Page, Reading};
use crate::standards::language::Language;
use crate::standards::programme::Defect;
use crate::standards::project::{Project, ProjectId};

/// The row of the table.
pub const FORMAT: Format = Format {
    name: "samr-announcements",
    about: "std.samr.gov.cn, nocGBPage: announcements of national standards (JSON; never tried on a real answer: probe first)",
    content: Content::Json,
    sites: &["std.samr.gov.cn/noc/search/nocGBPage"],
    absence: Absence::SaysNothing,
    authority: Authority::News,
    keep: None,
    read,
};

/// Where the text of an announcement stands, by its number at the site.
const TEXTS: &str = "https://std.sacinfo.org.cn/gnoc/queryInfo?id=";

fn read(page: &Page<'_>) -> Reading {
    read_rows(page, notice_of)
}

fn notice_of(row: &Value, _page: &Page<'_>, defects: &mut Vec<Defect>) -> Result<Project, Defect> {
    let title = text_of(&row["TITLE"]).or_else(|| text_of(&row["C_TITLE"]));
    let title = title.ok_or_else(|| defect("no title in this row", &row.to_string()))?;
    let number = text_of(&row["PID"]).filter(|number| number.len() > 1 && number.chars().all(char::is_alphanumeric));
    let number = number.ok_or_else(|| defect("no number in this row", &title))?;
    let url = format!("{TEXTS}{number}");
    let reference = text_of(&row["CODE"]).unwrap_or_else(|| title.clone());
    let mut notice = Project::new(ProjectId::of_page(&url), reference);
    notice.titles.insert(Language::Chinese, title);
    notice.published = day_of(&row["NOTICE_DATE"], defects);
    notice.url = Some(url);
    Ok(notice)
}
