//! `reload`, `poll` and `health`: one question to the service that runs on this database, over the socket beside it. Decides nothing itself.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use crate::daemon::control::{Answer, Question, socket_of};

use super::arguments::General;
use super::output::{Output, Tone};
use super::session::{CliError, Exit, database_of};

/// How long the service may take: a reload reads files and certificates, and waits for its turn.
const PATIENCE: Duration = Duration::from_secs(30);

/// `stagewatch reload`. The service reads the files, since it alone has its secrets; where none runs, what is wrong with them is told.
pub fn reload(general: &General, output: &mut Output) -> Result<Exit, CliError> {
    match ask(general, &Question::Reload)? {
        (Answer::Not, text) => Err(CliError::RefusedConfiguration(text)),
        (Answer::Well, text) => told(Answer::Well, &text, output),
    }
}

/// `stagewatch poll`.
pub fn poll(general: &General, sources: &[String], output: &mut Output) -> Result<Exit, CliError> {
    let (answer, text) = ask(general, &Question::Poll(sources.to_vec()))?;
    told(answer, &text, output)
}

/// `stagewatch health`.
pub fn health(general: &General, output: &mut Output) -> Result<Exit, CliError> {
    let (answer, text) = ask(general, &Question::Health)?;
    told(answer, &text, output)
}

fn told(answer: Answer, text: &str, output: &mut Output) -> Result<Exit, CliError> {
    match answer {
        Answer::Well => {
            for line in text.lines() {
                let tone = if line.starts_with("warning: ") { Tone::Warning } else { Tone::Good };
                output.line(output.toned(tone, line))?;
            }
            Ok(Exit::Done)
        }
        Answer::Not => Err(CliError::Refused(text.to_owned())),
    }
}

/// Why nobody can be asked, with the remedy.
fn unanswered(database: &Path, error: &io::Error) -> CliError {
    let remedy = match error.kind() {
        ErrorKind::NotFound | ErrorKind::ConnectionRefused => {
            "start it with `stagewatch run` or `systemctl start stagewatch`, or name its configuration with `--config`"
                .to_owned()
        }
        ErrorKind::PermissionDenied => "ask as the user it runs as: `sudo -u stagewatch stagewatch …`".to_owned(),
        _ => error.to_string(),
    };
    CliError::Refused(format!("no service answers for the database `{}`: {remedy}", database.display()))
}

fn ask(general: &General, question: &Question) -> Result<(Answer, String), CliError> {
    let database = database_of(general)?;
    let mut stream = UnixStream::connect(socket_of(&database)).map_err(|error| unanswered(&database, &error))?;
    let failed = |source| CliError::System { what: "an answer of the running service", source };
    stream.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
    stream.set_write_timeout(Some(PATIENCE)).map_err(failed)?;
    stream.write_all(format!("{question}\n").as_bytes()).map_err(failed)?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply).map_err(failed)?;
    let (word, text) = reply.trim_end().split_once('\n').unwrap_or_default();
    let answer = [Answer::Well, Answer::Not].into_iter().find(|answer| answer.as_str() == word);
    let answer = answer.ok_or_else(|| CliError::Refused("the service ended before it answered".to_owned()))?;
    Ok((answer, text.to_owned()))
}
