//! The store through its door: what is written in one transaction, what comes back, what survives. Not the channels or the polls that
//! use it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

/// JSON lines, and back.
mod export;
/// Killed at any moment: nothing acknowledged is lost.
mod kills;
/// What is to be sent: leases, fences, crashes.
mod outbox;
/// What is old goes, and what proves something stays.
mod pruning;
/// Another database in the place of the one that is there, and databases of earlier versions.
mod restoration;
/// Whatever a page may show is kept as it was.
mod roundtrip;
/// What is held back, and who is not written to.
mod silences;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use stagewatch::changes::change::{Change, Difference, Evidence, Kind, Move, RecordedChange, SnapshotRef};
use stagewatch::changes::comparison::{Held, Holdings};
use stagewatch::changes::corroboration::KnownStage;
use stagewatch::changes::health::Said;
use stagewatch::masked::Recipient;
use stagewatch::standards::project::{PrintedStage, Project, ProjectId};
use stagewatch::standards::stage::{Scheme, StageCode};
use stagewatch::store::changes::ChangeFilter;
use stagewatch::store::deliveries::{DeliveryFilter, OutboxCounts};
use stagewatch::store::error::{Fault, StoreError};
use stagewatch::store::holdings::ProjectFilter;
use stagewatch::store::pages::PageValidators;
use stagewatch::store::snapshots::{Sighting, sha256_of};
use stagewatch::store::{
    Acceptance, NewDelivery, NewPage, Poll, PollOutcome, Settings, Settlement, SourceState, Store, StoredPage, Verdict,
};
use tempfile::TempDir;

const SOURCE: &str = "sc27";
const URL: &str = "http://127.0.0.1/programme";

fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    (folder, store)
}

fn open(folder: &TempDir) -> Store {
    Store::open(&Settings { database: folder.path().join("watch.db") }).unwrap()
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + minute * 60).unwrap()
}

fn poll(minute: i64, outcome: PollOutcome) -> Poll {
    Poll {
        source: SOURCE.to_owned(),
        at: at(minute),
        duration: Duration::from_millis(1234),
        outcome,
        why: None,
        status: Some(200),
        size_bytes: 40_000,
        n_projects: 2,
        n_defects: 1,
        n_changes: 0,
    }
}

/// A stage as a page prints it; with its code, where that is one.
fn stage(printed: &str) -> PrintedStage {
    PrintedStage { printed: printed.to_owned(), code: StageCode::parse(Scheme::Iso, printed) }
}

fn held(number: u64, printed: &str) -> (ProjectId, Held) {
    let id = ProjectId::Iso(number);
    let mut project = Project::new(id.clone(), format!("ISO/IEC DIS {number}"));
    project.stage = Some(stage(printed));
    project.since = Some("2023-05-11".parse().unwrap());
    (id, Held { project, missed: 0 })
}

fn page(minute: i64, text: &str) -> NewPage {
    let bytes = text.as_bytes().to_owned();
    NewPage {
        page: StoredPage {
            url: URL.to_owned(),
            sha256: sha256_of(&bytes),
            at: at(minute),
            content_type: Some("text/html; charset=gbk".to_owned()),
            etag: Some(format!("\"{minute}\"")),
            last_modified: None,
        },
        headers: vec![("server".to_owned(), "nginx".to_owned()), ("x-cache".to_owned(), minute.to_string())],
        bytes,
    }
}

fn change(id: &str, number: u64, minute: i64) -> RecordedChange {
    let (_, before) = held(number, "40.20");
    let (_, after) = held(number, "40.60");
    RecordedChange {
        id: id.to_owned(),
        change: Change {
            kind: Kind::StageMoved,
            movement: Some(Move::Advanced),
            before: Some(before.project),
            after: after.project,
            differences: vec![Difference {
                field: "stage".to_owned(),
                old: Some("40.20".to_owned()),
                new: Some("40.60".to_owned()),
            }],
        },
        seen_at: at(minute),
        sequence: 1,
        announced: true,
        watches: vec!["everything".to_owned()],
        evidence: Evidence {
            source: SOURCE.to_owned(),
            url: URL.to_owned(),
            before: Some(SnapshotRef { sha256: sha256_of(b"before"), at: at(minute - 1) }),
            after: SnapshotRef { sha256: sha256_of(b"after"), at: at(minute) },
            diff: "@@ -1 +1 @@\n-40.20\n+40.60\n".to_owned(),
        },
        also_seen_at: Vec::new(),
        related: Vec::new(),
        otherwise_at: Vec::new(),
    }
}

