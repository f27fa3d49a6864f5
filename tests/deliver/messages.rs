//! Messages as an independent reader of mail sees them.

use mail_parser::{HeaderValue, Message, MessageParser};
use stagewatch::changes::notice::{Languages, Notice, Occasion, subject};
use stagewatch::changes::notice_text::text;
use stagewatch::deliver::email_compose::{Letter, compose};
use stagewatch::masked::Recipient;
use stagewatch::standards::project::ProjectId;

use super::gallery::opened;
use super::samples::{folder, iso, letter, notice, to_consultation, to_fdis};

fn composed(notice: &Notice, to: &str, id: &str) -> Vec<u8> {
    compose(notice, &folder("Stagewatch <stagewatch@example.org>"), &letter(&Recipient::new(to), id)).unwrap()
}

fn read(bytes: &[u8]) -> Message<'_> {
    MessageParser::default().parse(bytes).unwrap()
}

fn header<'a>(message: &'a Message<'_>, name: &str) -> &'a str {
    message.header_raw(name.to_owned()).unwrap_or_default().trim()
}

#[test]
fn the_headers_are_those_of_an_automatic_message_in_a_thread() {
    let bytes = composed(&notice(Languages::English, vec![to_fdis()]), "team@example.org", "dlv_01");
    let message = read(&bytes);
    assert_eq!(message.message_id(), Some("dlv_01@example.org"));
    assert_eq!(message.from().unwrap().first().unwrap().address(), Some("stagewatch@example.org"));
    assert_eq!(message.from().unwrap().first().unwrap().name(), Some("Stagewatch"));
    assert_eq!(message.to().unwrap().first().unwrap().address(), Some("team@example.org"));
    assert_eq!(message.date().unwrap().to_rfc3339(), "2023-05-12T04:16:00Z");
    assert_eq!(header(&message, "Auto-Submitted"), "auto-generated");
    assert_eq!(header(&message, "X-Auto-Response-Suppress"), "All");
    assert_eq!(header(&message, "List-Id"), "stagewatch watch <regulatory-team.stagewatch.example.org>");
    assert!(header(&message, "Content-Type").starts_with("multipart/alternative"));
    assert!(bytes.is_ascii(), "any server can carry it");
    assert!(bytes.split(|byte| *byte == b'\n').all(|line| line.len() <= 998), "lines keep the limit of RFC 5322");
}

#[test]
fn filters_are_told_what_a_message_wants_and_what_happened() {
    let told = |notice: &Notice| {
        let bytes = composed(notice, "team@example.org", "dlv_01");
        let message = read(&bytes);
        ["X-Stagewatch-Action", "X-Stagewatch-Kinds"].map(|name| header(&message, name).to_owned())
    };
    let both = notice(Languages::English, vec![to_fdis(), opened()]);
    assert_eq!(told(&both), ["comment; until=2023-07-11", "consultation-opened, stage-moved"]);
    assert_eq!(told(&notice(Languages::English, vec![to_fdis()])), ["none", "stage-moved"]);
    assert_eq!(told(&Notice { occasion: Occasion::Sample, ..both.clone() })[0], "none", "nothing of it happened");
    let nothing = Notice { occasion: Occasion::Digest, changes: Vec::new(), ..both };
    assert_eq!(told(&nothing), ["none", ""]);
}

#[test]
fn a_list_is_left_by_one_click_where_there_is_a_page_for_it() {
    let (settings, to) = (folder("Stagewatch <stagewatch@example.org>"), Recipient::new("team@example.org"));
    let told = |unsubscribe| {
        let letter = Letter { unsubscribe, ..letter(&to, "dlv_01") };
        let bytes = compose(&notice(Languages::English, vec![to_fdis()]), &settings, &letter).unwrap();
        let message = read(&bytes);
        let headers = ["List-Unsubscribe", "List-Unsubscribe-Post"].map(|name| header(&message, name).to_owned());
        let bodies = [message.body_text(0).unwrap(), message.body_html(0).unwrap()];
        (headers, bodies.map(|body| body.replace("&#x2f;", "/").contains("https://watch.example.org/unsubscribe/T")))
    };
    let address = "https://watch.example.org/unsubscribe/T";
    let both = [format!("<{address}>"), "List-Unsubscribe=One-Click".to_owned()];
    assert_eq!(told(Some(address)), (both, [true, true]));
    assert_eq!(told(None), ([String::new(), String::new()], [false, false]));
    let (headers, _) = told(Some("http://watch.example.org/unsubscribe/T"));
    assert_eq!(headers[1], "", "one click takes https (RFC 8058)");
}

