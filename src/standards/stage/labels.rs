//! The short words that stand for a stage in the subject of an alert: `ISO/IEC 27071: DIS → FDIS (50.00)`,
//! `GB/T 39204: drafting → public comment (30)`. Not the names of stages: those are sentences.
//!
//! Before publication a stage is said in the letters of its draft, as everyone in the trade does. From 60.00 on a draft has
//! no letters any more, and "IS" would say nothing of what happened: there, what the document is (`published`, `confirmed`,
//! `withdrawn`) is the label, in the words that ISO prints in brackets after its own codes.

use super::{GbStage, HarmonizedCode, Stage, StageCode, Substage};
use crate::standards::deliverable::Deliverable;
use crate::standards::language::Language;

impl StageCode {
    /// The letters or the short English word of the stage: `AWI`, `CD`, `DIS`, `published`, `cancelled`; `public comment`.
    pub fn label(self) -> &'static str {
        match self {
            StageCode::Iso(code) => iso_labels(code).0,
            StageCode::Gb(stage) => gb_labels(stage).0,
        }
    }

    /// [`StageCode::label`] in the language of the reader; letters of drafts stay as they are, as they do in Chinese texts.
    pub fn label_in(self, language: Language) -> &'static str {
        let (english, chinese) = match self {
            StageCode::Iso(code) => iso_labels(code),
            StageCode::Gb(stage) => gb_labels(stage),
        };
        match language {
            Language::Chinese => chinese,
            Language::English | Language::French | Language::Russian => english,
        }
    }

    /// [`StageCode::label`] with the letters that the kind of document has at this stage: a Technical Report at 50.00 is a
    /// `DTR` and an Amendment at 40.20 a `DAM`, not a FDIS or a DIS.
    pub fn label_for(self, deliverable: Deliverable) -> &'static str {
        let StageCode::Iso(code) = self else { return self.label() };
        match (code.stage(), self.is_cancelled()) {
            (Stage::Committee, false) => committee_draft(deliverable),
            (Stage::Enquiry, false) => enquiry_draft(deliverable),
            (Stage::Approval, false) => final_draft(deliverable),
            _ => self.label(),
        }
    }
}

/// English and Chinese.
fn iso_labels(code: HarmonizedCode) -> (&'static str, &'static str) {
    match (code.stage(), code.substage()) {
        (Stage::Proposal, Substage::Abandon) => ("rejected", "未获立项"),
        (_, Substage::Abandon) => ("cancelled", "已取消"),
        (Stage::Preliminary, _) => ("PWI", "PWI"),
        (Stage::Proposal, Substage::Proceed) | (Stage::Preparatory, Substage::Registration) => ("AWI", "AWI"),
        (Stage::Proposal, _) => ("NP", "NP"),
        (Stage::Preparatory, _) => ("WD", "WD"),
        (Stage::Committee, _) => ("CD", "CD"),
        (Stage::Enquiry, _) => ("DIS", "DIS"),
        (Stage::Approval, _) => ("FDIS", "FDIS"),
        (Stage::Publication, Substage::Completion) => ("published", "已出版"),
        (Stage::Publication, _) => ("under publication", "出版中"),
        (Stage::Review, Substage::RepeatEarlier) => ("to be revised", "待修订"),
        (Stage::Review, Substage::RepeatCurrent) => ("confirmed", "确认有效"),
        (Stage::Review, Substage::Proceed) => ("withdrawal proposed", "提议废止"),
        (Stage::Review, _) => ("under review", "复审中"),
        (Stage::Withdrawal, Substage::RepeatEarlier) => ("not withdrawn", "不予废止"),
        (Stage::Withdrawal, Substage::Proceed) => ("withdrawn", "已废止"),
        (Stage::Withdrawal, _) => ("withdrawal ballot", "废止投票"),
    }
}

/// English and Chinese.
fn gb_labels(stage: GbStage) -> (&'static str, &'static str) {
    match stage {
        GbStage::Preliminary => ("preliminary", "预阶段"),
        GbStage::Proposal => ("proposal", "立项"),
        GbStage::Drafting => ("drafting", "起草"),
        GbStage::PublicConsultation => ("public comment", "征求意见"),
        GbStage::Review => ("review", "审查"),
        GbStage::Approval => ("approval", "批准"),
        GbStage::Published => ("published", "已发布"),
        GbStage::PeriodicReview => ("periodic review", "复审"),
        GbStage::Withdrawn => ("withdrawn", "废止"),
        GbStage::Terminated => ("cancelled", "已终止"),
    }
}

