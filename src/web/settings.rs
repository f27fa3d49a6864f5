//! Where pages are served, and to whom. Not how a configuration file says so.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use url::Url;

use super::token::Token;

/// Where pages are served when nobody says.
pub const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8260);

/// Twice as long as a bad line needs for a request of ours.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is said of web pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The address and port to serve on; `None` serves nowhere.
    pub listen: Option<SocketAddr>,
    /// Whether somebody chose that address: the one that nobody chose may be taken by others without harm.
    pub is_chosen: bool,
    /// What alerts and feeds link to.
    pub public_url: Option<Url>,
    /// What callers must show.
    pub token: Option<Token>,
    /// Whether others than this machine may read without it.
    pub open: bool,
    /// Whose `X-Forwarded-*` are believed.
    pub trusted_proxies: Vec<Network>,
    /// How long a client may keep us waiting, for its request or for taking what is sent.
    pub patience: Duration,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            listen: Some(LISTEN),
            is_chosen: false,
            public_url: None,
            token: None,
            open: false,
            trusted_proxies: Vec::new(),
            patience: PATIENCE,
        }
    }
}

impl Settings {
    /// Whether whoever is on this machine is meant by the address.
    pub fn is_local(&self) -> bool {
        self.listen.is_none_or(|address| address.ip().is_loopback())
    }
}

/// An address, or all that begin alike: `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    n_bits: u8,
}

impl Network {
    /// Reads `127.0.0.1`, `10.0.0.0/8`, `fd00::/8`.
    pub fn parse(text: &str) -> Option<Network> {
        let (address, n_bits) = match text.split_once('/') {
            Some((address, n_bits)) => (address, Some(n_bits.parse::<u8>().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let n_bits = n_bits.unwrap_or(most);
        (n_bits <= most).then_some(Network { address, n_bits })
    }

    /// Whether an address is one of them; an IPv4 address is the same when IPv6 carries it.
    pub fn holds(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let differing = u32::from(own) ^ u32::from(other);
                differing.checked_shr(32 - u32::from(self.n_bits)).unwrap_or(0) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let differing = u128::from(own) ^ u128::from(other);
                differing.checked_shr(128 - u32::from(self.n_bits)).unwrap_or(0) == 0
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_what_begins_alike_and_nothing_else() {
        let holds = |network: &str, address: &str| Network::parse(network).unwrap().holds(address.parse().unwrap());
        assert!(holds("127.0.0.1", "127.0.0.1"));
        assert!(holds("127.0.0.1", "::ffff:127.0.0.1"));
        assert!(!holds("127.0.0.1", "127.0.0.2"));
        assert!(holds("10.0.0.0/8", "10.255.0.1"));
        assert!(!holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("0.0.0.0/0", "203.0.113.9"));
        assert!(holds("fd00::/8", "fd12::1"));
        assert!(!holds("fd00::/8", "fe80::1"));
        assert!(!holds("::/0", "10.0.0.1"));
        for wrong in ["", "10.0.0.0/33", "10.0.0/8", "::1/129", "localhost", "10.0.0.0/x"] {
            assert_eq!(Network::parse(wrong), None, "{wrong}");
        }
    }
}
