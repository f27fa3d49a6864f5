//! Changes → what is to be sent to whom, and what is told later. Only who gets what; composing is done elsewhere, and so is sending.

use jiff::Timestamp;

use crate::changes::change::RecordedChange;
use crate::changes::notice::Occasion;
use crate::changes::subscription::Subscription;
use crate::config::subscriber::Subscriber;
use crate::store::NewDelivery;
use crate::store::held::Held;

use super::House;
use super::composing::{TERMINAL, deliveries_over, notice_of};
use super::holding::reason_to_hold;
use super::poll::PollError;

/// What follows from some changes.
#[derive(Debug, Default)]
pub struct Dispatch {
    /// To be sent.
    pub deliveries: Vec<NewDelivery>,
    /// To be told later.
    pub held: Vec<Held>,
}

/// What to send for these changes, and what to hold back; marks the changes that somebody is told of, now or later.
pub fn dispatch_list(house: &House, recorded: &mut [RecordedChange], at: Timestamp) -> Result<Dispatch, PollError> {
    let n_watches = house.settings.watches.len();
    let audience = audience_of(house);
    for recorded in recorded.iter_mut() {
        recorded.announced = audience.iter().any(|who| who.subscription.wants(recorded, n_watches));
    }
    let mut dispatch = Dispatch::default();
    for subscriber in &audience {
        let wanted = recorded.iter().filter(|recorded| subscriber.subscription.wants(recorded, n_watches));
        let changes: Vec<RecordedChange> = wanted.cloned().collect();
        if changes.is_empty() {
            continue;
        }
        let notice = notice_of(&subscriber.subscription, Occasion::News, changes);
        for channel in subscriber.channels() {
            match reason_to_hold(subscriber, channel, at) {
                Some(why) => dispatch.held.extend(notice.changes.iter().map(|change| Held {
                    subscriber: notice.subscriber.clone(),
                    channel: channel.as_str().to_owned(),
                    change: change.id.clone(),
                    why,
                    at,
                })),
                None => dispatch.deliveries.extend(deliveries_over(house, subscriber, channel, &notice, at)?),
            }
        }
    }
    Ok(dispatch)
}

/// Everybody who is told: the subscribers, or the terminal while there are none.
pub fn audience_of(house: &House) -> Vec<Subscriber> {
    if house.settings.subscribers.is_empty() {
        return vec![Subscriber::on_terminal(Subscription::to_everything(TERMINAL))];
    }
    house.settings.subscribers.clone()
}