fn committee_draft(deliverable: Deliverable) -> &'static str {
    match deliverable {
        Deliverable::TechnicalSpecification => "CD TS",
        Deliverable::TechnicalReport => "CD TR",
        Deliverable::PubliclyAvailableSpecification => "CD PAS",
        Deliverable::Guide => "CD Guide",
        Deliverable::Amendment => "CD Amd",
        Deliverable::Corrigendum => "CD Cor",
        Deliverable::InternationalStandard
        | Deliverable::WorkshopAgreement
        | Deliverable::Recommendation
        | Deliverable::StandardizedProfile
        | Deliverable::TrendsAssessment
        | Deliverable::Data
        | Deliverable::Supplement
        | Deliverable::MandatoryNationalStandard
        | Deliverable::RecommendedNationalStandard
        | Deliverable::NationalGuidance
        | Deliverable::CommitteeDocument
        | Deliverable::PracticeGuide => "CD",
    }
}

fn enquiry_draft(deliverable: Deliverable) -> &'static str {
    match deliverable {
        Deliverable::Guide => "DGuide",
        Deliverable::Amendment => "DAM",
        Deliverable::Corrigendum => "DCOR",
        other => approved_by_committee(other).unwrap_or("DIS"),
    }
}

fn final_draft(deliverable: Deliverable) -> &'static str {
    match deliverable {
        Deliverable::Guide => "FDGuide",
        Deliverable::Amendment => "FDAM",
        Deliverable::Corrigendum => "FDCOR",
        other => approved_by_committee(other).unwrap_or("FDIS"),
    }
}

/// The kinds that the committee itself approves: they have one draft, whether it is registered at 40 or at 50.
fn approved_by_committee(deliverable: Deliverable) -> Option<&'static str> {
    match deliverable {
        Deliverable::TechnicalSpecification => Some("DTS"),
        Deliverable::TechnicalReport => Some("DTR"),
        Deliverable::PubliclyAvailableSpecification => Some("DPAS"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Scheme;
    use super::*;

    fn labels(scheme: Scheme, codes: &str) -> String {
        let label = |code| StageCode::parse(scheme, code).unwrap().label();
        codes.split(' ').map(label).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn before_publication_a_stage_is_said_in_the_letters_of_its_draft() {
        assert_eq!(labels(Scheme::Iso, "00.20 10.20 10.99 20.00 20.20 20.99"), "PWI | NP | AWI | AWI | WD | WD");
        assert_eq!(labels(Scheme::Iso, "30.00 30.92 40.00 40.93 50.00 50.99"), "CD | CD | DIS | DIS | FDIS | FDIS");
    }

    #[test]
    fn from_publication_on_a_label_says_what_the_document_is() {
        assert_eq!(
            labels(Scheme::Iso, "60.00 60.60 90.20 90.60"),
            "under publication | published | under review | under review"
        );
        assert_eq!(labels(Scheme::Iso, "90.92 90.93 90.99"), "to be revised | confirmed | withdrawal proposed");
        assert_eq!(
            labels(Scheme::Iso, "95.20 95.60 95.92 95.99"),
            "withdrawal ballot | withdrawal ballot | not withdrawn | withdrawn"
        );
    }

    #[test]
    fn a_project_given_up_is_cancelled_at_whatever_stage() {
        assert_eq!(labels(Scheme::Iso, "00.98 10.98 20.98 40.98"), "cancelled | rejected | cancelled | cancelled");
        assert_eq!(labels(Scheme::Gb, "terminated"), "cancelled");
        let cancelled = StageCode::parse(Scheme::Iso, "40.98").unwrap();
        assert_eq!(cancelled.label_for(Deliverable::Amendment), "cancelled");
    }

    #[test]
    fn a_label_knows_the_drafts_of_each_kind_of_document() {
        let label = |code, deliverable| StageCode::parse(Scheme::Iso, code).unwrap().label_for(deliverable);
        assert_eq!(label("30.20", Deliverable::TechnicalSpecification), "CD TS");
        assert_eq!(label("50.00", Deliverable::TechnicalReport), "DTR");
        assert_eq!(label("40.20", Deliverable::Amendment), "DAM");
        assert_eq!(label("50.20", Deliverable::Amendment), "FDAM");
        assert_eq!(label("40.00", Deliverable::InternationalStandard), "DIS");
        assert_eq!(label("60.60", Deliverable::TechnicalReport), "published");
    }

    #[test]
    fn chinese_readers_get_chinese_words_and_the_letters_of_drafts() {
        let label = |scheme, code| StageCode::parse(scheme, code).unwrap().label_in(Language::Chinese);
        assert_eq!(label(Scheme::Gb, "30"), "征求意见");
        assert_eq!(label(Scheme::Gb, "terminated"), "已终止");
        assert_eq!(label(Scheme::Iso, "40.20"), "DIS");
        assert_eq!(label(Scheme::Iso, "60.60"), "已出版");
        assert_eq!(
            labels(Scheme::Gb, "00 10 20 30 40 50"),
            "preliminary | proposal | drafting | public comment | review | approval"
        );
    }
}
