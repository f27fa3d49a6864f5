//! How bodies publish: text in, a [`Reading`] out. One file per format.
//!
//! A format is a row of [`FORMATS`]: a name, a function that reads, and a few facts about what such pages are. Readers are pure
//! and never fail: what they cannot read is a [`Defect`], and what they cannot trust is a doubt.

/// Bytes as served → what is on the page: the way that polls, `read`, `probe` and `import` share.
pub mod open;

/// Bytes as served → text.
pub mod decode;
/// Which format fits a page that nobody has named one for.
pub mod fitting;
/// What the ISO formats have in common.
mod iso;
/// Where things stand on a page of anybody's making.
pub mod layout;
/// Title, running text and depth of an HTML text, from a scan of its tags.
mod outline;
/// The text of a page as a person reads it, for diffs.
pub mod readable;
/// Small things that several readers need: white space, dates in Chinese text, selectors.
mod reading;
/// The pages that are no page.
pub mod refusal;
/// What the columns of a plain table hold.
pub mod surmise;

/// Any RSS or Atom feed.
pub mod feed;
/// The catalogue of one committee, or of one ICS field, on iso.org.
pub mod iso_catalogue;
/// ISO Open Data, technical committees, JSON lines.
pub mod iso_committees;
/// The feed of one project on iso.org.
pub mod iso_feed;
/// ISO Open Data, deliverables, JSON lines.
pub mod iso_open_data;
/// The page of one standard on iso.org.
pub mod iso_project;
/// The advanced search of iso.org, gone since 2021.
pub mod iso_search;
/// Lists of published standards on openstd.samr.gov.cn.
pub mod openstd_list;
/// Published standards on openstd.samr.gov.cn.
pub mod openstd_standard;
/// Any page, watched for its words.
pub mod page_text;
/// Announcements of national standards, JSON.
pub mod samr_announcements;
/// The page of one standard or plan on std.samr.gov.cn.
pub mod samr_detail;
/// National standard plans with their stage, JSON.
pub mod samr_plans;
/// Search result cards on std.samr.gov.cn.
pub mod samr_search;
/// Published national standards, JSON.
pub mod samr_standards;
/// Any HTML table or list.
pub mod table;
/// One public consultation of TC 260, by its own page.
pub mod tc260_consultation;
/// Public consultations of TC 260.
pub mod tc260_consultations;

/// News, working points and monthly reports of TC 260.
pub mod tc260_notices;

/// Numbers of Chinese plans and standards in their normal form.
mod cn_numbers;
/// The words of Chinese sites for stages and states.
mod cn_states;
/// Cells of a table by the heading of their column.
mod columns;
/// The JSON answers of std.samr.gov.cn.
mod samr_listing;
/// What an RSS or Atom feed holds.
mod syndication;
/// The page of one consultation of TC 260.
mod tc260_detail;
/// The lists of TC 260 in three generations of its site.
mod tc260_list;
/// One consultation of TC 260 as a project.
mod tc260_project;

use std::collections::BTreeSet;

use url::Url;

use self::layout::Layout;
use crate::standards::committee::Committee;
use crate::standards::programme::{Defect, Wholeness};
use crate::standards::project::{Project, ProjectId};
use crate::standards::reference::Reference;

/// A page as a reader gets it: decoded, and not one of the pages that are no page.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The decoded text.
    pub text: &'a str,
    /// The address it came from, where known; links are made absolute with it.
    pub url: Option<&'a Url>,
    /// What the source is asked for.
    pub scope: &'a Scope,
}

/// What the configuration of a source says about which rows matter.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Only projects of these committees and their groups; empty means all.
    pub committees: Vec<Committee>,
    /// And these, whatever committee they are of: projects that the source showed last, and that must be seen to leave.
    pub followed: BTreeSet<ProjectId>,
    /// Only projects of these numbers, in every spelling; empty means all. For searches, which answer with neighbours too.
    pub standards: Vec<Reference>,
    /// CSS selector of the part of a page that is read, for formats that know no site.
    pub region: Option<String>,
    /// Lines that match one of these are not watched.
    pub ignore: Vec<String>,
    /// Where things stand on a page, for the format that reads any table.
    pub layout: Layout,
}

