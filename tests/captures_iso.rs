//! What the real pages of ISO read as: every capture, against what others wrote down about it by hand or by another program.
//!
//! The captures belong to ISO and are no part of the project: they are looked for beside it, and where they are missing every
//! test says by name and number what it did not do.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use stagewatch::formats::open::{Opened, open};
use stagewatch::formats::refusal::{RefusalKind, Served};
use stagewatch::formats::{self, Scope};
use stagewatch::standards::committee::Committee;
use stagewatch::standards::language::Language;
use stagewatch::standards::programme::Wholeness;
use stagewatch::standards::project::{Project, ProjectId, Standing};
use url::Url;

/// Pages whose heading leaves out the year; the page says it elsewhere, and so does `expected.jsonl`.
const WITHOUT_YEAR_IN_HEADING: [&str; 2] = [
    "standard/standard-27001-vanity-ISO-IEC-27001-6060-G4-20230518.html",
    "standard-fr/standard-27001-fr-6060-G4-20230518.html",
];

/// The folder of captures, or a loud word about what is not tested without it.
fn captures(test: &str, n_cases: usize) -> Option<PathBuf> {
    let root = std::env::var_os("STAGEWATCH_CAPTURES")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/captures"), PathBuf::from);
    let folder = root.join("iso");
    if folder.is_dir() {
        return Some(folder);
    }
    // Written past the harness, which keeps what a passing test prints, and at once, because tests run side by side.
    let what =
        format!("NOT RUN: captures_iso::{test}: {n_cases} cases, because the captures of iso.org are not here\n");
    std::io::stderr().write_all(what.as_bytes()).unwrap();
    None
}

/// A line of `INDEX.tsv`.
struct Capture {
    file: String,
    url: Option<Url>,
    status: u16,
    content_type: String,
    shows: BTreeMap<String, String>,
}

fn index(folder: &Path) -> Vec<Capture> {
    let text = std::fs::read_to_string(folder.join("INDEX.tsv")).unwrap();
    let capture = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        Capture {
            file: cells[0].to_owned(),
            url: Url::parse(cells[1]).ok(),
            status: cells[3].trim_end_matches('?').parse().unwrap_or(200),
            content_type: cells[4].trim_end_matches('?').to_owned(),
            shows: shown(cells[5]),
        }
    };
    text.lines().skip(1).map(capture).collect()
}

/// `stage=60.60 date=2014-03-19 ref=ISO 19115-1:2014 status=Published` by key.
fn shown(text: &str) -> BTreeMap<String, String> {
    let key = regex::Regex::new(r"(?:^| )(stage|date|name|ref|status|layout|seen_again|last|n_active|comm)=").unwrap();
    let found: Vec<_> = key.captures_iter(text).map(|found| found.get(0).unwrap().range()).collect();
    let ends = found.iter().skip(1).map(|range| range.start).chain([text.len()]);
    let pair = |(range, end): (&std::ops::Range<usize>, usize)| {
        let key = text[range.clone()].trim().trim_end_matches('=').to_owned();
        (key, text[range.end..end].trim().to_owned())
    };
    found.iter().zip(ends).map(pair).collect()
}

fn is_standard_page(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|ending| ending == "html")
        && (["standard/", "standard-fr/", "standard-ru/"].iter().any(|folder| file.starts_with(folder))
            || file.starts_with("fixtures-other/") && file.contains("standard_"))
}

fn open_as(format: &str, capture: &Capture, bytes: &[u8]) -> Opened {
    let url = capture.url.as_ref();
    let served = Served {
        status: capture.status,
        content_type: Some(&capture.content_type),
        headers: &[],
        asked: url,
        answered: url,
    };
    open(formats::named(format).unwrap(), &served, bytes, &Scope::default())
}

fn why(opened: &Opened) -> Option<&str> {
    match &opened.reading.wholeness {
        Wholeness::Whole => None,
        Wholeness::InDoubt(why) => Some(why),
    }
}

fn printed_stage(project: &Project) -> &str {
    project.stage.as_ref().map_or("", |stage| stage.printed.as_str())
}

fn status_in(language: &str, word: &str) -> Option<Standing> {
    match (language, word) {
        (_, "Under development" | "under_development") => Some(Standing::UnderDevelopment),
        (_, "Published" | "published") => Some(Standing::InForce),
        (_, "Withdrawn" | "withdrawn") => Some(Standing::Withdrawn),
        (_, "Deleted" | "deleted") => Some(Standing::Cancelled),
        _ => None,
    }
}

