//! `[mail]`: how mail is sent. Not the sending, and not to whom.

use std::time::Duration;

use lettre::message::Mailbox;

use crate::deliver::email::{Server, Settings};

use super::dkim;
use super::paths;
use super::table::Table;
use super::value::Value;
use super::words;

/// RFC 5321 would wait five minutes; a server that takes longer than this is tried again later.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Reads `[mail]`.
pub(super) fn read(table: &Table<'_>) -> Option<Settings> {
    let server = table.required("server").and_then(|value| value.understood(Server::parse));
    let from = table.required("from").and_then(|value| mailbox(&value));
    let user = table.value("user").and_then(|value| value.filled()).map(str::to_owned);
    let password = table.value("password-file").and_then(|value| paths::secret(&value));
    match (table.value("user"), table.value("password-file")) {
        (Some(user), None) => user.problem("there is no password-file; write one, or leave the user out"),
        (None, Some(file)) => file.problem("there is no user; write one, or leave the password-file out"),
        (Some(_), Some(_)) | (None, None) => {}
    }
    let extra_ca = table.value("ca-file").and_then(|value| paths::certificates(&value));
    let timeout = table.value("timeout").and_then(|value| words::deadline(&value)).unwrap_or(TIMEOUT);
    let unsubscribe_mailto = table.value("unsubscribe-mailto").and_then(|value| mailbox(&value));
    let dkim = dkim::read(table, from.as_ref());
    Some(Settings { server: server?, user, password, from: from?, extra_ca, timeout, unsubscribe_mailto, dkim })
}

fn mailbox(value: &Value<'_>) -> Option<Mailbox> {
    let parse = |text: &str| text.parse::<Mailbox>().map_err(|_| "that is no mail address");
    value.parsed(parse, "write e.g. \"Stagewatch <stagewatch@example.org>\"")
}
