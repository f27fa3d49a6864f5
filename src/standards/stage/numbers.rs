//! The digits of rows, columns and stages, both ways. Which pairs of digits are a code is said by the matrix in `names`.

use super::{GbStage, Stage, Substage};

impl Stage {
    /// The rows from top to bottom.
    pub const ALL: [Stage; 9] = [
        Stage::Preliminary,
        Stage::Proposal,
        Stage::Preparatory,
        Stage::Committee,
        Stage::Enquiry,
        Stage::Approval,
        Stage::Publication,
        Stage::Review,
        Stage::Withdrawal,
    ];

    /// The two digits before the point.
    pub fn number(self) -> u8 {
        match self {
            Stage::Preliminary => 0,
            Stage::Proposal => 10,
            Stage::Preparatory => 20,
            Stage::Committee => 30,
            Stage::Enquiry => 40,
            Stage::Approval => 50,
            Stage::Publication => 60,
            Stage::Review => 90,
            Stage::Withdrawal => 95,
        }
    }

    /// The row of a number; `None` for a number that starts none.
    pub fn from_number(number: u8) -> Option<Stage> {
        Stage::ALL.into_iter().find(|stage| stage.number() == number)
    }
}

impl Substage {
    /// The columns from left to right.
    pub const ALL: [Substage; 7] = [
        Substage::Registration,
        Substage::Start,
        Substage::Completion,
        Substage::RepeatEarlier,
        Substage::RepeatCurrent,
        Substage::Abandon,
        Substage::Proceed,
    ];

    /// The two digits after the point.
    pub fn number(self) -> u8 {
        match self {
            Substage::Registration => 0,
            Substage::Start => 20,
            Substage::Completion => 60,
            Substage::RepeatEarlier => 92,
            Substage::RepeatCurrent => 93,
            Substage::Abandon => 98,
            Substage::Proceed => 99,
        }
    }

    /// The column of a number; `None` for a number that heads none.
    pub fn from_number(number: u8) -> Option<Substage> {
        Substage::ALL.into_iter().find(|substage| substage.number() == number)
    }
}

impl GbStage {
    /// The stages in the order of GB/T 16733; 终止 comes after them all.
    pub const ALL: [GbStage; 10] = [
        GbStage::Preliminary,
        GbStage::Proposal,
        GbStage::Drafting,
        GbStage::PublicConsultation,
        GbStage::Review,
        GbStage::Approval,
        GbStage::Published,
        GbStage::PeriodicReview,
        GbStage::Withdrawn,
        GbStage::Terminated,
    ];

    /// The two digits, or `terminated`.
    pub fn code(self) -> &'static str {
        match self {
            GbStage::Preliminary => "00",
            GbStage::Proposal => "10",
            GbStage::Drafting => "20",
            GbStage::PublicConsultation => "30",
            GbStage::Review => "40",
            GbStage::Approval => "50",
            GbStage::Published => "60",
            GbStage::PeriodicReview => "90",
            GbStage::Withdrawn => "95",
            GbStage::Terminated => "terminated",
        }
    }

    /// Reads what [`GbStage::code`] writes.
    pub fn parse(text: &str) -> Option<GbStage> {
        GbStage::ALL.into_iter().find(|stage| stage.code() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_rise_with_the_order_and_are_read_back() {
        assert!(Stage::ALL.windows(2).all(|pair| pair[0] < pair[1] && pair[0].number() < pair[1].number()));
        assert!(Substage::ALL.windows(2).all(|pair| pair[0] < pair[1] && pair[0].number() < pair[1].number()));
        assert!(GbStage::ALL.windows(2).all(|pair| pair[0] < pair[1] && pair[0].code() < pair[1].code()));
        for number in 0..=u8::MAX {
            assert!(Stage::from_number(number).is_none_or(|stage| stage.number() == number));
            assert!(Substage::from_number(number).is_none_or(|substage| substage.number() == number));
        }
        assert_eq!((0..=u8::MAX).filter_map(Stage::from_number).count(), Stage::ALL.len());
        assert_eq!((0..=u8::MAX).filter_map(Substage::from_number).count(), Substage::ALL.len());
        assert!(GbStage::ALL.into_iter().all(|stage| GbStage::parse(stage.code()) == Some(stage)));
    }
}
