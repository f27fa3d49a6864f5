//! Changes → what is to be sent to whom, and what is told later. Only who gets what; composing is done elsewhere, and so is sending.

use jiff::Timestamp;

use crate::changes::change::RecordedChange;
use crate::changes::notice::{Languages, Occasion};
use crate::changes::subscription::{Selection, Subscription};
use crate::config::subscriber::Subscriber;
use crate::store::NewDelivery;
use crate::store::held::Held;

use super::House;
use super::composing::{TERMINAL, deliveries_of, notice_of};
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
    let everybody = recipients_of(house);
    for recorded in recorded.iter_mut() {
        recorded.announced = everybody.iter().any(|who| who.subscription.wants(&recorded.watches, n_watches));
    }
    let mut dispatch = Dispatch::default();
    for subscriber in &everybody {
        let wanted = recorded.iter().filter(|recorded| subscriber.subscription.wants(&recorded.watches, n_watches));
        let changes: Vec<RecordedChange> = wanted.cloned().collect();
        if !changes.is_empty() {
            let notice = notice_of(&subscriber.subscription, Occasion::News, changes);
            dispatch.deliveries.extend(deliveries_of(house, subscriber, &notice, at)?);
        }
    }
    Ok(dispatch)
}

/// Everybody who is told: the subscribers, or the terminal while there are none.
fn recipients_of(house: &House) -> Vec<Subscriber> {
    if !house.settings.subscribers.is_empty() {
        return house.settings.subscribers.clone();
    }
    let subscription =
        Subscription { subscriber: TERMINAL.to_owned(), selection: Selection::All, languages: Languages::English };
    vec![Subscriber::on_terminal(subscription)]
}
