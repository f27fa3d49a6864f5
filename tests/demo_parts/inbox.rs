//! The mail server, spoken to by lettre and by hand.

use lettre::transport::smtp::client::Tls;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use stagewatch::demo::inbox::Inbox;
use stagewatch::demo::inbox::refusals::Turn;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::SOON;

fn sender(inbox: &Inbox) -> AsyncSmtpTransport<Tokio1Executor> {
    AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
        .port(inbox.address().port())
        .tls(Tls::None)
        .build()
}

fn mail(id: &str, text: &str) -> Message {
    Message::builder()
        .message_id(Some(format!("<{id}@stagewatch.example.org>")))
        .from("Stagewatch <stagewatch@example.org>".parse().unwrap())
        .to("Team <team@example.org>".parse().unwrap())
        .subject("网络安全 moved")
        .body(text.to_owned())
        .unwrap()
}

/// Says each line and gives the code of each reply, the greeting first.
async fn codes(inbox: &Inbox, lines: &[&str]) -> Vec<String> {
    let mut stream = BufReader::new(TcpStream::connect(inbox.address()).await.unwrap());
    let mut codes = vec![reply(&mut stream).await];
    for line in lines {
        stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
        codes.push(reply(&mut stream).await);
    }
    codes
}

/// The code of the last line of a reply; `gone` where the other side hung up.
async fn reply(stream: &mut BufReader<TcpStream>) -> String {
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or_default() == 0 {
            return "gone".to_owned();
        }
        if line.as_bytes()[3] == b' ' {
            return line[..3].to_owned();
        }
    }
}

#[tokio::test]
async fn a_mail_of_lettre_is_taken_whole() {
    let inbox = Inbox::start().await.unwrap();
    let text = "first\r\n.\r\n..dots\r\n.end\r\n";
    let mail = mail("dlv_1", text);
    // The sender ends the last line of its own before the dot.
    let as_sent = [mail.formatted().as_slice(), b"\r\n"].concat();
    sender(&inbox).send(mail).await.unwrap();
    let messages = inbox.wait_for(1, SOON).await.unwrap();
    assert_eq!(messages[0].from, "stagewatch@example.org");
    assert_eq!(messages[0].to, ["team@example.org"]);
    assert_eq!(messages[0].raw, as_sent);
    let read = mail_parser::MessageParser::default().parse(&messages[0].raw).unwrap();
    assert_eq!(read.body_text(0).unwrap().trim_end(), text.trim_end());
    assert_eq!(read.subject(), Some("网络安全 moved"));
    assert_eq!(read.message_id(), Some("dlv_1@stagewatch.example.org"));
}

#[tokio::test]
async fn dots_are_unstuffed() {
    let inbox = Inbox::start().await.unwrap();
    let data = "Subject: x\r\n\r\n..\r\n..two\r\n.one\r\nend\r\n.";
    let said = ["EHLO me", "MAIL FROM:<a@example.org> BODY=8BITMIME", "RCPT TO:<b@example.org>", "DATA", data, "QUIT"];
    assert_eq!(codes(&inbox, &said).await, ["220", "250", "250", "250", "354", "250", "221"]);
    assert_eq!(
        String::from_utf8(inbox.messages()[0].raw.clone()).unwrap(),
        "Subject: x\r\n\r\n.\r\n.two\r\none\r\nend\r\n"
    );
}

#[tokio::test]
async fn an_address_in_chinese_needs_smtputf8() {
    let inbox = Inbox::start().await.unwrap();
    let plain = ["EHLO me", "MAIL FROM:<a@example.org>", "RCPT TO:<李@example.org>"];
    assert_eq!(codes(&inbox, &plain).await[3], "553");
    let utf8 = ["EHLO me", "MAIL FROM:<a@example.org> SMTPUTF8", "RCPT TO:<李@example.org>", "DATA", "x\r\n."];
    assert_eq!(codes(&inbox, &utf8).await[5], "250");
    assert_eq!(inbox.messages()[0].to, ["李@example.org"]);
}

