//! Handing mail to servers that answer by a script: what is delivered, tried again, refused.

use std::collections::BTreeMap;
use std::time::Duration;

use stagewatch::changes::notice::Languages;
use stagewatch::deliver::email::{Server, Settings};
use stagewatch::deliver::email_compose::compose;
use stagewatch::deliver::email_send::Mailer;
use stagewatch::deliver::{Outcome, Parcel};
use stagewatch::masked::{Recipient, Secret};
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::samples::{folder, letter, notice, to_fdis};
use super::smtp::{Encryption, Inbox, Script};

const ID: &str = "dlv_01H0000000000000000000000B";

fn settings(server: Server) -> Settings {
    Settings { server, ..folder("Stagewatch <stagewatch@example.org>") }
}

fn plain(inbox: &Inbox) -> Settings {
    settings(Server::Plain { host: "127.0.0.1".to_owned(), port: inbox.port })
}

fn parcel_to(recipient: &str) -> Parcel {
    let recipient = Recipient::new(recipient);
    let notice = notice(Languages::Both, vec![to_fdis()]);
    let payload = compose(&notice, &folder("Stagewatch <stagewatch@example.org>"), &letter(&recipient, ID)).unwrap();
    Parcel { id: ID.to_owned(), recipient, payload }
}

fn parcel() -> Parcel {
    parcel_to("team@example.org")
}

async fn send(settings: &Settings, parcel: &Parcel) -> Outcome {
    // A test that hangs is a test that fails: the limit is far above every time set here.
    timeout(Duration::from_mins(1), Mailer::new(settings).unwrap().send(parcel)).await.expect("send keeps its time")
}

/// The outcome in one word, and its text.
fn told(outcome: Outcome) -> (&'static str, String) {
    match outcome {
        Outcome::Delivered { answer } => ("delivered", answer),
        Outcome::TryAgain { why, wait: None } => ("again", why),
        Outcome::TryAgain { why, wait: Some(_) } => ("again later", why),
        Outcome::ForOperator { why } => ("for the operator", why),
        Outcome::Refused { why } => ("refused", why),
        Outcome::Gone { why } => ("gone", why),
    }
}

async fn with_answer(step: &'static str, answer: &'static str) -> (&'static str, String, Inbox) {
    let script =
        Script { answers: BTreeMap::from([(step, answer)]), offers: vec!["AUTH PLAIN LOGIN"], ..Script::default() };
    let inbox = Inbox::start(script).await;
    let mut settings = plain(&inbox);
    settings.user = Some("stagewatch".to_owned());
    settings.password = Some(Secret::new("hunter2"));
    let (word, text) = told(send(&settings, &parcel()).await);
    (word, text, inbox)
}

#[tokio::test]
async fn a_friendly_server_gets_the_exact_bytes_once() {
    let inbox = Inbox::start(Script::default()).await;
    let parcel = parcel();
    let outcome = send(&plain(&inbox), &parcel).await;
    assert_eq!(outcome, Outcome::Delivered { answer: "250 2.0.0 queued as 4711".to_owned() });
    assert_eq!(inbox.verbs(), ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]);
    assert!(inbox.commands().contains(&"MAIL FROM:<stagewatch@example.org>".to_owned()), "{:?}", inbox.commands());
    assert!(inbox.commands().contains(&"RCPT TO:<team@example.org>".to_owned()), "{:?}", inbox.commands());
    let messages = inbox.messages();
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].trim_ascii_end(), parcel.payload.trim_ascii_end());
}

#[tokio::test]
async fn a_line_that_begins_with_a_dot_arrives_with_its_dot() {
    let inbox = Inbox::start(Script::default()).await;
    let mut parcel = parcel();
    parcel.payload = b"Subject: dots\r\n\r\n.\r\n..\r\n.hidden\r\nend\r\n".to_vec();
    send(&plain(&inbox), &parcel).await;
    assert_eq!(inbox.messages()[0].trim_ascii_end(), parcel.payload.trim_ascii_end());
}

#[tokio::test]
async fn five_hundreds_about_recipient_or_message_are_final_and_about_us_are_not() {
    let table = [
        ("RCPT", "550 5.1.1 <Team@example.org>: no such user", "refused"),
        ("RCPT", "554 5.7.1 <Team@example.org>: Relay access denied", "for the operator"),
        ("RCPT", "550 5.7.1 spoken ill of", "refused"),
        ("RCPT", "452 4.2.2 mailbox full", "again"),
        ("RCPT", "450 4.2.0 greylisted", "again"),
        ("RCPT", "530 5.7.0 authentication required", "for the operator"),
        ("content", "554 5.7.1 looks like spam", "refused"),
        ("content", "451 4.3.0 try later", "again"),
        ("DATA", "554 5.5.1 no valid recipients", "refused"),
        ("MAIL", "550 5.7.1 sender not allowed", "for the operator"),
        ("MAIL", "530 5.7.0 authentication required", "for the operator"),
        ("AUTH", "535 5.7.8 wrong password for stagewatch", "for the operator"),
        ("AUTH", "454 4.7.0 temporary authentication failure", "again"),
        ("greeting", "554 5.3.2 no service here", "for the operator"),
        ("greeting", "421 4.3.2 shutting down", "again"),
        ("EHLO", "550 who are you", "for the operator"),
        ("RCPT", "nonsense", "again"),
    ];
    for (step, answer, expected) in table {
        let (word, text, inbox) = with_answer(step, answer).await;
        assert_eq!(word, expected, "{step} {answer}: {text}");
        assert!(!text.to_lowercase().contains("team@example.org"), "{text}");
        if step != "content" {
            assert!(inbox.messages().is_empty(), "{step} {answer}");
        }
    }
}

