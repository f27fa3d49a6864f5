//! Who has shown the token in a browser: a cookie that says until when, signed with a key that lives as long as the process, and a word
//! for forms that no other site can know. Not the token.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

/// How long a browser need not show the token again.
const SESSION: SignedDuration = SignedDuration::from_hours(12);

/// The cookie of a session.
pub(super) const COOKIE: &str = "stagewatch";

/// What signs sessions.
pub(super) struct Sessions {
    key: [u8; 32],
}

impl Sessions {
    /// With a key of chance: a restart ends every session.
    pub(super) fn new() -> Sessions {
        let mut key = [0; 32];
        let chance = rustls::crypto::aws_lc_rs::default_provider().secure_random;
        chance.fill(&mut key).expect("the system gives random bytes");
        Sessions { key }
    }

    /// A session that begins now: what the cookie says.
    pub(super) fn begin(&self, now: Timestamp) -> String {
        let ends = now.checked_add(SESSION).unwrap_or(now).as_second().to_string();
        let mark = self.mark("session", &ends);
        format!("{ends}.{mark}")
    }

    /// Whether a cookie is one of ours, and not over.
    pub(super) fn is_valid(&self, cookie: &str, now: Timestamp) -> bool {
        let Some((ends, mark)) = cookie.split_once('.') else { return false };
        let is_ours = is_same(&self.mark("session", ends), mark);
        is_ours && ends.parse::<i64>().is_ok_and(|ends| now.as_second() < ends)
    }

    /// The word that forms of this session carry.
    pub(super) fn word_for_forms(&self, cookie: &str) -> String {
        self.mark("form", cookie)
    }

    /// Whether a form carries that word.
    pub(super) fn is_word_for_forms(&self, cookie: &str, word: &str) -> bool {
        is_same(&self.word_for_forms(cookie), word)
    }

    fn mark(&self, what: &str, text: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("an HMAC takes keys of any length");
        mac.update(what.as_bytes());
        mac.update(b":");
        mac.update(text.as_bytes());
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }
}

fn is_same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// The value of a cookie.
pub(super) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// `Set-Cookie` of a session, or of its end where it is empty.
pub(super) fn session_cookie(value: &str, is_secure: bool) -> String {
    let seconds = if value.is_empty() { 0 } else { SESSION.as_secs() };
    let secure = if is_secure { "; Secure" } else { "" };
    format!("{COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_over_after_its_time_and_cannot_be_made_up() {
        let (sessions, others) = (Sessions::new(), Sessions::new());
        let now: Timestamp = "2026-05-12T12:00:00Z".parse().unwrap();
        let cookie = sessions.begin(now);
        assert!(sessions.is_valid(&cookie, now));
        assert!(!sessions.is_valid(&cookie, now + SESSION));
        assert!(!others.is_valid(&cookie, now), "another process has another key");
        let longer = cookie.replacen('1', "2", 1);
        assert!(!sessions.is_valid(&longer, now));
        for made_up in ["", ".", "9999999999.", "9999999999.AAAA"] {
            assert!(!sessions.is_valid(made_up, now), "{made_up}");
        }
        let word = sessions.word_for_forms(&cookie);
        assert!(sessions.is_word_for_forms(&cookie, &word));
        assert!(!sessions.is_word_for_forms(&longer, &word));
        assert!(!sessions.is_word_for_forms(&cookie, ""));
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "a=1; stagewatch=x.y".parse().unwrap());
        headers.append(header::COOKIE, "lang=zh".parse().unwrap());
        assert_eq!(cookie(&headers, "stagewatch"), Some("x.y"));
        assert_eq!(cookie(&headers, "lang"), Some("zh"));
        assert_eq!(cookie(&headers, "watch"), None);
    }
}
