//! What the configuration says about fetching: for all sources, and for one. Nothing here prints a password or a token.

use std::fmt;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::error::FetchError;

/// Headers that are ours to set: they carry who we are, what we know already, and how the connection works.
const OURS: [&str; 9] = [
    "accept-encoding",
    "connection",
    "content-length",
    "host",
    "if-modified-since",
    "if-none-match",
    "range",
    "transfer-encoding",
    "user-agent",
];

/// `[fetch]`: for every source.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    /// How to reach whoever runs this: an address of mail or of a page; goes into the `User-Agent`.
    pub contact: Option<String>,
    /// Between two requests to one host.
    pub pause: Duration,
    /// For one answer from the connection to its last byte; sixteen times as long where a sieve reads a large file.
    pub timeout: Duration,
    /// The largest body that is kept, after decompression; sixteen times as much may run through a sieve.
    pub max_body_bytes: u64,
    /// The largest body of HTML or XML, which is read as a tree of many times its size.
    pub max_markup_bytes: u64,
    /// Through which proxy: `http`, `https`, `socks5` or `socks5h`.
    pub proxy: Option<Url>,
    /// Whether sites are asked for their rules, and those are kept.
    pub obey_robots: bool,
}

/// Which implementation of TLS speaks to a server. Both verify its certificate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Tls {
    /// rustls: TLS 1.2 and 1.3 with forward secrecy.
    #[default]
    Modern,
    /// OpenSSL: TLS 1.2 as servers of ten years ago speak it, too.
    Legacy,
}

/// What one source adds.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Options {
    /// Another proxy than that of all sources.
    pub proxy: Option<Url>,
    /// Certificates in PEM that are trusted besides those of the system: a private root, or the intermediate that a server forgets
    /// to send.
    pub extra_ca: Option<Vec<u8>>,
    /// Headers to send along.
    pub headers: Vec<(String, String)>,
    /// How it is encrypted.
    pub tls: Tls,
    /// Ask although the site's rules for programs forbid it: for those who have its leave.
    pub ignore_robots: bool,
}

impl Settings {
    /// Who we are, as every server is told.
    pub fn user_agent(&self) -> String {
        let version = env!("CARGO_PKG_VERSION");
        match &self.contact {
            Some(contact) => format!("stagewatch/{version} (+{contact})"),
            None => format!("stagewatch/{version}"),
        }
    }
}

/// Host and port of a proxy, without the password it may carry.
pub(super) fn name_of_proxy(proxy: &Url) -> String {
    let host = proxy.host_str().unwrap_or_default();
    match proxy.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// The headers of a source, where they may be sent.
pub(super) fn header_map_of(headers: &[(String, String)]) -> Result<HeaderMap, FetchError> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let wrong = |why: &str| FetchError::Settings { key: "headers", why: format!("`{name}` {why}"), source: None };
        let known = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong("is no name of a header"))?;
        if OURS.contains(&known.as_str()) {
            return Err(wrong("is a header that stagewatch sets itself: leave it out"));
        }
        let mut value =
            HeaderValue::from_str(value).map_err(|_| wrong("has a value with characters that no header may have"))?;
        value.set_sensitive(true);
        map.append(known, value);
    }
    Ok(map)
}

impl fmt::Debug for Settings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Settings")
            .field("contact", &self.contact)
            .field("pause", &self.pause)
            .field("timeout", &self.timeout)
            .field("max_body_bytes", &self.max_body_bytes)
            .field("max_markup_bytes", &self.max_markup_bytes)
            .field("proxy", &self.proxy.as_ref().map(name_of_proxy))
            .field("obey_robots", &self.obey_robots)
            .finish()
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&String> = self.headers.iter().map(|(name, _)| name).collect();
        out.debug_struct("Options")
            .field("proxy", &self.proxy.as_ref().map(name_of_proxy))
            .field("extra_ca", &self.extra_ca.as_ref().map(Vec::len))
            .field("headers", &names)
            .field("tls", &self.tls)
            .field("ignore_robots", &self.ignore_robots)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &str, value: &str) -> Vec<(String, String)> {
        vec![(name.to_owned(), value.to_owned())]
    }

    #[test]
    fn neither_password_nor_token_is_printed() {
        let proxy: Url = "socks5h://user:hunter2@proxy.example.net:1080".parse().unwrap();
        let options = Options {
            proxy: Some(proxy.clone()),
            extra_ca: None,
            headers: headers("Cookie", "session=hunter2"),
            ..Options::default()
        };
        assert_eq!(
            format!("{options:?}"),
            r#"Options { proxy: Some("proxy.example.net:1080"), extra_ca: None, headers: ["Cookie"], tls: Modern, ignore_robots: false }"#
        );
        let settings = Settings {
            contact: None,
            pause: Duration::ZERO,
            timeout: Duration::ZERO,
            max_body_bytes: 0,
            max_markup_bytes: 0,
            proxy: Some(proxy),
            obey_robots: true,
        };
        assert!(!format!("{settings:?}").contains("hunter2"));
        let map = header_map_of(&options.headers).unwrap();
        assert!(!format!("{map:?}").contains("hunter2"));
    }

    #[test]
    fn headers_that_are_ours_or_no_headers_are_refused() {
        for (name, value, expected) in [
            (
                "User-Agent",
                "Mozilla/5.0",
                "`headers`: `User-Agent` is a header that stagewatch sets itself: leave it out",
            ),
            ("no name", "x", "`headers`: `no name` is no name of a header"),
            ("x-key", "two\r\nlines", "`headers`: `x-key` has a value with characters that no header may have"),
        ] {
            assert_eq!(header_map_of(&headers(name, value)).unwrap_err().to_string(), expected);
        }
    }
}
