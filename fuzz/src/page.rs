//! One page as a poll takes it, from bytes to changes, and what must hold of any bytes.

use stagewatch::changes::comparison::{Comparison, Limits, Question, compare};
use stagewatch::formats::Authority;
use stagewatch::formats::open::{Opened, open};
use stagewatch::formats::readable::readable_text;
use stagewatch::formats::refusal::Served;
use stagewatch::formats::{Absence, Format, Reading, Scope};
use stagewatch::records::project::ProjectRecord;
use stagewatch::standards::programme::Programme;
use stagewatch::standards::project::ProjectId;

use crate::fixtures::{Bench, Fixture, TODAY};
use crate::{CONTENT_TYPES, choice_and_rest};

/// Statuses that bodies answer with.
const STATUSES: [u16; 4] = [200, 200, 404, 503];

/// First byte: the fixture at whose address the page is served; second: how; then the page.
pub fn check(bench: &Bench, bytes: &[u8]) {
    let (which, rest) = choice_and_rest(bytes);
    let (how, body) = choice_and_rest(rest);
    let fixture = &bench.fixtures[usize::from(which) % bench.fixtures.len()];
    let has_address = how & 0b10_0000 == 0;
    let url = fixture.url.as_ref().filter(|_| has_address);
    let served = Served {
        status: STATUSES[usize::from(how >> 6)],
        content_type: CONTENT_TYPES[usize::from(how) % CONTENT_TYPES.len()],
        headers: &[],
        asked: url,
        answered: url,
    };
    let opened = open(bench.format, &served, body, &fixture.scope);
    check_reading(&opened);
    readable_text(bench.format.content, &opened.text);
    check_comparison(bench.format, fixture, &opened.reading);
}

fn check_reading(opened: &Opened) {
    let reading = &opened.reading;
    assert!(
        opened.refusal.is_none() || reading.projects.is_empty() && !reading.wholeness.is_whole(),
        "a refused page has a reading"
    );
    for project in &reading.projects {
        let id = project.id.to_string();
        assert_eq!(ProjectId::parse(&id).as_ref(), Some(&project.id), "an id that does not parse back");
        let line = serde_json::to_string(&ProjectRecord::from(project)).expect("a record is JSON");
        let record: ProjectRecord = serde_json::from_str(&line).expect("a record is read back");
        assert_eq!(record.to_project().as_ref(), Some(project), "a record that is not what was recorded");
    }
}

fn check_comparison(format: &Format, fixture: &Fixture, reading: &Reading) {
    let programme = programme_of(reading);
    let limits = limits_of(format, &fixture.scope);
    match compare(None, &programme, limits, TODAY) {
        Comparison::Doubt(why) => assert!(!why.is_empty(), "a doubt without a reason"),
        Comparison::Compared { .. } => panic!("a first poll that is compared"),
        Comparison::Baseline(held) => {
            let is_answer = !held.is_empty() || limits.none_is_an_answer;
            assert!(programme.wholeness.is_whole() && is_answer, "a baseline of a doubt");
            let again = compare(Some(&held), &programme, limits, TODAY);
            assert_eq!(again, Comparison::Compared { holdings: held, changes: Vec::new() }, "the same page is news");
        }
    }
    let Some(before) = &fixture.holdings else { return };
    let Comparison::Compared { holdings, changes } = compare(Some(before), &programme, limits, TODAY) else { return };
    assert!(before.keys().all(|id| holdings.contains_key(id)), "a project that was held is forgotten");
    for change in changes {
        assert_eq!(change.before.as_ref(), before.get(&change.after.id).map(|held| &held.project), "another before");
    }
}

/// The reading as the programme of a source of one page.
pub fn programme_of(reading: &Reading) -> Programme {
    let mut programme = Programme {
        projects: std::collections::BTreeMap::new(),
        defects: reading.defects.clone(),
        wholeness: reading.wholeness.clone(),
    };
    for project in &reading.projects {
        programme.projects.entry(project.id.clone()).or_insert_with(|| project.clone());
    }
    programme
}

/// The limits of a source of that format and scope, as configured by default.
pub fn limits_of<'a>(format: &Format, scope: &'a Scope) -> Limits<'a> {
    let misses_before_gone = match format.absence_in(scope) {
        Absence::NoLongerListed => Some(3),
        Absence::SaysNothing => None,
    };
    Limits { shrink_share: 0.5, misses_before_gone, question: Question::Same, none_is_an_answer: !scope.standards.is_empty(), believes_reversals: format.authority != Authority::News, committees: &scope.committees }
}
