//! What a site asks of programs: no panic, no endless pause, and in time that does not explode with stars.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use stagewatch_fuzz::two_texts;

/// The room keeps it to itself, so it is taken from its file.
#[path = "../../src/fetch/robots.rs"]
mod robots;

fuzz_target!(|bytes: &[u8]| {
    let (path, file) = two_texts(bytes);
    let rules = robots::Rules::parse(file.as_bytes());
    assert!(rules.delay.is_none_or(|delay| delay <= Duration::from_mins(10)), "a pause without end");
    let forbids = file.to_ascii_lowercase().contains("disallow");
    assert!(rules.allow(&path) || forbids, "forbidden without a rule");
});
