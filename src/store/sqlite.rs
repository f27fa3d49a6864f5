//! SQLite behind the store: the bundled one, in WAL mode, with every commit on the disk before it is acknowledged. Nothing here
//! knows a table.

/// Values, into statements and out of rows.
mod values;

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use self::values::{bind_by_name, value_of};
use super::engine::{Column, Engine, EngineError, Holds, Intent, Table, Words};
use super::error::Fault;
use super::room::give_to_owner_of_folder;
use super::row::{Row, Value};

/// Versions before this one can corrupt a database in WAL mode when two connections write at once.
const OLDEST_SAFE_VERSION: i32 = 3_051_003;

/// How long a statement waits for another process before it gives up: commands write for milliseconds, backups do not block.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How often, and how long apart, a copy is tried while somebody holds a lock that reading cannot pass.
const COPY_TRIES: u32 = 500;
const BETWEEN_COPY_TRIES: Duration = Duration::from_millis(20);

/// `SGWT`: what `file` and we find in the header of a database of stagewatch.
const APPLICATION_ID: i64 = 0x5347_5754;

/// Above the number of different statements in this room, so that each is prepared once.
const PREPARED_STATEMENTS: usize = 96;

/// An open database file.
#[derive(Debug)]
pub(super) struct Sqlite {
    connection: Connection,
}

impl Sqlite {
    /// Opens the file, or creates it, and insists on everything that durability needs.
    pub(super) fn open(file: &Path) -> Result<Sqlite, EngineError> {
        if rusqlite::version_number() < OLDEST_SAFE_VERSION {
            return Err(unsafe_here(format!("SQLite {} can corrupt a write-ahead log", rusqlite::version())));
        }
        if let Some(new) = create_private(file) {
            give_to_owner_of_folder(&new, file);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(file, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
        if connection.is_readonly(rusqlite::MAIN_DB)? {
            return Err(EngineError { fault: Fault::NotWritable, source: "opened for reading only".into() });
        }
        let mut sqlite = Sqlite { connection };
        sqlite.insist_on_durability()?;
        sqlite.claim_file()?;
        Ok(sqlite)
    }

    /// Opens a file that is open already, for reading only.
    pub(super) fn open_reader(file: &Path) -> Result<Sqlite, EngineError> {
        let mut sqlite = Sqlite::open(file)?;
        sqlite.execute_script("PRAGMA query_only = ON")?;
        Ok(sqlite)
    }

    /// Opens a file that is there, to look at it: nothing is written, not even our mark.
    pub(super) fn open_to_look(file: &Path) -> Result<Sqlite, EngineError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(file, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.execute_batch("PRAGMA trusted_schema = OFF;")?;
        let sqlite = Sqlite { connection };
        if sqlite.pragma("application_id")? != APPLICATION_ID {
            return Err(EngineError { fault: Fault::Foreign, source: "the file does not carry our mark".into() });
        }
        Ok(sqlite)
    }

    /// Whether a file that begins like this is a database with our mark.
    pub(super) fn is_ours(beginning: &[u8; 72]) -> bool {
        let mark = [beginning[68], beginning[69], beginning[70], beginning[71]];
        beginning.starts_with(b"SQLite format 3\0") && i64::from(i32::from_be_bytes(mark)) == APPLICATION_ID
    }

    fn insist_on_durability(&mut self) -> Result<(), EngineError> {
        let mode: String = self.connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
        if !mode.eq_ignore_ascii_case("wal") {
            return Err(unsafe_here(format!("journal mode is `{mode}`, not `wal`")));
        }
        // Without FULL a power cut takes the last acknowledged commits with it; builds differ in their default.
        self.connection.execute_batch(
            "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA journal_size_limit = 67108864;",
        )?;
        for (pragma, wanted) in [("synchronous", 2), ("foreign_keys", 1)] {
            let found = self.pragma(pragma)?;
            if found != wanted {
                return Err(unsafe_here(format!("`{pragma}` is {found}, not {wanted}")));
            }
        }
        Ok(())
    }

    /// Writes our mark into a new file, and refuses a file that carries somebody else's tables.
    fn claim_file(&mut self) -> Result<(), EngineError> {
        if self.pragma("application_id")? == APPLICATION_ID {
            return Ok(());
        }
        let n_tables: i64 = self.connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if n_tables > 0 {
            return Err(EngineError {
                fault: Fault::Foreign,
                source: "the file holds tables of another program".into(),
            });
        }
        self.connection.pragma_update(None, "application_id", APPLICATION_ID)?;
        Ok(())
    }

    fn pragma(&self, name: &str) -> Result<i64, EngineError> {
        Ok(self.connection.pragma_query_value(None, name, |row| row.get(0))?)
    }

    fn table(&mut self, name: String) -> Result<Table, EngineError> {
        let mut table = Table { columns: Vec::new(), key: Vec::new(), name };
        let mut key: Vec<(i64, String)> = Vec::new();
        let mut statement = self.connection.prepare("SELECT name, type, pk FROM pragma_table_info(?1) ORDER BY cid")?;
        let mut rows = statement.query([&table.name])?;
        while let Some(row) = rows.next()? {
            let (name, kind, place): (String, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            if place > 0 {
                key.push((place, name.clone()));
            }
            let holds = match kind.as_str() {
                "INTEGER" => Holds::Integers,
                "BLOB" => Holds::Bytes,
                _ => Holds::Texts,
            };
            table.columns.push(Column { name, holds });
        }
        key.sort();
        table.key = key.into_iter().map(|(_, name)| name).collect();
        Ok(table)
    }
}

impl Engine for Sqlite {
    fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, EngineError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        bind_by_name(&mut statement, sql, values)?;
        Ok(statement.raw_execute()? as u64)
    }

    fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, EngineError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        bind_by_name(&mut statement, sql, values)?;
        let columns: Arc<[String]> = statement.column_names().map(str::to_owned).collect();
        let mut answer = Vec::new();
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            let values =
                (0..columns.len()).map(|position| value_of(row.get_ref(position)?)).collect::<Result<_, _>>()?;
            answer.push(Row::new(Arc::clone(&columns), values));
        }
        Ok(answer)
    }

