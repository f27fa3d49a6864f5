//! Another database in the place of the one that is there, and databases of earlier versions: whatever fails, what was there is there.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use stagewatch::store::inspection::inspect;
use stagewatch::store::restoration::Restored;
use stagewatch::store::upkeep::{LastBackup, last_backup};

use super::{ChangeFilter, PollOutcome, Settings, Store, StoreError, at, delivery, full, open, poll, store};

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = entries.collect();
    names.sort();
    names
}

/// A database with one change, its backup, and one change more since.
fn backed_up() -> (tempfile::TempDir, PathBuf) {
    let (folder, store) = store();
    store.accept(&full(1)).unwrap();
    let backup = folder.path().join("backup.copy");
    store.backup(&backup).unwrap();
    let mut later = full(2);
    "chg_2".clone_into(&mut later.changes[0].id);
    later.deliveries = vec![delivery("dlv_2", 0)];
    store.accept(&later).unwrap();
    (folder, backup)
}

fn ids(store: &Store) -> Vec<String> {
    store.changes(&ChangeFilter::default()).unwrap().into_iter().map(|change| change.id).collect()
}

fn restore(folder: &Path, file: &Path) -> Result<Restored, StoreError> {
    Store::restore(file, &folder.join("watch.db"), at(100))
}

#[test]
fn a_backup_comes_back_and_what_was_there_is_kept_under_its_date() {
    let (folder, backup) = backed_up();
    let restored = restore(folder.path(), &backup).unwrap();
    assert_eq!((restored.contents.n_changes, restored.contents.n_waiting), (1, 1));
    assert_eq!(ids(&open(&folder)), ["chg_1"]);
    let kept = restored.kept.unwrap();
    assert_eq!(kept.file_name().unwrap(), "watch.db.replaced-20231114T235320Z");
    assert_eq!(ids(&Store::open(&Settings { database: kept }).unwrap()), ["chg_1", "chg_2"]);
    let left: Vec<String> = names(folder.path()).into_iter().filter(|name| name.contains("restored")).collect();
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn where_there_is_no_database_there_is_one_afterwards() {
    let (folder, backup) = backed_up();
    let database = folder.path().join("new/place/watch.db");
    let restored = Store::restore(&backup, &database, at(100)).unwrap();
    assert_eq!(restored.kept, None);
    assert_eq!(ids(&Store::open(&Settings { database }).unwrap()), ["chg_1"]);
}

#[test]
fn nothing_happens_while_somebody_polls_or_looks() {
    let (folder, backup) = backed_up();
    let somebody = open(&folder);
    let polls = somebody.lock().unwrap();
    let error = restore(folder.path(), &backup).unwrap_err();
    assert!(matches!(error, StoreError::InUse { .. }), "{error}");
    drop(polls);
    let error = restore(folder.path(), &backup).unwrap_err();
    assert!(error.to_string().contains("close whatever else has the file open"), "{error}");
    assert_eq!(ids(&somebody), ["chg_1", "chg_2"]);
    drop(somebody);
    restore(folder.path(), &backup).unwrap();
}

#[test]
fn a_file_that_is_no_whole_database_of_ours_is_refused_and_nothing_changes() {
    let (folder, backup) = backed_up();
    let file = folder.path().join("wrong");
    let whole = std::fs::read(&backup).unwrap();
    let mut damaged = whole.clone();
    for byte in &mut damaged[4096..12_288] {
        *byte ^= 0x55;
    }
    let foreign = folder.path().join("foreign");
    Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE letters (a)").unwrap();
    let newer = folder.path().join("newer");
    std::fs::copy(&backup, &newer).unwrap();
    Connection::open(&newer).unwrap().execute_batch("UPDATE schema_version SET version = 999").unwrap();
    let names_before = names(folder.path()).len() + 1;
    for (bytes, wanted) in [
        (damaged, "is damaged, and nothing was changed"),
        (whole[..whole.len() / 2].to_owned(), "is damaged, and nothing was changed"),
        (b"Dear Sir or Madam".to_vec(), "is neither a backup nor an export"),
        (std::fs::read(&foreign).unwrap(), "is neither a backup nor an export"),
        (std::fs::read(&newer).unwrap(), "install the version that wrote it"),
    ] {
        std::fs::write(&file, bytes).unwrap();
        let error = restore(folder.path(), &file).unwrap_err();
        assert!(error.to_string().contains(wanted), "{wanted}: {error}");
        assert_eq!(ids(&open(&folder)), ["chg_1", "chg_2"]);
        assert!(names(folder.path()).len() <= names_before + 1, "{:?}", names(folder.path()));
    }
    let error = restore(folder.path(), &folder.path().join("nowhere")).unwrap_err();
    assert!(error.to_string().starts_with("there is no file"), "{error}");
}

#[test]
fn a_damaged_database_is_replaced_and_kept_with_all_that_belongs_to_it() {
    let (folder, backup) = backed_up();
    let database = folder.path().join("watch.db");
    std::fs::write(&database, "no database any more").unwrap();
    std::fs::write(folder.path().join("watch.db-wal"), "its log").unwrap();
    let kept = restore(folder.path(), &backup).unwrap().kept.unwrap();
    assert_eq!(ids(&open(&folder)), ["chg_1"]);
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), "no database any more");
    let log = kept.with_file_name(format!("{}-wal", kept.file_name().unwrap().to_str().unwrap()));
    assert_eq!(std::fs::read_to_string(log).unwrap(), "its log");
}

