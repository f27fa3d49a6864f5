//! Words from outside while the service runs, over a socket beside the database: `reload`, `poll` and `health`. One line is asked, a word and a
//! text are answered. Whoever may open the database may ask; nobody else, because the socket is as private as the file.
//!
//! Not what a reload does, and not whether the loops move: both are asked.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::House;
use super::reload::{Request, Requests, Verdict};

/// Longer than any question: the names of some hundred sources.
const LONGEST_QUESTION_BYTES: u64 = 16 * 1024;

/// How long somebody who connected may take to ask.
const TO_ASK: Duration = Duration::from_secs(5);

/// What can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Read the configuration anew.
    Reload,
    /// Poll these sources now; all of them where none is named.
    Poll(Vec<String>),
    /// Whether the loops move.
    Health,
}

/// Whether what was asked went well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It did.
    Well,
    /// It did not; the text says why.
    Not,
}

impl fmt::Display for Question {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Question::Reload => out.write_str("reload"),
            Question::Poll(sources) => write!(out, "poll {}", sources.join(" ")),
            Question::Health => out.write_str("health"),
        }
    }
}

impl Question {
    fn parse(text: &str) -> Option<Question> {
        let mut words = text.split_whitespace();
        let question = match words.next()? {
            "reload" => Question::Reload,
            "poll" => return Some(Question::Poll(words.map(str::to_owned).collect())),
            "health" => Question::Health,
            _ => return None,
        };
        words.next().is_none().then_some(question)
    }
}

impl Answer {
    /// As it is written on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Answer::Well => "well",
            Answer::Not => "not",
        }
    }
}

/// The socket beside this database.
pub fn socket_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".socket");
    PathBuf::from(name)
}

/// Listens beside a database that this process holds the lock of: a socket that is there already was left by one that died.
pub fn listen(database: &Path) -> io::Result<UnixListener> {
    let path = socket_of(database);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(listener)
}

/// Answers until told to stop.
pub(super) async fn run(
    listener: UnixListener,
    houses: watch::Receiver<House>,
    requests: Requests,
    stop: CancellationToken,
) {
    let mut conversations = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let (house, requests) = (houses.borrow().clone(), requests.clone());
                    conversations.spawn(async move { converse(stream, &house, &requests).await });
                }
                // Out of file descriptors for a moment: the next turn may have one.
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            },
            Some(_) = conversations.join_next() => {}
            () = stop.cancelled() => return,
        }
    }
}

/// One question, one answer. Whoever goes away meanwhile is not missed.
async fn converse(mut stream: UnixStream, house: &House, requests: &Requests) -> io::Result<()> {
    let mut question = String::new();
    let mut line = BufReader::new((&mut stream).take(LONGEST_QUESTION_BYTES));
    if !matches!(tokio::time::timeout(TO_ASK, line.read_line(&mut question)).await, Ok(Ok(_))) {
        return Ok(());
    }
    let (answer, text) = match Question::parse(&question) {
        Some(Question::Reload) => reloaded(requests).await,
        Some(Question::Poll(sources)) => asked_to_poll(house, sources),
        Some(Question::Health) => health_of(house),
        None => (Answer::Not, "nobody here understands that: ask `reload`, `poll` or `health`".to_owned()),
    };
    stream.write_all(format!("{}\n{text}\n", answer.as_str()).as_bytes()).await?;
    stream.shutdown().await
}

async fn reloaded(requests: &Requests) -> (Answer, String) {
    let (answer, verdict) = oneshot::channel();
    let sent = requests.send(Request { answer: Some(answer) }).await;
    match (sent, verdict.await) {
        (Ok(()), Ok(verdict @ Verdict::Accepted { .. })) => (Answer::Well, verdict.to_string()),
        (Ok(()), Ok(verdict @ Verdict::Refused { .. })) => (Answer::Not, verdict.to_string()),
        (Err(_), _) | (_, Err(_)) => (Answer::Not, "the service is stopping".to_owned()),
    }
}

fn asked_to_poll(house: &House, sources: Vec<String>) -> (Answer, String) {
    if let Some(unknown) = sources.iter().find(|source| house.settings.source(source).is_none()) {
        let known: Vec<&str> = house.settings.sources.iter().map(|source| source.id.as_str()).collect();
        return (Answer::Not, format!("no source is called `{unknown}`; the service has {}", known.join(", ")));
    }
    let text = match sources.as_slice() {
        [] => "every source is polled now; `stagewatch status` shows what came of it".to_owned(),
        some => format!("{} is polled now; `stagewatch status` shows what came of it", some.join(", ")),
    };
    house.wanted.add(sources);
    (Answer::Well, text)
}

fn health_of(house: &House) -> (Answer, String) {
    let hanging = house.progress.hanging();
    if hanging.is_empty() {
        return (Answer::Well, "polls and deliveries are moving".to_owned());
    }
    (Answer::Not, hanging.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_understood_as_it_was_written() {
        let some = Question::Poll(vec!["iso-open-data".to_owned(), "samr".to_owned()]);
        for question in [Question::Reload, Question::Health, Question::Poll(Vec::new()), some] {
            assert_eq!(Question::parse(&format!("{question}\n")), Some(question));
        }
        assert_eq!(Question::parse("reload now"), None);
        assert_eq!(Question::parse("\n"), None);
    }
}
