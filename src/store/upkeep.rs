//! What an operator does with the database as a whole: copy it, check it, clear it out. Nothing here is done by itself.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::error::{Failure, StoreError};
use super::snapshots::{check_chain, key_frames};
use super::{DeliveryState, Store};

/// What was cleared out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Polls.
    pub n_polls: u64,
    /// Deliveries that had been delivered or given up, with their attempts.
    pub n_deliveries: u64,
}

impl Store {
    /// Writes a consistent copy of everything to a new file, while this and other processes go on. The file has its name only once it
    /// is whole and on the disk.
    pub fn backup(&self, file: &Path) -> Result<(), StoreError> {
        if file.exists() {
            return Err(StoreError::BackupExists(file.to_owned()));
        }
        let failed = |source| StoreError::BackupFile { file: file.to_owned(), source };
        let part = part_of(file);
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

    /// Forgets polls and settled deliveries from before that moment. Changes, stages and snapshots are the evidence: they stay, and so
    /// does the last poll of every source.
    pub fn prune(&self, before: Timestamp) -> Result<Pruned, StoreError> {
        self.write("clear out", |engine| {
            let sql = "DELETE FROM polls WHERE at < $1 AND id NOT IN (SELECT max(id) FROM polls GROUP BY source)";
            let n_polls = engine.execute(sql, &[before.into()])?;
            let settled =
                [DeliveryState::Delivered.as_str().into(), DeliveryState::Failed.as_str().into(), before.into()];
            let which = "SELECT id FROM deliveries WHERE state IN ($1, $2) AND settled_at < $3";
            for table in ["attempts", "delivery_changes"] {
                engine.execute(&format!("DELETE FROM {table} WHERE delivery IN ({which})"), &settled)?;
            }
            let n_deliveries = engine.execute(&format!("DELETE FROM deliveries WHERE id IN ({which})"), &settled)?;
            Ok(Pruned { n_polls, n_deliveries })
        })
    }
}

fn part_of(file: &Path) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(".part");
    PathBuf::from(name)
}

#[expect(clippy::disallowed_methods, reason = "a file is opened here to bring it to the disk, not to read it")]
fn finish(part: &Path, file: &Path) -> io::Result<()> {
    File::open(part)?.sync_all()?;
    fs::rename(part, file)?;
    // The new name is on the disk only when its folder is.
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// What a backup that was interrupted left behind.
fn remove(part: &Path) -> io::Result<()> {
    match fs::remove_file(part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
