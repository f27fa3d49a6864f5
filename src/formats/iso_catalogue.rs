//! The catalogue of one committee (`https://www.iso.org/committee/45306/x/catalogue/p/1/u/1/w/0/d/0`) or of one ICS field
//! (`https://www.iso.org/ics/35.030/x/`) on iso.org: one row a standard or project, with its stage.
//!
//! **Never tried on a page of ISO's.** None was at hand when this was written: it is made of what programs of others look for in such
//! pages, and the programs span some years. Shortened:
//!
//! ```html
//! <table id="datatable-tc-projects"><tbody><tr ng-show="pChecked">
//!   <td data-title="Standard and/or project"><div class="fw-semibold"><div><a href="/standard/70001.html?browse=tc">
//!     <span class="entry-name">ISO/IEC DIS 70001-4</span></a> <span class="small">[Under development]</span>
//!     <div class="entry-summary">Widget security — Part 4: Locks</div></div></div></td>
//!   <td data-title="Stage"><a href="/stage-codes.html#40.20">40.20</a></td>
//!   <td data-title="TC"><a href="/committee/45306.html">ISO/IEC JTC 1/SC 27</a></td> …
//! ```
//!
//! So doubt comes first: a row counts only with a project number, a reference and a stage that nothing in the row contradicts; more
//! than a tenth of the rows otherwise, no row with both headings, no stage at all, one project at two stages, or no end of the page,
//! and nothing of it is believed. Headings are known in English, and with them the language of the titles.
//!
//! Oddities: the flags in the address choose sets (`p` published, `u` under development, `w` withdrawn, `d` deleted), so a project
//! leaves the page when it moves from one set to another, and ISO drops old ones: absence says nothing. Pages of some years hold
//! the rows of the other sets too, hidden by the class `ng-hide`; those are not read. There are no dates.

use std::collections::{BTreeMap, BTreeSet};

use scraper::{ElementRef, Html};

use super::reading::{collapsed, css, defect, first, in_scope, text_of};
use super::{Absence, Authority, Content, Format, Page, Reading, Scope, iso};
use crate::standards::language::Language;
use crate::standards::programme::Defect;
use crate::standards::project::{PrintedStage, Project, ProjectId, Standing};
use crate::standards::reference::Reference;
use crate::standards::stage::StageCode;

/// The row of the table.
pub const FORMAT: Format = Format {
    name: "iso-catalogue",
    about: "iso.org: catalogue of one committee or ICS field; never tried on a page of ISO's: see what `probe` finds first",
    content: Content::Html,
    absence: Absence::SaysNothing,
    authority: Authority::Overview,
    keep: None,
    sites: &["www.iso.org/committee/", "www.iso.org/ics/", "www.iso.org/contents/data/committee/"],
    read,
};

/// What the heading of the first column begins with; pages of committees may go on in it.
const PROJECT_HEADING: &str = "Standard and/or project";
const STAGE_HEADING: &str = "Stage";
const COMMITTEE_HEADING: &str = "TC";

/// What stands behind a reference, with what it says of the stage.
const LABELS: [(&str, Standing); 3] = [
    ("[Under development]", Standing::UnderDevelopment),
    ("[Withdrawn]", Standing::Withdrawn),
    ("[Deleted]", Standing::Cancelled),
];

/// One row in so many may be defective; more, and the page is laid out otherwise than we think.
const ROWS_A_DEFECT: usize = 10;

fn read(page: &Page<'_>) -> Reading {
    if breaks_off(page.text) {
        return Reading::doubt("the page breaks off before `</html>`");
    }
    let html = Html::parse_document(page.text);
    let mut listing = Listing::default();
    for row in html.select(&css("table[id^='datatable'] tr")).filter_map(Row::of) {
        listing.add(&row);
    }
    listing.into_reading(page.scope)
}

/// A list that breaks off reads like a shorter one, so here the end of the page must be there.
fn breaks_off(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.rfind("</html") < text.rfind("<table")
}

/// What was read so far.
#[derive(Default)]
struct Listing {
    projects: Vec<Project>,
    defects: Vec<Defect>,
    /// Where in `projects` a number stands.
    places: BTreeMap<ProjectId, usize>,
    n_rows: usize,
    n_hidden: usize,
    n_defective: usize,
    /// Whether any row had both headings.
    has_headings: bool,
    /// One project at two stages.
    contradiction: Option<String>,
}

