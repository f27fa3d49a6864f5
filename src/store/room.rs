//! Room on the disk, and files that get their name only once they are whole and on it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::error::StoreError;

/// How many bytes this process may still write to the disk of that folder.
pub fn free_bytes(folder: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// An error where there is not enough room; where that cannot be known, writing will tell.
pub(super) fn insist_on_room(doing: &'static str, file: &Path, needed_bytes: u64) -> Result<(), StoreError> {
    let folder = folder_of(file);
    match free_bytes(folder) {
        Ok(free_bytes) if free_bytes < needed_bytes => {
            Err(StoreError::NoRoom { doing, folder: folder.to_owned(), free_bytes, needed_bytes })
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// The folder of a file; `.` where its path names none.
pub(super) fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Gives a file that was made just now to whoever owns its folder: an administrator imports or restores, and a service goes on from there.
/// Who may not do that owns the folder already, or is told when the service starts.
pub(super) fn give_to_owner_of_folder(new: &File, file: &Path) {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    if let Ok(owner) = fs::metadata(folder_of(file)) {
        let _ = fchown(new, Some(owner.uid()), Some(owner.gid()));
    }
}

/// The same name with something behind it.
pub(super) fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(ending);
    PathBuf::from(name)
}

/// Brings a file that is written to the disk and to its name, over whatever had that name.
#[expect(clippy::disallowed_methods, reason = "a file is opened here to bring it to the disk, not to read it")]
pub(super) fn finish(part: &Path, file: &Path) -> io::Result<()> {
    File::open(part)?.sync_all()?;
    fs::rename(part, file)?;
    settle_names(file)
}

/// A new name is on the disk only when its folder is.
#[expect(clippy::disallowed_methods, reason = "a folder is opened here to bring it to the disk, not to read it")]
pub(super) fn settle_names(file: &Path) -> io::Result<()> {
    File::open(folder_of(file))?.sync_all()
}

/// Removes a file that may be there: what something that was interrupted left behind.
pub(super) fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
