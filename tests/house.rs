//! The rules of the house (ARCHITECTURE.md), held by reading the tree. Not style: that is for rustfmt and clippy.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// One file under `src/`, with its tests cut off.
struct Source {
    /// Relative to `src/`, `/` as separator.
    path: String,
    /// The whole text.
    text: String,
    /// The text before `#[cfg(test)]`.
    production: String,
}

impl Source {
    /// `formats` for `formats/decode.rs`, `timing` for `timing.rs`.
    fn room(&self) -> &str {
        self.path.split('/').next().unwrap().trim_end_matches(".rs")
    }

    /// Production code without the lines that are comments.
    fn code(&self) -> String {
        self.production.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    }

    /// Every whole word of the code, so that one name is not found inside a longer one.
    fn words(&self) -> BTreeSet<String> {
        let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
        self.code().split(|letter| !is_part(letter)).map(str::to_owned).collect()
    }

    /// Every `crate::room` that production code names, comments left out.
    fn imports(&self) -> Vec<String> {
        let code = self.code();
        let mut rooms: Vec<String> = code
            .match_indices("crate::")
            .filter_map(|(at, found)| {
                let rest = &code[at + found.len()..];
                let room: String =
                    rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
                (!room.is_empty()).then_some(room)
            })
            .collect();
        rooms.sort();
        rooms.dedup();
        rooms
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn sources() -> Vec<Source> {
    let folder = root().join("src");
    rust_files(&folder)
        .into_iter()
        .map(|file| {
            let text = std::fs::read_to_string(&file).unwrap();
            let production = text.split("#[cfg(test)]").next().unwrap().to_owned();
            let path = file.strip_prefix(&folder).unwrap().to_string_lossy().replace('\\', "/");
            Source { path, text, production }
        })
        .collect()
}

/// Fails with every line that breaks a rule, not with the first.
fn check(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{rule}\n  {}", broken.join("\n  "));
}

/// What each room may name. `main.rs` and `lib.rs` stand outside.
fn allowed() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        // Floor 1: the words know nobody.
        ("standards", &[] as &[&str]),
        ("timing", &["quantities"]),
        ("quantities", &[]),
        ("masked", &[]),
        ("signed", &["masked"]),
        // Floor 2: pure.
        ("formats", &["standards"]),
        ("changes", &["standards"]),
        ("records", &["standards", "changes"]),
        // Floor 3: the rim; rooms here do not know one another.
        ("fetch", &["timing", "quantities", "masked"]),
        ("store", &["standards", "changes", "records", "timing", "masked"]),
        ("deliver", &["standards", "changes", "records", "masked"]),
        ("logging", &[]),
        // Pages read the store: the one room of the rim that knows another.
        ("web", &["standards", "formats", "changes", "records", "timing", "masked", "signed", "store"]),
        // Floor 4.
        (
            "config",
            &["standards", "formats", "changes", "timing", "quantities", "masked", "fetch", "store", "deliver", "web"],
        ),
        // Floor 5: the wiring; the demo wires a body of its own to it.
        (
            "daemon",
            &[
                "standards",
                "formats",
                "changes",
                "records",
                "timing",
                "quantities",
                "masked",
                "signed",
                "logging",
                "fetch",
                "store",
                "deliver",
                "web",
                "config",
            ],
        ),
        ("demo", &["standards", "changes", "records", "masked", "deliver", "store", "config", "daemon"]),
        (
            "cli",
            &[
                "standards",
                "formats",
                "changes",
                "records",
                "timing",
                "quantities",
                "masked",
                "signed",
                "logging",
                "fetch",
                "store",
                "deliver",
                "web",
                "config",
                "daemon",
                "demo",
            ],
        ),
    ])
}

#[test]
fn rooms_name_only_the_rooms_below_them() {
    let allowed = allowed();
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| !["main.rs", "lib.rs"].contains(&source.path.as_str())) {
        let room = source.room();
        let Some(may) = allowed.get(room) else {
            broken.push(format!("src/{}: no rule says what this room may name", source.path));
            continue;
        };
        for import in source.imports() {
            if import != room && !may.contains(&import.as_str()) {
                broken.push(format!("src/{} names crate::{import}", source.path));
            }
        }
    }
    check("D1–D5: a room names only rooms below it", &broken);
}

#[test]
fn format_and_channel_files_do_not_know_their_siblings() {
    let mut broken = Vec::new();
    let formats: Vec<String> =
        stagewatch::formats::FORMATS.iter().map(|format| format.name.replace('-', "_")).collect();
    for source in sources() {
        let Some(file) = source.path.strip_prefix("formats/").and_then(|name| name.strip_suffix(".rs")) else {
            continue;
        };
        // `iso_project/identity` belongs to `iso_project`; `tc260_consultations` does not belong to `tc260_consultation`.
        let owner = file.split('/').next().unwrap();
        let words = source.words();
        for other in formats.iter().filter(|other| owner != other.as_str() && file != "mod") {
            // A name that is a plain word is named as a file only by its path.
            let is_named = if other.contains('_') {
                words.contains(other.as_str())
            } else {
                source.code().contains(&format!("super::{other}::"))
            };
            if is_named {
                broken.push(format!("src/{} names the format {other}", source.path));
            }
        }
    }
    // `chat` is the room in which the services stand, and knows them all.
    let channels = stagewatch::deliver::Channel::ALL.map(stagewatch::deliver::Channel::as_str);
    for file in channels {
        for source in sources().iter().filter(|source| source.path.starts_with(&format!("deliver/{file}"))) {
            for other in channels.iter().filter(|other| **other != file) {
                if source.production.contains(&format!("super::{other}")) {
                    broken.push(format!("src/{} names the channel {other}", source.path));
                }
            }
        }
    }
    check("D6: a format or channel file knows the room, not its siblings", &broken);
}

