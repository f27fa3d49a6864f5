//! Reasons of ours in Chinese: why a page was not believed, why something could not be fetched or sent. They are recorded in English, as one
//! text; what somebody else said inside of them stays as it was said. A reason that is not here is quoted. Not the sentence around it.

use super::notice_words::{capped, clean};
use crate::standards::language::Language;

/// Longest reason that is told, in characters.
const LONGEST: usize = 300;

/// English with holes, and Chinese with the numbers of the holes. The first that fits is taken, so that a text with fewer words stands later.
const REASONS: &[(&str, &str)] = &[
    // How fetching goes wrong.
    (
        "could not find an address for {}: is the name right, and does this machine resolve names?: {}",
        "无法解析 {0} 的地址，请检查域名和本机的域名解析：{1}",
    ),
    (
        "could not find an address for {}: is the name right, and does this machine resolve names?",
        "无法解析 {0} 的地址，请检查域名和本机的域名解析",
    ),
    ("could not connect to {}: {}", "无法连接 {0}：{1}"),
    ("could not connect: {}", "无法连接：{0}"),
    ("no connection to {} in time: {}", "连接 {0} 超时：{1}"),
    ("no connection to {} in time", "连接 {0} 超时"),
    (
        "no trusted connection to {}: its certificate has expired; is the clock of this machine right?: {}",
        "与 {0} 的加密连接不可信：证书已过期，请检查本机时钟：{1}",
    ),
    (
        "no trusted connection to {}: its certificate is for another name; does the address name the right host?: {}",
        "与 {0} 的加密连接不可信：证书属于其他域名，请检查地址：{1}",
    ),
    (
        "no trusted connection to {}: nobody we trust issued its certificate; {}",
        "与 {0} 的加密连接不可信：证书的签发者不受信任，可用 `extra-ca` 指定（{1}）",
    ),
    ("no trusted connection to {}: {}", "与 {0} 的加密连接不可信：{1}"),
    ("{} sent nothing for {}", "{0} 在 {1} 内没有任何应答"),
    (
        "the answer of {} was not complete after {}: raise `timeout` under [fetch] if that is not enough",
        "{0} 的应答在 {1} 内未能收全，必要时请调大 [fetch] 的 `timeout`",
    ),
    ("the connection to {} broke: {}", "与 {0} 的连接中断：{1}"),
    ("the connection broke: {}", "连接中断：{0}"),
    ("the answer of {} broke off after {} (decompressed), before its end", "{0} 的应答在 {1}（解压后）处中断，未收全"),
    ("the answer of {} could not be decompressed: {}", "{0} 的应答无法解压：{1}"),
    (
        "the answer of {} is larger than {} after decompression: raise `{}` under [fetch] if it should be",
        "{0} 的应答解压后超过 {1}，必要时请调大 [fetch] 的 `{2}`",
    ),
    (
        "`{}` redirects to another host, `{}`: not followed; if the page has moved there, change the address of the source",
        "“{0}”重定向到另一主机“{1}”，未跟随；若页面已迁移，请修改来源的地址",
    ),
    (
        "`{}` redirects from https to http: not followed, since anyone on the way could change the page",
        "“{0}”从 https 重定向到 http，为防篡改未跟随",
    ),
    ("`{}` redirects more than {} times", "“{0}”的重定向超过 {1} 次"),
    (
        "`{}` asks programs to leave `{}` alone (robots.txt): not fetched; {}",
        "“{0}”要求程序不要访问“{1}”（robots.txt），未抓取；如已获许可，请在来源中设置 `ignore-robots = true`",
    ),
    (
        "the rules of `{}` for programs (robots.txt) could not be read (status {}): nothing is asked of it until they can",
        "无法读取“{0}”对程序的规定（robots.txt，状态码 {1}），在此之前不再访问",
    ),
    (
        "the rules of `{}` for programs (robots.txt) could not be read: nothing is asked of it until they can: {}",
        "无法读取“{0}”对程序的规定（robots.txt），在此之前不再访问：{1}",
    ),
    // Pages that are no page.
    ("blocked: {}", "访问被拦截：{0}"),
    ("challenge: {}", "网站要求人机验证：{0}"),
    ("login: {}", "网站要求登录：{0}"),
    ("maintenance: {}", "网站维护中：{0}"),
    ("not-found: {}", "页面不存在：{0}"),
    ("server-error: {}", "服务器错误：{0}"),
    ("truncated: {}", "页面不完整：{0}"),
    ("wrong-kind: {}", "返回的不是预期类型的内容：{0}"),
    ("status {}, a redirect to `{}`", "状态码 {0}，重定向到“{1}”"),
    ("the page does not end in `</html>`", "页面未以 `</html>` 结尾"),
    ("nothing in the answer", "应答为空"),
    // Pages that are in doubt.
    (
        "{} of {} projects are gone at once, more than the share of {} that is believed",
        "{1} 个项目中一次消失了 {0} 个，超过可信比例 {2}",
    ),
    ("nothing was read from the page", "页面中未读到任何内容"),
    (
        "this reads as it did on {}, before it moved on: an older copy of the page?",
        "内容与 {0} 时相同，疑为页面的旧副本",
    ),
    ("none of {} rows could be read", "{0} 行均无法识别"),
    ("none of {} entries could be read", "{0} 个条目均无法识别"),
    ("none of {} results could be read", "{0} 条结果均无法识别"),
    ("no rows in this page", "页面中没有数据行"),
    ("no table with headings in this page", "页面中没有带表头的表格"),
    ("no column {} in any table of this page", "页面的表格中没有“{0}”列"),
    ("the page has no region `{}`", "页面中没有区域 `{0}`"),
    ("no words in the region that is watched", "所关注的区域没有文字"),
    ("no whole JSON document: {}", "JSON 不完整：{0}"),
    ("an HTML or XML page in place of JSON lines", "返回的是 HTML 或 XML 页面，而不是 JSON 数据"),
    ("an address of the old site answers with a page of the new one", "旧网址返回了新网站的页面"),
    ("cut short: {}", "内容被截断：{0}"),
    ("the page breaks off before `</html>`", "页面在 `</html>` 之前中断"),
    ("a feed without entries", "订阅源中没有条目"),
    ("no consultation in this page", "页面中没有征求意见"),
    ("no notice in this page", "页面中没有公告"),
    ("{} rows where {} are claimed in all", "应有 {1} 行，实有 {0} 行"),
    ("{} results where {} are claimed", "应有 {1} 条结果，实有 {0} 条"),
    ("the reader of this format broke on the page; the page was not accepted", "读取程序无法处理该页面，页面未被采纳"),
    // Texts that no vocabulary has.
    ("unknown stage text", "未知的阶段文字"),
    ("unknown stage code", "未知的阶段代码"),
    // How sending goes wrong.
    ("no answer within {}", "{0} 内没有应答"),
    ("{} does not take the message: {}", "{0} 不接受该消息：{1}"),
    ("{} did not take it: {}", "{0} 未接收：{1}"),
    ("{} did not say whether it took it: {}", "{0} 未说明是否接收：{1}"),
    ("{} does not have this {} any more: {}", "{0} 上已不存在该目标（{1}）：{2}"),
    ("{} is busy: {}", "{0} 繁忙：{1}"),
    ("for the operator: {}", "{0}"),
    // A disk.
    (
        "could not {} in the database `{}`: the disk is full; {}",
        "数据库“{1}”所在磁盘已满；已确认的内容不会丢失，有空间后自动继续",
    ),
    (
        "could not {} in the database `{}`: the disk failed to read or write; {}",
        "数据库“{1}”所在磁盘读写失败；已确认的内容不会丢失，请检查磁盘",
    ),
    ("could not {} in the database `{}`: it is not writable; {}", "数据库“{1}”不可写，请检查文件及其文件夹的权限"),
    ("the disk is full", "磁盘已满"),
    ("the disk failed to read or write; {}", "磁盘读写失败；已确认的内容不会丢失，请检查磁盘"),
    ("status {}", "状态码 {0}"),
];

