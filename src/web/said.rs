//! What we said of polls and deliveries, in the language of the reader. It was written down in English when it happened, with whatever the
//! other side answered in it; that stays as it came, in quotation marks. What is in no table stays as it was written.

use super::readings::READINGS;
use super::sayings::SAYINGS;
use crate::standards::language::Language;

/// A saying within which others stand is not looked through more deeply than this: what others say may have colons, too.
const DEEPEST: usize = 4;

/// A text of ours as a reader has it.
pub(super) fn said(text: &str, language: Language) -> String {
    if language == Language::Chinese { in_chinese(text, DEEPEST) } else { text.to_owned() }
}

/// The same for what may not be there.
pub(super) fn said_if(text: Option<&str>, language: Language) -> Option<String> {
    text.map(|text| said(text, language))
}

/// Both tables. What is said of polls and deliveries is narrower than what formats say.
fn sayings() -> impl Iterator<Item = (&'static str, &'static str)> {
    SAYINGS.iter().chain(READINGS).copied()
}

fn in_chinese(text: &str, depth: usize) -> String {
    known(text, depth).unwrap_or_else(|| text.to_owned())
}

/// Whole, or up to one of its colons, with what comes behind as the cause; `None` where the table has nothing.
fn known(text: &str, depth: usize) -> Option<String> {
    if depth == 0 {
        return None;
    }
    let whole = sayings().find_map(|(english, chinese)| filled(english, chinese, text, depth));
    whole.or_else(|| {
        text.match_indices(": ").find_map(|(at, colon)| {
            let told = sayings().find_map(|(english, chinese)| filled(english, chinese, &text[..at], depth))?;
            let cause = &text[at + colon.len()..];
            Some(format!("{told}：{}", known(cause, depth - 1).unwrap_or_else(|| verbatim(cause))))
        })
    })
}

/// The Chinese of a saying whose English this text is. A `{}` of the one goes to the same place among those of the other; `@2` takes the
/// second, where Chinese says things in another order.
fn filled(english: &str, chinese: &str, text: &str, depth: usize) -> Option<String> {
    let holes = holes_of(english, text)?;
    // A name or a number has no colon: behind one a cause begins, which is another saying.
    let is_name = |(hole, before): (&&str, &str)| before.ends_with(": ") || !hole.contains(": ");
    if !holes.iter().zip(english.split("{}")).all(is_name) {
        return None;
    }
    let shown: Vec<String> =
        holes.iter().zip(english.split("{}")).map(|(hole, before)| shown(hole, before, depth)).collect();
    let mut out = chinese.to_owned();
    if chinese.contains("@1") {
        for (number, hole) in shown.iter().enumerate() {
            out = out.replacen(&format!("@{}", number + 1), hole, 1);
        }
        return Some(out);
    }
    let mut pieces = chinese.split("{}");
    let mut out = pieces.next()?.to_owned();
    for (hole, piece) in shown.iter().zip(pieces) {
        out.push_str(hole);
        out.push_str(piece);
    }
    Some(out)
}

/// What comes behind a colon is a cause, of ours or of others; anything else is a name or a number, or a saying within one.
fn shown(hole: &str, before: &str, depth: usize) -> String {
    match known(hole, depth - 1) {
        Some(told) => told,
        None if before.ends_with(": ") => verbatim(hole),
        None => hole.to_owned(),
    }
}

/// What stands in the holes of a pattern; `None` where the text is not of it.
fn holes_of<'a>(pattern: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut pieces = pattern.split("{}").peekable();
    let mut rest = text.strip_prefix(pieces.next()?)?;
    let mut holes = Vec::new();
    while let Some(piece) = pieces.next() {
        let is_last = pieces.peek().is_none();
        let end = match (piece.is_empty(), is_last) {
            (true, true) => rest.len(),
            (_, true) => rest.strip_suffix(piece)?.len(),
            (_, false) => rest.find(piece)?,
        };
        holes.push(&rest[..end]);
        rest = &rest[end + piece.len()..];
    }
    (rest.is_empty() && holes.iter().all(|hole| !hole.is_empty())).then_some(holes)
}

fn verbatim(text: &str) -> String {
    format!("“{text}”")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chinese(text: &str) -> String {
        said(text, Language::Chinese)
    }

    #[test]
    fn what_we_said_is_said_in_chinese_and_what_others_said_stays_as_it_came() {
        for (english, expected) in [
            (
                "could not connect to `www.iso.org`: Connection refused (os error 111)",
                "无法连接 `www.iso.org`：“Connection refused (os error 111)”",
            ),
            ("blocked: status 403", "被拦截：状态码 403"),
            ("truncated: the page does not end in `</html>`", "不完整：页面未以 `</html>` 结尾"),
            ("challenge: `just a moment` in the title", "要求验证：标题含 `just a moment`"),
            ("login: a form that asks for a password", "要求登录：要求输入密码的表单"),
            ("blocked: status 403 and `access denied` in the title", "被拦截：状态码 403，且标题含 `access denied`"),
            (
                "5 of 20 projects are gone at once, more than the share of 0.2 that is believed",
                "20 个项目中有 5 个同时消失，超过可信比例 0.2",
            ),
            ("none of 31 rows could be read", "31 行均无法读取"),
            (
                "given up after 10 attempts: the webhook did not take it: 500 Internal Server Error: no: such",
                "尝试 10 次后放弃：webhook 端点 未接收：“500 Internal Server Error: no: such”",
            ),
            (
                "the mail server `mx.example.org` did not accept the recipient: 550 5.1.1 no such user",
                "邮件服务器 `mx.example.org` 未接受收件人：“550 5.1.1 no such user”",
            ),
            (
                "The source `a` has given no good page for 3 polls in a row: blocked: status 403.",
                "来源“a”已连续 3 次未取得可信页面：被拦截：状态码 403。",
            ),
        ] {
            assert_eq!(chinese(english), expected);
            assert_eq!(said(english, Language::English), english);
        }
        for others in ["250 2.0.0 ok", "204 No Content", "", "{}", ": ", "a: b: c: d: e: f"] {
            assert_eq!(chinese(others), others);
        }
    }

    #[test]
    fn every_saying_has_a_place_for_everything_that_it_tells() {
        for (english, chinese) in sayings() {
            let numbered = (1..=4).filter(|number| chinese.contains(&format!("@{number}"))).count();
            let holes = |text: &str| text.matches("{}").count();
            assert_eq!(holes(english), holes(chinese) + numbered, "{english}");
            assert!(!chinese.is_empty() && !chinese.is_ascii(), "{english}");
            let told = english.replace("{}", "7");
            assert_ne!(super::said(&told, Language::Chinese), told, "{english}");
        }
    }

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
        ];
        let formats = format_files().into_iter().map(|file| (file, r"doubt\(|InDoubt\(|defect\(|note\(number, "));
        let places = places.map(|(file, words)| (file.to_owned(), words)).into_iter().chain(formats);
        let texts: Vec<String> = places.flat_map(|(file, words)| texts_of(&file, words)).collect();
        let abouts = crate::formats::FORMATS.iter().map(|format| format.about.to_owned());
        assert!(texts.len() > 60, "{texts:#?}");
        // A name by itself, a key of the configuration, and a place for two texts of which one is empty.
        let is_text = |text: &String| text.contains(' ') && *text != "`7`: 7" && !text.contains("read7");
        let texts = texts.into_iter().filter(is_text);
        let missing: Vec<String> = texts.chain(abouts).filter(|text| said(text, Language::Chinese) == *text).collect();
        assert!(missing.is_empty(), "give these a line in sayings.rs: {missing:#?}");
    }
}
