//! When somebody is told: digests, quiet hours, pauses, reminders; who wants what; and who is not told of the past. The pipeline is the
//! real one, its pages are taken in by hand, and time is what each test says it is.

use jiff::{SignedDuration, Timestamp};
use stagewatch::daemon::calendar::tell_ahead;
use stagewatch::daemon::dispatcher::{Pass, deliver_due};
use stagewatch::daemon::import::{Saved, import};
use stagewatch::daemon::poll::Announce;
use stagewatch::daemon::releasing::release_due;
use stagewatch::demo::pages::iso_open_data::{Row, lines};
use stagewatch::demo::pages::tc260_consultations::{self, Consultation};
use stagewatch::masked::Recipient;
use stagewatch::store::Delivery;
use stagewatch::store::deliveries::DeliveryFilter;
use stagewatch::store::stops::{Stop, StopReason};

use crate::support::Archive;

/// Two standards, each watched by its own watch, and mail that is written to a folder.
const BASE: &str = r#"
[mail]
server = "file:///tmp/stagewatch-tests-write-nothing-here"
from = "Stagewatch <stagewatch@example.org>"
[[source]]
id = "open-data"
format = "iso-open-data"
url = "https://body.example/open-data.jsonl"
committees = ["ISO/IEC JTC 1/SC 27"]
[[watch]]
id = "one"
standards = ["ISO/IEC 27071"]
[[watch]]
id = "two"
standards = ["ISO/IEC 27035"]
"#;

