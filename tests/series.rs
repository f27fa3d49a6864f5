//! Years of real pages, taken in one after the other by the real pipeline: what follows, change by change, and nothing else.
//!
//! What is expected comes from what others wrote down beside the captures: a change of stage exactly where the stage differs from the
//! page before. Everything beyond that stands here by hand, with its reason. The captures are no part of the project; where they are
//! missing, every test says by name and number what it did not do.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde_json::Value;
use stagewatch::changes::change::Kind;
use stagewatch::demo::pages::iso_open_data::{Row, lines};
use stagewatch::demo::pages::tc260_consultations::{Consultation, html};

use crate::support::Archive;

/// What a body changed without a change of stage: page (by a part of its name) and change.
const BESIDE_STAGES: [(&str, &str); 2] = [
    // `DIS 23008-1/WD Amd 3`, “Amendment 3”, became `DIS 23008-1/WD Amd 1`, “Amendment 1”.
    ("82727-ISO-IEC-DIS-23008-1-WD-Amd-1-2099-G3-20210823", "retitled"),
    // “Amendment 1” became “Amendment 1: Improvement of MMT message transaction”. That the document it amends became an FDIS is not told.
    ("82727-ISO-IEC-FDIS-23008-1-WD-Amd-1-2099-G3-20220820", "retitled"),
];

/// A folder of captures, or a loud word about what is not tested without it.
fn captures(test: &str, folder: &str, n_cases: &str) -> Option<PathBuf> {
    let root = std::env::var_os("STAGEWATCH_CAPTURES")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/captures"), PathBuf::from);
    let folder = root.join(folder);
    if folder.is_dir() {
        return Some(folder);
    }
    // Written past the harness, which keeps what a passing test prints.
    let what = format!("NOT RUN: series::{test}: {n_cases}, because the captures are not here\n");
    std::io::stderr().write_all(what.as_bytes()).unwrap();
    None
}

/// One captured page.
struct Capture {
    file: String,
    url: String,
    /// When it was served.
    at: String,
    /// The stage or state, as the index has it.
    stage: String,
}

/// The captures of each address that was captured more than once, in order of time; `http` and `https`, and the two folders of
/// openstd, are one address.
fn series_of(captures: Vec<Capture>) -> Vec<Vec<Capture>> {
    let mut series: BTreeMap<String, Vec<Capture>> = BTreeMap::new();
    for capture in captures {
        let (_, address) = capture.url.split_once("://").unwrap();
        series.entry(address.replace("/bzgk/std/", "/bzgk/gb/")).or_default().push(capture);
    }
    series.retain(|_, captures| captures.len() > 1);
    for captures in series.values_mut() {
        captures.sort_by(|a, b| a.at.cmp(&b.at));
    }
    series.into_values().collect()
}

fn cells_of(folder: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(folder.join("INDEX.tsv")).unwrap();
    text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

/// A moment, or the day of a commit.
fn moment(text: &str) -> String {
    match text.split_once(' ') {
        Some((day, _)) => format!("{day}T00:00:00Z"),
        None => text.to_owned(),
    }
}

/// `stage-moved/advanced 20.00 → 30.20` of `iso:68511 stage-moved/advanced 20.00 → 30.20`; the project is the same all along.
fn kind_and_codes(line: &str) -> &str {
    let kinds = Kind::ALL.map(|kind| line.find(&format!(" {}", kind.as_str())));
    &line[kinds.into_iter().flatten().min().unwrap() + 1..]
}

/// Takes in every page, each series in a house of its own, and holds what follows against `expected`, which is told of each page and the
/// page before. Answers how many pages there were, and how many changes.
fn replay(
    folder: &Path,
    format: &str,
    series: &[Vec<Capture>],
    expected: impl Fn(&Capture, &Capture) -> Option<String>,
) -> (usize, usize) {
    let (mut n_pages, mut n_changes) = (0, 0);
    let mut troubles = Vec::new();
    for captures in series {
        let url = &captures.last().unwrap().url;
        let archive = Archive::with(&format!("[[source]]\nid = \"page\"\nformat = \"{format}\"\nurl = \"{url}\"\n"));
        let mut before: Option<&Capture> = None;
        for capture in captures {
            let told = archive.take("page", &capture.at, std::fs::read(folder.join(&capture.file)).unwrap());
            let told: Vec<&str> = told.iter().map(|line| kind_and_codes(line)).collect();
            let by_hand =
                BESIDE_STAGES.iter().find(|(page, _)| capture.file.contains(page)).map(|(_, kind)| (*kind).to_owned());
            let wanted: Vec<String> =
                before.and_then(|before| expected(before, capture)).into_iter().chain(by_hand).collect();
            if told != wanted {
                troubles.push(format!("{}: told {told:?}, expected {wanted:?}", capture.file));
            }
            n_pages += 1;
            n_changes += told.len();
            before = Some(capture);
        }
    }
    assert!(troubles.is_empty(), "{} troubles:\n{}", troubles.len(), troubles.join("\n"));
    (n_pages, n_changes)
}

/// What a move is called, by the numbers of the harmonized stage codes alone.
fn name_of_move(from: &str, to: &str) -> &'static str {
    let row = |code: &str| code[..2].parse::<u32>().unwrap() / 10;
    match to {
        _ if from.is_empty() => "appeared",
        "60.60" => "published/published",
        "95.99" => "withdrawn/withdrawn",
        "90.20" | "90.60" => "stage-moved/under-review",
        "90.92" => "stage-moved/to-be-revised",
        "90.93" => "stage-moved/confirmed",
        to if to.ends_with(".98") => "stage-moved/abandoned",
        to if to.ends_with(".93") => "stage-moved/repeated",
        to if row(to) < row(from) => "stage-moved/referred-back",
        to if row(to) == row(from) && to < from => "stage-moved/repeated",
        to if row(to) > row(from) + 1 => "stage-moved/skipped",
        _ => "stage-moved/advanced",
    }
}

