//! Every stage that a project is known to have been in, in the order in which it was noted: a clock that was set back must not put the
//! newest before the end. Not which of them is news.

use std::collections::BTreeMap;

use super::Store;
use super::engine::{Engine, query_list};
use super::error::{Failure, StoreError};
use super::register::rewritten;
use super::row::{Row, Value};
use crate::changes::corroboration::KnownStage;
use crate::records::project::StageRecord;
use crate::standards::project::ProjectId;

/// The rows of how many projects are read at once: they are larger than what is made of them.
const AT_ONCE: usize = 64;

impl Store {
    /// The known stages of these projects, in order of sight; a project without any is not in the answer.
    pub fn known_stages(&self, projects: &[ProjectId]) -> Result<BTreeMap<ProjectId, Vec<KnownStage>>, StoreError> {
        self.read("read the stages of projects", |engine| known(engine, projects))
    }

    /// Every stage that this project has been through, in order of sight.
    pub fn history(&self, project: &ProjectId) -> Result<Vec<KnownStage>, StoreError> {
        let mut known = self.known_stages(std::slice::from_ref(project))?;
        Ok(known.remove(project).unwrap_or_default())
    }
}

/// Notes stages seen for the first time; one that is noted already, to the moment, stays as it is.
pub(super) fn note(engine: &mut dyn Engine, stages: &[(ProjectId, KnownStage)]) -> Result<(), Failure> {
    if !stages.is_empty() {
        rewritten(engine)?;
    }
    for (project, known) in stages {
        let record = serde_json::to_string(&StageRecord::from(&known.stage)).expect("a record of text is JSON");
        let values: [Value; 7] = [
            project.to_string().into(),
            known.stage.printed.as_str().into(),
            record.into(),
            known.since.map(|day| day.to_string()).unwrap_or_default().into(),
            known.seen_at.into(),
            known.source.as_str().into(),
            known.change.as_deref().into(),
        ];
        let sql = "INSERT INTO known_stages (project, printed, record, since, seen_at, source, change_id) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (project, printed, since, seen_at) DO NOTHING";
        engine.execute(sql, &values)?;
    }
    Ok(())
}

fn known(engine: &mut dyn Engine, projects: &[ProjectId]) -> Result<BTreeMap<ProjectId, Vec<KnownStage>>, Failure> {
    let keys: Vec<String> = projects.iter().map(ToString::to_string).collect();
    let sql = "SELECT * FROM known_stages WHERE project IN ({LIST}) ORDER BY id";
    let mut known: BTreeMap<ProjectId, Vec<KnownStage>> = BTreeMap::new();
    for keys in keys.chunks(AT_ONCE) {
        for row in query_list(engine, sql, keys)? {
            let project = ProjectId::parse(row.words("project")?).ok_or_else(|| row.unreadable("project"))?;
            known.entry(project).or_default().push(stage_from(&row)?);
        }
    }
    Ok(known)
}

fn stage_from(row: &Row) -> Result<KnownStage, Failure> {
    let record: StageRecord = serde_json::from_str(row.words("record")?).map_err(|_| row.unreadable("record"))?;
    let since = row.text("since")?;
    Ok(KnownStage {
        stage: record.to_stage(),
        since: if since.is_empty() { None } else { Some(since.parse().map_err(|_| row.unreadable("since"))?) },
        seen_at: row.moment("seen_at")?,
        source: row.text("source")?,
        change: row.optional_text("change_id")?,
    })
}
