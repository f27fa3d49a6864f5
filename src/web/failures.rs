//! How often tokens that are none were shown: who tries them out is kept waiting. Not what a token is.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// So many wrong tokens are a mistake …
const FORGIVEN: u32 = 5;

/// … and so long each of the others is remembered.
const MEMORY: SignedDuration = SignedDuration::from_mins(1);

/// Whoever has so many addresses gets what all of them together deserve.
const MOST_ADDRESSES: usize = 4096;

/// Wrong tokens by address: how many, and since when.
#[derive(Debug, Default)]
pub(super) struct Failures {
    by_address: Mutex<HashMap<IpAddr, (u32, Timestamp)>>,
}

impl Failures {
    /// How long an address must wait before its next token is looked at.
    pub(super) fn wait(&self, address: IpAddr, now: Timestamp) -> Option<SignedDuration> {
        let known = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        let (n_failures, since) = known.get(&network_of(address))?;
        let left = MEMORY - now.duration_since(*since);
        (*n_failures >= FORGIVEN && left.is_positive()).then_some(left)
    }

    /// Notes one more.
    pub(super) fn note(&self, address: IpAddr, now: Timestamp) {
        let mut known = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_ADDRESSES {
            known.retain(|_, (_, since)| now.duration_since(*since) < MEMORY);
        }
        if known.len() >= MOST_ADDRESSES {
            known.clear();
        }
        let entry = known.entry(network_of(address)).or_insert((0, now));
        if now.duration_since(entry.1) >= MEMORY {
            *entry = (0, now);
        }
        *entry = (entry.0.saturating_add(1), now);
    }
}

/// One household has 2^64 addresses of IPv6.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => std::net::Ipv6Addr::from(u128::from(address) & (u128::MAX << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_tries_tokens_out_waits_a_minute_and_others_do_not() {
        let failures = Failures::default();
        let (one, other): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let now: Timestamp = "2026-05-12T12:00:00Z".parse().unwrap();
        for _ in 0..FORGIVEN {
            assert_eq!(failures.wait(one, now), None);
            failures.note(one, now);
        }
        assert_eq!(failures.wait(one, now), Some(MEMORY));
        assert_eq!(failures.wait(other, now), None);
        assert_eq!(failures.wait(one, now + MEMORY), None);
        failures.note(one, now + MEMORY);
        assert_eq!(failures.wait(one, now + MEMORY), None);
    }

    #[test]
    fn neighbours_in_one_household_share_their_failures_and_memory_has_an_end() {
        let failures = Failures::default();
        let now: Timestamp = "2026-05-12T12:00:00Z".parse().unwrap();
        for n in 0..FORGIVEN {
            failures.note(format!("2001:db8::{n}").parse().unwrap(), now);
        }
        assert!(failures.wait("2001:db8::ffff".parse().unwrap(), now).is_some());
        for n in 0..10_000_u32 {
            failures.note(IpAddr::from(n.to_be_bytes()), now);
        }
        assert!(failures.by_address.lock().unwrap().len() <= MOST_ADDRESSES);
    }
}
