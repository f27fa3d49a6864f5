//! The service as its manager and its administrator see it: what it says of itself, and what it does when it is asked.

use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use stagewatch::demo::pages::iso_open_data::{Row, lines};
use stagewatch::logging::events::EVENTS;
use stagewatch::store::DeliveryState;
use stagewatch::store::deliveries::DeliveryFilter;

use crate::deliver::services::{self, Services};
use crate::support::{Running, SOON, World, output_of, program};

/// The side of the service manager that hears.
struct Manager {
    socket: UnixDatagram,
    path: PathBuf,
    heard: Vec<String>,
}

impl Manager {
    fn in_world(world: &World) -> Manager {
        let path = world.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        Manager { socket, path, heard: Vec::new() }
    }

    /// The service, with a watchdog that wants to hear of it every so often.
    fn start(&self, world: &World, watchdog: Duration) -> Running {
        let mut command = world.program(&["run"]);
        command.env("NOTIFY_SOCKET", &self.path).env("WATCHDOG_USEC", watchdog.as_micros().to_string());
        command.stderr(Stdio::null()).stdout(Stdio::null());
        Running::start(command)
    }

    /// Everything up to the first datagram with this in it.
    fn hear(&mut self, wanted: &str) -> Vec<String> {
        let begun = Instant::now();
        let from = self.heard.len();
        let mut buffer = [0; 4096];
        while begun.elapsed() < SOON {
            let Ok(length) = self.socket.recv(&mut buffer) else { continue };
            let datagram = String::from_utf8_lossy(&buffer[..length]).into_owned();
            self.heard.push(datagram);
            if self.heard.last().unwrap().contains(wanted) {
                return self.heard[from..].to_vec();
            }
        }
        panic!("never heard `{wanted}`, but {:?}", &self.heard[from..]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ready_is_said_once_alive_by_the_loops_and_the_end_is_announced() {
    let world = World::start().await;
    world.show("40.60");
    let mut manager = Manager::in_world(&world);
    let mut run = manager.start(&world, Duration::from_millis(400));
    let before = manager.hear("READY=1");
    assert!(!before.iter().any(|word| word.contains("WATCHDOG")), "{before:?}");
    manager.hear("STATUS=1 source, last poll 20");
    let begun = Instant::now();
    for _ in 0..5 {
        manager.hear("WATCHDOG=1");
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "at least twice in each interval");
    run.signal("-TERM");
    let last = manager.hear("STOPPING=1");
    assert!(!last.iter().any(|word| word.contains("READY=1")), "{last:?}");
    assert_eq!(run.exit_within(Duration::from_secs(5)), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_configuration_is_swapped_whole_while_the_service_runs() {
    let world = World::start().await;
    world.show("40.60");
    world.body.set_page(
        "/other.jsonl",
        stagewatch::demo::body::answer::Answer::json_lines(lines(&[Row::of(
            900_003,
            "ISO/IEC CD 90003",
            "A fourth one",
            "30.20",
        )])),
    );
    let mut manager = Manager::in_world(&world);
    let _run = manager.start(&world, Duration::from_mins(1));
    manager.hear("READY=1");
    world.body.wait_for(1, SOON).await.unwrap();

    let text = std::fs::read_to_string(world.configuration()).unwrap();
    let source = format!(
        "[[source]]\nid = \"other\"\nformat = \"iso-open-data\"\nurl = \"{}\"\nignore-robots = true\n",
        world.body.url("/other.jsonl")
    );
    std::fs::write(world.configuration(), format!("{text}\n{source}")).unwrap();
    let (stdout, stderr, code) = output_of(&mut world.program(&["reload"]));
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(stdout, "the new configuration is in force: 2 sources, 1 watch, 2 subscribers\n");
    let words = manager.hear("READY=1");
    let reloading = words.iter().find(|word| word.contains("RELOADING=1")).unwrap();
    assert!(reloading.contains("MONOTONIC_USEC="), "in the same datagram: {reloading}");
    manager.hear("STATUS=2 sources");
    let begun = Instant::now();
    while world.body.n_requests("/other.jsonl") == 0 {
        assert!(begun.elapsed() < SOON, "the new source was never asked");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(output_of(&mut world.program(&["health"])).0, "polls and deliveries are moving\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_configuration_is_refused_with_its_problems_and_the_old_one_stays() {
    let world = World::start().await;
    world.show("40.60");
    let mut manager = Manager::in_world(&world);
    let run = manager.start(&world, Duration::from_mins(1));
    manager.hear("READY=1");
    let text = std::fs::read_to_string(world.configuration()).unwrap();

    std::fs::write(world.configuration(), text.replace("[[watch]]", "[[wacht]]")).unwrap();
    let (_, stderr, code) = output_of(&mut world.program(&["reload"]));
    assert!(code == 78 && stderr.contains("wacht"), "{code} {stderr}");
    assert!(stderr.starts_with("the new configuration was refused, the old one stays in force:\n"), "{stderr}");
    manager.hear("READY=1");
    // A signal does the same.
    run.signal("-HUP");
    manager.hear("RELOADING=1");
    manager.hear("READY=1");
    manager.hear("STATUS=1 source");

    let elsewhere = world.path().join("elsewhere.db");
    std::fs::write(world.configuration(), text.replace("stagewatch.db", "elsewhere.db")).unwrap();
    std::os::unix::fs::symlink(world.path().join("stagewatch.db.socket"), elsewhere.with_extension("db.socket"))
        .unwrap();
    let (_, stderr, code) = output_of(&mut world.program(&["reload"]));
    assert!(code == 78 && stderr.contains("state.database cannot change while the service runs"), "{code} {stderr}");
    std::fs::write(world.configuration(), text).unwrap();
    assert_eq!(output_of(&mut world.program(&["health"])).2, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_service_runs_the_question_fails_and_says_why() {
    let world = World::start().await;
    for question in ["reload", "health"] {
        let (_, stderr, code) = output_of(&mut world.program(&[question]));
        assert!(code == 1 && stderr.contains("no service answers for the database"), "{code} {stderr}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_polled_when_somebody_asks_for_it() {
    let world = World::start().await;
    world.show("40.60");
    let mut manager = Manager::in_world(&world);
    let _run = manager.start(&world, Duration::from_mins(1));
    manager.hear("STATUS=1 source, last poll");
    world.show("50.00");
    let (stdout, stderr, code) = output_of(&mut world.program(&["poll", "open-data"]));
    assert!(code == 0 && stdout.starts_with("open-data is polled now"), "{stdout}{stderr}");
    world.hook.wait_for(1, SOON).await.unwrap();
    let (_, stderr, code) = output_of(&mut world.program(&["poll", "nowhere"]));
    assert!(code == 1 && stderr.contains("open-data"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_service_finds_is_posted_to_groups_of_chat_once_each() {
    let services = Services::start().await;
    let chat = format!(
        "[[subscriber]]\nid = \"groups\"\nwatches = [\"one\"]\nlanguage = \"both\"\n[subscriber.feishu]\nurl = \"{0}/open-apis/bot/v2/hook/KEY\"\n\
         secret-file = \"feishu-secret\"\n[subscriber.slack]\nurl = \"{0}/services/T0/B0/KEY\"\n",
        services.address
    );
    let world = World::with(&chat).await;
    std::fs::write(world.path().join("feishu-secret"), services::SECRET).unwrap();
    world.show("40.60");
    let mut manager = Manager::in_world(&world);
    let mut run = manager.start(&world, Duration::from_secs(20));
    manager.hear("STATUS=1 source, last poll 20");
    assert_eq!(services.taken().len(), 0, "what was there at first contact is no news");
    world.show("50.00");
    let (_, stderr, code) = output_of(&mut world.program(&["poll"]));
    assert_eq!(code, 0, "{stderr}");
    let begun = Instant::now();
    while services.taken().len() < 2 && begun.elapsed() < SOON {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    run.signal("-TERM");
    assert_eq!(run.exit_within(Duration::from_secs(5)), Some(0));

    let taken = services.taken();
    let mut to: Vec<&str> = taken.iter().map(|message| message.service).collect();
    to.sort_unstable();
    assert_eq!(to, ["feishu", "slack"], "once each");
    for message in &taken {
        let text = message.body.to_string();
        for words in ["ISO/IEC FDIS 27071", "50.00", "Trusted connections"] {
            assert!(text.contains(words), "{words} is not in what {} took: {text}", message.service);
        }
    }
    let written = world.house().store.deliveries(&DeliveryFilter::default()).unwrap();
    let to_groups: Vec<_> = written.iter().filter(|sent| sent.delivery.subscriber == "groups").collect();
    assert_eq!(to_groups.len(), 2, "{written:?}");
    assert!(to_groups.iter().all(|sent| sent.state == DeliveryState::Delivered), "{to_groups:?}");
}

#[test]
fn every_kind_of_event_is_explained_in_the_catalog() {
    let catalog = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/stagewatch.catalog")).unwrap();
    let explained: Vec<&str> = catalog.lines().filter_map(|line| line.strip_prefix("-- ")).collect();
    let mut known: Vec<&str> = EVENTS.iter().map(|(_, id)| *id).collect();
    assert!(known.iter().all(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())));
    known.sort_unstable();
    known.dedup();
    assert_eq!(known.len(), EVENTS.len(), "an id is of one kind");
    let mut sorted = explained.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, known);
}

#[test]
fn there_is_a_manual_page_for_every_command() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(output_of(program().args(["man", "--folder"]).arg(folder.path())).2, 0);
    let help = output_of(program().arg("--help")).0;
    let commands: Vec<&str> = help
        .split_once("Commands:\n")
        .unwrap()
        .1
        .lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|command| *command != "help")
        .collect();
    assert!(commands.contains(&"run") && commands.len() > 10, "{commands:?}");
    for command in commands {
        let page = std::fs::read_to_string(folder.path().join(format!("stagewatch-{command}.1"))).unwrap();
        assert!(page.contains(&format!("stagewatch\\-{command}")), "{page}");
    }
    let (page, _, _) = output_of(program().arg("man"));
    assert_eq!(page, std::fs::read_to_string(folder.path().join("stagewatch.1")).unwrap());
}
