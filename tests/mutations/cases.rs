//! The good pages that are broken: every fixture of ours that a poll would accept, and captured pages, each with the format that reads it.
//! A new format is found by its fixtures; a kind of capture needs one line in [`CAPTURED`].

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::Value;
use stagewatch::changes::comparison::{Comparison, Holdings, compare};
use stagewatch::daemon::gather::{Received, sheet_of};
use stagewatch::demo::pages::iso_open_data::{Row, lines};
use stagewatch::demo::pages::tc260_consultations::{Consultation, html};
use stagewatch::formats::{FORMATS, Format, Scope, named};
use stagewatch::standards::programme::Programme;
use url::Url;

use super::judge::{TODAY, limits_of, programme_in};
use crate::formats::{given_beside, pages_of};

/// A good page: what a poll would take, and what is held after it.
pub(crate) struct Case {
    /// The fixture or capture, for a person.
    pub(crate) name: String,
    pub(crate) format: &'static Format,
    pub(crate) scope: Scope,
    pub(crate) url: Url,
    pub(crate) content_type: Option<String>,
    pub(crate) bytes: Vec<u8>,
    /// The decoded page.
    pub(crate) text: String,
    pub(crate) programme: Programme,
    pub(crate) held: Holdings,
}

/// How a capture becomes a page.
enum Making {
    /// As it is.
    Page,
    /// Some of its lines.
    Lines,
    /// Rows that others took from Open Data, as lines of Open Data.
    OpenData,
    /// Consultations that others took from the list, as the list.
    Consultations,
}

/// Which captures a format reads: folder and beginning of the file's name, the format, and how it is made a page. Captures of formats that
/// are not there are left out.
const CAPTURED: [(&str, &str, Making); 20] = [
    ("iso/standard/standard-", "iso-project", Making::Page),
    ("iso/standard-fr/standard-", "iso-project", Making::Page),
    ("iso/standard-ru/standard-", "iso-project", Making::Page),
    ("iso/opendata/deliverables-rows-88821", "iso-open-data", Making::Page),
    ("iso/opendata/deliverables-rows-54989", "iso-open-data", Making::Page),
    ("iso/sc27-snapshot", "iso-open-data", Making::OpenData),
    ("iso/opendata/iso_technical_committees-2025-06.jsonl", "iso-committees", Making::Lines),
    ("iso/advancedSearch/advsearch-", "iso-search", Making::Page),
    ("cn/openstd/newGbInfo_", "openstd-standard", Making::Page),
    ("cn/openstd/std_list_", "openstd-list", Making::Page),
    ("cn/std_gov_cn_2018/stdPage_", "samr-search", Making::Page),
    ("cn/std_samr/stdPage_", "samr-search", Making::Page),
    ("cn/std_gov_cn_2018/gbDetailed_", "samr-detail", Making::Page),
    ("cn/std_samr/gbDetailed_", "samr-detail", Making::Page),
    ("cn/std_samr/gbAdvancedSearchPage_", "samr-standards", Making::Page),
    ("cn/tc260/gen1_HANDMADE", "tc260-consultations", Making::Page),
    ("cn/tc260/gen1_HANDMADE_SecLens_detail", "tc260-consultation", Making::Page),
    ("cn/tc260/gen2_snippets", "tc260-consultations", Making::Page),
    ("cn/tc260/gen3_snippet", "tc260-consultations", Making::Page),
    ("cn/tc260/gen2_suggestions_50", "tc260-consultations", Making::Consultations),
];

/// How many captures of one kind are broken; the many are of few layouts, and a layout breaks as a layout.
const OF_A_KIND: usize = 4;

/// All cases, in an order that depends on nothing but the files.
pub(crate) fn all() -> Vec<Case> {
    let mut cases = of_fixtures();
    match captures() {
        Some(folder) => cases.extend(of_captures(&folder)),
        // Written past the harness, which keeps what a passing test prints.
        None => std::io::stderr()
            .write_all(b"NOT RUN: mutations of captured pages, because the captures are not here; our own are broken\n")
            .unwrap(),
    }
    cases
}

fn of_fixtures() -> Vec<Case> {
    let mut cases = Vec::new();
    for format in FORMATS {
        for page in pages_of(format) {
            let given = given_beside(&page);
            if given.status != 200 || !given.headers.is_empty() {
                continue;
            }
            let name = format!("{}/{}", format.name, page.file_name().unwrap().to_string_lossy());
            let served = Served { url: given.url, content_type: given.content_type, scope: given.scope };
            cases.extend(Case::of(name, format, served, fs::read(&page).unwrap()));
        }
    }
    cases
}

