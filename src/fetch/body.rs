//! The body of an answer, read piece by piece within its limits, whatever the headers promise: a small file can unpack to gigabytes,
//! and a server can go on for ever. Not what it says.

use std::time::Duration;

use reqwest::Response;

use super::error::{self, FetchError, Route};
use super::sieve::{LineTooLong, MAX_LINE_BYTES, Sifting};
use super::{SIEVED_FACTOR, Sieve};

/// How much may come, and how long nothing may come.
pub(super) struct Limits {
    pub(super) max_body_bytes: u64,
    pub(super) silence: Duration,
}

/// A body that was read to its end.
pub(super) struct Body {
    pub(super) bytes: Vec<u8>,
    pub(super) size_bytes: u64,
    pub(super) n_lines: Option<u64>,
    pub(super) ended_cleanly: bool,
}

/// The whole body.
pub(super) async fn whole(mut response: Response, route: &Route, limits: &Limits) -> Result<Body, FetchError> {
    let most_bytes = limits.max_body_bytes;
    let too_large = || FetchError::TooLarge { route: route.clone(), most_bytes };
    if response.content_length().is_some_and(|promised| promised > most_bytes) {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    loop {
        let size_bytes = bytes.len() as u64;
        let piece = response.chunk().await.map_err(|error| error::reading(route, error, limits.silence, size_bytes))?;
        let Some(piece) = piece else {
            return Ok(Body { bytes, size_bytes, n_lines: None, ended_cleanly: true });
        };
        if size_bytes + piece.len() as u64 > most_bytes {
            return Err(too_large());
        }
        bytes.extend_from_slice(&piece);
    }
}

/// Those lines of the body that the sieve keeps.
pub(super) async fn sieved(
    mut response: Response,
    route: &Route,
    limits: &Limits,
    sieve: Sieve,
) -> Result<Body, FetchError> {
    let most_bytes = limits.max_body_bytes.saturating_mul(u64::from(SIEVED_FACTOR));
    let mut sifting = Sifting::new(sieve);
    let mut size_bytes = 0;
    loop {
        let piece = response.chunk().await.map_err(|error| error::reading(route, error, limits.silence, size_bytes))?;
        let Some(piece) = piece else { break };
        size_bytes += piece.len() as u64;
        if size_bytes > most_bytes {
            return Err(FetchError::EndlessLines { route: route.clone(), most_bytes });
        }
        sifting.push(&piece).map_err(|LineTooLong(line)| FetchError::LineTooLong {
            route: route.clone(),
            line,
            most_bytes: MAX_LINE_BYTES as u64,
        })?;
        if sifting.kept_bytes() as u64 > limits.max_body_bytes {
            return Err(FetchError::TooLarge { route: route.clone(), most_bytes: limits.max_body_bytes });
        }
    }
    let sifted = sifting.finish();
    Ok(Body { bytes: sifted.kept, size_bytes, n_lines: Some(sifted.n_lines), ended_cleanly: sifted.ended_cleanly })
}
