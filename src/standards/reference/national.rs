//! Numbers of the Chinese national register: standards, plans, documents of TC 260. Not industry, local or association
//! standards, which other registers keep. How they are read is in `national_reading`.

use std::fmt;

use crate::standards::deliverable::Deliverable;

/// A number of one of the four grammars.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum National {
    /// `GB/T 35552.2-2026`.
    Standard(Standard),
    /// `20230259-T-469`.
    Plan(Plan),
    /// `TC260-003`, `TC260-TR-001-2026`.
    Document(Document),
    /// `TC260-PG-20211A`.
    PracticeGuide(PracticeGuide),
}

/// A national standard, or an amendment to one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Standard {
    /// GB, GB/T or GB/Z.
    pub(super) kind: Deliverable,
    /// The number.
    pub(super) number: u32,
    /// Parts and subparts.
    pub(super) parts: Vec<u32>,
    /// The year of publication, in four digits even where an old number had two.
    pub(super) year: Option<u16>,
    /// 修改单: `XG1-2019`.
    pub(super) amendment: Option<Amendment>,
}

/// An amendment of a national standard.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Amendment {
    /// Its number.
    pub(super) number: u32,
    /// Its year.
    pub(super) year: Option<u16>,
}

/// The plan from which a standard is to come. Its year is that of the batch; no date follows from it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    /// The year of the batch.
    pub(super) year: u16,
    /// The serial number within the year, below 10000.
    pub(super) serial: u32,
    /// GB (Q), GB/T (T) or GB/Z (Z).
    pub(super) kind: Deliverable,
    /// The code of the department in charge, below 1000.
    pub(super) department: u32,
}

/// A technical document of TC 260.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Document {
    /// Whether it is of the series `TC260-TR`, which began in 2026.
    pub(super) is_report: bool,
    /// The number, below 1000.
    pub(super) number: u32,
    /// The year, where one is written.
    pub(super) year: Option<u16>,
}

/// A practice guide of TC 260.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct PracticeGuide {
    /// The year.
    pub(super) year: u16,
    /// The serial number, which is not padded.
    pub(super) serial: u32,
    /// The version.
    pub(super) version: char,
}

impl National {
    /// See `Reference::stem`.
    pub(super) fn stem(&self) -> String {
        let mut timeless = self.clone();
        match &mut timeless {
            National::Standard(standard) => {
                standard.year = None;
                if let Some(amendment) = &mut standard.amendment {
                    amendment.year = None;
                }
            }
            National::Document(document) => document.year = None,
            National::Plan(_) | National::PracticeGuide(_) => {}
        }
        timeless.to_string()
    }

    /// The year of publication; for a plan none, because its number has no date in it.
    pub(super) fn year(&self) -> Option<u16> {
        match self {
            National::Standard(Standard { amendment: Some(amendment), .. }) => amendment.year,
            National::Standard(standard) => standard.year,
            National::Document(document) => document.year,
            National::PracticeGuide(guide) => Some(guide.year),
            National::Plan(_) => None,
        }
    }

    /// What it is, or is to become.
    pub(super) fn deliverable(&self) -> Deliverable {
        match self {
            National::Standard(Standard { amendment: Some(_), .. }) => Deliverable::Amendment,
            National::Standard(standard) => standard.kind,
            National::Plan(plan) => plan.kind,
            National::Document(_) => Deliverable::CommitteeDocument,
            National::PracticeGuide(_) => Deliverable::PracticeGuide,
        }
    }

    /// Whether years do not forbid that two numbers with one stem mean one thing.
    pub(super) fn has_compatible_years(&self, other: &National) -> bool {
        let base = |national: &National| match national {
            National::Standard(standard) => standard.year,
            other => other.year(),
        };
        let differ = |one: Option<u16>, another: Option<u16>| one.is_some() && another.is_some() && one != another;
        !differ(base(self), base(other)) && !differ(self.year(), other.year())
    }

    /// The standard that an amendment amends.
    pub(super) fn base(&self) -> Option<National> {
        match self {
            National::Standard(standard) if standard.amendment.is_some() => {
                Some(National::Standard(Standard { amendment: None, ..standard.clone() }))
            }
            _ => None,
        }
    }

    /// Whether `other` is a part of this standard without a year.
    pub(super) fn has_part(&self, other: &National) -> bool {
        let (National::Standard(whole), National::Standard(part)) = (self, other) else { return false };
        whole.kind == part.kind
            && whole.number == part.number
            && whole.year.is_none()
            && whole.amendment.is_none()
            && part.parts.len() > whole.parts.len()
            && part.parts.starts_with(&whole.parts)
    }

