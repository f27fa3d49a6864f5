//! Pages of the Chinese formats cut short or with parts torn out, our own and, where they are there, the captured ones: whatever is
//! left, no reader panics, invents a project or shows another stage than the whole page does.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use regex::Regex;
use stagewatch::formats::{Format, Reading};
use stagewatch::standards::stage::StageCode;

use crate::captures_cn::{Captures, chinese_formats, format_of, read_text};

#[test]
fn our_own_pages_damaged_anywhere_never_show_a_wrong_stage() {
    let mut n_damaged = 0;
    for format in chinese_formats() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(format.name);
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            // Of a page that contradicts itself either voice alone is a good page.
            let is_passed_over = [".expected.json", ".given.json", "-says-otherwise.html"];
            if !is_passed_over.iter().any(|ending| path.to_string_lossy().ends_with(ending)) {
                let url = url_beside(&path);
                n_damaged +=
                    check(&path.to_string_lossy(), format, url.as_deref(), &fs::read_to_string(&path).unwrap());
            }
        }
    }
    assert!(n_damaged > 1000, "{n_damaged}");
}

#[test]
fn captured_pages_damaged_anywhere_never_show_a_wrong_stage() {
    let Some(captures) = Captures::open("captured_pages_damaged_anywhere_never_show_a_wrong_stage") else { return };
    let files = captures.pages_of_known_formats();
    let mut n_damaged = 0;
    for file in &files {
        let url = captures.url_of(file);
        let whole = read_text(format_of(file).unwrap(), url.as_deref(), &captures.text(file));
        let is_empty_answer = file.contains("std_list") && whole.wholeness.is_whole();
        assert!(!whole.projects.is_empty() || is_empty_answer || file.contains("a62eb8b2"), "{file}");
        n_damaged += check(file, format_of(file).unwrap(), url.as_deref(), &captures.text(file));
    }
    assert!(files.len() >= 62 && n_damaged > 4000, "{} files, {n_damaged} damaged pages", files.len());
}

/// The address that the file beside a page of ours gives it; some formats read nothing without.
fn url_beside(page: &Path) -> Option<String> {
    let given = fs::read(page.with_extension("given.json")).ok()?;
    let given: serde_json::Value = serde_json::from_slice(&given).unwrap();
    given["url"].as_str().map(str::to_owned)
}

/// Damages one page in every way there is; says in how many.
fn check(file: &str, format: &Format, url: Option<&str>, text: &str) -> usize {
    let truth = stages_of(&read_text(format, url, text));
    let damaged: Vec<_> = cut(text).into_iter().chain(torn(text)).collect();
    for page in &damaged {
        for (id, code) in stages_of(&read_text(format, url, page)) {
            let right = truth.get(&id).unwrap_or_else(|| panic!("{file}: invented {id}"));
            assert!(code.is_none() || code == *right, "{file}: {id} became {code:?}");
        }
    }
    damaged.len()
}

fn stages_of(reading: &Reading) -> BTreeMap<String, Option<StageCode>> {
    reading.projects.iter().map(|project| (project.id.to_string(), project.stage_code())).collect()
}

/// The page cut after one, two … nine tenths of its bytes, and at each byte of a window around every state.
fn cut(text: &str) -> Vec<String> {
    let tenths = (0..10).map(|tenth| text.len() * tenth / 10);
    let around =
        text.match_indices("正在").chain(text.match_indices("标准状态")).flat_map(|(at, _)| (at..at + 120).step_by(3));
    tenths
        .chain(around.take(400))
        .filter_map(|end| text.get(..text.floor_char_boundary(end)).map(str::to_owned))
        .collect()
}

/// The page without one kind of attribute, without one kind of tag, and without each of its rows and cells.
fn torn(text: &str) -> Vec<String> {
    let attributes = ["class", "tid", "pid", "onclick", "href", "title", "clsss", "style", "datetime"];
    let without_attribute = attributes.map(|name| Regex::new(&format!(r#"(?s)\s{name}=("[^"]*"|'[^']*')"#)).unwrap());
    let tags = ["tr", "td", "table", "span", "li", "ul", "a", "h1", "div", "p", "time", "label", "b"];
    let without_tag = tags.map(|name| Regex::new(&format!(r"</?{name}(\s[^>]*)?>")).unwrap());
    let parts = ["tr", "td", "span", "li"].map(|name| Regex::new(&format!(r"(?s)<{name}[\s>].*?</{name}>")).unwrap());
    let mut torn: Vec<String> =
        without_attribute.iter().chain(&without_tag).map(|part| part.replace_all(text, "").into_owned()).collect();
    for part in parts {
        torn.extend(part.find_iter(text).map(|part| format!("{}{}", &text[..part.start()], &text[part.end()..])));
    }
    torn
}
