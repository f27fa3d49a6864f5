//! What came of a reservation: a source that stood nearer to the register showed another stage when a change was recorded, and by now it
//! may agree. Not the reservation itself, which stays as it was told.

use super::change::{Otherwise, RecordedChange};
use super::notice_stage::standpoint_of;
use super::notice_words::{clean, moment_in_words};
use crate::standards::language::Language;
use crate::standards::project::{PrintedStage, Project};

/// How a source that showed another stage stands to the change now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Agreement {
    /// It has come to show what was told.
    Agrees,
    /// It still shows the other stage.
    StillOtherwise,
    /// It shows something else again.
    ShowsNow(PrintedStage),
    /// It shows no stage of the project any more.
    Gone,
}

/// How a source stands now that showed another stage then; `shown` is the project as that source shows it.
pub fn agreement(recorded: &RecordedChange, otherwise: &Otherwise, shown: Option<&Project>) -> Agreement {
    // It has been seen to agree, wherever it went from there.
    if recorded.also_seen_at.contains(&otherwise.source) {
        return Agreement::Agrees;
    }
    let told = recorded.change.after.stage_code();
    match shown.and_then(|project| project.stage.as_ref()) {
        Some(stage) if stage.code.is_some() && stage.code == told => Agreement::Agrees,
        Some(stage) if stage.code == otherwise.stage.code => Agreement::StillOtherwise,
        Some(stage) => Agreement::ShowsNow(stage.clone()),
        None => Agreement::Gone,
    }
}

/// What was so at the time and how it is now, in a sentence for each source; `shown` is the project as each source shows it now.
pub fn agreements_in_words(recorded: &RecordedChange, shown: &[(String, Project)], language: Language) -> Vec<String> {
    let of = |source: &str| shown.iter().find(|(shows, _)| shows == source).map(|(_, project)| project);
    let told =
        |otherwise: &Otherwise| in_words(otherwise, &agreement(recorded, otherwise, of(&otherwise.source)), language);
    recorded.otherwise_at.iter().map(told).collect()
}

fn in_words(otherwise: &Otherwise, agreement: &Agreement, language: Language) -> String {
    let (source, as_of) = (clean(&otherwise.source), moment_in_words(otherwise.as_of));
    let stage = |stage: &PrintedStage| standpoint_of(stage).with_code(language);
    let then = stage(&otherwise.stage);
    match language {
        Language::Chinese => {
            let now = match agreement {
                Agreement::Agrees => "现已一致".to_owned(),
                Agreement::StillOtherwise => "目前仍是如此".to_owned(),
                Agreement::ShowsNow(now) => format!("目前显示{}", stage(now)),
                Agreement::Gone => "目前不再显示该项目的阶段".to_owned(),
            };
            format!("变动记录时，来源“{source}”于 {as_of} 显示{then}；{now}。")
        }
        Language::English | Language::French | Language::Russian => {
            let now = match agreement {
                Agreement::Agrees => "by now it agrees".to_owned(),
                Agreement::StillOtherwise => "it still does".to_owned(),
                Agreement::ShowsNow(now) => format!("by now it shows {}", stage(now)),
                Agreement::Gone => "by now it shows no stage of the project".to_owned(),
            };
            format!("At the time the source “{source}” showed {then}, as of {as_of}; {now}.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::changes::change::{Change, Evidence, Kind, SnapshotRef};
    use crate::standards::project::ProjectId;
    use crate::standards::stage::{Scheme, StageCode};

    fn at(code: &str) -> Project {
        let mut project = Project::new(ProjectId::Iso(1), "ISO/IEC FDIS 99001");
        project.stage = Some(PrintedStage { printed: code.into(), code: StageCode::parse(Scheme::Iso, code) });
        project
    }

    fn told(also_seen_at: &[&str], now: Option<&str>) -> String {
        let as_of = "2031-05-12T04:15:00Z".parse().unwrap();
        let after = at("50.20");
        let change = Change {
            kind: Kind::StageMoved,
            movement: None,
            before: Some(at("40.60")),
            after,
            differences: Vec::new(),
        };
        let recorded = RecordedChange {
            id: "chg_1".into(),
            change,
            seen_at: as_of,
            sequence: 1,
            announced: true,
            watches: Vec::new(),
            evidence: Evidence {
                source: "news".into(),
                url: "https://example.org/".into(),
                before: None,
                after: SnapshotRef { sha256: "0".repeat(64), at: as_of },
                diff: String::new(),
            },
            also_seen_at: also_seen_at.iter().map(ToString::to_string).collect(),
            related: Vec::new(),
            otherwise_at: vec![Otherwise { source: "page".into(), stage: at("40.60").stage.unwrap(), as_of }],
        };
        let shown: Vec<_> = now.map(|code| ("page".to_owned(), at(code))).into_iter().collect();
        agreements_in_words(&recorded, &shown, Language::English).join("|")
    }

    #[test]
    fn a_reservation_says_what_was_so_at_the_time_and_what_came_of_it() {
        let then = "At the time the source “page” showed DIS (40.60), as of 2031-05-12 04:15 UTC; ";
        assert_eq!(told(&[], Some("40.60")), format!("{then}it still does."));
        assert_eq!(told(&[], Some("50.20")), format!("{then}by now it agrees."));
        assert_eq!(told(&["page"], Some("60.00")), format!("{then}by now it agrees."));
        assert_eq!(told(&[], Some("60.00")), format!("{then}by now it shows under publication (60.00)."));
        assert_eq!(told(&[], None), format!("{then}by now it shows no stage of the project."));
    }
}
