//! ISO Open Data, technical committees: one JSON object a line, every committee and subcommittee of ISO. What is followed is the committee
//! itself: that it is there, its title, its status, its secretariat. Not its members and liaisons, which change without anybody caring.
//!
//! ```json
//! {"id":45306,"reference":"ISO/IEC JTC 1/SC 27","status":"Active","title":{"en":"…"},"secretariat":{"id":1511,"acronym":"DIN"},
//!  "creationDate":"1990-04-11","parentId":45020,"sortKey":"…"}
//! ```
//!
//! A committee is no project: it has no stage. What the file says of it stands as lines of words, so that each of them that changes is told.

use serde_json::Value;

use super::reading::{collapsed, defect, in_scope};
use super::{Absence, Authority, Content, Format, Page, Reading, Scope};
use crate::standards::committee::Committee;
use crate::standards::language::Language;
use crate::standards::programme::Defect;
use crate::standards::project::{Project, ProjectId};

/// The row of the table.
pub const FORMAT: Format = Format {
    name: "iso-committees",
    about: "ISO Open Data: the committees of ISO, JSON lines; title, status and secretariat of each",
    content: Content::JsonLines,
    absence: Absence::NoLongerListed,
    authority: Authority::Register,
    keep: Some(keep),
    sites: &["isopublicstorageprod.blob.core.windows.net/opendata/_latest/iso_technical_committees/json/"],
    read,
};

/// The key that every row has.
const ID_KEY: &str = "\"id\":";

fn read(page: &Page<'_>) -> Reading {
    let text = page.text.trim_start_matches('\u{FEFF}');
    if text.trim_start().starts_with('<') {
        return Reading::doubt("an HTML or XML page in place of JSON lines");
    }
    let (mut committees, mut defects) = (Vec::new(), Vec::new());
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let row: Value = match serde_json::from_str(line) {
            Ok(row) => row,
            Err(error) if error.is_eof() => {
                return Reading::doubt(format!("cut short: line {} ends inside a row", at + 1));
            }
            Err(_) => {
                // A line that swallowed its neighbours is a defect for each of them.
                let refused = Defect { line: Some(at + 1), ..defect("no JSON in this line", line) };
                defects.extend(vec![refused; line.matches(ID_KEY).count().max(1)]);
                continue;
            }
        };
        match committee_of(&row) {
            Ok(committee) => committees.push(committee),
            Err(refused) => defects.push(Defect { line: Some(at + 1), ..refused }),
        }
    }
    if committees.is_empty() && !defects.is_empty() {
        let why = format!("no committee in any of {} lines", defects.len());
        return Reading { defects, ..Reading::doubt(why) };
    }
    committees.retain(|committee| in_scope(committee, page.scope));
    Reading { defects, ..Reading::of(committees) }
}

/// Whether a line is a row of the committees asked for, or no row at all, which `read` must see.
fn keep(line: &str, scope: &Scope) -> bool {
    let Ok(row) = serde_json::from_str::<Value>(line) else { return true };
    let Some(committee) = reference_in(&row).and_then(|reference| Committee::parse(&reference)) else { return true };
    let is_followed = || row["id"].as_u64().is_some_and(|number| scope.followed.contains(&id_of(number)));
    scope.committees.is_empty() || scope.committees.iter().any(|wanted| committee.is_under(wanted)) || is_followed()
}

/// A committee is no project: it is known by its page.
fn id_of(number: u64) -> ProjectId {
    ProjectId::of_page(&url_of(number))
}

fn url_of(number: u64) -> String {
    format!("https://www.iso.org/committee/{number}.html")
}

/// What the committee is called; every one is of a body, and says so before a stroke.
fn reference_in(row: &Value) -> Option<String> {
    row["reference"].as_str().map(collapsed).filter(|reference| reference.contains('/'))
}

fn committee_of(row: &Value) -> Result<Project, Defect> {
    let text = |value: &Value| value.as_str().map(collapsed).filter(|text| !text.is_empty());
    let reference = reference_in(row).ok_or_else(|| defect("no reference in this row", &row.to_string()))?;
    let number = row["id"].as_u64().ok_or_else(|| defect("no number in this row", &reference))?;
    let status = text(&row["status"]).ok_or_else(|| defect("no status in this row", &reference))?;
    let mut committee = Project::new(id_of(number), reference.clone());
    for (code, title) in row["title"].as_object().into_iter().flatten() {
        committee.titles.extend(Language::from_code(code).zip(text(title)));
    }
    let said = [
        ("Status", Some(status)),
        ("Secretariat", text(&row["secretariat"]["acronym"])),
        ("Created", text(&row["creationDate"])),
        ("Committee above, by its number at ISO", row["parentId"].as_u64().map(|number| number.to_string())),
    ];
    let lines: Vec<String> =
        said.into_iter().filter_map(|(label, value)| Some(format!("{label}: {}", value?))).collect();
    committee.text = Some(lines.join("\n"));
    committee.committee = Some(reference);
    committee.url = Some(url_of(number));
    Ok(committee)
}