fn delivery(id: &str, due: i64) -> NewDelivery {
    NewDelivery {
        id: id.to_owned(),
        subscriber: "regulatory-team".to_owned(),
        channel: "email".to_owned(),
        recipient: Recipient::new("team@example.org"),
        subject: "ISO/IEC DIS 4 advanced to 40.60".to_owned(),
        payload: b"From: \xff\x00 exact bytes".to_vec(),
        changes: vec!["chg_2".to_owned(), "chg_1".to_owned()],
        created_at: at(0),
        due_at: at(due),
    }
}

fn known(number: u64, printed: &str, minute: i64, change: Option<&str>) -> (ProjectId, KnownStage) {
    let since = printed.contains('.').then(|| "2023-05-11".parse().unwrap());
    let change = change.map(str::to_owned);
    (
        ProjectId::Iso(number),
        KnownStage { stage: stage(printed), since, seen_at: at(minute), source: SOURCE.to_owned(), change },
    )
}

fn acceptance(minute: i64, outcome: PollOutcome, holdings: Holdings) -> Acceptance {
    Acceptance {
        poll: poll(minute, outcome),
        asked_for: "everything".to_owned(),
        pages: vec![page(minute, &format!("<html>{minute}</html>"))],
        holdings,
        changes: Vec::new(),
        known: Vec::new(),
        also_seen: Vec::new(),
        deliveries: Vec::new(),
        held: Vec::new(),
    }
}

/// What an attempt came to, as its endpoint would be judged by it ordinarily.
fn verdict(answer: &str, settlement: Settlement) -> Verdict {
    let said = if settlement == Settlement::Delivered { Said::Took } else { Said::NotThis };
    Verdict { settlement, said, answer: answer.to_owned() }
}

/// A poll that brings something of everything.
fn full(minute: i64) -> Acceptance {
    let mut all = acceptance(minute, PollOutcome::Changed, Holdings::from([held(4, "40.60"), held(5, "20.00")]));
    all.changes = vec![change("chg_1", 4, minute)];
    all.known = vec![known(4, "40.60", minute, Some("chg_1"))];
    all.deliveries = vec![delivery("dlv_1", 0)];
    all
}

#[test]
fn a_source_never_accepted_holds_nothing_and_an_empty_one_holds_an_empty_programme() {
    let (_folder, store) = store();
    assert_eq!(store.holdings(SOURCE).unwrap(), None);
    store.record_poll(&poll(1, PollOutcome::Refused), &[]).unwrap();
    store.record_poll(&poll(2, PollOutcome::NotModified), &[]).unwrap();
    assert_eq!(store.holdings(SOURCE).unwrap(), None);
    store.accept(&acceptance(3, PollOutcome::Baseline, Holdings::new())).unwrap();
    assert_eq!(store.holdings(SOURCE).unwrap(), Some(Holdings::new()));
}

#[test]
fn an_accepted_poll_comes_back_whole_from_a_database_opened_again() {
    let (folder, store) = store();
    let accepted = full(7);
    store.accept(&accepted).unwrap();
    drop(store);
    let store = open(&folder);
    assert_eq!(store.holdings(SOURCE).unwrap().as_ref(), Some(&accepted.holdings));
    assert_eq!(store.changes(&ChangeFilter::default()).unwrap(), accepted.changes);
    assert_eq!(store.change("chg_1").unwrap().as_ref(), accepted.changes.first());
    assert_eq!(store.history(&ProjectId::Iso(4)).unwrap(), [accepted.known[0].1.clone()]);
    assert_eq!(store.delivery("dlv_1").unwrap().unwrap().delivery, accepted.deliveries[0]);
    assert_eq!(store.page_bytes(&accepted.pages[0].page.sha256).unwrap().as_ref(), Some(&accepted.pages[0].bytes));
    let state = SourceState {
        asked_for: Some("everything".to_owned()),
        last_poll: Some(accepted.poll.clone()),
        last_accepted: Some(at(7)),
        n_troubles: 0,
        pages: vec![accepted.pages[0].page.clone()],
    };
    assert_eq!(store.source_state(SOURCE).unwrap(), state);
    assert_eq!(store.source_states().unwrap(), BTreeMap::from([(SOURCE.to_owned(), state)]));
    assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
}

