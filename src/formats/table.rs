//! Any HTML table or list, laid out by the configuration: which rows, which column holds what, what its words for stages mean. For bodies
//! that publish a work programme in a way of their own; a site that has a format here is better read by that.
//!
//! A row is known by the number that it prints (of a plan, of a national standard, of a project at iso.org by its link), else by its link,
//! else by the address of the page and what the row is called, without its stage. A heading that is gone is a doubt that names it.

use scraper::{ElementRef, Html, Selector};

use super::cn_numbers::{plan_number, standard_number};
use super::cn_states::meaning_of;
use super::columns::Columns;
use super::iso::{code_of, number_in_link};
use super::layout::{Field, Layout, Place};
use super::reading::{absolute, collapsed, css, date_or_defect, defect, first, in_scope, text_of, text_without};
use super::{Absence, Authority, Content, Format, Page, Reading};
use crate::standards::language::Language;
use crate::standards::programme::{Defect, Wholeness};
use crate::standards::project::{PrintedStage, Project, ProjectId};
use crate::standards::reference::{Reference, normal_form};

/// The row of the table.
pub const FORMAT: Format = Format {
    name: "table",
    about: "any HTML table or list, laid out by `rows`, `columns` and `stages` of the source",
    content: Content::Html,
    sites: &[],
    absence: Absence::SaysNothing,
    authority: Authority::Anybody,
    keep: None,
    read,
};

/// The rows of a page, and the headings above them where columns are found by headings.
struct Grid<'a> {
    rows: Vec<ElementRef<'a>>,
    columns: Option<Columns>,
}

fn read(page: &Page<'_>) -> Reading {
    let layout = &page.scope.layout;
    if layout.columns.is_empty() {
        return Reading::doubt("the source does not say which column holds what: write `columns`");
    }
    let document = Html::parse_document(page.text);
    let grid = match grid_of(&document, layout) {
        Ok(grid) => grid,
        Err(why) => return Reading::doubt(why),
    };
    let (mut projects, mut defects) = (Vec::new(), Vec::new());
    for row in &grid.rows {
        match project_of(*row, &grid, page, &mut defects) {
            Ok(project) => projects.push(project),
            Err(refused) => defects.push(refused),
        }
    }
    let wholeness = match (grid.rows.len(), projects.len()) {
        (0, _) => Wholeness::InDoubt("no rows in this page".to_owned()),
        (n_rows, 0) => Wholeness::InDoubt(format!("none of {n_rows} rows could be read")),
        _ => Wholeness::Whole,
    };
    projects.retain(|project| in_scope(project, page.scope));
    Reading { projects, defects, wholeness, follow: Vec::new() }
}

fn grid_of<'a>(document: &'a Html, layout: &Layout) -> Result<Grid<'a>, String> {
    let heading = |(_, place): &(Field, Place)| match place {
        Place::Heading(heading) => Some(heading.clone()),
        Place::Select(_) => None,
    };
    let wanted: Vec<String> = layout.columns.iter().filter_map(heading).collect();
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    let selected = layout.rows.as_deref().and_then(|rows| Selector::parse(rows).ok());
    if wanted.is_empty() {
        let selected = selected.ok_or("the source does not say what a row is: write `rows`")?;
        return Ok(Grid { rows: document.select(&selected).collect(), columns: None });
    }
    let table = table_with(document, &wanted)?;
    let columns = Columns::of(table).ok_or("no headings in the table")?;
    let rows = match selected {
        Some(selected) => table.select(&selected).collect(),
        None => table.select(&css("tr")).filter(|row| first(*row, &css("td")).is_some()).collect(),
    };
    Ok(Grid { rows, columns: Some(columns) })
}

/// The first table that has all headings; where none has, the one that lacks the fewest says which are gone.
fn table_with<'a>(document: &'a Html, wanted: &[&str]) -> Result<ElementRef<'a>, String> {
    let tables = css("table");
    let lacking = |table: ElementRef<'a>| Columns::of(table).map(|columns| (columns.missing(wanted).join(", "), table));
    let mut found: Vec<(String, ElementRef<'a>)> = document.select(&tables).filter_map(lacking).collect();
    found.sort_by_key(|(missing, _)| missing.len());
    match found.into_iter().next() {
        Some((missing, table)) if missing.is_empty() => Ok(table),
        Some((missing, _)) => Err(format!("no column {missing} in any table of this page")),
        None => Err("no table with headings in this page".to_owned()),
    }
}

