//! What is to be sent: nothing lost when a dispatcher dies, nothing moved on by one that was too slow. Not the sending.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use stagewatch::masked::Recipient;
use stagewatch::store::deliveries::{Attempt, AttemptOutcome, DeliveryFilter, OutboxCounts};
use stagewatch::store::error::StoreError;
use stagewatch::store::lanes::Lanes;
use stagewatch::store::{Delivery, DeliveryState, NewDelivery, Settlement};

use super::{Duration, Holdings, PollOutcome, Store, TempDir, acceptance, at, delivery, verdict};

const LEASE: Duration = Duration::from_mins(5);

/// A store whose outbox holds deliveries that are due at these minutes.
fn outbox(due: &[(&str, i64)]) -> (TempDir, Store) {
    let (folder, store) = super::store();
    let mut accepted = acceptance(0, PollOutcome::Changed, Holdings::new());
    accepted.deliveries = due.iter().map(|(id, minute)| delivery(id, *minute)).collect();
    store.accept(&accepted).unwrap();
    (folder, store)
}

fn claim(store: &Store, minute: i64) -> Vec<(String, u32)> {
    let claimed = store.claim_due(at(minute), 10, LEASE).unwrap();
    claimed.into_iter().map(|claimed| (claimed.delivery.id, claimed.n_attempts)).collect()
}

fn found(store: &Store, id: &str) -> Delivery {
    store.delivery(id).unwrap().unwrap()
}

fn attempt(number: u32, begun: i64, end: Option<(i64, AttemptOutcome)>, answer: Option<&str>) -> Attempt {
    Attempt {
        number,
        begun_at: at(begun),
        ended_at: end.map(|(minute, _)| at(minute)),
        outcome: end.map(|(_, outcome)| outcome),
        answer: answer.map(str::to_owned),
    }
}

#[test]
fn what_is_due_is_claimed_once_the_longest_due_first_with_its_exact_bytes() {
    let (_folder, store) = outbox(&[("dlv_c", 3), ("dlv_a", 2), ("dlv_b", 1), ("dlv_later", 50)]);
    assert_eq!(store.next_due().unwrap(), Some(at(1)));
    let first = store.claim_due(at(9), 2, LEASE).unwrap();
    let ids: Vec<&str> = first.iter().map(|claimed| claimed.delivery.id.as_str()).collect();
    assert_eq!(ids, ["dlv_b", "dlv_a"]);
    assert_eq!(first[1].delivery, delivery("dlv_a", 2));
    assert_eq!((first[1].state, first[1].n_attempts), (DeliveryState::UnderWay, 1));
    assert_eq!(claim(&store, 9), [("dlv_c".to_owned(), 1)]);
    assert_eq!(claim(&store, 9), []);
    assert_eq!(store.next_due().unwrap(), Some(at(14)));
    let counts = OutboxCounts { n_waiting: 1, n_under_way: 3, oldest_unsettled: Some(at(0)), ..Default::default() };
    assert_eq!(store.outbox_counts().unwrap(), counts);
}

#[test]
fn a_settled_delivery_is_never_due_again_and_one_put_off_is_due_when_it_was_put_off_to() {
    let (_folder, store) = outbox(&[("dlv_1", 0), ("dlv_2", 0), ("dlv_3", 0)]);
    claim(&store, 1);
    assert!(store.settle("dlv_1", 1, &verdict("250 2.0.0 Ok: queued", Settlement::Delivered), at(2)).unwrap());
    assert!(store.settle("dlv_2", 1, &verdict("451 try later", Settlement::TryAgain(at(30))), at(2)).unwrap());
    assert!(store.settle("dlv_3", 1, &verdict("550 no such user", Settlement::Failed), at(2)).unwrap());
    assert_eq!(store.next_due().unwrap(), Some(at(30)));
    assert_eq!(claim(&store, 29), []);
    assert_eq!(claim(&store, 30), [("dlv_2".to_owned(), 2)]);
    let (done, failed) = (found(&store, "dlv_1"), found(&store, "dlv_3"));
    assert_eq!(
        (done.state, done.settled_at, done.last_answer.as_deref()),
        (DeliveryState::Delivered, Some(at(2)), Some("250 2.0.0 Ok: queued"))
    );
    assert_eq!((failed.state, failed.settled_at), (DeliveryState::Failed, Some(at(2))));
    let only_failed = DeliveryFilter { failed_only: true, ..Default::default() };
    assert_eq!(store.deliveries(&only_failed).unwrap(), [failed]);
    assert_eq!(
        store.attempts("dlv_2").unwrap(),
        [attempt(1, 1, Some((2, AttemptOutcome::TryAgain)), Some("451 try later")), attempt(2, 30, None, None)]
    );
}

