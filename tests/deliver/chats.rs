//! Messages to the services where people look: what they take, what they refuse, and what becomes of signs that mean something to them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use stagewatch::changes::change::{Kind, RecordedChange};

use stagewatch::changes::notice::{Languages, Notice};
use stagewatch::deliver::chat::{Hook, Post, send};
use stagewatch::deliver::posting::{Poster, Settings};
use stagewatch::deliver::template;
use stagewatch::deliver::{Outcome, Parcel, matrix, ntfy};
use stagewatch::masked::Secret;
use stagewatch::standards::language::Language;

use super::samples::{difference, notice, to_consultation, to_fdis};
use super::services::{SECRET, Services, TOKEN};

/// Every hook has a key of its own, so that no message waits for the turn of another.
static KEYS: AtomicUsize = AtomicUsize::new(0);

fn hook(services: &Services, path: &str, secret: Option<&str>) -> Hook {
    let key = format!("open-sesame-{}", KEYS.fetch_add(1, Ordering::Relaxed));
    let url = format!("{}{}", services.address, path.replace("KEY", &key)).parse().unwrap();
    Hook { url, secret: secret.map(Secret::new) }
}

fn posts(services: &Services) -> Vec<Post> {
    let plain = |path| hook(services, path, None);
    let signed = |path| hook(services, path, Some(SECRET));
    vec![
        Post::Slack(plain("/services/T0/B0/KEY")),
        Post::Teams(plain("/workflows/0/triggers/manual/paths/invoke?sig=KEY")),
        Post::Mattermost(plain("/hooks/KEY")),
        Post::Discord(plain("/api/webhooks/1/KEY")),
        Post::Feishu(signed("/open-apis/bot/v2/hook/KEY")),
        Post::Dingtalk(signed("/robot/send?access_token=KEY")),
        Post::Wecom(plain("/cgi-bin/webhook/send?key=KEY")),
        Post::Matrix(matrix_room(services, TOKEN)),
        Post::Ntfy(topic(services)),
        Post::Template(Box::new(own(services, "{\"text\": {{ subject }}, \"id\": {{ id }}}"))),
    ]
}

fn matrix_room(services: &Services, token: &str) -> matrix::Settings {
    matrix::Settings {
        homeserver: services.address.parse().unwrap(),
        room: "!room:example.org".to_owned(),
        token: Secret::new(token),
    }
}

fn topic(services: &Services) -> ntfy::Settings {
    let (server, topic) = (services.address.parse().unwrap(), Secret::new("open-sesame-topic"));
    ntfy::Settings { server, topic, token: Some(Secret::new(TOKEN)), priority: 3 }
}

fn own(services: &Services, body: &str) -> template::Settings {
    template::Settings {
        url: format!("{}/own?key=open-sesame", services.address).parse().unwrap(),
        method: reqwest::Method::PUT,
        content_type: "application/json".parse().unwrap(),
        headers: [("x-from".parse().unwrap(), "stagewatch".parse().unwrap())].into_iter().collect(),
        token: Some(Secret::new(TOKEN)),
        body: body.to_owned(),
    }
}

fn poster() -> Poster {
    let allowed = vec!["127.0.0.0/8".parse().unwrap()];
    Poster::new(&Settings { allowed, timeout: Duration::from_secs(10) }).unwrap()
}

fn parcel(post: &Post, notice: &Notice) -> Parcel {
    let id = "dlv_01H0000000000000000000000B".to_owned();
    let payload = post.compose(notice, &id);
    Parcel { id, recipient: post.recipient(), payload }
}

async fn sent(post: &Post, notice: &Notice) -> Outcome {
    send(&poster(), post, &parcel(post, notice), Timestamp::now()).await
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Delivered { .. } => "delivered",
        Outcome::TryAgain { .. } => "again",
        Outcome::ForOperator { .. } => "for the operator",
        Outcome::Refused { .. } => "refused",
        Outcome::Gone { .. } => "gone",
    }
}

/// Everything that means something to one of the services.
const NASTY: &str = "<!channel> @all @here <@U1> <at id=all></at> **bold** _it_ `code` [click](http://evil.example) \\ | ~s~ # <b>&amp;</b> :smile:";

