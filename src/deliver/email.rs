//! Mail: where it is sent from, and through which server. Not the bytes of a message, and not the sending.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use lettre::message::Mailbox;
use url::{Host, Url};

use super::email_dkim::Signer;
use crate::masked::Secret;

/// What `[mail]` says.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The server, or the folder.
    pub server: Server,
    /// Whom to sign in as; nobody where it is `None`.
    pub user: Option<String>,
    /// What to sign in with.
    pub password: Option<Secret>,
    /// The author and the envelope sender of every message.
    pub from: Mailbox,
    /// How long one message may take from the first packet to the last answer.
    pub timeout: Duration,
    /// Certificates (PEM) to be trusted beside those of the machine.
    pub extra_ca: Option<Vec<u8>>,
    /// Whom a reader without a browser writes to in order to leave; nobody where it is `None`.
    pub unsubscribe_mailto: Option<Mailbox>,
    /// What signs for the sender's domain; nothing where the mail server does.
    pub dkim: Option<Arc<Signer>>,
}

/// Where messages are handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Server {
    /// Encrypted from the first byte: `smtps://host:465`.
    Tls {
        /// Name or address.
        host: String,
        /// Usually 465.
        port: u16,
    },
    /// Encrypted by STARTTLS or not at all: `smtp://host:587`.
    StartTls {
        /// Name or address.
        host: String,
        /// Usually 587.
        port: u16,
    },
    /// Never encrypted: `smtp+plain://host:25`, for a relay on the same machine.
    Plain {
        /// Name or address.
        host: String,
        /// Usually 25.
        port: u16,
    },
    /// Written as files: `file:///folder`.
    Folder(PathBuf),
}

/// Why a text is no server; each says what would be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServerError {
    /// Something else altogether. The text is shown without what might be a password.
    #[error(
        "`{0}` is no mail server; write `smtps://host:465`, `smtp://host:587` (STARTTLS required), `smtp+plain://host:25` (unencrypted) or `file:///folder`"
    )]
    NotAServer(String),
    /// A user or a password stands in the address.
    #[error("the address of a mail server names no user and no password; write them as `user` and `password-file`")]
    WithUser,
    /// More than host and port.
    #[error("`{0}` is more than a host and a port; write `{1}`")]
    MoreThanAHost(String, String),
    /// A `file://` address of something that is no folder of this machine.
    #[error("`{0}` is no folder of this machine; write `file:///` and the whole path")]
    NotAFolder(String),
}

impl Server {
    /// Reads the address of `[mail] server`; a port that is left out is the usual one.
    pub fn parse(text: &str) -> Result<Server, ServerError> {
        let text = text.trim();
        let not_a_server = || ServerError::NotAServer(without_user(text));
        let url = Url::parse(text).map_err(|_| not_a_server())?;
        if url.scheme() == "file" {
            return match url.to_file_path() {
                Ok(folder) => Ok(Server::Folder(folder)),
                Err(()) => Err(ServerError::NotAFolder(text.to_owned())),
            };
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(ServerError::WithUser);
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(not_a_server)?;
        let host = host_of(host).ok_or_else(not_a_server)?;
        let server = match url.scheme() {
            "smtps" => Server::Tls { host, port: url.port().unwrap_or(465) },
            "smtp" => Server::StartTls { host, port: url.port().unwrap_or(587) },
            "smtp+plain" => Server::Plain { host, port: url.port().unwrap_or(25) },
            _ => return Err(not_a_server()),
        };
        let only_a_host = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        if only_a_host { Ok(server) } else { Err(ServerError::MoreThanAHost(text.to_owned(), server.to_string())) }
    }
}

/// The host as the resolver and the certificate know it: letters of other scripts in their ASCII form, no brackets.
fn host_of(text: &str) -> Option<String> {
    match Host::parse(text).ok()? {
        Host::Domain(name) => Some(name),
        Host::Ipv4(address) => Some(address.to_string()),
        Host::Ipv6(address) => Some(address.to_string()),
    }
}

fn without_user(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((_, host)) => format!("…@{host}"),
        None => text.to_owned(),
    }
}

impl fmt::Display for Server {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, host, port) = match self {
            Server::Tls { host, port } => ("smtps", host, port),
            Server::StartTls { host, port } => ("smtp", host, port),
            Server::Plain { host, port } => ("smtp+plain", host, port),
            Server::Folder(folder) => return write!(out, "file://{}", folder.display()),
        };
        if host.contains(':') {
            write!(out, "{scheme}://[{host}]:{port}")
        } else {
            write!(out, "{scheme}://{host}:{port}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> String {
        match Server::parse(text) {
            Ok(server) => format!("{server}"),
            Err(error) => format!("error: {error}"),
        }
    }

    #[test]
    fn the_four_forms_are_read_and_their_usual_ports_known() {
        assert_eq!(
            Server::parse("smtps://mail.example.org:4650"),
            Ok(Server::Tls { host: "mail.example.org".to_owned(), port: 4650 })
        );
        assert_eq!(check("smtps://mail.example.org"), "smtps://mail.example.org:465");
        assert_eq!(check("smtp://mail.example.org/"), "smtp://mail.example.org:587");
        assert_eq!(check("smtp+plain://127.0.0.1"), "smtp+plain://127.0.0.1:25");
        assert_eq!(check("smtp://[::1]:2525"), "smtp://[::1]:2525");
        assert_eq!(check("SMTPS://Bücher.example"), "smtps://xn--bcher-kva.example:465");
        assert_eq!(
            Server::parse("file:///var/spool/stage%20watch"),
            Ok(Server::Folder(PathBuf::from("/var/spool/stage watch")))
        );
    }

    #[test]
    fn anything_else_names_the_accepted_forms() {
        for text in ["", "mail.example.org:25", "https://mail.example.org", "smtps://", "smtp:mail"] {
            let told = check(text);
            assert!(told.contains("`smtps://host:465`") && told.contains("`file:///folder`"), "{text}: {told}");
        }
        assert_eq!(
            check("smtp://h:587/?tls=none"),
            "error: `smtp://h:587/?tls=none` is more than a host and a port; write `smtp://h:587`"
        );
        assert!(check("file://elsewhere/share").contains("`file:///` and the whole path"));
    }

    #[test]
    fn a_password_in_the_address_is_refused_and_not_repeated() {
        let told = check("smtps://user:hunter2@mail.example.org");
        assert!(told.contains("`password-file`") && !told.contains("hunter2"), "{told}");
        let told = check("gopher//user:hunter2@mail.example.org");
        assert!(!told.contains("hunter2"), "{told}");
    }
}
