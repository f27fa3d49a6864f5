//! The changes for one subscriber, put in words: what the notice is, its subject, and a headline for each change.
//!
//! Not how a channel lays the words out, and not whom a change concerns.

use std::collections::BTreeSet;

use super::change::{Difference, Kind, Move, RecordedChange};
use super::notice_frame::Frame;
use super::notice_stage::{standpoint, standpoints};
use super::notice_window::{closed_for, field_in_words, open_for, what_closes, window_shown};
use super::notice_words::{capped, clean, pick, reference_of};
use crate::standards::language::Language;
use crate::standards::project::{Project, ProjectId};

/// Longest subject in characters: what mail programs show on a wide screen, and far below any limit of the protocols.
const LONGEST_SUBJECT: usize = 120;
/// How many references the subject of several changes names.
const REFERENCES_NAMED: usize = 2;

/// The languages of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Languages {
    /// English alone.
    English,
    /// Chinese alone.
    Chinese,
    /// Chinese below English.
    Both,
}

impl Languages {
    /// The languages one by one, in the order in which they are shown.
    pub fn each(self) -> &'static [Language] {
        match self {
            Languages::English => &[Language::English],
            Languages::Chinese => &[Language::Chinese],
            Languages::Both => &[Language::English, Language::Chinese],
        }
    }

    /// The language of what can only be said once, such as a subject.
    pub fn first(self) -> Language {
        match self {
            Languages::English | Languages::Both => Language::English,
            Languages::Chinese => Language::Chinese,
        }
    }
}

/// Why a notice is written now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Occasion {
    /// Something changed.
    News,
    /// It is time for the digest: everything since the last one, which may be nothing.
    Digest,
    /// Quiet hours or a pause are over: everything that was held back.
    HeldBack,
    /// The operator sends again what happened in the past.
    Again,
    /// The operator tries whether it arrives; nothing happened.
    Sample,
}

/// The changes that concern one subscriber: those of one poll, or of the days of a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Whom it is for.
    pub subscriber: String,
    /// In what languages.
    pub languages: Languages,
    /// Why now.
    pub occasion: Occasion,
    /// What to tell, in the order in which it came; empty only in a digest.
    pub changes: Vec<RecordedChange>,
    /// What stands around them.
    pub frame: Frame,
}

/// One line for an inbox: `[stagewatch] ISO/IEC 27071: DIS → FDIS (50.00)`. No control characters, at most 120 characters.
pub fn subject(notice: &Notice) -> String {
    let language = notice.languages.first();
    let told = match notice.changes.as_slice() {
        [] => pick(language, "nothing happened", "无变动").to_owned(),
        [only] => headline(only, language),
        several => headline_of_several(several, language),
    };
    let occasion = match notice.occasion {
        Occasion::News | Occasion::HeldBack | Occasion::Again => "",
        Occasion::Digest => pick(language, "digest: ", "摘要："),
        Occasion::Sample => pick(language, "SAMPLE, nothing happened: ", "示例，并无变动："),
    };
    let first = clean(&format!("[stagewatch] {occasion}{told}"));
    let others = notice.languages.each().iter().skip(1).map(|other| in_brief(notice, *other));
    let whole = others.filter(|brief| !first.contains(brief.as_str())).fold(first.clone(), |whole, brief| {
        // Cut in the middle it would help nobody.
        let longer = format!("{whole} · {brief}");
        if longer.chars().count() <= LONGEST_SUBJECT { longer } else { whole }
    });
    capped(&whole, LONGEST_SUBJECT)
}

/// What happened, for readers of a second language, who see the numbers already.
fn in_brief(notice: &Notice, language: Language) -> String {
    let told = match (notice.changes.as_slice(), language) {
        ([], _) => pick(language, "nothing happened", "无变动").to_owned(),
        ([only], _) => what_happened(only, language),
        (several, Language::Chinese) => format!("{} 项变动", several.len()),
        (several, _) => format!("{} changes", several.len()),
    };
    let occasion = match notice.occasion {
        Occasion::News | Occasion::HeldBack | Occasion::Again => "",
        Occasion::Digest => pick(language, "digest: ", "摘要："),
        Occasion::Sample => pick(language, "SAMPLE: ", "示例："),
    };
    clean(&format!("{occasion}{told}"))
}

