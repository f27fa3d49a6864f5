//! The words by which pages name stages, so that no mutation says one by accident, and the chrome of a page can say all of them.

use std::sync::LazyLock;

use fastrand::Rng;
use regex::Regex;

use super::judge::Says;

/// What sites print, as far as it was seen; and codes of ISO.
const WORDS: [&str; 24] = [
    "废止",
    "被代替",
    "现行",
    "即将实施",
    "暂不实施",
    "已发布",
    "已终止",
    "终止",
    "正在起草",
    "正在征求意见",
    "正在审查",
    "正在批准",
    "公示",
    "下达",
    "征求意见稿",
    "送审稿",
    "报批稿",
    "Withdrawn",
    "Deleted",
    "Published",
    "95.99",
    "60.60",
    "40.98",
    "90.93",
];

static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b\d\d[._]\d\d\b|废止|代替|现行|实施|发布|终止|起草|征求意见|审查|批准|公示|下达|送审|报批|复审|出版|立项|(?i:withdrawn|deleted|published|under development|retiré|publié|annulé|supprimé|élaboration|отозван|опубликован|исключ|разработ)")
        .expect("a constant pattern")
});

/// Whether this text names a stage or a status, in any language of the pages. Labels of dates count too: 实施日期 holds 实施.
pub(crate) fn are_named_in(text: &str) -> bool {
    NAMED.is_match(text)
}

/// Whether this text is the name of a stage and nothing else.
pub(crate) fn is_one(text: &str) -> bool {
    WORDS.contains(&text.trim())
}

/// Says other stages around the page: in its title, head, menu, foot, comments, scripts, attributes, a legend. Where the page itself says its
/// stage nothing is touched.
pub(crate) fn in_chrome(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let word = rng.choice(WORDS)?;
    let legend: String = WORDS.iter().map(|word| format!("<li>{word}</li>")).collect::<Vec<_>>().concat();
    let label = rng.choice(["标准状态：", "Stage: ", "Status: ", "计划状态", "阶段", ""])?;
    let chrome = match rng.u8(0..9) {
        0 => format!("<div class=\"nav\">{label}{word}</div>"),
        1 => format!("<ul class=\"legend\">{legend}</ul>"),
        2 => format!("<!-- {label}{word} -->"),
        3 => format!("<script>var state = \"{label}{word}\"; document.title = '<span>{word}</span>';</script>"),
        4 => format!("<div title=\"{label}{word}\" data-title=\"{word}\" hidden>{word}</div>"),
        5 => format!("<table><tr><th>{label}</th><td>{word}</td></tr></table>"),
        6 => format!("<table><tr><td>{label}<span>{word}</span></td></tr></table>"),
        7 => format!("<select><option selected>{word}</option></select><input value=\"{word}\">"),
        _ => format!("<marquee>{label}<b>{word}</b></marquee>"),
    };
    let body = text.find("<body").and_then(|at| Some(at + text[at..].find('>')? + 1)).unwrap_or(0);
    let end = text.rfind("</body").unwrap_or(text.len());
    let title = text.find("<title>").map(|at| at + "<title>".len());
    let (place, chrome) = match (rng.u8(0..5), title) {
        (0, Some(title)) => (title, format!("{label}{word} ")),
        (0 | 1, _) => (end, chrome),
        _ => (body, chrome),
    };
    let said = format!("{}{chrome}{}", &text[..place], &text[place..]);
    Some((said, format!("`{}` at byte {place}", super::at_joints::short(&chrome)), Says::Nothing))
}
