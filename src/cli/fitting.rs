//! `probe` of a page that no source names, and `read auto`: which format fits, what it reads, and a `[[source]]` for it. Stores
//! nothing, and compares with nothing that is stored.

use serde::Serialize;
use url::Url;

use crate::config::settings::Settings;
use crate::config::source::Source;
use crate::daemon::poll::PollError;
use crate::fetch::settings::Options;
use crate::fetch::{Fetched, Fetcher, Request, Sieve, Validators};
use crate::formats::fitting::{Candidate, Verdict, candidates_of, closeness};
use crate::formats::open::open;
use crate::formats::refusal::Served;
use crate::formats::{FORMATS, Format, Scope};

use super::arguments::{General, Probe};
use super::output::{Output, Tone, harmless};
use super::proposal::proposal_of;
use super::reading::{self, exit_of, format_named, scope_of, show};
use super::session::{self, CliError, Exit, source_named};

/// The name that stands for every format.
pub const AUTO: &str = "auto";

/// An answer as it came, from a site or from a file.
pub struct Answer {
    /// The address asked for, where known.
    pub asked: Option<Url>,
    /// The address that answered, where known.
    pub answered: Option<Url>,
    /// HTTP status.
    pub status: u16,
    /// `Content-Type` as served.
    pub content_type: Option<String>,
    /// All headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, or the lines of it that a sieve kept.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// A page from a file.
    pub fn saved(url: Option<Url>, content_type: Option<String>, bytes: Vec<u8>) -> Answer {
        Answer { asked: url.clone(), answered: url, status: 200, content_type, headers: Vec::new(), bytes }
    }

    /// How it was served, for whoever reads it.
    pub fn served(&self) -> Served<'_> {
        Served {
            status: self.status,
            content_type: self.content_type.as_deref(),
            headers: &self.headers,
            asked: self.asked.as_ref(),
            answered: self.answered.as_ref(),
        }
    }
}

/// What is asked of the other side.
struct Question {
    addresses: Vec<Url>,
    options: Options,
    scope: Scope,
}

/// `stagewatch probe`.
pub async fn probe(general: &General, arguments: &Probe, output: &mut Output) -> Result<Exit, CliError> {
    let settings = session::configuration(general)?.settings;
    let name = arguments.format.as_deref();
    let source = settings.sources.iter().find(|source| source.id == arguments.source);
    let format = name.filter(|name| *name != AUTO).map(format_named).transpose()?;
    if let (Some(source), true) = (source, format.is_some() || name.is_none()) {
        only_an_address_has_committees(arguments)?;
        return reading::probe(general, &source.id, format, arguments.json, output).await;
    }
    let question = question_of(&settings, source, arguments)?;
    let answer = answer_of(&settings, &question, format).await?;
    let Some(format) = format else {
        let taken: Vec<&str> = settings.sources.iter().map(|source| source.id.as_str()).collect();
        let (candidates, answer) = candidates_on_blocking_thread(answer, question.scope.clone()).await?;
        let tried = Tried { candidates: &candidates, answer: &answer, scope: &question.scope, taken: &taken };
        return tried.show(arguments.json, output);
    };
    let reading = open(format, &answer.served(), &answer.bytes, &question.scope).reading;
    show(format, &reading, arguments.json, output)?;
    Ok(exit_of(&reading))
}

/// `stagewatch read auto`.
pub fn read_auto(answer: &Answer, scope: &Scope, json: bool, output: &mut Output) -> Result<Exit, CliError> {
    let candidates = candidates_of(&answer.served(), &answer.bytes, scope);
    Tried { candidates: &candidates, answer, scope, taken: &[] }.show(json, output)
}

fn only_an_address_has_committees(arguments: &Probe) -> Result<(), CliError> {
    if arguments.committees.is_empty() {
        return Ok(());
    }
    let source = &arguments.source;
    Err(CliError::Unknown(format!(
        "`--committee` is for addresses; source `{source}` has `committees` in the configuration"
    )))
}

fn question_of(settings: &Settings, source: Option<&Source>, arguments: &Probe) -> Result<Question, CliError> {
    if let Some(source) = source {
        only_an_address_has_committees(arguments)?;
        let (addresses, options) = (source.urls.clone(), source.options.clone());
        return Ok(Question { addresses, options, scope: source.scope.clone() });
    }
    let address = Url::parse(&arguments.source).ok().filter(|url| ["http", "https"].contains(&url.scheme()));
    match address {
        Some(address) => Ok(Question {
            addresses: vec![address],
            options: Options::default(),
            scope: scope_of(&arguments.committees),
        }),
        None => Err(match source_named(settings, &arguments.source) {
            Err(CliError::Unknown(what)) => {
                CliError::Unknown(format!("{what}; the address of a page begins with https://"))
            }
            Err(error) => error,
            Ok(source) => CliError::Unknown(format!("source `{}` is not asked by its address", source.id)),
        }),
    }
}