fn captures() -> Option<PathBuf> {
    let root = std::env::var_os("STAGEWATCH_CAPTURES")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/captures"), PathBuf::from);
    root.join("iso/INDEX.tsv").is_file().then_some(root)
}

fn of_captures(root: &Path) -> Vec<Case> {
    let mut kinds: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    let addresses = addresses_in(root);
    for (start, format, making) in &CAPTURED {
        let Some(format) = named(format) else { continue };
        for file in files_beginning(root, start) {
            let kind = kind_of(&file, format);
            let enough = kinds.get(&kind).is_some_and(|cases| cases.len() >= OF_A_KIND);
            if enough {
                continue;
            }
            let bytes = made(making, fs::read(root.join(&file)).unwrap());
            let url = addresses.get(&file).and_then(|address| Url::parse(address.split(' ').next()?).ok());
            let served = Served { url, content_type: None, scope: Scope::default() };
            kinds.entry(kind).or_default().extend(Case::of(file, format, served, bytes));
        }
    }
    kinds.into_values().flatten().collect()
}

/// Format, folder and the letters of the name: `standard-<number>-…-G3-<day>` is of another layout than `…-G4-…`.
fn kind_of(file: &str, format: &Format) -> String {
    let letters: String = file.chars().filter(|c| !c.is_ascii_digit()).collect();
    let layout = regex::Regex::new("-G([1-9])-").unwrap().captures(file).map(|found| found[1].to_owned());
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{} {}", format.name, layout.map_or(letters, |layout| format!("{folder} {layout}")))
}

fn files_beginning(root: &Path, start: &str) -> Vec<String> {
    let (folder, start) = start.rsplit_once('/').unwrap();
    let Ok(entries) = fs::read_dir(root.join(folder)) else { return Vec::new() };
    let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let mut files: Vec<String> =
        names.filter(|name| name.starts_with(start)).map(|name| format!("{folder}/{name}")).collect();
    files.sort();
    files
}

/// The address of every capture, by the columns `file` and `source_url` of the two indexes.
fn addresses_in(root: &Path) -> BTreeMap<String, String> {
    let mut addresses = BTreeMap::new();
    for folder in ["iso", "cn"] {
        let text = fs::read_to_string(root.join(folder).join("INDEX.tsv")).unwrap_or_default();
        let mut rows = text.lines().map(|line| line.split('\t').collect::<Vec<_>>());
        let heads = rows.next().unwrap_or_default();
        let column = |name| heads.iter().position(|head| *head == name).unwrap();
        let (file, url) = (column("file"), column("source_url"));
        addresses.extend(rows.map(|row| (format!("{folder}/{}", row[file]), row[url].to_owned())));
    }
    addresses
}

fn made(making: &Making, bytes: Vec<u8>) -> Vec<u8> {
    let rows = || -> Vec<Value> {
        String::from_utf8_lossy(&bytes).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    match making {
        Making::Page => bytes,
        Making::Lines => bytes.split_inclusive(|byte| *byte == b'\n').step_by(20).flatten().copied().collect(),
        Making::OpenData => lines(
            &rows()
                .iter()
                .map(|row| {
                    let number = row["project_id"].as_u64().unwrap();
                    Row::of(number, &text(row, "reference"), &text(row, "title"), &text(row, "stage"))
                })
                .collect::<Vec<_>>(),
        )
        .into(),
        Making::Consultations => html(
            &rows()
                .iter()
                .map(|row| {
                    let days = (text(row, "published").parse().unwrap(), text(row, "deadline").parse().unwrap());
                    let id = text(row, "suggestion_id");
                    Consultation { id, ..Consultation::of(&text(row, "std_title"), days.0, days.1) }
                })
                .collect::<Vec<_>>(),
        )
        .into(),
    }
}

/// How a page is served.
struct Served {
    url: Option<Url>,
    content_type: Option<String>,
    scope: Scope,
}

impl Case {
    /// `None` where a first poll would not accept the page.
    fn of(name: String, format: &'static Format, served: Served, bytes: Vec<u8>) -> Option<Case> {
        let nowhere = || Url::parse("https://body.example/page").unwrap();
        let Served { url, content_type, scope } = served;
        let url = url.unwrap_or_else(nowhere);
        let received = Received::saved(url.clone(), content_type.clone(), bytes.clone());
        let sheet = sheet_of(format, &scope, received, Timestamp::UNIX_EPOCH).ok()?;
        let text = sheet.text.clone();
        let programme = programme_in(sheet);
        let Comparison::Baseline(held) = compare(None, &programme, limits_of(format, &scope), TODAY) else {
            return None;
        };
        // A search that found nothing is a good page; nothing on it can be broken.
        if held.is_empty() {
            return None;
        }
        Some(Case { name, format, scope, url, content_type, bytes, text, programme, held })
    }
}
