//! Long lists a page at a time, newest first, each page beginning where the last one ended: however long a list has grown, a page costs
//! what it shows. For pages and for the API.

use jiff::Timestamp;

use super::changes::changes_from;
use super::deliveries::deliveries_from;
use super::engine::Conditions;
use super::error::{Failure, StoreError};
use super::holdings::held_from;
use super::row::Value;
use super::{Delivery, DeliveryState, Poll, Store, polls};
use crate::changes::change::{Kind, RecordedChange};
use crate::changes::comparison::Held;
use crate::standards::project::ProjectId;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next one begins; `None` on the last.
    pub next: Option<Cursor>,
}

/// A place in a list: the last thing that was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Its moment.
    pub at: Timestamp,
    /// Its id.
    pub id: String,
}

impl Cursor {
    /// As it stands in addresses: `1683864909000000.chg_01…`.
    pub fn to_text(&self) -> String {
        format!("{}.{}", self.at.as_microsecond(), self.id)
    }

    /// Reads what [`Cursor::to_text`] writes.
    pub fn parse(text: &str) -> Option<Cursor> {
        let (at, id) = text.split_once('.')?;
        Some(Cursor { at: Timestamp::from_microsecond(at.parse().ok()?).ok()?, id: id.to_owned() })
    }
}

/// Which deliveries to browse.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliverySearch {
    /// Only those that stand there.
    pub state: Option<DeliveryState>,
    /// Only those for this subscriber.
    pub subscriber: Option<String>,
    /// Only those that tell of this change.
    pub change: Option<String>,
}

/// Which changes to browse.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeSearch {
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only those that concern this watch.
    pub watch: Option<String>,
    /// Only of this project.
    pub project: Option<ProjectId>,
    /// Only shown first by this source.
    pub source: Option<String>,
    /// Only seen then or later.
    pub since: Option<Timestamp>,
}

