//! What the columns of a plain table hold, surmised from their headings and cells, so that a layout can be proposed. Only a proposal: a person
//! reads it before it is used, and nothing is read by it unasked.

use scraper::{ElementRef, Html};

use super::cn_states::meaning_of;
use super::columns::Columns;
use super::iso::code_of;
use super::layout::{Field, Layout, Place};
use super::reading::{collapsed, css, date_in, text_of};
use crate::standards::programme::Defect;
use crate::standards::reference::Reference;

/// What headings say of a column, in lower case, one field after the other. A word alone means the whole heading, one with `*` a part of it.
const HEADINGS: &[(Field, &[&str])] = &[
    (Field::TitleEn, &["title", "english title", "title (english)", "project title", "name", "英文名称*", "英文标题"]),
    (
        Field::TitleZh,
        &["标题", "题目", "名称", "标准名称", "项目名称", "计划名称", "中文名称*", "标准中文名称", "chinese title"],
    ),
    (
        Field::Reference,
        &[
            "no",
            "no.",
            "nr.",
            "number",
            "reference*",
            "ref",
            "ref.",
            "standard",
            "standard no*",
            "standard number",
            "project",
            "project no*",
            "project number",
            "document",
            "document no*",
            "code",
            "标准号",
            "标准编号",
            "标准代号",
            "计划号",
            "计划编号",
            "项目编号",
            "项目号",
            "编号",
        ],
    ),
    (Field::Since, &["since", "stage date", "date of stage", "stage since", "阶段日期", "阶段起始日期"]),
    (
        Field::Stage,
        &[
            "stage*",
            "current stage",
            "status*",
            "phase",
            "state",
            "progress",
            "阶段*",
            "项目阶段",
            "当前阶段",
            "状态*",
            "项目状态",
            "标准状态",
            "进度",
        ],
    ),
    (
        Field::Committee,
        &[
            "committee*",
            "tc",
            "tc/sc",
            "technical committee",
            "归口单位",
            "归口部门",
            "技术委员会",
            "归口技术委员会",
            "委员会",
        ],
    ),
    (Field::Published, &["published", "publication date", "date of publication", "发布日期", "公布日期"]),
    (
        Field::Effective,
        &["effective", "effective date", "in force", "date of entry into force", "implementation date", "实施日期"],
    ),
    (
        Field::Closes,
        &[
            "closes",
            "deadline*",
            "closing date",
            "comments until",
            "comments close*",
            "end date",
            "截止日期",
            "截止时间",
            "征求意见截止*",
        ],
    ),
];

/// Rows after the first one, where the first has the headings without saying that it is one.
const AFTER_THE_FIRST: &str = "tr + tr";

/// The layout of the table of a page that looks most like a programme: one that has a column of references, or of titles, and one of
/// something beside. `None` where no table has.
pub(super) fn layout_in(text: &str) -> Option<Layout> {
    let document = Html::parse_document(text);
    let tables: Vec<ElementRef<'_>> = document.select(&css("table")).collect();
    let layouts = tables.iter().filter_map(|table| layout_of(*table, tables.len() == 1));
    layouts.max_by_key(|layout| layout.columns.len())
}

/// The texts that a table prints for stages and that no vocabulary has: what they mean a person has to say.
pub fn unknown_stages(defects: &[Defect]) -> Vec<&str> {
    let mut texts: Vec<&str> = defects
        .iter()
        .filter(|defect| defect.what == "unknown stage text")
        .map(|defect| defect.text.as_str())
        .collect();
    texts.sort_unstable();
    texts.dedup();
    texts
}

/// One column: its heading, its place from 1 on, and what its cells say.
struct Column {
    heading: String,
    place: usize,
    cells: Vec<String>,
}

