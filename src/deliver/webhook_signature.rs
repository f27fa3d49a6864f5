//! Webhooks: the signature of Standard Webhooks 1.0, an HMAC-SHA256 over `id.timestamp.body`. Not the request that carries it.

use base64::alphabet::STANDARD as LETTERS;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use base64::engine::{DecodePaddingMode, Engine as _};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::masked::Secret;

/// What every secret begins with.
const PREFIX: &str = "whsec_";
/// How many bytes a key may have.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// Secrets are copied by hand: one with its `=` cut off is the same secret.
const SECRET_LETTERS: GeneralPurpose =
    GeneralPurpose::new(&LETTERS, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// Why a secret cannot sign. Never shows the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Nothing to sign with.
    #[error("a webhook needs a secret; make one: `whsec_` and 24 to 64 random bytes in base64")]
    None,
    /// Something else, perhaps the wrong file.
    #[error("a webhook secret begins with `whsec_`; this one does not")]
    NoPrefix,
    /// Not base64.
    #[error("a webhook secret is `whsec_` and base64; this one is not base64")]
    NotBase64,
    /// Too short to be safe, or longer than receivers take.
    #[error("a webhook secret holds 24 to 64 bytes; this one holds {0}")]
    WrongLength(usize),
}

/// Checks that a secret can sign.
pub fn check(secret: &Secret) -> Result<(), SecretError> {
    key_of(secret).map(|_| ())
}

/// The value of `webhook-signature`: one signature for every secret, the current one first, so that a receiver that knows either the
/// old or the new secret accepts it.
pub fn sign(secrets: &[Secret], id: &str, timestamp_seconds: i64, body: &[u8]) -> Result<String, SecretError> {
    if secrets.is_empty() {
        return Err(SecretError::None);
    }
    let signatures: Result<Vec<String>, SecretError> =
        secrets.iter().map(|secret| signature(secret, id, timestamp_seconds, body)).collect();
    Ok(signatures?.join(" "))
}

fn signature(secret: &Secret, id: &str, timestamp_seconds: i64, body: &[u8]) -> Result<String, SecretError> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key_of(secret)?).expect("HMAC takes a key of any length");
    mac.update(format!("{id}.{timestamp_seconds}.").as_bytes());
    mac.update(body);
    Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

fn key_of(secret: &Secret) -> Result<Vec<u8>, SecretError> {
    let letters = secret.reveal().trim().strip_prefix(PREFIX).ok_or(SecretError::NoPrefix)?;
    let key = SECRET_LETTERS.decode(letters).map_err(|_| SecretError::NotBase64)?;
    if KEY_BYTES.contains(&key.len()) { Ok(key) } else { Err(SecretError::WrongLength(key.len())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    const BODY: &[u8] = br#"{"email":"test@example.com","username":"test_user"}"#;

    #[test]
    fn the_known_answer_of_the_specification_comes_out() {
        let signed = sign(&[Secret::new(KNOWN)], "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1_649_367_553, BODY);
        assert_eq!(signed.as_deref(), Ok("v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="));
    }

    #[test]
    fn every_secret_signs_and_the_current_one_comes_first() {
        let old = Secret::new(format!("whsec_{}", STANDARD.encode([7u8; 32])));
        let both = sign(&[Secret::new(KNOWN), old.clone()], "dlv_1", 5, BODY).unwrap();
        let each: Vec<String> =
            [Secret::new(KNOWN), old].into_iter().map(|secret| sign(&[secret], "dlv_1", 5, BODY).unwrap()).collect();
        assert_eq!(both, each.join(" "));
        assert_ne!(each[0], each[1]);
    }

    #[test]
    fn a_secret_that_cannot_sign_says_why_and_does_not_show_itself() {
        let told = |text: String| check(&Secret::new(text)).map_err(|error| error.to_string());
        assert_eq!(told(format!("whsec_{}", STANDARD.encode([1u8; 24]))), Ok(()));
        assert_eq!(told(format!("whsec_{}\n", STANDARD.encode([1u8; 64]))), Ok(()));
        assert_eq!(told(format!("whsec_{}", STANDARD.encode([1u8; 25]).trim_end_matches('='))), Ok(()));
        assert_eq!(check(&Secret::new("hunter2")), Err(SecretError::NoPrefix));
        assert_eq!(check(&Secret::new("whsec_!!!")), Err(SecretError::NotBase64));
        assert_eq!(check(&Secret::new("whsec_")), Err(SecretError::WrongLength(0)));
        assert_eq!(
            check(&Secret::new(format!("whsec_{}", STANDARD.encode([1u8; 65])))),
            Err(SecretError::WrongLength(65))
        );
        assert_eq!(sign(&[], "dlv_1", 5, BODY), Err(SecretError::None));
    }
}
