//! Whether a request is signed with our secret, now: HMAC-SHA256 over `id.timestamp.body`, in base64, with a timestamp of at most five
//! minutes from our own. See the specification, <https://github.com/standard-webhooks/standard-webhooks>. Not how to sign.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

/// How far the sender's clock may be from ours, either way.
const TOLERANCE_SECONDS: i64 = 300;

/// Why a request is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsigned {
    /// One of the three headers is not there, or not readable.
    #[error("`webhook-id`, `webhook-timestamp` or `webhook-signature` is missing")]
    Missing,
    /// The timestamp is too far from our clock.
    #[error("`webhook-timestamp` is more than five minutes from now")]
    NotNow,
    /// No signature is ours.
    #[error("no signature in `webhook-signature` fits")]
    Wrong,
}

/// What a believed request says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Signed {
    pub(super) id: String,
    pub(super) timestamp: i64,
}

/// The shared secret.
pub(super) struct Key(Vec<u8>);

impl std::fmt::Debug for Key {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("***")
    }
}

impl Key {
    /// Reads `whsec_` and base64 of 24 to 64 bytes.
    pub(super) fn parse(secret: &str) -> Option<Key> {
        let bytes = STANDARD.decode(secret.trim().strip_prefix("whsec_")?).ok()?;
        (24..=64).contains(&bytes.len()).then_some(Key(bytes))
    }

    pub(super) fn check(&self, headers: &[(String, String)], body: &[u8], now: Timestamp) -> Result<Signed, Unsigned> {
        let value_of = |wanted: &str| headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        let id = value_of("webhook-id").filter(|id| !id.is_empty()).ok_or(Unsigned::Missing)?;
        let printed = value_of("webhook-timestamp").ok_or(Unsigned::Missing)?;
        let signatures = value_of("webhook-signature").ok_or(Unsigned::Missing)?;
        let timestamp: i64 = printed.parse().map_err(|_| Unsigned::Missing)?;
        if now.as_second().abs_diff(timestamp) > TOLERANCE_SECONDS.unsigned_abs() {
            return Err(Unsigned::NotNow);
        }
        if !signatures.split(' ').any(|signature| self.fits(signature, id, printed, body)) {
            return Err(Unsigned::Wrong);
        }
        Ok(Signed { id: id.to_owned(), timestamp })
    }

    fn fits(&self, signature: &str, id: &str, timestamp: &str, body: &[u8]) -> bool {
        let Some(code) = signature.strip_prefix("v1,").and_then(|code| STANDARD.decode(code).ok()) else {
            return false;
        };
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        mac.verify_slice(&code).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    const BODY: &[u8] = br#"{"email":"test@example.com","username":"test_user"}"#;
    const SIGNATURE: &str = "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=";

    fn check(signature: &str, body: &[u8], seconds_later: i64) -> Result<Signed, Unsigned> {
        let headers = [
            ("webhook-id", "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk"),
            ("webhook-timestamp", "1649367553"),
            ("webhook-signature", signature),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let now = Timestamp::from_second(1_649_367_553 + seconds_later).unwrap();
        Key::parse(SECRET).unwrap().check(&headers, body, now)
    }

    #[test]
    fn the_known_answer_of_the_reference_library_is_believed() {
        assert_eq!(check(SIGNATURE, BODY, 0).unwrap().timestamp, 1_649_367_553);
        assert!(check(&format!("v1,AAAA v1a,xyz {SIGNATURE}"), BODY, 0).is_ok(), "any one of several may fit");
    }

    #[test]
    fn five_minutes_are_the_limit_either_way() {
        assert!(check(SIGNATURE, BODY, 300).is_ok());
        assert!(check(SIGNATURE, BODY, -300).is_ok());
        assert_eq!(check(SIGNATURE, BODY, 301), Err(Unsigned::NotNow));
        assert_eq!(check(SIGNATURE, BODY, -301), Err(Unsigned::NotNow));
    }

    #[test]
    fn one_other_byte_anywhere_is_not_believed() {
        assert_eq!(check(SIGNATURE, b"{}", 0), Err(Unsigned::Wrong));
        assert_eq!(check("v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkx=", BODY, 0), Err(Unsigned::Wrong));
        assert_eq!(check(&SIGNATURE.replace("v1,", "v2,"), BODY, 0), Err(Unsigned::Wrong));
        assert_eq!(check("", BODY, 0), Err(Unsigned::Wrong));
    }

    #[test]
    fn a_secret_that_is_none_is_not_taken() {
        for secret in ["", "C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "whsec_", "whsec_c2hvcnQ=", "whsec_not base64"] {
            assert!(Key::parse(secret).is_none(), "{secret}");
        }
    }
}
