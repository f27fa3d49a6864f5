//! One SMTP conversation (RFC 5321 with 8BITMIME, SMTPUTF8, PIPELINING and SIZE), spoken strictly: commands in order, lines in CRLF,
//! addresses in brackets. Not TLS, not log-in, not relaying.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::Message;
use super::refusals::{Reply, Turn};
use super::spool::Spool;

/// RFC 5321 asks for 512 and more for extensions; nobody needs more than this.
const MAX_COMMAND_BYTES: u64 = 4096;
/// Announced as SIZE and held.
const MAX_MESSAGE_BYTES: usize = 32 * 1024 * 1024;

/// A conversation and what it has come to.
struct Session {
    stream: BufReader<TcpStream>,
    spool: Arc<Spool>,
    greeted: bool,
    envelope: Option<Envelope>,
}

struct Envelope {
    from: String,
    to: Vec<String>,
    smtputf8: bool,
}

/// Whether the conversation goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    GoOn,
    HangUp,
}

/// What the end of a message told of its lines.
struct Received {
    raw: Vec<u8>,
    bare_line_feeds: bool,
    too_large: bool,
}

/// Talks until either side hangs up.
pub(super) async fn converse(stream: TcpStream, spool: Arc<Spool>) {
    // Without this every reply would wait for the other side's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let mut session = Session { stream: BufReader::new(stream), spool, greeted: false, envelope: None };
    // A sender that goes away in the middle is its own business: there is nobody to tell.
    let _ = session.run().await;
}

impl Session {
    async fn run(&mut self) -> io::Result<()> {
        if self.reply_at(Turn::Connect, "220 inbox.test ESMTP stagewatch demo inbox").await? == Then::HangUp {
            return Ok(());
        }
        while let Some(line) = self.read_command().await? {
            if self.obey(&line).await? == Then::HangUp {
                break;
            }
        }
        Ok(())
    }