fn layout_of(table: ElementRef<'_>, is_alone: bool) -> Option<Layout> {
    // A table within a table lays out the page.
    if table.select(&css("table")).next().is_some() {
        return None;
    }
    let has_headings = Columns::of(table).is_some();
    let columns = columns_of(table)?;
    let fields = fields_of(&columns)?;
    if has_headings {
        let by_heading = |(field, column): (Field, &Column)| (field, Place::Heading(column.heading.clone()));
        return Some(Layout { columns: fields.into_iter().map(by_heading).collect(), ..Layout::default() });
    }
    let whole = selector_of(table, is_alone)?;
    let by_place =
        |(field, column): (Field, &Column)| (field, Place::Select(format!("td:nth-child({})", column.place)));
    let columns = fields.into_iter().map(by_place).collect();
    Some(Layout { rows: Some(format!("{whole} {AFTER_THE_FIRST}")), columns, ..Layout::default() })
}

/// How a table is found that has no headings to be found by.
fn selector_of(table: ElementRef<'_>, is_alone: bool) -> Option<String> {
    let is_plain = |name: &&str| {
        name.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_')
    };
    match table.attr("id").filter(is_plain) {
        Some(id) => Some(format!("table#{id}")),
        None if is_alone => Some("table".to_owned()),
        None => None,
    }
}

fn columns_of(table: ElementRef<'_>) -> Option<Vec<Column>> {
    let (row, cell) = (css("tr"), css("th, td"));
    let cells = |row: ElementRef<'_>| -> Vec<String> { row.select(&cell).map(text_of).collect() };
    let mut rows = table.select(&row).map(cells).skip_while(|row| row.len() < 2);
    let headings = rows.next()?;
    let n_columns = headings.len();
    let mut columns: Vec<Column> = (1..)
        .zip(headings)
        .map(|(place, heading)| Column { heading: collapsed(&heading), place, cells: Vec::new() })
        .collect();
    for row in rows.filter(|row| row.len() == n_columns) {
        for (column, cell) in columns.iter_mut().zip(row) {
            column.cells.push(collapsed(&cell));
        }
    }
    columns.iter().all(|column| !column.cells.is_empty()).then_some(columns)
}

/// Which column holds what; `None` where it is no table of projects.
fn fields_of(columns: &[Column]) -> Option<Vec<(Field, &Column)>> {
    let mut fields: Vec<(Field, &Column)> = Vec::new();
    // What cells say is surer than what a heading says.
    take(&mut fields, Field::Reference, columns.iter().find(|column| column.is_mostly(is_reference)));
    take(&mut fields, Field::Stage, columns.iter().find(|column| column.is_mostly(is_stage)));
    for (field, words) in HEADINGS {
        let called = columns.iter().find(|column| column.is_called(words) && column.can_be(*field));
        take(&mut fields, *field, called);
    }
    if !fields.iter().any(|(field, _)| *field == Field::Reference) {
        // What has no number is called by its title.
        let titled = fields.iter_mut().find(|(field, _)| matches!(field, Field::TitleEn | Field::TitleZh))?;
        titled.0 = Field::Reference;
    }
    let beside = [Field::Stage, Field::TitleEn, Field::TitleZh, Field::Closes];
    let says_more = fields.iter().any(|(field, _)| beside.contains(field));
    says_more.then(|| {
        fields.sort_by_key(|(field, _)| Field::ALL.iter().position(|(_, known)| known == field));
        fields
    })
}

/// A column holds one thing, and one thing is in one column.
fn take<'c>(fields: &mut Vec<(Field, &'c Column)>, field: Field, column: Option<&'c Column>) {
    let Some(column) = column else { return };
    if !fields.iter().any(|(known, taken)| *known == field || taken.place == column.place) {
        fields.push((field, column));
    }
}

impl Column {
    fn is_mostly(&self, says: fn(&str) -> bool) -> bool {
        self.cells.iter().filter(|cell| says(cell)).count() * 2 > self.cells.len()
    }

    fn is_called(&self, words: &[&str]) -> bool {
        let heading = self.heading.to_lowercase();
        let heading = heading.trim_end_matches([':', '：']);
        words.iter().any(|word| match word.strip_suffix('*') {
            Some(start) => heading.starts_with(start),
            None => heading == *word,
        })
    }