#[test]
fn hand_read_pages_read_as_a_person_read_them() {
    let Some(folder) = captures("hand_read_pages_read_as_a_person_read_them", 16) else { return };
    let index = index(&folder);
    let text = std::fs::read_to_string(folder.join("expected.jsonl")).unwrap();
    let cases: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(cases.len(), 16);
    for case in cases {
        let file = case["file"].as_str().unwrap();
        let capture = index.iter().find(|capture| capture.file == file).unwrap();
        let opened = open_as("iso-project", capture, &std::fs::read(folder.join(file)).unwrap());
        assert_eq!(why(&opened), None, "{file}");
        assert!(opened.reading.defects.is_empty(), "{file}: {:?}", opened.reading.defects);
        let [project] = opened.reading.projects.as_slice() else { panic!("{file}: no project") };
        let expected = |key: &str| case[key].as_str().map(str::to_owned);
        assert_eq!(project.id, ProjectId::Iso(case["project_id"].as_u64().unwrap()), "{file}");
        assert_eq!(Some(project.reference.clone()), expected("reference"), "{file}");
        assert_eq!(project.title(Language::English).map(str::to_owned), expected("title"), "{file}");
        assert_eq!(Some(printed_stage(project).to_owned()), expected("stage"), "{file}");
        assert_eq!(project.stage_code().map(|code| code.to_string()), expected("stage"), "{file}");
        assert_eq!(project.since.map(|date| date.to_string()), expected("stage_date"), "{file}");
        assert_eq!(project.committee, expected("committee"), "{file}");
        assert_eq!(project.standing, status_in("en", case["status"].as_str().unwrap()), "{file}");
        assert_eq!(Some(project.published.is_some()), case["published"].as_bool(), "{file}");
    }
}

#[test]
fn every_page_shows_what_the_index_says() {
    let Some(folder) = captures("every_page_shows_what_the_index_says", 316) else { return };
    let (mut n_pages, mut n_statuses) = (0, 0);
    let mut troubles = Vec::new();
    for capture in index(&folder).iter().filter(|capture| is_standard_page(&capture.file)) {
        let opened = open_as("iso-project", capture, &std::fs::read(folder.join(&capture.file)).unwrap());
        n_pages += 1;
        let file = &capture.file;
        let [project] = opened.reading.projects.as_slice() else {
            troubles.push(format!("{file}: {:?}", opened.reading.wholeness));
            continue;
        };
        let mut compare = |what: &str, read: String, shown: &str| {
            if read != shown {
                troubles.push(format!("{file}: {what} `{read}`, shown `{shown}`"));
            }
        };
        let shows = |key: &str| capture.shows.get(key).map(String::as_str);
        compare("stage", printed_stage(project).to_owned(), shows("stage").unwrap());
        compare("code", project.stage_code().map(|code| code.to_string()).unwrap_or_default(), shows("stage").unwrap());
        let date = project.since.map(|date| date.to_string());
        compare("date", date.unwrap_or_default(), shows("date").filter(|date| *date != "None").unwrap_or_default());
        let reference = match shows("ref").unwrap() {
            "ISO/IEC 27001" if WITHOUT_YEAR_IN_HEADING.contains(&file.as_str()) => "ISO/IEC 27001:2022",
            reference => reference,
        };
        compare("reference", project.reference.clone(), reference);
        if let Some(status) = shows("status").and_then(|word| status_in("en", word)) {
            n_statuses += 1;
            compare("standing", format!("{:?}", project.standing), &format!("{:?}", Some(status)));
        }
        compare("defects", format!("{:?}", opened.reading.defects), "[]");
        compare("edition", project.edition.is_some().to_string(), "true");
        compare("committee", project.committee.as_deref().is_some_and(|name| name.contains("ISO")).to_string(), "true");
    }
    assert!(troubles.is_empty(), "{} troubles:\n{}", troubles.len(), troubles.join("\n"));
    assert_eq!((n_pages, n_statuses), (316, 154));
}

#[test]
fn no_page_of_one_standard_is_taken_for_a_catalogue() {
    let Some(folder) = captures("no_page_of_one_standard_is_taken_for_a_catalogue", 316) else { return };
    let mut n_pages = 0;
    for capture in index(&folder).iter().filter(|capture| is_standard_page(&capture.file)) {
        let opened = open_as("iso-catalogue", capture, &std::fs::read(folder.join(&capture.file)).unwrap());
        assert!(opened.reading.projects.is_empty() && !opened.reading.wholeness.is_whole(), "{}", capture.file);
        n_pages += 1;
    }
    assert_eq!(n_pages, 316);
}

