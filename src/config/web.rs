//! `[web]`: where pages are served, to whom, and what alerts link to. Not the pages.

use std::net::SocketAddr;

use url::Url;

use crate::web::settings::{LISTEN, Network, Settings};
use crate::web::token::Token;

use super::paths;
use super::table::Table;
use super::value::Value;
use super::words;

/// Serves no pages.
const NOWHERE: &str = "none";

/// Where pages are served.
enum Place {
    At(SocketAddr),
    Nowhere,
}

/// Reads `[web]`.
pub(super) fn read(table: &Table<'_>) -> Settings {
    let chosen = table.value("listen").and_then(|value| listen(&value));
    let token = table.value("token-file").and_then(|value| token(&value));
    let open = table.value("open").and_then(|value| value.flag()).unwrap_or(false);
    let settings = Settings {
        is_chosen: chosen.is_some(),
        listen: match chosen {
            Some(Place::At(address)) => Some(address),
            Some(Place::Nowhere) => None,
            None => Some(LISTEN),
        },
        public_url: public_url(table),
        token,
        open,
        trusted_proxies: table.list("trusted-proxies").iter().filter_map(network).collect(),
        ..Settings::default()
    };
    let guarded = open || table.value("token-file").is_some() || settings.is_local();
    if let Some(value) = table.value("listen").filter(|_| !guarded) {
        value.wrong("others than this machine would be served", "name a token-file, or say open = true on purpose");
    }
    settings
}

fn listen(value: &Value<'_>) -> Option<Place> {
    let remedy = "write an address and a port, e.g. \"127.0.0.1:8260\" or \"[::1]:8260\", or \"none\"";
    value.parsed(|text| if text == NOWHERE { Ok(Place::Nowhere) } else { text.parse().map(Place::At) }, remedy)
}

fn token(value: &Value<'_>) -> Option<Token> {
    let secret = paths::secret(value)?;
    let token = Token::parse(secret.reveal());
    token
        .map_err(|why| {
            value.wrong(
                why,
                "write at least 20 characters of chance into it, e.g. what `openssl rand -base64 32` prints, or `sha256:` and the SHA-256 of them",
            );
        })
        .ok()
}

fn network(value: &Value<'_>) -> Option<Network> {
    let remedy = "write the address of the proxy, e.g. \"127.0.0.1\", or a network, e.g. \"10.0.0.0/8\"";
    value.parsed(|text| Network::parse(text).ok_or("that is no address"), remedy)
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
