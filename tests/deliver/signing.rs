//! Signatures of a domain (DKIM), as an implementation of others sees them.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{KeyPair, PKCS_ED25519, PKCS_RSA_SHA256, PublicKeyData};
use stagewatch::changes::notice::Languages;
use stagewatch::deliver::email::Settings;
use stagewatch::deliver::email_compose::{Letter, compose};
use stagewatch::deliver::email_dkim::{Key, KeyError, Signer};
use stagewatch::masked::{Recipient, Secret};

use super::gallery::{opened, to_enquiry};
use super::samples::{folder, notice, now, to_fdis};
use crate::peers::python;

/// A key as a file holds it, and as the DNS shows it.
fn key_pair(selector: &str) -> (Secret, String) {
    let pair = match selector {
        "rsa" => KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap(),
        _ => KeyPair::generate_for(&PKCS_ED25519).unwrap(),
    };
    let record = match selector {
        "rsa" => format!("v=DKIM1; k=rsa; p={}", STANDARD.encode(pair.subject_public_key_info())),
        _ => format!("v=DKIM1; k=ed25519; p={}", STANDARD.encode(pair.der_bytes())),
    };
    (Secret::new(pair.serialize_pem()), record)
}

/// Settings that sign with both kinds of keys, and the DNS to check them by: a line `SELECTOR RECORD` each.
fn signing() -> (Settings, String) {
    let pairs = ["rsa", "ed"].map(|selector| (selector, key_pair(selector)));
    let keys = pairs.iter().map(|(selector, (pem, _))| Key::read(selector, pem).unwrap()).collect();
    let dns: Vec<String> = pairs.iter().map(|(selector, (_, record))| format!("{selector} {record}")).collect();
    let mut settings = folder("Stagewatch <stagewatch@example.org>");
    settings.dkim = Some(Arc::new(Signer::new("example.org", keys)));
    (settings, dns.join("\n"))
}

fn message(settings: &Settings) -> Vec<u8> {
    let to = Recipient::new("team@example.org");
    let unsubscribe = Some("https://stagewatch.example.org/unsubscribe/yP9d5eRta-pUaol0Fc95tfVIsYX-aNwXzfiK-pEd3iVd");
    let letter = Letter { to: &to, id: "dlv_01", at: now(), unsubscribe };
    compose(&notice(Languages::Both, vec![to_fdis(), to_enquiry(), opened()]), settings, &letter).unwrap()
}

/// Verifies every signature of each message; messages are told apart by a line of their own.
const VERIFY: &str = r#"
import sys, dkim
dns, *messages = sys.stdin.buffer.read().split(b"\n=====\n")
records = dict(line.split(b" ", 1) for line in dns.splitlines())
def lookup(name, timeout=5):
    selector, _, rest = name.partition(b"._domainkey.")
    assert rest == b"example.org.", rest
    return records.get(selector)
for message in messages:
    checker = dkim.DKIM(message)
    n = sum(1 for name, _ in checker.headers if name.lower() == b"dkim-signature")
    verdicts = []
    for index in range(n):
        try:
            good = dkim.DKIM(message).verify(idx=index, dnsfunc=lookup)
        except dkim.DKIMException as error:
            good = False
        verdicts.append("good" if good else "bad")
    print(" ".join(verdicts))
"#;

fn verified(dns: &str, messages: &[Vec<u8>]) -> Option<String> {
    let mut input = dns.as_bytes().to_vec();
    for message in messages {
        input.extend_from_slice(b"\n=====\n");
        input.extend_from_slice(message);
    }
    python("DKIM signatures by dkimpy", VERIFY, &input)
}

fn replaced(message: &[u8], old: &str, new: &str) -> Vec<u8> {
    let text = String::from_utf8(message.to_vec()).unwrap();
    assert!(text.contains(old), "{old}");
    text.replacen(old, new, 1).into_bytes()
}

#[test]
fn both_signatures_are_good_until_somebody_changes_what_they_cover() {
    let (settings, dns) = signing();
    let whole = message(&settings);
    let messages = [
        whole.clone(),
        // What mail servers do on the way.
        [b"Received: from a by b; Fri, 12 May 2023 04:16:01 +0000\r\n".as_slice(), &whole].concat(),
        replaced(&whole, "Subject: [stagewatch]", "subject:   [stagewatch]"),
        [whole.as_slice(), b"\r\n\r\n"].concat(),
        // What nobody may do.
        replaced(&whole, "Subject: [stagewatch]", "Subject: [evil]"),
        replaced(&whole, "From: ", "From: evil@example.net\r\nFrom: "),
        replaced(&whole, "List-Unsubscribe-Post:", "X-Gone:"),
        replaced(&whole, "/unsubscribe/", "/elsewhere/"),
        replaced(&whole, "Content-Type: multipart/mixed", "Content-Type: multipart/related"),
        replaced(&whole, "Auto-Submitted:", "Reply-To: evil@example.net\r\nAuto-Submitted:"),
        [whole.as_slice(), b"more"].concat(),
    ];
    let Some(told) = verified(&dns, &messages) else { return };
    let expected = [["good good"; 4].as_slice(), &["bad bad"; 7]].concat();
    assert_eq!(told.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn the_same_message_has_the_same_signature() {
    let (settings, _) = signing();
    let signed = message(&settings);
    assert_eq!(signed, message(&settings));
    let text = String::from_utf8(signed).unwrap();
    assert!(
        text.starts_with(
            "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n d=example.org; s=rsa; t=1683864960;"
        )
    );
    assert!(
        text.lines().take_while(|line| !line.is_empty()).all(|line| line.len() <= 100 || line.contains("https://"))
    );
}

#[test]
fn the_hash_of_a_body_is_that_of_the_standard() {
    let (pem, _) = key_pair("ed");
    let signer = Signer::new("football.example.com", vec![Key::read("brisbane", &pem).unwrap()]);
    // RFC 8463, appendix A.
    let message = "From: Joe SixPack <joe@football.example.com>\r\nTo: Suzie Q <suzie@shopping.example.net>\r\n\
                   Subject: Is dinner ready?\r\nDate: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n\
                   Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n\r\n\
                   Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";
    let letter = String::from_utf8(signer.sign(message.as_bytes(), now()).unwrap()).unwrap();
    assert!(letter.contains(" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;"), "{letter}");
    assert!(letter.ends_with(message));
}

#[test]
fn a_key_that_cannot_sign_says_why_and_does_not_show_itself() {
    let told = |pem: &str| Key::read("s", &Secret::new(pem)).err();
    let (good, _) = key_pair("ed");
    assert_eq!(told(good.reveal()), None);
    assert_eq!(told("hunter2"), Some(KeyError::NotAKey));
    assert_eq!(told(&KeyPair::generate().unwrap().serialize_pem()), Some(KeyError::WrongKind), "ECDSA signs no mail");
    let key = Key::read("s", &good).unwrap();
    assert_eq!(format!("{key:?}"), "s (ed25519-sha256, ***)");
}