#[test]
fn pure_rooms_log_nothing_spawn_nothing_and_touch_nothing() {
    let pure = ["standards", "formats", "changes", "records", "timing", "quantities", "masked", "signed"];
    let outside = [
        "tracing::",
        "tokio::",
        "async fn",
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
        "std::thread",
        "clippy::disallowed",
    ];
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| pure.contains(&source.room())) {
        for word in outside.iter().filter(|word| source.production.contains(**word)) {
            broken.push(format!("src/{} contains `{word}`", source.path));
        }
    }
    check("D7: pure rooms have no outside", &broken);
}

#[test]
fn nothing_is_exported_twice() {
    let broken: Vec<String> = sources()
        .iter()
        .flat_map(|source| {
            source
                .production
                .lines()
                .filter(|line| {
                    line.trim_start().starts_with("pub use ") || line.trim_start().starts_with("pub(crate) use ")
                })
                .map(|line| format!("src/{}: {}", source.path, line.trim()))
                .collect::<Vec<_>>()
        })
        .collect();
    check("D8: names are taken from where they are defined", &broken);
}

#[test]
fn serde_stays_where_something_is_written_or_read() {
    let may = ["records/", "deliver/", "store/", "demo/", "config/", "daemon/", "web/", "cli"];
    let json_formats = [
        "formats/iso_open_data",
        "formats/iso_committees",
        "formats/iso_search",
        "formats/samr_",
        "formats/readable",
        "formats/refusal",
    ];
    let broken: Vec<String> = sources()
        .iter()
        .filter(|source| source.production.contains("serde"))
        .filter(|source| !may.iter().chain(&json_formats).any(|start| source.path.starts_with(start)))
        .map(|source| format!("src/{}", source.path))
        .collect();
    check("D9: serde only at the wire", &broken);
}

#[test]
fn sql_stands_in_the_store_alone() {
    let words = ["SELECT ", "INSERT INTO", "UPDATE ", "DELETE FROM", "CREATE TABLE", "BEGIN IMMEDIATE", "PRAGMA "];
    let broken: Vec<String> = sources()
        .iter()
        .filter(|source| source.room() != "store")
        .flat_map(|source| {
            words
                .iter()
                .filter(|word| source.production.contains(**word))
                .map(|word| format!("src/{} contains `{word}`", source.path))
                .collect::<Vec<_>>()
        })
        .collect();
    check("D10: SQL only in the store", &broken);
}

#[test]
fn every_file_says_what_it_is() {
    let mut files = rust_files(&root().join("src"));
    files.extend(rust_files(&root().join("tests")));
    let broken: Vec<String> = files
        .iter()
        .filter(|file| !std::fs::read_to_string(file).unwrap().starts_with("//! "))
        .map(|file| file.display().to_string())
        .collect();
    check("every file starts with `//!`: what it is", &broken);
}

#[test]
fn files_answer_one_question_and_have_names_that_say_which() {
    let vague = ["utils", "util", "common", "types", "models", "helpers", "misc", "manager", "service"];
    let mut broken = Vec::new();
    for source in sources() {
        let lines = source
            .production
            .lines()
            .filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with("//"))
            .count();
        if lines > 400 {
            broken.push(format!("src/{} has {lines} lines of code", source.path));
        }
        for part in source.path.trim_end_matches(".rs").split('/').filter(|part| vague.contains(part)) {
            broken.push(format!("src/{}: `{part}` names nothing", source.path));
        }
    }
    check("small files with telling names", &broken);
}

#[test]
fn nothing_is_left_open() {
    let broken: Vec<String> = sources()
        .iter()
        .flat_map(|source| {
            ["TO\u{44}O", "FIX\u{4d}E", "XX\u{58}", "todo!(", "unimplemented!(", "#[allow("]
                .iter()
                .filter(|word| source.text.contains(**word))
                .map(|word| format!("src/{} contains `{word}`", source.path))
                .collect::<Vec<_>>()
        })
        .collect();
    check("no half work lands, and exceptions are `expect` with a reason", &broken);
}

#[test]
fn every_dependency_has_its_reason_beside_it() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let mut in_dependencies = false;
    let mut reason = false;
    let mut broken = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            in_dependencies = line.contains("dependencies]");
        } else if line.starts_with('#') {
            reason = !line.starts_with("# ---");
        } else if in_dependencies && line.contains('=') {
            if !reason {
                broken.push(line.to_owned());
            }
            reason = false;
        }
    }
    check("a dependency needs a sentence in the manifest", &broken);
}

#[test]
fn the_changelog_names_the_version_of_the_manifest() {
    let changelog = std::fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
    assert!(changelog.contains("## Unreleased"), "CHANGELOG.md has no Unreleased head");
    assert!(
        changelog.contains(&format!("[{}]", env!("CARGO_PKG_VERSION"))),
        "CHANGELOG.md does not name version {}",
        env!("CARGO_PKG_VERSION")
    );
}
