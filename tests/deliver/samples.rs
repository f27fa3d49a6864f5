//! Changes to tell of: invented projects in the shape that the bodies print.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::date;
use stagewatch::changes::change::{Change, Difference, Evidence, Kind, Move, RecordedChange, SnapshotRef};
use stagewatch::changes::notice::{Languages, Notice, Occasion};
use stagewatch::changes::notice_frame::Frame;
use stagewatch::deliver::email::{Server, Settings};
use stagewatch::deliver::email_compose::Letter;
use stagewatch::masked::Recipient;
use stagewatch::standards::language::Language;
use stagewatch::standards::project::{PrintedStage, Project, ProjectId};
use stagewatch::standards::stage::{Scheme, StageCode};

/// An international project at a harmonized stage code.
pub(crate) fn iso(number: u64, reference: &str, code: &str) -> Project {
    let mut project = Project::new(ProjectId::Iso(number), reference);
    project.titles = BTreeMap::from([(
        Language::English,
        "Cybersecurity — Invented connections between <devices> & services".to_owned(),
    )]);
    project.stage = Some(PrintedStage { printed: code.to_owned(), code: StageCode::parse(Scheme::Iso, code) });
    project.committee = Some("ISO/IEC JTC 1/SC 27".to_owned());
    project.url = Some(format!("https://www.iso.org/standard/{number}.html"));
    project
}

/// A Chinese plan at a stage of GB/T 16733, with the words that the page prints.
pub(crate) fn plan(number: &str, code: &str, printed: &str) -> Project {
    let mut project = Project::new(ProjectId::Sac(number.to_owned()), number);
    project.titles = BTreeMap::from([(Language::Chinese, "网络安全技术 示例产品安全评价方法".to_owned())]);
    project.stage = Some(PrintedStage { printed: printed.to_owned(), code: StageCode::parse(Scheme::Gb, code) });
    project.committee = Some("全国网络安全标准化技术委员会".to_owned());
    project
}

/// A change with the evidence of two polls.
pub(crate) fn recorded(kind: Kind, movement: Option<Move>, before: Option<Project>, after: Project) -> RecordedChange {
    RecordedChange {
        id: "chg_01H0000000000000000000000A".to_owned(),
        change: Change { kind, movement, before, after, differences: Vec::new() },
        seen_at: "2023-05-12T04:15:09Z".parse().unwrap(),
        sequence: 0,
        announced: true,
        watches: vec!["china-in-sc27".to_owned()],
        evidence: Evidence {
            source: "iso-open-data".to_owned(),
            url: "https://data.example.org/deliverables.jsonl".to_owned(),
            before: Some(SnapshotRef { sha256: "1f".repeat(32), at: "2023-05-11T04:15:00Z".parse().unwrap() }),
            after: SnapshotRef { sha256: "2e".repeat(32), at: "2023-05-12T04:15:00Z".parse().unwrap() },
            diff: "@@ -1 +1 @@\n-\"currentStage\": 4060\n+\"currentStage\": 5000\n".to_owned(),
        },
        also_seen_at: vec!["iso-27071".to_owned()],
        related: Vec::new(),
        otherwise_at: Vec::new(),
    }
}

/// The move that the README shows: from DIS to FDIS.
pub(crate) fn to_fdis() -> RecordedChange {
    let before = iso(80972, "ISO/IEC DIS 27071", "40.60");
    let mut after = iso(80972, "ISO/IEC FDIS 27071", "50.00");
    after.since = Some(date(2023, 5, 11));
    let mut change = recorded(Kind::StageMoved, Some(Move::Advanced), Some(before), after);
    change.change.differences = vec![
        difference("stage", Some("40.60"), Some("50.00")),
        difference("reference", Some("ISO/IEC DIS 27071"), Some("ISO/IEC FDIS 27071")),
        difference("edition", None, Some("1")),
    ];
    change
}

/// A Chinese plan that goes out for comment.
pub(crate) fn to_consultation() -> RecordedChange {
    let before = plan("20991234-T-469", "20", "正在起草");
    let mut after = plan("20991234-T-469", "30", "正在征求意见");
    after.consultation.closes = Some(date(2099, 10, 15));
    recorded(Kind::StageMoved, Some(Move::Advanced), Some(before), after)
}

/// One field that differs.
pub(crate) fn difference(field: &str, old: Option<&str>, new: Option<&str>) -> Difference {
    Difference { field: field.to_owned(), old: old.map(str::to_owned), new: new.map(str::to_owned) }
}

/// A notice for the regulatory team.
pub(crate) fn notice(languages: Languages, changes: Vec<RecordedChange>) -> Notice {
    Notice {
        subscriber: "regulatory-team".to_owned(),
        languages,
        occasion: Occasion::News,
        changes,
        frame: Frame::default(),
    }
}

/// Mail settings that write to a folder nobody looks at, for tests that set what they are about.
pub(crate) fn folder(from: &str) -> Settings {
    Settings {
        server: Server::Folder(PathBuf::from("unused")),
        user: None,
        password: None,
        from: from.parse().unwrap(),
        timeout: Duration::from_secs(10),
        extra_ca: None,
        unsubscribe_mailto: None,
        dkim: None,
    }
}

/// The moment at which everything here is written.
pub(crate) fn now() -> Timestamp {
    "2023-05-12T04:16:00Z".parse().unwrap()
}

/// A copy without a way to leave.
pub(crate) fn letter<'a>(to: &'a Recipient, id: &'a str) -> Letter<'a> {
    Letter { to, id, at: now(), unsubscribe: None }
}
