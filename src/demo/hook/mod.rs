//! A receiver of webhooks on loopback that checks signatures by itself, as Standard Webhooks 1.0 says, and keeps what it took.
//!
//! It shares no code with the sender on purpose: two ends that make the same mistake would agree.

/// What is answered, and when.
pub mod reply;
/// Whether a request is signed with our secret, now.
pub mod signature;

use std::future::IntoFuture as _;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::arrivals::{Arrivals, TooFew};
use reply::{Replies, Reply};
use signature::{Key, Unsigned};

/// The one path that it serves.
const PATH: &str = "/hook";

/// An attempt that was rightly signed.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// `webhook-id`: the same for every attempt of one delivery.
    pub id: String,
    /// `webhook-timestamp`, in Unix seconds: another one for every attempt.
    pub timestamp: i64,
    /// All headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The exact bytes that were signed.
    pub raw: Vec<u8>,
    /// The bytes as JSON; `null` where they are none.
    pub body: serde_json::Value,
    /// The status that was answered.
    pub status: u16,
}

/// Why a receiver could not be started.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// The secret is none.
    #[error("the secret of the webhook is not `whsec_` and base64 of 24 to 64 bytes")]
    Secret,
    /// No port could be had.
    #[error("could not listen on loopback")]
    Listen(#[source] io::Error),
}

/// A running receiver; it closes when dropped.
#[derive(Debug)]
pub struct Hook {
    address: SocketAddr,
    desk: Arc<Desk>,
    /// The task that accepts.
    _serving: JoinSet<io::Result<()>>,
    /// Ending that task would leave the connections that it accepted alive; this closes them.
    _closed_when_dropped: DropGuard,
}

#[derive(Debug)]
struct Desk {
    key: Key,
    replies: Replies,
    attempts: Arrivals<Attempt>,
    deliveries: Arrivals<Attempt>,
    turned_away: Arrivals<Unsigned>,
}

impl Hook {
    /// Starts on a free port of loopback with a secret as the configuration has it: `whsec_…`.
    pub async fn start(secret: &str) -> Result<Hook, HookError> {
        let key = Key::parse(secret).ok_or(HookError::Secret)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(HookError::Listen)?;
        let address = listener.local_addr().map_err(HookError::Listen)?;
        let desk = Arc::new(Desk {
            key,
            replies: Replies::default(),
            attempts: Arrivals::new(),
            deliveries: Arrivals::new(),
            turned_away: Arrivals::new(),
        });
        let router = Router::new().route(PATH, post(receive)).with_state(Arc::clone(&desk));
        let closed = CancellationToken::new();
        let serving = axum::serve(listener, router).with_graceful_shutdown(closed.clone().cancelled_owned());
        let mut tasks = JoinSet::new();
        tasks.spawn(serving.into_future());
        Ok(Hook { address, desk, _serving: tasks, _closed_when_dropped: closed.drop_guard() })
    }

    /// Where deliveries go.
    pub fn url(&self) -> String {
        format!("http://{}{PATH}", self.address)
    }

    /// What was taken: rightly signed and answered with 2xx, oldest first.
    pub fn deliveries(&self) -> Vec<Attempt> {
        self.desk.deliveries.all()
    }

    /// Everything rightly signed, whatever was answered.
    pub fn attempts(&self) -> Vec<Attempt> {
        self.desk.attempts.all()
    }

    /// Why requests were turned away: not signed, wrongly signed, too old.
    pub fn turned_away(&self) -> Vec<Unsigned> {
        self.desk.turned_away.all()
    }

    /// Every delivery, as soon as so many were taken.
    pub async fn wait_for(&self, n_deliveries: usize, within: Duration) -> Result<Vec<Attempt>, TooFew> {
        self.desk.deliveries.wait_for(n_deliveries, within).await
    }

    /// Every attempt, as soon as so many were made.
    pub async fn wait_for_attempts(&self, n_attempts: usize, within: Duration) -> Result<Vec<Attempt>, TooFew> {
        self.desk.attempts.wait_for(n_attempts, within).await
    }

    /// Answers the next rightly signed attempt so, instead of 204; several replies are given in order.
    pub fn answer_next(&self, reply: impl Into<Reply>) {
        self.desk.replies.add(reply.into());
    }
}

#[expect(clippy::disallowed_methods, reason = "a receiver checks timestamps against a clock of its own")]
async fn receive(State(desk): State<Arc<Desk>>, headers: HeaderMap, raw: Bytes) -> Response {
    let headers = headers_of(&headers);
    let signed = match desk.key.check(&headers, &raw, Timestamp::now()) {
        Ok(signed) => signed,
        Err(unsigned) => {
            desk.turned_away.push(unsigned);
            return (StatusCode::UNAUTHORIZED, unsigned.to_string()).into_response();
        }
    };
    let reply = desk.replies.next();
    let attempt = Attempt {
        id: signed.id,
        timestamp: signed.timestamp,
        headers,
        body: serde_json::from_slice(&raw).unwrap_or_default(),
        raw: raw.to_vec(),
        status: reply.status,
    };
    if (200..300).contains(&reply.status) {
        desk.deliveries.push(attempt.clone());
    }
    desk.attempts.push(attempt);
    tokio::time::sleep(reply.pause).await;
    reply.into_response()
}

fn headers_of(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect()
}
