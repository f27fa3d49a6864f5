//! Pages for people, one a file. Each is a function from a [`Desk`](super::answer::Desk) to what its template needs; nothing here draws.

/// What moved, what closes, what needs a person.
mod dashboard;
/// What went out.
mod deliveries;
/// Showing the token in a browser.
mod login;
/// How sources fare.
mod sources;
/// Leaving a list.
mod unsubscribe;

use axum::Router;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};

use super::Site;
use super::answer::{Answer, Desk, Refusal, refused};
use super::gate::Ask;

/// A page that is made from nothing but the store and the address.
type Page = fn(&Desk<'_>) -> Result<Answer, Refusal>;

/// A page about one thing.
type PageOf = fn(&Desk<'_>, &str) -> Result<Answer, Refusal>;

/// Every page.
pub(super) fn router() -> Router<Site> {
    Router::new()
        .route("/", page(dashboard::page))
        .route("/sources", page(sources::list))
        .route("/sources/{id}", page_of(sources::one))
        .route("/deliveries", page(deliveries::list))
        .route("/deliveries/{id}", page_of(deliveries::one))
        .route("/deliveries/{id}/again", post(deliveries::again))
        .route("/unsubscribe/{token}", get(unsubscribe::asked).post(unsubscribe::done))
        .route("/login", get(login::form).post(login::log_in))
        .route("/logout", post(login::log_out))
}

fn page(make: Page) -> axum::routing::MethodRouter<Site> {
    get(move |State(site): State<Site>, Extension(ask): Extension<Ask>| async move { site.answer(ask, make).await })
}

fn page_of(make: PageOf) -> axum::routing::MethodRouter<Site> {
    get(move |State(site): State<Site>, Extension(ask): Extension<Ask>, Path(id): Path<String>| async move {
        site.answer(ask, move |desk| make(desk, &id)).await
    })
}

/// Whatever else is asked for.
pub(super) async fn not_there(State(site): State<Site>, Extension(ask): Extension<Ask>) -> Response {
    refused(&site, &ask, StatusCode::NOT_FOUND)
}
