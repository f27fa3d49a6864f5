//! A unified diff as rows that can stand side by side, with the words that differ marked. Not the diff: that is made by `changes::evidence`.

use serde::Serialize;
use similar::{Algorithm, DiffTag, capture_diff_slices};

/// Longer lines are compared as wholes: marks in them would be seen by nobody, and cost too much.
const LONGEST_MARKED: usize = 2000;

/// A part of a diff.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Hunk {
    /// `@@ -1,7 +1,7 @@`.
    pub(super) title: String,
    /// What was beside what is.
    pub(super) pairs: Vec<Pair>,
}

/// A line before beside the line after.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Pair {
    /// `same`, `changed`, `removed`, `added`.
    pub(super) kind: &'static str,
    pub(super) old: Option<Line>,
    pub(super) new: Option<Line>,
}

/// A line with its number in its text.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) pieces: Vec<Piece>,
}

/// Some words of a line, and whether the other side has them too.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) differs: bool,
}

/// The parts of a unified diff.
pub(super) fn hunks(unified: &str) -> Vec<Hunk> {
    let mut hunks: Vec<Hunk> = Vec::new();
    let mut reading = Reading::default();
    for line in unified.lines() {
        if line.starts_with("@@ ") {
            reading.settle(&mut hunks);
            (reading.old_at, reading.new_at) = starts(line);
            hunks.push(Hunk { title: line.to_owned(), pairs: Vec::new() });
        } else if hunks.is_empty() {
            // What stands above the first part are the names of the two texts.
        } else if let Some(removed) = line.strip_prefix('-') {
            if !reading.new.is_empty() {
                reading.settle(&mut hunks);
            }
            reading.old.push((reading.old_at, removed.to_owned()));
            reading.old_at += 1;
        } else if let Some(added) = line.strip_prefix('+') {
            reading.new.push((reading.new_at, added.to_owned()));
            reading.new_at += 1;
        } else {
            reading.settle(&mut hunks);
            let text = line.strip_prefix(' ').unwrap_or(line);
            let (old, new) = (plain(reading.old_at, text), plain(reading.new_at, text));
            push(&mut hunks, Pair { kind: "same", old: Some(old), new: Some(new) });
            (reading.old_at, reading.new_at) = (reading.old_at + 1, reading.new_at + 1);
        }
    }
    reading.settle(&mut hunks);
    hunks
}

/// Lines that went and lines that came, until it is known what they stand beside.
#[derive(Default)]
struct Reading {
    old_at: usize,
    new_at: usize,
    old: Vec<(usize, String)>,
    new: Vec<(usize, String)>,
}

impl Reading {
    fn settle(&mut self, hunks: &mut [Hunk]) {
        let mut old = std::mem::take(&mut self.old).into_iter();
        let mut new = std::mem::take(&mut self.new).into_iter();
        loop {
            let pair = match (old.next(), new.next()) {
                (Some(old), Some(new)) => {
                    let (old_pieces, new_pieces) = marked(&old.1, &new.1);
                    let line = |number, pieces| Some(Line { number, pieces });
                    Pair { kind: "changed", old: line(old.0, old_pieces), new: line(new.0, new_pieces) }
                }
                (Some(old), None) => Pair { kind: "removed", old: Some(plain(old.0, &old.1)), new: None },
                (None, Some(new)) => Pair { kind: "added", old: None, new: Some(plain(new.0, &new.1)) },
                (None, None) => return,
            };
            push(hunks, pair);
        }
    }
}

fn push(hunks: &mut [Hunk], pair: Pair) {
    if let Some(hunk) = hunks.last_mut() {
        hunk.pairs.push(pair);
    }
}

/// `@@ -12,7 +14,8 @@` → 12 and 14.
fn starts(title: &str) -> (usize, usize) {
    let mut numbers = title.split([' ', ',', '-', '+']).filter_map(|part| part.parse().ok());
    let first = numbers.next().unwrap_or(1);
    // The second number is how many lines, where there is one.
    let new = title.split('+').nth(1).and_then(|rest| rest.split([',', ' ']).next()).and_then(|text| text.parse().ok());
    (first, new.unwrap_or(1))
}

