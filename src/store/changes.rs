//! Changes as they were recorded, by moment and by what they concern. A change never changes; which other sources showed it later is
//! kept beside it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Store;
use super::engine::{Conditions, Engine, Intent, query_list};
use super::error::{Failure, StoreError};
use super::migrations::{Teller, Upgrade};
use super::row::{Row, Value};
use crate::changes::change::RecordedChange;
use crate::records::change::ChangeRecord;
use crate::standards::project::ProjectId;

/// Which changes to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeFilter {
    /// Seen then or later.
    pub since: Option<Timestamp>,
    /// Seen before then.
    pub until: Option<Timestamp>,
    /// Shown first by this source.
    pub source: Option<String>,
    /// Of this project.
    pub project: Option<ProjectId>,
    /// At most so many, the newest of them.
    pub limit: Option<u32>,
}

impl Store {
    /// The changes asked for, in the order in which they were seen, with all sources that showed them since.
    pub fn changes(&self, filter: &ChangeFilter) -> Result<Vec<RecordedChange>, StoreError> {
        self.read("list changes", |engine| {
            let mut conditions = conditions_of(filter);
            let limit = conditions.placeholder(filter.limit.map_or(i64::MAX, i64::from));
            let asked = conditions.text();
            let sql = format!(
                "SELECT id, record, sequence FROM changes {asked} ORDER BY seen_at DESC, id DESC LIMIT {limit}"
            );
            let mut rows = engine.query(&sql, &conditions.values)?;
            rows.reverse();
            changes_from(engine, &rows)
        })
    }

    /// The changes of these ids, in the order in which they were seen; an id that no change has is passed over.
    pub fn changes_named(&self, ids: &[String]) -> Result<Vec<RecordedChange>, StoreError> {
        self.read("read changes", |engine| {
            let rows = query_list(engine, "SELECT id, record, sequence FROM changes WHERE id IN ({LIST})", ids)?;
            let mut changes = changes_from(engine, &rows)?;
            changes.sort_by(|one, other| (one.seen_at, &one.id).cmp(&(other.seen_at, &other.id)));
            Ok(changes)
        })
    }

    /// One change.
    pub fn change(&self, id: &str) -> Result<Option<RecordedChange>, StoreError> {
        self.read("read a change", |engine| {
            let rows = engine.query("SELECT id, record, sequence FROM changes WHERE id = $1", &[id.into()])?;
            Ok(changes_from(engine, &rows)?.pop())
        })
    }
}

impl Store {
    /// Gives each change the number that it has among those of its project when it is recorded next: 1, 2, 3 …
    pub fn number(&self, changes: &mut [RecordedChange]) -> Result<(), StoreError> {
        self.read("number changes", |engine| {
            let mut last: BTreeMap<ProjectId, u64> = BTreeMap::new();
            for change in changes {
                let project = change.change.after.id.clone();
                let before = match last.get(&project) {
                    Some(before) => *before,
                    None => last_number(engine, &project)?,
                };
                change.sequence = before + 1;
                last.insert(project, before + 1);
            }
            Ok(())
        })
    }
}

impl Store {
    /// The number of the newest change of each of these projects, and when it was seen; a project without any is not in the answer.
    pub fn newest_changes(&self, projects: &[ProjectId]) -> Result<BTreeMap<ProjectId, (u64, Timestamp)>, StoreError> {
        let keys: Vec<String> = projects.iter().map(ToString::to_string).collect();
        self.read("read which changes are the newest", |engine| {
            let sql = "SELECT project, max(sequence) AS last, max(seen_at) AS at FROM changes WHERE project IN ({LIST}) \
                       GROUP BY project";
            let rows = query_list(engine, sql, &keys)?;
            rows.iter()
                .map(|row| {
                    let project = ProjectId::parse(row.words("project")?).ok_or_else(|| row.unreadable("project"))?;
                    Ok((project, (row.number("last")?, row.moment("at")?)))
                })
                .collect()
        })
    }
}

fn last_number(engine: &mut dyn Engine, project: &ProjectId) -> Result<u64, Failure> {
    let sql = "SELECT COALESCE(max(sequence), 0) AS last FROM changes WHERE project = $1";
    let rows = engine.query(sql, &[project.to_string().into()])?;
    rows.first().map_or(Ok(0), |row| row.number("last"))
}