#[test]
fn every_series_of_iso_pages_tells_its_stage_moves_and_nothing_else() {
    let test = "every_series_of_iso_pages_tells_its_stage_moves_and_nothing_else";
    let Some(folder) = captures(test, "iso", "33 addresses") else { return };
    let stage = regex::Regex::new(r"\bstage=(\d\d\.\d\d)").unwrap();
    let pages = cells_of(&folder).into_iter().filter(|cells| cells[0].starts_with("standard")).map(|cells| Capture {
        stage: stage.captures(&cells[5]).unwrap()[1].to_owned(),
        at: moment(&cells[2]),
        url: cells[1].clone(),
        file: cells[0].clone(),
    });
    let series = series_of(pages.collect());
    let told = replay(&folder, "iso-project", &series, |before, now| {
        let is_move = now.stage != before.stage;
        is_move.then(|| format!("{} {} → {}", name_of_move(&before.stage, &now.stage), before.stage, now.stage))
    });
    assert_eq!((series.len(), told), (33, (147, 36)));
}

#[test]
fn seven_years_of_openstd_tell_the_one_withdrawal_that_there_was() {
    let test = "seven_years_of_openstd_tell_the_one_withdrawal_that_there_was";
    let Some(folder) = captures(test, "cn", "3 standards") else { return };
    let pages = cells_of(&folder).into_iter().filter(|cells| cells[0].contains("newGbInfo_")).map(|cells| Capture {
        stage: cells[8].split(" | ").nth(1).unwrap().to_owned(),
        at: moment(&cells[3]),
        url: cells[1].clone(),
        file: cells[0].clone(),
    });
    let series = series_of(pages.collect());
    let told = replay(&folder, "openstd-standard", &series, |before, now| {
        // 废止 and 被代替 are one class; the site went from one to the other and back for all old editions at once.
        let is_over = |capture: &Capture| matches!(capture.stage.as_str(), "废止" | "被代替");
        (is_over(before) != is_over(now)).then(|| "withdrawn/withdrawn 60 → 95".to_owned())
    });
    assert_eq!((series.len(), told), (3, (52, 1)));
}

#[test]
fn seven_years_of_lists_tell_the_same_withdrawal_and_the_edition_that_caused_it() {
    let test = "seven_years_of_lists_tell_the_same_withdrawal_and_the_edition_that_caused_it";
    let Some(folder) = captures(test, "cn", "3 searches") else { return };
    let is_cut = |file: &str| file.contains("a62eb8b2");
    let pages = cells_of(&folder).into_iter().filter(|cells| cells[0].contains("std_list_")).map(|cells| Capture {
        stage: String::new(),
        at: moment(&cells[3]),
        url: cells[1].clone(),
        file: cells[0].clone(),
    });
    let series = series_of(pages.collect());
    let mut told = Vec::new();
    let mut n_pages = 0;
    for captures in &series {
        let url = &captures.last().unwrap().url;
        let number = url.rsplit("p.p2=").next().unwrap().replace("%20", " ");
        let source = format!("id = \"page\"\nformat = \"openstd-list\"\nurl = \"{url}\"\nstandards = [\"{number}\"]\n");
        let archive = Archive::with(&format!("[[source]]\n{source}"));
        for capture in captures {
            let page = std::fs::read(folder.join(&capture.file)).unwrap();
            n_pages += 1;
            if is_cut(&capture.file) {
                let polled = archive.try_take("page", &capture.at, page).unwrap();
                assert!(polled.poll.outcome.is_trouble() && polled.changes.is_empty(), "{:?}", polled.poll);
            } else {
                told.extend(archive.take("page", &capture.at, page));
            }
        }
    }
    assert_eq!((series.len(), n_pages), (3, 49));
    assert_eq!(told, ["gb:GB/T 1.1-2009 withdrawn/withdrawn 60 → 95", "gb:GB/T 1.1-2020 appeared"]);
}

/// One sight of a project in `sc27-history.jsonl`.
struct Sight {
    project: u64,
    seen: String,
    reference: String,
    stage: String,
}

