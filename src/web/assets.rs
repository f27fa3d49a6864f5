//! What pages need beside themselves: one style sheet, one script, one picture, all carried by the program. Their address changes with
//! what they say, so that a browser may keep them for ever.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// Name, type and text.
const ASSETS: [(&str, &str, &str); 3] = [
    ("style.css", "text/css; charset=utf-8", include_str!("assets/style.css")),
    ("script.js", "text/javascript; charset=utf-8", include_str!("assets/script.js")),
    ("icon.svg", "image/svg+xml", include_str!("assets/icon.svg")),
];

/// A year: what is at such an address never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The hash of all of them.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let hash = ASSETS.iter().fold(Sha256::new(), |hash, (_, _, text)| hash.chain_update(text.as_bytes())).finalize();
    let hex: Vec<String> = hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    hex.concat()
});

/// Where an asset is.
pub(super) fn address(name: &str) -> String {
    format!("/assets/{name}?{}", *VERSION)
}

/// `/assets/{name}`.
pub(super) async fn asset(Path(name): Path<String>) -> Response {
    match ASSETS.iter().find(|(known, _, _)| *known == name) {
        Some((_, kind, text)) => {
            ([(header::CONTENT_TYPE, *kind), (header::CACHE_CONTROL, FOR_EVER)], *text).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
