//! A receiver of stagewatch's webhooks: believes what is signed and not old, takes each delivery once, answers soon.
//! Dependencies: `axum`, `serde_json`, `standardwebhooks`, `tokio`.

use std::collections::HashSet;
use std::io::Write as _;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use standardwebhooks::Webhook;

struct Receiver {
    webhook: Webhook,
    seen: Mutex<HashSet<String>>,
}

async fn receive(State(receiver): State<Arc<Receiver>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    // Signature and timestamp are checked over the bytes as they came, before anything is parsed.
    if receiver.webhook.verify(&body, &headers).is_err() {
        return StatusCode::UNAUTHORIZED;
    }
    let Ok(event) = serde_json::from_slice::<Value>(&body) else { return StatusCode::BAD_REQUEST };
    let id = headers.get("webhook-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
    // The same id is the same delivery, sent again because an answer was lost. Keep the ids where they outlive a restart.
    let is_new = receiver.seen.lock().is_ok_and(|mut seen| seen.insert(id.to_owned()));
    if is_new {
        // Samples and words to an operator are about no project.
        let data = &event["data"];
        let about = data["project"].get("reference").unwrap_or(&data["about"]);
        let _ = writeln!(std::io::stdout(), "{id} {} {about}", event["type"]);
    }
    StatusCode::NO_CONTENT
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(port), Some(secret_file)) = (arguments.next(), arguments.next()) else {
        return Err("usage: webhook_receiver PORT SECRET-FILE".into());
    };
    let secret = tokio::fs::read_to_string(secret_file).await?;
    let receiver = Receiver { webhook: Webhook::new(secret.trim())?, seen: Mutex::default() };
    let app = Router::new().route("/hook", post(receive)).with_state(Arc::new(receiver));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port.parse()?)).await?;
    writeln!(std::io::stdout(), "listening on {}", listener.local_addr()?.port())?;
    axum::serve(listener, app).await?;
    Ok(())
}