/// What the first address that answers has to say.
async fn answer_of(
    settings: &Settings,
    question: &Question,
    format: Option<&'static Format>,
) -> Result<Answer, CliError> {
    let failed = |address: &Url, source| CliError::Fetch { address: address.to_string(), source };
    let mut trouble = CliError::Unknown("there is no address to ask".to_owned());
    for address in &question.addresses {
        let fetcher = Fetcher::new(settings.fetch.clone()).map_err(|error| failed(address, error))?;
        let request = Request {
            url: address.clone(),
            validators: Validators::default(),
            options: question.options.clone(),
            sieve: sieve_for(format, address, &question.scope),
        };
        match fetcher.fetch(request).await {
            Ok(Fetched::Page(page)) => {
                return Ok(Answer {
                    asked: Some(address.clone()),
                    answered: Some(page.url),
                    status: page.status,
                    content_type: page.content_type,
                    headers: page.headers,
                    bytes: page.bytes,
                });
            }
            Ok(Fetched::NotModified { .. }) => {
                let id = address.to_string();
                trouble = CliError::Poll { id, source: PollError::NothingHeld };
            }
            Err(error) => trouble = failed(address, error),
        }
    }
    Err(trouble)
}

/// The sieve of the format that was named, or of the one that knows the address: such files are too large to be kept whole.
fn sieve_for(format: Option<&'static Format>, address: &Url, scope: &Scope) -> Option<Sieve> {
    let keeper = match format {
        Some(format) => Some(format),
        None => FORMATS.iter().find(|format| format.keep.is_some() && closeness(format, address) > 0),
    };
    let (keep, scope) = (keeper?.keep?, scope.clone());
    Some(Box::new(move |line| keep(line, &scope)))
}

/// A page that nobody has read before may break a reader: that is told, not suffered.
async fn candidates_on_blocking_thread(answer: Answer, scope: Scope) -> Result<(Vec<Candidate>, Answer), CliError> {
    let id = answer.asked.as_ref().map(Url::to_string).unwrap_or_default();
    let tried =
        tokio::task::spawn_blocking(move || (candidates_of(&answer.served(), &answer.bytes, &scope), answer)).await;
    tried.map_err(|_| CliError::Poll { id, source: PollError::ReaderPanicked })
}

/// One line of `--json` beyond those that reading a page prints.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    Candidate(CandidateRecord),
    Source(SourceRecord),
}

#[derive(Serialize)]
struct CandidateRecord {
    format: &'static str,
    verdict: &'static str,
    projects: usize,
    defects: usize,
    why: String,
}

#[derive(Serialize)]
struct SourceRecord {
    toml: String,
}

/// What was tried, and what a proposal is made of.
struct Tried<'a> {
    candidates: &'a [Candidate],
    answer: &'a Answer,
    scope: &'a Scope,
    /// The ids that sources of the configuration have.
    taken: &'a [&'a str],
}

impl Tried<'_> {
    fn show(&self, json: bool, output: &mut Output) -> Result<Exit, CliError> {
        if json {
            for candidate in self.candidates {
                output.json(&Line::Candidate(record_of(candidate)))?;
            }
        } else {
            let headings = ["format", "verdict", "projects", "defects", "why"];
            output.table(&headings, self.candidates.iter().map(row_of).collect())?;
        }
        match self.candidates.first().filter(|best| best.verdict == Verdict::Fits) {
            Some(best) => {
                let address = self.answer.asked.as_ref();
                let proposal = address.map(|address| proposal_of(best, address, self.scope, self.taken));
                show_best(best, proposal, json, output)?;
                Ok(Exit::Done)
            }
            None if json => Ok(Exit::Doubtful),
            None => {
                output.line(output.toned(Tone::Bad, "no format fits this page"))?;
                Ok(Exit::Doubtful)
            }
        }
    }
}

fn show_best(best: &Candidate, proposal: Option<String>, json: bool, output: &mut Output) -> Result<(), CliError> {
    if json {
        show(best.format, &best.reading, json, output)?;
        if let Some(toml) = proposal {
            output.json(&Line::Source(SourceRecord { toml }))?;
        }
        return Ok(());
    }
    let fitting = format!("{} fits best; it reads {}", best.format.name, best.format.about);
    output.line("")?;
    output.line(output.toned(Tone::Strong, &fitting))?;
    show(best.format, &best.reading, json, output)?;
    match proposal {
        Some(toml) => output.line(format!("\nTo watch it, add to your configuration:\n\n{}", toml.trim_end()))?,
        None => output.line("with --url, the address it came from, this also prints a [[source]] for it")?,
    }
    Ok(())
}

fn record_of(candidate: &Candidate) -> CandidateRecord {
    CandidateRecord {
        format: candidate.format.name,
        verdict: candidate.verdict.as_str(),
        projects: candidate.reading.projects.len(),
        defects: candidate.reading.defects.len(),
        why: candidate.why.clone(),
    }
}

fn row_of(candidate: &Candidate) -> Vec<String> {
    let record = record_of(candidate);
    let (projects, defects) = (record.projects.to_string(), record.defects.to_string());
    vec![record.format.to_owned(), record.verdict.to_owned(), projects, defects, harmless(&record.why)]
}