/// A reason in the reader's language.
pub(super) fn reason(text: &str, language: Language) -> String {
    let text = capped(&clean(text), LONGEST);
    match language {
        Language::Chinese => translated(&text).unwrap_or_else(|| format!("“{text}”")),
        Language::English | Language::French | Language::Russian => text,
    }
}

fn translated(text: &str) -> Option<String> {
    REASONS.iter().find_map(|(english, chinese)| {
        let holes = holes_of(english, text)?;
        let mut told = (*chinese).to_owned();
        for (number, hole) in holes.iter().enumerate() {
            let hole = translated(hole).unwrap_or_else(|| (*hole).to_owned());
            told = told.replace(&format!("{{{number}}}"), &hole);
        }
        Some(told)
    })
}

/// What stands in the holes of a pattern, where it fits the whole text; a hole ends where what follows it begins first.
fn holes_of<'t>(pattern: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let mut parts = pattern.split("{}");
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut holes = Vec::new();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let end = match (parts.peek(), part) {
            (None, "") => rest.len(),
            (None, last) => rest.strip_suffix(last)?.len(),
            (Some(_), next) => rest.find(next)?,
        };
        let hole = &rest[..end];
        if hole.is_empty() {
            return None;
        }
        holes.push(hole);
        rest = &rest[end + part.len()..];
    }
    rest.is_empty().then_some(holes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chinese(text: &str) -> String {
        reason(text, Language::Chinese)
    }

    #[test]
    fn a_reason_of_ours_is_told_in_chinese_and_what_others_said_as_it_was() {
        for (english, expected) in [
            ("blocked: status 403", "访问被拦截：状态码 403"),
            (
                "could not connect to `www.example.org`: Connection refused (os error 111)",
                "无法连接 `www.example.org`：Connection refused (os error 111)",
            ),
            (
                "the rules of `a.example` for programs (robots.txt) could not be read: nothing is asked of it until they can: could not \
                 connect to `a.example`: Connection refused (os error 111)",
                "无法读取“a.example”对程序的规定（robots.txt），在此之前不再访问：无法连接 `a.example`：Connection refused (os error 111)",
            ),
            (
                "3 of 4 projects are gone at once, more than the share of 0.5 that is believed",
                "4 个项目中一次消失了 3 个，超过可信比例 0.5",
            ),
            ("truncated: the page does not end in `</html>`", "页面不完整：页面未以 `</html>` 结尾"),
            ("550 5.1.1 no such user", "“550 5.1.1 no such user”"),
        ] {
            assert_eq!(chinese(english), expected);
            assert_eq!(reason(english, Language::English), english);
        }
    }

    #[test]
    fn every_chinese_reason_has_the_holes_of_the_english_one_at_most() {
        for (english, chinese) in REASONS {
            let n_holes = english.matches("{}").count();
            for (at, _) in chinese.match_indices('{') {
                let number: usize = chinese[at + 1..].split('}').next().unwrap().parse().unwrap();
                assert!(number < n_holes, "{english}: {chinese}");
            }
        }
    }
}
