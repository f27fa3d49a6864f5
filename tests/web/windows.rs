//! What closes when and who can do what about it, on every page, in feeds and in the API: a ballot of which no page prints the day.

use crate::support::World;

use super::client::Served;
use super::programs::{json, story};

#[tokio::test(flavor = "multi_thread")]
async fn an_expected_closing_day_stands_everywhere_and_is_marked_as_expected() {
    let world = World::start().await;
    let house = story(&world).await;
    let served = Served::of(&world, |_| {}).await;
    let one = json(&served.get("/api/v1/standards/iso:56572").await.text());
    let window = &one["window"];
    assert_eq!((&window["kind"], &window["expected"]), (&json("\"final-ballot\""), &json("true")));
    let day = window["closes"].as_str().unwrap();
    assert!(window["reckoned-from"].is_string(), "{one}");
    for (language, expected) in [("en", "expected"), ("zh", "预计")] {
        for path in ["/?", "/standards?sort=closes&", "/standards/iso:56572?"] {
            let text = served.get(&format!("{path}lang={language}")).await.text();
            assert!(text.contains(day) && text.contains(expected), "{path} in {language}: {text}");
        }
    }
    assert!(served.get("/").await.text().contains("<li class=\"expected\">"));
    // A calendar has it as the mail has it, and as tentative.
    let changes = house.store.changes(&stagewatch::store::changes::ChangeFilter::default()).unwrap();
    for path in ["/calendar.ics", "/calendar.ics?watch=one", "/calendar.ics?project=iso:56572"] {
        let text = served.get(path).await.text();
        let sequence = format!("SEQUENCE:{}\r\n", changes.len());
        let start = format!("DTSTART;VALUE=DATE:{}\r\n", day.replace('-', ""));
        let summary = "SUMMARY:ISO/IEC 27071: final ballot closes (expected)";
        for line in ["STATUS:TENTATIVE\r\n", &sequence, &start, "-final-ballot@stagewatch\r\n", summary] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }
    let (printed, _, _) = crate::support::output_of(&mut world.program(&["standards", "ISO/IEC 27071", "--json"]));
    assert_eq!(json(&printed)["window"], *window, "the command line says the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_says_what_can_be_done_by_whom_until_the_project_has_moved_on() {
    let world = World::start().await;
    story(&world).await;
    let served = Served::of(&world, |_| {}).await;
    let changes = json(&served.get("/api/v1/changes").await.text());
    let (newest, before) = (&changes["items"][0], &changes["items"][1]);
    assert_eq!((&newest["action"]["kind"], &newest["action"]["by"]), (&json("\"vote\""), &json("\"national-bodies\"")));
    assert_eq!(before["action"]["kind"], "none");
    let path = |change: &serde_json::Value| format!("/changes/{}", change["id"].as_str().unwrap());
    assert_eq!(json(&served.get(&format!("/api/v1{}", path(newest))).await.text())["action"], newest["action"]);
    let text = served.get(&path(newest)).await.text();
    assert!(text.contains("To do: vote until") && text.contains("national bodies vote yes or no"), "{text}");
    assert!(served.get(&format!("{}?lang=zh", path(newest))).await.text().contains("需办："));
    let text = served.get(&path(before)).await.text();
    assert!(text.contains("has moved on since") && text.contains("FDIS 50.20"), "{text}");
    let feed = served.get("/feed.atom").await.text();
    assert!(feed.contains("To do: vote until") && feed.contains("No action needed"), "{feed}");
}
