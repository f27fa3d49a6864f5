//! References of ISO, IEC and those who publish with them: what they consist of, how they are printed, what stays of them
//! while a project moves. How they are read is in `reading`.

use std::fmt;

use super::draft::{Draft, SupplementKind};
use crate::standards::deliverable::Deliverable;

/// Who publishes, in the order in which joint references name them.
pub(super) const PUBLISHERS: [&str; 13] =
    ["ISO", "IEC", "IEEE", "ASTM", "CIE", "HL7", "IDF", "IIW", "OECD", "SAE", "ASME", "UNDP", "CISPR"];

/// A reference such as `ISO/IEC DIS 27706.2` or `ISO/IEC 27001:2022/Amd 1:2024`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct International {
    /// Places in [`PUBLISHERS`], rising, never none; ISO alone for an IWA.
    pub(super) publishers: Vec<usize>,
    /// One of the kinds that are no supplement and not Chinese.
    pub(super) kind: Deliverable,
    /// The draft, where one is named.
    pub(super) draft: Option<Draft>,
    /// The number.
    pub(super) number: u32,
    /// Parts and subparts, letters in upper case: `B01`, `1AB`, `2`.
    pub(super) parts: Vec<String>,
    /// The second and later rounds of one draft: `.2`.
    pub(super) iteration: Option<u32>,
    /// The year of publication.
    pub(super) year: Option<u16>,
    /// The edition, where it is written out.
    pub(super) edition: Option<u32>,
    /// Amendments, corrigenda and so on, each to what is before it.
    pub(super) supplements: Vec<Supplement>,
    /// A row of ISO's open data that stands for a dead project: `Withdrawn 1701/Add 1`.
    pub(super) is_stub: bool,
}

/// `Amd 1:2024`, `CD Cor 1.2`, `FDAM 2`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Supplement {
    /// What it is.
    pub(super) kind: SupplementKind,
    /// The draft, where one is named.
    pub(super) draft: Option<Draft>,
    /// Its number; a few old ones have none.
    pub(super) number: Option<u32>,
    /// The second and later rounds of one draft.
    pub(super) iteration: Option<u32>,
    /// The year of publication.
    pub(super) year: Option<u16>,
}

impl International {
    /// See `Reference::stem`. Kinds that share one series of numbers are left out: a CD TR can become a CD TS under its number,
    /// and did.
    pub(super) fn stem(&self) -> String {
        let series = if has_own_series(self.kind) { self.kind.as_str() } else { "" };
        let prefix = match (self.kind == Deliverable::WorkshopAgreement, series) {
            (true, _) => series.to_owned(),
            (false, "") => self.publisher(),
            (false, series) => format!("{}{}{series}", self.publisher(), self.separator(series)),
        };
        let parts: Vec<&str> = self.parts.iter().flat_map(|part| ["-", part]).collect();
        let supplements: Vec<String> = self.supplements.iter().map(Supplement::stem).collect();
        format!("{prefix} {}{}{}", self.number, parts.concat(), supplements.concat())
    }

    /// `ISO/IEC`.
    pub(super) fn publisher(&self) -> String {
        let names: Vec<&str> = self.publishers.iter().filter_map(|place| PUBLISHERS.get(*place).copied()).collect();
        names.join("/")
    }

    /// See `Reference::covers`.
    pub(super) fn covers(&self, printed: &International) -> bool {
        self.is_base_of(printed) && self.supplements.len() == printed.supplements.len()
    }

    /// Whether `other` is this document or, at any depth, a supplement to it.
    pub(super) fn is_base_of(&self, other: &International) -> bool {
        self.is_of_series(other)
            && self.parts == other.parts
            && are_compatible(self.year, other.year)
            && self.supplements.len() <= other.supplements.len()
            && self.supplements.iter().zip(&other.supplements).all(|(one, another)| one.is_compatible(another))
    }

    /// Whether `other` is a part, or a part of a part, of this document without year and supplements.
    pub(super) fn has_part(&self, other: &International) -> bool {
        self.is_of_series(other)
            && self.year.is_none()
            && self.supplements.is_empty()
            && other.parts.len() > self.parts.len()
            && other.parts.starts_with(&self.parts)
    }

