//! A change as one sentence that can be quoted: who says it, of what, what changed, and where and when it was read.
//!
//! Not the rows of facts below it, and not the wording of each language, which stands in a file of its own.

use super::change::{Change, Kind, RecordedChange};
use super::notice_words::{body_of, clean, moment_in_words, reference_of, title_of, titled};
use super::{notice_chinese, notice_english};
use crate::standards::language::Language;

/// The sentence, in one language; everything in it was printed by the body or is a moment of ours.
pub fn sentence(recorded: &RecordedChange, language: Language) -> String {
    let body = body_of(&recorded.change.after.id, language);
    let source = clean(&recorded.evidence.source);
    let standard = standard_named(&recorded.change, language);
    // What the calendar brings was read when the page was.
    let read_at = match recorded.change.kind {
        Kind::EnteringIntoForce | Kind::ConsultationClosing | Kind::ConsultationClosed => recorded.evidence.after.at,
        _ => recorded.seen_at,
    };
    let (url, at) = (clean(&recorded.evidence.url), moment_in_words(read_at));
    match language {
        Language::Chinese => {
            let told = notice_chinese::predicate(&recorded.change);
            let who = body.map_or_else(|| format!("来源“{source}”显示"), |body| format!("据{body}"));
            let reserve = notice_chinese::reservation(&recorded.otherwise_at);
            format!("{who}，{standard}{told}（{url}，读取于 {at}）{reserve}。")
        }
        Language::English | Language::French | Language::Russian => {
            let told = notice_english::predicate(&recorded.change);
            let who = body.map_or_else(|| format!("At the source “{source}”"), |body| format!("According to {body}"));
            let reserve = notice_english::reservation(&recorded.otherwise_at);
            format!("{who}, {standard} {told}, as read at {url} on {at}{reserve}.")
        }
    }
}

/// `ISO/IEC 27035-4, “Information technology — …”,`; without the title where the title is what changed.
fn standard_named(change: &Change, language: Language) -> String {
    let reference = reference_of(&change.after);
    let title = match change.kind {
        Kind::Retitled => None,
        Kind::Appeared
        | Kind::StageMoved
        | Kind::Published
        | Kind::EnteringIntoForce
        | Kind::InForce
        | Kind::Withdrawn
        | Kind::Reassigned
        | Kind::Redated
        | Kind::ConsultationOpened
        | Kind::ConsultationClosing
        | Kind::ConsultationClosed
        | Kind::NoLongerListed
        | Kind::ListedAgain
        | Kind::TextChanged
        | Kind::Announced => title_of(&change.after, language),
    };
    let title = title.filter(|title| *title != reference).map(|title| titled(&title, language));
    match (reference.is_empty(), title, language) {
        (true, None, _) => change.after.id.to_string(),
        (true, Some(title), _) => title,
        (false, None, _) => reference,
        (false, Some(title), Language::Chinese) => format!("{reference}{title}"),
        (false, Some(title), Language::English | Language::French | Language::Russian) => {
            format!("{reference}, {title},")
        }
    }
}

/// The title before and after, in the first language in which they differ, the wanted one first.
pub(super) fn titles(change: &Change, wanted: Language) -> Option<(String, String)> {
    let before = change.before.as_ref()?;
    std::iter::once(wanted).chain(Language::ALL).find_map(|language| {
        let (old, new) = (before.titles.get(&language)?, change.after.titles.get(&language)?);
        (old != new).then(|| (clean(old), clean(new)))
    })
}

/// How many lines of a page's words went, and how many came.
pub(super) fn lines_that_differ(change: &Change) -> Option<(usize, usize)> {
    let difference = change.differences.iter().find(|difference| difference.field == "text")?;
    let n_lines = |lines: &Option<String>| lines.as_deref().unwrap_or_default().lines().count();
    Some((n_lines(&difference.old), n_lines(&difference.new)))
}

/// The dates that differ, each as field, old and new; without the day of a stage, which the stage itself tells.
pub(super) fn dates(change: &Change) -> Vec<(&str, &str, &str)> {
    change
        .differences
        .iter()
        .filter(|difference| {
            let is_day =
                |text: &Option<String>| text.as_ref().is_none_or(|text| text.parse::<jiff::civil::Date>().is_ok());
            is_day(&difference.old) && is_day(&difference.new)
        })
        .map(|difference| {
            (
                difference.field.as_str(),
                difference.old.as_deref().unwrap_or("–"),
                difference.new.as_deref().unwrap_or("–"),
            )
        })
        .collect()
}
