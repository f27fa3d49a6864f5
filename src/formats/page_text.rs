//! Any page, watched for its words: the lines of one region, as a person reads them. Not a source of projects: what it tells is which
//! lines came and which went. Scripts, styles, comments and what is hidden do not count.
//!
//! The region is the one that the configuration names (`region`, a CSS selector), else `main`, else the body; lines that match one of
//! `ignore` are left out: counters, days, greetings.

use regex::Regex;
use scraper::{Html, Selector};

use super::readable::readable_text;
use super::reading::{css, text_of};
use super::{Absence, Authority, Content, Format, Page, Reading};
use crate::standards::language::Language;
use crate::standards::project::{Project, ProjectId};

/// The row of the table.
pub const FORMAT: Format = Format {
    name: "page-text",
    about: "any page, watched for its words: the lines that came and went in one region",
    content: Content::Html,
    sites: &[],
    absence: Absence::SaysNothing,
    authority: Authority::Anybody,
    keep: None,
    read,
};

fn read(page: &Page<'_>) -> Reading {
    let document = Html::parse_document(page.text);
    let Some(url) = page.url else { return Reading::doubt("the address of the page is not known") };
    let Some(region) = region_of(&document, page.scope.region.as_deref()) else {
        let wanted = page.scope.region.as_deref().unwrap_or("main or body");
        return Reading::doubt(format!("the page has no region `{wanted}`"));
    };
    let text = readable_text(Content::Html, &region);
    let ignored: Vec<Regex> = page.scope.ignore.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect();
    let lines: Vec<&str> = text.lines().filter(|line| !ignored.iter().any(|ignored| ignored.is_match(line))).collect();
    if lines.is_empty() {
        return Reading::doubt("no words in the region that is watched");
    }
    let title = text_by(&document, &css("title"));
    // A heading is called upon, but is no title: a page that loses its title has no other one.
    let called = title.clone().or_else(|| text_by(&document, &css("h1"))).unwrap_or_else(|| url.to_string());
    let mut watched = Project::new(ProjectId::of_page(url.as_str()), called);
    watched.titles.extend(title.map(|title| (language_of(&title), title)));
    watched.text = Some(lines.join("\n"));
    watched.url = Some(url.to_string());
    Reading::of(vec![watched])
}

/// The markup of the region that is watched.
fn region_of(document: &Html, wanted: Option<&str>) -> Option<String> {
    let by = |selector: &str| {
        let selector = Selector::parse(selector).ok()?;
        let parts: String = document.select(&selector).map(|part| part.html()).collect();
        (!parts.is_empty()).then_some(parts)
    };
    match wanted {
        Some(selector) => by(selector),
        None => by("main").or_else(|| by("body")),
    }
}

fn text_by(document: &Html, selector: &Selector) -> Option<String> {
    document.select(selector).map(text_of).find(|text| !text.is_empty())
}

fn language_of(title: &str) -> Language {
    let is_chinese = title.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter));
    if is_chinese { Language::Chinese } else { Language::English }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::formats::Scope;

    fn lines_of(text: &str, region: Option<&str>, ignore: &[&str]) -> Result<String, String> {
        let ignore = ignore.iter().map(|line| (*line).to_owned()).collect();
        let scope = Scope { region: region.map(str::to_owned), ignore, ..Scope::default() };
        let url = Url::parse("https://body.example/plan").unwrap();
        let reading = read(&Page { text, url: Some(&url), scope: &scope });
        match reading.projects.as_slice() {
            [project] => Ok(project.text.clone().unwrap()),
            _ => Err(format!("{:?}", reading.wholeness)),
        }
    }

    const PAGE: &str = "<html><head><title>Plan</title><style>p{}</style></head><body><nav>Menu</nav><main><h1>Plan</h1>\
                        <p>One <b>two</b></p><!-- three --><script>four</script><p hidden>five</p><p>Visitors: 17</p></main></body></html>";

    #[test]
    fn only_what_a_person_reads_in_the_region_counts() {
        assert_eq!(lines_of(PAGE, None, &[]).unwrap(), "Plan\nOne two\nVisitors: 17");
        assert_eq!(lines_of(PAGE, None, &[r"^Visitors: \d+$"]).unwrap(), "Plan\nOne two");
        assert_eq!(lines_of(PAGE, Some("main p"), &[]).unwrap(), "One two\nVisitors: 17");
        assert_eq!(lines_of("<p>A fragment</p>", None, &[]).unwrap(), "A fragment");
    }

    #[test]
    fn a_region_that_is_gone_or_says_nothing_is_a_doubt() {
        for (region, ignore) in [(Some(".news"), &[][..]), (Some("script"), &[]), (None, &["."])] {
            assert!(lines_of(PAGE, region, ignore).is_err(), "{region:?} {ignore:?}");
        }
        assert!(lines_of("", None, &[]).is_err());
    }
}
