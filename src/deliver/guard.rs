//! Which addresses posts may reach: the public internet, and what the operator allows beside it. Addresses are checked as they come from
//! the resolver, in the very list that is then connected to, so that a name which points elsewhere a moment later gains nothing; an address
//! that stands in a URL is never looked up and is checked before the request. Not the request.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::networks::special;

/// What may be reached.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    allowed: Arc<[IpNet]>,
}

/// An address that may not be reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{address} is {what}, and `[webhook] allow-networks` does not name it; add \"{network}\" there if that is meant"
)]
pub struct Forbidden {
    /// The address.
    pub address: IpAddr,
    /// What it is: `a private address`.
    pub what: &'static str,
    /// The smallest network that would allow it.
    pub network: IpNet,
}

impl Guard {
    /// A guard that lets through the public internet and these networks.
    pub fn allowing(networks: impl IntoIterator<Item = IpNet>) -> Guard {
        Guard { allowed: networks.into_iter().collect() }
    }

    /// Whether an address may be reached.
    pub fn check(&self, address: IpAddr) -> Result<(), Forbidden> {
        // Who allows a network means its addresses, however they are written.
        let address = address.to_canonical();
        match special(address) {
            Some(what) if !self.allowed.iter().any(|network| network.contains(&address)) => {
                Err(Forbidden { address, what, network: IpNet::from(address) })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Whether an address that stands in a URL may be reached. `localhost` and the names below it are this machine by definition; of
    /// any other name only the resolver knows.
    pub fn check_url(&self, url: &Url) -> Result<(), Forbidden> {
        match url.host() {
            Some(Host::Ipv4(address)) => self.check(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => self.check(IpAddr::V6(address)),
            Some(Host::Domain(name)) if is_this_machine(name) => self
                .check(IpAddr::V4(Ipv4Addr::LOCALHOST))
                .or_else(|forbidden| self.check(IpAddr::V6(Ipv6Addr::LOCALHOST)).map_err(|_| forbidden)),
            Some(Host::Domain(_)) | None => Ok(()),
        }
    }
}

fn is_this_machine(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name == "localhost" || name.ends_with(".localhost")
}

/// A resolver whose answers have been through the guard.
pub(super) struct GuardedNames {
    guard: Guard,
    names: Arc<dyn Resolve>,
}

impl GuardedNames {
    /// Asks `names`, and leaves out what the guard forbids.
    pub(super) fn new(guard: Guard, names: Arc<dyn Resolve>) -> GuardedNames {
        GuardedNames { guard, names }
    }
}

impl fmt::Debug for GuardedNames {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("GuardedNames").field("guard", &self.guard).finish_non_exhaustive()
    }
}

impl Resolve for GuardedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.guard.clone();
        let found = self.names.resolve(name);
        Box::pin(async move {
            let mut allowed: Vec<SocketAddr> = Vec::new();
            let mut forbidden = None;
            for address in found.await? {
                match guard.check(address.ip()) {
                    Ok(()) => allowed.push(address),
                    Err(why) => forbidden = forbidden.or(Some(why)),
                }
            }
            match forbidden {
                Some(forbidden) if allowed.is_empty() => Err(forbidden.into()),
                Some(_) | None => Ok(Box::new(allowed.into_iter()) as Addrs),
            }
        })
    }
}

/// The resolver of the machine.
#[derive(Debug)]
pub(super) struct SystemNames;

impl Resolve for SystemNames {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // Port 0 is replaced by that of the address.
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(guard: &Guard, url: &str) -> String {
        match guard.check_url(&Url::parse(url).unwrap()) {
            Ok(()) => "may".to_owned(),
            Err(forbidden) => forbidden.what.to_owned(),
        }
    }

    #[test]
    fn an_address_in_a_url_is_known_however_it_is_written() {
        let guard = Guard::default();
        for url in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://127.1:8080/",
            "http://１２７.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://localhost/",
            "http://LOCALHOST./",
            "http://db.localhost/",
        ] {
            assert_eq!(check(&guard, url), "this machine itself", "{url}");
        }
        assert_eq!(check(&guard, "http://169.254.169.254/latest/meta-data"), "a link-local address");
        for url in ["https://plm.example.org/", "https://8.8.8.8/", "https://[2606:4700:4700::1111]/"] {
            assert_eq!(check(&guard, url), "may", "{url}");
        }
        for scoped in ["http://[fe80::1%25eth0]/", "http://[fe80::1%eth0]/"] {
            assert!(Url::parse(scoped).is_err(), "{scoped}: an address with a scope is no URL at all");
        }
    }

    #[test]
    fn what_is_allowed_is_allowed_and_nothing_beside_it() {
        let guard = Guard::allowing(["10.1.0.0/16".parse().unwrap(), "fd00:1::/32".parse().unwrap()]);
        for allowed in ["http://10.1.2.3/", "http://[::ffff:10.1.2.3]/", "http://[fd00:1::5]/"] {
            assert_eq!(check(&guard, allowed), "may", "{allowed}");
        }
        for forbidden in ["http://10.2.0.1/", "http://[fd00:2::5]/", "http://127.0.0.1/", "http://localhost/"] {
            assert_ne!(check(&guard, forbidden), "may", "{forbidden}");
        }
        let loopback = Guard::allowing(["::1/128".parse().unwrap()]);
        assert_eq!(check(&loopback, "http://localhost/"), "may", "either address of the name will do");
        let everything = Guard::allowing(["0.0.0.0/0".parse().unwrap()]);
        assert_eq!(check(&everything, "http://192.168.0.1/"), "may");
        assert_eq!(check(&everything, "http://[fc00::1]/"), "a private address", "a network of one family is no other");
    }

    #[test]
    fn what_is_forbidden_says_what_would_allow_it() {
        let forbidden = Guard::default().check("::ffff:192.168.7.9".parse().unwrap()).unwrap_err();
        assert_eq!(
            forbidden.to_string(),
            "192.168.7.9 is a private address, and `[webhook] allow-networks` does not name it; \
             add \"192.168.7.9/32\" there if that is meant"
        );
    }
}
