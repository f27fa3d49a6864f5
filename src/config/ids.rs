//! The names that tables give themselves, each used once in all files. Not what they name.

use std::collections::BTreeMap;

use super::problem::Place;
use super::table::Table;

/// Long enough to be telling, short enough for a column.
const LONGEST_ID: usize = 64;

/// The ids taken so far, with where; a source and a watch may share one.
#[derive(Debug, Default)]
pub(super) struct Ids {
    taken: BTreeMap<String, BTreeMap<String, Place>>,
}

impl Ids {
    /// The `id` of a table, where it is a name that nothing of its kind has yet.
    pub(super) fn claim(&mut self, table: &Table<'_>) -> Option<String> {
        let value = table.required("id")?;
        let id = value.text()?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if id.len() > LONGEST_ID || !id.starts_with(|c: char| c.is_ascii_alphanumeric()) || !id.chars().all(plain) {
            value.wrong(
                "that is no id",
                format_args!("write up to {LONGEST_ID} letters a-z, digits and `-`, a letter or digit first"),
            );
            return None;
        }
        let taken = self.taken.entry(value.key()).or_default();
        if let Some(first) = taken.get(id) {
            value.wrong(format_args!("that id is taken at {first}"), "give each its own");
            return None;
        }
        taken.insert(id.to_owned(), value.place());
        Some(id.to_owned())
    }

    /// The ids under a key such as `watch.id`, in alphabetical order.
    pub(super) fn taken(&self, key: &str) -> impl Iterator<Item = &str> + Clone {
        self.taken.get(key).into_iter().flat_map(|ids| ids.keys().map(String::as_str))
    }
}
