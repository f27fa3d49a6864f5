//! Alive, able, late: what a service manager, a load balancer and an operator ask. Alive is that this answers at all; able is that polls
//! and deliveries are moving, and what is late is named.

use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::Site;
use super::answer::{Answer, Content, Desk, Refusal};
use super::configured::Source;
use super::gate::{Access, Ask};
use crate::store::{PollOutcome, SourceState};
use crate::timing::waiting::{Trouble, Troubles, next_poll};

/// How much later than due a poll may be: others are before it, a host is asked slowly, a site asks for a rest.
const POLLS_MAY_BE_LATE: SignedDuration = SignedDuration::from_mins(45);

/// How much later than due a delivery may be.
const DELIVERIES_MAY_BE_LATE: SignedDuration = SignedDuration::from_mins(10);

/// JSON.
const JSON: &str = "application/json";

/// Whether work goes on.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Readiness {
    pub(super) ready: bool,
    polls: Lateness,
    deliveries: Lateness,
}

/// What is late.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Lateness {
    moving: bool,
    /// Which, and since when they are due.
    late: Vec<Late>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Late {
    what: String,
    due: String,
}

/// `/healthz`.
pub(super) async fn alive() -> Response {
    ([(axum::http::header::CONTENT_TYPE, JSON)], "{\"alive\":true}\n").into_response()
}

/// `/readyz`.
pub(super) async fn ready(State(site): State<Site>, Extension(ask): Extension<Ask>) -> Response {
    site.answer(ask, ready_page).await
}

fn ready_page(desk: &Desk<'_>) -> Result<Answer, Refusal> {
    let mut readiness = readiness(desk)?;
    if desk.ask.access == Access::None {
        // What is watched is nobody's business.
        readiness.polls.late.clear();
        readiness.deliveries.late.clear();
    }
    let mut content = Content::of(JSON, serde_json::to_string(&readiness).expect("text and booleans are JSON") + "\n");
    if !readiness.ready {
        content.status = StatusCode::SERVICE_UNAVAILABLE;
    }
    Ok(content.into())
}

/// Whether polls and deliveries are moving.
pub(super) fn readiness(desk: &Desk<'_>) -> Result<Readiness, Refusal> {
    let now = desk.ask.now;
    let mut polls = Vec::new();
    for source in &desk.configured.sources {
        let due = next_poll_of(source, &desk.store.source_state(&source.id)?).unwrap_or(desk.site.shared.opened_at);
        // What was due before we began is due since then.
        if is_late(due.max(desk.site.shared.opened_at), POLLS_MAY_BE_LATE, now) {
            polls.push(Late { what: source.id.clone(), due: due.to_string() });
        }
    }
    let mut deliveries = Vec::new();
    if let Some(due) = desk.store.first_waiting()?
        && is_late(due.max(desk.site.shared.opened_at), DELIVERIES_MAY_BE_LATE, now)
    {
        deliveries.push(Late { what: "outbox".to_owned(), due: due.to_string() });
    }
    let lateness = |late: Vec<Late>| Lateness { moving: late.is_empty(), late };
    Ok(Readiness {
        ready: polls.is_empty() && deliveries.is_empty(),
        polls: lateness(polls),
        deliveries: lateness(deliveries),
    })
}

fn is_late(due: Timestamp, by: SignedDuration, now: Timestamp) -> bool {
    now.duration_since(due) > by
}

/// When a source is asked next, as its last poll and its schedule have it; `None` for one that was never polled.
pub(super) fn next_poll_of(source: &Source, state: &SourceState) -> Option<Timestamp> {
    let last = state.last_poll.as_ref()?;
    let trouble = match last.outcome {
        PollOutcome::Refused => Trouble::Block,
        PollOutcome::Failed => Trouble::Failure,
        PollOutcome::Baseline
        | PollOutcome::Changed
        | PollOutcome::Unchanged
        | PollOutcome::NotModified
        | PollOutcome::Doubtful => Trouble::None,
    };
    let troubles = Troubles { n_troubles: state.n_troubles, last: trouble, asked: None };
    Some(next_poll(&source.schedule, last.at, &troubles))
}
