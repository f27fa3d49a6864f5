//! A body on loopback: an HTTP server whose pages are set step by step, which can misbehave as real sites do, and which remembers
//! who asked for what. Hand-written on sockets, because a web framework cannot be made to lie about the length of a body.
//!
//! Not a model of any one site: the pages come from `pages`, the order of events from `script`.

/// What is answered to a request, and how it goes wrong.
pub mod answer;
/// One connection: requests in, answers out.
mod exchange;
/// What was asked.
pub mod ledger;
/// The pages of the moment.
mod site;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::arrivals::TooFew;
use answer::Answer;
use ledger::Request;
use site::Site;

/// A running body; it goes silent when dropped.
#[derive(Debug)]
pub struct ScriptedBody {
    address: SocketAddr,
    started: Timestamp,
    site: Arc<Site>,
    /// The task that listens; its connections live in a set of its own, so that all of them end when this is dropped.
    _listening: JoinSet<()>,
}

impl ScriptedBody {
    /// Starts an empty site on a free port of loopback: every address is a 404 until it is set.
    #[expect(clippy::disallowed_methods, reason = "a server has a clock of its own")]
    pub async fn start() -> io::Result<ScriptedBody> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let site = Arc::new(Site::default());
        let mut listening = JoinSet::new();
        listening.spawn(listen(listener, Arc::clone(&site)));
        Ok(ScriptedBody { address, started: Timestamp::now(), site, _listening: listening })
    }

    /// `http://127.0.0.1:<port>`, without a slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address of a page.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url())
    }

    /// When it started; pages that print dates relative to today take them from here, so that they do not change at midnight.
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// Puts a page at a path from now on. A path with a query answers that query only; one without answers every query.
    /// A page that was there before with the same bytes keeps its `Last-Modified`.
    pub fn set_page(&self, path: &str, answer: Answer) {
        self.site.set_page(path, answer);
    }

    /// Plays an answer to the next request of a path only, before whatever is set there; several are played in order.
    pub fn answer_next(&self, path: &str, answer: Answer) {
        self.site.answer_next(path, answer);
    }

    /// Takes a page away.
    pub fn remove_page(&self, path: &str) {
        self.site.remove_page(path);
    }

    /// How many requests a path has had, whatever their query.
    pub fn n_requests(&self, path: &str) -> usize {
        self.requests().iter().filter(|request| request.is_of(path)).count()
    }

    /// Every request so far, in the order in which they came in.
    pub fn requests(&self) -> Vec<Request> {
        self.site.ledger().requests().all()
    }

    /// The most requests that were under way at one moment.
    pub fn max_concurrency(&self) -> usize {
        self.site.ledger().max_concurrency()
    }

    /// Waits until so many requests came in, in all.
    pub async fn wait_for(&self, n_requests: usize, within: Duration) -> Result<Vec<Request>, TooFew> {
        self.site.ledger().requests().wait_for(n_requests, within).await
    }
}

async fn listen(listener: TcpListener, site: Arc<Site>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(exchange::serve(stream, Arc::clone(&site)))),
                // Out of file descriptors for a moment: the next turn may have one.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}
