//! Where taken messages are kept, and the files they are saved in. Not the conversation that brought them.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::Message;
use super::refusals::Refusals;
use crate::demo::arrivals::Arrivals;

/// A Message-ID is shorter; a longer file name could be refused by the disk.
const MAX_NAME_CHARS: usize = 100;

/// The messages of one server.
#[derive(Debug)]
pub(super) struct Spool {
    folder: Option<PathBuf>,
    names: Mutex<BTreeSet<String>>,
    messages: Arrivals<Message>,
    refusals: Refusals,
}

impl Spool {
    pub(super) fn new(folder: Option<PathBuf>) -> Spool {
        Spool { folder, names: Mutex::default(), messages: Arrivals::new(), refusals: Refusals::default() }
    }

    pub(super) fn messages(&self) -> &Arrivals<Message> {
        &self.messages
    }

    pub(super) fn refusals(&self) -> &Refusals {
        &self.refusals
    }

    /// Keeps a message; where a folder was given, only once it is on disk there.
    pub(super) async fn keep(&self, mut message: Message) -> io::Result<()> {
        if let Some(folder) = &self.folder {
            let file = folder.join(format!("{}.eml", self.free_name(&name_of(&message.raw))));
            tokio::fs::write(&file, &message.raw).await?;
            message.saved = Some(file);
        }
        self.messages.push(message);
        Ok(())
    }

    /// The name, or the name with the first free number: the same message sent twice must show as two files.
    fn free_name(&self, name: &str) -> String {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let numbered = (2_u32..).map(|number| format!("{name}-{number}"));
        let free = std::iter::once(name.to_owned())
            .chain(numbered)
            .find(|candidate| !names.contains(candidate))
            .expect("there are more numbers than files");
        names.insert(free.clone());
        free
    }
}

/// The local part of the Message-ID, with nothing in it that could leave the folder.
fn name_of(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    let head = text.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ").replace("\r\n\t", " ");
    let id = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("message-id").then(|| value.trim().trim_matches(['<', '>']).to_owned())
    });
    let local = id.as_deref().and_then(|id| id.rsplit_once('@')).map_or("", |(local, _)| local);
    let kept = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' };
    let name: String = local.chars().take(MAX_NAME_CHARS).map(kept).collect();
    if name.is_empty() { "message".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_the_local_part_and_cannot_leave_its_folder() {
        let name = |head: &str| name_of(format!("Subject: x\r\n{head}\r\n\r\nMessage-ID: <body@x>\r\n").as_bytes());
        assert_eq!(name("Message-ID: <dlv_01J9@stagewatch.example.org>"), "dlv_01J9");
        assert_eq!(name("message-id:\r\n <folded@example.org>"), "folded");
        assert_eq!(name("Message-ID: <../../etc/passwd@example.org>"), "______etc_passwd");
        assert_eq!(name("X-Other: y"), "message");
    }
}
