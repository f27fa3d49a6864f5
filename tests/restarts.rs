//! Killed at any moment: nothing is lost, nothing goes out under a second id, and the next start finishes what was begun.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use stagewatch::demo::hook::reply::Reply;
use stagewatch::demo::pages::refusals;
use stagewatch::store::DeliveryState;
use stagewatch::store::changes::ChangeFilter;
use stagewatch::store::deliveries::DeliveryFilter;

use crate::operators;
use crate::support::{OPEN_DATA, Running, SOON, World, output_of};

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_writing_a_change_and_delivering_it_the_same_id_is_delivered_by_the_next_start() {
    let world = World::start().await;
    world.show("40.60");
    assert_eq!(output_of(&mut world.program(&["once"])).2, 0);
    world.show("50.00");
    // The receiver takes its time: the kill comes while the attempt is under way.
    world.hook.answer_next(Reply::of(204).after(Duration::from_mins(1)));
    let once = Running::start(world.program(&["once"]));
    world.hook.wait_for_attempts(1, SOON).await.unwrap();
    once.signal("-KILL");
    drop(once);
    let before: BTreeSet<String> = world
        .house()
        .store
        .deliveries(&DeliveryFilter::default())
        .unwrap()
        .into_iter()
        .map(|sent| sent.delivery.id)
        .collect();
    assert_eq!(before.len(), 3);

    let mut run = Running::start(world.program(&["run"]));
    let arrived = world.hook.wait_for_attempts(2, SOON).await.unwrap();
    assert_eq!(arrived[0].id, arrived[1].id);
    assert_eq!(arrived[0].raw, arrived[1].raw);
    let mails = world.inbox.wait_for(2, SOON).await.unwrap();
    assert!(mails.len() <= 4, "at least once, and not for ever: {}", mails.len());

    let asked = Instant::now();
    run.signal("-TERM");
    assert_eq!(run.exit_within(Duration::from_secs(5)), Some(0), "stopped as asked, within five seconds");
    assert!(asked.elapsed() < Duration::from_secs(5));

    let after = world.house().store.deliveries(&DeliveryFilter::default()).unwrap();
    assert_eq!(after.iter().map(|sent| sent.delivery.id.clone()).collect::<BTreeSet<_>>(), before);
    assert!(after.iter().all(|sent| sent.state == DeliveryState::Delivered), "the outbox is not empty: {after:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_every_move_is_told_under_one_id() {
    let world = World::start().await;
    world.show("40.00");
    assert_eq!(output_of(&mut world.program(&["once"])).2, 0);
    let stages = ["40.20", "40.60", "50.00", "50.20", "50.60", "60.00"];
    for (turn, stage) in stages.iter().enumerate() {
        world.show(stage);
        let once = Running::start(world.program(&["once"]));
        // Spread over the life of the command, which is some tens of milliseconds.
        tokio::time::sleep(Duration::from_millis(15 * turn as u64)).await;
        once.signal("-KILL");
    }
    assert_eq!(output_of(&mut world.program(&["once"])).2, 0);

    let house = world.house();
    let changes = house.store.changes(&ChangeFilter::default()).unwrap();
    let last = changes.last().unwrap().change.after.stage.clone().unwrap();
    assert_eq!(last.printed, "60.00");
    for pair in changes.windows(2) {
        let (earlier, later) = (&pair[0].change, &pair[1].change);
        assert_eq!(Some(&earlier.after.stage), later.before.as_ref().map(|before| &before.stage), "a move is missing");
    }
    let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for delivery in world.hook.deliveries() {
        let change = delivery.body["data"]["id"].as_str().unwrap().to_owned();
        ids.entry(change).or_default().insert(delivery.id);
    }
    assert_eq!(
        ids.keys().cloned().collect::<Vec<_>>(),
        changes.iter().map(|change| change.id.clone()).collect::<Vec<_>>()
    );
    assert!(ids.values().all(|ids| ids.len() == 1), "one change, one id: {ids:?}");
    let open = house.store.outbox_counts().unwrap();
    assert_eq!((open.n_waiting, open.n_under_way, open.n_failed), (0, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_what_was_held_is_let_go_everything_is_told_once() {
    let world = World::start().await;
    let running = std::fs::read_to_string(world.configuration()).unwrap();
    let paused = running.replace("id = \"machine\"", "id = \"machine\"\npaused = \"hold\"");
    std::fs::write(world.configuration(), &paused).unwrap();
    for stage in ["40.20", "40.60", "50.00", "50.20"] {
        world.show(stage);
        assert_eq!(output_of(&mut world.program(&["once"])).2, 0);
    }
    assert_eq!(world.house().store.held().unwrap().len(), 3);
    assert_eq!(world.hook.deliveries().len(), 0);
    std::fs::write(world.configuration(), &running).unwrap();
    for turn in 0..6 {
        let once = Running::start(world.program(&["once"]));
        tokio::time::sleep(Duration::from_millis(12 * turn)).await;
        once.signal("-KILL");
    }
    assert_eq!(output_of(&mut world.program(&["once"])).2, 0);
    let house = world.house();
    assert_eq!(house.store.held().unwrap(), []);
    let changes = house.store.changes(&ChangeFilter::default()).unwrap();
    let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for delivery in world.hook.deliveries() {
        ids.entry(delivery.body["data"]["id"].as_str().unwrap().to_owned()).or_default().insert(delivery.id);
    }
    assert_eq!(ids.keys().collect::<Vec<_>>(), changes.iter().map(|change| &change.id).collect::<Vec<_>>());
    assert!(ids.values().all(|ids| ids.len() == 1), "one change, one id: {ids:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_the_steps_of_an_alarm_its_beginning_and_its_end_are_told_under_one_id_each() {
    let world = operators::world().await;
    world.show("40.60");
    assert_eq!(output_of(&mut world.program(&["once"])).2, 0);
    world.body.set_page(OPEN_DATA, refusals::blocked());
    for _ in 0..2 {
        output_of(&mut world.program(&["once"]));
    }
    assert_eq!(world.hook.attempts().len(), 0, "two in a row may pass");
    // The kill comes while the third is being told of.
    world.hook.answer_next(Reply::of(204).after(Duration::from_mins(1)));
    let once = Running::start(world.program(&["once"]));
    world.hook.wait_for_attempts(1, SOON).await.unwrap();
    once.signal("-KILL");
    drop(once);
    let killed_at_any_moment = async || {
        for turn in 0..6 {
            let once = Running::start(world.program(&["once"]));
            tokio::time::sleep(Duration::from_millis(20 * turn)).await;
            once.signal("-KILL");
        }
        output_of(&mut world.program(&["once"]));
    };
    killed_at_any_moment().await;
    assert_eq!(world.house().store.alarms().unwrap().len(), 1);
    world.show("40.60");
    killed_at_any_moment().await;

    let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for attempt in world.hook.attempts() {
        ids.entry(attempt.body["type"].as_str().unwrap().to_owned()).or_default().insert(attempt.id);
    }
    assert_eq!(ids.keys().collect::<Vec<_>>(), ["source.doubtful", "source.recovered"]);
    assert!(ids.values().all(|ids| ids.len() == 1), "one word, one id: {ids:?}");
    let store = world.house().store;
    let written = store.deliveries(&DeliveryFilter::default()).unwrap();
    assert_eq!(written.len(), 4, "by mail and by webhook: {written:?}");
    assert!(written.iter().all(|sent| sent.state == DeliveryState::Delivered), "{written:?}");
    assert_eq!(store.alarms().unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_one_on_the_same_database_is_refused_with_the_reason() {
    let world = World::start().await;
    world.show("40.60");
    let run = Running::start(world.program(&["run"]));
    world.body.wait_for(1, SOON).await.unwrap();
    let (_, stderr, code) = output_of(&mut world.program(&["once"]));
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains(&run.child.id().to_string()), "the error names the process that holds it: {stderr}");
    // Looking is allowed meanwhile.
    assert_ne!(output_of(&mut world.program(&["status"])).2, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn unreachable_sources_are_told_with_the_next_poll_and_the_service_keeps_running() {
    let elsewhere = r#"
[[source]]
id = "gone"
format = "samr-plans"
url = "http://127.0.0.1:9/plans"
"#;
    let world = World::with(elsewhere).await;
    world.show("40.60");
    let mut command = world.program(&["run"]);
    command.stderr(std::process::Stdio::piped());
    let mut run = Running::start(command);
    let stderr = run.child.stderr.take().unwrap();
    let told = tokio::task::spawn_blocking(move || {
        use std::io::BufRead;
        std::io::BufReader::new(stderr)
            .lines()
            .map_while(Result::ok)
            .find(|line| line.contains("could not poll `gone`"))
    });
    let line = tokio::time::timeout(SOON, told).await.unwrap().unwrap().unwrap();
    assert!(line.contains("next poll at 20"), "{line}");
    assert_eq!(run.child.try_wait().unwrap(), None, "one source in trouble must not end the service");
    run.signal("-TERM");
    assert_eq!(run.exit_within(Duration::from_secs(5)), Some(0));
}
