//! Which project a page of iso.org is about, what the page calls it, and in which language.
//! Not where it stands.

use std::collections::{BTreeMap, BTreeSet};

use scraper::ElementRef;
use url::Url;

use super::{all, collapsed, first, iso, text_of};
use crate::standards::language::Language;

/// Where newer layouts keep number, reference and whole title.
const INDEX_ENTRY: &str = "[id^='indexReference']";

/// How many pieces of a title newer layouts show.
const MOST_PIECES: usize = 3;

/// The project number, where everything on the page that names one agrees.
pub(super) fn number_of(root: ElementRef<'_>, url: Option<&Url>) -> Result<u64, String> {
    let printed: BTreeSet<String> = all(root, "#csNumber, [id^='csNumber_']").into_iter().map(text_of).collect();
    let mut printed = printed.into_iter();
    let (number, other) = (printed.next(), printed.next());
    let number = number.ok_or("no project number on the page (`csNumber`)")?;
    if let Some(other) = other {
        return Err(format!("the page names two project numbers: `{number}` and `{other}`"));
    }
    let parsed: u64 = number.parse().map_err(|_| format!("`{number}` is no project number"))?;
    let witnesses = [
        (
            "its feed",
            all(root, "a[href*='.detail.rss']").into_iter().find_map(|link| number_in_feed(link.attr("href")?)),
        ),
        ("its index entry", index_entry(root).and_then(|entry| entry.split_once(" - ")?.0.trim().parse().ok())),
        ("its address", url.and_then(number_in_address)),
    ];
    for (witness, named) in witnesses {
        if let Some(named) = named.filter(|named| *named != parsed) {
            return Err(format!("the page names project `{parsed}`, but {witness} `{named}`"));
        }
    }
    Ok(parsed)
}

/// What the page calls the project. The hidden name holds the year where the heading of a promoted page leaves it out.
pub(super) fn reference_of(root: ElementRef<'_>) -> Result<String, String> {
    all(root, "#itemReference, [id^='itemReference_']")
        .into_iter()
        .map(text_of)
        .chain(first(root, "h1.stdTitle span:first-child").map(text_of))
        .chain(first(root, "h1").map(own_text_of))
        .find(|reference| !reference.is_empty())
        .ok_or_else(|| "no reference on the page".to_owned())
}

/// The title under the language that it is in; nothing for the amendments that have none.
pub(super) fn titles_of(root: ElementRef<'_>, url: Option<&Url>) -> BTreeMap<Language, String> {
    let pieces = headings_of(root);
    let shown = pieces.join(" — ");
    let indexed = index_entry(root).and_then(|entry| entry.splitn(3, " - ").nth(2).map(collapsed)).unwrap_or_default();
    // Newer layouts show three pieces of a title at most; the index entry has them all, and where it is broken nobody knows.
    let is_newer = first(root, INDEX_ENTRY).is_some() || first(root, "a.current-stage").is_some();
    if is_newer && pieces.len() >= MOST_PIECES && (indexed.is_empty() || indexed.contains('\u{FFFD}')) {
        return BTreeMap::new();
    }
    let title = if indexed.starts_with(&shown) { indexed } else { shown };
    let mut titles = BTreeMap::new();
    if !title.is_empty() {
        titles.insert(language_of_title(&title, language_of(root, url)), title);
    }
    titles
}

/// Its fields in the ICS. The links to them stand under a label of their own, and in the paths that lead to the page together with the
/// fields above; of those only the last is its own.
pub(super) fn classes_of(root: ElementRef<'_>) -> Vec<String> {
    let code = |link: ElementRef<'_>| {
        let name = link.attr("href")?.split('?').next()?.rsplit_once("/ics/")?.1.strip_suffix(".html")?;
        name.starts_with(|c: char| c.is_ascii_digit()).then(|| name.to_owned())
    };
    let mut codes: Vec<String> = Vec::new();
    for code in all(root, "a[href*='/ics/']").into_iter().filter_map(code) {
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    let is_above = |code: &String| {
        codes.iter().any(|other| other.strip_prefix(code.as_str()).is_some_and(|rest| rest.starts_with('.')))
    };
    codes.iter().filter(|code| !is_above(code)).cloned().collect()
}

/// The pieces of the title: inside the first heading where they stand there, and in the headings that follow it at once.
fn headings_of(root: ElementRef<'_>) -> Vec<String> {
    let Some(heading) = first(root, "h1") else { return Vec::new() };
    let inside = all(heading, "span.lead, span.h3");
    let after = heading
        .next_siblings()
        .filter_map(ElementRef::wrap)
        .take_while(|element| matches!(element.value().name(), "h2" | "h3" | "h4" | "h5" | "h6"))
        // `Indisponible en français`
        .filter(|element| !element.value().classes().any(|class| class == "help-block"));
    inside.into_iter().chain(after).map(text_of).filter(|piece| !piece.is_empty()).collect()
}

/// `70001 - ISO/IEC DIS 70001-4 - Widget security …`
fn index_entry(root: ElementRef<'_>) -> Option<&str> {
    first(root, INDEX_ENTRY)?.attr("data-index")
}

fn number_in_feed(href: &str) -> Option<u64> {
    href.rsplit('/').next()?.strip_suffix(".detail.rss")?.parse().ok()
}

/// Only `…/<number>.html`: the number of a promoted page (`/standard/27001`) is the number of the standard.
fn number_in_address(url: &Url) -> Option<u64> {
    iso::number_in_link(url.path())
}

fn own_text_of(element: ElementRef<'_>) -> String {
    collapsed(&element.children().filter_map(|child| child.value().as_text().map(|text| &**text)).collect::<String>())
}

fn language_of(root: ElementRef<'_>, url: Option<&Url>) -> Language {
    let declared = root.attr("lang").map(|code| code.split('-').next().unwrap_or(code).to_ascii_lowercase());
    let in_path = || url.and_then(|url| Language::from_code(url.path().split('/').nth(1)?));
    declared.and_then(|code| Language::from_code(&code)).or_else(in_path).unwrap_or(Language::English)
}

/// Russian pages print the English title where there is no Russian one, which is nearly always.
fn language_of_title(title: &str, page: Language) -> Language {
    let is_cyrillic = title.chars().any(|c| ('\u{0400}'..='\u{04FF}').contains(&c));
    if page == Language::Russian && !is_cyrillic { Language::English } else { page }
}