fn project_of(
    row: ElementRef<'_>,
    grid: &Grid<'_>,
    page: &Page<'_>,
    defects: &mut Vec<Defect>,
) -> Result<Project, Defect> {
    let layout = &page.scope.layout;
    let cells = match &grid.columns {
        Some(columns) => {
            Some(columns.row(row).ok_or_else(|| defect("more or fewer cells than columns", &text_of(row)))?)
        }
        None => None,
    };
    let cell = |field: Field| {
        let (_, place) = layout.columns.iter().find(|(known, _)| *known == field)?;
        match place {
            Place::Heading(heading) => cells.as_ref()?.cell(heading),
            Place::Select(selector) => first(row, &Selector::parse(selector).ok()?),
        }
    };
    // A row that lacks what every row has is another row, or one that was cut.
    if let Some((field, _)) = layout.columns.iter().find(|(field, _)| cell(*field).is_none()) {
        return Err(defect(&format!("no {field:?} in this row"), &text_of(row)));
    }
    let text = |field: Field| cell(field).map(shown_in).filter(|text| !text.is_empty());
    let printed = text(Field::Reference).ok_or_else(|| defect("no reference in this row", &text_of(row)))?;
    if printed.contains('\u{FFFD}') {
        return Err(defect("bytes that are no text in this row", &printed));
    }
    let link = cell(Field::Link).or_else(|| cell(Field::Reference)).and_then(link_in);
    let url = link
        .and_then(|link| absolute(page, "https://invalid/", link))
        .filter(|url| page.url.is_some() || url.starts_with("http"));
    let mut project = Project::new(id_of(&printed, url.as_deref(), page), printed);
    project.url = url;
    for (field, language) in [(Field::TitleEn, Language::English), (Field::TitleZh, Language::Chinese)] {
        project.titles.extend(text(field).map(|title| (language, title)));
    }
    if let Some(stage) = text(Field::Stage) {
        put_stage(&mut project, &stage, layout, defects);
    }
    project.committee = text(Field::Committee);
    let mut day = |field: Field| text(field).and_then(|text| date_or_defect(&text, defects));
    project.since = day(Field::Since);
    project.published = day(Field::Published);
    project.effective = day(Field::Effective);
    project.consultation.closes = day(Field::Closes);
    Ok(project)
}

/// The text of a cell as a browser shows it.
fn shown_in(cell: ElementRef<'_>) -> String {
    text_without(cell, &css("script, style, template, textarea, noscript"))
}

fn link_in(cell: ElementRef<'_>) -> Option<&str> {
    let link = if cell.value().name() == "a" { Some(cell) } else { first(cell, &css("a[href]")) };
    link?.attr("href").map(str::trim).filter(|href| !href.is_empty() && !href.starts_with(['#', 'j']))
}

fn id_of(printed: &str, url: Option<&str>, page: &Page<'_>) -> ProjectId {
    if let Some(number) = plan_number(printed) {
        return ProjectId::Sac(number.to_string());
    }
    if let Some(number) = standard_number(printed) {
        return ProjectId::Gb(number.to_string());
    }
    if let Some(number) = url.filter(|url| url.contains("iso.org/")).and_then(number_in_link) {
        return ProjectId::Iso(number);
    }
    let stem = Reference::parse(printed).map_or_else(|| normal_form(printed), |reference| reference.stem());
    let here = page.url.map(ToString::to_string).unwrap_or_default();
    ProjectId::of_page(&url.map_or_else(|| format!("{here}#{stem}"), str::to_owned))
}

