//! Sending what is due: wake, claim, send, record. No retry inside: the next wake-up is the retry.
//!
//! A claim is a lease. Whoever dies with one under way loses it, and the delivery goes out again under the same id; that is what
//! *at least once* means here. One delivery that hangs holds up only itself: each has a deadline of its own.
#![expect(clippy::disallowed_methods, reason = "the wiring reads the clock")]

use std::pin::pin;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::changes::health::Said;
use crate::deliver::{Channel, Outcome, Parcel, terminal, webhook};
use crate::store::error::StoreError;
use crate::store::{Delivery, Settlement, Verdict};
use crate::timing::waiting::{EMAIL_PLAN, WEBHOOK_PLAN, wait_after};

use super::progress::Round;
use super::{House, systemd};

/// How many deliveries are sent at once.
const AT_ONCE: u32 = 8;

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
/// between two passes.
pub async fn run(houses: watch::Receiver<House>, stop: CancellationToken) -> Result<(), StoreError> {
    while !stop.is_cancelled() {
        let house = houses.borrow().clone();
        house.progress.moved(Round::Dispatcher);
        // Registered before looking, so that what is written meanwhile wakes us.
        let woken = house.outbox_filled.notified();
        let pass = moving(&house, deliver_due(&house, Timestamp::now())).await?;
        if pass != Pass::default() {
            systemd::tell_standing(&house)?;
            continue;
        }
        let wait = until_next(&house)?.min(house.progress.rest());
        tokio::select! {
            () = woken => {}
            () = tokio::time::sleep(wait) => {}
            () = stop.cancelled() => {}
        }
    }
    Ok(())
}

/// Waits for attempts under way and says meanwhile that we move, as long as they may take by their own deadlines and no longer.
async fn moving<T>(house: &House, pass: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let mut pass = pin!(pass);
    loop {
        tokio::select! {
            done = &mut pass => return done,
            () = tokio::time::sleep(house.progress.rest()) => {
                if begun.elapsed() < LEASE {
                    house.progress.moved(Round::Dispatcher);
                }
            }
        }
    }
}

fn until_next(house: &House) -> Result<Duration, StoreError> {
    let next = house.store.next_due()?;
    let wait = next.map(|next| Duration::try_from(next.duration_since(Timestamp::now())).unwrap_or_default());
    // Never less than a moment: a claim that somebody else holds must not make us spin.
    Ok(wait.unwrap_or(IDLE).clamp(Duration::from_millis(50), IDLE))
}

/// Sends what is due now, once each.
pub async fn deliver_due(house: &House, now: Timestamp) -> Result<Pass, StoreError> {
    let mut pass = Pass::default();
    let mut under_way = JoinSet::new();
    for delivery in house.store.claim_due(now, AT_ONCE, LEASE)? {
        let house = house.clone();
        under_way.spawn(async move { attempt(&house, delivery).await });
    }
    while let Some(ended) = under_way.join_next().await {
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
    }
    Ok(pass)
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
    house.store.settle(&parcel.id, delivery.n_attempts, &verdict, now)?;
    tell(&delivery, &verdict.settlement, &verdict.answer);
    Ok(verdict.settlement)
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
        Outcome::ForOperator { why } => verdict_of(delivery, Outcome::TryAgain { why, wait: None }, now),
        Outcome::Gone { why } => verdict(Settlement::Held, Said::Gone, why),
        Outcome::TryAgain { why, wait } => {
            let plan = match Channel::parse(&delivery.delivery.channel) {
                Some(Channel::Webhook) => WEBHOOK_PLAN,
                Some(Channel::Email | Channel::Terminal) | None => EMAIL_PLAN,
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
        Settlement::Delivered => tracing::info!(
            delivery.id = %id, subscriber.id = %subscriber, channel = %channel, attempt,
            "delivered {id} to `{subscriber}` by {channel}"
        ),
        Settlement::TryAgain(next) => tracing::warn!(
            delivery.id = %id, subscriber.id = %subscriber, channel = %channel, attempt,
            "could not deliver {id} to `{subscriber}` by {channel}: {answer}; next attempt at {next:.0}"
        ),
        Settlement::Held => tracing::error!(
            delivery.id = %id, subscriber.id = %subscriber, channel = %channel, attempt,
            "held back {id} for `{subscriber}` by {channel}: {answer}; `stagewatch resume {subscriber}` sends it"
        ),
        Settlement::Failed => tracing::error!(
            delivery.id = %id, subscriber.id = %subscriber, channel = %channel, attempt,
            "gave up {id} for `{subscriber}` by {channel}: {answer}"
        ),
    }
}
