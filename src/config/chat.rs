//! `[subscriber.slack]` and the other services of chat, `[subscriber.ntfy]`, `[subscriber.template]`. Not the posting.

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::deliver::chat::{Hook, Post};
use crate::deliver::{matrix, ntfy, template, template_samples};
use crate::masked::Secret;

use super::keys::{self, Keys};
use super::paths;
use super::subscriber::Target;
use super::table::Table;
use super::value::Value;
use super::words;

/// Reads every service that a subscriber has; what is posted to is added to `targets`.
pub(super) fn read(table: &Table<'_>, targets: &mut Vec<Target>) -> Vec<Post> {
    type Service = (&'static str, &'static Keys, fn(Hook) -> Post);
    const SERVICES: [Service; 7] = [
        ("slack", &keys::SLACK, Post::Slack),
        ("teams", &keys::TEAMS, Post::Teams),
        ("mattermost", &keys::MATTERMOST, Post::Mattermost),
        ("discord", &keys::DISCORD, Post::Discord),
        ("feishu", &keys::FEISHU, Post::Feishu),
        ("dingtalk", &keys::DINGTALK, Post::Dingtalk),
        ("wecom", &keys::WECOM, Post::Wecom),
    ];
    let mut posts = Vec::new();
    for (key, keys, post) in SERVICES {
        posts.extend(table.table(key, keys).and_then(|table| hook(&table, targets)).map(post));
    }
    let matrix = table.table("matrix", &keys::MATRIX).and_then(|table| matrix(&table, targets));
    let ntfy = table.table("ntfy", &keys::NTFY).and_then(|table| ntfy(&table, targets));
    let template = table.table("template", &keys::TEMPLATE).and_then(|table| template(&table, targets));
    posts.extend(matrix.map(Post::Matrix));
    posts.extend(ntfy.map(Post::Ntfy));
    posts.extend(template.map(|template| Post::Template(Box::new(template))));
    posts
}

fn hook(table: &Table<'_>, targets: &mut Vec<Target>) -> Option<Hook> {
    let url = address(table, targets);
    let secret = match table.known_value("secret-file") {
        Some(file) => Some(paths::secret(&file)?),
        None => None,
    };
    Some(Hook { url: url?, secret })
}

/// An address that is its own key: in a file, or here.
fn address(table: &Table<'_>, targets: &mut Vec<Target>) -> Option<Url> {
    let (value, url) = match (table.value("url"), table.value("url-file")) {
        (Some(value), None) => (value, words::web_address(&value)?),
        (None, Some(file)) => (file, address_in(&file)?),
        (Some(_), Some(file)) => {
            file.problem("`url` is there too; write one of them");
            return None;
        }
        (None, None) => {
            table.problem("url-file", "missing; write `url-file`, the path of a file with the address to post to");
            return None;
        }
    };
    words::warn_of_plain(&value, &url);
    targets.push(Target { url: url.clone(), key: value.key(), place: value.place() });
    Some(url)
}

fn address_in(file: &Value<'_>) -> Option<Url> {
    let secret = paths::secret(file)?;
    let url = Url::parse(secret.reveal().trim()).ok();
    let url = url.filter(|url| ["http", "https"].contains(&url.scheme()) && url.has_host());
    if url.is_none() {
        file.wrong("there is no address in that file", "write a whole address into it, https:// and all");
    }
    url
}

fn matrix(table: &Table<'_>, targets: &mut Vec<Target>) -> Option<matrix::Settings> {
    let server = table.required("homeserver").and_then(|value| {
        let url = words::web_address(&value)?;
        words::warn_of_plain(&value, &url);
        targets.push(Target { url: url.clone(), key: value.key(), place: value.place() });
        Some(url)
    });
    let room = table.required("room").and_then(|value| {
        let room = value.filled()?;
        if !room.starts_with('!') {
            value.wrong(
                "that is no id of a room",
                "write it as the room's settings show it, e.g. \"!abcdef:example.org\"",
            );
            return None;
        }
        Some(room.to_owned())
    });
    let token = table.required("token-file").and_then(|value| paths::secret(&value));
    Some(matrix::Settings { homeserver: server?, room: room?, token: token? })
}

