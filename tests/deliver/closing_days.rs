//! Closing days as calendars of others read them, and as they move from mail to mail.

use jiff::civil::{Date, date};
use mail_parser::MimeHeaders;
use stagewatch::changes::change::{Kind, Move, RecordedChange};
use stagewatch::changes::corroboration::KnownStage;
use stagewatch::changes::icalendar::{Entry, Revision, Status, entries_of, entry_of, written};
use stagewatch::changes::notice::{Languages, Notice, Occasion};
use stagewatch::changes::notice_frame::Frame;
use stagewatch::deliver::email_compose::compose;
use stagewatch::masked::Recipient;
use stagewatch::standards::project::ProjectId;

use super::gallery::{frame, opened, to_enquiry, week};
use super::samples::{difference, folder, iso, letter, notice, recorded, to_fdis};
use crate::peers::{javascript, python};

fn framed(languages: Languages, changes: Vec<RecordedChange>) -> Notice {
    Notice { frame: frame(), ..notice(languages, changes) }
}

fn entries(changes: Vec<RecordedChange>) -> Vec<Entry> {
    entries_of(&framed(Languages::English, changes))
}

fn numbered(mut change: RecordedChange, sequence: u64) -> RecordedChange {
    change.sequence = sequence;
    change
}

#[test]
fn a_calendar_is_written_as_the_standard_has_it() {
    let text =
        written(&entries_of(&framed(Languages::Both, vec![numbered(to_enquiry(), 3), numbered(opened(), 1)])), None);
    assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{text}");
    insta::assert_snapshot!(text.replace("\r\n", "\n"), @r#"
    BEGIN:VCALENDAR
    VERSION:2.0
    PRODID:-//stagewatch//closing days//EN
    CALSCALE:GREGORIAN
    METHOD:PUBLISH
    BEGIN:VEVENT
    UID:968eb0afd921d0daa1fc0a5f-enquiry@stagewatch
    SEQUENCE:3
    DTSTAMP:20230512T041600Z
    DTSTART;VALUE=DATE:20230721
    STATUS:TENTATIVE
    TRANSP:TRANSPARENT
    SUMMARY:ISO/IEC 27035-4: enquiry ballot closes (expected) · 征询意见
     草案投票截止（预计）
    DESCRIPTION:Cybersecurity — Invented connections between <devices> & serv
     ices\n12 weeks from 28 April 2023\n自2023年4月28日起12周\nAccording 
     to ISO\, ISO/IEC 27035-4\, “Cybersecurity — Invented connections betwe
     en <devices> & services”\, advanced from DIS (40.00\, DIS registered) to
      DIS (40.20\, DIS ballot initiated: 12 weeks) on 28 April 2023\, as read a
     t https://data.example.org/deliverables.jsonl on 2023-05-12 04:15 UTC.\n
     据国际标准化组织（ISO），ISO/IEC 27035-4《Cybersecurity — In
     vented connections between <devices> & services》由DIS（40.00，国际
     标准草案(DIS)登记，“DIS registered”）推进至DIS（40.20，
     国际标准草案(DIS)投票启动(12周)，“DIS ballot initiated: 12 w
     eeks”），自2023年4月28日起（https://data.example.org/deliverable
     s.jsonl，读取于 2023-05-12 04:15 UTC）。
    URL:https://stagewatch.example.org/changes/chg_01H0000000000000000000000B
    END:VEVENT
    BEGIN:VEVENT
    UID:d6e27d5de7278d5e8da1d363-public-comment@stagewatch
    SEQUENCE:1
    DTSTAMP:20230512T041600Z
    DTSTART;VALUE=DATE:20230711
    STATUS:CONFIRMED
    TRANSP:TRANSPARENT
    SUMMARY:网络安全技术 示例产品安全评价方法: public comment c
     loses · 征求意见截止
    DESCRIPTION:网络安全技术 示例产品安全评价方法\nAccording to
      SAC/TC 260\, “网络安全技术 示例产品安全评价方法” is o
     pen for comment from 12 May 2023 until 11 July 2023\, as read at https://d
     ata.example.org/deliverables.jsonl on 2023-05-12 04:15 UTC.\n据全国网
     络安全标准化技术委员会（SAC/TC 260），《网络安全技术 
     示例产品安全评价方法》公开征求意见，开始日期：2023
     年5月12日，截止日期：2023年7月11日（https://data.example.org/
     deliverables.jsonl，读取于 2023-05-12 04:15 UTC）。
    URL:https://stagewatch.example.org/changes/chg_01H0000000000000000000000A
    END:VEVENT
    END:VCALENDAR
    "#);
}

#[test]
fn a_day_that_moves_keeps_its_uid_and_raises_its_number() {
    let first = entries(vec![numbered(opened(), 1)]).remove(0);
    let mut moved = numbered(opened(), 2);
    moved.change.kind = Kind::Redated;
    moved.change.before = Some(moved.change.after.clone());
    moved.change.after.consultation.closes = Some(date(2023, 7, 25));
    moved.change.differences = vec![difference("consultation.closes", Some("2023-07-11"), Some("2023-07-25"))];
    let later = entries(vec![moved.clone()]).remove(0);
    assert_eq!(first.uid, later.uid);
    assert_eq!((first.sequence, first.day), (1, date(2023, 7, 11)));
    assert_eq!((later.sequence, later.day), (2, date(2023, 7, 25)));
    assert_eq!(entries(vec![numbered(opened(), 1), moved]), vec![later], "one notice has the last of both");
    assert_ne!(first.uid, entries(vec![to_enquiry()])[0].uid);
}

#[test]
fn a_second_ballot_has_a_uid_of_its_own_in_mails_and_feeds_alike() {
    let known = |code: &str, seen: &str, since: Date| KnownStage {
        stage: iso(1, "", code).stage.unwrap(),
        since: Some(since),
        seen_at: seen.parse().unwrap(),
        source: "iso".to_owned(),
        change: Some(format!("chg_{seen}")),
    };
    let trail = vec![
        known("20.20", "2023-01-02T00:00:00Z", date(2023, 1, 2)),
        known("30.20", "2023-02-02T00:00:00Z", date(2023, 2, 2)),
        known("30.60", "2023-04-02T00:00:00Z", date(2023, 4, 2)),
        known("30.20", "2023-05-12T04:15:00Z", date(2023, 5, 11)),
    ];
    let ballot = |reference: &str, at: usize, from: &str| {
        let mut after = iso(1, reference, "30.20");
        after.since = trail[at].since;
        let mut change = recorded(Kind::StageMoved, Some(Move::Advanced), Some(iso(1, reference, from)), after);
        change.seen_at = trail[at].seen_at;
        let frame = Frame { now: Some(change.seen_at), trails: [(ProjectId::Iso(1), trail.clone())].into(), ..frame() };
        let notice = Notice { frame, ..notice(Languages::English, vec![numbered(change, 3)]) };
        entries_of(&notice).remove(0)
    };
    let (first, second) = (ballot("ISO/IEC CD 99001", 1, "20.20"), ballot("ISO/IEC CD 99001", 3, "30.60"));
    assert!(first.uid.ends_with("-committee-draft@stagewatch"), "{}", first.uid);
    assert_eq!(second.uid, first.uid.replace('@', "-2@"));
    assert_eq!(ballot("ISO/IEC CD 99001.3", 3, "30.60").uid, first.uid.replace('@', "-3@"), "as the body counts");

    let mut project = iso(1, "ISO/IEC CD 99001", "30.20");
    project.since = trail[3].since;
    let revision = Revision { sequence: 3, stamp: second.stamp };
    let fed = entry_of(&project, &trail, Languages::English, revision).unwrap();
    assert_eq!((&fed.uid, fed.sequence, fed.day, fed.status), (&second.uid, 3, second.day, Status::Tentative));
    assert!(fed.summary.contains("(expected)"), "{}", fed.summary);
}

#[test]
fn a_day_that_will_not_come_is_struck_out_under_its_uid() {
    let ballot = entries(vec![to_enquiry()]).remove(0);
    assert_eq!(ballot.status, Status::Tentative);
    let mut given_up = recorded(
        Kind::StageMoved,
        Some(Move::Abandoned),
        Some(to_enquiry().change.after),
        iso(80973, "ISO/IEC DIS 27035-4", "40.98"),
    );
    given_up.sequence = 9;
    let struck = entries(vec![given_up.clone()]).remove(0);
    assert_eq!((struck.uid, struck.day, struck.sequence), (ballot.uid, ballot.day, 9));
    assert_eq!(struck.status, Status::Cancelled);

    let long_after = Notice { ..framed(Languages::English, vec![given_up]) };
    let frame =
        stagewatch::changes::notice_frame::Frame { now: Some("2024-01-01T00:00:00Z".parse().unwrap()), ..frame() };
    assert_eq!(entries_of(&Notice { frame, ..long_after }), [], "what is past stays as it was");
}

#[test]
fn what_closes_nothing_brings_no_calendar() {
    assert_eq!(entries(vec![to_fdis()]), []);
    let sample = Notice { occasion: Occasion::Sample, ..framed(Languages::English, vec![to_enquiry()]) };
    assert_eq!(entries_of(&sample), [], "nothing of it happened");
    let to = Recipient::new("team@example.org");
    let settings = folder("Stagewatch <stagewatch@example.org>");
    let parts = |changes| {
        let bytes = compose(&framed(Languages::English, changes), &settings, &letter(&to, "dlv_01")).unwrap();
        let message = mail_parser::MessageParser::default().parse(&bytes).unwrap();
        let attached: Vec<String> = message
            .attachments()
            .map(|part| {
                let kind = part.content_type().unwrap();
                let method = kind.attribute("method").unwrap_or_default();
                format!("{} {}/{} {method}", part.attachment_name().unwrap(), kind.ctype(), kind.subtype().unwrap())
            })
            .collect();
        (message.text_body_count(), message.html_body_count(), attached)
    };
    assert_eq!(parts(vec![to_fdis()]), (1, 1, Vec::new()));
    assert_eq!(parts(vec![to_enquiry()]), (1, 1, vec!["closing-days.ics text/calendar PUBLISH".to_owned()]));
}

#[test]
fn no_text_of_a_page_breaks_out_of_its_line() {
    let mut change = opened();
    let title = "a;b,c\\d\r\nEND:VEVENT\u{2028}".to_owned() + &"安全".repeat(60);
    change.change.after.titles.insert(stagewatch::standards::language::Language::English, title);
    change.change.after.url = Some("https://example.org/\r\nX-EVIL:1".to_owned());
    let text = written(&entries(vec![change]), Some("a, b"));
    assert_eq!(text.matches("\r\nEND:VEVENT\r\n").count(), 1, "{text}");
    assert!(!text.contains("\r\nX-EVIL") && text.contains("\r\nX-WR-CALNAME:a\\, b\r\n"), "{text}");
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
}

/// One line an entry: what both libraries make of it.
const WITH_PYTHON: &str = r#"
import sys, icalendar
for event in icalendar.Calendar.from_ical(sys.stdin.buffer.read()).walk("VEVENT"):
    print(event["UID"], event["SEQUENCE"], event.decoded("DTSTART"), event["STATUS"], event["SUMMARY"], sep="|")
"#;
const WITH_JAVASCRIPT: &str = r#"
import ICAL from "ical.js";
import { readFileSync } from "node:fs";
const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
for (const component of calendar.getAllSubcomponents("vevent")) {
  const event = new ICAL.Event(component);
  const status = component.getFirstPropertyValue("status");
  console.log([event.uid, event.sequence, event.startDate.toString(), status, event.summary].join("|"));
}
"#;

#[test]
fn calendars_of_others_read_what_was_written() {
    let entries = entries_of(&framed(Languages::Both, week()));
    let text = written(&entries, None);
    let expected: Vec<String> = entries
        .iter()
        .map(|entry| {
            let status = format!("{:?}", entry.status).to_uppercase();
            format!("{}|{}|{}|{status}|{}", entry.uid, entry.sequence, entry.day, entry.summary)
        })
        .collect();
    assert_eq!(entries.len(), 4);
    if let Some(told) = python("calendars by icalendar", WITH_PYTHON, text.as_bytes()) {
        assert_eq!(told.lines().collect::<Vec<_>>(), expected);
    }
    if let Some(told) = javascript("calendars by ical.js", WITH_JAVASCRIPT, text.as_bytes()) {
        assert_eq!(told.lines().collect::<Vec<_>>(), expected);
    }
}
