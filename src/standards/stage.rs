//! Where a project stands, in the codes of its own body: the harmonized stage codes of ISO (ISO Guide 69, the matrix
//! of iso.org) and the stages of GB/T 16733. Not how pages word them: that is for the formats.

use std::cmp::Ordering;
use std::fmt;

use super::project::Standing;

/// What usually comes next, where a project stands on the way, and the nearest stage of the other body.
mod course;
/// The short words of alerts.
mod labels;
/// The matrix itself, and what the bodies call its stages.
mod names;
/// The digits of rows, columns and stages.
mod numbers;

/// Whose codes they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scheme {
    /// International harmonized stage codes, `SS.ss`.
    Iso,
    /// GB/T 16733, `SS`.
    Gb,
}

/// A stage in the codes of one body. Codes of different schemes are never compared by order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StageCode {
    /// A harmonized stage code.
    Iso(HarmonizedCode),
    /// A stage of GB/T 16733.
    Gb(GbStage),
}

/// A harmonized stage code that exists in the matrix; ordered as the matrix is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HarmonizedCode {
    stage: Stage,
    substage: Substage,
}

/// The rows of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// 00.
    Preliminary,
    /// 10.
    Proposal,
    /// 20.
    Preparatory,
    /// 30.
    Committee,
    /// 40.
    Enquiry,
    /// 50.
    Approval,
    /// 60.
    Publication,
    /// 90.
    Review,
    /// 95.
    Withdrawal,
}

/// The columns of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Substage {
    /// 00.
    Registration,
    /// 20: start of main action.
    Start,
    /// 60: completion of main action.
    Completion,
    /// 92: repeat an earlier phase.
    RepeatEarlier,
    /// 93: repeat the current phase.
    RepeatCurrent,
    /// 98: abandon.
    Abandon,
    /// 99: proceed.
    Proceed,
}

/// The stages of GB/T 16733, and the end that has no number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GbStage {
    /// 00 预阶段.
    Preliminary,
    /// 10 立项.
    Proposal,
    /// 20 起草.
    Drafting,
    /// 30 征求意见.
    PublicConsultation,
    /// 40 审查.
    Review,
    /// 50 批准.
    Approval,
    /// 60 出版.
    Published,
    /// 90 复审.
    PeriodicReview,
    /// 95 废止.
    Withdrawn,
    /// 终止: a plan that was given up; GB/T 16733 has no number for it, so its code is the word `terminated`.
    Terminated,
}

impl StageCode {
    /// Every code of a scheme, in the order of the body.
    pub fn all(scheme: Scheme) -> Vec<StageCode> {
        match scheme {
            Scheme::Iso => HarmonizedCode::all().map(StageCode::Iso).collect(),
            Scheme::Gb => GbStage::ALL.into_iter().map(StageCode::Gb).collect(),
        }
    }

    /// The scheme of the code.
    pub fn scheme(self) -> Scheme {
        match self {
            StageCode::Iso(_) => Scheme::Iso,
            StageCode::Gb(_) => Scheme::Gb,
        }
    }

    /// Reads what [`fmt::Display`] prints: `40.20` for ISO, `30` or `terminated` for GB; `None` for a code that the scheme does
    /// not have.
    pub fn parse(scheme: Scheme, text: &str) -> Option<StageCode> {
        match scheme {
            Scheme::Iso => HarmonizedCode::parse(text).map(StageCode::Iso),
            Scheme::Gb => GbStage::parse(text).map(StageCode::Gb),
        }
    }

    /// The status that the code implies; a page that prints a status of its own knows better.
    ///
    /// ISO makes no difference between published and in force: a standard is in force from 60.60 to the end of a withdrawal
    /// (95.99). GB 60 is published only, because the day of entry into force is another one.
    pub fn standing(self) -> Standing {
        if self.is_cancelled() {
            return Standing::Cancelled;
        }
        if self.is_withdrawn() {
            return Standing::Withdrawn;
        }
        match self {
            StageCode::Iso(code) if code < HarmonizedCode::PUBLISHED => Standing::UnderDevelopment,
            StageCode::Iso(_) | StageCode::Gb(GbStage::PeriodicReview) => Standing::InForce,
            StageCode::Gb(GbStage::Published) => Standing::Published,
            StageCode::Gb(_) => Standing::UnderDevelopment,
        }
    }

    /// Whether the project was given up: x.98, 终止. Not final at ISO: projects have come back from there.
    pub fn is_cancelled(self) -> bool {
        match self {
            StageCode::Iso(code) => code.substage == Substage::Abandon,
            StageCode::Gb(stage) => stage == GbStage::Terminated,
        }
    }

    /// Whether it is the stage of publication itself: 60.60, GB 60. Reviews come later, and 60.00 is not there yet.
    pub fn is_published(self) -> bool {
        match self {
            StageCode::Iso(code) => code == HarmonizedCode::PUBLISHED,
            StageCode::Gb(stage) => stage == GbStage::Published,
        }
    }

