//! Mail: one notice as the bytes of one message to one recipient. Pure: the same input gives the same bytes, so a message that is
//! sent twice is the same message, signature included.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::SystemTime;

use jiff::Timestamp;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, Message, MessageBuilder, MultiPart, SinglePart};
use sha2::{Digest, Sha256};

use super::email::Settings;
use super::email_dkim::SigningError;
use super::email_html::html;
use crate::changes::icalendar::{entries_of, written};
use crate::changes::notice::{Notice, subject};
use crate::changes::notice_action::most_pressing;
use crate::changes::notice_text::{stop_in_words, text};
use crate::masked::Recipient;

/// The name of the calendar that comes with a message.
const CALENDAR: &str = "closing-days.ics";

/// Why a message could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The recipient is no mail address; it is shown shortened.
    #[error("`{recipient}` is no mail address; write `name@example.org`")]
    Recipient {
        /// Whom it was for.
        recipient: Recipient,
        /// What is wrong with it.
        #[source]
        source: lettre::address::AddressError,
    },
    /// The HTML part could not be rendered.
    #[error("could not render the HTML part of the mail `{id}`")]
    Html {
        /// The delivery.
        id: String,
        /// What is wrong.
        #[source]
        source: minijinja::Error,
    },
    /// The message could not be put together.
    #[error("could not put together the mail `{id}`")]
    Message {
        /// The delivery.
        id: String,
        /// What is wrong.
        #[source]
        source: lettre::error::Error,
    },
    /// The domain's signature could not be made.
    #[error("could not sign the mail `{id}`")]
    Signature {
        /// The delivery.
        id: String,
        /// What is wrong.
        #[source]
        source: SigningError,
    },
}

/// One copy of a notice.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    /// Whom it is for.
    pub to: &'a Recipient,
    /// The delivery's; becomes the Message-ID.
    pub id: &'a str,
    /// Becomes the date.
    pub at: Timestamp,
    /// Where this recipient can stop such mail by one click: an `https` address; nowhere where it is `None`.
    pub unsubscribe: Option<&'a str>,
}

/// The message: text and HTML that say the same, the days that close as a calendar, and the headers that let mail programs thread it,
/// filters sort it and machines leave it unanswered.
pub fn compose(notice: &Notice, settings: &Settings, letter: &Letter<'_>) -> Result<Vec<u8>, ComposeError> {
    let id = || letter.id.to_owned();
    let from = with_ascii_domain(&settings.from);
    let to = mailbox_of(letter.to)?;
    let date = SystemTime::from(letter.at).max(SystemTime::UNIX_EPOCH);
    let builder = Message::builder()
        .from(from.clone())
        .to(to)
        .subject(subject(notice))
        .date(date)
        .message_id(Some(format!("<{}@{}>", letter.id, from.email.domain())));
    let builder = threaded(builder, notice, &from);
    let builder = automatic(builder, notice, &from);
    let by_mail = settings.unsubscribe_mailto.as_ref().map(|mailbox| mailto(mailbox, notice));
    let message = leaving(builder, letter.unsubscribe, by_mail.as_deref())
        .multipart(parts(notice, letter)?)
        .map_err(|source| ComposeError::Message { id: id(), source })?
        .formatted();
    match &settings.dkim {
        Some(signer) => signer.sign(&message, letter.at).map_err(|source| ComposeError::Signature { id: id(), source }),
        None => Ok(message),
    }
}

/// Text and HTML to choose from, and beside them the calendar where something closes.
fn parts(notice: &Notice, letter: &Letter<'_>) -> Result<MultiPart, ComposeError> {
    let html = html(notice, letter.id, letter.unsubscribe)
        .map_err(|source| ComposeError::Html { id: letter.id.to_owned(), source })?;
    let mut plain = text(notice);
    if let Some(address) = letter.unsubscribe {
        let words: Vec<&str> = notice.languages.each().iter().map(|language| stop_in_words(*language)).collect();
        let _ = writeln!(plain, "\n{}: {address}", words.join(" / "));
    }
    let alternative = MultiPart::alternative()
        .boundary(boundary(letter.id))
        .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(plain))
        .singlepart(SinglePart::builder().header(ContentType::TEXT_HTML).body(html));
    let entries = entries_of(notice);
    if entries.is_empty() {
        return Ok(alternative);
    }
    let calendar_type = ContentType::parse("text/calendar; charset=utf-8; method=PUBLISH")
        .expect("the type is part of the program, and a test reads it");
    Ok(MultiPart::mixed()
        .boundary(boundary(&format!("{} and calendar", letter.id)))
        .multipart(alternative)
        .singlepart(Attachment::new(CALENDAR.to_owned()).body(written(&entries, None), calendar_type)))
}

