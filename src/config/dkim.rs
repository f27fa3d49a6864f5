//! `[mail]`: the keys that sign for the sender's domain. Not the signing.

use std::sync::Arc;

use lettre::message::Mailbox;
use url::Host;

use crate::deliver::email_dkim::{Key, Signer};

use super::paths;
use super::table::Table;
use super::value::Value;

/// Reads `dkim-domain`, `dkim-selector` and `dkim-key-file`; nothing signs where none of them is there.
pub(super) fn read(table: &Table<'_>, from: Option<&Mailbox>) -> Option<Arc<Signer>> {
    let (selectors, files) = (one_or_several(table, "dkim-selector"), one_or_several(table, "dkim-key-file"));
    let given = table.value("dkim-domain");
    let first = given.or(table.value("dkim-selector")).or(table.value("dkim-key-file"))?;
    if selectors.is_empty() || files.len() != selectors.len() {
        first.problem(format_args!(
            "found {} dkim-selector and {} dkim-key-file; write one of each, or two lists of one length",
            selectors.len(),
            files.len()
        ));
        return None;
    }
    let domain = match &given {
        Some(value) => domain(value, from)?,
        None => ascii(from?.email.domain())?,
    };
    let keys: Option<Vec<Key>> = selectors.iter().zip(&files).map(|(selector, file)| key(selector, file)).collect();
    Some(Arc::new(Signer::new(&domain, keys?)))
}

fn one_or_several<'d>(table: &Table<'d>, key: &'static str) -> Vec<Value<'d>> {
    let Some(value) = table.value(key) else { return Vec::new() };
    if value.found().is_array() { value.elements() } else { vec![value] }
}

fn domain(value: &Value<'_>, from: Option<&Mailbox>) -> Option<String> {
    let remedy = "write the domain under which the public key stands, e.g. \"example.org\"";
    let domain = value.parsed(|text| ascii(text).ok_or("that is no domain"), remedy)?;
    let sender = from.and_then(|from| ascii(from.email.domain()));
    let is_above = |sender: &str| sender == domain || sender.ends_with(&format!(".{domain}"));
    if sender.is_some_and(|sender| !is_above(&sender)) {
        value.warning("the sender is of another domain: servers that check DMARC will not count this signature");
    }
    Some(domain)
}

/// A domain in the letters of the DNS.
fn ascii(text: &str) -> Option<String> {
    match Host::parse(text.trim()).ok()? {
        Host::Domain(domain) if domain.contains('.') => Some(domain),
        Host::Domain(_) | Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}

fn key(selector: &Value<'_>, file: &Value<'_>) -> Option<Key> {
    let remedy = "write the name of the key in the DNS, e.g. \"stagewatch2026\"";
    let is_name = |text: &str| {
        let fits = !text.is_empty() && text.len() <= 63 && text.split('.').all(|part| !part.is_empty());
        fits && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
    };
    let name =
        selector.parsed(|text| if is_name(text) { Ok(text.to_owned()) } else { Err("that is no selector") }, remedy);
    let pem = paths::secret(file)?;
    match Key::read(&name?, &pem) {
        Ok(key) => Some(key),
        Err(error) => {
            file.problem(error);
            None
        }
    }
}
