//! Pages for people, one a file. Each is a function from a [`Desk`](super::answer::Desk) to what its template needs; nothing here draws.

/// What changed, and the proof.
mod changes;
/// What moved, what closes, what needs a person.
mod dashboard;
/// What went out.
mod deliveries;
/// Showing the token in a browser.
mod login;
/// What a committee set out to do.
mod plans;
/// Bytes as served.
mod snapshots;
/// How sources fare.
mod sources;
/// One project.
mod standard;
/// Every project.
mod standards;
/// Projects over time.
mod timeline;
/// Leaving a list.
mod unsubscribe;

use axum::Router;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};

use super::Site;
use super::answer::{Answer, Desk, Refusal, refused};
use super::catalogue::{Catalogue, Entry};
use super::gate::Ask;
use crate::changes::work_plan::{Progress, Task};

/// A page that is made from nothing but the store and the address.
pub(super) type Page = fn(&Desk<'_>) -> Result<Answer, Refusal>;

/// A page about one thing.
pub(super) type PageOf = fn(&Desk<'_>, &str) -> Result<Answer, Refusal>;

/// Every page.
pub(super) fn router() -> Router<Site> {
    Router::new()
        .route("/", page(dashboard::page))
        .route("/standards", page(standards::page))
        .route("/standards/{id}", page_of(standard::page))
        .route("/timeline", page(timeline::page))
        .route("/changes", page(changes::list))
        .route("/changes/{id}", page_of(changes::one))
        .route("/changes/{id}/diff", page_of(changes::whole))
        .route("/changes/{id}/evidence.zip", page_of(changes::bundle))
        .route("/snapshots/{sha256}", page_of(snapshots::page))
        .route("/plans", page(plans::page))
        .route("/sources", page(sources::list))
        .route("/sources/{id}", page_of(sources::one))
        .route("/deliveries", page(deliveries::list))
        .route("/deliveries/{id}", page_of(deliveries::one))
        .route("/deliveries/{id}/again", post(deliveries::again))
        .route("/unsubscribe/{token}", get(unsubscribe::asked).post(unsubscribe::done))
        .route("/login", get(login::form).post(login::log_in))
        .route("/logout", post(login::log_out))
}

/// What answers with such a page.
pub(super) fn page(make: Page) -> axum::routing::MethodRouter<Site> {
    get(move |State(site): State<Site>, Extension(ask): Extension<Ask>| async move { site.answer(ask, make).await })
}

/// … and with a page about what the address names.
pub(super) fn page_of(make: PageOf) -> axum::routing::MethodRouter<Site> {
    get(move |State(site): State<Site>, Extension(ask): Extension<Ask>, Path(id): Path<String>| async move {
        site.answer(ask, move |desk| make(desk, &id)).await
    })
}

/// The projects that the address asks for, in the order that it wants.
pub(super) fn wanted<'a>(desk: &Desk<'_>, catalogue: &'a Catalogue) -> Vec<&'a Entry> {
    standards::Wanted::of(desk).found(desk, catalogue)
}

/// How far a task of a work plan is.
pub(super) fn measured(desk: &Desk<'_>, task: &Task) -> Result<Progress, Refusal> {
    let catalogue = desk.catalogue()?;
    Ok(plans::measured(desk, &catalogue, task)?.0)
}

/// Whatever else is asked for.
pub(super) async fn not_there(State(site): State<Site>, Extension(ask): Extension<Ask>) -> Response {
    refused(&site, &ask, StatusCode::NOT_FOUND)
}
