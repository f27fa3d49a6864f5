//! Who asks: the address of the client, through proxies that are trusted, and of no other.

use std::net::IpAddr;

use axum::http::HeaderMap;

use super::settings::Settings;

/// What every proxy adds, in one spelling or another.
const FORWARDED: [&str; 4] = ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded"];

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Client {
    /// The address; that of the last proxy which is not trusted, or of the client itself.
    pub(super) address: IpAddr,
    /// Whether it is on this machine, and nobody stands behind it.
    pub(super) is_local: bool,
    /// Whether it came over TLS, as far as a trusted proxy says.
    pub(super) is_secure: bool,
}

/// Who asks, by the connection and, where that is a trusted proxy's, by what it says.
///
/// What an untrusted proxy says is believed in one thing: that it is one. Whoever stands behind it is not on this machine.
pub(super) fn client_of(settings: &Settings, peer: IpAddr, headers: &HeaderMap) -> Client {
    let peer = peer.to_canonical();
    let is_trusted = |address: IpAddr| settings.trusted_proxies.iter().any(|proxy| proxy.holds(address));
    if !is_trusted(peer) {
        let is_proxy = FORWARDED.into_iter().any(|name| headers.contains_key(name));
        return Client { address: peer, is_local: peer.is_loopback() && !is_proxy, is_secure: false };
    }
    // Each proxy adds to the end, so the last address that no trusted proxy has is the nearest that can be relied on.
    let mut address = peer;
    let chain = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let chain: Vec<&str> = chain.flat_map(|value| value.split(',')).map(str::trim).collect();
    let mut is_known = true;
    for hop in chain.iter().rev() {
        let Some(hop) = address_of(hop) else {
            is_known = false;
            break;
        };
        address = hop;
        if !is_trusted(hop) {
            break;
        }
    }
    let is_secure = headers.get("x-forwarded-proto").is_some_and(|scheme| scheme.as_bytes() == b"https");
    Client { address, is_local: is_known && address.is_loopback(), is_secure }
}

/// `203.0.113.9`, `203.0.113.9:4711`, `[2001:db8::1]:4711`.
fn address_of(text: &str) -> Option<IpAddr> {
    let address = text.parse::<IpAddr>().or_else(|_| text.parse::<std::net::SocketAddr>().map(|socket| socket.ip()));
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::settings::Network;

    fn check(peer: &str, headers: &[(&'static str, &str)], expected: (&str, bool, bool)) {
        let settings = Settings {
            trusted_proxies: vec![Network::parse("127.0.0.1").unwrap(), Network::parse("10.0.0.0/8").unwrap()],
            ..Settings::default()
        };
        let map = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        let client = client_of(&settings, peer.parse().unwrap(), &map);
        let found = (client.address.to_string(), client.is_local, client.is_secure);
        assert_eq!((found.0.as_str(), found.1, found.2), expected, "{peer} {headers:?}");
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        check("127.0.0.1", &[], ("127.0.0.1", true, false));
        check("127.0.0.1", &[("x-forwarded-for", "203.0.113.9")], ("203.0.113.9", false, false));
        check(
            "127.0.0.1",
            &[("x-forwarded-for", "127.0.0.1, 203.0.113.9, 10.1.1.1"), ("x-forwarded-proto", "https")],
            ("203.0.113.9", false, true),
        );
        check("127.0.0.1", &[("x-forwarded-for", "127.0.0.1, unknown")], ("127.0.0.1", false, false));
        check("192.0.2.1", &[("x-forwarded-for", "127.0.0.1")], ("192.0.2.1", false, false));
        check("::1", &[], ("::1", true, false));
        check("::1", &[("x-forwarded-for", "127.0.0.1")], ("::1", false, false));
        check("::1", &[("forwarded", "for=127.0.0.1")], ("::1", false, false));
        check("::ffff:127.0.0.1", &[], ("127.0.0.1", true, false));
    }
}