#[test]
fn a_dispatcher_that_died_loses_its_lease_and_nothing_else() {
    let (folder, store) = outbox(&[("dlv_1", 0)]);
    assert_eq!(claim(&store, 1), [("dlv_1".to_owned(), 1)]);
    drop(store);
    let store = super::open(&folder);
    assert_eq!(claim(&store, 5), []);
    assert_eq!(store.next_due().unwrap(), Some(at(6)));
    assert_eq!(claim(&store, 6), [("dlv_1".to_owned(), 2)]);
    assert_eq!(
        store.attempts("dlv_1").unwrap(),
        [attempt(1, 1, Some((6, AttemptOutcome::Lost)), None), attempt(2, 6, None, None)]
    );
    assert!(store.settle("dlv_1", 2, &verdict("250 Ok", Settlement::Delivered), at(7)).unwrap());
    assert_eq!(store.next_due().unwrap(), None);
}

#[test]
fn how_long_attempts_took_is_counted_as_they_end_and_once_for_all_that_ended_before() {
    let (folder, store) = outbox(&[("dlv_1", 0), ("dlv_2", 0), ("dlv_3", 0)]);
    claim(&store, 1);
    assert!(store.settle("dlv_1", 1, &verdict("250 Ok", Settlement::Delivered), at(1)).unwrap());
    assert!(store.settle("dlv_2", 1, &verdict("250 Ok", Settlement::Delivered), at(2)).unwrap());
    assert_eq!(claim(&store, 6), [("dlv_3".to_owned(), 2)], "one is lost");
    assert!(store.settle("dlv_3", 2, &verdict("550 no", Settlement::Failed), at(9)).unwrap());
    let times = store.attempt_times().unwrap();
    let told: Vec<_> = times
        .iter()
        .map(|times| {
            let buckets = times.buckets.iter().filter(|(_, n_attempts)| *n_attempts > 0);
            (times.outcome, times.took, buckets.copied().collect::<Vec<_>>())
        })
        .collect();
    let minute = Duration::from_mins(1);
    let delivered = vec![(Some(Duration::from_millis(100)), 1), (Some(minute), 1)];
    let expected =
        [(AttemptOutcome::Delivered, minute, delivered), (AttemptOutcome::Failed, minute * 3, vec![(None, 1)])];
    assert_eq!(told, expected);
    // As it was before there were counts.
    drop(store);
    let before = rusqlite::Connection::open(folder.path().join("watch.db")).unwrap();
    let later = "DROP TABLE poll_times; DROP INDEX changes_by_source_and_kind; DROP INDEX change_watches_by_kind; \
                 ALTER TABLE change_watches DROP COLUMN kind;";
    before.execute_batch(&format!("{later} DROP TABLE attempt_times; UPDATE schema_version SET version = 6")).unwrap();
    drop(before);
    assert_eq!(super::open(&folder).attempt_times().unwrap(), times);
}

#[test]
fn what_a_slow_dispatcher_says_late_does_not_move_the_delivery() {
    let (_folder, store) = outbox(&[("dlv_1", 0)]);
    claim(&store, 1);
    claim(&store, 6);
    assert!(!store.settle("dlv_1", 1, &verdict("550 no", Settlement::Failed), at(7)).unwrap());
    let now = found(&store, "dlv_1");
    assert_eq!((now.state, now.n_attempts, now.last_answer), (DeliveryState::UnderWay, 2, None));
    assert!(store.settle("dlv_1", 2, &verdict("250 Ok", Settlement::Delivered), at(8)).unwrap());
    assert!(!store.settle("dlv_1", 2, &verdict("451 again", Settlement::TryAgain(at(9))), at(8)).unwrap());
    assert!(!store.settle("dlv_0", 1, &verdict("250 Ok", Settlement::Delivered), at(8)).unwrap());
    assert_eq!(found(&store, "dlv_1").state, DeliveryState::Delivered);
    // What the first attempt ended in is still told, by the one who knew.
    assert_eq!(store.attempts("dlv_1").unwrap()[0], attempt(1, 1, Some((7, AttemptOutcome::Failed)), Some("550 no")));
}