/// What a reader found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Projects in page order.
    pub projects: Vec<Project>,
    /// Lines that could not be read.
    pub defects: Vec<Defect>,
    /// Whether the page was all there and agreed with itself.
    pub wholeness: Wholeness,
    /// Further pages of the same list, absolute.
    pub follow: Vec<Url>,
}

/// What kind of text a format reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// HTML.
    Html,
    /// XML: a feed.
    Xml,
    /// One JSON document.
    Json,
    /// One JSON document a line; read through a sieve while it streams.
    JsonLines,
}

/// What it means when a project is no longer on a page of this format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// The list claims to be complete: a project that stays away is no longer listed.
    NoLongerListed,
    /// The list shows the newest entries, or answers a search: absence says nothing.
    SaysNothing,
}

/// How near a page stands to the register of its body; a greater one is nearer. Where two sources show a project at different stages, the
/// nearer one is the one to believe, and a move that it does not show is told as such. Any of them may lag behind.
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

/// One way in which a body publishes.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The name in configuration and records.
    pub name: &'static str,
    /// Whose page it is and what it shows, in one line for `--help` and `probe`.
    pub about: &'static str,
    /// What kind of text it reads.
    pub content: Content,
    /// What absence means.
    pub absence: Absence,
    /// How near such pages stand to the register.
    pub authority: Authority,
    /// Whether a line of a [`Content::JsonLines`] file is kept while it streams; anything that is no row is kept, so that `read` sees it.
    pub keep: Option<fn(&str, &Scope) -> bool>,
    /// Where such pages are, as beginnings of addresses without their scheme: `www.iso.org/standard/`; empty for any site whatever.
    pub sites: &'static [&'static str],
    /// Text → reading.
    pub read: fn(&Page<'_>) -> Reading,
}

/// Every format, in the order of the documentation.
pub const FORMATS: &[Format] = &[
    iso_open_data::FORMAT,
    iso_project::FORMAT,
    iso_catalogue::FORMAT,
    iso_feed::FORMAT,
    iso_committees::FORMAT,
    iso_search::FORMAT,
    samr_plans::FORMAT,
    samr_search::FORMAT,
    samr_detail::FORMAT,
    samr_standards::FORMAT,
    openstd_standard::FORMAT,
    openstd_list::FORMAT,
    tc260_consultations::FORMAT,
    tc260_consultation::FORMAT,
    tc260_notices::FORMAT,
    samr_announcements::FORMAT,
    feed::FORMAT,
    table::FORMAT,
    page_text::FORMAT,
];

impl Format {
    /// Whether it reads the words of a page and no projects on it.
    pub fn reads_words(&self) -> bool {
        self.name == page_text::FORMAT.name
    }

    /// Whether its pages are read only as the layout of a source says.
    pub fn needs_layout(&self) -> bool {
        self.name == table::FORMAT.name
    }

    /// What absence means where pages are read as this scope says: a table may be complete because a person says so.
    pub fn absence_in(&self, scope: &Scope) -> Absence {
        if scope.layout.is_complete { Absence::NoLongerListed } else { self.absence }
    }
}

/// The format of that name.
pub fn named(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

impl Reading {
    /// A whole reading of these projects.
    pub fn of(projects: Vec<Project>) -> Reading {
        Reading { projects, defects: Vec::new(), wholeness: Wholeness::Whole, follow: Vec::new() }
    }

    /// A reading of nothing, because of this.
    pub fn doubt(why: impl Into<String>) -> Reading {
        Reading {
            projects: Vec::new(),
            defects: Vec::new(),
            wholeness: Wholeness::InDoubt(why.into()),
            follow: Vec::new(),
        }
    }
}
