//! Closing days as entries of a calendar (RFC 5545): for the attachment of a mail and for a feed alike. A day has one UID for good, so that a
//! calendar moves its entry when the body moves the day, and strikes it out when there is nothing to close any more. Not when to remind.
//!
//! The UID is made of the project, of what closes, and of which window of its kind it is: a second ballot on a committee draft has an entry
//! of its own, and that of the first stays where it was.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::change::RecordedChange;
use super::closing::{Basis, Closing, Open, Window, nth_window, window_on};
use super::corroboration::KnownStage;
use super::notice::{Languages, Notice, Occasion, name_of};
use super::notice_action::basis_in_words;
use super::notice_frame::Frame;
use super::notice_sentence::sentence;
use super::notice_window::what_closes;
use super::notice_words::{clean, link_of, pick, title_of};
use crate::standards::project::{Project, ProjectId};
use crate::standards::reference::Reference;
use crate::standards::stage::StageCode;

/// Longest line in octets, without its end.
const LONGEST_LINE: usize = 75;

/// How sure a day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// The body prints it.
    Confirmed,
    /// Reckoned by the rules of the body.
    Tentative,
    /// It will not come.
    Cancelled,
}

/// One day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The same for the same closing of the same project, for good.
    pub uid: String,
    /// Rises with every revision: the number of the change among those of its project.
    pub sequence: u64,
    /// When this revision was made.
    pub stamp: Timestamp,
    /// The day.
    pub day: Date,
    /// How sure it is.
    pub status: Status,
    /// One line: what closes of what.
    pub summary: String,
    /// The words behind it.
    pub description: String,
    /// Where to look.
    pub url: Option<String>,
}

/// Which revision of an entry it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revision {
    /// The number of the newest change among those of its project; 0 where it has none.
    pub sequence: u64,
    /// When it was made.
    pub stamp: Timestamp,
}

/// The entry of a project where it stands, where a day is known on which something closes: for a feed of what is held. It is the entry that
/// the mail about its newest change brought.
pub fn entry_of(project: &Project, trail: &[KnownStage], languages: Languages, revision: Revision) -> Option<Entry> {
    let open = window_on(project, trail)?;
    let nth = nth_of(project, open.window, trail.iter().filter_map(|known| known.stage.code));
    entry(project, (open, nth), languages, revision)
}

/// By the stages that were seen, or by the number that the body gives its drafts: the polls may have missed a round.
fn nth_of(project: &Project, window: Window, stages: impl IntoIterator<Item = StageCode>) -> usize {
    let is_of_draft = matches!(window, Window::CommitteeDraft | Window::Enquiry | Window::FinalBallot);
    let printed = Reference::parse(&project.reference).filter(|_| is_of_draft).and_then(|name| name.iteration());
    nth_window(window, stages).max(printed.and_then(|round| usize::try_from(round).ok()).unwrap_or(1))
}

fn entry(project: &Project, (open, nth): (Open, usize), languages: Languages, revision: Revision) -> Option<Entry> {
    let closing = open.closes?;
    let status = if closing.basis == Basis::Printed { Status::Confirmed } else { Status::Tentative };
    let why = |language| basis_in_words(open.window, closing, language);
    let each = || languages.each().iter().copied();
    let mut lines: Vec<String> = each().filter_map(|language| title_of(project, language)).collect();
    // A title that there is in one language alone is said once.
    lines.dedup();
    lines.extend(each().map(why).filter(|line| !line.is_empty()));
    Some(Entry {
        uid: uid_of(&project.id, open.window, nth),
        sequence: revision.sequence,
        stamp: revision.stamp,
        day: closing.day,
        status,
        summary: summary(project, open.window, closing, languages),
        description: lines.join("\n"),
        url: project.url.as_deref().and_then(link_of),
    })
}

/// What a notice puts into the calendars of its readers: the days that are open now, and those that will not come.
pub fn entries_of(notice: &Notice) -> Vec<Entry> {
    if notice.occasion == Occasion::Sample {
        // Nothing of it happened, and a calendar would not know.
        return Vec::new();
    }
    let mut entries = BTreeMap::new();
    let mut changes: Vec<&RecordedChange> = notice.changes.iter().collect();
    changes.sort_by_key(|recorded| recorded.seen_at);
    for recorded in changes {
        for entry in entries_of_change(recorded, &notice.frame, notice.languages) {
            entries.insert(entry.uid.clone(), entry);
        }
    }
    entries.into_values().collect()
}

