//! The command line: every command, its arguments, its example. Not what the commands do.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use jiff::Timestamp;

use crate::formats::FORMATS;

use super::keeping_arguments::{Backup, Doctor, Export, Prune, Restore};
use super::moments::moment;

/// Watches the work programmes of SAC/TC 260 and ISO/IEC JTC 1/SC 27 and tells each subscriber, by e-mail or webhook, when a standard
/// they watch moves stage.
#[derive(Debug, Parser)]
#[command(name = "stagewatch", version, arg_required_else_help = true, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Arguments {
    /// What everything has in common.
    #[command(flatten)]
    pub general: General,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done · 1 failed · 2 wrong command line · 3 done, but something was doubtful · 78 wrong configuration

Example:
  stagewatch demo                      the whole product on this machine, without a network
  stagewatch check --config my.toml    everything that is wrong with a configuration
  stagewatch run --config my.toml      watch until told to stop";

/// Options of every command.
#[derive(Debug, Args)]
pub struct General {
    /// The configuration; without it `stagewatch.toml` here, else the one in /etc/stagewatch, else the embedded default
    #[arg(long, short, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Run the command as the service of this machine: as its user, with its secrets and its limits, in its sandbox. Needs root
    #[arg(long, global = true)]
    pub as_service: bool,
    /// Log warnings and errors only
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Log why, too
    #[arg(long, short, global = true)]
    pub verbose: bool,
}

