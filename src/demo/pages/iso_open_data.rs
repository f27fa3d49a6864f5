//! ISO Open Data, deliverables: one JSON document a line, with the keys of the real file in their order. See
//! <https://www.iso.org/open-data.html>. No row of it is a real row.

use std::collections::BTreeMap;

use serde::Serialize;

/// One deliverable, as the file has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// The project number of iso.org.
    pub id: u64,
    /// `IS`, `TS`, `TR`, `PAS`, `GUIDE`, `IWA`, `R`, `ISP`, `DATA` or `TTA`.
    pub deliverable_type: String,
    /// `Amd`, `Cor`, `Add`, `Suppl` or `Ext`.
    pub supplement_type: Option<String>,
    /// As printed: `ISO/IEC DIS 27035-4`.
    pub reference: String,
    /// Titles by language; left out where there are none, as the rows of 2025 did.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub title: BTreeMap<String, String>,
    /// `YYYY-MM-DD`, once published.
    pub publication_date: Option<String>,
    /// Counted from 1.
    pub edition: u32,
    /// Classes of the ICS.
    pub ics_code: Option<Vec<String>>,
    /// `ISO/IEC JTC 1/SC 27`.
    pub owner_committee: String,
    /// The harmonized stage code without its point and without leading zeros: 00.98 is 98.
    pub current_stage: u32,
    /// Project numbers of what it replaces.
    pub replaces: Option<Vec<u64>>,
    /// Project numbers of what replaces it.
    pub replaced_by: Option<Vec<u64>>,
    /// `en`, `fr` …
    pub languages: Option<Vec<String>>,
    /// Number of pages by language.
    pub pages: BTreeMap<String, Option<u32>>,
    /// Abstract by language, HTML.
    pub scope: BTreeMap<String, Option<String>>,
}

impl Row {
    /// A project of that number at that stage, `SS.ss`; an international standard of SC 27 with one English title and no more.
    pub fn of(id: u64, reference: &str, title: &str, stage: &str) -> Row {
        Row {
            id,
            deliverable_type: "IS".to_owned(),
            supplement_type: None,
            reference: reference.to_owned(),
            title: BTreeMap::from([("en".to_owned(), title.to_owned())]),
            publication_date: None,
            edition: 1,
            ics_code: Some(vec!["35.030".to_owned()]),
            owner_committee: "ISO/IEC JTC 1/SC 27".to_owned(),
            current_stage: stage_number_of(stage),
            replaces: None,
            replaced_by: None,
            languages: None,
            pages: BTreeMap::from([("en".to_owned(), None)]),
            scope: BTreeMap::from([("en".to_owned(), None)]),
        }
    }

    /// The same, published on that day.
    #[must_use]
    pub fn published(mut self, date: &str, edition: u32) -> Row {
        self.publication_date = Some(date.to_owned());
        self.edition = edition;
        self.languages = Some(vec!["en".to_owned()]);
        self
    }

    /// The same, of another committee.
    #[must_use]
    pub fn of_committee(mut self, committee: &str) -> Row {
        committee.clone_into(&mut self.owner_committee);
        self
    }
}

/// The file: the rows in that order, a line feed after each.
pub fn lines(rows: &[Row]) -> String {
    let line_of = |row| serde_json::to_string(row).expect("a row is text and numbers") + "\n";
    rows.iter().map(line_of).collect()
}

/// Rows of committees that nobody here watches; in the real file they are 997 of 1000.
pub fn of_others(n_rows: u32) -> Vec<Row> {
    const COMMITTEES: [&str; 4] = ["ISO/TC 34/SC 3", "ISO/TC 207/SC 7", "ISO/IEC JTC 1/SC 29", "ISO/IEC JTC 1"];
    let stages = ["20.00", "30.60", "60.60", "95.99", "00.98"];
    (0..n_rows)
        .map(|n| {
            let stage = stages[n as usize % stages.len()];
            Row::of(
                900_000 + u64::from(n),
                &format!("ISO/DEMO {n}"),
                &format!("Demo data: another committee's no. {n}"),
                stage,
            )
            .of_committee(COMMITTEES[n as usize % COMMITTEES.len()])
        })
        .collect()
}

/// `40.60` → 4060, `00.98` → 98.
fn stage_number_of(stage: &str) -> u32 {
    stage.replace('.', "").parse().expect("a stage is two digits, a point, and two digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_keys_of_the_real_file_in_their_order() {
        let line = lines(&[Row::of(80973, "ISO/IEC CD 27035-4", "A “title”", "00.98")]);
        assert_eq!(
            line,
            "{\"id\":80973,\"deliverableType\":\"IS\",\"supplementType\":null,\"reference\":\"ISO/IEC CD 27035-4\",\
             \"title\":{\"en\":\"A “title”\"},\"publicationDate\":null,\"edition\":1,\"icsCode\":[\"35.030\"],\
             \"ownerCommittee\":\"ISO/IEC JTC 1/SC 27\",\"currentStage\":98,\"replaces\":null,\"replacedBy\":null,\
             \"languages\":null,\"pages\":{\"en\":null},\"scope\":{\"en\":null}}\n"
        );
    }
}
