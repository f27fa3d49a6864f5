//! The schema, step by step: every database is brought up to date when it is opened. Steps are appended, never changed. Not the
//! tables themselves: those are in `migrations/*.sql`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::engine::{Engine, Intent};
use super::error::{Failure, StoreError};
use super::lock;
use super::room::{beside, finish, folder_of, insist_on_room, remove};

/// What is done next to a database that is brought up to date: told before it begins, since each may take minutes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Upgrade {
    /// It is of an earlier schema, and is copied before anything else happens to it.
    Copy {
        /// The schema that it is of.
        from: i64,
        /// The schema that it is brought to.
        to: i64,
        /// The copy.
        copy: PathBuf,
    },
    /// There is none yet, and it is made.
    Make,
    /// The schema takes a step.
    Step {
        /// Which, from 1 on.
        number: usize,
        /// How many there are.
        of: usize,
    },
    /// Some more of the changes that an earlier version recorded are noted under what pages ask for.
    Changes,
}

/// Told what is done next.
pub type Teller<'a> = &'a mut dyn FnMut(&Upgrade);

/// Every step in order; the schema's version is how many of them were taken.
const STEPS: &[&str] = &[
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_outbox.sql"),
    include_str!("migrations/0003_pulse.sql"),
    include_str!("migrations/0004_pages.sql"),
    include_str!("migrations/0005_operator.sql"),
    include_str!("migrations/0006_lanes.sql"),
    include_str!("migrations/0007_attempt_times.sql"),
    include_str!("migrations/0008_kinds_of_watches.sql"),
];

/// What the copy from before a step is called, behind the name of the database; the schema follows.
const BEFORE: &str = ".before-";

const DOING: &str = "bring the schema up to date";

/// How many copies from before earlier steps stay beside the database.
const KEPT_COPIES: usize = 2;

/// How often, and how long apart, to look again while another process brings the same database up to date.
const LOOKS: u32 = 100;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// The latest schema.
pub(super) fn latest() -> i64 {
    i64::try_from(STEPS.len()).expect("a handful of steps")
}

/// Takes the first steps on a database that has none: what an export of that schema is taken into.
pub(super) fn begin_as(engine: &mut dyn Engine, schema: i64) -> Result<(), Failure> {
    let n_steps = usize::try_from(schema).unwrap_or_default().min(STEPS.len());
    version(engine)?;
    take_steps(engine, &STEPS[..n_steps], &mut |_| {})
}

/// Takes the steps that this database has not taken, each in a transaction of its own. Where there is something to lose, a copy is
/// made first and stays beside the database under the schema that it was brought to: `stagewatch.db.before-2`.
///
/// A schema is never changed under a running daemon: taking a step needs the lock that a daemon holds.
pub(super) fn bring_up_to_date(engine: &mut dyn Engine, database: &Path, teller: Teller<'_>) -> Result<(), StoreError> {
    apply(engine, database, Plan { steps: STEPS, patience: LOOKS, teller })
}

/// What is to be done, how long to wait for others, and whom to tell.
struct Plan<'a> {
    steps: &'a [&'a str],
    patience: u32,
    teller: Teller<'a>,
}

fn apply(engine: &mut dyn Engine, database: &Path, plan: Plan<'_>) -> Result<(), StoreError> {
    let Plan { steps, patience, teller } = plan;
    let mut looks = 0;
    loop {
        if is_up_to_date(engine, database, steps)? {
            return Ok(());
        }
        looks += 1;
        match lock::acquire(database) {
            Ok(_held) => {
                keep_copy(engine, database, steps.len(), teller)?;
                return take_steps(engine, steps, teller).map_err(|failure| failure.told(DOING, database));
            }
            Err(error @ StoreError::InUse { .. }) if looks >= patience => return Err(error),
            Err(StoreError::InUse { .. }) => std::thread::sleep(BETWEEN_LOOKS),
            Err(error) => return Err(error),
        }
    }
}

