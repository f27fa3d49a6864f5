//! One notice → everything that carries it to one subscriber, composed to its last byte, so that each attempt sends the same. Who gets
//! what is decided before; nothing is sent here.
//!
//! Ids are made of what a delivery stands for: whom it is for, over which channel, which changes it tells, and when the newest of them was
//! seen. Whoever composes the same twice, after a crash or years later, gets the same ids.

use jiff::Timestamp;

use crate::changes::alarm_words::Word;
use crate::changes::change::RecordedChange;
use crate::changes::notice::{Notice, Occasion, subject};
use crate::changes::notice_frame::Frame;
use crate::changes::subscription::Subscription;
use crate::config::subscriber::Subscriber;
use crate::deliver::chat::Post;
use crate::deliver::email_compose::{self, Letter};
use crate::deliver::{Channel, email_word, terminal, webhook_body};
use crate::masked::Recipient;
use crate::records::event::EventRecord;
use crate::store::NewDelivery;
use crate::store::stops::{Stop, StopReason};

use super::House;
use super::framing::{Exits, framed};
use super::identifiers::id_of;
use super::poll::PollError;

/// The name under which the terminal is told while nobody else is to be.
pub const TERMINAL: &str = "terminal";

/// The notice of these changes for a subscriber.
pub fn notice_of(subscription: &Subscription, occasion: Occasion, changes: Vec<RecordedChange>) -> Notice {
    let subscriber = subscription.subscriber.clone();
    Notice { subscriber, languages: subscription.languages, occasion, changes, frame: Frame::default() }
}

/// A notice over every channel of a subscriber.
pub fn deliveries_of(
    house: &House,
    subscriber: &Subscriber,
    notice: &Notice,
    at: Timestamp,
) -> Result<Vec<NewDelivery>, PollError> {
    let notice = framed(house, notice, at)?;
    let mut deliveries = Vec::new();
    for channel in subscriber.channels() {
        deliveries.extend(over(house, subscriber, channel, &notice, at)?);
    }
    Ok(deliveries)
}

/// A notice over one channel of a subscriber; nothing, where they do not have it.
pub fn deliveries_over(
    house: &House,
    subscriber: &Subscriber,
    channel: Channel,
    notice: &Notice,
    at: Timestamp,
) -> Result<Vec<NewDelivery>, PollError> {
    over(house, subscriber, channel, &framed(house, notice, at)?, at)
}

fn over(
    house: &House,
    subscriber: &Subscriber,
    channel: Channel,
    notice: &Notice,
    at: Timestamp,
) -> Result<Vec<NewDelivery>, PollError> {
    match channel {
        Channel::Email => by_email(house, subscriber, notice, at),
        Channel::Webhook => Ok(by_webhook(subscriber, notice, at)),
        Channel::Terminal => Ok(vec![on_terminal(notice, at)]),
        Channel::Slack
        | Channel::Teams
        | Channel::Mattermost
        | Channel::Discord
        | Channel::Feishu
        | Channel::Dingtalk
        | Channel::Wecom
        | Channel::Matrix
        | Channel::Ntfy
        | Channel::Template => Ok(by_post(subscriber, channel, notice, at)),
    }
}

/// One message a recipient, so that one refused address holds up nobody.
fn by_email(
    house: &House,
    subscriber: &Subscriber,
    notice: &Notice,
    at: Timestamp,
) -> Result<Vec<NewDelivery>, PollError> {
    let (Some(target), Some(mail)) = (&subscriber.email, &house.settings.mail) else { return Ok(Vec::new()) };
    let exits = Exits::open(house)?;
    let stops = house.store.stops()?;
    let mut deliveries = Vec::new();
    for to in &target.to {
        let Some(notice) = as_wanted_by(to, notice, &subscriber.subscription, &stops) else { continue };
        let mut new = delivery(Channel::Email, to.clone(), &notice, Vec::new(), at);
        let exit = exits.as_ref().map(|exits| exits.of(&notice.subscriber, to));
        let letter = Letter { to, id: &new.id, at, unsubscribe: exit.as_deref() };
        new.payload = email_compose::compose(&notice, mail, &letter)
            .map_err(|source| PollError::Compose { subscriber: notice.subscriber.clone(), source })?;
        deliveries.push(new);
    }
    Ok(deliveries)
}

