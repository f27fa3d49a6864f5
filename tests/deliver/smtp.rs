//! A mail server that answers by a script and keeps what it was told.

use std::collections::BTreeMap;
use std::future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// When the server encrypts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Encryption {
    /// Never; it does not offer it either.
    #[default]
    Never,
    /// When asked by STARTTLS.
    WhenAsked,
    /// It says so, and then talks on in clear.
    Pretended,
    /// From the first byte.
    AtOnce,
}

/// What the server does that is out of the ordinary. Steps are `greeting`, `EHLO`, `STARTTLS`, `AUTH`, `MAIL`, `RCPT`, `DATA`,
/// `content` and `QUIT`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    /// Other answers than the friendly ones.
    pub(crate) answers: BTreeMap<&'static str, &'static str>,
    /// The step at which it closes the connection without a word.
    pub(crate) cuts_at: Option<&'static str>,
    /// The step at which it says nothing more.
    pub(crate) silent_at: Option<&'static str>,
    /// The step at which its answer never ends.
    pub(crate) floods_at: Option<&'static str>,
    /// The step at which its answer comes letter by letter, and never ends.
    pub(crate) drips_at: Option<&'static str>,
    /// What EHLO offers.
    pub(crate) offers: Vec<&'static str>,
    /// When it encrypts.
    pub(crate) encryption: Encryption,
}

/// What the server was told.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// Commands, in order; those that came encrypted begin with `tls `.
    pub(crate) commands: Vec<String>,
    /// Messages, dots taken off.
    pub(crate) messages: Vec<Vec<u8>>,
}

/// The server; gone when dropped.
pub(crate) struct Inbox {
    /// Where it listens, on `localhost`.
    pub(crate) port: u16,
    /// The certificate authority to trust, PEM.
    pub(crate) authority: Vec<u8>,
    heard: Arc<Mutex<Heard>>,
    _tasks: JoinSet<()>,
}

impl Inbox {
    pub(crate) async fn start(script: Script) -> Inbox {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (authority, acceptor) = certificate();
        let heard = Arc::new(Mutex::new(Heard::default()));
        let mut tasks = JoinSet::new();
        let shared = Arc::clone(&heard);
        tasks.spawn(async move {
            let mut conversations = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                conversations.spawn(serve(stream, script.clone(), Arc::clone(&shared), acceptor.clone()));
            }
        });
        Inbox { port, authority, heard, _tasks: tasks }
    }

    /// Commands so far, without what they carry: `MAIL`, `tls RCPT`.
    pub(crate) fn verbs(&self) -> Vec<String> {
        let heard = self.heard.lock().unwrap();
        heard
            .commands
            .iter()
            .map(|command| {
                let (mark, rest) = command.strip_prefix("tls ").map_or(("", command.as_str()), |rest| ("tls ", rest));
                format!("{mark}{}", rest.split([' ', ':']).next().unwrap_or_default())
            })
            .collect()
    }

    /// Commands so far, whole.
    pub(crate) fn commands(&self) -> Vec<String> {
        self.heard.lock().unwrap().commands.clone()
    }

    /// Messages so far.
    pub(crate) fn messages(&self) -> Vec<Vec<u8>> {
        self.heard.lock().unwrap().messages.clone()
    }
}

fn certificate() -> (Vec<u8>, TlsAcceptor) {
    rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config =
        ServerConfig::builder().with_no_client_auth().with_single_cert(vec![leaf.der().clone()], private).unwrap();
    (authority.pem().into_bytes(), TlsAcceptor::from(Arc::new(config)))
}

/// How a conversation ended.
enum Ended {
    Over,
    WantsEncryption,
}

async fn serve(stream: TcpStream, script: Script, heard: Arc<Mutex<Heard>>, acceptor: TlsAcceptor) {
    if script.encryption == Encryption::AtOnce {
        if let Ok(encrypted) = acceptor.accept(stream).await {
            Conversation { stream: BufReader::new(encrypted), script, heard, encrypted: true }.run(true).await;
        }
        return;
    }
    let mut plain = Conversation {
        stream: BufReader::new(stream),
        script: script.clone(),
        heard: Arc::clone(&heard),
        encrypted: false,
    };
    if let Ended::WantsEncryption = plain.run(true).await
        && script.encryption == Encryption::WhenAsked
        && let Ok(encrypted) = acceptor.accept(plain.stream.into_inner()).await
    {
        Conversation { stream: BufReader::new(encrypted), script, heard, encrypted: true }.run(false).await;
    }
}