    /// Whether the document was withdrawn: 95.99, GB 95. The steps of a withdrawal before that withdraw nothing.
    pub fn is_withdrawn(self) -> bool {
        match self {
            StageCode::Iso(code) => code == HarmonizedCode::WITHDRAWN,
            StageCode::Gb(stage) => stage == GbStage::Withdrawn,
        }
    }
}

impl PartialOrd for StageCode {
    /// The order of the matrix; none between two schemes, and none between 终止 and any other stage of GB.
    fn partial_cmp(&self, other: &StageCode) -> Option<Ordering> {
        match (self, other) {
            (StageCode::Iso(one), StageCode::Iso(another)) => Some(one.cmp(another)),
            (StageCode::Gb(one), StageCode::Gb(another)) => {
                let is_ordered = one == another || ![one, another].contains(&&GbStage::Terminated);
                is_ordered.then(|| one.cmp(another))
            }
            (StageCode::Iso(_), StageCode::Gb(_)) | (StageCode::Gb(_), StageCode::Iso(_)) => None,
        }
    }
}

impl Scheme {
    /// `iso` or `gb`.
    pub fn as_str(self) -> &'static str {
        match self {
            Scheme::Iso => "iso",
            Scheme::Gb => "gb",
        }
    }

    /// Reads what [`Scheme::as_str`] writes.
    pub fn parse(text: &str) -> Option<Scheme> {
        match text {
            "iso" => Some(Scheme::Iso),
            "gb" => Some(Scheme::Gb),
            _ => None,
        }
    }
}

impl HarmonizedCode {
    /// 60.60, from which on there is a document to buy.
    pub const PUBLISHED: HarmonizedCode = HarmonizedCode { stage: Stage::Publication, substage: Substage::Completion };

    /// 95.99.
    pub const WITHDRAWN: HarmonizedCode = HarmonizedCode { stage: Stage::Withdrawal, substage: Substage::Proceed };

    /// The pair, where the matrix has it.
    pub fn new(stage: Stage, substage: Substage) -> Option<HarmonizedCode> {
        let code = HarmonizedCode { stage, substage };
        names::of(code).map(|_| code)
    }

    /// Every code, in the order of the matrix.
    pub fn all() -> impl Iterator<Item = HarmonizedCode> {
        names::MATRIX.iter().map(|cell| cell.code)
    }

    /// Reads `40.20`: two digits, a dot, two digits.
    pub fn parse(text: &str) -> Option<HarmonizedCode> {
        let (stage, substage) = text.split_once('.')?;
        HarmonizedCode::new(Stage::from_number(two_digits(stage)?)?, Substage::from_number(two_digits(substage)?)?)
    }

    /// The code of an integer without point and leading zeros, as ISO's open data has it: 98 is 00.98, 2098 is 20.98.
    pub fn from_number(number: u32) -> Option<HarmonizedCode> {
        let stage = u8::try_from(number / 100).ok()?;
        let substage = u8::try_from(number % 100).ok()?;
        HarmonizedCode::new(Stage::from_number(stage)?, Substage::from_number(substage)?)
    }

    /// The row.
    pub fn stage(self) -> Stage {
        self.stage
    }

    /// The column.
    pub fn substage(self) -> Substage {
        self.substage
    }
}

impl fmt::Display for StageCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StageCode::Iso(code) => code.fmt(out),
            StageCode::Gb(stage) => out.write_str(stage.code()),
        }
    }
}

impl fmt::Display for HarmonizedCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:02}.{:02}", self.stage.number(), self.substage.number())
    }
}

