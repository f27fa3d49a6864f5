//! A notice as plain text, one fact a line: for terminals and for the text part of a mail. Not HTML, and no colours.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::change::RecordedChange;
use super::notice::{Notice, headline, opening};
use super::notice_facts::{Fact, links, names, particulars, proof};
use super::notice_frame::Frame;
use super::notice_outline::{Group, Outline, count_in_words, heading_of_others, outline, summary};
use super::notice_position::{position, stages};
use super::notice_sentence::sentence;
use super::notice_track::{drawn, track};
use super::notice_words::{capped, clean, pick};
use crate::standards::language::Language;

/// How many lines of the difference are shown; the whole is made from the snapshots.
const EXCERPT_LINES: usize = 14;
/// Longest line of the difference that is shown, in characters: pages on one line exist.
const EXCERPT_WIDTH: usize = 160;

/// How much of a line's indentation is shown.
const DEEPEST_INDENT: usize = 16;

/// Between standards.
const RULE: &str = "────────────────────────";

/// The whole notice, in each of its languages.
pub fn text(notice: &Notice) -> String {
    let blocks: Vec<String> = notice.languages.each().iter().map(|language| block(notice, *language)).collect();
    blocks.join("\n――――――――\n\n")
}

fn block(notice: &Notice, language: Language) -> String {
    let outline = outline(notice);
    let mut out = String::new();
    let is_long = outline.is_long();
    if let Some(opening) = opening(notice, language) {
        line(&mut out, opening);
        line(&mut out, "");
    }
    if notice.changes.len() > 1 {
        line(&mut out, &summary(notice, &outline, language));
        line(&mut out, "");
    }
    if is_long {
        contents(&mut out, &outline, language);
    }
    for (position, group) in outline.groups.iter().enumerate() {
        if is_long {
            line(&mut out, RULE);
            line(&mut out, &format!("{}. {}", position + 1, group.name()));
            line(&mut out, "");
        }
        one_group(&mut out, group, &notice.frame, language);
        if !outline.leaves_the_file(notice) {
            for_the_file(&mut out, group, language);
        }
    }
    others(&mut out, &outline, language);
    if is_long {
        line(&mut out, RULE);
    }
    line(&mut out, &for_whom(notice, language));
    out
}

/// The table of contents: what wants something first.
fn contents(out: &mut String, outline: &Outline<'_>, language: Language) {
    for (position, group) in outline.groups.iter().enumerate() {
        let count = count_in_words(group, language);
        line(out, &format!("{}. {}{count}", position + 1, headline(group.newest(), language)));
        if group.action.is_asked() {
            line(out, &format!("   » {}", group.action.label(language)));
        }
    }
    line(out, "");
}

/// One standard: what happened, oldest first, and then where it stands.
fn one_group(out: &mut String, group: &Group<'_>, frame: &Frame, language: Language) {
    let newest = group.newest();
    for recorded in &group.changes {
        line(out, &sentence(recorded, language));
        line(out, "");
    }
    let space = pick(language, ". ", "。");
    line(out, &format!("» {}{space}{}", group.action.label(language), group.action.in_words(language)));
    line(out, "");
    heading(out, "Where it stands", "所处阶段", language);
    if let Some(steps) = track(newest, frame, language) {
        line(out, &drawn(&steps));
    }
    rows(out, position(newest, frame, language), language);
    rows(out, links(newest, frame, language), language);
    line(out, "");
}

/// Everything else, and the proof.
fn for_the_file(out: &mut String, group: &Group<'_>, language: Language) {
    let newest = group.newest();
    let file = heading_of_file(language);
    heading(out, file, file, language);
    rows(out, names(newest, language), language);
    rows(out, stages(newest, language), language);
    rows(out, particulars(newest, language), language);
    for recorded in &group.changes {
        what_differs(out, recorded, language);
        rows(out, proof(recorded, language), language);
        line(out, "");
    }
}

fn heading(out: &mut String, english: &str, chinese: &str, language: Language) {
    let words = pick(language, &english.to_uppercase(), &format!("【{chinese}】")).to_owned();
    line(out, &words);
}

