//! One configuration file: its name, its text, and which line a byte is on. Not what its keys mean.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::de::DeTable;

use super::environment::Environment;
use super::problem::{Place, Report};

/// The text of a file, with what is needed to speak of its lines.
#[derive(Debug)]
pub(super) struct Document {
    n_file: usize,
    name: Arc<str>,
    folder: PathBuf,
    text: String,
    line_starts: Vec<usize>,
}

/// What every reader of a document needs beside the document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'d> {
    /// The file that is being read.
    pub(super) document: &'d Document,
    /// Where problems go.
    pub(super) report: &'d Report,
    /// What files lean on.
    pub(super) environment: &'d Environment,
}

impl Document {
    /// A text that was read as file number `n_file` from `folder`, with the name it is to be spoken of by.
    pub(super) fn new(n_file: usize, name: &str, folder: &Path, text: String) -> Document {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(offset, _)| offset + 1)).collect();
        Document { n_file, name: Arc::from(name), folder: folder.to_owned(), text, line_starts }
    }

    /// The line that this byte is on.
    pub(super) fn place(&self, offset: usize) -> Place {
        let line = self.line_starts.partition_point(|start| *start <= offset);
        Place::new(self.n_file, &self.name, Some(line.max(1)))
    }

    /// The file as a whole.
    pub(super) fn whole(&self) -> Place {
        Place::new(self.n_file, &self.name, None)
    }

    /// What relative paths in the file are relative to.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The tables of the file; `None`, and every error of syntax noted, when it is not TOML.
    pub(super) fn parse(&self, report: &Report) -> Option<DeTable<'_>> {
        let (table, errors) = DeTable::parse_recoverable(&self.text);
        for error in &errors {
            let offset = error.span().map_or(self.text.len(), |span| span.start);
            report.problem(self.place(offset), "", format_args!("not TOML: {}", error.message()));
        }
        errors.is_empty().then(|| table.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_on_the_line_that_an_editor_shows() {
        let document = Document::new(0, "a.toml", Path::new("/"), "one\ntwo\r\n\nfour".to_owned());
        let lines: Vec<_> = [0, 3, 4, 8, 9, 10, 14].map(|offset| document.place(offset).line()).to_vec();
        assert_eq!(lines, [1, 1, 2, 2, 3, 4, 4].map(Some));
    }

    #[test]
    fn every_error_of_syntax_is_noted_with_its_line() {
        let report = Report::default();
        let document = Document::new(0, "a.toml", Path::new("/"), "a = 1\nb = \nc = 3\na = 2\n[d\n".to_owned());
        assert!(document.parse(&report).is_none());
        let problems = report.settled().expect_err("three were noted");
        let lines: Vec<_> = problems.list().iter().filter_map(|problem| problem.place().line()).collect();
        assert_eq!(lines, [2, 4, 5], "{problems}");
    }
}
