//! A mail server on loopback that keeps what it is sent: SMTP as a sender of our kind needs it, spoken strictly, so that a mail that
//! this server takes is one that others take too. It can be told to refuse, and when.
//!
//! Not a mailbox: nothing is relayed, nobody logs in, and there is no TLS.

/// What the server is told to do wrong.
pub mod refusals;
/// One conversation.
mod session;
/// Where messages are kept, and saved as files where that is wanted.
mod spool;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::arrivals::TooFew;
use refusals::{Reply, Turn};
use spool::Spool;

/// A message that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Envelope sender; empty for the null sender of bounces.
    pub from: String,
    /// Envelope recipients, in order.
    pub to: Vec<String>,
    /// The message as sent, dots unstuffed, lines ending in CRLF.
    pub raw: Vec<u8>,
    /// The file it was saved in, where a folder was given.
    pub saved: Option<PathBuf>,
}

/// A running mail server; it hangs up when dropped.
#[derive(Debug)]
pub struct Inbox {
    address: SocketAddr,
    spool: Arc<Spool>,
    /// The task that listens; its conversations live in a set of its own, so that all of them end when this is dropped.
    _listening: JoinSet<()>,
}

impl Inbox {
    /// Starts on a free port of loopback and keeps messages in memory.
    pub async fn start() -> io::Result<Inbox> {
        Inbox::listening(None).await
    }

    /// Starts as [`Inbox::start`] does, and saves each message in that folder as `<local part of its Message-ID>.eml`.
    pub async fn start_saving(folder: impl Into<PathBuf>) -> io::Result<Inbox> {
        let folder = folder.into();
        tokio::fs::create_dir_all(&folder).await?;
        Inbox::listening(Some(folder)).await
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `smtp+plain://127.0.0.1:<port>`, as the configuration wants a server without TLS.
    pub fn url(&self) -> String {
        format!("smtp+plain://{}", self.address)
    }

    /// Every message taken so far, oldest first.
    pub fn messages(&self) -> Vec<Message> {
        self.spool.messages().all()
    }

    /// Every message, as soon as so many were taken.
    pub async fn wait_for(&self, n_messages: usize, within: Duration) -> Result<Vec<Message>, TooFew> {
        self.spool.messages().wait_for(n_messages, within).await
    }

    /// Answers the next such turn of any conversation with this refusal instead; several are given in order.
    pub fn refuse_next(&self, code: u16, text: &str, turn: Turn) {
        self.spool.refusals().add(turn, Reply::Refuse { code, text: text.to_owned() });
    }

    /// Hangs up at the next such turn. At [`Turn::EndOfData`] the message is kept first: it was taken, and the sender never learns.
    pub fn hang_up_next(&self, turn: Turn) {
        self.spool.refusals().add(turn, Reply::HangUp);
    }

    async fn listening(folder: Option<PathBuf>) -> io::Result<Inbox> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let spool = Arc::new(Spool::new(folder));
        let mut listening = JoinSet::new();
        listening.spawn(listen(listener, Arc::clone(&spool)));
        Ok(Inbox { address, spool, _listening: listening })
    }
}

async fn listen(listener: TcpListener, spool: Arc<Spool>) {
    let mut conversations = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(conversations.spawn(session::converse(stream, Arc::clone(&spool)))),
                // Out of file descriptors for a moment: the next turn may have one.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = conversations.join_next() => {}
        }
    }
}