#[test]
fn titles_stand_under_the_language_they_are_in() {
    let Some(folder) = captures("titles_stand_under_the_language_they_are_in", 4) else { return };
    let index = index(&folder);
    let titles = |file: &str| {
        let capture = index.iter().find(|capture| capture.file == file).unwrap();
        let opened = open_as("iso-project", capture, &std::fs::read(folder.join(file)).unwrap());
        opened.reading.projects[0].titles.keys().copied().collect::<Vec<_>>()
    };
    assert_eq!(titles("standard-fr/standard-39976-fr-9093-G2-20190823.html"), [Language::French]);
    assert_eq!(titles("standard-ru/standard-68766-ru-6060-G2-20200121.html"), [Language::English]);
    assert_eq!(titles("fixtures-other/ru_standard_32557-20180320.html"), [Language::English]);
    // An amendment of that time has no title of its own.
    assert_eq!(titles("standard/standard-78161-ISO-16063-1-1998-CD-Amd-2-3000-G2-20190903.html"), []);
}

#[test]
fn what_stands_before_and_after_is_read_in_every_layout() {
    let Some(folder) = captures("what_stands_before_and_after_is_read_in_every_layout", 6) else { return };
    let index = index(&folder);
    let relations = |file: &str| {
        let capture = index.iter().find(|capture| capture.file.contains(file)).unwrap();
        let opened = open_as("iso-project", capture, &std::fs::read(folder.join(&capture.file)).unwrap());
        let project = &opened.reading.projects[0];
        (project.replaces.join(" "), project.replaced_by.join(" "))
    };
    let pair = |before: &str, after: &str| (before.to_owned(), after.to_owned());
    assert_eq!(relations("standard/standard-37312-"), pair("iso:24426 iso:17841", "iso:38789"));
    assert_eq!(relations("fixtures-other/ru_standard_32557-"), pair("", "iso:67253"));
    assert_eq!(relations("standard-fr/standard-38789-fr-"), pair("iso:37312", "iso:50516"));
    assert_eq!(relations("standard/standard-23281-ISO-123-2001-fixture-20240523"), pair("iso:3926", ""));
    assert_eq!(
        relations("standard/standard-27001-vanity-ISO-IEC-27001-2022-6060-G5-20231019"),
        pair("iso:54534 iso:66805 iso:69378", "")
    );
    let unlinked = "ISO/IEC 27001:2005 ISO/IEC 27001:2013 ISO/IEC 27001:2013/Cor 1:2014 ISO/IEC 27001:2013/Cor 2:2015";
    assert_eq!(relations("standard/standard-27001-vanity-ISO-IEC-27001-6060-G4"), pair(unlinked, ""));
}

#[test]
fn the_fields_of_the_ics_are_read_in_every_layout_and_without_those_above_them() {
    let Some(folder) = captures("the_fields_of_the_ics_are_read_in_every_layout", 7) else { return };
    let index = index(&folder);
    for (file, expected) in [
        ("standard/standard-17841-ISO-IEC-9945-2-1993-9599-G1-20190716", "35.060"),
        ("standard-fr/standard-39976-fr-9093-G2-20190823", "01.120 01.040.01"),
        ("standard/standard-68511-ISO-AWI-14093-2000-G3-20210516", ""),
        ("standard/standard-27001-vanity-ISO-IEC-27001-6060-G4-20230518", "35.030 03.100.70"),
        ("standard/standard-19713-ISO-IEC-Guide-2-1991-9599-G5-20231114", "01.120 01.040.01"),
        ("standard/standard-23281-ISO-123-2001-fixture-20240523", "83.040.10"),
        ("fixtures-other/ru_standard_67039-20180320", "35.240.70"),
    ] {
        let capture = index.iter().find(|capture| capture.file.starts_with(file)).unwrap();
        let opened = open_as("iso-project", capture, &std::fs::read(folder.join(&capture.file)).unwrap());
        assert_eq!(opened.reading.projects[0].ics.join(" "), expected, "{file}");
    }
}