#[tokio::test]
async fn a_wrong_password_is_named_as_the_operators_to_mend_and_not_shown() {
    let (word, text, inbox) = with_answer("AUTH", "535 5.7.8 hunter2 is wrong").await;
    assert_eq!(word, "for the operator");
    assert!(
        text.starts_with("for the operator: ") && text.contains("did not sign us in") && text.contains("535"),
        "{text}"
    );
    assert!(!text.contains("hunter2"), "{text}");
    assert!(!inbox.verbs().contains(&"MAIL".to_owned()), "{:?}", inbox.verbs());
}

#[tokio::test]
async fn a_connection_that_is_cut_anywhere_is_tried_again() {
    for step in ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "content"] {
        let inbox = Inbox::start(Script { cuts_at: Some(step), ..Script::default() }).await;
        let (word, text) = told(send(&plain(&inbox), &parcel()).await);
        assert_eq!(word, "again", "{step}: {text}");
    }
}

#[tokio::test]
async fn a_server_that_falls_silent_is_left_when_the_time_is_up() {
    for step in ["greeting", "EHLO", "RCPT", "content"] {
        let inbox = Inbox::start(Script { silent_at: Some(step), ..Script::default() }).await;
        let mut settings = plain(&inbox);
        settings.timeout = Duration::from_millis(300);
        let (word, text) = told(send(&settings, &parcel()).await);
        assert_eq!(word, "again", "{step}");
        assert!(text.contains("did not finish within 300ms"), "{text}");
    }
}

#[tokio::test]
async fn a_message_that_was_taken_stays_taken_when_the_goodbye_goes_wrong() {
    let silent = Script { silent_at: Some("QUIT"), ..Script::default() };
    let cut = Script { cuts_at: Some("QUIT"), ..Script::default() };
    for script in [silent, cut] {
        let inbox = Inbox::start(script).await;
        assert_eq!(told(send(&plain(&inbox), &parcel()).await).0, "delivered");
    }
}

#[tokio::test]
async fn a_verdict_stays_a_verdict_when_the_goodbye_goes_wrong() {
    let script =
        Script { answers: BTreeMap::from([("RCPT", "550 5.1.1 gone")]), silent_at: Some("QUIT"), ..Script::default() };
    let inbox = Inbox::start(script).await;
    assert_eq!(told(send(&plain(&inbox), &parcel()).await).0, "refused");
}

#[tokio::test]
async fn nobody_listening_is_tried_again() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let (word, text) = told(send(&settings(Server::Plain { host: "127.0.0.1".to_owned(), port }), &parcel()).await);
    assert_eq!(word, "again");
    assert!(text.contains("refused") && text.contains(&format!("smtp+plain://127.0.0.1:{port}")), "{text}");
}

#[tokio::test]
async fn without_starttls_not_a_word_is_sent_in_clear() {
    let inbox = Inbox::start(Script { offers: vec!["AUTH PLAIN LOGIN"], ..Script::default() }).await;
    let mut settings = settings(Server::StartTls { host: "localhost".to_owned(), port: inbox.port });
    settings.user = Some("stagewatch".to_owned());
    settings.password = Some(Secret::new("hunter2"));
    settings.extra_ca = Some(inbox.authority.clone());
    let (word, text) = told(send(&settings, &parcel()).await);
    assert_eq!(word, "for the operator");
    assert!(text.contains("does not offer STARTTLS"), "{text}");
    assert_eq!(inbox.verbs(), ["EHLO"]);
}

#[tokio::test]
async fn a_refused_starttls_is_not_a_reason_to_go_on_in_clear() {
    let script = Script {
        answers: BTreeMap::from([("STARTTLS", "454 4.7.0 TLS not available")]),
        encryption: Encryption::WhenAsked,
        ..Script::default()
    };
    let inbox = Inbox::start(script).await;
    let mut settings = settings(Server::StartTls { host: "localhost".to_owned(), port: inbox.port });
    settings.extra_ca = Some(inbox.authority.clone());
    assert_eq!(told(send(&settings, &parcel()).await).0, "again");
    assert!(!inbox.verbs().iter().any(|verb| verb == "MAIL"), "{:?}", inbox.verbs());
}

