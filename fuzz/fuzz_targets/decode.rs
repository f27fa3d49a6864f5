//! Bytes → text, under every label: no panic, no mark left over, and what was read without errors is the same once more.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stagewatch::formats::decode::decode;
use stagewatch_fuzz::{CONTENT_TYPES, choice_and_rest};

const HOSTS: [Option<&str>; 4] = [None, Some("www.example.cn"), Some("127.0.0.1"), Some("EXAMPLE.RU.")];

fuzz_target!(|bytes: &[u8]| {
    let (choice, body) = choice_and_rest(bytes);
    let content_type = CONTENT_TYPES[usize::from(choice) % CONTENT_TYPES.len()];
    let host = HOSTS[usize::from(choice >> 3) % HOSTS.len()];
    let decoded = decode(body, content_type, host);
    assert_eq!(decode(body, content_type, host), decoded);
    let again = decode(decoded.text.as_bytes(), Some("text/html; charset=utf-8"), host);
    assert!(!again.had_errors, "a text that is no text");
});
