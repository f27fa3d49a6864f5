//! A process that accepts, claims and settles without pause, killed again and again at no particular moment: what it had been told is
//! done, is done. This finds transactions that are not whole; power cuts, which a kill does not imitate, are for `synchronous = FULL`.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use stagewatch::store::{DeliveryState, Settlement};

use super::{
    Acceptance, ChangeFilter, DeliveryFilter, Duration, Held, Holdings, PollOutcome, ProjectId, SOURCE, Settings,
    Store, acceptance, at, change, delivery, held, known, page, verdict,
};

const FOLDER: &str = "STAGEWATCH_TEST_KILLED_IN";
const N_KILLS: usize = 24;

/// The poll of that number: everything in it says which it is.
fn numbered(number: i64) -> Acceptance {
    let printed = format!("40.{number}");
    let rows: Vec<String> =
        (0..200).map(|row| format!("<tr><td>{row}</td><td>{}</td></tr>", (row * number) % 7)).collect();
    let mut all = acceptance(number, PollOutcome::Changed, Holdings::from([held(4, &printed), held(5, "20.00")]));
    all.pages = vec![page(number, &format!("<table>{number}{}</table>", rows.concat()))];
    all.changes = vec![change(&format!("chg_{number:06}"), 4, number)];
    all.changes[0].sequence = number.unsigned_abs();
    all.known = vec![known(4, &printed, number, Some(&format!("chg_{number:06}")))];
    all.deliveries = vec![delivery(&format!("dlv_{number:06}"), 0)];
    all
}

fn n_accepted(store: &Store) -> i64 {
    i64::try_from(store.changes(&ChangeFilter::default()).unwrap().len()).unwrap()
}

/// Accepts the next polls and settles what is due, saying so after each.
fn work(folder: &Path, n_polls: i64, mut say: impl FnMut(String)) {
    let store = Store::open(&Settings { database: folder.join("watch.db") }).unwrap();
    let _exclusive = store.lock().unwrap();
    let next = n_accepted(&store) + 1;
    for number in next..next + n_polls {
        store.accept(&numbered(number)).unwrap();
        say(format!("accepted {number}"));
        // The clock of the test runs so fast that the leases of those killed before have run out.
        for claimed in store.claim_due(at(number * 10), 3, Duration::from_mins(1)).unwrap() {
            let id = &claimed.delivery.id;
            let settled = store
                .settle(id, claimed.n_attempts, &verdict("250 Ok", Settlement::Delivered), at(number * 10))
                .unwrap();
            assert!(settled);
            say(format!("delivered {id}"));
        }
    }
}

/// On its own a short stretch of the work; for [`nothing_acknowledged_is_lost_when_the_process_is_killed`] the process that is killed.
#[test]
#[expect(clippy::disallowed_methods, reason = "how the process that is to be killed learns where to work")]
fn polls_are_accepted_and_delivered_one_after_the_other() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        let mut out = std::io::stdout().lock();
        work(Path::new(&folder), i64::from(u16::MAX), |line| {
            writeln!(out, "\nsaid {line}").unwrap();
            out.flush().unwrap();
        });
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut said = Vec::new();
    work(folder.path(), 2, |line| said.push(line));
    assert_eq!(said, ["accepted 1", "delivered dlv_000001", "accepted 2", "delivered dlv_000002"]);
}

fn worker(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "store::kills::polls_are_accepted_and_delivered_one_after_the_other", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// Lets the process say a few things, kills it a moment later, and gives everything it said whole.
fn said_until_killed(folder: &Path, n_lines: usize, moment: Duration) -> Vec<String> {
    let mut worker = worker(folder);
    let mut out = BufReader::new(worker.stdout.take().unwrap());
    let mut said = Vec::new();
    let mut line = String::new();
    let mut killed = false;
    while out.read_line(&mut line).unwrap() > 0 {
        if let Some(rest) = line.strip_prefix("said ").and_then(|rest| rest.strip_suffix('\n')) {
            said.push(rest.to_owned());
        }
        if !killed && said.len() >= n_lines {
            std::thread::sleep(moment);
            worker.kill().unwrap();
            killed = true;
        }
        line.clear();
    }
    worker.wait().unwrap();
    assert!(killed, "the process ended by itself after {said:?}");
    said
}

#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut chance = fastrand::Rng::with_seed(27_260);
    let (mut last_accepted, mut delivered) = (0, Vec::new());
    for _ in 0..N_KILLS {
        let moment = Duration::from_micros(chance.u64(0..6000));
        for line in said_until_killed(folder.path(), chance.usize(1..12), moment) {
            match line.split_once(' ').unwrap() {
                ("accepted", number) => last_accepted = number.parse().unwrap(),
                ("delivered", id) => delivered.push(id.to_owned()),
                other => panic!("{other:?}"),
            }
        }
        check(folder.path(), last_accepted, &delivered);
    }
    assert!(delivered.len() >= N_KILLS / 2, "{}", delivered.len());
    // Those whose dispatcher was killed between claiming and settling are due again like any other.
    work(folder.path(), 5, |_| {});
    let store = Store::open(&Settings { database: folder.path().join("watch.db") }).unwrap();
    assert_eq!(store.next_due().unwrap(), None);
    assert_eq!(store.outbox_counts().unwrap().n_delivered, u64::try_from(n_accepted(&store)).unwrap());
}

/// Everything acknowledged is there, at most one poll that was not, and that one whole.
fn check(folder: &Path, last_accepted: i64, delivered: &[String]) {
    let store = Store::open(&Settings { database: folder.join("watch.db") }).unwrap();
    assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
    let last = n_accepted(&store);
    assert!((last_accepted..=last_accepted + 1).contains(&last), "{last} after {last_accepted}");
    let wanted = numbered(last);
    let state = store.source_state(SOURCE).unwrap();
    assert_eq!(state.last_poll, Some(wanted.poll));
    assert_eq!(store.page_bytes(&state.pages[0].sha256).unwrap().as_ref(), Some(&wanted.pages[0].bytes));
    assert_eq!(store.holdings(SOURCE).unwrap(), Some(wanted.holdings));
    assert_eq!(store.changes(&ChangeFilter { limit: Some(1), ..Default::default() }).unwrap(), wanted.changes);
    let stages = store.history(&ProjectId::Iso(4)).unwrap();
    assert_eq!(
        (stages.len(), stages.last()),
        (usize::try_from(last).unwrap(), wanted.known.first().map(|(_, stage)| stage))
    );
    let outbox = store.deliveries(&DeliveryFilter::default()).unwrap();
    assert_eq!(outbox.len(), stages.len());
    for found in outbox.iter().filter(|found| delivered.contains(&found.delivery.id)) {
        assert_eq!(found.state, DeliveryState::Delivered, "{}", found.delivery.id);
    }
    let Held { project, .. } = store.holdings(SOURCE).unwrap().unwrap().remove(&ProjectId::Iso(4)).unwrap();
    assert_eq!(project.stage.unwrap().printed, format!("40.{last}"));
}
