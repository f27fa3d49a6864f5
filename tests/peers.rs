//! Independent implementations that say whether what we write is what others read. `tests/peers/setup` installs them, and `tests/run` says
//! where by `STAGEWATCH_PEERS`. Without that, a test that needs them says what it leaves out; in CI it fails.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What a Python script prints, with the packages of `tests/peers/requirements.txt`.
pub(crate) fn python(what: &str, script: &str, input: &[u8]) -> Option<String> {
    let program = peers(what)?.join("python/bin/python");
    Some(said(Command::new(program).args(["-c", script]), input))
}

/// What a JavaScript module prints, with the packages of `tests/peers/package.json`.
pub(crate) fn javascript(what: &str, script: &str, input: &[u8]) -> Option<String> {
    let folder = peers(what)?.join("node");
    let mut command = Command::new("node");
    command.args(["--input-type=module", "-e", script]).current_dir(folder);
    Some(said(&mut command, input))
}

/// Where they are.
#[expect(clippy::print_stderr, reason = "whoever runs the tests is to see what they left out")]
pub(crate) fn peers(what: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("STAGEWATCH_PEERS").map(PathBuf::from);
    if folder.is_none() {
        let is_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!is_ci, "STAGEWATCH_PEERS is not set: {what} would go unchecked; run tests/run");
        let hint = "tests/run does, or set STAGEWATCH_PEERS=\"$(tests/peers/setup)\"";
        eprintln!("not checked: {what}; {hint}");
    }
    folder
}

fn said(command: &mut Command, input: &[u8]) -> String {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it can be started");
    child.stdin.take().unwrap().write_all(input).expect("it reads what it is given");
    let output = child.wait_with_output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{complaint}");
    String::from_utf8(output.stdout).unwrap()
}
