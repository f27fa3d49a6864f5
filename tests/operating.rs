//! What is written for operators against the program: every command, every word of trouble, every alert and metric is in both, or in
//! neither.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{output_of, program};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The first cells of the tables whose heading is this, without their backquotes; a cell may hold several.
fn column(page: &str, heading: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut inside = false;
    for line in page.lines() {
        let Some(row) = line.strip_prefix('|') else {
            inside = false;
            continue;
        };
        let first = row.split('|').next().unwrap().trim();
        if first == heading {
            inside = true;
        } else if inside && first.starts_with('`') {
            found.extend(first.split(',').map(|word| word.trim().trim_matches('`').to_owned()));
        }
    }
    found
}

/// What stands between quotes after `=> ` in a file, where the line names that type or goes on from one that does.
fn words_of(path: &str, name: &str) -> BTreeSet<String> {
    let source = text(path);
    let (_, after) = source.split_once(name).unwrap_or_else(|| panic!("{path} has no `{name}`"));
    let body = after.split("\n    }\n").next().unwrap();
    let quoted = body.split('"').skip(1).step_by(2);
    quoted
        .filter(|word| word.chars().all(|letter| letter.is_ascii_lowercase() || "-.".contains(letter)))
        .map(str::to_owned)
        .collect()
}

fn same(what: &str, program: &BTreeSet<String>, page: &BTreeSet<String>) {
    let missing: Vec<_> = program.difference(page).collect();
    let too_much: Vec<_> = page.difference(program).collect();
    assert!(missing.is_empty(), "docs/operating.md does not name these {what}: {missing:?}; add a row to its table");
    assert!(too_much.is_empty(), "docs/operating.md names {what} that there are not: {too_much:?}");
    assert!(!program.is_empty(), "no {what} at all");
}

#[test]
fn every_command_is_in_the_page_for_operators_and_no_other() {
    let (help, _, _) = output_of(program().arg("--help"));
    let commands =
        help.lines().skip_while(|line| !line.starts_with("Commands:")).skip(1).take_while(|line| !line.is_empty());
    let names = commands.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    let names: BTreeSet<String> =
        names.filter(|name| *name != "help").map(|name| format!("stagewatch {name}")).collect();
    same("commands", &names, &column(&text("docs/operating.md"), "command"));
}

#[test]
fn every_word_of_trouble_is_in_the_page_for_operators_and_no_other() {
    let page = text("docs/operating.md");
    let refusals = words_of("src/formats/refusal.rs", "fn as_str(self)");
    same("refusals", &refusals, &column(&page, "refusal"));
    let errors = words_of("src/fetch/error.rs", "pub fn name(&self)");
    same("errors", &errors, &column(&page, "error"));
}

/// Everything in the program that is named like a word to the operator: `"source.doubtful"`.
fn kinds_told() -> BTreeSet<String> {
    let mut kinds = BTreeSet::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = std::fs::read_to_string(&path).unwrap();
                kinds.extend(source.split('"').skip(1).step_by(2).filter(|word| is_kind(word)).map(str::to_owned));
                kinds.extend(source.split('"').skip(2).step_by(2).filter(|word| is_kind(word)).map(str::to_owned));
            }
        }
    }
    kinds
}

fn is_kind(word: &str) -> bool {
    let Some((about, what)) = word.split_once('.') else { return false };
    ["source", "delivery", "disk", "clock", "mailbox"].contains(&about)
        && what.chars().all(|letter| letter.is_ascii_lowercase())
        && !["html", "id", "sample", "rs", "toml"].contains(&what)
}

#[test]
fn every_kind_of_word_to_the_operator_is_in_the_page_and_no_other() {
    let (told, page) = (kinds_told(), column(&text("docs/operating.md"), "kind"));
    assert!(page.len() >= 9, "{page:?}");
    if told.iter().any(|kind| kind == "source.doubtful") {
        same("kinds", &told, &page);
    }
}

#[test]
fn what_an_operator_types_there_is_understood() {
    let page = text("docs/operating.md");
    for (command, options) in [
        ("prune", vec!["--dry-run", "--compact", "--evidence-too"]),
        ("doctor", vec!["--offline", "--json"]),
        ("export", vec!["--snapshots", "-o"]),
        ("once", vec!["--believe-shrinkage"]),
        ("deliveries", vec!["--failed"]),
        ("status", vec!["--json"]),
    ] {
        let (help, _, _) = output_of(program().args([command, "--help"]));
        for option in options {
            assert!(page.contains(option), "the page does not speak of {option}");
            assert!(help.contains(option), "{command} knows no {option}");
        }
    }
    let shipped = text("config/stagewatch.toml");
    let (_, rest) = shipped.split_once("\n[keep]\n").unwrap();
    let keys: Vec<&str> = rest
        .lines()
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.trim_start_matches("# ").split_once(" = ").map(|(key, _)| key.trim()))
        .collect();
    assert_eq!(keys.len(), 7, "{keys:?}");
    for key in keys {
        assert!(
            page.contains(&format!("`{key}`")) || page.contains(&format!("`{key} = ")),
            "the page has no key {key}"
        );
    }
}

