//! What was held back, let go: digests when they are due, and the rest when quiet hours or a pause are over. Looked at again and again; a
//! look that finds nothing to do costs two small queries.
//!
//! What is let go, and what tells of it, are one transaction; ids are made of what they stand for. So whoever is killed in between has let
//! nothing go, and the next look does it all again.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::changes::notice::Occasion;
use crate::config::manner::{Digest, When};
use crate::config::subscriber::Subscriber;
use crate::deliver::Channel;
use crate::store::held::{Held, HeldWhy, Release};
use crate::timing::digest::{Due, due};

use super::House;
use super::composing::{deliveries_over, notice_of};
use super::dispatch_list::audience_of;
use super::holding::is_silent;
use super::poll::PollError;

/// Lets go what is to be told now; how many deliveries that wrote.
pub fn release_due(house: &House, now: Timestamp) -> Result<usize, PollError> {
    let mut held: BTreeMap<(String, String), Vec<Held>> = BTreeMap::new();
    for row in house.store.held()?.into_iter().filter(|row| row.why != HeldWhy::Dropped) {
        held.entry((row.subscriber.clone(), row.channel.clone())).or_default().push(row);
    }
    let digests = house.store.digests()?;
    let mut n_written = 0;
    for subscriber in audience_of(house) {
        for channel in subscriber.channels() {
            let key = (subscriber.subscription.subscriber.clone(), channel.as_str().to_owned());
            let lot = Lot { subscriber: &subscriber, channel, rows: held.remove(&key).unwrap_or_default() };
            let released = match subscriber.manner.when(channel) {
                When::Immediately => lot.after_a_pause(house, now)?,
                When::Digest(digest) => lot.as_digest(house, digest, digests.get(&key).copied(), now)?,
            };
            if let Some(release) = released {
                house.store.release(&release)?;
                n_written += release.deliveries.len();
            }
        }
    }
    if n_written > 0 {
        house.outbox_filled.notify_one();
    }
    Ok(n_written)
}

/// What is held for one channel of a subscriber.
struct Lot<'a> {
    subscriber: &'a Subscriber,
    channel: Channel,
    rows: Vec<Held>,
}

impl Lot<'_> {
    fn after_a_pause(&self, house: &House, now: Timestamp) -> Result<Option<Release>, PollError> {
        if self.rows.is_empty() || is_silent(self.subscriber, self.channel, now) {
            return Ok(None);
        }
        self.released(house, Occasion::HeldBack, now, None).map(Some)
    }

    fn as_digest(
        &self,
        house: &House,
        digest: &Digest,
        last: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Option<Release>, PollError> {
        // Where none went out yet, the time is counted from the first thing that waits for it, or from now on.
        let first = self.rows.iter().map(|row| row.at).min();
        let Some(last) = last.or(first) else { return Ok(Some(self.nothing(now))) };
        match due(&digest.schedule, last, now) {
            Due::No => Ok(None),
            Due::CountAnew => Ok(Some(self.nothing(now))),
            Due::Since(_) if is_silent(self.subscriber, self.channel, now) => Ok(None),
            Due::Since(_) if self.rows.is_empty() && !digest.when_empty => Ok(Some(self.nothing(now))),
            // One that tells nothing is told apart from the next such by the time that it stands for.
            Due::Since(firing) if self.rows.is_empty() => {
                self.released(house, Occasion::Digest, firing, Some(now)).map(Some)
            }
            Due::Since(_) => self.released(house, Occasion::Digest, now, Some(now)).map(Some),
        }
    }

    /// Nothing is told; the next digest is counted from now.
    fn nothing(&self, now: Timestamp) -> Release {
        Release {
            subscriber: self.subscriber.subscription.subscriber.clone(),
            channel: self.channel.as_str().to_owned(),
            changes: Vec::new(),
            deliveries: Vec::new(),
            digest: Some(now),
        }
    }

    fn released(
        &self,
        house: &House,
        occasion: Occasion,
        at: Timestamp,
        digest: Option<Timestamp>,
    ) -> Result<Release, PollError> {
        let ids: Vec<String> = self.rows.iter().map(|row| row.change.clone()).collect();
        let changes = house.store.changes_named(&ids)?;
        let notice = notice_of(&self.subscriber.subscription, occasion, changes);
        let deliveries = deliveries_over(house, self.subscriber, self.channel, &notice, at)?;
        Ok(Release { changes: ids, deliveries, digest, ..self.nothing(at) })
    }
}
