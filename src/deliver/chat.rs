//! Where people already look: the services that take a message by a request of their own form. Which there are, and what they share; each has
//! a file with its layout, its limits and its ways of saying no.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::Url;

use super::card::Card;
use super::markup::{address, wide};
use super::posting::{Answer, Exchange, Poster, Request, masked, unanswered};
use super::{
    Channel, Outcome, Parcel, dingtalk, discord, feishu, matrix, mattermost, ntfy, slack, teams, template, wecom,
};
use crate::changes::deed::Deed;
use crate::changes::notice::Notice;
use crate::changes::notice_action::most_pressing;
use crate::masked::{Recipient, Secret};
use crate::standards::language::Language;

/// A subscriber's place in one service.
#[derive(Debug, Clone)]
pub enum Post {
    /// Slack.
    Slack(Hook),
    /// Microsoft Teams.
    Teams(Hook),
    /// Mattermost.
    Mattermost(Hook),
    /// Discord.
    Discord(Hook),
    /// Feishu, and Lark.
    Feishu(Hook),
    /// DingTalk.
    Dingtalk(Hook),
    /// WeCom.
    Wecom(Hook),
    /// Matrix.
    Matrix(matrix::Settings),
    /// ntfy.
    Ntfy(ntfy::Settings),
    /// Whatever takes a request that the operator writes.
    Template(Box<template::Settings>),
}

/// An address that is its own key, and what signs where the service signs.
#[derive(Clone)]
pub struct Hook {
    /// Where to post.
    pub url: Url,
    /// What to sign with.
    pub secret: Option<Secret>,
}

impl fmt::Debug for Hook {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = Recipient::new(self.url.as_str());
        out.debug_struct("Hook").field("url", &url).field("secret", &self.secret).finish()
    }
}

/// How soon after one message a service takes the next, by what it says of itself.
const SLACK_PAUSE: Duration = Duration::from_secs(1);
const TWENTY_A_MINUTE: Duration = Duration::from_secs(3);
/// A part of an address that is shorter is no key.
const SHORTEST_KEY: usize = 8;
/// Whoever had too many messages is left alone for so long.
const REST: Duration = Duration::from_mins(1);

impl Post {
    /// The way out that it is.
    pub fn channel(&self) -> Channel {
        match self {
            Post::Slack(_) => Channel::Slack,
            Post::Teams(_) => Channel::Teams,
            Post::Mattermost(_) => Channel::Mattermost,
            Post::Discord(_) => Channel::Discord,
            Post::Feishu(_) => Channel::Feishu,
            Post::Dingtalk(_) => Channel::Dingtalk,
            Post::Wecom(_) => Channel::Wecom,
            Post::Matrix(_) => Channel::Matrix,
            Post::Ntfy(_) => Channel::Ntfy,
            Post::Template(_) => Channel::Template,
        }
    }

    /// The address that is connected to.
    pub fn url(&self) -> &Url {
        match self {
            Post::Slack(hook)
            | Post::Teams(hook)
            | Post::Mattermost(hook)
            | Post::Discord(hook)
            | Post::Feishu(hook)
            | Post::Dingtalk(hook)
            | Post::Wecom(hook) => &hook.url,
            Post::Matrix(settings) => &settings.homeserver,
            Post::Ntfy(settings) => &settings.server,
            Post::Template(settings) => &settings.url,
        }
    }

    /// Where it goes, for the store and for people: the host, and a mark that tells this place from another without giving it away.
    pub fn recipient(&self) -> Recipient {
        let whole = match self {
            Post::Matrix(settings) => format!("{} {}", settings.homeserver, settings.room),
            Post::Ntfy(settings) => format!("{} {}", settings.server, settings.topic.reveal()),
            other => other.url().to_string(),
        };
        let digest = Sha256::digest(whole.as_bytes());
        let mark = digest.iter().take(6).fold(0_u64, |mark, byte| (mark << 8) | u64::from(*byte));
        let url = self.url();
        Recipient::new(format!("{}://{}/#{mark:012x}", url.scheme(), place_of(url)))
    }

    /// What is to be sent, before anything that each attempt adds: a signature, a topic, the operator's own template.
    pub fn compose(&self, notice: &Notice, id: &str) -> Vec<u8> {
        match self {
            Post::Template(_) => template::context_of(notice, id),
            Post::Ntfy(settings) if asks_for_something(notice) => {
                written(&ntfy::compose(&Card::of(notice), settings.priority.max(4)))
            }
            _ => self.compose_card(&Card::of(notice)),
        }
    }

    /// The same for a word of ours, of no change.
    pub fn compose_words(&self, title: &str, lines: &[String], id: &str) -> Vec<u8> {
        match self {
            Post::Template(_) => template::context_of_words(title, lines, id),
            _ => self.compose_card(&Card::of_words(title, lines, Language::English)),
        }
    }

