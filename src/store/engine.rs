//! What the store needs of an SQL engine, and nothing more: statements in, rows out, transactions around them. Not a query builder
//! and not a mapper: the statements are written out where they are used, in the SQL that SQLite and PostgreSQL share.
//!
//! What that common SQL keeps to: whole numbers, text and bytes; moments as microseconds; `$1 … $n`; `ON CONFLICT`, `RETURNING`,
//! `LIMIT $n`; no function of date, JSON or the clock. The words of table definitions that differ are in `Words`.

use std::error::Error;
use std::path::Path;

use super::error::Fault;
use super::row::{Row, Value};

/// An open connection to a database. One transaction at a time.
pub(super) trait Engine: Send {
    /// Carries out a statement; how many rows it wrote.
    fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, EngineError>;

    /// Every row that a statement gives.
    fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, EngineError>;

    /// Carries out several statements without values, separated by `;`.
    fn execute_script(&mut self, sql: &str) -> Result<(), EngineError>;

    /// Begins a transaction; one that was left open by a panic is rolled back first.
    fn begin(&mut self, intent: Intent) -> Result<(), EngineError>;

    /// Makes what the transaction wrote durable; when it returns, a power cut loses nothing of it.
    fn commit(&mut self) -> Result<(), EngineError>;

    /// Undoes the transaction, if there still is one. Cannot fail: an engine that cannot undo has already.
    fn rollback(&mut self);

    /// How this engine spells the words of table definitions.
    fn words(&self) -> Words;

    /// Writes a consistent copy of everything to a new file, while others go on.
    fn copy_to(&mut self, file: &Path) -> Result<(), EngineError>;

    /// What the engine's own check of its files complains about.
    fn complaints(&mut self) -> Result<Vec<String>, EngineError>;

    /// Every table of the schema but that of its version, with its columns.
    fn tables(&mut self) -> Result<Vec<Table>, EngineError>;

    /// From here to the commit rows may refer to rows that come later.
    fn defer_references(&mut self) -> Result<(), EngineError>;

    /// How many bytes all of it takes.
    fn size_bytes(&mut self) -> Result<u64, EngineError>;

    /// Gives the room of what was removed back to the disk; nobody else may use the database meanwhile.
    fn compact(&mut self) -> Result<(), EngineError>;

    /// Brings everything that was acknowledged into the one file that has the name of the database.
    fn gather(&mut self) -> Result<(), EngineError>;
}

/// A table as the engine knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, in their order.
    pub columns: Vec<Column>,
    /// The columns that make a row the only one, in their order.
    pub key: Vec<String>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub holds: Holds,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// Whole numbers.
    Integers,
    /// Text.
    Texts,
    /// Bytes.
    Bytes,
}

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Intent {
    /// Several reads that must agree with each other.
    Read,
    /// Writing: waits for other writers at its beginning, never half-way.
    Write,
}

/// The words of table definitions that every engine spells its own way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    /// A column that numbers its rows: `{ID}`.
    pub id: &'static str,
    /// A whole number of 64 bits: `{INTEGER}`.
    pub integer: &'static str,
    /// Bytes: `{BYTES}`.
    pub bytes: &'static str,
    /// What makes a table insist on its types: `{STRICT}`.
    pub strict: &'static str,
}

/// What an engine says when it does not do as told.
#[derive(Debug)]
pub(super) struct EngineError {
    /// The kind, by the remedy it needs.
    pub fault: Fault,
    /// The engine's own error.
    pub source: Box<dyn Error + Send + Sync>,
}

impl Words {
    /// Table definitions in this engine's words.
    pub(super) fn put_into(self, sql: &str) -> String {
        sql.replace("{ID}", self.id)
            .replace("{INTEGER}", self.integer)
            .replace("{BYTES}", self.bytes)
            .replace("{STRICT}", self.strict)
    }
}

/// The condition of a statement, put together from those parts that are asked for.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    parts: Vec<String>,
    /// The values of the placeholders so far.
    pub values: Vec<Value>,
}

impl Conditions {
    /// One more part; every `?` in it stands for this one value.
    pub(super) fn add(&mut self, part: &str, value: impl Into<Value>) {
        let placeholder = self.placeholder(value);
        self.parts.push(part.replace('?', &placeholder));
    }

    /// One more part, whose values have their placeholders already.
    pub(super) fn require(&mut self, part: String) {
        self.parts.push(part);
    }

    /// One more part, whose placeholders are there already.
    pub(super) fn add_part(&mut self, part: String) {
        self.parts.push(part);
    }

    /// A value that stands somewhere else in the statement; its placeholder.
    pub(super) fn placeholder(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// `WHERE …`, or nothing where nothing was asked for.
    pub(super) fn text(&self) -> String {
        if self.parts.is_empty() { String::new() } else { format!("WHERE {}", self.parts.join(" AND ")) }
    }
}

/// How many values one list in a statement may hold, well below the limits of both engines.
const LONGEST_LIST: usize = 500;

/// Runs a statement whose `{LIST}` is a list of keys, in as many pieces as it needs; the rows of all pieces.
pub(super) fn query_list(engine: &mut dyn Engine, sql: &str, keys: &[String]) -> Result<Vec<Row>, EngineError> {
    let mut rows = Vec::new();
    for keys in keys.chunks(LONGEST_LIST) {
        let length = list_length(keys.len());
        let list: Vec<String> = (1..=length).map(|number| format!("${number}")).collect();
        // The last key once more, as often as it takes: a list has what it has, however often.
        let padded = keys.iter().chain(std::iter::repeat(&keys[keys.len() - 1])).take(length);
        let values: Vec<Value> = padded.map(|key| Value::from(key.as_str())).collect();
        rows.extend(engine.query(&sql.replace("{LIST}", &list.join(", ")), &values)?);
    }
    Ok(rows)
}

/// How many places a list of so many keys gets. Few lengths are few statements: each is prepared and kept by every connection, and one of
/// hundreds of places takes a tenth of a megabyte.
fn list_length(n_keys: usize) -> usize {
    n_keys.next_power_of_two().min(LONGEST_LIST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_few_lengths_so_that_few_statements_are_kept() {
        let lengths: std::collections::BTreeSet<usize> = (1..=LONGEST_LIST).map(list_length).collect();
        assert!((1..=LONGEST_LIST).all(|n_keys| (n_keys..=2 * n_keys).contains(&list_length(n_keys))));
        assert_eq!((lengths.len(), lengths.last()), (10, Some(&LONGEST_LIST)));
    }

    #[test]
    fn conditions_number_their_placeholders_in_the_order_of_their_values() {
        let mut conditions = Conditions::default();
        assert_eq!(conditions.text(), "");
        conditions.add("(source = ? OR ? = '')", "iso");
        conditions.add("seen_at >= ?", 7_i64);
        assert_eq!(conditions.text(), "WHERE (source = $1 OR $1 = '') AND seen_at >= $2");
        assert_eq!(conditions.placeholder(10_i64), "$3");
        assert_eq!(conditions.values, [Value::from("iso"), Value::Integer(7), Value::Integer(10)]);
    }
}
