//! The kinds of documents that the bodies publish. Not their stages: a DIS is an IS at stage 40.

use super::language::Language;

/// A kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Deliverable {
    /// International Standard.
    InternationalStandard,
    /// Technical Specification.
    TechnicalSpecification,
    /// Technical Report.
    TechnicalReport,
    /// Publicly Available Specification.
    PubliclyAvailableSpecification,
    /// Guide.
    Guide,
    /// International Workshop Agreement.
    WorkshopAgreement,
    /// Recommendation (before 1972).
    Recommendation,
    /// International Standardized Profile.
    StandardizedProfile,
    /// Technology Trends Assessment.
    TrendsAssessment,
    /// ISO/DATA.
    Data,
    /// Amendment.
    Amendment,
    /// Technical Corrigendum.
    Corrigendum,
    /// Addendum, Supplement, Extract: the older supplements.
    Supplement,
    /// GB: mandatory national standard.
    MandatoryNationalStandard,
    /// GB/T: recommended national standard.
    RecommendedNationalStandard,
    /// GB/Z: national guidance document.
    NationalGuidance,
    /// TC 260 technical document, TC260-TR.
    CommitteeDocument,
    /// TC 260 practice guide, TC260-PG.
    PracticeGuide,
}

impl Deliverable {
    /// Every kind, ISO's before the Chinese ones.
    pub const ALL: [Deliverable; 18] = [
        Deliverable::InternationalStandard,
        Deliverable::TechnicalSpecification,
        Deliverable::TechnicalReport,
        Deliverable::PubliclyAvailableSpecification,
        Deliverable::Guide,
        Deliverable::WorkshopAgreement,
        Deliverable::Recommendation,
        Deliverable::StandardizedProfile,
        Deliverable::TrendsAssessment,
        Deliverable::Data,
        Deliverable::Amendment,
        Deliverable::Corrigendum,
        Deliverable::Supplement,
        Deliverable::MandatoryNationalStandard,
        Deliverable::RecommendedNationalStandard,
        Deliverable::NationalGuidance,
        Deliverable::CommitteeDocument,
        Deliverable::PracticeGuide,
    ];

    /// The abbreviation of records: `IS`, `TS`, `GB/T` …
    pub fn as_str(self) -> &'static str {
        match self {
            Deliverable::InternationalStandard => "IS",
            Deliverable::TechnicalSpecification => "TS",
            Deliverable::TechnicalReport => "TR",
            Deliverable::PubliclyAvailableSpecification => "PAS",
            Deliverable::Guide => "Guide",
            Deliverable::WorkshopAgreement => "IWA",
            Deliverable::Recommendation => "R",
            Deliverable::StandardizedProfile => "ISP",
            Deliverable::TrendsAssessment => "TTA",
            Deliverable::Data => "DATA",
            Deliverable::Amendment => "Amd",
            Deliverable::Corrigendum => "Cor",
            Deliverable::Supplement => "Suppl",
            Deliverable::MandatoryNationalStandard => "GB",
            Deliverable::RecommendedNationalStandard => "GB/T",
            Deliverable::NationalGuidance => "GB/Z",
            Deliverable::CommitteeDocument => "TC260-TR",
            Deliverable::PracticeGuide => "TC260-PG",
        }
    }

    /// Reads what [`Deliverable::as_str`] writes, in any case, and the spellings of ISO's open data (`GUIDE`, `Add`, `Ext`).
    pub fn parse(text: &str) -> Option<Deliverable> {
        let text = text.trim();
        let older = ["Add", "Ext", "Supp", "Sup"].iter().any(|word| word.eq_ignore_ascii_case(text));
        if older {
            return Some(Deliverable::Supplement);
        }
        Deliverable::ALL.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(text))
    }

    /// What the field calls the kind; French and Russian readers get the English name.
    pub fn name(self, language: Language) -> &'static str {
        let (english, chinese) = names(self);
        match language {
            Language::Chinese => chinese,
            Language::English | Language::French | Language::Russian => english,
        }
    }
}

/// English and Chinese.
fn names(kind: Deliverable) -> (&'static str, &'static str) {
    match kind {
        Deliverable::InternationalStandard => ("International Standard", "国际标准"),
        Deliverable::TechnicalSpecification => ("Technical Specification", "技术规范"),
        Deliverable::TechnicalReport => ("Technical Report", "技术报告"),
        Deliverable::PubliclyAvailableSpecification => ("Publicly Available Specification", "可公开获取的规范"),
        Deliverable::Guide => ("Guide", "指南"),
        Deliverable::WorkshopAgreement => ("International Workshop Agreement", "国际研讨会协议"),
        Deliverable::Recommendation => ("Recommendation", "推荐标准"),
        Deliverable::StandardizedProfile => ("International Standardized Profile", "国际标准化轮廓"),
        Deliverable::TrendsAssessment => ("Technology Trends Assessment", "技术趋势评估"),
        Deliverable::Data => ("data publication", "数据出版物"),
        Deliverable::Amendment => ("Amendment", "修改单"),
        Deliverable::Corrigendum => ("Technical Corrigendum", "技术勘误"),
        Deliverable::Supplement => ("supplement", "补篇"),
        Deliverable::MandatoryNationalStandard => ("mandatory national standard", "强制性国家标准"),
        Deliverable::RecommendedNationalStandard => ("recommended national standard", "推荐性国家标准"),
        Deliverable::NationalGuidance => ("guidance technical document", "国家标准化指导性技术文件"),
        Deliverable::CommitteeDocument => ("technical document of TC 260", "网安标委技术文件"),
        Deliverable::PracticeGuide => ("practice guide of TC 260", "网络安全标准实践指南"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_kind_is_read_back_from_its_own_abbreviation() {
        for kind in Deliverable::ALL {
            assert_eq!(Deliverable::parse(kind.as_str()), Some(kind));
            assert_eq!(Deliverable::parse(&kind.as_str().to_lowercase()), Some(kind));
        }
        let abbreviations: BTreeSet<&str> = Deliverable::ALL.into_iter().map(Deliverable::as_str).collect();
        assert_eq!(abbreviations.len(), Deliverable::ALL.len());
    }

    #[test]
    fn the_spellings_of_open_data_are_read() {
        let read = |text| Deliverable::parse(text).map(Deliverable::as_str);
        let kinds = ["IS", "TS", "TR", "PAS", "GUIDE", "IWA", "R", "ISP", "DATA", "TTA"].map(read);
        assert_eq!(kinds.map(Option::unwrap), ["IS", "TS", "TR", "PAS", "Guide", "IWA", "R", "ISP", "DATA", "TTA"]);
        let supplements = ["Amd", "Cor", "Add", "Suppl", "Ext"].map(read);
        assert_eq!(supplements.map(Option::unwrap), ["Amd", "Cor", "Suppl", "Suppl", "Suppl"]);
        assert_eq!(read("DIS"), None);
        assert_eq!(read(""), None);
    }

    #[test]
    fn every_kind_has_a_name_of_its_own_in_both_languages() {
        for language in [Language::English, Language::Chinese] {
            let names: BTreeSet<&str> = Deliverable::ALL.into_iter().map(|kind| kind.name(language)).collect();
            assert_eq!(names.len(), Deliverable::ALL.len());
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,20}") {
            let _ = Deliverable::parse(&text);
        }
    }
}
