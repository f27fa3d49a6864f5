//! What a command needs before it can begin: the configuration, the store, the rooms over them.
#![expect(clippy::disallowed_methods, reason = "the command line reads the environment")]

use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::config::environment::Environment;
use crate::config::problem::Problems;
use crate::config::settings::Settings;
use crate::config::source::Source;
use crate::config::{self, Loaded};
use crate::daemon::import::ImportError;
use crate::daemon::lifecycle::LifecycleError;
use crate::daemon::poll::PollError;
use crate::daemon::{House, OpenError};
use crate::fetch::error::FetchError;
use crate::logging::events;
use crate::store::error::StoreError;
use crate::store::lock::ExclusiveUse;
use crate::store::migrations::Teller;
use crate::store::{self, Store};

use super::arguments::General;

/// How a command ended, when it did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All was well.
    Done,
    /// Something was doubtful: a page not whole, a delivery refused.
    Doubtful,
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The configuration is wrong; the text lists every problem.
    #[error("{0}")]
    Configuration(Problems),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A room.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A poll that could not be recorded.
    #[error("could not poll source `{id}`")]
    Poll {
        /// The source.
        id: String,
        /// Why.
        #[source]
        source: PollError,
    },
    /// What somebody was never told of, or a sample.
    #[error("could not compose for subscriber `{subscriber}`")]
    CatchingUp {
        /// For whom.
        subscriber: String,
        /// Why.
        #[source]
        source: PollError,
    },
    /// What was held back.
    #[error("could not let go what was held back")]
    Releasing(#[source] PollError),
    /// A page that no source names.
    #[error("could not fetch `{address}`")]
    Fetch {
        /// Its address.
        address: String,
        /// Why.
        #[source]
        source: FetchError,
    },
    /// The service.
    #[error("the service ended")]
    Service(#[from] LifecycleError),
    /// An import.
    #[error("could not import `{path}`")]
    Import {
        /// The page.
        path: String,
        /// Why.
        #[source]
        source: ImportError,
    },
    /// The demo.
    #[error("the demo broke off")]
    Demo(#[from] crate::demo::play::DemoError),
    /// The proof of a change.
    #[error("could not show what proves `{id}`")]
    Evidence {
        /// The change.
        id: String,
        /// Why not.
        #[source]
        source: crate::web::evidence::EvidenceError,
    },
    /// A file that is to be written.
    #[error("could not write `{path}`: check its folder and that this user may write there")]
    Write {
        /// The file.
        path: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A file of the command line.
    #[error("could not read `{path}`: check its name and that this user may read it")]
    Read {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Standard output.
    #[error("could not write to standard output")]
    Output(#[from] io::Error),
    /// The operating system.
    #[error("could not ask the operating system for {what}")]
    System {
        /// What was asked for.
        what: &'static str,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The service refused its configuration; the text lists every problem.
    #[error("{0}")]
    RefusedConfiguration(String),
    /// The service that runs on this database could not be asked, or said no.
    #[error("{0}")]
    Refused(String),
    /// What the doctor found.
    #[error("{}: each line above says what to do", if *.0 == 1 { "one thing is wrong".to_owned() } else { format!("{} things are wrong", .0) })]
    Unwell(u64),
    /// A name on the command line that nothing has.
    #[error("{0}")]
    Unknown(String),
}

/// The surroundings of this process.
pub fn environment() -> Result<Environment, CliError> {
    let cwd: PathBuf =
        std::env::current_dir().map_err(|source| CliError::System { what: "the working directory", source })?;
    Ok(Environment::from_variables(cwd, |name| std::env::var_os(name)))
}

/// The configuration that the command line names, or the one that is found.
pub fn configuration(general: &General) -> Result<Loaded, CliError> {
    config::load(general.config.as_deref(), &environment()?).map_err(CliError::Configuration)
}

/// Settings and store, for commands that only look.
pub fn store_of(general: &General) -> Result<(Settings, Store), CliError> {
    let settings = configuration(general)?.settings;
    insist_on(&settings.state.database)?;
    let store = Store::open(&settings.state)?;
    Ok((settings, store))
}

/// Looking makes nothing: a database that is not there may be a slip of the pen in its path.
fn insist_on(database: &Path) -> Result<(), CliError> {
    if !matches!(database.try_exists(), Ok(false)) {
        return Ok(());
    }
    Err(CliError::Unknown(format!(
        "there is no database `{}` yet: `stagewatch run` or `once` makes it; is `[state] database` right?",
        database.display()
    )))
}

/// The database that the configuration names, whatever else is wrong with it: a copy must not hang on a password.
pub fn database_of(general: &General) -> Result<PathBuf, CliError> {
    match config::database_of(general.config.as_deref(), &environment()?) {
        Some(database) => Ok(database),
        None => Ok(configuration(general)?.settings.state.database),
    }
}

/// The store, for commands that need nothing else of the configuration.
pub fn store_alone(general: &General) -> Result<Store, CliError> {
    let database = database_of(general)?;
    insist_on(&database)?;
    Ok(Store::open(&store::Settings { database })?)
}

/// Every room over the store, for commands that poll or deliver; the lock keeps a second one away while it lives.
pub fn house_of(general: &General) -> Result<(House, ExclusiveUse), CliError> {
    house_telling(general, &mut |_| {})
}

/// The same; what is done to a database of an earlier schema is told before it begins.
pub fn house_telling(general: &General, teller: Teller<'_>) -> Result<(House, ExclusiveUse), CliError> {
    let loaded = configuration(general)?;
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    tracing::info!(target: events::CONFIGURATION, "configuration: {}", loaded.origin);
    let store = Store::open_telling(&loaded.settings.state, teller)?;
    let lock = store.lock()?;
    let n_claims = store.release_claims(Timestamp::now())?;
    if n_claims > 0 {
        tracing::info!(
            n_claims,
            "{n_claims} deliveries were under way when the last run ended; they go out again under the same id"
        );
    }
    Ok((House::open(loaded.settings, store)?, lock))
}

/// Every room over the store, for commands that ask a body but write nothing: no lock.
pub fn quiet_house_of(general: &General) -> Result<House, CliError> {
    let settings = configuration(general)?.settings;
    let store = Store::open(&settings.state)?;
    Ok(House::open(settings, store)?)
}

/// The same over a database that is there already.
pub fn house_over_what_is_there(general: &General) -> Result<House, CliError> {
    let (settings, store) = store_of(general)?;
    Ok(House::open(settings, store)?)
}

/// The source of that id, or an error that names those there are.
pub fn source_named<'a>(settings: &'a Settings, id: &str) -> Result<&'a Source, CliError> {
    settings.sources.iter().find(|source| source.id == id).ok_or_else(|| {
        let known: Vec<&str> = settings.sources.iter().map(|source| source.id.as_str()).collect();
        CliError::Unknown(format!("no source is called `{id}`; the configuration has {}", known.join(", ")))
    })
}