    /// Whether its cells can be read as that field: a word for a day where no day is would be a defect in every row.
    fn can_be(&self, field: Field) -> bool {
        let is_filled = |cell: &str| !cell.is_empty();
        match field {
            Field::Since | Field::Published | Field::Effective | Field::Closes => {
                self.cells.iter().all(|cell| cell.is_empty() || date_in(cell).is_some())
            }
            // A running number is none of a project.
            Field::Reference => self.is_mostly(is_filled) && !self.is_mostly(|cell| cell.parse::<u16>().is_ok()),
            _ => self.is_mostly(is_filled),
        }
    }
}

fn is_reference(cell: &str) -> bool {
    Reference::parse(cell).is_some()
}

fn is_stage(cell: &str) -> bool {
    code_of(cell).is_some() || meaning_of(cell).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surmised(html: &str) -> String {
        let Some(layout) = layout_in(html) else { return "nothing".to_owned() };
        let word = |field: Field| Field::ALL.iter().find(|(_, known)| *known == field).unwrap().0;
        let place = |place: &Place| match place {
            Place::Heading(heading) => heading.clone(),
            Place::Select(selector) => format!("css:{selector}"),
        };
        let columns: Vec<String> =
            layout.columns.iter().map(|(field, at)| format!("{}={}", word(*field), place(at))).collect();
        format!("{}{}", layout.rows.map(|rows| format!("{rows}; ")).unwrap_or_default(), columns.join(", "))
    }

    fn table(tag: &str, heads: &[&str], rows: &[&[&str]]) -> String {
        let cells = |tag: &str, cells: &[&str]| {
            cells.iter().map(|cell| format!("<{tag}>{cell}</{tag}>")).collect::<Vec<_>>().concat()
        };
        let rows: Vec<String> = rows.iter().map(|row| format!("<tr>{}</tr>", cells("td", row))).collect();
        let rows = rows.concat();
        format!("<html><body><table><tr>{}</tr>{rows}</table></body></html>", cells(tag, heads))
    }

    #[test]
    fn columns_are_surmised_by_what_cells_and_headings_say_in_both_languages() {
        let english = table(
            "th",
            &["#", "Project", "What it is about", "Title", "Status", "Deadline"],
            &[
                &["1", "ISO/IEC DIS 99001", "x", "Something", "40.20", "2031-01-02"],
                &["2", "ISO/IEC CD 99002", "x", "Else", "30.20", ""],
            ],
        );
        assert_eq!(surmised(&english), "reference=Project, title-en=Title, stage=Status, closes=Deadline");
        let chinese = table(
            "th",
            &["序号", "计划编号", "项目名称", "项目阶段", "归口单位"],
            &[&["1", "20319001-T-469", "示例", "正在起草", "全国网络安全标准化技术委员会"]],
        );
        assert_eq!(surmised(&chinese), "reference=计划编号, title-zh=项目名称, stage=项目阶段, committee=归口单位");
        let numberless = table("th", &["Title", "Stage"], &[&["A guide", "in ballot"], &["Another", "draft"]]);
        assert_eq!(surmised(&numberless), "reference=Title, stage=Stage");
    }

    #[test]
    fn a_table_without_headings_of_its_own_is_laid_out_by_places() {
        let plain = table("td", &["No.", "Title", "Status"], &[&["ISO/IEC DIS 99001", "Something", "40.20"]]);
        let expected =
            "table tr + tr; reference=css:td:nth-child(1), title-en=css:td:nth-child(2), stage=css:td:nth-child(3)";
        assert_eq!(surmised(&plain), expected);
    }

    #[test]
    fn what_is_no_table_of_projects_is_left_alone() {
        for html in [
            "<p>Welcome</p>".to_owned(),
            table("th", &["Name", "Telephone"], &[&["A. Person", "123"]]),
            table("th", &["No.", "Title"], &[]),
            table("th", &["Date", "Published"], &[&["x", "soon"]]),
            table("td", &["Home", "About us"], &[&["News", "Contact"]]),
        ] {
            assert_eq!(surmised(&html), "nothing", "{html}");
        }
    }
}