fn configured(subscriber: &str) -> String {
    format!(
        "{BASE}[[subscriber]]\nid = \"team\"\nwatches = [\"*\"]\n{subscriber}\n[subscriber.email]\nto = [\"a@example.org\", \"b@example.org\"]\n"
    )
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Takes in the open data as polled at that moment, and tells of it as at that moment; how many changes there were.
fn take(archive: &Archive, moment: &str, first: &str, second: &str) -> usize {
    let rows = [
        Row::of(56572, "ISO/IEC FDIS 27071", "Trusted connections", first),
        Row::of(60803, "ISO/IEC DIS 27035", "Incident management", second),
        Row::of(900_001, "ISO/IEC 90001:2020", "Another one", "60.60"),
    ];
    let source = archive.house.settings.source("open-data").unwrap();
    let saved = Saved { bytes: lines(&rows).into_bytes(), content_type: None, at: at(moment) };
    import(&archive.house, source, saved, Announce::At(at(moment))).unwrap().changes.len()
}

fn deliveries(archive: &Archive) -> Vec<Delivery> {
    archive.house.store.deliveries(&DeliveryFilter::default()).unwrap()
}

/// `email a~ca…@example.org 2: subject`, of every delivery that was written.
fn written(archive: &Archive) -> Vec<String> {
    let mut lines: Vec<String> = deliveries(archive)
        .iter()
        .map(|sent| {
            let sent = &sent.delivery;
            format!("{} {} {}: {}", sent.channel, sent.recipient, sent.changes.len(), sent.subject)
        })
        .collect();
    lines.sort();
    lines
}

fn held(archive: &Archive) -> Vec<String> {
    let held = archive.house.store.held().unwrap();
    held.into_iter().map(|held| format!("{} {}", held.channel, held.why.as_str())).collect()
}

fn release(archive: &Archive, moment: &str) -> usize {
    release_due(&archive.house, at(moment)).unwrap()
}

const WEEKLY: &str = "when = \"0 8 * * Mon\"\ntimezone = \"Europe/Berlin\"";

#[test]
fn a_digest_gathers_everything_since_the_last_and_is_silent_where_nothing_happened() {
    let archive = Archive::with(&configured(WEEKLY));
    assert_eq!(release(&archive, "2026-07-01T12:00:00Z"), 0);
    take(&archive, "2026-07-01T12:00:00Z", "40.20", "20.00");
    assert_eq!(take(&archive, "2026-07-02T12:00:00Z", "50.00", "20.00"), 1);
    assert_eq!(take(&archive, "2026-07-03T12:00:00Z", "50.00", "30.00"), 1);
    assert_eq!(written(&archive), [""; 0]);
    assert_eq!(held(&archive), ["email digest", "email digest"]);
    assert_eq!(release(&archive, "2026-07-06T05:59:59Z"), 0);
    assert_eq!(release(&archive, "2026-07-06T06:00:01Z"), 2);
    assert_eq!(
        written(&archive),
        [
            "email a~ca…@example.org 2: [stagewatch] digest: 2 changes: ISO/IEC 27071, ISO/IEC 27035",
            "email b~3e…@example.org 2: [stagewatch] digest: 2 changes: ISO/IEC 27071, ISO/IEC 27035"
        ]
    );
    assert_eq!(held(&archive), [""; 0]);
    let text = String::from_utf8(deliveries(&archive)[0].delivery.payload.clone()).unwrap();
    assert!(text.contains("Everything since the last digest."), "{text}");
    // Not again that Monday, and not the next one, on which there is nothing to tell.
    for moment in ["2026-07-06T06:00:11Z", "2026-07-13T06:00:01Z", "2026-07-20T06:00:01Z"] {
        assert_eq!(release(&archive, moment), 0, "{moment}");
    }
}

#[test]
fn a_digest_that_was_due_while_the_machine_was_off_goes_out_at_the_next_start_and_once() {
    let archive = Archive::with(&configured(WEEKLY));
    release(&archive, "2026-07-01T12:00:00Z");
    take(&archive, "2026-07-01T12:00:00Z", "40.20", "20.00");
    take(&archive, "2026-07-02T12:00:00Z", "50.00", "20.00");
    // Three Mondays later.
    assert_eq!(release(&archive, "2026-07-22T09:17:00Z"), 2);
    assert_eq!(release(&archive, "2026-07-22T09:18:00Z"), 0);
    take(&archive, "2026-07-23T12:00:00Z", "50.20", "20.00");
    assert_eq!(release(&archive, "2026-07-26T12:00:00Z"), 0);
    assert_eq!(release(&archive, "2026-07-27T06:00:00Z"), 2);
    assert_eq!(deliveries(&archive).len(), 4);
}

#[test]
fn an_empty_digest_is_sent_where_it_is_asked_for_once_for_each_time_under_its_own_id() {
    let archive = Archive::with(&configured(&format!("{WEEKLY}\ndigest-when-empty = true")));
    assert_eq!(release(&archive, "2026-07-01T12:00:00Z"), 0);
    assert_eq!(release(&archive, "2026-07-06T06:00:01Z"), 2);
    assert_eq!(release(&archive, "2026-07-06T06:00:11Z"), 0);
    assert_eq!(release(&archive, "2026-07-13T08:30:00Z"), 2);
    assert_eq!(written(&archive)[0], "email a~ca…@example.org 0: [stagewatch] digest: nothing happened");
    let ids: std::collections::BTreeSet<String> =
        deliveries(&archive).into_iter().map(|sent| sent.delivery.id).collect();
    assert_eq!(ids.len(), 4);
    let text = String::from_utf8(deliveries(&archive)[3].delivery.payload.clone()).unwrap();
    assert!(text.contains("Nothing happened since the last digest."), "{text}");
}

#[test]
fn a_clock_that_was_ahead_does_not_put_digests_off_for_years() {
    let archive = Archive::with(&configured(WEEKLY));
    release(&archive, "2038-01-19T03:14:08Z");
    release(&archive, "2026-07-01T12:00:00Z");
    take(&archive, "2026-07-01T12:00:00Z", "40.20", "20.00");
    take(&archive, "2026-07-02T12:00:00Z", "50.00", "20.00");
    assert_eq!(release(&archive, "2026-07-06T06:00:00Z"), 2);
}

/// The same subscriber with a webhook instead of mail.
fn with_webhook(subscriber: &str, webhook: &str) -> String {
    format!(
        "{BASE}[[subscriber]]\nid = \"plm\"\nwatches = [\"*\"]\n{subscriber}\n[subscriber.webhook]\n\
         url = \"https://plm.example/hook\"\nsecret-file = \"secret\"\n{webhook}\n"
    )
}

#[test]
fn a_webhook_is_told_at_once_whatever_people_want_unless_it_has_a_schedule_of_its_own() {
    let people = "when = \"@daily\"\nquiet = \"00:00-23:59\"";
    let archive = Archive::with(&with_webhook(people, ""));
    take(&archive, "2026-07-01T12:00:00Z", "40.20", "20.00");
    take(&archive, "2026-07-02T12:00:00Z", "50.00", "30.00");
    assert_eq!(deliveries(&archive).len(), 2, "one for each change");
    let archive = Archive::with(&with_webhook("", "when = \"@daily\""));
    release(&archive, "2026-07-01T12:00:00Z");
    take(&archive, "2026-07-01T12:00:00Z", "40.20", "20.00");
    take(&archive, "2026-07-02T12:00:00Z", "50.00", "30.00");
    assert_eq!(held(&archive), ["webhook digest", "webhook digest"]);
    assert_eq!(release(&archive, "2026-07-03T00:00:00Z"), 2);
    assert!(written(&archive)[0].starts_with("webhook https://plm.example/… 1: "), "{:?}", written(&archive));
}

#[test]
fn in_quiet_hours_nothing_goes_out_and_afterwards_everything_in_one_message() {
    let archive = Archive::with(&configured("quiet = \"22:00-07:00\"\nquiet-days = [\"Sun\"]\ntimezone = \"UTC\""));
    take(&archive, "2026-07-01T12:00:00Z", "40.20", "20.00");
    take(&archive, "2026-07-01T23:00:00Z", "50.00", "20.00");
    take(&archive, "2026-07-02T06:00:00Z", "50.00", "30.00");
    assert_eq!(held(&archive), ["email quiet", "email quiet"]);
    assert_eq!(release(&archive, "2026-07-02T06:59:59Z"), 0);
    assert_eq!(release(&archive, "2026-07-02T07:00:00Z"), 2);
    assert_eq!(written(&archive)[0], "email a~ca…@example.org 2: [stagewatch] 2 changes: ISO/IEC 27071, ISO/IEC 27035");
    // 2026-07-05 is a Sunday.
    take(&archive, "2026-07-05T12:00:00Z", "50.20", "30.00");
    assert_eq!(held(&archive), ["email quiet"]);
    assert_eq!(release(&archive, "2026-07-06T07:00:00Z"), 2);
    take(&archive, "2026-07-06T12:00:00Z", "50.60", "30.00");
    assert_eq!((held(&archive).len(), deliveries(&archive).len()), (0, 6), "by day it goes out at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_before_the_quiet_hours_waits_for_their_end_too() {
    let archive = Archive::with(&configured("quiet = \"22:00-07:00\""));
    take(&archive, "2026-07-01T12:00:00Z", "40.20", "20.00");
    take(&archive, "2026-07-01T21:59:59Z", "50.00", "20.00");
    assert_eq!(deliver_due(&archive.house, at("2026-07-01T22:30:00Z")).await.unwrap(), Pass::default());
    assert!(deliveries(&archive).iter().all(|sent| sent.n_attempts == 0));
}

#[test]
fn a_digest_that_is_due_in_quiet_hours_waits_for_their_end() {
    let archive = Archive::with(&configured("when = \"0 6 * * *\"\nquiet = \"22:00-07:00\""));
    release(&archive, "2026-07-01T12:00:00Z");
    take(&archive, "2026-07-01T12:00:00Z", "40.20", "20.00");
    take(&archive, "2026-07-01T13:00:00Z", "50.00", "20.00");
    assert_eq!(release(&archive, "2026-07-02T06:00:00Z"), 0);
    assert_eq!(release(&archive, "2026-07-02T07:00:00Z"), 2);
}

#[test]
fn what_a_pause_held_is_told_when_it_is_over_and_what_it_dropped_is_recorded_and_not_told() {
    let archive = Archive::with(&configured("paused = \"hold\""));
    take(&archive, "2026-07-01T12:00:00Z", "40.20", "20.00");
    take(&archive, "2026-07-02T12:00:00Z", "50.00", "20.00");
    take(&archive, "2026-07-03T12:00:00Z", "50.00", "30.00");
    assert_eq!(release(&archive, "2026-08-01T12:00:00Z"), 0);
    let archive = archive.reconfigured(&configured("paused = \"drop\""));
    take(&archive, "2026-08-02T12:00:00Z", "50.20", "30.00");
    assert_eq!(held(&archive), ["email paused", "email paused", "email dropped"]);
    let archive = archive.reconfigured(&configured(""));
    assert_eq!(release(&archive, "2026-08-03T12:00:00Z"), 2);
    assert_eq!(written(&archive)[0], "email a~ca…@example.org 2: [stagewatch] 2 changes: ISO/IEC 27071, ISO/IEC 27035");
    assert_eq!(held(&archive), ["email dropped"]);
    let text = String::from_utf8(deliveries(&archive)[0].delivery.payload.clone()).unwrap();
    assert!(text.contains("Held back during quiet hours or a pause"), "{text}");
}

#[test]
fn who_wants_only_what_is_significant_is_not_told_of_a_step_within_a_stage() {
    let archive = Archive::with(&configured("significant = true"));
    take(&archive, "2026-07-01T12:00:00Z", "40.20", "20.00");
    assert_eq!(take(&archive, "2026-07-02T12:00:00Z", "40.60", "20.00"), 1);
    assert_eq!(deliveries(&archive).len(), 0);
    take(&archive, "2026-07-03T12:00:00Z", "50.00", "20.00");
    assert_eq!(deliveries(&archive).len(), 2);
    let archive = archive.reconfigured(&configured("kinds = [\"published\"]"));
    take(&archive, "2026-07-04T12:00:00Z", "50.20", "20.00");
    assert_eq!(deliveries(&archive).len(), 2);
    take(&archive, "2026-07-05T12:00:00Z", "60.60", "20.00");
    assert_eq!(deliveries(&archive).len(), 4);
}

#[test]
fn a_mailbox_that_left_a_watch_hears_of_the_others_and_one_that_left_altogether_of_nothing() {
    let archive = Archive::with(&configured(""));
    let stop = |recipient: &str, watch: Option<&str>| Stop {
        subscriber: "team".to_owned(),
        recipient: Recipient::new(recipient),
        watch: watch.map(str::to_owned),
        reason: StopReason::Unsubscribed,
        at: at("2026-07-01T12:00:00Z"),
    };
    archive.house.store.stop(&stop("a@example.org", Some("one"))).unwrap();
    take(&archive, "2026-07-01T12:00:00Z", "40.20", "20.00");
    take(&archive, "2026-07-02T12:00:00Z", "50.00", "30.00");
    assert_eq!(
        written(&archive),
        [
            "email a~ca…@example.org 1: [stagewatch] ISO/IEC 27035: AWI → CD (30.00)",
            "email b~3e…@example.org 2: [stagewatch] 2 changes: ISO/IEC 27071, ISO/IEC 27035"
        ]
    );
    archive.house.store.stop(&stop("b@example.org", None)).unwrap();
    take(&archive, "2026-07-03T12:00:00Z", "50.20", "30.00");
    assert_eq!(deliveries(&archive).len(), 2, "a left this watch, b left");
}

#[test]
fn a_subscriber_added_later_and_a_watch_that_is_widened_are_told_nothing_of_the_past() {
    let archive = Archive::with(BASE);
    take(&archive, "2026-07-01T12:00:00Z", "40.20", "20.00");
    take(&archive, "2026-07-02T12:00:00Z", "50.00", "30.00");
    assert_eq!(written(&archive).len(), 1, "the terminal");
    let wider = configured("").replace("ISO/IEC 27035\"", "ISO/IEC 27035\", \"ISO/IEC 90001\"");
    let archive = archive.reconfigured(&wider);
    assert_eq!(take(&archive, "2026-07-03T12:00:00Z", "50.00", "30.00"), 0);
    assert_eq!((release(&archive, "2026-07-03T12:00:00Z"), written(&archive).len()), (0, 1));
    take(&archive, "2026-07-04T12:00:00Z", "50.20", "30.00");
    assert_eq!(written(&archive).len(), 3);
}

#[test]
fn a_consultation_is_reminded_of_twice_before_it_closes_and_its_end_is_recorded_and_told_to_nobody() {
    let source = "[[source]]\nid = \"drafts\"\nformat = \"tc260-consultations\"\nurl = \"https://body.example/drafts\"\n\
                  timezone = \"Asia/Shanghai\"\n[[watch]]\nid = \"drones\"\nkeywords = [\"无人机\"]\n";
    let archive = Archive::with(&format!("{}{source}", configured("language = \"both\"")));
    let house = &archive.house;
    let source = house.settings.source("drafts").unwrap();
    let draft = |closes: &str| {
        let title = "网络安全技术 民用无人机安全要求";
        Consultation::of(title, "2026-05-01".parse().unwrap(), closes.parse().unwrap())
    };
    let other = Consultation::of("数据安全", "2026-04-01".parse().unwrap(), "2026-04-30".parse().unwrap());
    let show = |moment: &str, page: &[Consultation]| {
        let bytes = tc260_consultations::html(page).into_bytes();
        let saved = Saved { bytes, content_type: None, at: at(moment) };
        import(house, source, saved, Announce::At(at(moment))).unwrap().changes.len()
    };
    let look = |moment: &str| -> Vec<String> {
        let told = tell_ahead(house, source, at(moment)).unwrap();
        told.iter().map(|told| format!("{} {}", told.change.kind.as_str(), told.announced)).collect()
    };
    show("2026-04-30T12:00:00Z", std::slice::from_ref(&other));
    assert_eq!(look("2026-05-01T12:00:00Z"), [""; 0], "what was over before is nobody's news");
    assert_eq!(show("2026-05-02T12:00:00Z", &[draft("2026-06-30"), other.clone()]), 1);
    assert_eq!(look("2026-06-15T15:59:00Z"), [""; 0]);
    // Midnight in Shanghai.
    assert_eq!(look("2026-06-15T16:00:00Z"), ["consultation-closing true"]);
    assert_eq!(look("2026-06-20T16:00:00Z"), [""; 0]);
    assert_eq!(look("2026-06-27T03:00:00Z"), ["consultation-closing true"]);
    assert_eq!(look("2026-06-30T03:00:00Z"), [""; 0]);
    assert_eq!(look("2026-07-01T03:00:00Z"), ["consultation-closed false"]);
    assert_eq!(look("2026-07-02T03:00:00Z"), [""; 0]);
    let subjects: Vec<String> = deliveries(&archive).iter().map(|sent| sent.delivery.subject.clone()).collect();
    assert_eq!(subjects.len(), 6, "{subjects:?}");
    assert!(subjects[2].ends_with(": public comment closes 2026-06-30 · 征求意见截止 2026-06-30"), "{subjects:?}");
}

#[test]
fn ids_do_not_depend_on_when_something_was_composed() {
    let ids = |moment: &str| -> Vec<String> {
        let archive = Archive::with(&configured("paused = \"hold\""));
        take(&archive, "2026-07-01T12:00:00Z", "40.20", "20.00");
        take(&archive, "2026-07-02T12:00:00Z", "50.00", "20.00");
        let archive = archive.reconfigured(&configured(""));
        release(&archive, moment);
        deliveries(&archive).into_iter().map(|sent| sent.delivery.id).collect()
    };
    let first = ids("2026-08-01T12:00:00Z");
    assert_eq!(first.len(), 2);
    assert_eq!(first, ids("2027-01-01T00:00:00Z"));
}

#[test]
fn a_released_change_is_due_at_once_even_by_a_clock_that_was_set_back() {
    let archive = Archive::with(&configured("quiet = \"22:00-07:00\""));
    take(&archive, "2026-07-01T12:00:00Z", "40.20", "20.00");
    take(&archive, "2026-07-01T23:00:00Z", "50.00", "20.00");
    let now = at("2026-07-01T12:00:00Z");
    assert_eq!(release_due(&archive.house, now).unwrap(), 2);
    let next = archive.house.store.next_due().unwrap().unwrap();
    assert!(next <= now + SignedDuration::from_secs(1), "{next}");
}
