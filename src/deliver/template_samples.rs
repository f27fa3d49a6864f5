//! A notice of every kind of change, for checking that a template has words for all of them. Invented projects; nothing here was published.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::date;
use serde_json::Value;

use super::template::{Settings, TemplateError, context_of, rendered};
use crate::changes::change::{Change, Difference, Evidence, Kind, Move, RecordedChange, SnapshotRef};

use crate::changes::notice::{Languages, Notice, Occasion};
use crate::changes::notice_frame::Frame;
use crate::standards::language::Language;
use crate::standards::project::{PrintedStage, Project, ProjectId};
use crate::standards::stage::{Scheme, StageCode};

/// Fills a template with a notice of every kind, with one of several changes, and with one of none; the first that fails is told with the
/// kind.
pub fn check(settings: &Settings) -> Result<(), (String, TemplateError)> {
    let whole =
        Kind::ALL.iter().map(|kind| (kind.as_str().to_owned(), vec![sample(*kind, true), sample(*kind, false)]));
    let bare = Kind::ALL.iter().map(|kind| (format!("{}, little known", kind.as_str()), vec![sample(*kind, false)]));
    for (name, changes) in whole.chain(bare).chain([("nothing".to_owned(), Vec::new())]) {
        let notice = Notice {
            subscriber: "sample".to_owned(),
            languages: Languages::Both,
            occasion: Occasion::Sample,
            frame: Frame::default(),
            changes,
        };
        let context: Value = serde_json::from_slice(&context_of(&notice, "dlv_01H0000000000000000000000A"))
            .expect("what was written can be read");
        rendered(&settings.body, &settings.content_type, &context).map_err(|error| (name, error))?;
    }
    Ok(())
}

/// A change of one kind, with all that can be known or with as little as there is.
fn sample(kind: Kind, is_whole: bool) -> RecordedChange {
    let at = Timestamp::UNIX_EPOCH;
    let after = project(if is_whole { "50.00" } else { "" }, is_whole);
    let before = (kind != Kind::Appeared).then(|| project(if is_whole { "40.60" } else { "" }, is_whole));
    let difference = Difference { field: "stage".to_owned(), old: Some("40.60".to_owned()), new: None };
    let snapshot = SnapshotRef { sha256: "0".repeat(64), at };
    RecordedChange {
        id: "chg_01H0000000000000000000000A".to_owned(),
        change: Change {
            kind,
            movement: (kind == Kind::StageMoved).then_some(Move::Advanced),
            before,
            after,
            differences: if is_whole { vec![difference] } else { Vec::new() },
        },
        seen_at: at,
        sequence: 1,
        announced: true,
        watches: if is_whole { vec!["sample".to_owned()] } else { Vec::new() },
        evidence: Evidence {
            source: "sample".to_owned(),
            url: "https://www.example.org/".to_owned(),
            before: is_whole.then(|| snapshot.clone()),
            after: snapshot,
            diff: if is_whole { "-a \"quoted\" line\n+another\n".to_owned() } else { String::new() },
        },
        also_seen_at: Vec::new(),
        related: Vec::new(),
        otherwise_at: Vec::new(),
    }
}

fn project(code: &str, is_whole: bool) -> Project {
    let mut project = Project::new(ProjectId::Iso(1), "ISO/IEC 99999-1");
    if !is_whole {
        return project;
    }
    project.titles = BTreeMap::from([
        (Language::English, "A sample, with \"quotes\" and a \\ in its title".to_owned()),
        (Language::Chinese, "示例".to_owned()),
    ]);
    project.stage = Some(PrintedStage { printed: code.to_owned(), code: StageCode::parse(Scheme::Iso, code) });
    project.committee = Some("ISO/IEC JTC 1/SC 27".to_owned());
    project.since = Some(date(2023, 5, 11));
    project.published = Some(date(2023, 5, 11));
    project.effective = Some(date(2023, 5, 11));
    project.consultation.closes = Some(date(2023, 5, 11));
    project.url = Some("https://www.example.org/standard/1.html".to_owned());
    project
}

#[cfg(test)]
mod tests {
    use reqwest::Method;
    use reqwest::header::{HeaderMap, HeaderValue};
    use url::Url;

    use super::*;

    fn checked(content_type: &'static str, body: &str) -> String {
        let settings = Settings {
            url: Url::parse("https://example.org/").unwrap(),
            method: Method::POST,
            content_type: HeaderValue::from_static(content_type),
            headers: HeaderMap::new(),
            token: None,
            body: body.to_owned(),
        };
        match check(&settings) {
            Ok(()) => "right".to_owned(),
            Err((kind, error)) => format!("{kind}: {error}"),
        }
    }

    #[test]
    fn a_template_is_right_when_every_kind_of_change_comes_out() {
        let whole = r#"{"id": {{ id }}, "what": {{ subject }}, "changes": [{% for change in changes %}
            {"kind": {{ change.kind }}, "said": {{ change.sentence.en }}, "to": {{ change.to.code if change.to else none }}}
            {%- if not loop.last %},{% endif %}{% endfor %}]}"#;
        assert_eq!(checked("application/json", whole), "right");
        assert_eq!(checked("text/plain", "{{ subject }}\n{{ text }}"), "right");
    }

    #[test]
    fn a_template_that_fails_says_for_which_kind_and_where() {
        let told = checked("text/plain", "{{ subject }}\n{{ subjekt }}");
        assert!(told.starts_with("appeared: the template fails in line 2: undefined value"), "{told}");
        assert!(checked("text/plain", "{% for x in changes %}").contains("line 1: syntax error"));
        assert!(checked("text/plain", "{% for x in range(9999999) %}{% endfor %}").contains("line 1"), "bounded");
        let unquoted = checked("application/json", r#"{"what": "{{ subject }}"}"#);
        assert!(unquoted.contains("is not JSON"), "{unquoted}");
        let absent = checked("text/plain", "{% for change in changes %}{{ change.from.code }}{% endfor %}");
        assert!(absent.starts_with("appeared: the template fails in line 1"), "{absent}");
    }
}
