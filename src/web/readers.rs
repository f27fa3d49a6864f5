//! Threads that make pages, each with a connection of its own to read with, so that no page waits for a poll to be written and no poll for a
//! page; and one more for whoever asks whether all is well. Always the same few: an allocator keeps what it has for every thread that ever
//! asked it. Not what is read.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::JoinSet;

use crate::store::Store;
use crate::store::error::StoreError;

/// A page is a few milliseconds of work: more of them at once than there are processors only take longer.
const CONNECTIONS: usize = 2;

/// A page that is to be made.
type Order = Box<dyn FnOnce(&Store) + Send>;

/// Who makes pages.
pub(super) struct Readers {
    /// For whoever reads.
    pub(super) pages: Lane,
    /// For whoever asks whether all is well, so that they do not stand behind everybody who reads.
    pub(super) health: Lane,
}

/// Threads that make one kind of pages.
pub(super) struct Lane {
    places: Arc<Semaphore>,
    /// Connections that nobody works with yet.
    idle: Mutex<Vec<Store>>,
    orders: Mutex<Option<Sender<Order>>>,
}

impl Readers {
    /// Opens the connections beside the one that writes.
    pub(super) fn open(store: &Store) -> Result<Readers, StoreError> {
        Ok(Readers { pages: Lane::open(store, CONNECTIONS)?, health: Lane::open(store, 1)? })
    }

    /// Begins to make pages; ends after [`Readers::close`], or when nobody is left who could order one.
    pub(super) fn work(&self) -> JoinSet<()> {
        let mut workers = JoinSet::new();
        for lane in [&self.pages, &self.health] {
            lane.work(&mut workers);
        }
        workers
    }

    /// Takes no more orders.
    pub(super) fn close(&self) {
        for lane in [&self.pages, &self.health] {
            *lane.orders.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}

impl Lane {
    fn open(store: &Store, n_threads: usize) -> Result<Lane, StoreError> {
        let idle = (0..n_threads).map(|_| store.reader()).collect::<Result<_, _>>()?;
        Ok(Lane { places: Arc::new(Semaphore::new(n_threads)), idle: Mutex::new(idle), orders: Mutex::default() })
    }

    fn work(&self, workers: &mut JoinSet<()>) {
        let (sender, orders) = channel();
        let orders = Arc::new(Mutex::new(orders));
        *self.orders.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        for store in std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner)) {
            let orders = Arc::clone(&orders);
            workers.spawn_blocking(move || while fulfilled(&orders, &store) {});
        }
    }

    /// Waits for a place to work in.
    pub(super) async fn place(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.places).acquire_owned().await.expect("the semaphore is never closed")
    }

    /// What `make` makes, in that place; `None` when it broke, or when nobody works any more. Whoever does not wait for it leaves the
    /// place taken until it is made.
    pub(super) async fn made<T: Send + 'static>(
        &self,
        place: OwnedSemaphorePermit,
        make: impl FnOnce(&Store) -> T + Send + 'static,
    ) -> Option<T> {
        let (sender, answer) = oneshot::channel();
        let order: Order = Box::new(move |store| {
            // Nobody may wait for it any more.
            let _ = sender.send(make(store));
            drop(place);
        });
        let orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner).clone();
        orders?.send(order).ok()?;
        answer.await.ok()
    }
}

/// Waits for an order and fulfils it; `false` when none will come. One that breaks is told by its silence, and the next begins anew.
fn fulfilled(orders: &Mutex<Receiver<Order>>, store: &Store) -> bool {
    let next = orders.lock().unwrap_or_else(PoisonError::into_inner).recv();
    let Ok(order) = next else { return false };
    let _ = catch_unwind(AssertUnwindSafe(|| order(store)));
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Settings;

    #[tokio::test]
    async fn whoever_asks_whether_all_is_well_stands_behind_no_page() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Settings { database: folder.path().join("watch.db") }).unwrap();
        let readers = Readers::open(&store).unwrap();
        let mut workers = readers.work();
        let mut held = Vec::new();
        for _ in 0..CONNECTIONS {
            held.push(readers.pages.place().await);
        }
        let place = readers.health.place().await;
        let answer = readers.health.made(place, |store| store.revision().is_ok()).await;
        assert_eq!((answer, readers.pages.places.available_permits()), (Some(true), 0));
        readers.close();
        while workers.join_next().await.is_some() {}
    }
}
