//! `/deliveries` and `/deliveries/{id}`: what went out, what did not, what the other side answered; and sending it again, which needs the
//! token. Recipients are shown masked, as everywhere.

use axum::extract::{Extension, Path, State};
use axum::response::Response;
use serde::Serialize;

use crate::changes::notice::headline;
use crate::changes::said::said_if;
use crate::store::browsing::{Cursor, DeliverySearch};
use crate::store::{Delivery, DeliveryState};
use crate::web::Site;
use crate::web::answer::{Answer, Desk, Refusal};
use crate::web::gate::{Access, Ask};
use crate::web::templates::encoded;
use crate::web::words::{Moment, attempt_outcome, moment, state};

/// Rows of a page.
const ROWS: u32 = 50;

/// Changes that are listed with a delivery: a digest of a whole programme has thousands.
const TOLD: usize = 100;

/// One delivery in a list.
#[derive(Serialize)]
pub(super) struct Row {
    id: String,
    subscriber: String,
    channel: String,
    recipient: String,
    subject: String,
    state: &'static str,
    says: &'static str,
    n_attempts: u32,
    created: Moment,
    next: Option<Moment>,
    settled: Option<Moment>,
    answer: Option<String>,
}

/// `/deliveries`.
#[derive(Serialize)]
struct List {
    rows: Vec<Row>,
    next: Option<String>,
    states: Vec<(&'static str, &'static str)>,
    state: String,
    subscribers: Vec<String>,
    subscriber: String,
}

/// One attempt.
#[derive(Serialize)]
struct Tried {
    number: u32,
    begun: Moment,
    millis: Option<i128>,
    outcome: &'static str,
    answer: Option<String>,
}

/// A change that it tells of.
#[derive(Serialize)]
struct Told {
    id: String,
    /// What happened to which standard; `None` where the change is not known any more.
    headline: Option<String>,
    project: String,
    reference: String,
    title: String,
}

/// `/deliveries/{id}`.
#[derive(Serialize)]
struct One {
    row: Row,
    attempts: Vec<Tried>,
    changes: Vec<Told>,
    /// How many more it tells of than are listed.
    n_more: usize,
    may_send_again: bool,
    was_sent_again: bool,
}

/// The list.
pub(super) fn list(desk: &Desk<'_>) -> Result<Answer, Refusal> {
    let asked = desk.parameter("state");
    let only = asked.as_deref().map(|word| DeliveryState::parse(word).ok_or(Refusal::Wrong)).transpose()?;
    let search = DeliverySearch { state: only, subscriber: desk.parameter("subscriber"), change: None };
    let cursor = desk.parameter("after").map(|text| Cursor::parse(&text).ok_or(Refusal::Wrong)).transpose()?;
    let found = desk.store.delivery_leaf(&search, cursor.as_ref(), ROWS)?;
    let language = desk.language();
    let subscribers = desk.configured.subscribers.iter();
    let page = List {
        rows: found.items.iter().map(|delivery| row(desk, delivery)).collect(),
        next: found.next.map(|cursor| cursor.to_text()),
        states: DeliveryState::ALL.into_iter().map(|each| (each.as_str(), state(each, language))).collect(),
        state: asked.unwrap_or_default(),
        subscribers: subscribers.map(|subscriber| subscriber.subscription.subscriber.clone()).collect(),
        subscriber: search.subscriber.unwrap_or_default(),
    };
    Ok(desk.page("deliveries.html", page))
}

/// A delivery as a row.
pub(super) fn row(desk: &Desk<'_>, delivery: &Delivery) -> Row {
    let (now, language) = (desk.ask.now, desk.language());
    let is_waiting = delivery.state == DeliveryState::Waiting;
    let written = &delivery.delivery;
    Row {
        id: written.id.clone(),
        subscriber: written.subscriber.clone(),
        channel: written.channel.clone(),
        recipient: written.recipient.to_string(),
        subject: written.subject.clone(),
        state: delivery.state.as_str(),
        says: state(delivery.state, language),
        n_attempts: delivery.n_attempts,
        created: moment(written.created_at, now, language),
        next: is_waiting.then(|| moment(delivery.next_attempt_at, now, language)),
        settled: delivery.settled_at.map(|at| moment(at, now, language)),
        answer: said_if(delivery.last_answer.as_deref(), language),
    }
}

/// One delivery.
pub(super) fn one(desk: &Desk<'_>, id: &str) -> Result<Answer, Refusal> {
    let delivery = desk.store.delivery(id)?.ok_or(Refusal::NotThere)?;
    let attempts = desk.store.attempts(id)?;
    let tried = attempts.into_iter().map(|attempt| Tried {
        number: attempt.number,
        begun: moment(attempt.begun_at, desk.ask.now, desk.language()),
        millis: attempt.ended_at.map(|ended| ended.duration_since(attempt.begun_at).as_millis()),
        outcome: attempt_outcome(attempt.outcome, desk.language()),
        answer: said_if(attempt.answer.as_deref(), desk.language()),
    });
    let ids = &delivery.delivery.changes;
    let page = One {
        row: row(desk, &delivery),
        attempts: tried.collect(),
        changes: ids.iter().take(TOLD).map(|id| told(desk, id)).collect::<Result<_, _>>()?,
        n_more: ids.len().saturating_sub(TOLD),
        may_send_again: desk.ask.access == Access::Write && delivery.state != DeliveryState::UnderWay,
        was_sent_again: desk.parameter("again").is_some(),
    };
    Ok(desk.page("delivery.html", page))
}

fn told(desk: &Desk<'_>, id: &str) -> Result<Told, Refusal> {
    let change = desk.store.change(id)?;
    let after = change.as_ref().map(|change| &change.change.after);
    let title = after.and_then(|after| after.title(desk.language())).unwrap_or_default();
    Ok(Told {
        id: id.to_owned(),
        headline: change.as_ref().map(|change| headline(change, desk.language())),
        project: after.map(|after| after.id.to_string()).unwrap_or_default(),
        reference: after.map(|after| after.reference.clone()).unwrap_or_default(),
        title: title.to_owned(),
    })
}

/// `POST /deliveries/{id}/again`.
pub(in crate::web) async fn again(
    State(site): State<Site>,
    Extension(ask): Extension<Ask>,
    Path(id): Path<String>,
    form: String,
) -> Response {
    let said = url::form_urlencoded::parse(form.as_bytes()).find(|(name, _)| name == "word");
    let word = said.map(|(_, word)| word.into_owned()).unwrap_or_default();
    let writer = site.clone();
    site.answer(ask, move |desk| {
        let is_meant = match &desk.ask.session {
            Some(session) => writer.shared.sessions.is_word_for_forms(session, &word),
            // Who showed the token itself is no browser that was tricked.
            None => true,
        };
        if desk.ask.access < Access::Write || !is_meant {
            return Err(Refusal::NotAllowed);
        }
        if desk.store.delivery(&id)?.is_none() {
            return Err(Refusal::NotThere);
        }
        writer.shared.store.redeliver(&id, desk.ask.now)?;
        writer.shared.outbox_filled.notify_one();
        tracing::info!(delivery.id = %id, client = %desk.ask.client.address, "a delivery is sent again, as asked for on its page");
        Ok(Answer::SeeOther(format!("/deliveries/{}?again=1", encoded(&id))))
    })
    .await
}
