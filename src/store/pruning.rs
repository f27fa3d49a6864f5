//! Forgetting what is old: polls, settled deliveries with their attempts and payloads, snapshots that nothing refers to. Never what a
//! source shows now, what is still to be sent, a change or a stage; and the evidence of a change only when that is asked for.
//!
//! Everything goes in small transactions, each of which looks again at what it removes: polls and deliveries go on meanwhile, and a
//! prune that is interrupted has removed less, and nothing by half.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

use super::engine::Engine;
use super::error::{Failure, StoreError};
use super::row::Value;
use super::{DeliveryState, Store, snapshots};

const DOING: &str = "clear out";

/// How many rows one transaction removes.
const ROWS_AT_ONCE: i64 = 1000;

/// How many snapshots one transaction removes: those that hang on them are compressed anew.
const SNAPSHOTS_AT_ONCE: usize = 32;

/// How long things are kept, and how many of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// How long polls are kept; the last of each source always is.
    pub polls: Duration,
    /// How long settled deliveries are kept, with their attempts and payloads.
    pub deliveries: Duration,
    /// How long snapshots are kept that neither a page nor a change refers to.
    pub snapshots: Duration,
    /// The most polls of one source.
    pub most_polls: Option<u32>,
    /// The most settled deliveries.
    pub most_deliveries: Option<u32>,
    /// The most snapshots of one page.
    pub most_snapshots: Option<u32>,
    /// Whether the evidence of changes goes too, once it is as old.
    pub evidence: Evidence,
}

/// What becomes of the snapshots that prove changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// They stay, however old.
    Stays,
    /// They go like others; the changes keep their hashes.
    Goes,
}

/// What was cleared out, or would be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Polls.
    pub n_polls: u64,
    /// Deliveries that had been delivered or given up, with their attempts.
    pub n_deliveries: u64,
    /// Snapshots.
    pub n_snapshots: u64,
    /// Bytes of payloads and snapshots.
    pub size_bytes: u64,
}

/// Deliveries with their payload, snapshots with their body: what goes, and how large it is.
type Doomed = Vec<(String, u64)>;

impl Store {
    /// Forgets what is older, or more, than is to be kept.
    pub fn prune(&self, retention: &Retention, now: Timestamp) -> Result<Pruned, StoreError> {
        let mut pruned = Pruned::default();
        loop {
            let polls = self.write(DOING, |engine| {
                let doomed = doomed_polls(engine, retention, now, ROWS_AT_ONCE)?;
                remove(engine, "DELETE FROM polls WHERE id IN", doomed.iter().map(|id| Value::from(*id)))
            })?;
            let (n_deliveries, size_bytes) = self.write(DOING, |engine| {
                let doomed = doomed_deliveries(engine, retention, now, ROWS_AT_ONCE)?;
                remove_deliveries(engine, &doomed)
            })?;
            pruned.n_polls += polls;
            pruned.n_deliveries += n_deliveries;
            pruned.size_bytes += size_bytes;
            if polls + n_deliveries == 0 {
                break;
            }
        }
        let doomed = self.read(DOING, |engine| doomed_snapshots(engine, retention, now))?;
        for batch in doomed.chunks(SNAPSHOTS_AT_ONCE) {
            let batch: Vec<String> = batch.iter().map(|(sha256, _)| sha256.clone()).collect();
            let (n_snapshots, size_bytes) = self.write(DOING, |engine| {
                let still = still_doomed(engine, &batch, now)?;
                snapshots::remove(engine, &still)
            })?;
            pruned.n_snapshots += n_snapshots;
            pruned.size_bytes += size_bytes;
        }
        Ok(pruned)
    }

    /// What [`Store::prune`] would forget now. What is compressed anew may take a little of the room again.
    pub fn would_prune(&self, retention: &Retention, now: Timestamp) -> Result<Pruned, StoreError> {
        self.read(DOING, |engine| {
            let polls = doomed_polls(engine, retention, now, i64::MAX)?;
            let deliveries = doomed_deliveries(engine, retention, now, i64::MAX)?;
            let snapshots = doomed_snapshots(engine, retention, now)?;
            Ok(Pruned {
                n_polls: polls.len() as u64,
                n_deliveries: deliveries.len() as u64,
                n_snapshots: snapshots.len() as u64,
                size_bytes: deliveries.iter().chain(&snapshots).map(|(_, size_bytes)| size_bytes).sum(),
            })
        })
    }
}