/// The address of a recipient, its domain in ASCII: mail servers do not look up other letters.
pub(super) fn mailbox_of(recipient: &Recipient) -> Result<Mailbox, ComposeError> {
    let mailbox: Mailbox = recipient
        .reveal()
        .parse()
        .map_err(|source| ComposeError::Recipient { recipient: recipient.clone(), source })?;
    Ok(with_ascii_domain(&mailbox))
}

/// The mailbox with its domain in ASCII, where that can be had.
pub(super) fn with_ascii_domain(mailbox: &Mailbox) -> Mailbox {
    let ascii = match url::Host::parse(mailbox.email.domain()) {
        Ok(url::Host::Domain(domain)) => lettre::Address::new(mailbox.email.user(), domain).ok(),
        Ok(url::Host::Ipv4(_) | url::Host::Ipv6(_)) | Err(_) => None,
    };
    Mailbox::new(mailbox.name.clone(), ascii.unwrap_or_else(|| mailbox.email.clone()))
}

/// Same delivery, same bytes: the library would choose a boundary at random.
fn boundary(id: &str) -> String {
    let digest = hex_of(&Sha256::digest(id.as_bytes()));
    format!("stagewatch-{}", &digest[..32])
}

fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// All messages about one project answer one message that never existed: mail programs show them as one conversation.
fn threaded(builder: MessageBuilder, notice: &Notice, from: &Mailbox) -> MessageBuilder {
    let mut ids = notice.changes.iter().map(|recorded| &recorded.change.after.id);
    match ids.next() {
        Some(first) if ids.all(|id| id == first) => {
            let digest = hex_of(&Sha256::digest(first.to_string().as_bytes()));
            let root = format!("<std-{}@{}>", &digest[..24], from.email.domain());
            builder.in_reply_to(root.clone()).references(root)
        }
        Some(_) | None => builder,
    }
}

/// What tells a holiday notice to keep quiet (RFC 3834) and a filter what this is (RFC 2919), what it wants and what happened.
fn automatic(builder: MessageBuilder, notice: &Notice, from: &Mailbox) -> MessageBuilder {
    let label: String = notice
        .subscriber
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' })
        .take(60)
        .collect();
    let list = format!("stagewatch watch <{label}.stagewatch.{}>", from.email.domain());
    let kinds: BTreeSet<&str> = notice.changes.iter().map(|recorded| recorded.change.kind.as_str()).collect();
    let kinds: Vec<&str> = kinds.into_iter().collect();
    let action = most_pressing(notice).map_or_else(|| "none".to_owned(), |action| action.field());
    let builder = builder
        .raw_header(header("List-Id", &list))
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("X-Auto-Response-Suppress", "All"))
        .raw_header(header("X-Stagewatch-Action", &action));
    // A digest may tell that nothing happened; a header without a value is none.
    if kinds.is_empty() { builder } else { builder.raw_header(header("X-Stagewatch-Kinds", &kinds.join(", "))) }
}

/// Leaving by one click (RFC 8058): the mail program posts, and asks nobody to sign in. By mail, where somebody reads it, for programs that
/// only write (RFC 2369): the first address that a program understands is taken.
fn leaving(builder: MessageBuilder, address: Option<&str>, by_mail: Option<&str>) -> MessageBuilder {
    let ways: Vec<String> = address.into_iter().chain(by_mail).map(|way| format!("<{way}>")).collect();
    if ways.is_empty() {
        return builder;
    }
    let builder = builder.raw_header(header("List-Unsubscribe", &ways.join(", ")));
    // Without encryption it takes a person who looks at the page.
    match address.filter(|address| address.starts_with("https://")) {
        Some(_) => builder.raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")),
        None => builder,
    }
}

/// A mail that says who wants to leave what; ids of subscribers are plain letters.
fn mailto(mailbox: &Mailbox, notice: &Notice) -> String {
    format!("mailto:{}?subject=unsubscribe%20{}", with_ascii_domain(mailbox).email, notice.subscriber)
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}
