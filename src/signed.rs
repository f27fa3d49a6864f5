//! Tokens in the addresses of alerts: whoever shows one asks for what it names, and nobody else can make one. Today that is leaving a
//! list by one click (RFC 8058). Not what is done with it, and not where the key is kept.
//!
//! A token passes through proxies and stays in their logs, so it must neither be forged nor be read there as a mail address. It is made by
//! the construction of RFC 5297 (a synthetic initialization vector), with HMAC-SHA256 for both halves: the signature over what is said is
//! the vector that what is said is hidden with. That needs no random numbers, so a message that is composed twice is the same message; all
//! that two equal tokens tell is that they are equal. A token does not expire: a mail of last year must still be able to stop the next one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::masked::Recipient;

/// The name of the key that the store keeps for these tokens.
pub const KEY: &str = "unsubscribe";
/// How many bytes of the signature stand in a token: RFC 2104 allows half of it, which nobody guesses.
const SIGNATURE: usize = 16;
/// Longer than any token that was made here: what is longer is not even decoded.
const LONGEST_TOKEN: usize = 4096;
/// What the key signs here, so that the same key under another purpose gives no token.
const SIGNING: &[u8] = b"stagewatch unsubscribe 1: sign";
/// … and what it hides.
const HIDING: &[u8] = b"stagewatch unsubscribe 1: hide";

/// Who no longer wants what: one mailbox of one subscriber, everything or what one watch brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsubscription {
    /// The id of the subscriber.
    pub subscriber: String,
    /// The mailbox; a subscriber may have several.
    pub recipient: Recipient,
    /// The id of the watch; `None` for every alert.
    pub watch: Option<String>,
}

