//! The whole product against servers with state: what subscribers get, and what they never get.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use stagewatch::changes::change::{Kind, RecordedChange};
use stagewatch::daemon::dispatcher;
use stagewatch::daemon::poll::Polled;
use stagewatch::demo::body::answer::{Answer, Misbehaviour};
use stagewatch::demo::hook::Hook;
use stagewatch::demo::hook::reply::Reply;
use stagewatch::demo::inbox::refusals::Turn;
use stagewatch::demo::pages::iso_open_data::{Row, lines};
use stagewatch::demo::pages::iso_project::{Layout, ProjectPage};
use stagewatch::demo::pages::refusals;
use stagewatch::demo::pages::tc260_consultations::{self, Consultation};
use stagewatch::demo::play::{Stage, play};
use stagewatch::store::changes::ChangeFilter;
use stagewatch::store::deliveries::DeliveryFilter;
use stagewatch::store::{DeliveryState, PollOutcome};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::support::{OPEN_DATA, SECRET, SOON, World, delivered, polled};

fn later(hours: i64) -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(hours)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_move_reaches_mailboxes_and_a_webhook_once() {
    let world = World::start().await;
    let house = world.house();
    world.show("40.60");
    assert_eq!(polled(&house, "open-data").await.poll.outcome, PollOutcome::Baseline);
    assert_eq!(polled(&house, "open-data").await.poll.outcome, PollOutcome::NotModified);
    world.show("50.00");
    let moved = polled(&house, "open-data").await;
    assert_eq!(moved.poll.outcome, PollOutcome::Changed);
    assert_eq!(delivered(&house, Timestamp::now()).await.n_delivered, 3);

    let mut mails = world.inbox.messages();
    mails.sort_by(|a, b| a.to.cmp(&b.to));
    assert_eq!(mails.iter().map(|mail| mail.to.join(",")).collect::<Vec<_>>(), ["a@example.org", "b@example.org"]);
    let mail = mail_parser::MessageParser::default().parse(&mails[0].raw).unwrap();
    assert_eq!(mail.subject(), Some("[stagewatch] ISO/IEC 27071: DIS → FDIS (50.00)"));
    let text = mail.body_text(0).unwrap();
    assert!(text.contains("ISO/IEC") && text.contains("50.00"), "{text}");

    let hooks = world.hook.deliveries();
    assert_eq!(hooks.len(), 1);
    let body = &hooks[0].body;
    assert_eq!(body["type"], "standard.stage_moved");
    let data = &body["data"];
    assert_eq!(data["kind"], "stage-moved");
    assert_eq!(data["move"], "advanced");
    assert_eq!(data["project"]["id"], "iso:56572");
    assert_eq!(data["from"]["code"], "40.60");
    assert_eq!(data["to"]["code"], "50.00");
    assert_eq!(data["next"][0]["code"], "50.20");
    assert_eq!(data["watches"][0], "one");
    assert_eq!(data["announced"], true);
    assert!(data["evidence"]["diff"].as_str().unwrap().contains('+'), "{}", data["evidence"]["diff"]);

    let sent = house.store.deliveries(&DeliveryFilter::default()).unwrap();
    for mail in &mails {
        let raw = String::from_utf8_lossy(&mail.raw);
        assert!(
            sent.iter().any(|sent| raw.contains(&format!("Message-ID: <{}@example.org>", sent.delivery.id))),
            "{raw}"
        );
    }
    assert!(sent.iter().any(|sent| sent.delivery.id == hooks[0].id));

    assert_eq!(polled(&house, "open-data").await.poll.outcome, PollOutcome::NotModified);
    assert_eq!(delivered(&house, later(24)).await.n_delivered, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_are_no_page_change_nothing_and_are_told_to_nobody() {
    let world = World::start().await;
    let house = world.house();
    world.show("40.60");
    polled(&house, "open-data").await;
    let whole = lines(&[
        Row::of(56572, "ISO/IEC FDIS 27071", "Trusted connections", "50.00"),
        Row::of(900_001, "ISO/IEC 90001:2020", "Another one", "60.60"),
    ]);
    let bad = [
        refusals::blocked(),
        refusals::challenge(),
        refusals::empty(),
        refusals::home(),
        Answer::json_lines(""),
        Answer::json_lines(&whole[..whole.len() / 2]),
        Answer::json_lines(whole.clone()).misbehaving(Misbehaviour::Truncated { after: whole.len() / 2 }),
        Answer::json_lines(whole.clone()).with_status(503),
        Answer::json_lines(whole.clone()).misbehaving(Misbehaviour::Reset),
        Answer::json_lines(lines(&[Row::of(900_001, "ISO/IEC 90001:2020", "Another one", "60.60")])),
        Answer::redirect("http://localhost:9/elsewhere"),
    ];
    for (number, answer) in bad.into_iter().enumerate() {
        world.body.set_page(OPEN_DATA, answer.without_validators());
        let poll = polled(&house, "open-data").await.poll;
        assert!(
            matches!(poll.outcome, PollOutcome::Doubtful | PollOutcome::Refused | PollOutcome::Failed),
            "page {number}: {poll:?}"
        );
        assert!(poll.why.is_some_and(|why| !why.is_empty()), "page {number} has no reason");
    }
    world.show("40.60");
    let recovered = polled(&house, "open-data").await.poll;
    assert!(matches!(recovered.outcome, PollOutcome::Unchanged | PollOutcome::NotModified), "{recovered:?}");
    assert_eq!(house.store.source_state("open-data").unwrap().n_troubles, 0);
    assert_eq!(house.store.deliveries(&DeliveryFilter::default()).unwrap(), []);
    world.show("50.00");
    assert_eq!(polled(&house, "open-data").await.changes.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_move_seen_at_two_sources_is_one_alert_that_names_both() {
    let page = r#"
[[source]]
id = "page"
format = "iso-project"
url = "{body}/standard/56572.html"
"#;
    let world = World::with(page).await;
    let house = world.house();
    let show_page = |stages: &[(&str, &str)], reference: &str| {
        let page = ProjectPage::of(56572, reference, "Trusted connections", stages);
        world.body.set_page("/standard/56572.html", Answer::html(page.html(Layout::Of2024)));
    };
    let at_enquiry = [("40.00", "2022-01-10"), ("40.20", "2022-08-16"), ("40.60", "2022-11-08")];
    show_page(&at_enquiry, "ISO/IEC DIS 27071");
    world.show("40.60");
    for source in ["open-data", "page"] {
        assert_eq!(polled(&house, source).await.poll.outcome, PollOutcome::Baseline, "{source}");
    }
    world.show("50.00");
    assert_eq!(polled(&house, "open-data").await.changes.len(), 1);
    // The page lags one poll behind, and then shows the move too.
    assert_eq!(polled(&house, "page").await.poll.outcome, PollOutcome::NotModified);
    let mut at_approval = at_enquiry.to_vec();
    at_approval.push(("50.00", "2023-03-29"));
    show_page(&at_approval, "ISO/IEC FDIS 27071");
    assert_eq!(polled(&house, "page").await.changes, []);

    delivered(&house, Timestamp::now()).await;
    assert_eq!(world.hook.deliveries().len(), 1);
    assert_eq!(world.inbox.messages().len(), 2);
    let changes = house.store.changes(&ChangeFilter::default()).unwrap();
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].also_seen_at, ["page"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_that_may_pass_are_tried_again_under_one_id_and_refusals_are_marked() {
    let world = World::start().await;
    let house = world.house();
    world.show("40.60");
    polled(&house, "open-data").await;
    world.show("50.00");
    polled(&house, "open-data").await;
    world.hook.answer_next(503);
    world.hook.answer_next(500);
    world.inbox.refuse_next(451, "try again later", Turn::Rcpt);
    world.inbox.refuse_next(550, "no such user", Turn::Rcpt);
    let first = delivered(&house, Timestamp::now()).await;
    assert_eq!((first.n_delivered, first.n_waiting, first.n_failed), (0, 2, 1), "{first:?}");
    for hours in [1, 2] {
        delivered(&house, later(hours)).await;
    }
    let attempts = world.hook.attempts();
    assert_eq!(attempts.iter().map(|attempt| attempt.status).collect::<Vec<_>>(), [503, 500, 204]);
    assert!(attempts.iter().all(|attempt| attempt.id == attempts[0].id));
    assert!(attempts.iter().all(|attempt| attempt.raw == attempts[0].raw));
    assert_eq!(world.inbox.messages().len(), 1);
    let failed = house.store.deliveries(&DeliveryFilter { failed_only: true, ..DeliveryFilter::default() }).unwrap();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].state, DeliveryState::Failed);
    assert!(failed[0].last_answer.as_ref().unwrap().contains("no such user"), "{:?}", failed[0].last_answer);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_project_that_speaks_of_a_keyword_is_told_and_others_are_only_recorded() {
    let drones = "[[watch]]\nid = \"drones\"\nkeywords = [\"unmanned air\"]\n";
    let world = World::with(drones).await;
    let house = world.house();
    world.show("40.60");
    polled(&house, "open-data").await;
    let rows = [
        Row::of(56572, "ISO/IEC DIS 27071", "Trusted connections", "40.60"),
        Row::of(900_001, "ISO/IEC 90001:2020", "Another one", "60.60"),
        Row::of(900_002, "ISO/IEC CD 90002", "A third one", "30.60"),
        Row::of(900_003, "ISO/IEC PWI 90003", "Guidelines for Unmanned Aircraft", "00.00"),
        Row::of(900_004, "ISO/IEC PWI 90004", "Something else", "00.00"),
    ];
    world.body.set_page(OPEN_DATA, Answer::json_lines(lines(&rows)));
    let changes = polled(&house, "open-data").await.changes;
    let told: Vec<(Kind, String, bool)> = changes
        .iter()
        .map(|change| (change.change.kind, change.change.after.id.to_string(), change.announced))
        .collect();
    assert_eq!(
        told,
        [
            (Kind::StageMoved, "iso:900002".to_owned(), false),
            (Kind::Appeared, "iso:900003".to_owned(), true),
            (Kind::Appeared, "iso:900004".to_owned(), false),
        ]
    );
    delivered(&house, Timestamp::now()).await;
    assert_eq!(world.hook.wait_for(1, SOON).await.unwrap().len(), 1);
    assert_eq!(world.inbox.messages().len(), 0, "the people watch something else");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_whose_scope_is_widened_is_read_anew_and_does_not_announce_the_world() {
    let world = World::start().await;
    let rows = |stage| {
        lines(&[
            Row::of(56572, "ISO/IEC DIS 27071", "Trusted connections", stage),
            Row::of(900_005, "ISO/AWI 90005", "Unmanned aircraft", "20.00").of_committee("ISO/TC 20/SC 16"),
        ])
    };
    world.body.set_page(OPEN_DATA, Answer::json_lines(rows("40.60")));
    let first = polled(&world.house(), "open-data").await.poll;
    assert_eq!((first.outcome, first.n_projects), (PollOutcome::Baseline, 1));

    let text = std::fs::read_to_string(world.configuration()).unwrap();
    let wider = text.replace(r#"["ISO/IEC JTC 1/SC 27"]"#, r#"["ISO/IEC JTC 1/SC 27", "ISO/TC 20/SC 16"]"#);
    std::fs::write(world.configuration(), wider).unwrap();
    let house = world.house();
    let anew = polled(&house, "open-data").await;
    assert_eq!((anew.poll.outcome, anew.poll.n_projects), (PollOutcome::Unchanged, 2), "{anew:?}");
    world.body.set_page(OPEN_DATA, Answer::json_lines(rows("50.00")));
    assert_eq!(polled(&house, "open-data").await.changes.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_left_the_configuration_gets_nothing_more_and_that_stays_visible() {
    let world = World::start().await;
    let house = world.house();
    world.show("40.60");
    polled(&house, "open-data").await;
    world.show("50.00");
    polled(&house, "open-data").await;
    // Before anything goes out: one of two mailboxes is taken out, and the subscriber with the webhook.
    let text = std::fs::read_to_string(world.configuration()).unwrap();
    let (rest, _) = text.split_once("[[subscriber]]\nid = \"machine\"").unwrap();
    std::fs::write(world.configuration(), rest.replace("\"a@example.org\", ", "")).unwrap();
    drop(house);
    let house = world.house();
    let pass = delivered(&house, Timestamp::now()).await;
    assert_eq!((pass.n_delivered, pass.n_waiting, pass.n_failed), (1, 0, 2), "{pass:?}");
    let mails: Vec<String> = world.inbox.messages().iter().map(|mail| mail.to.join(",")).collect();
    assert_eq!(mails, ["b@example.org"]);
    assert_eq!(world.hook.attempts().len(), 0);
    let failed = house.store.deliveries(&DeliveryFilter { failed_only: true, ..DeliveryFilter::default() }).unwrap();
    assert!(failed.iter().all(|failed| failed.last_answer.as_ref().unwrap().contains("no longer has")), "{failed:?}");
}

/// A list of consultations on two pages, of which a source follows so many.
const ON_TWO_PAGES: &str = "[[source]]\nid = \"consultations\"\nformat = \"tc260-consultations\"\nmax-pages = 2\n\
    url = \"{body}/portal/suggestion\"\n";

fn show_list(world: &World, first: &[&str], second: &[&str]) {
    let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let entry = |title: &&str| Consultation::of(title, today, today.saturating_add(jiff::Span::new().days(60)));
    for (path, titles, number) in [("/portal/suggestion", first, 1), ("/portal/suggestion?page=2", second, 2)] {
        let entries: Vec<Consultation> = titles.iter().map(entry).collect();
        world.body.set_page(path, Answer::html(tc260_consultations::page(&entries, number, 2)));
    }
}

fn kinds_and_titles(polled: &Polled) -> Vec<String> {
    let line = |change: &RecordedChange| format!("{} {}", change.change.kind.as_str(), change.change.after.reference);
    polled.changes.iter().map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_list_on_two_pages_nothing_is_accepted_while_one_of_them_fails() {
    let world = World::with(ON_TWO_PAGES).await;
    let house = world.house();
    show_list(&world, &["甲", "乙"], &["丙", "丁"]);
    assert_eq!(polled(&house, "consultations").await.poll.outcome, PollOutcome::Baseline);
    assert_eq!(polled(&house, "consultations").await.poll.outcome, PollOutcome::NotModified);
    let held = house.store.holdings("consultations").unwrap().unwrap();
    assert_eq!(held.len(), 4);

    show_list(&world, &["戊", "甲"], &["乙", "丙"]);
    for bad in [refusals::challenge(), refusals::home(), Answer::html("").with_status(503)] {
        world.body.answer_next("/portal/suggestion?page=2", bad.without_validators());
        let polled = polled(&house, "consultations").await;
        assert!(polled.poll.outcome.is_trouble(), "{:?}", polled.poll);
        assert_eq!(polled.changes, []);
        assert_eq!(house.store.holdings("consultations").unwrap().as_ref(), Some(&held));
    }
    assert_eq!(kinds_and_titles(&polled(&house, "consultations").await), ["consultation-opened 戊"]);

    // One page is as it was, the other is not.
    show_list(&world, &["己", "甲"], &["乙", "丙"]);
    assert_eq!(kinds_and_titles(&polled(&house, "consultations").await), ["consultation-opened 己"]);
    show_list(&world, &["己", "甲"], &["庚", "丙"]);
    assert_eq!(kinds_and_titles(&polled(&house, "consultations").await), ["consultation-opened 庚"]);
    assert_eq!(polled(&house, "consultations").await.poll.outcome, PollOutcome::NotModified);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_pages_of_a_list_than_before_announce_nothing_of_the_past() {
    let world = World::with(&ON_TWO_PAGES.replace("max-pages = 2", "max-pages = 1")).await;
    let house = world.house();
    show_list(&world, &["甲", "乙"], &["丙", "丁"]);
    assert_eq!(polled(&house, "consultations").await.poll.outcome, PollOutcome::Baseline);
    show_list(&world, &["戊", "乙"], &["丙", "丁"]);
    assert_eq!(kinds_and_titles(&polled(&house, "consultations").await), ["consultation-opened 戊"]);
    drop(house);
    let text = std::fs::read_to_string(world.configuration()).unwrap();
    std::fs::write(world.configuration(), text.replace("max-pages = 1", "max-pages = 2")).unwrap();
    let house = world.house();
    show_list(&world, &["戊", "乙"], &["丙", "丁", "辛"]);
    assert_eq!(kinds_and_titles(&polled(&house, "consultations").await), Vec::<String>::new());
    // What was seen stays seen, on whichever page it is.
    assert_eq!(house.store.holdings("consultations").unwrap().unwrap().len(), 6);
    show_list(&world, &["壬", "甲"], &["丙", "丁", "辛"]);
    assert_eq!(kinds_and_titles(&polled(&house, "consultations").await), ["consultation-opened 壬"]);
}

/// A stage without an audience.
struct Silent;

impl Stage for Silent {
    fn caption(&mut self, _: &str) -> std::io::Result<()> {
        Ok(())
    }
    fn event(&mut self, _: &str) -> std::io::Result<()> {
        Ok(())
    }
    fn is_watched(&self) -> bool {
        false
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_goes_as_written() {
    let folder = tempfile::tempdir().unwrap();
    let summary = play(Some(folder.path().to_owned()), &mut Silent).await.unwrap();
    assert_eq!(summary.faults, Vec::<String>::new());
    assert_eq!(summary.n_webhooks, summary.n_expected);
    assert!(summary.n_in_doubt >= 2 && summary.n_mails > 0, "{summary:?}");
    let mails = std::fs::read_dir(folder.path().join("mail")).unwrap().count();
    assert_eq!(mails, summary.n_mails);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_moved_is_read_at_its_next_address_and_nothing_is_announced_for_that() {
    let world = World::with(
        "[[source]]\nid = \"drafts\"\nformat = \"tc260-consultations\"\ntimezone = \"Asia/Shanghai\"\n\
         urls = [\"{body}/portal/suggestion\", \"{body}/tc260/tzgg/list.shtml\"]\n",
    )
    .await;
    let house = world.house();
    let opens = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let closes = opens + jiff::Span::new().days(60);
    let draft = |title: &str| Consultation::of(title, opens, closes);
    let list = |drafts: &[Consultation]| Answer::html(tc260_consultations::html(drafts));
    let (old, new) = ("/portal/suggestion", "/tc260/tzgg/list.shtml");
    world.body.set_page(old, list(&[draft("网络安全技术 示例一")]));
    assert_eq!(polled(&house, "drafts").await.poll.outcome, PollOutcome::Baseline);

    // The old address answers with the home page now, status 200; the list is at the new one.
    let home = "<html><head><title>首页</title></head><body><h1>首页</h1><p>欢迎</p></body></html>";
    world.body.set_page(old, Answer::html(home));
    world.body.set_page(new, list(&[draft("网络安全技术 示例一")]));
    let moved = polled(&house, "drafts").await;
    assert_eq!((moved.poll.outcome, moved.changes.len()), (PollOutcome::Unchanged, 0), "{:?}", moved.poll);

    // A new draft at the new address is told once; then the old address is back.
    let both = [draft("网络安全技术 示例二"), draft("网络安全技术 示例一")];
    world.body.set_page(new, list(&both));
    assert_eq!(polled(&house, "drafts").await.changes.len(), 1);
    world.body.set_page(old, list(&both));
    let back = polled(&house, "drafts").await;
    assert_eq!((back.poll.outcome, back.changes.len()), (PollOutcome::Unchanged, 0), "{:?}", back.poll);

    // Where none serves, the poll is in trouble and nothing is taken from it.
    world.body.set_page(old, Answer::html(home));
    world.body.set_page(new, Answer::html(home));
    let nowhere = polled(&house, "drafts").await;
    assert!(nowhere.poll.outcome.is_trouble() && nowhere.changes.is_empty(), "{:?}", nowhere.poll);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encoding_that_a_site_tells_wrongly_can_be_set_right() {
    let page = |state: &str| {
        let page = stagewatch::demo::pages::openstd_standard::Standard::of(
            "GB/T 99001-2031",
            "示例要求",
            state,
            "2031-01-02",
            "2031-08-01",
        )
        .html();
        let (bytes, _, _) = encoding_rs::GB18030.encode(&page);
        Answer::html(bytes.into_owned())
    };
    let source = |more: &str| {
        format!(
            "[[source]]\nid = \"standard\"\nformat = \"openstd-standard\"\nurl = \"{{body}}/bzgk/gb/newGbInfo\"\n{more}"
        )
    };
    for (more, outcome) in [("", PollOutcome::Doubtful), ("encoding = \"gb18030\"\n", PollOutcome::Baseline)] {
        let world = World::with(&source(more)).await;
        world.body.set_page("/bzgk/gb/newGbInfo", page("现行"));
        assert_eq!(polled(&world.house(), "standard").await.poll.outcome, outcome, "{more}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_dawdles_holds_up_itself_and_nobody_else() {
    let dawdler = Hook::start(SECRET).await.unwrap();
    let more = format!(
        "[[watch]]\nid = \"all\"\ncommittees = [\"ISO/IEC JTC 1/SC 27\"]\n[[subscriber]]\nid = \"a-slow-one\"\nwatches = [\"*\"]\n\
         [subscriber.webhook]\nurl = \"{}\"\nsecret-file = \"secret\"\n",
        dawdler.url()
    );
    let world = World::with(&more).await;
    let house = world.house();
    let show = |stage: &str| {
        let rows: Vec<Row> =
            (0..40).map(|number| Row::of(900_000 + number, "ISO/IEC DIS 90000", "Something", stage)).collect();
        world.body.set_page(OPEN_DATA, Answer::json_lines(lines(&rows)));
    };
    show("40.20");
    polled(&house, "open-data").await;
    show("40.60");
    assert_eq!(polled(&house, "open-data").await.changes.len(), 40);
    for _ in 0..40 {
        dawdler.answer_next(Reply::of(204).after(Duration::from_mins(1)));
    }
    let stop = CancellationToken::new();
    let dispatcher = tokio::spawn(dispatcher::run(watch::Sender::new(house.clone()).subscribe(), stop.clone()));
    world.hook.wait_for(40, SOON).await.unwrap();
    assert!(dawdler.attempts().len() <= 2, "{} at once", dawdler.attempts().len());
    stop.cancel();
    dispatcher.abort();
}