/// The beginning of what is kept; a length that reaches before all calendars keeps everything.
fn since(now: Timestamp, kept: Duration) -> Timestamp {
    now.checked_sub(kept).unwrap_or(Timestamp::MIN)
}

fn doomed_polls(
    engine: &mut dyn Engine,
    retention: &Retention,
    now: Timestamp,
    limit: i64,
) -> Result<BTreeSet<i64>, Failure> {
    let sql = "SELECT id FROM polls WHERE at < $1 AND id NOT IN (SELECT max(id) FROM polls GROUP BY source) \
               ORDER BY id LIMIT $2";
    let rows = engine.query(sql, &[since(now, retention.polls).into(), limit.into()])?;
    let mut doomed: BTreeSet<i64> = rows.iter().map(|row| row.number("id")).collect::<Result<_, _>>()?;
    let Some(most) = retention.most_polls else { return Ok(doomed) };
    for source in engine.query("SELECT DISTINCT source FROM polls", &[])? {
        let source: Value = source.text("source")?.into();
        let sql = "SELECT id FROM polls WHERE source = $1 ORDER BY id DESC LIMIT 1 OFFSET $2";
        let Some(first) = engine.query(sql, &[source.clone(), most.max(1).into()])?.pop() else { continue };
        let sql = "SELECT id FROM polls WHERE source = $1 AND id <= $2 ORDER BY id LIMIT $3";
        for row in engine.query(sql, &[source, first.number::<i64>("id")?.into(), limit.into()])? {
            doomed.insert(row.number("id")?);
        }
    }
    Ok(doomed)
}

fn doomed_deliveries(
    engine: &mut dyn Engine,
    retention: &Retention,
    now: Timestamp,
    limit: i64,
) -> Result<Doomed, Failure> {
    let states = [DeliveryState::Delivered, DeliveryState::Failed, DeliveryState::Dropped].map(DeliveryState::as_str);
    let settled = "state IN ($1, $2, $3) AND settled_at IS NOT NULL";
    let mut before = (since(now, retention.deliveries), String::new());
    if let Some(most) = retention.most_deliveries {
        let sql = format!(
            "SELECT settled_at, id FROM deliveries WHERE {settled} ORDER BY settled_at DESC, id DESC LIMIT 1 OFFSET $4"
        );
        let values: Vec<Value> = states.map(Value::from).into_iter().chain([most.into()]).collect();
        if let Some(row) = engine.query(&sql, &values)?.pop() {
            before = before.max((row.moment("settled_at")?, row.text("id")?));
        }
    }
    let sql = format!(
        "SELECT id, length(payload) AS size_bytes FROM deliveries WHERE {settled} \
         AND (settled_at < $4 OR (settled_at = $4 AND id <= $5)) ORDER BY settled_at, id LIMIT $6"
    );
    let more: [Value; 3] = [before.0.into(), before.1.into(), limit.into()];
    let values: Vec<Value> = states.map(Value::from).into_iter().chain(more).collect();
    let rows = engine.query(&sql, &values)?;
    rows.iter().map(|row| Ok((row.text("id")?, row.number("size_bytes")?))).collect()
}

fn remove_deliveries(engine: &mut dyn Engine, doomed: &Doomed) -> Result<(u64, u64), Failure> {
    let ids = || doomed.iter().map(|(id, _)| Value::from(id.as_str()));
    for table in ["attempts", "delivery_changes"] {
        remove(engine, &format!("DELETE FROM {table} WHERE delivery IN"), ids())?;
    }
    let n_deliveries = remove(engine, "DELETE FROM deliveries WHERE id IN", ids())?;
    Ok((n_deliveries, doomed.iter().map(|(_, size_bytes)| size_bytes).sum()))
}

