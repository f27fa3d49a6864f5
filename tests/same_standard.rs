//! One standard of ISO that tables and ISO's own data show, each in its way: dated by its own body, and told once. Every scenario goes
//! through the real pipeline.

use stagewatch::demo::pages::iso_open_data::{Row, lines};
use stagewatch::store::changes::ChangeFilter;
use stagewatch::store::deliveries::DeliveryFilter;

use crate::support::Archive;

/// Two tables of bodies that number nothing, and ISO's open data; nobody is configured, so the terminal is told of everything.
const SOURCES: &str = r#"
[[source]]
id = "table"
format = "table"
url = "https://body.example/programme"
[source.columns]
reference = "No."
title-en = "Title"
stage = "Stage"
[source.stages]
"Under ballot" = "iso:50.20"
[[source]]
id = "other-table"
format = "table"
url = "https://other.example/work"
[source.columns]
reference = "No."
title-en = "Title"
stage = "Stage"
[[source]]
id = "list"
format = "iso-open-data"
url = "https://data.example/deliverables.jsonl"
"#;

/// A table with these rows, each a reference and a stage.
fn table(rows: &[(&str, &str)]) -> String {
    let others = [("ISO/IEC CD 90002", "30.20"), ("ISO/IEC 90001:2020", "60.60")];
    let row = |(reference, stage): &(&str, &str)| {
        format!("<tr><td>{reference}</td><td>Trusted connections</td><td>{stage}</td></tr>")
    };
    let rows: Vec<String> = rows.iter().chain(&others).map(row).collect();
    format!("<table><tr><th>No.</th><th>Title</th><th>Stage</th></tr>{}</table>", rows.concat())
}

#[test]
fn a_standard_of_iso_in_a_table_is_dated_by_the_clock_of_geneva_whatever_that_of_the_source() {
    for zone in ["", "timezone = \"Europe/Zurich\"", "timezone = \"Asia/Shanghai\""] {
        let archive = Archive::with(&SOURCES.replacen("url =", &format!("{zone}\nurl ="), 1));
        archive.take("table", "2026-11-26T17:05:00Z", table(&[("ISO/IEC DIS 27071", "40.60")]));
        archive.take("table", "2026-11-26T17:06:00Z", table(&[("ISO/IEC FDIS 27071", "Under ballot")]));
        let told = archive.house.store.deliveries(&DeliveryFilter::default()).unwrap();
        let text = String::from_utf8(told[0].delivery.payload.clone()).unwrap();
        // It is the 27th in Beijing.
        assert!(text.contains("8 weeks from 26 November 2026, when it was first seen"), "{text}");
        assert!(text.contains("21 January 2027") && !text.contains("27 November"), "{text}");
    }
}

/// Rows of ISO's open data, each a number, a reference and a stage.
fn list(rows: &[(u32, &str, &str)]) -> String {
    let others = [(900_001, "ISO/IEC 90001:2020", "60.60"), (900_002, "ISO/IEC CD 90002", "30.20")];
    let row = |(number, reference, stage): &(u32, &str, &str)| {
        Row::of((*number).into(), reference, "Trusted connections", stage)
    };
    lines(&rows.iter().chain(&others).map(row).collect::<Vec<_>>())
}

/// Takes pages in, a day each, and writes a line for everything that is told: the source, and the move.
fn told(steps: &[(&str, String)]) -> Vec<String> {
    let archive = Archive::with(SOURCES);
    let mut lines = Vec::new();
    for (day, (source, page)) in (1..).zip(steps) {
        let told = archive.take(source, &format!("2026-03-{day:02}T12:00:00Z"), page.as_str());
        let moves = told.iter().map(|line| line.split_once(' ').unwrap().1);
        lines.extend(moves.map(|line| format!("{source}: {line}")));
    }
    let changes = archive.house.store.changes(&ChangeFilter::default()).unwrap();
    // What is out may be the edition before what is under way.
    let under_way = changes.iter().filter(|change| change.change.after.reference != OUT);
    let editions = under_way.flat_map(|change| &change.related).filter(|other| other.reference.contains("27071"));
    assert_eq!(editions.count(), 0, "the same under another id is no other edition");
    assert_eq!(changes.len(), archive.house.store.deliveries(&DeliveryFilter::default()).unwrap().len());
    lines
}

const DIS: &str = "ISO/IEC DIS 27071";
const FDIS: &str = "ISO/IEC FDIS 27071";
const OUT: &str = "ISO/IEC 27071:2026";

fn row(reference: &str, stage: &str) -> String {
    table(&[(reference, stage)])
}

fn open(reference: &str, stage: &str) -> String {
    list(&[(56572, reference, stage)])
}