fn is_up_to_date(engine: &mut dyn Engine, database: &Path, steps: &[&str]) -> Result<bool, StoreError> {
    let known = i64::try_from(steps.len()).expect("a handful of steps");
    let found = version(engine).map_err(|failure| failure.told("read the schema version", database))?;
    if found > known {
        return Err(StoreError::Newer { database: database.to_owned(), found, known });
    }
    Ok(found == known)
}

/// Copies a database that has taken steps already, and forgets older copies.
fn keep_copy(engine: &mut dyn Engine, database: &Path, n_steps: usize, teller: Teller<'_>) -> Result<(), StoreError> {
    let told = |failure: Failure| failure.told(DOING, database);
    let from = version(engine).map_err(told)?;
    if from == 0 {
        return Ok(());
    }
    let size_bytes = engine.size_bytes().map_err(|error| told(error.into()))?;
    // The copy, and what the steps themselves may write.
    insist_on_room(DOING, database, size_bytes.saturating_mul(2))?;
    let copy = beside(database, &format!("{BEFORE}{n_steps}"));
    teller(&Upgrade::Copy { from, to: i64::try_from(n_steps).expect("a handful of steps"), copy: copy.clone() });
    let part = beside(&copy, ".part");
    let failed = |source| StoreError::File { doing: "keep a copy as", file: copy.clone(), source };
    remove(&part).map_err(failed)?;
    let copied = engine.copy_to(&part).map_err(|error| Failure::Engine(error).told("keep a copy", &copy));
    let kept = copied.and_then(|()| finish(&part, &copy).map_err(failed));
    if kept.is_err() {
        let _ = remove(&part);
    }
    kept?;
    forget_older_copies(database);
    Ok(())
}

/// What cannot be removed is no reason not to start.
fn forget_older_copies(database: &Path) {
    let Some(name) = database.file_name().and_then(|name| name.to_str()) else { return };
    let Ok(entries) = std::fs::read_dir(folder_of(database)) else { return };
    let mut copies: Vec<(u64, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let file = entry.file_name();
            let schema = file.to_str()?.strip_prefix(name)?.strip_prefix(BEFORE)?.parse().ok()?;
            Some((schema, entry.path()))
        })
        .collect();
    copies.sort();
    for (_, copy) in copies.iter().rev().skip(KEPT_COPIES) {
        let _ = remove(copy);
    }
}

fn take_steps(engine: &mut dyn Engine, steps: &[&str], teller: Teller<'_>) -> Result<(), Failure> {
    let found = version(engine)?;
    if found == 0 {
        teller(&Upgrade::Make);
    }
    for (taken, step) in (0_i64..).zip(steps).filter(|(taken, _)| *taken >= found) {
        if found > 0 {
            teller(&Upgrade::Step { number: usize::try_from(taken + 1).unwrap_or_default(), of: steps.len() });
        }
        engine.begin(Intent::Write)?;
        let result = take_step(engine, taken, step);
        if result.is_err() {
            engine.rollback();
        }
        result?;
        engine.commit()?;
    }
    Ok(())
}

/// Looks at the version once more: another process may have been faster.
fn take_step(engine: &mut dyn Engine, taken: i64, step: &str) -> Result<(), Failure> {
    if version(engine)? != taken {
        return Ok(());
    }
    let script = engine.words().put_into(step);
    engine.execute_script(&script)?;
    engine.execute("DELETE FROM schema_version", &[])?;
    engine.execute("INSERT INTO schema_version (version) VALUES ($1)", &[(taken + 1).into()])?;
    Ok(())
}