fn two_digits(text: &str) -> Option<u8> {
    let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn iso(text: &str) -> StageCode {
        StageCode::parse(Scheme::Iso, text).unwrap()
    }

    fn gb(text: &str) -> StageCode {
        StageCode::parse(Scheme::Gb, text).unwrap()
    }

    #[test]
    fn the_matrix_has_the_46_codes_of_iso_in_order() {
        let printed: Vec<String> = HarmonizedCode::all().map(|code| code.to_string()).collect();
        let expected = "00.00 00.20 00.60 00.98 00.99 10.00 10.20 10.60 10.92 10.98 10.99 20.00 20.20 20.60 20.98 20.99 \
             30.00 30.20 30.60 30.92 30.98 30.99 40.00 40.20 40.60 40.92 40.93 40.98 40.99 \
             50.00 50.20 50.60 50.92 50.98 50.99 60.00 60.60 90.20 90.60 90.92 90.93 90.99 95.20 95.60 95.92 95.99";
        assert_eq!(printed.join(" "), expected);
        let mut sorted: Vec<HarmonizedCode> = HarmonizedCode::all().collect();
        sorted.sort();
        assert!(sorted.into_iter().eq(HarmonizedCode::all()));
    }

    #[test]
    fn a_pair_outside_the_matrix_is_no_code() {
        let pairs = Stage::ALL.len() * Substage::ALL.len();
        let n_codes = Stage::ALL
            .into_iter()
            .flat_map(|stage| Substage::ALL.into_iter().map(move |substage| HarmonizedCode::new(stage, substage)))
            .flatten()
            .count();
        assert_eq!((pairs, n_codes), (63, 46));
        for text in
            ["60.20", "60.99", "90.00", "95.98", "20.92", "30.93", "29.00", "4020", "40.2", "40.200", "+4.20", ""]
        {
            assert_eq!(StageCode::parse(Scheme::Iso, text), None, "{text}");
        }
    }

    #[test]
    fn every_code_is_read_back_in_its_own_scheme_only() {
        for scheme in [Scheme::Iso, Scheme::Gb] {
            for code in StageCode::all(scheme) {
                let other = if scheme == Scheme::Iso { Scheme::Gb } else { Scheme::Iso };
                assert_eq!(StageCode::parse(scheme, &code.to_string()), Some(code));
                assert_eq!(StageCode::parse(other, &code.to_string()), None);
                assert_eq!(code.scheme(), scheme);
                assert_eq!(Scheme::parse(scheme.as_str()), Some(scheme));
            }
        }
        assert_eq!(StageCode::all(Scheme::Gb).len(), 10);
    }

    #[test]
    fn the_integers_of_open_data_lose_no_leading_zero() {
        let read = |number| HarmonizedCode::from_number(number).map(|code| code.to_string());
        assert_eq!(read(98).as_deref(), Some("00.98"));
        assert_eq!(read(0).as_deref(), Some("00.00"));
        assert_eq!(read(2098).as_deref(), Some("20.98"));
        assert_eq!(read(6060).as_deref(), Some("60.60"));
        assert_eq!(read(9), None);
        assert_eq!(read(26_460), None);
        assert_eq!(read(u32::MAX), None);
        for code in HarmonizedCode::all() {
            let number = u32::from(code.stage().number()) * 100 + u32::from(code.substage().number());
            assert_eq!(HarmonizedCode::from_number(number), Some(code));
        }
    }

    #[test]
    fn a_code_implies_the_status_that_the_page_prints() {
        for code in StageCode::all(Scheme::Iso) {
            let text = code.to_string();
            let expected = match text.as_str() {
                _ if text.ends_with(".98") => Standing::Cancelled,
                "95.99" => Standing::Withdrawn,
                _ if text.as_str() >= "60.60" => Standing::InForce,
                _ => Standing::UnderDevelopment,
            };
            assert_eq!(code.standing(), expected, "{text}");
        }
        assert_eq!(gb("60").standing(), Standing::Published);
        assert_eq!(gb("90").standing(), Standing::InForce);
        assert_eq!(gb("95").standing(), Standing::Withdrawn);
        assert_eq!(gb("terminated").standing(), Standing::Cancelled);
        assert_eq!(gb("30").standing(), Standing::UnderDevelopment);
    }

    #[test]
    fn publication_is_one_stage_and_no_longer() {
        for scheme in [Scheme::Iso, Scheme::Gb] {
            let published: Vec<String> = StageCode::all(scheme)
                .into_iter()
                .filter(|code| code.is_published())
                .map(|code| code.to_string())
                .collect();
            assert_eq!(published, [if scheme == Scheme::Iso { "60.60" } else { "60" }]);
        }
    }

    #[test]
    fn codes_are_ordered_within_one_scheme_only() {
        assert!(iso("40.99") < iso("50.00"));
        assert!(iso("60.00") < iso("60.60"));
        assert!(gb("20") < gb("30"));
        assert_eq!(iso("30.00").partial_cmp(&gb("30")), None);
        assert_eq!(gb("terminated").partial_cmp(&gb("20")), None);
        assert_eq!(gb("20").partial_cmp(&gb("terminated")), None);
        assert_eq!(gb("terminated").partial_cmp(&gb("terminated")), Some(Ordering::Equal));
    }

    proptest! {
        #[test]
        fn any_text_is_a_code_that_prints_the_same_or_none(text in "\\PC{0,12}|[0-9]{2}[.][0-9]{2}") {
            for scheme in [Scheme::Iso, Scheme::Gb] {
                if let Some(code) = StageCode::parse(scheme, &text) {
                    prop_assert_eq!(code.to_string(), text.clone());
                }
            }
        }

        #[test]
        fn any_number_is_the_code_it_spells_or_none(number: u32) {
            if let Some(code) = HarmonizedCode::from_number(number) {
                prop_assert_eq!(code.to_string().replace('.', "").parse::<u32>().unwrap(), number);
            }
        }
    }
}