impl Store {
    /// Changes, newest first.
    pub fn change_leaf(
        &self,
        search: &ChangeSearch,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Leaf<RecordedChange>, StoreError> {
        self.read("browse changes", |engine| {
            let mut conditions = Conditions::default();
            // By the index of the watch where there is one, so that a rare one is found without looking through all changes.
            let (from, at, id) = match &search.watch {
                Some(watch) => {
                    conditions.add("w.watch = ?", watch);
                    ("change_watches w JOIN changes c ON c.id = w.change_id", "w.seen_at", "w.change_id")
                }
                None => ("changes c", "c.seen_at", "c.id"),
            };
            if let Some(kind) = search.kind {
                // The watch has the kind in its own index: a rare one is found without looking through all that the watch has.
                conditions.add(if search.watch.is_some() { "w.kind = ?" } else { "c.kind = ?" }, kind.as_str());
            }
            if let Some(project) = &search.project {
                conditions.add("c.project = ?", project.to_string());
            }
            if let Some(source) = &search.source {
                conditions.add("c.source = ?", source);
            }
            if let Some(since) = search.since {
                conditions.add(&format!("{at} >= ?"), since);
            }
            if let Some(cursor) = after {
                let (moment, last) = (conditions.placeholder(cursor.at), conditions.placeholder(&cursor.id));
                conditions.require(format!("({at}, {id}) < ({moment}, {last})"));
            }
            let most = conditions.placeholder(limit + 1);
            let asked = conditions.text();
            let sql = format!(
                "SELECT c.id, c.record, c.sequence FROM {from} {asked} ORDER BY {at} DESC, {id} DESC LIMIT {most}"
            );
            let rows = engine.query(&sql, &conditions.values)?;
            let items = changes_from(engine, &rows)?;
            Ok(leaf(items, limit, |change| Cursor { at: change.seen_at, id: change.id.clone() }))
        })
    }

    /// Deliveries, newest first.
    pub fn delivery_leaf(
        &self,
        search: &DeliverySearch,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Leaf<Delivery>, StoreError> {
        self.read("browse deliveries", |engine| {
            let mut conditions = Conditions::default();
            if let Some(state) = search.state {
                conditions.add("state = ?", state.as_str());
            }
            if let Some(subscriber) = &search.subscriber {
                conditions.add("subscriber = ?", subscriber);
            }
            if let Some(change) = &search.change {
                conditions.add("id IN (SELECT delivery FROM delivery_changes WHERE change_id = ?)", change);
            }
            if let Some(Cursor { at, id }) = after {
                let (at, id) = (conditions.placeholder(*at), conditions.placeholder(id));
                conditions.require(format!("(created_at, id) < ({at}, {id})"));
            }
            let most = conditions.placeholder(limit + 1);
            let asked = conditions.text();
            let sql = format!("SELECT * FROM deliveries {asked} ORDER BY created_at DESC, id DESC LIMIT {most}");
            let rows = engine.query(&sql, &conditions.values)?;
            let items = deliveries_from(engine, &rows)?;
            Ok(leaf(items, limit, |delivery| Cursor {
                at: delivery.delivery.created_at,
                id: delivery.delivery.id.clone(),
            }))
        })
    }

    /// How many deliveries that are not settled stand where, by channel and state.
    pub fn outbox_depth(&self) -> Result<Vec<(String, String, u64)>, StoreError> {
        self.read("measure the outbox", |engine| {
            let sql = "SELECT channel, state, count(*) AS n FROM deliveries WHERE state IN ($1, $2, $3) \
                       GROUP BY channel, state ORDER BY channel, state";
            let open = [DeliveryState::Waiting, DeliveryState::UnderWay, DeliveryState::Held];
            let rows = engine.query(sql, &open.map(|state| state.as_str().into()))?;
            rows.iter().map(|row| Ok((row.text("channel")?, row.text("state")?, row.number("n")?))).collect()
        })
    }

    /// When the delivery that waits longest was due; by an index alone.
    pub fn first_waiting(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read("look what waits longest", |engine| {
            let sql = "SELECT next_attempt_at FROM deliveries WHERE state = $1 ORDER BY next_attempt_at LIMIT 1";
            let rows = engine.query(sql, &[DeliveryState::Waiting.as_str().into()])?;
            rows.first().map_or(Ok(None), |row| row.moment("next_attempt_at").map(Some))
        })
    }

    /// How many deliveries stand there; by an index alone, since those that were delivered may be many.
    pub fn n_in_state(&self, state: DeliveryState) -> Result<u64, StoreError> {
        self.read("count deliveries", |engine| {
            let sql = "SELECT count(*) AS n FROM deliveries WHERE state = $1";
            let rows = engine.query(sql, &[state.as_str().into()])?;
            rows.first().map_or(Ok(0), |row| row.number("n"))
        })
    }

    /// The polls of a source, newest first, from before a number that [`Store::poll_leaf`] gave.
    pub fn poll_leaf(
        &self,
        source: &str,
        before: Option<i64>,
        limit: u32,
    ) -> Result<(Vec<Poll>, Option<i64>), StoreError> {
        self.read("browse polls", |engine| {
            let sql = "SELECT * FROM polls WHERE source = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
            let values: [Value; 3] = [source.into(), before.unwrap_or(i64::MAX).into(), (limit + 1).into()];
            let rows = engine.query(sql, &values)?;
            let shown = rows.len().min(limit as usize);
            let next = if rows.len() > shown { Some(rows[shown - 1].number("id")?) } else { None };
            Ok((rows[..shown].iter().map(polls::poll_from).collect::<Result<_, _>>()?, next))
        })
    }

    /// What a source shows, by id, from after that one; and how many there are in all.
    pub fn holding_leaf(
        &self,
        source: &str,
        after: Option<&ProjectId>,
        limit: u32,
    ) -> Result<(Vec<Held>, u64), StoreError> {
        self.read("browse what a source showed", |engine| {
            let sql = "SELECT * FROM holdings WHERE source = $1 AND project > $2 ORDER BY project LIMIT $3";
            let after = after.map(ToString::to_string).unwrap_or_default();
            let rows = engine.query(sql, &[source.into(), after.into(), limit.into()])?;
            let held = rows.iter().map(held_from).collect::<Result<_, Failure>>()?;
            let count = engine.query("SELECT count(*) AS n FROM holdings WHERE source = $1", &[source.into()])?;
            Ok((held, count.first().map_or(Ok(0), |row| row.number("n"))?))
        })
    }
}

/// Cuts off the one item that only tells that there is another page.
fn leaf<T>(mut items: Vec<T>, limit: u32, cursor_of: impl Fn(&T) -> Cursor) -> Leaf<T> {
    let limit = limit as usize;
    let next = if items.len() > limit { items.get(limit.saturating_sub(1)).map(cursor_of) } else { None };
    items.truncate(limit);
    Leaf { items, next }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::masked::Recipient;
    use crate::store::{NewDelivery, Settings};

    #[test]
    fn page_after_page_shows_everything_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Settings { database: folder.path().join("watch.db") }).unwrap();
        let written = (0..25_u32).map(|number| NewDelivery {
            id: format!("dlv_{number:02}"),
            subscriber: format!("s{}", number % 2),
            channel: "email".to_owned(),
            recipient: Recipient::new("a@example.org"),
            subject: String::new(),
            payload: Vec::new(),
            changes: Vec::new(),
            // Three at a time at one moment.
            created_at: Timestamp::from_second(i64::from(number / 3)).unwrap(),
            due_at: Timestamp::UNIX_EPOCH,
        });
        store.enqueue(&written.collect::<Vec<_>>()).unwrap();
        let search = DeliverySearch::default();
        let (mut seen, mut cursor, mut n_pages) = (Vec::new(), None, 0);
        loop {
            let page = store.delivery_leaf(&search, cursor.as_ref(), 10).unwrap();
            n_pages += 1;
            seen.extend(page.items.into_iter().map(|delivery| delivery.delivery.id));
            cursor = page.next.map(|cursor| Cursor::parse(&cursor.to_text()).unwrap());
            if cursor.is_none() {
                break;
            }
        }
        let mut expected: Vec<String> = (0..25).map(|number| format!("dlv_{number:02}")).collect();
        expected.reverse();
        assert_eq!((seen, n_pages), (expected, 3));
        let of_one = DeliverySearch { subscriber: Some("s1".to_owned()), ..search };
        assert_eq!(store.delivery_leaf(&of_one, None, 100).unwrap().items.len(), 12);
        assert_eq!(Cursor::parse("x.y"), None);
    }