/// Status, headers and body of a saved answer.
fn saved_answer(text: &str) -> (u16, Vec<(String, String)>, String) {
    let (head, body) = text.split_once("\n\n").or_else(|| text.split_once("\r\n\r\n")).unwrap();
    let status = head.split_whitespace().nth(1).unwrap().parse().unwrap();
    let header = |line: &str| line.trim().split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    (status, head.lines().skip(1).filter_map(header).collect(), body.to_owned())
}

#[test]
fn errors_and_redirects_are_refused_for_what_they_are() {
    let Some(folder) = captures("errors_and_redirects_are_refused_for_what_they_are", 10) else { return };
    let mut seen = Vec::new();
    for capture in index(&folder).iter().filter(|c| c.file.starts_with("errors/") || c.file.starts_with("redirect/")) {
        let text = std::fs::read_to_string(folder.join(&capture.file)).unwrap();
        let (status, headers, body) =
            if capture.file.ends_with(".http.txt") { saved_answer(&text) } else { (capture.status, Vec::new(), text) };
        let content_type = headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.as_str());
        let url = capture.url.as_ref();
        let served = Served { status, content_type, headers: &headers, asked: url, answered: url };
        let opened = open(formats::named("iso-project").unwrap(), &served, body.as_bytes(), &Scope::default());
        assert!(opened.reading.projects.is_empty());
        seen.push(opened.refusal.unwrap().to_string());
        assert_eq!(opened.reading.wholeness, Wholeness::InDoubt(seen.last().unwrap().clone()));
    }
    seen.sort();
    assert_eq!(
        seen,
        [
            "blocked: status 403",
            "server-error: status 500",
            "truncated: an empty body with status 200",
            "truncated: an empty body with status 200",
            "truncated: an empty body with status 200",
            "truncated: an empty body with status 200",
            "truncated: an empty body with status 200",
            "wrong-kind: status 301, a redirect to `/standard/38790.html`",
            "wrong-kind: status 301, a redirect to `/standard/38791.html`",
            "wrong-kind: status 301, a redirect to `/standard/40691.html`",
        ]
    );
}

#[test]
fn the_text_of_an_error_saved_as_a_page_is_no_page() {
    let Some(folder) = captures("the_text_of_an_error_saved_as_a_page_is_no_page", 1) else { return };
    let text = std::fs::read(folder.join("errors/iso-insights-403-recorded-by-reguwatch-2026-07-26.txt")).unwrap();
    let served = Served { status: 200, content_type: None, headers: &[], asked: None, answered: None };
    let opened = open(formats::named("iso-project").unwrap(), &served, &text, &Scope::default());
    assert!(opened.reading.projects.is_empty() && !opened.reading.wholeness.is_whole());
}

#[test]
fn rows_of_open_data_are_read() {
    let Some(folder) = captures("rows_of_open_data_are_read", 5) else { return };
    let mut read = Vec::new();
    for capture in index(&folder).iter().filter(|c| c.file.starts_with("opendata/deliverables-row")) {
        let bytes = std::fs::read(folder.join(&capture.file)).unwrap();
        let opened = open_as("iso-open-data", capture, &bytes);
        if !Path::new(&capture.file).extension().is_some_and(|ending| ending == "json" || ending == "jsonl") {
            assert!(!opened.reading.wholeness.is_whole(), "{}", capture.file);
            continue;
        }
        assert_eq!((why(&opened), opened.reading.defects.len()), (None, 0), "{}", capture.file);
        read.extend(opened.reading.projects.iter().map(|project| {
            let date = project.published.map(|date| date.to_string()).unwrap_or_default();
            let titles: Vec<&str> = project.titles.keys().map(|language| language.code()).collect();
            format!(
                "{} {} {} {date} {:?} ed.{} {} [{}] [{}]",
                project.id,
                project.reference,
                printed_stage(project),
                project.deliverable.unwrap(),
                project.edition.unwrap(),
                project.committee.as_deref().unwrap(),
                project.replaced_by.join(" "),
                titles.join(" ")
            )
        }));
    }
    assert_eq!(
        read,
        [
            "iso:62085 ISO 9001:2015 90.92 2015-09-22 InternationalStandard ed.5 ISO/TC 176/SC 2 [iso:88464] []",
            "iso:88821 ISO/TR 7035-2:2024 60.60 2024-09-30 TechnicalReport ed.1 ISO/TC 5/SC 2 [] []",
            "iso:88915 ISO/IEC 19566-7:2022/Amd 1:2025 60.60 2025-01-08 Amendment ed.1 ISO/IEC JTC 1/SC 29 [] []",
            "iso:54989 ISO/IEC 10918-5:2013 90.60 2013-04-26 InternationalStandard ed.1 ISO/IEC JTC 1/SC 29 [] [en fr]",
            "iso:61292 ISO 18074:2015 90.93 2015-11-19 InternationalStandard ed.1 ISO/TC 38 [] [en fr]",
        ]
    );
}

