//! One request at a time for a host, and a pause between two, whichever sources ask. Not the pause itself: that is a setting.
//!
//! A turn is a lock on a host, first come, first served. It ends when the turn is dropped, also where the fetch was given up half
//! way, and what is remembered of a host is forgotten once its pause is over.
#![expect(clippy::disallowed_methods, reason = "a pause is measured")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio::time::{Instant, sleep_until};

/// When the last request to a host ended, and the pause after it; nobody else asks while it is locked.
type Host = Arc<tokio::sync::Mutex<Option<(Instant, Duration)>>>;

#[derive(Debug)]
pub(super) struct Turns {
    pause: Duration,
    hosts: Arc<Mutex<HashMap<String, Host>>>,
}

/// The right to ask a host.
pub(super) struct Turn {
    pause: Duration,
    last_end: OwnedMutexGuard<Option<(Instant, Duration)>>,
    under_way: bool,
}

impl Turns {
    pub(super) fn new(pause: Duration) -> Turns {
        Turns { pause, hosts: Arc::default() }
    }

    /// The same hosts in the same order, with another pause from now on.
    pub(super) fn with_pause(&self, pause: Duration) -> Turns {
        Turns { pause, hosts: Arc::clone(&self.hosts) }
    }

    /// Waits until nobody else asks that host.
    pub(super) async fn turn_of(&self, host: &str) -> Turn {
        let host = self.host(host);
        Turn { pause: self.pause, last_end: host.lock_owned().await, under_way: false }
    }

    fn host(&self, name: &str) -> Host {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever holds or awaits a turn holds a clone of the lock; the others matter only while they are to be left alone.
        hosts.retain(|_, host| Arc::strong_count(host) > 1 || !Turns::may_be_forgotten(host));
        hosts.entry(name.to_owned()).or_default().clone()
    }

    fn may_be_forgotten(host: &Host) -> bool {
        match host.try_lock().as_deref() {
            Ok(Some((last_end, pause))) => last_end.elapsed() >= *pause,
            Ok(None) => true,
            Err(_) => false,
        }
    }
}

impl Turn {
    /// Makes the pause longer, where the site asks for that.
    pub(super) fn pause_at_least(&mut self, pause: Duration) {
        self.pause = self.pause.max(pause);
    }

    /// Waits until the pause since the last request is over.
    pub(super) async fn begin(&mut self) {
        if let Some((last_end, _)) = *self.last_end {
            sleep_until(last_end + self.pause).await;
        }
        self.under_way = true;
    }

    /// The request is over: the pause begins.
    pub(super) fn end(&mut self) {
        *self.last_end = Some((Instant::now(), self.pause));
        self.under_way = false;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.under_way {
            self.end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_millis(40);

    #[tokio::test]
    async fn the_pause_is_held_between_two_turns_and_within_one() {
        let turns = Turns::new(PAUSE);
        let mut ends = Vec::new();
        for _ in 0..2 {
            let mut turn = turns.turn_of("a.example.org").await;
            for _ in 0..2 {
                turn.begin().await;
                if let Some(end) = ends.last() {
                    assert!(Instant::now().duration_since(*end) >= PAUSE);
                }
                turn.end();
                ends.push(turn.last_end.unwrap().0);
            }
        }
        assert_eq!(ends.len(), 4);
    }

    #[tokio::test]
    async fn a_fetch_given_up_half_way_starts_the_pause_too() {
        let turns = Turns::new(PAUSE);
        let mut turn = turns.turn_of("a.example.org").await;
        turn.begin().await;
        let dropped = Instant::now();
        drop(turn);
        let mut turn = turns.turn_of("a.example.org").await;
        turn.begin().await;
        assert!(dropped.elapsed() >= PAUSE);
    }

    #[tokio::test]
    async fn another_pause_keeps_what_is_known_of_the_hosts() {
        let turns = Turns::new(Duration::from_mins(10));
        let mut turn = turns.turn_of("a.example.org").await;
        turn.begin().await;
        turn.end();
        let last_end = turn.last_end.unwrap().0;
        drop(turn);
        let mut turn = turns.with_pause(PAUSE).turn_of("a.example.org").await;
        turn.begin().await;
        assert!(Instant::now().duration_since(last_end) >= PAUSE);
    }

    #[tokio::test]
    async fn hosts_are_forgotten_when_their_pause_is_over() {
        let turns = Turns::new(PAUSE);
        for number in 0..50 {
            let mut turn = turns.turn_of(&format!("{number}.example.org")).await;
            turn.begin().await;
            turn.end();
        }
        let held = turns.turn_of("held.example.org").await;
        tokio::time::sleep(PAUSE).await;
        drop(turns.turn_of("last.example.org").await);
        let names: Vec<String> = turns.hosts.lock().unwrap().keys().cloned().collect();
        assert_eq!(names.len(), 2, "{names:?}");
        drop(held);
    }
}