impl Listing {
    fn add(&mut self, row: &Row<'_>) {
        if row.is_hidden {
            self.n_hidden += 1;
            return;
        }
        self.n_rows += 1;
        self.has_headings |= row.project.is_some() && row.stage.is_some();
        match row.project(&mut self.defects) {
            Ok((project, is_sound)) => {
                self.n_defective += usize::from(!is_sound);
                self.place(project);
            }
            Err(what) => {
                self.n_defective += 1;
                self.defects.push(defect(&what, &row.text));
            }
        }
    }

    /// A page may list a project in two of its tables; the first row stands.
    fn place(&mut self, project: Project) {
        let Some(place) = self.places.get(&project.id) else {
            self.places.insert(project.id.clone(), self.projects.len());
            self.projects.push(project);
            return;
        };
        if let (Some(one), Some(other)) = (&self.projects[*place].stage, &project.stage)
            && one != other
        {
            let what = format!("`{}` stands at `{}` and at `{}`", project.id, one.printed, other.printed);
            self.contradiction.get_or_insert(what);
        }
    }

    fn into_reading(self, scope: &Scope) -> Reading {
        let doubt = self.doubt(scope);
        let Listing { mut projects, defects, .. } = self;
        projects.retain(|project| in_scope(project, scope));
        let doubt = doubt.or_else(|| {
            let committee = scope.committees.first().filter(|_| projects.is_empty())?;
            Some(format!("no row of `{}`", committee.name()))
        });
        match doubt {
            Some(why) => Reading { defects, ..Reading::doubt(why) },
            None => Reading { defects, ..Reading::of(projects) },
        }
    }

    fn doubt(&self, scope: &Scope) -> Option<String> {
        if self.n_rows == 0 && self.n_hidden > 0 {
            return Some(format!("all {} rows are hidden", self.n_hidden));
        }
        if !self.has_headings {
            return Some(format!("no row has both `{PROJECT_HEADING}` and `{STAGE_HEADING}`"));
        }
        if let Some(contradiction) = &self.contradiction {
            return Some(contradiction.clone());
        }
        if self.projects.iter().all(|project| project.stage.is_none()) {
            return Some("no row has a stage".to_owned());
        }
        if self.n_defective * ROWS_A_DEFECT > self.n_rows {
            return Some(format!("{} of {} rows are defective", self.n_defective, self.n_rows));
        }
        // A project without a committee is kept whatever the source asks for, so here it would be all of them.
        let names_none = self.projects.iter().all(|project| project.committee.is_none());
        (names_none && !scope.committees.is_empty())
            .then(|| format!("no row names its committee (`{COMMITTEE_HEADING}`), and the source asks for some only"))
    }
}

/// One row that has at least one of the two headings.
struct Row<'a> {
    project: Option<ElementRef<'a>>,
    stage: Option<ElementRef<'a>>,
    committee: Option<ElementRef<'a>>,
    is_hidden: bool,
    text: String,
}

