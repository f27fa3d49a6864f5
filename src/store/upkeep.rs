//! What an operator does with the database as a whole: copy it, check it, give its room back. Nothing here is done by itself.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::Store;
use super::error::{Failure, StoreError};
use super::migrations;
use super::room::{beside, finish, insist_on_room, remove};
use super::snapshots::{check_chain, key_frames};

/// What lies beside the database to say when it was copied last.
const LAST_BACKUP: &str = ".last-backup";

/// A copy that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastBackup {
    /// When.
    pub at: Timestamp,
    /// Where it was written to; it may have been moved since.
    pub file: PathBuf,
}

/// How a database became smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compacted {
    /// Bytes before.
    pub before_bytes: u64,
    /// Bytes after.
    pub after_bytes: u64,
}

impl Store {
    /// Writes a consistent copy of everything to a new file, while this and other processes go on. The file has its name only once it
    /// is whole and on the disk.
    pub fn backup(&self, file: &Path) -> Result<(), StoreError> {
        if file.exists() {
            return Err(StoreError::BackupExists(file.to_owned()));
        }
        let failed = |source| StoreError::BackupFile { file: file.to_owned(), source };
        let part = beside(file, ".part");
        remove(&part).map_err(failed)?;
        let copied = self.engine().copy_to(&part);
        let finished = copied
            .map_err(|error| Failure::Engine(error).told("write a copy", file))
            .and_then(|()| finish(&part, file).map_err(failed));
        if finished.is_err() {
            let _ = remove(&part);
        }
        finished
    }

    /// Notes beside the database that it was copied, for whoever asks how old the last copy is.
    #[expect(clippy::disallowed_methods, reason = "what lies beside the database is the store's")]
    pub fn note_backup(&self, backup: &LastBackup) -> Result<(), StoreError> {
        let note = beside(self.database(), LAST_BACKUP);
        let text = format!("{} {}\n", backup.at, backup.file.display());
        let failed = |source| StoreError::File { doing: "write", file: note.clone(), source };
        // Somebody else may have written the note of before; whoever owns the folder may still replace it.
        let part = beside(&note, ".part");
        std::fs::write(&part, text).and_then(|()| std::fs::rename(&part, &note)).map_err(failed)
    }

    /// Reads everything that can be checked against itself: the engine's own structure and every snapshot; what is wrong, line by line.
    pub fn integrity_check(&self) -> Result<Vec<String>, StoreError> {
        const DOING: &str = "check the database";
        let mut complaints = self.read(DOING, |engine| Ok(engine.complaints()?))?;
        // One chain at a time, so that polls are not kept waiting.
        for key_frame in self.read(DOING, key_frames)? {
            complaints.extend(self.read(DOING, |engine| check_chain(engine, &key_frame))?);
        }
        Ok(complaints)
    }

    /// Gives the room of what was removed back to the disk: the file is written anew. For whoever holds the lock.
    pub fn compact(&self) -> Result<Compacted, StoreError> {
        const DOING: &str = "compact the database";
        let mut engine = self.engine();
        let failed = |error| Failure::Engine(error).told(DOING, self.database());
        let before_bytes = engine.size_bytes().map_err(failed)?;
        // Once beside the database, and once through its write-ahead log.
        insist_on_room(DOING, self.database(), before_bytes.saturating_mul(2))?;
        engine.compact().map_err(failed)?;
        Ok(Compacted { before_bytes, after_bytes: engine.size_bytes().map_err(failed)? })
    }
}

/// The schema that this program brings a database to.
pub fn latest_schema() -> i64 {
    migrations::latest()
}

/// When that database was copied last, as far as is known.
#[expect(clippy::disallowed_methods, reason = "what lies beside the database is the store's")]
pub fn last_backup(database: &Path) -> Option<LastBackup> {
    let text = std::fs::read_to_string(beside(database, LAST_BACKUP)).ok()?;
    let (at, file) = text.trim_end().split_once(' ')?;
    Some(LastBackup { at: at.parse().ok()?, file: PathBuf::from(file) })
}