#[test]
fn a_backup_is_looked_into_without_being_written_to() {
    let (folder, backup) = backed_up();
    let before = std::fs::read(&backup).unwrap();
    let inspection = inspect(&backup).unwrap();
    assert_eq!(inspection.complaints, Vec::<String>::new());
    let contents = inspection.contents;
    assert_eq!((contents.n_sources, contents.n_projects, contents.n_changes, contents.n_polls), (1, 2, 1, 1));
    assert_eq!((contents.n_snapshots, contents.n_deliveries, contents.last_poll), (1, 1, Some(at(1))));
    assert_eq!(contents.size_bytes, before.len() as u64);
    assert_eq!(std::fs::read(&backup).unwrap(), before);
    assert!(!names(folder.path()).iter().any(|name| name.starts_with("backup.copy-")));
}

#[test]
fn the_last_backup_is_known_until_somebody_removes_the_note() {
    let (folder, store) = store();
    let database = folder.path().join("watch.db");
    assert_eq!(last_backup(&database), None);
    let backup = LastBackup { at: at(7), file: PathBuf::from("/var/backups/with a space.db") };
    store.note_backup(&backup).unwrap();
    assert_eq!(last_backup(&database), Some(backup));
}

/// What `store` holds, as the first version would have written it: the tables of its schema, and nothing of later ones.
fn as_released(store: &Store, file: &Path) {
    let first = include_str!("../../src/store/migrations/0001_first.sql")
        .replace("{ID}", "INTEGER PRIMARY KEY")
        .replace("{INTEGER}", "INTEGER")
        .replace("{BYTES}", "BLOB")
        .replace("{STRICT}", "STRICT");
    let old = Connection::open(file).unwrap();
    old.execute_batch(&first).unwrap();
    old.execute_batch("PRAGMA application_id = 0x53475754; PRAGMA journal_mode = WAL; CREATE TABLE schema_version (version INTEGER NOT NULL) STRICT; INSERT INTO schema_version VALUES (1);").unwrap();
    old.execute("ATTACH ?1 AS latest", [store.database().to_str().unwrap()]).unwrap();
    let mut statement = old
        .prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT IN ('schema_version')")
        .unwrap();
    let tables: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(tables.len(), 13);
    for table in tables {
        let mut statement = old.prepare("SELECT name FROM pragma_table_info(?1)").unwrap();
        let columns: Vec<String> =
            statement.query_map([&table], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let columns = columns.join(", ");
        let copy = format!("INSERT INTO main.{table} ({columns}) SELECT {columns} FROM latest.{table}");
        old.execute_batch(&format!("PRAGMA foreign_keys = OFF; {copy}")).unwrap();
    }
}

#[test]
fn the_database_of_the_first_version_is_brought_up_to_date_and_a_copy_of_it_stays() {
    let (folder, store) = store();
    store.accept(&full(1)).unwrap();
    store.record_poll(&poll(2, PollOutcome::NotModified), &[]).unwrap();
    let old = folder.path().join("old");
    std::fs::create_dir(&old).unwrap();
    let file = old.join("watch.db");
    as_released(&store, &file);
    // Copies from before earlier steps: the last two stay, whatever else has a name like theirs.
    for name in ["watch.db.before-0", "watch.db.before-1", "watch.db.before-x"] {
        std::fs::write(old.join(name), name).unwrap();
    }
    assert_eq!(inspect(&file).unwrap().contents.schema, 1);
    let upgraded = Store::open(&Settings { database: file.clone() }).unwrap();
    assert_eq!(upgraded.integrity_check().unwrap(), Vec::<String>::new());
    let everything = |store: &Store| {
        format!(
            "{:?}\n{:?}\n{:?}\n{:?}",
            store.source_states().unwrap(),
            store.changes(&ChangeFilter::default()).unwrap(),
            store.polls("sc27", 10).unwrap(),
            store.delivery("dlv_1").unwrap()
        )
    };
    assert_eq!(everything(&upgraded), everything(&store));
    drop(upgraded);
    let latest = inspect(&file).unwrap().contents.schema;
    assert!(latest > 1);
    let copy = old.join(format!("watch.db.before-{latest}"));
    let kept = inspect(&copy).unwrap();
    assert_eq!((kept.contents.schema, kept.contents.n_changes, kept.complaints), (1, 1, Vec::new()));
    let copies: Vec<String> = names(&old).into_iter().filter(|name| name.contains(".before-")).collect();
    assert_eq!(copies, ["watch.db.before-1", &format!("watch.db.before-{latest}"), "watch.db.before-x"]);
    // What is up to date is not copied again.
    std::fs::remove_file(&copy).unwrap();
    Store::open(&Settings { database: file }).unwrap();
    assert!(!copy.exists());
}

#[test]
fn a_backup_of_the_first_version_is_restored_and_brought_up_to_date_when_it_is_opened() {
    let (folder, store) = store();
    store.accept(&full(1)).unwrap();
    let old = folder.path().join("released.db");
    as_released(&store, &old);
    drop(store);
    let restored = restore(folder.path(), &old).unwrap();
    assert_eq!(restored.contents.schema, 1);
    assert_eq!(ids(&open(&folder)), ["chg_1"]);
}