fn entries_of_change(recorded: &RecordedChange, frame: &Frame, languages: Languages) -> Vec<Entry> {
    let today = frame.today(recorded);
    let revision = Revision { sequence: recorded.sequence, stamp: frame.now.unwrap_or(recorded.seen_at) };
    let before: Vec<StageCode> = frame.trail_before(recorded).filter_map(|known| known.stage.code).collect();
    let came_to = recorded.change.movement.and_then(|_| recorded.change.after.stage_code());
    let told_entry = |project: &Project, open: Open, came_to: Option<StageCode>| {
        let nth = nth_of(project, open.window, before.iter().copied().chain(came_to));
        let entry = entry(project, (open, nth), languages, revision)?;
        let told: Vec<String> = languages.each().iter().map(|language| sentence(recorded, *language)).collect();
        let description = format!("{}\n{}", entry.description, told.join("\n"));
        let url = frame.page_of(recorded).or(entry.url);
        Some(Entry { description, url, ..entry })
    };
    let is_ahead = |open: &Open| open.closes.is_some_and(|closing| closing.day >= today);
    let after = frame.window(recorded);
    let now = after.filter(is_ahead).and_then(|open| told_entry(&recorded.change.after, open, came_to));
    let gone = frame
        .window_before(recorded)
        .filter(is_ahead)
        .filter(|before| after.is_none_or(|after| after.window != before.window))
        .and_then(|open| told_entry(recorded.change.before.as_ref()?, open, None))
        .map(|entry| Entry { status: Status::Cancelled, ..entry });
    now.into_iter().chain(gone).collect()
}

/// The first window of a kind has the name that it always had.
fn uid_of(id: &ProjectId, window: Window, nth: usize) -> String {
    let digest = Sha256::digest(id.to_string().as_bytes());
    let project = digest.iter().take(12).fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    let nth = if nth > 1 { format!("-{nth}") } else { String::new() };
    format!("{project}-{}{nth}@stagewatch", window.as_str())
}

fn summary(project: &Project, window: Window, closing: Closing, languages: Languages) -> String {
    let name = name_of(project);
    let expected = |language| match closing.basis {
        Basis::Printed => "",
        Basis::FromOpening(_) | Basis::FromSight(_) => pick(language, " (expected)", "（预计）"),
    };
    let told: Vec<String> = languages
        .each()
        .iter()
        .map(|language| format!("{}{}", what_closes(window, *language), expected(*language)))
        .collect();
    format!("{name}: {}", told.join(" · "))
}

/// The calendar, with a name where it is to be subscribed to.
pub fn written(entries: &[Entry], name: Option<&str>) -> String {
    let mut out = String::new();
    for text in ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//stagewatch//closing days//EN", "CALSCALE:GREGORIAN"] {
        line(&mut out, text);
    }
    line(&mut out, "METHOD:PUBLISH");
    if let Some(name) = name {
        line(&mut out, &format!("X-WR-CALNAME:{}", escaped(name)));
    }
    for entry in entries {
        event(&mut out, entry);
    }
    line(&mut out, "END:VCALENDAR");
    out
}

fn event(out: &mut String, entry: &Entry) {
    line(out, "BEGIN:VEVENT");
    line(out, &format!("UID:{}", escaped(&entry.uid)));
    line(out, &format!("SEQUENCE:{}", entry.sequence));
    line(out, &format!("DTSTAMP:{}", entry.stamp.strftime("%Y%m%dT%H%M%SZ")));
    line(out, &format!("DTSTART;VALUE=DATE:{}", entry.day.strftime("%Y%m%d")));
    let status = match entry.status {
        Status::Confirmed => "CONFIRMED",
        Status::Tentative => "TENTATIVE",
        Status::Cancelled => "CANCELLED",
    };
    line(out, &format!("STATUS:{status}"));
    // A closing day is no appointment: nobody is busy.
    line(out, "TRANSP:TRANSPARENT");
    line(out, &format!("SUMMARY:{}", escaped(&entry.summary)));
    line(out, &format!("DESCRIPTION:{}", escaped(&entry.description)));
    if let Some(url) = &entry.url {
        line(out, &format!("URL:{}", clean(url).replace(' ', "%20")));
    }
    line(out, "END:VEVENT");
}

/// Text as RFC 5545 writes it: no control characters, and what has a meaning there escaped.
fn escaped(text: &str) -> String {
    let lines: Vec<String> =
        text.lines().map(|line| clean(line).replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,")).collect();
    lines.join("\\n")
}

/// One line, folded where it is longer than 75 octets, never inside a letter.
fn line(out: &mut String, text: &str) {
    let mut room = LONGEST_LINE;
    for letter in text.chars() {
        if letter.len_utf8() > room {
            out.push_str("\r\n ");
            room = LONGEST_LINE - 1;
        }
        out.push(letter);
        room -= letter.len_utf8();
    }
    out.push_str("\r\n");
}