fn nasty() -> RecordedChange {
    let mut change = to_fdis();
    change.change.after.titles.insert(Language::English, NASTY.to_owned());
    change.change.after.url = Some("https://www.iso.org/standard/1.html?a=(1)|<2>".to_owned());
    change
}

/// A change of such a length as no page has.
fn absurd() -> RecordedChange {
    let mut change = nasty();
    change.change.after.titles.insert(Language::Chinese, "标准*".repeat(4000));
    change.change.after.titles.insert(Language::English, "@all*".repeat(4000));
    change.change.after.committee = Some("委员会_".repeat(4000));
    change.change.after.url = Some(format!("https://www.iso.org/{}", "(x)".repeat(4000)));
    change.change.differences =
        (0..50).map(|n| difference(&format!("field{n}"), Some(&"a".repeat(999)), Some("b"))).collect();
    change.watches = (0..90).map(|n| format!("watch-{n}-*")).collect();
    change
}

#[tokio::test]
async fn every_service_takes_every_notice() {
    let services = Services::start().await;
    let kinds: Vec<RecordedChange> = Kind::ALL
        .iter()
        .map(|kind| {
            let mut change = to_consultation();
            change.change.kind = *kind;
            change
        })
        .collect();
    let notices = [
        notice(Languages::English, vec![to_fdis()]),
        notice(Languages::Chinese, vec![to_consultation()]),
        notice(Languages::Both, vec![nasty(), to_consultation()]),
        notice(Languages::Both, kinds),
        notice(Languages::English, vec![absurd()]),
        notice(Languages::Both, vec![absurd(); 300]),
        notice(Languages::Both, vec![to_fdis(); 300]),
        notice(Languages::Both, Vec::new()),
    ];
    for (number, notice) in notices.iter().enumerate() {
        for post in posts(&services) {
            let outcome = sent(&post, notice).await;
            assert_eq!(word(&outcome), "delivered", "notice {number} to {}: {outcome:?}", post.channel());
        }
    }
    // One transaction, one event: all of them have one id here.
    assert_eq!(services.taken().len(), notices.len() * 9 + 1);
}

#[tokio::test]
async fn what_is_shortened_says_where_the_rest_is() {
    let services = Services::start().await;
    let long = notice(Languages::Both, vec![to_fdis(); 300]);
    for post in posts(&services).iter().filter(|post| !matches!(post, Post::Template(_))) {
        let payload = String::from_utf8(post.compose(&long, "dlv_1")).unwrap();
        assert!(payload.contains("more; the whole: stagewatch changes"), "{}: {payload}", post.channel());
        assert!(payload.contains("项变动；全文见 stagewatch changes"), "{}: {payload}", post.channel());
    }
}

#[tokio::test]
async fn a_word_of_ours_reaches_every_service() {
    let services = Services::start().await;
    for post in posts(&services) {
        let lines = ["The source `iso` has not been read for 3 days.".to_owned(), "Nothing was lost.".to_owned()];
        let payload = post.compose_words("A source is in doubt", &lines, "dlv_2");
        let parcel = Parcel { id: "dlv_2".to_owned(), recipient: post.recipient(), payload };
        let outcome = send(&poster(), &post, &parcel, Timestamp::now()).await;
        assert_eq!(word(&outcome), "delivered", "{}: {outcome:?}", post.channel());
    }
}

fn compact(post: &Post, notice: &Notice) -> String {
    let message: Value = serde_json::from_slice(&post.compose(notice, "dlv_1")).unwrap();
    serde_json::to_string(&message).unwrap()
}

fn short() -> Notice {
    let mut change = nasty();
    change.change.differences.clear();
    change.change.after.titles.insert(Language::English, NASTY.to_owned());
    change.evidence.before = None;
    notice(Languages::English, vec![change])
}

#[tokio::test]
async fn signs_that_mean_something_stay_signs() {
    let services = Services::start().await;
    for post in posts(&services) {
        let outcome = sent(&post, &short()).await;
        assert_eq!(word(&outcome), "delivered", "{}: {outcome:?}", post.channel());
    }
    for taken in services.taken() {
        check_signs(taken.service, &taken.body);
    }
}

