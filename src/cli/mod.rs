//! The command line: one function a command. Reads the clock, the environment and files; decides nothing that a room below decides.

/// Saved pages in order of time.
pub mod archive;
/// Every command, its arguments, its example.
pub mod arguments;
/// `--as-service`: another process, in the sandbox of the unit.
pub mod as_service;
/// `reload`, `poll` and `health`: asking the service that runs.
pub mod asking;
/// Copies of the database in a folder of their own.
pub mod copies;
/// `demo`.
pub mod demonstrating;
/// `doctor`.
pub mod doctor;
/// `probe` of a page that no source names, and `read auto`.
pub mod fitting;
/// `import`.
pub mod importing;
/// `backup`, `restore`, `prune` and `export`.
pub mod keeping;
/// Arguments of those, and of `doctor`.
pub mod keeping_arguments;
/// `changes`, `diff` and `evidence`.
pub mod looking;
/// `man`.
pub mod manual;
/// Moments of the command line.
pub mod moments;
/// Which project a number means.
mod naming;
/// `deliveries`, `redeliver`, `resume` and `test`.
pub mod outbox;
/// Standard output, for people and for programs.
pub mod output;
/// `plan`.
pub mod planning;
/// A `[[source]]` to paste.
pub mod proposal;
/// `read` and `probe`.
pub mod reading;
/// `schema`.
pub mod schemas;
/// What a command needs before it can begin.
pub mod session;
/// `standards` and `history`.
pub mod standing;
/// `status`.
pub mod status;
/// What the allocator is told.
pub mod thrift;
/// A stage on its track.
pub mod track;
/// `run` and `once`.
pub mod watching;

use std::io;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use crate::daemon::report::counted;
use crate::logging::{self, Verbosity};
use crate::store::error::StoreError;
use crate::store::stops::Backlog;

use arguments::{Arguments, Command, General};
use output::{Output, Tone};
use reading::ReadArguments;
use session::{CliError, Exit};

/// Done, but something was doubtful.
const DOUBTFUL: u8 = 3;

/// The configuration is wrong: `EX_CONFIG` of sysexits.h, which service managers do not try again.
const WRONG_CONFIGURATION: u8 = 78;

/// Parses the command line, does what it says, tells what went wrong, and gives the exit code.
pub fn main() -> ExitCode {
    // A wrong command line, --help and --version end here, with 2 or 0.
    let arguments = Arguments::parse();
    if arguments.general.as_service {
        return tell(&as_service::hand_over());
    }
    let mut output = Output::open();
    start_logging(&arguments, &output);
    match dispatch(&arguments.general, arguments.command, &mut output) {
        Ok(Exit::Done) => ExitCode::SUCCESS,
        Ok(Exit::Doubtful) => ExitCode::from(DOUBTFUL),
        Err(error) => tell(&error),
    }
}

fn start_logging(arguments: &Arguments, output: &Output) {
    let verbosity = match (&arguments.command, arguments.general.quiet, arguments.general.verbose) {
        (_, _, true) => Verbosity::Verbose,
        // What the demo logs is what it tells.
        (Command::Demo { .. }, _, false) => Verbosity::Silent,
        (_, true, false) => Verbosity::Quiet,
        (_, false, false) => Verbosity::Normal,
    };
    logging::start(verbosity, output.colour);
}

#[expect(clippy::print_stderr, reason = "the one place that tells a person why the program ends")]
fn tell(error: &CliError) -> ExitCode {
    match error {
        // Whoever read our output has seen enough.
        CliError::Output(source) | CliError::Store(StoreError::Stream { source, .. })
            if source.kind() == io::ErrorKind::BrokenPipe =>
        {
            ExitCode::SUCCESS
        }
        CliError::Configuration(problems) => {
            eprintln!("{problems}");
            ExitCode::from(WRONG_CONFIGURATION)
        }
        CliError::RefusedConfiguration(problems) => {
            eprintln!("{problems}");
            ExitCode::from(WRONG_CONFIGURATION)
        }
        error => {
            eprintln!("stagewatch: {}", logging::chain(error));
            ExitCode::FAILURE
        }
    }
}

