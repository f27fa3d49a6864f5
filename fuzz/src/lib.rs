//! What must hold of any bytes whatever, for the targets of `fuzz_targets/`. Not which bytes are tried: the engine finds them, from
//! the fixtures as seeds (`fuzz/run`).

/// The fixtures of one format: how they were served, and what is held of them.
pub mod fixtures;
/// One page: bytes in, a poll's work done, and what must hold of it.
pub mod page;

use libfuzzer_sys::arbitrary::Unstructured;
use stagewatch::formats::Content;

/// The first byte chooses; the rest is the text.
pub fn choice_and_rest(bytes: &[u8]) -> (u8, &[u8]) {
    bytes.split_first().map_or((0, bytes), |(first, rest)| (*first, rest))
}

/// What sites say of their encoding, rightly or not.
pub const CONTENT_TYPES: [Option<&str>; 8] = [
    None,
    Some("text/html"),
    Some("text/html; charset=utf-8"),
    Some("text/html;charset=GBK"),
    Some("text/html; charset=iso-8859-1"),
    Some("application/json;charset=UTF-8"),
    Some("text/html; charset=utf-16"),
    Some("application/pdf"),
];

/// Every kind of text.
pub const CONTENTS: [Content; 4] = [Content::Html, Content::Xml, Content::Json, Content::JsonLines];

/// A text of the bytes; what is no UTF-8 is shown as such.
pub fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Two texts of one input, cut where the first byte says.
pub fn two_texts(bytes: &[u8]) -> (String, String) {
    let (choice, rest) = choice_and_rest(bytes);
    let mut source = Unstructured::new(rest);
    let first = source.bytes(usize::from(choice).min(rest.len())).unwrap_or_default();
    (text_of(first), text_of(source.take_rest()))
}
