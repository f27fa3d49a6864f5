//! Where a project stands, drawn: the steps of its way in a row, the same that mails and pages draw. Not what happened when: that is for the
//! history.

use crate::changes::notice_track::{Mark, Place, way};
use crate::standards::language::Language;

use super::output::{Output, Tone};

/// `●─●─●─◉─○─○─○`, a mark a step; one that was given up, or withdrawn, ends in `✕`.
pub fn track(place: &Place<'_>, output: &Output) -> String {
    let steps = way(place, Language::English).unwrap_or_default();
    let marks = steps.iter().map(|step| output.toned(tone_of(step.mark), step.mark.sign()));
    marks.collect::<Vec<_>>().join("─")
}

/// The track in words, for one project: `PWI ─ NP ─ WD ─ CD ─ [DIS] ─ FDIS ─ published`.
pub fn lettered(place: &Place<'_>, output: &Output) -> String {
    let steps = way(place, Language::English).unwrap_or_default();
    let words = steps.iter().map(|step| match step.mark {
        Mark::Passed | Mark::Ahead => output.toned(tone_of(step.mark), &step.label),
        Mark::Here => output.toned(Tone::Strong, &format!("[{}]", step.label)),
        Mark::Ended => output.toned(Tone::Bad, &format!("✕ {}", step.label)),
    });
    words.collect::<Vec<_>>().join(" ─ ")
}

fn tone_of(mark: Mark) -> Tone {
    match mark {
        Mark::Passed => Tone::Good,
        Mark::Here => Tone::Strong,
        Mark::Ahead => Tone::Faint,
        Mark::Ended => Tone::Bad,
    }
}
