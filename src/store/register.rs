//! All projects of all sources, piece by piece, for whoever keeps them at hand; and the number by which a copy is known to be old. Not which
//! of several sources is right.

use super::Store;
use super::engine::Engine;
use super::error::{Failure, StoreError};
use super::holdings::held_from;
use super::row::Value;
use crate::changes::comparison::Held;
use crate::standards::project::ProjectId;

/// How many rows are read at once.
const PIECE: u32 = 400;

/// A project as one source shows it, and where it stands in the list of all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The source.
    pub source: String,
    /// What it shows.
    pub held: Held,
}

impl Store {
    /// A number that grows whenever what sources show, or what is known of stages, is rewritten.
    pub fn revision(&self) -> Result<i64, StoreError> {
        self.read("read the revision of projects", |engine| {
            let rows = engine.query("SELECT number FROM revisions WHERE what = 'projects'", &[])?;
            rows.first().map_or(Ok(0), |row| row.number("number"))
        })
    }

    /// Projects as their sources show them, by id and then by source, from after that place; at most so many.
    pub fn shown_after(&self, after: Option<(&ProjectId, &str)>, limit: u32) -> Result<Vec<Shown>, StoreError> {
        self.read("read all projects", |engine| {
            let (project, source) =
                after.map_or((String::new(), ""), |(project, source)| (project.to_string(), source));
            let sql = "SELECT * FROM holdings WHERE (project, source) > ($1, $2) ORDER BY project, source LIMIT $3";
            let values: [Value; 3] = [project.into(), source.into(), limit.into()];
            let rows = engine.query(sql, &values)?;
            rows.iter().map(|row| Ok(Shown { source: row.text("source")?, held: held_from(row)? })).collect()
        })
    }

    /// Shows every project as every source shows it, by id and then by source: a few hundred are in memory at once.
    pub fn look_through(&self, look: &mut dyn FnMut(Shown)) -> Result<(), StoreError> {
        let mut after: Option<(ProjectId, String)> = None;
        loop {
            let place = after.as_ref().map(|(project, source)| (project, source.as_str()));
            let piece = self.shown_after(place, PIECE)?;
            let is_last = piece.len() < PIECE as usize;
            after = piece.last().map(|shown| (shown.held.project.id.clone(), shown.source.clone()));
            piece.into_iter().for_each(&mut *look);
            if is_last {
                return Ok(());
            }
        }
    }

    /// A project as every source shows it.
    pub fn shown(&self, projects: &[ProjectId]) -> Result<Vec<Shown>, StoreError> {
        let keys: Vec<String> = projects.iter().map(ToString::to_string).collect();
        self.read("read projects", |engine| {
            let sql = "SELECT * FROM holdings WHERE project IN ({LIST}) ORDER BY project, source";
            let rows = super::engine::query_list(engine, sql, &keys)?;
            rows.iter().map(|row| Ok(Shown { source: row.text("source")?, held: held_from(row)? })).collect()
        })
    }
}

/// Notes that what sources show is no longer what it was.
pub(super) fn rewritten(engine: &mut dyn Engine) -> Result<(), Failure> {
    engine.execute("UPDATE revisions SET number = number + 1 WHERE what = 'projects'", &[])?;
    Ok(())
}
