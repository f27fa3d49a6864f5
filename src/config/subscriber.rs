//! `[[subscriber]]`: who is told of what, and where. Not the telling.

use std::fmt;

use url::Url;

use crate::changes::appetite::Appetite;
use crate::changes::change::Kind;
use crate::changes::notice::Languages;
use crate::changes::subscription::{Selection, Subscription};
use crate::deliver::chat::Post;
use crate::deliver::{Channel, webhook, webhook_signature};
use crate::masked::{Recipient, Secret};

use super::chat;
use super::ids::Ids;
use super::keys;
use super::manner::{self, Manner};
use super::paths;
use super::problem::Place;
use super::suggestion::instead_of;
use super::table::Table;
use super::value::Value;
use super::words;

/// A secret that is being replaced and those before it; more than that nobody is still changing over from.
const MOST_SECRETS: usize = 11;

/// Someone who is told. Prints addresses shortened.
#[derive(Clone)]
pub struct Subscriber {
    /// What they asked for.
    pub subscription: Subscription,
    /// When they are told.
    pub manner: Manner,
    /// Where mail goes.
    pub email: Option<EmailTarget>,
    /// What is posted to.
    pub webhook: Option<webhook::Settings>,
    /// Where else they look: each service at most once.
    pub posts: Vec<Post>,
}

/// The mail addresses of a subscriber.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailTarget {
    /// Each gets a mail of its own; never empty.
    pub to: Vec<Recipient>,
}

impl Subscriber {
    /// Somebody who looks at the terminal.
    pub fn on_terminal(subscription: Subscription) -> Subscriber {
        Subscriber { subscription, manner: Manner::default(), email: None, webhook: None, posts: Vec::new() }
    }

    /// Where a channel goes.
    pub fn recipients(&self, channel: Channel) -> Vec<Recipient> {
        match channel {
            Channel::Email => self.email.as_ref().map(|email| email.to.clone()).unwrap_or_default(),
            Channel::Webhook => self.webhook.iter().map(|webhook| Recipient::new(webhook.url.as_str())).collect(),
            Channel::Terminal => Vec::new(),
            _ => self.posts.iter().filter(|post| post.channel() == channel).map(Post::recipient).collect(),
        }
    }

    /// The ways to them, in the order in which they are used; the terminal where there is no other.
    pub fn channels(&self) -> Vec<Channel> {
        let email = self.email.as_ref().map(|_| Channel::Email);
        let webhook = self.webhook.as_ref().map(|_| Channel::Webhook);
        let posts = self.posts.iter().map(Post::channel);
        let channels: Vec<Channel> = email.into_iter().chain(webhook).chain(posts).collect();
        if channels.is_empty() { vec![Channel::Terminal] } else { channels }
    }
}

impl fmt::Debug for Subscriber {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Subscriber")
            .field("subscription", &self.subscription)
            .field("manner", &self.manner)
            .field("email", &self.email)
            .field("webhook", &self.webhook.as_ref().map(|webhook| Recipient::new(webhook.url.as_str())))
            .field("posts", &self.posts.iter().map(Post::recipient).collect::<Vec<_>>())
            .finish()
    }
}

/// An address that is posted to; whether it may be reached is for whoever has seen every file.
#[derive(Debug)]
pub(super) struct Target {
    /// The address.
    pub(super) url: Url,
    /// The key that names it.
    pub(super) key: String,
    /// Where that stands.
    pub(super) place: Place,
}

/// Reads a `[[subscriber]]`; that its watches exist is for whoever has seen every file. What it posts to is added to `targets`.
pub(super) fn read(table: &Table<'_>, ids: &mut Ids, targets: &mut Vec<Target>) -> Option<Subscriber> {
    let id = ids.claim(table);
    let selection = selection(table);
    let languages = table.value("language").and_then(|value| languages(&value)).unwrap_or(Languages::English);
    let ways = ways_of(table, targets);
    let manner = manner::read(table, table.table("webhook", &keys::WEBHOOK).as_ref());
    let appetite = appetite(table);
    let id = id.filter(|id| is_free(table, id))?;
    let subscription = Subscription { subscriber: id, selection, appetite, languages };
    Some(Subscriber { manner, ..ways.of(subscription) })
}

/// The ways to somebody.
pub(super) struct Ways {
    email: Option<EmailTarget>,
    webhook: Option<webhook::Settings>,
    posts: Vec<Post>,
}

impl Ways {
    /// Somebody who is reached by them, at once.
    pub(super) fn of(self, subscription: Subscription) -> Subscriber {
        let Ways { email, webhook, posts } = self;
        Subscriber { subscription, manner: Manner::default(), email, webhook, posts }
    }
}

/// Reads the channels of a subscriber, or of the operator; somebody who has none is a problem.
pub(super) fn ways_of(table: &Table<'_>, targets: &mut Vec<Target>) -> Ways {
    let email = table.table("email", &keys::EMAIL).map(|table| email(&table));
    let webhook = table.table("webhook", &keys::WEBHOOK).and_then(|table| webhook(&table, targets));
    let posts = chat::read(table, targets);
    let ways = keys::WAYS.iter().copied();
    if ways.clone().all(|way| table.value(way).is_none()) {
        let ways: Vec<String> = ways.map(|way| format!("[{}.{way}]", table.name())).collect();
        table.problem("", format_args!("nowhere to send to; write one of these below: {}", ways.join(", ")));
    }
    Ways { email, webhook, posts }
}