#[test]
fn an_acceptance_that_fails_at_its_last_step_leaves_everything_as_it_was() {
    let (folder, store) = store();
    store.accept(&acceptance(1, PollOutcome::Baseline, Holdings::from([held(4, "40.20")]))).unwrap();
    let before = told(&store);
    let other = rusqlite::Connection::open(folder.path().join("watch.db")).unwrap();
    for table in ["deliveries", "delivery_changes", "known_stages", "changes", "holdings", "pages", "polls"] {
        let refuse = format!("CREATE TRIGGER no BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no'); END");
        other.execute_batch(&refuse).unwrap();
        let error = store.accept(&full(2)).unwrap_err();
        assert_eq!(error.fault(), Some(Fault::Refused), "{table}: {error}");
        other.execute_batch("DROP TRIGGER no").unwrap();
        assert_eq!(told(&store), before, "{table}");
    }
    let mut wrong = full(2);
    wrong.pages[0].page.sha256 = sha256_of(b"another page");
    assert!(matches!(store.accept(&wrong), Err(StoreError::Snapshot { .. })));
    assert_eq!(told(&store), before);
    store.accept(&full(2)).unwrap();
    assert_ne!(told(&store), before);
}

fn told(store: &Store) -> String {
    format!(
        "{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}",
        store.source_states().unwrap(),
        store.holdings(SOURCE).unwrap(),
        store.changes(&ChangeFilter::default()).unwrap(),
        store.history(&ProjectId::Iso(4)).unwrap(),
        store.deliveries(&DeliveryFilter::default()).unwrap(),
        store.page_bytes(&full(2).pages[0].page.sha256).unwrap(),
    )
}

#[test]
fn an_acceptance_written_twice_tells_nobody_twice() {
    let (_folder, store) = store();
    store.accept(&full(2)).unwrap();
    store.claim_due(at(2), 10, Duration::from_mins(1)).unwrap();
    store.accept(&full(2)).unwrap();
    assert_eq!(store.changes(&ChangeFilter::default()).unwrap().len(), 1);
    assert_eq!(store.history(&ProjectId::Iso(4)).unwrap().len(), 1);
    assert_eq!(store.outbox_counts().unwrap().n_under_way, 1);
    assert_eq!(store.claim_due(at(2), 10, Duration::from_mins(1)).unwrap(), []);
}

#[test]
fn holdings_follow_the_programme_and_keep_what_is_not_theirs() {
    let (_folder, store) = store();
    let mut elsewhere = acceptance(0, PollOutcome::Baseline, Holdings::from([held(4, "40.00")]));
    elsewhere.poll.source = "elsewhere".to_owned();
    store.accept(&elsewhere).unwrap();
    let mut away = held(5, "20.00");
    away.1.missed = 2;
    for (minute, holdings) in [
        Holdings::from([held(4, "40.20"), held(5, "20.00")]),
        Holdings::from([held(4, "40.60"), away]),
        Holdings::from([held(6, "10.99"), held(4, "40.60")]),
        Holdings::new(),
    ]
    .into_iter()
    .enumerate()
    {
        store.accept(&acceptance(i64::try_from(minute).unwrap(), PollOutcome::Changed, holdings.clone())).unwrap();
        assert_eq!(store.holdings(SOURCE).unwrap(), Some(holdings));
    }
    assert_eq!(store.holdings("elsewhere").unwrap(), Some(elsewhere.holdings));
}

