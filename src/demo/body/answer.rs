//! What a body answers to a request: a status, headers, bytes, and the ways in which real sites spoil them. Not the pages themselves.

use std::time::Duration;

/// An answer, as it is to go over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`; `None` leaves the header out.
    pub content_type: Option<String>,
    /// Further headers, in order.
    pub headers: Vec<(String, String)>,
    /// The bytes of the body.
    pub body: Vec<u8>,
    /// What goes wrong.
    pub misbehaviour: Misbehaviour,
    /// Whether `ETag` and `Last-Modified` are served, and conditional requests answered with 304; many real pages have neither.
    pub validators: bool,
}

/// How an answer goes wrong on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misbehaviour {
    /// It does not.
    None,
    /// The whole length is declared, so many bytes of it are sent, and the connection is closed.
    Truncated {
        /// How many bytes of the body are sent.
        after: usize,
    },
    /// Sent in chunks without a length, closed after so many bytes without the last chunk.
    Unterminated {
        /// How many bytes of the body are sent.
        after: usize,
    },
    /// The body comes in small pieces with a pause before each.
    Slow {
        /// How long before each piece.
        pause: Duration,
        /// How large a piece is.
        piece_bytes: usize,
    },
    /// The connection is reset once the request is read; nothing is answered.
    Reset,
    /// Another length than that of the body is declared, and the whole body sent.
    WrongLength {
        /// What `Content-Length` says.
        declared: usize,
    },
}

impl Answer {
    /// A page of text or bytes with status 200.
    pub fn of(content_type: &str, body: impl Into<Vec<u8>>) -> Answer {
        Answer {
            status: 200,
            content_type: Some(content_type.to_owned()),
            headers: Vec::new(),
            body: body.into(),
            misbehaviour: Misbehaviour::None,
            validators: true,
        }
    }

    /// An HTML page in UTF-8.
    pub fn html(body: impl Into<Vec<u8>>) -> Answer {
        Answer::of("text/html; charset=utf-8", body)
    }

    /// A JSON document.
    pub fn json(body: impl Into<Vec<u8>>) -> Answer {
        Answer::of("application/json;charset=UTF-8", body)
    }

    /// JSON lines as a blob store serves them: without saying that they are JSON.
    pub fn json_lines(body: impl Into<Vec<u8>>) -> Answer {
        Answer::of("application/octet-stream", body)
    }

    /// A redirect to another address, absolute or not.
    pub fn redirect(to: &str) -> Answer {
        Answer { status: 302, content_type: None, ..Answer::html("") }.with_header("Location", to).without_validators()
    }

    /// The same with another status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Answer {
        self.status = status;
        self
    }

    /// The same with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Answer {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same, spoilt.
    #[must_use]
    pub fn misbehaving(mut self, misbehaviour: Misbehaviour) -> Answer {
        self.misbehaviour = misbehaviour;
        self
    }

    /// The same without `ETag` and `Last-Modified`: it is sent whole every time.
    #[must_use]
    pub fn without_validators(mut self) -> Answer {
        self.validators = false;
        self
    }
}
