//! A cursor over one table: it knows which keys the table may have, hands out their values, and notes what is missing or unknown.
//! Not what values mean: that is said by each section's reader.

use std::collections::BTreeMap;
use std::fmt::Display;

use toml::de::{DeTable, DeValue};

use super::document::Context;
use super::keys::{Keys, TABLES};
use super::problem::Place;
use super::suggestion::nearest;
use super::value::Value;

/// One table of a document, whose keys were checked when it was opened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table<'d> {
    context: Context<'d>,
    keys: &'static Keys,
    entries: &'d DeTable<'d>,
    offset: usize,
}

impl<'d> Table<'d> {
    /// Opens a table and notes every key that it may not have.
    pub(super) fn open(
        context: Context<'d>,
        keys: &'static Keys,
        entries: &'d DeTable<'d>,
        offset: usize,
    ) -> Table<'d> {
        let table = Table { context, keys, entries, offset };
        for key in entries.keys().filter(|key| keys.about(key.get_ref()).is_none()) {
            let place = context.document.place(key.span().start);
            context.report.problem(place, keys.full(key.get_ref()), unknown(key.get_ref(), keys));
        }
        table
    }

    /// What it is called in messages: `source`.
    pub(super) fn name(&self) -> &'static str {
        self.keys.table
    }

    /// The line of its heading.
    pub(super) fn place(&self) -> Place {
        self.context.document.place(self.offset)
    }

    /// Notes a problem of the table as a whole, under one of its keys (or under none).
    pub(super) fn problem(&self, key: &str, what: impl Display) {
        let name = if key.is_empty() { self.keys.table.to_owned() } else { self.keys.full(key) };
        self.context.report.problem(self.place(), name, what);
    }

    /// The value of a key, where the table has it.
    pub(super) fn value(&self, key: &'static str) -> Option<Value<'d>> {
        debug_assert!(self.keys.about(key).is_some(), "`{key}` is not among the keys of {}", self.keys.heading);
        self.entries.get(key).map(|found| Value::new(self.context, self.keys, key, found))
    }

    /// The value of a key that only some tables of this shape have.
    pub(super) fn known_value(&self, key: &'static str) -> Option<Value<'d>> {
        self.keys.about(key).and_then(|_| self.value(key))
    }

    /// The value of a key that must be there.
    pub(super) fn required(&self, key: &'static str) -> Option<Value<'d>> {
        let value = self.value(key);
        if value.is_none() {
            let about = self.keys.about(key).unwrap_or_default();
            self.problem(key, format_args!("missing; write `{key}`, {about}"));
        }
        value
    }

    /// The values of a list; empty when the key is absent.
    pub(super) fn list(&self, key: &'static str) -> Vec<Value<'d>> {
        self.value(key).map(|value| value.list()).unwrap_or_default()
    }

    /// The table under a key: `[mail]`, `[subscriber.email]`.
    pub(super) fn table(&self, key: &'static str, keys: &'static Keys) -> Option<Table<'d>> {
        let value = self.value(key)?;
        if let DeValue::Table(entries) = value.found() {
            return Some(Table::open(self.context, keys, entries, value.offset()));
        }
        value.wrong("that is no table", format_args!("write {} and its keys below", keys.heading));
        None
    }

    /// The tables under a key: every `[[source]]`.
    pub(super) fn tables(&self, key: &'static str, keys: &'static Keys) -> Vec<Table<'d>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let remedy = format!("write {} and its keys below, once for each", keys.heading);
        let DeValue::Array(array) = value.found() else {
            value.wrong("that is not a list of tables", &remedy);
            return Vec::new();
        };
        let elements = array.iter().filter_map(|element| {
            if let DeValue::Table(entries) = element.get_ref() {
                return Some(Table::open(self.context, keys, entries, element.span().start));
            }
            Value::new(self.context, self.keys, key, element).wrong("that is no table", &remedy);
            None
        });
        elements.collect()
    }

    /// A table of any keys with texts as values: `{ Accept-Language = "zh" }`.
    pub(super) fn texts_by_name(&self, key: &'static str) -> BTreeMap<&'d str, Value<'d>> {
        let Some(value) = self.value(key) else { return BTreeMap::new() };
        let DeValue::Table(entries) = value.found() else {
            value.wrong("that is no table", "write { Name = \"value\" }");
            return BTreeMap::new();
        };
        entries
            .iter()
            .map(|(name, found)| (name.get_ref().as_ref(), Value::new(self.context, self.keys, key, found)))
            .collect()
    }
}

/// What to say of a key that the table does not have.
fn unknown(key: &str, keys: &Keys) -> String {
    let known = || keys.all.iter().map(|(key, _)| *key);
    if let Some(near) = nearest(key, known()) {
        let about = keys.about(near).unwrap_or_default();
        return format!("no such key; did you mean `{near}` ({about})?");
    }
    if let Some(home) = TABLES.iter().find(|table| table.about(key).is_some()) {
        return format!("no such key here; it belongs under {}", home.heading);
    }
    format!("no such key; {} knows {}", keys.heading, known().collect::<Vec<_>>().join(", "))
}