fn version(engine: &mut dyn Engine) -> Result<i64, Failure> {
    let table = "CREATE TABLE IF NOT EXISTS schema_version (version {INTEGER} NOT NULL) {STRICT}";
    let table = engine.words().put_into(table);
    engine.execute_script(&table)?;
    let rows = engine.query("SELECT version FROM schema_version", &[])?;
    rows.first().map_or(Ok(0), |row| row.number("version"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::Sqlite;

    fn taken(engine: &mut dyn Engine, file: &Path, steps: &[&str], patience: u32) -> Result<(), StoreError> {
        apply(engine, file, Plan { steps, patience, teller: &mut |_| {} })
    }

    fn tables(engine: &mut dyn Engine) -> Vec<String> {
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name";
        engine.query(sql, &[]).unwrap().iter().map(|row| row.text("name").unwrap()).collect()
    }

    #[test]
    fn an_empty_file_becomes_the_latest_schema_and_stays_so() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("watch.db");
        let mut engine = Sqlite::open(&file).unwrap();
        bring_up_to_date(&mut engine, &file, &mut |_| {}).unwrap();
        let first = tables(&mut engine);
        assert_eq!(first.len(), 26, "{first:?}");
        bring_up_to_date(&mut engine, &file, &mut |_| {}).unwrap();
        assert_eq!(tables(&mut engine), first);
        assert_eq!(version(&mut engine).unwrap(), i64::try_from(STEPS.len()).unwrap());
    }

    #[test]
    fn the_copy_and_each_step_that_is_taken_are_told_before() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("watch.db");
        let mut engine = Sqlite::open(&file).unwrap();
        let steps = ["CREATE TABLE one (a {INTEGER}) {STRICT};", "CREATE TABLE two (a {INTEGER}) {STRICT};"];
        taken(&mut engine, &file, &steps[..1], 1).unwrap();
        let mut told = Vec::new();
        let copy = folder.path().join("watch.db.before-2");
        let teller: Teller<'_> = &mut |upgrade| told.push((upgrade.clone(), copy.exists()));
        apply(&mut engine, &file, Plan { steps: &steps, patience: 1, teller }).unwrap();
        let copied = Upgrade::Copy { from: 1, to: 2, copy: copy.clone() };
        assert_eq!(told, [(copied, false), (Upgrade::Step { number: 2, of: 2 }, true)]);
    }

    #[test]
    fn a_database_that_is_new_is_told_as_made_and_not_step_by_step() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("watch.db");
        let mut engine = Sqlite::open(&file).unwrap();
        let mut told = Vec::new();
        bring_up_to_date(&mut engine, &file, &mut |upgrade| told.push(upgrade.clone())).unwrap();
        assert_eq!(told, [Upgrade::Make]);
    }

    #[test]
    fn a_step_that_fails_leaves_the_schema_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("watch.db");
        let mut engine = Sqlite::open(&file).unwrap();
        let steps = [
            "CREATE TABLE one (a {INTEGER}) {STRICT};",
            "CREATE TABLE two (a {INTEGER}) {STRICT}; INSERT INTO nowhere VALUES (1);",
        ];
        let error = taken(&mut engine, &file, &steps, 1).unwrap_err();
        assert!(error.to_string().starts_with("could not bring the schema up to date"), "{error}");
        assert_eq!(
            (tables(&mut engine), version(&mut engine).unwrap()),
            (vec!["one".to_owned(), "schema_version".to_owned()], 1)
        );
        taken(&mut engine, &file, &[steps[0], "CREATE TABLE two (a {INTEGER}) {STRICT};"], 1).unwrap();
        assert_eq!(version(&mut engine).unwrap(), 2);
    }

    #[test]
    fn a_running_daemon_keeps_its_schema_and_a_newer_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("watch.db");
        let mut engine = Sqlite::open(&file).unwrap();
        bring_up_to_date(&mut engine, &file, &mut |_| {}).unwrap();
        let later: Vec<&str> = STEPS.iter().copied().chain(["CREATE TABLE later (a {INTEGER}) {STRICT};"]).collect();
        let daemon = lock::acquire(&file).unwrap();
        assert!(matches!(taken(&mut engine, &file, &later, 3), Err(StoreError::InUse { .. })));
        drop(daemon);
        taken(&mut engine, &file, &later, 3).unwrap();
        let error = bring_up_to_date(&mut engine, &file, &mut |_| {}).unwrap_err();
        let n_steps = i64::try_from(STEPS.len()).unwrap();
        assert!(
            matches!(error, StoreError::Newer { found, known, .. } if (found, known) == (n_steps + 1, n_steps)),
            "{error}"
        );
    }
}
