//! Where a change has brought its project, as rows of label and value: the stage before and now, since when, how long it took, until when
//! something is open, what comes next. Not the drawing of the way, and not what does not move.

use jiff::Span;
use jiff::civil::Date;

use super::change::RecordedChange;
use super::notice_action::basis_in_words;
use super::notice_facts::{Fact, Sheet};
use super::notice_frame::Frame;
use super::notice_stage::standpoints;
use super::notice_stay::stay_before;
use super::notice_window::{closing_label, opening_label, window_shown};
use super::notice_words::{day_in_words, pick};
use super::stage_days::day_by_the_body;
use crate::changes::closing::Window;
use crate::standards::language::Language;
use crate::standards::project::Project;
use crate::standards::stage::{Scheme, StageCode};

/// The stage before and now, and about where that is at the other body.
pub fn stages(recorded: &RecordedChange, language: Language) -> Vec<Fact> {
    let mut sheet = Sheet::new(language);
    let (before, after) = standpoints(&recorded.change);
    if let Some(before) = before.filter(|before| after.is_none_or(|after| !before.is_stage_of(&after))) {
        sheet.say("Stage before", "原阶段", before.in_words(language));
    }
    if let Some(after) = after {
        sheet.say("Stage now", "现阶段", after.in_words(language));
    }
    if let Some(code) = recorded.change.after.stage_code() {
        gloss(&mut sheet, code);
    }
    sheet.rows
}

/// Since when it is there, how long the stage before took, what is open until when, and what comes next.
pub fn position(recorded: &RecordedChange, frame: &Frame, language: Language) -> Vec<Fact> {
    let mut sheet = Sheet::new(language);
    let project = &recorded.change.after;
    let of_another = || day_by_the_body(frame.trail(&project.id), project.stage_code()?);
    sheet.say_day("In this stage since", "进入现阶段日期", project.since.or_else(of_another));
    sheet.say_if("The stage before took", "原阶段历时", stay_before(recorded, frame, language).as_deref());
    let opens = |language| opening_label(window_shown(project), language);
    sheet.say_day(opens(Language::English), opens(Language::Chinese), project.consultation.opens);
    closing(&mut sheet, recorded, frame);
    for file in &project.consultation.attachments {
        sheet.lead("Document", "文件", &file.name, &file.url);
    }
    let next = project.stage_code().and_then(|code| next_in_words(code, language));
    sheet.say_if(NEXT.0, NEXT.1, next.as_deref());
    if let Some(day) = planned_end(project) {
        let months = project.cycle_months.unwrap_or_default();
        let day = day_in_words(day, language);
        let value = match language {
            Language::Chinese => format!("{day}（下达后 {months} 个月）"),
            _ => format!("{day} ({months} months after it was issued)"),
        };
        sheet.say("Planned to be finished by", "计划完成日期", value);
    }
    sheet.rows
}

fn closing(sheet: &mut Sheet, recorded: &RecordedChange, frame: &Frame) {
    let language = sheet.language;
    let printed = recorded.change.after.consultation.closes;
    let open = frame.window(recorded).filter(|open| open.window != Window::EntryIntoForce);
    let Some((window, closing)) = open.and_then(|open| Some((open.window, open.closes?))) else {
        // What is over still has its day.
        let over = window_shown(&recorded.change.after);
        sheet.say_day(&closing_label(over, Language::English), &closing_label(over, Language::Chinese), printed);
        return;
    };
    let why = basis_in_words(window, closing, language);
    let day = day_in_words(closing.day, language);
    let value = match (why.is_empty(), language) {
        (true, _) => day,
        (false, Language::Chinese) => format!("{day}（预计：{why}）"),
        (false, _) => format!("{day} (expected: {why})"),
    };
    sheet.say(&closing_label(window, Language::English), &closing_label(window, Language::Chinese), value);
}

/// What the stages that ordinarily follow are told under.
pub const NEXT: (&str, &str) = ("Ordinarily comes next", "通常的下一步");

/// The stages that ordinarily follow, nearest first: `50.20 FDIS ballot initiated: 8 weeks; or …`; `None` after an end.
pub fn next_in_words(code: StageCode, language: Language) -> Option<String> {
    let name = |code: StageCode| code.name(pick_language(language));
    let next: Vec<String> = code.next().iter().map(|next| format!("{next} {}", name(*next))).collect();
    (!next.is_empty()).then(|| next.join(pick(language, "; or ", "；或 ")))
}

fn gloss(sheet: &mut Sheet, code: StageCode) {
    let Some(gloss) = code.gloss() else { return };
    let name = gloss.name(pick_language(sheet.language));
    // An end has a word and no number.
    let value = if gloss.is_cancelled() { name.to_owned() } else { format!("{gloss} {name}") };
    match gloss.scheme() {
        Scheme::Iso => sheet.say("About, in ISO stage codes", "大致相当于 ISO 阶段代码", value),
        Scheme::Gb => sheet.say("Roughly, in stages of GB/T 16733", "大致相当于 GB/T 16733 阶段", value),
    }
}

/// A plan says how many months it is to take from the day it was issued.
fn planned_end(project: &Project) -> Option<Date> {
    let is_ahead = project.stage_code().is_some_and(|code| code.track_position().is_some_and(|position| position < 6));
    let months = i64::from(project.cycle_months.filter(|_| is_ahead)?);
    project.issued?.checked_add(Span::new().try_months(months).ok()?).ok()
}

/// Alerts are in English or Chinese.
fn pick_language(language: Language) -> Language {
    match language {
        Language::Chinese => Language::Chinese,
        Language::English | Language::French | Language::Russian => Language::English,
    }
}
