//! Bytes by their SHA-256, kept in chains: most versions of a page are stored as what differs from the version before. Not which page
//! has which bytes now: that is in `pages`.
//!
//! A chain begins with a key frame, which stands alone. A new one begins after `LONGEST_CHAIN` versions, so that a damaged byte
//! costs that many at most, and wherever a difference would save less than half. Whatever is read is checked against its address.

use std::collections::BTreeSet;
use std::fmt::Write;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::Store;
use super::compression::{compressed, restored};
use super::engine::Engine;
use super::error::{Failure, StoreError};
use super::row::{Row, Value};

/// How many versions one key frame carries, itself included.
const LONGEST_CHAIN: u32 = 32;

/// What is known of some bytes beside the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Their address.
    pub sha256: String,
    /// How many they are.
    pub size_bytes: u64,
    /// How many are stored for them.
    pub stored_bytes: u64,
    /// Where and when they were served, first sighting first.
    pub sightings: Vec<Sighting>,
}

/// One page that had these bytes from that moment on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The source.
    pub source: String,
    /// The address asked for.
    pub url: String,
    /// When the poll was made that brought them.
    pub at: Timestamp,
    /// `Content-Type` as served.
    pub content_type: Option<String>,
    /// The headers as served.
    pub headers: Vec<(String, String)>,
}

/// The address of these bytes: SHA-256 in lower-case hex, as `sha256sum` prints it.
pub fn sha256_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

impl Store {
    /// The bytes of that address; `None` where they were never kept, an error where they cannot be restored as they were.
    pub fn page_bytes(&self, sha256: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.read("read a snapshot", |engine| bytes_of(engine, sha256))
    }

    /// What is known of the bytes of that address.
    pub fn snapshot(&self, sha256: &str) -> Result<Option<Snapshot>, StoreError> {
        self.read("read about a snapshot", |engine| {
            let sql = "SELECT sha256, size_bytes, length(body) AS stored_bytes FROM snapshots WHERE sha256 = $1";
            let rows = engine.query(sql, &[sha256.into()])?;
            let Some(row) = rows.first() else { return Ok(None) };
            Ok(Some(Snapshot {
                sha256: row.text("sha256")?,
                size_bytes: row.number("size_bytes")?,
                stored_bytes: row.number("stored_bytes")?,
                sightings: sightings(engine, sha256)?,
            }))
        })
    }
}

/// Keeps bytes under their address, as a difference from `base` where that saves something. Kept already: nothing happens.
pub(super) fn keep(engine: &mut dyn Engine, sha256: &str, plain: &[u8], base: Option<&str>) -> Result<(), Failure> {
    if sha256_of(plain) != sha256 {
        return Err(broken(sha256, "is not the address of the bytes given with it"));
    }
    if !engine.query("SELECT depth FROM snapshots WHERE sha256 = $1", &[sha256.into()])?.is_empty() {
        return Ok(());
    }
    let Link { base, depth, body } = smallest(engine, sha256, plain, base)?;
    let values: [Value; 5] = [sha256.into(), plain.len().into(), base.into(), depth.into(), body.as_slice().into()];
    engine.execute(
        "INSERT INTO snapshots (sha256, size_bytes, base, depth, body) VALUES ($1, $2, $3, $4, $5)",
        &values,
    )?;
    Ok(())
}

/// How bytes are stored: as a difference from `base` where that saves half, else alone.
fn smallest(engine: &mut dyn Engine, sha256: &str, plain: &[u8], base: Option<&str>) -> Result<Link, Failure> {
    let alone = compressed(&[], plain).map_err(|error| broken(sha256, &format!("cannot be compressed: {error}")))?;
    let link = match base {
        Some(base) => link_to(engine, base, plain)?.filter(|link| link.body.len() * 2 <= alone.len()),
        None => None,
    };
    Ok(link.unwrap_or(Link { base: None, depth: 0, body: alone }))
}

