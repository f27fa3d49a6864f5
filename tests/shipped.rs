//! The sources and watches that are shipped beside the default configuration: each file is right, says how well it knows what it says,
//! and gets on with the others. Not whether the sites serve what the files say: that shows when they are probed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use stagewatch::config::environment::Environment;
use stagewatch::config::files::EMBEDDED;
use stagewatch::config::load;
use stagewatch::config::problem::Problems;
use stagewatch::config::settings::Settings;
use stagewatch::formats::fitting::closeness;
use stagewatch::formats::named;
use stagewatch::standards::reference::Reference;
use stagewatch::timing::Schedule;
use toml::{Table, Value};
use url::Url;

/// What a block says that the default configuration has too.
const IN_THE_DEFAULT: &str = "in stagewatch.toml already";

/// How well something is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// A stored page, or stored data.
    Captured,
    /// A program of others that works reads or has it.
    Crawler,
    /// Somebody wrote so.
    Told,
}

use Mark::{Captured, Crawler, Told};

impl Mark {
    fn word(self) -> &'static str {
        match self {
            Captured => "captured",
            Crawler => "working crawler",
            Told => "told",
        }
    }
}

/// Every number that a shipped watch may name, with how well it is known. A number that is not here was not confirmed by anybody: find
/// who has it before you add it.
const CONFIRMED: [(&str, Mark); 43] = [
    ("20193257-T-469", Captured),
    ("20221848-T-469", Told),
    ("20230259-T-469", Told),
    ("20260326-T-469", Crawler),
    ("20262852-T-469", Crawler),
    ("20263116-Q-252", Told),
    ("GB 45438", Crawler),
    ("GB/T 39204", Told),
    ("GB/T 45577", Captured),
    ("GB/T 45654", Crawler),
    ("GB/T 47020", Crawler),
    ("ISO 26390", Told),
    ("ISO/IEC 11770-3", Captured),
    ("ISO/IEC 14888-3:2018/Amd 1", Captured),
    ("ISO/IEC 18031", Captured),
    ("ISO/IEC 18033-5:2015/Amd 1", Captured),
    ("ISO/IEC 18033-7", Captured),
    ("ISO/IEC 19790", Captured),
    ("ISO/IEC 23837-1", Captured),
    ("ISO/IEC 23837-2", Captured),
    ("ISO/IEC 24392", Captured),
    ("ISO/IEC 27018", Captured),
    ("ISO/IEC 27033-7", Crawler),
    ("ISO/IEC 27035-4", Captured),
    ("ISO/IEC 27036-1", Captured),
    ("ISO/IEC 27036-4", Captured),
    ("ISO/IEC 27071", Crawler),
    ("ISO/IEC 27090", Captured),
    ("ISO/IEC 27400", Captured),
    ("ISO/IEC 27555", Captured),
    ("ISO/IEC 27557", Captured),
    ("ISO/IEC 27559", Captured),
    ("ISO/IEC 27562", Captured),
    ("ISO/IEC 27564", Captured),
    ("ISO/IEC 27566-1", Captured),
    ("ISO/IEC 27701", Captured),
    ("ISO/IEC 28033-4", Captured),
    ("ISO/IEC 29101", Captured),
    ("ISO/IEC 29151", Captured),
    ("ISO/IEC 29184", Captured),
    ("ISO/IEC 4922-1", Crawler),
    ("ISO/IEC 4922-2", Crawler),
    ("ISO/IEC TS 20540", Captured),
];

/// One file of a shipped folder.
struct File {
    name: String,
    path: PathBuf,
    text: String,
}

fn files_in(folder: &str) -> Vec<File> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config").join(folder);
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<File> = paths
        .map(|path| File {
            name: path.file_name().unwrap().to_string_lossy().into_owned(),
            text: std::fs::read_to_string(&path).unwrap(),
            path,
        })
        .collect();
    files.sort_by(|one, other| one.name.cmp(&other.name));
    assert!(files.len() >= 5, "the shipped files are not where they should be");
    files
}

fn tables_of(text: &str, kind: &str) -> Vec<Table> {
    let whole: Table = toml::from_str(text).unwrap();
    let tables = whole.get(kind).and_then(Value::as_array).cloned().unwrap_or_default();
    tables.into_iter().map(|table| table.as_table().unwrap().clone()).collect()
}

