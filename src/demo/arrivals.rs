//! What came in at one of the servers, in order, and a way to wait for more without sleeping. Not what is done with it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

/// Fewer came than were waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{n_came} of {n_wanted} arrived within {within:?}")]
pub struct TooFew {
    /// How many there were when the time was up.
    pub n_came: usize,
    /// How many were wanted.
    pub n_wanted: usize,
    /// How long was waited.
    pub within: Duration,
}

/// A growing list that can be waited on by any number of tasks.
#[derive(Debug)]
pub struct Arrivals<T> {
    list: Mutex<Vec<T>>,
    n_arrived: watch::Sender<usize>,
}

impl<T: Clone> Arrivals<T> {
    /// Nothing came yet.
    pub fn new() -> Arrivals<T> {
        Arrivals { list: Mutex::new(Vec::new()), n_arrived: watch::Sender::new(0) }
    }

    /// Everything so far, oldest first.
    pub fn all(&self) -> Vec<T> {
        self.lock().clone()
    }

    /// How many came so far.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether nothing came so far.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Everything, as soon as there are at least `n_wanted`.
    pub async fn wait_for(&self, n_wanted: usize, within: Duration) -> Result<Vec<T>, TooFew> {
        let mut n_arrived = self.n_arrived.subscribe();
        let enough = n_arrived.wait_for(|n_came| *n_came >= n_wanted);
        // The sender lives as long as `self`, so the only way not to get enough is to run out of time.
        match tokio::time::timeout(within, enough).await {
            Ok(_) => Ok(self.all()),
            Err(_) => Err(TooFew { n_came: self.len(), n_wanted, within }),
        }
    }

    pub(super) fn push(&self, item: T) {
        let mut list = self.lock();
        list.push(item);
        // Inside the lock, so that the count never runs behind a longer list that another task pushed.
        self.n_arrived.send_replace(list.len());
    }

    fn lock(&self) -> MutexGuard<'_, Vec<T>> {
        // A panic elsewhere cannot leave a vector half pushed.
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Default for Arrivals<T> {
    fn default() -> Arrivals<T> {
        Arrivals::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[tokio::test]
    async fn a_waiter_wakes_when_enough_came_and_not_before() {
        let arrivals = Arc::new(Arrivals::new());
        let mut waiters = tokio::task::JoinSet::new();
        let waiting = Arc::clone(&arrivals);
        waiters.spawn(async move { waiting.wait_for(2, Duration::from_secs(10)).await });
        arrivals.push('a');
        tokio::task::yield_now().await;
        assert!(waiters.try_join_next().is_none());
        arrivals.push('b');
        assert_eq!(waiters.join_next().await.unwrap().unwrap().unwrap(), ['a', 'b']);
    }

    #[tokio::test]
    async fn too_few_says_how_many_came() {
        let arrivals = Arrivals::new();
        arrivals.push(1);
        let error = arrivals.wait_for(3, Duration::from_millis(5)).await.unwrap_err();
        assert_eq!(error.to_string(), "1 of 3 arrived within 5ms");
    }
}
