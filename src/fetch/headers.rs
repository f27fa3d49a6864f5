//! What the headers of an answer say, as values. Not which of them to believe.
#![expect(
    clippy::disallowed_methods,
    reason = "a Retry-After date is held against the clock where the answer has no Date"
)]

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::{DATE, ETAG, HeaderMap, HeaderName, LAST_MODIFIED, RETRY_AFTER};

use super::Validators;

/// Sums with a longer wait could leave the calendar.
const LONGEST_WAIT: Duration = Duration::from_hours(366 * 24);

/// All headers in their order, names in lower case; bytes that are no UTF-8 are replaced.
pub(super) fn all(headers: &HeaderMap) -> Vec<(String, String)> {
    let pairs = headers.iter();
    pairs
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect()
}

/// One header, where it is there once or more.
pub(super) fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

pub(super) fn validators(headers: &HeaderMap) -> Validators {
    Validators { etag: text(headers, &ETAG), last_modified: text(headers, &LAST_MODIFIED) }
}

/// How long the other side asks us to wait, in seconds or as a date. A date is measured against the clock of the server, where it
/// shows one: ours may be wrong.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let asked = text(headers, &RETRY_AFTER)?;
    let asked = asked.trim();
    if !asked.is_empty() && asked.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = asked.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(LONGEST_WAIT));
    }
    let until = date(asked)?;
    let now = text(headers, &DATE).as_deref().and_then(date).unwrap_or_else(Timestamp::now);
    let wait = Duration::try_from(until.duration_since(now)).unwrap_or_default();
    Some(wait.min(LONGEST_WAIT))
}

fn date(text: &str) -> Option<Timestamp> {
    rfc2822::parse(text).ok().map(|date| date.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(retry_after_text: &str, date: Option<&str>) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, retry_after_text.parse().unwrap());
        if let Some(date) = date {
            headers.insert(DATE, date.parse().unwrap());
        }
        retry_after(&headers).map(|wait| wait.as_secs())
    }

    #[test]
    fn both_forms_of_retry_after_are_read() {
        let noon = Some("Fri, 31 Dec 1999 12:00:00 GMT");
        assert_eq!(asked("120", None), Some(120));
        assert_eq!(asked(" 0 ", None), Some(0));
        assert_eq!(asked("Fri, 31 Dec 1999 12:02:00 GMT", noon), Some(120));
        assert_eq!(asked("Fri, 31 Dec 1999 11:00:00 GMT", noon), Some(0), "over already");
        assert_eq!(asked("Fri, 31 Dec 1999 23:59:59 GMT", None), Some(0), "by our own clock");
        assert_eq!(asked("99999999999999999999999", None), Some(LONGEST_WAIT.as_secs()));
        assert_eq!(asked("Tue, 31 Dec 2999 12:00:00 GMT", noon), Some(LONGEST_WAIT.as_secs()));
        for nonsense in ["", "soon", "-5", "1.5", "31 Dec"] {
            assert_eq!(asked(nonsense, noon), None, "{nonsense}");
        }
    }

    #[test]
    fn headers_are_kept_with_every_repetition() {
        let mut headers = HeaderMap::new();
        headers.append("Set-Cookie", "a=1".parse().unwrap());
        headers.append("set-cookie", reqwest::header::HeaderValue::from_bytes(b"b=\xff").unwrap());
        let pairs = all(&headers);
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("set-cookie", "a=1"), ("set-cookie", "b=\u{fffd}")]);
    }
}
