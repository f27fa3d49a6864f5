//! Which format fits: every fixture and every capture is told to be of its own format, with the exceptions named and explained.
//! Then the commands that ask: `probe` of an address, `read auto`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use stagewatch::demo::body::answer::Answer;
use stagewatch::formats::fitting::{Candidate, Verdict, candidates_of};
use stagewatch::formats::refusal::Served;
use stagewatch::formats::{FORMATS, Format, Scope, named};
use url::Url;

use crate::formats::{given_beside, pages_of};
use crate::support::{OPEN_DATA, World, output_of, program};

/// Fixtures that another format than their own fits best, and why that is no fault.
const EXCEPTIONS: [(&str, &str, &str); 5] = [
    (
        "tc260-consultations/second-generation-notice.html",
        "tc260-consultation",
        "a single notice: the list's format reads it too, but the address is of the page of one",
    ),
    (
        "tc260-consultation/third-generation-with-known-boxes.html",
        "tc260-consultations",
        "lists and notices of the third generation share their addresses, and both formats read all of it",
    ),
    (
        "tc260-consultation/doubt-third-generation-without-deadline.html",
        "tc260-consultations",
        "a notice without a deadline is doubted as the page of one, and is an entry like others in a list",
    ),
    (
        "tc260-consultation/doubt-notice-of-something-else.html",
        "tc260-notices",
        "a notice of something else is just what the other format reads",
    ),
    (
        "tc260-notices/third-generation.html",
        "tc260-consultations",
        "the channel of notices holds consultations too, whose format reads both",
    ),
];

fn own_name_of(page: &Path) -> String {
    let parts: Vec<_> = page.iter().rev().take(2).map(|part| part.to_string_lossy()).collect();
    format!("{}/{}", parts[1], parts[0])
}

fn candidates_for_fixture(page: &Path) -> Vec<Candidate> {
    let given = given_beside(page);
    let served = Served {
        status: given.status,
        content_type: given.content_type.as_deref(),
        headers: &given.headers,
        asked: given.url.as_ref(),
        answered: given.url.as_ref(),
    };
    candidates_of(&served, &std::fs::read(page).unwrap(), &given.scope)
}

/// The best candidate, where it fits and is made for the page rather than for pages of any site.
fn own_fit(candidates: &[Candidate]) -> Option<&'static str> {
    let best = &candidates[0];
    (best.verdict == Verdict::Fits && !best.format.sites.is_empty()).then_some(best.format.name)
}