/// The metrics that `/metrics` serves, with their type.
fn metrics() -> BTreeSet<String> {
    let list = text("deploy/prometheus/metrics.txt");
    let mut names = BTreeSet::new();
    for line in list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut words = line.split_whitespace();
        let (name, kind) = (words.next().unwrap(), words.next().unwrap());
        assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
        assert_eq!(name.ends_with("_total"), kind == "counter", "counters end with _total: {line}");
        match kind {
            "histogram" => names.extend(["_bucket", "_sum", "_count"].map(|ending| format!("{name}{ending}"))),
            _ => assert!(names.insert(name.to_owned()), "{name} is there twice"),
        }
    }
    names
}

/// The names under which the page of metrics registers them, in its source; what an encoder adds to a name is left out.
fn registered() -> BTreeSet<String> {
    let source = text("src/web/metrics.rs");
    let calls =
        source.split("register").skip(1).filter(|call| call.starts_with('(') || call.starts_with("_with_unit("));
    calls.filter_map(|call| call.split('"').nth(1)).map(str::to_owned).collect()
}

#[test]
fn the_list_of_metrics_is_that_of_the_page() {
    let plain = |name: &String| {
        let name = name.trim_start_matches("stagewatch_");
        let name =
            ["_total", "_bucket", "_sum", "_count"].iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
        let name = name.trim_end_matches("_seconds");
        name.to_owned()
    };
    assert_eq!(metrics().iter().map(plain).collect::<BTreeSet<_>>(), registered());
}

/// Every metric of ours that a query names.
fn named_in(query: &str) -> Vec<String> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    query.split(|letter| !is_part(letter)).filter(|word| word.starts_with("stagewatch_")).map(str::to_owned).collect()
}

#[test]
fn the_alert_rules_are_understood_and_name_metrics_that_there_are() {
    let path = "deploy/prometheus/stagewatch.rules.yml";
    let rules = text(path);
    let metrics = metrics();
    for name in named_in(&rules) {
        assert!(metrics.contains(&name), "{name} is not served: {path}");
    }
    let alerts: BTreeSet<String> =
        rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).map(str::to_owned).collect();
    let n_of = |key: &str| rules.lines().filter(|line| line.trim().starts_with(key)).count();
    assert_eq!(
        (n_of("expr:"), n_of("labels:"), n_of("summary:"), n_of("description:")),
        (alerts.len(), alerts.len(), alerts.len(), alerts.len())
    );
    same("alerts", &alerts, &column(&text("docs/operating.md"), "alert"));
    // Prometheus itself, where this machine has it; CI does.
    match Command::new("promtool")
        .args(["check", "rules", "--lint=all", "--lint-fatal"])
        .arg(root().join(path))
        .output()
    {
        Ok(output) => {
            let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && told.contains(&format!("{} rules found", alerts.len())), "{told}");
        }
        Err(error) => eprintln!("promtool is not on this machine ({error}): rules were read as text alone"),
    }
}

#[test]
fn the_dashboard_can_be_imported_and_names_metrics_that_there_are() {
    let dashboard: Value = serde_json::from_str(&text("deploy/grafana/stagewatch.json")).unwrap();
    assert_eq!(dashboard["uid"], "stagewatch");
    let (panels, metrics) = (dashboard["panels"].as_array().unwrap(), metrics());
    let mut ids = BTreeSet::new();
    let mut shown = BTreeSet::new();
    for panel in panels {
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "two panels of one id: {panel}");
        let place = &panel["gridPos"];
        assert!(place["x"].as_u64().unwrap() + place["w"].as_u64().unwrap() <= 24, "too wide: {place}");
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "it is whoever imports it that knows the data source");
        for target in panel["targets"].as_array().unwrap() {
            let names = named_in(target["expr"].as_str().unwrap());
            for name in &names {
                assert!(metrics.contains(name), "{name} is not served: {target}");
            }
            shown.extend(names);
        }
    }
    let families = |names: &BTreeSet<String>| -> BTreeSet<String> {
        let plain = |name: &String| {
            ["_bucket", "_sum", "_count"]
                .iter()
                .fold(name.clone(), |name, ending| name.trim_end_matches(ending).to_owned())
        };
        names.iter().map(plain).collect()
    };
    assert_eq!(families(&shown), families(&metrics), "every metric is shown somewhere");
    let asked = dashboard["templating"]["list"].as_array().unwrap();
    for name in asked.iter().filter_map(|variable| variable["definition"].as_str()).flat_map(named_in) {
        assert!(metrics.contains(&name), "{name} is not served");
    }
}

#[test]
fn the_files_for_operators_are_named_where_they_look_for_them() {
    let page = text("docs/operating.md");
    for path in ["deploy/prometheus/stagewatch.rules.yml", "deploy/grafana/stagewatch.json"] {
        assert!(page.contains(path) && Path::new(&root().join(path)).is_file(), "{path}");
    }
    assert!(text("README.md").contains("docs/operating.md"), "README does not lead there");
}
