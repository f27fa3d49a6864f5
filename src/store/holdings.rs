//! What every source showed when it was last accepted, project by project. Not what differs: that is decided before it comes here.

use std::collections::BTreeSet;

use super::Store;
use super::engine::{Conditions, Engine};
use super::error::{Failure, StoreError};
use super::register::rewritten;
use super::row::{Row, Value};
use crate::changes::comparison::{Held, Holdings};
use crate::records::project::ProjectRecord;

/// Which projects to look for, over all sources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectFilter {
    /// Only as this source shows them.
    pub source: Option<String>,
    /// Only those whose id is this text (`iso:80973`), whose number is (`80973`), or whose reference contains it.
    pub text: Option<String>,
}

impl Store {
    /// What was last accepted from a source; `None` where nothing ever was, which is not the same as an empty programme.
    pub fn holdings(&self, source: &str) -> Result<Option<Holdings>, StoreError> {
        self.read("read what a source showed", |engine| {
            let accepted = "SELECT source FROM sources WHERE source = $1 AND accepted_at IS NOT NULL";
            if engine.query(accepted, &[source.into()])?.is_empty() {
                return Ok(None);
            }
            let rows = engine.query("SELECT * FROM holdings WHERE source = $1", &[source.into()])?;
            let held = rows.iter().map(held_from).map(|held| held.map(|held| (held.project.id.clone(), held)));
            held.collect::<Result<Holdings, Failure>>().map(Some)
        })
    }

    /// Projects as their sources show them, each with its source; by id, then by source.
    pub fn projects(&self, filter: &ProjectFilter) -> Result<Vec<(String, Held)>, StoreError> {
        self.read("look for projects", |engine| {
            let mut conditions = Conditions::default();
            if let Some(source) = &filter.source {
                conditions.add("source = ?", source);
            }
            if let Some(text) = &filter.text {
                let text = escaped(&text.trim().to_lowercase());
                let id = conditions.placeholder(text.as_str());
                let number = conditions.placeholder(format!("%:{text}"));
                let like = |column: &str, pattern: &str| format!("lower({column}) LIKE {pattern} ESCAPE '!'");
                let by_id = format!("{} OR {}", like("project", &id), like("project", &number));
                conditions.add(&format!("({by_id} OR {})", like("reference", "?")), format!("%{text}%"));
            }
            let sql = format!("SELECT * FROM holdings {} ORDER BY project, source", conditions.text());
            let rows = engine.query(&sql, &conditions.values)?;
            rows.iter().map(|row| Ok((row.text("source")?, held_from(row)?))).collect()
        })
    }
}

/// Puts these holdings in the place of those before, writing only what differs. What was there is compared where it stands: of a large
/// source it would fill as much memory again as what comes.
pub(super) fn replace(engine: &mut dyn Engine, source: &str, holdings: &Holdings) -> Result<(), Failure> {
    let mut before: BTreeSet<String> = BTreeSet::new();
    for row in engine.query("SELECT project FROM holdings WHERE source = $1", &[source.into()])? {
        before.insert(row.text("project")?);
    }
    let mut is_rewritten = false;
    for (id, held) in holdings {
        let id = id.to_string();
        let record = record_of(held);
        if before.remove(&id)
            && is_held(engine, &[source.into(), id.as_str().into(), held.missed.into(), record.as_str().into()])?
        {
            continue;
        }
        let values: [Value; 5] =
            [source.into(), id.into(), held.project.reference.as_str().into(), held.missed.into(), record.into()];
        let sql = "INSERT INTO holdings (source, project, reference, missed, record) VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT (source, project) DO UPDATE \
                   SET reference = excluded.reference, missed = excluded.missed, record = excluded.record";
        engine.execute(sql, &values)?;
        is_rewritten = true;
    }
    is_rewritten |= !before.is_empty();
    for gone in before {
        engine.execute("DELETE FROM holdings WHERE source = $1 AND project = $2", &[source.into(), gone.into()])?;
    }
    if is_rewritten { rewritten(engine) } else { Ok(()) }
}

/// Whether a project is held just so.
fn is_held(engine: &mut dyn Engine, as_it_is: &[Value; 4]) -> Result<bool, Failure> {
    let sql = "SELECT project FROM holdings WHERE source = $1 AND project = $2 AND missed = $3 AND record = $4";
    Ok(!engine.query(sql, as_it_is)?.is_empty())
}

fn record_of(held: &Held) -> String {
    serde_json::to_string(&ProjectRecord::from(&held.project)).expect("a record of text and numbers is JSON")
}

pub(super) fn held_from(row: &Row) -> Result<Held, Failure> {
    let record: ProjectRecord = serde_json::from_str(row.words("record")?).map_err(|_| row.unreadable("record"))?;
    let project = record.to_project().ok_or_else(|| row.unreadable("record"))?;
    Ok(Held { project, missed: row.number("missed")? })
}

/// The text as a pattern that matches nothing but itself.
fn escaped(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}