    fn change_of(number: u32) -> RecordedChange {
        use crate::changes::change::{Change, Evidence, SnapshotRef};
        use crate::standards::project::Project;
        let seen_at = Timestamp::from_second(i64::from(number / 4)).unwrap();
        let kind = if number.is_multiple_of(5) { Kind::Published } else { Kind::StageMoved };
        let after = Project::new(ProjectId::Iso(u64::from(number % 3)), "ISO 1");
        RecordedChange {
            id: format!("chg_{number:03}"),
            change: Change { kind, movement: None, before: None, after, differences: Vec::new() },
            seen_at,
            announced: true,
            watches: if number.is_multiple_of(7) { vec!["rare".to_owned()] } else { Vec::new() },
            evidence: Evidence {
                source: "s".to_owned(),
                url: "https://example.org/".to_owned(),
                before: None,
                after: SnapshotRef { sha256: "0".repeat(64), at: seen_at },
                diff: String::new(),
            },
            sequence: 0,
            also_seen_at: Vec::new(),
            related: Vec::new(),
            otherwise_at: Vec::new(),
        }
    }

    #[test]
    fn a_rare_kind_of_a_watch_or_a_source_is_found_by_an_index_that_has_both() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Settings { database: folder.path().join("watch.db") }).unwrap();
        let plan = |sql: &str| {
            let asked = format!("EXPLAIN QUERY PLAN {sql}");
            let rows = store.read("explain", |engine| Ok(engine.query(&asked, &[])?)).unwrap();
            rows.iter().map(|row| row.text("detail").unwrap()).collect::<Vec<_>>().join("; ")
        };
        let of_watch = plan(
            "SELECT c.id FROM change_watches w JOIN changes c ON c.id = w.change_id WHERE w.watch = 'a' AND w.kind = 'b' \
             AND (w.seen_at, w.change_id) < (1, 'c') ORDER BY w.seen_at DESC, w.change_id DESC LIMIT 51",
        );
        assert!(of_watch.contains("change_watches_by_kind (watch=? AND kind=?"), "{of_watch}");
        let of_source = plan(
            "SELECT c.id FROM changes c WHERE c.kind = 'b' AND c.source = 'a' AND (c.seen_at, c.id) < (1, 'c') \
             ORDER BY c.seen_at DESC, c.id DESC LIMIT 51",
        );
        assert!(of_source.contains("changes_by_source_and_kind (source=? AND kind=?"), "{of_source}");
        assert!(!of_watch.contains("TEMP B-TREE") && !of_source.contains("TEMP B-TREE"), "{of_watch}; {of_source}");
    }

    #[test]
    fn changes_are_found_by_kind_watch_and_project_those_too_that_an_older_version_recorded() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings { database: folder.path().join("watch.db") };
        let store = Store::open(&settings).unwrap();
        store.announce(&(0..100).map(change_of).collect::<Vec<_>>(), &[], &[]).unwrap();
        let count = |store: &Store, search: &ChangeSearch| {
            let (mut n_found, mut cursor) = (0, None);
            loop {
                let page = store.change_leaf(search, cursor.as_ref(), 7).unwrap();
                n_found += page.items.len();
                cursor = page.next;
                if cursor.is_none() {
                    return n_found;
                }
            }
        };
        let searches = [
            (ChangeSearch::default(), 100),
            (ChangeSearch { kind: Some(Kind::Published), ..ChangeSearch::default() }, 20),
            (ChangeSearch { watch: Some("rare".to_owned()), ..ChangeSearch::default() }, 15),
            (ChangeSearch { watch: Some("none".to_owned()), ..ChangeSearch::default() }, 0),
            (
                ChangeSearch { watch: Some("rare".to_owned()), kind: Some(Kind::Published), ..ChangeSearch::default() },
                3,
            ),
            (ChangeSearch { source: Some("s".to_owned()), kind: Some(Kind::Published), ..ChangeSearch::default() }, 20),
            (ChangeSearch { project: Some(ProjectId::Iso(2)), ..ChangeSearch::default() }, 33),
            (ChangeSearch { since: Some(Timestamp::from_second(24).unwrap()), ..ChangeSearch::default() }, 4),
        ];
        for (search, expected) in &searches {
            assert_eq!(count(&store, search), *expected, "{search:?}");
        }
        let older = "UPDATE changes SET kind = ''; DELETE FROM change_watches;";
        store.write("forget", |engine| Ok(engine.execute_script(older)?)).unwrap();
        drop(store);
        let store = Store::open(&settings).unwrap();
        for (search, expected) in &searches {
            assert_eq!(count(&store, search), *expected, "{search:?}");
        }
    }
}
