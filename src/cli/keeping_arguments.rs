//! The command line of the commands that keep the database: their arguments and their examples.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::quantities::parse_duration;

const BACKUP_HELP: &str = "\
The copy is consistent, whatever the service does meanwhile; it is opened again and all of it is read before this says that it is good.
Of the configuration only the database has to be right. Exit code 3: it was written, but what it was copied from is damaged.

Example:
  stagewatch backup /var/backups/stagewatch-$(date +%F).db
  stagewatch backup --into /var/backups/stagewatch --keep 14      one more each time, and no more than fourteen";

/// Arguments of `backup`.
#[derive(Debug, Args)]
#[command(after_help = BACKUP_HELP)]
pub struct Backup {
    /// The file to write; one that exists is never replaced
    #[arg(required_unless_present = "into")]
    pub file: Option<PathBuf>,
    /// Write a file with the moment in its name into this folder
    #[arg(long, value_name = "FOLDER", conflicts_with = "file")]
    pub into: Option<PathBuf>,
    /// Once the new one is good, remove older ones of that folder, so that so many stay
    #[arg(long, value_name = "NUMBER", requires = "into", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep: Option<u32>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

const RESTORE_HELP: &str = "\
The file is checked before anything happens. The database that is there stays beside the new one, under a name that ends with the date.
What was to be sent when the copy was made is sent again under the same ids; what changed since is found again by the next polls.

Example:
  systemctl stop stagewatch
  stagewatch restore /var/backups/stagewatch-2026-11-01.db
  stagewatch restore stagewatch.jsonl      an export, on another machine";

/// Arguments of `restore`.
#[derive(Debug, Args)]
#[command(after_help = RESTORE_HELP)]
pub struct Restore {
    /// A file that `backup` or `export` wrote
    pub file: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

const PRUNE_HELP: &str = "\
What is not given here is as [keep] of the configuration has it, else 90 days. What a source shows now, what is still to be sent, changes
and stages always stay.

Example:
  stagewatch prune --dry-run
  stagewatch prune --older-than 365d
  systemctl stop stagewatch; stagewatch prune --compact; systemctl start stagewatch";

/// Arguments of `prune`.
#[derive(Debug, Args)]
#[command(after_help = PRUNE_HELP)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct Prune {
    /// Clear out polls, settled deliveries and snapshots that are older: 90d
    #[arg(long, value_name = "AGE", value_parser = parse_duration)]
    pub older_than: Option<Duration>,
    /// Keep at most so many polls of each source
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub most_polls: Option<u32>,
    /// Keep at most so many settled deliveries
    #[arg(long, value_name = "NUMBER")]
    pub most_deliveries: Option<u32>,
    /// Keep at most so many snapshots of each page, beside those that a change refers to
    #[arg(long, value_name = "NUMBER")]
    pub most_snapshots: Option<u32>,
    /// Clear out the snapshots that prove changes, too, once they are as old; the changes keep their hashes
    #[arg(long)]
    pub evidence_too: bool,
    /// Say what would go, and leave it
    #[arg(long, conflicts_with = "compact")]
    pub dry_run: bool,
    /// Give the room back to the disk, too: the file is written anew, which only works while the service is stopped
    #[arg(long)]
    pub compact: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

const EXPORT_HELP: &str = "\
One JSON object a line: first the version, then one row of one table each, at last how many there were. `restore` takes it in, on any
machine. Not in it: keys, payloads of deliveries that are over and, unless asked for, snapshots: the pages themselves, which prove the
changes (`backup` always has them). It has the addresses of recipients in it: keep it like the database.

Example:
  stagewatch export -o stagewatch.jsonl
  stagewatch export | jq -c 'select(.changes) | .changes.record.project.reference'";

/// Arguments of `export`.
#[derive(Debug, Args)]
#[command(after_help = EXPORT_HELP)]
pub struct Export {
    /// The file to write, for its owner alone; standard output without it
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// With snapshots, each as it is stored: zstd, with the version before as prefix
    #[arg(long)]
    pub snapshots: bool,
    /// Without how polls ended
    #[arg(long)]
    pub no_polls: bool,
}

const DOCTOR_HELP: &str = "\
Each source is asked once, mail is signed in to and nothing is sent. Exit code 3: something deserves a look; 1: something is wrong.

Example:
  sudo stagewatch doctor --as-service      with the eyes of the service
  stagewatch doctor --offline --json";

/// Arguments of `doctor`.
#[derive(Debug, Args)]
#[command(after_help = DOCTOR_HELP)]
pub struct Doctor {
    /// Leave out what needs the network
    #[arg(long)]
    pub offline: bool,
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}