fn rows(out: &mut String, facts: Vec<Fact>, language: Language) {
    let colon = pick(language, ": ", "：");
    for fact in facts {
        let elsewhere = fact.link.filter(|link| !fact.value.contains(link.as_str()));
        let link = elsewhere.map(|link| format!(" <{link}>")).unwrap_or_default();
        line(out, &format!("{}{colon}{}{link}", fact.label, fact.value));
    }
}

fn what_differs(out: &mut String, recorded: &RecordedChange, language: Language) {
    let excerpt = excerpt(recorded);
    if excerpt.is_empty() {
        return;
    }
    line(out, heading_of_lines(language));
    for shown in excerpt {
        line(out, &format!("  {shown}"));
    }
}

/// What stands above everything that is not read for its news.
pub fn heading_of_file(language: Language) -> &'static str {
    pick(language, "For the file", "备查")
}

/// What stands above the lines of a page that differ.
pub fn heading_of_lines(language: Language) -> &'static str {
    pick(language, "What the page said before (-) and says now (+):", "页面原文，变更前（-）与变更后（+）：")
}

fn others(out: &mut String, outline: &Outline<'_>, language: Language) {
    if outline.named.is_empty() {
        return;
    }
    line(out, RULE);
    line(out, &heading_of_others(outline.named.len() + outline.n_counted, language));
    for recorded in &outline.named {
        line(out, &format!("- {}", headline(recorded, language)));
    }
    if outline.n_counted > 0 {
        line(out, "- …");
    }
}

fn line(out: &mut String, text: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{text}");
}

/// The first lines of the difference, each safe to print; the last one says how many are left out.
pub fn excerpt(recorded: &RecordedChange) -> Vec<String> {
    let lines: Vec<&str> = recorded.evidence.diff.lines().filter(|line| !line.trim().is_empty()).collect();
    let mut shown: Vec<String> = lines.iter().take(EXCERPT_LINES).map(|line| shown_line(line)).collect();
    if lines.len() > EXCERPT_LINES {
        shown.push(format!("… {} (`stagewatch diff {}`)", lines.len() - EXCERPT_LINES, clean(&recorded.id)));
    }
    shown
}

/// What a page indents says what belongs to what.
fn shown_line(line: &str) -> String {
    let (sign, rest) = match line.strip_prefix(['+', '-', ' ']) {
        Some(rest) => (&line[..line.len() - rest.len()], rest),
        None => ("", line),
    };
    let n_indented = rest.chars().take_while(|letter| letter.is_whitespace()).count().min(DEEPEST_INDENT);
    let indent = if sign.is_empty() { String::new() } else { " ".repeat(n_indented) };
    capped(format!("{sign}{indent}{}", clean(rest)).trim_end(), EXCERPT_WIDTH)
}

/// The words under which its reader can stop such mail.
pub fn stop_in_words(language: Language) -> &'static str {
    pick(language, "Stop these mails", "停止接收此类邮件")
}

/// Whom it is sent to, and the watches that the changes concern.
pub fn for_whom(notice: &Notice, language: Language) -> String {
    let watches: BTreeSet<String> =
        notice.changes.iter().flat_map(|recorded| recorded.watches.iter().map(|watch| clean(watch))).collect();
    let watches: Vec<String> = watches.into_iter().map(|watch| format!("“{watch}”")).collect();
    let subscriber = clean(&notice.subscriber);
    let watches = watches.join(pick(language, ", ", "、"));
    match (language, watches.is_empty()) {
        (Language::Chinese, true) => format!("订阅者：“{subscriber}”。"),
        (Language::Chinese, false) => format!("订阅者：“{subscriber}”。所涉关注列表：{watches}。"),
        (Language::English | Language::French | Language::Russian, true) => {
            format!("Sent to the subscriber “{subscriber}”.")
        }
        (Language::English | Language::French | Language::Russian, false) => {
            format!("Sent to the subscriber “{subscriber}”. Watches concerned: {watches}.")
        }
    }
}
