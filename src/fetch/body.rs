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
    pub(super) max_markup_bytes: u64,
    pub(super) silence: Duration,
}

/// The keys that set how much may come.
const BODY: &str = "max-body";
const MARKUP: &str = "max-markup";

impl Limits {
    /// How much of a body that begins like this may come, and which key says so.
    fn most(&self, beginning: &[u8]) -> (u64, &'static str) {
        if is_markup(beginning) && self.max_markup_bytes < self.max_body_bytes {
            (self.max_markup_bytes, MARKUP)
        } else {
            (self.max_body_bytes, BODY)
        }
    }
}

/// Whether it begins with a tag, whatever its header says. Marks of byte order and the empty half of UTF-16 are passed over.
fn is_markup(beginning: &[u8]) -> bool {
    let passed = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, 0 | 0xef | 0xbb | 0xbf | 0xfe | 0xff);
    beginning.iter().find(|byte| !passed(byte)) == Some(&b'<')
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
    let too_large = |(most_bytes, key)| FetchError::TooLarge { route: route.clone(), most_bytes, key };
    if response.content_length().is_some_and(|promised| promised > limits.max_body_bytes) {
        return Err(too_large((limits.max_body_bytes, BODY)));
    }
    let mut bytes = Vec::new();
    loop {
        let size_bytes = bytes.len() as u64;
        let piece = response.chunk().await.map_err(|error| error::reading(route, error, limits.silence, size_bytes))?;
        let Some(piece) = piece else {
            return Ok(Body { bytes, size_bytes, n_lines: None, ended_cleanly: true });
        };
        bytes.extend_from_slice(&piece);
        let most = limits.most(&bytes);
        if bytes.len() as u64 > most.0 {
            return Err(too_large(most));
        }
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
            return Err(FetchError::TooLarge { route: route.clone(), most_bytes: limits.max_body_bytes, key: BODY });
        }
    }
    let sifted = sifting.finish();
    Ok(Body { bytes: sifted.kept, size_bytes, n_lines: Some(sifted.n_lines), ended_cleanly: sifted.ended_cleanly })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_with_a_tag_is_markup_in_whatever_encoding() {
        for beginning in ["<!DOCTYPE html>", " \r\n\u{feff}<?xml", "<"] {
            assert!(is_markup(beginning.as_bytes()), "{beginning}");
        }
        let utf_16: Vec<u8> = "\u{feff}<html>".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert!(is_markup(&utf_16));
        for beginning in ["", " ", "{\"a\": \"<\"}", "id,title", "callback(<"] {
            assert!(!is_markup(beginning.as_bytes()), "{beginning}");
        }
        let limits = Limits { max_body_bytes: 9, max_markup_bytes: 4, silence: Duration::ZERO };
        assert_eq!((limits.most(b"<html>"), limits.most(b"{}")), ((4, MARKUP), (9, BODY)));
        let one = Limits { max_markup_bytes: 20, ..limits };
        assert_eq!(one.most(b"<html>"), (9, BODY), "never more than any body");
    }
}
