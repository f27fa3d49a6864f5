//! Where logs go, and how an error is told once with all its causes. Not what is logged: that is for who handles it.

use std::error::Error;
use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

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

/// Sends logs to standard error, coloured on a terminal unless told not to. Under systemd the journal adds the time itself.
pub fn start(verbosity: Verbosity, colour: bool, journal: bool) {
    let layer = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(verbosity.directives()))
        .with_writer(std::io::stderr)
        .with_target(false)
        // Whoever read our standard error may be gone; that is no reason to panic.
        .log_internal_errors(false)
        .with_ansi(colour && std::io::stderr().is_terminal());
    // A second start, as in tests, keeps the first.
    let _ = if journal { layer.without_time().try_init() } else { layer.try_init() };
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