#[test]
fn other_files_of_open_data_hold_no_projects() {
    let Some(folder) = captures("other_files_of_open_data_hold_no_projects", 5) else { return };
    let scope = Scope { committees: vec![Committee::parse("ISO/IEC JTC 1/SC 27").unwrap()], ..Scope::default() };
    let mut n_files = 0;
    for capture in index(&folder).iter().filter(|c| c.file.starts_with("opendata/") && !c.file.contains("deliverables"))
    {
        let bytes = std::fs::read(folder.join(&capture.file)).unwrap();
        let served = Served { status: 200, content_type: None, headers: &[], asked: None, answered: None };
        let opened = open(formats::named("iso-open-data").unwrap(), &served, &bytes, &scope);
        assert!(opened.reading.projects.is_empty() && !opened.reading.wholeness.is_whole(), "{}", capture.file);
        n_files += 1;
    }
    assert_eq!(n_files, 5);
}

#[test]
fn every_saved_answer_of_the_advanced_search_is_read() {
    let Some(folder) = captures("every_saved_answer_of_the_advanced_search_is_read", 12) else { return };
    let counts = regex::Regex::new(r"\bn=(\d+)").unwrap();
    let stages = regex::Regex::new(r"'(\d\d\.\d\d)', (\d+)").unwrap();
    let lines = std::fs::read_to_string(folder.join("INDEX.tsv")).unwrap();
    let shown = |file: &str| lines.lines().find(|line| line.starts_with(file)).unwrap().to_owned();
    let mut n_files = 0;
    for capture in index(&folder).iter().filter(|capture| capture.file.starts_with("advancedSearch/")) {
        let summary = shown(&capture.file);
        let bytes = std::fs::read(folder.join(&capture.file)).unwrap();
        let served = Served { status: 200, content_type: None, headers: &[], asked: None, answered: None };
        let reading = open(formats::named("iso-search").unwrap(), &served, &bytes, &Scope::default()).reading;
        assert!(reading.wholeness.is_whole() && reading.defects.is_empty(), "{}: {:?}", capture.file, reading.defects);
        let n_projects: usize = counts.captures(&summary).unwrap()[1].parse().unwrap();
        assert_eq!(reading.projects.len(), n_projects, "{}", capture.file);
        for found in stages.captures_iter(&summary) {
            let at_stage = |project: &&Project| project.stage.as_ref().is_some_and(|stage| stage.printed == found[1]);
            let n_there = reading.projects.iter().filter(at_stage).count();
            assert_eq!(n_there, found[2].parse::<usize>().unwrap(), "{}: {}", capture.file, &found[1]);
        }
        n_files += 1;
    }
    assert_eq!(n_files, 12);
}

#[test]
fn every_committee_of_the_open_data_is_read_and_a_month_changed_what_it_changed() {
    let Some(folder) = captures("every_committee_of_the_open_data_is_read", 2) else { return };
    let read = |month: &str| {
        let bytes = std::fs::read(folder.join(format!("opendata/iso_technical_committees-{month}.jsonl"))).unwrap();
        let served = Served { status: 200, content_type: None, headers: &[], asked: None, answered: None };
        open(formats::named("iso-committees").unwrap(), &served, &bytes, &Scope::default()).reading
    };
    let (june, july) = (read("2025-06"), read("2025-07"));
    for reading in [&june, &july] {
        assert!(reading.wholeness.is_whole() && reading.defects.is_empty(), "{:?}", reading.defects);
        assert_eq!(reading.projects.len(), 785);
    }
    let sc27 = june.projects.iter().find(|committee| committee.reference == "ISO/IEC JTC 1/SC 27").unwrap();
    assert_eq!(sc27.url.as_deref(), Some("https://www.iso.org/committee/45306.html"));
    assert!(sc27.text.as_deref().unwrap().contains("Secretariat: DIN"), "{:?}", sc27.text);
    let n_changed = june.projects.iter().filter(|before| !july.projects.contains(before)).count();
    assert!(n_changed <= 5, "{n_changed} committees differ after a month");
}

