//! `/`: what moved since you last looked, what closes soon, what needs a person, how fresh every source is.

use serde::Serialize;

use super::sources::{self, Row};
use crate::web::answer::{Answer, Desk, Refusal};

/// What the page shows.
#[derive(Serialize)]
struct Page {
    sources: Vec<Row>,
    n_failed: u64,
}

/// The page.
pub(super) fn page(desk: &Desk<'_>) -> Result<Answer, Refusal> {
    let page = Page { sources: sources::rows(desk)?, n_failed: desk.store.outbox_counts()?.n_failed };
    Ok(desk.page("dashboard.html", page))
}