/// The commands, in the order of a user's first day.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Play a scripted body on loopback and watch it: the whole product without a network
    #[command(after_help = "Example:\n  stagewatch demo --folder /tmp/stagewatch-demo")]
    Demo {
        /// Where database, mails and configuration are left; a new temporary folder without it
        #[arg(long, value_name = "FOLDER")]
        folder: Option<PathBuf>,
    },
    /// Read the configuration and print everything that is wrong with it; nothing goes out
    #[command(after_help = "Example:\n  stagewatch check --config /etc/stagewatch/stagewatch.toml")]
    Check,
    /// Fetch a source now; show what was read and what would be announced to whom; store nothing. Of any other page: which format fits
    #[command(after_help = PROBE_HELP)]
    Probe(Probe),
    /// Watch until told to stop: the service
    #[command(after_help = "Example:\n  stagewatch run --config /etc/stagewatch/stagewatch.toml")]
    Run,
    /// Have the running service read its configuration anew: all of it, or none when anything is wrong with it
    #[command(after_help = "Example:\n  stagewatch reload\n  systemctl reload stagewatch")]
    Reload,
    /// Have the running service poll every source (or those named) now
    #[command(after_help = "Example:\n  stagewatch poll\n  stagewatch poll iso-open-data")]
    Poll {
        /// Sources of the configuration; all without any
        sources: Vec<String>,
    },
    /// Ask the running service whether polls and deliveries are moving
    #[command(after_help = "Example:\n  stagewatch health && echo well")]
    Health,
    /// Poll every source (or those named) once, deliver what is due, and exit; for timers and scripts
    #[command(after_help = "Example:\n  stagewatch once\n  stagewatch once iso-open-data")]
    Once {
        /// Sources of the configuration; all without any
        sources: Vec<String>,
        /// Believe pages that lost more projects than the configuration allows, this time
        #[arg(long)]
        believe_shrinkage: bool,
    },
    /// Sources, last polls, doubts, the outbox
    #[command(after_help = "Example:\n  stagewatch status --json")]
    Status {
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// What is watched and where each stands, drawn as a track; with a reference: one, whole
    #[command(after_help = "Example:\n  stagewatch standards\n  stagewatch standards \"ISO/IEC 27071\"")]
    Standards {
        /// A reference, a plan number, an id such as iso:56572, or only a number: 27071
        reference: Option<String>,
        /// Every project of every source, watched or not
        #[arg(long)]
        all: bool,
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Every stage a project has been through, when, and the evidence
    #[command(after_help = "Example:\n  stagewatch history \"ISO/IEC 27071\"\n  stagewatch history 20230259-T-469")]
    History {
        /// A reference, a plan number, an id such as iso:56572, or only a number: 27071
        reference: String,
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// What changed
    #[command(after_help = "Example:\n  stagewatch changes --since 2w\n  stagewatch changes --since 2026-11-01 --json")]
    Changes {
        /// Only what was seen at or after this moment: 2026-11-01, 2026-11-01T06:00:00Z, 12h, 3d, 2w (ago) or yesterday
        #[arg(long, value_parser = moment, value_name = "TIME")]
        since: Option<Timestamp>,
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// The lines that differ between the snapshot before and the snapshot after a change
    #[command(after_help = "Example:\n  stagewatch diff chg_01H06RKKP8ZZZZZZZZZZZZZZZZ")]
    Diff {
        /// The id of a change
        change: String,
        /// Every line of the page, not only those near a line that differs
        #[arg(long)]
        whole: bool,
    },
    /// Everything that proves a change, as one file: both snapshots as served, headers, times, hashes, the diff, the records
    #[command(after_help = "Example:\n  stagewatch evidence chg_01H06RKKP8ZZZZZZZZZZZZZZZZ -o evidence.zip")]
    Evidence {
        /// The id of a change
        change: String,
        /// The file to write
        #[arg(long, short, value_name = "FILE.zip")]
        output: PathBuf,
        /// Write over a file that is there
        #[arg(long)]
        force: bool,
    },
    /// Work plans: each task, its target, how far it is
    #[command(after_help = "Example:\n  stagewatch plan\n  stagewatch plan --json")]
    Plan {
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// What went out, what did not, and why
    #[command(
        after_help = "Example:\n  stagewatch deliveries --failed\n  stagewatch deliveries dlv_01H06RKKP8ZZZZZZZZZZZZZZZZ   one, with every attempt"
    )]
    Deliveries(Deliveries),
    /// Send again, under the same ids; with a subscriber and a time, also what they were never told of
    #[command(override_usage = REDELIVER_USAGE, after_help = REDELIVER_HELP)]
    Redeliver(Redeliver),
    /// Send again to a subscriber who was stopped or disabled, or to one address of theirs, and let go what was held back meanwhile
    #[command(
        after_help = "Example:\n  stagewatch resume plm-system\n  stagewatch resume regulatory-team team@example.org --drop"
    )]
    Resume {
        /// The id of a subscriber
        subscriber: String,
        /// One of their addresses; all without it
        address: Option<String>,
        /// Do not send what was held back
        #[arg(long)]
        drop: bool,
    },
    /// Send a sample alert over every channel of a subscriber and say what the other side answered
    #[command(after_help = "Example:\n  stagewatch test regulatory-team\n  stagewatch test operator")]
    Test {
        /// The id of a subscriber; `operator` is the operator
        subscriber: String,
    },
    /// Read a saved page and print what a format finds in it; stores nothing
    #[command(after_help = READ_HELP, after_long_help = read_long_help())]
    Read {
        /// The format, for instance iso-project; `--help` lists them all; `auto` tries every one and says which fits
        format: String,
        /// The page; `-` is standard input
        file: PathBuf,
        /// The address it came from
        #[arg(long, value_name = "URL")]
        url: Option<url::Url>,
        /// Its Content-Type header
        #[arg(long, value_name = "TYPE")]
        content_type: Option<String>,
        /// Only rows of this committee, where a page is a list; may be given several times
        #[arg(long = "committee", value_name = "COMMITTEE")]
        committees: Vec<String>,
        /// Print records, one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Take a saved page as if polled at that moment; announces nothing unless told to
    #[command(after_help = IMPORT_HELP)]
    Import(Import),
    /// Look at everything the service leans on, each in one line with what to do about it
    Doctor(Doctor),
    /// Write a consistent copy of the database to a new file, while the service runs, and check it
    Backup(Backup),
    /// Put a backup or an export in the place of the database; the one that was there is kept
    Restore(Restore),
    /// Clear out old polls, deliveries and snapshots; never what proves a change, unless told so
    Prune(Prune),
    /// Write everything as JSON lines
    Export(Export),
    /// Print the JSON Schema of what is written, or name the schemas that there are
    #[command(after_help = "Example:\n  stagewatch schema webhook-change > webhook-change.json")]
    Schema {
        /// Which one
        #[arg(value_parser = clap::builder::PossibleValuesParser::new(super::schemas::names()))]
        name: Option<String>,
    },
    /// Print completions for a shell
    #[command(after_help = "Example:\n  stagewatch completions bash > /etc/bash_completion.d/stagewatch")]
    Completions {
        /// bash, zsh, fish, elvish or powershell
        shell: Shell,
    },
    /// Print the manual page, or write one for every command
    #[command(
        after_help = "Example:\n  stagewatch man | man -l -\n  stagewatch man --folder /usr/local/share/man/man1"
    )]
    Man {
        /// Where to write the pages: stagewatch.1, stagewatch-run.1, …; made where it is not there
        #[arg(long, value_name = "FOLDER")]
        folder: Option<PathBuf>,
    },
}

