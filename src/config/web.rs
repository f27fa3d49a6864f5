//! `[web]`: what alerts link to, and where pages would be served. Not a server: this version has none.

use std::net::{Ipv4Addr, SocketAddr};

use url::Url;

use crate::masked::Secret;

use super::paths;
use super::table::Table;
use super::words;

/// Where pages are served when no file says.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8260);

/// Keys that only a server would use.
const OF_THE_SERVER: [&str; 3] = ["listen", "token-file", "open"];

/// What is said of web pages.
#[derive(Debug, Clone)]
pub struct Web {
    /// The address and port to serve on.
    pub listen: SocketAddr,
    /// What alerts link to.
    pub public_url: Option<Url>,
    /// What callers must show.
    pub token: Option<Secret>,
    /// Whether others than this machine are served without a token.
    pub open: bool,
}

impl Default for Web {
    fn default() -> Web {
        Web { listen: LISTEN, public_url: None, token: None, open: false }
    }
}

/// Reads `[web]`.
pub(super) fn read(table: &Table<'_>) -> Web {
    let remedy = "write an address and a port, e.g. \"127.0.0.1:8260\" or \"[::1]:8260\"";
    let listen = table.value("listen").and_then(|value| value.parsed(str::parse, remedy));
    let token = table.value("token-file").and_then(|value| paths::secret(&value));
    let open = table.value("open").and_then(|value| value.flag()).unwrap_or(false);
    let web = Web { listen: listen.unwrap_or(LISTEN), public_url: public_url(table), token, open };

    let guarded = open || table.value("token-file").is_some() || web.listen.ip().is_loopback();
    if let Some(value) = table.value("listen").filter(|_| !guarded) {
        value.wrong("others than this machine would be served", "name a token-file, or say open = true on purpose");
    }
    for value in OF_THE_SERVER.into_iter().filter_map(|key| table.value(key)) {
        value.warning("checked, but without effect: this version serves no pages");
    }
    web
}

fn public_url(table: &Table<'_>) -> Option<Url> {
    let value = table.value("public-url")?;
    let url = words::web_address(&value)?;
    if url.query().is_some() || url.fragment().is_some() {
        value.wrong("links are made by adding to it", "write it without `?` and `#`");
        return None;
    }
    Some(url)
}
