//! What the operator is told: once, by a way that works, with the remedy, and again when it is over.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use stagewatch::changes::alarm_words::Word;
use stagewatch::changes::alarms::{Jump, Trouble};
use stagewatch::changes::health::{Disabled, Said};
use stagewatch::changes::notice::Languages;
use stagewatch::daemon::House;
use stagewatch::daemon::operator::{shout, tell_disk_works, tell_news};
use stagewatch::daemon::poll::poll;
use stagewatch::daemon::troubles::Signs;
use stagewatch::demo::pages::iso_open_data::{Row, lines};
use stagewatch::demo::pages::refusals;
use stagewatch::store::deliveries::DeliveryFilter;
use stagewatch::store::error::{Fault, StoreError};
use stagewatch::store::{Settlement, Verdict};

use crate::keeping::on_a_disk_of;
use crate::support::{OPEN_DATA, SOON, World, delivered, output_of, polled};

const SIGNS: Signs = Signs { jump: None, is_settled: false };

/// The world with an operator who has mail and a webhook.
pub(crate) async fn world() -> World {
    let world = World::start().await;
    let text = std::fs::read_to_string(world.configuration()).unwrap();
    let operator = format!(
        "{text}\n[operator]\nlanguage = \"both\"\n[operator.email]\nto = [\"admin@example.org\"]\n[operator.webhook]\nurl = \"{}\"\n\
         secret-file = \"secret\"\n",
        world.hook.url()
    );
    std::fs::write(world.configuration(), operator).unwrap();
    world
}

/// What is written for the operator by this look: `email source.doubtful`.
fn told(house: &House, signs: Signs, now: Timestamp) -> Vec<String> {
    let all = || house.store.deliveries(&DeliveryFilter::default()).unwrap();
    let before = all().len();
    let n_written = tell_news(house, signs, now).unwrap();
    let mut new: Vec<String> = all()
        .into_iter()
        .filter(|sent| sent.delivery.subscriber == "operator" && sent.delivery.created_at == now)
        .map(|sent| {
            let kind = sent.delivery.subject.trim_start_matches("[stagewatch] ").split(':').next().unwrap().to_owned();
            format!("{} {kind}", sent.delivery.channel)
        })
        .collect();
    assert_eq!((new.len(), all().len()), (n_written, before + n_written));
    new.sort();
    new
}

