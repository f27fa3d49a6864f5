//! What programs ask for: feeds, calendar, API, metrics; and the pages themselves with a real story behind them.

use jiff::Timestamp;
use serde_json::Value;
use stagewatch::daemon::House;
use stagewatch::demo::body::answer::Answer;
use stagewatch::demo::pages::iso_open_data::{Row, lines};

use crate::peers::python;
use crate::support::{OPEN_DATA, World, delivered, output_of, polled};

use super::client::Served;

/// Three moves of one project, one of them by a title that is a script.
pub(super) async fn story(world: &World) -> House {
    let house = world.house();
    let show = |letters: &str, stage: &str, title: &str| {
        let rows = [
            Row::of(56572, &format!("ISO/IEC {letters} 27071"), title, stage),
            Row::of(900_001, "ISO/IEC 90001:2020", "Another one", "60.60"),
            Row::of(900_002, "ISO/IEC CD 90002", "A third one", "30.20"),
        ];
        world.body.set_page(OPEN_DATA, Answer::json_lines(lines(&rows)));
    };
    let steps = [("DIS", "40.20"), ("DIS", "40.60"), ("FDIS", "50.00"), ("FDIS", "50.20")];
    for (letters, stage) in steps {
        show(letters, stage, "Trusted <b>connections</b> & \"more\"");
        polled(&house, "open-data").await;
    }
    delivered(&house, Timestamp::now()).await;
    house
}