    fn compose_card(&self, card: &Card) -> Vec<u8> {
        written(&match self {
            Post::Slack(_) => slack::compose(card),
            Post::Teams(_) => teams::compose(card),
            Post::Mattermost(_) => mattermost::compose(card),
            Post::Discord(_) => discord::compose(card),
            Post::Feishu(_) => feishu::compose(card),
            Post::Dingtalk(_) => dingtalk::compose(card),
            Post::Wecom(_) => wecom::compose(card),
            Post::Matrix(_) => matrix::compose(card),
            Post::Ntfy(settings) => ntfy::compose(card, settings.priority),
            Post::Template(_) => Value::Null,
        })
    }

    /// One request, signed afresh at `now`.
    fn request(&self, parcel: &Parcel, now: Timestamp) -> Result<Request, String> {
        let posted = |url: &Url, body: Vec<u8>| Request {
            method: Method::POST,
            url: url.clone(),
            headers: json_headers(),
            body,
        };
        let body = parcel.payload.clone();
        let unreadable = || "the message in the outbox is not what this version writes".to_owned();
        Ok(match self {
            Post::Feishu(Hook { url, secret: Some(secret) }) => {
                posted(url, feishu::signed(&body, secret, now).ok_or_else(unreadable)?)
            }
            Post::Dingtalk(Hook { url, secret: Some(secret) }) => posted(&dingtalk::signed(url, secret, now), body),
            Post::Slack(hook)
            | Post::Teams(hook)
            | Post::Mattermost(hook)
            | Post::Discord(hook)
            | Post::Feishu(hook)
            | Post::Dingtalk(hook)
            | Post::Wecom(hook) => posted(&hook.url, body),
            Post::Matrix(settings) => {
                let url = matrix::address_of(settings, &parcel.id).ok_or("`homeserver` is no address")?;
                Request { method: Method::PUT, headers: bearer(Some(&settings.token))?, ..posted(&url, body) }
            }
            Post::Ntfy(settings) => {
                let body = ntfy::addressed(&body, &settings.topic).ok_or_else(unreadable)?;
                Request { headers: bearer(settings.token.as_ref())?, ..posted(&settings.server, body) }
            }
            Post::Template(settings) => template::request(settings, &body)?,
        })
    }

    fn outcome_of(&self, answer: &Answer) -> Outcome {
        match self {
            Post::Slack(_) => slack::outcome_of(answer),
            Post::Teams(_) => teams::outcome_of(answer),
            Post::Mattermost(_) => mattermost::outcome_of(answer),
            Post::Discord(_) => discord::outcome_of(answer),
            Post::Feishu(_) => feishu::outcome_of(answer),
            Post::Dingtalk(_) => dingtalk::outcome_of(answer),
            Post::Wecom(_) => wecom::outcome_of(answer),
            Post::Matrix(_) => matrix::outcome_of(answer),
            Post::Ntfy(_) => ntfy::outcome_of(answer),
            Post::Template(_) => template::outcome_of(answer),
        }
    }

    fn pause(&self) -> Duration {
        match self {
            Post::Slack(_) | Post::Teams(_) | Post::Mattermost(_) | Post::Discord(_) | Post::Feishu(_) => SLACK_PAUSE,
            Post::Dingtalk(_) | Post::Wecom(_) => TWENTY_A_MINUTE,
            Post::Matrix(_) | Post::Ntfy(_) | Post::Template(_) => Duration::ZERO,
        }
    }

    /// What no log and no record may show: tokens, and every part of an address that may be a key.
    fn secrets(&self) -> Vec<Secret> {
        let segments = self.url().path_segments().into_iter().flatten().map(str::to_owned);
        let values = self.url().query_pairs().map(|(_, value)| value.into_owned());
        let parts = segments.chain(values).filter(|part| part.len() >= SHORTEST_KEY).map(Secret::new);
        let own: Vec<&Secret> = match self {
            Post::Slack(hook)
            | Post::Teams(hook)
            | Post::Mattermost(hook)
            | Post::Discord(hook)
            | Post::Feishu(hook)
            | Post::Dingtalk(hook)
            | Post::Wecom(hook) => hook.secret.iter().collect(),
            Post::Matrix(settings) => vec![&settings.token],
            Post::Ntfy(settings) => settings.token.iter().chain([&settings.topic]).collect(),
            Post::Template(settings) => settings.token.iter().collect(),
        };
        own.into_iter().cloned().chain(parts).collect()
    }
}

/// Posts a message, when it is its turn at that address.
pub async fn send(poster: &Poster, post: &Post, parcel: &Parcel, now: Timestamp) -> Outcome {
    let request = match post.request(parcel, now) {
        Ok(request) => request,
        Err(why) => return Outcome::ForOperator { why },
    };
    poster.turn(post.recipient().reveal(), post.pause()).await;
    let outcome = match poster.exchange(request, now).await {
        Exchange::Answered(answer) => post.outcome_of(&answer),
        other => unanswered(&other, post.channel().as_str()),
    };
    let secrets = post.secrets();
    let shown = |text: &str| masked(text, post.url(), &secrets);
    match outcome {
        Outcome::Delivered { answer } => Outcome::Delivered { answer: shown(&answer) },
        Outcome::TryAgain { why, wait } => Outcome::TryAgain { why: shown(&why), wait },
        Outcome::ForOperator { why } => Outcome::ForOperator { why: shown(&why) },
        Outcome::Refused { why } => Outcome::Refused { why: shown(&why) },
        Outcome::Gone { why } => Outcome::Gone { why: shown(&why) },
    }
}

