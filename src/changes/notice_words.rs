//! The small words that notices are made of: days, moments, references, and text made safe to print. Not stages, and not sentences.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::standards::language::Language;
use crate::standards::project::{Project, ProjectId};
use crate::standards::reference::Reference;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The wording in the reader's language: alerts are in English or Chinese, and every other reader gets English.
pub(super) fn pick<'a>(language: Language, english: &'a str, chinese: &'a str) -> &'a str {
    match language {
        Language::Chinese => chinese,
        Language::English | Language::French | Language::Russian => english,
    }
}

/// One line without anything that a terminal, a header or a reader's eye could be misled by: control characters (C0, C1), line and
/// paragraph separators, and the marks that turn the direction of text. White space is collapsed.
pub fn clean(text: &str) -> String {
    let plain: String = text
        .chars()
        .filter(|&letter| !turns_direction(letter))
        .map(|letter| if letter.is_control() || is_separator(letter) { ' ' } else { letter })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_separator(letter: char) -> bool {
    matches!(letter, '\u{2028}' | '\u{2029}')
}

fn turns_direction(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text, or its beginning and `…` where it is longer than that many characters.
pub fn capped(text: &str, max_chars: usize) -> String {
    if text.chars().count() <= max_chars {
        return text.to_owned();
    }
    let beginning: String = text.chars().take(max_chars.saturating_sub(1)).collect();
    format!("{}…", beginning.trim_end())
}

/// A day as a person writes it: `28 April 2023`, `2023年4月28日`.
pub(super) fn day_in_words(day: Date, language: Language) -> String {
    match language {
        Language::Chinese => format!("{}年{}月{}日", day.year(), day.month(), day.day()),
        Language::English | Language::French | Language::Russian => {
            let month = usize::try_from(day.month()).ok().and_then(|month| MONTHS.get(month - 1)).unwrap_or(&"");
            format!("{} {month} {}", day.day(), day.year())
        }
    }
}

/// A moment of ours, to the minute: `2023-05-12 04:15 UTC`.
pub(super) fn moment_in_words(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Who keeps the register that the project's number comes from; `None` for a page that carries no number.
pub(super) fn body_of(id: &ProjectId, language: Language) -> Option<&'static str> {
    match id {
        ProjectId::Iso(_) => Some(pick(language, "ISO", "国际标准化组织（ISO）")),
        ProjectId::Sac(_) | ProjectId::Gb(_) => Some(pick(language, "SAC", "国家标准化管理委员会（SAC）")),
        ProjectId::Tc260(_) => Some(pick(language, "SAC/TC 260", "全国网络安全标准化技术委员会（SAC/TC 260）")),
        ProjectId::Page(_) => None,
    }
}

/// What to call the project whatever its stage: the reference without the letters of a stage, with the year where one is printed.
pub(super) fn reference_of(project: &Project) -> String {
    let printed = clean(&project.reference);
    let Some(reference) = Reference::parse(&printed) else { return printed };
    let stem = reference.stem();
    match year_suffix(&printed) {
        Some(suffix) if !stem.ends_with(suffix) => format!("{stem}{suffix}"),
        Some(_) | None => stem,
    }
}

/// `:2022` or `-2022` at the end of a printed reference: the edition, which tells a withdrawn document from its successor.
fn year_suffix(printed: &str) -> Option<&str> {
    let (start, _) = printed.char_indices().rev().nth(4)?;
    let suffix = &printed[start..];
    let year = suffix.trim_start_matches([':', '-', '–', '—']);
    let is_year = year.len() == 4 && year.starts_with(['1', '2']) && year.bytes().all(|digit| digit.is_ascii_digit());
    (is_year && suffix.len() > year.len() && !printed.contains("-T-")).then_some(suffix)
}

/// Somebody else's words, marked as such.
pub(super) fn quoted(text: &str) -> String {
    format!("“{}”", clean(text))
}

/// A title, marked as titles are in the reader's language.
pub(super) fn titled(title: &str, language: Language) -> String {
    match language {
        Language::Chinese => format!("《{}》", clean(title)),
        Language::English | Language::French | Language::Russian => quoted(title),
    }
}

/// The title in the reader's language, else in the first language there is, without what could mislead; `None` where the page has none.
pub(super) fn title_of(project: &Project, language: Language) -> Option<String> {
    project.title(language).map(clean).filter(|title| !title.is_empty())
}

/// An address that may be followed: a page's own `javascript:` and the like are no links.
pub fn link_of(address: &str) -> Option<String> {
    let address = clean(address);
    let lower = address.to_ascii_lowercase();
    (lower.starts_with("https://") || lower.starts_with("http://")).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_misleads_survives_cleaning() {
        assert_eq!(clean("a\r\nBcc: b\u{1b}[31m\u{9b}1m\u{202e}c\u{2028}d\u{2066}"), "a Bcc: b [31m 1mc d");
        assert_eq!(clean("  安全 \u{0}\t评价  "), "安全 评价");
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        assert_eq!(capped("安全评价", 4), "安全评价");
        assert_eq!(capped("安全评价方法", 4), "安全评…");
        assert_eq!(capped("", 0), "");
    }

    #[test]
    fn days_and_moments_read_as_people_write_them() {
        let day = jiff::civil::date(2023, 4, 28);
        assert_eq!(day_in_words(day, Language::English), "28 April 2023");
        assert_eq!(day_in_words(day, Language::Chinese), "2023年4月28日");
        let at: Timestamp = "2023-05-12T04:15:09Z".parse().unwrap();
        assert_eq!(moment_in_words(at), "2023-05-12 04:15 UTC");
    }

    #[test]
    fn a_year_belongs_to_a_reference_and_a_part_number_or_a_plan_number_does_not() {
        assert_eq!(year_suffix("ISO/IEC 27001:2013"), Some(":2013"));
        assert_eq!(year_suffix("GB/T 39204—2022"), Some("—2022"));
        assert_eq!(year_suffix("GB/T 39204-2022"), Some("-2022"));
        assert_eq!(year_suffix("ISO/IEC FDIS 27033-7"), None);
        assert_eq!(year_suffix("20230259-T-469"), None);
        assert_eq!(year_suffix("27071"), None);
        assert_eq!(year_suffix(""), None);
    }

    #[test]
    fn only_web_addresses_are_links() {
        assert_eq!(
            link_of("HTTPS://www.iso.org/standard/1.html").as_deref(),
            Some("HTTPS://www.iso.org/standard/1.html")
        );
        assert_eq!(link_of("javascript:alert(1)"), None);
        assert_eq!(link_of(""), None);
    }
}
