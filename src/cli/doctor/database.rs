//! The database, its copies, and who uses it.

use std::path::Path;

use jiff::Timestamp;

use crate::cli::keeping::contents_line;
use crate::logging::chain;
use crate::store::error::StoreError;
use crate::store::inspection::inspect;
use crate::store::lock::holder_of;
use crate::store::upkeep::{last_backup, latest_schema};

use super::finding::Finding;

/// Older, and what would be lost with the disk is worth a word.
const OLD_DAYS: i64 = 30;

/// Reads all of it; the service goes on meanwhile.
pub(super) fn findings(database: &Path, now: Timestamp) -> Vec<Finding> {
    let what = format!("database {}", database.display());
    let mut findings = Vec::new();
    match inspect(database) {
        Ok(inspection) if inspection.complaints.is_empty() => {
            let contents = inspection.contents;
            let upgrade = if contents.schema < latest_schema() {
                format!("; it is brought to schema {} at the next start, and a copy is kept", latest_schema())
            } else {
                String::new()
            };
            findings.push(Finding::good(&what, format!("whole; {}{upgrade}", contents_line(&contents))));
            findings.push(backup(database, now));
        }
        Ok(inspection) => {
            let remedy = "stop the service and `stagewatch restore` a backup";
            findings.push(Finding::wrong(&what, format!("damaged: {}", inspection.complaints.join("; ")), remedy));
        }
        Err(StoreError::NoFile(_)) => {
            findings.push(Finding::good(&what, "not there yet: it is made at the first start"));
        }
        Err(error) => findings.push(Finding::wrong(&what, chain(&error), "see there")),
    }
    let says = match holder_of(database) {
        Some(holder) => format!("runs: {holder} has the lock"),
        None => "does not run: nobody has the lock".to_owned(),
    };
    findings.push(Finding::good("service", says));
    findings
}

fn backup(database: &Path, now: Timestamp) -> Finding {
    let remedy = "`stagewatch backup FILE` every day, or `systemctl enable --now stagewatch-backup.timer`";
    let Some(last) = last_backup(database) else {
        return Finding::doubtful("backup", "none by `stagewatch backup`, as far as is known", remedy);
    };
    let days = now.duration_since(last.at).as_hours() / 24;
    let says = format!("the last one was written at {:.0} to {}", last.at, last.file.display());
    if days >= OLD_DAYS {
        Finding::doubtful("backup", format!("{says}, {days} days ago"), remedy)
    } else {
        Finding::good("backup", says)
    }
}
