//! `[fetch]`: how pages are fetched, whatever the source. Not the fetching.

use std::time::Duration;

use crate::fetch::settings::Settings;

use super::table::Table;
use super::value::Value;
use super::words;

/// One request every five seconds to a host disturbs nobody.
const PAUSE: Duration = Duration::from_secs(5);

/// Slow sites take half a minute; files that are read through a sieve are given a multiple of it.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Larger than any page; files that are read through a sieve may be a multiple of it.
const MAX_BODY_BYTES: u64 = 16 * 1024 * 1024;

/// Fifteen times the largest page of HTML in sight. As a tree it takes fourteen times its size, and up to a hundred times
/// where it is nothing but tags.
const MAX_MARKUP_BYTES: u64 = 2 * 1024 * 1024;

/// How pages are fetched where no file says anything.
pub(super) fn default() -> Settings {
    Settings {
        contact: None,
        pause: PAUSE,
        timeout: TIMEOUT,
        max_body_bytes: MAX_BODY_BYTES,
        max_markup_bytes: MAX_MARKUP_BYTES,
        proxy: None,
        obey_robots: true,
    }
}

/// Reads `[fetch]`.
pub(super) fn read(table: &Table<'_>) -> Settings {
    Settings {
        contact: table.value("contact").and_then(|value| contact(&value)),
        pause: table.value("pause").and_then(|value| words::duration(&value)).unwrap_or(PAUSE),
        timeout: table.value("timeout").and_then(|value| words::deadline(&value)).unwrap_or(TIMEOUT),
        max_body_bytes: table.value("max-body").and_then(|value| words::size_bytes(&value)).unwrap_or(MAX_BODY_BYTES),
        max_markup_bytes: table
            .value("max-markup")
            .and_then(|value| words::size_bytes(&value))
            .unwrap_or(MAX_MARKUP_BYTES),
        proxy: words::proxy(table),
        obey_robots: true,
    }
}

/// Who we are, fit for a request header.
fn contact(value: &Value<'_>) -> Option<String> {
    let text = value.filled()?;
    let reachable = text.contains('@') || text.starts_with("https://") || text.starts_with("http://");
    if !reachable || !text.chars().all(|c| c.is_ascii_graphic()) {
        value.wrong("nobody can be reached there", "write a mail address or the address of a web page");
        return None;
    }
    Some(text.to_owned())
}
