//! What can go wrong while fetching, one variant a step, and what an operator can do about it. Not pages that say no: a 403 is an
//! answer, and comes as a page.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use rustls::{AlertDescription, CertificateError};

use crate::quantities::{duration_text, rounded, size_text};

/// Which way a request went, for messages: never with the credentials of a proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The host asked.
    pub host: String,
    /// Host and port of the proxy in between.
    pub proxy: Option<String>,
}

/// What was at the bottom of a library's error, such as `Connection refused (os error 111)`. What the library wraps around it says the
/// same as our own sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Cause(String);

impl From<reqwest::Error> for Cause {
    fn from(error: reqwest::Error) -> Cause {
        // The address may carry a token; the host is named by the route.
        let error = error.without_url();
        let mut deepest: &dyn Error = &error;
        while let Some(source) = deepest.source() {
            deepest = source;
        }
        Cause(deepest.to_string())
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Only `http` and `https` are fetched.
    #[error("`{scheme}:` addresses are not fetched: write one that begins with https:// or http://")]
    Address {
        /// The scheme found.
        scheme: String,
    },
    /// A setting cannot be used.
    #[error("`{key}`: {why}")]
    Settings {
        /// The key in the configuration.
        key: &'static str,
        /// What is wrong with it, and what would be right.
        why: String,
        /// What the library said.
        source: Option<Cause>,
    },
    /// The name has no address.
    #[error("could not find an address for {route}: is the name right, and does this machine resolve names?")]
    Dns {
        /// Where to.
        route: Route,
        /// What the resolver said.
        source: Cause,
    },
    /// No connection.
    #[error("could not connect to {route}")]
    Connect {
        /// Where to.
        route: Route,
        /// What the system said.
        source: Cause,
    },
    /// No connection in time.
    #[error("no connection to {route} in time")]
    ConnectTimeout {
        /// Where to.
        route: Route,
        /// What the library said.
        source: Cause,
    },
    /// The two sides do not agree on encryption, or we do not believe the certificate.
    #[error("no trusted connection to {route}{hint}")]
    Tls {
        /// Where to.
        route: Route,
        /// The likely cause and what to do, where we can tell.
        hint: &'static str,
        /// What rustls said.
        source: Cause,
    },
    /// Nothing came for as long as the time-out.
    #[error("{route} sent nothing for {}", duration_text(*.after))]
    Silence {
        /// Who.
        route: Route,
        /// How long we waited.
        after: Duration,
    },
    /// The answer took longer than it may.
    #[error("the answer of {route} was not complete after {}: raise `timeout` under [fetch] if that is not enough", duration_text(*.after))]
    Deadline {
        /// Who.
        route: Route,
        /// How long it may take.
        after: Duration,
    },
    /// The connection broke, or what came was no HTTP.
    #[error("the connection to {route} broke")]
    Interrupted {
        /// Who.
        route: Route,
        /// What the library said.
        source: Cause,
    },
    /// The body ended before it was complete.
    #[error("the answer of {route} broke off after {} (decompressed), before its end", rounded(*.size_bytes))]
    Truncated {
        /// Who.
        route: Route,
        /// How much had come.
        size_bytes: u64,
    },
    /// The body is not what its headers say: compression or framing is broken.
    #[error("the answer of {route} could not be decompressed")]
    Undecodable {
        /// Who.
        route: Route,
        /// What the library said.
        source: Cause,
    },
    /// More than may be kept.
    #[error("the answer of {route} is larger than {} after decompression: raise `{key}` under [fetch] if it should be", size_text(*.most_bytes))]
    TooLarge {
        /// Who.
        route: Route,
        /// By which key of the configuration.
        key: &'static str,
        /// How much may be kept.
        most_bytes: u64,
    },
    /// More than may run through a sieve.
    #[error("the answer of {route} is larger than {} before its lines are chosen: raise `max-body` under [fetch], of which that is a multiple", size_text(*.most_bytes))]
    EndlessLines {
        /// Who.
        route: Route,
        /// How much may run through.
        most_bytes: u64,
    },
    /// One line alone is larger than any record.
    #[error("line {line} of the answer of {route} is longer than {}: it is no file of lines", size_text(*.most_bytes))]
    LineTooLong {
        /// Who.
        route: Route,
        /// Which line.
        line: u64,
        /// How long one may be.
        most_bytes: u64,
    },
    /// Another host is named: often a log-in.
    #[error(
        "`{from}` redirects to another host, `{to}`: not followed; if the page has moved there, change the address of the source"
    )]
    OtherHost {
        /// Who redirects.
        from: String,
        /// Where to.
        to: String,
    },
    /// From encrypted to plain.
    #[error("`{host}` redirects from https to http: not followed, since anyone on the way could change the page")]
    Downgrade {
        /// Who redirects.
        host: String,
    },
    /// A redirect without an address that can be read.
    #[error("`{host}` redirects to `{to}`, which is no address")]
    BadRedirect {
        /// Who redirects.
        host: String,
        /// Where to.
        to: String,
    },
    /// A loop, most likely.
    #[error("`{host}` redirects more than {most} times")]
    TooManyRedirects {
        /// Who redirects.
        host: String,
        /// How many are followed.
        most: usize,
    },
    /// The site asks programs to leave the address alone.
    #[error(
        "`{host}` asks programs to leave `{path}` alone (robots.txt): not fetched; if you have its leave, write `ignore-robots = true` for the source"
    )]
    Disallowed {
        /// Whose site.
        host: String,
        /// Path and query.
        path: String,
    },
    /// The site's rules could not be had, so nothing is asked of it.
    #[error("the rules of `{host}` for programs (robots.txt) could not be read{}: nothing is asked of it until they can", status.map(|status| format!(" (status {status})")).unwrap_or_default())]
    Robots {
        /// Whose site.
        host: String,
        /// What it answered.
        status: Option<u16>,
        /// What went wrong on the way.
        source: Option<Box<FetchError>>,
    },
    /// "Not modified" although we knew nothing.
    #[error("{route} says that the page is unchanged, although it was asked for the page itself")]
    Unasked {
        /// Who.
        route: Route,
    },
}

