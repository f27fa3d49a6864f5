//! The pages over sockets, as browsers, programs and intruders ask for them.

/// What people do, in a browser.
mod browser;
/// A site that is served, and a client as plain as they come.
pub(crate) mod client;
/// Where there is nothing to show, and who does not look.
mod empty;
/// What programs ask for.
mod programs;
/// What a new reader reads.
mod reading;
/// How much memory that takes.
mod room;
/// Every part of a page of one thing.
mod whole;
/// What closes when, and who can do what.
mod windows;

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use stagewatch::store::{Poll, PollOutcome};
use stagewatch::web::settings::Network;
use stagewatch::web::token::Token;

use crate::support::{SOON, World};
use client::{Served, TOKEN};

fn with_token(settings: &mut stagewatch::web::settings::Settings) {
    settings.token = Some(Token::parse(TOKEN).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn this_machine_reads_without_a_token_and_whoever_is_behind_a_proxy_does_not() {
    let world = World::start().await;
    let served = Served::of(&world, |_| {}).await;
    let page = served.get("/").await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    for forwarded in ["X-Forwarded-For: 127.0.0.1", "Forwarded: for=127.0.0.1", "X-Forwarded-Host: localhost"] {
        assert_eq!(served.get_with("/", &[forwarded]).await.status, 403, "{forwarded}");
    }
    assert_eq!(served.get_with("/healthz", &["X-Forwarded-For: 203.0.113.9"]).await.status, 200);

    let trusting = Served::of(&world, |settings| {
        with_token(settings);
        settings.trusted_proxies = vec![Network::parse("127.0.0.1").unwrap()];
    })
    .await;
    let far = "X-Forwarded-For: 203.0.113.9";
    assert_eq!(trusting.get_with("/", &[far]).await.status, 401);
    let asked_to_log_in = trusting.get_with("/standards?q=x", &[far, "Accept: text/html"]).await;
    assert_eq!(asked_to_log_in.status, 303);
    assert_eq!(asked_to_log_in.header("location"), Some("/login?next=%2Fstandards%3Fq%3Dx"));
    let bearer = format!("Authorization: Bearer {TOKEN}");
    assert_eq!(trusting.get_with("/", &[far, &bearer]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn elsewhere_everybody_needs_the_token_unless_it_is_open_on_purpose() {
    let world = World::start().await;
    let elsewhere = |settings: &mut stagewatch::web::settings::Settings| {
        with_token(settings);
        settings.listen = Some("0.0.0.0:8260".parse().unwrap());
    };
    let served = Served::of(&world, elsewhere).await;
    assert_eq!(served.get("/").await.status, 401);
    assert_eq!(served.get("/healthz").await.status, 200);
    assert_eq!(served.get("/login").await.status, 200);
    let open = Served::of(&world, |settings| {
        elsewhere(settings);
        settings.open = true;
    })
    .await;
    assert_eq!(open.get("/").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_sites_name_or_form_does_not_get_in() {
    let world = World::start().await;
    let served = Served::of(&world, |settings| {
        with_token(settings);
        settings.public_url = Some("https://stagewatch.example.org/".parse().unwrap());
    })
    .await;
    for (host, status) in [
        ("localhost:8260", 200),
        ("127.0.0.1", 200),
        ("[::1]:8260", 200),
        ("stagewatch.example.org", 200),
        ("rebound.example.net", 421),
        ("127.0.0.1.example.net", 421),
    ] {
        assert_eq!(served.ask("GET", "/", &[&format!("Host: {host}")], "").await.status, status, "{host}");
    }
    let form = format!("token={TOKEN}");
    for (header, status) in [
        ("Sec-Fetch-Site: cross-site", 403),
        ("Sec-Fetch-Site: same-site", 403),
        ("Origin: https://example.net", 403),
        ("Origin: null", 403),
        ("Sec-Fetch-Site: same-origin", 303),
    ] {
        assert_eq!(served.post_with("/login", &[header], &form).await.status, status, "{header}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_shows_the_token_once_and_who_tries_tokens_out_is_kept_waiting() {
    let world = World::start().await;
    let served = Served::of(&world, with_token).await;
    let entered = served.post_with("/login", &[], &format!("token={TOKEN}&next=%2Fsources")).await;
    assert_eq!((entered.status, entered.header("location")), (303, Some("/sources")));
    let cookie = entered.header("set-cookie").unwrap();
    assert!(cookie.starts_with("stagewatch=") && cookie.contains("HttpOnly; SameSite=Strict"), "{cookie}");
    let session = format!("Cookie: {}", cookie.split(';').next().unwrap());
    assert!(served.get_with("/", &[&session]).await.text().contains("Log out"));
    assert!(!served.get("/").await.text().contains("Log out"));

    for _ in 0..5 {
        let wrong = served.post_with("/login", &["Accept: text/html"], "token=wrong").await;
        assert_eq!(wrong.status, 403);
        assert!(wrong.text().contains("That is not the token."), "{}", wrong.text());
    }
    let refused = served.post_with("/login", &[], &format!("token={TOKEN}")).await;
    assert_eq!(refused.status, 429, "even the right one is not looked at");
    assert!(refused.header("retry-after").unwrap().parse::<u32>().unwrap() <= 61);
    let bearer = served.get_with("/", &[&format!("Authorization: Bearer {TOKEN}")]).await;
    assert_eq!(bearer.status, 429);
    assert_eq!(served.get_with("/", &[&session]).await.status, 200, "who is in stays in");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_forbids_what_no_page_needs() {
    let world = World::start().await;
    let served = Served::of(&world, |_| {}).await;
    let answers = [
        served.get("/").await,
        served.get("/nothing/here").await,
        served.get("/assets/style.css").await,
        served.get("/healthz").await,
        served.ask("GET", "/", &["Host: rebound.example.net"], "").await,
        served.ask("POST", "/", &[], "").await,
    ];
    assert_eq!(answers.each_ref().map(|answer| answer.status), [200, 404, 200, 200, 421, 405]);
    for answer in &answers {
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{policy}");
        assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("x-frame-options"), Some("DENY"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    }
    let text = answers[0].text();
    assert!(!text.contains("style=") && !text.contains("<style") && !text.contains(" onclick"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_did_not_change_is_not_sent_again() {
    let world = World::start().await;
    let served = Served::of(&world, |_| {}).await;
    let page = served.get("/sources").await;
    let tag = page.header("etag").unwrap().to_owned();
    let again = served.get_with("/sources", &[&format!("If-None-Match: {tag}")]).await;
    assert_eq!((again.status, again.text()), (304, String::new()));
    assert_eq!(served.get_with("/sources", &["If-None-Match: \"other\""]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_speaks_the_language_of_its_reader() {
    let world = World::start().await;
    let served = Served::of(&world, |_| {}).await;
    assert!(served.get("/").await.text().contains("<html lang=\"en\""));
    assert!(served.get_with("/", &["Accept-Language: zh-CN,zh;q=0.9"]).await.text().contains("<html lang=\"zh-CN\""));
    let chosen = served.get("/sources?lang=zh&theme=dark").await;
    assert!(chosen.text().contains("data-theme=\"dark\"") && chosen.text().contains("来源"));
    let cookies = chosen.headers("set-cookie");
    assert_eq!(cookies.len(), 2, "{cookies:?}");
    assert!(served.get_with("/", &["Cookie: lang=zh"]).await.text().contains("总览"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_keeps_us_waiting_is_cut_off() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let world = World::start().await;
    let served = Served::of(&world, |settings| settings.patience = Duration::from_millis(300)).await;
    let mut stream = tokio::net::TcpStream::connect(served.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ").await.unwrap();
    let begun = Instant::now();
    let mut rest = Vec::new();
    let closed = tokio::time::timeout(SOON, stream.read_to_end(&mut rest)).await;
    assert!(closed.is_ok(), "the connection was kept");
    assert!(begun.elapsed() >= Duration::from_millis(250), "{:?}", begun.elapsed());
    let text = String::from_utf8_lossy(&rest);
    assert!(!text.contains("200 OK"), "{text}");
    assert_eq!(served.get("/healthz").await.status, 200);

    let huge = format!("token={}", "x".repeat(100_000));
    let answer = served.post_with("/login", &[], &huge).await;
    assert_eq!(answer.status, 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn ready_says_what_is_late_and_alive_says_only_that() {
    let world = World::start().await;
    let served = Served::of(&world, |_| {}).await;
    assert_eq!(served.get("/healthz").await.text(), "{\"alive\":true}\n");
    let fresh = served.get("/readyz").await;
    assert_eq!(fresh.status, 200, "{}", fresh.text());
    assert!(fresh.text().starts_with("{\"ready\":true,"), "{}", fresh.text());

    // The schedule of the source has fired since, and nobody polled.
    let three_days_ago = Timestamp::now() - SignedDuration::from_hours(24 * 5);
    let poll = Poll {
        source: "open-data".to_owned(),
        at: three_days_ago,
        duration: Duration::ZERO,
        outcome: PollOutcome::Unchanged,
        why: None,
        status: Some(200),
        size_bytes: 0,
        n_projects: 0,
        n_defects: 0,
        n_changes: 0,
    };
    served.store.record_poll(&poll, &[]).unwrap();
    let late = Served::opened_at(&world, Timestamp::now() - SignedDuration::from_hours(48), |_| {}).await;
    let answer = late.get("/readyz").await;
    assert_eq!(answer.status, 503);
    let said: serde_json::Value = serde_json::from_str(&answer.text()).unwrap();
    assert_eq!(said["ready"], false);
    assert_eq!(said["polls"]["late"][0]["what"], "open-data");
    assert_eq!(said["deliveries"]["moving"], true);
    let stranger = late.get_with("/readyz", &["X-Forwarded-For: 203.0.113.9"]).await;
    assert_eq!(stranger.status, 503);
    assert!(!stranger.text().contains("open-data"), "{}", stranger.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_serves_pages_and_an_address_that_was_chosen_must_be_free() {
    let world = World::with("[web]\nlisten = \"127.0.0.1:0\"\n").await;
    world.show("40.60");
    let mut run = world.program(&["run"]).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let said = run.stderr.take().unwrap();
    let found = tokio::task::spawn_blocking(move || {
        let lines = std::io::BufRead::lines(std::io::BufReader::new(said));
        let address = |line: String| line.split_once("pages at http://")?.1.split('/').next()?.parse().ok();
        let mut lines = lines.map_while(Result::ok);
        let found: Option<std::net::SocketAddr> = lines.find_map(address);
        // Whoever stops reading would stop the program too.
        (found, std::thread::Builder::new().spawn(move || lines.for_each(drop)).unwrap())
    });
    let (address, _reading) = tokio::time::timeout(SOON, found).await.unwrap().unwrap();
    assert_eq!(client::ask(address.unwrap(), "GET", "/healthz", &[], "").await.status, 200);
    let pid = run.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let ended = tokio::task::spawn_blocking(move || run.wait().unwrap());
    assert_eq!(tokio::time::timeout(SOON, ended).await.unwrap().unwrap().code(), Some(0));

    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listen = format!("[web]\nlisten = \"{}\"\n", taken.local_addr().unwrap());
    let world = World::with(&listen).await;
    let (_, said, code) = crate::support::output_of(&mut world.program(&["run"]));
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("choose another address with [web] listen"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_left_by_one_click_from_anywhere_and_looking_leaves_nothing() {
    use stagewatch::masked::Recipient;
    use stagewatch::signed::{self, Unsubscription};
    let world = World::start().await;
    let served = Served::of(&world, |settings| {
        with_token(settings);
        settings.listen = Some("0.0.0.0:8260".parse().unwrap());
    })
    .await;
    let of = |watch: Option<&str>| Unsubscription {
        subscriber: "people".to_owned(),
        recipient: Recipient::new("a@example.org"),
        watch: watch.map(str::to_owned),
    };
    let key = served.store.key(signed::KEY).unwrap();
    let path = format!("/unsubscribe/{}", signed::token(&key, &of(Some("one"))));
    let looked = served.get(&path).await;
    assert_eq!(looked.status, 200);
    let text = looked.text();
    assert!(text.contains("Stop these alerts?") && text.contains("a~ca…@example.org"), "{text}");
    assert!(!text.contains("a@example.org"), "{text}");
    assert!(served.store.stops().unwrap().is_empty());
    assert_eq!(served.post_with(&path, &[], "nothing=1").await.status, 400);
    assert!(served.store.stops().unwrap().is_empty());

    for _ in 0..2 {
        // As the servers of large mail providers do it: from nowhere, without cookies, following nothing.
        let stopped = served.post_with(&path, &["Origin: null"], "List-Unsubscribe=One-Click").await;
        assert_eq!(stopped.status, 200);
        assert!(stopped.text().contains("These alerts are stopped"), "{}", stopped.text());
    }
    let stops = served.store.stops().unwrap();
    assert_eq!(stops.len(), 1);
    assert_eq!((stops[0].subscriber.as_str(), stops[0].watch.as_deref()), ("people", Some("one")));
    assert!(served.get(&path).await.text().contains("These alerts are stopped"));
    let everything = format!("/unsubscribe/{}", signed::token(&key, &of(None)));
    assert!(served.get(&everything).await.text().contains("every alert"));
    assert!(served.get(&everything).await.text().contains("Stop these alerts?"));
    for forged in ["x", &signed::token(&[7; 32], &of(None))] {
        assert_eq!(served.get(&format!("/unsubscribe/{forged}")).await.status, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_sent_again_by_whoever_shows_the_token_and_by_nobody_else() {
    let world = World::start().await;
    let served = Served::of(&world, with_token).await;
    world.show("40.60");
    let house = world.house();
    crate::support::polled(&house, "open-data").await;
    world.show("50.00");
    crate::support::polled(&house, "open-data").await;
    crate::support::delivered(&house, Timestamp::now()).await;
    let id = world.hook.deliveries()[0].id.clone();

    let text = served.get(&format!("/deliveries/{id}")).await.text();
    assert!(text.contains("delivered") && !text.contains("Send again"), "{text}");
    assert!(!served.get("/deliveries").await.text().contains("a@example.org"));
    let again = format!("/deliveries/{id}/again");
    assert_eq!(served.post_with(&again, &[], "").await.status, 403);
    let bearer = format!("Authorization: Bearer {TOKEN}");
    let entered = served.post_with("/login", &[], &format!("token={TOKEN}")).await;
    let session = format!("Cookie: {}", entered.header("set-cookie").unwrap().split(';').next().unwrap());
    assert_eq!(served.post_with(&again, &[&session], "word=guessed").await.status, 403, "another site's form");
    let page = served.get_with(&format!("/deliveries/{id}"), &[&session]).await.text();
    let hidden = page.rsplit("name=\"word\" value=\"").next().unwrap().split('"').next().unwrap();
    let sent = served.post_with(&again, &[&session], &format!("word={hidden}")).await;
    assert_eq!((sent.status, sent.header("location")), (303, Some(format!("/deliveries/{id}?again=1").as_str())));
    crate::support::delivered(&house, Timestamp::now()).await;
    assert_eq!(world.hook.deliveries().len(), 2, "under the same id");
    assert_eq!(served.post_with(&again, &[&bearer], "").await.status, 303);
    assert_eq!(served.post_with("/deliveries/dlv_none/again", &[&bearer], "").await.status, 404);
}
