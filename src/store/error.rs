//! What can go wrong with the store, told so that an operator knows what to do. Not logged here: whoever handles it does that.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use super::engine::EngineError;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The engine said no.
    #[error("could not {doing} in the database `{}`: {fault}", database.display())]
    Database {
        /// What was being done: `accept a poll`.
        doing: &'static str,
        /// The database.
        database: PathBuf,
        /// What kind of no, and the remedy.
        fault: Fault,
        /// The engine's own words.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// A row says something that this program cannot have written.
    #[error("could not {doing} in the database `{}`: {what}; restore a backup, or install the version that wrote it", database.display())]
    Unreadable {
        /// What was being done.
        doing: &'static str,
        /// The database.
        database: PathBuf,
        /// Which row, and what is wrong with it.
        what: String,
    },
    /// The database was written by a later version.
    #[error("the database `{}` has schema {found} and this stagewatch knows only schemas up to {known}: install the version that wrote it, or restore a backup made before the upgrade", database.display())]
    Newer {
        /// The database.
        database: PathBuf,
        /// Its schema.
        found: i64,
        /// The latest schema of this program.
        known: i64,
    },
    /// Another process writes to this database.
    #[error("the database `{}` is in use by {holder}: stop that one first, or name another database", database.display())]
    InUse {
        /// The database.
        database: PathBuf,
        /// `process 4711`, or `another process`.
        holder: String,
    },
    /// The lock file beside the database could not be opened or locked.
    #[error("could not lock the file `{}`: check that this user may write to its folder", file.display())]
    LockFile {
        /// The lock file.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A snapshot cannot be restored, or was given under a wrong address.
    #[error("could not {doing}: snapshot `{sha256}` {why}")]
    Snapshot {
        /// What was being done.
        doing: &'static str,
        /// Its address.
        sha256: String,
        /// What is wrong.
        why: String,
    },
    /// The operating system gave no random bytes for a key.
    #[error("could not {doing}: the operating system gave no random bytes: {why}")]
    NoRandomness {
        /// What was being done.
        doing: &'static str,
        /// Its words.
        why: String,
    },
    /// What was to be looked at is not there.
    #[error("there is no file `{}`: check its name", .0.display())]
    NoFile(PathBuf),
    /// A file that neither `backup` nor `export` wrote.
    #[error("the file `{}` is neither a backup nor an export of stagewatch: name one that `stagewatch backup` or `stagewatch export` wrote", .0.display())]
    NoCopy(PathBuf),
    /// A copy that is damaged.
    #[error("the file `{}` is damaged, and nothing was changed: {}; take another copy", file.display(), complaints.join("; "))]
    NotWhole {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        complaints: Vec<String>,
    },
    /// The disk has no room for what is to be done.
    #[error("could not {doing}: the disk of `{}` has {} free, and {} are needed; make room there, and nothing is lost meanwhile", folder.display(), mebibytes(*free_bytes), mebibytes(*needed_bytes))]
    NoRoom {
        /// What was to be done.
        doing: &'static str,
        /// Where.
        folder: PathBuf,
        /// What is there.
        free_bytes: u64,
        /// What it takes.
        needed_bytes: u64,
    },
    /// A file could not be read, written or brought to its name.
    #[error("could not {doing} `{}`: check the file, its folder and its disk; what was there before is still there", file.display())]
    File {
        /// What was to be done: `write`.
        doing: &'static str,
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// An export broke off half-way.
    #[error("could not {doing}: reading or writing the JSON lines broke off")]
    Stream {
        /// What was being done.
        doing: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// An export that cannot be taken in.
    #[error("could not take in the export: line {line}: {what}; take another copy, nothing was changed")]
    Export {
        /// The line, from 1 on.
        line: u64,
        /// What is wrong with it, and what would be right.
        what: String,
    },
    /// Nobody knows this delivery.
    #[error("no delivery is called `{0}`; `stagewatch deliveries` lists those there are")]
    NoSuchDelivery(String),
    /// A backup never replaces a file.
    #[error("the file `{}` exists already: name a new file for the backup", .0.display())]
    BackupExists(PathBuf),
    /// The finished copy could not be brought to its name.
    #[error("could not finish the backup `{}`: check its folder", file.display())]
    BackupFile {
        /// The file asked for.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// The ways in which a database says no; each prints with its remedy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Fault {
    /// No space.
    #[error("the disk is full; nothing that was acknowledged is lost, and work goes on once there is space")]
    Full,
    /// The disk failed.
    #[error("the disk failed to read or write; nothing that was acknowledged is lost, check the disk")]
    Disk,
    /// No permission.
    #[error("it is not writable; give this user the right to write to the file and to its folder")]
    NotWritable,
    /// Neither there nor possible to create.
    #[error("it cannot be opened or created; check that this user may write to its folder")]
    CannotOpen,
    /// Another program holds it.
    #[error("it is locked by another program; close whatever else has the file open")]
    Busy,
    /// The file is damaged.
    #[error("the file is damaged; stop stagewatch and restore a backup")]
    Damaged,
    /// The file is something else.
    #[error("it is not a database of stagewatch; name another file")]
    Foreign,
    /// The promise of durability cannot be kept here.
    #[error("acknowledged writes would not be safe there; put it on a local disk that can hold a write-ahead log")]
    Unsafe,
    /// A statement was refused: a rule of the schema, or a mistake of ours.
    #[error("a statement was refused")]
    Refused,
}

/// What goes wrong inside a transaction, before it is known which one.
#[derive(Debug)]
pub(super) enum Failure {
    /// The engine said no.
    Engine(EngineError),
    /// A row that cannot be read.
    Unreadable(String),
    /// A snapshot that cannot be kept or restored.
    Snapshot {
        /// Its address.
        sha256: String,
        /// What is wrong.
        why: String,
    },
    /// An id that no delivery has.
    NoSuchDelivery(String),
    /// No random bytes.
    NoRandomness(String),
    /// JSON lines could not be read or written.
    Stream(io::Error),
    /// A line of an export that cannot be taken in.
    Export(u64, String),
}

/// Rounded up: what is needed is not told as less.
fn mebibytes(size_bytes: u64) -> String {
    format!("{} MiB", size_bytes.div_ceil(1 << 20))
}

impl StoreError {
    /// Whether space ran out: the remedy is outside, and everything can go on once there is some.
    pub fn is_full(&self) -> bool {
        self.fault() == Some(Fault::Full)
    }

    /// Whether the disk is at fault, full or failing: the outbox should rest, not spin.
    pub fn is_disk(&self) -> bool {
        matches!(self.fault(), Some(Fault::Full | Fault::Disk))
    }

    /// Whether the same call may work later without anybody changing the program or the file.
    pub fn is_transient(&self) -> bool {
        matches!(self.fault(), Some(Fault::Full | Fault::Disk | Fault::Busy))
    }

    /// What kind of no the engine gave; `None` where it was not the engine.
    pub fn fault(&self) -> Option<Fault> {
        match self {
            StoreError::Database { fault, .. } => Some(*fault),
            StoreError::Unreadable { .. }
            | StoreError::Newer { .. }
            | StoreError::InUse { .. }
            | StoreError::LockFile { .. }
            | StoreError::Snapshot { .. }
            | StoreError::NoRandomness { .. }
            | StoreError::NoFile(_)
            | StoreError::NoCopy(_)
            | StoreError::NotWhole { .. }
            | StoreError::NoRoom { .. }
            | StoreError::File { .. }
            | StoreError::Stream { .. }
            | StoreError::Export { .. }
            | StoreError::NoSuchDelivery(_)
            | StoreError::BackupExists(_)
            | StoreError::BackupFile { .. } => None,
        }
    }
}

impl Failure {
    /// The failure with what was being done, and where.
    pub(super) fn told(self, doing: &'static str, database: &Path) -> StoreError {
        let database = database.to_owned();
        match self {
            Failure::Engine(EngineError { fault, source }) => StoreError::Database { doing, database, fault, source },
            Failure::Unreadable(what) => StoreError::Unreadable { doing, database, what },
            Failure::Snapshot { sha256, why } => StoreError::Snapshot { doing, sha256, why },
            Failure::NoSuchDelivery(id) => StoreError::NoSuchDelivery(id),
            Failure::NoRandomness(why) => StoreError::NoRandomness { doing, why },
            Failure::Stream(source) => StoreError::Stream { doing, source },
            Failure::Export(line, what) => StoreError::Export { line, what },
        }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Failure {
        Failure::Engine(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(fault: Fault) -> StoreError {
        let engine = EngineError { fault, source: "the engine's words".into() };
        Failure::from(engine).told("accept a poll", Path::new("state/watch.db"))
    }

    #[test]
    fn an_error_names_the_database_and_the_remedy_and_leaves_the_cause_to_the_chain() {
        let error = failed(Fault::NotWritable);
        assert_eq!(
            error.to_string(),
            "could not accept a poll in the database `state/watch.db`: it is not writable; give this user the right to write to the \
             file and to its folder"
        );
        assert_eq!(error.source().expect("a cause").to_string(), "the engine's words");
    }

    #[test]
    fn a_full_disk_can_be_told_from_a_failing_one_and_from_a_mistake() {
        let told = |fault| {
            let error = failed(fault);
            (error.is_full(), error.is_disk(), error.is_transient())
        };
        assert_eq!(told(Fault::Full), (true, true, true));
        assert_eq!(told(Fault::Disk), (false, true, true));
        assert_eq!(told(Fault::Busy), (false, false, true));
        assert_eq!(told(Fault::Refused), (false, false, false));
        assert!(!StoreError::NoSuchDelivery("dlv_1".to_owned()).is_transient());
    }
}
