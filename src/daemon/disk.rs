//! Whether the disk takes what is written: known in memory, since a disk that is full takes no note of it. Not who is told.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::store::error::StoreError;

/// What is known of the disk.
#[derive(Debug, Default)]
pub struct Disk {
    trouble: Mutex<Option<Trouble>>,
}

/// A disk that does not take what is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Since when.
    pub since: Timestamp,
    /// What the store says, with all its causes.
    pub what: String,
    /// Whether the operator was told.
    pub is_told: bool,
}

impl Disk {
    /// Something could not be written; the first time of a row is logged.
    pub fn failed(&self, error: &StoreError, now: Timestamp) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        if trouble.is_none() {
            let what = crate::logging::chain(error);
            tracing::error!("{what}; nothing is polled and sent until that works again");
            *trouble = Some(Trouble { since: now, what, is_told: false });
        }
    }

    /// Something was written; the trouble that this ends, where there was one.
    pub fn worked(&self) -> Option<Trouble> {
        let over = self.trouble.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(over) = &over {
            tracing::info!("the database can be written again; it could not since {:.0}", over.since);
        }
        over
    }

    /// The operator was told.
    pub fn is_told(&self) {
        if let Some(trouble) = self.trouble.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            trouble.is_told = true;
        }
    }

    /// The trouble that lasts.
    pub fn trouble(&self) -> Option<Trouble> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
