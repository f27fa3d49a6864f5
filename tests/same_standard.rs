//! One standard of ISO that tables and ISO's own data show, each in its way: dated by its own body, and told once. Every scenario goes
//! through the real pipeline.

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
