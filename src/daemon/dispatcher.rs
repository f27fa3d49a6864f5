//! Sending what is due: wake, claim, send, record. No retry inside: the next wake-up is the retry.
//!
//! A claim is a lease. Whoever dies with one under way loses it, and the delivery goes out again under the same id; that is what
//! *at least once* means here. One delivery that hangs holds up only itself: each has a deadline of its own.
#![expect(clippy::disallowed_methods, reason = "the wiring reads the clock")]

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::changes::health::Said;
use crate::config::subscriber::Subscriber;
use crate::deliver::{Channel, Outcome, Parcel, chat, terminal, webhook};
use crate::logging::events;
use crate::store::error::StoreError;
use crate::store::lanes::Lanes;
use crate::store::{Delivery, DeliveryState, NewDelivery, Settlement, Verdict};
use crate::timing::waiting::{EMAIL_PLAN, WEBHOOK_PLAN, wait_after};

use super::House;
use super::holding::is_silent;
use super::progress::Round;
use super::systemd::Standing;

/// How many deliveries are sent at once.
const AT_ONCE: u32 = 16;

/// How many of them to one endpoint: a receiver that dawdles holds up itself.
const AT_ONCE_TO_ONE: usize = 2;

/// How many of them by mail: they all go through one server.
const AT_ONCE_BY_MAIL: usize = 4;

/// How long to wait before a disk that failed is tried again.
const REST: Duration = Duration::from_secs(5);

/// Longer than any channel's own deadline: a lease never ends while an attempt is under way.
const LEASE: Duration = Duration::from_mins(5);

/// How long to sleep when nothing is due: a safety net under the notifications.
const IDLE: Duration = Duration::from_mins(1);

/// What one pass over the outbox came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pass {
    /// Taken by the other side.
    pub n_delivered: usize,
    /// To be tried again.
    pub n_waiting: usize,
    /// Given up.
    pub n_failed: usize,
    /// Held back, since their endpoint is gone.
    pub n_held: usize,
}

/// Sends until told to stop; attempts under way are finished by their own deadlines or cut by the caller. Another house takes over
/// between two claims. While the disk fails nothing is claimed: what cannot be recorded is not sent.
pub async fn run(houses: watch::Receiver<House>, stop: CancellationToken) -> Result<(), StoreError> {
    let mut under_way = JoinSet::new();
    let mut standing = Standing::default();
    while !stop.is_cancelled() {
        let house = houses.borrow().clone();
        house.progress.moved(Round::Dispatcher);
        // Registered before looking, so that what is written meanwhile wakes us.
        let woken = house.outbox_filled.notified();
        let free = AT_ONCE.saturating_sub(u32::try_from(under_way.len()).unwrap_or(AT_ONCE));
        let wait = match begin(&house, &mut under_way, free, Timestamp::now()) {
            Ok(()) => until_next(&house)?,
            Err(error) if error.is_transient() => {
                house.disk.failed(&error, Timestamp::now());
                REST
            }
            Err(error) => return Err(error),
        };
        standing.tell(&house, Instant::now())?;
        let wait = standing.wait(Instant::now()).map_or(wait, |untold| wait.min(untold));
        tokio::select! {
            Some(ended) = under_way.join_next() => {
                count(ended, &mut Pass::default())?;
                standing.changed();
            }
            () = woken => {}
            () = tokio::time::sleep(wait.min(house.progress.rest())) => {}
            () = stop.cancelled() => {}
        }
    }
    while let Some(ended) = under_way.join_next().await {
        count(ended, &mut Pass::default())?;
    }
    Ok(())
}

fn until_next(house: &House) -> Result<Duration, StoreError> {
    let now = Timestamp::now();
    let wait = match house.store.next_due_after(now) {
        Ok(next) => next.map(|next| Duration::try_from(next.duration_since(now)).unwrap_or_default()),
        Err(error) if error.is_transient() => Some(REST),
        Err(error) => return Err(error),
    };
    // Never less than a moment: a claim that somebody else holds must not make us spin.
    Ok(wait.unwrap_or(IDLE).clamp(Duration::from_millis(50), IDLE))
}

type Attempts = JoinSet<Result<Settlement, StoreError>>;

