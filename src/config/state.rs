//! `[state]`: where stagewatch remembers. Not the store itself.

use std::path::PathBuf;

use crate::store;

use super::environment::Environment;
use super::paths;
use super::table::Table;
use super::value::Value;

/// The database where no file names one, in the folder that the surroundings give.
const FILE_NAME: &str = "stagewatch.db";

/// What a database looks like.
const REMEDY: &str = "write `sqlite:` and a path, e.g. \"sqlite:/var/lib/stagewatch/stagewatch.db\"";

/// Reads `[state]`.
pub(super) fn read(table: &Table<'_>) -> Option<store::Settings> {
    let database = database(&table.required("database")?)?;
    Some(store::Settings { database })
}

/// The database of a configuration without `[state]`; `None` when the surroundings give no folder.
pub(super) fn default(environment: &Environment) -> Option<store::Settings> {
    environment.state.as_ref().map(|folder| store::Settings { database: folder.join(FILE_NAME) })
}

fn database(value: &Value<'_>) -> Option<PathBuf> {
    let text = value.filled()?;
    if text.starts_with("postgres:") || text.starts_with("postgresql:") {
        value.wrong("this build has no PostgreSQL", REMEDY);
        return None;
    }
    let Some(path) = text.strip_prefix("sqlite:") else {
        value.wrong("that is no database", REMEDY);
        return None;
    };
    // `sqlite:///path` is how other programs write an absolute path.
    let path = path.strip_prefix("//").filter(|rest| rest.starts_with('/')).unwrap_or(path);
    if path.is_empty() || path.starts_with("//") || path.starts_with(':') {
        value.wrong("that names no file", REMEDY);
        return None;
    }
    paths::resolved(value, path)
}
