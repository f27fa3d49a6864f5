//! Which day it is where a project's body is: closing days, and the days on which we saw something, are told by its civil dates. Not when a
//! source is polled, nor when a subscriber sleeps: those are for `timezone`.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

use crate::standards::project::{Project, ProjectId};
use crate::standards::reference::Reference;
use crate::standards::stage::{Scheme, StageCode};

/// By whose clock a project is dated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Clock {
    /// ISO and IEC.
    Geneva,
    /// SAC and TC 260.
    Beijing,
}

impl Clock {
    /// The register says it; of what is in none the reference as printed, else whose stages it goes through.
    pub fn of(id: &ProjectId, reference: &str, code: Option<StageCode>) -> Clock {
        let is_international = || match Reference::parse(reference) {
            Some(reference) => reference.is_international(),
            None => code.is_some_and(|code| code.scheme() == Scheme::Iso),
        };
        match id {
            ProjectId::Iso(_) => Clock::Geneva,
            ProjectId::Page(_) if is_international() => Clock::Geneva,
            ProjectId::Sac(_) | ProjectId::Gb(_) | ProjectId::Tc260(_) | ProjectId::Page(_) => Clock::Beijing,
        }
    }

    /// That of a project.
    pub fn of_project(project: &Project) -> Clock {
        Clock::of(&project.id, &project.reference, project.stage_code())
    }

    /// The day there.
    pub fn day(self, now: Timestamp) -> Date {
        // China has had no summer time since 1991; in Geneva an hour decides nothing that is counted in weeks.
        let hours = match self {
            Clock::Geneva => 1,
            Clock::Beijing => 8,
        };
        TimeZone::fixed(Offset::constant(hours)).to_datetime(now).date()
    }
}

/// Which day it is where the project's body is.
pub fn day_at(project: &Project, now: Timestamp) -> Date {
    Clock::of_project(project).day(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standards::project::PrintedStage;

    #[test]
    fn what_is_in_no_register_is_dated_by_the_body_of_its_reference_else_of_its_stages() {
        let check = |id: ProjectId, reference: &str, stage: Option<(Scheme, &str)>, expected: &str| {
            let mut project = Project::new(id, reference);
            let printed = |(scheme, code): (Scheme, &str)| PrintedStage {
                printed: code.to_owned(),
                code: StageCode::parse(scheme, code),
            };
            project.stage = stage.map(printed);
            let day = day_at(&project, "2026-11-26T17:06:00Z".parse().unwrap());
            assert_eq!(day.to_string(), expected, "{} {reference}", project.id);
        };
        let row = || ProjectId::of_page("https://body.example/programme#1");
        let (geneva, beijing) = ("2026-11-26", "2026-11-27");
        check(ProjectId::Iso(56572), "ISO/IEC FDIS 27071", None, geneva);
        check(row(), "ISO/IEC FDIS 27071", Some((Scheme::Iso, "50.20")), geneva);
        check(row(), "ISO/IEC FDIS 27071", None, geneva);
        check(row(), "EX 7", Some((Scheme::Iso, "50.20")), geneva);
        check(row(), "EX 7", Some((Scheme::Gb, "30")), beijing);
        check(row(), "TC260-PG-20255A", Some((Scheme::Iso, "50.20")), beijing);
        check(row(), "关于示例的通知", None, beijing);
        check(ProjectId::Sac("20991234-T-469".into()), "20991234-T-469", None, beijing);
    }
}
