//! What we send, checked by implementations that are not ours: the receivers of docs/webhooks.md, run as they stand there, in Rust, Python and
//! JavaScript, each with the library of its language.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use stagewatch::changes::notice_frame::Frame;
use stagewatch::deliver::posting::{Poster, Settings as Limits};
use stagewatch::deliver::webhook::{self, Settings};
use stagewatch::deliver::webhook_body::compose;
use stagewatch::deliver::{Outcome, Parcel};
use stagewatch::masked::{Recipient, Secret};

use super::deliver::samples::{to_consultation, to_fdis};
use super::peers::peers;
use super::support::SECRET;

/// Another one than the receiver has.
const OTHER: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A program of the page, by the language of its block.
fn program_in(language: &str) -> String {
    let page = std::fs::read_to_string(root().join("docs/webhooks.md")).unwrap();
    let (_, rest) = page.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("\n```").unwrap().0.to_owned() + "\n"
}

/// A receiver that runs; it ends when dropped.
struct Receiver {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
    port: u16,
}

impl Receiver {
    fn start(command: &mut Command, folder: &Path) -> Receiver {
        let secret = folder.join("secret");
        std::fs::write(&secret, format!("{SECRET}\n")).unwrap();
        let mut child = command.arg("0").arg(&secret).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let port = first.strip_prefix("listening on ").unwrap().parse().unwrap();
        Receiver { child, lines, port }
    }

    async fn post(&self, secrets: &[&str], parcel: &Parcel, at: Timestamp) -> Outcome {
        let limits = Limits { allowed: vec!["127.0.0.0/8".parse().unwrap()], timeout: Duration::from_secs(20) };
        let settings = Settings {
            url: format!("http://127.0.0.1:{}/hook", self.port).parse().unwrap(),
            secrets: secrets.iter().map(|secret| Secret::new(*secret)).collect(),
        };
        webhook::send(&Poster::new(&limits).unwrap(), &settings, parcel, at).await
    }

    fn line(&mut self) -> String {
        self.lines.next().unwrap().unwrap()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn parcel(id: &str, payload: Vec<u8>) -> Parcel {
    Parcel { id: id.to_owned(), recipient: Recipient::new("http://127.0.0.1/"), payload }
}

fn is_refused(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::TryAgain { why, .. } if why.contains("401"))
}

async fn check(command: &mut Command, folder: &Path) {
    let mut receiver = Receiver::start(command, folder);
    let first = parcel("dlv_01H0000000000000000000000A", compose(&to_fdis(), &Frame::default()));
    let second = parcel("dlv_01H0000000000000000000000B", compose(&to_consultation(), &Frame::default()));
    let now = Timestamp::now();
    let ago = |seconds: i64| now - SignedDuration::from_secs(seconds);
    for (secrets, at) in [(vec![OTHER], now), (vec![SECRET], ago(310)), (vec![SECRET], ago(-310))] {
        let outcome = receiver.post(&secrets, &first, at).await;
        assert!(is_refused(&outcome), "a wrong signature, or a moment that is not now, was taken: {outcome:?}");
    }
    // The same again is the same delivery; while secrets change over, either fits.
    for (secrets, parcel, at) in
        [(vec![SECRET], &first, now), (vec![SECRET], &first, ago(200)), (vec![OTHER, SECRET], &second, now)]
    {
        let outcome = receiver.post(&secrets, parcel, at).await;
        assert!(matches!(outcome, Outcome::Delivered { .. }), "{outcome:?}");
    }
    // What `stagewatch test` posts is about no project.
    let sample = br#"{"type":"delivery.sample","timestamp":"2023-05-12T04:15:09Z","data":{"about":"a sample"}}"#;
    let third = parcel("dlv_01H0000000000000000000000C", sample.to_vec());
    let outcome = receiver.post(&[SECRET], &third, now).await;
    assert!(matches!(outcome, Outcome::Delivered { .. }), "{outcome:?}");
    let lines = [receiver.line(), receiver.line(), receiver.line()].map(|line| line.replace('"', ""));
    assert_eq!(
        lines,
        [
            "dlv_01H0000000000000000000000A standard.stage_moved ISO/IEC FDIS 27071",
            "dlv_01H0000000000000000000000B standard.stage_moved 20991234-T-469",
            "dlv_01H0000000000000000000000C delivery.sample a sample",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_receiver_in_rust_takes_what_is_ours_and_nothing_else() {
    let shown = program_in("rust");
    let built_from = std::fs::read_to_string(root().join("examples/webhook_receiver.rs")).unwrap();
    assert_eq!(shown, built_from, "docs/webhooks.md shows another program than examples/webhook_receiver.rs");
    let beside = PathBuf::from(env!("CARGO_BIN_EXE_stagewatch"));
    let program = beside.parent().unwrap().join("examples/webhook_receiver");
    if !program.exists() {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{} is not built", program.display());
        let _ = writeln!(std::io::stderr(), "not run: build it with `cargo build --example webhook_receiver`");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    check(&mut Command::new(program), folder.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_receiver_in_python_takes_what_is_ours_and_nothing_else() {
    let Some(peers) = peers("the receiver of webhooks in Python") else { return };
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("receiver.py");
    std::fs::write(&program, program_in("python")).unwrap();
    check(Command::new(peers.join("python/bin/python")).arg(program), folder.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_receiver_in_javascript_takes_what_is_ours_and_nothing_else() {
    let Some(peers) = peers("the receiver of webhooks in JavaScript") else { return };
    // Modules are looked for beside the program.
    let folder = tempfile::tempdir_in(peers.join("node")).unwrap();
    let program = folder.path().join("receiver.mjs");
    std::fs::write(&program, program_in("javascript")).unwrap();
    check(Command::new("node").arg(program), folder.path()).await;
}
