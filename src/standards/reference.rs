//! What a document or a project is called, in every spelling that bodies use. Not a key: references change with stages,
//! sometimes without one, and two projects can bear the same at different times.

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;

use super::deliverable::Deliverable;

/// The letters of drafts.
mod draft;
/// The references of ISO, IEC and those who publish with them.
mod international;
/// The numbers of the Chinese national register.
mod national;
/// How Chinese numbers are read.
mod national_reading;
/// How international references are read.
mod reading;
/// Folding and cutting of texts.
pub(super) mod text;

use international::International;
use national::National;

/// A reference, parsed; printed in its normal form.
///
/// The normal form of ISO references is the one of its own pages today (`ISO/CD 22342`, `ISO/IEC DIS 27706.2`,
/// `ISO/IEC 18014-1:2008/DAM 1`), without the language in brackets; that of Chinese ones has plain signs (`GB/T 39204-2022`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference {
    form: Form,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Form {
    International(International),
    National(National),
}

impl Reference {
    /// Reads any spelling; `None` for a text that is no reference of the known bodies.
    pub fn parse(text: &str) -> Option<Reference> {
        let pieces = text::tokens(&text::fold(text))?;
        let form = match national_reading::read(&pieces) {
            Some(national) => Form::National(national),
            None => Form::International(reading::read(&pieces)?),
        };
        Some(Reference { form })
    }

    /// What stays the same while a project moves through its stages: `ISO/IEC 27035-4`, `ISO/IEC 27001/Amd 1`, `GB/T 39204`,
    /// `20230259-T-469`. Two references with one stem are spellings, stages or editions of one thing.
    ///
    /// A stem has no draft, no year, no round and, where the numbers are shared, no kind of document.
    pub fn stem(&self) -> String {
        match &self.form {
            Form::International(international) => international.stem(),
            Form::National(national) => national.stem(),
        }
    }

    /// Whether two references mean one thing as far as they can tell: same stem, and no two years that differ.
    ///
    /// A draft without a year may be the revision of what the other reference names: references cannot tell, only project
    /// numbers can.
    pub fn same_thing(&self, other: &Reference) -> bool {
        self.stem() == other.stem()
            && match (&self.form, &other.form) {
                (Form::International(one), Form::International(another)) => one.has_compatible_years(another),
                (Form::National(one), Form::National(another)) => one.has_compatible_years(another),
                (Form::International(_), Form::National(_)) | (Form::National(_), Form::International(_)) => false,
            }
    }

    /// Whether what a subscriber wrote (`self`) covers a reference that a page printed: same stem and, where the subscriber wrote
    /// a year, the same year (or no year yet).
    ///
    /// The subscriber may leave publishers out: `ISO 27001` covers `ISO/IEC 27001:2022`. It does not cover amendments
    /// ([`Reference::is_supplement_of`] tells those) nor parts ([`Reference::is_part_of`]).
    pub fn covers(&self, printed: &Reference) -> bool {
        match (&self.form, &printed.form) {
            (Form::International(wanted), Form::International(printed)) => wanted.covers(printed),
            (Form::National(_), Form::National(_)) => self.same_thing(printed),
            (Form::International(_), Form::National(_)) | (Form::National(_), Form::International(_)) => false,
        }
    }

    /// Whether it amends, corrects or supplements what a subscriber wrote, or something that does; years as in
    /// [`Reference::covers`].
    pub fn is_supplement_of(&self, wanted: &Reference) -> bool {
        match (&self.form, &wanted.form) {
            (Form::International(printed), Form::International(wanted)) => {
                wanted.is_base_of(printed) && wanted.supplements.len() < printed.supplements.len()
            }
            (Form::National(printed), Form::National(_)) => {
                printed.base().is_some_and(|base| wanted.covers(&Reference { form: Form::National(base) }))
            }
            (Form::International(_), Form::National(_)) | (Form::National(_), Form::International(_)) => false,
        }
    }

    /// Whether it is a part of what a subscriber wrote without a year: `ISO/IEC 27035-4` of `ISO/IEC 27035`.
    pub fn is_part_of(&self, wanted: &Reference) -> bool {
        match (&self.form, &wanted.form) {
            (Form::International(printed), Form::International(wanted)) => wanted.has_part(printed),
            (Form::National(printed), Form::National(wanted)) => wanted.has_part(printed),
            (Form::International(_), Form::National(_)) | (Form::National(_), Form::International(_)) => false,
        }
    }

