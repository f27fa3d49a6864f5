//! Small things that several readers need: white space, text without the site's own marks, dates in Chinese text, links, scope.
//! Not what any of it means: that is for the formats.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::{Captures, Regex};
use scraper::{ElementRef, Selector};

use super::{Page, Scope};
use crate::standards::programme::Defect;
use crate::standards::project::Project;
use crate::standards::reference::Reference;

/// A defect names the text concerned; more than this of it helps nobody.
const LONGEST_QUOTE: usize = 80;

/// `2025年12月1日`, after all white space is gone: the last part is closed by its own word, so nothing can run into it.
static CHINESE_DATE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(\d{4})年(\d{1,2})月(\d{1,2})日"));

/// `2009-06-17 00:00:00.0`: here white space ends the day, so it may only surround the marks.
static NUMERIC_DATE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(\d{4})\s*[-./]\s*(\d{1,2})\s*[-./]\s*(\d{1,2})"));

/// White space collapsed to single spaces, ends trimmed; U+3000 and U+00A0 are white space too.
pub(super) fn collapsed(text: &str) -> String {
    text.split(char::is_whitespace).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// All white space gone: for matching, never for showing.
pub(super) fn squeezed(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace()).collect()
}

/// A selector that is written in this program.
pub(super) fn css(selector: &'static str) -> Selector {
    Selector::parse(selector).expect("a constant selector")
}

/// A pattern that is written in this program.
pub(super) fn pattern(regex: &'static str) -> Regex {
    Regex::new(regex).expect("a constant pattern")
}

/// The text of an element, its parts joined with nothing between them: sites wrap single digits in elements of their own.
pub(super) fn text_of(element: ElementRef<'_>) -> String {
    collapsed(&element.text().collect::<String>())
}

/// The text of an element without the text of descendants that match. Does not call itself: a page may be deeper than a stack.
pub(super) fn text_without(element: ElementRef<'_>, unwanted: &Selector) -> String {
    let mut text = String::new();
    for node in element.descendants() {
        let Some(part) = node.value().as_text() else { continue };
        let mut around =
            node.ancestors().take_while(|ancestor| ancestor.id() != element.id()).filter_map(ElementRef::wrap);
        if !around.any(|ancestor| unwanted.matches(&ancestor)) {
            text.push_str(part);
        }
    }
    collapsed(&text)
}

/// Whether the page itself cut this text short, and says so with dots.
pub(super) fn is_cut_short(text: &str) -> bool {
    text.ends_with('…') || text.ends_with("...")
}

/// The first element that matches below this one.
pub(super) fn first<'a>(element: ElementRef<'a>, selector: &Selector) -> Option<ElementRef<'a>> {
    element.select(selector).next()
}

/// The first date in a text, in either notation; `None` where there is none or the calendar has no such day.
pub(super) fn date_in(text: &str) -> Option<Date> {
    let without_space = squeezed(text);
    let found = CHINESE_DATE.captures(&without_space).or_else(|| NUMERIC_DATE.captures(text))?;
    date_of(&found)
}

/// A date from three groups: year, month, day.
pub(super) fn date_of(found: &Captures<'_>) -> Option<Date> {
    Date::new(found[1].parse().ok()?, found[2].parse().ok()?, found[3].parse().ok()?).ok()
}

/// The date of a field: empty is none; a text that holds no date is a defect.
pub(super) fn date_or_defect(text: &str, defects: &mut Vec<Defect>) -> Option<Date> {
    let date = date_in(text);
    if date.is_none() && !text.trim().is_empty() {
        defects.push(defect("date not understood", text));
    }
    date
}

/// A defect that quotes the text concerned, shortened.
pub(super) fn defect(what: &str, text: &str) -> Defect {
    let text = collapsed(text);
    let quote = match text.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    };
    Defect { line: None, what: what.to_owned(), text: quote }
}

/// A link made absolute: against the page's own address, or against the site's where that is not known.
pub(super) fn absolute(page: &Page<'_>, site: &str, link: &str) -> Option<String> {
    let base = match page.url {
        Some(url) => url.clone(),
        None => url::Url::parse(site).ok()?,
    };
    base.join(link).ok().map(String::from)
}

/// Whether the source is asked for this project. A project whose page does not tell its committee is kept: sites drop that field and
/// bring it back, and a project must not come and go with it. One that the source showed already is kept when it goes to another
/// committee, so that it is known to have gone there.
pub(super) fn in_scope(project: &Project, scope: &Scope) -> bool {
    let is_of_committees = scope.committees.is_empty() || project.is_of(&scope.committees) != Some(false);
    (is_of_committees || scope.followed.contains(&project.id)) && is_of_numbers(project, scope)
}

/// The classification codes in a field that holds one or several: `33.060.01;35.020`.
pub(super) fn codes_in(text: &str) -> Vec<String> {
    let codes = text.split([',', '，', '、', ';', '；']).map(collapsed);
    codes.filter(|code| code.starts_with(|first: char| first.is_ascii_alphanumeric())).collect()
}

/// Whether it bears one of the numbers asked for: its own, that of its plan, or the one that its plan was given.
fn is_of_numbers(project: &Project, scope: &Scope) -> bool {
    let numbers = [Some(&project.reference), project.plan.as_ref(), project.standard.as_ref()];
    let mut printed = numbers.into_iter().flatten().filter_map(|number| Reference::parse(number));
    scope.standards.is_empty() || printed.any(|printed| scope.standards.iter().any(|wanted| wanted.covers(&printed)))
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    fn day(text: &str) -> Option<String> {
        date_in(text).map(|date| date.to_string())
    }

    #[test]
    fn dates_are_read_in_both_notations_and_with_any_white_space_inside() {
        for text in [
            "2025-07-04",
            "2025-7-4 00:00:00.0",
            "2025.07.04",
            "2025年7月4日",
            "2025\n年\n07\n月\n 04 \n日",
            "[截至日期:2025-07-04]",
            "反馈于2025年0\n7月4日前",
        ] {
            assert_eq!(day(text).as_deref(), Some("2025-07-04"), "{text}");
        }
    }

    #[test]
    fn a_day_that_the_calendar_does_not_have_is_no_date() {
        assert_eq!(day("2025-02-30"), None);
        assert_eq!(day("2025年13月1日"), None);
        assert_eq!(day("第2025号"), None);
        let mut defects = Vec::new();
        assert_eq!(date_or_defect("待定", &mut defects), None);
        assert_eq!(date_or_defect("  ", &mut defects), None);
        assert_eq!(defects.len(), 1);
    }

    #[test]
    fn the_text_of_some_descendants_can_be_left_out() {
        let html = Html::parse_fragment("<p>一<i>二<b>三</b></i><!-- 四 --><u>五</u>\u{3000}\u{a0} 六</p>");
        let paragraph = html.select(&css("p")).next().unwrap();
        assert_eq!(text_of(paragraph), "一二三五 六");
        assert_eq!(text_without(paragraph, &css("i")), "一五 六");
    }

    #[test]
    fn a_long_text_is_quoted_short_at_a_character_boundary() {
        let quoted = defect("w", &"标准".repeat(80)).text;
        assert_eq!(quoted.chars().count(), LONGEST_QUOTE + 1);
        assert!(quoted.ends_with('…'));
    }
}