    fn execute_script(&mut self, sql: &str) -> Result<(), EngineError> {
        Ok(self.connection.execute_batch(sql)?)
    }

    fn begin(&mut self, intent: Intent) -> Result<(), EngineError> {
        self.rollback();
        let sql = match intent {
            Intent::Read => "BEGIN DEFERRED",
            // Taking the write lock at once: a read that turns into a write half-way can be refused without waiting.
            Intent::Write => "BEGIN IMMEDIATE",
        };
        self.execute(sql, &[]).map(|_| ())
    }

    fn commit(&mut self) -> Result<(), EngineError> {
        self.execute("COMMIT", &[]).map(|_| ())
    }

    fn rollback(&mut self) {
        // After a full or failing disk SQLite has rolled back by itself; asking again would only hide the first error.
        if !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }

    fn words(&self) -> Words {
        Words { id: "INTEGER PRIMARY KEY", integer: "INTEGER", bytes: "BLOB", strict: "STRICT" }
    }

    fn copy_to(&mut self, file: &Path) -> Result<(), EngineError> {
        create_private(file);
        let mut copy = Connection::open(file)?;
        copy.busy_timeout(BUSY_TIMEOUT)?;
        self.rollback();
        copy_pages(&self.connection, &mut copy)?;
        // The copy is one file that may lie on a medium which cannot be written: without a write-ahead log of its own.
        let mode: String = copy.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0))?;
        if mode != "delete" {
            return Err(unsafe_here(format!("the copy kept the journal mode `{mode}`")));
        }
        Ok(())
    }

    fn complaints(&mut self) -> Result<Vec<String>, EngineError> {
        let mut complaints = Vec::new();
        for row in self.query("PRAGMA integrity_check", &[])? {
            complaints.extend(row.text("integrity_check").ok().filter(|line| line != "ok"));
        }
        for row in self.query("PRAGMA foreign_key_check", &[])? {
            let table = row.text("table").unwrap_or_default();
            let parent = row.text("parent").unwrap_or_default();
            complaints.push(format!("a row of `{table}` refers to a row of `{parent}` that is not there"));
        }
        Ok(complaints)
    }

    fn tables(&mut self) -> Result<Vec<Table>, EngineError> {
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' \
                   AND name <> 'schema_version' ORDER BY name";
        let names: Vec<String> = self.query(sql, &[])?.iter().filter_map(|row| row.text("name").ok()).collect();
        names.into_iter().map(|name| self.table(name)).collect()
    }

    fn defer_references(&mut self) -> Result<(), EngineError> {
        Ok(self.connection.execute_batch("PRAGMA defer_foreign_keys = ON")?)
    }

    fn size_bytes(&mut self) -> Result<u64, EngineError> {
        let n_pages = u64::try_from(self.pragma("page_count")?).unwrap_or_default();
        Ok(n_pages.saturating_mul(u64::try_from(self.pragma("page_size")?).unwrap_or_default()))
    }

    fn compact(&mut self) -> Result<(), EngineError> {
        self.rollback();
        self.connection.execute_batch("VACUUM")?;
        self.gather()
    }

    fn gather(&mut self) -> Result<(), EngineError> {
        self.rollback();
        let busy: i64 = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy == 0 {
            return Ok(());
        }
        Err(EngineError { fault: Fault::Busy, source: "somebody reads it".into() })
    }
}

