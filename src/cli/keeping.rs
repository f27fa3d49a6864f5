//! `backup`, `restore`, `prune` and `export`: the database as a whole.
#![expect(clippy::disallowed_methods, reason = "the command line reads the clock and writes files")]

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use crate::daemon::clearing::told;
use crate::daemon::report::counted;
use crate::quantities::rounded;
use crate::store::Store;
use crate::store::export::Selection;
use crate::store::inspection::{Contents, inspect};
use crate::store::pruning::{Evidence, Pruned, Retention};
use crate::store::upkeep::LastBackup;

use super::arguments::General;
use super::copies;
use super::keeping_arguments::{Backup, Export, Prune, Restore};
use super::output::{Output, Tone};
use super::session::{CliError, Exit, database_of, store_alone, store_of};

/// What an export lacks unless it is asked for.
const WITHOUT_PAGES: &str = "the pages themselves, which prove the changes, are not in this export: `backup` has them, and `export --snapshots`";

/// What a file holds, on the wire.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct ContentsRecord {
    schema: i64,
    size_bytes: u64,
    sources: u64,
    projects: u64,
    changes: u64,
    polls: u64,
    snapshots: u64,
    deliveries: u64,
    waiting: u64,
    last_poll: Option<String>,
}

impl From<&Contents> for ContentsRecord {
    fn from(contents: &Contents) -> ContentsRecord {
        ContentsRecord {
            schema: contents.schema,
            size_bytes: contents.size_bytes,
            sources: contents.n_sources,
            projects: contents.n_projects,
            changes: contents.n_changes,
            polls: contents.n_polls,
            snapshots: contents.n_snapshots,
            deliveries: contents.n_deliveries,
            waiting: contents.n_waiting,
            last_poll: contents.last_poll.map(|at| at.to_string()),
        }
    }
}

/// `1.2 MiB; schema 2, 6 sources, 812 projects …`.
pub fn contents_line(contents: &Contents) -> String {
    let deliveries = match contents.n_deliveries {
        1 => "1 delivery".to_owned(),
        number => format!("{number} deliveries"),
    };
    let parts = [
        format!("schema {}", contents.schema),
        counted(contents.n_sources, "source"),
        counted(contents.n_projects, "project"),
        counted(contents.n_changes, "change"),
        counted(contents.n_polls, "poll"),
        counted(contents.n_snapshots, "snapshot"),
        format!("{deliveries} ({} to go out)", contents.n_waiting),
        contents.last_poll.map_or_else(|| "never polled".to_owned(), |at| format!("last poll {at:.0}")),
    ];
    format!("{}; {}", rounded(contents.size_bytes), parts.join(", "))
}

/// `stagewatch backup`.
pub fn backup(general: &General, arguments: &Backup, output: &mut Output) -> Result<Exit, CliError> {
    let now = Timestamp::now();
    let file = &match &arguments.into {
        Some(folder) => copies::new_in(folder, now)?,
        None => arguments.file.clone().unwrap_or_default(),
    };
    if file == Path::new("-") {
        return Err(CliError::Unknown(
            "a backup is a file that is opened again and checked: name one, not `-`".to_owned(),
        ));
    }
    let store = store_alone(general)?;
    store.backup(file)?;
    let inspection = inspect(file)?;
    let whole = fs::canonicalize(file).unwrap_or_else(|_| file.clone());
    if let Err(error) = store.note_backup(&LastBackup { at: now, file: whole }) {
        tracing::debug!("could not note when the backup was made: {error}");
    }
    let complaints = &inspection.complaints;
    let removed = match (&arguments.into, arguments.keep) {
        // Of a damaged database the older copies may be the better ones.
        (Some(folder), Some(n_kept)) if complaints.is_empty() => copies::remove_older(folder, n_kept)?,
        _ => Vec::new(),
    };
    if arguments.json {
        let contents = ContentsRecord::from(&inspection.contents);
        output.json(&serde_json::json!({ "backup": {
            "file": file, "complaints": complaints, "contents": contents, "removed": removed
        } }))?;
    } else {
        for complaint in complaints {
            output.line(output.toned(Tone::Bad, &format!("damaged: {complaint}")))?;
        }
        let verdict = if complaints.is_empty() { "whole" } else { "a faithful copy of a damaged database" };
        output.line(format!("{}: {verdict}; {}", file.display(), contents_line(&inspection.contents)))?;
        for older in &removed {
            output.line(format!("removed {}", older.display()))?;
        }
    }
    Ok(if complaints.is_empty() { Exit::Done } else { Exit::Doubtful })
}

