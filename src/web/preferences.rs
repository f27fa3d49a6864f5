//! In which language and in which light a page is read: by its address, else as last chosen, else as the browser asks.

use axum::http::{HeaderMap, Uri, header};

use crate::standards::language::Language;

use super::session::cookie;

/// A year.
const REMEMBERED_SECONDS: u32 = 31_536_000;

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Theme {
    /// As the system is.
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// The word of cookies and of the page.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Theme::Auto => "auto",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    fn parse(text: &str) -> Option<Theme> {
        [Theme::Auto, Theme::Light, Theme::Dark].into_iter().find(|theme| theme.as_str() == text)
    }
}

/// How a page is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Preferences {
    /// English or Chinese.
    pub(super) language: Language,
    /// Light or dark.
    pub(super) theme: Theme,
}

/// What the reader wants, and the cookies by which that is remembered where the address says it.
pub(super) fn preferences_of(uri: &Uri, headers: &HeaderMap) -> (Preferences, Vec<String>) {
    let asked = |name: &str| value_of(uri, name);
    let asked_language = asked("lang").as_deref().and_then(served);
    let asked_theme = asked("theme").as_deref().and_then(Theme::parse);
    let language = asked_language.or_else(|| cookie(headers, "lang").and_then(served));
    let theme = asked_theme.or_else(|| cookie(headers, "theme").and_then(Theme::parse));
    let remember = |name: &str, value: &str| {
        format!("{name}={value}; Path=/; Max-Age={REMEMBERED_SECONDS}; SameSite=Lax; HttpOnly")
    };
    let cookies = asked_language
        .map(|language| remember("lang", language.code()))
        .into_iter()
        .chain(asked_theme.map(|theme| remember("theme", theme.as_str())));
    let preferences =
        Preferences { language: language.unwrap_or_else(|| accepted(headers)), theme: theme.unwrap_or(Theme::Auto) };
    (preferences, cookies.collect())
}

/// The value of a parameter of the address.
pub(super) fn value_of(uri: &Uri, name: &str) -> Option<String> {
    let query = uri.query()?;
    url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// A language that pages are written in.
fn served(code: &str) -> Option<Language> {
    Language::from_code(code).filter(|language| matches!(language, Language::English | Language::Chinese))
}

/// The one of both that the browser prefers.
fn accepted(headers: &HeaderMap) -> Language {
    let wishes = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut best = (0.0, Language::English);
    for wish in wishes.split(',') {
        let mut parts = wish.split(';').map(str::trim);
        let code = parts.next().and_then(|tag| tag.split('-').next()).map(str::to_ascii_lowercase);
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse::<f64>().ok());
        if let (Some(language), Some(weight)) = (code.as_deref().and_then(served), weight)
            && weight > best.0
        {
            best = (weight, language);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(uri: &str, headers: &[(&'static str, &str)], expected: (&str, &str, usize)) {
        let map = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        let (found, cookies) = preferences_of(&uri.parse().unwrap(), &map);
        assert_eq!((found.language.code(), found.theme.as_str(), cookies.len()), expected, "{uri} {headers:?}");
    }

    #[test]
    fn the_address_goes_before_the_cookie_and_the_cookie_before_the_browser() {
        let browser = ("accept-language", "fr-CH, zh-CN;q=0.9, en;q=0.8");
        check("/", &[], ("en", "auto", 0));
        check("/", &[browser], ("zh", "auto", 0));
        check("/", &[browser, ("cookie", "a=b; lang=en; theme=dark")], ("en", "dark", 0));
        check("/?lang=zh&theme=light", &[("cookie", "lang=en; theme=dark")], ("zh", "light", 2));
        check("/?lang=fr&theme=pink", &[("cookie", "lang=zh")], ("zh", "auto", 0));
        check("/", &[("accept-language", "en;q=x, zh;q=0")], ("en", "auto", 0));
    }
}