/// One page of every layout, language and status, and those with traps.
const CUT: [&str; 20] = [
    "standard/standard-68766-ISO-IEC-DIS-11179-7-4060-G1-20190718.html",
    "standard/standard-39229-ISO-19115-2-2009-9599-G1-20190123.html",
    "standard/standard-63598-ISO-IEC-2382-2015-6060-G1-20190104.html",
    "standard/standard-67784-ISO-DIS-20360-4020-G2-20190813.html",
    "standard/standard-77374-ISO-10844-2014-AWI-Amd-1-2000-G2-20190903.html",
    "standard/standard-68511-ISO-AWI-14093-2000-G3-20210516.html",
    "standard/standard-68511-ISO-DIS-14093-4060-G3-20220630.html",
    "standard/standard-78161-ISO-16063-1-1998-CD-Amd-2-3098-G3-20211006.html",
    "standard/standard-63598-ISO-IEC-2382-2015-9060-G3-20220614.html",
    "standard/standard-82727-ISO-IEC-FDIS-23008-1-WD-Amd-1-2099-G4-20220906.html",
    "standard/standard-85632-ISO-16063-1-1998-CD-Amd-2-3020-G4-20230404.html",
    "standard/standard-27001-vanity-ISO-IEC-27001-6060-G4-20230518.html",
    "standard/standard-27001-vanity-ISO-IEC-27001-2022-6060-G5-20231019.html",
    "standard/standard-77374-ISO-10844-2014-AWI-Amd-1-2098-G5-20231114.html",
    "standard/standard-23281-ISO-123-2001-fixture-20240523.html",
    "standard-fr/standard-68766-fr-4060-G1-20190718.html",
    "standard-fr/standard-76457-fr-6000-G3-20220629.html",
    "standard-fr/standard-82463-fr-6060-G4-20230518.html",
    "standard-ru/standard-68766-ru-6060-G2-20200121.html",
    "fixtures-other/ru_standard_67039-20180320.html",
];

#[test]
fn a_page_cut_anywhere_never_shows_another_stage() {
    let Some(folder) = captures("a_page_cut_anywhere_never_shows_another_stage", 20 * 9) else { return };
    let index = index(&folder);
    let format = formats::named("iso-project").unwrap();
    let mut n_right = 0;
    for file in CUT {
        let capture = index.iter().find(|capture| capture.file == file).unwrap_or_else(|| panic!("{file}"));
        let bytes = std::fs::read(folder.join(file)).unwrap();
        for tenth in 1..10 {
            let cut = &bytes[..bytes.len() * tenth / 10];
            let opened = open_as("iso-project", capture, cut);
            assert_eq!(
                opened.refusal.map(|refusal| refusal.kind),
                Some(RefusalKind::Truncated),
                "{file} at {tenth}/10"
            );
            // And the reader alone, which could be given what a person saved.
            let text = String::from_utf8_lossy(cut);
            let scope = Scope::default();
            let reading = (format.read)(&formats::Page { text: &text, url: capture.url.as_ref(), scope: &scope });
            for project in &reading.projects {
                n_right += 1;
                assert_eq!(printed_stage(project), capture.shows["stage"], "{file} at {tenth}/10");
            }
            assert_eq!(reading.projects.len(), usize::from(reading.wholeness.is_whole()));
        }
    }
    assert!(n_right > 0, "some cuts come after the table of stages");
}

#[test]
fn the_readable_text_of_a_page_shows_what_a_person_sees() {
    let Some(folder) = captures("the_readable_text_of_a_page_shows_what_a_person_sees", 20) else { return };
    let index = index(&folder);
    for file in CUT {
        let capture = index.iter().find(|capture| capture.file == file).unwrap();
        let opened = open_as("iso-project", capture, &std::fs::read(folder.join(file)).unwrap());
        let text = stagewatch::formats::readable::readable_text(formats::Content::Html, &opened.text);
        for seen in [&capture.shows["ref"], &capture.shows["stage"]] {
            assert!(text.lines().any(|line| line.contains(seen.as_str())), "{file}: `{seen}`");
        }
        for unseen in ["function(", "csNumber", "<li", "dataLayer"] {
            assert!(!text.contains(unseen), "{file}: `{unseen}`");
        }
        assert!(text.len() < opened.text.len() / 2, "{file}");
    }
}
