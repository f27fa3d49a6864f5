//! The text of a page as a person reads it: what is shown in an alert is made of whatever was stored.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stagewatch::formats::readable::readable_text;
use stagewatch_fuzz::{CONTENTS, choice_and_rest, text_of};

fuzz_target!(|bytes: &[u8]| {
    let (choice, body) = choice_and_rest(bytes);
    readable_text(CONTENTS[usize::from(choice) % CONTENTS.len()], &text_of(body));
});
