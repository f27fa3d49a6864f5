//! Notices as customers get them, every kind of occasion in every language. `STAGEWATCH_GALLERY=FOLDER cargo test gallery` writes them
//! there, as pages and as messages, to be looked at.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::civil::{Date, date};
use mail_parser::MessageParser;
use stagewatch::changes::change::{Kind, Move, RecordedChange};
use stagewatch::changes::corroboration::KnownStage;
use stagewatch::changes::notice::{Languages, Notice, Occasion};
use stagewatch::changes::notice_frame::Frame;
use stagewatch::changes::notice_text::text;
use stagewatch::deliver::email_compose::{Letter, compose};
use stagewatch::masked::Recipient;
use stagewatch::standards::deliverable::Deliverable;
use stagewatch::standards::project::{Project, ProjectId, Standing};

use super::samples::{folder, iso, now, plan, recorded, to_consultation, to_fdis};

/// One stage of a trail, seen to come or there at first contact.
fn known(project: &Project, since: Option<Date>, seen: &str, change: Option<&str>) -> KnownStage {
    KnownStage {
        stage: project.stage.clone().unwrap(),
        since,
        seen_at: seen.parse().unwrap(),
        source: "iso-open-data".to_owned(),
        change: change.map(str::to_owned),
    }
}

/// Where our pages are, and the way that the projects of the samples have come.
pub(crate) fn frame() -> Frame {
    let trail = [
        known(&iso(80972, "", "20.00"), Some(date(2020, 9, 1)), "2023-01-02T00:00:00Z", None),
        known(&iso(80972, "", "30.20"), Some(date(2021, 6, 17)), "2023-01-02T00:00:00Z", None),
        known(&iso(80972, "", "40.20"), Some(date(2022, 11, 8)), "2023-01-02T00:00:00Z", None),
        known(&iso(80972, "", "40.60"), Some(date(2023, 2, 1)), "2023-02-02T04:15:00Z", Some("chg_0")),
    ];
    Frame {
        public_url: Some("https://stagewatch.example.org/".to_owned()),
        now: Some(now()),
        trails: BTreeMap::from([(ProjectId::Iso(80972), trail.to_vec())]),
    }
}

/// The enquiry ballot opens; the body prints the day of the stage.
pub(crate) fn to_enquiry() -> RecordedChange {
    let before = iso(80973, "ISO/IEC DIS 27035-4", "40.00");
    let mut after = iso(80973, "ISO/IEC DIS 27035-4", "40.20");
    after.since = Some(date(2023, 4, 28));
    let mut change = recorded(Kind::StageMoved, Some(Move::Advanced), Some(before), after);
    change.id.replace_range(29.., "B");
    change
}

/// A draft of TC 260 is laid open for comment.
pub(crate) fn opened() -> RecordedChange {
    let mut after = plan("20991234-T-469", "30", "征求意见");
    after.id = ProjectId::Tc260("20230512100000".to_owned());
    after.reference = String::new();
    after.stage = None;
    after.consultation.opens = Some(date(2023, 5, 12));
    after.consultation.closes = Some(date(2023, 7, 11));
    after.url = Some("https://www.tc260.org.cn/tc260/tzgg/20230512100000.shtml".to_owned());
    recorded(Kind::ConsultationOpened, None, None, after)
}

/// A mandatory standard is published and will be in force.
fn published() -> RecordedChange {
    let before = plan("GB 99001-2023", "50", "正在批准");
    let mut after = plan("GB 99001-2023", "60", "即将实施");
    after.id = ProjectId::Gb("GB 99001-2023".to_owned());
    after.standing = Some(Standing::Published);
    after.deliverable = Some(Deliverable::MandatoryNationalStandard);
    after.published = Some(date(2023, 5, 11));
    after.effective = Some(date(2023, 12, 1));
    let mut change = recorded(Kind::Published, Some(Move::Published), Some(before), after);
    change.change.before.as_mut().unwrap().id = change.change.after.id.clone();
    change
}

fn abandoned() -> RecordedChange {
    let mut before = iso(60001, "ISO/IEC DIS 99002", "40.20");
    before.since = Some(date(2023, 4, 1));
    let mut after = iso(60001, "ISO/IEC DIS 99002", "40.98");
    after.since = Some(date(2023, 5, 10));
    recorded(Kind::StageMoved, Some(Move::Abandoned), Some(before), after)
}

fn withdrawn() -> RecordedChange {
    let before = iso(60002, "ISO/IEC 99003:2013", "90.92");
    let mut after = iso(60002, "ISO/IEC 99003:2013", "95.99");
    after.withdrawn = Some(date(2023, 5, 10));
    after.replaced_by = vec!["ISO/IEC 99003:2023".to_owned()];
    recorded(Kind::Withdrawn, Some(Move::Withdrawn), Some(before), after)
}

/// A week of changes, several of them of one standard.
pub(crate) fn week() -> Vec<RecordedChange> {
    let mut closed = to_enquiry();
    closed.id.replace_range(29.., "C");
    closed.seen_at = "2023-05-10T04:15:00Z".parse().unwrap();
    closed.change.before = Some(iso(80973, "ISO/IEC CD 27035-4", "30.60"));
    closed.change.after = iso(80973, "ISO/IEC DIS 27035-4", "40.00");
    vec![to_fdis(), closed, withdrawn(), opened(), to_enquiry(), published(), abandoned()]
}

fn of(languages: Languages, changes: Vec<RecordedChange>) -> Notice {
    Notice { subscriber: "regulatory-team".to_owned(), languages, occasion: Occasion::News, changes, frame: frame() }
}

#[test]
fn every_occasion_is_a_page_that_needs_nothing_from_elsewhere() {
    let occasions: [(&str, Vec<RecordedChange>); 7] = [
        ("move", vec![to_fdis()]),
        ("ballot", vec![to_enquiry()]),
        ("consultation", vec![opened()]),
        ("plan", vec![to_consultation()]),
        ("published", vec![published()]),
        ("abandoned", vec![abandoned()]),
        ("digest", week()),
    ];
    let to = Recipient::new("team@example.org");
    for (name, changes) in occasions {
        for (code, languages) in [("en", Languages::English), ("zh", Languages::Chinese), ("both", Languages::Both)] {
            let notice = of(languages, changes.clone());
            let unsubscribe = Some("https://stagewatch.example.org/unsubscribe/yP9d5eRta-pUaol0Fc95tfVIsYX");
            let letter = Letter { to: &to, id: "dlv_01H0000000000000000000000B", at: now(), unsubscribe };
            let bytes = compose(&notice, &folder("Stagewatch <stagewatch@example.org>"), &letter).unwrap();
            let message = MessageParser::default().parse(&bytes).unwrap();
            let html = message.body_html(0).unwrap();
            for forbidden in ["<img", "<script", "<link", "url(", "@import", " src="] {
                assert!(!html.contains(forbidden), "{name} {code}: {forbidden}");
            }
            if let Some(folder) = std::env::var_os("STAGEWATCH_GALLERY").map(PathBuf::from) {
                std::fs::write(folder.join(format!("{name}-{code}.html")), html.as_bytes()).unwrap();
                std::fs::write(folder.join(format!("{name}-{code}.eml")), &bytes).unwrap();
                std::fs::write(folder.join(format!("{name}-{code}.txt")), text(&notice)).unwrap();
            }
        }
    }
}
