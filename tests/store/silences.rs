//! What is held back, who is not written to, how endpoints fare, keys, numbers of changes. Not who decides any of it.

use stagewatch::changes::alarms::Alarm;
use stagewatch::changes::health::{Disabled, Said};
use stagewatch::masked::Recipient;
use stagewatch::store::deliveries::DeliveryFilter;
use stagewatch::store::held::{Held, HeldWhy, Release};
use stagewatch::store::stops::{Backlog, Resumed, Stop, StopReason};
use stagewatch::store::{Settlement, Store, Verdict};

use super::{ChangeFilter, Duration, Holdings, PollOutcome, TempDir, acceptance, at, change, delivery};

const LEASE: Duration = Duration::from_mins(5);

/// A store with two changes of one project and one of another.
fn changed() -> (TempDir, Store) {
    let (folder, store) = super::store();
    let mut accepted = acceptance(0, PollOutcome::Changed, Holdings::new());
    accepted.changes = vec![change("chg_1", 7, 1), change("chg_2", 7, 2), change("chg_3", 8, 3)];
    store.accept(&accepted).unwrap();
    (folder, store)
}

fn states(store: &Store) -> Vec<(String, &'static str)> {
    let found = store.deliveries(&DeliveryFilter::default()).unwrap();
    found.into_iter().map(|found| (found.delivery.id, found.state.as_str())).collect()
}

fn stop(watch: Option<&str>, reason: StopReason) -> Stop {
    let (subscriber, recipient) = ("regulatory-team".to_owned(), Recipient::new("team@example.org"));
    Stop { subscriber, recipient, watch: watch.map(str::to_owned), reason, at: at(1) }
}

#[test]
fn a_key_is_made_once_and_another_name_has_another_key() {
    let (folder, store) = super::store();
    let key = store.key("unsubscribe").unwrap();
    assert_ne!(key, [0; 32]);
    assert_ne!(store.key("session").unwrap(), key);
    drop(store);
    assert_eq!(super::open(&folder).key("unsubscribe").unwrap(), key);
}

#[test]
fn changes_of_a_project_are_numbered_from_one_in_the_order_in_which_they_are_recorded() {
    let (_folder, store) = changed();
    let numbers = |store: &Store| -> Vec<(String, u64)> {
        store.changes(&ChangeFilter::default()).unwrap().into_iter().map(|found| (found.id, found.sequence)).collect()
    };
    let known = [("chg_1".to_owned(), 1), ("chg_2".to_owned(), 2), ("chg_3".to_owned(), 1)];
    assert_eq!(numbers(&store), known);
    let mut next = vec![change("chg_4", 8, 9), change("chg_5", 9, 9), change("chg_6", 8, 9)];
    store.number(&mut next).unwrap();
    assert_eq!(next.iter().map(|change| change.sequence).collect::<Vec<_>>(), [2, 1, 3]);
    let mut accepted = acceptance(9, PollOutcome::Changed, Holdings::new());
    accepted.changes = next.clone();
    store.accept(&accepted).unwrap();
    store.accept(&accepted).unwrap();
    assert_eq!(numbers(&store)[3..].iter().map(|(_, number)| *number).collect::<Vec<_>>(), [2, 1, 3]);
    assert_eq!(store.change("chg_6").unwrap(), Some(next.remove(2)));
}

#[test]
fn a_mailbox_that_was_stopped_gets_nothing_until_it_is_resumed() {
    let (_folder, store) = super::store();
    store.enqueue(&[delivery("dlv_1", 0)]).unwrap();
    assert!(store.stop(&stop(None, StopReason::Unsubscribed)).unwrap());
    assert!(!store.stop(&stop(None, StopReason::Unsubscribed)).unwrap(), "known already");
    store.enqueue(&[delivery("dlv_2", 0)]).unwrap();
    assert_eq!(states(&store), [("dlv_1".to_owned(), "held"), ("dlv_2".to_owned(), "held")]);
    assert_eq!(store.claim_due(at(9), 10, LEASE).unwrap(), []);
    assert_eq!(store.next_due().unwrap(), None);
    assert_eq!(store.stops().unwrap(), [stop(None, StopReason::Unsubscribed)]);
    let other = store.resume("regulatory-team", Some(&Recipient::new("b@example.org")), Backlog::Send, at(9)).unwrap();
    assert_eq!(other, Resumed::default());
    let resumed = store.resume("regulatory-team", None, Backlog::Send, at(9)).unwrap();
    assert_eq!(resumed, Resumed { n_stops: 1, n_endpoints: 0, n_deliveries: 2 });
    assert_eq!(store.stops().unwrap(), []);
    assert_eq!(store.claim_due(at(9), 10, LEASE).unwrap().len(), 2);
}

#[test]
fn a_stop_about_one_watch_holds_nothing_back_and_a_backlog_may_be_dropped() {
    let (_folder, store) = super::store();
    store.enqueue(&[delivery("dlv_1", 0)]).unwrap();
    store.stop(&stop(Some("sc27"), StopReason::Unsubscribed)).unwrap();
    assert_eq!(states(&store), [("dlv_1".to_owned(), "waiting")]);
    store.stop(&stop(None, StopReason::Bounced)).unwrap();
    let resumed = store.resume("regulatory-team", None, Backlog::Drop, at(9)).unwrap();
    assert_eq!(resumed, Resumed { n_stops: 2, n_endpoints: 0, n_deliveries: 1 });
    assert_eq!(states(&store), [("dlv_1".to_owned(), "dropped")]);
    assert_eq!(store.outbox_counts().unwrap().n_dropped, 1);
}

