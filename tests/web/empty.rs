//! What pages say where there is nothing to show: what to do next. And who asks without being somebody that looks.

use crate::support::World;

use super::client::Served;
use super::programs::{json, story};

#[tokio::test(flavor = "multi_thread")]
async fn a_page_with_nothing_on_it_says_what_to_do_next() {
    let world = World::start().await;
    let served = Served::of(&world, |_| {}).await;
    for (path, says) in [
        ("/", "stagewatch poll"),
        ("/standards", "stagewatch poll"),
        ("/timeline", "[[watch]]"),
        ("/changes", "/standards?watch=*"),
        ("/changes?kind=withdrawn", "href=\"/changes\""),
        ("/deliveries", "stagewatch test SUBSCRIBER"),
        ("/deliveries?state=failed", "href=\"/deliveries\""),
        ("/plans", "[[work-plan]]"),
    ] {
        for language in ["en", "zh"] {
            let join = if path.contains('?') { '&' } else { '?' };
            let text = served.get(&format!("{path}{join}lang={language}")).await.text();
            assert!(text.contains(says), "{path} in {language} does not say {says}: {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_moved_since_somebody_looked_is_for_who_looks_and_not_for_programs() {
    let world = World::start().await;
    story(&world).await;
    let served = Served::of(&world, |_| {}).await;
    let looked = |answer: &super::client::Answer| {
        answer.headers("set-cookie").iter().find_map(|cookie| cookie.strip_prefix("looked=").map(str::to_owned))
    };
    let first = served.get("/").await;
    assert!(first.text().contains("What moved in the last week"), "{}", first.text());
    let cookie = looked(&first).unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let hour_ago: i64 = cookie.split('.').nth(1).unwrap().parse::<i64>().unwrap() - 3700;
    // Who looked more than an hour ago has seen nothing of it; who looks again has.
    let before = served.get_with("/", &[&format!("Cookie: looked={hour_ago}.{hour_ago}")]).await.text();
    assert!(before.contains("since you last looked") && before.contains("50.00 → 50.20"), "{before}");
    let later = i64::from(i32::MAX);
    let ahead = served.get_with("/", &[&format!("Cookie: looked={later}.{later}")]).await.text();
    assert!(ahead.contains("What moved in the last week"), "a clock that was wrong is not believed: {ahead}");
    assert_eq!(looked(&served.get_with("/", &["Sec-Purpose: prefetch"]).await), None, "nobody has seen it yet");
    for path in ["/feed.atom?lang=zh", "/calendar.ics?lang=zh", "/api/v1/changes?lang=zh", "/metrics"] {
        assert_eq!(served.get(path).await.headers("set-cookie"), Vec::<&str>::new(), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn feeds_and_the_api_are_not_sent_twice_to_who_asks_by_tag_or_by_moment() {
    let world = World::start().await;
    let house = story(&world).await;
    let served = Served::of(&world, |_| {}).await;
    let id = json(&served.get("/api/v1/changes").await.text())["items"][0]["id"].as_str().unwrap().to_owned();
    let delivery = json(&served.get("/api/v1/deliveries").await.text())["items"][0]["id"].as_str().unwrap().to_owned();
    let own = [format!("/api/v1/changes/{id}"), format!("/api/v1/deliveries/{delivery}")];
    let paths = [
        "/feed.atom",
        "/feed.atom?project=iso:56572",
        "/calendar.ics",
        "/api/v1/openapi.json",
        "/api/v1/standards",
        "/api/v1/standards/iso:56572",
        "/api/v1/changes",
        "/api/v1/sources",
        "/api/v1/sources/open-data/polls",
        "/api/v1/deliveries",
        "/api/v1/plans",
    ];
    for path in paths.into_iter().chain(own.iter().map(String::as_str)) {
        let answer = served.get(path).await;
        let (tag, modified) = (answer.header("etag").unwrap(), answer.header("last-modified").unwrap());
        for (asked, status) in [
            (format!("If-None-Match: {tag}"), 304),
            (format!("If-Modified-Since: {modified}"), 304),
            ("If-None-Match: \"another\"".to_owned(), 200),
            ("If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT".to_owned(), 200),
            ("If-Modified-Since: yesterday".to_owned(), 200),
        ] {
            assert_eq!(served.get_with(path, &[&asked]).await.status, status, "{path} {asked}");
        }
        let both = format!("If-None-Match: \"another\"\r\nIf-Modified-Since: {modified}");
        assert_eq!(served.get_with(path, &[&both]).await.status, 200, "{path}: the tag decides");
    }
    // What changes is sent, also within the same second.
    let modified = served.get("/api/v1/sources").await.header("last-modified").unwrap().to_owned();
    crate::support::polled(&house, "open-data").await;
    let asked = format!("If-Modified-Since: {modified}");
    assert_eq!(served.get_with("/api/v1/sources", &[&asked]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_write_anything_down_is_alive_and_not_able() {
    use stagewatch::changes::alarms::Alarm;
    let world = World::start().await;
    let served = Served::of(&world, |_| {}).await;
    let said = async || json(&served.get("/readyz").await.text());
    assert_eq!((said().await["able"].as_bool(), said().await["ready"].as_bool()), (Some(true), Some(true)));
    let now = jiff::Timestamp::now();
    let alarm = Alarm {
        about: "disk".to_owned(),
        kind: "disk.trouble".to_owned(),
        what: "The database cannot be written: disk full.".to_owned(),
        since: now,
        told_at: now,
    };
    served.store.tell_operator(&[alarm], &[], &[]).unwrap();
    assert_eq!(served.get("/readyz").await.status, 503);
    assert_eq!((said().await["able"].as_bool(), said().await["polls"]["moving"].as_bool()), (Some(false), Some(true)));
    assert_eq!(served.get("/healthz").await.status, 200);
    let page = served.get("/?lang=zh").await.text();
    assert!(page.contains("数据库无法写入："), "{page}");
}
