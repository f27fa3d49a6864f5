//! Long lists a page at a time, newest first, each page beginning where the last one ended: however long a list has grown, a page costs
//! what it shows. For pages and for the API.

use jiff::Timestamp;

use super::deliveries::deliveries_from;
use super::engine::Conditions;
use super::error::{Failure, StoreError};
use super::holdings::held_from;
use super::row::Value;
use super::{Delivery, DeliveryState, Poll, Store, polls};
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

impl Store {
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
}
