//! The keys of a `[[subscriber]]` that say when they are told: at once or by a digest, not in quiet hours, not while paused. Not of what.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use crate::deliver::Channel;
use crate::timing::Schedule;
use crate::timing::quiet::{Quiet, hours_of, weekday_of};

use super::suggestion::instead_of;
use super::table::Table;
use super::value::Value;
use super::words;

/// When a subscriber is told.
#[derive(Debug, Clone, Default)]
pub struct Manner {
    /// By mail, and wherever people read.
    pub when: When,
    /// By webhook: a program does not mind the hour, so it is told at once unless it says otherwise.
    pub webhook_when: When,
    /// Not then; webhooks do not mind.
    pub quiet: Option<Quiet>,
    /// Not at all, for now; webhooks too.
    pub paused: Option<Paused>,
}

/// At once, or gathered.
#[derive(Debug, Clone, Default)]
pub enum When {
    /// As soon as it is known.
    #[default]
    Immediately,
    /// Everything since the last time, in one message.
    Digest(Digest),
}

/// A gathered message.
#[derive(Debug, Clone)]
pub struct Digest {
    /// When it goes out.
    pub schedule: Schedule,
    /// Whether also when nothing happened.
    pub when_empty: bool,
}

/// What becomes of what happens during a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paused {
    /// It is told when the pause is over.
    Hold,
    /// It is never told by itself.
    Drop,
}

impl Manner {
    /// When they are told over this channel.
    pub fn when(&self, channel: Channel) -> &When {
        match channel {
            Channel::Webhook => &self.webhook_when,
            _ => &self.when,
        }
    }

    /// The hours in which nothing goes out over this channel.
    pub fn quiet(&self, channel: Channel) -> Option<&Quiet> {
        self.quiet.as_ref().filter(|_| channel != Channel::Webhook)
    }
}

/// Reads the keys of a `[[subscriber]]`; `webhook` is its table, where there is one.
pub(super) fn read(table: &Table<'_>, webhook: Option<&Table<'_>>) -> Manner {
    let zone = table.value("timezone").and_then(|value| words::time_zone(&value)).unwrap_or(TimeZone::UTC);
    let when_empty = table.value("digest-when-empty").and_then(|value| value.flag());
    let when_of = |value: Value<'_>| when(&value, &zone, when_empty.unwrap_or(false));
    // A `when` that is wrong is told once, not twice.
    let when = table.value("when").map_or(Some(When::Immediately), when_of);
    if let (Some(value), Some(true), Some(When::Immediately)) = (table.value("digest-when-empty"), when_empty, &when) {
        value.wrong("there is no digest that could be empty", "write `when`, a schedule, or leave this out");
    }
    Manner {
        when: when.unwrap_or_default(),
        webhook_when: webhook.and_then(|table| table.value("when")).and_then(when_of).unwrap_or_default(),
        quiet: quiet(table, &zone),
        paused: table.value("paused").and_then(|value| paused(&value)),
    }
}

fn when(value: &Value<'_>, zone: &TimeZone, when_empty: bool) -> Option<When> {
    let text = value.filled()?;
    if text == "immediately" {
        return Some(When::Immediately);
    }
    if !text.starts_with('@') && text.split_whitespace().count() == 1 {
        value.wrong(
            "no such time",
            "write \"immediately\", or a schedule for a digest, e.g. \"0 8 * * Mon\" or \"@daily\"",
        );
        return None;
    }
    let schedule = value.understood(|text| Schedule::parse(text.trim(), zone.clone()))?;
    Some(When::Digest(Digest { schedule, when_empty }))
}

fn quiet(table: &Table<'_>, zone: &TimeZone) -> Option<Quiet> {
    let hours = table.value("quiet").and_then(|value| value.understood(hours_of));
    let days: Vec<Weekday> = table.list("quiet-days").iter().filter_map(weekday).collect();
    if days.len() >= 7 {
        table.problem("quiet-days", "names every day: nothing would ever go out; write `paused = \"hold\"` for that");
        return None;
    }
    (hours.is_some() || !days.is_empty()).then(|| Quiet::new(hours, days, zone.clone()))
}

fn weekday(value: &Value<'_>) -> Option<Weekday> {
    value.parsed(|text| weekday_of(text).ok_or("that is no weekday"), "write e.g. \"Sat\"")
}

fn paused(value: &Value<'_>) -> Option<Paused> {
    let text = value.text()?;
    match text {
        "hold" => Some(Paused::Hold),
        "drop" => Some(Paused::Drop),
        _ => {
            value.wrong("no such pause", instead_of(text, ["hold", "drop"]));
            None
        }
    }
}
