//! The letters of drafts inside references: which there are, which older spellings mean the same, how they fuse with the
//! kind of document. Not stage codes: one set of letters covers several of those.

use crate::standards::deliverable::Deliverable;

/// What a reference says of the draft it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Draft {
    /// PWI.
    Preliminary,
    /// NP; formerly NWIP.
    Proposal,
    /// AWI.
    Approved,
    /// WD.
    Working,
    /// CD; formerly PDTR, PDAM.
    Committee,
    /// DIS, DTS, DAM; formerly FCD, FPDAM.
    Enquiry,
    /// FDIS, FDAM.
    Final,
    /// PRF: a proof, for a text that needs no final ballot.
    Proof,
}

/// The kinds of supplements, which records class more coarsely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum SupplementKind {
    /// Amd.
    Amendment,
    /// Cor.
    Corrigendum,
    /// Add, until 1992.
    Addendum,
    /// Suppl.
    Supplement,
    /// Ext.
    Extract,
}

impl Draft {
    /// The drafts in the order of their stages.
    pub(super) const ALL: [Draft; 8] = [
        Draft::Preliminary,
        Draft::Proposal,
        Draft::Approved,
        Draft::Working,
        Draft::Committee,
        Draft::Enquiry,
        Draft::Final,
        Draft::Proof,
    ];

    /// The letters for a document of a kind; the kind itself is in them for the last two drafts only (`DTS`, but `CD` of `CD TS`).
    pub(super) fn letters(self, kind: Deliverable) -> &'static str {
        match self {
            Draft::Enquiry => enquiry_letters(kind),
            Draft::Final => final_letters(kind),
            other => other.unfused(),
        }
    }

    /// The letters for a supplement: `DAM`, but `CD` of `CD Amd`.
    pub(super) fn supplement_letters(self, kind: SupplementKind) -> &'static str {
        match (self, kind) {
            (Draft::Enquiry, SupplementKind::Amendment) => "DAM",
            (Draft::Enquiry, SupplementKind::Corrigendum) => "DCOR",
            (Draft::Enquiry, SupplementKind::Addendum) => "DAdd",
            (Draft::Enquiry, SupplementKind::Supplement) => "DSuppl",
            (Draft::Enquiry, SupplementKind::Extract) => "DExt",
            (Draft::Final, SupplementKind::Amendment) => "FDAM",
            (Draft::Final, SupplementKind::Corrigendum) => "FDCOR",
            (Draft::Final, SupplementKind::Addendum) => "FDAdd",
            (Draft::Final, SupplementKind::Supplement) => "FDSuppl",
            (Draft::Final, SupplementKind::Extract) => "FDExt",
            (other, _) => other.unfused(),
        }
    }

    /// Whether the letters of this draft hold the kind of document already.
    pub(super) fn is_fused(self) -> bool {
        matches!(self, Draft::Enquiry | Draft::Final)
    }

    fn unfused(self) -> &'static str {
        match self {
            Draft::Preliminary => "PWI",
            Draft::Proposal => "NP",
            Draft::Approved => "AWI",
            Draft::Working => "WD",
            Draft::Committee => "CD",
            Draft::Enquiry => "D",
            Draft::Final => "FD",
            Draft::Proof => "PRF",
        }
    }
}

impl SupplementKind {
    /// Every kind.
    pub(super) const ALL: [SupplementKind; 5] = [
        SupplementKind::Amendment,
        SupplementKind::Corrigendum,
        SupplementKind::Addendum,
        SupplementKind::Supplement,
        SupplementKind::Extract,
    ];

    /// The abbreviation of the published supplement.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            SupplementKind::Amendment => "Amd",
            SupplementKind::Corrigendum => "Cor",
            SupplementKind::Addendum => "Add",
            SupplementKind::Supplement => "Suppl",
            SupplementKind::Extract => "Ext",
        }
    }

    /// The kind of records.
    pub(super) fn deliverable(self) -> Deliverable {
        match self {
            SupplementKind::Amendment => Deliverable::Amendment,
            SupplementKind::Corrigendum => Deliverable::Corrigendum,
            SupplementKind::Addendum | SupplementKind::Supplement | SupplementKind::Extract => Deliverable::Supplement,
        }
    }
}

/// The draft that a word of a reference names by itself, in upper case: `CD`, `DIS`, `ОПМС`.
pub(super) fn draft_of(word: &str) -> Option<Draft> {
    match word {
        "NWIP" | "NWI" => Some(Draft::Proposal),
        "DIS" | "FCD" | "ПМС" => Some(Draft::Enquiry),
        "FDIS" | "ОПМС" => Some(Draft::Final),
        other => Draft::ALL.into_iter().find(|draft| !draft.is_fused() && draft.unfused() == other),
    }
}