#[tokio::test]
async fn commands_out_of_order_are_refused_and_reset_starts_again() {
    let inbox = Inbox::start().await.unwrap();
    let said = [
        "MAIL FROM:<a@example.org>",
        "EHLO me",
        "RCPT TO:<b@example.org>",
        "DATA",
        "MAIL FROM:a@example.org",
        "MAIL FROM:<>",
        "MAIL FROM:<again@example.org>",
        "RSET",
        "DATA",
        "NOOP",
        "STARTTLS",
    ];
    let expected = ["220", "503", "250", "503", "503", "501", "250", "503", "250", "503", "250", "500"];
    assert_eq!(codes(&inbox, &said).await, expected);
    assert_eq!(inbox.messages(), []);
}

#[tokio::test]
async fn a_line_feed_alone_neither_ends_a_message_nor_is_taken() {
    let inbox = Inbox::start().await.unwrap();
    let smuggled = "Subject: x\r\n\r\ntext\n.\r\nMAIL FROM:<evil@example.org>\r\n.";
    let said = ["EHLO me", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>", "DATA", smuggled, "NOOP"];
    assert_eq!(codes(&inbox, &said).await, ["220", "250", "250", "250", "354", "550", "250"]);
    assert_eq!(inbox.messages(), []);
}

#[tokio::test]
async fn refused_twice_then_taken() {
    let inbox = Inbox::start().await.unwrap();
    inbox.refuse_next(451, "4.7.1 greylisted, come back", Turn::Rcpt);
    inbox.refuse_next(451, "4.3.0 busy", Turn::EndOfData);
    let sender = sender(&inbox);
    for _ in 0..2 {
        assert!(sender.send(mail("dlv_2", "x")).await.unwrap_err().is_transient());
    }
    sender.send(mail("dlv_2", "x")).await.unwrap();
    assert_eq!(inbox.messages().len(), 1);
    inbox.refuse_next(550, "5.1.1 nobody", Turn::Rcpt);
    assert!(sender.send(mail("dlv_3", "x")).await.unwrap_err().is_permanent());
    assert_eq!(inbox.messages().len(), 1);
}

#[tokio::test]
async fn every_turn_can_be_refused_and_421_hangs_up() {
    for (turn, refused_at) in
        [(Turn::Connect, 0), (Turn::Hello, 1), (Turn::Mail, 2), (Turn::Rcpt, 3), (Turn::Data, 4), (Turn::EndOfData, 5)]
    {
        let inbox = Inbox::start().await.unwrap();
        inbox.refuse_next(421, "4.3.2 going down", turn);
        let said = ["EHLO me", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>", "DATA", "x\r\n.", "NOOP"];
        let codes = codes(&inbox, &said[..=refused_at]).await;
        assert_eq!(codes[refused_at..], ["421", "gone"], "{turn:?}");
        assert_eq!(inbox.messages(), [], "{turn:?}");
    }
}

#[tokio::test]
async fn a_message_can_be_taken_without_the_sender_learning_it() {
    let inbox = Inbox::start().await.unwrap();
    inbox.hang_up_next(Turn::EndOfData);
    sender(&inbox).send(mail("dlv_4", "x")).await.unwrap_err();
    assert_eq!(inbox.wait_for(1, SOON).await.unwrap().len(), 1);
}

#[tokio::test]
async fn messages_are_saved_under_their_id_and_never_over_one_another() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = Inbox::start_saving(folder.path().join("mail")).await.unwrap();
    for id in ["dlv_5", "dlv_5", "dlv_6"] {
        sender(&inbox).send(mail(id, id)).await.unwrap();
    }
    let names: Vec<_> = inbox.messages().iter().map(|message| message.saved.clone().unwrap()).collect();
    assert_eq!(names, ["dlv_5.eml", "dlv_5-2.eml", "dlv_6.eml"].map(|name| folder.path().join("mail").join(name)));
    assert_eq!(std::fs::read(&names[2]).unwrap(), inbox.messages()[2].raw);
}

#[tokio::test]
async fn a_message_that_cannot_be_saved_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = Inbox::start_saving(folder.path().join("mail")).await.unwrap();
    std::fs::remove_dir(folder.path().join("mail")).unwrap();
    assert!(sender(&inbox).send(mail("dlv_7", "x")).await.unwrap_err().is_transient());
    assert_eq!(inbox.messages(), []);
}
