//! Mail: one notice as the bytes of one message to one recipient. Pure: the same input gives the same bytes, so a message that is
//! sent twice is the same message.
//!
//! Signing (DKIM) is left to the mail server, which holds the domain's keys.

use std::fmt::Write as _;
use std::sync::LazyLock;
use std::time::SystemTime;

use jiff::Timestamp;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MessageBuilder, MultiPart, SinglePart};
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::email::Settings;
use crate::changes::change::RecordedChange;
use crate::changes::notice::{Notice, headline, opening, subject};
use crate::changes::notice_facts::{Fact, facts};
use crate::changes::notice_sentence::sentence;
use crate::changes::notice_text::{excerpt, for_whom, heading_of_others, shares, text};
use crate::masked::Recipient;
use crate::standards::language::Language;

const TEMPLATE: &str = "email.html";

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment
        .add_template(TEMPLATE, include_str!("templates/email.html"))
        .expect("the template is part of the program, and a test renders it");
    environment
});

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
}

/// The message: text and HTML that say the same, and the headers that let mail programs thread it and machines leave it unanswered.
///
/// `id` is the delivery's and becomes the Message-ID; `now` becomes the date.
pub fn compose(
    notice: &Notice,
    settings: &Settings,
    to: &Recipient,
    id: &str,
    now: Timestamp,
) -> Result<Vec<u8>, ComposeError> {
    let from = with_ascii_domain(&settings.from);
    let to = mailbox_of(to)?;
    let html = html(notice, id).map_err(|source| ComposeError::Html { id: id.to_owned(), source })?;
    let parts = MultiPart::alternative()
        .boundary(boundary(id))
        .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(text(notice)))
        .singlepart(SinglePart::builder().header(ContentType::TEXT_HTML).body(html));
    let date = SystemTime::from(now).max(SystemTime::UNIX_EPOCH);
    let builder = Message::builder()
        .from(from.clone())
        .to(to)
        .subject(subject(notice))
        .date(date)
        .message_id(Some(format!("<{id}@{}>", from.email.domain())));
    let builder = threaded(builder, notice, &from);
    automatic(builder, notice, &from)
        .multipart(parts)
        .map(|message| message.formatted())
        .map_err(|source| ComposeError::Message { id: id.to_owned(), source })
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

/// What tells a holiday notice to keep quiet (RFC 3834) and a filter what this is (RFC 2919).
fn automatic(builder: MessageBuilder, notice: &Notice, from: &Mailbox) -> MessageBuilder {
    let label: String = notice
        .subscriber
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' })
        .take(60)
        .collect();
    let list = format!("stagewatch watch <{label}.stagewatch.{}>", from.email.domain());
    let header = |name, value: &str| HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned());
    builder
        .raw_header(header("List-Id", &list))
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("X-Auto-Response-Suppress", "All"))
}

#[derive(Serialize)]
struct Page {
    subject: String,
    language: &'static str,
    id: String,
    blocks: Vec<Block>,
}

#[derive(Serialize)]
struct Block {
    language: &'static str,
    opening: Option<&'static str>,
    changes: Vec<Shown>,
    others: Vec<String>,
    others_heading: String,
    others_counted: usize,
    for_whom: String,
}

#[derive(Serialize)]
struct Shown {
    headline: String,
    sentence: String,
    facts: Vec<Row>,
    excerpt: Vec<String>,
}

#[derive(Serialize)]
struct Row {
    label: String,
    value: String,
    link: Option<String>,
}

impl From<Fact> for Row {
    fn from(fact: Fact) -> Row {
        Row { label: fact.label, value: fact.value, link: fact.link }
    }
}

fn html(notice: &Notice, id: &str) -> Result<String, minijinja::Error> {
    let page = Page {
        subject: subject(notice),
        language: notice.languages.first().code(),
        id: id.to_owned(),
        blocks: notice.languages.each().iter().map(|language| block(notice, *language)).collect(),
    };
    TEMPLATES.get_template(TEMPLATE)?.render(Serde(page))
}

fn block(notice: &Notice, language: Language) -> Block {
    let (full, others, others_counted) = shares(notice, language);
    Block {
        language: language.code(),
        opening: opening(notice, language),
        changes: full.iter().map(|recorded| shown(recorded, language)).collect(),
        others_heading: heading_of_others(others.len() + others_counted, language),
        others,
        others_counted,
        for_whom: for_whom(notice, language),
    }
}

fn shown(recorded: &RecordedChange, language: Language) -> Shown {
    Shown {
        headline: headline(recorded, language),
        sentence: sentence(recorded, language),
        facts: facts(recorded, language).into_iter().map(Row::from).collect(),
        excerpt: excerpt(recorded),
    }
}
