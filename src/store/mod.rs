//! What stagewatch remembers: one [`Store`] over an SQL engine. SQL stands nowhere else. Nothing is decided here: what is news, and
//! whom it is sent to, comes in with [`Acceptance`].
//!
//! One transaction a poll; never a network call inside one. Every call blocks: an asynchronous caller puts it on a thread for that.
//! What a call acknowledged is on the disk. Moments are kept to the microsecond. Lists come oldest first; a limit keeps the newest.

/// One poll, written whole or not at all.
mod acceptance;
/// What the operator was told of.
pub mod alarms;
/// How long attempts to deliver took.
pub mod attempt_times;
/// Long lists, a page at a time.
pub mod browsing;
/// Durations, counted by how long they were.
pub mod buckets;
/// Changes, by moment and by what they concern.
pub mod changes;
/// Bytes → fewer bytes, with the version before as prefix.
mod compression;
/// Looking at deliveries and their attempts.
pub mod deliveries;
/// How the other sides fare.
pub mod endpoints;
/// What the store needs of an SQL engine.
mod engine;
/// What can go wrong, and the remedy.
pub mod error;
/// Everything as JSON lines, and back.
pub mod export;
/// Changes that are told later.
pub mod held;
/// What sources showed when they were last accepted.
pub mod holdings;
/// Looking into a database file without writing to it.
pub mod inspection;
/// Random keys, each made once.
mod keys;
/// Who is claimed next, so that nobody holds up the others.
pub mod lanes;
/// One writer a database.
pub mod lock;
/// The schema, step by step.
pub mod migrations;
/// What is to be sent: claimed, tried, settled.
pub mod outbox;
/// The pages of a source, as last accepted and as last refused.
pub mod pages;
/// How long polls took.
pub mod poll_times;
/// How polls ended.
pub mod polls;
/// Forgetting what is old.
pub mod pruning;
/// When the service was last seen alive.
mod pulse;
/// All projects, and whether a copy of them is old.
pub mod register;
/// Another database in the place of the one that is there.
pub mod restoration;
/// Room on the disk, and files that are whole.
pub mod room;
/// Values into statements, rows out.
mod row;
/// Bytes by their SHA-256, in chains of versions.
pub mod snapshots;
/// SQLite behind the store.
mod sqlite;
/// Every stage that a project is known to have been in.
mod stages;
/// Mailboxes that are not written to.
pub mod stops;
/// Copies, checks, compaction.
pub mod upkeep;
/// Polls and deliveries as records.
mod wire;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use self::engine::{Engine, Intent};
use self::error::{Failure, StoreError};
use self::held::Held;
use self::migrations::Teller;
use self::sqlite::Sqlite;
use crate::changes::change::RecordedChange;
use crate::changes::comparison::Holdings;
use crate::changes::corroboration::KnownStage;
use crate::changes::health::Said;
use crate::masked::Recipient;
use crate::standards::project::ProjectId;

/// Everything that outlives the process. Clones share one connection, and calls take turns at it.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    database: PathBuf,
    engine: Mutex<Box<dyn Engine>>,
}

impl Store {
    /// Opens the database, creates it where there is none, and brings its schema up to date.
    pub fn open(settings: &Settings) -> Result<Store, StoreError> {
        Store::open_telling(settings, &mut |_| {})
    }

    /// The same; what is done to a database of an earlier schema is told before it begins.
    pub fn open_telling(settings: &Settings, teller: Teller<'_>) -> Result<Store, StoreError> {
        let database = settings.database.clone();
        let failed = |error| Failure::Engine(error).told("open a connection", &database);
        let mut engine: Box<dyn Engine> = Box::new(Sqlite::open(&database).map_err(failed)?);
        migrations::bring_up_to_date(engine.as_mut(), &database, teller)?;
        changes::fill_in(engine.as_mut(), teller)
            .map_err(|failure| failure.told("bring changes up to date", &database))?;
        Ok(Store { shared: Arc::new(Shared { database, engine: Mutex::new(engine) }) })
    }

    /// A second connection, which only reads: it waits for nobody who writes, and nobody who writes waits for it.
    pub fn reader(&self) -> Result<Store, StoreError> {
        let database = self.shared.database.clone();
        let failed = |error| Failure::Engine(error).told("open a connection to read with", &database);
        let engine: Box<dyn Engine> = Box::new(Sqlite::open_reader(&database).map_err(failed)?);
        Ok(Store { shared: Arc::new(Shared { database, engine: Mutex::new(engine) }) })
    }

    /// The database file.
    pub fn database(&self) -> &Path {
        &self.shared.database
    }

    /// Several reads of one moment.
    fn read<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&mut dyn Engine) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        self.within(Intent::Read, work).map_err(|failure| failure.told(doing, self.database()))
    }

    /// Writes that happen together or not at all.
    fn write<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&mut dyn Engine) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        self.within(Intent::Write, work).map_err(|failure| failure.told(doing, self.database()))
    }

    fn within<T>(
        &self,
        intent: Intent,
        work: impl FnOnce(&mut dyn Engine) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut engine = self.engine();
        engine.begin(intent)?;
        let result = work(engine.as_mut()).and_then(|value| {
            engine.commit()?;
            Ok(value)
        });
        if result.is_err() {
            engine.rollback();
        }
        result
    }

    /// A panic while somebody held the engine leaves a transaction open at worst, and the next one begins by undoing it.
    fn engine(&self) -> MutexGuard<'_, Box<dyn Engine>> {
        self.shared.engine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Store").field(&self.shared.database).finish()
    }
}