/// By the words of the configuration first, then by harmonized stage codes and the words of GB/T 16733; never by a guess.
fn put_stage(project: &mut Project, printed: &str, layout: &Layout, defects: &mut Vec<Defect>) {
    let printed = collapsed(printed);
    let mapped = layout.stages.iter().find(|(label, _)| collapsed(label) == printed).map(|(_, code)| *code);
    let known = meaning_of(&printed);
    let code = mapped.or_else(|| code_of(&printed)).or(known.map(|(code, _)| code));
    if code.is_none() {
        defects.push(defect("unknown stage text", &printed));
    }
    project.standing = if mapped.is_none() { known.map(|(_, standing)| standing) } else { None };
    project.stage = Some(PrintedStage { printed, code });
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::formats::Scope;
    use crate::standards::stage::Scheme;
    use crate::standards::stage::StageCode;

    fn read_by(layout: Layout, text: &str) -> Reading {
        let url = Url::parse("https://body.example/programme").unwrap();
        read(&Page { text, url: Some(&url), scope: &Scope { layout, ..Scope::default() } })
    }

    fn layout(rows: Option<&str>, columns: &[(Field, &str)]) -> Layout {
        Layout {
            rows: rows.map(str::to_owned),
            columns: columns.iter().map(|(field, place)| (*field, Place::parse(place))).collect(),
            is_complete: false,
            stages: vec![("Public  enquiry".to_owned(), StageCode::parse(Scheme::Iso, "40.20").unwrap())],
        }
    }

    const BY_HEADING: [(Field, &str); 3] =
        [(Field::Reference, "No."), (Field::TitleEn, "Title"), (Field::Stage, "Current stage")];

    fn table(heads: &[&str], rows: &[&[&str]]) -> String {
        let cells = |name: &str, texts: &[&str]| {
            texts.iter().map(|text| format!("<{name}>{text}</{name}>")).collect::<Vec<_>>().concat()
        };
        let rows: Vec<String> = rows.iter().map(|row| format!("<tr>{}</tr>", cells("td", row))).collect();
        format!("<table><tr><td>Menu</td></tr></table><table><tr>{}</tr>{}</table>", cells("th", heads), rows.concat())
    }

    #[test]
    fn columns_are_found_by_heading_wherever_they_stand() {
        let row = ["Public enquiry", "EX 1", "A  title"];
        let text = table(&["Current stage", "No.", "Title"], &[&row]);
        let other =
            table(&["No.", "New column", "Title", "Current stage"], &[&["EX 1", "x", "A title", "Public enquiry"]]);
        let (one, other) = (read_by(layout(None, &BY_HEADING), &text), read_by(layout(None, &BY_HEADING), &other));
        assert_eq!(one.projects, other.projects);
        let project = &one.projects[0];
        assert_eq!((project.reference.as_str(), project.titles[&Language::English].as_str()), ("EX 1", "A title"));
        assert_eq!(project.stage_code().unwrap().to_string(), "40.20");
    }

    #[test]
    fn a_row_is_known_by_its_number_its_link_or_its_name_without_the_stage() {
        let heads = ["No.", "Title", "Current stage"];
        let id = |reference: &str| {
            let text = table(&heads, &[&[reference, "t", "40.20"]]);
            read_by(layout(None, &BY_HEADING), &text).projects[0].id.clone()
        };
        assert_eq!(id("20290001-T-469").to_string(), "sac:20290001-T-469");
        assert_eq!(id("GB/T 99001-2031").to_string(), "gb:GB/T 99001-2031");
        assert_eq!(
            id("<a href='https://www.iso.org/standard/999001.html'>ISO/IEC CD 99001</a>"),
            ProjectId::Iso(999_001)
        );
        assert_eq!(id("<a href='/p/7'>EX 7</a>"), ProjectId::of_page("https://body.example/p/7"));
        assert_eq!(id("ISO/IEC CD 99001"), id("ISO/IEC DIS 99001"));
    }

    #[test]
    fn what_no_browser_shows_in_a_cell_is_not_read() {
        let heads = ["No.", "Title", "Current stage"];
        let row = ["<script><a href='/p/4'>EX 4</a></script>", "t", "40.20"];
        let reading = read_by(layout(None, &BY_HEADING), &table(&heads, &[&row, &["EX 5", "t", "40.20"]]));
        assert_eq!((reading.projects.len(), reading.defects[0].what.as_str()), (1, "no reference in this row"));
    }

    #[test]
    fn a_list_is_read_by_selectors() {
        let text =
            "<ul><li class=p><b>EX 1</b> <i>正在起草</i></li><li class=p><b>EX 2</b> <i>on ice</i></li><li>x</li></ul>";
        let reading = read_by(layout(Some("li.p"), &[(Field::Reference, "css:b"), (Field::Stage, "css:i")]), text);
        assert_eq!(reading.projects.len(), 2);
        assert_eq!(reading.projects[0].stage_code().unwrap().to_string(), "20");
        assert_eq!(reading.projects[1].stage.as_ref().unwrap().printed, "on ice");
        assert_eq!(reading.defects[0].what, "unknown stage text");
    }

    #[test]
    fn a_heading_that_is_gone_is_a_doubt_that_names_it() {
        let why = |text: &str| read_by(layout(None, &BY_HEADING), text).wholeness;
        let text = table(&["No.", "Title", "Phase"], &[&["EX 1", "t", "x"]]);
        assert_eq!(why(&text), Wholeness::InDoubt("no column Current stage in any table of this page".to_owned()));
        assert_eq!(why("<p>Welcome</p>"), Wholeness::InDoubt("no table with headings in this page".to_owned()));
        assert_eq!(
            why(&table(&["No.", "Title", "Current stage"], &[])),
            Wholeness::InDoubt("no rows in this page".to_owned())
        );
        assert!(matches!(read_by(Layout::default(), &text).wholeness, Wholeness::InDoubt(_)));
    }
}
