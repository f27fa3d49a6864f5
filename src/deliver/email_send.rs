//! Mail: handing the stored bytes to a server, or to a folder, and what became of it.
//!
//! One message has one recipient, so that one refusal holds up nobody else. Only the other side's verdict on this recipient or on
//! this message is final. A server that is away, signs nobody in, shows a wrong certificate or does not know the sender is for the
//! operator to mend, and no reason to drop an alert: all that is tried again.
//!
//! A connection serves one message. Alerts are few, and a fresh connection tells at which step a 5xx came, which a pool hides.

use std::error::Error as _;
use std::io;
use std::path::Path;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;
use tokio::fs;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use super::email::{Server, Settings};
use super::email_compose::{mailbox_of, with_ascii_domain};
use super::{Outcome, Parcel, answer_line, causes_of, choose_cryptography};
use crate::masked::{Recipient, Secret};

/// How long the server may take to say goodbye; the message is settled by then.
const GOODBYE: Duration = Duration::from_secs(2);
/// 5xx answers that speak of us and not of the recipient: wrong order, authentication wanted, too weak, wrong, not allowed in clear.
const ABOUT_US: [&str; 5] = ["503", "530", "534", "535", "538"];

/// Why mail cannot be sent with these settings.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    /// A user without a password.
    #[error("the mail user `{0}` has no password; name its file as `password-file`")]
    NoPassword(String),
    /// The extra certificates cannot be read.
    #[error("the certificates for the mail server `{server}` cannot be read; give PEM blocks `BEGIN CERTIFICATE`")]
    ExtraCa {
        /// The server.
        server: String,
        /// What is wrong with them.
        #[source]
        source: Option<SmtpError>,
    },
    /// No encryption could be set up at all.
    #[error("could not set up encryption for the mail server `{server}`")]
    Encryption {
        /// The server.
        server: String,
        /// What is wrong.
        #[source]
        source: SmtpError,
    },
}

/// Hands messages over.
#[derive(Clone)]
pub struct Mailer {
    settings: Settings,
    credentials: Option<Credentials>,
    tls: Option<TlsParameters>,
}

/// Where the conversation with a server broke off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Reaching,
    SigningIn,
    Sender,
    Recipient,
    Content,
}

/// Whose move it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// It may pass by itself.
    Passing,
    /// It was said for good, about what this step is about.
    Final,
    /// It lasts until somebody mends it here.
    Ours,
}

/// What broke off, and what was said.
struct Trouble {
    step: Step,
    verdict: Verdict,
    told: String,
}

impl Mailer {
    /// Checks password and certificates; nothing goes out yet.
    pub fn new(settings: &Settings) -> Result<Mailer, MailerError> {
        choose_cryptography();
        let credentials = match (&settings.user, &settings.password) {
            (Some(user), Some(password)) => Some(Credentials::new(user.clone(), password.reveal().to_owned())),
            (Some(user), None) => return Err(MailerError::NoPassword(user.clone())),
            (None, _) => None,
        };
        let tls = match &settings.server {
            Server::Tls { host, .. } | Server::StartTls { host, .. } => Some(encryption(host, settings)?),
            Server::Plain { .. } | Server::Folder(_) => None,
        };
        Ok(Mailer { settings: settings.clone(), credentials, tls })
    }

    /// Hands over the exact bytes; never takes longer than the time set, and a short goodbye.
    pub async fn send(&self, parcel: &Parcel) -> Outcome {
        match &self.settings.server {
            Server::Folder(folder) => self.within_time(file(folder, parcel)).await,
            Server::Tls { host, port } | Server::StartTls { host, port } | Server::Plain { host, port } => {
                self.converse(host, *port, parcel).await
            }
        }
    }

    /// Connects, encrypts, signs in and says goodbye; nothing is sent. What was reached, or why it was not.
    pub async fn sign_in(&self) -> Result<String, String> {
        let (host, port, encrypted) = match &self.settings.server {
            Server::Tls { host, port } | Server::StartTls { host, port } => (host, *port, "encrypted"),
            Server::Plain { host, port } => (host, *port, "not encrypted"),
            Server::Folder(folder) => {
                let made = fs::create_dir_all(folder).await;
                return made.map(|()| "a folder".to_owned()).map_err(|error| error.to_string());
            }
        };
        match timeout(self.settings.timeout, self.connect(host, port)).await {
            Ok(Ok(mut open)) => {
                timeout(GOODBYE, open.quit()).await.ok();
                let signed = self.settings.user.as_ref().map_or("as nobody", |_| "signed in");
                Ok(format!("connected, {encrypted}, {signed}"))
            }
            Ok(Err(trouble)) => {
                let password = self.settings.password.as_ref().map_or("", Secret::reveal);
                let step = match trouble.step {
                    Step::SigningIn => "it did not sign us in",
                    Step::Reaching | Step::Sender | Step::Recipient | Step::Content => "it could not be talked to",
                };
                Err(answer_line(&format!("{step}: {}", trouble.told), &[(password, "***")]))
            }
            Err(_) => Err(self.too_slow()),
        }
    }

