//! Posting to receivers that answer as told, and checking signatures as a receiver would.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::any;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;
use reqwest::dns::{Name, Resolve, Resolving};
use serde_json::json;
use sha2::Sha256;
use stagewatch::changes::change::{Kind, Move, RecordedChange};
use stagewatch::changes::notice_frame::Frame;
use stagewatch::deliver::posting::{self, Poster};
use stagewatch::deliver::webhook::{self, Settings};
use stagewatch::deliver::webhook_body::compose;
use stagewatch::deliver::{Outcome, Parcel};
use stagewatch::masked::{Recipient, Secret};
use stagewatch::records::change::ChangeRecord;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::super::schemas::check;
use super::samples::{difference, iso, now, plan, recorded, to_consultation, to_fdis};
use super::smtp::{Encryption, Inbox, Script};

const ID: &str = "dlv_01H0000000000000000000000B";
const KEY: [u8; 32] = [42; 32];
const OLD_KEY: [u8; 24] = [7; 24];

fn secret(key: &[u8]) -> Secret {
    Secret::new(format!("whsec_{}", STANDARD.encode(key)))
}

/// What a receiver answers: status, headers, body.
#[derive(Clone, Default)]
struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: &'static str,
}

/// What a receiver got: path, headers, body.
type Got = Arc<Mutex<Vec<(String, HeaderMap, Bytes)>>>;

struct Hook {
    address: String,
    got: Got,
    _tasks: JoinSet<()>,
}

impl Hook {
    async fn start(answer: Answer) -> Hook {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let got = Got::default();
        let app = Router::new().fallback(any(receive)).with_state((answer, Arc::clone(&got)));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, app).await.unwrap() });
        Hook { address, got, _tasks: tasks }
    }

    fn requests(&self) -> Vec<(String, HeaderMap, Bytes)> {
        self.got.lock().unwrap().clone()
    }
}

async fn receive(
    State((answer, got)): State<(Answer, Got)>,
    uri: axum::http::Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    got.lock().unwrap().push((uri.path().to_owned(), headers, body));
    let mut response = Response::builder().status(StatusCode::from_u16(answer.status).unwrap());
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.body)).unwrap()
}

/// A receiver that says exactly these bytes and then holds the line, or goes on without end.
async fn raw_receiver(says: &'static str, endless: bool) -> (String, JoinSet<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 65536];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(says.as_bytes()).await;
            while endless && stream.write_all(&[b'x'; 8192]).await.is_ok() {}
            held.push(stream);
        }
    });
    (address, tasks)
}

fn settings(address: &str) -> Settings {
    Settings { url: format!("{address}/hooks/standards?key=open-sesame").parse().unwrap(), secrets: vec![secret(&KEY)] }
}

/// What may be reached here: this machine, and nothing else of ours.
fn within(timeout: Duration) -> posting::Settings {
    posting::Settings { allowed: vec!["127.0.0.0/8".parse().unwrap()], timeout }
}

fn poster() -> Poster {
    Poster::new(&within(Duration::from_secs(10))).unwrap()
}

fn parcel() -> Parcel {
    Parcel {
        id: ID.to_owned(),
        recipient: Recipient::new("https://plm.example.org/hooks"),
        payload: compose(&to_fdis(), &Frame::default()),
    }
}

async fn send(settings: &Settings) -> Outcome {
    send_within(Duration::from_secs(10), settings).await
}

async fn send_within(limit: Duration, settings: &Settings) -> Outcome {
    let poster = Poster::new(&within(limit)).unwrap();
    let parcel = parcel();
    let sending = webhook::send(&poster, settings, &parcel, now());
    timeout(Duration::from_mins(1), sending).await.expect("send keeps its time")
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Delivered { .. } => "delivered",
        Outcome::TryAgain { .. } => "again",
        Outcome::Refused { .. } => "refused",
        Outcome::ForOperator { .. } => "for the operator",
        Outcome::Gone { .. } => "gone",
    }
}

