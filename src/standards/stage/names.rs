//! The matrix of harmonized stage codes with the wording of ISO (newest first known: 2025) and ours in Chinese, and the
//! stages as GB/T 16733 names them. Names change at ISO without any move: never compare them, compare codes.

use super::{GbStage, HarmonizedCode, Stage, StageCode, Substage};
use crate::standards::language::Language;

/// A cell of the matrix that is in use.
pub(super) struct Cell {
    /// Where it is.
    pub(super) code: HarmonizedCode,
    english: &'static str,
    chinese: &'static str,
}

/// The matrix, row by row.
pub(super) const MATRIX: [Cell; 46] = {
    use Stage::{Approval, Committee, Enquiry, Preliminary, Preparatory, Proposal, Publication, Review, Withdrawal};
    use Substage::{Abandon, Completion, Proceed, Registration, RepeatCurrent, RepeatEarlier, Start};
    [
        cell(Preliminary, Registration, "Proposal for new project received", "收到新工作项目建议"),
        cell(Preliminary, Start, "Proposal for new project under review", "新工作项目建议评审中"),
        cell(Preliminary, Completion, "Close of review", "评审结束"),
        cell(Preliminary, Abandon, "Proposal for new project abandoned", "新工作项目建议被放弃"),
        cell(Preliminary, Proceed, "Approval to ballot proposal for new project", "批准对新工作项目建议进行投票"),
        cell(Proposal, Registration, "Proposal for new project registered", "新工作项目提案登记"),
        cell(Proposal, Start, "New project ballot initiated", "新工作项目提案投票启动"),
        cell(Proposal, Completion, "Close of voting", "投票结束"),
        cell(
            Proposal,
            RepeatEarlier,
            "Proposal returned to submitter for further definition",
            "提案退回提出者进一步明确",
        ),
        cell(Proposal, Abandon, "New project rejected", "新工作项目未获批准"),
        cell(Proposal, Proceed, "New project approved", "新工作项目获得批准"),
        cell(Preparatory, Registration, "New project registered in TC/SC work programme", "新项目列入TC/SC工作计划"),
        cell(Preparatory, Start, "Working draft (WD) study initiated", "工作草案(WD)研究启动"),
        cell(Preparatory, Completion, "Close of comment period", "征求意见期结束"),
        cell(Preparatory, Abandon, "Project deleted", "项目删除"),
        cell(Preparatory, Proceed, "WD approved for registration as CD", "工作草案(WD)批准登记为委员会草案(CD)"),
        cell(Committee, Registration, "Committee draft (CD) registered", "委员会草案(CD)登记"),
        cell(Committee, Start, "CD consultation initiated", "委员会草案(CD)征求意见启动"),
        cell(Committee, Completion, "Close of comment period", "征求意见期结束"),
        cell(Committee, RepeatEarlier, "CD referred back to Working Group", "委员会草案(CD)退回工作组"),
        cell(Committee, Abandon, "Project cancelled", "项目取消"),
        cell(Committee, Proceed, "CD approved for registration as DIS", "委员会草案(CD)批准登记为国际标准草案(DIS)"),
        cell(Enquiry, Registration, "DIS registered", "国际标准草案(DIS)登记"),
        cell(Enquiry, Start, "DIS ballot initiated: 12 weeks", "国际标准草案(DIS)投票启动(12周)"),
        cell(Enquiry, Completion, "Close of voting", "投票结束"),
        cell(
            Enquiry,
            RepeatEarlier,
            "Full report circulated: DIS referred back to TC or SC",
            "完整报告已分发：DIS退回TC或SC",
        ),
        cell(
            Enquiry,
            RepeatCurrent,
            "Full report circulated: decision for new DIS ballot",
            "完整报告已分发：决定重新进行DIS投票",
        ),
        cell(Enquiry, Abandon, "Project cancelled", "项目取消"),
        cell(
            Enquiry,
            Proceed,
            "Full report circulated: DIS approved for registration as FDIS",
            "完整报告已分发：DIS批准登记为最终国际标准草案(FDIS)",
        ),
        cell(
            Approval,
            Registration,
            "Final text received or FDIS registered for formal approval",
            "收到最终文本，或最终国际标准草案(FDIS)登记待正式批准",
        ),
        cell(
            Approval,
            Start,
            "Proof sent to secretariat or FDIS ballot initiated: 8 weeks",
            "校样送交秘书处，或FDIS投票启动(8周)",
        ),
        cell(Approval, Completion, "Close of voting. Proof returned by secretariat", "投票结束，秘书处返回校样"),
        cell(Approval, RepeatEarlier, "FDIS or proof referred back to TC or SC", "FDIS或校样退回TC或SC"),
        cell(Approval, Abandon, "Project cancelled", "项目取消"),
        cell(Approval, Proceed, "FDIS or proof approved for publication", "FDIS或校样批准出版"),
        cell(Publication, Registration, "International Standard under publication", "国际标准出版中"),
        cell(Publication, Completion, "International Standard published", "国际标准已出版"),
        cell(Review, Start, "International Standard under systematic review", "国际标准系统复审中"),
        cell(Review, Completion, "Close of review", "复审结束"),
        cell(Review, RepeatEarlier, "International Standard to be revised", "国际标准待修订"),
        cell(Review, RepeatCurrent, "International Standard confirmed", "国际标准确认继续有效"),
        cell(Review, Proceed, "Withdrawal of International Standard proposed by TC or SC", "TC或SC提议废止国际标准"),
        cell(Withdrawal, Start, "Withdrawal ballot initiated", "废止投票启动"),
        cell(Withdrawal, Completion, "Close of voting", "投票结束"),
        cell(Withdrawal, RepeatEarlier, "Decision not to withdraw International Standard", "决定不废止国际标准"),
        cell(Withdrawal, Proceed, "Withdrawal of International Standard", "国际标准废止"),
    ]
};

