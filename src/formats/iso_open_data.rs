//! ISO Open Data, deliverables: one JSON object a line, every deliverable of ISO, some 100 MB.
//!
//! <https://www.iso.org/open-data.html>; ODC-By 1.0. A line, shortened:
//!
//! ```json
//! {"id":70001,"deliverableType":"IS","supplementType":null,"reference":"ISO/IEC DIS 70001-4","title":{"en":"…","fr":"…"},
//!  "publicationDate":null,"edition":1,"icsCode":["35.030"],"ownerCommittee":"ISO/IEC JTC 1/SC 27","currentStage":4020,
//!  "replaces":[60001],"replacedBy":null,"languages":["en"],"pages":{"en":31},"scope":{"en":"<p>…</p>"}}
//! ```
//!
//! Oddities: `currentStage` is a number and so loses leading zeros (00.98 is `98`); `title` is missing from older editions of
//! the file; dead projects have a reference that begins with the word `Withdrawn`; there is no date of the stage. The committees, the
//! index of the ICS and the text of the scope are not read.

/// Which lines of the file are read at all.
mod sieve;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

use self::sieve::{ID_KEY, OWNER_KEY, is_closed_object, keep};
use super::reading::collapsed;
use super::{Absence, Authority, Content, Format, Page, Reading, Scope, iso};
use crate::standards::committee::Committee;
use crate::standards::deliverable::Deliverable;
use crate::standards::language::Language;
use crate::standards::programme::Defect;
use crate::standards::project::{PrintedStage, Project, ProjectId};

/// The row of the table.
pub const FORMAT: Format = Format {
    name: "iso-open-data",
    about: "ISO Open Data: every deliverable of ISO with its stage, JSON lines",
    content: Content::JsonLines,
    absence: Absence::NoLongerListed,
    authority: Authority::Register,
    keep: Some(keep),
    sites: &["isopublicstorageprod.blob.core.windows.net/opendata/_latest/iso_deliverables_metadata/json/"],
    read,
};

fn read(page: &Page<'_>) -> Reading {
    let text = page.text.trim_start_matches('\u{FEFF}');
    if text.trim_start().starts_with('<') {
        return Reading::doubt("an HTML or XML page in place of JSON lines");
    }
    let lines: Vec<(usize, &str)> =
        text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(|(at, line)| (at + 1, line)).collect();
    let mut rows = Rows::default();
    for (number, line) in &lines {
        rows.add(*number, line, page.scope);
    }
    if let Some((number, line)) = lines.last()
        && !is_closed_object(line)
    {
        return Reading::doubt(format!("cut short: line {number}, the last, ends inside a row: `{}`", ending_of(line)));
    }
    rows.into_reading(page.scope)
}

fn ending_of(line: &str) -> String {
    let chars: Vec<char> = line.trim_end().chars().collect();
    chars[chars.len().saturating_sub(40)..].iter().collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    id: u64,
    #[serde(borrow)]
    reference: Cow<'a, str>,
    #[serde(borrow, default)]
    deliverable_type: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    supplement_type: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    title: Option<BTreeMap<Cow<'a, str>, Option<Cow<'a, str>>>>,
    #[serde(borrow, default)]
    publication_date: Option<Cow<'a, str>>,
    edition: Option<u32>,
    /// A list of texts; whatever else it may become, no row is lost by it.
    #[serde(default)]
    ics_code: Value,
    #[serde(borrow, default)]
    owner_committee: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    current_stage: Option<StageCell<'a>>,
    replaces: Option<Vec<u64>>,
    replaced_by: Option<Vec<u64>>,
}

/// A number today; a text would keep its zeros.
#[derive(Deserialize)]
#[serde(untagged)]
enum StageCell<'a> {
    Number(u64),
    #[serde(borrow)]
    Text(Cow<'a, str>),
}

impl StageCell<'_> {
    /// `98` → `00.98`, `4020` → `40.20`: as every other page of ISO prints it.
    fn printed(&self) -> String {
        match self {
            StageCell::Number(number) => format!("{:02}.{:02}", number / 100, number % 100),
            StageCell::Text(text) => collapsed(text),
        }
    }
}

