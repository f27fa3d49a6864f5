//! The pages: what was watched and what came of it, for people in a browser and for programs; [`Site`] is all of it. It reads the store
//! and writes little: a delivery that is to be sent again, a subscription that is stopped.
//!
//! Nothing here is decided that a pure room decides. A request goes through `gate`, which knows who may read and who may write, to a
//! page, which is a function from the store to an `answer`; what people read of it is in `templates/`, in both languages at once.

/// What a page comes to.
mod answer;
/// The same as JSON.
mod api;
/// What pages need beside themselves: one style sheet, one script.
mod assets;
/// All projects, at hand.
mod catalogue;
/// Who asks.
mod client;
/// What the configuration says, as far as pages show it.
pub mod configured;
/// A diff, side by side.
mod diff;
/// Tracks and lines in time.
mod drawing;
/// What proves a change, as a file.
pub mod evidence;
/// Wrong tokens.
mod failures;
/// Atom and iCalendar.
mod feeds;
/// Since when an answer reads as it does.
mod freshness;
/// Who may read, who may write, and what every answer says to a browser.
mod gate;
/// Alive, able, late.
mod health;
/// For Prometheus.
mod metrics;
/// Pages, one a file.
mod pages;
/// Slow clients.
mod patience;
/// In which language and light a page is read.
mod preferences;
/// Who makes pages.
mod readers;
/// Connections.
mod server;
/// Who has shown the token.
mod session;
/// Where pages are served.
pub mod settings;
/// Templates, in both languages.
mod templates;
/// The token.
pub mod token;
/// Answers that nobody has taken yet.
mod unsent;
/// Moments and outcomes in words.
mod words;

use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum::routing::get;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use self::catalogue::Shelf;
use self::configured::Configured;
use self::failures::Failures;
use self::freshness::Freshness;
use self::readers::Readers;
use self::session::Sessions;
use self::settings::Settings;
use self::templates::Templates;
use self::unsent::Unsent;
use crate::signed;
use crate::store::Store;
use crate::store::error::StoreError;

/// The pages over one store. Cheap to clone.
#[derive(Clone)]
pub struct Site {
    shared: Arc<Shared>,
}

/// What is behind the pages.
pub struct Behind {
    /// What is remembered.
    pub store: Store,
    /// Told when somebody asked for a delivery to be sent again.
    pub outbox_filled: Arc<Notify>,
}

struct Shared {
    settings: Settings,
    configured: RwLock<Arc<Configured>>,
    readers: Readers,
    unsent: Arc<Unsent>,
    shelf: Shelf,
    store: Store,
    templates: Templates,
    sessions: Sessions,
    failures: Failures,
    freshness: Freshness,
    /// What signs the links by which a list is left.
    leaving: [u8; 32],
    opened_at: Timestamp,
    outbox_filled: Arc<Notify>,
}

impl Site {
    /// Pages over what is behind them. Serves nothing yet.
    pub fn open(
        settings: Settings,
        configured: Configured,
        behind: Behind,
        now: Timestamp,
    ) -> Result<Site, StoreError> {
        let shared = Shared {
            settings,
            configured: RwLock::new(Arc::new(configured)),
            shelf: Shelf::default(),
            readers: Readers::open(&behind.store)?,
            unsent: Arc::default(),
            leaving: behind.store.key(signed::KEY)?,
            store: behind.store,
            templates: Templates::load(),
            sessions: Sessions::new(),
            failures: Failures::default(),
            freshness: Freshness::default(),
            opened_at: now,
            outbox_filled: behind.outbox_filled,
        };
        Ok(Site { shared: Arc::new(shared) })
    }

    /// Takes on what a configuration says now. Where pages are served, and to whom, stays as it was.
    pub fn reconfigure(&self, configured: Configured) {
        *self.shared.configured.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(configured);
    }

    /// Serves on that listener until told to stop.
    pub async fn serve(&self, listener: TcpListener, stop: CancellationToken) {
        let mut workers = self.shared.readers.work();
        server::serve(listener, self.router(), self.shared.settings.patience, stop).await;
        self.shared.readers.close();
        let _ = tokio::time::timeout(server::GRACE, async { while workers.join_next().await.is_some() {} }).await;
    }

    fn configured(&self) -> Arc<Configured> {
        Arc::clone(&self.shared.configured.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Every address, and what answers there.
    fn router(&self) -> Router {
        Router::new()
            .route("/healthz", get(health::alive))
            .route("/readyz", get(health::ready))
            .route("/assets/{name}", get(assets::asset))
            .route("/feed.atom", pages::page(feeds::atom))
            .route("/calendar.ics", pages::page(feeds::calendar))
            .route("/metrics", pages::page(metrics::page))
            .merge(api::router())
            .merge(pages::router())
            .fallback(pages::not_there)
            .layer(axum::extract::DefaultBodyLimit::max(gate::LARGEST_BODY))
            .layer(axum::middleware::from_fn_with_state(self.clone(), gate::gate))
            .with_state(self.clone())
    }
}
