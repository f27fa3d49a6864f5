//! The body: what it serves, how it misbehaves, and what it remembers.

use std::time::Duration;

use stagewatch::demo::body::ScriptedBody;
use stagewatch::demo::body::answer::{Answer, Misbehaviour};

use super::{SOON, client};

async fn body_with(path: &str, answer: Answer) -> ScriptedBody {
    let body = ScriptedBody::start().await.unwrap();
    body.set_page(path, answer);
    body
}

#[tokio::test]
async fn a_page_is_served_as_it_was_set() {
    let page = Answer::html("<p>页面</p>").with_header("X-One", "1").with_status(203);
    let body = body_with("/a", page).await;
    let answer = client().get(body.url("/a?page=1")).send().await.unwrap();
    assert_eq!(answer.status(), 203);
    assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(answer.headers()["x-one"], "1");
    assert_eq!(answer.text().await.unwrap(), "<p>页面</p>");
}

#[tokio::test]
async fn a_page_with_a_query_answers_that_query_only() {
    let body = body_with("/a?page=2", Answer::html("two")).await;
    let client = client();
    assert_eq!(client.get(body.url("/a?page=2")).send().await.unwrap().text().await.unwrap(), "two");
    assert_eq!(client.get(body.url("/a?page=3")).send().await.unwrap().status(), 404);
    body.set_page("/a", Answer::html("any"));
    assert_eq!(client.get(body.url("/a?page=3")).send().await.unwrap().text().await.unwrap(), "any");
    assert_eq!(client.get(body.url("/a?page=2")).send().await.unwrap().text().await.unwrap(), "two");
    body.remove_page("/a");
    assert_eq!(client.get(body.url("/a")).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn an_unchanged_page_is_a_304_until_it_changes() {
    let body = body_with("/a", Answer::html("one")).await;
    let client = client();
    let first = client.get(body.url("/a")).send().await.unwrap();
    let (etag, modified) = (first.headers()["etag"].clone(), first.headers()["last-modified"].clone());

    let again = || client.get(body.url("/a")).header("If-None-Match", etag.clone());
    let unchanged = again().send().await.unwrap();
    assert_eq!(unchanged.status(), 304);
    assert_eq!(unchanged.headers()["etag"], etag);
    assert_eq!(unchanged.bytes().await.unwrap().len(), 0);
    body.set_page("/a", Answer::html("one"));
    assert_eq!(again().send().await.unwrap().status(), 304, "the same bytes set again");
    let by_date = client.get(body.url("/a")).header("If-Modified-Since", modified.clone());
    assert_eq!(by_date.send().await.unwrap().status(), 304);

    body.set_page("/a", Answer::html("two"));
    let changed = again().send().await.unwrap();
    assert_eq!(changed.status(), 200);
    assert_ne!(changed.headers()["etag"], etag);
    assert_ne!(changed.headers()["last-modified"], modified, "though not a second has passed");
}

#[tokio::test]
async fn validators_can_be_switched_off() {
    let body = body_with("/a", Answer::html("one").without_validators()).await;
    let answer = client().get(body.url("/a")).header("If-None-Match", "*").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(!answer.headers().contains_key("etag"));
    assert!(!answer.headers().contains_key("last-modified"));
}

#[tokio::test]
async fn an_answer_for_the_next_request_is_played_once() {
    let body = body_with("/a", Answer::html("page")).await;
    body.answer_next("/a", Answer::html("busy").with_status(503).with_header("Retry-After", "7"));
    body.answer_next("/a", Answer::redirect("/b"));
    let client = client();
    let get = async || client.get(body.url("/a")).send().await.unwrap();
    let first = get().await;
    assert_eq!((first.status().as_u16(), first.headers()["retry-after"].to_str().unwrap()), (503, "7"));
    let second = get().await;
    assert_eq!((second.status().as_u16(), second.headers()["location"].to_str().unwrap()), (302, "/b"));
    assert_eq!(get().await.status(), 200);
}

async fn fetched(misbehaviour: Misbehaviour) -> Result<Vec<u8>, reqwest::Error> {
    let body = body_with("/a", Answer::html("0123456789").misbehaving(misbehaviour)).await;
    let fetched = client().get(body.url("/a")).timeout(SOON).send().await?.bytes().await;
    fetched.map(|bytes| bytes.to_vec())
}

#[tokio::test]
async fn a_body_cut_before_its_length_is_an_error_of_the_body() {
    assert!(fetched(Misbehaviour::Truncated { after: 4 }).await.unwrap_err().is_decode_or_body());
    assert!(fetched(Misbehaviour::Unterminated { after: 4 }).await.unwrap_err().is_decode_or_body());
    assert!(fetched(Misbehaviour::WrongLength { declared: 11 }).await.unwrap_err().is_decode_or_body());
}

#[tokio::test]
async fn a_length_that_is_too_short_goes_unnoticed() {
    assert_eq!(fetched(Misbehaviour::WrongLength { declared: 4 }).await.unwrap(), b"0123");
}

#[tokio::test]
async fn a_reset_answers_nothing() {
    assert!(fetched(Misbehaviour::Reset).await.unwrap_err().is_request());
}

#[tokio::test]
async fn a_slow_page_comes_whole_in_the_end_or_not_in_time() {
    let slow = |pause| Misbehaviour::Slow { pause: Duration::from_millis(pause), piece_bytes: 3 };
    assert_eq!(fetched(slow(2)).await.unwrap(), b"0123456789");

    let body = body_with("/a", Answer::html("0123456789").misbehaving(slow(60_000))).await;
    let hasty = client().get(body.url("/a")).timeout(Duration::from_millis(50)).send().await.unwrap();
    assert!(hasty.bytes().await.unwrap_err().is_timeout());
}

#[tokio::test]
async fn requests_are_counted_and_remembered() {
    let body = body_with("/a", Answer::html("one")).await;
    let client = client();
    client.get(body.url("/a?q=1")).header("User-Agent", "who/1").send().await.unwrap();
    client.head(body.url("/a")).send().await.unwrap();
    client.get(body.url("/other")).send().await.unwrap();
    client.post(body.url("/a")).body("x").send().await.unwrap();
    assert_eq!(body.n_requests("/a"), 3);
    assert_eq!(body.n_requests("/a?q=1"), 1);
    let seen: Vec<_> = body.requests().iter().map(|request| (request.method.clone(), request.status)).collect();
    assert_eq!(seen, [("GET", 200), ("HEAD", 200), ("GET", 404), ("POST", 405)].map(|(m, s)| (m.to_owned(), s)));
    assert_eq!(body.requests()[0].header("user-agent"), Some("who/1"));
    assert_eq!(body.wait_for(4, SOON).await.unwrap().len(), 4);
}

#[tokio::test]
async fn one_after_the_other_is_one_at_a_time_and_two_at_once_are_two() {
    let body = body_with("/a", Answer::html("one")).await;
    let client = client();
    for _ in 0..20 {
        // A connection of its own each time: the next request may come before the last connection is gone.
        client.get(body.url("/a")).header("Connection", "close").send().await.unwrap().bytes().await.unwrap();
    }
    assert_eq!(body.max_concurrency(), 1);

    let slow = Misbehaviour::Slow { pause: Duration::from_millis(100), piece_bytes: 2 };
    body.set_page("/slow", Answer::html("slow").misbehaving(slow));
    let slowly = async || client.get(body.url("/slow")).send().await.unwrap().bytes().await.unwrap();
    tokio::join!(slowly(), slowly());
    assert_eq!(body.max_concurrency(), 2);
}

#[tokio::test]
async fn a_dropped_body_listens_no_longer() {
    let body = ScriptedBody::start().await.unwrap();
    let url = body.url("/a");
    let client = client();
    assert_eq!(client.get(&url).send().await.unwrap().status(), 404);
    drop(body);
    let gone = async {
        while client.get(&url).send().await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(SOON, gone).await.unwrap();
}

/// reqwest files a broken body under `decode` or `body`, depending on how it was read.
trait BrokenBody {
    fn is_decode_or_body(&self) -> bool;
}

impl BrokenBody for reqwest::Error {
    fn is_decode_or_body(&self) -> bool {
        self.is_body() || self.is_decode()
    }
}
