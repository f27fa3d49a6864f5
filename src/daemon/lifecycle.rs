//! Start, watch, stop: the tasks of `stagewatch run`, in one set. A task that ends unasked ends the service, and the service manager
//! starts it again.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::poll::PollError;
use super::{House, dispatcher, scheduler};

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
    /// A task panicked.
    #[error("a task broke off")]
    Panicked(#[source] tokio::task::JoinError),
}

/// Runs scheduler and dispatcher until `stop`. Whatever is cut off at the end of the grace period is as if it had never begun: what a
/// poll writes is one transaction, and an attempt that is not recorded is made again under the same id.
pub async fn run(house: House, stop: CancellationToken) -> Result<(), LifecycleError> {
    let mut tasks: JoinSet<(&'static str, Result<(), PollError>)> = JoinSet::new();
    tasks.spawn({
        let (house, stop) = (house.clone(), stop.clone());
        async move { ("scheduler", scheduler::run(house, stop).await) }
    });
    tasks.spawn({
        let stop = stop.clone();
        async move { ("dispatcher", dispatcher::run(house, stop).await.map_err(PollError::from)) }
    });
    let ended = tokio::select! {
        ended = tasks.join_next() => ended,
        () = stop.cancelled() => None,
    };
    let verdict = match ended {
        Some(Err(panicked)) => Err(LifecycleError::Panicked(panicked)),
        Some(Ok((task, Err(source)))) => Err(LifecycleError::Task { task, source }),
        Some(Ok((task, Ok(())))) if !stop.is_cancelled() => Err(LifecycleError::Ended { task }),
        Some(Ok((_, Ok(())))) | None => Ok(()),
    };
    stop.cancel();
    let _ = tokio::time::timeout(GRACE, async { while tasks.join_next().await.is_some() {} }).await;
    tasks.abort_all();
    verdict
}
