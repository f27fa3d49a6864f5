//! A change of one project: what the body said before and says now. One project changes at most once a poll, however many of
//! its fields differ, so that a reader gets one alert and not three.

use jiff::Timestamp;

use super::relations::Related;
use crate::standards::project::{PrintedStage, Project};

/// What kind of change; the most telling one where several fields differ at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A project not seen before.
    Appeared,
    /// Another stage.
    StageMoved,
    /// Published.
    Published,
    /// About to enter into force, by the day that the body set.
    EnteringIntoForce,
    /// Entered into force.
    InForce,
    /// Withdrawn or superseded.
    Withdrawn,
    /// Another title.
    Retitled,
    /// Another committee.
    Reassigned,
    /// Another date of publication, entry into force or closing.
    Redated,
    /// A consultation opened.
    ConsultationOpened,
    /// A consultation is about to close.
    ConsultationClosing,
    /// A consultation closed.
    ConsultationClosed,
    /// Missing from several whole polls in a row.
    NoLongerListed,
    /// Back after that.
    ListedAgain,
    /// Other words on a page without projects.
    TextChanged,
    /// A notice on a news page.
    Announced,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 16] = [
        Kind::Appeared,
        Kind::StageMoved,
        Kind::Published,
        Kind::EnteringIntoForce,
        Kind::InForce,
        Kind::Withdrawn,
        Kind::Retitled,
        Kind::Reassigned,
        Kind::Redated,
        Kind::ConsultationOpened,
        Kind::ConsultationClosing,
        Kind::ConsultationClosed,
        Kind::NoLongerListed,
        Kind::ListedAgain,
        Kind::TextChanged,
        Kind::Announced,
    ];

    /// The word of records: `stage-moved`.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Appeared => "appeared",
            Kind::StageMoved => "stage-moved",
            Kind::Published => "published",
            Kind::EnteringIntoForce => "entering-into-force",
            Kind::InForce => "in-force",
            Kind::Withdrawn => "withdrawn",
            Kind::Retitled => "retitled",
            Kind::Reassigned => "reassigned",
            Kind::Redated => "redated",
            Kind::ConsultationOpened => "consultation-opened",
            Kind::ConsultationClosing => "consultation-closing",
            Kind::ConsultationClosed => "consultation-closed",
            Kind::NoLongerListed => "no-longer-listed",
            Kind::ListedAgain => "listed-again",
            Kind::TextChanged => "text-changed",
            Kind::Announced => "announced",
        }
    }

    /// Reads what [`Kind::as_str`] writes.
    pub fn parse(text: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// How a project moved from one stage to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Move {
    /// To the next stage or sub-stage.
    Advanced,
    /// Onwards, leaving stages out.
    Skipped,
    /// The same phase once more.
    Repeated,
    /// Back to an earlier phase.
    ReferredBack,
    /// Given up.
    Abandoned,
    /// Published.
    Published,
    /// Under systematic review.
    UnderReview,
    /// Confirmed after review.
    Confirmed,
    /// To be revised after review.
    ToBeRevised,
    /// Withdrawn.
    Withdrawn,
}

impl Move {
    /// Every move.
    pub const ALL: [Move; 10] = [
        Move::Advanced,
        Move::Skipped,
        Move::Repeated,
        Move::ReferredBack,
        Move::Abandoned,
        Move::Published,
        Move::UnderReview,
        Move::Confirmed,
        Move::ToBeRevised,
        Move::Withdrawn,
    ];

    /// The word of records: `referred-back`.
    pub fn as_str(self) -> &'static str {
        match self {
            Move::Advanced => "advanced",
            Move::Skipped => "skipped",
            Move::Repeated => "repeated",
            Move::ReferredBack => "referred-back",
            Move::Abandoned => "abandoned",
            Move::Published => "published",
            Move::UnderReview => "under-review",
            Move::Confirmed => "confirmed",
            Move::ToBeRevised => "to-be-revised",
            Move::Withdrawn => "withdrawn",
        }
    }

    /// Reads what [`Move::as_str`] writes.
    pub fn parse(text: &str) -> Option<Move> {
        Move::ALL.into_iter().find(|movement| movement.as_str() == text)
    }
}

/// One field that differs, as printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The name of the field in records: `title.en`, `reference`, `published`.
    pub field: String,
    /// What it said.
    pub old: Option<String>,
    /// What it says.
    pub new: Option<String>,
}

/// What one source says differently of one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The most telling difference.
    pub kind: Kind,
    /// How it moved, where the stage differs.
    pub movement: Option<Move>,
    /// The project before; `None` when it appeared.
    pub before: Option<Project>,
    /// The project after; as last seen where it is no longer listed.
    pub after: Project,
    /// Every field that differs.
    pub differences: Vec<Difference>,
}

/// A snapshot, by its content and by when we had it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotRef {
    /// SHA-256 of the bytes kept, lower-case hex.
    pub sha256: String,
    /// When the poll was made that brought it.
    pub at: Timestamp,
}

/// What proves a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The source that showed it.
    pub source: String,
    /// The address of the page.
    pub url: String,
    /// The page before.
    pub before: Option<SnapshotRef>,
    /// The page after.
    pub after: SnapshotRef,
    /// The lines that differ around this project, unified; the whole diff is made from the snapshots.
    pub diff: String,
}

/// What a source of more authority shows of the project, where it does not show the move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Otherwise {
    /// The source.
    pub source: String,
    /// The stage that it shows.
    pub stage: PrintedStage,
    /// When it was last read.
    pub as_of: Timestamp,
}

/// A change as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedChange {
    /// `chg_` and a ULID.
    pub id: String,
    /// The change.
    pub change: Change,
    /// Which one of its project's it is, counted from 1: what receivers order by. 0 until it is numbered.
    pub sequence: u64,
    /// When we saw it.
    pub seen_at: Timestamp,
    /// Whether subscribers were told.
    pub announced: bool,
    /// The watches it concerns.
    pub watches: Vec<String>,
    /// What proves it.
    pub evidence: Evidence,
    /// Other sources that showed the same later.
    pub also_seen_at: Vec<String>,
    /// Projects that belong to this one: its plan, its standard, its consultations, what it amends.
    pub related: Vec<Related>,
    /// Sources of more authority that showed another stage at that moment.
    pub otherwise_at: Vec<Otherwise>,
}

impl RecordedChange {
    /// When it brought its project to the stage where it is; `None` where the project stood there before. What is listed for the first
    /// time later than its neighbours has come to its stage as far as anybody can know.
    pub fn came_at(&self) -> Option<Timestamp> {
        let came = self.change.movement.is_some() || self.change.kind == Kind::Appeared;
        came.then_some(self.seen_at)
    }
}