/// Whether the reader is asked for something.
fn asks_for_something(notice: &Notice) -> bool {
    most_pressing(notice).is_some_and(|action| matches!(action.deed, Deed::Comment | Deed::Vote))
}

fn json_headers() -> HeaderMap {
    HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"))])
}

pub(super) fn bearer(token: Option<&Secret>) -> Result<HeaderMap, String> {
    let mut headers = json_headers();
    if let Some(token) = token {
        let value = HeaderValue::from_str(&format!("Bearer {}", token.reveal().trim()));
        let mut value = value.map_err(|_| "the token has signs that no header may have".to_owned())?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    Ok(headers)
}

fn written(message: &Value) -> Vec<u8> {
    serde_json::to_vec(message).expect("a JSON value can be written")
}

/// HMAC-SHA256 in base64, as two of the services sign.
pub(super) fn hmac_base64(key: &[u8], message: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(message);
    STANDARD.encode(mac.finalize().into_bytes())
}

/// The body of an answer; `null` where it is no JSON.
pub(super) fn json_of(answer: &Answer) -> Value {
    serde_json::from_str(&answer.reply).unwrap_or_default()
}

/// How large a message is on the wire.
pub(super) fn n_bytes(message: &Value) -> usize {
    written(message).len()
}

/// How many characters all texts in a message have together.
pub(super) fn n_chars(message: &Value) -> usize {
    match message {
        Value::String(text) => text.chars().count(),
        Value::Array(items) => items.iter().map(n_chars).sum(),
        Value::Object(fields) => fields.values().map(n_chars).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// What a status means where the body says nothing more: what is wrong with the message is final, what is wrong with the place is the
/// operator's, and everything else may pass.
pub(super) fn by_status(answer: &Answer, who: &str) -> Outcome {
    let told = answer.in_one_line();
    match answer.status {
        status if status.is_success() => Outcome::Delivered { answer: told },
        StatusCode::GONE => Outcome::Gone { why: format!("{who} says that it is gone: {told}") },
        StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNPROCESSABLE_ENTITY => {
            Outcome::Refused { why: format!("{who} does not take the message: {told}") }
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => {
            Outcome::ForOperator { why: format!("{who} does not let us post there: {told}") }
        }
        status if status.is_redirection() => Outcome::ForOperator {
            why: format!("{who} points elsewhere, and redirects are not followed; write the final address: {told}"),
        },
        _ if answer.is_busy() => Outcome::TryAgain { why: format!("{who} is busy: {told}"), wait: answer.wait() },
        _ => Outcome::TryAgain { why: format!("{who} did not take it: {told}"), wait: answer.wait() },
    }
}

/// Too many messages, said in a body.
pub(super) fn rest(who: &str, told: &str, answer: &Answer) -> Outcome {
    Outcome::TryAgain { why: format!("{who} has had too many messages: {told}"), wait: answer.wait().max(Some(REST)) }
}

/// A card as plain lines.
pub(super) fn lines_of(card: &Card) -> String {
    let mut blocks = Vec::new();
    for block in &card.blocks {
        let mut lines: Vec<String> = Vec::new();
        for entry in &block.entries {
            lines.extend(entry.headline.clone());
            lines.extend(entry.sentence.clone());
            lines.extend(entry.facts.iter().map(|fact| format!("{}: {}", fact.label, fact.value)));
            lines.extend(entry.link.iter().map(|(_, url)| url.clone()));
            lines.push(String::new());
        }
        lines.extend(block.more.clone());
        lines.push(block.footer.clone());
        blocks.push(lines.join("\n"));
    }
    blocks.join("\n\n")
}

/// A card in the Markdown that two Chinese services share, which knows headings, bold, links and quotes, and no escape; `new_row` is what
/// begins a row below another.
pub(super) fn plain_markdown(card: &Card, new_row: &str) -> String {
    let mut out = format!("### {}", wide(&card.title));
    for block in &card.blocks {
        for entry in &block.entries {
            let headline = entry.headline.iter().map(|headline| format!("**{}**", wide(headline)));
            let sentence = entry.sentence.iter().map(|sentence| wide(sentence));
            let facts: Vec<String> =
                entry.facts.iter().map(|fact| format!("> {}: {}", wide(&fact.label), wide(&fact.value))).collect();
            let facts = (!facts.is_empty()).then(|| facts.join(new_row));
            let link = entry.link.iter().map(|(called, url)| format!("[{}]({})", wide(called), address(url)));
            for paragraph in headline.chain(sentence).chain(facts).chain(link) {
                out += "\n\n";
                out += &paragraph;
            }
        }
        for line in block.more.iter().chain([&block.footer]) {
            out += "\n\n";
            out += &wide(line);
        }
    }
    out
}

/// Host, and port where it is not the usual one.
fn place_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
