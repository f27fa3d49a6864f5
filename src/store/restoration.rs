//! Another database in the place of the one that is there: from a backup or from an export. The new one is made beside the old one,
//! checked, and only then brought to its name; the old one stays beside it under a dated name. Whatever fails, and whenever the power
//! goes, one of the two whole files has the name of the database.
//!
//! Not while somebody polls: that needs the lock. Not while somebody looks: who holds the old files open would read the new ones wrongly.

use std::fs::{self, File};
use std::io::{BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::engine::Engine;
use super::error::{Failure, Fault, StoreError};
use super::export::{is_export, take_in};
use super::inspection::{Contents, inspect};
use super::room::{beside, finish, folder_of, insist_on_room, remove, settle_names};
use super::sqlite::Sqlite;
use super::{Store, lock};

const DOING: &str = "restore";

/// What the engine keeps beside a database while it is open.
const COMPANIONS: [&str; 2] = ["-wal", "-shm"];

/// What was put in the place of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// What is in it.
    pub contents: Contents,
    /// Where the one is that was there before.
    pub kept: Option<PathBuf>,
    /// Whether it was taken from an export, which has the pages only where that was asked for.
    pub is_of_export: bool,
}

impl Store {
    /// Puts what a backup or an export holds in the place of a database. The file itself is only read.
    pub fn restore(file: &Path, database: &Path, now: Timestamp) -> Result<Restored, StoreError> {
        if !file.exists() {
            return Err(StoreError::NoFile(file.to_owned()));
        }
        let failed =
            |source| StoreError::File { doing: "make the folder", file: folder_of(database).to_owned(), source };
        fs::create_dir_all(folder_of(database)).map_err(failed)?;
        let _held = lock::acquire(database)?;
        let part = beside(database, ".restored");
        let made = make(file, &part).and_then(|contents| {
            give(&part, database);
            give(&beside(database, ".lock"), database);
            let kept = put_in_place(&part, database, &free_name(database, now))?;
            Ok(Restored { contents, kept, is_of_export: begins_as_export(file)? })
        });
        if made.is_err() {
            let _ = remove_all(&part);
        }
        made
    }
}

/// Makes the new database beside the old one, and checks it.
fn make(file: &Path, part: &Path) -> Result<Contents, StoreError> {
    remove_all(part).map_err(|source| StoreError::File { doing: "remove", file: part.to_owned(), source })?;
    if begins_as_export(file)? {
        make_from_export(file, part)?;
    } else {
        make_from_backup(file, part)?;
    }
    let inspection = inspect(part)?;
    if !inspection.complaints.is_empty() {
        return Err(StoreError::NotWhole { file: file.to_owned(), complaints: inspection.complaints });
    }
    Ok(inspection.contents)
}

#[expect(clippy::disallowed_methods, reason = "a backup is a file")]
fn opened(file: &Path) -> Result<File, StoreError> {
    File::open(file).map_err(|source| StoreError::File { doing: "read", file: file.to_owned(), source })
}

fn begins_as_export(file: &Path) -> Result<bool, StoreError> {
    let mut beginning = Vec::new();
    let read = opened(file)?.take(64).read_to_end(&mut beginning);
    read.map_err(|source| StoreError::File { doing: "read", file: file.to_owned(), source })?;
    Ok(is_export(&beginning))
}

/// What is looked at first is the file that was named: a message about the copy would help nobody.
fn make_from_backup(file: &Path, part: &Path) -> Result<(), StoreError> {
    let inspection = inspect(file).map_err(|error| match error.fault() {
        Some(Fault::Foreign) => StoreError::NoCopy(file.to_owned()),
        _ => error,
    })?;
    if !inspection.complaints.is_empty() {
        return Err(StoreError::NotWhole { file: file.to_owned(), complaints: inspection.complaints });
    }
    insist_on_room(DOING, part, inspection.contents.size_bytes)?;
    let failed = |error| Failure::Engine(error).told(DOING, file);
    Sqlite::open_to_look(file).and_then(|mut backup| backup.copy_to(part)).map_err(failed)
}