/// Carries out a statement that ends with `IN`, on as many lists as the keys need.
fn remove(engine: &mut dyn Engine, sql: &str, keys: impl Iterator<Item = Value>) -> Result<u64, Failure> {
    let keys: Vec<Value> = keys.collect();
    let mut n_removed = 0;
    for keys in keys.chunks(500) {
        let list: Vec<String> = (1..=keys.len()).map(|number| format!("${number}")).collect();
        n_removed += engine.execute(&format!("{sql} ({})", list.join(", ")), keys)?;
    }
    Ok(n_removed)
}

/// Chain by chain, so that a chain that goes as a whole is never compressed anew.
fn doomed_snapshots(engine: &mut dyn Engine, retention: &Retention, now: Timestamp) -> Result<Doomed, Failure> {
    let kept = kept_snapshots(engine, retention, now)?;
    let mut bases: HashMap<String, Option<String>> = HashMap::new();
    let mut doomed = Vec::new();
    let sql = "SELECT sha256, base, length(body) AS size_bytes FROM snapshots ORDER BY depth, sha256";
    for row in engine.query(sql, &[])? {
        let sha256 = row.text("sha256")?;
        if !kept.contains(&sha256) {
            doomed.push((sha256.clone(), row.number("size_bytes")?));
        }
        bases.insert(sha256, row.optional_text("base")?);
    }
    let root_of = |sha256: &str| {
        let mut root = sha256.to_owned();
        for _ in 0..bases.len() {
            let Some(Some(base)) = bases.get(&root) else { break };
            root.clone_from(base);
        }
        root
    };
    doomed.sort_by_cached_key(|(sha256, _)| root_of(sha256));
    Ok(doomed)
}

/// What stays: the pages of now, what proves changes, what was seen lately.
fn kept_snapshots(engine: &mut dyn Engine, retention: &Retention, now: Timestamp) -> Result<BTreeSet<String>, Failure> {
    let mut kept = BTreeSet::new();
    for row in engine.query("SELECT sha256 FROM pages", &[])? {
        kept.insert(row.text("sha256")?);
    }
    if retention.evidence == Evidence::Stays {
        kept.extend(evidence_of_changes(engine)?);
    }
    let mut pages: BTreeMap<(String, String), u32> = BTreeMap::new();
    let since = since(now, retention.snapshots);
    for row in engine.query("SELECT source, url, sha256, at FROM sightings ORDER BY at DESC, sha256", &[])? {
        let n_newer = pages.entry((row.text("source")?, row.text("url")?)).or_default();
        if row.moment("at")? >= since && retention.most_snapshots.is_none_or(|most| *n_newer < most) {
            kept.insert(row.text("sha256")?);
        }
        *n_newer += 1;
    }
    Ok(kept)
}

/// Of a record of a change, what proves it.
#[derive(Deserialize)]
struct Proven {
    evidence: Pair,
}

#[derive(Deserialize)]
struct Pair {
    before: Option<Hash>,
    after: Hash,
}

#[derive(Deserialize)]
struct Hash {
    sha256: String,
}

fn evidence_of_changes(engine: &mut dyn Engine) -> Result<BTreeSet<String>, Failure> {
    let mut hashes = BTreeSet::new();
    for row in engine.query("SELECT record FROM changes", &[])? {
        // Whatever cannot be read may prove something: then nothing is removed at all.
        let proven: Proven = serde_json::from_str(row.words("record")?).map_err(|_| row.unreadable("record"))?;
        hashes.extend(proven.evidence.before.map(|hash| hash.sha256));
        hashes.insert(proven.evidence.after.sha256);
    }
    Ok(hashes)
}

/// Those that no poll has brought back since they were found to be old.
fn still_doomed(engine: &mut dyn Engine, batch: &[String], now: Timestamp) -> Result<Vec<String>, Failure> {
    let mut still = Vec::new();
    for sha256 in batch {
        let sql = "SELECT sha256 FROM pages WHERE sha256 = $1 UNION SELECT sha256 FROM sightings WHERE sha256 = $1 AND at >= $2";
        if engine.query(sql, &[sha256.as_str().into(), now.into()])?.is_empty() {
            still.push(sha256.clone());
        }
    }
    Ok(still)
}
