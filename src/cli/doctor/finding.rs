//! One line of the doctor's: what was looked at, what was found, what to do about it. Not the looking.

use std::fmt::Display;

use serde::Serialize;

/// What was found about one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at: `disk`, `source iso-open-data`.
    pub what: String,
    /// How it is.
    pub verdict: Verdict,
    /// What was found.
    pub says: String,
    /// What to do about it, where there is something to do.
    pub remedy: Option<String>,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// As it should be.
    Good,
    /// It works, and deserves a look.
    Doubtful,
    /// It does not work.
    Wrong,
    /// It was not looked at.
    LeftOut,
}

impl Finding {
    /// As it should be.
    pub fn good(what: impl Display, says: impl Display) -> Finding {
        Finding { what: what.to_string(), verdict: Verdict::Good, says: says.to_string(), remedy: None }
    }

    /// It works, and deserves a look.
    pub fn doubtful(what: impl Display, says: impl Display, remedy: impl Display) -> Finding {
        Finding { verdict: Verdict::Doubtful, remedy: Some(remedy.to_string()), ..Finding::good(what, says) }
    }

    /// It does not work.
    pub fn wrong(what: impl Display, says: impl Display, remedy: impl Display) -> Finding {
        Finding { verdict: Verdict::Wrong, remedy: Some(remedy.to_string()), ..Finding::good(what, says) }
    }

    /// It was not looked at.
    pub fn left_out(what: impl Display, says: impl Display) -> Finding {
        Finding { verdict: Verdict::LeftOut, ..Finding::good(what, says) }
    }
}
