//! The services where people look, as their own documents describe them: what they take, how long it may be, how they check a signature,
//! and how they say no. They keep what they took. Written from those documents, and sharing no code with the sender.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// What Feishu and DingTalk sign with here.
pub(crate) const SECRET: &str = "SECb1f7c0e2";
/// What Matrix and ntfy are signed in to with here.
pub(crate) const TOKEN: &str = "tk_7f0e9c";

/// A message that was taken.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    pub(crate) service: &'static str,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// All services at one address.
pub(crate) struct Services {
    pub(crate) address: String,
    desk: Arc<Desk>,
    _tasks: JoinSet<()>,
}

#[derive(Default)]
struct Desk {
    taken: Mutex<Vec<Taken>>,
    planned: Mutex<VecDeque<Reply>>,
    /// By hook: when messages came.
    counts: Mutex<BTreeMap<String, Vec<Timestamp>>>,
    /// By transaction: the event.
    events: Mutex<BTreeMap<String, String>>,
}

/// Status, headers, body.
type Reply = (u16, Vec<(&'static str, String)>, String);

struct Call {
    method: Method,
    path: String,
    query: BTreeMap<String, String>,
    headers: HeaderMap,
    raw: Bytes,
    body: Value,
}

impl Services {
    pub(crate) async fn start() -> Services {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let desk = Arc::new(Desk::default());
        let app = Router::new().fallback(any(receive)).with_state(Arc::clone(&desk));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, app).await.unwrap() });
        Services { address, desk, _tasks: tasks }
    }

    /// What was taken, oldest first.
    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.desk.taken.lock().unwrap().clone()
    }

    /// The next request is answered so, whatever it holds.
    pub(crate) fn answer_next(&self, status: u16, headers: Vec<(&'static str, String)>, body: &str) {
        self.desk.planned.lock().unwrap().push_back((status, headers, body.to_owned()));
    }
}

