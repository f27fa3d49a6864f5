//! A saved page, taken in as if polled at that moment: the same pipeline from decoding on. For giving a project its past from an
//! archive.

use std::time::Duration;

use jiff::Timestamp;

use crate::config::source::Source;
use crate::store::{Poll, PollOutcome};

use super::House;
use super::gather::{Received, following, sheet_of};
use super::poll::{Announce, Intake, PollError, Polled, blank, take_in};

/// A page that was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The past is taken in order: the source was polled later than this already.
    #[error(
        "source `{id}` was last taken in at {last}, later than {at}; import pages in order of time, or into a database of their own"
    )]
    OutOfOrder {
        /// The source.
        id: String,
        /// Its last accepted poll.
        last: Timestamp,
        /// The moment asked for.
        at: Timestamp,
    },
    /// The pipeline failed.
    #[error("could not take in the page")]
    Poll(#[from] PollError),
}

/// A page from an archive.
#[derive(Debug, Clone)]
pub struct Saved {
    /// Its bytes as served.
    pub bytes: Vec<u8>,
    /// Its `Content-Type`, where the archive kept it.
    pub content_type: Option<String>,
    /// When it was served.
    pub at: Timestamp,
}

/// Takes in one saved page of a source.
pub fn import(house: &House, source: &Source, saved: Saved, announce: Announce) -> Result<Polled, ImportError> {
    let state = house.store.source_state(&source.id).map_err(PollError::from)?;
    if let Some(last) = state.last_accepted.filter(|last| *last > saved.at) {
        return Err(ImportError::OutOfOrder { id: source.id.clone(), last, at: saved.at });
    }
    let source = &following(house, source).map_err(PollError::from)?;
    let address = source.urls.first().ok_or(PollError::NoAddress)?.clone();
    let received = Received::saved(address, saved.content_type, saved.bytes).read_as(source.encoding);
    let poll = blank(&source.id, saved.at, Duration::ZERO);
    match sheet_of(source.format, &source.scope, received, saved.at) {
        Ok(sheet) => {
            let intake = Intake { house: house.clone(), source: source.clone(), state, announce, poll };
            Ok(take_in(intake, vec![sheet])?)
        }
        Err(refusal) => {
            let why = format!("{}: {}", refusal.kind.as_str(), refusal.evidence);
            let poll = Poll { outcome: PollOutcome::Refused, why: Some(why), ..poll };
            house.store.record_poll(&poll, &[]).map_err(PollError::from)?;
            Ok(Polled { refusal: Some(refusal), ..Polled::of(poll) })
        }
    }
}
