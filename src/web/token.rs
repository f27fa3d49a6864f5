//! The token that callers show. Only its hash is kept, so that neither memory nor a file need hold what opens the door.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Below this many characters a token can be tried out.
const SHORTEST: usize = 20;

/// What begins a file that holds the hash of a token and not the token.
const HASHED: &str = "sha256:";

/// The SHA-256 of a token. Does not show itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; 32]);

impl Token {
    /// What a token file says: the token, or `sha256:` and the 64 hexadecimal digits that `sha256sum` prints for it.
    pub fn parse(text: &str) -> Result<Token, &'static str> {
        let text = text.trim();
        let Some(hex) = text.strip_prefix(HASHED) else {
            return if text.chars().count() < SHORTEST {
                Err("the token in that file is too short")
            } else {
                Ok(Token(Sha256::digest(text.as_bytes()).into()))
            };
        };
        let hex = hex.trim().as_bytes();
        let mut hash = [0; 32];
        if hex.len() != 2 * hash.len() {
            return Err("what follows `sha256:` in that file is no SHA-256");
        }
        for (byte, digits) in hash.iter_mut().zip(hex.chunks(2)) {
            let digits = std::str::from_utf8(digits).unwrap_or_default();
            *byte = u8::from_str_radix(digits, 16).map_err(|_| "what follows `sha256:` in that file is no SHA-256")?;
        }
        Ok(Token(hash))
    }

    /// Whether this is the token; takes as long for a near miss as for any other.
    pub fn is(&self, shown: &str) -> bool {
        let shown: [u8; 32] = Sha256::digest(shown.as_bytes()).into();
        self.0.ct_eq(&shown).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_holds_the_token_or_its_hash_and_shows_neither() {
        let plain = Token::parse("a-token-of-some-length\n").unwrap();
        let hash = Sha256::digest(b"a-token-of-some-length");
        let hex: Vec<String> = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let hashed = Token::parse(&format!("sha256:{}\n", hex.concat())).unwrap();
        for token in [&plain, &hashed] {
            assert!(token.is("a-token-of-some-length"));
            assert!(!token.is("a-token-of-some-lengtH"));
            assert!(!token.is(""));
            assert_eq!(format!("{token:?}"), "***");
        }
        for wrong in ["", "short", "sha256:", "sha256:12", &format!("sha256:{}", "g".repeat(64))] {
            assert!(Token::parse(wrong).is_err(), "{wrong}");
        }
    }
}
