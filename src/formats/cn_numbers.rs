//! Which of the references that pages of China print can serve as an id: the number of a plan, and that of a national standard with its
//! year. Not how numbers are spelled: that is for `standards::reference`. Industry and local standards are of other registers.

use crate::standards::reference::Reference;

/// The plan number that this text is; `None` for anything else.
pub(super) fn plan_number(printed: &str) -> Option<Reference> {
    Reference::parse(printed).filter(Reference::is_plan)
}

/// The number of a national standard that this text is, its year included; `None` for anything else. Without the year it would
/// mean every edition.
pub(super) fn standard_number(printed: &str) -> Option<Reference> {
    Reference::parse(printed).filter(|reference| reference.is_gb() && reference.year().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standards::deliverable::Deliverable;

    #[test]
    fn a_number_in_any_spelling_has_one_normal_form() {
        let standard = |printed| standard_number(printed).map(|number| number.to_string());
        for printed in ["GB/T 99204-2032", "GB/T99204—2032", "GBT 99204-2032", "ＧＢ／Ｔ　９９２０４－２０３２"]
        {
            assert_eq!(standard(printed).as_deref(), Some("GB/T 99204-2032"), "{printed}");
        }
        let plan = |printed| plan_number(printed).map(|number| number.to_string());
        assert_eq!(plan(" 20990001-T-469\n").as_deref(), Some("20990001-T-469"));
        assert_eq!(plan("20990001—t—469").as_deref(), Some("20990001-T-469"));
    }

    #[test]
    fn a_number_cut_short_or_of_another_body_is_none() {
        for printed in
            ["GB/T 99204-203", "GB/T 99204", "NB/T 20223-2013", "DB44/T 2023-2017", "20990001-T-469", "ISO 1-2002", ""]
        {
            assert_eq!(standard_number(printed), None, "{printed}");
        }
        for printed in ["20990001-T-46", "2099001-T-469", "GB/T 99204-2032", ""] {
            assert_eq!(plan_number(printed), None, "{printed}");
        }
    }

    #[test]
    fn the_number_says_the_kind_of_document() {
        let kind =
            |printed| plan_number(printed).or_else(|| standard_number(printed)).map(|number| number.deliverable());
        for (number, deliverable) in [
            ("GB 95438-2035", Deliverable::MandatoryNationalStandard),
            ("GB/T 95654-2035", Deliverable::RecommendedNationalStandard),
            ("GB/Z 185.1-2036", Deliverable::NationalGuidance),
            ("20993116-Q-252", Deliverable::MandatoryNationalStandard),
            ("20990001-T-469", Deliverable::RecommendedNationalStandard),
            ("20990474-Z-469", Deliverable::NationalGuidance),
        ] {
            assert_eq!(kind(number), Some(deliverable), "{number}");
        }
    }
}
