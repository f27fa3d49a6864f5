//! On which day a project came to a stage: the day of the body where any source printed one, else the day on which it was first seen,
//! which says so. One rule for every list, page, drawing and line. Not how long it stayed.

use jiff::civil::Date;

use super::clock::Clock;
use super::corroboration::KnownStage;
use crate::standards::language::Language;
use crate::standards::stage::StageCode;

/// The day of a stage, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageDay {
    /// The day.
    pub day: Date,
    /// The body printed none: it is the day on which we first saw the stage.
    pub is_seen: bool,
}

impl StageDay {
    /// `2023-03-29` by the body, `seen 2026-11-26` by us.
    pub fn in_words(self, language: Language) -> String {
        match (self.is_seen, language) {
            (false, _) => self.day.to_string(),
            (true, Language::Chinese) => format!("{} 首次看到", self.day),
            (true, _) => format!("seen {}", self.day),
        }
    }
}

/// The day of a stage, by the calendar of its body.
pub fn day_of(known: &KnownStage, clock: Clock) -> StageDay {
    let seen = StageDay { day: clock.day(known.seen_at), is_seen: true };
    known.since.map_or(seen, |day| StageDay { day, is_seen: false })
}

/// The stages with the day that the body prints now for the one where the project stands: another source may print it than the one that
/// showed the stage first.
pub fn dated(mut trail: Vec<KnownStage>, code: Option<StageCode>, since: Option<Date>) -> Vec<KnownStage> {
    let here = trail.iter_mut().rev().find(|known| known.stage.code == code);
    if let (Some(known), Some(_), Some(day)) = (here, code, since) {
        known.since = Some(day);
    }
    trail
}

/// The day of the body for the last time that a project came to a stage.
pub fn day_by_the_body(trail: &[KnownStage], code: StageCode) -> Option<Date> {
    trail.iter().rev().find(|known| known.stage.code == Some(code))?.since
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standards::project::{PrintedStage, Project, ProjectId};
    use crate::standards::stage::Scheme;

    fn stage(code: &str, seen_at: &str) -> KnownStage {
        let stage = PrintedStage { printed: code.to_owned(), code: StageCode::parse(Scheme::Iso, code) };
        KnownStage { stage, since: None, seen_at: seen_at.parse().unwrap(), source: "a".into(), change: None }
    }

    #[test]
    fn the_day_of_the_body_goes_before_ours_which_says_that_it_is() {
        let clock = Clock::of_project(&Project::new(ProjectId::Iso(1), ""));
        let trail = vec![stage("40.60", "2026-01-02T12:00:00Z"), stage("50.00", "2026-11-26T12:00:00Z")];
        let here = trail[1].stage.code;
        let seen = day_of(&trail[1], clock);
        assert_eq!(seen.in_words(Language::English), "seen 2026-11-26");
        assert_eq!(seen.in_words(Language::Chinese), "2026-11-26 首次看到");
        let trail = dated(trail, here, Some("2023-03-29".parse().unwrap()));
        assert_eq!(day_of(&trail[1], clock).in_words(Language::English), "2023-03-29");
        assert_eq!(day_by_the_body(&trail, here.unwrap()), Some("2023-03-29".parse().unwrap()));
        assert!(day_of(&trail[0], clock).is_seen, "the stage before has no day of the body");
    }
}
