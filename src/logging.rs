//! Where logs go, and how an error is told once with all its causes. Not what is logged: that is for who handles it.

/// Kinds of events, and their ids.
pub mod events;
/// The journal, by its native protocol.
mod journal;

use std::error::Error;
use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use self::journal::Journal;

/// How much to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verbosity {
    /// Errors alone.
    Silent,
    /// Warnings and errors.
    Quiet,
    /// One line a poll and a delivery.
    Normal,
    /// Why, too.
    Verbose,
}

impl Verbosity {
    /// Ours at that level; the libraries below only when something is wrong with them.
    fn directives(self) -> &'static str {
        match self {
            Verbosity::Silent => "error",
            Verbosity::Quiet => "warn",
            Verbosity::Normal => "warn,stagewatch=info",
            Verbosity::Verbose => "info,stagewatch=debug",
        }
    }
}

/// Sends logs to the journal where standard error leads there, else to standard error, coloured on a terminal unless told not to.
pub fn start(verbosity: Verbosity, colour: bool) {
    let filter = EnvFilter::new(verbosity.directives());
    // A second start, as in tests, keeps the first.
    if let Some(journal) = Journal::of_this_service() {
        let _ = tracing_subscriber::registry().with(filter).with(journal).try_init();
        return;
    }
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        // Whoever read our standard error may be gone; that is no reason to panic.
        .log_internal_errors(false)
        .with_ansi(colour && std::io::stderr().is_terminal())
        .try_init();
}

/// An error and all its causes on one line.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