/// Arguments of `deliveries`.
#[derive(Debug, Args)]
pub struct Deliveries {
    /// One delivery, with every attempt
    pub id: Option<String>,
    /// Only those that were given up
    #[arg(long)]
    pub failed: bool,
    /// Only those that wait, are being sent or are held back
    #[arg(long, conflicts_with = "failed")]
    pub unsettled: bool,
    /// Only those for this subscriber
    #[arg(long, value_name = "ID")]
    pub subscriber: Option<String>,
    /// Only those written at or after this moment: 2026-11-01, 2026-11-01T06:00:00Z, 12h, 3d, 2w (ago) or yesterday
    #[arg(long, value_parser = moment, value_name = "TIME")]
    pub since: Option<Timestamp>,
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

const REDELIVER_HELP: &str = "\
Example:
  stagewatch redeliver dlv_01H06RKKP8ZZZZZZZZZZZZZZZZ
  stagewatch redeliver --failed --subscriber plm-system
  stagewatch redeliver --since 2026-11-01 --subscriber plm-system   and what they were never told of since then";

const REDELIVER_USAGE: &str = "\
stagewatch redeliver <IDS>...
       stagewatch redeliver --failed [--since <TIME>] [--subscriber <ID>]
       stagewatch redeliver --since <TIME> [--subscriber <ID>]";

/// Arguments of `redeliver`.
#[derive(Debug, Args)]
pub struct Redeliver {
    /// Ids of deliveries
    #[arg(required_unless_present_any = ["since", "failed"])]
    pub ids: Vec<String>,
    /// Everything that was written at or after this moment: 2026-11-01, 2026-11-01T06:00:00Z, 12h, 3d, 2w (ago) or yesterday
    #[arg(long, value_parser = moment, value_name = "TIME", conflicts_with = "ids")]
    pub since: Option<Timestamp>,
    /// Everything that was given up
    #[arg(long, conflicts_with = "ids")]
    pub failed: bool,
    /// Only for this subscriber
    #[arg(long, value_name = "ID", conflicts_with = "ids")]
    pub subscriber: Option<String>,
}

const PROBE_HELP: &str = "\
Example:
  stagewatch probe iso-open-data                            a source of the configuration
  stagewatch probe iso-open-data --json | head
  stagewatch probe https://www.iso.org/standard/56572.html  any page: which format fits, and a [[source]] to paste";

/// Arguments of `probe`.
#[derive(Debug, Args)]
pub struct Probe {
    /// A source of the configuration, or the address of a page
    #[arg(value_name = "SOURCE|ADDRESS")]
    pub source: String,
    /// Read it with this format; `auto`, which is also meant by an address alone, tries every one and says which fits
    #[arg(long, value_name = "NAME")]
    pub format: Option<String>,
    /// Only rows of this committee, where an address is a list; may be given several times
    #[arg(long = "committee", value_name = "COMMITTEE")]
    pub committees: Vec<String>,
    /// Print records, one JSON object a line
    #[arg(long)]
    pub json: bool,
}

const READ_HELP: &str = "\
Example:
  stagewatch read iso-project page.html --url https://www.iso.org/standard/56572.html
  curl -s … | stagewatch read samr-plans - --json
  stagewatch read auto page.html --url https://www.example.org/notices   which format fits";

/// The example, then every format with what it reads.
fn read_long_help() -> String {
    format!("{READ_HELP}\n\nFormats:\n{}", list_of_formats())
}

/// Every format and, indented under it, what it reads.
pub fn list_of_formats() -> String {
    let lines: Vec<String> =
        FORMATS.iter().map(|format| format!("  {}\n      {}", format.name, format.about)).collect();
    lines.join("\n")
}

const IMPORT_HELP: &str = "\
Example:
  stagewatch import gbt-1-1 page.html --at 2020-11-03
  stagewatch import gbt-1-1 --list pages.tsv     one page a line: time, tab, path; oldest first
  stagewatch import gbt-1-1 --list archive/      every page of a folder, named like page_20201103060000.html";

/// Arguments of `import`.
#[derive(Debug, Args)]
pub struct Import {
    /// A source of the configuration
    pub source: String,
    /// The saved page
    #[arg(required_unless_present = "list", requires = "at", conflicts_with = "list")]
    pub file: Option<PathBuf>,
    /// When it was served: 2020-11-03, 2020-11-03T06:00:00Z, or how long ago: 3d
    #[arg(long, value_parser = moment, value_name = "TIME", conflicts_with = "list")]
    pub at: Option<Timestamp>,
    /// A file of lines `time<TAB>path`, oldest first, paths relative to it; or a folder of pages that have their time in their names
    #[arg(long, value_name = "FILE.tsv|FOLDER")]
    pub list: Option<PathBuf>,
    /// The Content-Type header of the pages
    #[arg(long, value_name = "TYPE")]
    pub content_type: Option<String>,
    /// Announce what changed, as a poll would
    #[arg(long)]
    pub notify: bool,
}