impl Row<'_> {
    fn is_in(&self, scope: &Scope) -> bool {
        let owner = self.owner_committee.as_deref().and_then(Committee::parse);
        scope.committees.is_empty()
            || scope.followed.contains(&ProjectId::Iso(self.id))
            || owner.is_some_and(|owner| scope.committees.iter().any(|committee| owner.is_under(committee)))
    }

    fn titles(&self) -> BTreeMap<Language, String> {
        self.title
            .iter()
            .flatten()
            .filter_map(|(code, title)| Some((Language::from_code(code)?, collapsed(title.as_deref()?))))
            .filter(|(_, title)| !title.is_empty())
            .collect()
    }

    /// The supplement's kind, else the document's; the text of a kind that we do not know.
    fn deliverable(&self) -> Result<Option<Deliverable>, String> {
        if let Some(supplement) = self.supplement_type.as_deref() {
            return iso::supplement_named(supplement).map(Some).ok_or_else(|| supplement.to_owned());
        }
        match self.deliverable_type.as_deref() {
            Some(kind) => iso::kind_named(kind).map(Some).ok_or_else(|| kind.to_owned()),
            None => Ok(None),
        }
    }
}

/// What can be read of a row of which something cannot: a project must not be taken for gone because a field has another shape. Without
/// a stage rather than not at all.
fn row_in_part(row: &mut Value) -> Option<Row<'_>> {
    let fields = row.as_object_mut()?;
    fields.retain(|key, _| ["id", "reference", "ownerCommittee", "currentStage"].contains(&key.as_str()));
    if Row::deserialize(&Value::Object(fields.clone())).is_err() {
        fields.remove("currentStage");
    }
    Row::deserialize(&*row).ok()
}

/// What was read so far.
#[derive(Default)]
struct Rows {
    projects: Vec<Project>,
    defects: Vec<Defect>,
    seen: BTreeSet<u64>,
}

impl Rows {
    fn add(&mut self, number: usize, line: &str, scope: &Scope) {
        match serde_json::from_str::<Row<'_>>(line) {
            Ok(row) => self.add_wanted(number, line, &row, scope),
            Err(error) => {
                // A line that swallowed its neighbours is a defect for each of them.
                for _ in 0..line.matches(ID_KEY).count().max(1) {
                    self.note(number, format!("no row of ISO Open Data: {error}"), line);
                }
                let object = serde_json::from_str(line).unwrap_or_default();
                if let Some(row) = row_in_part(&mut Value::Object(object)) {
                    self.add_wanted(number, line, &row, scope);
                }
            }
        }
    }

    fn add_wanted(&mut self, number: usize, line: &str, row: &Row<'_>, scope: &Scope) {
        if !row.is_in(scope) {
            // `null` is of no committee; a row without the key may be of any.
            if !line.contains(OWNER_KEY) {
                self.note(number, "no committee in this row".to_owned(), line);
            }
            return;
        }
        if self.seen.insert(row.id) {
            self.add_row(number, line, row);
        } else {
            self.note(number, format!("project `{}` has a row already; the first one stands", row.id), line);
            self.contradict(row);
        }
    }

    /// Of a project that has rows at two stages, neither is believed.
    fn contradict(&mut self, row: &Row<'_>) {
        let printed = row.current_stage.as_ref().map(StageCell::printed);
        let id = ProjectId::Iso(row.id);
        if let Some(first) = self.projects.iter_mut().find(|project| project.id == id)
            && first.stage.as_ref().map(|stage| &stage.printed) != printed.as_ref()
        {
            (first.stage, first.standing, first.published) = (None, None, None);
        }
    }

    fn add_row(&mut self, number: usize, line: &str, row: &Row<'_>) {
        let mut project = Project::new(ProjectId::Iso(row.id), collapsed(&row.reference));
        project.titles = row.titles();
        project.committee = row.owner_committee.as_deref().map(collapsed).filter(|name| !name.is_empty());
        project.edition = row.edition;
        project.ics = row.ics_code.as_array().into_iter().flatten().filter_map(Value::as_str).map(collapsed).collect();
        project.replaces = ids_of(row.replaces.as_deref());
        project.replaced_by = ids_of(row.replaced_by.as_deref());
        project.url = Some(iso::url_of(row.id));
        project.deliverable = row.deliverable().unwrap_or_else(|kind| {
            self.note(number, format!("unknown kind of document `{kind}`"), line);
            None
        });
        match &row.current_stage {
            Some(cell) => self.set_stage(number, line, &mut project, cell.printed()),
            None => self.note(number, "no stage in this row".to_owned(), line),
        }
        self.set_publication(number, line, &mut project, row.publication_date.as_deref());
        self.projects.push(project);
    }

    fn set_stage(&mut self, number: usize, line: &str, project: &mut Project, printed: String) {
        let code = iso::code_of(&printed);
        if code.is_none() {
            self.note(number, format!("unknown stage `{printed}`"), line);
        }
        project.standing = code.map(crate::standards::stage::StageCode::standing);
        project.stage = Some(PrintedStage { printed, code });
    }

    fn set_publication(&mut self, number: usize, line: &str, project: &mut Project, date: Option<&str>) {
        let Some(date) = date.map(str::trim).filter(|date| !date.is_empty()) else { return };
        match date.parse::<Date>() {
            Ok(date) => project.published = project.stage_code().is_some_and(iso::has_been_published).then_some(date),
            Err(_) => self.note(number, format!("`{date}` is no date of publication"), line),
        }
    }

    fn note(&mut self, line: usize, what: String, text: &str) {
        self.defects.push(Defect { line: Some(line), what, text: iso::quoted(text) });
    }

    fn into_reading(self, scope: &Scope) -> Reading {
        let Rows { projects, defects, .. } = self;
        let doubt = if projects.is_empty() && !defects.is_empty() {
            Some("no line could be read as a row".to_owned())
        } else if projects.is_empty() {
            Some(match scope.committees.as_slice() {
                [] => "no rows at all".to_owned(),
                [committee, ..] => format!("no row of `{}`", committee.name()),
            })
        } else if projects.iter().all(|project| project.stage.is_none()) {
            Some("no row has a stage".to_owned())
        } else {
            None
        };
        match doubt {
            Some(why) => Reading { defects, ..Reading::doubt(why) },
            None => Reading { defects, ..Reading::of(projects) },
        }
    }
}