    async fn obey(&mut self, line: &str) -> io::Result<Then> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => self.hello(true).await,
            "HELO" => self.hello(false).await,
            "MAIL" => self.mail(rest).await,
            "RCPT" => self.rcpt(rest).await,
            "DATA" => self.data().await,
            "RSET" => {
                self.envelope = None;
                self.say("250 2.0.0 flushed").await
            }
            "NOOP" => self.say("250 2.0.0 ok").await,
            "VRFY" => self.say("252 2.5.0 send some mail, and see").await,
            "QUIT" => {
                self.say("221 2.0.0 bye").await?;
                Ok(Then::HangUp)
            }
            _ => self.say("500 5.5.1 no such command here").await,
        }
    }

    async fn hello(&mut self, extended: bool) -> io::Result<Then> {
        self.greeted = true;
        self.envelope = None;
        let reply = if extended {
            let size = format!("250-SIZE {MAX_MESSAGE_BYTES}");
            ["250-inbox.test", "250-8BITMIME", "250-SMTPUTF8", "250-PIPELINING", &size, "250 ENHANCEDSTATUSCODES"]
                .join("\r\n")
        } else {
            "250 inbox.test".to_owned()
        };
        self.reply_at(Turn::Hello, &reply).await
    }

    async fn mail(&mut self, rest: &str) -> io::Result<Then> {
        if !self.greeted || self.envelope.is_some() {
            return self.say("503 5.5.1 EHLO first, and one MAIL at a time").await;
        }
        let Some((from, parameters)) = path_of(rest, "FROM:") else {
            return self.say("501 5.5.4 MAIL FROM:<address> is what is understood").await;
        };
        let smtputf8 = parameters.split(' ').any(|word| word.eq_ignore_ascii_case("SMTPUTF8"));
        if !from.is_ascii() && !smtputf8 {
            return self.say("553 5.6.7 that address needs SMTPUTF8").await;
        }
        if let Some(then) = self.planned(Turn::Mail).await? {
            return Ok(then);
        }
        self.envelope = Some(Envelope { from: from.to_owned(), to: Vec::new(), smtputf8 });
        self.say("250 2.1.0 sender ok").await
    }

    async fn rcpt(&mut self, rest: &str) -> io::Result<Then> {
        let Some(smtputf8) = self.envelope.as_ref().map(|envelope| envelope.smtputf8) else {
            return self.say("503 5.5.1 MAIL first").await;
        };
        let to = match path_of(rest, "TO:") {
            Some((to, _)) if !to.is_empty() => to,
            Some(_) | None => return self.say("501 5.5.4 RCPT TO:<address> is what is understood").await,
        };
        if !to.is_ascii() && !smtputf8 {
            return self.say("553 5.6.7 that address needs SMTPUTF8").await;
        }
        if let Some(then) = self.planned(Turn::Rcpt).await? {
            return Ok(then);
        }
        if let Some(envelope) = &mut self.envelope {
            envelope.to.push(to.to_owned());
        }
        self.say("250 2.1.5 recipient ok").await
    }

    async fn data(&mut self) -> io::Result<Then> {
        if self.envelope.as_ref().is_none_or(|envelope| envelope.to.is_empty()) {
            return self.say("503 5.5.1 MAIL and RCPT first").await;
        }
        if let Some(then) = self.planned(Turn::Data).await? {
            return Ok(then);
        }
        self.say("354 go ahead, and end with a dot").await?;
        let Some(received) = self.read_message().await? else { return Ok(Then::HangUp) };
        let Some(envelope) = self.envelope.take() else { return Ok(Then::HangUp) };
        self.take(envelope, received).await
    }

    async fn take(&mut self, envelope: Envelope, received: Received) -> io::Result<Then> {
        if received.too_large {
            return self.say("552 5.3.4 larger than SIZE said").await;
        }
        if received.bare_line_feeds {
            return self.say("550 5.6.0 lines end in CR LF, not in LF alone").await;
        }
        let planned = self.spool.refusals().take(Turn::EndOfData);
        if let Some(reply @ Reply::Refuse { .. }) = &planned {
            return self.give(reply).await;
        }
        let message = Message { from: envelope.from, to: envelope.to, raw: received.raw, saved: None };
        if let Err(error) = self.spool.keep(message).await {
            return self.say(&format!("451 4.3.0 could not save it: {error}")).await;
        }
        match planned {
            Some(reply) => self.give(&reply).await,
            None => self.say("250 2.0.0 taken").await,
        }
    }

    /// The ordinary reply of a turn, unless another one is planned.
    async fn reply_at(&mut self, turn: Turn, ordinary: &str) -> io::Result<Then> {
        match self.planned(turn).await? {
            Some(then) => Ok(then),
            None => self.say(ordinary).await,
        }
    }

    /// Gives the planned reply of this turn, if there is one.
    async fn planned(&mut self, turn: Turn) -> io::Result<Option<Then>> {
        match self.spool.refusals().take(turn) {
            Some(reply) => self.give(&reply).await.map(Some),
            None => Ok(None),
        }
    }

    async fn give(&mut self, reply: &Reply) -> io::Result<Then> {
        match reply {
            Reply::HangUp => Ok(Then::HangUp),
            Reply::Refuse { code, text } => {
                self.say(&format!("{code} {text}")).await?;
                // 421 announces that the channel is being closed.
                Ok(if *code == 421 { Then::HangUp } else { Then::GoOn })
            }
        }
    }

    async fn say(&mut self, reply: &str) -> io::Result<Then> {
        self.stream.get_mut().write_all(format!("{reply}\r\n").as_bytes()).await?;
        Ok(Then::GoOn)
    }

    async fn read_command(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        (&mut self.stream).take(MAX_COMMAND_BYTES).read_until(b'\n', &mut line).await?;
        // A line without its end is the end of the conversation, or longer than any command.
        let Some(line) = line.strip_suffix(b"\r\n") else { return Ok(None) };
        Ok(Some(String::from_utf8_lossy(line).into_owned()))
    }

    async fn read_message(&mut self) -> io::Result<Option<Received>> {
        let mut received = Received { raw: Vec::new(), bare_line_feeds: false, too_large: false };
        let mut line = Vec::new();
        loop {
            let whole_before = received.raw.is_empty() || received.raw.ends_with(b"\r\n");
            line.clear();
            self.stream.read_until(b'\n', &mut line).await?;
            if line.last() != Some(&b'\n') {
                return Ok(None);
            }
            // After a bare LF a dot is text: taking it for the end is how mail is smuggled into mail.
            if line == b".\r\n" && whole_before {
                return Ok(Some(received));
            }
            received.bare_line_feeds |= !line.ends_with(b"\r\n");
            received.too_large |= received.raw.len() + line.len() > MAX_MESSAGE_BYTES;
            if !received.too_large {
                received.raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            }
        }
    }
}

/// The address in brackets after `FROM:` or `TO:`, and the parameters after it.
fn path_of<'a>(rest: &'a str, keyword: &str) -> Option<(&'a str, &'a str)> {
    let (given, after) = rest.split_at_checked(keyword.len())?;
    if !given.eq_ignore_ascii_case(keyword) {
        return None;
    }
    let (path, parameters) = after.trim_start().strip_prefix('<')?.split_once('>')?;
    Some((path, parameters.trim()))
}
