//! `read` and `probe`: what a format finds in a page, saved or fetched now. Stores nothing.
#![expect(clippy::disallowed_methods, reason = "the command line reads files and the clock")]

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use jiff::Timestamp;
use url::Url;

use crate::changes::change::RecordedChange;
use crate::changes::comparison::Comparison;
use crate::changes::notice_sentence::sentence;
use crate::changes::subscription::watches_of;
use crate::config::settings::Settings;
use crate::daemon::gather::{Gathered, following, gather, programme_of};
use crate::daemon::poll::{compared, limits_of};
use crate::daemon::recording::{Bench, Shown};
use crate::daemon::report::counted;
use crate::formats::open::open;
use crate::formats::{Format, Reading, Scope, named};
use crate::records::line::{DefectRecord, Line, PageRecord};
use crate::records::project::ProjectRecord;
use crate::standards::committee::Committee;
use crate::standards::language::Language;
use crate::standards::programme::{Defect, Wholeness};
use crate::standards::project::Project;
use crate::store::SourceState;

use super::arguments::{General, list_of_formats};
use super::fitting::{AUTO, Answer, read_auto};
use super::output::{Output, Tone, harmless};
use super::session::{CliError, Exit, quiet_house_of, source_named};

/// What `read` is told.
pub struct ReadArguments<'a> {
    /// The format's name.
    pub format: &'a str,
    /// The page, or `-`.
    pub file: &'a Path,
    /// Where it came from.
    pub url: Option<&'a Url>,
    /// Its header.
    pub content_type: Option<&'a str>,
    /// Whose rows matter.
    pub committees: &'a [String],
    /// Records instead of a table.
    pub json: bool,
}

/// `stagewatch read`.
pub fn read(arguments: &ReadArguments<'_>, output: &mut Output) -> Result<Exit, CliError> {
    let format = if arguments.format == AUTO { None } else { Some(format_named(arguments.format)?) };
    let bytes = bytes_of(arguments.file)?;
    let scope = scope_of(arguments.committees);
    let answer = Answer::saved(arguments.url.cloned(), arguments.content_type.map(str::to_owned), bytes);
    let Some(format) = format else {
        return read_auto(&answer, &scope, arguments.json, output);
    };
    let reading = open(format, &answer.served(), &answer.bytes, &scope).reading;
    show(format, &reading, arguments.json, output)?;
    Ok(exit_of(&reading))
}

/// Which rows matter, by the names of committees on the command line.
pub fn scope_of(committees: &[String]) -> Scope {
    Scope { committees: committees.iter().filter_map(|name| Committee::parse(name)).collect(), ..Scope::default() }
}

/// The format of that name, or an error that lists them all.
pub fn format_named(name: &str) -> Result<&'static Format, CliError> {
    named(name)
        .ok_or_else(|| CliError::Unknown(format!("no format is called `{name}`; there are\n{}", list_of_formats())))
}

/// The bytes of a file, or of standard input for `-`.
pub fn bytes_of(file: &Path) -> Result<Vec<u8>, CliError> {
    let read = if file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(file)
    };
    read.map_err(|source| CliError::Read { path: file.display().to_string(), source })
}

/// How a command ends that shows this.
pub fn exit_of(reading: &Reading) -> Exit {
    if reading.wholeness.is_whole() { Exit::Done } else { Exit::Doubtful }
}

/// Everything that was read: projects, defects, and what the page was.
pub fn show(format: &Format, reading: &Reading, json: bool, output: &mut Output) -> Result<(), CliError> {
    if json {
        return show_records(format, reading, output);
    }
    show_projects(&reading.projects, output)?;
    show_defects(&reading.defects, output)?;
    for next in &reading.follow {
        output.line(format!("continues at {next}"))?;
    }
    let verdict = match &reading.wholeness {
        Wholeness::Whole => output.toned(Tone::Good, "whole"),
        Wholeness::InDoubt(why) => output.toned(Tone::Bad, &format!("not believed: {}", harmless(why))),
    };
    let projects = counted(reading.projects.len() as u64, "project");
    let defects = counted(reading.defects.len() as u64, "defect");
    Ok(output.line(format!("{}: {projects}, {defects}; {verdict}", format.name))?)
}

/// A page that is no page prints its last line only.
fn show_records(format: &Format, reading: &Reading, output: &mut Output) -> Result<(), CliError> {
    let why = match &reading.wholeness {
        Wholeness::Whole => None,
        Wholeness::InDoubt(why) => Some(why.clone()),
    };
    for project in &reading.projects {
        output.json(&Line::Project(Box::new(ProjectRecord::from(project))))?;
    }
    for defect in &reading.defects {
        output.json(&Line::Defect(DefectRecord::from(defect)))?;
    }
    Ok(output.json(&Line::Page(PageRecord {
        format: format.name.to_owned(),
        whole: why.is_none(),
        why,
        projects: reading.projects.len(),
        defects: reading.defects.len(),
        next: reading.follow.iter().map(Url::to_string).collect(),
    }))?)
}

