//! The pages over this house: what they show of the configuration, and where they are served. Not what is on them.
#![expect(clippy::disallowed_methods, reason = "the wiring reads the clock")]

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::config::settings::Settings;
use crate::store::error::StoreError;
use crate::web::configured::{Configured, Source, Subscriber};
use crate::web::{Behind, Site};

use super::House;

/// Why pages cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum PagesError {
    /// The address is somebody else's.
    #[error("could not listen on `{address}`; choose another address with [web] listen, or \"none\"")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The store.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// The pages, and the listener that they are to be served on; `None` where none are wanted, or where the address that nobody chose is
/// taken: alerts do not wait for pages.
pub async fn open(
    house: &House,
    given: Option<std::net::TcpListener>,
) -> Result<Option<(Site, TcpListener)>, PagesError> {
    let settings = &house.settings.web;
    let Some(address) = settings.listen else { return Ok(None) };
    let listener = match listener(given, address).await {
        Ok(listener) => listener,
        Err(error) if !settings.is_chosen => {
            tracing::warn!(
                "no pages are served: `{address}` cannot be listened on ({error}); choose another with [web] listen"
            );
            return Ok(None);
        }
        Err(source) => return Err(PagesError::Listen { address, source }),
    };
    let behind = Behind { store: house.store.clone(), outbox_filled: Arc::clone(&house.outbox_filled) };
    let site = Site::open(settings.clone(), shown_of(&house.settings), behind, Timestamp::now())?;
    let address = listener.local_addr().unwrap_or(address);
    tracing::info!(%address, "pages at http://{address}/");
    Ok(Some((site, listener)))
}

/// The one that the service manager holds, so that nobody is refused while we restart; else one of our own.
async fn listener(given: Option<std::net::TcpListener>, address: SocketAddr) -> io::Result<TcpListener> {
    match given {
        Some(listener) => {
            listener.set_nonblocking(true)?;
            TcpListener::from_std(listener)
        }
        None => TcpListener::bind(address).await,
    }
}

/// Serves until told to stop; a configuration that is read anew is taken on.
pub(super) async fn run(
    site: Site,
    listener: TcpListener,
    mut houses: watch::Receiver<House>,
    stop: CancellationToken,
) {
    let serving = site.serve(listener, stop);
    tokio::pin!(serving);
    loop {
        tokio::select! {
            () = &mut serving => return,
            changed = houses.changed() => match changed {
                Ok(()) => site.reconfigure(shown_of(&houses.borrow_and_update().settings)),
                // Whoever held the other end is gone; so will we be.
                Err(_) => return serving.await,
            }
        }
    }
}

/// What pages show of a configuration.
pub fn shown_of(settings: &Settings) -> Configured {
    let sources = settings.sources.iter().map(|source| Source {
        id: source.id.clone(),
        format: source.format,
        urls: source.urls.clone(),
        scope: source.scope.clone(),
        schedule: source.schedule.clone(),
    });
    let subscribers = settings.subscribers.iter().map(|subscriber| {
        let channels = [("email", subscriber.email.is_some()), ("webhook", subscriber.webhook.is_some())];
        Subscriber {
            subscription: subscriber.subscription.clone(),
            channels: channels.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name).collect(),
        }
    });
    Configured {
        sources: sources.collect(),
        watches: settings.watches.clone(),
        subscribers: subscribers.collect(),
        plans: settings.work_plans.clone(),
    }
}