fn ntfy(table: &Table<'_>, targets: &mut Vec<Target>) -> Option<ntfy::Settings> {
    let priority = table.value("priority").and_then(|value| value.count(1..=5)).unwrap_or(3);
    let token = token(table)?;
    let mut server = address(table, targets)?;
    let topic = server.path().trim_matches('/').to_owned();
    if topic.is_empty() || topic.contains('/') {
        table.problem("url", "the address names no topic; write e.g. \"https://ntfy.example.org/TOPIC\"");
        return None;
    }
    server.set_path("/");
    let priority = u8::try_from(priority).unwrap_or(3);
    Some(ntfy::Settings { server, topic: Secret::new(topic), token, priority })
}

/// The outer `None` is a file that could not be read.
#[expect(clippy::option_option, reason = "nothing said and nothing readable are two things")]
fn token(table: &Table<'_>) -> Option<Option<Secret>> {
    match table.value("token-file") {
        Some(file) => paths::secret(&file).map(Some),
        None => Some(None),
    }
}

fn template(table: &Table<'_>, targets: &mut Vec<Target>) -> Option<template::Settings> {
    let url = address(table, targets);
    let content_type = content_type(table);
    let method = method(table);
    let headers = headers(table);
    let token = token(table)?;
    let (value, body) = body(table)?;
    let settings =
        template::Settings { url: url?, method: method?, content_type: content_type?, headers: headers?, token, body };
    if let Err((kind, error)) = template_samples::check(&settings) {
        value.problem(format_args!("filled with a sample ({kind}): {error}"));
        return None;
    }
    Some(settings)
}

fn body<'d>(table: &Table<'d>) -> Option<(Value<'d>, String)> {
    match (table.value("body"), table.value("body-file")) {
        (Some(value), None) => Some((value, value.filled()?.to_owned())),
        (None, Some(file)) => Some((file, paths::text(&file)?)),
        (Some(_), Some(file)) => {
            file.problem("`body` is there too; write one of them");
            None
        }
        (None, None) => {
            table.problem("body", "missing; write `body`, the template of what is sent, or `body-file`, its path");
            None
        }
    }
}

fn content_type(table: &Table<'_>) -> Option<HeaderValue> {
    let Some(value) = table.value("content-type") else { return Some(HeaderValue::from_static("application/json")) };
    let text = value.filled()?;
    let parsed = HeaderValue::from_str(text).ok().filter(|_| text.contains('/'));
    if parsed.is_none() {
        value.wrong("that is no content type", "write e.g. \"application/json\" or \"text/plain; charset=utf-8\"");
    }
    parsed
}

fn method(table: &Table<'_>) -> Option<Method> {
    let Some(value) = table.value("method") else { return Some(Method::POST) };
    match value.text()? {
        "POST" => Some(Method::POST),
        "PUT" => Some(Method::PUT),
        _ => {
            value.wrong("that is no way to send something", "write \"POST\" or \"PUT\"");
            None
        }
    }
}

fn headers(table: &Table<'_>) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    let mut all_right = true;
    for (name, value) in table.texts_by_name("headers") {
        let header = HeaderName::try_from(name).ok();
        let text = value.text().and_then(|text| HeaderValue::from_str(text).ok());
        match (header, text) {
            (Some(header), _) if header == AUTHORIZATION => {
                value.problem(
                    "secrets do not belong into this file; write the token into a file, and its path as `token-file`",
                );
                all_right = false;
            }
            (Some(header), Some(text)) => {
                headers.insert(header, text);
            }
            (None, _) | (_, None) => {
                value.problem(format_args!("`{name}` or its value can be no header; write plain letters"));
                all_right = false;
            }
        }
    }
    all_right.then_some(headers)
}
