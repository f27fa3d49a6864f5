//! What is old goes, what proves something stays, and what stays can be read.

use stagewatch::store::pruning::{Evidence, Pruned, Retention};

use super::{
    Acceptance, ChangeFilter, DeliveryFilter, Duration, Holdings, OutboxCounts, PollOutcome, SOURCE, Settlement,
    SnapshotRef, Store, acceptance, at, change, delivery, full, held, page, poll, sha256_of, store, verdict,
};

const MINUTE: Duration = Duration::from_mins(1);

/// Everything is kept for so many minutes.
fn minutes(number: u32) -> Retention {
    let kept = MINUTE * number;
    Retention {
        polls: kept,
        deliveries: kept,
        snapshots: kept,
        most_polls: None,
        most_deliveries: None,
        most_snapshots: None,
        evidence: Evidence::Stays,
    }
}

/// Prunes, after a dry run that must have said the same of what goes.
fn prune(store: &Store, retention: &Retention, now: i64) -> (u64, u64, u64) {
    let would = store.would_prune(retention, at(now)).unwrap();
    let Pruned { n_polls, n_deliveries, n_snapshots, size_bytes } = store.prune(retention, at(now)).unwrap();
    assert_eq!((would.n_polls, would.n_deliveries, would.n_snapshots), (n_polls, n_deliveries, n_snapshots));
    assert!(size_bytes <= would.size_bytes, "{size_bytes} of {}", would.size_bytes);
    assert_eq!(store.would_prune(retention, at(now)).unwrap(), Pruned::default(), "nothing is left to remove");
    assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
    (n_polls, n_deliveries, n_snapshots)
}

/// A page of some size in which one row moves.
fn text(number: i64) -> String {
    let cell = |row: i64| if row == number { 60 } else { row % 7 };
    let rows: Vec<String> = (0..300).map(|row| format!("<tr><td>{row}</td><td>{}</td></tr>", cell(row))).collect();
    rows.concat()
}

fn versions(numbers: std::ops::Range<i64>) -> Vec<Acceptance> {
    numbers
        .map(|number| {
            let mut accepted = acceptance(number, PollOutcome::Unchanged, Holdings::from([held(4, "40.60")]));
            accepted.pages = vec![page(number, &text(number))];
            accepted
        })
        .collect()
}

/// Which of the versions are still there, each read to its last byte.
fn readable(store: &Store, numbers: std::ops::Range<i64>) -> Vec<i64> {
    numbers
        .filter(|number| {
            let plain = text(*number).into_bytes();
            let kept = store.page_bytes(&sha256_of(&plain)).unwrap();
            kept.is_some_and(|kept| kept == plain)
        })
        .collect()
}

#[test]
fn polls_and_settled_deliveries_go_and_what_is_still_to_be_sent_stays() {
    let (_folder, store) = store();
    let mut accepted = full(1);
    accepted.deliveries.push(delivery("dlv_2", 0));
    store.accept(&accepted).unwrap();
    store.record_poll(&poll(2, PollOutcome::NotModified), &[]).unwrap();
    let claimed = store.claim_due(at(2), 1, MINUTE).unwrap();
    let id = &claimed[0].delivery.id;
    assert!(store.settle(id, 1, &verdict("250 Ok", Settlement::Delivered), at(2)).unwrap());
    let counts = |store: &Store| (store.poll_counts().unwrap(), store.attempt_times().unwrap());
    let counted = counts(&store);
    assert_eq!((counted.0.len(), counted.1.len()), (2, 1));
    assert_eq!(prune(&store, &minutes(1), 2), (0, 0, 0));
    assert_eq!(prune(&store, &minutes(1), 9), (1, 1, 0));
    assert_eq!(counts(&store), counted, "what was counted outlives what it counted");
    assert_eq!(store.source_state(SOURCE).unwrap().last_poll.unwrap().at, at(2), "the last poll stays, however old");
    assert_eq!(store.changes(&ChangeFilter::default()).unwrap(), accepted.changes);
    let counts = OutboxCounts { n_waiting: 1, oldest_unsettled: Some(at(0)), ..OutboxCounts::default() };
    assert_eq!(store.outbox_counts().unwrap(), counts);
}

#[test]
fn numbers_limit_what_ages_would_keep() {
    let (_folder, store) = store();
    let mut accepted = full(0);
    accepted.deliveries = (0..5).map(|number| delivery(&format!("dlv_{number}"), 0)).collect();
    store.accept(&accepted).unwrap();
    for minute in 1..10 {
        store.record_poll(&poll(minute, PollOutcome::NotModified), &[]).unwrap();
    }
    let claimed = store.claim_due(at(10), 4, MINUTE).unwrap();
    for (minute, claimed) in (11..).zip(&claimed) {
        assert!(store.settle(&claimed.delivery.id, 1, &verdict("250 Ok", Settlement::Failed), at(minute)).unwrap());
    }
    let most = Retention { most_polls: Some(3), most_deliveries: Some(1), ..minutes(10_000) };
    assert_eq!(prune(&store, &most, 20), (7, 3, 0));
    let polls: Vec<_> = store.polls(SOURCE, 100).unwrap().iter().map(|poll| poll.at).collect();
    assert_eq!(polls, [at(7), at(8), at(9)]);
    let left: Vec<String> =
        store.deliveries(&DeliveryFilter::default()).unwrap().into_iter().map(|kept| kept.delivery.id).collect();
    assert_eq!(left.len(), 2, "the newest settled one, and the one that waits: {left:?}");
    assert!(left.contains(&claimed[3].delivery.id), "{left:?}");
}