fn extended_code(error: &rusqlite::Error) -> Option<i32> {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => Some(failure.extended_code),
        _ => None,
    }
}

impl From<rusqlite::Error> for EngineError {
    fn from(error: rusqlite::Error) -> EngineError {
        let fault = match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Fault::Full,
            // The index beside the log is made when a database is opened: that it gets no room says that there is none.
            Some(ErrorCode::SystemIoFailure) if extended_code(&error) == Some(rusqlite::ffi::SQLITE_IOERR_SHMSIZE) => {
                Fault::Full
            }
            Some(ErrorCode::SystemIoFailure) => Fault::Disk,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Fault::NotWritable,
            Some(ErrorCode::CannotOpen) => Fault::CannotOpen,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed) => {
                Fault::Busy
            }
            Some(ErrorCode::DatabaseCorrupt) => Fault::Damaged,
            Some(ErrorCode::NotADatabase) => Fault::Foreign,
            Some(_) | None => Fault::Refused,
        };
        EngineError { fault, source: error.into() }
    }
}

fn copy_pages(from: &Connection, to: &mut Connection) -> Result<(), EngineError> {
    let backup = Backup::new(from, to)?;
    for _ in 0..COPY_TRIES {
        // All pages in one step: what another process writes meanwhile cannot make it start again.
        if backup.step(-1)? == StepResult::Done {
            return Ok(());
        }
        std::thread::sleep(BETWEEN_COPY_TRIES);
    }
    Err(EngineError { fault: Fault::Busy, source: "the copy was kept waiting".into() })
}

/// A new file is for its owner and group only: it holds the addresses of recipients. Folders that are missing are made, for the owner
/// alone. What is there already keeps its rights, and whatever goes wrong is said when the database is opened. `None` where none was made.
fn create_private(file: &Path) -> Option<File> {
    let mut folders = std::fs::DirBuilder::new();
    folders.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folders, 0o700);
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let _ = folders.create(folder);
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o640);
    options.open(file).ok()
}

fn unsafe_here(why: String) -> EngineError {
    EngineError { fault: Fault::Unsafe, source: why.into() }
}