/// `stagewatch restore`.
pub fn restore(general: &General, arguments: &Restore, output: &mut Output) -> Result<Exit, CliError> {
    let database = &database_of(general)?;
    let restored = Store::restore(&arguments.file, database, Timestamp::now())?;
    let (contents, kept) = (&restored.contents, &restored.kept);
    if arguments.json {
        let record = ContentsRecord::from(contents);
        output.json(&serde_json::json!({ "restored": { "database": database, "kept": kept, "contents": record } }))?;
        return Ok(Exit::Done);
    }
    output.line(format!("{}: {}", database.display(), contents_line(contents)))?;
    if let Some(kept) = kept {
        output.line(format!("what was there before is {}; remove it when all is well", kept.display()))?;
    }
    if restored.is_of_export && contents.n_snapshots == 0 {
        output.line(output.toned(Tone::Warning, WITHOUT_PAGES))?;
        output.line("`diff` and `evidence` have nothing to show of the changes that came with it")?;
    }
    if contents.n_waiting > 0 {
        let them = counted(contents.n_waiting, "notice");
        output.line(format!(
            "{them} waited to be sent when the copy was made, and will be sent now, under the same ids"
        ))?;
    }
    Ok(Exit::Done)
}

/// What was cleared out, on the wire.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct PrunedRecord {
    dry_run: bool,
    polls: u64,
    deliveries: u64,
    snapshots: u64,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_before: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_after: Option<u64>,
}

/// `stagewatch prune`.
pub fn prune(general: &General, arguments: &Prune, output: &mut Output) -> Result<Exit, CliError> {
    let (settings, store) = store_of(general)?;
    let retention = retention_of(&settings.keep.retention, arguments);
    let now = Timestamp::now();
    // Held for the whole of it: nobody starts between the clearing out and the compaction.
    let _lock = if arguments.compact { Some(store.lock()?) } else { None };
    let pruned = if arguments.dry_run { store.would_prune(&retention, now)? } else { store.prune(&retention, now)? };
    let compacted = if arguments.compact { Some(store.compact()?) } else { None };
    if arguments.json {
        let Pruned { n_polls, n_deliveries, n_snapshots, size_bytes } = pruned;
        let record = PrunedRecord {
            dry_run: arguments.dry_run,
            polls: n_polls,
            deliveries: n_deliveries,
            snapshots: n_snapshots,
            bytes: size_bytes,
            file_before: compacted.map(|sizes| sizes.before_bytes),
            file_after: compacted.map(|sizes| sizes.after_bytes),
        };
        output.json(&serde_json::json!({ "pruned": record }))?;
        return Ok(Exit::Done);
    }
    let done = if arguments.dry_run { "would clear out" } else { "cleared out" };
    output.line(format!("{done} {}", told(&pruned)))?;
    match compacted {
        Some(sizes) => {
            output.line(format!(
                "the file had {}, and has {}",
                rounded(sizes.before_bytes),
                rounded(sizes.after_bytes)
            ))?;
        }
        None if pruned.size_bytes > 0 && !arguments.dry_run => {
            output.line("the room is used again by what comes; `--compact` gives it back to the disk")?;
        }
        None => {}
    }
    Ok(Exit::Done)
}

fn retention_of(configured: &Retention, arguments: &Prune) -> Retention {
    let age = |configured| arguments.older_than.unwrap_or(configured);
    Retention {
        polls: age(configured.polls),
        deliveries: age(configured.deliveries),
        snapshots: age(configured.snapshots),
        most_polls: arguments.most_polls.or(configured.most_polls),
        most_deliveries: arguments.most_deliveries.or(configured.most_deliveries),
        most_snapshots: arguments.most_snapshots.or(configured.most_snapshots),
        evidence: if arguments.evidence_too { Evidence::Goes } else { configured.evidence },
    }
}

/// `stagewatch export`.
pub fn export(general: &General, arguments: &Export, output: &mut Output) -> Result<Exit, CliError> {
    let store = store_alone(general)?;
    let selection = Selection { polls: !arguments.no_polls, snapshots: arguments.snapshots };
    let Some(file) = &arguments.output else {
        store.export(selection, &mut BufWriter::new(io::stdout().lock()))?;
        if !arguments.snapshots {
            tracing::info!("{WITHOUT_PAGES}");
        }
        return Ok(Exit::Done);
    };
    let failed = |source| CliError::Write { path: file.display().to_string(), source };
    if file.exists() {
        return Err(CliError::Unknown(format!(
            "the file `{}` exists already: name a new file for the export",
            file.display()
        )));
    }
    // Under another name until it is whole.
    let part = part_of(file);
    let written = private(&part).map_err(failed).and_then(|mut out| {
        let n_rows = store.export(selection, &mut BufWriter::new(&mut out))?;
        out.flush().and_then(|()| out.sync_all()).and_then(|()| fs::rename(&part, file)).map_err(failed)?;
        Ok(n_rows)
    });
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    let size_bytes = fs::metadata(file).map(|metadata| metadata.len()).unwrap_or_default();
    output.line(format!("{}: {} rows, {}", file.display(), written?, rounded(size_bytes)))?;
    if !arguments.snapshots {
        output.line(WITHOUT_PAGES)?;
    }
    Ok(Exit::Done)
}

fn part_of(file: &Path) -> std::path::PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

/// A new file for its owner alone.
fn private(file: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}