pub(super) fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_is_read_by_others_and_is_not_sent_twice() {
    let world = World::start().await;
    story(&world).await;
    let served = Served::of(&world, |settings| {
        settings.public_url = Some("https://stagewatch.example.org/watch/".parse().unwrap());
    })
    .await;
    for path in ["/feed.atom", "/feed.atom?watch=one", "/feed.atom?project=iso:56572"] {
        let answer = served.get(path).await;
        assert_eq!(answer.header("content-type"), Some("application/atom+xml; charset=utf-8"));
        assert!(answer.header("last-modified").unwrap().ends_with(" GMT"));
        let feed = feed_rs::parser::parse(answer.body.as_slice()).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(feed.entries.len(), 3, "{path}");
        assert_eq!(feed.entries[0].title.as_ref().unwrap().content, "ISO/IEC 27071: FDIS 50.00 → 50.20");
        let address = &feed.entries[0].links[0].href;
        assert!(address.starts_with("https://stagewatch.example.org/watch/changes/chg_"), "{address}");
        assert!(feed.entries[0].summary.as_ref().unwrap().content.contains("<b>connections</b>"));
        let ids: std::collections::BTreeSet<_> = feed.entries.iter().map(|entry| &entry.id).collect();
        assert_eq!(ids.len(), 3);
        let tag = answer.header("etag").unwrap();
        assert_eq!(served.get_with(path, &[&format!("If-None-Match: {tag}")]).await.status, 304);
    }
    assert_eq!(served.get("/feed.atom?watch=none").await.status, 404);
    assert_eq!(served.get("/feed.atom?project=none").await.status, 400);
    let chinese = served.get("/feed.atom?lang=zh").await.text();
    assert!(chinese.contains("全部变动"), "{chinese}");
    let calendar = served.get("/calendar.ics?project=iso:56572").await;
    assert_eq!(calendar.header("content-type"), Some("text/calendar; charset=utf-8"));
    let text = calendar.text();
    assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.trim_end().ends_with("END:VCALENDAR"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_gives_the_records_a_page_at_a_time_and_its_description_names_what_there_is() {
    let world = World::start().await;
    story(&world).await;
    let served = Served::of(&world, |_| {}).await;
    let (mut path, mut seen) = ("/api/v1/changes?limit=1".to_owned(), Vec::new());
    loop {
        let page = json(&served.get(&path).await.text());
        seen.extend(
            page["items"].as_array().unwrap().iter().map(|change| change["to"]["code"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else { break };
        path = next.to_owned();
    }
    assert_eq!(seen, ["50.20", "50.00", "40.60"]);
    let (mut path, mut seen) = ("/api/v1/standards?watch=*&limit=2&sort=reference".to_owned(), Vec::new());
    loop {
        let page = json(&served.get(&path).await.text());
        assert_eq!(page["found"], 3);
        seen.extend(
            page["items"].as_array().unwrap().iter().map(|item| item["project"]["id"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else { break };
        path = next.to_owned();
    }
    assert_eq!(seen, ["iso:56572", "iso:900001", "iso:900002"]);
    let one = json(&served.get("/api/v1/standards/iso:56572").await.text());
    assert_eq!(one["history"].as_array().unwrap().len(), 4);
    assert_eq!(one["watches"][0], "one");
    let deliveries = served.get("/api/v1/deliveries").await.text();
    assert!(deliveries.contains("a~ca…@example.org") && !deliveries.contains("a@example.org"), "{deliveries}");

    let description = json(&served.get("/api/v1/openapi.json").await.text());
    assert_eq!(description["openapi"], "3.1.0");
    let delivery = json(&deliveries)["items"][0]["id"].as_str().unwrap().to_owned();
    // The command line says the same in the same shape, line by line.
    let (printed, _, _) = output_of(&mut world.program(&["deliveries", &delivery, "--json"]));
    let mut printed: Vec<Value> = printed.lines().map(json).collect();
    let mut one = json(&served.get(&format!("/api/v1/deliveries/{delivery}")).await.text());
    let tried = one.as_object_mut().unwrap().remove("tried").unwrap();
    assert_eq!((one, tried), (printed.remove(0), Value::Array(printed)));
    let change = json(&served.get("/api/v1/changes").await.text())["items"][0]["id"].as_str().unwrap().to_owned();
    for (path, about) in description["paths"].as_object().unwrap() {
        let id = match path.split('/').nth(3).unwrap() {
            "standards" => "iso:56572",
            "changes" => &change,
            "sources" => "open-data",
            _ => &delivery,
        };
        let answer = served.get(&path.replace("{id}", id)).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.header("etag").is_some() && answer.header("access-control-allow-origin").is_none());
        let schema =
            about["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].as_str().unwrap();
        let shape = description.pointer(schema.trim_start_matches('#')).unwrap_or_else(|| panic!("{schema}"));
        // What comes has the fields that are promised, and no others.
        let promised: std::collections::BTreeSet<&String> = shape["properties"].as_object().unwrap().keys().collect();
        let sent = json(&answer.text());
        let sent: std::collections::BTreeSet<&String> = sent.as_object().unwrap().keys().collect();
        assert!(sent.is_subset(&promised), "{path}: {sent:?} and {promised:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_api_does_not_know_it_refuses_and_never_answers_with_everything() {
    let world = World::start().await;
    story(&world).await;
    let served = Served::of(&world, |_| {}).await;
    for wrong in [
        "changes?limit=0",
        "changes?after=x",
        "changes?kind=x",
        "changes?since=x",
        "changes?since=",
        "changes?watch=%20",
        "deliveries?subscriber=",
        "standards?sort=x",
        "standards?body=x",
        "sources/open-data/polls?before=-1",
    ] {
        let wrong = &format!("/api/v1/{wrong}");
        let refused = served.get(wrong).await;
        assert_eq!(refused.status, 400, "{wrong}");
        assert_eq!(json(&refused.text())["status"], 400);
    }
    assert_eq!(served.get("/api/v1/standards/iso:1").await.status, 404);
    assert_eq!(served.get("/api/v1/standards?after=iso:1").await.status, 404, "what is gone is no place to go on from");
    let nowhere = served.get("/api/v1/standards?committee=nowhere&watch=*").await;
    assert_eq!(json(&nowhere.text())["found"], 0, "a committee that nobody knows has nothing, and not everything");
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_have_the_names_of_their_conventions_and_count_what_happened() {
    let world = World::start().await;
    story(&world).await;
    let served = Served::of(&world, |_| {}).await;
    let text = served.get("/metrics").await.text();
    for line in [
        "stagewatch_polls_total{source=\"open-data\",outcome=\"baseline\"} 1",
        "stagewatch_polls_total{source=\"open-data\",outcome=\"changed\"} 3",
        "stagewatch_source_troubles{source=\"open-data\"} 0",
        "stagewatch_ready 1",
        "stagewatch_projects 3",
        "# EOF",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(text.contains("# TYPE stagewatch_delivery_seconds histogram"), "{text}");
    assert!(text.contains("# TYPE stagewatch_poll_seconds histogram"), "{text}");
    assert!(text.contains("stagewatch_poll_seconds_count{source=\"open-data\"} 4"), "{text}");
    assert!(text.contains("# TYPE stagewatch_disk_free_bytes gauge"), "{text}");
    for line in [
        "_count{channel=\"webhook\",outcome=\"delivered\"} ",
        "_bucket{le=\"+Inf\",channel=\"webhook\",outcome=\"delivered\"} ",
    ] {
        let line = format!("stagewatch_delivery_seconds{line}");
        let n_delivered = text.split_once(&line).and_then(|(_, rest)| rest.split('\n').next());
        assert_eq!(n_delivered, Some("3"), "{line} in {text}");
    }
    assert!(text.contains("stagewatch_source_last_success_timestamp_seconds{source=\"open-data\"} 1"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_made_in_both_languages_and_says_what_it_is_about() {
    let world = World::with(
        "[[work-plan]]\nid = \"plan\"\n[[work-plan.task]]\ntitle = \"Advance\"\nstandards = [\"ISO/IEC 27071\"]\ngoal = \"advance\"\n",
    )
    .await;
    let house = story(&world).await;
    let served = Served::of(&world, |_| {}).await;
    let change = house.store.changes(&stagewatch::store::changes::ChangeFilter::default()).unwrap().pop().unwrap();
    let after = change.evidence.after.sha256.clone();
    let pages = [
        ("/".to_owned(), "27071"),
        ("/standards?q=27071".to_owned(), "step 6 of 7|第 6 步"),
        ("/standards/iso:56572".to_owned(), "aria-current=\"step\""),
        ("/timeline".to_owned(), "class=\"s6\""),
        ("/changes".to_owned(), "50.00 → 50.20"),
        ("/changes?kind=stage-moved&watch=one".to_owned(), "27071"),
        (format!("/changes/{}", change.id), "<ins>20</ins>"),
        (format!("/changes/{}?view=unified", change.id), "class=\"unified\""),
        (format!("/changes/{}/diff", change.id), "50.20"),
        ("/sources".to_owned(), "open-data"),
        ("/sources/open-data?defects=1".to_owned(), "27071"),
        ("/plans".to_owned(), "1</strong> / 1"),
        ("/deliveries?state=delivered".to_owned(), "[stagewatch]"),
    ];
    for language in ["en", "zh"] {
        for (path, says) in &pages {
            let join = if path.contains('?') { '&' } else { '?' };
            let answer = served.get(&format!("{path}{join}lang={language}")).await;
            let text = answer.text();
            assert_eq!(answer.status, 200, "{path}: {text}");
            assert!(
                says.split('|').any(|says| text.contains(says)),
                "{path} in {language} says nothing of {says}: {text}"
            );
            assert!(!text.contains("could not be made") && !text.contains("<b>connections"), "{path}: {text}");
        }
    }
    let snapshot = served.get(&format!("/snapshots/{after}")).await;
    assert_eq!(snapshot.status, 200);
    assert!(snapshot.header("content-security-policy").unwrap().starts_with("sandbox; default-src 'none'"));
    let kept = served.get(&format!("/snapshots/{after}?download=1")).await;
    assert!(kept.header("content-disposition").unwrap().starts_with("attachment"));
    let zip = served.get(&format!("/changes/{}/evidence.zip", change.id)).await;
    assert_eq!(zip.header("content-type"), Some("application/zip"));
    let file = world.path().join("evidence.zip");
    let told = crate::support::output_of(&mut world.program(&["evidence", &change.id, "-o", file.to_str().unwrap()]));
    assert_eq!(told.2, 0, "{}", told.1);
    assert_eq!(std::fs::read(&file).unwrap(), zip.body, "the same change gives the same bytes");
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip.body)).unwrap();
    let names: std::collections::BTreeSet<String> =
        archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    for name in
        ["before.jsonl", "after.jsonl", "after.headers.txt", "change.json", "diff.txt", "SHA256SUMS", "README.txt"]
    {
        assert!(names.contains(name), "{name} in {names:?}");
    }
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut archive.by_name("after.jsonl").unwrap(), &mut bytes).unwrap();
    assert_eq!(stagewatch::store::snapshots::sha256_of(&bytes), after);
    let plan = crate::support::output_of(&mut world.program(&["plan", "--json"]));
    assert_eq!(json(&plan.0)["standing"], "reached", "{}", plan.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_tests_the_api_by_its_description_alone_finds_nothing() {
    let world = World::start().await;
    story(&world).await;
    let served = Served::of(&world, |_| {}).await;
    let description = format!("http://{}/api/v1/openapi.json", served.address);
    let script = r#"
import subprocess, sys, tempfile
begin = "from schemathesis.cli import schemathesis; schemathesis()"
options = ["--checks", "all", "--phases", "coverage,fuzzing", "--max-examples", "20", "--generation-deterministic"]
options += ["--no-color"]
with tempfile.TemporaryDirectory() as folder:
    command = [sys.executable, "-c", begin, "run", sys.stdin.read(), *options]
    told = subprocess.run(command, cwd=folder, capture_output=True, text=True)
if told.returncode or "9 selected / 9 total" not in told.stdout:
    sys.exit(told.stdout + told.stderr)
print("nothing")
"#;
    let what = "the API against its description";
    let said = tokio::task::spawn_blocking(move || python(what, script, description.as_bytes()));
    if let Some(said) = said.await.unwrap() {
        assert_eq!(said.trim(), "nothing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_evidence_was_cleared_out_says_so_and_leads_nowhere() {
    use stagewatch::store::pruning::{Evidence, Retention};
    let world = World::start().await;
    let house = story(&world).await;
    let served = Served::of(&world, |_| {}).await;
    let newest_first = json(&served.get("/api/v1/changes").await.text());
    let oldest = newest_first["items"].as_array().unwrap().last().unwrap();
    let (id, before) = (oldest["id"].as_str().unwrap(), oldest["evidence"]["before"]["sha256"].as_str().unwrap());
    let page = served.get(&format!("/changes/{id}")).await.text();
    assert!(page.contains("<iframe") && page.contains(&format!("/snapshots/{before}")), "{page}");
    let nothing = std::time::Duration::ZERO;
    let retention = Retention {
        polls: nothing,
        deliveries: nothing,
        snapshots: nothing,
        most_polls: None,
        most_deliveries: None,
        most_snapshots: None,
        evidence: Evidence::Goes,
    };
    house.store.prune(&retention, Timestamp::now()).unwrap();
    let page = served.get(&format!("/changes/{id}")).await;
    let text = page.text();
    assert_eq!(page.status, 200);
    assert!(text.contains("cleared out") && text.contains(before), "{text}");
    assert!(!text.contains("<iframe") && !text.contains("/snapshots/"), "{text}");
}