/// What is said above the changes, where a reader would wonder why this comes now.
pub fn opening(notice: &Notice, language: Language) -> Option<&'static str> {
    match (notice.occasion, notice.changes.is_empty()) {
        (Occasion::News, _) => None,
        (Occasion::Digest, true) => {
            Some(pick(language, "Nothing happened since the last digest.", "自上次摘要以来没有变动。"))
        }
        (Occasion::Digest, false) => {
            Some(pick(language, "Everything since the last digest.", "自上次摘要以来的全部变动。"))
        }
        (Occasion::HeldBack, _) => Some(pick(
            language,
            "Held back during quiet hours or a pause, and told now.",
            "以下变动在免打扰时段或暂停期间暂未发送，现一并通知。",
        )),
        (Occasion::Again, _) => Some(pick(
            language,
            "Sent at the operator's request; it may be long past.",
            "应管理员要求补发，可能已过去较久。",
        )),
        (Occasion::Sample, _) => Some(pick(
            language,
            "This is a sample, sent to see whether alerts arrive. Nothing of what follows happened.",
            "这是一封示例提醒，仅用于检查能否送达；以下内容并未发生。",
        )),
    }
}

fn headline_of_several(changes: &[RecordedChange], language: Language) -> String {
    let mut seen = BTreeSet::new();
    let references: Vec<String> = changes
        .iter()
        .map(|recorded| name_of(&recorded.change.after))
        .filter(|name| seen.insert(name.clone()))
        .collect();
    let named = references[..references.len().min(REFERENCES_NAMED)].join(pick(language, ", ", "、"));
    let more = if references.len() > REFERENCES_NAMED { " …" } else { "" };
    let n_changes = changes.len();
    match language {
        Language::Chinese => format!("{n_changes} 项变动：{named}{more}"),
        Language::English | Language::French | Language::Russian => format!("{n_changes} changes: {named}{more}"),
    }
}

/// What happened to which standard, in a few words: `ISO/IEC 27071: DIS → FDIS (50.00)`.
pub fn headline(recorded: &RecordedChange, language: Language) -> String {
    let change = &recorded.change;
    let colon = pick(language, ": ", "：");
    clean(&format!("{}{colon}{}", name_of(&change.after), what_happened(recorded, language)))
}

/// The reference, else the title, else the number: something that a reader can find again.
pub(super) fn name_of(project: &Project) -> String {
    let reference = reference_of(project);
    if !reference.is_empty() {
        return reference;
    }
    project.title(Language::English).map_or_else(|| project.id.to_string(), |title| capped(&clean(title), 60))
}

fn what_happened(recorded: &RecordedChange, language: Language) -> String {
    let change = &recorded.change;
    let say = |english: &str, chinese: &str| pick(language, english, chinese).to_owned();
    let project = &change.after;
    match change.kind {
        Kind::Appeared => with_stage(&say("new project", "新项目"), project, language),
        Kind::StageMoved => stage_move(recorded, language),
        Kind::Published => with_stage(&say("published", published_in_chinese(&project.id)), project, language),
        Kind::EnteringIntoForce => match project.effective {
            Some(day) => format!("{} {day}", pick(language, "in force from", "即将实施，实施日期")),
            None => say("about to enter into force", "即将实施"),
        },
        Kind::InForce => with_day(&say("in force", "已实施"), project.effective),
        Kind::Withdrawn => with_day(&say("withdrawn", "已废止"), project.withdrawn),
        Kind::Retitled => say("new title", "名称变更"),
        Kind::Reassigned => {
            let committee = project.committee.as_deref().map(clean).unwrap_or_default();
            format!("{}{committee}", pick(language, "new committee: ", "归口变更："))
        }
        Kind::Redated => match change.differences.first() {
            Some(difference) => redated(difference, project, language),
            None => say("new dates", "日期变更"),
        },
        Kind::ConsultationOpened => match project.consultation.closes {
            Some(closes) => format!("{}{}{closes}", open_for(project, language), pick(language, " until ", "，截止 ")),
            None => open_for(project, language).to_owned(),
        },
        Kind::ConsultationClosing => match project.consultation.closes {
            Some(closes) => format!("{} {closes}", what_closes(window_shown(project), language)),
            None => format!("{} {}", what_closes(window_shown(project), language), pick(language, "soon", "在即")),
        },
        Kind::ConsultationClosed => closed_for(project, language).to_owned(),
        Kind::NoLongerListed => say("no longer listed", "不再列出"),
        Kind::ListedAgain => with_stage(&say("listed again", "重新列出"), project, language),
        Kind::TextChanged => say("page reworded", "页面文字变更"),
        Kind::Announced => {
            let title = project.title(language).map(clean).unwrap_or_default();
            if title == name_of(project) {
                return say("new notice", "新公告");
            }
            format!("{}{title}", pick(language, "notice: ", "公告："))
        }
    }
}