fn refused(why: String) -> EngineError {
    EngineError { fault: Fault::Refused, source: why.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn engine() -> (tempfile::TempDir, Sqlite) {
        let folder = tempfile::tempdir().unwrap();
        let sqlite = Sqlite::open(&folder.path().join("test.db")).unwrap();
        (folder, sqlite)
    }

    pub(super) fn numbers(engine: &mut Sqlite) -> Vec<(i64, i64)> {
        let rows = engine.query("SELECT a, b FROM t ORDER BY a", &[]).unwrap();
        rows.iter().map(|row| (row.number("a").unwrap(), row.number("b").unwrap())).collect()
    }

    #[test]
    fn a_full_disk_is_told_apart_and_the_transaction_is_gone() {
        let (_folder, mut engine) = engine();
        engine.execute_script("CREATE TABLE t (a INTEGER, c BLOB) STRICT; PRAGMA max_page_count = 20;").unwrap();
        engine.begin(Intent::Write).unwrap();
        let fault = loop {
            let row: [Value; 2] = [1_i64.into(), [7_u8; 4000].as_slice().into()];
            if let Err(error) = engine.execute("INSERT INTO t VALUES ($1, $2)", &row) {
                break error.fault;
            }
        };
        engine.rollback();
        assert_eq!(fault, Fault::Full);
        assert_eq!(engine.query("SELECT count(*) AS n FROM t", &[]).unwrap()[0].number::<i64>("n").unwrap(), 0);
        engine.execute("INSERT INTO t VALUES ($1, $2)", &[1_i64.into(), Value::Null]).unwrap();
    }

    #[test]
    fn a_transaction_left_open_does_not_reach_into_the_next() {
        let (_folder, mut engine) = engine();
        engine.execute_script("CREATE TABLE t (a INTEGER, b INTEGER) STRICT").unwrap();
        engine.begin(Intent::Write).unwrap();
        engine.execute("INSERT INTO t VALUES (1, 1)", &[]).unwrap();
        engine.begin(Intent::Write).unwrap();
        engine.execute("INSERT INTO t VALUES (2, 2)", &[]).unwrap();
        engine.commit().unwrap();
        assert_eq!(numbers(&mut engine), [(2, 2)]);
    }

    #[test]
    fn a_writer_waits_at_its_beginning_and_a_reader_not_at_all() {
        let (folder, mut one) = engine();
        let mut other = Sqlite::open(&folder.path().join("test.db")).unwrap();
        other.connection.busy_timeout(Duration::from_millis(1)).unwrap();
        one.begin(Intent::Write).unwrap();
        assert_eq!(other.begin(Intent::Write).unwrap_err().fault, Fault::Busy);
        other.begin(Intent::Read).unwrap();
        other.commit().unwrap();
        one.commit().unwrap();
        other.begin(Intent::Write).unwrap();
    }

    #[test]
    fn a_reader_writes_nothing_and_sees_what_others_wrote() {
        let (folder, mut one) = engine();
        let mut reader = Sqlite::open_reader(&folder.path().join("test.db")).unwrap();
        one.execute_script("CREATE TABLE t (a INTEGER, b INTEGER) STRICT; INSERT INTO t VALUES (1, 2)").unwrap();
        assert_eq!(numbers(&mut reader), [(1, 2)]);
        assert_eq!(reader.execute("INSERT INTO t VALUES (3, 4)", &[]).unwrap_err().fault, Fault::NotWritable);
    }

    #[test]
    fn durability_is_switched_on_and_checked_on_every_connection() {
        let (_folder, engine) = engine();
        assert_eq!(engine.pragma("synchronous").unwrap(), 2);
        assert_eq!(engine.pragma("foreign_keys").unwrap(), 1);
        let mode: String = engine.connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
    }

    #[test]
    fn the_database_of_another_program_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("other.db");
        Connection::open(&file).unwrap().execute_batch("CREATE TABLE theirs (a)").unwrap();
        assert_eq!(Sqlite::open(&file).unwrap_err().fault, Fault::Foreign);
        let source_text = Path::new(env!("CARGO_MANIFEST_DIR")).join(file!());
        let text = folder.path().join("letter.txt");
        std::fs::copy(source_text, &text).unwrap();
        assert_eq!(Sqlite::open(&text).unwrap_err().fault, Fault::Foreign);
        assert_eq!(Sqlite::open(&text.join("watch.db")).unwrap_err().fault, Fault::CannotOpen);
    }

    #[test]
    fn folders_that_are_missing_are_made_for_the_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state/stagewatch");
        Sqlite::open(&state.join("watch.db")).unwrap();
        assert_eq!(std::fs::metadata(&state).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