/// A chain of forty versions, the tenth of which brought a change.
fn with_evidence() -> (tempfile::TempDir, Store) {
    let (folder, store) = store();
    for (number, mut accepted) in (0..).zip(versions(0..40)) {
        if number == 10 {
            let mut moved = change("chg_1", 4, number);
            let snapshot = |number: i64| SnapshotRef { sha256: sha256_of(text(number).as_bytes()), at: at(number) };
            (moved.evidence.before, moved.evidence.after) = (Some(snapshot(9)), snapshot(10));
            accepted.changes = vec![moved];
        }
        store.accept(&accepted).unwrap();
    }
    (folder, store)
}

#[test]
fn the_evidence_of_a_change_stays_in_a_chain_whose_beginning_went() {
    let (_folder, store) = with_evidence();
    assert_eq!(prune(&store, &minutes(5), 40).2, 40 - 7);
    assert_eq!(readable(&store, 0..40), [9, 10, 35, 36, 37, 38, 39]);
    assert_eq!(store.snapshot(&sha256_of(text(3).as_bytes())).unwrap(), None);
    // Chains go on from what stayed.
    let next = versions(40..41).remove(0);
    store.accept(&next).unwrap();
    assert_eq!(readable(&store, 30..41), [35, 36, 37, 38, 39, 40]);
    assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
}

#[test]
fn the_evidence_goes_only_when_that_is_said_and_the_change_stays() {
    let (_folder, store) = with_evidence();
    let before = store.changes(&ChangeFilter::default()).unwrap();
    prune(&store, &Retention { evidence: Evidence::Goes, ..minutes(0) }, 100);
    assert_eq!(readable(&store, 0..40), [39], "what a source shows now stays, whatever is said");
    assert_eq!(store.changes(&ChangeFilter::default()).unwrap(), before);
}

#[test]
fn only_so_many_versions_of_a_page_stay_beside_the_evidence() {
    let (_folder, store) = with_evidence();
    let most = Retention { most_snapshots: Some(3), ..minutes(10_000) };
    assert_eq!(prune(&store, &most, 40).2, 40 - 5);
    assert_eq!(readable(&store, 0..40), [9, 10, 37, 38, 39]);
}

#[test]
fn removing_saves_room_and_compacting_gives_it_back() {
    let (folder, store) = store();
    for number in 0..40_i64 {
        let mut accepted = acceptance(number, PollOutcome::Unchanged, Holdings::new());
        // Nothing in common with the one before, and not to be compressed.
        let noise: String = (0..2000).map(|row| sha256_of(format!("{number} {row}").as_bytes())).collect();
        accepted.pages = vec![page(number, &noise)];
        store.accept(&accepted).unwrap();
    }
    let pruned = store.prune(&minutes(0), at(100)).unwrap();
    assert!(pruned.n_snapshots == 39 && pruned.size_bytes > 39 * 60_000, "{pruned:?}");
    let size = || std::fs::metadata(folder.path().join("watch.db")).unwrap().len();
    let compacted = store.compact().unwrap();
    assert!(compacted.after_bytes * 8 < compacted.before_bytes, "{compacted:?}");
    assert_eq!(size(), compacted.after_bytes);
    assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
}

#[test]
fn what_a_damaged_version_hangs_on_stays_so_that_nothing_more_is_lost() {
    let (folder, store) = with_evidence();
    let damaged = sha256_of(text(20).as_bytes());
    let other = rusqlite::Connection::open(folder.path().join("watch.db")).unwrap();
    let sql = "UPDATE snapshots SET body = zeroblob(length(body)) WHERE sha256 = ?1";
    assert_eq!(other.execute(sql, [&damaged]).unwrap(), 1);
    let pruned = store.prune(&minutes(5), at(40)).unwrap();
    assert!(pruned.n_snapshots < 33, "{pruned:?}");
    let complaints = store.integrity_check().unwrap();
    assert!(complaints.iter().all(|complaint| complaint.contains(&damaged)), "{complaints:?}");
    assert_eq!(readable_or_damaged(&store), [9, 10, 35, 36, 37, 38, 39]);
}

/// Which of the versions that were to stay are there, whether or not they can still be read.
fn readable_or_damaged(store: &Store) -> Vec<i64> {
    let is_there = |number: &i64| store.snapshot(&sha256_of(text(*number).as_bytes())).unwrap().is_some();
    [9, 10, 35, 36, 37, 38, 39].into_iter().filter(is_there).collect()
}