/// The notice without what a mailbox asked not to be told of; `None` where nothing is left. A mailbox that nobody reads (it bounced) is
/// written to all the same: the outbox holds that back until somebody looks.
fn as_wanted_by(to: &Recipient, notice: &Notice, subscription: &Subscription, stops: &[Stop]) -> Option<Notice> {
    let is_own = |stop: &&Stop| {
        stop.subscriber == notice.subscriber && stop.recipient == *to && stop.reason == StopReason::Unsubscribed
    };
    let left: Vec<Option<&str>> = stops.iter().filter(is_own).map(|stop| stop.watch.as_deref()).collect();
    if left.contains(&None) {
        return None;
    }
    let is_wanted = |change: &RecordedChange| {
        let mut followed = change.watches.iter().filter(|watch| subscription.follows_watch(watch)).peekable();
        followed.peek().is_none() || followed.any(|watch| !left.contains(&Some(watch.as_str())))
    };
    let changes: Vec<RecordedChange> = notice.changes.iter().filter(|change| is_wanted(change)).cloned().collect();
    let is_empty_now = changes.is_empty() && !notice.changes.is_empty();
    (!is_empty_now).then(|| Notice { changes, ..notice.clone() })
}

/// One payload a change: a machine wants each under its own id.
fn by_webhook(subscriber: &Subscriber, notice: &Notice, at: Timestamp) -> Vec<NewDelivery> {
    let Some(target) = &subscriber.webhook else { return Vec::new() };
    let payload_of = |change: &RecordedChange| {
        let single = Notice { changes: vec![change.clone()], ..notice.clone() };
        let payload = webhook_body::compose(change, &notice.frame);
        delivery(Channel::Webhook, Recipient::new(target.url.as_str()), &single, payload, at)
    };
    notice.changes.iter().map(payload_of).collect()
}

/// One message, however many changes: people read it.
fn by_post(subscriber: &Subscriber, channel: Channel, notice: &Notice, at: Timestamp) -> Vec<NewDelivery> {
    let posts = subscriber.posts.iter().filter(|post| post.channel() == channel);
    let message_to = |post: &Post| {
        let mut new = delivery(channel, post.recipient(), notice, Vec::new(), at);
        new.payload = post.compose(notice, &new.id);
        new
    };
    posts.map(message_to).collect()
}

fn on_terminal(notice: &Notice, at: Timestamp) -> NewDelivery {
    delivery(Channel::Terminal, Recipient::new(TERMINAL), notice, terminal::compose(notice).into_bytes(), at)
}

/// A word to the operator over one of their channels.
pub fn word_over(
    house: &House,
    operator: &Subscriber,
    channel: Channel,
    word: &Word,
    at: Timestamp,
) -> Result<Vec<NewDelivery>, PollError> {
    let mut deliveries = Vec::new();
    for recipient in recipients_of_word(operator, channel) {
        let parts = [channel.as_str(), &operator.subscription.subscriber, recipient.reveal(), &word.kind, &word.about];
        let id = id_of("dlv", at, &parts);
        let payload = match (channel, &house.settings.mail) {
            (Channel::Email, Some(mail)) => email_word::compose(word, mail, &recipient, &id, at).map_err(|source| {
                PollError::Compose { subscriber: operator.subscription.subscriber.clone(), source }
            })?,
            (Channel::Webhook, _) => {
                serde_json::to_vec(&EventRecord::from(word)).expect("strings and maps can be written")
            }
            (channel, _) => match operator.posts.iter().find(|post| post.channel() == channel) {
                Some(post) => post.compose_words(&word.subject(), &lines_of(word), &id),
                None => format!("{}\n{}\n", word.subject(), word.text()).into_bytes(),
            },
        };
        deliveries.push(NewDelivery {
            id,
            subscriber: operator.subscription.subscriber.clone(),
            channel: channel.as_str().to_owned(),
            recipient,
            subject: word.subject(),
            payload,
            changes: Vec::new(),
            created_at: at,
            due_at: at,
        });
    }
    Ok(deliveries)
}

fn lines_of(word: &Word) -> Vec<String> {
    word.text().lines().map(str::to_owned).collect()
}

fn recipients_of_word(operator: &Subscriber, channel: Channel) -> Vec<Recipient> {
    match channel {
        Channel::Terminal => vec![Recipient::new(TERMINAL)],
        _ => operator.recipients(channel),
    }
}

/// A delivery under the id that its contents give it; `at` is when it was written, and the moment of one that tells no change.
fn delivery(channel: Channel, recipient: Recipient, notice: &Notice, payload: Vec<u8>, at: Timestamp) -> NewDelivery {
    let changes: Vec<String> = notice.changes.iter().map(|change| change.id.clone()).collect();
    let mut parts = vec![channel.as_str(), notice.subscriber.as_str(), recipient.reveal()];
    parts.extend(changes.iter().map(String::as_str));
    let newest = notice.changes.iter().map(|change| change.seen_at).max().unwrap_or(at);
    NewDelivery {
        id: id_of("dlv", newest, &parts),
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
