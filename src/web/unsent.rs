//! Bytes of answers that are made and not yet taken by the other side. While there are many, no further page is made: what waits for slow
//! clients must not grow with their number. Not how long a client may take.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::Notify;

/// As many pages as all processors make in the time in which a client of the same machine takes one; more of them would only wait.
const MOST_BYTES: usize = 4 << 20;

/// What a large file counts for: whoever takes long to fetch one does not keep all others waiting.
const MOST_OF_ONE: usize = 1 << 20;

/// What waits to be taken.
#[derive(Debug, Default)]
pub(super) struct Unsent {
    bytes: AtomicUsize,
    taken: Notify,
}

/// An answer, for as long as some of it was not taken.
struct Kept {
    bytes: Vec<u8>,
    counted: usize,
    unsent: Arc<Unsent>,
}

impl Unsent {
    /// Waits until there is room for another answer; whether there was, in that time.
    pub(super) async fn room(&self, patience: Duration) -> bool {
        let room = async {
            loop {
                let taken = self.taken.notified();
                if self.bytes.load(Ordering::Acquire) < MOST_BYTES {
                    break;
                }
                taken.await;
            }
        };
        tokio::time::timeout(patience, room).await.is_ok()
    }

    /// An answer that is to be sent; counted until its last byte was taken.
    pub(super) fn keep(self: &Arc<Self>, bytes: Vec<u8>) -> Bytes {
        let counted = bytes.len().min(MOST_OF_ONE);
        self.bytes.fetch_add(counted, Ordering::AcqRel);
        Bytes::from_owner(Kept { bytes, counted, unsent: Arc::clone(self) })
    }
}

impl AsRef<[u8]> for Kept {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.unsent.bytes.fetch_sub(self.counted, Ordering::AcqRel);
        self.unsent.taken.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_answer_is_made_while_many_wait_to_be_taken() {
        let unsent = Arc::new(Unsent::default());
        let piece = MOST_OF_ONE / 2;
        let mut waiting: Vec<Bytes> = (0..MOST_BYTES / piece).map(|_| unsent.keep(vec![0; piece])).collect();
        assert!(!unsent.room(Duration::from_millis(1)).await);
        let (room, ()) = tokio::join!(unsent.room(Duration::from_mins(1)), async { drop(waiting.pop()) });
        assert!(room);
    }

    #[tokio::test]
    async fn a_large_file_does_not_keep_everybody_waiting() {
        let unsent = Arc::new(Unsent::default());
        let file = unsent.keep(vec![0; 2 * MOST_BYTES]);
        assert!(unsent.room(Duration::ZERO).await);
        let part = file.slice(1..2);
        drop(file);
        assert_eq!(unsent.bytes.load(Ordering::Acquire), MOST_OF_ONE, "a byte of it was not taken");
        drop(part);
        assert_eq!(unsent.bytes.load(Ordering::Acquire), 0);
    }
}
