//! The wiring: the one room that knows all the others. It starts them, lets them work, and stops them; it decides nothing that the
//! pure rooms decide.

/// What the calendar brings.
pub mod calendar;
/// What somebody was never told of.
pub mod catching_up;
/// What is old goes, once a day.
pub mod clearing;
/// Whether the clock runs.
pub mod clock;
/// One notice → everything that carries it.
pub mod composing;
/// Words from outside while the service runs: another configuration, how it is.
pub mod control;
/// Whether the disk takes what is written.
pub mod disk;
/// Changes → what is to be sent to whom.
pub mod dispatch_list;
/// Sending what is due.
pub mod dispatcher;
/// What is known already of what a poll changes.
mod earlier;
/// What stands around the changes of a notice.
pub mod framing;
/// A source's pages, fetched and read.
pub mod gather;
/// Now, later, or never.
pub mod holding;
/// Ids of changes and deliveries.
pub mod identifiers;
/// A saved page, taken in as if polled at that moment.
pub mod import;
/// What has its time: reminders, digests, the word to the operator.
pub mod keeper;
/// Start, watch, stop.
pub mod lifecycle;
/// Texts that no vocabulary has.
pub mod oddities;
/// The word to the operator.
pub mod operator;
/// The pages over this house.
pub mod pages;
/// The rows of the pipeline, one call each.
pub mod poll;
/// Whether the loops move.
pub mod progress;
/// What changed, written down with its evidence.
pub mod recording;
/// What was held back, let go.
pub mod releasing;
/// Another configuration in the place of the one that runs.
pub mod reload;
/// One log line a poll.
pub mod report;
/// A sample, to see whether alerts arrive.
pub mod sampling;
/// When to poll.
pub mod scheduler;
/// Whether a page that moves projects back is an old copy.
pub mod staleness;
/// What the service manager is told.
pub mod systemd;
/// What was told already under another number or id.
mod told_apart;
/// The troubles that there are.
pub mod troubles;
/// Sources that are to be polled now.
pub mod wanted;

use std::sync::{Arc, Mutex};

use tokio::sync::{Notify, Semaphore};

use crate::config::settings::Settings;
use crate::deliver::Channel;
use crate::deliver::chat::Post;
use crate::deliver::email_send::{Mailer, MailerError};
use crate::deliver::posting::{Poster, PosterError};
use crate::deliver::webhook;
use crate::fetch::Fetcher;
use crate::fetch::error::FetchError;
use crate::masked::Recipient;
use crate::store::Store;

use progress::Progress;
use wanted::Wanted;

/// Everything that the tasks share. Cheap to clone.
#[derive(Clone)]
pub struct House {
    /// The checked configuration.
    pub settings: Arc<Settings>,
    /// What we remember.
    pub store: Store,
    /// Out to the bodies.
    pub fetcher: Arc<Fetcher>,
    /// Out to mailboxes, where a mail server is configured.
    pub mailer: Option<Arc<Mailer>>,
    /// Out to webhook receivers and chat services.
    pub poster: Arc<Poster>,
    /// Told when a poll wrote something to be sent.
    pub outbox_filled: Arc<Notify>,
    /// Texts that no vocabulary has, as sources show them now.
    pub oddities: Arc<oddities::Oddities>,
    /// Whether what is written reaches the disk.
    pub disk: Arc<disk::Disk>,
    /// Held from looking at what is known until what follows is written: two sources that show the same move at the same moment must not
    /// both find it new.
    pub intake: Arc<Mutex<()>>,
    /// Who reads a page waits here for the one before: its tree takes many times the room of the page.
    pub reading: Arc<Semaphore>,
    /// Told when a loop moved on.
    pub progress: Arc<Progress>,
    /// Sources that somebody wants polled now.
    pub wanted: Arc<Wanted>,
}

/// A room that could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The way to the bodies.
    #[error("could not prepare the HTTP client")]
    Fetch(#[from] FetchError),
    /// The way to mailboxes.
    #[error("could not prepare the mail client")]
    Mail(#[from] MailerError),
    /// The way to webhook receivers and chat services.
    #[error("could not prepare the webhook client")]
    Poster(#[from] PosterError),
}

impl House {
    /// Opens every room over an opened store. Sends and asks nothing yet.
    pub fn open(settings: Settings, store: Store) -> Result<House, OpenError> {
        Ok(House {
            fetcher: Arc::new(Fetcher::new(settings.fetch.clone())?),
            mailer: settings.mail.as_ref().map(Mailer::new).transpose()?.map(Arc::new),
            poster: Arc::new(Poster::new(&settings.posting)?),
            outbox_filled: Arc::new(Notify::new()),
            oddities: Arc::default(),
            disk: Arc::default(),
            intake: Arc::new(Mutex::new(())),
            reading: Arc::new(Semaphore::new(1)),
            progress: Arc::new(Progress::default()),
            wanted: Arc::new(Wanted::default()),
            settings: Arc::new(settings),
            store,
        })
    }

    /// The same house with other settings: what is remembered, who waits for whom, and what is known of each host stay.
    pub fn renewed(&self, settings: Settings) -> Result<House, OpenError> {
        let fetcher = Arc::new(self.fetcher.renewed(settings.fetch.clone())?);
        Ok(House {
            fetcher,
            outbox_filled: Arc::clone(&self.outbox_filled),
            oddities: Arc::clone(&self.oddities),
            disk: Arc::clone(&self.disk),
            intake: Arc::clone(&self.intake),
            reading: Arc::clone(&self.reading),
            progress: Arc::clone(&self.progress),
            wanted: Arc::clone(&self.wanted),
            ..House::open(settings, self.store.clone())?
        })
    }

    /// The way to a mailbox that a subscriber still has.
    fn mailer_of(&self, subscriber: &str, mailbox: &Recipient) -> Option<&Mailer> {
        let found = self.settings.subscriber(subscriber)?;
        let is_still_there = found.email.as_ref()?.to.contains(mailbox);
        self.mailer.as_deref().filter(|_| is_still_there)
    }

    /// A subscriber's place in a service, as it is now.
    fn post_of(&self, subscriber: &str, channel: Channel) -> Option<&Post> {
        let found = self.settings.subscriber(subscriber)?;
        found.posts.iter().find(|post| post.channel() == channel)
    }

    /// Where a subscriber's webhook is now; the configuration may have changed since a delivery was written.
    fn webhook_of(&self, subscriber: &str) -> Option<&webhook::Settings> {
        let found = self.settings.subscriber(subscriber)?;
        found.webhook.as_ref()
    }
}
