//! A notice as plain text, one fact a line: for terminals and for the text part of a mail. Not HTML, and no colours.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::change::RecordedChange;
use super::notice::{Notice, headline, opening};
use super::notice_facts::facts;
use super::notice_sentence::sentence;
use super::notice_words::{capped, clean, pick};
use crate::standards::language::Language;

/// How many lines of the difference are shown; the whole is made from the snapshots.
const EXCERPT_LINES: usize = 14;
/// Longest line of the difference that is shown, in characters: pages on one line exist.
const EXCERPT_WIDTH: usize = 160;

/// How many changes are told in full; a message of megabytes is refused by mail servers, and read by nobody.
const TOLD_IN_FULL: usize = 30;
/// How many of the others are named.
const NAMED: usize = 500;

/// The changes that are told in full, the headlines of the next ones, and how many are only counted.
pub fn shares(notice: &Notice, language: Language) -> (&[RecordedChange], Vec<String>, usize) {
    let (full, others) = notice.changes.split_at(notice.changes.len().min(TOLD_IN_FULL));
    let named = others.iter().take(NAMED).map(|recorded| headline(recorded, language)).collect();
    (full, named, others.len().saturating_sub(NAMED))
}

/// What stands above the headlines of the changes that are not told in full.
pub fn heading_of_others(n_others: usize, language: Language) -> String {
    match language {
        Language::Chinese => format!("另有 {n_others} 项变动（详见 `stagewatch changes`）："),
        Language::English | Language::French | Language::Russian => {
            format!("And {n_others} more (whole in `stagewatch changes`):")
        }
    }
}

/// The whole notice, in each of its languages.
pub fn text(notice: &Notice) -> String {
    let blocks: Vec<String> = notice.languages.each().iter().map(|language| block(notice, *language)).collect();
    blocks.join("\n――――――――\n\n")
}

fn block(notice: &Notice, language: Language) -> String {
    let n_changes = notice.changes.len();
    let (full, named, n_counted) = shares(notice, language);
    let mut out = String::new();
    if let Some(opening) = opening(notice, language) {
        line(&mut out, opening);
        line(&mut out, "");
    }
    for (position, recorded) in full.iter().enumerate() {
        if n_changes > 1 {
            let of = pick(language, "of", "/");
            line(&mut out, &format!("{} {of} {n_changes} — {}", position + 1, headline(recorded, language)));
            line(&mut out, "");
        }
        one_change(&mut out, recorded, language);
        line(&mut out, "");
    }
    if !named.is_empty() {
        line(&mut out, &heading_of_others(named.len() + n_counted, language));
        for headline in &named {
            line(&mut out, &format!("- {headline}"));
        }
        line(&mut out, if n_counted > 0 { "- …\n" } else { "" });
    }
    line(&mut out, &for_whom(notice, language));
    out
}

fn one_change(out: &mut String, recorded: &RecordedChange, language: Language) {
    line(out, &sentence(recorded, language));
    line(out, "");
    let colon = pick(language, ": ", "：");
    for fact in facts(recorded, language) {
        let elsewhere = fact.link.filter(|link| !fact.value.contains(link.as_str()));
        let link = elsewhere.map(|link| format!(" <{link}>")).unwrap_or_default();
        line(out, &format!("{}{colon}{}{link}", fact.label, fact.value));
    }
    let excerpt = excerpt(recorded);
    if !excerpt.is_empty() {
        line(out, "");
        line(
            out,
            pick(language, "What the page said before (-) and says now (+):", "页面原文，变更前（-）与变更后（+）："),
        );
        for shown in excerpt {
            line(out, &format!("  {shown}"));
        }
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

fn shown_line(line: &str) -> String {
    capped(&clean(line), EXCERPT_WIDTH)
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
