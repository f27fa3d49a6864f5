//! One log line a poll, one a defect and one a change: what an operator reads first.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::config::source::Source;
use crate::logging::events;
use crate::standards::programme::Defect;
use crate::standards::project::Project;
use crate::standards::reference::Reference;
use crate::store::PollOutcome;

use super::poll::Polled;

/// What the operator has to know beyond the line of a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    /// A source has given nothing good for so many polls that somebody should look.
    InTrouble,
    /// It is back.
    Recovered,
}

/// Said once when a row of troubles reaches the limit, and once when it is over.
fn word_of(n_troubles_before: u32, n_troubles: u32, tell_after: u32) -> Option<Word> {
    if n_troubles == tell_after && n_troubles_before < n_troubles {
        Some(Word::InTrouble)
    } else if n_troubles == 0 && n_troubles_before >= tell_after {
        Some(Word::Recovered)
    } else {
        None
    }
}

/// Tells the operator of a source that stays in trouble, once, and again when it recovered.
pub fn tell_operator(source: &str, n_troubles_before: u32, n_troubles: u32, tell_after: u32) {
    match word_of(n_troubles_before, n_troubles, tell_after) {
        Some(Word::InTrouble) => tracing::error!(target: events::SOURCE_IN_TROUBLE,
            { source.id = %source, n_troubles },
            "`{source}` has given no good page for {n_troubles} polls in a row; `stagewatch probe {source}` shows why"
        ),
        Some(Word::Recovered) => tracing::info!(target: events::SOURCE_RECOVERED,
            { source.id = %source, n_troubles = n_troubles_before },
            "`{source}` is back after {n_troubles_before} polls without a good page"
        ),
        None => {}
    }
}

/// `1 change`, `2 changes`, `2 watches`.
pub fn counted(number: u64, thing: &str) -> String {
    match (number, thing.ends_with("ch")) {
        (1, _) => format!("1 {thing}"),
        (_, true) => format!("{number} {thing}es"),
        (_, false) => format!("{number} {thing}s"),
    }
}

/// `1 project is`, `2 projects are`.
fn are(number: u64, thing: &str) -> String {
    format!("{} {}", counted(number, thing), if number == 1 { "is" } else { "are" })
}

/// How many defects of one page are told singly.
const DEFECTS_TOLD: usize = 5;

/// Which defects of each source were told, while the service runs: a word that no vocabulary has is told once, not at every poll.
#[derive(Debug, Default)]
pub struct ToldDefects {
    by_source: BTreeMap<String, BTreeSet<(String, String)>>,
}

impl ToldDefects {
    /// The defects of a poll that were not told yet. What is no longer there is forgotten, and told again when it comes back.
    pub fn news(&mut self, polled: &Polled) -> Vec<Defect> {
        let was_read = match polled.poll.outcome {
            PollOutcome::Baseline | PollOutcome::Changed | PollOutcome::Unchanged | PollOutcome::Doubtful => true,
            PollOutcome::NotModified | PollOutcome::Refused | PollOutcome::Failed => false,
        };
        if !was_read {
            return Vec::new();
        }
        let key = |defect: &Defect| (defect.what.clone(), defect.text.clone());
        let told = self.by_source.entry(polled.poll.source.clone()).or_default();
        let news = polled.defects.iter().filter(|defect| !told.contains(&key(defect))).cloned().collect();
        *told = polled.defects.iter().map(key).collect();
        news
    }
}