async fn receive(State(desk): State<Arc<Desk>>, method: Method, uri: Uri, headers: HeaderMap, raw: Bytes) -> Response {
    let planned = desk.planned.lock().unwrap().pop_front();
    let (status, headers, body) = planned.unwrap_or_else(|| {
        let pairs = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned();
        let body = serde_json::from_slice(&raw).unwrap_or_default();
        desk.serve(&Call { method, path: uri.path().to_owned(), query: pairs.collect(), headers, raw, body })
    });
    let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

/// What is wrong with a message, as the service says it.
type Checked = Result<Reply, Reply>;

impl Desk {
    fn serve(&self, call: &Call) -> Reply {
        let path = call.path.as_str();
        let (service, checked) = match path.trim_start_matches('/').split('/').next().unwrap() {
            "services" => ("slack", slack(call)),
            "workflows" => ("teams", teams(call)),
            "hooks" => ("mattermost", mattermost(call)),
            "api" => ("discord", discord(call)),
            "open-apis" => ("feishu", feishu(call).and_then(|reply| self.counted(call, 100, ("code", 11_232), reply))),
            "robot" => {
                ("dingtalk", dingtalk(call).and_then(|reply| self.counted(call, 20, ("errcode", 130_101), reply)))
            }
            "cgi-bin" => ("wecom", wecom(call).and_then(|reply| self.counted(call, 20, ("errcode", 45_009), reply))),
            "_matrix" => ("matrix", self.matrix(call)),
            "own" => ("template", Ok((200, vec![], String::new()))),
            "" => ("ntfy", ntfy(call)),
            other => panic!("nothing is served at {other}"),
        };
        match checked {
            Ok(reply) => {
                let (path, headers, body) = (call.path.clone(), call.headers.clone(), call.body.clone());
                self.taken.lock().unwrap().push(Taken { service, path, headers, body });
                reply
            }
            Err(reply) => reply,
        }
    }

    /// So many messages a minute, by the clock of the service.
    fn counted(&self, call: &Call, most: usize, (name, code): (&str, i64), reply: Reply) -> Checked {
        let now = Timestamp::now();
        let mut counts = self.counts.lock().unwrap();
        let hook = format!(
            "{}?{}",
            call.path,
            call.query.get("key").or(call.query.get("access_token")).cloned().unwrap_or_default()
        );
        let times = counts.entry(hook).or_default();
        times.retain(|at| now.duration_since(*at).as_secs() < 60);
        if times.len() >= most {
            return Err(ok(&json!({name: code, "msg": "too fast"})));
        }
        times.push(now);
        Ok(reply)
    }

    fn matrix(&self, call: &Call) -> Checked {
        let error = |status, code: &str| Err((status, vec![], json!({"errcode": code, "error": ""}).to_string()));
        let parts: Vec<&str> = call.path.trim_start_matches('/').split('/').collect();
        let ["_matrix", "client", "v3", "rooms", room, "send", "m.room.message", transaction] = parts[..] else {
            return error(404, "M_UNRECOGNIZED");
        };
        if call.method != Method::PUT {
            return error(405, "M_UNRECOGNIZED");
        }
        if header(call, "authorization") != format!("Bearer {TOKEN}") {
            return error(401, "M_UNKNOWN_TOKEN");
        }
        if room != "!room:example.org" {
            return error(403, "M_FORBIDDEN");
        }
        if call.raw.len() > 64_000 {
            return error(413, "M_TOO_LARGE");
        }
        let text = |key: &str| call.body[key].as_str().unwrap_or_default().to_owned();
        if text("msgtype") != "m.notice" || text("body").is_empty() || text("format") != "org.matrix.custom.html" {
            return error(400, "M_BAD_JSON");
        }
        let mut events = self.events.lock().unwrap();
        let is_new = !events.contains_key(transaction);
        let number = events.len();
        let event = events.entry(transaction.to_owned()).or_insert_with(|| format!("$event{number}")).clone();
        let reply = ok(&json!({"event_id": event}));
        // A transaction that comes again is the same event.
        if is_new { Ok(reply) } else { Err(reply) }
    }
}

fn ok(body: &Value) -> Reply {
    (200, vec![], body.to_string())
}

fn header<'c>(call: &'c Call, name: &str) -> &'c str {
    call.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn n_chars(value: &Value) -> usize {
    value.as_str().map_or(0, |text| text.chars().count())
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn need(is_so: bool, reply: &Reply) -> Result<(), Reply> {
    if is_so { Ok(()) } else { Err(reply.clone()) }
}

fn slack(call: &Call) -> Checked {
    let wrong = (400, vec![], "invalid_blocks".to_owned());
    let is_text = |text: &Value, most: usize| {
        let is_known = ["plain_text", "mrkdwn"].contains(&text["type"].as_str().unwrap_or_default());
        is_known && (1..=most).contains(&n_chars(&text["text"]))
    };
    need(n_chars(&call.body["text"]) > 0, &(400, vec![], "no_text".to_owned()))?;
    need(items(&call.body["blocks"]).count() <= 50, &wrong)?;
    for block in items(&call.body["blocks"]) {
        let is_right = match block["type"].as_str().unwrap_or_default() {
            "header" => block["text"]["type"] == "plain_text" && is_text(&block["text"], 150),
            "section" => {
                let fields: Vec<&Value> = items(&block["fields"]).collect();
                let has_text = !block["text"].is_null();
                (has_text || !fields.is_empty())
                    && (!has_text || is_text(&block["text"], 3000))
                    && fields.len() <= 10
                    && fields.iter().all(|field| is_text(field, 2000))
            }
            "context" => {
                let elements: Vec<&Value> = items(&block["elements"]).collect();
                (1..=10).contains(&elements.len()) && elements.iter().all(|element| is_text(element, 3000))
            }
            _ => false,
        };
        need(is_right, &wrong)?;
    }
    Ok((200, vec![], "ok".to_owned()))
}

fn teams(call: &Call) -> Checked {
    need(call.raw.len() <= 28 * 1024, &(413, vec![], "too large".to_owned()))?;
    let wrong = (400, vec![], json!({"error": {"code": "TriggerInputSchemaMismatch"}}).to_string());
    let attachment = &call.body["attachments"][0];
    need(call.body["type"] == "message", &wrong)?;
    need(attachment["contentType"] == "application/vnd.microsoft.card.adaptive", &wrong)?;
    let card = &attachment["content"];
    need(card["type"] == "AdaptiveCard" && card["version"] == "1.4" && items(&card["body"]).count() > 0, &wrong)?;
    need(items(&card["body"]).all(is_adaptive), &wrong)?;
    Ok((202, vec![], String::new()))
}

fn is_adaptive(element: &Value) -> bool {
    match element["type"].as_str().unwrap_or_default() {
        "RichTextBlock" => items(&element["inlines"]).all(|run| run["type"] == "TextRun" && n_chars(&run["text"]) > 0),
        "Container" => items(&element["items"]).count() > 0 && items(&element["items"]).all(is_adaptive),
        "ActionSet" => items(&element["actions"]).all(|action| {
            action["type"] == "Action.OpenUrl"
                && action["url"].as_str().is_some_and(|url| url.parse::<url::Url>().is_ok())
        }),
        _ => false,
    }
}

fn mattermost(call: &Call) -> Checked {
    let wrong = |id: &str| (400, vec![], json!({"id": id, "message": "", "status_code": 400}).to_string());
    need(n_chars(&call.body["text"]) > 0, &wrong("web.incoming_webhook.text.app_error"))?;
    let attached: usize = items(&call.body["attachments"]).map(|one| n_chars(&one["text"])).sum();
    need(n_chars(&call.body["text"]) + attached <= 16_383, &wrong("web.incoming_webhook.text.length.app_error"))?;
    Ok((200, vec![], "ok".to_owned()))
}

fn discord(call: &Call) -> Checked {
    let wrong = (400, vec![], json!({"code": 50_035, "message": "Invalid Form Body"}).to_string());
    need(call.body["allowed_mentions"] == json!({"parse": []}), &wrong)?;
    need(n_chars(&call.body["content"]) <= 2000 && items(&call.body["embeds"]).count() <= 10, &wrong)?;
    let mut total = 0;
    for embed in items(&call.body["embeds"]) {
        let (title, text, footer) =
            (n_chars(&embed["title"]), n_chars(&embed["description"]), n_chars(&embed["footer"]["text"]));
        need(title <= 256 && text <= 4096 && footer <= 2048 && items(&embed["fields"]).count() <= 25, &wrong)?;
        total += title + text + footer;
        for field in items(&embed["fields"]) {
            let (name, value) = (n_chars(&field["name"]), n_chars(&field["value"]));
            need((1..=256).contains(&name) && (1..=1024).contains(&value), &wrong)?;
            total += name + value;
        }
    }
    need(total <= 6000, &wrong)?;
    Ok((204, vec![], String::new()))
}

fn hmac(key: &str, message: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(message.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn is_now(seconds: i64) -> bool {
    Timestamp::now().as_second().abs_diff(seconds) < 3600
}

fn feishu(call: &Call) -> Checked {
    let wrong = |code: i64| ok(&json!({"code": code, "msg": "", "data": {}}));
    need(call.raw.len() <= 20 * 1024, &wrong(9_499))?;
    let moment = call.body["timestamp"].as_str().unwrap_or_default();
    let signed = hmac(&format!("{moment}\n{SECRET}"), "");
    need(call.body["sign"] == signed && moment.parse().is_ok_and(is_now), &wrong(19_021))?;
    need(call.body["msg_type"] == "interactive", &wrong(9_499))?;
    let card = &call.body["card"];
    need(card["header"]["title"]["tag"] == "plain_text" && items(&card["elements"]).count() > 0, &wrong(9_499))?;
    let known = ["div", "hr", "note", "action"];
    let all_known = items(&card["elements"]).all(|one| known.contains(&one["tag"].as_str().unwrap_or_default()));
    need(all_known && !call.body.to_string().contains("lark_md"), &wrong(9_499))?;
    Ok(ok(&json!({"code": 0, "msg": "success", "data": {}, "StatusCode": 0, "StatusMessage": "success"})))
}

fn dingtalk(call: &Call) -> Checked {
    let wrong = |code: i64| ok(&json!({"errcode": code, "errmsg": ""}));
    need(call.query.get("access_token").is_some_and(|token| !token.is_empty()), &wrong(300_005))?;
    let moment = call.query.get("timestamp").cloned().unwrap_or_default();
    let signed = hmac(SECRET, &format!("{moment}\n{SECRET}"));
    let is_fresh = moment.len() == 13 && moment.parse::<i64>().is_ok_and(|moment| is_now(moment / 1000));
    need(call.query.get("sign") == Some(&signed) && is_fresh, &wrong(310_000))?;
    need(call.raw.len() <= 20_000, &wrong(40_035))?;
    need(call.body["msgtype"] == "markdown", &wrong(400_105))?;
    let markdown = &call.body["markdown"];
    need(n_chars(&markdown["title"]) > 0 && n_chars(&markdown["text"]) > 0, &wrong(40_035))?;
    Ok(wrong(0))
}

fn wecom(call: &Call) -> Checked {
    let wrong = |code: i64| ok(&json!({"errcode": code, "errmsg": ""}));
    need(call.query.get("key").is_some_and(|key| !key.is_empty()), &wrong(93_000))?;
    need(call.body["msgtype"] == "markdown", &wrong(40_008))?;
    let content = call.body["markdown"]["content"].as_str().unwrap_or_default();
    need(!content.is_empty(), &wrong(44_004))?;
    need(content.len() <= 4096, &wrong(40_058))?;
    Ok(wrong(0))
}

fn ntfy(call: &Call) -> Checked {
    let wrong =
        |status: u16, code: i64| (status, vec![], json!({"code": code, "http": status, "error": ""}).to_string());
    need(header(call, "authorization") == format!("Bearer {TOKEN}"), &wrong(403, 40_301))?;
    let topic = call.body["topic"].as_str().unwrap_or_default();
    let is_topic = (1..=64).contains(&topic.len())
        && topic.chars().all(|sign| sign.is_ascii_alphanumeric() || "-_".contains(sign));
    need(is_topic, &wrong(400, 40_009))?;
    need((1..=5).contains(&call.body["priority"].as_i64().unwrap_or_default()), &wrong(400, 40_007))?;
    need(call.body["message"].as_str().is_some_and(|text| text.len() <= 4096), &wrong(413, 41_301))?;
    Ok(ok(&json!({"id": "x", "event": "message", "topic": topic})))
}