fn show_projects(projects: &[Project], output: &mut Output) -> Result<(), CliError> {
    let rows = projects.iter().map(|project| {
        let stage = project.stage.as_ref().map(|stage| match stage.code {
            Some(code) if code.to_string() == stage.printed => stage.printed.clone(),
            Some(code) => format!("{} ({code})", harmless(&stage.printed)),
            None => format!("{} (unknown)", harmless(&stage.printed)),
        });
        vec![
            project.id.to_string(),
            harmless(&project.reference),
            stage.unwrap_or_default(),
            project.since.map(|day| day.to_string()).unwrap_or_default(),
            harmless(project.title(Language::English).unwrap_or_default()),
        ]
    });
    Ok(output.table(&["id", "reference", "stage", "since", "title"], rows.collect())?)
}

fn show_defects(defects: &[Defect], output: &mut Output) -> Result<(), CliError> {
    for defect in defects {
        let line = defect.line.map(|line| format!("line {line}: ")).unwrap_or_default();
        let text = format!("defect: {line}{}: {}", defect.what, harmless(&defect.text));
        output.line(output.toned(Tone::Warning, &text))?;
    }
    Ok(())
}

/// `stagewatch probe` of a source: as it is configured, or as if it were read with another format.
pub async fn probe(
    general: &General,
    id: &str,
    format: Option<&'static Format>,
    json: bool,
    output: &mut Output,
) -> Result<Exit, CliError> {
    let house = quiet_house_of(general)?;
    let mut source = source_named(&house.settings, id)?.clone();
    source.format = format.unwrap_or(source.format);
    let source = &following(&house, &source)?;
    if !json {
        output.line(format!("{}: {}", source.format.name, source.format.about))?;
    }
    // Nothing of what is stored goes into the request, so that a whole page comes.
    let nothing_held = SourceState::default();
    let gathered = gather(&house, source, &nothing_held, Timestamp::now())
        .await
        .map_err(|error| CliError::Poll { id: id.to_owned(), source: error })?;
    let sheets = match gathered {
        Gathered::Sheets(sheets) => sheets,
        Gathered::NotModified => Vec::new(),
        Gathered::Refused { refusal, status, .. } => {
            let why = format!("{}: {} (status {status})", refusal.kind.as_str(), refusal.evidence);
            show(source.format, &Reading::doubt(why), json, output)?;
            return Ok(Exit::Doubtful);
        }
    };
    let programme = programme_of(&sheets);
    let reading = Reading {
        projects: programme.projects.values().cloned().collect(),
        defects: programme.defects.clone(),
        wholeness: programme.wholeness.clone(),
        follow: Vec::new(),
    };
    show(source.format, &reading, json, output)?;
    if json {
        return Ok(exit_of(&reading));
    }
    let state = house.store.source_state(id)?;
    let now = Timestamp::now();
    let limits = limits_of(&house, source, &state);
    match compared(&house, source, limits, (&sheets, &programme), now)? {
        Comparison::Doubt(why) => {
            output.line(format!("a poll would accept nothing: {why}"))?;
            return Ok(Exit::Doubtful);
        }
        Comparison::Baseline(_) => show_interest(&house.settings, &reading.projects, output)?,
        Comparison::Compared { changes, holdings } => {
            let (house, state, sheets, known) = (&house, &state, &sheets, &BTreeMap::new());
            let changed = changes.iter().map(|change| &change.after);
            let shown = &Shown::beside(&house.store, id, &holdings, changed)?;
            let bench = Bench { house, source, state, sheets, known, shown, at: now };
            show_news(&house.settings, &bench.record(changes)?, output)?;
        }
    }
    Ok(exit_of(&reading))
}

/// First contact announces nothing; what matters is which projects would be watched.
fn show_interest(settings: &Settings, projects: &[Project], output: &mut Output) -> Result<(), CliError> {
    output.line("a poll would be the first contact: stored as the baseline, not announced")?;
    for project in projects {
        let watches = watches_of(&settings.watches, project);
        if !watches.is_empty() {
            output.line(format!("  {} is watched by {}", harmless(&project.reference), watches.join(", ")))?;
        }
    }
    Ok(())
}

fn show_news(settings: &Settings, changes: &[RecordedChange], output: &mut Output) -> Result<(), CliError> {
    if changes.is_empty() {
        output.line("a poll would announce nothing: nothing changed since the last accepted page")?;
    }
    for change in changes {
        output.line(output.toned(Tone::Strong, &harmless(&sentence(change, Language::English))))?;
        output.line(format!("  {}", audience_of(settings, change)))?;
    }
    Ok(())
}

fn audience_of(settings: &Settings, change: &RecordedChange) -> String {
    let n_watches = settings.watches.len();
    let told: Vec<&str> = settings
        .subscribers
        .iter()
        .filter(|subscriber| subscriber.subscription.wants(change, n_watches))
        .map(|subscriber| subscriber.subscription.subscriber.as_str())
        .collect();
    match (told.as_slice(), settings.subscribers.is_empty(), change.watches.is_empty() && n_watches > 0) {
        ([], true, false) => "would be printed to the terminal".to_owned(),
        ([], _, _) => "nobody would be told".to_owned(),
        (told, _, _) => format!("would be told to {}", told.join(", ")),
    }
}