/// Logs what came of a poll, and those of its defects; `next` is when the source is asked again, where that is known.
pub fn tell(source: &Source, polled: &Polled, defects: &[Defect], next: Option<Timestamp>) {
    let poll = &polled.poll;
    let id = &source.id;
    let then = next.map(|next| format!("; next poll at {next:.0}")).unwrap_or_default();
    let why = poll.why.as_deref().unwrap_or("no reason given");
    let duration_ms = u64::try_from(poll.duration.as_millis()).unwrap_or(u64::MAX);
    match poll.outcome {
        PollOutcome::Baseline => tracing::info!(target: events::POLL,
            { source.id = %id, duration_ms, n_projects = poll.n_projects },
            "first contact with `{id}`: {} the baseline, nothing is announced{then}", are(poll.n_projects, "project")
        ),
        PollOutcome::Changed => tracing::info!(target: events::POLL,
            { source.id = %id, duration_ms, n_changes = poll.n_changes },
            "polled `{id}`: {} in {}{then}",
            counted(poll.n_changes, "change"), counted(poll.n_projects, "project")
        ),
        PollOutcome::Unchanged => tracing::info!(target: events::POLL,
            { source.id = %id, duration_ms, n_projects = poll.n_projects }, "polled `{id}`: nothing changed in {}{then}", counted(poll.n_projects, "project")
        ),
        PollOutcome::NotModified => {
            tracing::info!(target: events::POLL, { source.id = %id, duration_ms }, "polled `{id}`: not modified{then}");
        }
        PollOutcome::Doubtful => tracing::warn!(target: events::POLL_DOUBTED,
            { source.id = %id, duration_ms }, "did not believe the page of `{id}`: {why}; nothing was accepted{then}"
        ),
        PollOutcome::Refused => tracing::warn!(target: events::POLL_DOUBTED,
            { source.id = %id, duration_ms }, "`{id}` served no page: {why}; nothing was accepted{then}"
        ),
        PollOutcome::Failed => {
            tracing::warn!(target: events::POLL_FAILED, { source.id = %id, duration_ms }, "could not poll `{id}`: {why}{then}");
        }
    }
    for defect in defects.iter().take(DEFECTS_TOLD) {
        tracing::warn!(target: events::DEFECT, { source.id = %id }, "a line of `{id}` could not be read: {}: {}", defect.what, defect.text);
    }
    if defects.len() > DEFECTS_TOLD {
        let n_more = defects.len() - DEFECTS_TOLD;
        tracing::warn!(target: events::DEFECT, { source.id = %id, n_more }, "{n_more} more lines of `{id}` could not be read");
    }
    for change in &polled.changes {
        tracing::info!(target: events::CHANGE,
            { source.id = %id, change.id = %change.id, standard = %standard_of(&change.change.after), kind = change.change.kind.as_str(),
            announced = change.announced },
            "{} {}: {}", change.change.after.reference, change.change.kind.as_str(), change.id
        );
    }
}

/// The number by which people know it, without the stage that it goes through.
fn standard_of(project: &Project) -> String {
    Reference::parse(&project.reference).map_or_else(|| project.reference.clone(), |reference| reference.stem())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_defect_is_told_once_and_again_when_it_comes_back() {
        let mut told = ToldDefects::default();
        let mut news = |outcome: PollOutcome, texts: &[&str]| {
            let poll = super::super::poll::blank("a", Timestamp::UNIX_EPOCH, std::time::Duration::ZERO);
            let defect = |text: &&str| Defect { line: None, what: "unknown stage text".into(), text: (*text).into() };
            let defects = texts.iter().map(defect).collect();
            let polled = Polled { defects, ..Polled::of(crate::store::Poll { outcome, ..poll }) };
            told.news(&polled).into_iter().map(|defect| defect.text).collect::<Vec<_>>()
        };
        assert_eq!(news(PollOutcome::Baseline, &["x"]), ["x"]);
        assert_eq!(news(PollOutcome::Unchanged, &["x", "y"]), ["y"]);
        assert_eq!(news(PollOutcome::Failed, &[]), [""; 0]);
        assert_eq!(news(PollOutcome::Changed, &["x", "y"]), [""; 0]);
        assert_eq!(news(PollOutcome::Unchanged, &["y"]), [""; 0]);
        assert_eq!(news(PollOutcome::Unchanged, &["x", "y"]), ["x"]);
    }

    #[test]
    fn trouble_is_told_once_and_its_end_once() {
        let row = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0), (0, 0), (0, 1), (1, 0)];
        let words = row.map(|(before, now)| word_of(before, now, 3));
        let (trouble, recovered) = (Some(Word::InTrouble), Some(Word::Recovered));
        assert_eq!(words, [None, None, trouble, None, None, recovered, None, None, None]);
    }
}
