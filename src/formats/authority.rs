//! How near a page stands to the register of its body. Where two sources show a project at different stages, the one that stands nearer
//! is the one to believe; a move that it does not show is told as such. Not whether a page is right: any of them may lag behind.

use super::Format;

/// How near a page stands to the register of its body; a greater one is nearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Authority {
    /// A page of anybody's making, read by a layout that a person wrote down.
    Anybody,
    /// News, which name a move and may name it wrongly.
    News,
    /// An overview made from the register: a catalogue, the cards of a search.
    Overview,
    /// The register itself, as data.
    Register,
    /// The body's page of this one project, with the dates of its stages.
    OwnPage,
}

impl Authority {
    /// That of the pages of a format.
    pub fn of(format: &Format) -> Authority {
        match format.name {
            "iso-project" | "openstd-standard" | "samr-detail" | "tc260-consultation" => Authority::OwnPage,
            "iso-open-data" | "iso-committees" | "samr-plans" | "samr-standards" => Authority::Register,
            "iso-catalogue" | "iso-search" | "openstd-list" | "samr-search" | "tc260-consultations" => {
                Authority::Overview
            }
            "iso-feed" | "samr-announcements" | "tc260-notices" => Authority::News,
            _ => Authority::Anybody,
        }
    }
}