#[test]
fn a_dispatcher_that_is_late_but_alone_still_settles() {
    let (_folder, store) = outbox(&[("dlv_1", 0)]);
    claim(&store, 1);
    assert!(store.settle("dlv_1", 1, &verdict("250 Ok", Settlement::Delivered), at(60)).unwrap());
    assert_eq!(claim(&store, 60), []);
}

#[test]
fn a_delivery_sent_again_is_the_same_delivery() {
    let (_folder, store) = outbox(&[("dlv_1", 0), ("dlv_2", 0)]);
    claim(&store, 1);
    store.settle("dlv_1", 1, &verdict("550 mailbox gone", Settlement::Failed), at(2)).unwrap();
    assert!(store.redeliver("dlv_1", at(90)).unwrap());
    let again = store.claim_due(at(90), 1, LEASE).unwrap().remove(0);
    // dlv_2 is due as well, since its lease ran out, and was due before.
    assert_eq!((again.delivery, again.n_attempts), (delivery("dlv_2", 0), 2));
    let again = store.claim_due(at(90), 1, LEASE).unwrap().remove(0);
    assert_eq!((again.delivery, again.n_attempts, again.settled_at), (delivery("dlv_1", 0), 2, None));
    assert!(!store.redeliver("dlv_1", at(91)).unwrap(), "it is being sent");
    let error = store.redeliver("dlv_0", at(91)).unwrap_err();
    assert!(matches!(error, StoreError::NoSuchDelivery(_)), "{error}");
    assert!(store.redeliver("dlv_1", at(99)).unwrap(), "its dispatcher is gone");
    assert!(!store.settle("dlv_1", 2, &verdict("250 Ok", Settlement::Delivered), at(99)).unwrap());
}

#[test]
fn a_command_beside_the_daemon_waits_its_turn() {
    let (folder, daemon) = outbox(&[("dlv_1", 0)]);
    let command = super::open(&folder);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for minute in 1..150 {
                daemon.accept(&acceptance(minute, PollOutcome::Changed, Holdings::new())).unwrap();
            }
        });
        for minute in 1..300 {
            assert!(command.redeliver("dlv_1", at(minute)).unwrap());
        }
    });
    assert_eq!(daemon.next_due().unwrap(), Some(at(299)));
}

#[test]
fn what_no_poll_brought_is_sent_too_and_only_once() {
    let (_folder, store) = outbox(&[]);
    let digest = delivery("dlv_digest", 1);
    store.enqueue(std::slice::from_ref(&digest)).unwrap();
    store.enqueue(&[digest, delivery("dlv_other", 2)]).unwrap();
    assert_eq!(claim(&store, 2), [("dlv_digest".to_owned(), 1), ("dlv_other".to_owned(), 1)]);
}

#[test]
fn deliveries_are_listed_as_they_were_written_and_a_limit_keeps_the_newest() {
    let (_folder, store) = outbox(&[]);
    for (minute, subscriber) in [(1, "plm"), (2, "team"), (3, "plm")] {
        let mut new = delivery(&format!("dlv_{minute}"), minute);
        (new.created_at, new.subscriber) = (at(minute), subscriber.to_owned());
        store.enqueue(&[new]).unwrap();
    }
    let ids = |filter: DeliveryFilter| -> Vec<String> {
        store.deliveries(&filter).unwrap().into_iter().map(|found| found.delivery.id).collect()
    };
    assert_eq!(ids(DeliveryFilter::default()), ["dlv_1", "dlv_2", "dlv_3"]);
    assert_eq!(ids(DeliveryFilter { limit: Some(2), ..Default::default() }), ["dlv_2", "dlv_3"]);
    assert_eq!(ids(DeliveryFilter { subscriber: Some("plm".to_owned()), ..Default::default() }), ["dlv_1", "dlv_3"]);
}

#[test]
fn an_endless_answer_is_cut() {
    let (_folder, store) = outbox(&[("dlv_1", 0)]);
    claim(&store, 1);
    store.settle("dlv_1", 1, &verdict(&"误".repeat(50_000), Settlement::Failed), at(2)).unwrap();
    assert_eq!(found(&store, "dlv_1").last_answer.unwrap().len(), 19_998);
    assert_eq!(store.attempts("dlv_1").unwrap()[0].answer.as_ref().unwrap().len(), 19_998);
}

