//! Which of all captures are pages, and which are not: every true page must pass, every block page must not.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use stagewatch::formats::decode::decode;
use stagewatch::formats::refusal::{Served, refusal_of};
use stagewatch::formats::{self, Content, Format};

/// The captures, or a loud word about what is not tested without them.
fn captures(test: &str, n_cases: usize) -> Option<PathBuf> {
    let root = std::env::var_os("STAGEWATCH_CAPTURES")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/captures"), PathBuf::from);
    if root.is_dir() {
        return Some(root);
    }
    // Written past the harness, which keeps what a passing test prints, and at once, because tests run side by side.
    let what = format!("NOT RUN: refusals::{test}: {n_cases} cases, because the captures are not here\n");
    std::io::stderr().write_all(what.as_bytes()).unwrap();
    None
}

fn html_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            html_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "html") {
            found.push(path);
        }
    }
}

#[test]
fn of_all_captures_only_the_broken_ones_are_refused() {
    let Some(root) = captures("of_all_captures_only_the_broken_ones_are_refused", 433) else { return };
    let mut files = Vec::new();
    html_files(&root, &mut files);
    files.sort();
    let format = Format { content: Content::Html, ..*formats::named("openstd-standard").unwrap() };
    // All as if served with status 200: the page alone must say it.
    let served = Served { status: 200, content_type: None, headers: &[], asked: None, answered: None };
    let mut refused = Vec::new();
    for file in &files {
        let text = decode(&std::fs::read(file).unwrap(), None, Some("example.cn")).text;
        if let Some(refusal) = refusal_of(&format, &served, &text) {
            refused.push(format!("{}: {refusal}", file.file_name().unwrap().to_string_lossy()));
        }
    }
    assert_eq!(
        refused,
        [
            "std_list_GBT20223-2014_20240606_a62eb8b2.html: truncated: the page does not end in `</html>`",
            "WAF403_Home_Standard_20260127_f711c220.html: blocked: `知道创宇云防御` on a page that says little else",
        ]
    );
    assert_eq!(files.len(), 433);
}

#[test]
fn no_capture_is_anywhere_near_the_depth_that_is_refused() {
    let Some(root) = captures("no_capture_is_anywhere_near_the_depth_that_is_refused", 433) else { return };
    let mut files = Vec::new();
    html_files(&root, &mut files);
    for file in files {
        let text = decode(&std::fs::read(&file).unwrap(), None, None).text;
        // Nested once more into ninety per cent of the limit, and still no refusal for depth.
        let nested = format!("{}{text}", "<div>".repeat(900));
        let served = Served { status: 200, content_type: None, headers: &[], asked: None, answered: None };
        let refusal = refusal_of(formats::named("openstd-standard").unwrap(), &served, &nested);
        assert!(!refusal.is_some_and(|refusal| refusal.evidence.contains("inside one another")), "{}", file.display());
    }
}
