//! What the mail server is told to do wrong, at which turn of a conversation. Not what it refuses by itself.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// A turn of an SMTP conversation: what the sender has just done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Turn {
    /// It connected; the greeting is due.
    Connect,
    /// `EHLO` or `HELO`.
    Hello,
    /// `MAIL FROM`.
    Mail,
    /// `RCPT TO`.
    Rcpt,
    /// `DATA`; the go-ahead is due.
    Data,
    /// The line with the single dot: the message is there, and taking it is due.
    EndOfData,
}

/// What is answered instead of the ordinary reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reply {
    /// This code and text; 421 hangs up afterwards.
    Refuse {
        /// The reply code.
        code: u16,
        /// What follows the code.
        text: String,
    },
    /// Nothing: the connection is closed.
    HangUp,
}

/// The refusals still to be given.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    planned: Mutex<BTreeMap<Turn, VecDeque<Reply>>>,
}

impl Refusals {
    pub(super) fn add(&self, turn: Turn, reply: Reply) {
        let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        planned.entry(turn).or_default().push_back(reply);
    }

    pub(super) fn take(&self, turn: Turn) -> Option<Reply> {
        let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        planned.get_mut(&turn).and_then(VecDeque::pop_front)
    }
}