#[test]
fn a_list_is_left_by_mail_where_somebody_reads_it() {
    let mut settings = folder("Stagewatch <stagewatch@example.org>");
    settings.unsubscribe_mailto = Some("Admin <leave@example.org>".parse().unwrap());
    let to = Recipient::new("team@example.org");
    let told = |unsubscribe| {
        let letter = Letter { unsubscribe, ..letter(&to, "dlv_01") };
        let bytes = compose(&notice(Languages::English, vec![to_fdis()]), &settings, &letter).unwrap();
        let message = read(&bytes);
        ["List-Unsubscribe", "List-Unsubscribe-Post"].map(|name| header(&message, name).replace("\r\n", ""))
    };
    let by_mail = "<mailto:leave@example.org?subject=unsubscribe%20regulatory-team>";
    assert_eq!(told(None), [by_mail, ""]);
    let address = "https://watch.example.org/unsubscribe/T";
    assert_eq!(told(Some(address)), [format!("<{address}>, {by_mail}"), "List-Unsubscribe=One-Click".to_owned()]);
}

#[test]
fn what_is_a_command_a_link_or_indented_looks_like_it() {
    let mut moved = to_fdis();
    moved.evidence.diff = "@@ -1 +1 @@\n-  currentStage: 4060\n+  currentStage: 5000\n".to_owned();
    let bytes = composed(&notice(Languages::English, vec![moved]), "team@example.org", "dlv_01");
    let message = read(&bytes);
    let html = message.body_html(0).unwrap().replace("&#x2f;", "/");
    // Where the first families are not installed, Latin letters still come from a Latin one.
    let font = |name: &str| html.find(name).unwrap_or_else(|| panic!("{name}: {html}"));
    assert!(font("Arial") < font("PingFang SC") && font("Liberation Sans") < font("Noto Sans CJK SC"));
    assert!(html.contains(">stagewatch diff chg_01H0000000000000000000000A</code>") && !html.contains('`'), "{html}");
    assert!(html.contains("as read at <a href=\"https://data.example.org/deliverables.jsonl\""), "{html}");
    assert!(html.contains(">data.example.org</a> on 2023-05-12"), "{html}");
    assert!(html.contains("+  currentStage: 5000"), "{html}");
    let text = message.body_text(0).unwrap();
    assert!(text.contains("as read at https://data.example.org/deliverables.jsonl on"), "{text}");
}

#[test]
fn text_and_html_and_subject_arrive_with_every_chinese_letter() {
    let notice = notice(Languages::Both, vec![to_fdis(), to_consultation()]);
    let bytes = composed(&notice, "team@example.org", "dlv_01");
    let message = read(&bytes);
    assert_eq!(message.subject(), Some(subject(&notice).as_str()));
    assert_eq!(message.text_body_count(), 1);
    assert_eq!(message.html_body_count(), 1);
    let plain = message.body_text(0).unwrap().replace("\r\n", "\n");
    assert_eq!(plain.trim_end(), text(&notice).trim_end());
    assert!(plain.contains("网络安全技术 示例产品安全评价方法") && plain.contains("正在征求意见"));
    let html = message.body_html(0).unwrap();
    assert!(html.contains("网络安全技术 示例产品安全评价方法") && html.contains("lang=\"zh\""));
}

#[test]
fn a_chinese_reader_gets_a_chinese_subject() {
    let bytes = composed(&notice(Languages::Chinese, vec![to_fdis(), to_consultation()]), "team@example.org", "dlv_01");
    let message = read(&bytes);
    assert!(message.subject().unwrap().starts_with("[stagewatch] 2 项变动："), "{:?}", message.subject());
}

#[test]
fn what_a_page_says_stays_text_in_the_html_and_brings_no_images() {
    let mut change = to_fdis();
    change.change.after.titles.clear();
    change.change.after.titles.insert(
        stagewatch::standards::language::Language::English,
        "<script>alert(1)</script><img src=https://evil.example/x.png> \"quoted\" & 'more'".to_owned(),
    );
    change.change.after.url = Some("javascript:alert(1)".to_owned());
    change.evidence.diff = "+</pre><b>bold</b>\n".to_owned();
    let bytes = composed(&notice(Languages::English, vec![change]), "team@example.org", "dlv_01");
    let message = read(&bytes);
    let html = message.body_html(0).unwrap();
    for forbidden in ["<script", "<img", "<b>", "href=\"javascript", "src="] {
        let outside = html.replace("src=https", "");
        assert!(!outside.contains(forbidden), "{forbidden}: {html}");
    }
    assert!(html.contains("&lt;script&gt;"));
}

