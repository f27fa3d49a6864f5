//! Sources that an administrator wants polled now, whatever their schedule says. Not the poll: the scheduler looks here.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

/// What is wanted, until the scheduler has taken it.
#[derive(Debug, Default)]
pub struct Wanted {
    sources: Mutex<Wish>,
    added: Notify,
}

/// What is wanted at one moment.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Wish {
    everything: bool,
    sources: BTreeSet<String>,
}

impl Wish {
    /// Whether this source is wanted.
    pub(super) fn names(&self, source: &str) -> bool {
        self.everything || self.sources.contains(source)
    }
}

impl Wanted {
    /// Wants these sources; all of them where none is named.
    pub(super) fn add(&self, sources: Vec<String>) {
        {
            let mut wish = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
            wish.everything |= sources.is_empty();
            wish.sources.extend(sources);
        }
        self.added.notify_one();
    }

    /// What was wanted since the last look.
    pub(super) fn take(&self) -> Wish {
        std::mem::take(&mut *self.sources.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until something is wanted.
    pub(super) async fn added(&self) {
        self.added.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_wanted_is_taken_once() {
        let wanted = Wanted::default();
        wanted.add(vec!["a".to_owned()]);
        wanted.added().await;
        let wish = wanted.take();
        assert!(wish.names("a") && !wish.names("b"));
        assert_eq!(wanted.take(), Wish::default());
        wanted.add(Vec::new());
        assert!(wanted.take().names("b"), "nothing named is everything");
    }
}