fn signature(key: &[u8], id: &str, timestamp: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(id.as_bytes());
    mac.update(b".");
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[tokio::test]
async fn a_receiver_can_check_every_byte_with_either_secret() {
    let hook = Hook::start(Answer { status: 200, body: "thanks\nand more", ..Answer::default() }).await;
    let mut settings = settings(&hook.address);
    settings.secrets.push(secret(&OLD_KEY));
    assert_eq!(send(&settings).await, Outcome::Delivered { answer: "200 OK thanks".to_owned() });
    let requests = hook.requests();
    let (path, headers, body) = &requests[0];
    let header = |name: &str| headers[name].to_str().unwrap();
    assert_eq!((requests.len(), path.as_str()), (1, "/hooks/standards"));
    assert_eq!(body.as_ref(), parcel().payload);
    assert_eq!(header("webhook-id"), ID);
    assert_eq!(header("webhook-timestamp"), now().as_second().to_string());
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(header("user-agent"), format!("stagewatch/{}", env!("CARGO_PKG_VERSION")));
    let signatures: Vec<&str> = header("webhook-signature").split(' ').collect();
    let timestamp = header("webhook-timestamp");
    assert_eq!(signatures, [signature(&KEY, ID, timestamp, body), signature(&OLD_KEY, ID, timestamp, body)]);
}

#[tokio::test]
async fn a_second_attempt_has_the_same_id_and_body_and_a_fresh_signature() {
    let hook = Hook::start(Answer { status: 204, ..Answer::default() }).await;
    let poster = poster();
    let later: Timestamp = "2023-05-12T06:16:00Z".parse().unwrap();
    for at in [now(), later] {
        assert_eq!(word(&webhook::send(&poster, &settings(&hook.address), &parcel(), at).await), "delivered");
    }
    let requests = hook.requests();
    assert_eq!(requests[0].1["webhook-id"], requests[1].1["webhook-id"]);
    assert_eq!(requests[0].2, requests[1].2);
    assert_ne!(requests[0].1["webhook-timestamp"], requests[1].1["webhook-timestamp"]);
    assert_ne!(requests[0].1["webhook-signature"], requests[1].1["webhook-signature"]);
}

#[tokio::test]
async fn success_is_two_hundreds_and_only_gone_is_final() {
    let table = [
        (200, "delivered"),
        (201, "delivered"),
        (202, "delivered"),
        (204, "delivered"),
        (299, "delivered"),
        (300, "again"),
        (304, "again"),
        (400, "again"),
        (401, "again"),
        (403, "again"),
        (404, "again"),
        (408, "again"),
        (410, "gone"),
        (413, "again"),
        (415, "again"),
        (422, "again"),
        (425, "again"),
        (429, "again"),
        (500, "again"),
        (502, "again"),
        (503, "again"),
        (504, "again"),
    ];
    for (status, expected) in table {
        let hook = Hook::start(Answer { status, ..Answer::default() }).await;
        let outcome = send(&settings(&hook.address)).await;
        assert_eq!(word(&outcome), expected, "{status}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_busy_receiver_says_how_long_to_wait_in_either_form() {
    let table = [
        (429, "120", Some(120)),
        (503, "Fri, 12 May 2023 04:26:00 GMT", Some(600)),
        (502, "0", Some(60)),
        (504, "whenever", Some(60)),
        (500, "120", Some(120)),
        (404, "soon", None),
        (301, "120", Some(120)),
    ];
    for (status, value, expected) in table {
        let headers = vec![("retry-after", value.to_owned())];
        let hook = Hook::start(Answer { status, headers, ..Answer::default() }).await;
        let Outcome::TryAgain { wait, .. } = send(&settings(&hook.address)).await else { panic!("{status}") };
        assert_eq!(wait.map(|wait| wait.as_secs()), expected, "{status} {value}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Hook::start(Answer { status: 200, ..Answer::default() }).await;
    for status in [301, 302, 303, 307, 308] {
        let headers = vec![("location", format!("{}/stolen", elsewhere.address))];
        let hook = Hook::start(Answer { status, headers, ..Answer::default() }).await;
        let outcome = send(&settings(&hook.address)).await;
        let Outcome::TryAgain { why, wait: None } = outcome else { panic!("{status}: {outcome:?}") };
        assert!(why.contains("redirects are not followed"), "{why}");
    }
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn an_answer_is_one_line_without_secrets_and_without_the_way_to_the_receiver() {
    let echo = Box::leak(
        format!("\n\n no: /hooks/standards?key=open-sesame {}\u{1b}[31m", secret(&KEY).reveal()).into_boxed_str(),
    );
    let hook = Hook::start(Answer { status: 403, body: echo, ..Answer::default() }).await;
    let Outcome::TryAgain { why, .. } = send(&settings(&hook.address)).await else { panic!() };
    assert!(why.contains("403 Forbidden no:"), "{why}");
    for hidden in ["open-sesame", "/hooks/standards", "whsec_", "\u{1b}"] {
        assert!(!why.contains(hidden), "{hidden}: {why}");
    }
}

#[tokio::test]
async fn nobody_there_is_tried_again_and_the_address_is_not_repeated() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let Outcome::TryAgain { why, wait: None } = send(&settings(&address)).await else { panic!() };
    assert!(why.contains("could not reach the webhook") && why.to_lowercase().contains("refused"), "{why}");
    assert!(!why.contains("open-sesame"), "{why}");
}

#[tokio::test]
async fn a_receiver_whose_certificate_nobody_vouches_for_is_told_nothing() {
    let stranger = Inbox::start(Script { encryption: Encryption::AtOnce, ..Script::default() }).await;
    let Outcome::TryAgain { why, .. } = send(&settings(&format!("https://localhost:{}", stranger.port))).await else {
        panic!()
    };
    assert!(why.to_lowercase().contains("certificate"), "{why}");
    assert!(stranger.commands().is_empty());
}

#[tokio::test]
async fn a_receiver_that_says_nothing_is_left_when_the_time_is_up() {
    for says in ["", "HTTP/1.1 200 OK\r\ncontent-"] {
        let (address, _tasks) = raw_receiver(says, false).await;
        let outcome = send_within(Duration::from_millis(300), &settings(&address)).await;
        let Outcome::TryAgain { why, wait } = outcome else { panic!("{says}") };
        assert!(why.contains("did not answer within 300ms"), "{why}");
        assert_eq!(wait, Some(Duration::from_mins(1)));
    }
}

#[tokio::test]
async fn a_status_counts_whatever_becomes_of_the_text_after_it() {
    let table = [
        ("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nslow", false, "delivered"),
        ("HTTP/1.1 200 OK\r\n\r\n", true, "delivered"),
        ("HTTP/1.1 500 Oh\r\n\r\n", true, "again"),
        ("HTTP/1.1 410 Gone\r\ncontent-length: 1000\r\n\r\nslow", false, "gone"),
    ];
    for (says, endless, expected) in table {
        let (address, _tasks) = raw_receiver(says, endless).await;
        let outcome = send_within(Duration::from_millis(500), &settings(&address)).await;
        assert_eq!(word(&outcome), expected, "{says}: {outcome:?}");
    }
}

#[tokio::test]
async fn an_endless_answer_is_dropped_long_before_the_time_is_up() {
    let (address, _tasks) = raw_receiver("HTTP/1.1 200 OK\r\n\r\n", true).await;
    let settings = settings(&address);
    let sending = send_within(Duration::from_hours(1), &settings);
    let outcome = timeout(Duration::from_secs(30), sending).await.expect("20 kB are soon read");
    assert_eq!(word(&outcome), "delivered");
}

/// A receiver that answers the first request with 100, the next with 101, and so on, and closes.
async fn every_status() -> (String, JoinSet<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        for status in 100..600 {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut vec![0; 65536]).await;
            let says = format!("HTTP/1.1 {status} So\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(says.as_bytes()).await;
        }
    });
    (address, tasks)
}

#[tokio::test]
async fn of_all_statuses_only_success_is_success_and_only_gone_is_the_end() {
    let (address, _tasks) = every_status().await;
    let (poster, settings, parcel) = (poster(), settings(&address), parcel());
    for status in 100..600 {
        let outcome = webhook::send(&poster, &settings, &parcel, now()).await;
        let expected = match status {
            200..300 => "delivered",
            410 => "gone",
            _ => "again",
        };
        assert_eq!(word(&outcome), expected, "{status}: {outcome:?}");
    }
}

#[tokio::test]
async fn headers_without_end_are_left_long_before_the_time_is_up() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let settings = settings(&format!("http://{}", listener.local_addr().unwrap()));
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
        while stream.write_all(b"x-more: and more and more and more\r\n").await.is_ok() {}
    });
    let sending = send_within(Duration::from_hours(1), &settings);
    let outcome = timeout(Duration::from_secs(30), sending).await.expect("headers are bounded");
    assert_eq!(word(&outcome), "again", "{outcome:?}");
}

