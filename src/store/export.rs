//! Everything as JSON lines, and back: for another machine, another engine, and other people's programs. The first line names the
//! version, the last one says how many rows there were, and each line between them is one row of one table, tables and rows in a fixed
//! order: what was taken in and is written out again is the same to the byte.
//!
//! Moments are written as moments, records as the JSON that they are, bytes in base64. What is left out: keys, which are secrets; revisions; the
//! payload of deliveries that are settled; and, unless they are asked for, snapshots with all that refers to them.

use std::io::{self, BufRead, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use super::engine::{Engine, Holds, Intent, Table};
use super::error::{Failure, StoreError};
use super::migrations;
use super::row::{Row, Value};
use super::{DeliveryState, Store};

const DOING: &str = "export";

/// The version of this way of writing.
const VERSION: u64 = 1;

/// The key of the first line.
const HEAD: &str = "stagewatch-export";

/// The key of the last line.
const END: &str = "end";

/// Secrets; and what says of copies in memory that they are old, which every database begins anew.
const NEVER: [&str; 2] = ["keys", "revisions"];

/// What cannot be without snapshots, and they themselves.
const WITH_SNAPSHOTS: [&str; 4] = ["bad_pages", "pages", "sightings", "snapshots"];

/// Columns whose text is JSON.
const RECORDS: [&str; 2] = ["headers", "record"];

/// How many rows are read at once; of tables with bytes, fewer.
const ROWS_AT_ONCE: usize = 500;
const LARGE_ROWS_AT_ONCE: usize = 8;

/// What goes into an export beside what always does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection {
    /// How polls ended.
    pub polls: bool,
    /// Snapshots, and which page had which of them.
    pub snapshots: bool,
}

impl Store {
    /// Writes everything of one moment as JSON lines; how many rows.
    pub fn export(&self, selection: Selection, out: &mut dyn Write) -> Result<u64, StoreError> {
        self.read(DOING, |engine| {
            let Selection { polls, snapshots } = selection;
            // Written by hand: a file is known by how it begins.
            let schema = migrations::latest();
            writeln!(out, "{{\"{HEAD}\":{VERSION},\"schema\":{schema},\"polls\":{polls},\"snapshots\":{snapshots}}}")
                .map_err(Failure::Stream)?;
            let mut n_rows = 0;
            for table in engine.tables()?.iter().filter(|table| selection.has(&table.name)) {
                n_rows += export_table(engine, table, out)?;
            }
            line(out, &json!({ END: { "rows": n_rows } }))?;
            out.flush().map_err(Failure::Stream)?;
            Ok(n_rows)
        })
    }
}

impl Selection {
    fn has(self, table: &str) -> bool {
        let is_left_out = NEVER.contains(&table)
            || (!self.polls && table == "polls")
            || (!self.snapshots && WITH_SNAPSHOTS.contains(&table));
        !is_left_out
    }
}

/// Whether a file begins as an export does.
pub(super) fn is_export(beginning: &[u8]) -> bool {
    beginning.starts_with(format!("{{\"{HEAD}\":").as_bytes())
}

fn line(out: &mut dyn Write, value: &Json) -> Result<(), Failure> {
    writeln!(out, "{value}").map_err(Failure::Stream)
}

fn export_table(engine: &mut dyn Engine, table: &Table, out: &mut dyn Write) -> Result<u64, Failure> {
    let has_bytes = table.columns.iter().any(|column| column.holds == Holds::Bytes);
    let at_once = if has_bytes { LARGE_ROWS_AT_ONCE } else { ROWS_AT_ONCE };
    let sql = format!("SELECT * FROM {} ORDER BY {} LIMIT $1 OFFSET $2", table.name, table.key.join(", "));
    let mut n_rows: u64 = 0;
    loop {
        let rows = engine.query(&sql, &[at_once.into(), n_rows.into()])?;
        for row in &rows {
            line(out, &json!({ table.name.as_str(): json_of(table, row)? }))?;
        }
        n_rows += rows.len() as u64;
        if rows.len() < at_once {
            return Ok(n_rows);
        }
    }
}

fn json_of(table: &Table, row: &Row) -> Result<Json, Failure> {
    let mut object = Map::new();
    for column in &table.columns {
        let name = column.name.as_str();
        let value = match column.holds {
            Holds::Integers => row.optional_number::<i64>(name)?.map_or(Json::Null, |number| {
                let moment = Timestamp::from_microsecond(number).ok().filter(|_| is_moment(name));
                moment.map_or_else(|| json!(number), |moment| json!(moment.to_string()))
            }),
            Holds::Texts => match row.optional_text(name)? {
                None => Json::Null,
                Some(text) if RECORDS.contains(&name) => {
                    serde_json::from_str(&text).map_err(|_| row.unreadable(name))?
                }
                Some(text) => Json::String(text),
            },
            Holds::Bytes if is_settled(table, row)? => Json::Null,
            Holds::Bytes => Json::String(BASE64.encode(row.blob(name)?)),
        };
        object.insert(column.name.clone(), value);
    }
    Ok(Json::Object(object))
}

fn is_moment(column: &str) -> bool {
    matches!(column, "at" | "since" | "failing_since" | "last_success") || column.ends_with("_at")
}