/// By each service's own rule of what is read as markup, nothing of the title is.
fn check_signs(service: &str, body: &Value) {
    let whole = body.to_string();
    match service {
        "slack" => {
            assert_eq!(body["mrkdwn"], false);
            for text in texts_of_type(body, "mrkdwn") {
                assert!(!text.contains("<!") && !text.contains("<@") && text.matches('<').count() == 1, "{text}");
            }
        }
        "teams" => assert!(!whole.contains(r#""TextBlock""#), "{whole}"),
        "mattermost" | "discord" => {
            for sign in ["**bold**", " `code`", "click](http://evil", " <@U1>", "@all", "@here", " ~s~"] {
                assert!(!whole.contains(sign), "{service}: {sign} in {whole}");
            }
        }
        "feishu" => assert!(!whole.contains("lark_md") && !whole.contains("\"markdown\"")),
        "dingtalk" | "wecom" => {
            for sign in ["**bold**", "`code`", "click](http://evil", "<@U1>", "<at ", "@all", "<font"] {
                assert!(!whole.contains(sign), "{service}: {sign} in {whole}");
            }
        }
        "matrix" => {
            let html = body["formatted_body"].as_str().unwrap();
            assert!(html.contains("&lt;at id=all&gt;") && !html.contains("<at ") && !html.contains("<b>"), "{html}");
            assert_eq!(body["m.mentions"], serde_json::json!({}));
        }
        "ntfy" => assert!(body.get("markdown").is_none()),
        _ => {}
    }
}

fn texts_of_type(value: &Value, kind: &str) -> Vec<String> {
    match value {
        Value::Object(fields) if fields.get("type").is_some_and(|found| found == kind) => {
            vec![fields["text"].as_str().unwrap().to_owned()]
        }
        Value::Object(fields) => fields.values().flat_map(|field| texts_of_type(field, kind)).collect(),
        Value::Array(items) => items.iter().flat_map(|item| texts_of_type(item, kind)).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn each_service_gets_its_own_form() {
    let services = Services::start().await;
    let posts = posts(&services);
    let short = short();
    insta::assert_snapshot!(compact(&posts[0], &short), @r#"{"blocks":[{"text":{"emoji":false,"text":"ISO/IEC 27071: DIS → FDIS (50.00)","type":"plain_text"},"type":"header"},{"fields":[{"emoji":false,"text":"Reference before\nISO/IEC DIS 27071","type":"plain_text"},{"emoji":false,"text":"Reference now\nISO/IEC FDIS 27071","type":"plain_text"},{"emoji":false,"text":"Title (English)\n<!channel> @all @here <@U1> <at id=all></at> **bold** _it_ `code` [click](http://evil.example) \\ | ~s~ # <b>&amp;</b> :smile:","type":"plain_text"},{"emoji":false,"text":"Stage before\nDIS (40.60, Close of voting)","type":"plain_text"},{"emoji":false,"text":"Stage now\nFDIS (50.00, Final text received or FDIS registered for formal approval)","type":"plain_text"},{"emoji":false,"text":"Roughly, in stages of GB/T 16733\n50 approval","type":"plain_text"},{"emoji":false,"text":"In this stage since\n11 May 2023","type":"plain_text"},{"emoji":false,"text":"Ordinarily comes next\n50.20 Proof sent to secretariat or FDIS ballot initiated: 8 weeks","type":"plain_text"},{"emoji":false,"text":"Committee\nISO/IEC JTC 1/SC 27","type":"plain_text"},{"emoji":false,"text":"Evidence\n`stagewatch diff chg_01H0000000000000000000000A`","type":"plain_text"}],"text":{"emoji":false,"text":"According to ISO, ISO/IEC 27071, “<!channel> @all @here <@U1> <at id=all></at> **bold** _it_ `code` [click](http://evil.example) \\ | ~s~ # <b>&amp;</b> :smile:”, advanced from DIS (40.60, Close of voting) to FDIS (50.00, Final text received or FDIS registered for formal approval) on 11 May 2023, as read at https://data.example.org/deliverables.jsonl on 2023-05-12 04:15 UTC.","type":"plain_text"},"type":"section"},{"elements":[{"text":"<https://www.iso.org/standard/1.html?a=%281%29%7C%3C2%3E|Page at the body>","type":"mrkdwn"}],"type":"context"},{"elements":[{"emoji":false,"text":"stagewatch · Sent to the subscriber “regulatory-team”. Watches concerned: “china-in-sc27”.","type":"plain_text"}],"type":"context"}],"mrkdwn":false,"text":"ISO/IEC 27071: DIS → FDIS (50.00)","unfurl_links":false,"unfurl_media":false}"#);
    insta::assert_snapshot!(compact(&posts[5], &short), @r####"{"markdown":{"text":"### ISO/IEC 27071: DIS → FDIS (50.00)\n\nAccording to ISO, ISO/IEC 27071, “＜！channel＞ ＠all ＠here ＜＠U1＞ ＜at id=all＞＜/at＞ ＊＊bold＊＊ ＿it＿ ｀code｀ ［click］(http://evil.example) ＼ ｜ ～s～ ＃ ＜b＞＆amp;＜/b＞ :smile:”, advanced from DIS (40.60, Close of voting) to FDIS (50.00, Final text received or FDIS registered for formal approval) on 11 May 2023, as read at https://data.example.org/deliverables.jsonl on 2023-05-12 04:15 UTC.\n\n> Reference before: ISO/IEC DIS 27071\n\n> Reference now: ISO/IEC FDIS 27071\n\n> Title (English): ＜！channel＞ ＠all ＠here ＜＠U1＞ ＜at id=all＞＜/at＞ ＊＊bold＊＊ ＿it＿ ｀code｀ ［click］(http://evil.example) ＼ ｜ ～s～ ＃ ＜b＞＆amp;＜/b＞ :smile:\n\n> Stage before: DIS (40.60, Close of voting)\n\n> Stage now: FDIS (50.00, Final text received or FDIS registered for formal approval)\n\n> Roughly, in stages of GB/T 16733: 50 approval\n\n> In this stage since: 11 May 2023\n\n> Ordinarily comes next: 50.20 Proof sent to secretariat or FDIS ballot initiated: 8 weeks\n\n> Committee: ISO/IEC JTC 1/SC 27\n\n> Evidence: ｀stagewatch diff chg＿01H0000000000000000000000A｀\n\n[Page at the body](https://www.iso.org/standard/1.html?a=%281%29%7C%3C2%3E)\n\nstagewatch · Sent to the subscriber “regulatory-team”. Watches concerned: “china-in-sc27”.","title":"ISO/IEC 27071: DIS → FDIS (50.00)"},"msgtype":"markdown"}"####);
    insta::assert_snapshot!(compact(&posts[6], &notice(Languages::Both, vec![to_consultation()])), @r####"{"markdown":{"content":"### 20991234-T-469: drafting → public comment (30) · 起草 → 征求意见 (30)\n\nAccording to SAC, 20991234-T-469, “网络安全技术 示例产品安全评价方法”, advanced from drafting (20, “正在起草”) to public comment (30, public consultation, “正在征求意见”), as read at https://data.example.org/deliverables.jsonl on 2023-05-12 04:15 UTC.\n\n> Reference: 20991234-T-469\n> Title (Chinese): 网络安全技术 示例产品安全评价方法\n> Stage before: drafting (20, “正在起草”)\n> Stage now: public comment (30, public consultation, “正在征求意见”)\n> About, in ISO stage codes: 40.20 DIS ballot initiated: 12 weeks\n> Public comment closes: 15 October 2099\n> Ordinarily comes next: 40 review / vote\n> Committee: 全国网络安全标准化技术委员会\n> Evidence: ｀stagewatch diff chg＿01H0000000000000000000000A｀\n> Source: iso-open-data: https://data.example.org/deliverables.jsonl\n\nstagewatch · Sent to the subscriber “regulatory-team”. Watches concerned: “china-in-sc27”.\n\n**20991234-T-469：起草 → 征求意见 (30)**\n\n据国家标准化管理委员会（SAC），20991234-T-469《网络安全技术 示例产品安全评价方法》由起草（20，“正在起草”）推进至征求意见（30，“正在征求意见”）（https://data.example.org/deliverables.jsonl，读取于 2023-05-12 04:15 UTC）。\n\n> 编号: 20991234-T-469\n> 中文名称: 网络安全技术 示例产品安全评价方法\n> 原阶段: 起草（20，“正在起草”）\n> 现阶段: 征求意见（30，“正在征求意见”）\n> 大致相当于 ISO 阶段代码: 40.20 国际标准草案(DIS)投票启动(12周)\n> 征求意见截止: 2099年10月15日\n> 通常的下一步: 40 审查\n> 归口单位: 全国网络安全标准化技术委员会\n> 证据: ｀stagewatch diff chg＿01H0000000000000000000000A｀\n> 来源: iso-open-data: https://data.example.org/deliverables.jsonl\n\nstagewatch · 订阅者：“regulatory-team”。所涉关注列表：“china-in-sc27”。"},"msgtype":"markdown"}"####);
    insta::assert_snapshot!(compact(&posts[7], &short), @r#"{"body":"ISO/IEC 27071: DIS → FDIS (50.00)\n\nAccording to ISO, ISO/IEC 27071, “<!channel> @all @here <@U1> <at id=all></at> **bold** _it_ `code` [click](http://evil.example) \\ | ~s~ # <b>&amp;</b> :smile:”, advanced from DIS (40.60, Close of voting) to FDIS (50.00, Final text received or FDIS registered for formal approval) on 11 May 2023, as read at https://data.example.org/deliverables.jsonl on 2023-05-12 04:15 UTC.\nReference before: ISO/IEC DIS 27071\nReference now: ISO/IEC FDIS 27071\nTitle (English): <!channel> @all @here <@U1> <at id=all></at> **bold** _it_ `code` [click](http://evil.example) \\ | ~s~ # <b>&amp;</b> :smile:\nStage before: DIS (40.60, Close of voting)\nStage now: FDIS (50.00, Final text received or FDIS registered for formal approval)\nRoughly, in stages of GB/T 16733: 50 approval\nIn this stage since: 11 May 2023\nOrdinarily comes next: 50.20 Proof sent to secretariat or FDIS ballot initiated: 8 weeks\nCommittee: ISO/IEC JTC 1/SC 27\nEvidence: `stagewatch diff chg_01H0000000000000000000000A`\nhttps://www.iso.org/standard/1.html?a=(1)|<2>\n\nstagewatch · Sent to the subscriber “regulatory-team”. Watches concerned: “china-in-sc27”.","format":"org.matrix.custom.html","formatted_body":"<h4>ISO/IEC 27071: DIS → FDIS (50.00)</h4><p>According to ISO, ISO/IEC 27071, “&lt;!channel&gt; @all @here &lt;@U1&gt; &lt;at id=all&gt;&lt;/at&gt; **bold** _it_ `code` [click](http://evil.example) \\ | ~s~ # &lt;b&gt;&amp;amp;&lt;/b&gt; :smile:”, advanced from DIS (40.60, Close of voting) to FDIS (50.00, Final text received or FDIS registered for formal approval) on 11 May 2023, as read at https://data.example.org/deliverables.jsonl on 2023-05-12 04:15 UTC.</p><ul><li>Reference before: ISO/IEC DIS 27071</li><li>Reference now: ISO/IEC FDIS 27071</li><li>Title (English): &lt;!channel&gt; @all @here &lt;@U1&gt; &lt;at id=all&gt;&lt;/at&gt; **bold** _it_ `code` [click](http://evil.example) \\ | ~s~ # &lt;b&gt;&amp;amp;&lt;/b&gt; :smile:</li><li>Stage before: DIS (40.60, Close of voting)</li><li>Stage now: FDIS (50.00, Final text received or FDIS registered for formal approval)</li><li>Roughly, in stages of GB/T 16733: 50 approval</li><li>In this stage since: 11 May 2023</li><li>Ordinarily comes next: 50.20 Proof sent to secretariat or FDIS ballot initiated: 8 weeks</li><li>Committee: ISO/IEC JTC 1/SC 27</li><li>Evidence: `stagewatch diff chg_01H0000000000000000000000A`</li></ul><p><a href=\"https://www.iso.org/standard/1.html?a=(1)|&lt;2&gt;\">Page at the body</a></p><p><em>stagewatch · Sent to the subscriber “regulatory-team”. Watches concerned: “china-in-sc27”.</em></p>","m.mentions":{},"msgtype":"m.notice"}"#);
    insta::assert_snapshot!(compact(&posts[8], &short), @r#"{"click":"https://www.iso.org/standard/1.html?a=(1)|<2>","message":"According to ISO, ISO/IEC 27071, “<!channel> @all @here <@U1> <at id=all></at> **bold** _it_ `code` [click](http://evil.example) \\ | ~s~ # <b>&amp;</b> :smile:”, advanced from DIS (40.60, Close of voting) to FDIS (50.00, Final text received or FDIS registered for formal approval) on 11 May 2023, as read at https://data.example.org/deliverables.jsonl on 2023-05-12 04:15 UTC.\nReference before: ISO/IEC DIS 27071\nReference now: ISO/IEC FDIS 27071\nTitle (English): <!channel> @all @here <@U1> <at id=all></at> **bold** _it_ `code` [click](http://evil.example) \\ | ~s~ # <b>&amp;</b> :smile:\nStage before: DIS (40.60, Close of voting)\nStage now: FDIS (50.00, Final text received or FDIS registered for formal approval)\nRoughly, in stages of GB/T 16733: 50 approval\nIn this stage since: 11 May 2023\nOrdinarily comes next: 50.20 Proof sent to secretariat or FDIS ballot initiated: 8 weeks\nCommittee: ISO/IEC JTC 1/SC 27\nEvidence: `stagewatch diff chg_01H0000000000000000000000A`\nhttps://www.iso.org/standard/1.html?a=(1)|<2>\n\nstagewatch · Sent to the subscriber “regulatory-team”. Watches concerned: “china-in-sc27”.","priority":3,"title":"ISO/IEC 27071: DIS → FDIS (50.00)"}"#);
}

/// The number of the service, the status and the body that it answers with, and what that means.
const ANSWERS: &[(usize, u16, &str, &str)] = &[
    (0, 200, "ok", "delivered"),
    (0, 200, "no_service", "gone"),
    (0, 404, "no_service", "gone"),
    (0, 404, "channel_not_found", "gone"),
    (0, 410, "channel_is_archived", "gone"),
    (0, 403, "action_prohibited", "for the operator"),
    (0, 403, "invalid_token", "gone"),
    (0, 400, "invalid_blocks", "refused"),
    (0, 400, "invalid_payload", "refused"),
    (0, 429, "rate_limited", "again"),
    (0, 500, "rollup_error", "again"),
    (0, 200, "<html>", "again"),
    (1, 202, "", "delivered"),
    (1, 200, "1", "delivered"),
    (1, 200, "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429", "again"),
    (1, 200, "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 413", "refused"),
    (1, 404, "{\"error\":{\"code\":\"WorkflowNotFound\"}}", "gone"),
    (1, 401, "{\"error\":{\"code\":\"DirectApiAuthorizationRequired\"}}", "for the operator"),
    (1, 429, "", "again"),
    (2, 200, "ok", "delivered"),
    (2, 400, "{\"id\":\"web.incoming_webhook.invalid.app_error\"}", "gone"),
    (2, 404, "{\"id\":\"web.incoming_webhook.channel.app_error\"}", "for the operator"),
    (2, 400, "{\"id\":\"web.incoming_webhook.parse.app_error\"}", "refused"),
    (2, 429, "", "again"),
    (3, 204, "", "delivered"),
    (3, 404, "{\"message\":\"Unknown Webhook\",\"code\":10015}", "gone"),
    (3, 401, "{\"message\":\"Invalid Webhook Token\",\"code\":50027}", "gone"),
    (3, 400, "{\"message\":\"Invalid Form Body\",\"code\":50035}", "refused"),
    (3, 429, "{\"message\":\"You are being rate limited.\",\"retry_after\":300.5,\"global\":false}", "again"),
    (4, 200, "{\"code\":0}", "delivered"),
    (4, 200, "{\"StatusCode\":0,\"StatusMessage\":\"success\"}", "delivered"),
    (4, 200, "{\"code\":19001,\"msg\":\"param invalid: incoming webhook access token invalid\"}", "gone"),
    (4, 200, "{\"code\":19021,\"msg\":\"sign match fail or timestamp is not within one hour\"}", "for the operator"),
    (4, 200, "{\"code\":19024,\"msg\":\"Key Words Not Found\"}", "for the operator"),
    (4, 400, "{\"code\":9499,\"msg\":\"Bad Request\"}", "refused"),
    (4, 200, "{\"code\":11232,\"msg\":\"frequency limited\"}", "again"),
    (4, 200, "<html>log in</html>", "again"),
    (5, 200, "{\"errcode\":0,\"errmsg\":\"ok\"}", "delivered"),
    (5, 200, "{\"errcode\":300005,\"errmsg\":\"token is not exist\"}", "gone"),
    (5, 200, "{\"errcode\":310000,\"errmsg\":\"sign not match\"}", "for the operator"),
    (5, 200, "{\"errcode\":130101,\"errmsg\":\"send too fast\"}", "again"),
    (5, 200, "{\"errcode\":40035,\"errmsg\":\"invalid\"}", "refused"),
    (6, 200, "{\"errcode\":0,\"errmsg\":\"ok\"}", "delivered"),
    (6, 200, "{\"errcode\":93000,\"errmsg\":\"invalid webhook url\"}", "gone"),
    (6, 200, "{\"errcode\":45009,\"errmsg\":\"api freq out of limit\"}", "again"),
    (6, 200, "{\"errcode\":40058,\"errmsg\":\"too long\"}", "refused"),
    (6, 200, "{\"errcode\":-1,\"errmsg\":\"system busy\"}", "again"),
    (7, 200, "{\"event_id\":\"$1\"}", "delivered"),
    (7, 401, "{\"errcode\":\"M_UNKNOWN_TOKEN\"}", "for the operator"),
    (7, 403, "{\"errcode\":\"M_FORBIDDEN\"}", "for the operator"),
    (7, 413, "{\"errcode\":\"M_TOO_LARGE\"}", "refused"),
    (7, 429, "{\"errcode\":\"M_LIMIT_EXCEEDED\",\"retry_after_ms\":300500}", "again"),
    (8, 200, "{\"id\":\"x\"}", "delivered"),
    (8, 403, "{\"code\":40301}", "for the operator"),
    (8, 413, "{\"code\":41301}", "refused"),
    (8, 429, "{\"code\":42908}", "again"),
    (8, 507, "{\"code\":50701}", "again"),
    (9, 201, "", "delivered"),
    (9, 400, "", "again"),
    (9, 404, "", "again"),
    (9, 410, "", "gone"),
];

#[tokio::test]
async fn no_is_read_as_each_service_says_it() {
    let services = Services::start().await;
    let short = short();
    for &(service, status, body, expected) in ANSWERS {
        services.answer_next(status, vec![], body);
        let post = &posts(&services)[service];
        let outcome = sent(post, &short).await;
        assert_eq!(word(&outcome), expected, "{} {status} {body}: {outcome:?}", post.channel());
        if body.contains("300.5") || body.contains("300500") {
            assert!(
                matches!(outcome, Outcome::TryAgain { wait: Some(wait), .. } if wait.as_millis() == 300_500),
                "{outcome:?}"
            );
        } else if status == 429 {
            assert!(
                matches!(outcome, Outcome::TryAgain { wait: Some(wait), .. } if wait.as_secs() >= 60),
                "{outcome:?}"
            );
        }
    }
}

#[tokio::test]
async fn whatever_is_sent_again_is_the_same_event_in_a_room() {
    let services = Services::start().await;
    let post = Post::Matrix(matrix_room(&services, TOKEN));
    for _ in 0..2 {
        assert_eq!(word(&sent(&post, &short()).await), "delivered");
    }
    assert_eq!(services.taken().len(), 1);
    assert!(services.taken()[0].path.ends_with("/send/m.room.message/dlv_01H0000000000000000000000B"));
}

#[tokio::test]
async fn a_wrong_secret_is_the_operators_affair_and_no_alert_is_lost_by_it() {
    let services = Services::start().await;
    for post in [
        Post::Feishu(hook(&services, "/open-apis/bot/v2/hook/KEY", Some("wrong"))),
        Post::Feishu(hook(&services, "/open-apis/bot/v2/hook/KEY", None)),
        Post::Dingtalk(hook(&services, "/robot/send?access_token=KEY", Some("wrong"))),
        Post::Dingtalk(hook(&services, "/robot/send?access_token=KEY", None)),
        Post::Matrix(matrix_room(&services, "wrong")),
    ] {
        let outcome = sent(&post, &short()).await;
        assert_eq!(word(&outcome), "for the operator", "{outcome:?}");
    }
    assert!(services.taken().is_empty());
}

#[tokio::test]
async fn a_message_of_yesterday_is_signed_today() {
    let services = Services::start().await;
    for post in [
        Post::Feishu(hook(&services, "/open-apis/bot/v2/hook/KEY", Some(SECRET))),
        Post::Dingtalk(hook(&services, "/robot/send?access_token=KEY", Some(SECRET))),
    ] {
        let parcel = parcel(&post, &short());
        let yesterday = Timestamp::now() - jiff::SignedDuration::from_hours(24);
        let late = send(&poster(), &post, &parcel, yesterday).await;
        assert_eq!(word(&late), "for the operator", "{late:?}");
        let now = send(&poster(), &post, &parcel, Timestamp::now()).await;
        assert_eq!(word(&now), "delivered", "{now:?}");
    }
}

#[tokio::test]
async fn too_many_messages_are_held_back_and_not_lost() {
    let services = Services::start().await;
    let post = Post::Wecom(hook(&services, "/cgi-bin/webhook/send?key=KEY", None));
    let parcel = parcel(&post, &short());
    let mut words = Vec::new();
    // Twenty-two processes that know nothing of one another's turns.
    for _ in 0..22 {
        words.push(word(&send(&poster(), &post, &parcel, Timestamp::now()).await));
    }
    assert_eq!(words[..20], ["delivered"; 20]);
    assert_eq!(words[20..], ["again"; 2]);
}

#[tokio::test]
async fn no_answer_shows_a_key_and_no_record_holds_one() {
    let services = Services::start().await;
    for post in posts(&services) {
        let topic = if matches!(post, Post::Ntfy(_)) { "open-sesame-topic" } else { "" };
        let last = post.url().path_segments().unwrap().next_back().unwrap().to_owned();
        let echo = format!("{} {TOKEN} {topic} {last} {}", post.url(), post.url().path());
        services.answer_next(500, vec![], &echo);
        let Outcome::TryAgain { why, .. } = sent(&post, &short()).await else { panic!("{}", post.channel()) };
        assert!(!why.contains("open-sesame"), "{}: {why}", post.channel());
        let has_token = matches!(post, Post::Matrix(_) | Post::Ntfy(_) | Post::Template(_));
        assert!(!has_token || !why.contains(TOKEN), "{}: {why}", post.channel());
        let recipient = post.recipient();
        assert!(!recipient.reveal().contains("open-sesame"), "{}", recipient.reveal());
        assert_eq!(recipient.to_string(), format!("http://127.0.0.1:{}/…", post.url().port().unwrap()));
        let debug = format!("{post:?}");
        assert!(!debug.contains("open-sesame") && !debug.contains(TOKEN), "{debug}");
        let payload = String::from_utf8(post.compose(&short(), "dlv_1")).unwrap();
        assert!(!payload.contains("open-sesame") && !payload.contains(TOKEN) && !payload.contains(SECRET));
    }
}

#[tokio::test]
async fn no_service_is_reached_inside_ones_own_network_unless_that_is_allowed() {
    let services = Services::start().await;
    let strict = Poster::new(&Settings::default()).unwrap();
    for post in posts(&services) {
        let outcome = send(&strict, &post, &parcel(&post, &short()), Timestamp::now()).await;
        assert_eq!(word(&outcome), "for the operator", "{outcome:?}");
    }
    assert!(services.taken().is_empty());
}

#[tokio::test]
async fn a_template_sends_what_it_says_with_its_headers_and_waits_while_it_is_wrong() {
    let services = Services::start().await;
    let right =
        Post::Template(Box::new(own(&services, r#"{"q": {{ changes[0].project.titles.en }}, "n": {{ n_changes }}}"#)));
    assert_eq!(word(&sent(&right, &short()).await), "delivered");
    let taken = &services.taken()[0];
    assert_eq!(taken.body, serde_json::json!({"q": NASTY, "n": 1}), "JSON stays JSON, whatever a title holds");
    assert_eq!(
        (&taken.headers["x-from"], &taken.headers["content-type"]),
        (&"stagewatch".parse().unwrap(), &"application/json".parse().unwrap())
    );
    assert_eq!(taken.headers["authorization"], format!("Bearer {TOKEN}"));
    let wrong = Post::Template(Box::new(own(&services, "{{ nowhere }}")));
    let Outcome::ForOperator { why } = sent(&wrong, &short()).await else { panic!() };
    assert!(why.contains("the template fails in line 1"), "{why}");
}
