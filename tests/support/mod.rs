//! What scenarios need: a scripted body, an inbox, a webhook receiver, and a configuration that ties a store of its own to them. The house
//! in between is the real one.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use stagewatch::changes::change::RecordedChange;
use stagewatch::config::settings::Settings;
use stagewatch::config::{self, environment::Environment};
use stagewatch::daemon::House;
use stagewatch::daemon::dispatcher::{Pass, deliver_due};
use stagewatch::daemon::import::{ImportError, Saved, import};
use stagewatch::daemon::poll::{Announce, Polled, poll};
use stagewatch::demo::body::ScriptedBody;
use stagewatch::demo::body::answer::Answer;
use stagewatch::demo::hook::Hook;
use stagewatch::demo::inbox::Inbox;
use stagewatch::demo::pages::iso_open_data::{Row, lines};
use stagewatch::standards::project::Project;
use stagewatch::store::Store;
use tempfile::TempDir;

use super::schemas::check;

/// How long anything on loopback may take before a test gives up.
pub(crate) const SOON: Duration = Duration::from_secs(10);

/// The path of the open data on the scripted body.
pub(crate) const OPEN_DATA: &str = "/open-data.jsonl";

/// `whsec_` and 32 bytes.
pub(crate) const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A body, two receivers, and a folder with the configuration between them.
pub(crate) struct World {
    pub(crate) body: ScriptedBody,
    pub(crate) inbox: Inbox,
    pub(crate) hook: Hook,
    folder: TempDir,
}

impl World {
    /// One source of open data, one watch on ISO/IEC 27071, a subscriber by mail and one by webhook.
    pub(crate) async fn start() -> World {
        World::with("").await
    }

    /// The same, with more configuration; `{body}` in it is the address of the body.
    pub(crate) async fn with(more: &str) -> World {
        let world = World {
            body: ScriptedBody::start().await.unwrap(),
            inbox: Inbox::start().await.unwrap(),
            hook: Hook::start(SECRET).await.unwrap(),
            folder: tempfile::tempdir().unwrap(),
        };
        std::fs::write(world.folder.path().join("secret"), SECRET).unwrap();
        let (body, mail, hook) = (world.body.base_url(), world.inbox.url(), world.hook.url());
        let text = format!(
            r#"
[state]
database = "sqlite:{database}"
[fetch]
contact = "tests@example.org"
pause = "0s"
timeout = "5s"
[mail]
server = "{mail}"
from = "Stagewatch <stagewatch@example.org>"
[webhook]
allow-networks = ["127.0.0.0/8"]
[[source]]
id = "open-data"
format = "iso-open-data"
url = "{body}{OPEN_DATA}"
committees = ["ISO/IEC JTC 1/SC 27"]
[[watch]]
id = "one"
standards = ["ISO/IEC 27071"]
[[subscriber]]
id = "people"
watches = ["one"]
[subscriber.email]
to = ["a@example.org", "b@example.org"]
[[subscriber]]
id = "machine"
watches = ["*"]
[subscriber.webhook]
url = "{hook}"
secret-file = "secret"
{more}"#,
            database = world.database().display(),
            more = more.replace("{body}", &body),
        );
        std::fs::write(world.configuration(), text).unwrap();
        world
    }

    pub(crate) fn configuration(&self) -> PathBuf {
        self.folder.path().join("stagewatch.toml")
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("stagewatch.db")
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The real house over this world's configuration.
    pub(crate) fn house(&self) -> House {
        let settings = settings_of(self.path(), &self.configuration());
        let store = Store::open(&settings.state).unwrap();
        House::open(settings, store).unwrap()
    }

    /// Puts ISO/IEC 27071 at a stage, among rows that never move.
    pub(crate) fn show(&self, stage: &str) {
        let reference = if stage < "50" { "ISO/IEC DIS 27071" } else { "ISO/IEC FDIS 27071" };
        let rows = [
            Row::of(56572, reference, "Trusted connections", stage),
            Row::of(900_001, "ISO/IEC 90001:2020", "Another one", "60.60"),
            Row::of(900_002, "ISO/IEC CD 90002", "A third one", "30.20"),
        ];
        self.body.set_page(OPEN_DATA, Answer::json_lines(lines(&rows)));
    }

    /// The program itself, on this world's configuration.
    pub(crate) fn program(&self, arguments: &[&str]) -> Command {
        let mut command = program();
        command.arg("--config").arg(self.configuration()).args(arguments);
        command
    }
}

/// Whatever a scenario is about: what was posted in it is what the published schema says.
impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        for attempt in self.hook.attempts() {
            let is_change = attempt.body["type"].as_str().is_some_and(|kind| kind.starts_with("standard."));
            check(if is_change { "webhook-change" } else { "webhook-operator" }, &attempt.body);
        }
    }
}

