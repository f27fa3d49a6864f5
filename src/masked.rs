//! Values that do not show themselves: secrets, and the addresses of recipients. Not encryption: whoever holds one may open it.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};

/// A password or a key. Prints as `***`.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(SecretString::from(text.into()))
    }

    /// The secret itself; for the one place that uses it.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

/// Where a delivery goes: a mail address, or the address of a webhook. Prints shortened: `t~ca…@example.org`, `https://plm.example.org/…`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Recipient(String);

impl Recipient {
    /// Wraps an address.
    pub fn new(address: impl Into<String>) -> Recipient {
        Recipient(address.into())
    }

    /// The address itself; for the one place that sends, and for the store.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((scheme, rest)) = self.0.split_once("://") {
            let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let host = authority.rsplit('@').next().unwrap_or_default();
            return write!(out, "{scheme}://{host}/…");
        }
        match self.0.rsplit_once('@') {
            Some((local, domain)) => {
                write!(out, "{}@{domain}", masked(local))
            }
            None => out.write_str(&self.0),
        }
    }
}

/// The first letter and two digits of the hash, so that several mailboxes of one domain look different.
fn masked(local: &str) -> String {
    let first = local.chars().next().map(String::from).unwrap_or_default();
    let mark = Sha256::digest(local.as_bytes())[0];
    format!("{first}~{mark:02x}…")
}

impl fmt::Debug for Recipient {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_masked_prints_itself() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret} {secret:?}"), "*** ***");
        assert_eq!(secret.reveal(), "hunter2");
        let mail = Recipient::new("team@example.org");
        assert_eq!(format!("{mail} {mail:?}"), "t~ca…@example.org t~ca…@example.org");
        let shown = |address: &str| Recipient::new(address).to_string();
        assert_eq!(shown("@x.org"), "~e3…@x.org");
        for (one, other) in [("anna@x.org", "anja@x.org"), ("grace@x.org", "gerald@x.org"), ("a1@x.org", "a2@x.org")] {
            assert_ne!(shown(one), shown(other), "several mailboxes of one domain can be told apart");
        }
        let hook = Recipient::new("https://user:pass@plm.example.org:8443/hooks/secret?token=1");
        assert_eq!(hook.to_string(), "https://plm.example.org:8443/…");
        assert_eq!(Recipient::new("terminal").to_string(), "terminal");
    }
}
