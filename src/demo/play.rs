//! `stagewatch demo`: plays the script in front of a person, with the real pipeline between the scripted body on one side and an inbox
//! and a webhook receiver on the other; and says at the end whether what had to come came, and nothing else.
#![expect(clippy::disallowed_methods, reason = "the demo reads the clock, and leaves its files in a folder")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::config::environment::Environment;
use crate::config::problem::Problems;
use crate::config::{self, source::Source};
use crate::daemon::poll::{PollError, Polled, poll};
use crate::daemon::{House, OpenError, dispatcher};
use crate::store::deliveries::DeliveryFilter;
use crate::store::error::StoreError;
use crate::store::{PollOutcome, Store};

use super::arrivals::TooFew;
use super::body::ScriptedBody;
use super::hook::{Attempt, Hook, HookError};
use super::inbox::Inbox;
use super::script::{Alert, STEPS, Step, n_alerts, sources};

/// How long what was sent may take to arrive on loopback.
const ARRIVAL: Duration = Duration::from_secs(10);

/// How long nothing must come before we believe that nothing comes.
const SILENCE: Duration = Duration::from_millis(150);

/// A person reads a step in that time; nobody waits for it where nobody reads.
const PACE: Duration = Duration::from_millis(900);

/// Why the demo broke off.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A folder or a port.
    #[error("could not {what}")]
    System {
        /// What was tried.
        what: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// Another demo left its database there: what it saw would be the past of this one.
    #[error("`{0}` holds a database already; name a folder that does not, or leave `--folder` out")]
    Used(PathBuf),
    /// The webhook receiver.
    #[error("could not start the webhook receiver")]
    Hook(#[from] HookError),
    /// A configuration of ours that is wrong.
    #[error("the configuration of the demo is wrong: {0}")]
    Configuration(Problems),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A room.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A poll that could not be recorded.
    #[error("could not poll")]
    Poll(#[from] PollError),
    /// An alert that did not come.
    #[error("an alert did not arrive")]
    Missing(#[from] TooFew),
}

/// Where the demo tells what happens.
pub trait Stage {
    /// A heading: what the bodies do.
    fn caption(&mut self, text: &str) -> io::Result<()>;
    /// Something arrived, or was held back.
    fn event(&mut self, text: &str) -> io::Result<()>;
    /// Whether a person reads along.
    fn is_watched(&self) -> bool;
}

/// What the demo came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Where database, configuration and mails are.
    pub folder: PathBuf,
    /// Alerts that had to come.
    pub n_expected: usize,
    /// Alerts that came by webhook, each rightly signed.
    pub n_webhooks: usize,
    /// Mails that came; one holds all alerts of a poll.
    pub n_mails: usize,
    /// Pages that were rightly not believed.
    pub n_in_doubt: usize,
    /// What was not as it should have been; empty when all was well.
    pub faults: Vec<String>,
}

/// The servers, and the house between them.
struct World {
    body: ScriptedBody,
    inbox: Inbox,
    hook: Hook,
    house: House,
    folder: PathBuf,
}

/// Plays the whole script.
pub async fn play(folder: Option<PathBuf>, stage: &mut dyn Stage) -> Result<Summary, DemoError> {
    let world = World::open(folder).await?;
    let stop = CancellationToken::new();
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(dispatcher::run(tokio::sync::watch::Sender::new(world.house.clone()).subscribe(), stop.clone()));
    let mut told = Told::default();
    for (number, step) in STEPS.iter().enumerate() {
        world.play_step(number + 1, step, &mut told, stage).await?;
    }
    stop.cancel();
    let _ = tokio::time::timeout(ARRIVAL, tasks.join_all()).await;
    world.summary(told)
}

/// What was told so far, and what was wrong with it.
#[derive(Default)]
struct Told {
    n_webhooks: usize,
    n_mails: usize,
    n_in_doubt: usize,
    faults: Vec<String>,
}

impl World {
    async fn open(folder: Option<PathBuf>) -> Result<World, DemoError> {
        let folder = folder.unwrap_or_else(new_folder);
        let doing = |what: String| move |source| DemoError::System { what, source };
        std::fs::create_dir_all(&folder).map_err(doing(format!("make the folder `{}`", folder.display())))?;
        // Absolute, so that the configuration left behind works from anywhere.
        let folder = folder.canonicalize().map_err(doing(format!("find the folder `{}`", folder.display())))?;
        if folder.join("stagewatch.db").exists() {
            return Err(DemoError::Used(folder));
        }
        let body = ScriptedBody::start().await.map_err(doing("start the scripted body on loopback".to_owned()))?;
        let inbox = Inbox::start_saving(folder.join("mail"))
            .await
            .map_err(doing("start the mail server on loopback".to_owned()))?;
        let secret = secret();
        let hook = Hook::start(&secret).await?;
        let write = |name: &str, text: &str| {
            std::fs::write(folder.join(name), text).map_err(doing(format!("write `{name}` in `{}`", folder.display())))
        };
        // A secret is for its owner alone, even that of a demo.
        write_private(&folder.join("webhook-secret"), &secret)
            .map_err(doing(format!("write `webhook-secret` in `{}`", folder.display())))?;
        write("stagewatch.toml", &configuration(&body, &inbox, &hook))?;
        let house = house_of(&folder)?;
        Ok(World { body, inbox, hook, house, folder })
    }

    async fn play_step(
        &self,
        number: usize,
        step: &Step,
        told: &mut Told,
        stage: &mut dyn Stage,
    ) -> Result<(), DemoError> {
        let speak = |source| DemoError::System { what: "write to the terminal".to_owned(), source };
        stage.caption(&format!("{number:>2}. {}", step.caption)).map_err(speak)?;
        let begun = Instant::now();
        (step.apply)(&self.body);
        let mut n_polls_with_news = 0;
        let mut doubted = BTreeSet::new();
        for source in self.house.settings.sources.clone() {
            let polled = poll(&self.house, &source, Timestamp::now()).await?;
            n_polls_with_news += usize::from(polled.changes.iter().any(|change| change.announced));
            if let Some(line) = line_of(&source, &polled) {
                doubted.insert(source.id.clone());
                stage.event(&line).map_err(speak)?;
            }
            self.house.outbox_filled.notify_one();
        }
        let arrived = self.arrivals(step, n_polls_with_news, told).await?;
        for line in self.lines_of(&arrived, told)? {
            stage.event(&line).map_err(speak)?;
        }
        check_step(number, step, &arrived, &doubted, told);
        told.n_in_doubt += doubted.len();
        if stage.is_watched() {
            tokio::time::sleep(PACE.saturating_sub(begun.elapsed())).await;
        }
        Ok(())
    }

    /// Waits for what must come, then a moment longer for what must not.
    async fn arrivals(&self, step: &Step, n_mails: usize, told: &mut Told) -> Result<Vec<Attempt>, DemoError> {
        let n_webhooks_before = told.n_webhooks;
        self.hook.wait_for(n_webhooks_before + step.expect.len(), ARRIVAL).await?;
        self.inbox.wait_for(told.n_mails + n_mails, ARRIVAL).await?;
        tokio::time::sleep(SILENCE).await;
        let webhooks = self.hook.deliveries();
        told.n_webhooks = webhooks.len();
        Ok(webhooks.into_iter().skip(n_webhooks_before).collect())
    }

    /// A line for every mail and every webhook that is new.
    fn lines_of(&self, webhooks: &[Attempt], told: &mut Told) -> Result<Vec<String>, DemoError> {
        let sent = self.house.store.deliveries(&DeliveryFilter::default())?;
        let messages = self.inbox.messages();
        let mut lines = Vec::new();
        for message in messages.iter().skip(told.n_mails) {
            let raw = String::from_utf8_lossy(&message.raw);
            let known = sent.iter().find(|sent| raw.contains(&format!("<{}@", sent.delivery.id)));
            let subject = known.map_or("a mail that nobody sent", |sent| &sent.delivery.subject);
            lines.push(format!("mail     {subject}"));
            if known.is_none() {
                told.faults.push("a mail came whose Message-ID is no delivery of ours".to_owned());
            }
        }
        told.n_mails = messages.len();
        for webhook in webhooks {
            let (kind, reference) = (&webhook.body["type"], &webhook.body["data"]["project"]["reference"]);
            let text = |value: &serde_json::Value| value.as_str().unwrap_or("?").to_owned();
            lines.push(format!("webhook  {} {} (signature verified)", text(kind), text(reference)));
        }
        Ok(lines)
    }

    fn summary(&self, mut told: Told) -> Result<Summary, DemoError> {
        let counts = self.house.store.outbox_counts()?;
        if counts.n_waiting + counts.n_under_way + counts.n_failed > 0 {
            told.faults.push("the outbox is not empty".to_owned());
        }
        if !self.hook.turned_away().is_empty() {
            told.faults.push("a webhook came with a wrong signature".to_owned());
        }
        let ids: BTreeSet<String> = self.hook.deliveries().into_iter().map(|attempt| attempt.id).collect();
        if ids.len() != told.n_webhooks {
            told.faults.push("a webhook came twice".to_owned());
        }
        Ok(Summary {
            folder: self.folder.clone(),
            n_expected: n_alerts(),
            n_webhooks: told.n_webhooks,
            n_mails: told.n_mails,
            n_in_doubt: told.n_in_doubt,
            faults: told.faults,
        })
    }
}

/// What an operator would read of a poll that was not accepted.
fn line_of(source: &Source, polled: &Polled) -> Option<String> {
    match polled.poll.outcome {
        PollOutcome::Doubtful | PollOutcome::Refused | PollOutcome::Failed => {
            let why = polled.poll.why.as_deref().unwrap_or("no reason given");
            Some(format!("no news  {}: {why}; nothing accepted", source.id))
        }
        PollOutcome::Baseline | PollOutcome::Changed | PollOutcome::Unchanged | PollOutcome::NotModified => None,
    }
}

/// Exactly the alerts of the script, and doubts exactly where it has them.
fn check_step(number: usize, step: &Step, arrived: &[Attempt], doubted: &BTreeSet<String>, told: &mut Told) {
    let mut open: Vec<&Alert> = step.expect.iter().collect();
    for attempt in arrived {
        let data = &attempt.body["data"];
        let is_this = |alert: &&Alert| {
            data["project"]["id"] == alert.project
                && data["kind"] == alert.kind.as_str()
                && alert.to.is_none_or(|code| data["project"]["stage"]["code"] == code)
        };
        match open.iter().position(is_this) {
            Some(position) => drop(open.swap_remove(position)),
            None => {
                told.faults.push(format!("step {number}: an alert that nobody expected: {}", data["project"]["id"]));
            }
        }
    }
    told.faults.extend(open.iter().map(|alert| format!("step {number}: no alert of {}", alert.project)));
    let expected: BTreeSet<String> = step.in_doubt.iter().map(|&id| id.to_owned()).collect();
    if &expected != doubted {
        told.faults.push(format!("step {number}: doubted {doubted:?} instead of {expected:?}"));
    }
}

fn new_folder() -> PathBuf {
    let now = Timestamp::now().strftime("%Y%m%d-%H%M%S").to_string();
    std::env::temp_dir().join(format!("stagewatch-demo-{now}-{}", std::process::id()))
}

fn write_private(file: &Path, text: &str) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    io::Write::write_all(&mut options.open(file)?, text.as_bytes())
}

/// A fresh secret for every demo.
fn secret() -> String {
    let bytes: Vec<u8> = std::iter::repeat_with(|| fastrand::u8(..)).take(32).collect();
    format!("whsec_{}", STANDARD.encode(bytes))
}

fn configuration(body: &ScriptedBody, inbox: &Inbox, hook: &Hook) -> String {
    let mut text = format!(
        "# The configuration of a demo that has ended: its servers are gone, its database is there to look at.\n\
         [state]\ndatabase = \"sqlite:stagewatch.db\"\n\n\
         [fetch]\ncontact = \"demo@example.org\"\npause = \"0s\"\n\n\
         [mail]\nserver = \"{}\"\nfrom = \"Stagewatch <stagewatch@example.org>\"\n\n\
         [webhook]\nallow-networks = [\"127.0.0.0/8\"]\n",
        inbox.url()
    );
    for (id, format, url) in sources(&body.base_url()) {
        let _ = write!(
            text,
            "\n[[source]]\nid = \"{id}\"\nformat = \"{format}\"\nurl = \"{url}\"\ncommittees = [{}]\n",
            if format == "iso-open-data" { "\"ISO/IEC JTC 1/SC 27\"" } else { "" }
        );
    }
    let _ = write!(
        text,
        "\n[[watch]]\nid = \"tc260-2023\"\ntitle = \"The spring of 2023\"\n\
         standards = [\"ISO/IEC 24392\", \"ISO/IEC 27071\", \"ISO/IEC 27033-7\", \"ISO/IEC 27035-4\", \"20230259-T-469\"]\n\
         keywords = [\"unmanned air\", \"multiparty\"]\ncommittees = [\"SAC/TC 260\"]\n\
         \n[[subscriber]]\nid = \"regulatory-team\"\nwatches = [\"tc260-2023\"]\nlanguage = \"both\"\n\
         [subscriber.email]\nto = [\"team@example.org\"]\n\
         \n[[subscriber]]\nid = \"plm-system\"\nwatches = [\"*\"]\n\
         [subscriber.webhook]\nurl = \"{}\"\nsecret-file = \"webhook-secret\"\n",
        hook.url(),
    );
    text
}

fn house_of(folder: &Path) -> Result<House, DemoError> {
    let environment = Environment::from_variables(folder.to_owned(), |_| None);
    let loaded = config::load(Some(&folder.join("stagewatch.toml")), &environment).map_err(DemoError::Configuration)?;
    let store = Store::open(&loaded.settings.state)?;
    Ok(House::open(loaded.settings, store)?)
}
