//! Carrying notices away: one file a channel. A channel composes bytes (pure) and sends them (the outside world); when to try again
//! is not its business.

use std::fmt;
use std::time::Duration;

use crate::changes::notice_words::{capped, clean};
use crate::masked::Recipient;

/// A message for a chat, before any service's markup.
mod card;
/// Where people already look: the services, and what they share.
pub mod chat;
/// DingTalk.
mod dingtalk;
/// Discord.
mod discord;
/// Mail: where it is sent from, and through which server.
pub mod email;
/// Mail: the bytes of a message.
pub mod email_compose;
/// Mail: the signature of a domain.
pub mod email_dkim;
/// Mail: the HTML part of a message.
mod email_html;
/// Mail: text in the HTML part.
mod email_pieces;
/// Mail: handing the bytes to a server, or to a folder.
pub mod email_send;
/// Mail: a word to the operator.
pub mod email_word;
/// Feishu and Lark.
mod feishu;
/// Posting: which addresses may be reached.
pub mod guard;
/// Chat: text that stays text inside somebody's markup.
mod markup;
/// Matrix.
pub mod matrix;
/// Mattermost.
mod mattermost;
/// Posting: networks that are not the public internet.
pub mod networks;
/// ntfy.
pub mod ntfy;
/// Posting: turns at one address.
mod pace;
/// Posting: one exchange over HTTP, whatever is in it.
pub mod posting;
/// Slack.
mod slack;
/// Microsoft Teams.
mod teams;
/// Whatever takes a request that the operator writes.
pub mod template;
/// A template filled with every kind of change.
pub mod template_samples;
/// Text for whoever looks at a terminal.
pub mod terminal;
/// Webhooks: posting a body, and what the answer means.
pub mod webhook;
/// Webhooks: one change as the body of a request.
pub mod webhook_body;
/// Webhooks: what makes a body provably ours.
pub mod webhook_signature;
/// WeCom.
mod wecom;

/// Longest answer that is kept, in characters: enough for an enhanced status code and its sentence.
const LONGEST_ANSWER: usize = 300;

/// The ways out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Channel {
    /// Mail.
    Email,
    /// A signed POST.
    Webhook,
    /// Text on standard output.
    Terminal,
    /// Slack.
    Slack,
    /// Microsoft Teams.
    Teams,
    /// Mattermost.
    Mattermost,
    /// Discord.
    Discord,
    /// Feishu, and Lark.
    Feishu,
    /// DingTalk.
    Dingtalk,
    /// WeCom.
    Wecom,
    /// Matrix.
    Matrix,
    /// ntfy.
    Ntfy,
    /// A request that the operator writes.
    Template,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Channel; 13] = [
        Channel::Email,
        Channel::Webhook,
        Channel::Terminal,
        Channel::Slack,
        Channel::Teams,
        Channel::Mattermost,
        Channel::Discord,
        Channel::Feishu,
        Channel::Dingtalk,
        Channel::Wecom,
        Channel::Matrix,
        Channel::Ntfy,
        Channel::Template,
    ];

    /// The word of the store and of logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Email => "email",
            Channel::Webhook => "webhook",
            Channel::Terminal => "terminal",
            Channel::Slack => "slack",
            Channel::Teams => "teams",
            Channel::Mattermost => "mattermost",
            Channel::Discord => "discord",
            Channel::Feishu => "feishu",
            Channel::Dingtalk => "dingtalk",
            Channel::Wecom => "wecom",
            Channel::Matrix => "matrix",
            Channel::Ntfy => "ntfy",
            Channel::Template => "template",
        }
    }

    /// Reads what [`Channel::as_str`] writes.
    pub fn parse(text: &str) -> Option<Channel> {
        Channel::ALL.into_iter().find(|channel| channel.as_str() == text)
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// What became of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The other side took it, and what it answered.
    Delivered {
        /// First line of the answer.
        answer: String,
    },
    /// It may work later.
    TryAgain {
        /// What went wrong.
        why: String,
        /// How long the other side asked us to wait.
        wait: Option<Duration>,
    },
    /// It will work once the operator mends something of ours: a password, a certificate, a sender. Tried again until then.
    ForOperator {
        /// What is to be mended.
        why: String,
    },
    /// It will never work.
    Refused {
        /// What the other side said.
        why: String,
    },
    /// It will never work, and neither will anything else that is sent there: the receiver is no more.
    Gone {
        /// What the other side said.
        why: String,
    },
}

/// What a channel is given to send.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// The delivery id.
    pub id: String,
    /// Where it goes.
    pub recipient: Recipient,
    /// The exact bytes.
    pub payload: Vec<u8>,
}

/// One line of what the other side said, safe for a log: no control characters, no secret, no address of a recipient, not long.
/// `hidden` pairs what must not be seen with what stands for it.
fn answer_line(text: &str, hidden: &[(&str, &str)]) -> String {
    let mut line = clean(text);
    for (secret, shown) in hidden {
        line = replaced(&line, secret, shown);
    }
    capped(&line, LONGEST_ANSWER)
}

/// Replaces whatever the case of its letters: servers answer with addresses in lower case.
fn replaced(text: &str, secret: &str, shown: &str) -> String {
    if secret.is_empty() {
        return text.to_owned();
    }
    // ASCII letters alone change, so places in one text are places in the other.
    let (lower, secret) = (text.to_ascii_lowercase(), secret.to_ascii_lowercase());
    let mut out = String::new();
    let mut taken = 0;
    for (start, found) in lower.match_indices(&secret) {
        out.push_str(&text[taken..start]);
        out.push_str(shown);
        taken = start + found.len();
    }
    out.push_str(&text[taken..]);
    out
}

/// An error with all its causes on one line: libraries for the network say what happened only in the last of them.
fn causes_of(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !told.contains(&text) {
            told = format!("{told}: {text}");
        }
        cause = error.source();
    }
    told
}

/// The cryptography that mail and webhooks share; a second call changes nothing.
fn choose_cryptography() {
    rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_is_read_as_it_is_written() {
        for channel in Channel::ALL {
            assert_eq!(Channel::parse(channel.as_str()), Some(channel));
        }
        assert_eq!(Channel::parse("pigeon"), None);
    }

    #[test]
    fn an_answer_shows_neither_secrets_nor_control_characters() {
        let hidden = [("team@example.org", "t~ca…@example.org"), ("hunter2", "***"), ("", "never")];
        assert_eq!(
            answer_line("550 <Team@Example.org>\r\nhunter2\u{1b}[0m gone", &hidden),
            "550 <t~ca…@example.org> *** [0m gone"
        );
        assert_eq!(answer_line(&"x".repeat(5000), &[]).chars().count(), LONGEST_ANSWER);
    }
}