fn settings_of(folder: &Path, file: &Path) -> Settings {
    let environment = Environment::from_variables(folder.to_owned(), |_| None);
    config::load(Some(file), &environment).unwrap_or_else(|problems| panic!("{problems}")).settings
}

/// A house that nobody serves: its pages are taken in by hand, each at its moment, and told to the terminal where the configuration
/// names nobody.
pub(crate) struct Archive {
    pub(crate) house: House,
    folder: TempDir,
}

impl Archive {
    /// Over a store of its own.
    pub(crate) fn with(configuration: &str) -> Archive {
        let folder = tempfile::tempdir().unwrap();
        let settings = written(&folder, configuration);
        let store = Store::open(&settings.state).unwrap();
        Archive { house: House::open(settings, store).unwrap(), folder }
    }

    /// The file of the configuration.
    pub(crate) fn configuration(&self) -> PathBuf {
        self.folder.path().join("stagewatch.toml")
    }

    /// Over the same store, with another configuration.
    pub(crate) fn reconfigured(self, configuration: &str) -> Archive {
        let settings = written(&self.folder, configuration);
        Archive { house: House::open(settings, self.house.store).unwrap(), folder: self.folder }
    }

    /// Takes in a page as if polled then, and tells what changed.
    pub(crate) fn try_take(&self, source: &str, at: &str, page: impl Into<Vec<u8>>) -> Result<Polled, ImportError> {
        let source = self.house.settings.source(source).unwrap();
        let saved = Saved { bytes: page.into(), content_type: None, at: at.parse().unwrap() };
        import(&self.house, source, saved, Announce::At(Timestamp::now()))
    }

    /// What follows from a page that must be taken.
    pub(crate) fn take(&self, source: &str, at: &str, page: impl Into<Vec<u8>>) -> Vec<String> {
        let polled = self.try_take(source, at, page).unwrap();
        assert!(!polled.poll.outcome.is_trouble(), "{source} at {at}: {:?}", polled.poll);
        polled.changes.iter().map(line_of).collect()
    }
}

fn written(folder: &TempDir, configuration: &str) -> Settings {
    let file = folder.path().join("stagewatch.toml");
    let database = folder.path().join("stagewatch.db");
    std::fs::write(folder.path().join("secret"), SECRET).unwrap();
    let state = format!("[state]\ndatabase = \"sqlite:{}\"\n", database.display());
    std::fs::write(&file, state + configuration).unwrap();
    settings_of(folder.path(), &file)
}

/// `iso:56572 stage-moved/advanced 40.60 → 50.00`: what a change says, in one line; the codes only where the stage differs.
pub(crate) fn line_of(recorded: &RecordedChange) -> String {
    let change = &recorded.change;
    let movement = change.movement.map(|movement| format!("/{}", movement.as_str())).unwrap_or_default();
    let code = |project: &Project| project.stage_code().map_or_else(|| "?".to_owned(), |code| code.to_string());
    let from = change.before.as_ref().map(code);
    let codes =
        from.filter(|from| *from != code(&change.after)).map(|from| format!(" {from} → {}", code(&change.after)));
    format!("{} {}{movement}{}", change.after.id, change.kind.as_str(), codes.unwrap_or_default())
}

/// The program, with nothing of the surroundings but what it cannot do without.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stagewatch"));
    command.env_clear().env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// Polls a source of the house now.
pub(crate) async fn polled(house: &House, source: &str) -> Polled {
    let source = house.settings.source(source).unwrap().clone();
    poll(house, &source, Timestamp::now()).await.unwrap()
}

/// Sends what is due by then, until nothing more is.
pub(crate) async fn delivered(house: &House, at: Timestamp) -> Pass {
    let mut total = Pass::default();
    loop {
        let pass = deliver_due(house, at).await.unwrap();
        if pass == Pass::default() {
            return total;
        }
        total.n_delivered += pass.n_delivered;
        total.n_waiting += pass.n_waiting;
        total.n_failed += pass.n_failed;
    }
}

/// Standard output, standard error and exit code of a command that ends by itself.
pub(crate) fn output_of(command: &mut Command) -> (String, String, i32) {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap_or(-1))
}

/// The program under way; killed when dropped, so that a failed test leaves nothing running.
pub(crate) struct Running {
    pub(crate) child: std::process::Child,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Running {
        Running { child: command.spawn().unwrap() }
    }

    pub(crate) fn signal(&self, signal: &str) {
        let done = std::process::Command::new("kill").arg(signal).arg(self.child.id().to_string()).status().unwrap();
        assert!(done.success());
    }

    pub(crate) fn exit_within(&mut self, patience: Duration) -> Option<i32> {
        let begun = Instant::now();
        while begun.elapsed() < patience {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        None
    }
}
