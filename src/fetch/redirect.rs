//! Where a redirect may lead: to the same host, never from https to http. Not the loop that follows it.

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, LOCATION};
use url::Url;

use super::error::FetchError;
use super::headers;

/// The host of an address that can be fetched.
pub(super) fn host_of(url: &Url) -> Result<String, FetchError> {
    match (url.scheme(), url.host_str()) {
        ("http" | "https", Some(host)) => Ok(host.to_owned()),
        (scheme, _) => Err(FetchError::Address { scheme: scheme.to_owned() }),
    }
}

/// The address that an answer sends us on to; `None` where it is no redirect. One without an address is an answer like any other.
pub(super) fn next_address(asked: &Url, status: StatusCode, served: &HeaderMap) -> Result<Option<Url>, FetchError> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = headers::text(served, &LOCATION) else { return Ok(None) };
    let host = host_of(asked)?;
    let Ok(next) = asked.join(location.trim()) else {
        return Err(FetchError::BadRedirect { host, to: location });
    };
    let Ok(to) = host_of(&next) else {
        return Err(FetchError::BadRedirect { host, to: location });
    };
    if to != host {
        return Err(FetchError::OtherHost { from: host, to });
    }
    if asked.scheme() == "https" && next.scheme() == "http" {
        return Err(FetchError::Downgrade { host });
    }
    Ok(Some(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follow(asked: &str, status: u16, location: Option<&str>) -> String {
        let mut served = HeaderMap::new();
        if let Some(location) = location {
            served.insert(LOCATION, location.parse().unwrap());
        }
        match next_address(&asked.parse().unwrap(), StatusCode::from_u16(status).unwrap(), &served) {
            Ok(Some(url)) => url.to_string(),
            Ok(None) => "an answer".to_owned(),
            Err(error) => format!("{}: {error}", error.name()),
        }
    }

    #[test]
    fn a_redirect_is_followed_within_the_host_only() {
        for (asked, location, expected) in [
            ("https://www.example.org/a/b", "../c?d=1", "https://www.example.org/c?d=1"),
            ("https://www.example.org/a", "//WWW.example.org/b", "https://www.example.org/b"),
            ("http://www.example.org/a", "https://www.example.org/a", "https://www.example.org/a"),
            (
                "https://www.example.org/a",
                "https://login.example.org/?back=a",
                "redirect: `www.example.org` redirects to another host, `login.example.org`: not followed; if the page has moved there, \
                 change the address of the source",
            ),
            (
                "http://www.example.org/",
                "http://www.example.org.example.net/",
                "redirect: `www.example.org` redirects to another host, `www.example.org.example.net`: not followed; if the page has \
                 moved there, change the address of the source",
            ),
            (
                "https://www.example.org/a",
                "http://www.example.org/a",
                "redirect: `www.example.org` redirects from https to http: not followed, since anyone on the way could change the page",
            ),
            (
                "https://www.example.org/",
                "file:///etc/passwd",
                "redirect: `www.example.org` redirects to `file:///etc/passwd`, which is no address",
            ),
            (
                "https://www.example.org/",
                "https://",
                "redirect: `www.example.org` redirects to `https://`, which is no address",
            ),
        ] {
            for status in [301, 302, 303, 307, 308] {
                assert_eq!(follow(asked, status, Some(location)), expected);
            }
        }
    }

    #[test]
    fn other_answers_are_no_redirect() {
        assert_eq!(follow("https://www.example.org/", 200, Some("/b")), "an answer");
        assert_eq!(follow("https://www.example.org/", 300, Some("/b")), "an answer");
        assert_eq!(follow("https://www.example.org/", 302, None), "an answer");
    }

    #[test]
    fn only_addresses_of_the_web_have_a_host_to_ask() {
        for address in ["file:///etc/passwd", "ftp://ftp.example.org/", "data:text/html,x", "about:blank"] {
            assert_eq!(host_of(&address.parse().unwrap()).unwrap_err().name(), "address");
        }
    }
}
