//! What a page no longer prints is unknown, not gone: it is taken from what was known before, so that neither its going nor its coming
//! back is news. Not what differs.

use crate::standards::project::Project;

/// The project as shown now, with what the page no longer prints taken from before.
pub(super) fn carried_forward(before: &Project, now: &Project) -> Project {
    let mut known = now.clone();
    for (language, title) in &before.titles {
        known.titles.entry(*language).or_insert_with(|| title.clone());
    }
    let code_is_lost = now.stage_code().is_none() && before.stage_code().is_some();
    if code_is_lost {
        known.stage.clone_from(&before.stage);
        known.standing = before.standing;
        known.since = before.since;
    }
    // The day of a stage belongs to the stage: it is carried only while the stage stays.
    if now.stage_code() == before.stage_code() {
        known.since = now.since.or(before.since);
    }
    known.standing = known.standing.or(before.standing);
    known.committee = now.committee.clone().or_else(|| before.committee.clone());
    known.committee_code = now.committee_code.clone().or_else(|| before.committee_code.clone());
    known.department = now.department.clone().or_else(|| before.department.clone());
    known.deliverable = now.deliverable.or(before.deliverable);
    known.edition = now.edition.or(before.edition);
    known.issued = now.issued.or(before.issued);
    known.published = now.published.or(before.published);
    known.effective = now.effective.or(before.effective);
    known.withdrawn = now.withdrawn.or(before.withdrawn);
    known.text = now.text.clone().or_else(|| before.text.clone());
    known.announcement = now.announcement.clone().or_else(|| before.announcement.clone());
    known.plan = now.plan.clone().or_else(|| before.plan.clone());
    known.standard = now.standard.clone().or_else(|| before.standard.clone());
    for (now, before) in [(&mut known.ics, &before.ics), (&mut known.ccs, &before.ccs)] {
        if now.is_empty() {
            now.clone_from(before);
        }
    }
    known.consultation.opens = now.consultation.opens.or(before.consultation.opens);
    known.consultation.closes = now.consultation.closes.or(before.consultation.closes);
    known
}
