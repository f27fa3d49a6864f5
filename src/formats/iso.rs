//! What the ISO formats have in common: addresses, kinds of documents, and when a standard counts as published.
//! Not how either of them is laid out.

use crate::standards::deliverable::Deliverable;
use crate::standards::reference::Reference;
use crate::standards::stage::{Scheme, Stage, StageCode, Substage};

/// How much of a text a defect quotes.
const QUOTED_CHARS: usize = 160;

/// The page of a project.
pub(super) fn url_of(number: u64) -> String {
    format!("https://www.iso.org/standard/{number}.html")
}

/// The project that a link of iso.org leads to; whatever it adds after `?` or `#` is left aside.
pub(super) fn number_in_link(href: &str) -> Option<u64> {
    let path = href.split(['?', '#']).next()?;
    let (folder, name) = path.rsplit_once('/')?;
    let is_standard = folder.ends_with("/standard") || folder.contains("/data/standard/");
    is_standard.then(|| name.strip_suffix(".html")?.parse().ok()).flatten()
}

/// The code that a page prints as `40.20`; `None` for a pair that the matrix does not have.
pub(super) fn code_of(printed: &str) -> Option<StageCode> {
    StageCode::parse(Scheme::Iso, printed)
}

/// Whether a document at that stage has been published: 60.60 and everything after it.
///
/// Publication dates are printed before the fact, so they are believed from here on only.
pub(super) fn has_been_published(code: StageCode) -> bool {
    match code {
        StageCode::Iso(code) => (code.stage(), code.substage()) >= (Stage::Publication, Substage::Completion),
        StageCode::Gb(_) => false,
    }
}

/// The kind of document that a reference of ISO names: `ISO/IEC DTS 27103` is a technical specification.
pub(super) fn deliverable_of(reference: &str) -> Option<Deliverable> {
    Reference::parse(reference).map(|reference| reference.deliverable())
}

/// The kind that Open Data names: `TS`, `GUIDE`.
pub(super) fn kind_named(word: &str) -> Option<Deliverable> {
    Some(match word.to_ascii_uppercase().as_str() {
        "IS" => Deliverable::InternationalStandard,
        "TS" => Deliverable::TechnicalSpecification,
        "TR" => Deliverable::TechnicalReport,
        "PAS" => Deliverable::PubliclyAvailableSpecification,
        "GUIDE" => Deliverable::Guide,
        "IWA" => Deliverable::WorkshopAgreement,
        "R" => Deliverable::Recommendation,
        "ISP" => Deliverable::StandardizedProfile,
        "TTA" => Deliverable::TrendsAssessment,
        "DATA" => Deliverable::Data,
        _ => return None,
    })
}

/// The kind of supplement: `Amd`, `Cor`, and the older `Add`, `Suppl`, `Ext`.
pub(super) fn supplement_named(word: &str) -> Option<Deliverable> {
    Some(match word.to_ascii_uppercase().as_str() {
        "AMD" | "AM" => Deliverable::Amendment,
        "COR" => Deliverable::Corrigendum,
        "ADD" | "SUPPL" | "EXT" => Deliverable::Supplement,
        _ => return None,
    })
}

/// A text short enough for a defect, white space collapsed.
pub(super) fn quoted(text: &str) -> String {
    let text = super::reading::collapsed(text);
    match text.char_indices().nth(QUOTED_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_name_their_kind_of_document() {
        for (reference, kind) in [
            ("ISO/IEC 27001:2022", Deliverable::InternationalStandard),
            ("ISO/DIS 20360", Deliverable::InternationalStandard),
            ("ISO/IEC CD TS 20540", Deliverable::TechnicalSpecification),
            ("ISO/IEC DTS 27103", Deliverable::TechnicalSpecification),
            ("ISO/IEC TR 29110-5-1-3:2017", Deliverable::TechnicalReport),
            ("ISO/PAS 8800:2024", Deliverable::PubliclyAvailableSpecification),
            ("ISO/DGuide 82", Deliverable::Guide),
            ("ISO/IEC Guide 2:2004", Deliverable::Guide),
            ("IWA 18:2016", Deliverable::WorkshopAgreement),
            ("ISO/R 639:1967", Deliverable::Recommendation),
            ("ISO/IEC ISP 10608-1:1992", Deliverable::StandardizedProfile),
            ("ISO/IEC FDIS 23008-1/WD Amd 1", Deliverable::Amendment),
            ("ISO 3839:1996/DAmd 1", Deliverable::Amendment),
            ("ISO 3839:1996/DAM 1", Deliverable::Amendment),
            ("ISO 11136:2014/FDAM 1", Deliverable::Amendment),
            ("ISO/IEC TS 1:2020/DCOR 1", Deliverable::Corrigendum),
            ("ISO/IEC 2:2020/CD Cor 1.2", Deliverable::Corrigendum),
            ("ISO 1701/Add 1:1983", Deliverable::Supplement),
        ] {
            assert_eq!(deliverable_of(reference), Some(kind), "{reference}");
        }
    }

    #[test]
    fn a_standard_is_published_from_60_60_on() {
        for (printed, published) in
            [("50.20", false), ("60.00", false), ("60.60", true), ("90.93", true), ("95.99", true), ("40.98", false)]
        {
            assert_eq!(code_of(printed).map(has_been_published), Some(published), "{printed}");
        }
    }

    #[test]
    fn a_quotation_is_cut_between_characters() {
        let quotation = quoted(&"标".repeat(1_000));
        assert_eq!(quotation.chars().count(), QUOTED_CHARS + 1);
        assert_eq!(quoted(" a\n b "), "a b");
    }
}