/// A moment as the store keeps it.
fn hours(hours: i64) -> Timestamp {
    let now = Timestamp::from_second(Timestamp::now().as_second()).unwrap();
    now + SignedDuration::from_hours(hours)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_gives_nothing_good_is_told_once_and_again_when_it_is_back() {
    let world = world().await;
    let house = world.house();
    world.show("40.60");
    polled(&house, "open-data").await;
    world.body.set_page(OPEN_DATA, refusals::blocked());
    for _ in 0..2 {
        polled(&house, "open-data").await;
    }
    assert_eq!(told(&house, SIGNS, hours(0)), [""; 0], "two in a row may pass");
    polled(&house, "open-data").await;
    assert_eq!(told(&house, SIGNS, hours(1)), ["email source.doubtful", "webhook source.doubtful"]);
    assert_eq!(told(&house, SIGNS, hours(2)), [""; 0]);
    let (status, _, _) = output_of(&mut world.program(&["status"]));
    assert!(status.contains("has given no good page for 3 polls in a row"), "{status}");
    assert_eq!(told(&house, SIGNS, hours(75)), ["email source.doubtful", "webhook source.doubtful"], "it lasts");
    world.show("40.60");
    polled(&house, "open-data").await;
    assert_eq!(told(&house, SIGNS, hours(76)), ["email source.recovered", "webhook source.recovered"]);
    assert_eq!(told(&house, SIGNS, hours(77)), [""; 0]);

    assert_eq!(delivered(&house, hours(100)).await.n_delivered, 6);
    let mails = world.inbox.wait_for(3, SOON).await.unwrap();
    let mail = mail_parser::MessageParser::default().parse(&mails[0].raw).unwrap();
    assert_eq!(mails[0].to, ["admin@example.org"]);
    let text = mail.body_text(0).unwrap();
    for words in
        ["for 3 polls in a row: blocked", "mend its `url` or `format`", "stagewatch probe open-data", "连续 3 次"]
    {
        assert!(text.contains(words), "{words} is not in\n{text}");
    }
    let hooks = world.hook.deliveries();
    let types: std::collections::BTreeSet<&str> =
        hooks.iter().map(|hook| hook.body["type"].as_str().unwrap()).collect();
    assert_eq!(types.into_iter().collect::<Vec<_>>(), ["source.doubtful", "source.recovered"]);
    let data = &hooks.iter().find(|hook| hook.body["type"] == "source.doubtful").unwrap().body["data"];
    assert_eq!((&data["about"], &data["command"]), (&"source:open-data".into(), &"stagewatch probe open-data".into()));
    assert!(data["what"]["en"].as_str().unwrap().contains("3 polls in a row"), "{data}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_of_one_host_that_fail_alike_are_told_in_one_message_and_so_is_their_end() {
    let world = world().await;
    let own = std::fs::read_to_string(world.configuration()).unwrap();
    let second =
        format!("[[source]]\nid = \"second\"\nformat = \"iso-open-data\"\nurl = \"{}\"\n", world.body.url("/2.jsonl"));
    std::fs::write(world.configuration(), format!("{own}{second}")).unwrap();
    let house = world.house();
    let show_second = || {
        let rows = [Row::of(900_003, "ISO/IEC CD 90003", "A fourth one", "30.20")];
        world.body.set_page("/2.jsonl", stagewatch::demo::body::answer::Answer::json_lines(lines(&rows)));
    };
    world.show("40.60");
    show_second();
    for source in ["open-data", "second"] {
        polled(&house, source).await;
    }
    world.body.set_page(OPEN_DATA, refusals::blocked());
    world.body.set_page("/2.jsonl", refusals::blocked());
    for source in ["open-data", "open-data", "second", "open-data"] {
        polled(&house, source).await;
    }
    assert_eq!(told(&house, SIGNS, hours(1)), ["email source.doubtful", "webhook source.doubtful"]);
    assert_eq!(house.store.alarms().unwrap().len(), 2, "each is known by itself");
    polled(&house, "second").await;
    polled(&house, "second").await;
    assert_eq!(told(&house, SIGNS, hours(2)), [""; 0], "it was told with the other one");
    world.show("40.60");
    polled(&house, "open-data").await;
    assert_eq!(told(&house, SIGNS, hours(3)), [""; 0], "the other one is not back yet");
    show_second();
    polled(&house, "second").await;
    assert_eq!(told(&house, SIGNS, hours(4)), ["email source.recovered", "webhook source.recovered"]);
    assert_eq!(house.store.alarms().unwrap(), []);

    assert_eq!(delivered(&house, hours(100)).await.n_delivered, 4);
    let mails = world.inbox.wait_for(2, SOON).await.unwrap();
    let parsed = |raw: &[u8]| {
        let mail = mail_parser::MessageParser::default().parse(raw).unwrap();
        mail.body_text(0).unwrap().into_owned()
    };
    let texts: Vec<String> = mails.iter().map(|mail| parsed(&mail.raw)).collect();
    let trouble = texts.iter().find(|text| text.contains("source.doubtful · host:127.0.0.1")).unwrap();
    for words in
        ["2 sources at `127.0.0.1`", "They are `open-data`, `second`.", "涉及：“open-data”、“second”", "访问被拦截"]
    {
        assert!(trouble.contains(words), "{words} is not in\n{trouble}");
    }
    assert!(texts.iter().any(|text| text.contains("已恢复：来源“open-data”、来源“second”")), "{texts:?}");
}

/// Which types of words were posted to the operator, in the order in which they came, every attempt of them.
fn posted(world: &World) -> Vec<String> {
    world.hook.attempts().iter().map(|attempt| attempt.body["type"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_nobody_reads_any_more_is_told_once_and_again_when_it_is_read() {
    let settled = Signs { is_settled: true, ..SIGNS };
    let world = world().await;
    let house = world.house();
    world.show("40.60");
    polled(&house, "open-data").await;
    assert_eq!(told(&house, settled, hours(24)), [""; 0], "it may rest for a day");
    assert_eq!(told(&house, SIGNS, hours(500)), [""; 0], "whoever has just started has missed nothing");
    assert_eq!(told(&house, settled, hours(501)), ["email source.stale", "webhook source.stale"]);
    assert_eq!(told(&house, settled, hours(502)), [""; 0]);
    let source = house.settings.source("open-data").unwrap().clone();
    assert!(!poll(&house, &source, hours(503)).await.unwrap().poll.outcome.is_trouble());
    assert_eq!(told(&house, settled, hours(504)), ["email source.recovered", "webhook source.recovered"]);
    assert_eq!(told(&house, settled, hours(505)), [""; 0]);
    assert_eq!(delivered(&house, hours(600)).await.n_delivered, 4);
    let mut posted = posted(&world);
    posted.sort();
    assert_eq!(posted, ["source.recovered", "source.stale"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn little_space_is_told_once_and_again_when_there_is_enough_of_it() {
    let world = world().await;
    world.show("40.60");
    let text = std::fs::read_to_string(world.configuration()).unwrap();
    let elsewhere = format!("{}/disk/stagewatch.db", world.path().display());
    std::fs::write(world.configuration(), text.replace(&world.database().display().to_string(), &elsewhere)).unwrap();
    let script = r#"
        $SW once; echo "exit $?"; $SW once; echo "exit $?"
        mount -o remount,size=150m "$DISK" && $SW once; echo "exit $?"
        mount -o remount,size=400m "$DISK" && $SW once; echo "exit $?"; $SW once; echo "exit $?"
    "#;
    let Some(said) = on_a_disk_of("60m", &world, script) else {
        eprintln!("this machine gives no namespaces: a disk with little space could not be tried");
        return;
    };
    assert_eq!(said.matches("exit 0").count(), 5, "{said}");
    assert_eq!(posted(&world), ["disk.low", "disk.recovered"], "{said}");
    let mails = world.inbox.wait_for(2, SOON).await.unwrap();
    let subjects: Vec<String> = mails
        .iter()
        .map(|mail| mail_parser::MessageParser::default().parse(&mail.raw).unwrap().subject().unwrap().to_owned())
        .collect();
    assert_eq!(subjects.len(), 2, "{subjects:?}");
    assert!(subjects[0].contains("disk.low") && subjects[1].contains("disk.recovered"), "{subjects:?}");
}

/// Puts a delivery into the outbox and lets its endpoint answer so, so often.
fn endpoint_says(house: &House, subscriber: &str, channel: &str, said: Said, times: u32) {
    let settings = house.settings.subscriber(subscriber).unwrap();
    let channel = stagewatch::deliver::Channel::parse(channel).unwrap();
    let recipient = settings.recipients(channel).remove(0);
    let n_before = house.store.deliveries(&DeliveryFilter::default()).unwrap().len();
    for number in 0..times as usize {
        let id = format!("dlv_{}", n_before + number);
        let at = hours(-200);
        let new = stagewatch::store::NewDelivery {
            id: id.clone(),
            subscriber: subscriber.to_owned(),
            channel: channel.as_str().to_owned(),
            recipient: recipient.clone(),
            subject: String::new(),
            payload: Vec::new(),
            changes: Vec::new(),
            created_at: at,
            due_at: at,
        };
        house.store.enqueue(&[new]).unwrap();
        let claimed = house.store.claim_due(at, 1, std::time::Duration::from_mins(5)).unwrap().remove(0);
        let settlement = if said == Said::Took { Settlement::Delivered } else { Settlement::Failed };
        let verdict = Verdict { settlement, said, answer: "503 Service Unavailable".to_owned() };
        house.store.settle(&claimed.delivery.id, claimed.n_attempts, &verdict, hours(0)).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_fails_is_told_by_mail_and_mail_that_fails_by_webhook() {
    let world = world().await;
    let house = world.house();
    endpoint_says(&house, "machine", "webhook", Said::NotThis, 3);
    assert_eq!(told(&house, SIGNS, hours(1)), [""; 0], "three times may pass");
    endpoint_says(&house, "machine", "webhook", Said::NotThis, 4);
    assert_eq!(told(&house, SIGNS, hours(2)), ["email delivery.failing"]);
    endpoint_says(&house, "people", "email", Said::ForOperator, 1);
    assert_eq!(told(&house, SIGNS, hours(3)), ["webhook delivery.failing"], "a wrong password is told at once");
    endpoint_says(&house, "people", "email", Said::Took, 1);
    endpoint_says(&house, "machine", "webhook", Said::Gone, 1);
    assert_eq!(
        told(&house, SIGNS, hours(4)),
        ["email delivery.disabled", "email delivery.recovered", "webhook delivery.recovered"]
    );
    let resumed = house.store.resume("machine", None, stagewatch::store::stops::Backlog::Send, hours(5)).unwrap();
    assert_eq!(resumed.n_endpoints, 1);
    assert_eq!(told(&house, SIGNS, hours(5)), ["email delivery.recovered", "webhook delivery.recovered"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_no_vocabulary_has_is_told_once_however_often_it_is_read() {
    let world = world().await;
    let house = world.house();
    let odd = |stage: u32| {
        let mut rows = vec![Row::of(56572, "ISO/IEC DIS 27071", "Trusted connections", "40.60"); 1];
        rows.extend((0..9).map(|number| Row::of(900_000 + number, "ISO/IEC 90000", "Another one", "60.60")));
        rows[1].current_stage = stage;
        rows[0].id = 56572;
        lines(&rows)
    };
    let answer = |text: String| stagewatch::demo::body::answer::Answer::json_lines(text);
    for (turn, expected) in [(0, 2), (1, 0), (2, 0)] {
        world.body.set_page(OPEN_DATA, answer(odd(4061)).without_validators());
        let found = polled(&house, "open-data").await;
        assert_eq!(found.defects.len(), 1, "{:?}", found.poll);
        house.oddities.note(&found);
        assert_eq!(told(&house, SIGNS, hours(turn)).len(), expected, "turn {turn}");
    }
    // A restart knows nothing of it before the next poll, and does not tell it again after that.
    let house = world.house();
    assert_eq!(told(&house, SIGNS, hours(4)), [""; 0]);
    house.oddities.note(&polled(&house, "open-data").await);
    assert_eq!(told(&house, SIGNS, hours(5)), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_takes_no_outbox_is_told_past_it_and_its_recovery_through_it() {
    let world = world().await;
    let house = world.house();
    let full = StoreError::Database {
        doing: "accept a poll",
        database: PathBuf::from("watch.db"),
        fault: Fault::Full,
        source: "database or disk is full".into(),
    };
    house.disk.failed(&full, hours(0));
    house.disk.failed(&full, hours(1));
    let trouble = house.disk.trouble().unwrap();
    shout(&house, &trouble, hours(0)).await;
    assert!(house.disk.trouble().unwrap().is_told);
    assert_eq!(house.store.deliveries(&DeliveryFilter::default()).unwrap(), [], "nothing was written down");
    let mails = world.inbox.wait_for(1, SOON).await.unwrap();
    let raw = String::from_utf8_lossy(&mails[0].raw).into_owned();
    assert!(raw.contains("disk.trouble"), "{raw}");
    let over = house.disk.worked().unwrap();
    tell_disk_works(&house, &over, hours(2)).unwrap();
    assert_eq!(delivered(&house, hours(3)).await.n_delivered, 2);
    assert_eq!(house.disk.worked(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_operator_the_alarm_is_known_to_status_and_sent_to_nobody() {
    let world = World::start().await;
    let house = world.house();
    world.body.set_page(OPEN_DATA, refusals::blocked());
    for _ in 0..3 {
        polled(&house, "open-data").await;
    }
    assert_eq!(told(&house, SIGNS, hours(1)), [""; 0]);
    assert_eq!(house.store.alarms().unwrap().len(), 1);
}

#[test]
#[expect(clippy::too_many_lines, reason = "what is read stands here whole")]
fn what_the_operator_reads() {
    let at: Timestamp = "2026-07-01T12:00:00Z".parse().unwrap();
    let since: Timestamp = "2026-06-28T12:00:00Z".parse().unwrap();
    let (subscriber, channel, recipient) = ("plm".to_owned(), "webhook".to_owned(), "https://plm.example/…".to_owned());
    let answer = "410 Gone".to_owned();
    let troubles = [
        Trouble::Source { source: "open-data".into(), n_polls: 3, why: "blocked: Just a moment".into() },
        Trouble::Stale { source: "open-data".into(), last: since },
        Trouble::Defect { source: "plans".into(), what: "unknown stage text".into(), text: "复议".into() },
        Trouble::Failing {
            subscriber: subscriber.clone(),
            channel: channel.clone(),
            recipient: recipient.clone(),
            answer: "503".into(),
        },
        Trouble::Mail { n_mailboxes: 2, answer: "535 5.7.8 authentication failed".into() },
        Trouble::Disabled { subscriber, channel, recipient, why: Disabled::Gone, answer },
        Trouble::Disk { what: Fault::Full.to_string() },
        Trouble::Space { mebibytes: 12 },
        Trouble::Clock { jump: Jump::Back(SignedDuration::from_hours(9)) },
    ];
    let texts: Vec<String> = troubles
        .iter()
        .map(|trouble| {
            let word = Word::of_trouble(trouble, Languages::Both, at, at);
            format!("{}\n\n{}", word.subject(), word.text())
        })
        .collect();
    insta::assert_snapshot!(texts.join("\n---\n"), @r"
    [stagewatch] source.doubtful: 来源异常 · The source `open-data` has given no good page for 3 polls in a row: blocked: Just…

    The source `open-data` has given no good page for 3 polls in a row: blocked: Just a moment.
    Nothing of it was accepted, and what was known stays. If its pages moved or changed, mend its `url` or `format`; if it blocks, ask less often or through a `proxy`.
    To see more: stagewatch probe open-data

    来源“open-data”已连续 3 次未取得可信页面：访问被拦截：“Just a moment”。
    未采纳任何内容，原有数据保持不变。若页面已迁移或改版，请修改 `url` 或 `format`；若被拦截，请降低频率或使用 `proxy`。
    查看详情：stagewatch probe open-data

    source.doubtful · source:open-data · 2026-07-01 12:00 UTC

    ---
    [stagewatch] source.stale: 来源久未读取 · The source `open-data` was read last at 2026-06-28 12:00 UTC, much longer ago than…

    The source `open-data` was read last at 2026-06-28 12:00 UTC, much longer ago than its schedule has it.
    If the service runs, look at its log; a poll may hang, or its rest after a block may be long.
    To see more: stagewatch probe open-data

    来源“open-data”上次读取于 2026-06-28 12:00 UTC，已远超其计划间隔。
    若服务正在运行，请查看日志：可能有抓取卡住，或被拦截后的等待时间较长。
    查看详情：stagewatch probe open-data

    source.stale · source:open-data · 2026-07-01 12:00 UTC

    ---
    [stagewatch] source.defect: 未知文字 · The source `plans` prints what no vocabulary has (unknown stage text): 复议.

    The source `plans` prints what no vocabulary has (unknown stage text): 复议.
    The line was left out, not guessed. It needs an entry in a vocabulary, or in `stages` of a source of format `table`.
    To see more: stagewatch probe plans

    来源“plans”出现无法识别的文字（未知的阶段文字）：“复议”。
    该行已略过，未作猜测。需要在词表中补充，或在 `table` 格式来源的 `stages` 中补充。
    查看详情：stagewatch probe plans

    source.defect · defect:plans:unknown stage text:复议 · 2026-07-01 12:00 UTC

    ---
    [stagewatch] delivery.failing: 投递失败 · Deliveries to `plm` by webhook (https://plm.example/…) fail: 503.

    Deliveries to `plm` by webhook (https://plm.example/…) fail: 503.
    They are tried again by their plan, and nothing is lost. Check the address, the credentials and the certificate of the other side.
    To see more: stagewatch deliveries --subscriber plm

    向订阅者“plm”（webhook，https://plm.example/…）的投递持续失败：“503”。
    将按计划重试，不会丢失。请检查对方地址、凭据与证书。
    查看详情：stagewatch deliveries --subscriber plm

    delivery.failing · delivery:plm:webhook:https://plm.example/… · 2026-07-01 12:00 UTC

    ---
    [stagewatch] delivery.failing: 投递失败 · Mail to 2 mailboxes fails: 535 5.7.8 authentication failed.

    Mail to 2 mailboxes fails: 535 5.7.8 authentication failed.
    They are tried again by their plan, and nothing is lost. Check the address, the credentials and the certificate of the other side.
    To see more: stagewatch deliveries --unsettled

    邮件投递持续失败（涉及 2 个邮箱）：“535 5.7.8 authentication failed”。
    将按计划重试，不会丢失。请检查对方地址、凭据与证书。
    查看详情：stagewatch deliveries --unsettled

    delivery.failing · delivery:mail · 2026-07-01 12:00 UTC

    ---
    [stagewatch] delivery.disabled: 投递已停止 · Nothing is sent to `plm` by webhook (https://plm.example/…) any more: it says t…

    Nothing is sent to `plm` by webhook (https://plm.example/…) any more: it says that it is gone. It said: 410 Gone.
    What is for it is held back. When it works again, `stagewatch resume` sends it, or drops it with `--drop`.
    To see more: stagewatch deliveries --subscriber plm

    已停止向订阅者“plm”（webhook，https://plm.example/…）投递：对方声明已不存在；对方答复：“410 Gone”。
    相关内容已保留。恢复后可用 `stagewatch resume` 发送，或用 `--drop` 放弃。
    查看详情：stagewatch deliveries --subscriber plm

    delivery.disabled · delivery:plm:webhook:https://plm.example/… · 2026-07-01 12:00 UTC

    ---
    [stagewatch] disk.trouble: 磁盘故障 · The database cannot be written: the disk is full; nothing that was acknowledged is lo…

    The database cannot be written: the disk is full; nothing that was acknowledged is lost, and work goes on once there is space.
    Nothing is polled or sent until it can be written again; nothing that was acknowledged is lost. Make space, or check the disk.
    To see more: stagewatch status

    数据库无法写入：磁盘已满；已确认的内容不会丢失，有空间后自动继续。
    恢复写入之前不再抓取与发送；已确认的内容不会丢失。请清理空间或检查磁盘。
    查看详情：stagewatch status

    disk.trouble · disk · 2026-07-01 12:00 UTC

    ---
    [stagewatch] disk.low: 磁盘空间不足 · Only 12 MiB are left on the disk of the database.

    Only 12 MiB are left on the disk of the database.
    Make space before it is used up: `stagewatch prune` clears out.
    To see more: stagewatch status

    数据库所在磁盘仅剩 12 MiB。
    请及时清理空间：可用 `stagewatch prune`。
    查看详情：stagewatch status

    disk.low · space · 2026-07-01 12:00 UTC

    ---
    [stagewatch] clock.trouble: 时钟异常 · The clock was set back by about 9 h.

    The clock was set back by about 9 h.
    Schedules and dates go by it. Check time synchronisation (`timedatectl`).

    系统时钟倒退了约 9 小时。
    计划与日期均以系统时钟为准。请检查时间同步（`timedatectl`）。

    clock.trouble · clock · 2026-07-01 12:00 UTC
    ");
    let lasting = Word::of_trouble(&troubles[0], Languages::English, since, at);
    assert!(lasting.text().contains("It lasts since 2026-06-28 12:00 UTC."), "{}", lasting.text());
}
