//! The spring of 2023, as data: what the bodies published step by step, and which alerts should follow.
//!
//! The facts are those of the summary that the Seconded European Standardization Expert in China wrote in that year: which projects
//! moved to which stage, and which plan and proposals were named. What it does not say is demo data, and says so where a person
//! sees it: the days on which stages began, the numbers of the two proposals, the titles that are not known, the consultations.

/// The facts, and the pages that show them.
mod world;

use super::body::ScriptedBody;
use crate::changes::change::Kind;
use world::{Chapter, show};

/// One turn of events.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// What happens, for the person who watches.
    pub caption: &'static str,
    /// Puts the pages of that moment on the body, all of them: any step may be played on a fresh body.
    pub apply: fn(&ScriptedBody),
    /// The alerts that must follow, in no order, and no others.
    pub expect: &'static [Alert],
    /// The sources whose polls must not be accepted, because what they get is no whole page.
    pub in_doubt: &'static [&'static str],
}

/// An alert that must come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alert {
    /// The id of the project, as records print it.
    pub project: &'static str,
    /// What it is told of.
    pub kind: Kind,
    /// The stage it has then, where it has one.
    pub to: Option<&'static str>,
}

impl Alert {
    const fn moved(project: &'static str, to: &'static str) -> Alert {
        Alert { project, kind: Kind::StageMoved, to: Some(to) }
    }

    const fn appeared(project: &'static str, to: &'static str) -> Alert {
        Alert { project, kind: Kind::Appeared, to: Some(to) }
    }
}

/// The story, in order. The first step is what is there when the watch begins, and is told to nobody.
pub const STEPS: &[Step] = &[
    Step {
        caption: "Early spring 2023. ISO/IEC 24392, 27071 and 27033-7 stand at DIS, 27035-4 at CD; plan 20230259-T-469 is being \
                  drafted. The watch begins: all of it is stored, none of it is news.",
        apply: |body| show(body, Chapter::Baseline),
        expect: &[],
        in_doubt: &[],
    },
    Step {
        caption: "SC 27 approves a preliminary work item, Cyberspace security guidelines for unmanned aircraft systems \
                  (demo data: its project number is invented).",
        apply: |body| show(body, Chapter::Drones),
        expect: &[Alert::appeared("iso:999901", "00.00")],
        in_doubt: &[],
    },
    Step {
        caption: "ISO/IEC 24392 and ISO/IEC 27071 proceed to FDIS. Two sources show the second: it is told once.",
        apply: |body| show(body, Chapter::FirstFinalDrafts),
        expect: &[Alert::moved("iso:78703", "50.00"), Alert::moved("iso:56572", "50.00")],
        in_doubt: &[],
    },
    Step {
        caption: "ISO/IEC 27033-7 follows them.",
        apply: |body| show(body, Chapter::ThirdFinalDraft),
        expect: &[Alert::moved("iso:80972", "50.00")],
        in_doubt: &[],
    },
    Step {
        caption: "iso.org rebuilds its pages: every line is another, and nothing has moved. Nobody is told.",
        apply: |body| show(body, Chapter::Rebuilt),
        expect: &[],
        in_doubt: &[],
    },
    Step {
        caption: "A firewall answers instead of iso.org, a challenge, and at SAMR a limit with status 200. No news, and nothing \
                  is forgotten.",
        apply: |body| show(body, Chapter::Blocked),
        expect: &[],
        in_doubt: &["iso-27035-4", "iso-27071", "samr-plans"],
    },
    Step {
        caption: "Two pages break off in the middle: the open data before their announced end, the list of TC 260 without a word. \
                  What is missing from them is not withdrawn.",
        apply: |body| show(body, Chapter::CutShort),
        expect: &[],
        in_doubt: &["iso-open-data", "tc260-consultations"],
    },
    Step {
        caption: "The sites are back. ISO/IEC 27035-4 proceeds to DIS.",
        apply: |body| show(body, Chapter::Enquiry),
        expect: &[Alert::moved("iso:80973", "40.00")],
        in_doubt: &[],
    },
    Step {
        caption: "Secure multiparty computation, Part 3, waits for its approval as a new project by ballot (demo data: its number \
                  is invented).",
        apply: |body| show(body, Chapter::NewProjectBallot),
        expect: &[Alert::moved("iso:999902", "10.20")],
        in_doubt: &[],
    },
    Step {
        caption: "Plan 20230259-T-469, Security evaluation method for open source software, goes out for public comment; TC 260 \
                  opens a consultation (demo data: its title is not known).",
        apply: |body| show(body, Chapter::PublicComment),
        expect: &[
            Alert::moved("sac:20230259-T-469", "30"),
            Alert { project: "tc260:20230516090000", kind: Kind::ConsultationOpened, to: Some("30") },
        ],
        in_doubt: &[],
    },
];

/// The sources that see the story, at a body of that address: id, format, address.
pub fn sources(base: &str) -> Vec<(&'static str, &'static str, String)> {
    world::SOURCES.iter().map(|(id, format, path)| (*id, *format, format!("{base}{path}"))).collect()
}

/// How many alerts the whole story must give.
pub fn n_alerts() -> usize {
    STEPS.iter().map(|step| step.expect.len()).sum()
}