    /// Whether both are parts of one standard, neither of them an amendment.
    pub(super) fn is_sibling_of(&self, other: &National) -> bool {
        let (National::Standard(one), National::Standard(other)) = (self, other) else { return false };
        let are_parts = !one.parts.is_empty() && !other.parts.is_empty() && one.parts != other.parts;
        are_parts
            && one.kind == other.kind
            && one.number == other.number
            && one.amendment.is_none()
            && other.amendment.is_none()
    }
}

impl fmt::Display for National {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            National::Standard(standard) => standard.fmt(out),
            National::Plan(plan) => {
                let letter = match plan.kind {
                    Deliverable::MandatoryNationalStandard => 'Q',
                    Deliverable::NationalGuidance => 'Z',
                    _ => 'T',
                };
                write!(out, "{:04}{:04}-{letter}-{:03}", plan.year, plan.serial, plan.department)
            }
            National::Document(document) => {
                let series = if document.is_report { "TR-" } else { "" };
                write!(out, "TC260-{series}{:03}", document.number)?;
                document.year.map_or(Ok(()), |year| write!(out, "-{year}"))
            }
            National::PracticeGuide(guide) => write!(out, "TC260-PG-{}{}{}", guide.year, guide.serial, guide.version),
        }
    }
}

impl fmt::Display for Standard {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.kind.as_str(), self.number)?;
        self.parts.iter().try_for_each(|part| write!(out, ".{part}"))?;
        self.year.map_or(Ok(()), |year| write!(out, "-{year}"))?;
        let Some(amendment) = &self.amendment else { return Ok(()) };
        write!(out, "/XG{}", amendment.number)?;
        amendment.year.map_or(Ok(()), |year| write!(out, "-{year}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::national_reading::read;
    use super::super::text::{fold, tokens};
    use super::*;

    fn kind() -> impl Strategy<Value = Deliverable> {
        proptest::sample::select(vec![
            Deliverable::MandatoryNationalStandard,
            Deliverable::RecommendedNationalStandard,
            Deliverable::NationalGuidance,
        ])
    }

    fn year() -> impl Strategy<Value = Option<u16>> {
        proptest::option::of(1950..2100_u16)
    }

    fn standard() -> impl Strategy<Value = National> {
        let parts = proptest::collection::vec(1..2000_u32, 0..3);
        let amendment = proptest::option::weighted(0.2, (1..20_u32, year()));
        (kind(), 1..999_999_u32, parts, year(), amendment).prop_map(|(kind, number, parts, year, amendment)| {
            let amendment = amendment.map(|(number, year)| Amendment { number, year });
            National::Standard(Standard { kind, number, parts, year, amendment })
        })
    }

    fn national() -> impl Strategy<Value = National> {
        let plan = (1990..2100_u16, 0..10_000_u32, kind(), 0..1000_u32)
            .prop_map(|(year, serial, kind, department)| National::Plan(Plan { year, serial, kind, department }));
        let document = (any::<bool>(), 0..1000_u32, year())
            .prop_map(|(is_report, number, year)| National::Document(Document { is_report, number, year }));
        let guide = (2000..2100_u16, 1..100_u32, "[A-Z]").prop_map(|(year, serial, version)| {
            let version = version.chars().next().unwrap();
            National::PracticeGuide(PracticeGuide { year, serial, version })
        });
        prop_oneof![standard(), plan, document, guide]
    }

    fn read_text(text: &str) -> Option<National> {
        read(&tokens(&fold(text)).unwrap())
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back_the_same(national in national()) {
            prop_assert_eq!(read_text(&national.to_string()), Some(national));
        }

        #[test]
        fn dashes_widths_and_spaces_do_not_matter(national in national(), dash in "[‐‑‒–—―－−]") {
            let wide = national.to_string().replace('/', "／").replace('-', &format!(" {dash} ")).to_lowercase();
            prop_assert_eq!(read_text(&wide), Some(national));
        }

        #[test]
        fn a_stem_is_the_stem_of_itself(national in national()) {
            let stem = read_text(&national.stem()).unwrap();
            prop_assert_eq!(stem.stem(), national.stem());
            prop_assert!(national.has_compatible_years(&stem));
        }
    }
}