fn dispatch(general: &General, command: Command, output: &mut Output) -> Result<Exit, CliError> {
    match command {
        Command::Demo { folder } => block_on(demonstrating::demo(folder, output))?,
        Command::Check => check(general, output),
        Command::Probe(arguments) => block_on(fitting::probe(general, &arguments, output))?,
        Command::Run => run(general),
        Command::Reload => asking::reload(general, output),
        Command::Poll { sources } => asking::poll(general, &sources, output),
        Command::Health => asking::health(general, output),
        Command::Once { sources, believe_shrinkage } => block_on(watching::once(general, &sources, believe_shrinkage))?,
        Command::Status { json } => status::status(general, json, output),
        Command::Standards { reference, all, json } => {
            standing::standards(general, reference.as_deref(), all, json, output)
        }
        Command::History { reference, json } => standing::history(general, &reference, json, output),
        Command::Changes { since, json } => looking::changes(general, since, json, output),
        Command::Diff { change, whole } => looking::diff(general, &change, whole, output),
        Command::Evidence { change, output: file, force } => looking::evidence(general, &change, &file, force, output),
        Command::Plan { json } => planning::plan(general, json, output),
        Command::Deliveries(asked) => outbox::deliveries(general, &asked, output),
        Command::Redeliver(asked) => outbox::redeliver(general, &asked, output),
        Command::Resume { subscriber, address, drop } => {
            let backlog = if drop { Backlog::Drop } else { Backlog::Send };
            outbox::resume(general, &subscriber, address.as_deref(), backlog, output)
        }
        Command::Test { subscriber } => block_on(outbox::test(general, &subscriber, output))?,
        Command::Read { format, file, url, content_type, committees, json } => {
            let arguments = ReadArguments {
                format: &format,
                file: &file,
                url: url.as_ref(),
                content_type: content_type.as_deref(),
                committees: &committees,
                json,
            };
            reading::read(&arguments, output)
        }
        Command::Import(arguments) => importing::import(general, &arguments, output),
        Command::Doctor(arguments) => block_on(doctor::doctor(general, &arguments, output))?,
        Command::Backup(arguments) => keeping::backup(general, &arguments, output),
        Command::Restore(arguments) => keeping::restore(general, &arguments, output),
        Command::Prune(arguments) => keeping::prune(general, &arguments, output),
        Command::Export(arguments) => keeping::export(general, &arguments, output),
        Command::Schema { name } => schemas::schema(name.as_deref(), output),
        Command::Completions { shell } => completions(shell),
        Command::Man { folder } => manual::man(folder.as_deref(), output),
    }
}

/// `stagewatch run`.
fn run(general: &General) -> Result<Exit, CliError> {
    thrift::begin();
    block_on(watching::run(general))?
}

/// Whether the operating system gives as many threads as a runtime needs at least. It would break off where it gets none, and hang.
fn insist_on_threads() -> Result<(), CliError> {
    // Two that work, two that make pages, one that may wait.
    const AT_LEAST: u32 = 5;
    let gate = std::sync::Mutex::new(());
    let all_at_once = std::thread::scope(|scope| {
        let _closed = gate.lock();
        for _ in 0..AT_LEAST {
            std::thread::Builder::new().spawn_scoped(scope, || drop(gate.lock()))?;
        }
        Ok(())
    });
    all_at_once.map_err(|source| CliError::System { what: "threads; is `TasksMax=` or `ulimit -u` too low?", source })
}

/// Two workers: one for what waits on sockets, one so that it never waits for the other.
fn block_on<T>(work: impl Future<Output = T>) -> Result<T, CliError> {
    insist_on_threads()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        // Readers of large pages: each takes tens of megabytes while it reads.
        .max_blocking_threads(16)
        .enable_all()
        .build()
        .map_err(|source| CliError::System { what: "a runtime", source })?;
    let done = runtime.block_on(work);
    // Readers on blocking threads are not waited for: what they would find is not written without us.
    runtime.shutdown_background();
    Ok(done)
}

/// `stagewatch check`.
fn check(general: &General, output: &mut Output) -> Result<Exit, CliError> {
    let loaded = session::configuration(general)?;
    for warning in &loaded.warnings {
        output.line(output.toned(Tone::Warning, &format!("warning: {warning}")))?;
    }
    let settings = &loaded.settings;
    output.line(format!(
        "{}: right; {}, {}, {}",
        loaded.origin,
        counted(settings.sources.len() as u64, "source"),
        counted(settings.watches.len() as u64, "watch"),
        counted(settings.subscribers.len() as u64, "subscriber")
    ))?;
    Ok(Exit::Done)
}

fn completions(shell: clap_complete::Shell) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "stagewatch", &mut script);
    io::Write::write_all(&mut io::stdout(), &script)?;
    Ok(Exit::Done)
}
