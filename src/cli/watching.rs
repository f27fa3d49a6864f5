//! `run` and `once`: polling and delivering.
#![expect(clippy::disallowed_methods, reason = "the command line reads the clock")]

use jiff::Timestamp;
use listenfd::ListenFd;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::config;
use crate::config::source::Source;
use crate::daemon::dispatcher::{Pass, deliver_due};
use crate::daemon::lifecycle::Outside;
use crate::daemon::operator::tell_news;
use crate::daemon::poll::{Polled, poll};
use crate::daemon::releasing::release_due;
use crate::daemon::reload::{Load, Request, Requests};
use crate::daemon::report::counted;
use crate::daemon::troubles::Signs;
use crate::daemon::{House, control, lifecycle, report, systemd};
use crate::store::PollOutcome;

use super::arguments::General;
use super::session::{CliError, Exit, environment, house_of, house_telling, source_named};

/// How many requests for another configuration may wait; more would ask the same.
const REQUESTS: usize = 4;

/// `stagewatch run`.
pub async fn run(general: &General) -> Result<Exit, CliError> {
    let (house, _lock) = house_telling(general, &mut systemd::upgrading)?;
    let (sender, requests) = mpsc::channel(REQUESTS);
    let stop = listen_to_signals(sender.clone())?;
    let control = match control::listen(house.store.database()) {
        Ok(listener) => Some(listener),
        Err(error) => {
            let socket = control::socket_of(house.store.database());
            tracing::warn!(%error, "could not listen on `{}`: only signals are heard", socket.display());
            None
        }
    };
    let pages = ListenFd::from_env()
        .take_tcp_listener(0)
        .map_err(|source| CliError::System { what: "the listener that the service manager holds", source })?;
    let environment = environment()?;
    let file = general.config.clone();
    let load: Load = Box::new(move || config::load(file.as_deref(), &environment));
    let n_sources = house.settings.sources.len();
    let n_watches = house.settings.watches.len();
    tracing::info!(
        n_sources,
        n_watches,
        "stagewatch {} asks {} for {}; database {}",
        env!("CARGO_PKG_VERSION"),
        counted(n_sources as u64, "source"),
        counted(n_watches as u64, "watch"),
        house.settings.state.database.display()
    );
    if house.settings.subscribers.is_empty() {
        tracing::info!("no subscriber is configured: alerts are printed to the terminal");
    }
    lifecycle::run(house, Outside { stop, requests, sender, control, pages, load }).await?;
    tracing::info!("stopped as asked");
    Ok(Exit::Done)
}

/// A token that is cancelled by SIGTERM or SIGINT; SIGHUP asks for the configuration to be read anew.
fn listen_to_signals(requests: Requests) -> Result<CancellationToken, CliError> {
    let on = |kind| signal(kind).map_err(|source| CliError::System { what: "signals", source });
    let (mut terminate, mut interrupt) = (on(SignalKind::terminate())?, on(SignalKind::interrupt())?);
    let mut hang_up = on(SignalKind::hangup())?;
    let stop = CancellationToken::new();
    let told = stop.clone();
    // The one task outside the set: it holds nothing, ends with the runtime, and only ever passes on what it is told.
    #[expect(clippy::let_underscore_future, reason = "nobody waits for a signal that may never come")]
    let _ = tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                // A full channel means that others asked already.
                _ = hang_up.recv() => drop(requests.try_send(Request { answer: None })),
            }
        }
        tracing::info!("told to stop");
        told.cancel();
    });
    Ok(stop)
}

/// `stagewatch once`.
pub async fn once(general: &General, sources: &[String], believe_shrinkage: bool) -> Result<Exit, CliError> {
    let (mut house, _lock) = house_of(general)?;
    if believe_shrinkage {
        let mut settings = (*house.settings).clone();
        settings.doubt.shrink_share = 1.0;
        house.settings = std::sync::Arc::new(settings);
    }
    let chosen: Vec<Source> = if sources.is_empty() {
        house.settings.sources.clone()
    } else {
        sources.iter().map(|id| source_named(&house.settings, id).cloned()).collect::<Result<_, _>>()?
    };
    let mut exit = poll_all(&house, chosen).await?;
    release_due(&house, Timestamp::now()).map_err(CliError::Releasing)?;
    tell_news(&house, Signs { jump: None, is_settled: true }, Timestamp::now()).map_err(CliError::Releasing)?;
    let pass = deliver_all(&house).await?;
    if pass.n_failed + pass.n_waiting + pass.n_held > 0 {
        exit = Exit::Doubtful;
    }
    Ok(exit)
}

/// Polls side by side; the fetcher asks one host one thing at a time.
async fn poll_all(house: &House, sources: Vec<Source>) -> Result<Exit, CliError> {
    let mut polls = tokio::task::JoinSet::new();
    for source in sources {
        let house = house.clone();
        polls.spawn(async move {
            let polled = poll(&house, &source, Timestamp::now()).await;
            (source, polled)
        });
    }
    let mut exit = Exit::Done;
    for (source, polled) in polls.join_all().await {
        let polled = polled.map_err(|error| CliError::Poll { id: source.id.clone(), source: error })?;
        house.oddities.note(&polled);
        report::tell(&source, &polled, &polled.defects, None);
        if !is_beyond_doubt(&polled) {
            exit = Exit::Doubtful;
        }
    }
    Ok(exit)
}

/// Whether a page came, was believed, and had no line that could not be read.
fn is_beyond_doubt(polled: &Polled) -> bool {
    match polled.poll.outcome {
        PollOutcome::Doubtful | PollOutcome::Refused | PollOutcome::Failed => false,
        PollOutcome::Baseline | PollOutcome::Changed | PollOutcome::Unchanged | PollOutcome::NotModified => {
            polled.defects.is_empty()
        }
    }
}

/// Sends until nothing more is due now; what has to wait stays for the next run.
async fn deliver_all(house: &House) -> Result<Pass, CliError> {
    let mut total = Pass::default();
    loop {
        let pass = deliver_due(house, Timestamp::now()).await?;
        if pass == Pass::default() {
            return Ok(total);
        }
        total.n_delivered += pass.n_delivered;
        total.n_waiting += pass.n_waiting;
        total.n_failed += pass.n_failed;
        total.n_held += pass.n_held;
    }
}
