//! The journal of systemd, by its native protocol, so that an entry has fields and not only a line: `STAGEWATCH_SOURCE`,
//! `STAGEWATCH_STANDARD`, `STAGEWATCH_CHANGE` and so on, `MESSAGE_ID` by the kind of event, `PRIORITY` by its level.
//!
//! Written by hand, because the library for it either puts its prefix before `MESSAGE_ID` too or puts none before our own fields.
#![expect(clippy::disallowed_methods, reason = "where our standard error leads to is a matter of the environment")]

use std::fmt::{self, Write as _};
use std::fs::File;
use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::UnixDatagram;

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use super::events::message_id_of;

/// Where the journal listens.
const SOCKET: &str = "/run/systemd/journal/socket";

/// Before every field of ours.
const PREFIX: &str = "STAGEWATCH_";

/// A datagram holds more, but no line for people should.
const LONGEST_VALUE_BYTES: usize = 32 * 1024;

/// Events as entries of the journal.
#[derive(Debug)]
pub(super) struct Journal {
    socket: UnixDatagram,
}

impl Journal {
    /// The journal, when our standard error is connected to it and it takes entries.
    pub(super) fn of_this_service() -> Option<Journal> {
        let stream = std::env::var("JOURNAL_STREAM").ok()?;
        let is_ours = standard_error().is_ok_and(|(device, inode)| stream == format!("{device}:{inode}"));
        let socket = UnixDatagram::unbound().ok().filter(|_| is_ours)?;
        // Nothing is an entry that the journal drops; whether somebody listens shows all the same.
        socket.send_to(b"", SOCKET).ok()?;
        Some(Journal { socket })
    }
}

/// Device and inode of what our standard error is.
fn standard_error() -> io::Result<(u64, u64)> {
    let copy = io::stderr().as_fd().try_clone_to_owned()?;
    let metadata = File::from(copy).metadata()?;
    Ok((metadata.dev(), metadata.ino()))
}

impl<S: Subscriber> Layer<S> for Journal {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let entry = entry_of(event);
        // Nobody is left to be told that the journal is away.
        let _ = self.socket.send_to(&entry, SOCKET);
    }
}

fn entry_of(event: &Event<'_>) -> Vec<u8> {
    let mut entry = Entry(Vec::new());
    let priority = match *event.metadata().level() {
        Level::ERROR => "3",
        Level::WARN => "4",
        Level::INFO => "6",
        Level::DEBUG | Level::TRACE => "7",
    };
    entry.add("PRIORITY", priority);
    entry.add("SYSLOG_IDENTIFIER", "stagewatch");
    if let Some(id) = message_id_of(event.metadata().target()) {
        entry.add("MESSAGE_ID", id);
    }
    event.record(&mut entry);
    entry.0
}

/// An entry on the wire: `NAME=value`, or the name, a length and the value where it has several lines.
struct Entry(Vec<u8>);

impl Entry {
    fn add(&mut self, name: &str, value: &str) {
        let value = &value[..value.floor_char_boundary(LONGEST_VALUE_BYTES)];
        self.0.extend_from_slice(name.as_bytes());
        if value.contains('\n') {
            self.0.push(b'\n');
            self.0.extend_from_slice(&(value.len() as u64).to_le_bytes());
        } else {
            self.0.push(b'=');
        }
        self.0.extend_from_slice(value.as_bytes());
        self.0.push(b'\n');
    }

    /// A field as our events have it: `source.id` → `STAGEWATCH_SOURCE`.
    fn field(&mut self, name: &str, value: &str) {
        if name == "message" {
            return self.add("MESSAGE", value);
        }
        let stem = name.strip_suffix(".id").unwrap_or(name);
        let upper = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' };
        let known: String = PREFIX.chars().chain(stem.chars().map(upper)).collect();
        self.add(&known, value);
    }
}

impl Visit for Entry {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.field(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = String::new();
        write!(text, "{value:?}").expect("a string takes whatever is written to it");
        self.field(field.name(), &text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(fields: &[(&str, &str)]) -> Vec<u8> {
        let mut entry = Entry(Vec::new());
        for (name, value) in fields {
            entry.field(name, value);
        }
        entry.0
    }

    #[test]
    fn fields_have_names_that_an_administrator_can_guess() {
        let entry =
            entry(&[("message", "polled"), ("source.id", "iso"), ("n_changes", "2"), ("standard", "ISO/IEC 27071")]);
        let expected = "MESSAGE=polled\nSTAGEWATCH_SOURCE=iso\n\
                        STAGEWATCH_N_CHANGES=2\nSTAGEWATCH_STANDARD=ISO/IEC 27071\n";
        assert_eq!(String::from_utf8(entry).unwrap(), expected);
    }

    #[test]
    fn several_lines_cannot_pass_for_several_fields() {
        let entry = entry(&[("message", "one\nPRIORITY=0")]);
        assert_eq!(entry, [b"MESSAGE\n".as_slice(), &14_u64.to_le_bytes(), b"one\nPRIORITY=0\n"].concat());
    }

    #[test]
    fn long_values_end_at_a_letter() {
        let entry = entry(&[("message", &"标".repeat(LONGEST_VALUE_BYTES))]);
        assert!(entry.len() < LONGEST_VALUE_BYTES + 16 && String::from_utf8(entry).is_ok());
    }
}
