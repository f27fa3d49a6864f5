//! Mail servers that misbehave in every way at every step: what becomes of the delivery, and that nothing is lost. What was not refused for
//! good is tried again; what is for the operator says so; and no server holds an attempt longer than its time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use stagewatch::changes::notice::Languages;
use stagewatch::deliver::email::{Server, Settings};
use stagewatch::deliver::email_compose::compose;
use stagewatch::deliver::email_send::Mailer;
use stagewatch::deliver::{Outcome, Parcel};
use stagewatch::masked::{Recipient, Secret};

use super::samples::{folder, letter, notice, to_fdis};
use super::smtp::{Encryption, Inbox, Script};

/// Everything that is said to a server, in order.
const STEPS: [&str; 7] = ["greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "content"];

fn parcel() -> Parcel {
    let (id, recipient) = ("dlv_01H0000000000000000000000B", Recipient::new("team@example.org"));
    let settings = folder("Stagewatch <stagewatch@example.org>");
    let payload = compose(&notice(Languages::English, vec![to_fdis()]), &settings, &letter(&recipient, id)).unwrap();
    Parcel { id: id.to_owned(), recipient, payload }
}

fn settings(inbox: &Inbox, limit: Duration) -> Settings {
    Settings {
        server: Server::Plain { host: "127.0.0.1".to_owned(), port: inbox.port },
        user: Some("stagewatch".to_owned()),
        password: Some(Secret::new("hunter2")),
        timeout: limit,
        ..folder("Stagewatch <stagewatch@example.org>")
    }
}

fn scripted() -> Script {
    Script { offers: vec!["AUTH PLAIN LOGIN"], ..Script::default() }
}

async fn outcome(script: Script, limit: Duration) -> (&'static str, String, Inbox) {
    let inbox = Inbox::start(script).await;
    let outcome = Mailer::new(&settings(&inbox, limit)).unwrap().send(&parcel()).await;
    let (word, told) = match outcome {
        Outcome::Delivered { answer } => ("delivered", answer),
        Outcome::TryAgain { why, .. } => ("again", why),
        Outcome::ForOperator { why } => ("operator", why),
        Outcome::Refused { why } | Outcome::Gone { why } => ("refused", why),
    };
    (word, told, inbox)
}

/// What a code at a step has to become.
fn expected(step: &str, answer: &str) -> &'static str {
    let is_final = answer.starts_with('5');
    let is_about_us = ["503", "530", "534", "535", "538"].iter().any(|code| answer.starts_with(code));
    match step {
        _ if !is_final => "again",
        "RCPT" | "DATA" | "content" if !is_about_us => "refused",
        _ => "operator",
    }
}

#[tokio::test]
async fn every_code_at_every_step_has_its_consequence() {
    let answers = [
        "421 4.3.2 shutting down",
        "450 4.2.0 greylisted",
        "451 4.3.0 local error",
        "452 4.2.2 mailbox full",
        "454 4.7.0 not now",
        "500 5.5.1 what",
        "501 5.5.4 syntax",
        "503 5.5.1 bad sequence",
        "521 5.3.2 no mail here",
        "530 5.7.0 sign in first",
        "535 5.7.8 wrong password",
        "538 5.7.11 encryption required",
        "550 5.1.1 no such user",
        "552 5.3.4 too large",
        "554 5.7.1 spam",
        "999 what is this",
        "nonsense",
        "",
    ];
    for step in STEPS {
        for answer in answers {
            let script = Script { answers: BTreeMap::from([(step, answer)]), ..scripted() };
            let (word, told, inbox) = outcome(script, Duration::from_secs(5)).await;
            assert_eq!(word, expected(step, answer), "{step} {answer:?}: {told}");
            assert_eq!(told.starts_with("for the operator: "), word == "operator", "{told}");
            let is_written = step == "content";
            assert_eq!(inbox.messages().len(), usize::from(is_written), "{step} {answer:?}");
        }
    }
}

#[tokio::test]
async fn a_connection_that_is_cut_at_any_step_loses_nothing() {
    for step in STEPS {
        let (word, told, _) = outcome(Script { cuts_at: Some(step), ..scripted() }, Duration::from_secs(5)).await;
        assert_eq!(word, "again", "{step}: {told}");
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_or_never_ends_is_left_in_time() {
    let limit = Duration::from_millis(400);
    for step in STEPS {
        for script in [
            Script { silent_at: Some(step), ..scripted() },
            Script { floods_at: Some(step), ..scripted() },
            Script { drips_at: Some(step), ..scripted() },
        ] {
            let begun = Instant::now();
            let (word, told, _) = outcome(script, limit).await;
            assert_eq!(word, "again", "{step}: {told}");
            // The time that was set, the goodbye, and a slow machine.
            assert!(begun.elapsed() < limit + Duration::from_secs(8), "{step}: {:?}", begun.elapsed());
        }
    }
}

#[tokio::test]
async fn a_server_that_only_pretends_to_encrypt_hears_not_a_word_more() {
    let inbox = Inbox::start(Script { encryption: Encryption::Pretended, ..scripted() }).await;
    let tls = Settings {
        server: Server::StartTls { host: "localhost".to_owned(), port: inbox.port },
        extra_ca: Some(inbox.authority.clone()),
        ..settings(&inbox, Duration::from_secs(5))
    };
    let outcome = Mailer::new(&tls).unwrap().send(&parcel()).await;
    assert!(matches!(outcome, Outcome::TryAgain { .. }), "{outcome:?}");
    assert_eq!(inbox.verbs(), ["EHLO", "STARTTLS"]);

    let clear = Inbox::start(scripted()).await;
    let at_once = Settings {
        server: Server::Tls { host: "localhost".to_owned(), port: clear.port },
        extra_ca: Some(clear.authority.clone()),
        ..settings(&clear, Duration::from_secs(5))
    };
    let outcome = Mailer::new(&at_once).unwrap().send(&parcel()).await;
    assert!(matches!(outcome, Outcome::TryAgain { .. }), "{outcome:?}");
    assert!(!clear.verbs().iter().any(|verb| verb == "AUTH" || verb == "MAIL"), "{:?}", clear.verbs());
}