#[test]
fn one_move_in_a_table_and_in_the_open_data_is_told_once_whichever_is_first() {
    let pages = |source: &str, reference: &str, stage: &str| match source {
        "list" => open(reference, stage),
        _ => row(reference, stage),
    };
    for (one, other) in [("table", "list"), ("list", "table"), ("table", "other-table")] {
        let mut steps = Vec::new();
        for (reference, stage) in [(DIS, "40.60"), (FDIS, "50.20"), (FDIS, "50.60"), (OUT, "60.60"), (OUT, "90.20")] {
            steps.extend([one, other].map(|source| (source, pages(source, reference, stage))));
        }
        let expected = [
            "stage-moved/advanced 40.60 → 50.20",
            "stage-moved/advanced 50.20 → 50.60",
            "published/published 50.60 → 60.60",
            "stage-moved/under-review 60.60 → 90.20",
        ];
        assert_eq!(told(&steps), expected.map(|line| format!("{one}: {line}")), "{one}, {other}");
    }
}

#[test]
fn who_is_ahead_tells_and_who_comes_after_by_smaller_steps_does_not() {
    let steps = [
        ("table", row(DIS, "40.60")),
        ("list", open(DIS, "40.60")),
        ("table", row(FDIS, "Under ballot")),
        ("list", open(FDIS, "50.00")),
        ("list", open(FDIS, "50.20")),
        ("list", open(FDIS, "50.60")),
    ];
    let expected = ["table: stage-moved/advanced 40.60 → 50.20", "list: stage-moved/advanced 50.20 → 50.60"];
    assert_eq!(told(&steps), expected);
}

#[test]
fn a_step_that_was_taken_back_and_is_taken_again_is_told_again() {
    let steps = [
        ("table", row(DIS, "40.60")),
        ("list", open(DIS, "40.60")),
        ("table", row(FDIS, "50.20")),
        ("list", open(FDIS, "50.20")),
        ("list", open(FDIS, "50.92")),
        ("list", open(DIS, "40.20")),
        ("list", open(DIS, "40.60")),
        ("list", open(FDIS, "50.20")),
    ];
    let told = told(&steps);
    assert_eq!(told.first().unwrap(), "table: stage-moved/advanced 40.60 → 50.20");
    assert_eq!(told.last().unwrap(), "list: stage-moved/advanced 40.60 → 50.20", "{told:?}");
    assert_eq!(told.len(), 5, "{told:?}");
}

#[test]
fn what_a_reference_cannot_tell_apart_is_told_of_each() {
    // The published edition, and the project that revises it.
    let steps = [
        ("table", row(OUT, "60.60")),
        ("list", list(&[(56572, OUT, "60.60"), (99_071, "ISO/IEC CD 27071", "30.20")])),
        ("other-table", row("ISO/IEC CD 27071", "30.20")),
        ("table", row(OUT, "90.20")),
        ("other-table", row("ISO/IEC CD 27071", "30.60")),
        ("list", list(&[(56572, OUT, "90.20"), (99_071, "ISO/IEC CD 27071", "30.60")])),
    ];
    assert_eq!(told_of(&steps), ["table", "other-table"]);
    // Two projects of one name: neither is that of the table for sure.
    let two = |stage: &str| list(&[(56572, DIS, "40.20"), (99_071, DIS, stage)]);
    let steps =
        [("table", row(DIS, "40.20")), ("list", two("40.20")), ("table", row(DIS, "40.60")), ("list", two("40.60"))];
    assert_eq!(told_of(&steps), ["table", "list"]);
}

/// The sources that tell, in their order, where the rows belong to several editions.
fn told_of(steps: &[(&str, String)]) -> Vec<String> {
    let archive = Archive::with(SOURCES);
    let mut sources = Vec::new();
    for (day, (source, page)) in (1..).zip(steps) {
        let told = archive.take(source, &format!("2026-03-{day:02}T12:00:00Z"), page.as_str());
        sources.extend(told.iter().map(|_| (*source).to_owned()));
    }
    sources
}

#[test]
fn a_move_that_did_not_reach_whom_it_concerns_is_told_again() {
    let watch = "[[watch]]\nid = \"sc27\"\ncommittees = [\"ISO/IEC JTC 1/SC 27\"]\n";
    let archive = Archive::with(&format!("{SOURCES}{watch}"));
    let open = |reference: &str, stage: &str| {
        let row = |number, reference: &str, stage: &str| {
            Row::of(number, reference, "Trusted connections", stage).of_committee("ISO/IEC JTC 1/SC 27")
        };
        lines(&[row(56572, reference, stage), row(900_002, "ISO/IEC CD 90002", "30.20")])
    };
    archive.take("table", "2026-03-01T12:00:00Z", row(DIS, "40.60"));
    archive.take("list", "2026-03-01T12:00:00Z", open(DIS, "40.60"));
    // The table names no committee: who watches that one is not told by it.
    assert_eq!(archive.take("table", "2026-03-02T12:00:00Z", row(FDIS, "50.20")).len(), 1);
    assert_eq!(archive.take("list", "2026-03-03T12:00:00Z", open(FDIS, "50.20")).len(), 1);
}