fn ids_of(numbers: Option<&[u64]>) -> Vec<String> {
    numbers.unwrap_or_default().iter().map(|number| ProjectId::Iso(*number).to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standards::programme::Wholeness;

    pub(super) const ROW: &str = r#"{"id":70001,"deliverableType":"IS","supplementType":null,"reference":"ISO/IEC DIS 70001-4","title":{"en":"Widget security \u2014 Part 4:  Locks","fr":null},"publicationDate":null,"edition":1,"icsCode":null,"ownerCommittee":"ISO/IEC JTC 1/SC 27","currentStage":4020,"replaces":[60001],"replacedBy":null,"languages":null,"pages":{"en":null},"scope":{"en":"<p>About \"ownerCommittee\": locks</p>"}}"#;

    pub(super) fn scope(names: &[&str]) -> Scope {
        Scope { committees: names.iter().filter_map(|name| Committee::parse(name)).collect(), ..Scope::default() }
    }

    fn read_all(text: &str) -> Reading {
        read(&Page { text, url: None, scope: &Scope::default() })
    }

    /// The row with one key's value exchanged.
    pub(super) fn row_with(key: &str, value: &str) -> String {
        let mut row: serde_json::Value = serde_json::from_str(ROW).unwrap();
        row[key] = serde_json::from_str(value).unwrap();
        row.to_string()
    }

    fn stage_of(reading: &Reading) -> String {
        reading.projects[0].stage.as_ref().map(|stage| stage.printed.clone()).unwrap_or_default()
    }

    #[test]
    fn a_row_is_read_whole() {
        let reading = read_all(ROW);
        assert_eq!((reading.defects.len(), reading.wholeness.is_whole()), (0, true));
        let project = &reading.projects[0];
        assert_eq!(project.id, ProjectId::Iso(70001));
        assert_eq!(project.reference, "ISO/IEC DIS 70001-4");
        assert_eq!(project.titles, BTreeMap::from([(Language::English, "Widget security — Part 4: Locks".to_owned())]));
        assert_eq!(project.stage_code(), iso::code_of("40.20"));
        assert_eq!(project.committee.as_deref(), Some("ISO/IEC JTC 1/SC 27"));
        assert_eq!((project.edition, project.published), (Some(1), None));
        assert_eq!((project.replaces.clone(), project.replaced_by.clone()), (vec!["iso:60001".to_owned()], vec![]));
        assert_eq!(project.url.as_deref(), Some("https://www.iso.org/standard/70001.html"));
    }

    #[test]
    fn leading_zeros_of_a_stage_come_back() {
        for (number, printed) in [("98", "00.98"), ("0", "00.00"), ("2098", "20.98"), ("6060", "60.60")] {
            let reading = read_all(&row_with("currentStage", number));
            assert_eq!(stage_of(&reading), printed);
            assert_eq!(reading.projects[0].stage_code(), iso::code_of(printed));
            assert!(reading.defects.is_empty(), "{number}");
        }
    }

    #[test]
    fn a_stage_outside_the_matrix_is_a_defect_and_kept_as_printed() {
        for (number, printed) in [("4061", "40.61"), ("12345", "123.45"), ("\"DIS\"", "DIS")] {
            let reading = read_all(&row_with("currentStage", number));
            assert_eq!((stage_of(&reading).as_str(), reading.projects[0].stage_code()), (printed, None));
            assert_eq!(reading.defects[0].what, format!("unknown stage `{printed}`"));
        }
    }

    #[test]
    fn a_publication_date_before_60_60_is_not_believed() {
        let dated = row_with("publicationDate", "\"2031-02-03\"");
        assert_eq!(read_all(&dated).projects[0].published, None);
        let mut published: serde_json::Value = serde_json::from_str(&dated).unwrap();
        published["currentStage"] = 6060.into();
        assert_eq!(read_all(&published.to_string()).projects[0].published, Some(jiff::civil::date(2031, 2, 3)));
    }

    #[test]
    fn a_row_without_title_or_with_a_withdrawn_stub_is_a_row() {
        let mut stub: serde_json::Value = serde_json::from_str(ROW).unwrap();
        stub.as_object_mut().unwrap().remove("title");
        stub["reference"] = "Withdrawn 1701/Add 1".into();
        let reading = read_all(&stub.to_string());
        assert_eq!(reading.projects[0].reference, "Withdrawn 1701/Add 1");
        assert!(reading.projects[0].titles.is_empty() && reading.defects.is_empty());
    }

    #[test]
    fn a_second_row_of_one_project_is_a_defect_and_at_another_stage_neither_is_believed() {
        let other = row_with("id", "70002");
        let reading = read_all(&format!("{ROW}\n{}\n{other}\n", row_with("edition", "2")));
        assert_eq!(stage_of(&reading), "40.20");
        assert_eq!((reading.projects.len(), reading.defects[0].line), (2, Some(2)));
        let reading = read_all(&format!("{ROW}\n{}\n{other}\n", row_with("currentStage", "4060")));
        assert_eq!(reading.projects[0].stage, None);
        assert_eq!((reading.projects.len(), reading.defects[0].line), (2, Some(2)));
    }

    #[test]
    fn a_bad_line_in_the_middle_is_a_defect_and_the_rest_stands() {
        let reading = read_all(&format!("{ROW}\n{{\"id\":\"x\"}}\n{}\n", row_with("id", "70002")));
        assert_eq!((reading.projects.len(), reading.defects.len(), reading.wholeness.is_whole()), (2, 1, true));
    }

    #[test]
    fn a_file_cut_anywhere_inside_its_last_row_is_in_doubt() {
        let text = format!("{}\n{ROW}", row_with("id", "70002"));
        let first = text.find('\n').unwrap();
        for end in first + 2..text.len() {
            let Some(cut) = text.get(..end) else { continue };
            let reading = read_all(cut);
            assert!(matches!(&reading.wholeness, Wholeness::InDoubt(why) if why.starts_with("cut short")), "{end}");
            assert!(reading.projects.is_empty());
        }
    }

    #[test]
    fn no_rows_is_a_doubt_and_not_an_empty_programme() {
        for text in ["", "\n\n", "<html></html>", "\u{FEFF}<?xml version=\"1.0\"?>", "{\"code\":500}", "[1]", "null"] {
            assert!(!read_all(text).wholeness.is_whole(), "{text}");
        }
        let others = read(&Page { text: ROW, url: None, scope: &scope(&["ISO/TC 34"]) });
        assert_eq!(others.wholeness, Wholeness::InDoubt("no row of `ISO/TC 34`".to_owned()));
    }

    #[test]
    fn kinds_come_from_their_own_columns() {
        let reading = read_all(&row_with("supplementType", "\"Amd\""));
        assert_eq!(reading.projects[0].deliverable, Some(Deliverable::Amendment));
        let reading = read_all(&row_with("deliverableType", "\"XYZ\""));
        assert_eq!(reading.projects[0].deliverable, None);
        assert_eq!(reading.defects[0].what, "unknown kind of document `XYZ`");
    }
}
