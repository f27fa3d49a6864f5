//! Start, watch, stop: the tasks of `stagewatch run`, in one set. A task that ends unasked ends the service, and the service manager
//! starts it again.

use std::time::Duration;

use tokio::net::UnixListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::pages::{self, PagesError};
use super::poll::PollError;
use super::reload::{Load, Request, Requests, reload};
use super::{House, clearing, control, dispatcher, keeper, scheduler, systemd};

/// How long what is under way may take after the word to stop; service managers are told five seconds.
const GRACE: Duration = Duration::from_secs(4);

/// Why the service ended.
#[derive(Debug, thiserror::Error)]
pub enum LifecycleError {
    /// A task failed.
    #[error("the {task} failed")]
    Task {
        /// Which.
        task: &'static str,
        /// Why.
        #[source]
        source: PollError,
    },
    /// A task ended though nobody told it to.
    #[error("the {task} ended unasked")]
    Ended {
        /// Which.
        task: &'static str,
    },
    /// The pages cannot be served.
    #[error("could not serve the pages")]
    Pages(#[from] PagesError),
    /// A task panicked.
    #[error("a task broke off")]
    Panicked(#[source] tokio::task::JoinError),
}

/// What reaches the service from outside while it runs.
pub struct Outside {
    /// Told to stop.
    pub stop: CancellationToken,
    /// Where requests for another configuration come in.
    pub requests: mpsc::Receiver<Request>,
    /// Where they are sent.
    pub sender: Requests,
    /// The socket beside the database; without one, signals alone are heard.
    pub control: Option<UnixListener>,
    /// The listener of the pages, where the service manager holds it.
    pub pages: Option<std::net::TcpListener>,
    /// How the configuration is read anew.
    pub load: Load,
}

type Tasks = JoinSet<(&'static str, Result<(), PollError>)>;

/// Runs scheduler, dispatcher, keeper and pages until told to stop. Whatever is cut off at the end of the grace period is as if it had never
/// begun: what a poll writes is one transaction, and an attempt that is not recorded is made again under the same id.
pub async fn run(house: House, outside: Outside) -> Result<(), LifecycleError> {
    let Outside { stop, mut requests, sender, control, pages, load } = outside;
    let pages = pages::open(&house, pages).await?;
    let houses = watch::Sender::new(house);
    let mut tasks = started(&houses, control, sender, &stop);
    if let Some((site, listener)) = pages {
        let (houses, stop) = (houses.subscribe(), stop.clone());
        tasks.spawn(async move {
            pages::run(site, listener, houses, stop).await;
            ("server of pages", Ok(()))
        });
    }
    let verdict = loop {
        tokio::select! {
            ended = tasks.join_next() => break verdict_on(ended, &stop),
            Some(request) = requests.recv() => {
                let verdict = reload(&houses, &load);
                if let Some(answer) = request.answer {
                    // Whoever asked may be gone; it is in the log too.
                    let _ = answer.send(verdict);
                }
            }
            () = stop.cancelled() => break Ok(()),
        }
    };
    systemd::stopping();
    stop.cancel();
    let _ = tokio::time::timeout(GRACE, async { while tasks.join_next().await.is_some() {} }).await;
    tasks.abort_all();
    verdict
}

fn started(
    houses: &watch::Sender<House>,
    control: Option<UnixListener>,
    sender: Requests,
    stop: &CancellationToken,
) -> Tasks {
    let mut tasks = Tasks::new();
    tasks.spawn({
        let (houses, stop) = (houses.subscribe(), stop.clone());
        async move { ("scheduler", scheduler::run(houses, stop).await) }
    });
    tasks.spawn({
        let (houses, stop) = (houses.subscribe(), stop.clone());
        async move { ("dispatcher", dispatcher::run(houses, stop).await.map_err(PollError::from)) }
    });
    tasks.spawn({
        let (houses, stop) = (houses.subscribe(), stop.clone());
        async move { ("keeper", keeper::run(houses, stop).await) }
    });
    tasks.spawn({
        let (houses, stop) = (houses.subscribe(), stop.clone());
        async move {
            clearing::run(houses, stop).await;
            ("clearing out", Ok(()))
        }
    });
    if let Some(listener) = control {
        let (houses, stop) = (houses.subscribe(), stop.clone());
        tasks.spawn(async move {
            control::run(listener, houses, sender, stop).await;
            ("control socket", Ok(()))
        });
    }
    tasks
}

type Ended = Result<(&'static str, Result<(), PollError>), tokio::task::JoinError>;

fn verdict_on(ended: Option<Ended>, stop: &CancellationToken) -> Result<(), LifecycleError> {
    match ended {
        Some(Err(panicked)) => Err(LifecycleError::Panicked(panicked)),
        Some(Ok((task, Err(source)))) => Err(LifecycleError::Task { task, source }),
        Some(Ok((task, Ok(())))) if !stop.is_cancelled() => Err(LifecycleError::Ended { task }),
        Some(Ok((_, Ok(())))) | None => Ok(()),
    }
}