/// Records changes, each with the next number of its project; one that is recorded already stays as it is.
pub(super) fn record(engine: &mut dyn Engine, changes: &[RecordedChange]) -> Result<(), Failure> {
    for change in changes {
        let mut stored = ChangeRecord::from(change);
        stored.also_seen_at.clear();
        let text = serde_json::to_string(&stored).expect("a record of text and numbers is JSON");
        let values: [Value; 6] = [
            change.id.as_str().into(),
            change.seen_at.into(),
            change.evidence.source.as_str().into(),
            change.change.after.id.to_string().into(),
            text.into(),
            change.change.kind.as_str().into(),
        ];
        let sql = "INSERT INTO changes (id, seen_at, source, project, record, kind, sequence) VALUES ($1, $2, $3, $4, $5, $6, \
                   (SELECT COALESCE(max(sequence), 0) + 1 FROM changes WHERE project = $4)) ON CONFLICT (id) DO NOTHING";
        engine.execute(sql, &values)?;
        note_watches(engine, change)?;
        for source in &change.also_seen_at {
            record_sight(engine, &change.id, source, change.seen_at)?;
        }
    }
    Ok(())
}

/// Notes which watches a change concerns, so that it can be found by them.
fn note_watches(engine: &mut dyn Engine, change: &RecordedChange) -> Result<(), Failure> {
    for watch in &change.watches {
        let sql = "INSERT INTO change_watches (watch, seen_at, change_id, kind) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (watch, seen_at, change_id) DO UPDATE SET kind = excluded.kind";
        let kind = change.change.kind.as_str();
        let values: [Value; 4] = [watch.as_str().into(), change.seen_at.into(), change.id.as_str().into(), kind.into()];
        engine.execute(sql, &values)?;
    }
    Ok(())
}

/// Notes the kind and the watches of changes that were recorded before the store kept them apart.
pub(super) fn fill_in(engine: &mut dyn Engine, teller: Teller<'_>) -> Result<(), Failure> {
    const AT_ONCE: u32 = 500;
    loop {
        let rows =
            engine.query("SELECT id, record, sequence FROM changes WHERE kind = '' LIMIT $1", &[AT_ONCE.into()])?;
        if rows.is_empty() {
            return Ok(());
        }
        teller(&Upgrade::Changes);
        engine.begin(Intent::Write)?;
        for change in changes_from(engine, &rows)? {
            let kind = change.change.kind.as_str();
            engine.execute("UPDATE changes SET kind = $1 WHERE id = $2", &[kind.into(), change.id.as_str().into()])?;
            note_watches(engine, &change)?;
        }
        engine.commit()?;
    }
}

/// Notes that another source shows a change too, the first time it does; a change that nobody recorded is passed over.
pub(super) fn record_sight(engine: &mut dyn Engine, change: &str, source: &str, at: Timestamp) -> Result<(), Failure> {
    let sql = "INSERT INTO also_seen (change_id, source, at) SELECT id, CAST($2 AS TEXT), CAST($3 AS BIGINT) FROM changes WHERE id = $1 \
               ON CONFLICT (change_id, source) DO NOTHING";
    engine.execute(sql, &[change.into(), source.into(), at.into()])?;
    Ok(())
}

fn conditions_of(filter: &ChangeFilter) -> Conditions {
    let mut conditions = Conditions::default();
    if let Some(since) = filter.since {
        conditions.add("seen_at >= ?", since);
    }
    if let Some(until) = filter.until {
        conditions.add("seen_at < ?", until);
    }
    if let Some(source) = &filter.source {
        conditions.add("source = ?", source);
    }
    if let Some(project) = &filter.project {
        conditions.add("project = ?", project.to_string());
    }
    conditions
}

pub(super) fn changes_from(engine: &mut dyn Engine, rows: &[Row]) -> Result<Vec<RecordedChange>, Failure> {
    let ids: Vec<String> = rows.iter().map(|row| row.text("id")).collect::<Result<_, _>>()?;
    let sql = "SELECT change_id, source FROM also_seen WHERE change_id IN ({LIST}) ORDER BY at, source";
    let mut sources: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in query_list(engine, sql, &ids)? {
        sources.entry(row.text("change_id")?).or_default().push(row.text("source")?);
    }
    rows.iter()
        .map(|row| {
            let record: ChangeRecord =
                serde_json::from_str(row.words("record")?).map_err(|_| row.unreadable("record"))?;
            let mut change = record.to_recorded().ok_or_else(|| row.unreadable("record"))?;
            change.sequence = row.number("sequence")?;
            change.also_seen_at = sources.remove(&change.id).unwrap_or_default();
            Ok(change)
        })
        .collect()
}