#[test]
fn troubles_are_counted_in_a_row_and_accept_nothing() {
    let (_folder, store) = store();
    store.accept(&acceptance(1, PollOutcome::Baseline, Holdings::from([held(4, "40.20")]))).unwrap();
    let mut failed = poll(2, PollOutcome::Failed);
    (failed.status, failed.why) = (None, Some("no answer within 60 s".to_owned()));
    for trouble in [failed.clone(), poll(3, PollOutcome::Doubtful), poll(4, PollOutcome::Refused)] {
        let validators = [PageValidators { url: URL.to_owned(), etag: None, last_modified: None }];
        store.record_poll(&trouble, &validators).unwrap();
    }
    let state = store.source_state(SOURCE).unwrap();
    assert_eq!((state.n_troubles, state.last_accepted), (3, Some(at(1))));
    assert_eq!(state.pages[0].etag.as_deref(), Some("\"1\""));
    let polls = store.polls(SOURCE, 3).unwrap();
    assert_eq!(polls[0], failed);
    assert_eq!(polls.iter().map(|poll| poll.at).collect::<Vec<_>>(), [at(2), at(3), at(4)]);

    let validators = [PageValidators {
        url: URL.to_owned(),
        etag: None,
        last_modified: Some("Sun, 10 May 2026 10:00:00 GMT".to_owned()),
    }];
    store.record_poll(&poll(5, PollOutcome::NotModified), &validators).unwrap();
    let state = store.source_state(SOURCE).unwrap();
    assert_eq!((state.n_troubles, state.last_accepted), (0, Some(at(5))));
    assert_eq!((&state.pages[0].etag, &state.pages[0].last_modified), (&None, &validators[0].last_modified));
    store.record_poll(&poll(6, PollOutcome::Failed), &[]).unwrap();
    assert_eq!(store.source_state(SOURCE).unwrap().n_troubles, 1);
}

#[test]
fn a_page_keeps_the_moment_its_bytes_were_first_brought_until_they_change() {
    let (_folder, store) = store();
    let take = |minute: i64, text: &str| {
        let mut accepted = acceptance(minute, PollOutcome::Unchanged, Holdings::new());
        accepted.pages = vec![page(minute, text)];
        store.accept(&accepted).unwrap();
        let page = store.source_state(SOURCE).unwrap().pages.remove(0);
        (page.at, page.etag.unwrap())
    };
    assert_eq!(take(1, "a"), (at(1), "\"1\"".to_owned()));
    assert_eq!(take(2, "a"), (at(1), "\"2\"".to_owned()));
    assert_eq!(take(3, "b"), (at(3), "\"3\"".to_owned()));
    assert_eq!(take(4, "a"), (at(4), "\"4\"".to_owned()));
    let snapshot = store.snapshot(&sha256_of(b"a")).unwrap().unwrap();
    let sighting = |minute: i64| Sighting {
        source: SOURCE.to_owned(),
        url: URL.to_owned(),
        at: at(minute),
        content_type: Some("text/html; charset=gbk".to_owned()),
        headers: page(minute, "a").headers,
    };
    assert_eq!((snapshot.size_bytes, snapshot.sightings), (1, vec![sighting(1), sighting(4)]));
    assert_eq!(store.snapshot(&sha256_of(b"c")).unwrap(), None);
}

#[test]
fn only_the_latest_page_that_was_not_believed_is_kept() {
    let (_folder, store) = store();
    assert_eq!(store.bad_page(SOURCE).unwrap(), None);
    for bad in [page(1, "<html>blocked</html>"), page(2, "<html>captcha</html>")] {
        store.keep_bad_page(SOURCE, &bad).unwrap();
        assert_eq!(store.bad_page(SOURCE).unwrap(), Some(bad));
    }
    assert_eq!(store.source_state(SOURCE).unwrap().pages, []);
}