/// Whether a row is a delivery that is over.
fn is_settled(table: &Table, row: &Row) -> Result<bool, Failure> {
    if table.name != "deliveries" {
        return Ok(false);
    }
    let state = row.text("state")?;
    Ok([DeliveryState::Delivered, DeliveryState::Failed, DeliveryState::Dropped]
        .iter()
        .any(|settled| settled.as_str() == state))
}

/// Takes an export into a database that has nothing yet, all of it or nothing; how many rows.
pub(super) fn take_in(engine: &mut dyn Engine, input: &mut dyn BufRead) -> Result<u64, Failure> {
    let mut lines = Lines { input, number: 0 };
    let head = lines.next()?.ok_or_else(|| lines.wrong("the file is empty"))?;
    let schema = schema_of(&head).map_err(|what| lines.wrong(&what))?;
    migrations::begin_as(engine, schema)?;
    engine.begin(Intent::Write)?;
    let taken = take_rows(engine, &mut lines);
    if taken.is_err() {
        engine.rollback();
    }
    let n_rows = taken?;
    engine.commit()?;
    Ok(n_rows)
}

fn schema_of(head: &Json) -> Result<i64, String> {
    match head.get(HEAD).and_then(Json::as_u64) {
        Some(VERSION) => {}
        Some(version) => {
            return Err(format!("it is written in version {version}, and this stagewatch reads version {VERSION}"));
        }
        None => return Err("that is not the first line of an export".to_owned()),
    }
    let known = migrations::latest();
    match head.get("schema").and_then(Json::as_i64) {
        Some(schema) if (1..=known).contains(&schema) => Ok(schema),
        Some(schema) => Err(format!(
            "it has schema {schema} and this stagewatch knows only schemas up to {known}: install the version that wrote it"
        )),
        None => Err("it does not name its schema".to_owned()),
    }
}

fn take_rows(engine: &mut dyn Engine, lines: &mut Lines<'_>) -> Result<u64, Failure> {
    engine.defer_references()?;
    let tables = engine.tables()?;
    let mut n_rows: u64 = 0;
    while let Some(value) = lines.next()? {
        let Some((name, row)) = value.as_object().and_then(|object| object.iter().next()) else {
            return Err(lines.wrong("that is no row"));
        };
        if name == END {
            return match row.get("rows").and_then(Json::as_u64) {
                Some(wanted) if wanted == n_rows && lines.next()?.is_none() => Ok(n_rows),
                Some(wanted) => Err(lines.wrong(&format!("{n_rows} rows were read where {wanted} were written"))),
                None => Err(lines.wrong("it does not say how many rows there were")),
            };
        }
        let table = tables.iter().find(|table| table.name == *name && !NEVER.contains(&name.as_str()));
        let table = table.ok_or_else(|| lines.wrong(&format!("there is no table `{name}`")))?;
        let values = values_of(table, row).map_err(|what| lines.wrong(&what))?;
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        let places: Vec<String> = (1..=columns.len()).map(|place| format!("${place}")).collect();
        let sql = format!("INSERT INTO {name} ({}) VALUES ({})", columns.join(", "), places.join(", "));
        engine.execute(&sql, &values).map_err(|error| lines.wrong(&error.source.to_string()))?;
        n_rows += 1;
    }
    Err(lines.wrong("the end is missing: the file was cut short"))
}

fn values_of(table: &Table, row: &Json) -> Result<Vec<Value>, String> {
    let mut values = Vec::new();
    for column in &table.columns {
        let name = &column.name;
        let wrong = || format!("`{}` of `{}` cannot be read", name, table.name);
        let value = row.get(name).ok_or_else(|| format!("`{name}` of `{}` is missing", table.name))?;
        values.push(match (column.holds, value) {
            // The payload of a delivery that is over: it is not sent again.
            (Holds::Bytes, Json::Null) => Value::Blob(Vec::new()),
            (_, Json::Null) => Value::Null,
            (Holds::Integers, Json::String(text)) => text.parse::<Timestamp>().map_err(|_| wrong())?.into(),
            (Holds::Integers, number) => number.as_i64().ok_or_else(wrong)?.into(),
            (Holds::Texts, Json::String(text)) if !RECORDS.contains(&name.as_str()) => text.into(),
            (Holds::Texts, record) => record.to_string().into(),
            (Holds::Bytes, Json::String(text)) => Value::Blob(BASE64.decode(text).map_err(|_| wrong())?),
            (Holds::Bytes, _) => return Err(wrong()),
        });
    }
    Ok(values)
}

/// The lines of an export with their numbers.
struct Lines<'a> {
    input: &'a mut dyn BufRead,
    number: u64,
}

impl Lines<'_> {
    fn next(&mut self) -> Result<Option<Json>, Failure> {
        let mut text = String::new();
        self.number += 1;
        let n_bytes = match self.input.read_line(&mut text) {
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Err(self.wrong("that is no text")),
            read => read.map_err(Failure::Stream)?,
        };
        if n_bytes == 0 {
            return Ok(None);
        }
        serde_json::from_str(&text).map(Some).map_err(|error| self.wrong(&format!("that is no JSON: {error}")))
    }

    fn wrong(&self, what: &str) -> Failure {
        Failure::Export(self.number, what.to_owned())
    }
}