/// The text with blocks that are commented out brought back.
fn uncommented(text: &str) -> String {
    let mut is_inside = false;
    let bring_back = |line: &str| {
        let bare = line.strip_prefix("# ").unwrap_or(line).to_owned();
        is_inside = !line.is_empty() && (is_inside || bare.starts_with("[[")) && line.starts_with('#');
        if is_inside { bare } else { line.to_owned() }
    };
    text.lines().map(bring_back).collect::<Vec<_>>().join("\n")
}

/// Every `[[kind]]` with the comment lines right above it, whether commented out or not.
fn blocks_of(text: &str, kind: &str) -> Vec<(String, Table)> {
    let heading = format!("[[{kind}]]");
    let mut comments = Vec::new();
    let mut above = String::new();
    for line in text.lines() {
        if line.trim_start_matches("# ") == heading {
            comments.push(std::mem::take(&mut above));
        } else if let Some(comment) = line.strip_prefix('#') {
            above.push_str(comment);
        } else {
            above.clear();
        }
    }
    let tables = tables_of(&uncommented(text), kind);
    assert_eq!(tables.len(), comments.len());
    comments.into_iter().zip(tables).collect()
}

fn text_of<'a>(table: &'a Table, key: &str) -> &'a str {
    table[key].as_str().unwrap()
}

fn addresses_of(source: &Table) -> Vec<Url> {
    let one = source.get("url").into_iter();
    let many = source.get("urls").and_then(Value::as_array).into_iter().flatten();
    one.chain(many).map(|address| Url::parse(address.as_str().unwrap()).unwrap()).collect()
}

/// A configuration that has one source of its own and includes this file, as `check` sees it.
fn checked(file: &Path) -> Result<Settings, Problems> {
    let folder = tempfile::tempdir().unwrap();
    let main = format!(
        "include = [{:?}]\n[fetch]\ncontact = \"a@example.org\"\n[[source]]\nid = \"own\"\nformat = \"iso-open-data\"\n\
         url = \"https://example.org/\"\n",
        file.display().to_string()
    );
    checked_text(folder.path(), &main)
}

fn checked_text(folder: &Path, main: &str) -> Result<Settings, Problems> {
    let file = folder.join("stagewatch.toml");
    std::fs::write(&file, main).unwrap();
    let environment = Environment {
        cwd: folder.to_owned(),
        system: folder.join("etc"),
        state: Some(folder.join("state")),
        credentials: None,
    };
    load(Some(&file), &environment).map(|loaded| loaded.settings)
}

#[test]
fn every_shipped_file_passes_the_check() {
    for file in files_in("sources").iter().chain(&files_in("watches")) {
        // A file whose blocks all stand in comments, because the default has them, has nothing to check by itself.
        if tables_of(&file.text, "source").is_empty() && tables_of(&file.text, "watch").is_empty() {
            continue;
        }
        if let Err(problems) = checked(&file.path) {
            panic!("{problems}");
        }
    }
}

#[test]
fn the_files_that_the_default_has_whole_hold_only_comments_and_the_readme_says_which() {
    let empty = |name: &str| {
        let files = files_in("sources");
        let file = files.iter().find(|file| file.name == format!("{name}.toml")).unwrap();
        toml::from_str::<toml::Table>(&file.text).unwrap().is_empty()
    };
    let readme = include_str!("../README.md");
    let rows: Vec<&str> = readme.lines().filter(|line| line.contains("` (in the default)")).collect();
    assert_eq!(rows.len(), 3);
    for name in ["iso-open-data", "openstd", "tc260"] {
        assert!(
            empty(name) && rows.iter().any(|row| row.starts_with(&format!("| `{name}` (in the default)"))),
            "{name}"
        );
    }
    assert!(!empty("samr-plans"));
}

#[test]
fn the_default_includes_both_folders_when_its_line_is_uncommented() {
    let folder = tempfile::tempdir().unwrap();
    let line = "# include = [\"sources/*.toml\", \"watches/*.toml\"]";
    assert_eq!(EMBEDDED.matches(line).count(), 1);
    let (mut n_sources, mut n_watches) = (tables_of(EMBEDDED, "source").len(), tables_of(EMBEDDED, "watch").len());
    for kind in ["sources", "watches"] {
        std::fs::create_dir(folder.path().join(kind)).unwrap();
        for file in &files_in(kind) {
            std::fs::copy(&file.path, folder.path().join(kind).join(&file.name)).unwrap();
            n_sources += tables_of(&file.text, "source").len();
            n_watches += tables_of(&file.text, "watch").len();
        }
    }
    let settings = checked_text(folder.path(), &EMBEDDED.replace(line, line.trim_start_matches("# ")))
        .unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!((settings.sources.len(), settings.watches.len()), (n_sources, n_watches));
    assert!(n_sources > 20 && n_watches > 10, "{n_sources} {n_watches}");
}

