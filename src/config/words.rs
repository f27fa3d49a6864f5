//! Values that several sections share: spans of time, sizes, addresses, time zones, references, committees. How a text is read is the
//! business of the room that owns the word; here it is only asked.

use std::time::Duration;

use jiff::tz::TimeZone;
use toml::de::DeValue;
use url::Url;

use crate::quantities::{parse_duration, parse_size};
use crate::standards::committee::Committee;
use crate::standards::reference::Reference;

use super::paths;
use super::suggestion::nearest;
use super::table::Table;
use super::value::Value;

/// How a proxy is spoken to.
const PROXY_SCHEMES: [&str; 4] = ["http", "https", "socks5", "socks5h"];

/// A span of time, zero allowed.
pub(super) fn duration(value: &Value<'_>) -> Option<Duration> {
    if let DeValue::Integer(number) = value.found() {
        value.wrong("that has no unit", format_args!("write \"{number}s\" for seconds"));
        return None;
    }
    value.understood(parse_duration)
}

/// A span of time in which something is to happen.
pub(super) fn deadline(value: &Value<'_>) -> Option<Duration> {
    let duration = duration(value)?;
    if duration.is_zero() {
        value.wrong("nothing can be done in that time", "write more than zero, e.g. \"60s\"");
        return None;
    }
    Some(duration)
}

/// A size in bytes, at least one.
pub(super) fn size_bytes(value: &Value<'_>) -> Option<u64> {
    let size = value.understood(parse_size)?;
    if size == 0 {
        value.wrong("no page is that small", "write more than zero, e.g. \"64MiB\"");
        return None;
    }
    Some(size)
}

/// The address of a page or a hook.
pub(super) fn web_address(value: &Value<'_>) -> Option<Url> {
    address(value, &["https", "http"], "write a whole address, e.g. \"https://www.example.org/page\"")
}

/// Unencrypted an address may be, for a receiver on the same machine or behind a tunnel, but not in silence.
pub(super) fn warn_of_plain(value: &Value<'_>, url: &Url) {
    let on_this_machine = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if url.scheme() == "http" && !on_this_machine {
        value.warning("alerts would travel unencrypted; write an address that begins with https:// if there is one");
    }
}

/// The address of a proxy: under `proxy`, or in the file under `proxy-file` when it comes with a password.
pub(super) fn proxy(table: &Table<'_>) -> Option<Url> {
    let remedy = "write a whole address, e.g. \"socks5h://proxy.example.org:1080\"";
    match (table.value("proxy"), table.value("proxy-file")) {
        (Some(value), None) => address(&value, &PROXY_SCHEMES, remedy),
        (None, Some(file)) => {
            let secret = paths::secret(&file)?;
            let url =
                Url::parse(secret.reveal()).ok().filter(|url| PROXY_SCHEMES.contains(&url.scheme()) && url.has_host());
            if url.is_none() {
                file.wrong("there is no address of a proxy in that file", remedy);
            }
            url
        }
        (Some(_), Some(file)) => {
            file.problem("`proxy` is there too; write one of them");
            None
        }
        (None, None) => None,
    }
}

fn address(value: &Value<'_>, schemes: &[&str], remedy: &str) -> Option<Url> {
    let parse = |text: &str| {
        Url::parse(text.trim()).map_err(|error| match error {
            url::ParseError::RelativeUrlWithoutBase => String::from("it does not begin with a scheme such as https://"),
            error => error.to_string(),
        })
    };
    let url = value.parsed(parse, remedy)?;
    if !schemes.contains(&url.scheme()) {
        value.wrong(format_args!("`{}:` is not among {}", url.scheme(), schemes.join(", ")), remedy);
        return None;
    }
    if url.host_str().is_none_or(str::is_empty) {
        value.wrong("that names no host", remedy);
        return None;
    }
    if !url.username().is_empty() || url.password().is_some() {
        let remedy =
            "write the address without user and password (a proxy that needs them: the whole address in a proxy-file)";
        value.wrong("secrets do not belong into this file", remedy);
        return None;
    }
    Some(url)
}

/// A time zone.
pub(super) fn time_zone(value: &Value<'_>) -> Option<TimeZone> {
    let name = value.filled()?;
    if let Ok(zone) = TimeZone::get(name) {
        return Some(zone);
    }
    let remedy = match nearest_zone(name) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => String::from("write a name such as \"Europe/Brussels\"; China's is \"Asia/Shanghai\""),
    };
    value.wrong("no such time zone", remedy);
    None
}

/// How like the name of a city has to be to be meant: `Brusels` for `Brussels` is 0.88, `Mars` for `Paris` 0.6.
const LIKE_A_CITY: f64 = 0.7;

/// The zone whose city is spelt most like the city of this name; the continent says too little.
fn nearest_zone(name: &str) -> Option<String> {
    let known: Vec<String> = jiff::tz::db().available().map(|zone| zone.to_string()).collect();
    let city_of = |zone: &'_ str| zone.rsplit('/').next().unwrap_or_default().to_owned();
    let cities: Vec<String> = known.iter().filter(|zone| zone.contains('/')).map(|zone| city_of(zone)).collect();
    let near = nearest(&city_of(name), cities.iter().map(String::as_str))?;
    // Names of cities are short: what is right of `Mars` is not `Paris`.
    let likeness = strsim::normalized_damerau_levenshtein(&city_of(name).to_lowercase(), &near.to_lowercase());
    if likeness < LIKE_A_CITY {
        return None;
    }
    known.iter().find(|zone| city_of(zone) == near).cloned()
}

/// The references of a list; the wrong ones are noted and left out.
pub(super) fn references(list: &[Value<'_>]) -> Vec<Reference> {
    let remedy = "write a reference or a plan number, e.g. \"ISO/IEC 27035-4\", \"GB/T 39204\" or \"20230259-T-469\"";
    let reference = |value: &Value<'_>| {
        value.parsed(|text| Reference::parse(text).ok_or("that is no reference of ISO, IEC or SAC"), remedy)
    };
    list.iter().filter_map(reference).collect()
}

/// The committees of a list; the wrong ones are noted and left out.
pub(super) fn committees(list: &[Value<'_>]) -> Vec<Committee> {
    let remedy = "write a committee, e.g. \"ISO/IEC JTC 1/SC 27\" or \"SAC/TC 260\"";
    let committee = |value: &Value<'_>| {
        let committee = value.parsed(|text| Committee::parse(text).ok_or("that is no committee"), remedy)?;
        // Some bodies print committees by Chinese names that nobody here can number.
        if !committee.is_numbered() && committee.name().is_ascii() {
            value.warning(format_args!(
                "\"{}\" reads as no committee, and only finds what is printed so; {remedy}",
                committee.name()
            ));
        }
        Some(committee)
    };
    list.iter().filter_map(committee).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_city_is_suggested_only_where_it_is_spelt_nearly_so() {
        for (name, meant) in
            [("Europe/Brusels", Some("Europe/Brussels")), ("Asia/Shangai", Some("Asia/Shanghai")), ("Mars", None)]
        {
            assert_eq!(nearest_zone(name).as_deref(), meant, "{name}");
        }
    }
}