/// Claims so many that are due, and begins an attempt for each.
fn begin(house: &House, under_way: &mut Attempts, limit: u32, now: Timestamp) -> Result<(), StoreError> {
    if limit == 0 {
        return Ok(());
    }
    let lanes = Lanes {
        limit,
        lease: LEASE,
        per_endpoint: AT_ONCE_TO_ONE,
        per_channel: BTreeMap::from([(Channel::Email.as_str().to_owned(), AT_ONCE_BY_MAIL)]),
        silent: silent(house, now),
    };
    for delivery in house.store.claim_fairly(now, &lanes)? {
        let house = house.clone();
        under_way.spawn(async move { attempt(&house, delivery).await });
    }
    Ok(())
}

/// To whom nothing goes out now, whatever was written for them before.
fn silent(house: &House, now: Timestamp) -> BTreeSet<(String, String)> {
    let of = |subscriber: &Subscriber| {
        let id = subscriber.subscription.subscriber.clone();
        let channels = subscriber.channels().into_iter().filter(|channel| is_silent(subscriber, *channel, now));
        channels.map(|channel| (id.clone(), channel.as_str().to_owned())).collect::<Vec<_>>()
    };
    house.settings.subscribers.iter().flat_map(of).collect()
}

/// Sends what is due now, once each, as much as goes out at once.
pub async fn deliver_due(house: &House, now: Timestamp) -> Result<Pass, StoreError> {
    let mut pass = Pass::default();
    let mut under_way = JoinSet::new();
    begin(house, &mut under_way, AT_ONCE, now)?;
    while let Some(ended) = under_way.join_next().await {
        count(ended, &mut pass)?;
    }
    Ok(pass)
}

fn count(ended: Result<Result<Settlement, StoreError>, JoinError>, pass: &mut Pass) -> Result<(), StoreError> {
    match ended {
        Ok(settled) => match settled? {
            Settlement::Delivered => pass.n_delivered += 1,
            Settlement::TryAgain(_) => pass.n_waiting += 1,
            Settlement::Failed => pass.n_failed += 1,
            Settlement::Held => pass.n_held += 1,
        },
        // The lease brings it back; the panic itself is in the log.
        Err(panicked) => tracing::error!(error = %panicked, "an attempt to deliver broke off"),
    }
    Ok(())
}

/// One attempt, recorded.
async fn attempt(house: &House, delivery: Delivery) -> Result<Settlement, StoreError> {
    let parcel = Parcel {
        id: delivery.delivery.id.clone(),
        recipient: delivery.delivery.recipient.clone(),
        payload: delivery.delivery.payload.clone(),
    };
    let outcome = send(house, &delivery, &parcel).await;
    let now = Timestamp::now();
    let verdict = verdict_of(&delivery, outcome, now);
    while let Err(error) = house.store.settle(&parcel.id, delivery.n_attempts, &verdict, now) {
        if !error.is_transient() {
            return Err(error);
        }
        // What was sent is kept in mind until it can be written down: otherwise it would go out again.
        house.disk.failed(&error, Timestamp::now());
        tokio::time::sleep(REST).await;
    }
    tell(&delivery, &verdict.settlement, &verdict.answer);
    Ok(verdict.settlement)
}

/// Sends something once, past the outbox: a sample, or a word that cannot be written down. What came of it is for the caller to tell.
pub async fn send_now(house: &House, new: &NewDelivery) -> Outcome {
    let parcel = Parcel { id: new.id.clone(), recipient: new.recipient.clone(), payload: new.payload.clone() };
    let delivery = Delivery {
        delivery: new.clone(),
        state: DeliveryState::UnderWay,
        n_attempts: 1,
        next_attempt_at: new.due_at,
        last_answer: None,
        settled_at: None,
    };
    send(house, &delivery, &parcel).await
}

