//! What was asked of the body, and how many asked at once. Not what it answered beyond the status.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::demo::arrivals::Arrivals;

/// A request as it came in, and the status that it got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET`.
    pub method: String,
    /// Path and query as asked for.
    pub target: String,
    /// Headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The status answered; 0 where the connection was reset instead.
    pub status: u16,
}

impl Request {
    /// The value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(its_name, _)| its_name == name).map(|(_, value)| value.as_str())
    }

    /// The target without its query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// Whether it asked for that path, or for exactly that path and query.
    pub fn is_of(&self, path: &str) -> bool {
        self.target == path || self.path() == path
    }
}

/// The requests so far.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    requests: Arrivals<Request>,
    n_under_way: AtomicUsize,
    max_under_way: AtomicUsize,
}

/// A request being answered; counts until it is dropped, so that a reset or an aborted connection counts no longer either.
#[derive(Debug)]
pub(super) struct UnderWay<'a>(&'a Ledger);

impl Ledger {
    pub(super) fn requests(&self) -> &Arrivals<Request> {
        &self.requests
    }

    pub(super) fn max_concurrency(&self) -> usize {
        self.max_under_way.load(Ordering::SeqCst)
    }

    pub(super) fn begin(&self) -> UnderWay<'_> {
        let n_now = self.n_under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.max_under_way.fetch_max(n_now, Ordering::SeqCst);
        UnderWay(self)
    }

    pub(super) fn record(&self, request: Request) {
        self.requests.push(request);
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.n_under_way.fetch_sub(1, Ordering::SeqCst);
    }
}
