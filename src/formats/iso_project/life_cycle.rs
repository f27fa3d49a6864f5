//! The life cycle on a page of iso.org: which stage is active, whether the rest of the page agrees, and what stands before and
//! after this standard. Not what the stages are called there: the names change, the codes do not.

use jiff::civil::Date;
use scraper::ElementRef;

use super::{all, collapsed, defect, first, iso, text_of};
use crate::standards::programme::Defect;
use crate::standards::project::ProjectId;

/// One row of the table of stages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// As printed, in the form `SS.ss`.
    pub code: String,
    /// As printed; may be empty.
    pub date: String,
}

/// What stands before and after a standard: ids, or references where the page has no link.
#[derive(Debug, Default)]
pub(super) struct Relations {
    /// Earlier editions, and what was merged into this one.
    pub replaces: Vec<String>,
    /// The next edition, published or not.
    pub replaced_by: Vec<String>,
}

const BEFORE: [&str; 5] = ["Previously", "Previous editions", "Précédemment", "Éditions précédentes", "Ранее"];
const AFTER: [&str; 6] =
    ["Will be replaced by", "Revised by", "Sera remplacée par", "Révisée par", "Будет заменено", "Пересмотрен"];
const BESIDE: [&str; 6] = [
    "Corrigenda/Amendments",
    "Rectificatifs techniques/Amendements",
    "Исправления/Изменения",
    "Now",
    "Actuellement",
    "Сейчас",
];

/// The one active row.
pub(super) fn active_stage(root: ElementRef<'_>) -> Result<Row, String> {
    let active: Vec<Row> = all(root, ".dropdown-menu li.active").into_iter().filter_map(row_of).collect();
    match active.as_slice() {
        [] => Err("no stage is marked as active".to_owned()),
        [row] if is_code(&row.code) => Ok(row.clone()),
        [row] => Err(format!("the active stage reads `{}`", row.code)),
        rows => {
            let codes: Vec<&str> = rows.iter().map(|row| row.code.as_str()).collect();
            Err(format!("{} stages are marked as active: `{}`", rows.len(), codes.join("`, `")))
        }
    }
}

/// Whether the rest of the page says the same: the line above the table (since 2021) and the letter of the status.
pub(super) fn confirm(root: ElementRef<'_>, code: &str) -> Result<(), String> {
    let lines = all(root, "a.current-stage");
    for line in &lines {
        let shown = first(*line, "strong").map_or_else(|| text_of(*line), text_of);
        if shown != code {
            return Err(format!("stage `{code}` is marked as active, but the line above says `{shown}`"));
        }
    }
    let letters: Vec<String> = all(root, "[itemprop='category']").into_iter().map(text_of).collect();
    for letter in &letters {
        if letter != letter_of(code) {
            return Err(format!("stage `{code}` is marked as active, but the status is `{letter}`"));
        }
    }
    if lines.is_empty() && letters.is_empty() {
        return Err(format!("nothing on the page confirms stage `{code}`"));
    }
    Ok(())
}

/// The day of 60.60: the day itself, where `Publication date` has only the month, and that sometimes the next one.
pub(super) fn publication_in(root: ElementRef<'_>, defects: &mut Vec<Defect>) -> Option<Date> {
    let rows = all(root, ".dropdown-menu li").into_iter().filter_map(row_of);
    rows.filter(|row| row.code == "60.60").find_map(|row| date_of(&row, defects))
}

/// The day of a row; a day that is none is a defect.
pub(super) fn date_of(row: &Row, defects: &mut Vec<Defect>) -> Option<Date> {
    if row.date.is_empty() {
        return None;
    }
    let date = row.date.parse().ok();
    if date.is_none() {
        defects.push(defect(&format!("the date of stage `{}` is no date", row.code), &row.date));
    }
    date
}

/// What stands before and after, in any layout: a heading, then links.
pub(super) fn relations_of(root: ElementRef<'_>, own: u64, defects: &mut Vec<Defect>) -> Relations {
    let mut relations = Relations::default();
    for step in all(root, ".steps > li") {
        let Some(heading) = first(step, "h4, strong").map(text_of) else { continue };
        let is_own = step.value().classes().any(|class| class == "active") || first(step, ".step.active").is_some();
        let list = match heading.as_str() {
            _ if is_own => continue,
            before if BEFORE.contains(&before) => &mut relations.replaces,
            after if AFTER.contains(&after) => &mut relations.replaced_by,
            beside if BESIDE.contains(&beside) => continue,
            _ => {
                defects.push(defect("unknown heading in the life cycle", &heading));
                continue;
            }
        };
        add_standards_in(step, own, list);
    }
    relations
}

fn add_standards_in(step: ElementRef<'_>, own: u64, list: &mut Vec<String>) {
    let linked: Vec<u64> =
        all(step, "a[href]").into_iter().filter_map(|link| iso::number_in_link(link.attr("href")?)).collect();
    let named: Vec<String> = if linked.is_empty() {
        all(step, "h5").into_iter().map(text_of).filter(|reference| !reference.is_empty()).collect()
    } else {
        linked.into_iter().filter(|number| *number != own).map(|number| ProjectId::Iso(number).to_string()).collect()
    };
    for name in named {
        if !list.contains(&name) {
            list.push(name);
        }
    }
}

fn row_of(item: ElementRef<'_>) -> Option<Row> {
    let date = first(item, ".stage-date").map(text_of).unwrap_or_default();
    first(item, ".stage-code").map(|code| Row { code: collapsed(&text_of(code)), date })
}

fn is_code(text: &str) -> bool {
    matches!(text.as_bytes(), [a, b, b'.', c, d] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()))
}

/// The letter of the status that goes with a code, in every language: under development, published, withdrawn, deleted.
fn letter_of(code: &str) -> &'static str {
    match code {
        "95.99" => "w",
        _ if code.ends_with(".98") => "d",
        // Codes of one form are ordered as their texts are.
        _ if code >= "60.60" => "p",
        _ => "u",
    }
}