#[tokio::test]
async fn a_secret_that_cannot_sign_posts_nothing() {
    let hook = Hook::start(Answer { status: 200, ..Answer::default() }).await;
    let mut settings = settings(&hook.address);
    settings.secrets = vec![Secret::new("hunter2")];
    let Outcome::ForOperator { why } = send(&settings).await else { panic!() };
    assert!(why.contains("`whsec_`") && !why.contains("hunter2"), "{why}");
    assert!(hook.requests().is_empty());
}

/// Tells an address of its own at each asking, the last one for ever.
struct Names(Mutex<Vec<Vec<std::net::SocketAddr>>>);

impl Names {
    fn telling(answers: &[&[&str]]) -> Arc<Names> {
        let address = |text: &&str| text.parse().or_else(|_| format!("{text}:0").parse()).unwrap();
        Arc::new(Names(Mutex::new(answers.iter().map(|answer| answer.iter().map(address).collect()).collect())))
    }
}

impl Resolve for Names {
    fn resolve(&self, _: Name) -> Resolving {
        let mut answers = self.0.lock().unwrap();
        let answer = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
        Box::pin(async move { Ok(Box::new(answer.into_iter()) as reqwest::dns::Addrs) })
    }
}

async fn send_by_name(names: Arc<Names>, allowed: &[&str], port: u16) -> Vec<Outcome> {
    let allowed = allowed.iter().map(|network| network.parse().unwrap()).collect();
    let limits = posting::Settings { allowed, timeout: Duration::from_secs(5) };
    let poster = Poster::with_resolver(&limits, names).unwrap();
    let settings = settings(&format!("http://plm.example.org:{port}"));
    let mut outcomes = Vec::new();
    for _ in 0..2 {
        outcomes.push(webhook::send(&poster, &settings, &parcel(), now()).await);
    }
    outcomes
}