/// Names under which we speak of others in the outbox.
const RESERVED: [&str; 2] = ["operator", "terminal"];

fn is_free(table: &Table<'_>, id: &str) -> bool {
    if RESERVED.contains(&id) {
        table.problem("id", format_args!("found {id:?}: that name is taken by stagewatch itself; write another one"));
        return false;
    }
    true
}

fn appetite(table: &Table<'_>) -> Appetite {
    let kinds = table.list("kinds").iter().filter_map(kind).collect();
    if let Some(list) = table.value("kinds").filter(Value::is_empty_list) {
        list.wrong("it names nothing", "write kinds of changes, or leave it out for all of them");
    }
    let significant_only = table.value("significant").and_then(|value| value.flag()).unwrap_or(false);
    Appetite { kinds, significant_only }
}

fn kind(value: &Value<'_>) -> Option<Kind> {
    let text = value.text()?;
    let kind = Kind::parse(text);
    if kind.is_none() {
        value.wrong("no such kind of change", instead_of(text, Kind::ALL.map(Kind::as_str)));
    }
    kind
}

fn selection(table: &Table<'_>) -> Selection {
    let Some(value) = table.required("watches") else { return Selection::All };
    let list = value.list();
    let names: Vec<&str> = list.iter().filter_map(Value::filled).collect();
    if value.is_empty_list() {
        value.wrong("it names nothing", "write ids of watches, or [\"*\"] for every change");
    }
    if !names.contains(&"*") {
        return Selection::Watches(names.into_iter().map(str::to_owned).collect());
    }
    if names.len() > 1 {
        value.wrong("\"*\" and others", "write [\"*\"] alone: it means every change");
    }
    Selection::All
}

/// Reads `en`, `zh` or `both`.
pub(super) fn languages(value: &Value<'_>) -> Option<Languages> {
    let text = value.text()?;
    match text {
        "en" => Some(Languages::English),
        "zh" => Some(Languages::Chinese),
        "both" => Some(Languages::Both),
        _ => {
            value.wrong("no such language", instead_of(text, ["en", "zh", "both"]));
            None
        }
    }
}

fn email(table: &Table<'_>) -> EmailTarget {
    let Some(value) = table.required("to") else { return EmailTarget { to: Vec::new() } };
    let list = value.list();
    if value.is_empty_list() {
        value.wrong("it names nothing", "write at least one mail address");
    }
    let mut to: Vec<Recipient> = Vec::new();
    for value in list {
        let Some(recipient) = recipient(&value) else { continue };
        if to.contains(&recipient) {
            value.problem(format_args!("found \"{recipient}\" twice: every alert would come twice; write it once"));
        }
        to.push(recipient);
    }
    EmailTarget { to }
}

/// A mail address; messages show it shortened, as everywhere.
fn recipient(value: &Value<'_>) -> Option<Recipient> {
    let text = value.filled()?;
    let recipient = Recipient::new(text);
    if text.parse::<lettre::Address>().is_err() {
        value.problem(format_args!(
            "found \"{recipient}\": that is no mail address; write one address, e.g. \"someone@example.org\""
        ));
        return None;
    }
    Some(recipient)
}

fn webhook(table: &Table<'_>, targets: &mut Vec<Target>) -> Option<webhook::Settings> {
    let url = table.required("url").and_then(|value| hook_address(&value, targets));
    let files = match (table.value("secret-file"), table.value("secret-files")) {
        (Some(file), None) => vec![file],
        (None, Some(files)) => files.list(),
        (Some(_), Some(files)) => {
            files.problem("`secret-file` is there too; write either one file or a list");
            return None;
        }
        (None, None) => {
            table.problem("secret-file", "missing; write `secret-file`, the path of a file with the secret that signs");
            return None;
        }
    };
    if let Some(list) = table.value("secret-files").filter(Value::is_empty_list) {
        list.wrong("it names nothing", "write at least one file");
    }
    if let (Some(list), true) = (table.value("secret-files"), files.len() > MOST_SECRETS) {
        list.wrong("too many secrets", format_args!("write the newest first, and at most {MOST_SECRETS}"));
    }
    let secrets = files.iter().filter_map(signing_secret).collect();
    Some(webhook::Settings { url: url?, secrets })
}

/// The address of a hook.
fn hook_address(value: &Value<'_>, targets: &mut Vec<Target>) -> Option<Url> {
    let url = words::web_address(value)?;
    words::warn_of_plain(value, &url);
    targets.push(Target { url: url.clone(), key: value.key(), place: value.place() });
    Some(url)
}

fn signing_secret(file: &Value<'_>) -> Option<Secret> {
    let secret = paths::secret(file)?;
    if let Err(error) = webhook_signature::check(&secret) {
        file.problem(format_args!("the file does not hold what is needed: {error}"));
        return None;
    }
    Some(secret)
}
