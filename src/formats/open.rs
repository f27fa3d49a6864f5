//! Bytes as served → what is on the page: decoded, looked at for a refusal, sieved, read.
//!
//! The one way that polls, `read`, `probe` and `import` share, so that a page read from a file means what it means in a poll.
//! Not whether anything on it is new.

use super::decode::decode;
use super::refusal::{Refusal, Served, refusal_of};
use super::{Content, Format, Page, Reading, Scope};
use crate::standards::programme::Defect;

/// A page that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The decoded text; of a sieved format the lines that were kept.
    pub text: String,
    /// The encoding's name as the WHATWG spells it.
    pub encoding: &'static str,
    /// Why it is no page, where it is none.
    pub refusal: Option<Refusal>,
    /// What was read; a doubt that names the refusal where there is one.
    pub reading: Reading,
}

/// Opens a body. Bytes that went through the sieve already come to the same.
pub fn open(format: &Format, served: &Served<'_>, bytes: &[u8], scope: &Scope) -> Opened {
    let url = served.answered.or(served.asked);
    let decoded = decode(bytes, served.content_type, url.and_then(url::Url::host_str));
    if let Some(refusal) = refusal_of(format, served, &decoded.text) {
        let reading = Reading::doubt(refusal.to_string());
        return Opened { text: decoded.text, encoding: decoded.encoding, refusal: Some(refusal), reading };
    }
    let text = sieved(format, decoded.text, scope);
    let mut reading = (format.read)(&Page { text: &text, url, scope });
    if decoded.had_errors && reading.wholeness.is_whole() {
        reading.defects.push(Defect {
            line: None,
            what: format!("bytes that are no text in {}, shown as \u{FFFD}", decoded.encoding),
            text: String::new(),
        });
    }
    Opened { text, encoding: decoded.encoding, refusal: None, reading }
}

fn sieved(format: &Format, text: String, scope: &Scope) -> String {
    match (format.content, format.keep) {
        (Content::JsonLines, Some(keep)) => text.split_inclusive('\n').filter(|line| keep(line, scope)).collect(),
        _ => text,
    }
}
