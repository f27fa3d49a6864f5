//! The page of one standard on iso.org, `https://www.iso.org/standard/<project number>.html`, in English, French or Russian.
//!
//! Six layouts since 2018 are known. What holds in all of them, shortened:
//!
//! ```html
//! <div itemprop="category">u</div> <div id="csNumber">70001</div> <span id="itemReference">ISO/IEC DIS 70001-4</span>
//! <h1>ISO/IEC DIS 70001-4</h1><h2>Widget security — Part 4: Locks</h2>
//! <div class="entry-label">Technical Committee</div> : <a href="/committee/1.html">ISO/IEC JTC 1/SC 27</a>
//! <ul class="stages"><li class="dropdown active"> … <ul class="dropdown-menu">
//!   <li class="active"><a href="/stage-codes.html#40_20"><span class="stage-code">40.20</span><span class="stage-date">2031-02-03</span> …
//! ```
//!
//! Oddities: stages still to come are listed without a date, so the *active* row counts and not the last one; one code can stand
//! there twice, and the active one may have no date; the publication date is shown before publication, by the month; the number in
//! `/standard/27001` (without `.html`) is no project number; Russian pages carry English titles; newer layouts show at most three
//! pieces of a title. The names of stages are reworded every year or so and are not read.

/// Which project the page is about, what it is called, and in which language.
mod identity;
/// The table of stages and what it must agree with; what the standard replaces.
mod life_cycle;

use scraper::{ElementRef, Html, Selector};

use super::reading::collapsed;
use super::{Absence, Authority, Content, Format, Page, Reading, iso};
use crate::standards::programme::Defect;
use crate::standards::project::{PrintedStage, Project, ProjectId, Standing};
use crate::standards::stage::StageCode;

/// The row of the table.
pub const FORMAT: Format = Format {
    name: "iso-project",
    about: "iso.org: the page of one standard or project, in English, French or Russian",
    content: Content::Html,
    absence: Absence::SaysNothing,
    authority: Authority::OwnPage,
    keep: None,
    sites: &[
        "www.iso.org/standard/",
        "www.iso.org/fr/standard/",
        "www.iso.org/ru/standard/",
        "www.iso.org/contents/data/standard/",
        "committee.iso.org/standard/",
    ],
    read,
};

const COMMITTEE_LABELS: [&str; 3] = ["Technical Committee", "Comité technique", "Технический комитет"];
const EDITION_LABELS: [&str; 3] = ["Edition", "Édition", "Версия"];

/// Reads the page. The scope of the source is left aside: whoever names one page wants it, whichever committee it belongs to.
fn read(page: &Page<'_>) -> Reading {
    let html = Html::parse_document(page.text);
    match project_on(html.root_element(), page) {
        Ok((project, defects)) => Reading { defects, ..Reading::of(vec![project]) },
        Err(why) => Reading::doubt(why),
    }
}

/// The project, or why the page is not to be trusted.
fn project_on(root: ElementRef<'_>, page: &Page<'_>) -> Result<(Project, Vec<Defect>), String> {
    let number = identity::number_of(root, page.url)?;
    let reference = identity::reference_of(root)?;
    let active = life_cycle::active_stage(root)?;
    life_cycle::confirm(root, &active.code)?;
    let mut defects = Vec::new();
    let mut project = Project::new(ProjectId::Iso(number), reference);
    project.titles = identity::titles_of(root, page.url);
    project.deliverable = iso::deliverable_of(&project.reference);
    project.url = Some(iso::url_of(number));
    set_position(&mut project, &active, &mut defects);
    if project.stage_code().is_some_and(iso::has_been_published) {
        project.published = life_cycle::publication_in(root, &mut defects);
    }
    project.edition = labelled(root, &EDITION_LABELS).find_map(number_after);
    project.committee = labelled(root, &COMMITTEE_LABELS).find_map(committee_linked);
    if project.committee.is_none() {
        defects.push(defect("no committee under the label of the committee", ""));
    }
    project.ics = identity::classes_of(root);
    let relations = life_cycle::relations_of(root, number, &mut defects);
    project.replaces = relations.replaces;
    project.replaced_by = relations.replaced_by;
    Ok((project, defects))
}

fn set_position(project: &mut Project, active: &life_cycle::Row, defects: &mut Vec<Defect>) {
    let code = iso::code_of(&active.code);
    if code.is_none() {
        defects.push(defect(&format!("unknown stage `{}`", active.code), &active.code));
    }
    project.since = life_cycle::date_of(active, defects);
    project.standing = code.map(StageCode::standing);
    if matches!(project.standing, Some(Standing::Withdrawn | Standing::Cancelled)) {
        project.withdrawn = project.since;
    }
    project.stage = Some(PrintedStage { printed: active.code.clone(), code });
}

/// The blocks that carry one of these labels: fields are found by label, in any layout.
fn labelled<'a>(root: ElementRef<'a>, labels: &'static [&'static str]) -> impl Iterator<Item = ElementRef<'a>> {
    all(root, ".entry-label, strong")
        .into_iter()
        .filter(|element| {
            let label = text_of(*element);
            labels.contains(&label.trim_end_matches([':', ' ']))
        })
        .filter_map(|element| element.parent().and_then(ElementRef::wrap))
}

fn number_after(block: ElementRef<'_>) -> Option<u32> {
    let text = text_of(block);
    let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn committee_linked(block: ElementRef<'_>) -> Option<String> {
    first(block, "a[href*='/committee/']").map(text_of).filter(|name| !name.is_empty())
}

/// The elements that a selector of ours finds, in page order.
fn all<'a>(root: ElementRef<'a>, selector: &'static str) -> Vec<ElementRef<'a>> {
    let selector = Selector::parse(selector).expect("the selectors of this format are constants");
    root.select(&selector).collect()
}

fn first<'a>(root: ElementRef<'a>, selector: &'static str) -> Option<ElementRef<'a>> {
    all(root, selector).into_iter().next()
}

fn text_of(element: ElementRef<'_>) -> String {
    collapsed(&element.text().collect::<String>())
}

fn defect(what: &str, text: &str) -> Defect {
    Defect { line: None, what: what.to_owned(), text: iso::quoted(text) }
}