    /// Whether both are parts of one document, neither of them a supplement.
    pub(super) fn is_sibling_of(&self, other: &International) -> bool {
        let are_parts = !self.parts.is_empty() && !other.parts.is_empty() && self.parts != other.parts;
        are_parts && self.is_of_series(other) && self.supplements.is_empty() && other.supplements.is_empty()
    }

    /// Whether years do not forbid that two references with one stem mean one thing.
    pub(super) fn has_compatible_years(&self, other: &International) -> bool {
        are_compatible(self.year, other.year)
            && self.supplements.iter().zip(&other.supplements).all(|(one, another)| one.is_compatible(another))
    }

    /// Who writes `ISO 27001` means the ISO/IEC standard: the number is taken once among those who publish together.
    fn is_of_series(&self, other: &International) -> bool {
        let series = |kind| if has_own_series(kind) { Some(kind) } else { None };
        self.number == other.number
            && series(self.kind) == series(other.kind)
            && self.publishers.iter().all(|publisher| other.publishers.contains(publisher))
    }

    /// `CD TS`, `DIS`, `TR`; empty for a published International Standard.
    fn head(&self) -> String {
        let kind = if self.kind == Deliverable::InternationalStandard { "" } else { self.kind.as_str() };
        match self.draft {
            None => kind.to_owned(),
            Some(draft) if draft.is_fused() || kind.is_empty() => draft.letters(self.kind).to_owned(),
            Some(draft) => format!("{} {kind}", draft.letters(self.kind)),
        }
    }

    /// What stands between publisher and head: a slash after ISO alone, except before a published Guide.
    fn separator(&self, head: &str) -> &'static str {
        if self.publishers == [0] && head != "Guide" { "/" } else { " " }
    }
}

impl Supplement {
    fn stem(&self) -> String {
        let number = self.number.map_or_else(String::new, |number| format!(" {number}"));
        format!("/{}{number}", self.kind.as_str())
    }

    fn is_compatible(&self, other: &Supplement) -> bool {
        self.kind == other.kind && self.number == other.number && are_compatible(self.year, other.year)
    }
}

impl fmt::Display for International {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_stub {
            out.write_str("Withdrawn ")?;
        }
        let head = self.head();
        let is_silent = self.kind == Deliverable::WorkshopAgreement || (self.is_stub && self.publishers == [0]);
        if !is_silent {
            out.write_str(&self.publisher())?;
            out.write_str(if head.is_empty() { " " } else { self.separator(&head) })?;
        }
        if !head.is_empty() {
            write!(out, "{head} ")?;
        }
        write!(out, "{}", self.number)?;
        for part in &self.parts {
            write!(out, "-{part}")?;
        }
        print_after(out, '.', self.iteration)?;
        print_after(out, ':', self.year)?;
        if let Some(edition) = self.edition {
            write!(out, " Ed {edition}")?;
        }
        self.supplements.iter().try_for_each(|supplement| write!(out, "/{supplement}"))
    }
}

impl fmt::Display for Supplement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(draft) = self.draft {
            out.write_str(draft.supplement_letters(self.kind))?;
            if !draft.is_fused() {
                write!(out, " {}", self.kind.as_str())?;
            }
        } else {
            out.write_str(self.kind.as_str())?;
        }
        print_after(out, ' ', self.number)?;
        print_after(out, '.', self.iteration)?;
        print_after(out, ':', self.year)
    }
}

fn print_after(out: &mut fmt::Formatter<'_>, sign: char, value: Option<impl fmt::Display>) -> fmt::Result {
    value.map_or(Ok(()), |value| write!(out, "{sign}{value}"))
}

/// Whether a kind counts from 1 by itself, so that its numbers mean nothing without it.
fn has_own_series(kind: Deliverable) -> bool {
    matches!(
        kind,
        Deliverable::Guide
            | Deliverable::WorkshopAgreement
            | Deliverable::StandardizedProfile
            | Deliverable::TrendsAssessment
            | Deliverable::Data
    )
}

