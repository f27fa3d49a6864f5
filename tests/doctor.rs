//! What the doctor finds, right and wrong in each way: each a line with its remedy, and an exit code for scripts.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::Value;
use stagewatch::demo::body::answer::Answer;
use stagewatch::demo::inbox::refusals::Turn;

use crate::support::{OPEN_DATA, World, output_of, polled};

fn allow(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// A world in which all is well: polled, copied, and nobody reads the secret.
async fn well() -> World {
    well_with("").await
}

async fn well_with(more: &str) -> World {
    let world = World::with(more).await;
    allow(&world.path().join("secret"), 0o600);
    allow(world.path(), 0o700);
    world.show("40.60");
    polled(&world.house(), "open-data").await;
    let backup = world.path().join("backup.db").display().to_string();
    assert_eq!(output_of(&mut world.program(&["backup", &backup])).2, 0);
    world
}

/// The lines and the exit code.
fn told(world: &World, more: &[&str]) -> (String, i32) {
    let mut arguments = vec!["doctor"];
    arguments.extend(more);
    let (stdout, stderr, code) = output_of(&mut world.program(&arguments));
    assert!(code != 1 || stderr.contains("wrong: each line above says what to do"), "{stdout}{stderr}");
    (stdout, code)
}

/// The one line about something.
fn line<'a>(told: &'a str, what: &str) -> &'a str {
    let found = told.lines().find(|line| line.get(6..).is_some_and(|line| line.starts_with(what)));
    found.unwrap_or_else(|| panic!("nothing about {what} in\n{told}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn all_is_well_and_says_so_line_by_line() {
    let world = well().await;
    let (told, code) = told(&world, &[]);
    assert_eq!(code, 0, "{told}");
    for (what, says) in [
        ("configuration: ", "1 source, 1 watch, 2 subscribers"),
        ("permissions: ", "the database and the secret are not for everybody"),
        ("database ", "whole; "),
        ("backup: ", "the last one was written at "),
        ("service: ", "does not run: nobody has the lock"),
        ("disk of ", " free, the database has "),
        ("clock: ", "it shows 20"),
        ("time zones: ", "UTC"),
        ("names: ", "1 of 1 have an address"),
        ("mail smtp+plain://127.0.0.1:", "connected, not encrypted, as nobody"),
        ("webhook of machine: ", "1 of its 1 address may be posted to"),
        ("source open-data: ", "reachable; its page is the one that was read last"),
        ("clock beside others: ", "within five minutes of those of 1 server"),
    ] {
        let is_optional = what.starts_with("clock beside");
        if is_optional && !told.contains(what) {
            continue;
        }
        let line = line(&told, what);
        assert!(line.starts_with("good  ") && line.contains(says), "{what}: {line}");
    }
    assert!(told.lines().all(|line| line.starts_with("good  ")), "{told}");
    assert_eq!(world.inbox.messages().len(), 0, "nothing is sent");
    assert_eq!(world.hook.attempts().len(), 0, "nothing is posted");
}

#[tokio::test(flavor = "multi_thread")]
async fn json_says_the_same_and_offline_asks_nobody() {
    let world = well().await;
    let before = world.body.requests().len();
    let (told, code) = told(&world, &["--offline", "--json"]);
    assert_eq!(code, 0, "{told}");
    assert_eq!(world.body.requests().len(), before, "nobody was asked");
    let findings: Vec<Value> =
        told.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["finding"].clone()).collect();
    assert!(findings.len() >= 8, "{told}");
    let last = findings.last().unwrap();
    assert_eq!((&last["what"], &last["verdict"]), (&"network".into(), &"left-out".into()));
    assert!(
        findings[..findings.len() - 1]
            .iter()
            .all(|finding| finding["verdict"] == "good" && finding["remedy"].is_null())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_configuration_ends_it_with_its_problems() {
    let world = World::start().await;
    std::fs::write(world.configuration(), "[fetch]\npauze = \"5s\"\n").unwrap();
    let (stdout, stderr, code) = output_of(&mut world.program(&["doctor"]));
    assert_eq!((code, stdout.as_str()), (78, ""), "{stderr}");
    assert!(stderr.contains("did you mean `pause`"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_read_and_write_too_much_is_told_with_the_command_that_mends_it() {
    let world = well().await;
    allow(&world.path().join("secret"), 0o644);
    allow(&world.database(), 0o644);
    allow(world.path(), 0o777);
    let (told, code) = told(&world, &["--offline"]);
    assert_eq!(code, 1, "{told}");
    let secret = line(&told, "secret ");
    assert!(secret.starts_with("look  ") && secret.contains("; chmod 640 ") && secret.ends_with("secret"), "{secret}");
    let database = told.lines().find(|line| line.contains("stagewatch.db: everybody on this machine may read it"));
    assert!(database.is_some_and(|line| line.contains("; chmod 640 ")), "{told}");
    let folder = told.lines().find(|line| line.contains("everybody on this machine may replace the database"));
    assert!(folder.is_some_and(|line| line.starts_with("WRONG ") && line.contains("; chmod o-w ")), "{told}");
    allow(world.path(), 0o700);
    let (told, _) = self::told(&world, &["--offline"]);
    assert!(!told.contains("everybody on this machine"), "nobody comes through to them: {told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_database_a_newer_one_and_one_that_is_not_there_are_told_apart() {
    let world = well().await;
    let connection = rusqlite::Connection::open(world.database()).unwrap();
    connection.execute_batch("UPDATE schema_version SET version = version + 500").unwrap();
    let (newer, code) = told(&world, &["--offline"]);
    let database = line(&newer, "database ");
    assert!(code == 1 && database.contains("install the version that wrote it"), "{newer}");
    connection
        .execute_batch("UPDATE schema_version SET version = version - 500; UPDATE snapshots SET body = zeroblob(9)")
        .unwrap();
    drop(connection);
    let (damaged, code) = told(&world, &["--offline"]);
    let database = line(&damaged, "database ");
    assert!(
        code == 1 && database.contains("damaged: snapshot `") && database.contains("`stagewatch restore`"),
        "{damaged}"
    );
    std::fs::remove_file(world.database()).unwrap();
    let (missing, code) = told(&world, &["--offline"]);
    assert!(code == 0 && line(&missing, "database ").contains("made at the first start"), "{missing}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_runs_is_named_and_a_backup_that_is_old_or_missing_deserves_a_look() {
    let world = well().await;
    let house = world.house();
    let _lock = house.store.lock().unwrap();
    let note = world.path().join("stagewatch.db.last-backup");
    std::fs::write(&note, "2026-01-01T00:00:00Z /var/backups/old.db\n").unwrap();
    let (told_old, code) = told(&world, &["--offline"]);
    assert_eq!(code, 3, "{told_old}");
    let process = format!("runs: process {} has the lock", std::process::id());
    assert!(line(&told_old, "service: ").contains(&process), "{told_old}");
    assert!(line(&told_old, "backup: ").contains(" days ago; `stagewatch backup FILE`"), "{told_old}");
    std::fs::remove_file(note).unwrap();
    let (told_none, code) = told(&world, &["--offline"]);
    assert!(code == 3 && line(&told_none, "backup: ").starts_with("look  "), "{told_none}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_of_the_future_says_that_a_clock_is_wrong() {
    let world = well().await;
    let connection = rusqlite::Connection::open(world.database()).unwrap();
    connection.execute_batch("UPDATE polls SET at = at + 864000000000").unwrap();
    let (told, code) = told(&world, &["--offline"]);
    assert_eq!(code, 3, "{told}");
    assert!(line(&told, "clock: ").contains("one of the two is wrong; set the clock"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_is_signed_in_to_and_whatever_fails_is_told_without_the_password() {
    let world = well().await;
    world.inbox.refuse_next(421, "4.3.2 closing", Turn::Connect);
    let (busy, code) = told(&world, &[]);
    assert!(code == 1 && line(&busy, "mail ").contains("it could not be talked to"), "{busy}");
    assert!(line(&busy, "mail ").contains("421") && line(&busy, "mail ").contains("; check [mail]"), "{busy}");

    let text = std::fs::read_to_string(world.configuration()).unwrap();
    std::fs::write(world.path().join("password"), "hunter2-hunter2\n").unwrap();
    let with_user = text.replacen("[mail]\n", "[mail]\nuser = \"stagewatch\"\npassword-file = \"password\"\n", 1);
    std::fs::write(world.configuration(), with_user).unwrap();
    let (unsigned, code) = told(&world, &[]);
    let mail = line(&unsigned, "mail ");
    assert!(code == 1 && mail.starts_with("WRONG ") && mail.contains("it did not sign us in"), "{unsigned}");
    assert!(!unsigned.contains("hunter2"), "{unsigned}");

    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let elsewhere = text.replace(&world.inbox.url(), &format!("smtp+plain://{closed}"));
    std::fs::write(world.configuration(), elsewhere).unwrap();
    let (closed, code) = told(&world, &[]);
    assert!(code == 1 && line(&closed, "mail ").contains("Connection refused"), "{closed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_may_not_be_posted_to_and_a_name_without_address_are_wrong() {
    let world = well().await;
    let text = std::fs::read_to_string(world.configuration()).unwrap();
    std::fs::write(world.configuration(), text.replace("127.0.0.0/8", "10.0.0.0/8")).unwrap();
    let (stdout, _, code) = output_of(&mut world.program(&["doctor"]));
    if code != 78 {
        let hook = line(&stdout, "webhook of machine: ");
        assert!(code == 1 && hook.contains("allow-networks"), "{stdout}");
    }
    let nowhere = text.replace(&world.hook.url(), "https://no-such-host.invalid/hook");
    std::fs::write(world.configuration(), nowhere).unwrap();
    let (told, code) = told(&world, &[]);
    let hook = line(&told, "webhook of machine: ");
    assert!(code == 1 && hook.contains("it has no address") && !hook.contains("no-such-host.invalid/hook"), "{told}");
}

/// What the doctor says of the one source when it serves this.
async fn of_source(answer: Answer) -> (String, i32) {
    let world = well().await;
    world.body.set_page(OPEN_DATA, answer);
    let (told, code) = told(&world, &[]);
    assert_eq!(world.body.n_requests(OPEN_DATA), 2, "the poll before, and one request of the doctor's");
    (line(&told, "source open-data: ").to_owned(), code)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_blocks_is_gone_broken_or_not_read_is_told_as_what_it_is() {
    for (answer, word, says, wanted) in [
        (Answer::html("<h1>Forbidden</h1>").with_status(403), "WRONG", "blocked: status 403", 1),
        (Answer::html("<h1>Gone</h1>").with_status(404), "WRONG", "not-found: status 404", 1),
        (Answer::html("<h1>Sorry</h1>").with_status(502), "WRONG", "server-error: status 502", 1),
        (
            Answer::html("<html><body><p>Welcome to our new site, please enjoy.</p></body></html>"),
            "WRONG",
            "no page",
            1,
        ),
        (Answer::json_lines("{\"id\":1}\n{\"id\":2}\n"), "look ", "not believed", 3),
    ] {
        let (line, code) = of_source(answer).await;
        assert!(line.starts_with(word) && line.contains(says), "{says}: {line}");
        assert!(line.contains("`stagewatch probe open-data`"), "{line}");
        assert_eq!(code, wanted, "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn robots_and_servers_that_are_away_are_told() {
    let world = well().await;
    world.body.set_page("/robots.txt", Answer::of("text/plain", "User-agent: *\nDisallow: /\n"));
    let (forbidden, code) = told(&world, &[]);
    let source = line(&forbidden, "source open-data: ");
    assert!(code == 3 && source.starts_with("look  ") && source.contains("ignore-robots = true"), "{forbidden}");

    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let text = std::fs::read_to_string(world.configuration()).unwrap();
    std::fs::write(world.configuration(), text.replace(&world.body.base_url(), &format!("http://{closed}"))).unwrap();
    let (away, code) = told(&world, &[]);
    let source = line(&away, "source open-data: ");
    assert!(code == 1 && source.starts_with("WRONG ") && source.contains("try again later"), "{away}");
    std::fs::write(world.configuration(), text.replace(&world.body.base_url(), "http://no-such-host.invalid")).unwrap();
    let (nameless, code) = told(&world, &[]);
    let name = line(&nameless, "name no-such-host.invalid: ");
    assert!(code == 1 && name.contains("it has no address") && name.contains("/etc/resolv.conf"), "{nameless}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_whose_second_address_serves_deserves_a_look() {
    let world = well_with("[[source]]\nid = \"two\"\nformat = \"iso-open-data\"\nurls = [\"{body}/gone.jsonl\", \"{body}/open-data.jsonl\"]\n").await;
    let (told, code) = told(&world, &[]);
    let source = line(&told, "source two: ");
    assert!(code == 3 && source.starts_with("look  ") && source.contains("put the one that serves first"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_whose_clocks_agree_against_ours_are_believed() {
    let world = well().await;
    let moved = Answer::json_lines(stagewatch::demo::pages::iso_open_data::lines(&[]));
    world.body.set_page(OPEN_DATA, moved.with_header("date", "Mon, 03 Jan 2022 10:00:00 GMT"));
    let (told, code) = told(&world, &[]);
    let clock = line(&told, "clock beside others: ");
    assert!(code == 1 && clock.starts_with("WRONG ") && clock.contains("minutes ahead of those of 1 server"), "{told}");
    assert!(clock.contains("NTP"), "{clock}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_nobody_vouches_for_is_told_with_what_would_help() {
    let server = crate::fetch::servers::Server::encrypted(
        &crate::fetch::servers::Authority::new(),
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    )
    .await;
    let world = well().await;
    let text = std::fs::read_to_string(world.configuration()).unwrap();
    let encrypted = server.url("");
    std::fs::write(
        world.configuration(),
        text.replace(&world.body.base_url(), encrypted.as_str().trim_end_matches('/')),
    )
    .unwrap();
    let (told, code) = told(&world, &[]);
    assert_eq!(code, 1, "{told}");
    let encryption =
        told.lines().find(|line| line.starts_with("WRONG encryption of ")).unwrap_or_else(|| panic!("{told}"));
    assert!(encryption.contains("`extra-ca`"), "{encryption}");
}
