//! The advanced search of iso.org as JSON (`isoorg.advancedSearch.do`): projects with their stage and the day it began. It answered from
//! 2018 to 2021 and is gone; saved answers give projects a past by `stagewatch import`. Not Algolia's index of the same site, which names
//! wrong editions and is not read at all.
//!
//! ```json
//! {"standards":[{"csnumber":90001,"docRef":"ISO/IEC DIS 90001","title":"…","stageId":"40.20","stageStart":"2019-06-13","docEdition":1,
//!  "publicationStatus_key":"ENT_PROGRESS","committee":{"reference":"ISO/IEC JTC 1/SC 27"},"revises":[{"csnumber":80001}],
//!  "stages":[{"stageId":"40.00","stageStart":"2019-04-11"},{"stageId":"40.20","stageStart":"2019-06-13"},{"stageId":"60.60"}]}]}
//! ```
//!
//! The stages to come are listed without a day. In 2020 `publicationStatus` became an object with a `key`.

use serde_json::Value;

use super::iso::{code_of, deliverable_of, has_been_published, url_of};
use super::reading::{collapsed, date_in, defect, in_scope};
use super::{Absence, Authority, Content, Format, Page, Reading};
use crate::standards::language::Language;
use crate::standards::programme::Defect;
use crate::standards::project::{PrintedStage, Project, ProjectId};
use crate::standards::stage::{StageCode, Substage};

/// The row of the table.
pub const FORMAT: Format = Format {
    name: "iso-search",
    about: "www.iso.org, advancedSearch.do (2018 to 2021, gone since): projects with stage and date, for archives",
    content: Content::Json,
    absence: Absence::SaysNothing,
    authority: Authority::Overview,
    keep: None,
    sites: &["www.iso.org/cms/render/live/en/sites/isoorg.advancedSearch.do"],
    read,
};

fn read(page: &Page<'_>) -> Reading {
    let answer: Value = match serde_json::from_str(page.text.trim_start_matches('\u{feff}')) {
        Ok(answer) => answer,
        Err(error) => return Reading::doubt(format!("no whole JSON document: {error}")),
    };
    let Some(rows) = answer["standards"].as_array() else {
        return Reading::doubt("no `standards` in the answer");
    };
    let (mut projects, mut defects) = (Vec::new(), Vec::new());
    for row in rows {
        match project_of(row) {
            Ok(project) => projects.push(project),
            Err(refused) => defects.push(refused),
        }
    }
    if !rows.is_empty() && projects.is_empty() {
        return Reading { defects, ..Reading::doubt(format!("none of {} rows could be read", rows.len())) };
    }
    projects.retain(|project| in_scope(project, page.scope));
    Reading { defects, ..Reading::of(projects) }
}

fn project_of(row: &Value) -> Result<Project, Defect> {
    let text = |value: &Value| value.as_str().map(collapsed).filter(|text| !text.is_empty());
    let reference = text(&row["docRef"]).ok_or_else(|| defect("no reference in this row", &row.to_string()))?;
    let refused = |what: &str| defect(what, &reference);
    let number = row["csnumber"].as_u64().ok_or_else(|| refused("no number in this row"))?;
    let printed = text(&row["stageId"]).ok_or_else(|| refused("no stage in this row"))?;
    let code = code_of(&printed).ok_or_else(|| refused("unknown stage text"))?;
    let status = &row["publicationStatus"];
    let status = text(&row["publicationStatus_key"]).or_else(|| text(&status["key"]));
    if status.as_deref().is_some_and(|status| !agrees(status, code)) {
        return Err(refused("the status says otherwise than the stage"));
    }
    let mut project = Project::new(ProjectId::Iso(number), reference.clone());
    project.since = text(&row["stageStart"]).and_then(|day| date_in(&day));
    project.deliverable = deliverable_of(&reference);
    project.stage = Some(PrintedStage { printed, code: Some(code) });
    project.titles.extend(text(&row["title"]).map(|title| (Language::English, title)));
    project.committee = text(&row["committee"]["reference"]);
    let classes = row["ics"].as_array().into_iter().flatten();
    project.ics = classes.filter_map(|class| text(&class["label"])).collect();
    project.edition =
        row["docEdition"].as_u64().and_then(|edition| u32::try_from(edition).ok()).filter(|edition| *edition > 0);
    project.replaces = numbers_in(&row["revises"]);
    project.replaced_by = numbers_in(&row["revisedBy"]);
    project.url = Some(url_of(number));
    Ok(project)
}

fn numbers_in(list: &Value) -> Vec<String> {
    let numbers = list.as_array().into_iter().flatten().filter_map(|other| other["csnumber"].as_u64());
    numbers.map(|number| ProjectId::Iso(number).to_string()).collect()
}

/// The status of the site against the stage; a word that is not known says nothing.
fn agrees(status: &str, code: StageCode) -> bool {
    let is_withdrawn = code_of("95.99") == Some(code);
    let is_deleted = matches!(code, StageCode::Iso(code) if code.substage() == Substage::Abandon);
    match status {
        "ENT_PROGRESS" => !has_been_published(code) && !is_deleted,
        "ENT_ACTIVE" => has_been_published(code) && !is_withdrawn,
        "ENT_INACTIVE" => is_withdrawn,
        "ENT_DELETED" => is_deleted,
        _ => true,
    }
}
