//! Since when an answer reads as it does, for readers that ask by moment (`If-Modified-Since`) and not by tag. What a page says may change
//! without anything in the store having a newer date, as when the configuration is read anew; so it is not looked up but remembered: the
//! moment at which an answer was first given in these words. A restart forgets that, and every reader gets its answer once more.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// How many addresses are remembered; with more of them all are forgotten, and answered once more.
const MOST: usize = 4096;

/// What was answered last at every address: its tag, folded, and since when.
#[derive(Default)]
pub(super) struct Freshness {
    known: Mutex<HashMap<u64, (u64, Timestamp)>>,
}

impl Freshness {
    /// Since when that is answered with this tag, in whole seconds. It rises whenever the tag changes, also twice in a second.
    pub(super) fn since(&self, asked: &[&str], tag: &str, now: Timestamp) -> Timestamp {
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let (address, tag) = (folded(asked), folded(&[tag]));
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST && !known.contains_key(&address) {
            known.clear();
        }
        let second = SignedDuration::from_secs(1);
        let since = match known.get(&address) {
            Some((before, since)) if *before == tag => *since,
            Some((_, since)) => now.max(since.saturating_add(second).unwrap_or(now)),
            None => now,
        };
        known.insert(address, (tag, since));
        since
    }
}

fn folded(texts: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    texts.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_as_old_as_its_words_and_another_one_is_always_newer() {
        let freshness = Freshness::default();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let first = freshness.since(&["/feed.atom"], "a", at("2031-05-12T12:00:00.2Z"));
        assert_eq!(first, at("2031-05-12T12:00:00Z"));
        assert_eq!(freshness.since(&["/feed.atom"], "a", at("2031-05-12T13:00:00Z")), first);
        assert_eq!(freshness.since(&["/other"], "a", at("2031-05-12T13:00:00Z")), at("2031-05-12T13:00:00Z"));
        let second = freshness.since(&["/feed.atom"], "b", at("2031-05-12T12:00:00.8Z"));
        assert_eq!(second, at("2031-05-12T12:00:01Z"), "whoever has the first asks by its second");
        assert!(freshness.since(&["/feed.atom"], "a", at("2031-05-12T12:00:00.9Z")) > second);
    }
}
