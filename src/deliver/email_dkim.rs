//! Mail: the signature of a domain (DKIM: RFC 6376, Ed25519 by RFC 8463), over the finished bytes of a message. Several keys sign side by
//! side, each under its selector: Ed25519 for those who know it, RSA for everybody else. Not the DNS, where the public keys stand.
//!
//! Both halves are canonicalized `relaxed`: what mail servers do to white space breaks nothing. Each header that matters is named once more
//! than it is there, so that nobody can add another one.

use std::fmt;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use sha2::{Digest, Sha256};

use crate::masked::Secret;

/// What is signed, where it is there.
const SIGNED: [&str; 16] = [
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "auto-submitted",
    "x-stagewatch-action",
    "x-stagewatch-kinds",
    "reply-to",
];
/// How long a line of the signature is.
const LINE: usize = 72;

/// Why a key cannot sign. Never shows the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No PEM of a private key.
    #[error("a DKIM key is a private key in PEM (`BEGIN PRIVATE KEY` or `BEGIN RSA PRIVATE KEY`); this is none")]
    NotAKey,
    /// A key of another kind, or an RSA key that is too short to be believed.
    #[error("a DKIM key is Ed25519, or RSA of 2048 to 8192 bits; this one is neither")]
    WrongKind,
}

/// A signature that could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("could not sign with the DKIM key of this selector")]
pub struct SigningError;

/// Signs for one domain.
pub struct Signer {
    domain: String,
    keys: Vec<Key>,
}

/// The public half of a key, as it stands in the DNS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The name: `SELECTOR._domainkey.DOMAIN`.
    pub name: String,
    /// `rsa` or `ed25519`.
    pub kind: &'static str,
    /// The key, first as the standards write it, then in other forms that are understood.
    pub keys: Vec<Vec<u8>>,
}

impl Published {
    /// The text to publish.
    pub fn record(&self) -> String {
        let key = self.keys.first().map(|key| STANDARD.encode(key)).unwrap_or_default();
        format!("v=DKIM1; k={}; p={key}", self.kind)
    }
}

/// A key with the name under which its public half stands in the DNS.
pub struct Key {
    selector: String,
    pair: Pair,
}

enum Pair {
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

impl Key {
    /// Reads a private key in PEM.
    pub fn read(selector: &str, pem: &Secret) -> Result<Key, KeyError> {
        let key = PrivateKeyDer::from_pem_slice(pem.reveal().as_bytes()).map_err(|_| KeyError::NotAKey)?;
        let pair = match &key {
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()).map(Pair::Rsa).ok(),
            PrivateKeyDer::Pkcs8(der) => {
                let der = der.secret_pkcs8_der();
                // OpenSSL writes the private half alone.
                let ed25519 = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map(Pair::Ed25519);
                ed25519.or_else(|_| RsaKeyPair::from_pkcs8(der).map(Pair::Rsa)).ok()
            }
            _ => None,
        };
        pair.map(|pair| Key { selector: selector.to_owned(), pair }).ok_or(KeyError::WrongKind)
    }

    /// What has to stand in the DNS for whoever checks its signatures.
    fn published(&self, domain: &str) -> Published {
        let (kind, keys) = match &self.pair {
            // RFC 8463: the 32 bytes alone.
            Pair::Ed25519(pair) => ("ed25519", vec![pair.public_key().as_ref().to_vec()]),
            Pair::Rsa(pair) => {
                let der = AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key());
                let whole = der.map(|der| der.as_ref().to_vec()).ok();
                // The shorter form is not what the standard says, and is understood everywhere.
                ("rsa", whole.into_iter().chain([pair.public_key().as_ref().to_vec()]).collect())
            }
        };
        Published { name: format!("{}._domainkey.{domain}", self.selector), kind, keys }
    }

    fn algorithm(&self) -> &'static str {
        match self.pair {
            Pair::Ed25519(_) => "ed25519-sha256",
            Pair::Rsa(_) => "rsa-sha256",
        }
    }

    fn sign(&self, data: &[u8]) -> Result<Vec<u8>, SigningError> {
        match &self.pair {
            // RFC 8463 signs the hash, not the text.
            Pair::Ed25519(pair) => Ok(pair.sign(&Sha256::digest(data)).as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                // This padding takes no random numbers: the same message has the same signature.
                let made = pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), data, &mut signature);
                made.map(|()| signature).map_err(|_| SigningError)
            }
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({}, ***)", self.selector, self.algorithm())
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} by {:?}", self.domain, self.keys)
    }
}

impl Signer {
    /// For this domain, with these keys.
    pub fn new(domain: &str, keys: Vec<Key>) -> Signer {
        Signer { domain: domain.to_owned(), keys }
    }

    /// What has to stand in the DNS: one record for each key.
    pub fn published(&self) -> Vec<Published> {
        self.keys.iter().map(|key| key.published(&self.domain)).collect()
    }

