//! One accepted poll, written whole or not at all: the pages, what they show, what changed, whom to tell. What must hold: the holdings
//! never move past a change that was not recorded, and no change is recorded without the deliveries that tell of it.
//!
//! A caller that does not know whether its acceptance was written (the commit failed, the process was killed) may write it again: changes
//! and deliveries that are there already stay as they are, so nobody is told twice.

use super::engine::Engine;
use super::error::{Failure, StoreError};
use super::held::Held;
use super::{Acceptance, NewDelivery, Store, changes, held, holdings, outbox, pages, polls, stages};
use crate::changes::change::RecordedChange;

impl Store {
    /// Writes everything that one accepted poll brings, in one transaction.
    pub fn accept(&self, acceptance: &Acceptance) -> Result<(), StoreError> {
        self.write("accept a poll", |engine| accept(engine, acceptance))
    }

    /// Writes changes that no poll brought (those of the calendar), the deliveries that tell of them, and whom to tell later, in one
    /// transaction.
    pub fn announce(
        &self,
        recorded: &[RecordedChange],
        deliveries: &[NewDelivery],
        held: &[Held],
    ) -> Result<(), StoreError> {
        self.write("announce what the calendar brings", |engine| {
            changes::record(engine, recorded)?;
            held::add(engine, held)?;
            outbox::add(engine, deliveries)
        })
    }
}

fn accept(engine: &mut dyn Engine, acceptance: &Acceptance) -> Result<(), Failure> {
    let Acceptance { poll, asked_for, pages, holdings, changes, known, also_seen, deliveries, held } = acceptance;
    polls::record(engine, poll)?;
    let accepted = "UPDATE sources SET accepted_at = $2, asked_for = $3 WHERE source = $1";
    engine.execute(accepted, &[poll.source.as_str().into(), poll.at.into(), asked_for.as_str().into()])?;
    pages::replace(engine, &poll.source, pages)?;
    holdings::replace(engine, &poll.source, holdings)?;
    changes::record(engine, changes)?;
    for change in also_seen {
        changes::record_sight(engine, change, &poll.source, poll.at)?;
    }
    stages::note(engine, known)?;
    held::add(engine, held)?;
    outbox::add(engine, deliveries)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::*;
    use crate::changes::comparison::{Held, Holdings};
    use crate::standards::project::{Project, ProjectId};
    use crate::store::snapshots::sha256_of;
    use crate::store::{NewPage, Poll, PollOutcome, Settings, StoredPage};

    /// A poll of so many projects with titles that do not compress, and a page as large.
    fn poll_of(n_projects: u64) -> Acceptance {
        let mut noise = fastrand::Rng::with_seed(n_projects);
        let held = (0..n_projects).map(|number| {
            let title: String = std::iter::repeat_with(|| noise.alphanumeric()).take(500).collect();
            let project = Project::new(ProjectId::Iso(number), title);
            (project.id.clone(), Held { project, missed: 0 })
        });
        let holdings: Holdings = held.collect();
        let bytes = format!("{holdings:?}").into_bytes();
        let at = Timestamp::UNIX_EPOCH;
        let page = StoredPage {
            url: "http://127.0.0.1/".to_owned(),
            sha256: sha256_of(&bytes),
            at,
            content_type: None,
            etag: None,
            last_modified: None,
        };
        let poll = Poll {
            source: "sc27".to_owned(),
            at,
            duration: Duration::ZERO,
            outcome: PollOutcome::Changed,
            why: None,
            status: Some(200),
            size_bytes: bytes.len() as u64,
            n_projects,
            n_defects: 0,
            n_changes: 0,
        };
        let pages = vec![NewPage { page, headers: Vec::new(), bytes }];
        Acceptance {
            poll,
            asked_for: "everything".to_owned(),
            pages,
            holdings,
            changes: Vec::new(),
            known: Vec::new(),
            also_seen: Vec::new(),
            deliveries: Vec::new(),
            held: Vec::new(),
        }
    }

    fn limit_pages(store: &Store, n_pages: u32) {
        store.engine().execute_script(&format!("PRAGMA max_page_count = {n_pages}")).unwrap();
    }

    #[test]
    fn a_full_disk_says_so_keeps_what_was_and_lets_work_go_on_once_there_is_space() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Settings { database: folder.path().join("watch.db") }).unwrap();
        let small = poll_of(2);
        store.accept(&small).unwrap();
        limit_pages(&store, 60);
        let large = poll_of(400);
        for _ in 0..3 {
            let error = store.accept(&large).unwrap_err();
            assert!(error.is_full(), "{error}");
            assert_eq!(store.holdings("sc27").unwrap().as_ref(), Some(&small.holdings));
            assert_eq!(store.polls("sc27", 10).unwrap().len(), 1);
        }
        limit_pages(&store, 1_000_000);
        store.accept(&large).unwrap();
        assert_eq!(store.holdings("sc27").unwrap(), Some(large.holdings));
        assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
    }
}
