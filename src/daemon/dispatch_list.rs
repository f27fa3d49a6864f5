//! Changes → what is to be sent to whom. Composes every message to its last byte, so that each attempt sends the same; sends nothing.

use jiff::Timestamp;

use crate::changes::change::RecordedChange;
use crate::changes::notice::{Languages, Notice, subject};
use crate::changes::subscription::{Selection, Subscription};
use crate::config::subscriber::Subscriber;
use crate::deliver::email_compose;
use crate::deliver::{Channel, terminal, webhook_body};
use crate::masked::Recipient;
use crate::store::NewDelivery;

use super::House;
use super::identifiers::id_of;
use super::poll::PollError;

/// The name under which the terminal is told while nobody else is to be.
const TERMINAL: &str = "terminal";

/// What to send for these changes; marks the changes that somebody is told of.
pub fn dispatch_list(
    house: &House,
    recorded: &mut [RecordedChange],
    at: Timestamp,
) -> Result<Vec<NewDelivery>, PollError> {
    let n_watches = house.settings.watches.len();
    let mut deliveries = Vec::new();
    let on_terminal =
        Subscription { subscriber: TERMINAL.to_owned(), selection: Selection::All, languages: Languages::English };
    for recorded in recorded.iter_mut() {
        let everybody = house.settings.subscribers.iter().map(|subscriber| &subscriber.subscription);
        let nobody_configured = house.settings.subscribers.is_empty().then_some(&on_terminal);
        recorded.announced = everybody.chain(nobody_configured).any(|who| who.wants(&recorded.watches, n_watches));
    }
    let notice_for = |subscription: &Subscription| {
        let wanted = recorded.iter().filter(|recorded| subscription.wants(&recorded.watches, n_watches));
        let changes: Vec<RecordedChange> = wanted.cloned().collect();
        let subscriber = subscription.subscriber.clone();
        (!changes.is_empty()).then_some(Notice { subscriber, languages: subscription.languages, changes })
    };
    for subscriber in &house.settings.subscribers {
        if let Some(notice) = notice_for(&subscriber.subscription) {
            by_email(house, subscriber, &notice, at, &mut deliveries)?;
            by_webhook(subscriber, &notice, at, &mut deliveries);
        }
    }
    if house.settings.subscribers.is_empty()
        && let Some(notice) = notice_for(&on_terminal)
    {
        let payload = terminal::compose(&notice).into_bytes();
        deliveries.push(delivery(Channel::Terminal, Recipient::new(TERMINAL), &notice, payload, at));
    }
    Ok(deliveries)
}

/// One message a recipient, so that one refused address holds up nobody.
fn by_email(
    house: &House,
    subscriber: &Subscriber,
    notice: &Notice,
    at: Timestamp,
    deliveries: &mut Vec<NewDelivery>,
) -> Result<(), PollError> {
    let (Some(target), Some(mail)) = (&subscriber.email, &house.settings.mail) else { return Ok(()) };
    for to in &target.to {
        let mut new = delivery(Channel::Email, to.clone(), notice, Vec::new(), at);
        new.payload = email_compose::compose(notice, mail, to, &new.id, at)
            .map_err(|source| PollError::Compose { subscriber: notice.subscriber.clone(), source })?;
        deliveries.push(new);
    }
    Ok(())
}

/// One payload a change: a machine wants each under its own id.
fn by_webhook(subscriber: &Subscriber, notice: &Notice, at: Timestamp, deliveries: &mut Vec<NewDelivery>) {
    let Some(target) = &subscriber.webhook else { return };
    for change in &notice.changes {
        let single = Notice { changes: vec![change.clone()], ..notice.clone() };
        let payload = webhook_body::compose(change);
        deliveries.push(delivery(Channel::Webhook, Recipient::new(target.url.as_str()), &single, payload, at));
    }
}

fn delivery(channel: Channel, recipient: Recipient, notice: &Notice, payload: Vec<u8>, at: Timestamp) -> NewDelivery {
    let changes: Vec<String> = notice.changes.iter().map(|change| change.id.clone()).collect();
    let mut parts = vec![channel.as_str(), notice.subscriber.as_str(), recipient.reveal()];
    parts.extend(changes.iter().map(String::as_str));
    NewDelivery {
        id: id_of("dlv", at, &parts),
        subscriber: notice.subscriber.clone(),
        channel: channel.as_str().to_owned(),
        subject: subject(notice),
        recipient,
        payload,
        changes,
        created_at: at,
        due_at: at,
    }
}
