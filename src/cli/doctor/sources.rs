//! Each source, asked once, by its own way of asking: robots.txt, pauses, what is known of the page already. What is read is not stored.
#![expect(clippy::disallowed_methods, reason = "the command line reads the clock")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;

use crate::config::settings::Settings;
use crate::config::source::Source;
use crate::daemon::gather::{Received, request_for, sheet_of};
use crate::daemon::report::counted;
use crate::fetch::error::FetchError;
use crate::fetch::{Fetched, Fetcher};
use crate::logging::chain;
use crate::standards::programme::Wholeness;
use crate::store::inspection;
use crate::store::upkeep::latest_schema;
use crate::store::{SourceState, Store};

use super::finding::{Finding, Verdict};

/// A clock that is off by more than this makes polls and signatures wrong.
const MUCH_OFF: SignedDuration = SignedDuration::from_mins(5);

/// What one source had to say.
struct Asked {
    finding: Finding,
    /// The host of an encrypted address, and what was wrong with its encryption.
    encryption: Option<(String, Option<String>)>,
    /// By how much the other side's clock is ahead of ours.
    ahead: Option<SignedDuration>,
}

/// Asks every source, side by side; one host is asked one thing at a time.
pub(super) async fn findings(settings: &Settings) -> Vec<Finding> {
    let fetcher = match Fetcher::new(settings.fetch.clone()) {
        Ok(fetcher) => Arc::new(fetcher),
        Err(error) => return vec![Finding::wrong("sources", chain(&error), "see [fetch]")],
    };
    let states = states_of(settings);
    let mut asking = JoinSet::new();
    for (place, source) in settings.sources.iter().cloned().enumerate() {
        let (fetcher, state) = (fetcher.clone(), states.get(&source.id).cloned().unwrap_or_default());
        asking.spawn(async move { (place, ask(&fetcher, &source, &state).await) });
    }
    let mut asked = asking.join_all().await;
    asked.sort_by_key(|(place, _)| *place);
    let asked: Vec<Asked> = asked.into_iter().map(|(_, asked)| asked).collect();
    let mut findings: Vec<Finding> = asked.iter().map(|asked| asked.finding.clone()).collect();
    findings.extend(encryption(&asked));
    findings.extend(clocks(&asked));
    findings
}

/// What is known of each page already, so that nothing is sent again that did not change. A database that would have to be brought up
/// to date first is left alone.
fn states_of(settings: &Settings) -> BTreeMap<String, SourceState> {
    let is_ready = inspection::contents(&settings.state.database).is_ok_and(|found| found.schema == latest_schema());
    if !is_ready {
        return BTreeMap::new();
    }
    Store::open(&settings.state).and_then(|store| store.source_states()).unwrap_or_default()
}

/// Asks the addresses of a source in their order, until one serves.
async fn ask(fetcher: &Fetcher, source: &Source, state: &SourceState) -> Asked {
    let mut last: Option<Asked> = None;
    for (place, url) in source.urls.iter().enumerate() {
        let held = state.pages.iter().find(|page| page.url == url.as_str());
        let answer = fetcher.fetch(request_for(source, url, held)).await;
        let is_tls = matches!(answer.as_ref().map_err(cause_of), Err(FetchError::Tls { .. }));
        let encryption = (url.scheme() == "https").then(|| {
            let host = url.host_str().unwrap_or_default().to_owned();
            (host, answer.as_ref().err().filter(|_| is_tls).map(|error| chain(error)))
        });
        let (finding, ahead) = match answer {
            Ok(answer) => read(source, url, answer).await,
            Err(error) => (of_error(source, &error), None),
        };
        let is_good = finding.verdict == Verdict::Good;
        let mut asked = Asked { finding, encryption, ahead };
        if is_good && place > 0 {
            let says = format!("{}; an address before this one does not serve", asked.finding.says);
            let remedy = "put the one that serves first";
            asked.finding = Finding::doubtful(&asked.finding.what, says, remedy);
        }
        if is_good {
            return asked;
        }
        last = Some(asked);
    }
    last.unwrap_or_else(|| Asked {
        finding: Finding::wrong(what(source), "it has no address", "write its `url`"),
        encryption: None,
        ahead: None,
    })
}

fn what(source: &Source) -> String {
    format!("source {}", source.id)
}