/// Tries a delivery once, with this end.
fn attempt(store: &Store, settlement: Settlement, said: Said, minute: i64) {
    let claimed = store.claim_due(at(minute), 1, LEASE).unwrap().remove(0);
    let verdict = Verdict { settlement, said, answer: "so".to_owned() };
    store.settle(&claimed.delivery.id, claimed.n_attempts, &verdict, at(minute)).unwrap();
}

#[test]
fn an_endpoint_that_says_it_is_gone_keeps_everything_until_it_is_resumed() {
    let (_folder, store) = super::store();
    store.enqueue(&[delivery("dlv_1", 0), delivery("dlv_2", 1)]).unwrap();
    attempt(&store, Settlement::Held, Said::Gone, 2);
    assert_eq!(states(&store), [("dlv_1".to_owned(), "held"), ("dlv_2".to_owned(), "held")]);
    let endpoint = store.endpoints().unwrap().remove(0);
    assert_eq!(endpoint.health.disabled, Some((at(2), Disabled::Gone)));
    assert_eq!((endpoint.channel.as_str(), endpoint.last_answer.as_str()), ("email", "so"));
    let resumed = store.resume("regulatory-team", None, Backlog::Send, at(9)).unwrap();
    assert_eq!((resumed.n_endpoints, resumed.n_deliveries), (1, 2));
    attempt(&store, Settlement::Delivered, Said::Took, 10);
    let health = store.endpoints().unwrap().remove(0).health;
    assert_eq!((health.last_success, health.failing_since, health.disabled), (Some(at(10)), None, None));
}

#[test]
fn what_fails_for_five_days_is_held_and_what_comes_after_it_too() {
    let (_folder, store) = super::store();
    store.enqueue(&[delivery("dlv_1", 0)]).unwrap();
    attempt(&store, Settlement::TryAgain(at(120 * 60)), Said::NotThis, 0);
    attempt(&store, Settlement::TryAgain(at(130 * 60)), Said::NotThis, 120 * 60);
    store.enqueue(&[delivery("dlv_2", 0)]).unwrap();
    assert_eq!(states(&store), [("dlv_1".to_owned(), "held"), ("dlv_2".to_owned(), "held")]);
}

#[test]
fn a_mailbox_that_is_not_there_three_times_is_stopped_and_what_it_refused_is_held_with_the_rest() {
    let (_folder, store) = super::store();
    let four: Vec<_> = (1..=4).map(|number| delivery(&format!("dlv_{number}"), number)).collect();
    store.enqueue(&four).unwrap();
    for minute in 5..8 {
        attempt(&store, Settlement::Failed, Said::NoSuchMailbox, minute);
    }
    assert_eq!(store.stops().unwrap()[0].reason, StopReason::Bounced);
    assert_eq!(states(&store).into_iter().map(|(_, state)| state).collect::<Vec<_>>(), ["held"; 4]);
    store.resume("regulatory-team", None, Backlog::Send, at(10)).unwrap();
    assert_eq!(states(&store).into_iter().map(|(_, state)| state).collect::<Vec<_>>(), ["waiting"; 4]);
}

#[test]
fn what_is_held_is_let_go_together_with_what_tells_of_it() {
    let (_folder, store) = changed();
    let held = |change: &str, why| Held {
        subscriber: "regulatory-team".to_owned(),
        channel: "email".to_owned(),
        change: change.to_owned(),
        why,
        at: at(3),
    };
    let all = [held("chg_1", HeldWhy::Digest), held("chg_3", HeldWhy::Quiet)];
    store.announce(&[], &[], &all).unwrap();
    store.announce(&[], &[], &[held("chg_1", HeldWhy::Paused)]).unwrap();
    assert_eq!(store.held().unwrap(), all);
    let release = Release {
        subscriber: "regulatory-team".to_owned(),
        channel: "email".to_owned(),
        changes: vec!["chg_1".to_owned()],
        deliveries: vec![delivery("dlv_1", 9)],
        digest: Some(at(9)),
    };
    store.release(&release).unwrap();
    store.release(&release).unwrap();
    assert_eq!(store.held().unwrap(), all[1..]);
    assert_eq!(states(&store), [("dlv_1".to_owned(), "waiting")]);
    assert_eq!(store.digests().unwrap().into_values().collect::<Vec<_>>(), [at(9)]);
    assert_eq!(store.drop_held("regulatory-team").unwrap(), 1);
    assert_eq!(store.held().unwrap()[0].why, HeldWhy::Dropped);
}

#[test]
fn what_the_operator_was_told_is_known_until_it_is_over() {
    let (_folder, store) = super::store();
    let alarm = |told| Alarm {
        about: "source:sc27".to_owned(),
        kind: "source.doubtful".to_owned(),
        what: "no good page for 3 polls".to_owned(),
        since: at(1),
        told_at: at(told),
    };
    store.tell_operator(&[alarm(1)], &[], &[delivery("dlv_1", 1)]).unwrap();
    let again = Alarm { since: at(5), ..alarm(5) };
    store.tell_operator(std::slice::from_ref(&again), &[], &[]).unwrap();
    assert_eq!(store.alarms().unwrap(), [Alarm { since: at(1), ..again }], "it began when it began");
    store.tell_operator(&[], &["source:sc27".to_owned()], &[]).unwrap();
    assert_eq!(store.alarms().unwrap(), []);
}