    /// Whether both are parts of one document, and not the same part: `ISO/IEC 27035-1` and `ISO/IEC CD 27035-4`.
    pub fn is_sibling_of(&self, other: &Reference) -> bool {
        match (&self.form, &other.form) {
            (Form::International(one), Form::International(other)) => one.is_sibling_of(other),
            (Form::National(one), Form::National(other)) => one.is_sibling_of(other),
            (Form::International(_), Form::National(_)) | (Form::National(_), Form::International(_)) => false,
        }
    }

    /// The letters of the draft it names: `DIS`, `CD` (also of a `CD TS`), `DTR`, `FDAM`; those of the supplement, where it is
    /// one. `None` for a published document, and always for Chinese numbers.
    pub fn stage_label(&self) -> Option<&'static str> {
        let Form::International(international) = &self.form else { return None };
        match international.supplements.last() {
            Some(supplement) => supplement.draft.map(|draft| draft.supplement_letters(supplement.kind)),
            None => international.draft.map(|draft| draft.letters(international.kind)),
        }
    }

    /// The number of the round of its draft, from the second on: 2 for `CD 27565.2`.
    pub fn iteration(&self) -> Option<u32> {
        let Form::International(international) = &self.form else { return None };
        international.supplements.last().map_or(international.iteration, |supplement| supplement.iteration)
    }

    /// The year of publication of what it names: of the amendment, where it is one.
    pub fn year(&self) -> Option<u16> {
        match &self.form {
            Form::International(international) => match international.supplements.last() {
                Some(supplement) => supplement.year,
                None => international.year,
            },
            Form::National(national) => national.year(),
        }
    }

    /// The kind of document that it names, or that the plan is to become.
    pub fn deliverable(&self) -> Deliverable {
        match &self.form {
            Form::International(international) => match international.supplements.last() {
                Some(supplement) => supplement.kind.deliverable(),
                None => international.kind,
            },
            Form::National(national) => national.deliverable(),
        }
    }

    /// Who publishes it: `ISO/IEC`; `SAC` for national standards and plans, `SAC/TC 260` for what the committee publishes itself.
    pub fn publisher(&self) -> String {
        match &self.form {
            Form::International(international) => international.publisher(),
            Form::National(National::Standard(_) | National::Plan(_)) => "SAC".to_owned(),
            Form::National(National::Document(_) | National::PracticeGuide(_)) => "SAC/TC 260".to_owned(),
        }
    }

    /// Whether it is the number of a Chinese plan.
    pub fn is_plan(&self) -> bool {
        matches!(self.form, Form::National(National::Plan(_)))
    }

    /// Whether it is the number of a Chinese national standard: GB, GB/T, GB/Z, or an amendment of one.
    pub fn is_gb(&self) -> bool {
        matches!(self.form, Form::National(National::Standard(_)))
    }

    /// Whether it is of ISO or IEC.
    pub fn is_international(&self) -> bool {
        matches!(self.form, Form::International(_))
    }

    /// Whether it is a row of ISO's open data that stands for a dead project, such as `Withdrawn 1701/Add 1`.
    pub fn is_stub(&self) -> bool {
        matches!(&self.form, Form::International(international) if international.is_stub)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.form {
            Form::International(international) => international.fmt(out),
            Form::National(national) => national.fmt(out),
        }
    }
}

