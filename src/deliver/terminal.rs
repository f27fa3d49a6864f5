//! Notices for whoever looks at a terminal: plain text on a writer. Colour and width are the caller's.

use std::io::Write;

use super::Outcome;
use crate::changes::notice::{Notice, subject};
use crate::changes::notice_text::text;

/// The text: the subject, a line below it, and the whole notice. Nothing in it moves a cursor.
pub fn compose(notice: &Notice) -> String {
    let subject = subject(notice);
    let rule = "─".repeat(subject.chars().count());
    format!("{subject}\n{rule}\n{}\n", text(notice))
}

/// Writes it out; a full disk or a closed pipe may pass.
pub fn print(payload: &[u8], out: &mut impl Write) -> Outcome {
    match out.write_all(payload).and_then(|()| out.flush()) {
        Ok(()) => Outcome::Delivered { answer: "printed".to_owned() },
        Err(error) => Outcome::TryAgain { why: format!("could not print: {error}"), wait: None },
    }
}
