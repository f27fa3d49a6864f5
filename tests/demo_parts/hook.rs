//! The webhook receiver, sent to by a signer that is written here.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use stagewatch::demo::hook::Hook;
use stagewatch::demo::hook::reply::Reply;
use stagewatch::demo::hook::signature::Unsigned;

use super::{SOON, client};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY: &str = r#"{"type":"standard.stage_moved","data":{"id":"chg_1"}}"#;

fn signature(secret: &str, id: &str, timestamp: i64, body: &str) -> String {
    let key = STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

async fn send(hook: &Hook, id: &str, timestamp: i64, signature: &str) -> reqwest::Response {
    client()
        .post(hook.url())
        .header("webhook-id", id)
        .header("webhook-timestamp", timestamp)
        .header("webhook-signature", signature)
        .body(BODY)
        .send()
        .await
        .unwrap()
}

async fn send_well(hook: &Hook, id: &str) -> reqwest::Response {
    let now = Timestamp::now().as_second();
    send(hook, id, now, &signature(SECRET, id, now, BODY)).await
}

#[tokio::test]
async fn a_rightly_signed_delivery_is_taken() {
    let hook = Hook::start(SECRET).await.unwrap();
    assert_eq!(send_well(&hook, "dlv_1").await.status(), 204);
    let deliveries = hook.wait_for(1, SOON).await.unwrap();
    assert_eq!(deliveries[0].id, "dlv_1");
    assert_eq!(deliveries[0].body["data"]["id"], "chg_1");
    assert_eq!(deliveries[0].raw, BODY.as_bytes());
    assert!(deliveries[0].headers.iter().any(|(name, _)| name == "webhook-signature"));
    assert_eq!(hook.turned_away(), []);
}

#[tokio::test]
async fn what_is_not_rightly_signed_is_turned_away_and_not_kept() {
    let hook = Hook::start(SECRET).await.unwrap();
    let now = Timestamp::now().as_second();
    let other_secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    let wrong = signature(other_secret, "dlv_1", now, BODY);
    assert_eq!(send(&hook, "dlv_1", now, &wrong).await.status(), 401);
    let of_another = signature(SECRET, "dlv_2", now, BODY);
    assert_eq!(send(&hook, "dlv_1", now, &of_another).await.status(), 401);
    let old = now - 400;
    assert_eq!(send(&hook, "dlv_1", old, &signature(SECRET, "dlv_1", old, BODY)).await.status(), 401);
    assert_eq!(client().post(hook.url()).body(BODY).send().await.unwrap().status(), 401);
    assert_eq!(hook.turned_away(), [Unsigned::Wrong, Unsigned::Wrong, Unsigned::NotNow, Unsigned::Missing]);
    assert_eq!(hook.deliveries(), []);
    assert_eq!(hook.attempts(), []);
}

#[tokio::test]
async fn scripted_statuses_come_in_order_and_then_it_takes() {
    let hook = Hook::start(SECRET).await.unwrap();
    hook.answer_next(Reply::of(503).asking_to_wait(Duration::from_mins(2)));
    hook.answer_next(410);
    let busy = send_well(&hook, "dlv_1").await;
    assert_eq!((busy.status().as_u16(), busy.headers()["retry-after"].to_str().unwrap()), (503, "120"));
    assert_eq!(send_well(&hook, "dlv_1").await.status(), 410);
    assert_eq!(send_well(&hook, "dlv_1").await.status(), 204);
    let statuses: Vec<_> =
        hook.wait_for_attempts(3, SOON).await.unwrap().iter().map(|attempt| attempt.status).collect();
    assert_eq!(statuses, [503, 410, 204]);
    assert_eq!(hook.deliveries().len(), 1);
}

#[tokio::test]
async fn an_answer_can_come_too_late() {
    let hook = Hook::start(SECRET).await.unwrap();
    hook.answer_next(Reply::of(204).after(Duration::from_mins(1)));
    let now = Timestamp::now().as_second();
    let hasty = client()
        .post(hook.url())
        .timeout(Duration::from_millis(200))
        .header("webhook-id", "dlv_1")
        .header("webhook-timestamp", now)
        .header("webhook-signature", signature(SECRET, "dlv_1", now, BODY))
        .body(BODY);
    assert!(hasty.send().await.unwrap_err().is_timeout());
    assert_eq!(hook.deliveries().len(), 1, "it was taken all the same");
}

#[tokio::test]
async fn a_receiver_without_a_secret_does_not_start() {
    let error = Hook::start("secret").await.unwrap_err();
    assert_eq!(error.to_string(), "the secret of the webhook is not `whsec_` and base64 of 24 to 64 bytes");
}

#[tokio::test]
async fn a_dropped_receiver_answers_no_longer_not_even_on_a_kept_connection() {
    let hook = Hook::start(SECRET).await.unwrap();
    let client = client();
    let url = hook.url();
    let knock = async || client.post(&url).body(BODY).send().await.map(|answer| answer.status().as_u16());
    assert_eq!(knock().await.unwrap(), 401);
    drop(hook);
    let gone = async {
        while knock().await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(SOON, gone).await.unwrap();
}
