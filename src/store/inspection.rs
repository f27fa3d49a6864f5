//! Looking into a database file without writing to it: whether it is ours, whole, of which schema, and what is in it. Works on copies
//! and on the file that a daemon uses.

use std::path::Path;

use jiff::Timestamp;

use super::engine::Engine;
use super::error::{Failure, Fault, StoreError};
use super::migrations;
use super::snapshots::{check_chain, key_frames};
use super::sqlite::Sqlite;

const DOING: &str = "look around";

/// What is in a database, in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// Its schema.
    pub schema: i64,
    /// How many bytes it takes, without what its write-ahead log holds.
    pub size_bytes: u64,
    /// Sources that were ever polled.
    pub n_sources: u64,
    /// Projects held, each counted once.
    pub n_projects: u64,
    /// Changes.
    pub n_changes: u64,
    /// Polls.
    pub n_polls: u64,
    /// Snapshots.
    pub n_snapshots: u64,
    /// Deliveries, settled or not.
    pub n_deliveries: u64,
    /// Deliveries that are to go out.
    pub n_waiting: u64,
    /// When a source was polled last.
    pub last_poll: Option<Timestamp>,
}

/// What came of looking closely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// What is in it.
    pub contents: Contents,
    /// What is wrong with it, line by line.
    pub complaints: Vec<String>,
}

/// Reads all of a database: the engine's own structure and every snapshot. An error where it is no database of ours, or is one of a
/// later version.
pub fn inspect(file: &Path) -> Result<Inspection, StoreError> {
    let mut sqlite = opened(file)?;
    let complaints = complaints_of(&mut sqlite).map_err(|failure| told(failure, file))?;
    // What the engine calls damaged may not be counted.
    match contents_of(&mut sqlite) {
        Ok(contents) => Ok(Inspection { contents, complaints }),
        Err(_) if !complaints.is_empty() => Err(StoreError::NotWhole { file: file.to_owned(), complaints }),
        Err(failure) => Err(told(failure, file)),
    }
}

/// What is in a database, without reading all of it.
pub fn contents(file: &Path) -> Result<Contents, StoreError> {
    contents_of(&mut opened(file)?).map_err(|failure| told(failure, file))
}

fn opened(file: &Path) -> Result<Sqlite, StoreError> {
    if !file.exists() {
        return Err(StoreError::NoFile(file.to_owned()));
    }
    let mut sqlite = Sqlite::open_to_look(file).map_err(|error| told(error.into(), file))?;
    let found = match schema_of(&mut sqlite) {
        // Without the table of its version it is a file that somebody made and never used.
        Err(Failure::Engine(error)) if error.fault == Fault::Refused => 0,
        found => found.map_err(|failure| told(failure, file))?,
    };
    let known = migrations::latest();
    if found > known {
        return Err(StoreError::Newer { database: file.to_owned(), found, known });
    }
    if found == 0 {
        let complaints = vec!["it has no tables yet".to_owned()];
        return Err(StoreError::NotWhole { file: file.to_owned(), complaints });
    }
    Ok(sqlite)
}

/// Damage is what is looked for: it is told of the file, not as a mishap on the way.
fn told(failure: Failure, file: &Path) -> StoreError {
    match failure {
        Failure::Engine(error) if error.fault == Fault::Damaged => {
            StoreError::NotWhole { file: file.to_owned(), complaints: vec![error.source.to_string()] }
        }
        failure => failure.told(DOING, file),
    }
}

fn schema_of(engine: &mut dyn Engine) -> Result<i64, Failure> {
    let rows = engine.query("SELECT version FROM schema_version", &[])?;
    rows.first().map_or(Ok(0), |row| row.number("version"))
}

fn complaints_of(engine: &mut dyn Engine) -> Result<Vec<String>, Failure> {
    let mut complaints = match engine.complaints() {
        Ok(complaints) => complaints,
        Err(error) if error.fault == Fault::Damaged => vec![error.source.to_string()],
        Err(error) => return Err(error.into()),
    };
    if !complaints.is_empty() {
        return Ok(complaints);
    }
    for key_frame in key_frames(engine)? {
        complaints.extend(check_chain(engine, &key_frame)?);
    }
    Ok(complaints)
}

fn contents_of(engine: &mut dyn Engine) -> Result<Contents, Failure> {
    let mut count = |of: &str| engine.query(&format!("SELECT count(*) AS n FROM {of}"), &[])?[0].number("n");
    let (n_sources, n_projects) = (count("sources")?, count("(SELECT DISTINCT project FROM holdings) AS held")?);
    let (n_changes, n_polls, n_snapshots) = (count("changes")?, count("polls")?, count("snapshots")?);
    let (n_deliveries, n_waiting) =
        (count("deliveries")?, count("deliveries WHERE state IN ('waiting', 'under-way')")?);
    let last_poll = engine.query("SELECT max(at) AS at FROM polls", &[])?[0].optional_moment("at")?;
    let (schema, size_bytes) = (schema_of(engine)?, engine.size_bytes()?);
    Ok(Contents {
        schema,
        size_bytes,
        n_sources,
        n_projects,
        n_changes,
        n_polls,
        n_snapshots,
        n_deliveries,
        n_waiting,
        last_poll,
    })
}
