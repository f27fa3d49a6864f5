//! The words: references, committees, ids and codes. What was parsed prints, and what was printed means the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stagewatch::standards::committee::Committee;
use stagewatch::standards::project::ProjectId;
use stagewatch::standards::reference::{Reference, normal_form};
use stagewatch::standards::stage::{Scheme, StageCode};
use stagewatch_fuzz::two_texts;

fuzz_target!(|bytes: &[u8]| {
    let (one, other) = two_texts(bytes);
    assert_eq!(normal_form(&normal_form(&one)), normal_form(&one), "a normal form that has another");
    if let Some(reference) = Reference::parse(&one) {
        let again = Reference::parse(&reference.to_string());
        assert_eq!(again.as_ref(), Some(&reference), "`{reference}` does not mean itself");
        assert!(reference.same_thing(&reference) && reference.covers(&reference), "`{reference}` is not itself");
        if let Some(other) = Reference::parse(&other) {
            assert_eq!(reference.same_thing(&other), other.same_thing(&reference), "`{reference}` and `{other}`");
            let _ = (reference.covers(&other), reference.is_part_of(&other), reference.is_supplement_of(&other));
        }
        let _ = (reference.stem(), reference.deliverable(), reference.publisher(), reference.stage_label());
    }
    if let Some(committee) = Committee::parse(&one) {
        assert_eq!(Committee::parse(committee.name()).as_ref(), Some(&committee), "`{}`", committee.name());
        assert!(committee.is_under(&committee), "`{}` is not under itself", committee.name());
    }
    if let Some(id) = ProjectId::parse(&one) {
        assert_eq!(ProjectId::parse(&id.to_string()), Some(id));
    }
    for scheme in [Scheme::Iso, Scheme::Gb] {
        if let Some(code) = StageCode::parse(scheme, &one) {
            assert_eq!(StageCode::parse(scheme, &code.to_string()), Some(code), "a code that does not mean itself");
        }
    }
});