/// The kind of document that a word names, in upper case.
pub(super) fn kind_of(word: &str) -> Option<Deliverable> {
    match word {
        "IS" => Some(Deliverable::InternationalStandard),
        "TS" | "ТС" => Some(Deliverable::TechnicalSpecification),
        "TR" | "ТО" => Some(Deliverable::TechnicalReport),
        "PAS" => Some(Deliverable::PubliclyAvailableSpecification),
        "GUIDE" | "РУКОВОДСТВО" | "РУКОВОДСТВА" => Some(Deliverable::Guide),
        "IWA" => Some(Deliverable::WorkshopAgreement),
        "R" => Some(Deliverable::Recommendation),
        "ISP" => Some(Deliverable::StandardizedProfile),
        "TTA" => Some(Deliverable::TrendsAssessment),
        "DATA" => Some(Deliverable::Data),
        _ => None,
    }
}

/// `DTS`, `FDTR`, `PDTR`, `DGUIDE`: draft and kind in one word.
pub(super) fn fused_of(word: &str) -> Option<(Draft, Deliverable)> {
    prefixes().find_map(|(prefix, draft)| Some((draft, kind_of(word.strip_prefix(prefix)?)?)))
}

/// The supplement that a word names, with its draft where both are in one word: `AMD`, `DAM`, `FDAMD`, `PDCOR`, `FCOR`.
pub(super) fn supplement_of(word: &str) -> Option<(Option<Draft>, SupplementKind)> {
    if let Some(kind) = published_supplement(word) {
        return Some((None, kind));
    }
    prefixes().chain([("F", Draft::Final)]).find_map(|(prefix, draft)| {
        let kind = match word.strip_prefix(prefix)? {
            "AM" => SupplementKind::Amendment,
            "AD" => SupplementKind::Addendum,
            rest => published_supplement(rest)?,
        };
        Some((Some(draft), kind))
    })
}

fn published_supplement(word: &str) -> Option<SupplementKind> {
    let older = matches!(word, "SUPP" | "SUP").then_some(SupplementKind::Supplement);
    older.or_else(|| SupplementKind::ALL.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(word)))
}

/// What stands before the kind in one word. A "proposed draft" of JTC 1 was balloted as a CD is now, and its "final proposed
/// draft" as a DIS.
fn prefixes() -> impl Iterator<Item = (&'static str, Draft)> {
    [("FPD", Draft::Enquiry), ("PD", Draft::Committee), ("FD", Draft::Final), ("D", Draft::Enquiry)].into_iter()
}

fn enquiry_letters(kind: Deliverable) -> &'static str {
    match kind {
        Deliverable::TechnicalSpecification => "DTS",
        Deliverable::TechnicalReport => "DTR",
        Deliverable::PubliclyAvailableSpecification => "DPAS",
        Deliverable::Guide => "DGuide",
        Deliverable::WorkshopAgreement => "DIWA",
        Deliverable::Recommendation => "DR",
        Deliverable::StandardizedProfile => "DISP",
        Deliverable::TrendsAssessment => "DTTA",
        Deliverable::Data => "DDATA",
        _ => "DIS",
    }
}

fn final_letters(kind: Deliverable) -> &'static str {
    match kind {
        Deliverable::TechnicalSpecification => "FDTS",
        Deliverable::TechnicalReport => "FDTR",
        Deliverable::PubliclyAvailableSpecification => "FDPAS",
        Deliverable::Guide => "FDGuide",
        Deliverable::WorkshopAgreement => "FDIWA",
        Deliverable::Recommendation => "FDR",
        Deliverable::StandardizedProfile => "FDISP",
        Deliverable::TrendsAssessment => "FDTTA",
        Deliverable::Data => "FDDATA",
        _ => "FDIS",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fused_letters_are_read_back_as_draft_and_kind() {
        let kinds = Deliverable::ALL.into_iter().take_while(|kind| *kind != Deliverable::Amendment);
        for kind in kinds.filter(|kind| *kind != Deliverable::InternationalStandard) {
            for draft in [Draft::Enquiry, Draft::Final] {
                assert_eq!(fused_of(&draft.letters(kind).to_uppercase()), Some((draft, kind)));
            }
        }
        for kind in SupplementKind::ALL {
            assert_eq!(supplement_of(&kind.as_str().to_uppercase()), Some((None, kind)));
            for draft in [Draft::Enquiry, Draft::Final] {
                assert_eq!(supplement_of(&draft.supplement_letters(kind).to_uppercase()), Some((Some(draft), kind)));
            }
        }
    }

    #[test]
    fn older_letters_mean_the_drafts_of_today() {
        assert_eq!(fused_of("PDTR"), Some((Draft::Committee, Deliverable::TechnicalReport)));
        assert_eq!(supplement_of("PDAM"), Some((Some(Draft::Committee), SupplementKind::Amendment)));
        assert_eq!(supplement_of("FPDAM"), Some((Some(Draft::Enquiry), SupplementKind::Amendment)));
        assert_eq!(supplement_of("FCOR"), Some((Some(Draft::Final), SupplementKind::Corrigendum)));
        assert_eq!(supplement_of("DAD"), Some((Some(Draft::Enquiry), SupplementKind::Addendum)));
        assert_eq!(draft_of("NWIP"), Some(Draft::Proposal));
        assert_eq!(draft_of("FCD"), Some(Draft::Enquiry));
    }
}
