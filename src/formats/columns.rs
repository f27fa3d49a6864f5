//! Cells of a table by the heading of their column: sites insert columns, and a cell addressed by its place then says something else.
//! Not what a cell means.

use scraper::ElementRef;

use super::reading::{css, text_of};

/// The headings of a table, in page order, white space collapsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    headings: Vec<String>,
}

/// The cells of one row, as many as there are headings.
pub(super) struct Row<'a, 'b> {
    columns: &'b Columns,
    cells: Vec<ElementRef<'a>>,
}

impl Columns {
    /// The headings in the first row of the table that has any and spans no columns; `None` where there is no such row.
    pub(super) fn of(table: ElementRef<'_>) -> Option<Columns> {
        let (rows, heads, cells) = (css("tr"), css("th"), css("th, td"));
        let head = table.select(&rows).find(|row| row.select(&heads).next().is_some())?;
        let spans = |cell: &ElementRef<'_>| cell.attr("colspan").is_some_and(|span| span.trim() != "1");
        if head.select(&cells).any(|cell| spans(&cell)) {
            return None;
        }
        Some(Columns { headings: head.select(&cells).map(text_of).collect() })
    }

    /// The headings among these that the table does not have.
    pub(super) fn missing<'w>(&self, wanted: &[&'w str]) -> Vec<&'w str> {
        wanted.iter().copied().filter(|wanted| !self.headings.iter().any(|heading| heading == wanted)).collect()
    }

    /// A row of data; `None` for a row with more or fewer cells than headings.
    pub(super) fn row<'a>(&self, row: ElementRef<'a>) -> Option<Row<'a, '_>> {
        let is_cell = |element: &ElementRef<'_>| matches!(element.value().name(), "td" | "th");
        let cells: Vec<_> = row.children().filter_map(ElementRef::wrap).filter(is_cell).collect();
        (cells.len() == self.headings.len()).then_some(Row { columns: self, cells })
    }
}

impl<'a> Row<'a, '_> {
    /// The cell under a heading.
    pub(super) fn cell(&self, heading: &str) -> Option<ElementRef<'a>> {
        let place = self.columns.headings.iter().position(|known| known == heading)?;
        self.cells.get(place).copied()
    }

    /// Its text, where it has any.
    pub(super) fn text(&self, heading: &str) -> Option<String> {
        self.cell(heading).map(text_of).filter(|text| !text.is_empty())
    }
}