impl StageCode {
    /// What the body calls the stage, in today's wording; French and Russian readers get the English name.
    pub fn name(self, language: Language) -> &'static str {
        let (english, chinese) = match self {
            // The invariant of `HarmonizedCode`: it is in the matrix.
            StageCode::Iso(code) => of(code).map_or(("", ""), |cell| (cell.english, cell.chinese)),
            StageCode::Gb(stage) => gb_names(stage),
        };
        match language {
            Language::Chinese => chinese,
            Language::English | Language::French | Language::Russian => english,
        }
    }
}

/// The cell of a code; `None` where the matrix has none.
pub(super) fn of(code: HarmonizedCode) -> Option<&'static Cell> {
    MATRIX.iter().find(|cell| cell.code == code)
}

const fn cell(stage: Stage, substage: Substage, english: &'static str, chinese: &'static str) -> Cell {
    Cell { code: HarmonizedCode { stage, substage }, english, chinese }
}

fn gb_names(stage: GbStage) -> (&'static str, &'static str) {
    match stage {
        GbStage::Preliminary => ("preliminary", "预阶段"),
        GbStage::Proposal => ("proposal / plan issued", "立项"),
        GbStage::Drafting => ("drafting", "起草"),
        GbStage::PublicConsultation => ("public consultation", "征求意见"),
        GbStage::Review => ("review / vote", "审查"),
        GbStage::Approval => ("approval", "批准"),
        GbStage::Published => ("published", "出版"),
        GbStage::PeriodicReview => ("periodic review", "复审"),
        GbStage::Withdrawn => ("withdrawn", "废止"),
        GbStage::Terminated => ("plan cancelled", "终止"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Scheme;
    use super::*;

    #[test]
    fn every_stage_has_a_name_in_both_languages_and_no_two_languages_share_it() {
        for scheme in [Scheme::Iso, Scheme::Gb] {
            for code in StageCode::all(scheme) {
                let (english, chinese) = (code.name(Language::English), code.name(Language::Chinese));
                assert!(english.is_ascii() && !english.is_empty(), "{code}");
                assert!(chinese.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter)), "{code}");
                assert_eq!(code.name(Language::French), english);
                assert_eq!(code.name(Language::Russian), english);
            }
        }
    }

    #[test]
    fn names_follow_the_newest_wording_of_the_body() {
        let name = |text| StageCode::parse(Scheme::Iso, text).unwrap().name(Language::English);
        assert_eq!(name("30.20"), "CD consultation initiated");
        assert_eq!(name("30.60"), "Close of comment period");
        assert_eq!(name("30.98"), "Project cancelled");
        assert_eq!(name("20.98"), "Project deleted");
        assert_eq!(name("90.20"), "International Standard under systematic review");
    }
}