#[test]
fn every_fixture_is_told_to_be_of_its_own_format() {
    let (mut wrong, mut n_good, mut excused) = (Vec::new(), 0, Vec::new());
    for format in FORMATS {
        for page in pages_of(format) {
            let name = own_name_of(&page);
            let candidates = candidates_for_fixture(&page);
            let own = candidates.iter().find(|candidate| candidate.format.name == format.name).unwrap();
            let best = candidates[0].verdict.eq(&Verdict::Fits).then_some(candidates[0].format.name);
            let is_right = match own.verdict {
                Verdict::Fits => best == Some(format.name),
                // What its own format does not believe, no other format that is made for a site may claim.
                Verdict::InDoubt | Verdict::DoesNotFit => own_fit(&candidates).is_none(),
            };
            n_good += usize::from(own.verdict == Verdict::Fits);
            match EXCEPTIONS.iter().find(|(exception, ..)| *exception == name) {
                Some((_, instead, _)) if !is_right && best == Some(instead) => excused.push(name),
                None if is_right => {}
                _ => wrong.push(format!("{name}: best {best:?}, own {:?}: {}", own.verdict, own.why)),
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(excused.len(), EXCEPTIONS.len(), "an exception that is none any more: {excused:?}");
    assert!(n_good >= 2 * FORMATS.len(), "only {n_good} good fixtures");
}

#[test]
fn every_candidate_gives_a_short_reason_in_one_line() {
    for format in FORMATS {
        for page in pages_of(format) {
            for candidate in candidates_for_fixture(&page) {
                let why = &candidate.why;
                assert!(!why.trim().is_empty() && !why.contains('\n'), "{}: {why:?}", page.display());
                assert!(why.chars().count() <= 250, "{} as {}: {why}", page.display(), candidate.format.name);
            }
        }
    }
}

#[test]
fn no_format_is_called_auto() {
    assert!(named("auto").is_none());
}

/// Which format a captured file is of; of several the first that this build has. `None` for what no format is made for.
fn formats_of_capture(file: &str) -> &'static [&'static str] {
    let name = file.rsplit('/').next().unwrap();
    let starts = |starts: &[&str]| starts.iter().any(|start| name.starts_with(start));
    let is_in = |folders: &[&str]| folders.iter().any(|folder| file.starts_with(folder));
    let is_standard = is_in(&["iso/standard/", "iso/standard-fr/", "iso/standard-ru/"])
        || is_in(&["iso/fixtures-other/"]) && name.contains("standard_");
    match () {
        () if is_standard => &["iso-project"],
        () if is_in(&["iso/opendata/deliverables-row"]) && !name.contains("-csv-") => &["iso-open-data"],
        () if is_in(&["iso/advancedSearch/"]) => &["iso-search"],
        () if name.starts_with("iso_technical_committees") && !name.contains(".csv") => &["iso-committees"],
        () if starts(&["newGbInfo"]) => &["openstd-standard"],
        () if starts(&["std_list"]) => &["openstd-list"],
        () if starts(&["stdPage"]) => &["samr-search"],
        () if starts(&["gbDetailed"]) => &["samr-detail"],
        () if starts(&["gen1_HANDMADE_SecLens_detail"]) => &["tc260-consultation"],
        () if starts(&["gen1_HANDMADE", "gen2_snippets"]) => &["tc260-consultations"],
        () if starts(&["gen3_snippet"]) => &["tc260-consultations"],
        () if starts(&["gbAdvancedSearchPage", "samr_standards"]) => &["samr-standards"],
        () => &[],
    }
}

fn captures(test: &str) -> Option<PathBuf> {
    let root = std::env::var_os("STAGEWATCH_CAPTURES")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/captures"), PathBuf::from);
    if root.is_dir() {
        return Some(root);
    }
    let what = format!("NOT RUN: fitting::{test}: 433 pages, because the captures are not here\n");
    std::io::stderr().write_all(what.as_bytes()).unwrap();
    None
}

/// The lines of both indexes: file, address, status, type.
fn indexed(root: &Path) -> Vec<(String, Option<Url>, u16, String)> {
    let mut found = Vec::new();
    for (body, status_at) in [("iso", 3), ("cn", 4)] {
        let text = std::fs::read_to_string(root.join(body).join("INDEX.tsv")).unwrap();
        for line in text.lines().skip(1) {
            let cells: Vec<&str> = line.split('\t').collect();
            let status = cells[status_at].trim_end_matches('?').parse().unwrap_or(200);
            let content_type = cells[status_at + 1].trim_end_matches('?').to_owned();
            found.push((format!("{body}/{}", cells[0]), Url::parse(cells[1]).ok(), status, content_type));
        }
    }
    found
}

#[test]
fn every_capture_is_told_to_be_of_its_own_format() {
    let Some(root) = captures("every_capture_is_told_to_be_of_its_own_format") else { return };
    let (mut wrong, mut n_told, mut n_later) = (Vec::new(), 0, 0);
    for (file, url, status, content_type) in indexed(&root) {
        let names = formats_of_capture(&file);
        let Ok(bytes) = std::fs::read(root.join(&file)) else { continue };
        let own = names.iter().find_map(|name| named(name));
        if own.is_none() && !names.is_empty() {
            n_later += 1;
            continue;
        }
        let answered = url.as_ref();
        let served = Served { status, content_type: Some(&content_type), headers: &[], asked: answered, answered };
        let candidates = candidates_of(&served, &bytes, &Scope::default());
        let told = own_fit(&candidates);
        let is_cut = file.ends_with("std_list_GBT20223-2014_20240606_a62eb8b2.html");
        let wanted = own.filter(|_| !is_cut && (200..300).contains(&status)).map(|format| format.name);
        if told == wanted {
            n_told += usize::from(wanted.is_some());
        } else {
            wrong.push(format!("{file}: {told:?} instead of {wanted:?}: {}", candidates[0].why));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    println!("{n_told} told, {n_later} of formats that are not there");
    assert!(n_told > 350, "{n_told}");
}

/// The first good fixture of a format, as the site would serve it.
fn good_page(format: &'static Format) -> Vec<u8> {
    let page = pages_of(format)
        .into_iter()
        .find(|page| {
            candidates_for_fixture(page).iter().any(|c| c.format.name == format.name && c.verdict == Verdict::Fits)
        })
        .unwrap();
    std::fs::read(page).unwrap()
}

fn openstd_page() -> Answer {
    Answer::html(good_page(named("openstd-standard").unwrap()))
}

fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_told_its_format_and_the_table_to_paste_works() {
    let world = World::start().await;
    world.body.set_page("/page", openstd_page());
    let address = world.body.url("/page");
    let (stdout, stderr, code) = output_of(&mut world.program(&["probe", &address]));
    assert_eq!(code, 0, "{stdout}{stderr}");
    let second: Vec<&str> = stdout.lines().nth(1).unwrap().split_whitespace().take(4).collect();
    assert_eq!(second, ["openstd-standard", "fits", "1", "0"], "{stdout}");
    assert_eq!(world.body.n_requests("/page"), 1, "the page is fetched once for all formats");

    let (_, table) = stdout.split_once("add to your configuration:\n\n").unwrap();
    let id = table.lines().find_map(|line| line.strip_prefix("id = ")).unwrap().trim_matches('"');
    let file = world.path().join("pasted.toml");
    let own = std::fs::read_to_string(world.configuration()).unwrap();
    std::fs::write(&file, format!("{own}\n{table}")).unwrap();
    let path = file.to_str().unwrap();
    let (stdout, stderr, code) = output_of(program().args(["check", "--config", path]));
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains("2 sources"), "{stdout}");
    let (stdout, stderr, code) = output_of(program().args(["probe", id, "--config", path]));
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains("openstd-standard: 1 project, 0 defects; whole"), "{stdout}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_table_is_proposed_with_its_columns_and_works_when_pasted() {
    let world = World::start().await;
    let page = |heads: &str, rows: &str| format!("<html><body><h1>x</h1><table>{heads}{rows}</table></body></html>");
    let english = page(
        "<tr><th>No.</th><th>Project</th><th>Title</th><th>Status</th></tr>",
        "<tr><td>1</td><td>ISO/IEC DIS 99001</td><td>Something</td><td>40.20</td></tr>\
         <tr><td>2</td><td>ISO/IEC CD 99002</td><td>Something else</td><td>on ice</td></tr>",
    );
    let chinese = page(
        "<tr><td>计划号</td><td>项目名称</td><td>项目阶段</td></tr>",
        "<tr><td>20319001-T-469</td><td>示例</td><td>正在起草</td></tr>",
    );
    for (path, text, columns, read) in [
        (
            "/en",
            english,
            r#"columns = { reference = "Project", title-en = "Title", stage = "Status" }"#,
            "2 projects, 1 defect",
        ),
        ("/zh", chinese, r#"title-zh = "css:td:nth-child(2)""#, "1 project, 0 defects"),
    ] {
        world.body.set_page(path, Answer::html(text));
        let (stdout, stderr, code) = output_of(&mut world.program(&["probe", &world.body.url(path)]));
        assert_eq!(code, 0, "{stdout}{stderr}");
        assert!(stdout.contains("table fits best") && stdout.contains(columns), "{stdout}");
        let complete = stdout.lines().find(|line| line.starts_with("# complete = true ")).unwrap_or_default();
        assert!(complete.contains("lists all there is") && complete.contains("lost more than half"), "{stdout}");
        let (_, table) = stdout.split_once("add to your configuration:\n\n").unwrap();
        let id = table.lines().find_map(|line| line.strip_prefix("id = ")).unwrap().trim_matches('"');
        let file = world.path().join("pasted.toml");
        let own = std::fs::read_to_string(world.configuration()).unwrap();
        std::fs::write(&file, format!("{own}\n{table}")).unwrap();
        let file = file.to_str().unwrap();
        let (stdout, stderr, code) = output_of(program().args(["probe", id, "--config", file]));
        assert!(code == 0 && stdout.contains(&format!("table: {read}; whole")), "{stdout}{stderr}");
        assert_eq!(table.contains(r#"# stages = { "on ice" = "" }"#), path == "/en", "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn candidates_are_records_with_json_and_the_best_one_is_read() {
    let world = World::start().await;
    world.body.set_page("/page", openstd_page());
    let (stdout, stderr, code) = output_of(&mut world.program(&["probe", &world.body.url("/page"), "--json"]));
    assert_eq!(code, 0, "{stderr}");
    let lines = json_lines(&stdout);
    let candidates: Vec<&Value> = lines.iter().filter_map(|line| line.get("candidate")).collect();
    assert_eq!(candidates.len(), FORMATS.len());
    assert_eq!((&candidates[0]["format"], &candidates[0]["verdict"]), (&"openstd-standard".into(), &"fits".into()));
    assert_eq!(candidates[0]["projects"], 1);
    assert!(candidates.iter().all(|candidate| !candidate["why"].as_str().unwrap().is_empty()));
    assert_eq!(lines.iter().filter(|line| line.get("project").is_some()).count(), 1);
    let page = lines.iter().find_map(|line| line.get("page")).unwrap();
    assert_eq!((&page["format"], &page["whole"]), (&"openstd-standard".into(), &true.into()));
    assert!(lines.last().unwrap()["source"]["toml"].as_str().unwrap().contains("[[source]]"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_no_format_fits_is_exit_code_3_and_proposes_nothing() {
    let world = World::start().await;
    world.body.set_page("/page", openstd_page().with_status(403));
    let (stdout, stderr, code) = output_of(&mut world.program(&["probe", &world.body.url("/page")]));
    assert_eq!(code, 3, "{stdout}{stderr}");
    assert!(stdout.contains("no format fits this page") && stdout.contains("status 403"), "{stdout}");
    assert!(!stdout.contains("[[source]]"), "{stdout}");
    let (stdout, _, code) = output_of(&mut world.program(&["probe", &world.body.url("/page"), "--json"]));
    assert_eq!(code, 3);
    let lines = json_lines(&stdout);
    assert!(lines.iter().all(|line| line["candidate"]["verdict"] == "does-not-fit"), "{stdout}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_named_format_is_the_only_one_that_is_tried() {
    let world = World::start().await;
    world.body.set_page("/page", openstd_page());
    let address = world.body.url("/page");
    let (stdout, _, code) = output_of(&mut world.program(&["probe", &address, "--format", "openstd-standard"]));
    assert_eq!(code, 0, "{stdout}");
    assert!(stdout.contains("openstd-standard: 1 project") && !stdout.contains("VERDICT"), "{stdout}");
    let (stdout, _, code) = output_of(&mut world.program(&["probe", &address, "--format", "samr-search"]));
    assert_eq!(code, 3, "{stdout}");
    let (_, stderr, code) = output_of(&mut world.program(&["probe", &address, "--format", "no-such-format"]));
    assert!(code == 1 && stderr.contains("no format is called `no-such-format`"), "{code} {stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_can_be_probed_with_another_format_or_with_all() {
    let world = World::start().await;
    world.show("40.60");
    let (stdout, stderr, code) = output_of(&mut world.program(&["probe", "open-data", "--format", "auto"]));
    assert_eq!(code, 0, "{stderr}");
    let first: Vec<&str> = stdout.lines().nth(1).unwrap().split_whitespace().take(2).collect();
    assert_eq!(first, ["iso-open-data", "fits"], "{stdout}");
    assert!(stdout.contains("committees = [\"ISO/IEC JTC 1/SC 27\"]"), "{stdout}");
    let (stdout, _, code) = output_of(&mut world.program(&["probe", "open-data", "--format", "samr-plans"]));
    assert_eq!(code, 3, "{stdout}");
    let (_, stderr, code) =
        output_of(&mut world.program(&["probe", "open-data", "--committee", "ISO/IEC JTC 1/SC 27"]));
    assert!(code == 1 && stderr.contains("`--committee` is for addresses"), "{code} {stderr}");
    assert_eq!(world.body.n_requests(OPEN_DATA), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_rows_of_a_committee_are_kept_of_an_address_too() {
    let world = World::start().await;
    world.show("40.60");
    let address = world.body.url(OPEN_DATA);
    for (committee, n_projects) in [("ISO/IEC JTC 1/SC 27", 3), ("ISO/TC 34", 0)] {
        let arguments = ["probe", &address, "--format", "iso-open-data", "--committee", committee, "--json"];
        let (stdout, stderr, _) = output_of(&mut world.program(&arguments));
        let n_shown = json_lines(&stdout).iter().filter(|line| line.get("project").is_some()).count();
        assert_eq!(n_shown, n_projects, "{committee}: {stdout}{stderr}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_neither_source_nor_address_is_told_both() {
    let world = World::start().await;
    for name in ["nowhere", "ftp://example.org/x"] {
        let (_, stderr, code) = output_of(&mut world.program(&["probe", name]));
        assert_eq!(code, 1);
        assert!(stderr.contains("open-data") && stderr.contains("begins with https://"), "{stderr}");
    }
    let (_, stderr, code) = output_of(&mut world.program(&["probe", "http://127.0.0.1:1/x"]));
    assert!(code == 1 && stderr.contains("could not fetch `http://127.0.0.1:1/x`"), "{code} {stderr}");
}

#[test]
fn a_saved_page_is_told_its_format_and_needs_its_address_for_a_source() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    std::fs::write(&file, good_page(named("openstd-standard").unwrap())).unwrap();
    let (stdout, stderr, code) = output_of(program().args(["read", "auto"]).arg(&file));
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("openstd-standard fits best") && stdout.contains("with --url"), "{stdout}");
    assert!(!stdout.contains("format = "), "{stdout}");
    let address = "https://openstd.samr.gov.cn/bzgk/std/newGbInfo?hcno=0";
    let (stdout, _, _) = output_of(program().args(["read", "auto", "--url", address]).arg(&file));
    assert!(stdout.contains(&format!("url = \"{address}\"")) && stdout.contains("Asia/Shanghai"), "{stdout}");
    std::fs::write(&file, "nothing to see").unwrap();
    assert_eq!(output_of(program().args(["read", "auto"]).arg(&file)).2, 3);
}