fn plain(number: usize, text: &str) -> Line {
    Line { number, pieces: vec![Piece { text: text.to_owned(), differs: false }] }
}

/// Two lines, each with the words that the other has not marked.
pub(super) fn marked(old: &str, new: &str) -> (Vec<Piece>, Vec<Piece>) {
    let whole = |text: &str| vec![Piece { text: text.to_owned(), differs: false }];
    if old.len().max(new.len()) > LONGEST_MARKED {
        return (whole(old), whole(new));
    }
    let (old_words, new_words) = (words(old), words(new));
    let (mut old_pieces, mut new_pieces) = (Vec::new(), Vec::new());
    for step in capture_diff_slices(Algorithm::Myers, &old_words, &new_words) {
        let differs = step.tag() != DiffTag::Equal;
        add(&mut old_pieces, &old_words[step.old_range()], differs);
        add(&mut new_pieces, &new_words[step.new_range()], differs);
    }
    (old_pieces, new_pieces)
}

fn add(pieces: &mut Vec<Piece>, words: &[&str], differs: bool) {
    if !words.is_empty() {
        pieces.push(Piece { text: words.concat(), differs });
    }
}

/// Words of letters and digits; every other letter, a Chinese one too, stands alone.
fn words(text: &str) -> Vec<&str> {
    let is_of_word = |letter: char| letter.is_alphanumeric() && !('\u{2e80}'..).contains(&letter);
    let mut words = Vec::new();
    let mut start = 0;
    let mut was_of_word = false;
    for (at, letter) in text.char_indices() {
        if at > start && !(was_of_word && is_of_word(letter)) {
            words.push(&text[start..at]);
            start = at;
        }
        was_of_word = is_of_word(letter);
    }
    if start < text.len() {
        words.push(&text[start..]);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::changes::evidence::unified_diff;

    fn shown(pieces: &[Piece]) -> String {
        pieces
            .iter()
            .map(|piece| if piece.differs { format!("[{}]", piece.text) } else { piece.text.clone() })
            .collect()
    }

    #[test]
    fn the_words_that_differ_are_marked_in_any_script() {
        let check = |old: &str, new: &str, expected: (&str, &str)| {
            let (old, new) = marked(old, new);
            assert_eq!((shown(&old).as_str(), shown(&new).as_str()), expected);
        };
        check("stage 40.60 DIS", "stage 50.00 FDIS", ("stage [40].[60] [DIS]", "stage [50].[00] [FDIS]"));
        check("项目状态 正在起草", "项目状态 正在征求意见", ("项目状态 正在[起草]", "项目状态 正在[征求意见]"));
        check("same", "same", ("same", "same"));
        check("", "new", ("", "[new]"));
    }

    #[test]
    fn what_was_stands_beside_what_is() {
        let before = "a\nb\nc 1\nd\ne\n";
        let after = "a\nb\nc 2\nnew\nd\ne\n";
        let hunks = hunks(&unified_diff(before, after, "before", "after"));
        assert_eq!(hunks.len(), 1);
        let rows: Vec<String> = hunks[0]
            .pairs
            .iter()
            .map(|pair| {
                let side = |line: &Option<Line>| {
                    line.as_ref()
                        .map_or_else(|| "–".to_owned(), |line| format!("{} {}", line.number, shown(&line.pieces)))
                };
                format!("{}: {} | {}", pair.kind, side(&pair.old), side(&pair.new))
            })
            .collect();
        assert_eq!(
            rows,
            [
                "same: 1 a | 1 a",
                "same: 2 b | 2 b",
                "changed: 3 c [1] | 3 c [2]",
                "added: – | 4 new",
                "same: 4 d | 5 d",
                "same: 5 e | 6 e",
            ]
        );
        assert!(super::hunks("").is_empty());
    }
}