impl FetchError {
    /// Whether the same request may work later without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        match self {
            FetchError::Dns { .. }
            | FetchError::Connect { .. }
            | FetchError::ConnectTimeout { .. }
            | FetchError::Silence { .. }
            | FetchError::Deadline { .. }
            | FetchError::Interrupted { .. }
            | FetchError::Truncated { .. }
            | FetchError::Undecodable { .. }
            | FetchError::TooManyRedirects { .. }
            | FetchError::Robots { .. }
            | FetchError::Unasked { .. } => true,
            FetchError::Address { .. }
            | FetchError::Settings { .. }
            | FetchError::Tls { .. }
            | FetchError::TooLarge { .. }
            | FetchError::EndlessLines { .. }
            | FetchError::LineTooLong { .. }
            | FetchError::OtherHost { .. }
            | FetchError::Downgrade { .. }
            | FetchError::Disallowed { .. }
            | FetchError::BadRedirect { .. } => false,
        }
    }

    /// The word of logs and records: `dns`, `connect`, `tls` …
    pub fn name(&self) -> &'static str {
        match self {
            FetchError::Address { .. } => "address",
            FetchError::Settings { .. } => "settings",
            FetchError::Dns { .. } => "dns",
            FetchError::Connect { .. } => "connect",
            FetchError::Tls { .. } => "tls",
            FetchError::ConnectTimeout { .. } | FetchError::Silence { .. } | FetchError::Deadline { .. } => "timeout",
            FetchError::Interrupted { .. } => "interrupted",
            FetchError::Truncated { .. } => "truncated",
            FetchError::Undecodable { .. } => "undecodable",
            FetchError::TooLarge { .. } | FetchError::EndlessLines { .. } | FetchError::LineTooLong { .. } => {
                "too-large"
            }
            FetchError::OtherHost { .. }
            | FetchError::Downgrade { .. }
            | FetchError::BadRedirect { .. }
            | FetchError::TooManyRedirects { .. } => "redirect",
            FetchError::Disallowed { .. } | FetchError::Robots { .. } => "robots",
            FetchError::Unasked { .. } => "unasked",
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.proxy {
            Some(proxy) => write!(out, "`{}` through the proxy `{proxy}`", self.host),
            None => write!(out, "`{}`", self.host),
        }
    }
}

