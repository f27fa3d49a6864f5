//! Whether the loops move. Each says so itself, where it comes round; when all of them have, the service manager is told: the first
//! time that we are ready, from then on that we are alive. A loop that hangs is silent, and so are we: no timer speaks for it.
#![expect(clippy::disallowed_methods, reason = "how long a loop has been silent is measured")]

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::systemd;

/// A loop that has to come round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// The one that polls.
    Scheduler,
    /// The one that sends.
    Dispatcher,
    /// The one that looks at the calendar and lets go what was held.
    Keeper,
}

/// All of them.
const ROUNDS: [Round; 3] = [Round::Scheduler, Round::Dispatcher, Round::Keeper];

/// Without a watchdog the loops come round this often all the same, so that their silence means something.
const LONGEST_REST: Duration = Duration::from_secs(30);

/// How many rests one loop may miss before it counts as hanging: statements that wait for a lock take their time.
const MISSED_RESTS: u32 = 4;

/// What is known of the loops. Shared by everybody who moves.
#[derive(Debug)]
pub struct Progress {
    rest: Duration,
    seen: Mutex<Seen>,
}

/// What was seen since the last word to the service manager.
#[derive(Debug, Default)]
struct Seen {
    moved: [bool; ROUNDS.len()],
    last: [Option<Instant>; ROUNDS.len()],
    is_ready: bool,
}

/// What one step of one loop makes true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    /// Every loop has come round for the first time.
    Ready,
    /// Every loop has come round again.
    Alive,
}

impl Default for Progress {
    /// As often as the watchdog of this process wants it: four times in its interval.
    fn default() -> Progress {
        let rest = systemd::watchdog().map_or(LONGEST_REST, |interval| (interval / 4).min(LONGEST_REST));
        Progress { rest, seen: Mutex::default() }
    }
}

impl Progress {
    /// A loop came round.
    pub fn moved(&self, round: Round) {
        let word = self.seen().step(round, Instant::now());
        match word {
            Some(Word::Ready) => systemd::ready(),
            Some(Word::Alive) => systemd::alive(),
            None => {}
        }
    }

    /// The longest time that a loop may sleep.
    pub fn rest(&self) -> Duration {
        self.rest
    }

    /// Which loops hang, each with how long it has been silent; one that never moved has hung since ever.
    pub fn hanging(&self) -> Vec<Silence> {
        let seen = self.seen();
        let limit = self.rest * MISSED_RESTS;
        let silences = ROUNDS
            .iter()
            .zip(seen.last)
            .map(|(&round, last)| Silence { round, since: last.map(|last| last.elapsed()) });
        silences.filter(|silence| silence.since.is_none_or(|since| since > limit)).collect()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    fn step(&mut self, round: Round, now: Instant) -> Option<Word> {
        self.moved[round as usize] = true;
        self.last[round as usize] = Some(now);
        if !self.moved.iter().all(|moved| *moved) {
            return None;
        }
        self.moved = Default::default();
        let word = if self.is_ready { Word::Alive } else { Word::Ready };
        self.is_ready = true;
        Some(word)
    }
}

/// A loop that has not come round for too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silence {
    round: Round,
    since: Option<Duration>,
}

impl fmt::Display for Silence {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.round {
            Round::Scheduler => "scheduler",
            Round::Dispatcher => "dispatcher",
            Round::Keeper => "keeper",
        };
        match self.since {
            Some(since) => write!(out, "the {name} has not moved for {} s", since.as_secs()),
            None => write!(out, "the {name} has not begun"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_all_loops_together_are_ready_and_alive() {
        let mut seen = Seen::default();
        let mut words =
            |rounds: &[Round]| rounds.iter().map(|round| seen.step(*round, Instant::now())).collect::<Vec<_>>();
        let [one, other, third] = ROUNDS;
        assert_eq!(words(&[one, one, other, third]), [None, None, None, Some(Word::Ready)]);
        assert_eq!(words(&[other, other, third, third]), [None; 4], "one loop does not speak for another");
        assert_eq!(words(&[one, one, other]), [Some(Word::Alive), None, None]);
    }

    #[test]
    fn a_loop_that_stays_silent_is_named() {
        let progress = Progress { rest: Duration::ZERO, seen: Mutex::default() };
        progress.moved(Round::Scheduler);
        let hanging = progress.hanging();
        assert_eq!(hanging.len(), 3, "{hanging:?}");
        assert_eq!(hanging[0].to_string(), "the scheduler has not moved for 0 s");
        assert_eq!(hanging[1].to_string(), "the dispatcher has not begun");
        let patient = Progress { rest: Duration::from_mins(1), ..progress };
        patient.moved(Round::Dispatcher);
        patient.moved(Round::Keeper);
        assert_eq!(patient.hanging(), []);
    }
}