/// Removes versions with their sightings; how many, and how many bytes that freed. Those that hang on them are stored anew, from the
/// nearest version before that stays, or alone. Versions that a damaged one hangs on stay, so that nothing more of it is lost.
pub(super) fn remove(engine: &mut dyn Engine, doomed: &[String]) -> Result<(u64, u64), Failure> {
    let mut doomed: BTreeSet<String> = doomed.iter().cloned().collect();
    let mut freed_bytes: i64 = 0;
    for sha256 in doomed.clone() {
        if !doomed.contains(&sha256) {
            continue;
        }
        for child in
            engine.query("SELECT sha256, length(body) AS n FROM snapshots WHERE base = $1", &[(&sha256).into()])?
        {
            let (heir, n_before) = (child.text("sha256")?, child.number::<i64>("n")?);
            if doomed.contains(&heir) {
                continue;
            }
            let ancestors = ancestors_of(engine, &heir)?;
            match bytes_of(engine, &heir) {
                Ok(Some(plain)) => {
                    let base = ancestors.iter().find(|ancestor| !doomed.contains(*ancestor)).map(String::as_str);
                    let link = smallest(engine, &heir, &plain, base)?;
                    freed_bytes += n_before - i64::try_from(link.body.len()).unwrap_or(i64::MAX);
                    let values: [Value; 4] =
                        [heir.into(), link.base.into(), link.depth.into(), link.body.as_slice().into()];
                    engine
                        .execute("UPDATE snapshots SET base = $2, depth = $3, body = $4 WHERE sha256 = $1", &values)?;
                }
                Ok(None) | Err(Failure::Snapshot { .. }) => doomed.retain(|sha256| !ancestors.contains(sha256)),
                Err(failure) => return Err(failure),
            }
        }
    }
    let mut n_removed = 0;
    // What hangs on another goes first.
    let mut last_first: Vec<(u32, i64, String)> = Vec::new();
    for sha256 in doomed {
        for row in
            engine.query("SELECT depth, length(body) AS n FROM snapshots WHERE sha256 = $1", &[(&sha256).into()])?
        {
            last_first.push((row.number("depth")?, row.number("n")?, sha256.clone()));
        }
    }
    last_first.sort_by(|one, other| other.cmp(one));
    for (_, size_bytes, sha256) in last_first {
        engine.execute("DELETE FROM sightings WHERE sha256 = $1", &[(&sha256).into()])?;
        n_removed += engine.execute("DELETE FROM snapshots WHERE sha256 = $1", &[(&sha256).into()])?;
        freed_bytes += size_bytes;
    }
    Ok((n_removed, u64::try_from(freed_bytes).unwrap_or_default()))
}

/// The versions that one is restored from, the nearest first.
fn ancestors_of(engine: &mut dyn Engine, sha256: &str) -> Result<Vec<String>, Failure> {
    let mut ancestors: Vec<String> = Vec::new();
    let mut next = sha256.to_owned();
    while ancestors.len() < LONGEST_CHAIN as usize {
        let rows = engine.query("SELECT base FROM snapshots WHERE sha256 = $1", &[(&next).into()])?;
        let Some(base) = rows.first().map(|row| row.optional_text("base")).transpose()?.flatten() else { break };
        ancestors.push(base.clone());
        next = base;
    }
    Ok(ancestors)
}

/// The addresses of all key frames.
pub(super) fn key_frames(engine: &mut dyn Engine) -> Result<Vec<String>, Failure> {
    let rows = engine.query("SELECT sha256 FROM snapshots WHERE base IS NULL ORDER BY sha256", &[])?;
    rows.iter().map(|row| row.text("sha256")).collect()
}

