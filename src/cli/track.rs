//! Where a project stands, drawn: the main stages of its scheme in a row. Not what happened when: that is for the history.

use crate::standards::language::Language;
use crate::standards::stage::StageCode;

use super::output::{Output, Tone};

/// `●─●─●─◉─○─○─○`, with as many marks as the scheme has main stages; one that was given up, or withdrawn, ends in `✕`.
pub fn track(code: StageCode, output: &Output) -> String {
    let stages = StageCode::track(code.scheme());
    let here = code.track_position();
    let marks = stages.iter().enumerate().map(|(position, _)| match here {
        Some(here) if position < here => output.toned(Tone::Good, "●"),
        Some(here) if position == here && (code.is_cancelled() || code.is_withdrawn()) => output.toned(Tone::Bad, "✕"),
        Some(here) if position == here => output.toned(Tone::Strong, "◉"),
        Some(_) | None => output.toned(Tone::Faint, "○"),
    });
    marks.collect::<Vec<_>>().join("─")
}

/// The track in words, for one project: `PWI ─ NP ─ WD ─ CD ─ [DIS] ─ FDIS ─ IS`.
pub fn lettered(code: StageCode, output: &Output) -> String {
    let stages = StageCode::track(code.scheme());
    let here = code.track_position();
    let ending = code.is_withdrawn().then(|| output.toned(Tone::Bad, "[withdrawn]"));
    let words = stages.iter().enumerate().map(|(position, stage)| {
        let label = stage.label_in(Language::English);
        match here {
            Some(here) if position < here || ending.is_some() => output.toned(Tone::Good, label),
            Some(here) if position == here => output.toned(Tone::Strong, &format!("[{label}]")),
            Some(_) | None => output.toned(Tone::Faint, label),
        }
    });
    words.chain(ending.clone()).collect::<Vec<_>>().join(" ─ ")
}