/// The token, in letters that may stand in any address of the web. The same key and the same wish give the same token.
pub fn token(key: &[u8], of: &Unsubscription) -> String {
    let said = written(of);
    let signature = signature(key, &said);
    let mut bytes = signature.to_vec();
    bytes.extend(hidden(key, &signature, &said));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What a token says; `None` where this key did not make it, whatever it is instead.
pub fn read(key: &[u8], token: &str) -> Option<Unsubscription> {
    if token.len() > LONGEST_TOKEN {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (signature, rest) = bytes.split_first_chunk::<SIGNATURE>()?;
    let said = hidden(key, signature, rest);
    // The library compares in constant time: how far a guess was right cannot be measured.
    mac(key, SIGNING, &[&said]).verify_truncated_left(signature).ok()?;
    parsed(&said)
}

fn signature(key: &[u8], said: &[u8]) -> [u8; SIGNATURE] {
    let whole = mac(key, SIGNING, &[said]).finalize().into_bytes();
    *whole.first_chunk().expect("a SHA-256 is longer than a signature")
}

/// Hides what is plain and shows what is hidden: each byte is combined with one of a stream that only the key and the signature give.
fn hidden(key: &[u8], signature: &[u8; SIGNATURE], text: &[u8]) -> Vec<u8> {
    let blocks =
        (0u64..).flat_map(|block| mac(key, HIDING, &[signature, &block.to_be_bytes()]).finalize().into_bytes());
    text.iter().zip(blocks).map(|(byte, mask)| byte ^ mask).collect()
}

/// A MAC under a key that was made of the given one for this purpose alone.
fn mac(key: &[u8], purpose: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    let made_by = |key: &[u8]| Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    let mut derived = made_by(key);
    derived.update(purpose);
    let mut mac = made_by(&derived.finalize().into_bytes());
    for part in parts {
        mac.update(part);
    }
    mac
}

/// Each text behind its length, so that no two wishes are written alike: `15:regulatory-team16:team@example.org`.
fn written(of: &Unsubscription) -> Vec<u8> {
    let texts = [Some(of.subscriber.as_str()), Some(of.recipient.reveal()), of.watch.as_deref()];
    texts.into_iter().flatten().flat_map(|text| format!("{}:{text}", text.len()).into_bytes()).collect()
}

fn parsed(said: &[u8]) -> Option<Unsubscription> {
    let mut rest = std::str::from_utf8(said).ok()?;
    let mut next = || {
        let (length, text) = rest.split_once(':')?;
        let (text, after) = text.split_at_checked(length.parse().ok()?)?;
        rest = after;
        Some(text.to_owned())
    };
    let (subscriber, recipient, watch) = (next()?, next()?, next());
    rest.is_empty().then(|| Unsubscription { subscriber, recipient: Recipient::new(recipient), watch })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: &[u8] = &[7; 32];

    fn wish(subscriber: &str, recipient: &str, watch: Option<&str>) -> Unsubscription {
        Unsubscription {
            subscriber: subscriber.to_owned(),
            recipient: Recipient::new(recipient),
            watch: watch.map(str::to_owned),
        }
    }

    fn team() -> Unsubscription {
        wish("regulatory-team", "team@example.org", None)
    }

    #[test]
    fn a_token_says_what_it_was_made_of() {
        for wish in [
            team(),
            wish("regulatory-team", "team@example.org", Some("china-in-sc27")),
            wish("组", "李@bücher.example", Some("关注")),
            wish("", "", Some("")),
            wish("2:ab", "3:abc", None),
        ] {
            assert_eq!(read(KEY, &token(KEY, &wish)), Some(wish));
        }
    }

    #[test]
    fn tokens_of_old_mails_go_on_working() {
        // Computed apart from this program.
        let known = "yP9d5eRta-pUaol0Fc95tfVIsYX-aNwXzfiK-pEd3iVdPfvV9FdcL_Sfn39_PBAN_u0DaQs";
        assert_eq!(token(KEY, &team()), known);
        assert_eq!(read(KEY, known), Some(team()));
    }

    #[test]
    fn a_token_stands_in_an_address_and_does_not_show_the_mailbox() {
        let token = token(KEY, &team());
        assert!(token.bytes().all(|letter| letter.is_ascii_alphanumeric() || b"-_".contains(&letter)), "{token}");
        assert!(token.len() < 100, "{token}");
        let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
        for known in ["team", "example", "regulatory"] {
            assert!(!bytes.windows(known.len()).any(|window| window == known.as_bytes()), "{known}");
        }
    }

    #[test]
    fn the_same_wish_gives_the_same_token_and_another_one_another() {
        let of = |wish: &Unsubscription| token(KEY, wish);
        assert_eq!(of(&team()), of(&team()));
        let others = [
            wish("regulatory-team", "team@example.org", Some("")),
            wish("regulatory-team", "team@example.net", None),
            wish("regulatory-tea", "mteam@example.org", None),
        ];
        for other in others {
            assert_ne!(of(&team()), of(&other), "{other:?}");
        }
    }

    #[test]
    fn no_letter_of_a_token_can_be_changed_taken_away_or_added() {
        let good = token(KEY, &team());
        for at in 0..good.len() {
            let other = if good.as_bytes()[at] == b'A' { "B" } else { "A" };
            let changed = format!("{}{other}{}", &good[..at], &good[at + 1..]);
            assert_eq!(read(KEY, &changed), None, "{changed}");
            assert_eq!(read(KEY, &good[..at]), None);
        }
        for added in ["A", "AA", "AAA", "=", " ", "\n", "/.."] {
            assert_eq!(read(KEY, &format!("{good}{added}")), None, "{added:?}");
        }
        assert_eq!(read(KEY, &"A".repeat(LONGEST_TOKEN + 1)), None);
    }

    #[test]
    fn another_key_reads_nothing() {
        assert_eq!(read(&[8; 32], &token(KEY, &team())), None);
        assert_eq!(read(&[], &token(KEY, &team())), None);
    }

    proptest! {
        #[test]
        fn what_nobody_made_says_nothing(text in "\\PC{0,80}|[A-Za-z0-9_-]{20,200}") {
            prop_assert_eq!(read(KEY, &text), None);
        }

        #[test]
        fn whatever_is_named_is_read_back(subscriber in "\\PC{0,20}", mailbox in "\\PC{0,30}", watch in proptest::option::of("\\PC{0,20}")) {
            let wish = wish(&subscriber, &mailbox, watch.as_deref());
            prop_assert_eq!(read(KEY, &token(KEY, &wish)), Some(wish));
        }
    }
}
