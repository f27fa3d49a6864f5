//! One writer a database: an advisory lock on a file beside it. Not what makes transactions safe, that is the engine; this keeps two
//! daemons from polling and alerting side by side.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::Store;
use super::error::StoreError;
use super::room::give_to_owner_of_folder;

/// The right to poll into one database. Given up when dropped, and by the system when the process dies, however it dies.
#[derive(Debug)]
pub struct ExclusiveUse {
    _file: File,
}

impl Store {
    /// Takes the database for this process alone; for whatever polls into it, once it is open. Reading needs no such right.
    pub fn lock(&self) -> Result<ExclusiveUse, StoreError> {
        acquire(self.database())
    }
}

/// Locks the file beside this database, or says who has it.
pub(super) fn acquire(database: &Path) -> Result<ExclusiveUse, StoreError> {
    let path = lock_file(database);
    let failed = |source| StoreError::LockFile { file: path.clone(), source };
    let mut file = opened(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(StoreError::InUse { database: database.to_owned(), holder: holder(&mut file) });
        }
        Err(TryLockError::Error(source)) => return Err(failed(source)),
    }
    sign(&mut file).map_err(failed)?;
    Ok(ExclusiveUse { _file: file })
}

fn opened(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o640);
    match options.clone().create_new(true).open(path) {
        Ok(new) => {
            give_to_owner_of_folder(&new, path);
            Ok(new)
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => options.open(path),
        Err(error) => Err(error),
    }
}

/// Who polls into that database now, if anybody does; looking keeps nobody out for longer than it takes.
#[expect(clippy::disallowed_methods, reason = "what lies beside the database is the store's")]
pub fn holder_of(database: &Path) -> Option<String> {
    let mut file = File::open(lock_file(database)).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(holder(&mut file)),
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

/// The file stays when the lock goes: deleting it would let two processes lock two files of one name.
fn lock_file(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

fn sign(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.take(20).read_to_string(&mut text);
    match (read, text.trim().parse::<u32>()) {
        (Ok(_), Ok(process)) => format!("process {process}"),
        (Ok(_) | Err(_), _) => "another process".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_refused_by_name_until_the_first_lets_go() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("watch.db");
        let first = acquire(&database).unwrap();
        let error = acquire(&database).unwrap_err();
        let own = std::process::id();
        assert_eq!(
            error.to_string(),
            format!(
                "the database `{}` is in use by process {own}: stop that one first, or name another database",
                database.display()
            )
        );
        drop(first);
        acquire(&database).unwrap();
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = acquire(Path::new("/nonexistent/watch.db")).unwrap_err();
        assert!(error.to_string().contains("`/nonexistent/watch.db.lock`"), "{error}");
    }
}