fn are_compatible(one: Option<u16>, another: Option<u16>) -> bool {
    one.is_none() || another.is_none() || one == another
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::reading;
    use super::super::text::{fold, tokens};
    use super::*;

    fn read(text: &str) -> International {
        reading::read(&tokens(&fold(text)).unwrap()).unwrap()
    }

    /// Never without ISO or IEC.
    fn publishers() -> impl Strategy<Value = Vec<usize>> {
        (0..2_usize, proptest::collection::btree_set(0..PUBLISHERS.len(), 0..3)).prop_map(|(first, mut others)| {
            others.insert(first);
            others.into_iter().collect()
        })
    }

    fn kind() -> impl Strategy<Value = Deliverable> {
        proptest::sample::select(&Deliverable::ALL[..10])
    }

    fn draft() -> impl Strategy<Value = Option<Draft>> {
        proptest::option::of(proptest::sample::select(&Draft::ALL[..]))
    }

    /// Parts as they occur; without those that would be a year or a round by the rules of `reading`.
    fn parts() -> impl Strategy<Value = Vec<String>> {
        let part = "[1-9][0-9]{0,2}|[A-Z][0-9]{2}|[1-9][A-Z]{1,2}|[2-9][1-9][0-9]{2}";
        proptest::collection::vec(part, 0..3)
    }

    fn supplement() -> impl Strategy<Value = Supplement> {
        let kind = proptest::sample::select(&SupplementKind::ALL[..]);
        let number = proptest::option::weighted(0.9, 0..2000_u32);
        (kind, draft(), number, proptest::option::of(2..20_u32), proptest::option::of(1947..2100_u16)).prop_map(
            |(kind, draft, number, iteration, year)| {
                let iteration = iteration.filter(|_| number.is_some());
                Supplement { kind, draft, number, iteration, year }
            },
        )
    }

    prop_compose! {
        fn reference()(
            publishers in publishers(),
            kind in kind(),
            draft in draft(),
            number in 0..9_999_999_u32,
            parts in parts(),
            iteration in proptest::option::of(2..20_u32),
            year in proptest::option::of(1947..2100_u16),
            edition in proptest::option::weighted(0.1, 1..20_u32),
            supplements in proptest::collection::vec(supplement(), 0..3),
            is_stub in proptest::bool::weighted(0.1),
        ) -> International {
            let publishers = if kind == Deliverable::WorkshopAgreement { vec![0] } else { publishers };
            International { publishers, kind, draft, number, parts, iteration, year, edition, supplements, is_stub }
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back_the_same(reference in reference()) {
            prop_assert_eq!(read(&reference.to_string()), reference);
        }

        #[test]
        fn case_and_spaces_about_signs_do_not_matter(reference in reference()) {
            let spread = reference.to_string().replace('/', " / ").replace(':', " :").to_lowercase();
            prop_assert_eq!(read(&spread), reference);
        }

        #[test]
        fn a_stem_is_the_stem_of_itself_and_of_every_stage(reference in reference(), draft in draft(), round in 2..9_u32) {
            let mut other = reference.clone();
            other.draft = draft;
            other.iteration = Some(round);
            other.year = None;
            prop_assert_eq!(other.stem(), reference.stem());
            prop_assert_eq!(read(&reference.stem()).stem(), reference.stem());
        }

        #[test]
        fn a_reference_covers_itself_and_its_stem_covers_it(reference in reference()) {
            prop_assert!(reference.covers(&reference));
            prop_assert!(read(&reference.stem()).covers(&reference));
            prop_assert!(reference.has_compatible_years(&reference));
        }

        #[test]
        fn nothing_covers_its_own_supplements(reference in reference(), supplement in supplement()) {
            let mut supplemented = reference.clone();
            supplemented.supplements.push(supplement);
            prop_assert!(!reference.covers(&supplemented) && !supplemented.covers(&reference));
            prop_assert!(reference.is_base_of(&supplemented));
        }
    }
}
