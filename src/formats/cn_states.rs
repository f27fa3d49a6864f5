//! The words in which Chinese sites print stages of GB/T 16733 and states of published standards, with what they mean.
//! Not a guesser: a text that is not here stays as printed, without a code, and is a defect.

use super::reading::{collapsed, defect};
use crate::standards::programme::Defect;
use crate::standards::project::{PrintedStage, Project, Standing};
use crate::standards::stage::{GbStage, StageCode};

/// Plan texts of std.samr.gov.cn first, then states of standards, then the draft names and stage names of GB/T 16733.
///
/// Note: the draft name of stage 60 is 国家标准, and it is left out on purpose: the sites print 国家标准 as a badge beside the
/// state of every national standard, withdrawn ones included.
const VOCABULARY: &[(&str, GbStage, Standing)] = &[
    ("公示", GbStage::Proposal, Standing::UnderDevelopment),
    ("下达", GbStage::Proposal, Standing::UnderDevelopment),
    ("正在起草", GbStage::Drafting, Standing::UnderDevelopment),
    ("正在征求意见", GbStage::PublicConsultation, Standing::UnderDevelopment),
    ("正在审查", GbStage::Review, Standing::UnderDevelopment),
    ("正在批准", GbStage::Approval, Standing::UnderDevelopment),
    ("已发布", GbStage::Published, Standing::Published),
    ("已终止", GbStage::Terminated, Standing::Cancelled),
    ("终止", GbStage::Terminated, Standing::Cancelled),
    ("即将实施", GbStage::Published, Standing::Published),
    ("现行", GbStage::Published, Standing::InForce),
    ("暂不实施", GbStage::Published, Standing::OnHold),
    ("废止", GbStage::Withdrawn, Standing::Withdrawn),
    ("被代替", GbStage::Withdrawn, Standing::Withdrawn),
    ("新工作项目建议", GbStage::Preliminary, Standing::UnderDevelopment),
    ("新工作项目", GbStage::Proposal, Standing::UnderDevelopment),
    ("标准草案", GbStage::Drafting, Standing::UnderDevelopment),
    ("工作组讨论稿", GbStage::Drafting, Standing::UnderDevelopment),
    ("征求意见稿", GbStage::PublicConsultation, Standing::UnderDevelopment),
    ("送审稿", GbStage::Review, Standing::UnderDevelopment),
    ("报批稿", GbStage::Approval, Standing::UnderDevelopment),
    ("预阶段", GbStage::Preliminary, Standing::UnderDevelopment),
    ("立项", GbStage::Proposal, Standing::UnderDevelopment),
    ("起草", GbStage::Drafting, Standing::UnderDevelopment),
    ("征求意见", GbStage::PublicConsultation, Standing::UnderDevelopment),
    ("审查", GbStage::Review, Standing::UnderDevelopment),
    ("批准", GbStage::Approval, Standing::UnderDevelopment),
    ("出版", GbStage::Published, Standing::Published),
    ("复审", GbStage::PeriodicReview, Standing::InForce),
];

/// What a printed text means; `None` for a text that the vocabulary does not have.
pub(super) fn meaning_of(printed: &str) -> Option<(StageCode, Standing)> {
    VOCABULARY
        .iter()
        .find(|(text, _, _)| *text == printed)
        .map(|(_, stage, standing)| (StageCode::Gb(*stage), *standing))
}

/// Writes the printed text into the project, with code and status where the vocabulary has it, and with a defect where not.
pub(super) fn put_state(project: &mut Project, printed: &str, defects: &mut Vec<Defect>) {
    let printed = collapsed(printed);
    let meaning = meaning_of(&printed);
    if meaning.is_none() {
        defects.push(defect("unknown stage text", &printed));
    }
    project.standing = meaning.map(|(_, standing)| standing);
    project.stage = Some(PrintedStage { printed, code: meaning.map(|(code, _)| code) });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standards::project::ProjectId;

    fn project_in(printed: &str) -> (Project, Vec<Defect>) {
        let mut project = Project::new(ProjectId::Sac("20990001-T-469".into()), "20990001-T-469");
        let mut defects = Vec::new();
        put_state(&mut project, printed, &mut defects);
        (project, defects)
    }

    #[test]
    fn every_text_that_was_seen_on_a_page_has_its_stage_and_status() {
        for (printed, stage, standing) in [
            ("正在起草", GbStage::Drafting, Standing::UnderDevelopment),
            ("正在征求意见", GbStage::PublicConsultation, Standing::UnderDevelopment),
            ("正在审查", GbStage::Review, Standing::UnderDevelopment),
            ("正在批准", GbStage::Approval, Standing::UnderDevelopment),
            ("已发布", GbStage::Published, Standing::Published),
            ("已终止", GbStage::Terminated, Standing::Cancelled),
            ("即将实施", GbStage::Published, Standing::Published),
            ("现行", GbStage::Published, Standing::InForce),
            ("暂不实施", GbStage::Published, Standing::OnHold),
            ("征求意见稿", GbStage::PublicConsultation, Standing::UnderDevelopment),
            ("送审稿", GbStage::Review, Standing::UnderDevelopment),
            ("报批稿", GbStage::Approval, Standing::UnderDevelopment),
        ] {
            assert_eq!(meaning_of(printed), Some((StageCode::Gb(stage), standing)), "{printed}");
        }
    }

    #[test]
    fn withdrawn_and_superseded_are_one_class_so_that_a_change_of_wording_is_no_move() {
        assert_eq!(meaning_of("废止"), meaning_of("被代替"));
        assert_eq!(meaning_of("废止"), Some((StageCode::Gb(GbStage::Withdrawn), Standing::Withdrawn)));
    }

    #[test]
    fn a_text_that_nobody_explained_is_kept_and_never_mapped() {
        for printed in ["暂缓", "制定中", "国家标准", "推荐性", "采", "正在", "正在批准中"] {
            let (project, defects) = project_in(printed);
            assert_eq!(project.stage, Some(PrintedStage { printed: printed.into(), code: None }));
            assert_eq!(project.standing, None);
            assert_eq!(defects[0].what, "unknown stage text");
            assert_eq!(defects[0].text, printed);
        }
    }

    #[test]
    fn no_text_stands_twice_in_the_vocabulary() {
        let texts: std::collections::BTreeSet<_> = VOCABULARY.iter().map(|row| row.0).collect();
        assert_eq!(texts.len(), VOCABULARY.len());
    }
}
