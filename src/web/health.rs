//! Alive, able, late: what a service manager, a load balancer and an operator ask. Alive is that this answers at all; able is that what is
//! remembered can be read and written; late is what ought to have happened by now, and is named. Ready is able and not late.

use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::Site;
use super::answer::{Answer, Content, Desk, Refusal};
use super::configured::Source;
use super::gate::{Access, Ask};
use crate::store::SourceState;
use crate::store::error::StoreError;
use crate::timing::waiting::next_ask;

/// How much later than due a poll may be: others are before it, a host is asked slowly, a site asks for a rest.
const POLLS_MAY_BE_LATE: SignedDuration = SignedDuration::from_mins(45);

/// How much later than due a delivery may be.
const DELIVERIES_MAY_BE_LATE: SignedDuration = SignedDuration::from_mins(10);

/// The alarm that nothing can be written down.
const DISK_TROUBLE: &str = "disk.trouble";

/// JSON.
const JSON: &str = "application/json";

/// Whether work goes on.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Readiness {
    pub(super) ready: bool,
    /// Whether the database answers, and takes what is to be remembered.
    able: bool,
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
    site.answer_beside_pages(ask, ready_page).await
}

fn ready_page(desk: &Desk<'_>) -> Result<Answer, Refusal> {
    let mut readiness = match readiness(desk) {
        Err(Refusal::Store(error)) => unable(&error),
        found => found?,
    };
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

/// The database does not answer; what is late cannot be known.
fn unable(error: &StoreError) -> Readiness {
    tracing::error!("not able to work: {}", error);
    let nothing = || Lateness { moving: false, late: Vec::new() };
    Readiness { ready: false, able: false, polls: nothing(), deliveries: nothing() }
}

/// Whether it is able to work, and whether polls and deliveries are moving.
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
    let able = desk.store.alarms()?.iter().all(|alarm| alarm.kind != DISK_TROUBLE);
    Ok(Readiness {
        ready: able && polls.is_empty() && deliveries.is_empty(),
        able,
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
    Some(next_ask(&source.schedule, &source.id, last.at, &state.troubles()))
}