#[test]
fn the_same_delivery_is_the_same_bytes() {
    let notice = notice(Languages::Both, vec![to_fdis()]);
    assert_eq!(composed(&notice, "team@example.org", "dlv_01"), composed(&notice, "team@example.org", "dlv_01"));
    assert_ne!(composed(&notice, "team@example.org", "dlv_01"), composed(&notice, "team@example.org", "dlv_02"));
}

#[test]
fn messages_about_one_project_share_a_root_and_others_do_not() {
    let root_of = |notice: &Notice, id: &str| {
        let bytes = composed(notice, "team@example.org", id);
        let message = read(&bytes);
        assert_eq!(message.references(), message.in_reply_to());
        match message.references() {
            HeaderValue::Text(root) => Some(root.to_string()),
            _ => None,
        }
    };
    let mut later = to_fdis();
    later.id = "chg_02".to_owned();
    later.change.after = iso(80972, "ISO/IEC 27071:2023", "60.60");
    let first = root_of(&notice(Languages::English, vec![to_fdis()]), "dlv_01");
    let second = root_of(&notice(Languages::Chinese, vec![later.clone()]), "dlv_02");
    let both = root_of(&notice(Languages::English, vec![to_fdis(), later]), "dlv_03");
    assert!(first.as_ref().is_some_and(|root| root.starts_with("std-") && root.ends_with("@example.org")), "{first:?}");
    assert_eq!((&first, &first), (&second, &both));
    assert_ne!(first, root_of(&notice(Languages::English, vec![to_consultation()]), "dlv_04"));
    assert_eq!(root_of(&notice(Languages::English, vec![to_fdis(), to_consultation()]), "dlv_05"), None);
}

#[test]
fn no_text_of_a_page_or_of_a_setting_becomes_a_header() {
    let mut change = to_fdis();
    change.change.after.reference = "ISO 1\r\nBcc: all@example.org\r\n\r\nbody".to_owned();
    let mut notice = notice(Languages::English, vec![change]);
    notice.subscriber = "team\r\nX-Evil: 1 <>@,队".to_owned();
    let bytes = composed(&notice, "team@example.org", "dlv_01");
    let message = read(&bytes);
    assert!(message.bcc().is_none());
    assert!(message.header_raw("X-Evil").is_none());
    assert!(!message.subject().unwrap().contains(char::is_control));
}

#[test]
fn a_domain_of_other_letters_is_written_in_its_ascii_form() {
    let settings = folder("Wächter <watch@bücher.example>");
    let to = Recipient::new("team@bücher.example");
    let bytes = compose(&notice(Languages::English, vec![to_fdis()]), &settings, &letter(&to, "dlv_01")).unwrap();
    let message = read(&bytes);
    assert_eq!(message.message_id(), Some("dlv_01@xn--bcher-kva.example"));
    assert_eq!(message.to().unwrap().first().unwrap().address(), Some("team@xn--bcher-kva.example"));
    assert_eq!(message.from().unwrap().first().unwrap().name(), Some("Wächter"));
}

#[test]
fn a_recipient_that_is_no_address_is_named_shortened() {
    let settings = folder("stagewatch@example.org");
    let to = Recipient::new("team leader@example.org, other@example.org");
    let error = compose(&notice(Languages::English, vec![to_fdis()]), &settings, &letter(&to, "dlv_01")).unwrap_err();
    assert!(!error.to_string().contains("leader") && error.to_string().contains("no mail address"), "{error}");
}

#[test]
fn a_flood_of_changes_is_one_message_of_a_size_that_servers_take() {
    let changes: Vec<_> = (0..2000)
        .map(|number| {
            let mut change = to_fdis();
            change.change.after.id = ProjectId::Iso(90_000 + number);
            change.change.after.reference = format!("ISO/IEC FDIS {}", 90_000 + number);
            change.evidence.diff = "+line\n".repeat(1000);
            change
        })
        .collect();
    let bytes = composed(&notice(Languages::Both, changes), "team@example.org", "dlv_01");
    assert!(bytes.len() < 1_000_000, "{}", bytes.len());
    let message = read(&bytes);
    for body in [message.body_text(0).unwrap(), message.body_html(0).unwrap()] {
        let body = body.replace("&#x2f;", "/");
        assert!(body.contains("ISO/IEC 90529: DIS → FDIS (50.00)"), "named");
        assert!(!body.contains("ISO/IEC 90530"), "counted");
        assert!(body.contains("And 1970 more") && body.contains("另有 1970 项变动"));
    }
}