/// Where the store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The database file; `…-wal`, `…-shm` and `….lock` lie beside it.
    pub database: PathBuf,
}

/// How a poll ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PollOutcome {
    /// First contact: stored, not announced.
    Baseline,
    /// Something changed.
    Changed,
    /// Read, and nothing changed.
    Unchanged,
    /// The server said that nothing changed.
    NotModified,
    /// Read, not believed, nothing accepted.
    Doubtful,
    /// A page that is no page; nothing accepted.
    Refused,
    /// No answer.
    Failed,
}

/// One poll of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poll {
    /// The source.
    pub source: String,
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub duration: Duration,
    /// How it ended.
    pub outcome: PollOutcome,
    /// Why, where it did not end well.
    pub why: Option<String>,
    /// HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// Bytes received, decompressed.
    pub size_bytes: u64,
    /// Projects read.
    pub n_projects: u64,
    /// Lines that could not be read.
    pub n_defects: u64,
    /// Changes found.
    pub n_changes: u64,
}

/// One page of a source as last accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPage {
    /// The address asked for.
    pub url: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// When the poll was made that brought these bytes first.
    pub at: Timestamp,
    /// `Content-Type` as served.
    pub content_type: Option<String>,
    /// `ETag` as served last.
    pub etag: Option<String>,
    /// `Last-Modified` as served last.
    pub last_modified: Option<String>,
}

/// A page to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPage {
    /// What is said of it; `sha256` is the address of `bytes`.
    pub page: StoredPage,
    /// The headers as served, for the evidence.
    pub headers: Vec<(String, String)>,
    /// The bytes as served (as kept by the sieve, where there is one).
    pub bytes: Vec<u8>,
}

/// What a source is known for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceState {
    /// The last poll, whatever its end.
    pub last_poll: Option<Poll>,
    /// When a poll was last accepted, unchanged ones included.
    pub last_accepted: Option<Timestamp>,
    /// How many polls in a row were doubtful, refused or failed.
    pub n_troubles: u32,
    /// What it was asked for then: which pages, in which format, of which committees.
    pub asked_for: Option<String>,
    /// The pages as last accepted, in order.
    pub pages: Vec<StoredPage>,
}

/// Everything that one accepted poll writes, in one transaction.
#[derive(Debug, Clone)]
pub struct Acceptance {
    /// The poll.
    pub poll: Poll,
    /// What the source was asked for.
    pub asked_for: String,
    /// The pages of the source, in order; they replace those before.
    pub pages: Vec<NewPage>,
    /// What the source shows now.
    pub holdings: Holdings,
    /// What changed.
    pub changes: Vec<RecordedChange>,
    /// Stages seen for the first time, of a baseline too.
    pub known: Vec<(ProjectId, KnownStage)>,
    /// Changes known already that this source now shows too: change id.
    pub also_seen: Vec<String>,
    /// What is to be sent.
    pub deliveries: Vec<NewDelivery>,
    /// What is to be told later.
    pub held: Vec<Held>,
}

/// Something to be sent: one notice, to one recipient, over one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// `dlv_` and a ULID: the Message-ID and the webhook-id, the same on every attempt.
    pub id: String,
    /// Whom it is for.
    pub subscriber: String,
    /// `email`, `webhook`, `terminal`.
    pub channel: String,
    /// Where it goes.
    pub recipient: Recipient,
    /// One line for people: the subject.
    pub subject: String,
    /// The exact bytes to send, on every attempt.
    pub payload: Vec<u8>,
    /// The changes it tells of.
    pub changes: Vec<String>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it is due first.
    pub due_at: Timestamp,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// Waits for its next attempt.
    Waiting,
    /// Claimed by a dispatcher.
    UnderWay,
    /// The other side took it.
    Delivered,
    /// Given up: refused for good, or the plan is used up.
    Failed,
    /// Kept back, because nobody there is to be sent to; `stagewatch resume` lets it go.
    Held,
    /// Kept back until the operator said that it need not go out.
    Dropped,
}

/// A delivery as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// As it was written.
    pub delivery: NewDelivery,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts begun so far; the number of the one under way.
    pub n_attempts: u32,
    /// When the next attempt is due; of no meaning once delivered or failed.
    pub next_attempt_at: Timestamp,
    /// What the other side answered last.
    pub last_answer: Option<String>,
    /// When it was delivered or given up.
    pub settled_at: Option<Timestamp>,
}

/// What became of an attempt, as the store records it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// Taken.
    Delivered,
    /// To be tried again then.
    TryAgain(Timestamp),
    /// Given up.
    Failed,
    /// Kept, since its endpoint is gone.
    Held,
}

/// What an attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What becomes of the delivery.
    pub settlement: Settlement,
    /// What it says of the endpoint.
    pub said: Said,
    /// What the other side answered.
    pub answer: String,
}