/// The form in which texts are matched: of a reference its normal form, of any other text the letters in one width and case,
/// with one dash and no spaces about signs. For comparing only: people see what the body printed.
pub fn normal_form(text: &str) -> String {
    if let Some(reference) = Reference::parse(text) {
        return reference.to_string();
    }
    let mut normal = String::new();
    for letter in text::fold(text).chars() {
        if matches!(letter, '/' | '-') && normal.ends_with(' ') {
            normal.pop();
        }
        if letter == ' ' && normal.ends_with(['/', '-']) {
            continue;
        }
        normal.push(letter.to_ascii_uppercase());
    }
    // A capital can compose where the small letter did not: İ.
    text::fold(&normal.nfkc().collect::<String>())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Spellings of international references, most of them sound.
    const INTERNATIONAL: &str = "(Withdrawn |)(ISO|iso|IEC|ISO/IEC|ISO /IEC/IEEE|ИСО|GUIDE ISO/CEI|IWA|AWI IWA|HL7)( |/|)\
        (DIS|CD|CD TS|DTR|TS|Guide|FDIS|PDTR|R|PRF TR|NWIP|)( |)[0-9]{1,6}(-[0-9A-Z]{1,4}|/[0-9]| — 2){0,2}(\\.[0-9]|)( |)\
        (:20[0-9]{2}|-19[5-9][0-9]|)( Ed 2| ED1|)(/Amd 1| DAM 2|/CD Cor [0-9]\\.2|/pDCOR\\.3:2010|/Add|/Foo 1|){0,2}(\\(E\\)|\\(en,fr\\)|)";

    /// Spellings of Chinese numbers, most of them sound.
    const NATIONAL: &str = "(GB|gb|ＧＢ)(/T|T| / Z|／Ｔ|)( |)[0-9]{1,5}(\\.[0-9]{1,3}){0,2}( |)([-—–－](20[0-9]{2}|8[0-9]|1999)|)\
        (/XG[1-9](-2019|)|)|20[0-9]{6}[-—][TQZX][-—][0-9]{3}|TC ?260[-—](TR-|PG-|)[0-9]{3,6}[A-Z]?(-2026|)";

    /// So few things that two of them are often one.
    const FEW: &str = "(ISO/IEC|ISO)( TS| DIS|) 2(-[12])?(:2013|:2022)?(/Amd 1|/DAM 1)?(:2024)?";

    fn spelling() -> impl Strategy<Value = String> {
        prop_oneof![1 => "\\PC{0,40}", 1 => "[A-Zİi̇ß/ .:—0-9-]{0,30}", 4 => INTERNATIONAL, 4 => NATIONAL]
    }

    fn parse(text: &str) -> Reference {
        Reference::parse(text).unwrap()
    }

    #[test]
    fn a_stem_survives_every_stage() {
        let stages = [
            "ISO/IEC AWI 27706",
            "ISO/IEC CD 27706",
            "ISO/IEC DIS 27706",
            "ISO/IEC DIS 27706.2",
            "ISO/IEC FDIS 27706",
            "ISO/IEC 27706",
            "ISO/IEC 27706:2025",
        ];
        assert!(stages.iter().all(|text| parse(text).stem() == "ISO/IEC 27706"));
        let amendment =
            ["ISO/IEC 18014-1:2008/CD Amd 1", "ISO/IEC 18014-1:2008/DAM 1", "ISO/IEC 18014-1:2008/Amd 1:2025"];
        assert!(amendment.iter().all(|text| parse(text).stem() == "ISO/IEC 18014-1/Amd 1"));
        assert_eq!(parse("GB/T 39204—2022").stem(), "GB/T 39204");
        assert_eq!(parse("20230259-T-469").stem(), "20230259-T-469");
        assert_eq!(parse("ISO/IEC Guide 2:2004").stem(), "ISO/IEC Guide 2");
        assert_eq!(parse("IWA 36:2023").stem(), "IWA 36");
        assert_eq!(parse("TC260-TR-001-2026").stem(), "TC260-TR-001");
    }

    #[test]
    fn a_project_that_changes_its_kind_keeps_its_stem() {
        assert_eq!(parse("ISO/IEC CD TR 27103").stem(), parse("ISO/IEC CD TS 27103").stem());
        assert_ne!(parse("ISO Guide 73").stem(), parse("ISO 73").stem());
    }

    #[test]
    fn numbers_that_begin_alike_are_different_things() {
        assert!(!parse("ISO/IEC 27035").covers(&parse("ISO/IEC 27035-4")));
        assert!(!parse("ISO/IEC 2703").covers(&parse("ISO/IEC 27035")));
        assert!(!parse("ISO/IEC 27035-1").covers(&parse("ISO/IEC 27035-11")));
        assert!(!parse("GB/T 3920").covers(&parse("GB/T 39204-2022")));
        assert!(!parse("GB 39204").covers(&parse("GB/T 39204-2022")));
        assert!(!parse("GB/T 35552").covers(&parse("GB/T 35552.2-2026")));
    }

    #[test]
    fn what_a_subscriber_wrote_covers_every_stage_of_it() {
        let wanted = parse("iso/iec 27035-4");
        for printed in ["ISO/IEC AWI 27035-4", "ISO/IEC DIS 27035-4.2", "ISO/IEC 27035-4:2024"] {
            assert!(wanted.covers(&parse(printed)), "{printed}");
        }
        assert!(parse("ISO 27001").covers(&parse("ISO/IEC 27001:2022")));
        assert!(!parse("ISO/IEC 27001").covers(&parse("ISO 27001:2022")));
        assert!(parse("GBT 39204").covers(&parse("GB/T 39204—2022")));
        assert!(parse("20230259-t-469").covers(&parse("20230259-T-469")));
        assert!(!parse("ISO 39204").covers(&parse("GB/T 39204-2022")));
    }

    #[test]
    fn a_year_of_the_subscriber_excludes_other_years_but_no_draft() {
        let wanted = parse("ISO/IEC 27001:2022");
        assert!(wanted.covers(&parse("ISO/IEC 27001:2022")));
        assert!(wanted.covers(&parse("ISO/IEC FDIS 27001")));
        assert!(!wanted.covers(&parse("ISO/IEC 27001:2013")));
        assert!(!parse("GB/T 1.1-2020").covers(&parse("GB/T 1.1-2009")));
        assert!(parse("GB/T 1.1").covers(&parse("GB/T 1.1-2009")));
    }

    #[test]
    fn amendments_are_not_covered_but_known_as_supplements() {
        let wanted = parse("ISO/IEC 27001:2022");
        let amendment = parse("ISO/IEC 27001:2022/DAM 1");
        assert!(!wanted.covers(&amendment));
        assert!(amendment.is_supplement_of(&wanted));
        assert!(amendment.is_supplement_of(&parse("ISO 27001")));
        assert!(!amendment.is_supplement_of(&parse("ISO/IEC 27001:2013")));
        assert!(!wanted.is_supplement_of(&wanted));
        assert!(!wanted.is_supplement_of(&amendment));
        let corrigendum = parse("ISO/IEC 13818-1:2015/Amd 3:2016/Cor 1:2017");
        assert!(corrigendum.is_supplement_of(&parse("ISO/IEC 13818-1:2015/Amd 3")));
        assert!(corrigendum.is_supplement_of(&parse("ISO/IEC 13818-1")));
        assert!(parse("GB 5009.1-2016/XG1-2019").is_supplement_of(&parse("GB 5009.1")));
        assert!(!parse("GB 5009.1-2016/XG1-2019").is_supplement_of(&parse("GB 5009.1-2010")));
    }

    #[test]
    fn parts_are_known_by_the_whole() {
        assert!(parse("ISO/IEC DIS 27035-4").is_part_of(&parse("ISO/IEC 27035")));
        assert!(parse("ISO/IEC TR 29110-5-1-1").is_part_of(&parse("ISO/IEC 29110-5")));
        assert!(!parse("ISO/IEC 27035-4").is_part_of(&parse("ISO/IEC 27035-4")));
        assert!(!parse("ISO/IEC 27035-4").is_part_of(&parse("ISO/IEC 27035:2011")));
        assert!(parse("GB/T 35552.2-2026").is_part_of(&parse("GB/T 35552")));
    }

    #[test]
    fn two_spellings_and_two_stages_mean_one_thing_two_years_do_not() {
        assert!(parse("ISO/IEC PDTR 24718").same_thing(&parse("ISO/IEC TR 24718")));
        assert!(parse("GB/T9832—2026").same_thing(&parse("GBT 9832-2026")));
        assert!(!parse("ISO/IEC 27001:2013").same_thing(&parse("ISO/IEC 27001:2022")));
        assert!(!parse("ISO/IEC 27001:2013/Cor 1").same_thing(&parse("ISO/IEC 27001:2022/Cor 1")));
        assert!(!parse("ISO/IEC 27001:2013/Amd 1").same_thing(&parse("ISO/IEC 27001:2013/Cor 1")));
        assert!(!parse("GB 5009.1-2016/XG1").same_thing(&parse("GB 5009.1-2010/XG1")));
        assert!(!parse("GB/T 39204").same_thing(&parse("ISO 39204")));
    }

    #[test]
    fn a_reference_says_what_it_names() {
        let said = |text| {
            let reference = parse(text);
            let label = reference.stage_label().unwrap_or("-");
            let year = reference.year().map_or("-".to_owned(), |year| year.to_string());
            format!("{} {label} {} {year}", reference.publisher(), reference.deliverable().as_str())
        };
        assert_eq!(said("ISO/IEC CD TS 20540"), "ISO/IEC CD TS -");
        assert_eq!(said("ISO/IEC DTS 27103"), "ISO/IEC DTS TS -");
        assert_eq!(said("ISO/IEC 27001:2022"), "ISO/IEC - IS 2022");
        assert_eq!(said("ISO/IEC 27001:2022/FDAM 1"), "ISO/IEC FDAM Amd -");
        assert_eq!(said("ISO/IEC 27001:2022/Amd 1:2024"), "ISO/IEC - Amd 2024");
        assert_eq!(said("GB/Z 185.1—2026"), "SAC - GB/Z 2026");
        assert_eq!(said("20263116-Q-252"), "SAC - GB -");
        assert_eq!(said("TC260-PG-202510A"), "SAC/TC 260 - TC260-PG 2025");
        assert_eq!(said("TC260-003"), "SAC/TC 260 - TC260-TR -");
        assert!(parse("20100474-Z-469").is_plan() && !parse("20100474-Z-469").is_gb());
        assert!(parse("GB 45438-2025").is_gb() && parse("ISO 1").is_international());
        assert!(parse("Withdrawn 1701/Add 1").is_stub() && !parse("ISO 1701/Add 1").is_stub());
    }

    #[test]
    fn every_form_of_a_chinese_number_is_read() {
        for (text, normal) in [
            ("GB/T 39204—2022", "GB/T 39204-2022"),
            ("GB／T　３９２０４－２０２２", "GB/T 39204-2022"),
            ("GBT 9832-2026", "GB/T 9832-2026"),
            ("GB/T9832-2026", "GB/T 9832-2026"),
            ("GB T 9832-2026", "GB/T 9832-2026"),
            ("gb / t 9832 – 2026", "GB/T 9832-2026"),
            ("GB/T 35552.2", "GB/T 35552.2"),
            ("GB 45438-2025", "GB 45438-2025"),
            ("GB 8566-88", "GB 8566-1988"),
            ("GB/Z 185.1-2026", "GB/Z 185.1-2026"),
            ("２０２３０２５９－Ｔ－４６９", "20230259-T-469"),
            ("TC260-TR-001-2026", "TC260-TR-001-2026"),
            ("tc260-003", "TC260-003"),
            ("TC260—PG—20211A", "TC260-PG-20211A"),
        ] {
            assert_eq!(parse(text).to_string(), normal, "{text}");
            assert_eq!(normal_form(text), normal);
        }
    }

    #[test]
    fn texts_that_are_no_reference_still_have_a_form_to_match() {
        assert_eq!(normal_form("GB/T　ＮＮＮＮＮ — ＹＹＹＹ"), "GB/T NNNNN-YYYY");
        assert_eq!(normal_form("  网络安全技术 –  术语 "), "网络安全技术-术语");
        assert_eq!(normal_form("网安秘字〔２０２６〕119号"), "网安秘字〔2026〕119号");
    }

    proptest! {
        #[test]
        fn any_text_that_is_read_prints_a_text_that_is_read_the_same(text in spelling()) {
            if let Some(reference) = Reference::parse(&text) {
                let printed = reference.to_string();
                prop_assert_eq!(Reference::parse(&printed).map(|again| again.to_string()), Some(printed.clone()));
                prop_assert!(Reference::parse(&printed).unwrap().same_thing(&reference));
                prop_assert!(Reference::parse(&reference.stem()).is_some());
                let _ = (reference.stage_label(), reference.year(), reference.deliverable(), reference.publisher());
            }
        }

        #[test]
        fn a_normal_form_is_its_own_normal_form(text in spelling()) {
            let normal = normal_form(&text);
            prop_assert_eq!(normal_form(&normal), normal);
        }

        #[test]
        fn same_thing_does_not_ask_who_goes_first(one in FEW, another in FEW) {
            if let (Some(one), Some(another)) = (Reference::parse(&one), Reference::parse(&another)) {
                prop_assert_eq!(one.same_thing(&another), another.same_thing(&one));
            }
        }
    }
}
