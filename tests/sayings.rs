//! Whatever is said of polls and deliveries in English is said in Chinese too: the rooms that say it are read, and none of it may be missing.

use stagewatch::changes::said::said;
use stagewatch::standards::language::Language;
use stagewatch::store::error::Fault;

/// The texts of a file that are said of polls and deliveries: those behind one of these words, with `7` for whatever is filled in.
#[expect(clippy::disallowed_methods, reason = "the test reads the sources")]
fn texts_of(file: &str, words: &str) -> Vec<String> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    let production = text.split("#[cfg(test)]").next().unwrap();
    let said = regex::Regex::new(&format!(r#"(?s)(?:{words})\s*(?:format!\(\s*)?"((?:[^"\\]|\\.)*)""#)).unwrap();
    let filled = regex::Regex::new(r"\{[^{}]*\}").unwrap();
    let joined = regex::Regex::new(r"\\\n\s*").unwrap();
    let whole = |text: &str| filled.replace_all(&joined.replace_all(text, ""), "7").replace("\\\"", "\"");
    said.captures_iter(production).map(|found| whole(&found[1])).collect()
}

/// The files of formats, each below `src`.
fn format_files() -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/formats");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter_map(|name| Some(format!("formats/{}.rs", name.strip_suffix(".rs")?))).collect()
}

#[test]
fn whatever_a_poll_or_a_delivery_says_is_said_in_chinese_too() {
    let places = [
        ("fetch/error.rs", r"#\[error\("),
        ("formats/refusal.rs", r"let evidence = |=> format!\(|RefusalKind::\w+,"),
        ("formats/refusal/content.rs", r"RefusalKind::\w+,"),
        ("formats/refusal/signs.rs", r"kind, |RefusalKind::\w+,"),
        ("changes/losses.rs", r"\|\| |Some\("),
        ("changes/comparison.rs", r"Doubt\("),
        ("deliver/chat.rs", r"why:"),
        ("deliver/webhook.rs", r"why:"),
        ("deliver/posting.rs", r"why:"),
        ("deliver/slack.rs", r"why:"),
        ("deliver/teams.rs", r"why:"),
        ("deliver/discord.rs", r"why:"),
        ("deliver/feishu.rs", r"why:"),
        ("deliver/dingtalk.rs", r"why:"),
        ("deliver/wecom.rs", r"why:"),
        ("deliver/matrix.rs", r"why:"),
        ("deliver/mattermost.rs", r"why:"),
        ("deliver/ntfy.rs", r"why:"),
        ("deliver/email_send.rs", r"why:|let told = "),
        ("daemon/dispatcher.rs", r"why:|let why ="),
        ("daemon/poll.rs", r"#\[error\("),
    ];
    let formats = format_files().into_iter().map(|file| (file, r"doubt\(|InDoubt\(|defect\(|note\(number, "));
    let places = places.map(|(file, words)| (file.to_owned(), words)).into_iter().chain(formats);
    let texts: Vec<String> = places.flat_map(|(file, words)| texts_of(&file, words)).collect();
    let abouts = stagewatch::formats::FORMATS.iter().map(|format| format.about.to_owned());
    assert!(texts.len() > 60, "{texts:#?}");
    // A name by itself, a key of the configuration, and a place for two texts of which one is empty.
    let is_text = |text: &String| text.contains(' ') && *text != "`7`: 7" && !text.contains("read7");
    let texts = texts.into_iter().filter(is_text);
    let missing: Vec<String> = texts.chain(abouts).filter(|text| said(text, Language::Chinese) == *text).collect();
    assert!(missing.is_empty(), "give these a line in sayings.rs: {missing:#?}");
}

#[test]
fn a_database_that_says_no_is_explained_in_chinese_too() {
    use Fault::{Busy, CannotOpen, Damaged, Disk, Foreign, Full, NotWritable, Refused, Unsafe};
    for fault in [Full, Disk, NotWritable, CannotOpen, Busy, Damaged, Foreign, Unsafe, Refused] {
        let told = said(&fault.to_string(), Language::Chinese);
        assert_ne!(told, fault.to_string());
        let whole = said(&format!("could not accept a poll in the database `a`: {fault}"), Language::Chinese);
        assert_eq!(whole, format!("数据库 `a` 操作失败（accept a poll）：{told}"));
    }
}
