//! The texts that no vocabulary has, as the last page of each source showed them: kept in memory, since the next poll shows them again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use crate::standards::programme::Defect;
use crate::store::PollOutcome;

use super::poll::Polled;

/// How many texts of one source the operator is told of; the log has them all.
const MOST: usize = 10;

/// What was found odd, by source.
#[derive(Debug, Default)]
pub struct Oddities {
    by_source: Mutex<BTreeMap<String, BTreeSet<(String, String)>>>,
}

impl Oddities {
    /// Takes what a poll found in the place of what the one before did, where a page was read at all.
    pub fn note(&self, polled: &Polled) {
        match polled.poll.outcome {
            PollOutcome::Baseline | PollOutcome::Changed | PollOutcome::Unchanged | PollOutcome::Doubtful => {}
            PollOutcome::NotModified | PollOutcome::Refused | PollOutcome::Failed => return,
        }
        let is_unknown = |defect: &&Defect| defect.what.contains("unknown");
        let found = polled.defects.iter().filter(is_unknown).take(MOST);
        let found = found.map(|defect| (defect.what.clone(), defect.text.clone())).collect();
        self.by_source.lock().unwrap_or_else(PoisonError::into_inner).insert(polled.poll.source.clone(), found);
    }

    /// Whether a page of that source was read since the start.
    pub fn knows(&self, source: &str) -> bool {
        self.by_source.lock().unwrap_or_else(PoisonError::into_inner).contains_key(source)
    }

    /// Everything that is odd: source, what is wrong, the text.
    pub fn all(&self) -> Vec<(String, String, String)> {
        let by_source = self.by_source.lock().unwrap_or_else(PoisonError::into_inner);
        let each = |(source, found): (&String, &BTreeSet<(String, String)>)| {
            found.iter().map(|(what, text)| (source.clone(), what.clone(), text.clone())).collect::<Vec<_>>()
        };
        by_source.iter().flat_map(each).collect()
    }
}
