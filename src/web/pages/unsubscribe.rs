//! `/unsubscribe/{token}`: leaving a list by the link in a mail, without logging in. Looking changes nothing, for links are followed by
//! machines that look for viruses; the button does, and so does the one in mail programs (RFC 8058), as often as somebody presses it.

use axum::extract::{Extension, Path, State};
use axum::response::Response;
use serde::Serialize;

use crate::signed::{self, Unsubscription};
use crate::store::stops::{Stop, StopReason};
use crate::web::Site;
use crate::web::answer::{Answer, Desk, Refusal};
use crate::web::gate::Ask;

/// What the page shows.
#[derive(Serialize)]
struct Page {
    subscriber: String,
    mailbox: String,
    /// The one watch that it is about.
    watch: Option<String>,
    is_stopped: bool,
}

/// `GET`.
pub(in crate::web) async fn asked(
    State(site): State<Site>,
    Extension(ask): Extension<Ask>,
    Path(token): Path<String>,
) -> Response {
    site.answer(ask, move |desk| {
        let wish = wish(desk, &token)?;
        let is_of = |stop: &Stop| {
            (&stop.subscriber, &stop.recipient) == (&wish.subscriber, &wish.recipient)
                && (stop.watch.is_none() || stop.watch == wish.watch)
        };
        let is_stopped = desk.store.stops()?.iter().any(is_of);
        Ok(page(desk, &wish, is_stopped))
    })
    .await
}

/// `POST`.
pub(in crate::web) async fn done(
    State(site): State<Site>,
    Extension(ask): Extension<Ask>,
    Path(token): Path<String>,
    form: String,
) -> Response {
    let writer = site.clone();
    site.answer(ask, move |desk| {
        let wish = wish(desk, &token)?;
        // As a form in either of its two encodings; the button on our page sends the same.
        if !(form.contains("List-Unsubscribe") && form.contains("One-Click")) {
            return Err(Refusal::Wrong);
        }
        let stop = Stop {
            subscriber: wish.subscriber.clone(),
            recipient: wish.recipient.clone(),
            watch: wish.watch.clone(),
            reason: StopReason::Unsubscribed,
            at: desk.ask.now,
        };
        if writer.shared.store.stop(&stop)? {
            tracing::info!(subscriber.id = %wish.subscriber, recipient = %wish.recipient, "a mailbox left the list, by the link in a mail");
        }
        Ok(page(desk, &wish, true))
    })
    .await
}

/// What a token asks for; one that is not ours asks for nothing.
fn wish(desk: &Desk<'_>, token: &str) -> Result<Unsubscription, Refusal> {
    signed::read(&desk.site.shared.leaving, token).ok_or(Refusal::NotThere)
}

fn page(desk: &Desk<'_>, wish: &Unsubscription, is_stopped: bool) -> Answer {
    let title = |id: &String| {
        let watch = desk.configured.watch(id);
        watch.and_then(|watch| watch.title.clone()).unwrap_or_else(|| id.clone())
    };
    let page = Page {
        subscriber: wish.subscriber.clone(),
        mailbox: wish.recipient.to_string(),
        watch: wish.watch.as_ref().map(title),
        is_stopped,
    };
    desk.page("unsubscribe.html", page)
}
