//! How much memory the program takes while many ask at once: what is promised of it, but for the file of the program, which is larger here
//! than when it is built for use. Nothing here is timed.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use stagewatch::daemon::House;
use stagewatch::daemon::import::{Saved, import};
use stagewatch::daemon::poll::Announce;
use stagewatch::demo::pages::iso_open_data::{Row, lines};
use stagewatch::store::changes::ChangeFilter;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{Running, World};

/// 64 MiB are promised of the whole program over a database twenty times as large. Over this one it takes 16 beside its own file, which is
/// mapped; with one copy of an answer kept for every client it took 41.
const MOST_BESIDE_THE_PROGRAM: u64 = 28 << 20;

/// How many ask at once, each over a connection of its own that it keeps.
const CLIENTS: usize = 64;

/// In a build that was not optimised, on a machine that does other things.
const PATIENCE: Duration = Duration::from_mins(2);

#[tokio::test(flavor = "multi_thread")]
async fn what_the_program_takes_does_not_grow_with_those_who_ask() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let world = World::with("[web]\nlisten = \"127.0.0.1:0\"\n").await;
    world.show("40.60");
    let paths = tokio::task::block_in_place(|| filled(&world.house()));
    let (running, address) = started(&world).await;
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..CLIENTS {
        let mut own = paths.clone();
        own.rotate_left(number % paths.len());
        clients.spawn(asked(address, own));
    }
    tokio::time::timeout(PATIENCE, clients.join_all()).await.expect("answers in time");
    let (peak, program) = (kept(&running, "VmHWM"), kept(&running, "RssFile"));
    let beside = peak - program;
    assert!(beside < MOST_BESIDE_THE_PROGRAM, "{} KiB beside the program", beside / 1024);
}

/// Many projects, of which some moved; the addresses of what can be asked.
fn filled(house: &House) -> Vec<String> {
    for (at, n_moved) in [("2026-01-01T00:00:00Z", 0), ("2026-01-02T00:00:00Z", 110)] {
        let row = |number: u32| {
            let (kind, stage) = if number < n_moved { ("FDIS", "50.00") } else { ("DIS", "40.60") };
            let title = format!("Information security — Evaluation criteria of trust in clouds — Part {number}");
            Row::of(900_000 + u64::from(number), &format!("ISO/IEC {kind} {}", 40_000 + number), &title, stage)
        };
        let rows: Vec<Row> = (0..400).map(row).collect();
        let saved = Saved { bytes: lines(&rows).into(), content_type: None, at: at.parse().unwrap() };
        import(house, house.settings.source("open-data").unwrap(), saved, Announce::No).unwrap();
    }
    let changes = house.store.changes(&ChangeFilter::default()).unwrap();
    assert_eq!(changes.len(), 110);
    let (change, page) = (&changes[0].id, &changes[0].evidence.after.sha256);
    let fixed = "/ /standards /standards/iso:900001 /timeline /changes /sources /sources/open-data /plans /deliveries /feed.atom \
                 /calendar.ics /api/v1/standards /api/v1/changes?limit=100 /api/v1/sources /api/v1/openapi.json /metrics";
    let of_one = ["", "/diff", "/evidence.zip"].map(|part| format!("/changes/{change}{part}"));
    fixed.split(' ').map(str::to_owned).chain(of_one).chain([format!("/snapshots/{page}")]).collect()
}

async fn started(world: &World) -> (Running, SocketAddr) {
    let mut command = world.program(&["run"]);
    command.stderr(Stdio::piped()).stdout(Stdio::null());
    let mut running = Running::start(command);
    let said = running.child.stderr.take().unwrap();
    let found = tokio::task::spawn_blocking(move || {
        let mut lines = std::io::BufRead::lines(std::io::BufReader::new(said)).map_while(Result::ok);
        let address = |line: String| line.split_once("pages at http://")?.1.split('/').next()?.parse().ok();
        let found = lines.find_map(address);
        // Whoever stops reading would stop the program too.
        std::thread::Builder::new().spawn(move || lines.for_each(drop)).unwrap();
        found
    });
    let found = tokio::time::timeout(PATIENCE, found).await.unwrap().unwrap();
    (running, found.expect("the program says where its pages are"))
}

/// Asks for one page after another over one connection, and takes every answer whole.
async fn asked(address: SocketAddr, paths: Vec<String>) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    for path in paths {
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n").as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        let end = loop {
            assert!(stream.read_buf(&mut bytes).await.unwrap() > 0, "{path}: cut off");
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_lowercase();
        assert!(head.starts_with("http/1.1 200"), "{path}: {head}");
        let size = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()).unwrap();
        let size: usize = size.parse().unwrap();
        while bytes.len() < end + size {
            assert!(stream.read_buf(&mut bytes).await.unwrap() > 0, "{path}: cut off");
        }
    }
}

/// What the kernel says of it, in bytes.
fn kept(running: &Running, what: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", running.child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':')).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
}
