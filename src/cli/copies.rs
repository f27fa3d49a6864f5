//! Copies of the database in a folder of their own, each under the moment at which it was made: what the next is called, and which ones
//! are too many. Not the copying. Nothing that has another name is ever touched.

use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::fmt::strtime;

use super::session::CliError;

const FORMAT: &str = "stagewatch-%Y%m%dT%H%M%SZ.db";

/// The copy of this moment; the folder is made where there is none, for its owner alone.
pub(super) fn new_in(folder: &Path, now: Timestamp) -> Result<PathBuf, CliError> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|source| CliError::Write { path: folder.display().to_string(), source })?;
    Ok(folder.join(now.strftime(FORMAT).to_string()))
}

/// Removes all but the newest; what was removed, oldest first.
pub(super) fn remove_older(folder: &Path, n_kept: u32) -> Result<Vec<PathBuf>, CliError> {
    let failed = |path: &Path, source| CliError::Write { path: path.display().to_string(), source };
    let entries = fs::read_dir(folder).map_err(|source| failed(folder, source))?;
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    let older: Vec<PathBuf> = too_many(names, n_kept).iter().map(|name| folder.join(name)).collect();
    for file in &older {
        fs::remove_file(file).map_err(|source| failed(file, source))?;
    }
    Ok(older)
}

/// Those names of copies that are older than the newest so many.
fn too_many(names: Vec<String>, n_kept: u32) -> Vec<String> {
    let mut copies: Vec<String> = names.into_iter().filter(|name| strtime::parse(FORMAT, name).is_ok()).collect();
    copies.sort();
    let n_older = copies.len().saturating_sub(n_kept as usize);
    copies.truncate(n_older);
    copies
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_stay_and_what_has_another_name_is_not_looked_at() {
        let names = [
            "stagewatch-20261103T031700Z.db",
            "stagewatch-20261101T031700Z.db",
            "stagewatch-20261102T031700Z.db",
            "stagewatch-20261101T031700Z.db.part",
            "stagewatch-2026.db",
            "stagewatch-before-the-move.db",
            "photo.jpg",
        ];
        let names: Vec<String> = names.map(str::to_owned).to_vec();
        assert_eq!(too_many(names.clone(), 1), ["stagewatch-20261101T031700Z.db", "stagewatch-20261102T031700Z.db"]);
        assert_eq!(too_many(names.clone(), 2), ["stagewatch-20261101T031700Z.db"]);
        assert!(too_many(names, 3).is_empty());
    }

    #[test]
    fn a_copy_is_called_after_its_moment_and_its_folder_is_for_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let into = folder.path().join("a/b");
        let file = new_in(&into, "2026-11-26T03:17:00.5Z".parse().unwrap()).unwrap();
        assert_eq!(file, into.join("stagewatch-20261126T031700Z.db"));
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&into).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o700);
    }
}