fn make_from_export(file: &Path, part: &Path) -> Result<(), StoreError> {
    let mut input = opened(file)?;
    let size_bytes = input.seek(std::io::SeekFrom::End(0)).and_then(|end| input.rewind().map(|()| end));
    let size_bytes = size_bytes.map_err(|source| StoreError::File { doing: "read", file: file.to_owned(), source })?;
    insist_on_room(DOING, part, size_bytes)?;
    let failed = |failure: Failure| failure.told(DOING, part);
    let mut engine = Sqlite::open(part).map_err(|error| failed(error.into()))?;
    take_in(&mut engine, &mut BufReader::new(input)).map_err(failed)?;
    engine.gather().map_err(|error| failed(error.into()))
}

/// Gives a file to whoever owns the database, or the folder where there is none: an administrator restores, a service uses it. Who may
/// not do that is that user already, or is told when the service starts.
fn give(file: &Path, database: &Path) {
    use std::os::unix::fs::{MetadataExt as _, lchown};
    let owner = fs::metadata(database).or_else(|_| fs::metadata(folder_of(database)));
    if let Ok(owner) = owner {
        // Not through a link, which whoever owns the folder could lay there meanwhile.
        let _ = lchown(file, Some(owner.uid()), Some(owner.gid()));
    }
}

/// Where the old one is to be kept: somebody may restore twice in a second.
fn free_name(database: &Path, now: Timestamp) -> PathBuf {
    let dated = format!(".replaced-{}", now.strftime("%Y%m%dT%H%M%SZ"));
    let again = (2_u32..).map(|number| format!("{dated}-{number}"));
    let mut names = std::iter::once(dated.clone()).chain(again).map(|ending| beside(database, &ending));
    names.find(|name| !name.exists()).expect("a name that nothing has")
}

/// The old one gets its second name before it loses the first.
fn put_in_place(part: &Path, database: &Path, kept: &Path) -> Result<Option<PathBuf>, StoreError> {
    let failed = |doing, file: &Path| {
        let file = file.to_owned();
        move |source| StoreError::File { doing, file, source }
    };
    if !database.exists() {
        finish(part, database).map_err(failed("bring the restored database to its name", database))?;
        return Ok(None);
    }
    let is_sound = close(database)?;
    // Not every file system has a second name for one file.
    let linked = fs::hard_link(database, kept).or_else(|_| fs::rename(database, kept));
    linked.and_then(|()| settle_names(kept)).map_err(failed("keep the old database as", kept))?;
    if !is_sound {
        for companion in COMPANIONS.iter().filter(|ending| beside(database, ending).exists()) {
            let moved = fs::rename(beside(database, companion), beside(kept, companion));
            moved.map_err(failed("keep what belongs to the old database beside", kept))?;
        }
    }
    if let Err(source) = finish(part, database) {
        if !database.exists() {
            let _ = fs::rename(kept, database);
        }
        return Err(failed("bring the restored database to its name", database)(source));
    }
    Ok(Some(kept.to_owned()))
}

/// Brings all that the old database holds into its one file. `false` where it is too damaged for that; it is kept with its companions.
fn close(database: &Path) -> Result<bool, StoreError> {
    // SQLite would throw away the log of a file that it does not know.
    if !is_ours(database) {
        return Ok(false);
    }
    let gathered = Sqlite::open(database).and_then(|mut engine| engine.gather());
    match gathered {
        Err(error) if matches!(error.fault, Fault::Damaged | Fault::Foreign) => return Ok(false),
        gathered => gathered.map_err(|error| Failure::Engine(error).told(DOING, database))?,
    }
    if COMPANIONS.iter().any(|ending| beside(database, ending).exists()) {
        let source = "somebody has it open".into();
        return Err(StoreError::Database { doing: DOING, database: database.to_owned(), fault: Fault::Busy, source });
    }
    Ok(true)
}

/// Whether a file begins as a database of ours does.
fn is_ours(database: &Path) -> bool {
    let mut beginning = [0; 72];
    let read = opened(database).map(|mut file| file.read_exact(&mut beginning));
    matches!(read, Ok(Ok(()))) && Sqlite::is_ours(&beginning)
}

fn remove_all(part: &Path) -> std::io::Result<()> {
    for ending in COMPANIONS {
        remove(&beside(part, ending))?;
    }
    remove(part)
}