/// Why there was no head of an answer.
pub(super) fn sending(route: &Route, error: reqwest::Error, silence: Duration) -> FetchError {
    let source = error;
    let route = route.clone();
    if source.is_connect() && source.is_timeout() {
        FetchError::ConnectTimeout { route, source: source.into() }
    } else if source.is_timeout() {
        FetchError::Silence { route, after: silence }
    } else if let Some(tls) = cause::<rustls::Error>(&source) {
        FetchError::Tls { route, hint: hint_for(tls), source: source.into() }
    } else if source.is_dns() {
        FetchError::Dns { route, source: source.into() }
    } else if source.is_connect() {
        FetchError::Connect { route, source: source.into() }
    } else {
        FetchError::Interrupted { route, source: source.into() }
    }
}

/// Why there is no more of a body.
pub(super) fn reading(route: &Route, error: reqwest::Error, silence: Duration, size_bytes: u64) -> FetchError {
    let source = error;
    let route = route.clone();
    if source.is_timeout() {
        return FetchError::Silence { route, after: silence };
    }
    match cause::<io::Error>(&source).map(io::Error::kind) {
        Some(io::ErrorKind::UnexpectedEof) => FetchError::Truncated { route, size_bytes },
        Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other) => {
            FetchError::Undecodable { route, source: source.into() }
        }
        None if source.is_decode() => FetchError::Undecodable { route, source: source.into() },
        _ => FetchError::Interrupted { route, source: source.into() },
    }
}

/// What rustls says, in words that help: measured against servers that offer nothing else.
fn hint_for(error: &rustls::Error) -> &'static str {
    match error {
        rustls::Error::AlertReceived(AlertDescription::HandshakeFailure) => {
            ": the server refuses the handshake; it probably offers only RSA or DHE key exchange or CBC ciphers, which need \
             `tls = \"legacy\"` for the source (in a build with the feature legacy-tls) or a proxy that speaks them"
        }
        rustls::Error::AlertReceived(AlertDescription::ProtocolVersion) | rustls::Error::PeerIncompatible(_) => {
            ": the server speaks only a TLS that is too old (1.0 or 1.1); fetch it through a proxy that speaks it"
        }
        rustls::Error::InvalidMessage(_) => ": the server does not speak TLS on this port; is it http://?",
        rustls::Error::InvalidCertificate(error) => hint_for_certificate(error),
        _ => "",
    }
}

fn hint_for_certificate(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::UnknownIssuer => {
            ": nobody we trust issued its certificate; the server may forget to send its intermediate certificate; set `extra-ca` of the \
             source to a PEM file with it, or with the root"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            ": its certificate has expired; is the clock of this machine right?"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            ": its certificate is not valid yet; is the clock of this machine right?"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            ": its certificate is for another name; does the address name the right host?"
        }
        _ => ": its certificate is not accepted",
    }
}

/// The first error of that type in a chain of causes. An `io::Error` hides what it wraps from the chain, so it is opened.
fn cause<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_found_inside_an_io_error() {
        let tls = rustls::Error::AlertReceived(AlertDescription::HandshakeFailure);
        let error = io::Error::other(io::Error::other(tls));
        let found = cause::<rustls::Error>(&error).unwrap();
        assert!(hint_for(found).contains("only RSA or DHE key exchange or CBC ciphers"));
    }

    #[test]
    fn every_trouble_with_a_certificate_names_a_remedy() {
        for (error, expected) in [
            (CertificateError::UnknownIssuer, "set `extra-ca`"),
            (CertificateError::Expired, "expired"),
            (CertificateError::NotValidYet, "not valid yet"),
            (CertificateError::NotValidForName, "another name"),
            (CertificateError::BadSignature, "not accepted"),
        ] {
            assert!(hint_for(&rustls::Error::InvalidCertificate(error)).contains(expected));
        }
    }

    #[test]
    fn a_route_names_host_and_proxy() {
        let route = Route { host: "www.example.org".to_owned(), proxy: Some("proxy.example.net:1080".to_owned()) };
        assert_eq!(route.to_string(), "`www.example.org` through the proxy `proxy.example.net:1080`");
    }
}
