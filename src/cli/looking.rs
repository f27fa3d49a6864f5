//! `changes`, `diff` and `evidence`: what happened, from the store. Asks nobody and changes nothing.
#![expect(clippy::disallowed_methods, reason = "evidence is written to a file")]

use std::path::Path;

use jiff::Timestamp;

use crate::changes::agreement::agreements_in_words;
use crate::changes::change::RecordedChange;
use crate::changes::notice_sentence::sentence;
use crate::config::settings::Settings;
use crate::formats::Content;
use crate::records::change::ChangeRecord;
use crate::standards::language::Language;
use crate::store::Store;
use crate::store::changes::ChangeFilter;
use crate::web::evidence::{Extent, bundle, diff_of};

use super::arguments::General;
use super::output::{Output, Tone, harmless};
use super::session::{CliError, Exit, store_of};

/// `stagewatch changes`.
pub fn changes(general: &General, since: Option<Timestamp>, json: bool, output: &mut Output) -> Result<Exit, CliError> {
    let (_, store) = store_of(general)?;
    let found = store.changes(&ChangeFilter { since, ..ChangeFilter::default() })?;
    for change in &found {
        if json {
            output.json(&ChangeRecord::from(change))?;
        } else {
            let day = change.seen_at.strftime("%Y-%m-%d %H:%M");
            let told = if change.announced { "" } else { "  (not announced)" };
            output.line(format!("{day}  {}{told}", output.toned(Tone::Strong, &change.id)))?;
            output.line(format!("  {}", harmless(&sentence(change, Language::English))))?;
            for said in since_then(&store, change)? {
                output.line(format!("  {}", harmless(&said)))?;
            }
        }
    }
    if found.is_empty() && !json {
        output.line("nothing changed")?;
    }
    Ok(Exit::Done)
}

/// Whether sources that showed another stage at the time agree by now.
fn since_then(store: &Store, change: &RecordedChange) -> Result<Vec<String>, CliError> {
    if change.otherwise_at.is_empty() {
        return Ok(Vec::new());
    }
    let shown = store.shown(std::slice::from_ref(&change.change.after.id))?;
    let shown: Vec<_> = shown.into_iter().map(|shown| (shown.source, shown.held.project)).collect();
    Ok(agreements_in_words(change, &shown, Language::English))
}

/// What kind of text the source of a change serves; one that left the configuration is taken for a web page.
fn content_of(settings: &Settings, change: &RecordedChange) -> Content {
    settings.source(&change.evidence.source).map_or(Content::Html, |source| source.format.content)
}

/// `stagewatch evidence`.
pub fn evidence(
    general: &General,
    id: &str,
    file: &Path,
    over_what_is_there: bool,
    output: &mut Output,
) -> Result<Exit, CliError> {
    if file.is_file() && !over_what_is_there {
        let file = file.display();
        return Err(CliError::Unknown(format!("the file `{file}` exists already: name a new file, or say --force")));
    }
    let (settings, store) = store_of(general)?;
    let change = store.change(id)?.ok_or_else(|| {
        CliError::Unknown(format!("no change is called `{id}`; `stagewatch changes` lists those there are"))
    })?;
    let zip = bundle(&store, &change, content_of(&settings, &change))
        .map_err(|source| CliError::Evidence { id: id.to_owned(), source })?;
    let path = file.display().to_string();
    std::fs::write(file, &zip).map_err(|source| CliError::Write { path: path.clone(), source })?;
    output.line(format!("{path}: {} bytes; `sha256sum -c SHA256SUMS` checks what is in it", zip.len()))?;
    Ok(Exit::Done)
}

/// `stagewatch diff`. Of a page that has none before it, all lines are new: what is shown is what it says of the project.
pub fn diff(general: &General, id: &str, whole: bool, output: &mut Output) -> Result<Exit, CliError> {
    let (settings, store) = store_of(general)?;
    let change = store.change(id)?.ok_or_else(|| {
        CliError::Unknown(format!("no change is called `{id}`; `stagewatch changes` lists those there are"))
    })?;
    let content = content_of(&settings, &change);
    let evidence = &change.evidence;
    let diff = if evidence.before.is_none() && !whole {
        output.line(format!("--- nothing\n+++ {} at {:.0}", evidence.url, evidence.after.at))?;
        evidence.diff.clone()
    } else {
        let extent = if whole { Extent::Whole } else { Extent::Differing };
        diff_of(&store, &change, content, extent).map_err(|source| CliError::Evidence { id: id.to_owned(), source })?
    };
    for line in diff.lines() {
        let line = harmless(line);
        let tone = match line.as_bytes().first() {
            Some(b'+') => Some(Tone::Good),
            Some(b'-') => Some(Tone::Bad),
            Some(b'@') => Some(Tone::Faint),
            _ => None,
        };
        output.line(tone.map_or_else(|| line.clone(), |tone| output.toned(tone, &line)))?;
    }
    Ok(Exit::Done)
}
