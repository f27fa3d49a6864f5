//! The page about templates: it names everything that there is and nothing else, and its examples work.

use std::collections::BTreeSet;

use reqwest::header::HeaderValue;
use serde_json::Value;
use stagewatch::changes::notice::Languages;
use stagewatch::deliver::template::{context_of, rendered};

use super::samples::{notice, to_consultation, to_fdis};

fn page() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/templates.md")).unwrap()
}

fn context() -> Value {
    let mut moved = to_fdis();
    moved.change.after.text = Some("Words that are watched.".to_owned());
    let told = notice(Languages::Both, vec![moved, to_consultation()]);
    serde_json::from_slice(&context_of(&told, "dlv_01H0000000000000000000000B")).unwrap()
}

/// The first cells of the table under a heading; of `headline.en` the part before the point.
fn named_under(heading: &str) -> BTreeSet<String> {
    let page = page();
    let (_, after) = page.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = after.split("\n## ").next().unwrap();
    let firsts = section.lines().filter_map(|line| line.strip_prefix("| `")?.split(" |").next().map(str::to_owned));
    let names = firsts.flat_map(|cell| cell.split(", ").map(str::to_owned).collect::<Vec<_>>());
    names.map(|name| name.trim_matches('`').split('.').next().unwrap().to_owned()).collect()
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn the_page_names_every_variable_of_a_template_and_no_other() {
    let context = context();
    let change = &context["changes"][0];
    for (heading, found) in [("What there is", &context), ("A change", change), ("A project", &change["project"])] {
        assert_eq!(named_under(heading), keys(found), "docs/templates.md, {heading}");
    }
    for deeper in [&change["evidence"], &change["to"], &change["differences"][0], &change["project"]["consultation"]] {
        for key in keys(deeper) {
            assert!(page().contains(&format!("`{key}`")), "docs/templates.md does not name `{key}`");
        }
    }
}

#[test]
fn the_examples_of_the_page_work() {
    let page = page();
    let example = |fence: &str| {
        let (_, after) = page.split_once(&format!("```{fence}\n")).unwrap();
        after.split("```").next().unwrap().to_owned()
    };
    let filled = |fence: &str, content_type| {
        rendered(&example(fence), &HeaderValue::from_static(content_type), &context()).unwrap()
    };
    let ticket: Value = serde_json::from_str(&filled("json", "application/json")).unwrap();
    assert_eq!(ticket["title"], "[stagewatch] 2 changes: ISO/IEC 27071, 20991234-T-469 · 2 项变动");
    assert_eq!(ticket["labels"], serde_json::json!(["ISO/IEC FDIS 27071", "20991234-T-469"]));
    let lines = filled("text", "text/plain");
    assert!(lines.contains("ISO/IEC 27071: DIS → FDIS (50.00) since 2023-05-11\n"), "{lines}");
    assert!(lines.contains("since a day that was not printed"), "{lines}");
}