fn port_of(address: &str) -> u16 {
    address.rsplit(':').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_name_that_leads_into_somebodys_own_network_is_not_followed() {
    let hook = Hook::start(Answer { status: 200, ..Answer::default() }).await;
    let port = port_of(&hook.address);
    for address in
        ["127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]", "[fe80::1%1]"]
    {
        for outcome in send_by_name(Names::telling(&[&[address]]), &[], port).await {
            let Outcome::ForOperator { why } = outcome else { panic!("{address}: {outcome:?}") };
            assert!(why.starts_with("the webhook may not be reached: "), "{why}");
            assert!(why.contains("`[webhook] allow-networks` does not name it"), "{why}");
        }
    }
    assert!(hook.requests().is_empty());
}

#[tokio::test]
async fn a_name_that_points_elsewhere_the_second_time_gains_nothing() {
    let hook = Hook::start(Answer { status: 200, ..Answer::default() }).await;
    let inside = Hook::start(Answer { status: 200, ..Answer::default() }).await;
    // 127.0.0.1 is allowed and stands for the public address; 127.0.0.2 is what the name is turned to.
    let port = port_of(&hook.address);
    let outcomes = send_by_name(Names::telling(&[&["127.0.0.1"], &["127.0.0.2"]]), &["127.0.0.1/32"], port).await;
    assert_eq!(outcomes.iter().map(word).collect::<Vec<_>>(), ["delivered", "for the operator"]);
    assert_eq!((hook.requests().len(), inside.requests().len()), (1, 0));
}

#[tokio::test]
async fn of_several_addresses_only_those_that_may_be_reached_are() {
    let hook = Hook::start(Answer { status: 200, ..Answer::default() }).await;
    let names = Names::telling(&[&["10.0.0.1", "127.0.0.1", "[fd00::1]"]]);
    let outcomes = send_by_name(names, &["127.0.0.0/8"], port_of(&hook.address)).await;
    assert_eq!(outcomes.iter().map(word).collect::<Vec<_>>(), ["delivered", "delivered"]);
}

#[tokio::test]
async fn an_address_literal_is_checked_although_nobody_looks_it_up() {
    let hook = Hook::start(Answer { status: 200, ..Answer::default() }).await;
    let port = port_of(&hook.address);
    let strict = Poster::new(&posting::Settings::default()).unwrap();
    for host in ["127.0.0.1", "2130706433", "[::ffff:127.0.0.1]", "localhost", "0.0.0.0", "10.0.0.1"] {
        let settings = settings(&format!("http://{host}:{port}"));
        let outcome = webhook::send(&strict, &settings, &parcel(), now()).await;
        let Outcome::ForOperator { why } = outcome else { panic!("{host}: {outcome:?}") };
        assert!(why.contains("may not be reached"), "{host}: {why}");
    }
    assert!(hook.requests().is_empty());
}

fn body(change: &RecordedChange) -> serde_json::Value {
    body_in(change, &Frame::default())
}

fn body_in(change: &RecordedChange, frame: &Frame) -> serde_json::Value {
    let bytes = compose(change, frame);
    assert!(bytes.len() < 20_000, "{} bytes", bytes.len());
    let body = serde_json::from_slice(&bytes).unwrap();
    check("webhook-change", &body);
    body
}

#[test]
fn a_body_has_type_timestamp_and_the_whole_record() {
    for (change, kind) in [(to_fdis(), "standard.stage_moved"), (of(Kind::NoLongerListed), "standard.no_longer_listed")]
    {
        let body = body(&change);
        assert_eq!(body["type"], kind);
        assert_eq!(body["timestamp"], "2023-05-12T04:15:09Z");
        let record: ChangeRecord = serde_json::from_value(body["data"].clone()).unwrap();
        assert_eq!(record, ChangeRecord::from(&change));
        assert!(body.get("cut").is_none());
    }
}

#[test]
fn a_body_says_what_can_be_done_by_whom_and_until_when_at_the_moment_it_is_written() {
    let stage = |code: &str| {
        let mut after = iso(80972, "ISO/IEC DIS 27071", code);
        after.since = Some(date(2023, 5, 11));
        recorded(Kind::StageMoved, Some(Move::Advanced), Some(iso(80972, "ISO/IEC DIS 27071", "30.99")), after)
    };
    let mut in_force_soon = to_consultation();
    in_force_soon.change.kind = Kind::Published;
    in_force_soon.change.after.stage = plan("20991234-T-469", "60", "已发布").stage;
    in_force_soon.change.after.effective = Some(date(2099, 11, 1));
    let mut for_the_experts = stage("20.20");
    for_the_experts.change.after.consultation.closes = Some(date(2099, 1, 1));
    let none = json!({"kind": "none", "until": null, "expected": false, "by": null});
    let day = |moment: &str| Frame { now: Some(moment.parse().unwrap()), ..Frame::default() };
    let then = day("2023-05-12T04:16:00Z");
    for (change, frame, expected) in [
        (to_fdis(), &then, none.clone()),
        (
            stage("40.20"),
            &then,
            json!({"kind": "vote", "until": "2023-08-03", "expected": true, "by": "national-bodies"}),
        ),
        (stage("40.20"), &day("2023-08-04T12:00:00Z"), none.clone()),
        (
            stage("30.20"),
            &then,
            json!({"kind": "comment", "until": "2023-07-06", "expected": true, "by": "national-bodies"}),
        ),
        (for_the_experts, &then, none),
        (
            to_consultation(),
            &then,
            json!({"kind": "comment", "until": "2099-10-15", "expected": false, "by": "anybody"}),
        ),
        (in_force_soon, &then, json!({"kind": "prepare", "until": "2099-11-01", "expected": false, "by": "anybody"})),
        (
            of(Kind::Withdrawn),
            &day("2099-10-16T12:00:00Z"),
            json!({"kind": "read", "until": null, "expected": false, "by": null}),
        ),
    ] {
        assert_eq!(body_in(&change, frame)["data"]["action"], expected, "{:?}", change.change.after.stage);
    }
}

fn of(kind: Kind) -> RecordedChange {
    let mut change = to_consultation();
    change.change.kind = kind;
    change
}

#[test]
fn every_type_keeps_to_the_letters_that_receivers_expect() {
    for kind in Kind::ALL {
        let body = body(&of(kind));
        let text = body["type"].as_str().unwrap();
        assert!(text.chars().all(|letter| letter.is_ascii_alphanumeric() || "_.".contains(letter)), "{text}");
    }
}

#[test]
fn a_long_difference_is_cut_first_and_says_so() {
    let mut change = to_fdis();
    change.evidence.diff = (0..5000).map(|line| format!("+第{line}行")).collect::<Vec<_>>().join("\n");
    let body = body(&change);
    assert_eq!(body["cut"], serde_json::json!(["evidence.diff"]));
    let diff = body["data"]["evidence"]["diff"].as_str().unwrap();
    assert!(diff.starts_with("+第0行\n+第1行\n"), "{diff}");
    assert!(diff.lines().last().unwrap().contains("the whole: stagewatch diff chg_01H"), "{diff}");
    assert!(diff.len() > 8_000, "what fits is kept: {}", diff.len());
    let mut record: ChangeRecord = serde_json::from_value(body["data"].clone()).unwrap();
    record.evidence.diff.clone_from(&change.evidence.diff);
    assert_eq!(record, ChangeRecord::from(&change), "nothing else is cut");
}

#[test]
fn a_change_of_absurd_size_still_fits_and_still_is_a_record() {
    let mut change = to_fdis();
    let absurd = "\u{1}字".repeat(9_000);
    change.change.after.replaces = vec![absurd.clone(); 300];
    for title in change.change.after.titles.values_mut() {
        title.clone_from(&absurd);
    }
    change.change.differences = (0..500).map(|_| difference(&absurd, Some(&absurd), Some(&absurd))).collect();
    change.watches = vec![absurd; 100];
    let body = body(&change);
    assert_eq!(body["cut"], serde_json::json!(["evidence.diff", "data"]));
    let record: ChangeRecord = serde_json::from_value(body["data"].clone()).unwrap();
    assert_eq!((record.id, record.kind), (change.id, "stage-moved".to_owned()));
}

proptest! {
    #[test]
    fn no_difference_whatever_makes_a_body_too_large(diff in "(\\PC|[\u{0}-\u{1f}]|\n){0,4000}", times in 1usize..12) {
        let mut change = to_fdis();
        change.evidence.diff = diff.repeat(times);
        prop_assert!(compose(&change, &Frame::default()).len() < 20_000);
    }
}