#[test]
fn dispatchers_side_by_side_never_claim_the_same() {
    let names: Vec<String> = (0..60).map(|number| format!("dlv_{number:02}")).collect();
    let due: Vec<(&str, i64)> = names.iter().map(|name| (name.as_str(), 0)).collect();
    let (folder, _store) = outbox(&due);
    let mut claimed: Vec<String> = std::thread::scope(|scope| {
        let dispatchers: Vec<_> = (0..3)
            .map(|_| {
                let store = super::open(&folder);
                scope.spawn(move || {
                    let mut mine = Vec::new();
                    loop {
                        let claimed = store.claim_due(at(1), 4, LEASE).unwrap();
                        if claimed.is_empty() {
                            return mine;
                        }
                        mine.extend(claimed.into_iter().map(|claimed| claimed.delivery.id));
                    }
                })
            })
            .collect();
        dispatchers.into_iter().flat_map(|dispatcher| dispatcher.join().unwrap()).collect()
    });
    claimed.sort();
    assert_eq!(claimed, names);
}

/// Lanes as a dispatcher has them: so many places free, two to one endpoint at once.
fn lanes(limit: u32) -> Lanes {
    Lanes { limit, lease: LEASE, per_endpoint: 2, ..Lanes::default() }
}

/// So many deliveries for one endpoint, all due before anything else.
fn flood(n: usize) -> (TempDir, Store) {
    let (folder, store) = super::store();
    let flood: Vec<NewDelivery> = (0..n).map(|number| delivery(&format!("dlv_{number:05}"), 0)).collect();
    store.enqueue(&flood).unwrap();
    (folder, store)
}

#[test]
fn who_waits_behind_a_flood_for_one_endpoint_has_its_turn_the_longest_due_first() {
    let (_folder, store) = flood(1000);
    let beside = |id: &str, recipient: &str, minute: i64| NewDelivery {
        recipient: Recipient::new(recipient),
        ..delivery(id, minute)
    };
    let others = [
        beside("dlv_x3", "x@example.org", 3),
        beside("dlv_x1", "x@example.org", 1),
        beside("dlv_x2", "x@example.org", 2),
        beside("dlv_a4", "a@example.org", 4),
        beside("dlv_later", "later@example.org", 50),
        NewDelivery { subscriber: "asleep".to_owned(), ..beside("dlv_silent", "x@example.org", 1) },
    ];
    store.enqueue(&others).unwrap();
    let silent = BTreeSet::from([("asleep".to_owned(), "email".to_owned())]);
    let claim = |limit: u32, by_mail: usize| -> Vec<String> {
        let per_channel = BTreeMap::from([("email".to_owned(), by_mail)]);
        let claimed = store.claim_fairly(at(9), &Lanes { silent: silent.clone(), per_channel, ..lanes(limit) });
        let mut ids: Vec<String> = claimed.unwrap().into_iter().map(|claimed| claimed.delivery.id).collect();
        ids.sort();
        ids
    };
    assert_eq!(claim(16, 3), ["dlv_00000", "dlv_00001", "dlv_x1"], "three by mail at once");
    assert_eq!(claim(1, 16), ["dlv_x2"], "the lane of the flood is full");
    assert_eq!(claim(16, 16), ["dlv_a4"]);
    assert_eq!(claim(16, 16), [""; 0]);
    assert!(store.settle("dlv_00001", 1, &verdict("250 2.0.0 Ok: queued", Settlement::Delivered), at(9)).unwrap());
    assert_eq!(claim(16, 16), ["dlv_00002"], "one goes, one comes");
}

#[test]
fn a_flood_for_one_endpoint_costs_each_claim_no_more_than_a_trickle() {
    let of = |n: usize| {
        let (folder, store) = flood(n);
        assert_eq!(store.claim_fairly(at(1), &lanes(16)).unwrap().len(), 2);
        let claim = || {
            let begun = Instant::now();
            assert_eq!(store.claim_fairly(at(1), &lanes(14)).unwrap(), []);
            begun.elapsed()
        };
        // The quickest of many: what else the machine does only adds.
        let quickest = (0..30).map(|_| claim()).min().unwrap();
        drop(folder);
        quickest
    };
    let (trickle, flood) = (of(300), of(6000));
    assert!(flood < trickle * 4, "twenty times as much waits: {trickle:?}, then {flood:?}");
}