/// Restores every version that hangs on this key frame, each from the one before it; what is wrong with which.
pub(super) fn check_chain(engine: &mut dyn Engine, key_frame: &str) -> Result<Vec<String>, Failure> {
    const COLUMNS: &str = "SELECT sha256, size_bytes, body FROM snapshots";
    let mut complaints = Vec::new();
    let mut links: Vec<(Row, Vec<u8>)> = Vec::new();
    for row in engine.query(&format!("{COLUMNS} WHERE sha256 = $1"), &[key_frame.into()])? {
        links.push((row, Vec::new()));
    }
    while let Some((row, base)) = links.pop() {
        match plain_of(&row, &base) {
            Ok(plain) => {
                for next in engine.query(&format!("{COLUMNS} WHERE base = $1"), &[row.text("sha256")?.into()])? {
                    links.push((next, plain.clone()));
                }
            }
            Err(Failure::Snapshot { sha256, why }) => {
                complaints.push(format!("snapshot `{sha256}` {why}, nor can the versions after it"));
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(complaints)
}

/// How bytes are stored.
struct Link {
    base: Option<String>,
    depth: u32,
    body: Vec<u8>,
}

/// The difference from that base; `None` where its chain is long enough, or cannot be read: a damaged version must not stop the
/// versions to come.
fn link_to(engine: &mut dyn Engine, base: &str, plain: &[u8]) -> Result<Option<Link>, Failure> {
    let rows = engine.query("SELECT depth FROM snapshots WHERE sha256 = $1", &[base.into()])?;
    let Some(row) = rows.first() else { return Ok(None) };
    let depth = row.number::<u32>("depth")?.saturating_add(1);
    if depth >= LONGEST_CHAIN {
        return Ok(None);
    }
    match bytes_of(engine, base) {
        Ok(Some(before)) => {
            Ok(compressed(&before, plain).ok().map(|body| Link { base: Some(base.to_owned()), depth, body }))
        }
        Ok(None) | Err(Failure::Snapshot { .. }) => Ok(None),
        Err(failure) => Err(failure),
    }
}

fn bytes_of(engine: &mut dyn Engine, sha256: &str) -> Result<Option<Vec<u8>>, Failure> {
    let mut chain: Vec<Row> = Vec::new();
    let mut next = Some(sha256.to_owned());
    while let Some(address) = next {
        if chain.len() >= LONGEST_CHAIN as usize {
            return Err(broken(sha256, "cannot be restored: its chain has no beginning"));
        }
        let sql = "SELECT sha256, size_bytes, base, body FROM snapshots WHERE sha256 = $1";
        let Some(row) = engine.query(sql, &[address.as_str().into()])?.pop() else {
            return if chain.is_empty() {
                Ok(None)
            } else {
                Err(broken(sha256, "cannot be restored: a version before it is gone"))
            };
        };
        next = row.optional_text("base")?;
        chain.push(row);
    }
    let mut plain = Vec::new();
    for row in chain.iter().rev() {
        plain = plain_of(row, &plain)?;
    }
    Ok(Some(plain))
}

fn plain_of(row: &Row, base: &[u8]) -> Result<Vec<u8>, Failure> {
    let sha256 = row.text("sha256")?;
    let body = row.blob("body")?;
    match restored(base, &body, row.number("size_bytes")?) {
        Ok(plain) if sha256_of(&plain) == sha256 => Ok(plain),
        Ok(_) => Err(broken(&sha256, "cannot be restored: its bytes have another SHA-256")),
        Err(error) => Err(broken(&sha256, &format!("cannot be restored: {error}"))),
    }
}

fn sightings(engine: &mut dyn Engine, sha256: &str) -> Result<Vec<Sighting>, Failure> {
    let sql = "SELECT source, url, at, content_type, headers FROM sightings WHERE sha256 = $1 ORDER BY at, source, url";
    let rows = engine.query(sql, &[sha256.into()])?;
    rows.iter()
        .map(|row| {
            Ok(Sighting {
                source: row.text("source")?,
                url: row.text("url")?,
                at: row.moment("at")?,
                content_type: row.optional_text("content_type")?,
                headers: serde_json::from_str(&row.text("headers")?).map_err(|_| row.unreadable("headers"))?,
            })
        })
        .collect()
}

fn broken(sha256: &str, why: &str) -> Failure {
    Failure::Snapshot { sha256: sha256.to_owned(), why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Settings;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Settings { database: folder.path().join("watch.db") }).unwrap();
        (folder, store)
    }

    fn version(number: u32) -> Vec<u8> {
        let row = |row: u32| {
            format!(
                "<tr><td>{row}</td><td>{:x}</td><td>{}</td></tr>\n",
                row.wrapping_mul(2_654_435_761),
                row * 7 <= number * 20
            )
        };
        (0..300).map(row).collect::<String>().into_bytes()
    }

    fn keep_all(store: &Store, versions: &[Vec<u8>]) {
        let mut base: Option<String> = None;
        for plain in versions {
            let sha256 = sha256_of(plain);
            store.write("keep", |engine| keep(engine, &sha256, plain, base.as_deref())).unwrap();
            base = Some(sha256);
        }
    }

    fn count(store: &Store, condition: &str) -> u32 {
        let sql = format!("SELECT count(*) AS n FROM snapshots WHERE {condition}");
        store.read("count", |engine| engine.query(&sql, &[])?[0].number("n")).unwrap()
    }

    #[test]
    fn a_hundred_versions_come_back_and_take_the_room_of_a_few() {
        let (_folder, store) = store();
        let versions: Vec<Vec<u8>> = (0..100).map(version).collect();
        keep_all(&store, &versions);
        for plain in &versions {
            assert_eq!(store.page_bytes(&sha256_of(plain)).unwrap().as_ref(), Some(plain));
        }
        assert_eq!((count(&store, "base IS NULL"), count(&store, "depth = 31")), (4, 3));
        let stored: u64 =
            versions.iter().map(|plain| store.snapshot(&sha256_of(plain)).unwrap().unwrap().stored_bytes).sum();
        let plain: u64 = versions.iter().map(|plain| plain.len() as u64).sum();
        assert!(stored * 40 < plain, "{stored} for {plain}");
        assert_eq!(store.page_bytes(&sha256_of(b"never seen")).unwrap(), None);
    }

    #[test]
    fn a_damaged_byte_is_an_error_for_the_versions_that_need_it_and_for_no_others() {
        let (_folder, store) = store();
        let versions: Vec<Vec<u8>> = (0..40).map(version).collect();
        keep_all(&store, &versions);
        let damaged = sha256_of(&versions[10]);
        store
            .write("damage", |engine| {
                let row =
                    engine.query("SELECT body FROM snapshots WHERE sha256 = $1", &[damaged.as_str().into()])?.remove(0);
                let mut body = row.blob("body")?;
                let middle = body.len() / 2;
                body[middle] ^= 0x10;
                let values = [body.as_slice().into(), damaged.as_str().into()];
                Ok(engine.execute("UPDATE snapshots SET body = $1 WHERE sha256 = $2", &values)?)
            })
            .unwrap();
        for (number, plain) in versions.iter().enumerate() {
            let read = store.page_bytes(&sha256_of(plain));
            assert_eq!(read.is_err(), (10..32).contains(&number), "{number}: {read:?}");
        }
        let complaints = store.integrity_check().unwrap();
        assert_eq!(complaints.len(), 1, "{complaints:?}");
        assert!(complaints[0].contains(&damaged), "{complaints:?}");
        // The version after a damaged one begins a new chain.
        let next = version(41);
        store.write("keep", |engine| keep(engine, &sha256_of(&next), &next, Some(&sha256_of(&versions[20])))).unwrap();
        assert_eq!(store.page_bytes(&sha256_of(&next)).unwrap(), Some(next));
    }

    #[test]
    fn bytes_that_are_sound_but_not_those_of_the_address_are_an_error() {
        let (_folder, store) = store();
        keep_all(&store, &[b"40.20".to_vec()]);
        let other = compressed(&[], b"40.60").unwrap();
        store
            .write("swap", |engine| Ok(engine.execute("UPDATE snapshots SET body = $1", &[other[..].into()])?))
            .unwrap();
        let error = store.page_bytes(&sha256_of(b"40.20")).unwrap_err();
        assert!(error.to_string().ends_with("cannot be restored: its bytes have another SHA-256"), "{error}");
        assert_eq!(store.integrity_check().unwrap().len(), 1);
    }

    #[test]
    fn a_page_that_has_nothing_in_common_with_the_one_before_stands_alone() {
        let (_folder, store) = store();
        keep_all(&store, &[version(1), b"<html>moved</html>".to_vec(), version(2), version(1)]);
        assert_eq!((count(&store, "1 = 1"), count(&store, "base IS NULL")), (3, 3));
    }

    #[test]
    fn bytes_are_not_kept_under_an_address_that_is_not_theirs() {
        let (_folder, store) = store();
        let error = store.write("keep", |engine| keep(engine, &sha256_of(b"this"), b"that", None)).unwrap_err();
        assert!(matches!(error, StoreError::Snapshot { .. }), "{error}");
        assert_eq!(count(&store, "1 = 1"), 0);
    }

    #[test]
    fn an_address_is_what_sha256sum_prints() {
        assert_eq!(sha256_of(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