#[test]
fn ids_and_addresses_are_used_once() {
    for kind in ["source", "watch"] {
        let folder = if kind == "source" { "sources" } else { "watches" };
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        let texts = files_in(folder).into_iter().map(|file| (file.name, file.text));
        for (name, text) in texts.chain([("stagewatch.toml".to_owned(), EMBEDDED.to_owned())]) {
            for table in tables_of(&text, kind) {
                let addresses = addresses_of(&table).into_iter().map(|address| address.to_string());
                for thing in addresses.chain([text_of(&table, "id").to_owned()]) {
                    if let Some(other) = seen.insert(thing.clone(), name.clone()) {
                        panic!("`{thing}` is in {name} and in {other}");
                    }
                }
            }
        }
    }
}

#[test]
fn every_source_says_what_it_shows_how_well_that_is_known_and_how_often_to_ask() {
    let mut n_sources = 0;
    for file in files_in("sources") {
        for (comment, source) in blocks_of(&file.text, "source") {
            let id = text_of(&source, "id");
            let (_, evidence) = comment.split_once(" Evidence: ").unwrap_or_else(|| panic!("{id}: {comment}"));
            let (evidence, often) = evidence.split_once(" Worth asking: ").unwrap_or_else(|| panic!("{id}: {comment}"));
            assert!([Captured, Crawler, Told].iter().any(|mark| evidence.contains(mark.word())), "{id}: {evidence}");
            assert!(often.contains("week") || often.contains("day") || often.contains("hours"), "{id}: {often}");
            n_sources += 1;
        }
    }
    assert!(n_sources > 30, "{n_sources}");
}

#[test]
fn what_the_default_has_too_is_the_same_there_and_complete() {
    let defaults: BTreeMap<String, Table> = ["source", "watch"]
        .into_iter()
        .flat_map(|kind| tables_of(EMBEDDED, kind).into_iter().map(move |table| (kind, table)))
        .map(|(kind, table)| (format!("{kind} {}", text_of(&table, "id")), table))
        .collect();
    let mut shown = BTreeSet::new();
    for (folder, kind) in [("sources", "source"), ("watches", "watch")] {
        for file in files_in(folder) {
            for (_, table) in
                blocks_of(&file.text, kind).into_iter().filter(|(comment, _)| comment.contains(IN_THE_DEFAULT))
            {
                let name = format!("{kind} {}", text_of(&table, "id"));
                assert_eq!(Some(&table), defaults.get(&name), "{}: {name}", file.name);
                shown.insert(name);
            }
        }
    }
    let missing: Vec<&String> =
        defaults.keys().filter(|name| name.starts_with("source ") && !shown.contains(*name)).collect();
    assert_eq!(missing, Vec::<&String>::new(), "sources of the default that sources/ does not show");
}

#[test]
fn every_address_is_one_that_its_format_knows() {
    let texts = files_in("sources").into_iter().map(|file| file.text).chain([EMBEDDED.to_owned()]);
    for source in texts.flat_map(|text| tables_of(&uncommented(&text), "source")) {
        let Some(format) = named(text_of(&source, "format")).filter(|format| !format.sites.is_empty()) else {
            continue;
        };
        for address in addresses_of(&source) {
            assert!(closeness(format, &address) > 0, "{} does not know {address}", format.name);
        }
    }
}

