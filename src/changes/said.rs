//! What we said of polls and deliveries, in the language of the reader. It was written down in English when it happened, with whatever the
//! other side answered in it; that stays as it came, in quotation marks. What is in no table stays as it was written.

use super::readings::READINGS;
use super::sayings::SAYINGS;
use crate::standards::language::Language;

/// A saying within which others stand is not looked through more deeply than this: what others say may have colons, too.
const DEEPEST: usize = 4;

/// A text of ours as a reader has it.
pub fn said(text: &str, language: Language) -> String {
    if language == Language::Chinese { in_chinese(text, DEEPEST) } else { text.to_owned() }
}

/// The same for what may not be there.
pub fn said_if(text: Option<&str>, language: Language) -> Option<String> {
    text.map(|text| said(text, language))
}

/// A text as the cause within a sentence of ours: what is in no table was said by others, and quoted where the sentence is in Chinese.
pub(super) fn cause(text: &str, language: Language) -> String {
    match language {
        Language::Chinese => known(text, DEEPEST).unwrap_or_else(|| verbatim(text)),
        Language::English | Language::French | Language::Russian => text.to_owned(),
    }
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
            ("blocked: status 403", "访问被拦截：状态码 403"),
            ("truncated: the page does not end in `</html>`", "不完整：页面未以 `</html>` 结尾"),
            ("challenge: `just a moment` in the title", "要求验证：标题含 `just a moment`"),
            ("login: a form that asks for a password", "要求登录：要求输入密码的表单"),
            (
                "blocked: status 403 and `access denied` in the title",
                "访问被拦截：状态码 403，且标题含 `access denied`",
            ),
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
                "来源“a”已连续 3 次未取得可信页面：访问被拦截：状态码 403。",
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
    fn a_cause_that_others_said_is_quoted() {
        assert_eq!(cause("blocked: status 403", Language::Chinese), "访问被拦截：状态码 403");
        assert_eq!(cause("550 5.1.1 no such user", Language::Chinese), "“550 5.1.1 no such user”");
        assert_eq!(cause("550 5.1.1 no such user", Language::English), "550 5.1.1 no such user");
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
}