/// ISO's documents 出版, Chinese standards 发布.
fn published_in_chinese(id: &ProjectId) -> &'static str {
    match id {
        ProjectId::Iso(_) => "已出版",
        ProjectId::Sac(_) | ProjectId::Gb(_) | ProjectId::Tc260(_) | ProjectId::Page(_) => "已发布",
    }
}

fn redated(difference: &Difference, project: &Project, language: Language) -> String {
    let shown = |day: &Option<String>| day.as_deref().unwrap_or("–").to_owned();
    let label = field_in_words(&difference.field, project, language);
    let colon = pick(language, ": ", "：");
    format!("{label}{colon}{} → {}", shown(&difference.old), shown(&difference.new))
}

/// `new project, DIS (40.60)`; where the stage says the same as the words, only its code is added: `published (60.60)`.
fn with_stage(words: &str, project: &Project, language: Language) -> String {
    let comma = pick(language, ", ", "，");
    match standpoint(project).map(|stage| (stage.short(language), stage)) {
        Some((short, stage)) if short == words => stage.with_code(language),
        Some((_, stage)) => format!("{words}{comma}{}", stage.with_code(language)),
        None => words.to_owned(),
    }
}

fn with_day(words: &str, day: Option<jiff::civil::Date>) -> String {
    day.map_or_else(|| words.to_owned(), |day| format!("{words} ({day})"))
}

/// `DIS → FDIS (50.00)`; within one phase `DIS 40.20 → 40.60`; with the direction in front where neither tells it.
fn stage_move(recorded: &RecordedChange, language: Language) -> String {
    let change = &recorded.change;
    let (before, after) = standpoints(change);
    let to = after.map(|after| after.short(language));
    let track = match (before, after) {
        (Some(before), Some(after)) => match (before.code(), after.code()) {
            (Some(old), Some(new)) if Some(before.short(language)) == to => {
                format!("{} {old} → {new}", after.short(language))
            }
            _ => format!("{} → {}", before.short(language), after.with_code(language)),
        },
        (None, Some(after)) => after.with_code(language),
        (Some(before), None) => format!("{} → –", before.short(language)),
        (None, None) => pick(language, "another stage", "阶段变更").to_owned(),
    };
    let direction = change.movement.and_then(|movement| direction(movement, language));
    match direction.filter(|direction| to.as_deref() != Some(*direction)) {
        Some(direction) => format!("{direction}{}{track}", pick(language, ": ", "：")),
        None => track,
    }
}

/// A word for moves that the two stages alone do not tell.
fn direction(movement: Move, language: Language) -> Option<&'static str> {
    match movement {
        Move::Advanced | Move::Skipped | Move::Published => None,
        Move::Repeated => Some(pick(language, "repeated", "重复")),
        Move::ReferredBack => Some(pick(language, "referred back", "退回")),
        Move::Abandoned => Some(pick(language, "abandoned", "终止")),
        Move::UnderReview => Some(pick(language, "under review", "复审")),
        Move::Confirmed => Some(pick(language, "confirmed", "确认有效")),
        Move::ToBeRevised => Some(pick(language, "to be revised", "拟修订")),
        Move::Withdrawn => Some(pick(language, "withdrawn", "废止")),
    }
}
