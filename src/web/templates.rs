//! Templates, in both languages: `{{ t("Sources", "来源") }}` has the two wordings side by side, so that none is forgotten. What is put
//! into a page is escaped; a name that a page does not have is an error, and a test renders every one.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, HtmlEscape, UndefinedBehavior, Value};
use serde::Serialize;

use super::assets;
use crate::standards::language::Language;
use crate::standards::project::ProjectId;

/// Every template, by its name.
const TEMPLATES: &[(&str, &str)] = &[
    ("base.html", include_str!("templates/base.html")),
    ("parts.html", include_str!("templates/parts.html")),
    ("refused.html", include_str!("templates/refused.html")),
    ("login.html", include_str!("templates/login.html")),
    ("dashboard.html", include_str!("templates/dashboard.html")),
    ("standards.html", include_str!("templates/standards.html")),
    ("standard.html", include_str!("templates/standard.html")),
    ("timeline.html", include_str!("templates/timeline.html")),
    ("changes.html", include_str!("templates/changes.html")),
    ("change.html", include_str!("templates/change.html")),
    ("feed.xml", include_str!("templates/feed.xml")),
    ("diff.html", include_str!("templates/diff.html")),
    ("plans.html", include_str!("templates/plans.html")),
    ("sources.html", include_str!("templates/sources.html")),
    ("source.html", include_str!("templates/source.html")),
    ("deliveries.html", include_str!("templates/deliveries.html")),
    ("unsubscribe.html", include_str!("templates/unsubscribe.html")),
    ("delivery.html", include_str!("templates/delivery.html")),
];

/// Templates that are ready to be filled.
pub(super) struct Templates {
    english: Environment<'static>,
    chinese: Environment<'static>,
}

impl Templates {
    /// Reads them all; one that is none would be found by every test.
    pub(super) fn load() -> Templates {
        Templates {
            english: environment(|english, _| english.to_owned()),
            chinese: environment(|_, chinese| chinese.to_owned()),
        }
    }

    /// A template, filled.
    pub(super) fn rendered(&self, name: &str, language: Language, frame: &impl Serialize) -> String {
        let environment = match language {
            Language::Chinese => &self.chinese,
            Language::English | Language::French | Language::Russian => &self.english,
        };
        let filled = environment.get_template(name).and_then(|template| template.render(Serde(frame)));
        filled.unwrap_or_else(|error| {
            tracing::error!("the template `{name}` could not be filled: {error:#}");
            "This page could not be made; the log says why.".to_owned()
        })
    }
}

fn environment(pick: fn(&str, &str) -> String) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(lines_of_blocks());
    environment.add_function("t", move |english: &str, chinese: &str| pick(english, chinese));
    environment.add_filter("path", encoded);
    environment.add_filter("lang", spoken);
    environment.add_filter("short", |id: &str| ProjectId::parse(id).map_or_else(|| id.to_owned(), |id| id.short()));
    environment.add_filter("coded", |text: &str| Value::from_safe_string(coded(text)));
    environment.add_global("style", assets::address("style.css"));
    environment.add_global("script", assets::address("script.js"));
    environment.add_global("version", env!("CARGO_PKG_VERSION"));
    for (name, text) in TEMPLATES {
        environment.add_template(name, text).expect("our own templates are templates");
    }
    environment
}

/// A line that holds nothing but a block leaves no line behind.
fn lines_of_blocks() -> SyntaxConfig {
    SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().expect("blocks are written as ever")
}

/// A text as one step of a path: what an id contains must not become an address of its own.
pub(super) fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// In which language a text is, for voices and fonts: what bodies publish stands in both languages on one page.
fn spoken(text: &str) -> &'static str {
    let is_han =
        |letter: char| matches!(letter, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}');
    if text.chars().any(is_han) { "zh-CN" } else { "en" }
}

/// Our own words as HTML: what stands between backticks in a log is code on a page.
fn coded(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let is_paired = parts.len() % 2 == 1;
    let part = |(position, part): (usize, &&str)| match (is_paired, position % 2) {
        (true, 1) => format!("<code>{}</code>", HtmlEscape(part)),
        _ => HtmlEscape(part).to_string(),
    };
    parts.iter().enumerate().map(part).collect::<Vec<_>>().join(if is_paired { "" } else { "`" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stays_one_step_of_a_path() {
        assert_eq!(encoded("iso:80973"), "iso:80973");
        assert_eq!(encoded("gb:GB/T 39204-2022"), "gb:GB%2FT%2039204-2022");
        assert_eq!(encoded("../<无>"), "..%2F%3C%E6%97%A0%3E");
    }

    #[test]
    fn a_text_says_in_which_language_it_is() {
        assert_eq!(["网络安全技术 IPv6", "ISO/IEC 27071", ""].map(spoken), ["zh-CN", "en", "en"]);
    }

    #[test]
    fn what_a_log_quotes_is_code_and_nothing_else_is_markup() {
        assert_eq!(
            coded("the source `a` has `<b>` & more"),
            "the source <code>a</code> has <code>&lt;b&gt;</code> &amp; more"
        );
        assert_eq!(coded("one ` only <i>"), "one ` only &lt;i&gt;");
        assert_eq!(coded("无"), "无");
    }
}