#[test]
fn stages_come_in_the_order_in_which_they_were_noted_whatever_the_clock_said() {
    let (_folder, store) = store();
    let mut accepted = acceptance(9, PollOutcome::Changed, Holdings::new());
    accepted.known = vec![
        known(4, "正在征求意见", 8, Some("chg_1")),
        known(4, "正在起草", 7, None),
        known(4, "正在起草", 9, Some("chg_2")),
        known(5, "10.99", 9, None),
    ];
    store.accept(&accepted).unwrap();
    let ids = [ProjectId::Iso(4), ProjectId::Iso(5), ProjectId::Sac("20230259-T-469".to_owned())];
    let stages = store.known_stages(&ids).unwrap();
    let stage = |position: usize| accepted.known[position].1.clone();
    assert_eq!(
        stages,
        BTreeMap::from([(ProjectId::Iso(4), vec![stage(0), stage(1), stage(2)]), (ProjectId::Iso(5), vec![stage(3)])])
    );
    let many: Vec<ProjectId> = (1000..2700).map(ProjectId::Iso).chain(ids).collect();
    assert_eq!(store.known_stages(&many).unwrap(), stages);
}

#[test]
fn changes_are_found_by_moment_source_and_project_and_a_limit_keeps_the_newest() {
    let (_folder, store) = store();
    let mut accepted = acceptance(9, PollOutcome::Changed, Holdings::new());
    accepted.changes =
        vec![change("chg_3", 4, 3), change("chg_1", 4, 1), change("chg_2b", 5, 2), change("chg_2a", 4, 2)];
    accepted.changes[2].evidence.source = "elsewhere".to_owned();
    store.accept(&accepted).unwrap();
    let ids = |filter: ChangeFilter| -> Vec<String> {
        store.changes(&filter).unwrap().into_iter().map(|change| change.id).collect()
    };
    let all = ChangeFilter::default();
    assert_eq!(ids(all.clone()), ["chg_1", "chg_2a", "chg_2b", "chg_3"]);
    assert_eq!(ids(ChangeFilter { limit: Some(2), ..all.clone() }), ["chg_2b", "chg_3"]);
    assert_eq!(ids(ChangeFilter { since: Some(at(2)), until: Some(at(3)), ..all.clone() }), ["chg_2a", "chg_2b"]);
    assert_eq!(ids(ChangeFilter { source: Some("elsewhere".to_owned()), ..all.clone() }), ["chg_2b"]);
    let of_project = ChangeFilter { project: Some(ProjectId::Iso(4)), since: Some(at(2)), ..all };
    assert_eq!(ids(of_project), ["chg_2a", "chg_3"]);
    assert_eq!(store.change("chg_9").unwrap(), None);
}

#[test]
fn other_sources_that_show_a_change_later_are_kept_beside_it() {
    let (_folder, store) = store();
    store.accept(&full(2)).unwrap();
    for (minute, source) in [(5, "iso-4"), (4, "openstd"), (6, "openstd")] {
        let mut accepted = acceptance(minute, PollOutcome::Changed, Holdings::new());
        accepted.poll.source = source.to_owned();
        accepted.also_seen = vec!["chg_1".to_owned(), "chg_nobody_recorded".to_owned()];
        store.accept(&accepted).unwrap();
    }
    assert_eq!(store.change("chg_1").unwrap().unwrap().also_seen_at, ["openstd", "iso-4"]);
}