struct Conversation<S> {
    stream: BufReader<S>,
    script: Script,
    heard: Arc<Mutex<Heard>>,
    encrypted: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Conversation<S> {
    async fn run(&mut self, greets: bool) -> Ended {
        if greets && !self.answer("greeting", "220 inbox.example.org ESMTP").await {
            return Ended::Over;
        }
        while let Some(command) = self.line().await {
            let verb = command.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            let mark = if self.encrypted { "tls " } else { "" };
            self.heard.lock().unwrap().commands.push(format!("{mark}{command}"));
            let goes_on = match verb.as_str() {
                "EHLO" => {
                    let greeting = self.offers();
                    self.answer("EHLO", &greeting).await
                }
                "STARTTLS" => {
                    let goes_on = self.answer("STARTTLS", "220 ready").await;
                    if self.script.encryption == Encryption::Pretended {
                        let _ = self.stream.get_mut().write_all(b"250 no need to hide\r\n").await;
                        return Ended::WantsEncryption;
                    }
                    if goes_on && !self.script.answers.contains_key("STARTTLS") {
                        return Ended::WantsEncryption;
                    }
                    goes_on
                }
                "AUTH" => self.answer("AUTH", "235 2.7.0 welcome").await,
                "MAIL" => self.answer("MAIL", "250 2.1.0 sender ok").await,
                "RCPT" => self.answer("RCPT", "250 2.1.5 recipient ok").await,
                "DATA" => self.data().await,
                "QUIT" => {
                    self.answer("QUIT", "221 bye").await;
                    return Ended::Over;
                }
                _ => self.answer(" other", "250 ok").await,
            };
            if !goes_on {
                return Ended::Over;
            }
        }
        Ended::Over
    }

    fn offers(&self) -> String {
        let mut lines = vec!["inbox.example.org".to_owned()];
        lines.extend(self.script.offers.iter().map(|offer| (*offer).to_owned()));
        if matches!(self.script.encryption, Encryption::WhenAsked | Encryption::Pretended) && !self.encrypted {
            lines.push("STARTTLS".to_owned());
        }
        let last = lines.pop().unwrap_or_default();
        let mut answer: Vec<String> = lines.into_iter().map(|line| format!("250-{line}")).collect();
        answer.push(format!("250 {last}"));
        answer.join("\r\n")
    }

    async fn data(&mut self) -> bool {
        let refused = self.script.answers.get("DATA").is_some_and(|answer| !answer.starts_with('3'));
        if !self.answer("DATA", "354 go on").await || refused {
            return refused;
        }
        let mut message = Vec::new();
        loop {
            let mut line = Vec::new();
            if self.stream.read_until(b'\n', &mut line).await.unwrap_or(0) == 0 {
                return false;
            }
            if line == b".\r\n" {
                break;
            }
            message.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        self.heard.lock().unwrap().messages.push(message);
        self.answer("content", "250 2.0.0 queued as 4711").await
    }

    /// Answers as the script says; whether the conversation goes on.
    async fn answer(&mut self, step: &'static str, friendly: &str) -> bool {
        if self.script.silent_at == Some(step) {
            future::pending::<()>().await;
        }
        if self.script.cuts_at == Some(step) {
            return false;
        }
        if self.script.floods_at == Some(step) {
            while self.stream.get_mut().write_all(b"250-and so on\r\n").await.is_ok() {}
            return false;
        }
        if self.script.drips_at == Some(step) {
            return self.drip().await;
        }
        let answer = self.script.answers.get(step).copied().unwrap_or(friendly);
        self.stream.get_mut().write_all(format!("{answer}\r\n").as_bytes()).await.is_ok()
            && self.stream.get_mut().flush().await.is_ok()
    }

    async fn drip(&mut self) -> bool {
        let mut ticks = tokio::time::interval(Duration::from_millis(10));
        for letter in "250-and so on\r\n".bytes().cycle() {
            ticks.tick().await;
            if self.stream.get_mut().write_all(&[letter]).await.is_err() {
                break;
            }
        }
        false
    }

    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = (&mut self.stream).take(4096).read_line(&mut line).await.ok()?;
        (read > 0).then(|| line.trim_end().to_owned())
    }
}