    /// The message with a signature of each key above it.
    pub fn sign(&self, message: &[u8], at: Timestamp) -> Result<Vec<u8>, SigningError> {
        let (head, body) = halves(message);
        let headers = headers_of(head);
        let hash = STANDARD.encode(Sha256::digest(relaxed_body(body)));
        let mut signed = Vec::new();
        for key in &self.keys {
            signed.extend(self.header(key, &headers, &hash, at)?.into_bytes());
        }
        signed.extend_from_slice(message);
        Ok(signed)
    }

    fn header(&self, key: &Key, headers: &[Header<'_>], hash: &str, at: Timestamp) -> Result<String, SigningError> {
        let there = |name: &str| headers.iter().rev().find(|header| header.name.eq_ignore_ascii_case(name));
        // Named twice where it is there, once where it is not.
        let names: Vec<&str> =
            SIGNED.iter().flat_map(|name| [Some(*name), there(name).map(|_| *name)]).flatten().collect();
        let unsigned = format!(
            "DKIM-Signature: v=1; a={}; c=relaxed/relaxed;\r\n d={}; s={}; t={};\r\n h={};\r\n bh={hash};\r\n b=",
            key.algorithm(),
            self.domain,
            key.selector,
            at.as_second(),
            folded(&names),
        );
        let mut data: Vec<u8> = SIGNED.iter().filter_map(|name| there(name)).flat_map(Header::relaxed_line).collect();
        let own = headers_of(unsigned.as_bytes());
        data.extend(own.first().map(Header::relaxed).unwrap_or_default());
        let signature = STANDARD.encode(key.sign(&data)?);
        let lines: Vec<&str> =
            signature.as_bytes().chunks(LINE).filter_map(|line| std::str::from_utf8(line).ok()).collect();
        Ok(format!("{unsigned}{}\r\n", lines.join("\r\n ")))
    }
}

/// The names of headers, several lines of them.
fn folded(names: &[&str]) -> String {
    let mut lines = vec![String::new()];
    for name in names {
        let line = lines.last_mut().expect("there is a first line, and none is taken away");
        match line.len() {
            0 => line.push_str(name),
            width if width + name.len() < LINE => *line = format!("{line}:{name}"),
            _ => lines.push((*name).to_owned()),
        }
    }
    lines.join(":\r\n  ")
}

/// A header as it stands in the message, folds included.
struct Header<'a> {
    name: &'a str,
    value: &'a [u8],
}

impl Header<'_> {
    /// The name in small letters, the value on one line, white space collapsed.
    fn relaxed(&self) -> Vec<u8> {
        let mut line = format!("{}:", self.name.trim().to_ascii_lowercase()).into_bytes();
        let unfolded: Vec<u8> = self.value.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
        line.extend(collapsed(unfolded.trim_ascii_start()));
        line
    }

    fn relaxed_line(&self) -> Vec<u8> {
        let mut line = self.relaxed();
        line.extend_from_slice(b"\r\n");
        line
    }
}

/// Head and body; the empty line between them belongs to neither.
fn halves(message: &[u8]) -> (&[u8], &[u8]) {
    match message.windows(4).position(|window| window == b"\r\n\r\n") {
        Some(at) => (&message[..at + 2], &message[at + 4..]),
        None => (message, &[]),
    }
}

fn headers_of(head: &[u8]) -> Vec<Header<'_>> {
    let mut headers = Vec::new();
    let mut start = 0;
    while start < head.len() {
        let mut end = start;
        loop {
            end = head[end..].iter().position(|byte| *byte == b'\n').map_or(head.len(), |at| end + at + 1);
            if !head.get(end).is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
                break;
            }
        }
        let line = &head[start..end];
        if let Some(colon) = line.iter().position(|byte| *byte == b':')
            && let Ok(name) = std::str::from_utf8(&line[..colon])
        {
            headers.push(Header { name, value: &line[colon + 1..] });
        }
        start = end;
    }
    headers
}

/// Runs of spaces and tabs as one space, none at the end.
fn collapsed(line: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(line.len());
    for byte in line.iter().map(|byte| if *byte == b'\t' { b' ' } else { *byte }) {
        if byte != b' ' || out.last() != Some(&b' ') {
            out.push(byte);
        }
    }
    while out.last() == Some(&b' ') {
        out.pop();
    }
    out
}

fn relaxed_body(body: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(body.len());
    for line in body.split(|byte| *byte == b'\n') {
        out.extend(collapsed(line.strip_suffix(b"\r").unwrap_or(line)));
        out.extend_from_slice(b"\r\n");
    }
    while out.ends_with(b"\r\n\r\n") {
        out.truncate(out.len() - 2);
    }
    if out == b"\r\n" { Vec::new() } else { out }
}
