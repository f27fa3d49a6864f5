//! What the receiver answers, and when. Not whether it believes the request: that comes first.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// One answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// `Retry-After`, in whole seconds.
    pub retry_after: Option<Duration>,
    /// How long the sender is kept waiting for it.
    pub pause: Duration,
}

impl Reply {
    /// A plain status.
    pub fn of(status: u16) -> Reply {
        Reply { status, retry_after: None, pause: Duration::ZERO }
    }

    /// The same, asking the sender to stay away for so long.
    #[must_use]
    pub fn asking_to_wait(mut self, wait: Duration) -> Reply {
        self.retry_after = Some(wait);
        self
    }

    /// The same, so much later.
    #[must_use]
    pub fn after(mut self, pause: Duration) -> Reply {
        self.pause = pause;
        self
    }
}

impl From<u16> for Reply {
    fn from(status: u16) -> Reply {
        Reply::of(status)
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        // A status that HTTP does not have is a mistake in a script, and shows as one.
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        match self.retry_after {
            Some(wait) => (status, [(header::RETRY_AFTER, wait.as_secs().to_string())]).into_response(),
            None => status.into_response(),
        }
    }
}

/// The answers still to be given.
#[derive(Debug, Default)]
pub(super) struct Replies {
    planned: Mutex<VecDeque<Reply>>,
}

impl Replies {
    pub(super) fn add(&self, reply: Reply) {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner).push_back(reply);
    }

    pub(super) fn next(&self) -> Reply {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner).pop_front().unwrap_or(Reply::of(204))
    }
}
