//! The pages of the moment, with the validators that go with them, and which answer a request gets. Not the wire.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp, Unit};
use sha2::{Digest, Sha256};

use super::answer::Answer;
use super::ledger::{Ledger, Request};
use crate::demo::hex_of;

/// What the body shows now.
#[derive(Debug, Default)]
pub(super) struct Site {
    shelves: Mutex<Shelves>,
    ledger: Ledger,
}

#[derive(Debug, Default)]
struct Shelves {
    pages: BTreeMap<String, Shelved>,
    once: BTreeMap<String, VecDeque<Answer>>,
}

#[derive(Debug, Clone)]
struct Shelved {
    answer: Answer,
    modified: Timestamp,
}

/// An answer chosen for a request.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    /// What to send.
    pub(super) answer: Answer,
    /// `ETag` and `Last-Modified`, where the answer has them.
    pub(super) validators: Vec<(&'static str, String)>,
    /// Whether the other side has it already.
    pub(super) unchanged: bool,
}

impl Site {
    pub(super) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    pub(super) fn set_page(&self, path: &str, answer: Answer) {
        let mut shelves = self.lock();
        let modified = shelves.modified_of(path, &answer);
        shelves.pages.insert(path.to_owned(), Shelved { answer, modified });
    }

    pub(super) fn answer_next(&self, path: &str, answer: Answer) {
        self.lock().once.entry(path.to_owned()).or_default().push_back(answer);
    }

    pub(super) fn remove_page(&self, path: &str) {
        self.lock().pages.remove(path);
    }

    /// The answer to a request, by its whole target first and then by its path alone.
    pub(super) fn choose(&self, request: &Request) -> Choice {
        let mut shelves = self.lock();
        for key in [request.target.as_str(), request.path()] {
            if let Some(answer) = shelves.once.get_mut(key).and_then(VecDeque::pop_front) {
                return Choice { answer, validators: Vec::new(), unchanged: false };
            }
        }
        let page = [request.target.as_str(), request.path()].into_iter().find_map(|key| shelves.pages.get(key));
        match page {
            Some(page) if page.answer.validators => conditional_choice(request, page),
            Some(page) => Choice { answer: page.answer.clone(), validators: Vec::new(), unchanged: false },
            None => Choice { answer: nothing_there(), validators: Vec::new(), unchanged: false },
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shelves> {
        // Every change of the shelves is one call on a map: a panic elsewhere leaves nothing half done.
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelves {
    /// The time of modification to print, in whole seconds. A new content is at least a second younger than the one before:
    /// steps of the demo follow each other faster than `Last-Modified` can tell.
    #[expect(clippy::disallowed_methods, reason = "a server dates what it serves")]
    fn modified_of(&self, path: &str, answer: &Answer) -> Timestamp {
        let now = Timestamp::now();
        let now = now.round(Unit::Second).unwrap_or(now);
        match self.pages.get(path) {
            Some(before) if before.answer.body == answer.body => before.modified,
            Some(before) => {
                before.modified.checked_add(SignedDuration::from_secs(1)).map_or(now, |later| later.max(now))
            }
            None => now,
        }
    }
}

fn conditional_choice(request: &Request, page: &Shelved) -> Choice {
    let etag = etag_of(&page.answer.body);
    let modified = DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&page.modified)
        .expect("a moment of this century has an HTTP date");
    // `If-Modified-Since` counts only where there is no `If-None-Match` (RFC 9110, 13.1.3).
    let unchanged = match (request.header("if-none-match"), request.header("if-modified-since")) {
        (Some(known), _) => known.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag),
        (None, Some(since)) => since == modified,
        (None, None) => false,
    };
    Choice {
        answer: page.answer.clone(),
        validators: vec![("ETag", etag), ("Last-Modified", modified)],
        unchanged: unchanged && page.answer.status == 200,
    }
}

fn etag_of(body: &[u8]) -> String {
    format!("\"{}\"", hex_of(&Sha256::digest(body)[..16]))
}

fn nothing_there() -> Answer {
    let page = "<!DOCTYPE html>\n<html><head><title>404</title></head><body><h1>Not found</h1></body></html>\n";
    Answer::html(page).with_status(404).without_validators()
}
