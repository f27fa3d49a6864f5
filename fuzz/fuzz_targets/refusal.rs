//! Whether an answer is a page at all: for every kind of text an answer, in time that grows with the length alone.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stagewatch::formats::refusal::{Served, refusal_of};
use stagewatch::formats::{FORMATS, Format};
use stagewatch_fuzz::{CONTENT_TYPES, CONTENTS, choice_and_rest, text_of};

const STATUSES: [u16; 8] = [200, 200, 302, 401, 403, 404, 503, 521];

fuzz_target!(|bytes: &[u8]| {
    let (choice, body) = choice_and_rest(bytes);
    let text = text_of(body);
    let status = STATUSES[usize::from(choice >> 5)];
    for content in CONTENTS {
        let content_type = CONTENT_TYPES[usize::from(choice) % CONTENT_TYPES.len()];
        let served = Served { status, content_type, headers: &[], asked: None, answered: None };
        let refusal = refusal_of(&Format { content, ..FORMATS[0] }, &served, &text);
        assert!(status == 200 || refusal.is_some(), "status {status} is a page");
        assert!(refusal.is_none_or(|refusal| !refusal.evidence.is_empty()), "a refusal without evidence");
    }
});