    async fn within_time(&self, attempt: impl Future<Output = Outcome>) -> Outcome {
        let limit = self.settings.timeout;
        timeout(limit, attempt).await.unwrap_or_else(|_| Outcome::TryAgain { why: self.too_slow(), wait: None })
    }

    fn too_slow(&self) -> String {
        format!("the mail server `{}` did not finish within {:?}", self.settings.server, self.settings.timeout)
    }

    async fn converse(&self, host: &str, port: u16, parcel: &Parcel) -> Outcome {
        let to = match mailbox_of(&parcel.recipient) {
            Ok(mailbox) => mailbox.email,
            Err(error) => return Outcome::Refused { why: error.to_string() },
        };
        // The goodbye is not part of the attempt: a server that took the message and then hangs has taken the message.
        let mut connection = None;
        let attempt = async {
            let open = connection.insert(self.connect(host, port).await?);
            hand_over(open, &with_ascii_domain(&self.settings.from).email, &to, &parcel.payload).await
        };
        let ended = timeout(self.settings.timeout, attempt).await;
        if let (Some(mut open), Ok(_)) = (connection, &ended) {
            timeout(GOODBYE, open.quit()).await.ok();
        }
        match ended {
            Ok(Ok(answer)) => Outcome::Delivered { answer: self.masked(&answer, parcel) },
            Ok(Err(trouble)) => self.outcome_of(&trouble, parcel),
            Err(_) => Outcome::TryAgain { why: self.too_slow(), wait: None },
        }
    }

    async fn connect(&self, host: &str, port: u16) -> Result<AsyncSmtpConnection, Trouble> {
        let hello = ClientId::default();
        let reaching = |error: SmtpError| Trouble::new(Step::Reaching, &error);
        let (at_once, later) = match self.settings.server {
            Server::Tls { .. } => (self.tls.clone(), None),
            Server::StartTls { .. } => (None, self.tls.clone()),
            Server::Plain { .. } | Server::Folder(_) => (None, None),
        };
        let limit = Some(self.settings.timeout);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1((host, port), limit, &hello, at_once, None).await.map_err(reaching)?;
        if let Some(tls) = later {
            if !connection.can_starttls() {
                let told = "it does not offer STARTTLS, so nothing was sent; use a server that does, or `smtps://`";
                return Err(Trouble { step: Step::Reaching, verdict: Verdict::Ours, told: told.to_owned() });
            }
            connection.starttls(tls, &hello).await.map_err(reaching)?;
        }
        if let Some(credentials) = &self.credentials {
            let ways = [Mechanism::Plain, Mechanism::Login];
            connection.auth(&ways, credentials).await.map_err(|error| Trouble::new(Step::SigningIn, &error))?;
        }
        Ok(connection)
    }

    fn outcome_of(&self, trouble: &Trouble, parcel: &Parcel) -> Outcome {
        let server = &self.settings.server;
        let told = &trouble.told;
        let why = match trouble.step {
            Step::Reaching => format!("could not talk to the mail server `{server}`: {told}"),
            Step::SigningIn => format!("the mail server `{server}` did not sign us in: {told}"),
            Step::Sender => format!("the mail server `{server}` did not accept our sender: {told}"),
            Step::Recipient => format!("the mail server `{server}` did not accept the recipient: {told}"),
            Step::Content => format!("the mail server `{server}` did not accept the message: {told}"),
        };
        let why = self.masked(&why, parcel);
        match (trouble.step, trouble.verdict) {
            (_, Verdict::Passing) => Outcome::TryAgain { why, wait: None },
            (Step::Recipient | Step::Content, Verdict::Final) => Outcome::Refused { why },
            // A server that wants nothing of us, whoever it is for.
            (Step::Reaching | Step::SigningIn | Step::Sender, Verdict::Final) | (_, Verdict::Ours) => {
                Outcome::ForOperator { why: format!("for the operator: {why}") }
            }
        }
    }

    fn masked(&self, text: &str, parcel: &Parcel) -> String {
        let password = self.settings.password.as_ref().map_or("", Secret::reveal);
        let address = mailbox_of(&parcel.recipient).map(|mailbox| mailbox.email.to_string()).unwrap_or_default();
        let shown = Recipient::new(address.clone()).to_string();
        answer_line(text, &[(&address, &shown), (parcel.recipient.reveal(), &shown), (password, "***")])
    }
}