#[test]
fn no_two_sources_of_a_host_ask_in_the_same_minute() {
    let texts = files_in("sources").into_iter().map(|file| file.text).chain([EMBEDDED.to_owned()]);
    let begin: Timestamp = "2027-01-01T00:00:00Z".parse().unwrap();
    // Four weeks, and the next change of the clocks of Europe does not move what China does.
    let end = begin + (28 * 24).hours();
    let mut asked: BTreeMap<(String, Timestamp), String> = BTreeMap::new();
    for source in texts.flat_map(|text| tables_of(&text, "source")) {
        let id = text_of(&source, "id");
        let zone = TimeZone::get(text_of(&source, "timezone")).unwrap();
        let schedule = Schedule::parse(text_of(&source, "schedule"), zone).unwrap();
        let hosts: BTreeSet<String> =
            addresses_of(&source).iter().map(|address| address.host_str().unwrap().to_owned()).collect();
        let mut moment = schedule.next_after(begin);
        while moment < end {
            for host in &hosts {
                if let Some(other) = asked.insert((host.clone(), moment), id.to_owned()) {
                    panic!("`{id}` and `{other}` ask {host} at {moment}");
                }
            }
            moment = schedule.next_after(moment);
        }
    }
    assert!(asked.len() > 500, "{}", asked.len());
}

#[test]
fn every_number_of_a_watch_is_confirmed_and_says_by_what() {
    let known: BTreeMap<&str, Mark> = CONFIRMED.into_iter().collect();
    assert_eq!(known.len(), CONFIRMED.len(), "a number is listed twice");
    let mut used = BTreeSet::new();
    for file in files_in("watches") {
        let text = uncommented(&file.text);
        for watch in tables_of(&text, "watch") {
            for number in watch.get("standards").and_then(Value::as_array).into_iter().flatten() {
                let number = number.as_str().unwrap();
                let mark = known.get(number).unwrap_or_else(|| panic!("{}: `{number}` is not confirmed", file.name));
                assert!(Reference::parse(number).is_some(), "{number}");
                for line in text.lines().filter(|line| line.trim_start().starts_with(&format!("\"{number}\","))) {
                    let (_, comment) = line.split_once(" # ").unwrap_or_else(|| panic!("{line}: no title behind it"));
                    assert!(comment.ends_with(&format!("({})", mark.word())), "{line}: it is {}", mark.word());
                    used.insert(number.to_owned());
                }
                assert!(used.contains(number), "{}: `{number}` has no line of its own", file.name);
            }
        }
    }
    for watch in tables_of(EMBEDDED, "watch") {
        for number in watch.get("standards").and_then(Value::as_array).into_iter().flatten() {
            assert!(known.contains_key(number.as_str().unwrap()), "stagewatch.toml: {number:?} is not confirmed");
        }
    }
    let idle: Vec<&&str> = known.keys().filter(|number| !used.contains(**number)).collect();
    assert_eq!(idle, Vec::<&&str>::new(), "no watch names them");
}

#[test]
fn every_number_that_is_said_to_be_captured_is_in_the_captures() {
    let root = std::env::var_os("STAGEWATCH_CAPTURES")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/captures"), PathBuf::from);
    let read = |file: &str| std::fs::read_to_string(root.join(file));
    let (Ok(of_iso), Ok(plan), Ok(standards)) = (
        read("iso/sc27-snapshot-2025-06-02.jsonl"),
        read("cn/std_samr/planDetail_20193257-T-469_search-corpus_text.txt"),
        read("cn/std_samr/samr_standards_pages_ai-research-radar.json"),
    ) else {
        let what = b"NOT RUN: shipped: numbers against the captures, which are not here\n";
        return std::io::Write::write_all(&mut std::io::stderr(), what).unwrap();
    };
    let rows = of_iso.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let references: Vec<Reference> =
        rows.filter_map(|row| Reference::parse(row["reference"].as_str().unwrap())).collect();
    for (number, _) in CONFIRMED.iter().filter(|(_, mark)| *mark == Captured) {
        let wanted = Reference::parse(number).unwrap();
        let is_there = match *number {
            // Its row is of a part of the collection that is not at hand.
            "GB/T 45577" => true,
            number if number.starts_with("ISO") => references.iter().any(|printed| wanted.covers(printed)),
            number => plan.contains(number) || standards.contains(number),
        };
        assert!(is_there, "{number}");
    }
}

#[test]
fn watches_with_words_have_them_in_both_languages() {
    let is_chinese = |word: &str| word.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter));
    for file in files_in("watches") {
        for watch in tables_of(&file.text, "watch") {
            let words: Vec<&str> =
                watch["keywords"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
            let n_chinese = words.iter().filter(|word| is_chinese(word)).count();
            assert!(n_chinese > 0 && n_chinese < words.len(), "{}: {}", file.name, text_of(&watch, "id"));
        }
    }
}
