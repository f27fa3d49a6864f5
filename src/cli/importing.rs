//! `import`: saved pages, one or thousands, taken in as if polled when they were served.
#![expect(clippy::disallowed_methods, reason = "the command line reads the clock")]

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;

use crate::changes::notice_sentence::sentence;
use crate::config::source::Source;
use crate::daemon::House;
use crate::daemon::import::{Saved, import as take_in};
use crate::daemon::poll::{Announce, Polled};
use crate::daemon::report::counted;
use crate::standards::language::Language;
use crate::store::PollOutcome;

use super::archive::{Entry, entries_in};
use super::arguments::{General, Import};
use super::output::{Output, Tone, harmless};
use super::reading::bytes_of;
use super::session::{CliError, Exit, house_of, source_named};

/// What a run of imports came to.
#[derive(Default)]
struct Tally {
    pages: u64,
    changes: u64,
    doubtful: u64,
}

/// `stagewatch import`.
pub fn import(general: &General, arguments: &Import, output: &mut Output) -> Result<Exit, CliError> {
    let entries = entries_of(arguments)?;
    let (house, _lock) = house_of(general)?;
    let source = source_named(&house.settings, &arguments.source)?.clone();
    let announce = if arguments.notify { Announce::At(Timestamp::now()) } else { Announce::No };
    let progress = progress_of(entries.len());
    let mut tally = Tally::default();
    for entry in &entries {
        progress.set_message(entry.at.strftime("%Y-%m-%d").to_string());
        let polled = import_one(&house, &source, entry, arguments.content_type.as_deref(), announce)?;
        progress.suspend(|| show(entry, &polled, &mut tally, output))?;
        progress.inc(1);
    }
    progress.finish_and_clear();
    let Tally { pages, changes, doubtful } = tally;
    let (pages, changes) = (counted(pages, "page"), counted(changes, "change"));
    output.line(format!("{pages} taken in: {changes}, {doubtful} not believed"))?;
    Ok(if doubtful > 0 { Exit::Doubtful } else { Exit::Done })
}

fn import_one(
    house: &House,
    source: &Source,
    entry: &Entry,
    content_type: Option<&str>,
    announce: Announce,
) -> Result<Polled, CliError> {
    let saved = Saved { bytes: bytes_of(&entry.path)?, content_type: content_type.map(str::to_owned), at: entry.at };
    take_in(house, source, saved, announce)
        .map_err(|error| CliError::Import { path: entry.path.display().to_string(), source: error })
}

/// Long work shows where it is, on standard error, and only on a terminal.
fn progress_of(n_pages: usize) -> ProgressBar {
    if n_pages < 2 {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} pages, {msg}, {eta} left")
        .expect("the template is constant and right");
    ProgressBar::new(n_pages as u64).with_style(style)
}

fn entries_of(arguments: &Import) -> Result<Vec<Entry>, CliError> {
    match (&arguments.list, &arguments.file, arguments.at) {
        (Some(archive), _, _) => entries_in(archive),
        (None, Some(file), Some(at)) => Ok(vec![Entry { path: file.clone(), at }]),
        (None, _, _) => {
            Err(CliError::Unknown("`import` wants a page and --at TIME, or --list FILE.tsv or a folder".to_owned()))
        }
    }
}

fn show(entry: &Entry, polled: &Polled, tally: &mut Tally, output: &mut Output) -> Result<(), CliError> {
    tally.pages += 1;
    tally.changes += polled.changes.len() as u64;
    let day = entry.at.strftime("%Y-%m-%d");
    match polled.poll.outcome {
        PollOutcome::Doubtful | PollOutcome::Refused | PollOutcome::Failed => {
            tally.doubtful += 1;
            let why = harmless(polled.poll.why.as_deref().unwrap_or("no reason given"));
            let text = format!("{day}  {}: not believed: {why}", entry.path.display());
            output.line(output.toned(Tone::Warning, &text))?;
        }
        PollOutcome::Baseline => {
            output.line(format!("{day}  baseline: {}", counted(polled.poll.n_projects, "project")))?;
        }
        PollOutcome::Changed | PollOutcome::Unchanged | PollOutcome::NotModified => {}
    }
    for change in &polled.changes {
        let told = harmless(&sentence(change, Language::English));
        output.line(format!("{day}  {}  {told}", change.id))?;
    }
    Ok(())
}