fn encryption(host: &str, settings: &Settings) -> Result<TlsParameters, MailerError> {
    let server = settings.server.to_string();
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(pem) = &settings.extra_ca {
        let unreadable = |source| MailerError::ExtraCa { server: server.clone(), source };
        if !pem.windows(11).any(|window| window == b"CERTIFICATE") {
            return Err(unreadable(None));
        }
        builder = builder.add_root_certificate(Certificate::from_pem(pem).map_err(|source| unreadable(Some(source)))?);
    }
    builder.build().map_err(|source| MailerError::Encryption { server, source })
}

impl Trouble {
    fn new(step: Step, error: &SmtpError) -> Trouble {
        let about_us = error.status().is_some_and(|code| ABOUT_US.contains(&code.to_string().as_str()));
        let causes = causes_of(error);
        // Every server says it with this word, under codes that say other things, too: it has to do with who we are, not with the mailbox.
        let will_not_relay = step == Step::Recipient && causes.to_ascii_lowercase().contains("relay");
        let (verdict, told) = match encryption_error(error) {
            // What `openssl req -x509` makes by itself.
            Some(rustls::Error::InvalidCertificate(_)) if causes.contains("CaUsedAsEndEntity") => (
                Verdict::Ours,
                "the encrypted connection failed: the server shows the certificate of an authority as its own; give it one that is \
                 signed by that authority (CA:FALSE), and name the authority's as `ca-file`"
                    .to_owned(),
            ),
            Some(rustls::Error::InvalidCertificate(_)) => (
                Verdict::Ours,
                format!("the encrypted connection failed; check the server's name and certificate: {causes}"),
            ),
            Some(_) => (Verdict::Passing, format!("the encrypted connection failed: {causes}")),
            None if error.is_permanent() => (if about_us || will_not_relay { Verdict::Ours } else { Verdict::Final }, causes),
            None => (Verdict::Passing, causes),
        };
        Trouble { step, verdict, told }
    }
}

/// The library files failures of TLS under failures of the connection: the cause tells.
fn encryption_error(error: &SmtpError) -> Option<&rustls::Error> {
    let mut cause = error.source();
    while let Some(error) = cause {
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let found = error.downcast_ref().or_else(|| inner.and_then(|inner| inner.downcast_ref()));
        if found.is_some() {
            return found;
        }
        cause = error.source();
    }
    None
}

async fn hand_over(
    connection: &mut AsyncSmtpConnection,
    from: &Address,
    to: &Address,
    message: &[u8],
) -> Result<String, Trouble> {
    let mut parameters = Vec::new();
    if !AsRef::<str>::as_ref(from).is_ascii() || !AsRef::<str>::as_ref(to).is_ascii() {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            let told = "it cannot carry addresses with letters beyond ASCII (SMTPUTF8)".to_owned();
            return Err(Trouble { step: Step::Recipient, verdict: Verdict::Final, told });
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if !message.is_ascii() && connection.server_info().supports_feature(Extension::EightBitMime) {
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    let at = |step| move |error: SmtpError| Trouble::new(step, &error);
    connection.command(Mail::new(Some(from.clone()), parameters)).await.map_err(at(Step::Sender))?;
    connection.command(Rcpt::new(to.clone(), Vec::new())).await.map_err(at(Step::Recipient))?;
    connection.command(Data).await.map_err(at(Step::Content))?;
    let answer = connection.message(message).await.map_err(at(Step::Content))?;
    Ok(line_of(&answer))
}

fn line_of(answer: &Response) -> String {
    format!("{} {}", answer.code(), answer.first_line().unwrap_or_default())
}

/// Writes `<id>.eml`: whole or not at all, and over an earlier copy of the same delivery.
async fn file(folder: &Path, parcel: &Parcel) -> Outcome {
    let is_name = !parcel.id.is_empty()
        && parcel.id.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter));
    if !is_name {
        return Outcome::Refused { why: format!("`{}` is no name for a file", parcel.id.escape_debug()) };
    }
    let name = format!("{}.eml", parcel.id);
    match write_whole(folder, &name, &parcel.payload).await {
        Ok(()) => Outcome::Delivered { answer: format!("written as `{name}`") },
        Err(error) => Outcome::ForOperator {
            why: format!("for the operator: could not write `{name}` to `{}`: {error}", folder.display()),
        },
    }
}

async fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder).await?;
    let unfinished = folder.join(format!(".{name}.unfinished"));
    let mut file = fs::File::create(&unfinished).await?;
    file.write_all(bytes).await?;
    file.sync_all().await?;
    fs::rename(&unfinished, folder.join(name)).await?;
    // The name is as durable as the bytes only when the folder is written too.
    fs::File::open(folder).await?.sync_all().await
}