/// What is behind an error: robots.txt is asked for first, and whatever is wrong is wrong with it.
fn cause_of(error: &FetchError) -> &FetchError {
    match error {
        FetchError::Robots { source: Some(cause), .. } => cause,
        error => error,
    }
}

fn of_error(source: &Source, error: &FetchError) -> Finding {
    let remedy = if cause_of(error).is_transient() {
        "try again later; if it stays, see whether this machine may go out".to_owned()
    } else {
        format!("`stagewatch probe {}` tries again", source.id)
    };
    match error {
        FetchError::Disallowed { .. } => Finding::doubtful(what(source), chain(error), "nothing will be fetched"),
        error => Finding::wrong(what(source), chain(error), remedy),
    }
}

/// What its format makes of the page.
async fn read(source: &Source, url: &url::Url, fetched: Fetched) -> (Finding, Option<SignedDuration>) {
    let page = match fetched {
        Fetched::NotModified { .. } => {
            return (Finding::good(what(source), "reachable; its page is the one that was read last"), None);
        }
        Fetched::Page(page) => page,
    };
    let ahead = ahead_of(&page.headers, Timestamp::now());
    let (status, received) = (page.status, Received::from_page(url.clone(), page).read_as(source.encoding));
    let (format, scope, now) = (source.format, source.scope.clone(), Timestamp::now());
    let sheet = tokio::task::spawn_blocking(move || sheet_of(format, &scope, received, now)).await;
    let probe = format!("`stagewatch probe {}` shows it", source.id);
    let finding = match sheet {
        Err(_) => Finding::wrong(what(source), "its page broke the reader", "report this, with the page"),
        Ok(Err(refusal)) => Finding::wrong(what(source), format!("status {status}, no page: {refusal}"), probe),
        Ok(Ok(sheet)) => match &sheet.reading.wholeness {
            Wholeness::InDoubt(why) => Finding::doubtful(what(source), format!("not believed: {why}"), probe),
            Wholeness::Whole => {
                let projects = counted(sheet.reading.projects.len() as u64, "project");
                Finding::good(what(source), format!("reachable; {projects} on its page, read as {}", format.name))
            }
        },
    };
    (finding, ahead)
}

fn encryption(asked: &[Asked]) -> Vec<Finding> {
    let mut hosts: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for (host, wrong) in asked.iter().filter_map(|asked| asked.encryption.as_ref()) {
        let known = hosts.entry(host).or_default();
        *known = known.or(wrong.as_deref());
    }
    let wrong: BTreeSet<(&str, &str)> = hosts.iter().filter_map(|(host, wrong)| Some((*host, (*wrong)?))).collect();
    if wrong.is_empty() && !hosts.is_empty() {
        let n_hosts = hosts.len();
        return vec![Finding::good("encryption", format!("{n_hosts} of {n_hosts} hosts are trusted"))];
    }
    let remedy = "see `extra-ca` and `tls` of the source, and ca-certificates of this machine";
    wrong.into_iter().map(|(host, why)| Finding::wrong(format!("encryption of {host}"), why, remedy)).collect()
}

/// The clocks of others: most of them agree, and then it is ours that is off.
fn clocks(asked: &[Asked]) -> Vec<Finding> {
    let mut ahead: Vec<SignedDuration> = asked.iter().filter_map(|asked| asked.ahead).collect();
    ahead.sort();
    let Some(middle) = ahead.get(ahead.len() / 2) else { return Vec::new() };
    let n_asked = ahead.len();
    if middle.abs() <= MUCH_OFF {
        return vec![Finding::good(
            "clock beside others",
            format!("within five minutes of those of {n_asked} servers"),
        )];
    }
    let (minutes, way) = (middle.as_mins().abs(), if middle.is_positive() { "behind" } else { "ahead of" });
    let remedy = "set the clock, and let it be kept by NTP (timedatectl set-ntp true)";
    let says = format!("{minutes} minutes {way} those of {n_asked} servers");
    vec![Finding::wrong("clock beside others", says, remedy)]
}

/// By how much the clock of whoever answered is ahead of ours. An answer out of a cache is as old as it says.
fn ahead_of(headers: &[(String, String)], now: Timestamp) -> Option<SignedDuration> {
    let header = |wanted: &str| headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let served = rfc2822::parse(header("date")?).ok()?.timestamp();
    let age = header("age").and_then(|age| age.trim().parse().ok()).unwrap_or(0_i64);
    Some(served.duration_since(now) + SignedDuration::from_secs(age))
}
