//! What a subscriber was never told of, told now because the operator asks for it: somebody who was added later, a mailbox that had left, a
//! pause that dropped. Nothing that was told, or is to be told later, is told here.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::changes::change::{Kind, RecordedChange};
use crate::changes::notice::Occasion;
use crate::config::subscriber::{EmailTarget, Subscriber};
use crate::deliver::Channel;
use crate::masked::Recipient;
use crate::store::changes::ChangeFilter;
use crate::store::held::{HeldWhy, Release};

use super::House;
use super::composing::{deliveries_over, notice_of};
use super::poll::PollError;

/// Writes what tells a subscriber of the changes seen since then that they were never told of; how many deliveries that are.
pub fn catch_up(house: &House, subscriber: &Subscriber, since: Timestamp, now: Timestamp) -> Result<usize, PollError> {
    let id = &subscriber.subscription.subscriber;
    let filter = ChangeFilter { since: Some(since), ..ChangeFilter::default() };
    let n_watches = house.settings.watches.len();
    let today = TimeZone::UTC.to_datetime(now).date();
    let is_wanted = |change: &RecordedChange| {
        let day = match change.change.kind {
            Kind::ConsultationClosing => change.change.after.consultation.closes,
            Kind::EnteringIntoForce => change.change.after.effective,
            _ => None,
        };
        // A reminder of a day that is over helps nobody.
        subscriber.subscription.wants(change, n_watches) && day.is_none_or(|day| day >= today)
    };
    let changes: Vec<RecordedChange> = house.store.changes(&filter)?.into_iter().filter(is_wanted).collect();
    let held = house.store.held()?;
    let mut n_written = 0;
    for (channel, recipient) in ways_of(subscriber) {
        let told = house.store.told(id, channel.as_str(), recipient.as_ref())?;
        let is_to_come = |change: &RecordedChange| {
            held.iter().any(|held| {
                let is_this = held.subscriber == *id && held.channel == channel.as_str() && held.change == change.id;
                is_this && held.why != HeldWhy::Dropped
            })
        };
        let missing = changes.iter().filter(|change| !told.contains(&change.id) && !is_to_come(change));
        let missing: Vec<RecordedChange> = missing.cloned().collect();
        if missing.is_empty() {
            continue;
        }
        let ids = missing.iter().map(|change| change.id.clone()).collect();
        let notice = notice_of(&subscriber.subscription, Occasion::Again, missing);
        let deliveries = deliveries_over(house, &reached_at(subscriber, recipient), channel, &notice, now)?;
        n_written += deliveries.len();
        let (subscriber, channel) = (id.clone(), channel.as_str().to_owned());
        house.store.release(&Release { subscriber, channel, changes: ids, deliveries, digest: None })?;
    }
    Ok(n_written)
}

/// Each mailbox by itself, since one may have been told what another was not.
fn ways_of(subscriber: &Subscriber) -> Vec<(Channel, Option<Recipient>)> {
    let mut ways = Vec::new();
    for channel in subscriber.channels() {
        match channel {
            Channel::Email => {
                ways.extend(subscriber.recipients(channel).into_iter().map(|mailbox| (channel, Some(mailbox))));
            }
            _ => ways.push((channel, None)),
        }
    }
    ways
}

fn reached_at(subscriber: &Subscriber, mailbox: Option<Recipient>) -> Subscriber {
    let email = mailbox.map(|mailbox| EmailTarget { to: vec![mailbox] });
    Subscriber { email: email.or_else(|| subscriber.email.clone()), ..subscriber.clone() }
}
