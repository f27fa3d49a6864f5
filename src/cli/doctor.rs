//! `doctor`: everything that the service leans on, looked at once, each in one line with what to do about it. Changes nothing, sends
//! nothing, asks each source once.
#![expect(clippy::disallowed_methods, reason = "the command line reads the clock")]

/// The database, its copies, and who uses it.
mod database;
/// The keys that sign mail, beside the DNS.
mod dkim;
/// One line of the doctor's.
pub mod finding;
/// Disk, clock, time zones, who may read what.
mod machine;
/// Names, mail, hooks.
mod outside;
/// Each source, asked once.
mod sources;
/// One question to the resolver.
mod txt;
/// Whether what is watched is shown.
mod watches;

use std::io::{self, IsTerminal, Write};

use jiff::Timestamp;

use crate::config::Loaded;
use crate::config::files::Origin;
use crate::daemon::report::counted;

use self::finding::{Finding, Verdict};
use super::arguments::General;
use super::keeping_arguments::Doctor;
use super::output::{Output, Tone, harmless};
use super::session::{CliError, Exit, configuration};

/// `stagewatch doctor`. A configuration that is wrong ends it: what it says cannot be looked at.
pub async fn doctor(general: &General, arguments: &Doctor, output: &mut Output) -> Result<Exit, CliError> {
    let loaded = configuration(general)?;
    let now = Timestamp::now();
    let mut worst = Worst::default();
    let mut told = |findings: Vec<Finding>, output: &mut Output| -> Result<(), CliError> {
        for finding in findings {
            worst.note(finding.verdict);
            tell(&finding, arguments.json, output)?;
        }
        Ok(())
    };
    let settings = &loaded.settings;
    told(of_configuration(&loaded), output)?;
    told(machine::permissions(&loaded), output)?;
    told(database::findings(&settings.state.database, now), output)?;
    told(machine::disk(&settings.state.database), output)?;
    told(machine::clock(&settings.state.database, now), output)?;
    told(machine::time_zones(settings), output)?;
    told(watches::findings(settings), output)?;
    if arguments.offline {
        told(
            vec![Finding::left_out("network", "left out, as asked: names, mail, hooks and sources were not tried")],
            output,
        )?;
        return worst.exit();
    }
    told(outside::names(settings).await, output)?;
    told(outside::mail(settings).await, output)?;
    told(dkim::findings(settings).await, output)?;
    told(outside::webhooks(settings).await, output)?;
    progress(settings.sources.len())?;
    told(sources::findings(settings).await, output)?;
    worst.exit()
}

/// Pauses between requests to one host make this take its time: whoever waits is told.
fn progress(n_sources: usize) -> io::Result<()> {
    let mut error = io::stderr();
    if error.is_terminal() {
        writeln!(error, "asking {}, politely …", counted(n_sources as u64, "source"))?;
    }
    Ok(())
}

/// What was found so far.
#[derive(Default)]
struct Worst {
    n_wrong: u64,
    is_doubtful: bool,
}

impl Worst {
    fn note(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Wrong => self.n_wrong += 1,
            Verdict::Doubtful => self.is_doubtful = true,
            Verdict::Good | Verdict::LeftOut => {}
        }
    }

    fn exit(&self) -> Result<Exit, CliError> {
        match (self.n_wrong, self.is_doubtful) {
            (0, false) => Ok(Exit::Done),
            (0, true) => Ok(Exit::Doubtful),
            (n_wrong, _) => Err(CliError::Unwell(n_wrong)),
        }
    }
}

fn tell(finding: &Finding, json: bool, output: &mut Output) -> Result<(), CliError> {
    if json {
        return Ok(output.json(&serde_json::json!({ "finding": finding }))?);
    }
    let (word, tone) = match finding.verdict {
        Verdict::Good => ("good", Tone::Good),
        Verdict::Doubtful => ("look", Tone::Warning),
        Verdict::Wrong => ("WRONG", Tone::Bad),
        Verdict::LeftOut => ("-", Tone::Faint),
    };
    let remedy = finding.remedy.as_ref().map(|remedy| format!("; {remedy}")).unwrap_or_default();
    let line = format!("{}: {}{remedy}", finding.what, finding.says);
    Ok(output.line(format!("{} {}", output.toned(tone, &format!("{word:<5}")), harmless(&line.replace('\n', " "))))?)
}

fn of_configuration(loaded: &Loaded) -> Vec<Finding> {
    let settings = &loaded.settings;
    let counts = [
        counted(settings.sources.len() as u64, "source"),
        counted(settings.watches.len() as u64, "watch"),
        counted(settings.subscribers.len() as u64, "subscriber"),
    ];
    let mut findings = vec![Finding::good("configuration", format!("{}: right; {}", loaded.origin, counts.join(", ")))];
    for warning in &loaded.warnings {
        findings.push(Finding::doubtful("configuration", warning, "see there"));
    }
    if settings.subscribers.is_empty() && loaded.origin != Origin::Embedded {
        let remedy = "write a [[subscriber]]";
        findings.push(Finding::doubtful("configuration", "nobody is told: alerts go to the terminal", remedy));
    }
    findings
}