#[test]
fn projects_are_found_by_id_by_number_and_by_a_part_of_the_reference() {
    let (_folder, store) = store();
    let mut plan = held(27, "正在起草");
    plan.1.project = Project::new(ProjectId::Sac("20230259-T-469".to_owned()), "网络安全技术 100%_");
    plan.0 = plan.1.project.id.clone();
    let mut accepted = acceptance(1, PollOutcome::Baseline, Holdings::from([held(4, "40.20"), held(44, "20.00")]));
    store.accept(&accepted).unwrap();
    accepted.poll.source = "plans".to_owned();
    accepted.holdings = Holdings::from([held(4, "40.60"), plan]);
    store.accept(&accepted).unwrap();
    let found = |text: &str| -> Vec<String> {
        let filter = ProjectFilter { source: None, text: Some(text.to_owned()) };
        let found = store.projects(&filter).unwrap();
        found.into_iter().map(|(source, held)| format!("{source} {}", held.project.id)).collect()
    };
    assert_eq!(found("iso:4"), ["plans iso:4", "sc27 iso:4"]);
    assert_eq!(found("44"), ["sc27 iso:44"]);
    assert_eq!(found("20230259-t-469"), ["plans sac:20230259-T-469"]);
    assert_eq!(found("iec dis 4"), ["plans iso:4", "sc27 iso:4", "sc27 iso:44"]);
    assert_eq!(found("安全"), ["plans sac:20230259-T-469"]);
    assert_eq!(found("%_"), ["plans sac:20230259-T-469"]);
    assert_eq!(found("iso:_"), Vec::<String>::new());
    let of_source = ProjectFilter { source: Some("plans".to_owned()), text: None };
    assert_eq!(store.projects(&of_source).unwrap().len(), 2);
}

#[test]
fn a_backup_is_one_file_that_opens_and_never_replaces_another() {
    let (folder, store) = store();
    store.accept(&full(2)).unwrap();
    let file = folder.path().join("copy.db");
    store.backup(&file).unwrap();
    store.accept(&acceptance(3, PollOutcome::Unchanged, Holdings::new())).unwrap();
    assert!(matches!(store.backup(&file), Err(StoreError::BackupExists(_))));
    let beside: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("copy"))
        .collect();
    assert_eq!(beside, ["copy.db"]);
    let copy = Store::open(&Settings { database: file }).unwrap();
    assert_eq!(copy.source_state(SOURCE).unwrap().last_accepted, Some(at(2)));
    assert_eq!(copy.changes(&ChangeFilter::default()).unwrap(), full(2).changes);
    assert_eq!(copy.integrity_check().unwrap(), Vec::<String>::new());
    std::fs::write(folder.path().join("letter.txt"), "not a folder").unwrap();
    let nowhere = store.backup(&folder.path().join("letter.txt/copy.db")).unwrap_err();
    assert!(nowhere.to_string().contains("letter.txt/copy.db"), "{nowhere}");
}

#[test]
fn two_who_would_write_are_told_of_each_other_and_readers_are_not_kept_out() {
    let (folder, daemon) = store();
    let held = daemon.lock().unwrap();
    let command = open(&folder);
    let error = command.lock().unwrap_err();
    assert!(error.to_string().contains(&format!("is in use by process {}", std::process::id())), "{error}");
    daemon.accept(&full(1)).unwrap();
    assert_eq!(command.holdings(SOURCE).unwrap(), daemon.holdings(SOURCE).unwrap());
    assert!(command.redeliver("dlv_1", at(5)).unwrap());
    drop(held);
    command.lock().unwrap();
}

#[test]
fn a_record_that_cannot_be_read_is_an_error_and_not_a_project_less() {
    let (folder, store) = store();
    store.accept(&full(1)).unwrap();
    let other = rusqlite::Connection::open(folder.path().join("watch.db")).unwrap();
    other.execute_batch("UPDATE holdings SET record = '{}' WHERE project = 'iso:4'").unwrap();
    let error = store.holdings(SOURCE).unwrap_err();
    assert!(error.to_string().contains("a row has `{}` in its column `record`"), "{error}");
    assert!(!error.is_transient());
}

#[test]
fn many_threads_share_one_store() {
    let (_folder, store) = store();
    std::thread::scope(|scope| {
        for thread in 0..4_i64 {
            let store = store.clone();
            scope.spawn(move || {
                for minute in 0..10 {
                    let mut accepted = acceptance(minute, PollOutcome::Changed, Holdings::from([held(4, "40.20")]));
                    accepted.poll.source = format!("source-{thread}");
                    store.accept(&accepted).unwrap();
                    assert_eq!(store.holdings(&accepted.poll.source).unwrap(), Some(accepted.holdings));
                }
            });
        }
    });
    assert_eq!(store.source_states().unwrap().len(), 4);
    assert_eq!(store.polls("source-3", 100).unwrap().len(), 10);
}
