//! Whatever a page may show is kept as it was. Not whether it makes sense.

use std::collections::BTreeMap;

use jiff::civil::Date;
use proptest::option;
use proptest::prelude::*;
use stagewatch::standards::consultation::{Attachment, Consultation};
use stagewatch::standards::deliverable::Deliverable;
use stagewatch::standards::language::Language;
use stagewatch::standards::project::{Adoption, Degree, PrintedStage, Standing};
use stagewatch::standards::stage::{Scheme, StageCode};

use super::{Held, Holdings, PollOutcome, Project, ProjectId, SOURCE, acceptance, store};

fn any_id() -> impl Strategy<Value = ProjectId> {
    let number = "[0-9A-Z/ \u{4e00}-\u{4e20}-]{1,12}";
    prop_oneof![
        any::<u64>().prop_map(ProjectId::Iso),
        number.prop_map(ProjectId::Sac),
        number.prop_map(ProjectId::Gb),
        number.prop_map(ProjectId::Tc260),
        "[0-9a-f]{64}".prop_map(ProjectId::Page),
    ]
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![".{0,40}", "[\\x00-\\x1f\"\\\\'%_{}]{0,10}", "[\u{4e00}-\u{9fff}—（）]{0,20}"]
}

fn any_day() -> impl Strategy<Value = Option<Date>> {
    option::of(
        (1900_i16..2200, 1_i8..=12, 1_i8..=28).prop_map(|(year, month, day)| jiff::civil::date(year, month, day)),
    )
}

fn any_standing() -> impl Strategy<Value = Option<Standing>> {
    use Standing::{Cancelled, InForce, OnHold, Published, UnderDevelopment, Withdrawn};
    option::of(proptest::sample::select(vec![UnderDevelopment, Published, InForce, OnHold, Withdrawn, Cancelled]))
}

fn any_stage() -> impl Strategy<Value = Option<PrintedStage>> {
    let codes = [StageCode::all(Scheme::Iso), StageCode::all(Scheme::Gb)].concat();
    let stage = (any_text(), option::of(proptest::sample::select(codes)));
    option::of(stage.prop_map(|(printed, code)| PrintedStage { printed, code }))
}

fn any_adoption() -> impl Strategy<Value = Adoption> {
    let degree = proptest::sample::select(vec![Degree::Identical, Degree::Modified, Degree::NotEquivalent]);
    (option::of(degree), option::of(any_text())).prop_map(|(relation, of)| Adoption { relation, of })
}

fn any_consultation() -> impl Strategy<Value = Consultation> {
    let file = (any_text(), any_text()).prop_map(|(name, url)| Attachment { name, url });
    (any_day(), any_day(), prop::collection::vec(file, 0..3)).prop_map(|(opens, closes, attachments)| Consultation {
        opens,
        closes,
        attachments,
    })
}

fn any_titles() -> impl Strategy<Value = BTreeMap<Language, String>> {
    prop::collection::btree_map(proptest::sample::select(Language::ALL.to_vec()), any_text(), 0..4)
}

fn any_project() -> impl Strategy<Value = Project> {
    let names = (any_id(), any_text(), any_titles(), option::of(any_text()), option::of(any_text()));
    let dates = (any_day(), any_day(), any_day(), any_day(), any_day());
    let lists = (
        prop::collection::vec(any_text(), 0..3),
        prop::collection::vec(any_text(), 0..3),
        prop::collection::vec(any_adoption(), 0..3),
    );
    let deliverable = option::of(proptest::sample::select(Deliverable::ALL.to_vec()));
    let place = (any_stage(), deliverable, option::of(any_text()));
    let rest = (any_standing(), option::of(any::<u32>()), any_consultation());
    (names, dates, lists, place, rest).prop_map(|(names, dates, lists, place, rest)| {
        let mut project = Project::new(names.0, names.1);
        (project.titles, project.committee, project.url) = (names.2, names.3.clone(), names.3);
        (project.department, project.plan, project.standard) = (names.4.clone(), names.4.clone(), names.4);
        (project.since, project.issued, project.published, project.effective, project.withdrawn) = dates;
        (project.replaces, project.replaced_by, project.adopts) = lists;
        (project.stage, project.deliverable, project.revision) = place;
        (project.standing, project.edition, project.consultation) = rest;
        project.cycle_months = project.edition;
        (project.committee_code, project.announcement) = (project.plan.clone(), project.revision.clone());
        (project.ics, project.ccs) = (project.replaces.clone(), project.replaced_by.clone());
        project
    })
}

fn any_holdings() -> impl Strategy<Value = Holdings> {
    prop::collection::vec((any_project(), any::<u32>()), 0..6).prop_map(|held| {
        held.into_iter().map(|(project, missed)| (project.id.clone(), Held { project, missed })).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn holdings_come_back_as_they_were_accepted(first in any_holdings(), second in any_holdings()) {
        let (_folder, store) = store();
        for holdings in [first, second] {
            store.accept(&acceptance(1, PollOutcome::Changed, holdings.clone())).unwrap();
            prop_assert_eq!(store.holdings(SOURCE).unwrap(), Some(holdings));
        }
    }
}