#[tokio::test]
async fn with_starttls_everything_after_it_is_encrypted() {
    let script = Script { encryption: Encryption::WhenAsked, offers: vec!["AUTH PLAIN LOGIN"], ..Script::default() };
    let inbox = Inbox::start(script).await;
    let mut settings = settings(Server::StartTls { host: "localhost".to_owned(), port: inbox.port });
    settings.user = Some("stagewatch".to_owned());
    settings.password = Some(Secret::new("hunter2"));
    settings.extra_ca = Some(inbox.authority.clone());
    assert_eq!(told(send(&settings, &parcel()).await).0, "delivered");
    assert_eq!(
        inbox.verbs(),
        ["EHLO", "STARTTLS", "tls EHLO", "tls AUTH", "tls MAIL", "tls RCPT", "tls DATA", "tls QUIT"]
    );
}

#[tokio::test]
async fn with_smtps_everything_is_encrypted() {
    let inbox = Inbox::start(Script { encryption: Encryption::AtOnce, ..Script::default() }).await;
    let mut settings = settings(Server::Tls { host: "localhost".to_owned(), port: inbox.port });
    settings.extra_ca = Some(inbox.authority.clone());
    assert_eq!(told(send(&settings, &parcel()).await).0, "delivered");
    assert_eq!(inbox.verbs(), ["tls EHLO", "tls MAIL", "tls RCPT", "tls DATA", "tls QUIT"]);
}

#[tokio::test]
async fn an_unknown_certificate_and_a_wrong_name_are_the_operators_and_nothing_is_sent() {
    let inbox = Inbox::start(Script { encryption: Encryption::AtOnce, ..Script::default() }).await;
    let stranger = Inbox::start(Script::default()).await;
    let mut unknown = settings(Server::Tls { host: "localhost".to_owned(), port: inbox.port });
    unknown.extra_ca = Some(stranger.authority.clone());
    let mut misnamed = settings(Server::Tls { host: "127.0.0.1".to_owned(), port: inbox.port });
    misnamed.extra_ca = Some(inbox.authority.clone());
    for settings in [unknown, misnamed] {
        let (word, text) = told(send(&settings, &parcel()).await);
        assert_eq!(word, "for the operator");
        assert!(
            text.starts_with("for the operator: ") && text.contains("check the server's name and certificate"),
            "{text}"
        );
    }
    assert!(inbox.verbs().is_empty());
}

#[tokio::test]
async fn an_address_beyond_ascii_needs_a_server_that_can_carry_it() {
    let able = Inbox::start(Script { offers: vec!["SMTPUTF8", "8BITMIME"], ..Script::default() }).await;
    assert_eq!(told(send(&plain(&able), &parcel_to("李@bücher.example")).await).0, "delivered");
    let commands = able.commands().join("\n");
    assert!(commands.contains("SMTPUTF8") && commands.contains("RCPT TO:<李@xn--bcher-kva.example>"), "{commands}");

    let unable = Inbox::start(Script::default()).await;
    let (word, text) = told(send(&plain(&unable), &parcel_to("李@example.org")).await);
    assert_eq!(word, "refused");
    assert!(text.contains("SMTPUTF8"), "{text}");

    let (word, _) = told(send(&plain(&unable), &parcel_to("team@bücher.example")).await);
    assert_eq!(word, "delivered", "a domain has an ASCII form");
}

#[tokio::test]
async fn a_folder_gets_one_whole_file_for_one_delivery_however_often_it_is_sent() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("new").join("outbox");
    let mut parcel = parcel();
    let settings = settings(Server::Folder(folder.clone()));
    assert_eq!(told(send(&settings, &parcel).await), ("delivered", format!("written as `{ID}.eml`")));
    parcel.payload = b"Subject: again\r\n\r\nagain\r\n".to_vec();
    assert_eq!(told(send(&settings, &parcel).await).0, "delivered");
    let mut names = Vec::new();
    let mut entries = tokio::fs::read_dir(&folder).await.unwrap();
    while let Some(entry) = entries.next_entry().await.unwrap() {
        names.push(entry.file_name().into_string().unwrap());
    }
    assert_eq!(names, [format!("{ID}.eml")]);
    assert_eq!(tokio::fs::read(folder.join(format!("{ID}.eml"))).await.unwrap(), parcel.payload);
}

#[tokio::test]
async fn a_folder_that_is_none_is_tried_again_and_an_id_that_is_a_path_never() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file");
    tokio::fs::write(&file, "in the way").await.unwrap();
    assert_eq!(told(send(&settings(Server::Folder(file)), &parcel()).await).0, "for the operator");
    let mut parcel = parcel();
    parcel.id = "../outside".to_owned();
    assert_eq!(told(send(&settings(Server::Folder(root.path().to_owned())), &parcel).await).0, "refused");
}

#[test]
fn settings_that_cannot_work_are_named_before_anything_goes_out() {
    let mut incomplete = settings(Server::Plain { host: "localhost".to_owned(), port: 25 });
    incomplete.user = Some("stagewatch".to_owned());
    let told = |settings: &Settings| Mailer::new(settings).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(told(&incomplete).contains("`password-file`"));
    let mut broken = settings(Server::Tls { host: "localhost".to_owned(), port: 465 });
    broken.extra_ca = Some(b"not a certificate".to_vec());
    assert!(told(&broken).contains("BEGIN CERTIFICATE"), "{}", told(&broken));
}
