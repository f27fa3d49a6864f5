//! The languages that bodies print titles in and that subscribers read. Not a locale: no formats, no countries.

/// A language that occurs in the sources or in alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// English.
    English,
    /// Chinese, simplified.
    Chinese,
    /// French, on iso.org.
    French,
    /// Russian, on iso.org.
    Russian,
}

impl Language {
    /// Every language, in the order in which titles are preferred when the wanted one is missing.
    pub const ALL: [Language; 4] = [Language::English, Language::Chinese, Language::French, Language::Russian];

    /// The two-letter code of ISO 639: `en`, `zh`, `fr`, `ru`.
    pub fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Chinese => "zh",
            Language::French => "fr",
            Language::Russian => "ru",
        }
    }

    /// The language of a two-letter code; `None` for any other text.
    pub fn from_code(code: &str) -> Option<Language> {
        Language::ALL.into_iter().find(|language| language.code() == code)
    }
}
