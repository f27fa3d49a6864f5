//! Connections: taken, served, cut off when they are slow, closed when it is time to stop. Not what is answered.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::patience::Patient;

/// How many connections at once; the next ones wait to be taken.
const MOST_CONNECTIONS: usize = 256;

/// More than any request of ours needs, headers included.
const LARGEST_REQUEST_HEAD: usize = 32 * 1024;

/// After an accept that failed: files may have run out, and come back.
const REST_AFTER_FAILURE: Duration = Duration::from_millis(200);

/// How long requests under way may take after the word to stop.
pub(super) const GRACE: Duration = Duration::from_secs(3);

/// Whose connection a request came over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Peer(pub(super) SocketAddr);

/// Serves until told to stop; who takes longer than that to ask, or takes nothing of an answer for so long, is cut off. What is under way then is finished, within the grace that there is.
pub(super) async fn serve(listener: TcpListener, router: Router, patience: Duration, stop: CancellationToken) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut connections: JoinSet<()> = JoinSet::new();
    loop {
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place.expect("the semaphore is never closed"),
            () = stop.cancelled() => break,
        };
        let (stream, address) = tokio::select! {
            taken = taken(&listener) => taken,
            () = stop.cancelled() => break,
        };
        while connections.try_join_next().is_some() {}
        let connection = graceful.watch(connection(stream, address, router.clone(), patience));
        connections.spawn(async move {
            // A client that went away, or was cut off, is no news.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
}

async fn taken(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(taken) => return taken,
            Err(error) if is_of_one_client(&error) => {}
            Err(error) => {
                tracing::warn!("no connection to the pages could be taken: {error}");
                tokio::time::sleep(REST_AFTER_FAILURE).await;
            }
        }
    }
}

fn is_of_one_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

fn connection(
    stream: TcpStream,
    address: SocketAddr,
    router: Router,
    patience: Duration,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> {
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Peer(address));
        router.call(request)
    });
    let _ = stream.set_nodelay(true);
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .max_buf_size(LARGEST_REQUEST_HEAD)
        .serve_connection(TokioIo::new(Patient::new(stream, patience)), service)
}
