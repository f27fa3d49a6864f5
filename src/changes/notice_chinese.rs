//! What happened to a standard, in Chinese: the part of the sentence after its name. Not English, and not the frame around it.

use super::change::{Change, Kind, Move, Otherwise};
use super::notice_sentence::{dates, lines_that_differ, titles};
use super::notice_stage::{standpoint, standpoint_of, standpoints};
use super::notice_window::{closed_for, field_in_words, open_for, what_closes, window_shown};
use super::notice_words::{clean, day_in_words, moment_in_words, quoted, titled};
use crate::standards::language::Language;
use crate::standards::project::Project;

const CHINESE: Language = Language::Chinese;

/// `由……推进至……，自2023年5月11日起`.
pub(super) fn predicate(change: &Change) -> String {
    let project = &change.after;
    match change.kind {
        Kind::Appeared => format!("首次列出{}", at_stage(project)),
        Kind::StageMoved => stage_moved(change),
        Kind::Published => format!("已发布{}{}", day("，发布日期：", project.published), also_moved(change)),
        Kind::EnteringIntoForce => format!("即将实施{}", day("，实施日期：", project.effective)),
        Kind::InForce => format!("已实施{}{}", day("，实施日期：", project.effective), also_moved(change)),
        Kind::Withdrawn => {
            let withdrawn = day("，废止日期：", project.withdrawn);
            format!("已废止{withdrawn}{}{}", replaced(project), also_moved(change))
        }
        Kind::Retitled => match titles(change, CHINESE) {
            Some((old, new)) => format!("名称由{}变更为{}", titled(&old, CHINESE), titled(&new, CHINESE)),
            None => "名称变更".to_owned(),
        },
        Kind::Reassigned => reassigned(change),
        Kind::Redated => redated(change),
        Kind::ConsultationOpened => {
            let (opens, closes) = (project.consultation.opens, project.consultation.closes);
            format!("{}{}{}", open_for(project, CHINESE), day("，开始日期：", opens), day("，截止日期：", closes))
        }
        Kind::ConsultationClosing => {
            let what = what_closes(window_shown(project), CHINESE);
            format!("尚可参与{}", day(&format!("，{what}日期："), project.consultation.closes))
        }
        Kind::ConsultationClosed => {
            format!("{}{}", closed_for(project, CHINESE), day("，截止日期：", project.consultation.closes))
        }
        Kind::NoLongerListed => format!("不再列出{}，仅凭不再列出不能说明原因", last_shown(project)),
        Kind::ListedAgain => format!("重新列出{}", at_stage(project)),
        Kind::TextChanged => match lines_that_differ(change) {
            Some((gone, new)) => format!("页面文字有变更（删去 {gone} 行，新增 {new} 行）"),
            None => "页面文字有变更".to_owned(),
        },
        Kind::Announced => format!("已公告{}", day("，日期：", project.published)),
    }
}

/// What a source that stands nearer to the register showed instead; empty where none did.
pub(super) fn reservation(otherwise_at: &[Otherwise]) -> String {
    let told = |otherwise: &Otherwise| {
        let (source, stage) = (clean(&otherwise.source), standpoint_of(&otherwise.stage).in_words(CHINESE));
        format!("；来源“{source}”未予证实，其于 {} 显示{stage}", moment_in_words(otherwise.as_of))
    };
    otherwise_at.iter().map(told).collect()
}

fn stage_moved(change: &Change) -> String {
    let day = change.after.since.map(|day| format!("，自{}起", day_in_words(day, CHINESE))).unwrap_or_default();
    let (how, towards) = change.movement.map_or(("", "进入"), verb);
    match standpoints(change) {
        (Some(before), Some(after)) => {
            format!("{how}由{}{towards}{}{day}", before.in_words(CHINESE), after.in_words(CHINESE))
        }
        (None, Some(after)) => format!("{how}{towards}{}{day}", after.in_words(CHINESE)),
        (Some(before), None) => format!("不再显示阶段（此前：{}）", before.in_words(CHINESE)),
        (None, None) => format!("{how}阶段变更{day}"),
    }
}

/// What goes before 由, and what stands between the two stages.
fn verb(movement: Move) -> (&'static str, &'static str) {
    match movement {
        Move::Advanced => ("", "推进至"),
        Move::Skipped => ("跳过中间阶段，", "推进至"),
        Move::Repeated => ("重复本阶段，", "至"),
        Move::ReferredBack => ("", "退回至"),
        Move::Abandoned => ("已终止，", "至"),
        Move::Published => ("已发布，", "至"),
        Move::UnderReview => ("进入复审，", "至"),
        Move::Confirmed => ("经复审确认继续有效，", "至"),
        Move::ToBeRevised => ("经复审拟修订，", "至"),
        Move::Withdrawn => ("已废止，", "至"),
    }
}

fn also_moved(change: &Change) -> String {
    match standpoints(change) {
        (Some(before), Some(after)) if !before.is_stage_of(&after) => {
            format!("，由{}进入{}", before.in_words(CHINESE), after.in_words(CHINESE))
        }
        _ => String::new(),
    }
}

fn reassigned(change: &Change) -> String {
    let before = change.before.as_ref().and_then(|project| project.committee.as_deref());
    match (before, change.after.committee.as_deref()) {
        (Some(old), Some(new)) => format!("归口由{}变更为{}", quoted(old), quoted(new)),
        (None, Some(new)) => format!("归口为{}", quoted(new)),
        (Some(old), None) => format!("不再列出归口（此前：{}）", quoted(old)),
        (None, None) => "归口变更".to_owned(),
    }
}

fn redated(change: &Change) -> String {
    let told: Vec<String> = dates(change)
        .into_iter()
        .map(|(field, old, new)| {
            format!("{}：{} → {}", field_in_words(field, &change.after, CHINESE), clean(old), clean(new))
        })
        .collect();
    if told.is_empty() { "日期变更".to_owned() } else { format!("日期变更（{}）", told.join("；")) }
}

fn at_stage(project: &Project) -> String {
    standpoint(project).map(|stage| format!("，阶段：{}", stage.in_words(CHINESE))).unwrap_or_default()
}

fn last_shown(project: &Project) -> String {
    standpoint(project).map(|stage| format!("，最后显示的阶段为{}", stage.in_words(CHINESE))).unwrap_or_default()
}

fn replaced(project: &Project) -> String {
    if project.replaced_by.is_empty() {
        return String::new();
    }
    format!("，由{}代替", clean(&project.replaced_by.join("、")))
}

fn day(label: &str, day: Option<jiff::civil::Date>) -> String {
    day.map(|day| format!("{label}{}", day_in_words(day, CHINESE))).unwrap_or_default()
}
