//! Clearing out once a day, where the configuration says so. Whatever goes wrong with it is told and tried again the next day: keeping
//! too much is no reason to stop.
#![expect(clippy::disallowed_methods, reason = "the wiring reads the clock")]

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::logging::chain;
use crate::quantities::rounded;
use crate::store::error::StoreError;
use crate::store::pruning::Pruned;

use super::House;
use super::report::counted;

/// After a start there is other work first.
const FIRST: Duration = Duration::from_mins(10);

/// From one time to the next.
const DAY: Duration = Duration::from_hours(24);

/// Clears out ten minutes after the start and then once a day, until told to stop.
pub async fn run(houses: watch::Receiver<House>, stop: CancellationToken) {
    let mut wait = FIRST;
    loop {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.cancelled() => return,
        }
        wait = DAY;
        let house = houses.borrow().clone();
        // It compresses and waits for the disk. A panic in it is told by the runtime, and the next day comes all the same.
        let _ = tokio::task::spawn_blocking(move || clear_out(&house, Timestamp::now())).await;
    }
}

/// Clears out by `[keep]`, where it says that this is to happen by itself, and tells what went.
pub fn clear_out(house: &House, now: Timestamp) -> Option<Pruned> {
    let keep = house.settings.keep;
    if !keep.daily {
        return None;
    }
    match house.store.prune(&keep.retention, now) {
        Ok(pruned) => {
            if pruned != Pruned::default() {
                tracing::info!("cleared out {}", told(&pruned));
            }
            Some(pruned)
        }
        Err(error) => {
            tell(&error);
            None
        }
    }
}

fn tell(error: &StoreError) {
    tracing::warn!("could not clear out; it is tried again tomorrow: {}", chain(error));
}

/// `3 polls, 1 delivery and 12 snapshots: 1.4 MiB`.
pub fn told(pruned: &Pruned) -> String {
    let deliveries =
        if pruned.n_deliveries == 1 { "1 delivery".to_owned() } else { format!("{} deliveries", pruned.n_deliveries) };
    format!(
        "{}, {deliveries} and {}: {}",
        counted(pruned.n_polls, "poll"),
        counted(pruned.n_snapshots, "snapshot"),
        rounded(pruned.size_bytes)
    )
}
