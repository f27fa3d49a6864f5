//! Connections to read with, so that no page waits for a poll to be written and no poll for a page. Not what is read.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Semaphore;

use crate::store::Store;
use crate::store::error::StoreError;

/// A page is a few milliseconds of work: more of them at once than there are processors only take longer.
const CONNECTIONS: usize = 2;

/// Connections that are free.
pub(super) struct Readers {
    free: Mutex<Vec<Store>>,
    places: Semaphore,
}

impl Readers {
    /// Opens them beside the connection that writes.
    pub(super) fn open(store: &Store) -> Result<Readers, StoreError> {
        let free = (0..CONNECTIONS).map(|_| store.reader()).collect::<Result<_, _>>()?;
        Ok(Readers { free: Mutex::new(free), places: Semaphore::new(CONNECTIONS) })
    }

    /// Waits for a place to work in.
    pub(super) async fn place(&self) -> tokio::sync::SemaphorePermit<'_> {
        self.places.acquire().await.expect("the semaphore is never closed")
    }

    /// Takes a connection; whoever has a place finds one.
    pub(super) fn take(&self) -> Option<Store> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Gives it back; one too many, opened while others took too long, is closed.
    pub(super) fn give_back(&self, store: Store) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        if free.len() < CONNECTIONS {
            free.push(store);
        }
    }
}