fn history(folder: &Path) -> Vec<Sight> {
    let text = std::fs::read_to_string(folder.join("sc27-history.jsonl")).unwrap();
    let mut sights = Vec::new();
    for line in text.lines() {
        let project: Value = serde_json::from_str(line).unwrap();
        for sight in project["seq"].as_array().unwrap() {
            let text = |key: &str| sight[key].as_str().unwrap().to_owned();
            let (seen, reference, stage) = (text("seen"), text("reference"), text("stage"));
            sights.push(Sight { project: project["project_id"].as_u64().unwrap(), seen, reference, stage });
        }
    }
    sights.sort_by(|a, b| a.seen.cmp(&b.seen));
    sights
}

#[test]
fn every_recorded_move_of_sc27_is_one_change_of_its_own_name() {
    let Some(folder) = captures("every_recorded_move_of_sc27_is_one_change_of_its_own_name", "iso", "72 projects")
    else {
        return;
    };
    let archive = Archive::with(
        "[fetch]\ncontact = \"tests@example.org\"\n[[source]]\nid = \"open-data\"\nformat = \"iso-open-data\"\n\
         url = \"https://data.example/deliverables.jsonl\"\ncommittees = [\"ISO/IEC JTC 1/SC 27\"]\n",
    );
    let sights = history(&folder);
    let days: BTreeSet<&str> = sights.iter().map(|sight| sight.seen.as_str()).collect();
    let mut rows: BTreeMap<u64, Row> = BTreeMap::new();
    let mut stages: BTreeMap<u64, &str> = BTreeMap::new();
    let mut troubles = Vec::new();
    let mut n_told: BTreeMap<&str, usize> = BTreeMap::new();
    for (number, day) in days.iter().enumerate() {
        let mut wanted = Vec::new();
        for sight in sights.iter().filter(|sight| sight.seen == **day) {
            let title = format!("Title of project {}", sight.project);
            rows.insert(sight.project, Row::of(sight.project, &sight.reference, &title, &sight.stage));
            let from = stages.insert(sight.project, &sight.stage).unwrap_or_default();
            if number == 0 || from == sight.stage {
                continue;
            }
            let name = name_of_move(from, &sight.stage);
            *n_told.entry(name).or_default() += 1;
            let codes = if from.is_empty() { String::new() } else { format!(" {from} → {}", sight.stage) };
            wanted.push((sight.project, format!("iso:{} {name}{codes}", sight.project)));
        }
        wanted.sort();
        let page = lines(&rows.values().cloned().collect::<Vec<_>>());
        let told = archive.take("open-data", &format!("{day}T06:15:00Z"), page);
        let wanted: Vec<String> = wanted.into_iter().map(|(_, line)| line).collect();
        if told != wanted {
            troubles.push(format!("{day}: told {told:?}, expected {wanted:?}"));
        }
    }
    assert!(troubles.is_empty(), "{} troubles:\n{}", troubles.len(), troubles.join("\n"));
    assert_eq!((days.len(), sights.len()), (103, 267));
    let expected = [
        ("appeared", 15),
        ("published/published", 11),
        ("stage-moved/advanced", 97),
        ("stage-moved/confirmed", 22),
        ("stage-moved/referred-back", 4),
        ("stage-moved/repeated", 5),
        ("stage-moved/skipped", 8),
        ("stage-moved/to-be-revised", 2),
        ("stage-moved/under-review", 37),
        ("withdrawn/withdrawn", 8),
    ];
    assert_eq!(n_told, BTreeMap::from(expected));
}

#[test]
fn a_year_of_consultations_opens_each_of_them_once() {
    let name = "a_year_of_consultations_opens_each_of_them_once";
    let Some(folder) = captures(name, "cn", "50 consultations") else { return };
    let lines = std::fs::read_to_string(folder.join("tc260/gen2_suggestions_50_redacted.jsonl")).unwrap();
    let mut by_day: BTreeMap<Date, Vec<Consultation>> = BTreeMap::new();
    let mut distinct = BTreeSet::new();
    for line in lines.lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| entry[key].as_str().unwrap();
        let (published, closes): (Date, Date) = (text("published").parse().unwrap(), text("deadline").parse().unwrap());
        let title: String = text("std_title").split_whitespace().collect();
        distinct.insert((published, closes, title));
        let consultation = Consultation {
            id: text("suggestion_id").to_owned(),
            ..Consultation::of(text("std_title"), published, closes)
        };
        by_day.entry(published).or_default().push(consultation);
    }
    let archive = Archive::with(
        "[[source]]\nid = \"page\"\nformat = \"tc260-consultations\"\nurl = \"https://tc.example/portal/suggestion\"\n",
    );
    let first_day = *by_day.keys().next().unwrap();
    let mut shown = Vec::new();
    let mut n_opened = 0;
    for (day, news) in by_day {
        shown.extend(news);
        let told = archive.take("page", &format!("{day}T12:00:00Z"), html(&shown));
        assert!(told.iter().all(|line| line.ends_with(" consultation-opened")), "{day}: {told:?}");
        n_opened += told.len();
    }
    let n_at_first = distinct.iter().filter(|(published, ..)| *published == first_day).count();
    assert_eq!(n_opened, distinct.len() - n_at_first);
    assert_eq!((shown.len(), distinct.len()), (50, 46));
}