impl<'a> Row<'a> {
    fn of(row: ElementRef<'a>) -> Option<Row<'a>> {
        let cell = |is_wanted: &dyn Fn(&str) -> bool| {
            let cells = row.child_elements().filter(|cell| cell.value().name() == "td");
            cells.into_iter().find(|cell| cell.attr("data-title").is_some_and(|heading| is_wanted(&collapsed(heading))))
        };
        let project = cell(&|heading| heading.starts_with(PROJECT_HEADING));
        let stage = cell(&|heading| heading == STAGE_HEADING);
        if project.is_none() && stage.is_none() {
            return None;
        }
        let committee = cell(&|heading| heading == COMMITTEE_HEADING);
        Some(Row { project, stage, committee, is_hidden: is_hidden(row), text: text_of(row) })
    }

    /// The project and whether all of it could be read, or what the row lacks; defects of the stage are added.
    fn project(&self, defects: &mut Vec<Defect>) -> Result<(Project, bool), String> {
        let cell = self.project.ok_or("no project in this row")?;
        let (number, link) = number_in(cell)?;
        let reference = reference_in(cell, link).ok_or("no reference in this row")?;
        let mut project = Project::new(ProjectId::Iso(number), reference);
        project.deliverable = iso::deliverable_of(&project.reference);
        project.titles = title_in(cell).map(|title| (Language::English, title)).into_iter().collect();
        project.committee = self.committee.map(text_of).filter(|name| !name.is_empty());
        project.url = Some(iso::url_of(number));
        let problem = match self.stage_beside(cell) {
            Ok(stage) => {
                project.standing = stage.code.map(StageCode::standing);
                let problem = stage.code.is_none().then(|| format!("unknown stage `{}`", stage.printed));
                project.stage = Some(stage);
                problem
            }
            Err(problem) => Some(problem),
        };
        let is_sound = problem.is_none();
        defects.extend(problem.map(|what| defect(&what, &self.text)));
        Ok((project, is_sound))
    }

    /// The stage, where its link and the label behind the reference say the same.
    fn stage_beside(&self, project: ElementRef<'_>) -> Result<PrintedStage, String> {
        let cell = self.stage.ok_or("no stage in this row")?;
        let link = first(cell, &css("a")).ok_or("no stage in this row")?;
        let printed = text_of(link);
        if !is_code(&printed) {
            return Err(format!("no stage in this row, but `{printed}`"));
        }
        let anchor = link.attr("href").and_then(|href| Some(href.rsplit_once('#')?.1.replace('_', ".")));
        if let Some(anchor) = anchor.filter(|anchor| is_code(anchor) && *anchor != printed) {
            return Err(format!("the stage reads `{printed}`, and its link `{anchor}`"));
        }
        let code = iso::code_of(&printed);
        let label = label_in(project);
        if let (Some(code), Some((label, standing))) = (code, label)
            && code.standing() != standing
        {
            return Err(format!("the stage reads `{printed}`, and the project is `{label}`"));
        }
        Ok(PrintedStage { printed, code })
    }
}

/// Whether a row, or what it stands in, is not shown to a visitor.
fn is_hidden(row: ElementRef<'_>) -> bool {
    let around = row.ancestors().filter_map(ElementRef::wrap);
    std::iter::once(row).chain(around).any(|element| element.value().classes().any(|class| class == "ng-hide"))
}

/// The one project that the cell links to, with the first of its links.
fn number_in(cell: ElementRef<'_>) -> Result<(u64, ElementRef<'_>), String> {
    let links = css("a[href]");
    let numbered =
        || cell.select(&links).filter_map(|link| Some((iso::number_in_link(link.attr("href")?.trim())?, link)));
    let numbers: BTreeSet<u64> = numbered().map(|(number, _)| number).collect();
    match numbered().next() {
        Some(found) if numbers.len() == 1 => Ok(found),
        Some(_) => Err(format!("{} projects in one row", numbers.len())),
        None => Err("no project number in this row".to_owned()),
    }
}

/// What the row calls the project; a text of another pattern is none, since it would be something else of the row.
fn reference_in(cell: ElementRef<'_>, link: ElementRef<'_>) -> Option<String> {
    let name = first(cell, &css(".entry-name")).map(text_of).filter(|name| !name.is_empty());
    name.or_else(|| Some(text_of(link))).filter(|name| Reference::parse(name).is_some())
}

/// The title; some rows have none, and some a lone dash.
fn title_in(cell: ElementRef<'_>) -> Option<String> {
    let title = first(cell, &css(".entry-summary, .entry-description")).map(text_of)?;
    title.contains(char::is_alphanumeric).then_some(title)
}

fn label_in(cell: ElementRef<'_>) -> Option<(&'static str, Standing)> {
    let texts: Vec<String> = cell.select(&css("span")).map(text_of).collect();
    LABELS.into_iter().find(|(label, _)| texts.iter().any(|text| text == label))
}

fn is_code(text: &str) -> bool {
    matches!(text.as_bytes(), [a, b, b'.', c, d] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standards::committee::Committee;
    use crate::standards::programme::Wholeness;

    fn row(number: u64, reference: &str, stage: &str) -> String {
        format!(
            "<tr><td data-title='Standard and/or project'><div><div><a href='/standard/{number}.html?browse=tc'>{reference}</a>\
             <div class='entry-summary'>Widget security</div></div></div></td><td data-title='Stage'><a href='/stage-codes.html#{stage}'>{stage}</a></td>\
             <td data-title='TC'><a href='/committee/1.html'>ISO/IEC JTC 1/SC 27</a></td></tr>"
        )
    }

    fn table(rows: &str) -> String {
        format!("<html><body><table id='datatable-tc-projects'><tbody>{rows}</tbody></table></body></html>")
    }

    /// Twenty good rows, among which a few others may be bad.
    fn many() -> String {
        (70_001..=70_020).map(|number| row(number, &format!("ISO/IEC DIS {number}"), "40.20")).collect()
    }

    fn read_in(text: &str, committees: &[&str]) -> Reading {
        let committees = committees.iter().filter_map(|name| Committee::parse(name)).collect();
        let scope = Scope { committees, ..Scope::default() };
        read(&Page { text, url: None, scope: &scope })
    }

    fn why(reading: &Reading) -> &str {
        match &reading.wholeness {
            Wholeness::Whole => "",
            Wholeness::InDoubt(why) => why,
        }
    }

    fn read_among_many(odd: &str) -> Reading {
        read_in(&table(&(many() + odd)), &[])
    }

    #[test]
    fn a_row_gives_number_reference_title_stage_and_committee() {
        let reading = read_in(&table(&row(70_001, "ISO/IEC DIS 70001-4", "40.20")), &[]);
        assert_eq!((why(&reading), reading.defects.len(), reading.projects.len()), ("", 0, 1));
        let project = &reading.projects[0];
        assert_eq!((&*project.reference, project.id.to_string()), ("ISO/IEC DIS 70001-4", "iso:70001".to_owned()));
        assert_eq!(project.titles, BTreeMap::from([(Language::English, "Widget security".to_owned())]));
        assert_eq!(project.stage_code(), iso::code_of("40.20"));
        assert_eq!(project.standing, Some(Standing::UnderDevelopment));
        assert_eq!(project.committee.as_deref(), Some("ISO/IEC JTC 1/SC 27"));
        assert_eq!(project.url.as_deref(), Some("https://www.iso.org/standard/70001.html"));
        assert_eq!((project.since, project.published), (None, None));
    }

    #[test]
    fn a_row_that_lacks_something_is_a_defect_and_never_a_guess() {
        let good = row(70_099, "ISO/IEC DIS 70099", "40.20");
        for (odd, what, n_projects) in [
            (good.replace(".html?", "?"), "no project number in this row", 20),
            (good.replace("ISO/IEC DIS 70099", ""), "no reference in this row", 20),
            (good.replace("ISO/IEC DIS 70099", "Read more"), "no reference in this row", 20),
            (good.replace("Standard and/or project", "ICS"), "no project in this row", 20),
            (good.replace("'Stage'", "'ICS'"), "no stage in this row", 21),
            (good.replace(">40.20</a>", ">DIS ballot</a>"), "no stage in this row, but `DIS ballot`", 21),
            (good.replace(">40.20</a>", ">40.60</a>"), "the stage reads `40.60`, and its link `40.20`", 21),
            (good.replace("40.20", "40.61"), "unknown stage `40.61`", 21),
            (
                good.replace("<div class", "<span>[Withdrawn]</span><div class"),
                "the stage reads `40.20`, and the project is `[Withdrawn]`",
                21,
            ),
            (good.replace("<div class", "<a href='/standard/1.html'>x</a><div class"), "2 projects in one row", 20),
        ] {
            let reading = read_among_many(&odd);
            assert_eq!((why(&reading), reading.projects.len()), ("", n_projects), "{what}");
            assert_eq!(reading.defects.iter().map(|defect| &*defect.what).collect::<Vec<_>>(), [what]);
            assert!(reading.projects.get(20).is_none_or(|project| project.stage_code().is_none()), "{what}");
        }
    }

    #[test]
    fn more_than_a_tenth_of_defective_rows_is_a_doubt() {
        let odd = row(70_099, "", "40.20");
        assert_eq!(why(&read_in(&table(&(many() + &odd.repeat(2))), &[])), "");
        let reading = read_in(&table(&(many() + &odd.repeat(3))), &[]);
        assert_eq!((why(&reading), reading.projects.len()), ("3 of 23 rows are defective", 0));
        assert_eq!(reading.defects.len(), 3);
    }

    #[test]
    fn a_page_without_the_table_or_its_headings_is_a_doubt() {
        let without = "no row has both `Standard and/or project` and `Stage`";
        for text in [
            String::new(),
            "<html><body>Home</body></html>".to_owned(),
            table(""),
            many(),
            table(&many()).replace(" id='datatable-tc-projects'", ""),
            table(&many().replace("'Stage'", "'Status'")),
            table(&many().replace("Standard and/or project", "Norme et/ou projet")),
            table(
                "<tr><td data-title='ICS'><a href='/ics/35.html'>35</a></td><td data-title='Field'>Widgets</td></tr>",
            ),
        ] {
            let reading = read_in(&text, &[]);
            assert_eq!((why(&reading), reading.projects.len()), (without, 0), "{text}");
        }
        let reading = read_in(&table(&many().replace(">40.20<", "> <")), &[]);
        assert_eq!((why(&reading), reading.defects.len()), ("no row has a stage", 20));
    }

    #[test]
    fn a_page_cut_anywhere_is_a_doubt() {
        let text = table(&(row(70_001, "ISO/IEC DIS 70001", "40.20") + &row(70_002, "ISO/IEC DIS 70002", "40.20")));
        for end in 0..text.len() - "></html>".len() {
            assert!(!read_in(&text[..end], &[]).wholeness.is_whole(), "{end}");
        }
        let upper = text.replace("</html>", "</HTML>\n<!-- served by 7 -->");
        assert_eq!(read_in(&upper, &[]).projects.len(), 2);
    }

    #[test]
    fn the_heading_of_a_committee_may_go_on() {
        let text = many().replace("project'", "project under the direct responsibility of ISO/IEC JTC 1/SC 27'");
        assert_eq!(read_in(&table(&text), &[]).projects.len(), 20);
    }

    #[test]
    fn one_project_listed_twice_counts_once_and_at_two_stages_puts_the_page_in_doubt() {
        let again = |stage: &str| read_among_many(&row(70_001, "ISO/IEC DIS 70001", stage));
        let same = again("40.20");
        assert_eq!((why(&same), same.projects.len(), same.defects.len()), ("", 20, 0));
        let other = again("40.60");
        assert_eq!((why(&other), other.projects.len()), ("`iso:70001` stands at `40.20` and at `40.60`", 0));
        // Two projects may bear one reference.
        assert_eq!(read_among_many(&row(70_098, "ISO/IEC DIS 70001", "40.98")).projects.len(), 21);
    }

    #[test]
    fn hidden_rows_are_not_read_and_nothing_but_hidden_rows_is_a_doubt() {
        let hidden = many().replace("<tr>", "<tr class='ng-hide odd'>");
        let shown = row(70_099, "ISO/IEC DIS 70099", "40.20");
        assert_eq!(read_in(&table(&(hidden.clone() + &shown)), &[]).projects.len(), 1);
        assert_eq!(why(&read_in(&table(&hidden), &[])), "all 20 rows are hidden");
        let within = format!("<div class='ng-hide'>{}</div>{}", table(&many()).replace("</html>", ""), table(&shown));
        assert_eq!(read_in(&within, &[]).projects.len(), 1);
    }

    #[test]
    fn committees_are_told_apart_by_their_column() {
        let other = row(70_099, "ISO/DIS 70099", "40.20").replace("ISO/IEC JTC 1/SC 27", "ISO/TC 34");
        let text = table(&(many() + &other));
        assert_eq!(read_in(&text, &["ISO/TC 34"]).projects.len(), 1);
        assert_eq!(read_in(&text, &["ISO/IEC JTC 1"]).projects.len(), 20);
        assert_eq!(why(&read_in(&text, &["ISO/TC 35"])), "no row of `ISO/TC 35`");
        let without = text.replace("'TC'", "'Committee'");
        assert_eq!(read_in(&without, &[]).projects.len(), 21);
        assert!(why(&read_in(&without, &["ISO/TC 34"])).starts_with("no row names its committee"));
    }

    #[test]
    fn a_lone_dash_is_no_title() {
        let text = table(&row(70_001, "ISO/IEC DIS 70001-4", "40.20").replace("Widget security", " — "));
        assert!(read_in(&text, &[]).projects[0].titles.is_empty());
    }
}
