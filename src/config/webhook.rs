//! `[webhook]`: what holds for everything that is posted. Not whom it is posted to.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use ipnet::IpNet;

use crate::deliver::posting::Settings;

use super::table::Table;
use super::value::Value;
use super::words;

/// An attempt that takes longer would outlive its claim on the delivery.
const LONGEST_TIMEOUT: Duration = Duration::from_mins(2);

/// Where clouds keep the credentials of their machines.
const METADATA: IpAddr = IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254));

/// Reads `[webhook]`.
pub(super) fn read(table: &Table<'_>) -> Settings {
    let default = Settings::default();
    let allowed = table.list("allow-networks").iter().filter_map(network).collect();
    let timeout = table.value("timeout").and_then(|value| timeout(&value)).unwrap_or(default.timeout);
    Settings { allowed, timeout }
}

fn timeout(value: &Value<'_>) -> Option<Duration> {
    let timeout = words::deadline(value)?;
    if timeout > LONGEST_TIMEOUT {
        value.wrong("nobody needs so long to take a webhook", "write at most \"2m\"");
        return None;
    }
    Some(timeout)
}

/// A network, or one address.
fn network(value: &Value<'_>) -> Option<IpNet> {
    let parse = |text: &str| {
        let text = text.trim();
        text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from)).ok_or("that is no network")
    };
    let network =
        value.parsed(parse, "write a network, e.g. \"10.20.0.0/16\" or \"fd00:1234::/32\", or one address")?;
    if network.trunc() != network {
        value.wrong("that is an address inside a network", format_args!("write \"{}\"", network.trunc()));
        return None;
    }
    if network.contains(&METADATA) && network.max_prefix_len() != network.prefix_len() {
        value.warning(format_args!(
            "{network} holds {METADATA} too, where clouds keep the credentials of their machines; name the networks \
             that you mean"
        ));
    }
    Some(network)
}
