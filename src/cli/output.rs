//! Standard output: text for people, JSON lines for programs, and a reader that goes away is no error.
#![expect(clippy::disallowed_methods, reason = "whether to colour is a matter of the environment")]

use std::io::{self, IsTerminal, Write};

use comfy_table::{ContentArrangement, Table};
use serde::Serialize;

/// Standard output with what it can show.
pub struct Output {
    out: io::Stdout,
    /// Whether colours are understood and wanted.
    pub colour: bool,
    /// Whether a person reads along.
    pub is_terminal: bool,
    width: Option<u16>,
}

/// The few colours there are, by what they mean.
#[derive(Debug, Clone, Copy)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Deserves a look.
    Warning,
    /// Wrong.
    Bad,
    /// Stands out.
    Strong,
    /// Stands back.
    Faint,
}

impl Output {
    /// Plain where it is no terminal, or where `NO_COLOR` says so.
    pub fn open() -> Output {
        let out = io::stdout();
        let is_terminal = out.is_terminal();
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let width = if is_terminal { columns.or(Some(100)) } else { None };
        Output { out, colour: is_terminal && !no_colour && !is_dumb, is_terminal, width }
    }

    /// One line of text.
    pub fn line(&mut self, text: impl AsRef<str>) -> io::Result<()> {
        writeln!(self.out, "{}", text.as_ref())
    }

    /// Text as it is.
    pub fn text(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())
    }

    /// One JSON object on a line.
    pub fn json(&mut self, record: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, record)?;
        self.out.write_all(b"\n")
    }

    /// A table without lines; the last column wraps on a terminal and never elsewhere.
    pub fn table(&mut self, headings: &[&str], rows: Vec<Vec<String>>) -> io::Result<()> {
        let mut table = Table::new();
        table
            .load_style(comfy_table::presets::NOTHING)
            .set_header(headings.iter().map(|heading| heading.to_uppercase()))
            .add_rows(rows);
        if let Some(width) = self.width {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        for line in table.lines() {
            self.line(line.trim_end().trim_start_matches(' '))?;
        }
        Ok(())
    }

    /// The text in that tone, where colours are shown.
    pub fn toned(&self, tone: Tone, text: &str) -> String {
        if !self.colour {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Good => "32",
            Tone::Warning => "33",
            Tone::Bad => "31",
            Tone::Strong => "1",
            Tone::Faint => "2",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// Remote text for a terminal: control characters, which could move the cursor or hide lines, become visible.
pub fn harmless(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() && letter != '\n' && letter != '\t' { '\u{fffd}' } else { letter })
        .collect()
}
