//! Mail: a word to the operator as the bytes of a message. Plain text, since it may be read at night on a telephone. Not notices.

use std::time::SystemTime;

use jiff::Timestamp;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Message, SinglePart};

use super::email::Settings;
use super::email_compose::{ComposeError, mailbox_of, with_ascii_domain};
use crate::changes::alarm_words::Word;
use crate::masked::Recipient;

/// The message; `id` is the delivery's and becomes the Message-ID.
pub fn compose(
    word: &Word,
    settings: &Settings,
    to: &Recipient,
    id: &str,
    now: Timestamp,
) -> Result<Vec<u8>, ComposeError> {
    let from = with_ascii_domain(&settings.from);
    let header = |name, value: &str| HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned());
    Message::builder()
        .from(from.clone())
        .to(mailbox_of(to)?)
        .subject(word.subject())
        .date(SystemTime::from(now).max(SystemTime::UNIX_EPOCH))
        .message_id(Some(format!("<{id}@{}>", from.email.domain())))
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("X-Auto-Response-Suppress", "All"))
        .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(word.text()))
        .map(|message| message.formatted())
        .map_err(|source| ComposeError::Message { id: id.to_owned(), source })
}