async fn send(house: &House, delivery: &Delivery, parcel: &Parcel) -> Outcome {
    let subscriber = &delivery.delivery.subscriber;
    let removed = || Outcome::Refused { why: format!("subscriber `{subscriber}` no longer has this channel") };
    match Channel::parse(&delivery.delivery.channel) {
        Some(Channel::Email) => match house.mailer_of(subscriber, &parcel.recipient) {
            Some(mailer) => mailer.send(parcel).await,
            None => removed(),
        },
        Some(Channel::Webhook) => match house.webhook_of(subscriber) {
            Some(settings) => webhook::send(&house.poster, settings, parcel, Timestamp::now()).await,
            None => removed(),
        },
        Some(Channel::Terminal) => terminal::print(&parcel.payload, &mut std::io::stdout().lock()),
        Some(
            channel @ (Channel::Slack
            | Channel::Teams
            | Channel::Mattermost
            | Channel::Discord
            | Channel::Feishu
            | Channel::Dingtalk
            | Channel::Wecom
            | Channel::Matrix
            | Channel::Ntfy
            | Channel::Template),
        ) => match house.post_of(subscriber, channel) {
            Some(post) => chat::send(&house.poster, post, parcel, Timestamp::now()).await,
            None => removed(),
        },
        None => Outcome::Refused { why: format!("no channel is called `{}`", delivery.delivery.channel) },
    }
}

/// What an outcome means for the outbox, by the plan of the channel.
fn verdict_of(delivery: &Delivery, outcome: Outcome, now: Timestamp) -> Verdict {
    let verdict = |settlement, said, answer| Verdict { settlement, said, answer };
    match outcome {
        Outcome::Delivered { answer } => verdict(Settlement::Delivered, Said::Took, answer),
        Outcome::Refused { why } if names_the_mailbox(delivery, &why) => {
            verdict(Settlement::Failed, Said::NoSuchMailbox, why)
        }
        Outcome::Refused { why } => verdict(Settlement::Failed, Said::NotThis, why),
        Outcome::ForOperator { why } => {
            let verdict = verdict_of(delivery, Outcome::TryAgain { why, wait: None }, now);
            Verdict { said: Said::ForOperator, ..verdict }
        }
        Outcome::Gone { why } => verdict(Settlement::Held, Said::Gone, why),
        Outcome::TryAgain { why, wait } => {
            let plan = match Channel::parse(&delivery.delivery.channel) {
                Some(Channel::Email | Channel::Terminal) | None => EMAIL_PLAN,
                Some(_) => WEBHOOK_PLAN,
            };
            let Some(wait) = wait_after(plan, delivery.n_attempts, fastrand::f64(), wait) else {
                let why = format!("given up after {} attempts: {why}", delivery.n_attempts);
                return verdict(Settlement::Failed, Said::NotThis, why);
            };
            let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::from_hours(24));
            let next = now.saturating_add(wait).unwrap_or(Timestamp::MAX);
            verdict(Settlement::TryAgain(next), Said::NotThis, why)
        }
    }
}

/// Whether a refusal says that there is no such mailbox: an enhanced status code of the class 5.1 (RFC 3463).
fn names_the_mailbox(delivery: &Delivery, why: &str) -> bool {
    let is_mail = Channel::parse(&delivery.delivery.channel) == Some(Channel::Email);
    is_mail && why.split_whitespace().any(|word| word.starts_with("5.1."))
}

fn tell(delivery: &Delivery, settlement: &Settlement, answer: &str) {
    let (id, attempt) = (&delivery.delivery.id, delivery.n_attempts);
    let (channel, subscriber) = (&delivery.delivery.channel, &delivery.delivery.subscriber);
    match settlement {
        Settlement::Delivered => tracing::info!(target: events::DELIVERED,
            { delivery.id = %id, subscriber.id = %subscriber, channel = %channel, attempt },
            "delivered {id} to `{subscriber}` by {channel}"
        ),
        Settlement::TryAgain(next) => tracing::warn!(target: events::DELIVERY_POSTPONED,
            { delivery.id = %id, subscriber.id = %subscriber, channel = %channel, attempt },
            "could not deliver {id} to `{subscriber}` by {channel}: {answer}; next attempt at {next:.0}"
        ),
        Settlement::Held => tracing::error!(target: events::DELIVERY_HELD,
            { delivery.id = %id, subscriber.id = %subscriber, channel = %channel, attempt },
            "held back {id} for `{subscriber}` by {channel}: {answer}; `stagewatch resume {subscriber}` sends it"
        ),
        Settlement::Failed => tracing::error!(target: events::DELIVERY_GIVEN_UP,
            { delivery.id = %id, subscriber.id = %subscriber, channel = %channel, attempt },
            "gave up {id} for `{subscriber}` by {channel}: {answer}"
        ),
    }
}
