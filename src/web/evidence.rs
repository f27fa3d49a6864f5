//! What proves a change: the two pages as served, with headers, times and hashes, the record before and after, and the lines that differ,
//! packed so that somebody else can check it. Not what is shown of it on a page.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;

use crate::changes::agreement::agreements_in_words;
use crate::changes::change::{RecordedChange, SnapshotRef};
use crate::changes::evidence::{unified_diff, whole_diff};
use crate::changes::notice_sentence::sentence;
use crate::formats::Content;
use crate::formats::decode::decode;
use crate::formats::readable::readable_text;
use crate::records::change::ChangeRecord;
use crate::records::project::ProjectRecord;
use crate::standards::language::Language;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::snapshots::{Sighting, sha256_of};

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A page is gone.
    #[error(
        "the page with the SHA-256 {0} is not in this database: it was cleared out by `prune` or as `[keep]` says, or the database was \
         restored from an export without pages; the change keeps its hash, and a file that `backup` wrote may have the page"
    )]
    Gone(String),
    /// Packing.
    #[error("could not pack the files")]
    Zip(#[from] ZipError),
}

/// One page as served.
struct Served {
    bytes: Vec<u8>,
    sighting: Option<Sighting>,
}

/// A zip of everything that proves a change; `content` is what kind of text its source serves.
pub fn bundle(store: &Store, change: &RecordedChange, content: Content) -> Result<Vec<u8>, EvidenceError> {
    let before = change.evidence.before.as_ref().map(|page| Ok((page, served(store, page)?)));
    let before = before.transpose().map_err(|error: EvidenceError| error)?;
    let after = (&change.evidence.after, served(store, &change.evidence.after)?);
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for (name, (page, served)) in before.iter().map(|page| ("before", page)).chain([("after", &after)]) {
        files.push((format!("{name}.{}", ending_of(content)), served.bytes.clone()));
        files.push((format!("{name}.headers.txt"), headers_of(change, page, served).into_bytes()));
    }
    let record = ChangeRecord::from(change);
    files.push(("change.json".to_owned(), json(&record)));
    if let Some(project) = &change.change.before {
        files.push(("project-before.json".to_owned(), json(&ProjectRecord::from(project))));
    }
    files.push(("project-after.json".to_owned(), json(&ProjectRecord::from(&change.change.after))));
    files.push(("diff.txt".to_owned(), diff_of(store, change, content, Extent::Differing)?.into_bytes()));
    files.push(("README.txt".to_owned(), readme(store, change)?.into_bytes()));
    let sums: String = files.iter().fold(String::new(), |mut sums, (name, bytes)| {
        let _ = writeln!(sums, "{}  {name}", sha256_of(bytes));
        sums
    });
    files.push(("SHA256SUMS".to_owned(), sums.into_bytes()));
    Ok(packed(&files, change)?)
}

/// How much of two pages a diff shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The lines that differ, all of them, and a few around each.
    Differing,
    /// Every line.
    Whole,
}

/// The lines that differ between the two pages.
pub fn diff_of(
    store: &Store,
    change: &RecordedChange,
    content: Content,
    extent: Extent,
) -> Result<String, EvidenceError> {
    let url = &change.evidence.url;
    let readable = |page: &SnapshotRef| -> Result<String, EvidenceError> {
        let served = served(store, page)?;
        let content_type = served.sighting.as_ref().and_then(|sighting| sighting.content_type.as_deref());
        let host = url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
        Ok(readable_text(content, &decode(&served.bytes, content_type, host.as_deref()).text))
    };
    let before = change.evidence.before.as_ref().map(&readable).transpose()?.unwrap_or_default();
    let after = readable(&change.evidence.after)?;
    let name = |page: &SnapshotRef| format!("{url} at {:.0}", page.at);
    let before_name = change.evidence.before.as_ref().map_or_else(|| "nothing".to_owned(), name);
    let diff = match extent {
        Extent::Differing => unified_diff,
        Extent::Whole => whole_diff,
    };
    Ok(diff(&before, &after, &before_name, &name(&change.evidence.after)))
}

fn served(store: &Store, page: &SnapshotRef) -> Result<Served, EvidenceError> {
    let bytes = store.page_bytes(&page.sha256)?.ok_or_else(|| EvidenceError::Gone(page.sha256.clone()))?;
    let sightings = store.snapshot(&page.sha256)?.map(|snapshot| snapshot.sightings).unwrap_or_default();
    Ok(Served { bytes, sighting: sightings.into_iter().next() })
}

fn headers_of(change: &RecordedChange, page: &SnapshotRef, served: &Served) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "# {}", change.evidence.url);
    let _ = writeln!(text, "# read at {}, {} bytes, SHA-256 {}", page.at, served.bytes.len(), page.sha256);
    for (name, value) in served.sighting.iter().flat_map(|sighting| &sighting.headers) {
        let _ = writeln!(text, "{name}: {value}");
    }
    text
}

fn readme(store: &Store, change: &RecordedChange) -> Result<String, StoreError> {
    let shown = store.shown(std::slice::from_ref(&change.change.after.id))?;
    let shown: Vec<_> = shown.into_iter().map(|shown| (shown.source, shown.held.project)).collect();
    let [english, chinese] = [Language::English, Language::Chinese].map(|language| {
        let reserves = agreements_in_words(change, &shown, language);
        std::iter::once(sentence(change, language)).chain(reserves).collect::<Vec<_>>().join("\n")
    });
    Ok(format!(
        "{english}\n\n{chinese}\n\n\
         change {id}, recorded at {at} from the source `{source}`\n\n\
         before.* and after.*    the page as served (of large files the rows that were kept), and the headers it came with\n\
         change.json             the change as stagewatch records it\n\
         project-*.json          what the page says of the project, before and after\n\
         diff.txt                the lines that differ, in readable form\n\
         SHA256SUMS              check with `sha256sum -c SHA256SUMS`\n",
        id = change.id,
        at = change.seen_at,
        source = change.evidence.source,
    ))
}

fn json(record: &impl serde::Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(record).expect("a record of text and numbers is JSON");
    bytes.push(b'\n');
    bytes
}

fn ending_of(content: Content) -> &'static str {
    match content {
        Content::Html => "html",
        Content::Xml => "xml",
        Content::Json => "json",
        Content::JsonLines => "jsonl",
    }
}

/// Files as one, each dated by the moment of the change, so that the same change gives the same bytes.
fn packed(files: &[(String, Vec<u8>)], change: &RecordedChange) -> Result<Vec<u8>, ZipError> {
    let at = change.seen_at.to_zoned(jiff::tz::TimeZone::UTC);
    let part = |number: i8| u8::try_from(number).unwrap_or_default();
    let year = u16::try_from(at.year()).unwrap_or(1980);
    let dated = zip::DateTime::from_date_and_time(
        year,
        part(at.month()),
        part(at.day()),
        part(at.hour()),
        part(at.minute()),
        part(at.second()),
    );
    let options = SimpleFileOptions::default().last_modified_time(dated.unwrap_or_default());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name.as_str(), options)?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}
