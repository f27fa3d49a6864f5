//! The database as a whole, as operators keep it: the program itself, its words, its exit codes, and disks that are full.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use stagewatch::daemon::clearing::clear_out;
use stagewatch::store::{PollOutcome, Store};

use crate::support::{World, delivered, output_of, polled};

/// A world in which ISO/IEC 27071 proceeded to FDIS, taken in and delivered.
async fn moved() -> World {
    let world = World::start().await;
    moved_in(&world).await;
    world
}

async fn moved_in(world: &World) {
    for stage in ["40.60", "50.00"] {
        world.show(stage);
        let house = world.house();
        polled(&house, "open-data").await;
        delivered(&house, jiff::Timestamp::now()).await;
    }
}

fn path(world: &World, name: &str) -> String {
    world.path().join(name).display().to_string()
}

/// What a command says when all is well.
fn said(world: &World, arguments: &[&str]) -> String {
    let (stdout, stderr, code) = output_of(&mut world.program(arguments));
    assert_eq!(code, 0, "{arguments:?}: {stdout}{stderr}");
    stdout
}

fn refused(world: &World, arguments: &[&str]) -> String {
    let (stdout, stderr, code) = output_of(&mut world.program(arguments));
    assert_eq!((code, stdout.as_str()), (1, ""), "{arguments:?}: {stderr}");
    stderr
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_says_what_is_in_it_and_comes_back() {
    let world = moved().await;
    let backup = path(&world, "backup.db");
    let line = said(&world, &["backup", &backup]);
    let expected = [
        "backup.db: whole; ",
        "1 source, 3 projects, 1 change, 2 polls, 2 snapshots, 3 deliveries (0 to go out), last poll ",
    ];
    assert!(expected.iter().all(|part| line.contains(part)), "{line}");
    assert!(refused(&world, &["backup", &backup]).contains("exists already: name a new file"), "never replaced");
    assert!(refused(&world, &["backup", "-"]).contains("name one, not `-`"));

    world.show("60.60");
    polled(&world.house(), "open-data").await;
    assert_eq!(said(&world, &["changes", "--json"]).lines().count(), 2);
    let told = said(&world, &["restore", &backup]);
    assert!(told.contains("what was there before is ") && told.contains(".replaced-"), "{told}");
    assert_eq!(said(&world, &["changes", "--json"]).lines().count(), 1);
    // What was lost with the old database is found and told again.
    let polled = polled(&world.house(), "open-data").await;
    assert_eq!(polled.changes.len(), 1, "{:?}", polled.poll);
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_in_a_folder_are_turned_over_and_hang_on_nothing_but_the_database() {
    let world = moved().await;
    let folder = world.path().join("copies");
    std::fs::create_dir(&folder).unwrap();
    for older in ["stagewatch-20260101T000000Z.db", "stagewatch-20260102T000000Z.db", "mine.db"] {
        std::fs::write(folder.join(older), "").unwrap();
    }
    // A subscriber whose secret is gone is no reason to go without a copy.
    std::fs::remove_file(world.path().join("secret")).unwrap();
    assert_eq!(output_of(&mut world.program(&["check"])).2, 78);
    let told = said(&world, &["backup", "--into", folder.to_str().unwrap(), "--keep", "2"]);
    assert!(told.contains("Z.db: whole; "), "{told}");
    assert!(told.contains("removed ") && told.contains("stagewatch-20260101T000000Z.db"), "{told}");
    let mut names: Vec<String> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names.len(), 3, "{names:?}");
    assert_eq!((names[0].as_str(), names[1].as_str()), ("mine.db", "stagewatch-20260102T000000Z.db"));
    said(&world, &["restore", folder.join(&names[2]).to_str().unwrap()]);
    said(&world, &["export", "-o", &path(&world, "all.jsonl")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_to_restore_with_its_json_tells_the_same() {
    let world = moved().await;
    let backup = path(&world, "backup.db");
    let record: Value = serde_json::from_str(&said(&world, &["backup", &backup, "--json"])).unwrap();
    assert_eq!(record["backup"]["contents"]["changes"], 1);
    assert_eq!(record["backup"]["complaints"], Value::Array(Vec::new()));
    let restored: Value = serde_json::from_str(&said(&world, &["restore", &backup, "--json"])).unwrap();
    assert_eq!(restored["restored"]["contents"], record["backup"]["contents"]);
    assert!(Path::new(restored["restored"]["kept"].as_str().unwrap()).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn restore_waits_for_nobody_who_polls_and_says_who_it_is() {
    let world = moved().await;
    let backup = path(&world, "backup.db");
    said(&world, &["backup", &backup]);
    let house = world.house();
    let _lock = house.store.lock().unwrap();
    let error = refused(&world, &["restore", &backup]);
    assert!(error.contains("is in use by process") && error.contains("stop that one first"), "{error}");
    let error = refused(&world, &["prune", "--compact"]);
    assert!(error.contains("stop that one first"), "{error}");
    said(&world, &["backup", &path(&world, "second.db")]);
    said(&world, &["prune"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_goes_to_another_machine_and_is_the_same_there() {
    let (here, there) = (moved().await, World::start().await);
    let file = path(&here, "export.jsonl");
    let line = said(&here, &["export", "--snapshots", "-o", &file]);
    assert!(line.starts_with(&file) && line.contains(" rows, "), "{line}");
    assert!(refused(&here, &["export", "-o", &file]).contains("name a new file"));
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600, "it has the addresses of recipients in it");
    }
    said(&there, &["restore", &file]);
    assert_eq!(said(&there, &["export", "--snapshots"]), std::fs::read_to_string(&file).unwrap());
    assert_eq!(said(&there, &["changes", "--json"]), said(&here, &["changes", "--json"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_without_pages_says_that_it_has_no_proof_and_so_does_what_comes_of_it() {
    let (here, there) = (moved().await, World::start().await);
    let file = path(&here, "export.jsonl");
    let without = "which prove the changes, are not in this export: `backup` has them, and `export --snapshots`";
    assert!(said(&here, &["export", "-o", &file]).contains(without));
    let (all, log, _) = output_of(&mut here.program(&["export"]));
    assert!(log.contains(without) && !all.contains(without), "{log}");
    let told = said(&there, &["restore", &file]);
    assert!(told.contains(without) && told.contains("`diff` and `evidence` have nothing to show"), "{told}");
    let change: Value = serde_json::from_str(&said(&there, &["changes", "--json"])).unwrap();
    let id = change["id"].as_str().unwrap();
    for arguments in [vec!["diff", id], vec!["evidence", id, "-o", "proof.zip"]] {
        let error = refused(&there, &arguments);
        assert!(error.contains("is not in this database") && error.contains("from an export without pages"), "{error}");
    }
    let whole = path(&here, "whole.jsonl");
    for arguments in [vec!["export", "--snapshots", "-o", &whole], vec!["restore", &whole]] {
        assert!(!said(&here, &arguments).contains(without), "{arguments:?}");
    }
    said(&here, &["diff", id]);
    let backup = path(&here, "all.db");
    said(&here, &["backup", &backup]);
    assert!(!said(&there, &["restore", &backup]).contains(without));
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_makes_no_database() {
    let world = World::start().await;
    let text = std::fs::read_to_string(world.configuration()).unwrap();
    let elsewhere = path(&world, "no/such/watch.db");
    let text = text.replace(&world.database().display().to_string(), &elsewhere);
    std::fs::write(world.configuration(), text).unwrap();
    let copy = path(&world, "copy.db");
    for arguments in [
        vec!["status"],
        vec!["changes"],
        vec!["standards"],
        vec!["history", "27071"],
        vec!["diff", "chg_1"],
        vec!["evidence", "chg_1", "-o", &copy],
        vec!["plan"],
        vec!["deliveries"],
        vec!["redeliver", "--failed"],
        vec!["resume", "plm-system"],
        vec!["prune"],
        vec!["export"],
        vec!["backup", &copy],
    ] {
        let error = refused(&world, &arguments);
        let wanted = format!("there is no database `{elsewhere}` yet: `stagewatch run` or `once` makes it");
        assert!(error.contains(&wanted), "{arguments:?}: {error}");
        assert!(!world.path().join("no").exists(), "{arguments:?}");
    }
    assert!(!Path::new(&copy).exists());
    world.show("40.60");
    said(&world, &["once"]);
    said(&world, &["status"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_is_not_written_over_another_file_unless_that_is_said() {
    let world = moved().await;
    let change: Value = serde_json::from_str(&said(&world, &["changes", "--json"])).unwrap();
    let (id, file) = (change["id"].as_str().unwrap(), path(&world, "proof.zip"));
    said(&world, &["evidence", id, "-o", &file]);
    std::fs::write(&file, "mine").unwrap();
    assert!(
        refused(&world, &["evidence", id, "-o", &file]).contains("exists already: name a new file, or say --force")
    );
    assert_eq!(std::fs::read(&file).unwrap(), b"mine");
    said(&world, &["evidence", id, "-o", &file, "--force"]);
    assert_ne!(std::fs::read(&file).unwrap(), b"mine");
}

#[tokio::test(flavor = "multi_thread")]
async fn prune_says_what_would_go_and_then_what_went() {
    let world = moved().await;
    let dry = said(&world, &["prune", "--dry-run", "--older-than", "0s"]);
    assert!(dry.starts_with("would clear out 1 poll, 3 deliveries and 0 snapshots: "), "{dry}");
    assert_eq!(said(&world, &["deliveries", "--json"]).lines().count(), 3, "a dry run removes nothing");
    let went = said(&world, &["prune", "--older-than", "0s"]);
    assert!(went.starts_with("cleared out 1 poll, 3 deliveries and 0 snapshots: "), "the evidence stays: {went}");
    assert!(went.contains("`--compact` gives it back to the disk"), "{went}");
    let change: Value = serde_json::from_str(&said(&world, &["changes", "--json"])).unwrap();
    said(&world, &["diff", change["id"].as_str().unwrap()]);
    let record: Value =
        serde_json::from_str(&said(&world, &["prune", "--older-than", "0s", "--evidence-too", "--compact", "--json"]))
            .unwrap();
    assert_eq!(record["pruned"]["snapshots"], 1, "{record}: what the source shows now stays");
    assert!(record["pruned"]["file-after"].as_u64() <= record["pruned"]["file-before"].as_u64(), "{record}");
    assert_eq!(output_of(&mut world.program(&["prune", "--older-than", "90"])).2, 2);
    assert_eq!(output_of(&mut world.program(&["prune", "--most-polls", "0"])).2, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_clears_out_by_itself_only_where_that_is_said() {
    for (keep, wanted) in
        [("", None), ("[keep]\npolls = \"0s\"\n", None), ("[keep]\ndaily = true\npolls = \"0s\"\n", Some(1))]
    {
        let world = World::with(keep).await;
        moved_in(&world).await;
        let pruned = clear_out(&world.house(), jiff::Timestamp::now());
        assert_eq!(pruned.map(|pruned| pruned.n_polls), wanted, "{keep:?}");
    }
}

/// Runs a script in a mount namespace of its own, with a disk of that size at `$DISK`; `None` where this machine gives no namespaces.
pub(crate) fn on_a_disk_of(size: &str, world: &World, script: &str) -> Option<String> {
    let disk = world.path().join("disk");
    std::fs::create_dir_all(&disk).unwrap();
    let stagewatch = format!("{} --config {}", env!("CARGO_BIN_EXE_stagewatch"), world.configuration().display());
    let script = format!("mount -t tmpfs -o size={size} none \"$DISK\" || exit 77\nexec 2>&1\n{script}");
    let output = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", &script])
        .env("DISK", &disk)
        .env("SW", stagewatch)
        .output()
        .ok()?;
    if output.status.code() == Some(77) || String::from_utf8_lossy(&output.stderr).contains("unshare failed") {
        return None;
    }
    Some(String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr))
}

/// A database that takes some room: two megabytes of polls.
async fn large() -> World {
    let world = moved().await;
    let recorded = stagewatch::store::Poll {
        source: "open-data".to_owned(),
        at: jiff::Timestamp::now(),
        duration: std::time::Duration::ZERO,
        outcome: PollOutcome::Failed,
        why: Some("x".repeat(2000)),
        status: None,
        size_bytes: 0,
        n_projects: 0,
        n_defects: 0,
        n_changes: 0,
    };
    let store: Store = world.house().store;
    for _ in 0..900 {
        store.record_poll(&recorded, &[]).unwrap();
    }
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_nothing_and_leaves_nothing_half_done() {
    let world = large().await;
    said(&world, &["backup", &path(&world, "good.db")]);
    let script = r#"
        echo "== backup"; $SW backup "$DISK/copy.db"; echo "exit $?"; ls "$DISK"
        echo "== export"; $SW export -o "$DISK/all.jsonl"; echo "exit $?"; ls "$DISK"
    "#;
    let Some(told) = on_a_disk_of("1m", &world, script) else {
        eprintln!("this machine gives no namespaces: a full disk could not be tried");
        return;
    };
    let (backup, export) = told.split_once("== export").unwrap();
    assert!(backup.contains("the disk is full; nothing that was acknowledged is lost"), "{told}");
    assert_eq!(backup.matches("exit 1").count(), 1, "{told}");
    assert!(export.contains("No space left on device") && export.contains("exit 1"), "{told}");
    let names = told.lines().filter(|line| line.starts_with("copy.db") || line.starts_with("all.jsonl"));
    assert_eq!(names.count(), 0, "nothing is left behind: {told}");
    assert_eq!(said(&world, &["changes", "--json"]).lines().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_on_a_full_disk_is_not_lost_by_restoring_upgrading_or_compacting() {
    let world = large().await;
    let backup = path(&world, "good.db");
    said(&world, &["backup", &backup]);
    let there = path(&world, "there.toml");
    let text = std::fs::read_to_string(world.configuration()).unwrap();
    let text = text.replace(&world.database().display().to_string(), &path(&world, "disk/w.db"));
    std::fs::write(&there, text).unwrap();
    // The database fits, a second one does not.
    let script = format!(
        r#"
        SW="${{SW%% --config*}} --config {there}"
        $SW restore {backup} >/dev/null || exit 1
        echo "== restore"; $SW restore {backup}; echo "exit $?"
        echo "== compact"; $SW prune --compact; echo "exit $?"
        echo "== upgrade"; python3 -c "import sqlite3; c = sqlite3.connect('$DISK/w.db'); c.execute('UPDATE schema_version SET version = version - 1'); c.commit()"
        $SW status; echo "exit $?"
        python3 -c "import sqlite3; c = sqlite3.connect('$DISK/w.db'); c.execute('UPDATE schema_version SET version = version + 1'); c.commit()"
        dd if=/dev/zero of="$DISK/fill" bs=64k 2>/dev/null
        echo "== prune"; $SW prune --older-than 0s; echo "exit $?"
        rm "$DISK/fill"
        echo "== again"; $SW prune --older-than 0s; echo "exit $?"
        echo "== end"; ls "$DISK"
        python3 -c "import sqlite3; c = sqlite3.connect('$DISK/w.db'); print(c.execute('PRAGMA integrity_check').fetchone()[0], c.execute('SELECT count(*) FROM changes').fetchone()[0])"
        "#
    );
    let Some(told) = on_a_disk_of("4m", &world, &script) else {
        eprintln!("this machine gives no namespaces: a full disk could not be tried");
        return;
    };
    let part = |name: &str| told.split("== ").find(|part| part.starts_with(name)).unwrap_or_else(|| panic!("{told}"));
    for (name, doing) in [
        ("restore", "could not restore"),
        ("compact", "could not compact"),
        ("upgrade", "could not bring the schema up to date"),
    ] {
        let part = part(name);
        assert!(part.contains("exit 1") && part.contains(doing), "{name}: {told}");
        assert!(part.contains("make room there, and nothing is lost meanwhile"), "{name}: {told}");
    }
    let prune = part("prune");
    assert!(
        prune.contains("exit 1") && prune.contains("the disk is full; nothing that was acknowledged is lost"),
        "{told}"
    );
    assert!(part("again").contains("exit 0") && part("again").contains("cleared out "), "{told}");
    let end = part("end");
    assert!(end.contains("ok 1"), "{told}");
    let names: Vec<&str> = end.lines().filter(|line| line.starts_with("w.db")).collect();
    assert!(names.iter().all(|name| ["w.db", "w.db.lock", "w.db-wal", "w.db-shm"].contains(name)), "{told}");
}
