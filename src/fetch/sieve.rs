//! Lines of a body as it streams: each is shown to the sieve once, and only those it keeps are kept. Memory holds one line and what
//! was kept, however long the body. Not what a line means.

use super::Sieve;

/// A line of more is no record of anything; the open data of ISO has lines of 2 KB.
pub(super) const MAX_LINE_BYTES: usize = 4 << 20;

/// A body on its way through a sieve.
pub(super) struct Sifting {
    sieve: Sieve,
    /// The beginning of a line whose end has not come yet.
    begun: Vec<u8>,
    kept: Vec<u8>,
    n_lines: u64,
}

/// What is left of a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sifted {
    pub(super) kept: Vec<u8>,
    pub(super) n_lines: u64,
    pub(super) ended_cleanly: bool,
}

/// The line of that number is too long.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LineTooLong(pub(super) u64);

impl Sifting {
    pub(super) fn new(sieve: Sieve) -> Sifting {
        Sifting { sieve, begun: Vec::new(), kept: Vec::new(), n_lines: 0 }
    }

    /// Takes the next piece, wherever it was cut.
    pub(super) fn push(&mut self, mut piece: &[u8]) -> Result<(), LineTooLong> {
        while let Some(end) = piece.iter().position(|byte| *byte == b'\n') {
            self.fits(end)?;
            if self.begun.is_empty() {
                self.judge(&piece[..end]);
            } else {
                let mut line = std::mem::take(&mut self.begun);
                line.extend_from_slice(&piece[..end]);
                self.judge(&line);
                line.clear();
                self.begun = line;
            }
            piece = &piece[end + 1..];
        }
        self.fits(piece.len())?;
        self.begun.extend_from_slice(piece);
        Ok(())
    }

    pub(super) fn kept_bytes(&self) -> usize {
        self.kept.len()
    }

    /// The end of the body; a last line without a newline counts, and is said to have none.
    pub(super) fn finish(mut self) -> Sifted {
        let last = std::mem::take(&mut self.begun);
        let ended_cleanly = last.is_empty();
        if !ended_cleanly {
            self.judge(&last);
        }
        Sifted { kept: self.kept, n_lines: self.n_lines, ended_cleanly }
    }

    fn fits(&self, more: usize) -> Result<(), LineTooLong> {
        if self.begun.len() + more > MAX_LINE_BYTES { Err(LineTooLong(self.n_lines + 1)) } else { Ok(()) }
    }

    fn judge(&mut self, line: &[u8]) {
        self.n_lines += 1;
        let text = String::from_utf8_lossy(line);
        if (self.sieve)(text.strip_suffix('\r').unwrap_or(&text)) {
            self.kept.extend_from_slice(line);
            self.kept.push(b'\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sift(pieces: &[&[u8]], sieve: impl FnMut(&str) -> bool + Send + 'static) -> Result<Sifted, LineTooLong> {
        let mut sifting = Sifting::new(Box::new(sieve));
        for piece in pieces {
            sifting.push(piece)?;
        }
        Ok(sifting.finish())
    }

    fn sifted(kept: &str, n_lines: u64, ended_cleanly: bool) -> Sifted {
        Sifted { kept: kept.as_bytes().to_vec(), n_lines, ended_cleanly }
    }

    #[test]
    fn lines_are_kept_wherever_the_pieces_are_cut() {
        assert_eq!(
            sift(&[b"keep 1\ndrop 2\nke", b"e", b"p 3\n"], |line| line.starts_with("keep")),
            Ok(sifted("keep 1\nkeep 3\n", 3, true))
        );
        assert_eq!(sift(&[b"a\r\nb\r\n"], |line| line == "b"), Ok(sifted("b\r\n", 2, true)));
        assert_eq!(sift(&[b"a\n\nb\n"], |_| true), Ok(sifted("a\n\nb\n", 3, true)));
    }

    #[test]
    fn a_last_line_without_its_newline_is_kept_and_told() {
        assert_eq!(sift(&[b"a\nb"], |_| true), Ok(sifted("a\nb\n", 2, false)));
        assert_eq!(sift(&[], |_| true), Ok(sifted("", 0, true)));
    }

    #[test]
    fn a_letter_cut_in_two_is_one_letter() {
        let bytes = "无人机\n".as_bytes();
        assert_eq!(sift(&[&bytes[..4], &bytes[4..]], |line| line == "无人机"), Ok(sifted("无人机\n", 1, true)));
    }

    #[test]
    fn a_line_that_is_no_text_is_shown_with_marks_and_kept_as_it_came() {
        let kept = sift(&[b"\xff\xfe\n"], |line| line == "\u{fffd}\u{fffd}").unwrap();
        assert_eq!(kept.kept, b"\xff\xfe\n");
    }

    #[test]
    fn a_line_that_never_ends_is_refused() {
        let long = vec![b'x'; MAX_LINE_BYTES];
        assert_eq!(sift(&[b"a\n", &long, b"\n"], |_| false), Ok(sifted("", 2, true)));
        assert_eq!(sift(&[b"a\n", &long, b"x"], |_| false), Err(LineTooLong(2)));
        assert_eq!(sift(&[b"a\n", &long, b"x\n"], |_| false), Err(LineTooLong(2)));
    }

    proptest! {
        #[test]
        fn the_cuts_do_not_matter(body in "[ab\n\r]{0,40}", cut in 0_usize..40, width in 1_usize..7) {
            let bytes = body.as_bytes();
            let (head, tail) = bytes.split_at(cut.min(bytes.len()));
            let mut pieces = vec![head];
            pieces.extend(tail.chunks(width));
            prop_assert_eq!(sift(&pieces, |line| line.contains('a')), sift(&[bytes], |line| line.contains('a')));
        }
    }
}
