//! One line of a work programme: what a body says of one project at one moment. Not what stagewatch thinks of it.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::committee::Committee;
use super::consultation::Consultation;
use super::deliverable::Deliverable;
use super::language::Language;
use super::stage::StageCode;

/// The body's own number of a project, with the register it belongs to; it outlives every change of reference.
///
/// Printed as `iso:80973`, `sac:20230259-T-469`, `gb:GB/T 39204-2022`, `tc260:20250827154251` or `page:<sha-256>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProjectId {
    /// The project number of iso.org.
    Iso(u64),
    /// The plan number of SAC, in its normal form.
    Sac(String),
    /// The number of a published Chinese national standard, in its normal form, year included.
    Gb(String),
    /// The id of a consultation at TC 260.
    Tc260(String),
    /// A page that carries no number: the SHA-256 of its address, in lower-case hex.
    Page(String),
}

/// How many digits of an id of ours tell it from others.
const DIGITS_SHOWN: usize = 8;

impl ProjectId {
    /// The id of what is known by its address alone: a notice, a page that is watched for its text, a row with a link and no number.
    pub fn of_page(address: &str) -> ProjectId {
        ProjectId::Page(Sha256::digest(address.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        }))
    }

    /// Whether no body gave it: made of an address, it says nothing to a reader.
    pub fn is_ours(&self) -> bool {
        matches!(self, ProjectId::Page(_))
    }

    /// As it stands where there is little room: one of ours by its first digits, `page:07d4c2a1…`.
    pub fn short(&self) -> String {
        match self {
            ProjectId::Page(hash) if hash.chars().count() > DIGITS_SHOWN => {
                format!("page:{}…", hash.chars().take(DIGITS_SHOWN).collect::<String>())
            }
            _ => self.to_string(),
        }
    }

    /// Reads what [`fmt::Display`] prints; `None` for anything else.
    pub fn parse(text: &str) -> Option<ProjectId> {
        let (register, number) = text.split_once(':')?;
        if number.is_empty() {
            return None;
        }
        match register {
            "iso" => number.parse().ok().map(ProjectId::Iso),
            "sac" => Some(ProjectId::Sac(number.to_owned())),
            "gb" => Some(ProjectId::Gb(number.to_owned())),
            "tc260" => Some(ProjectId::Tc260(number.to_owned())),
            "page" => Some(ProjectId::Page(number.to_owned())),
            _ => None,
        }
    }
}

impl fmt::Display for ProjectId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProjectId::Iso(number) => write!(out, "iso:{number}"),
            ProjectId::Sac(number) => write!(out, "sac:{number}"),
            ProjectId::Gb(number) => write!(out, "gb:{number}"),
            ProjectId::Tc260(id) => write!(out, "tc260:{id}"),
            ProjectId::Page(hash) => write!(out, "page:{hash}"),
        }
    }
}

/// A stage as the body printed it and, where the print is in our vocabulary, as a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedStage {
    /// The text of the page, white space collapsed: `40.20`, `正在起草`, `现行`.
    pub printed: String,
    /// What it means; `None` for a text that no vocabulary has, which is a defect and never a guess.
    pub code: Option<StageCode>,
}

/// Where a document stands in life, as the body classes it. A status, beside the finer stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Not published yet.
    UnderDevelopment,
    /// Published and not yet in force (即将实施).
    Published,
    /// Published and in force (现行).
    InForce,
    /// Published, its implementation on hold (暂不实施).
    OnHold,
    /// No longer in force (废止, 被代替; 95.99).
    Withdrawn,
    /// A project that was given up (已终止; x0.98).
    Cancelled,
}

impl Standing {
    /// The word of records and of the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::UnderDevelopment => "under-development",
            Standing::Published => "published",
            Standing::InForce => "in-force",
            Standing::OnHold => "on-hold",
            Standing::Withdrawn => "withdrawn",
            Standing::Cancelled => "cancelled",
        }
    }

    /// Reads what [`Standing::as_str`] writes.
    pub fn parse(text: &str) -> Option<Standing> {
        [
            Standing::UnderDevelopment,
            Standing::Published,
            Standing::InForce,
            Standing::OnHold,
            Standing::Withdrawn,
            Standing::Cancelled,
        ]
        .into_iter()
        .find(|standing| standing.as_str() == text)
    }
}

/// How closely a national standard follows an international one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adoption {
    /// `IDT`, `MOD` or `NEQ`; `None` where the page only says that something is adopted.
    pub relation: Option<Degree>,
    /// The adopted document as printed, which may be no number at all.
    pub of: Option<String>,
}

/// The degrees of correspondence of ISO/IEC Guide 21: 等同, 修改, 非等效.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Degree {
    /// 等同.
    Identical,
    /// 修改.
    Modified,
    /// 非等效.
    NotEquivalent,
}

impl Degree {
    /// `IDT`, `MOD`, `NEQ`.
    pub fn as_str(self) -> &'static str {
        match self {
            Degree::Identical => "IDT",
            Degree::Modified => "MOD",
            Degree::NotEquivalent => "NEQ",
        }
    }

    /// Reads the abbreviation or the Chinese word.
    pub fn parse(text: &str) -> Option<Degree> {
        match text {
            "IDT" | "等同" => Some(Degree::Identical),
            "MOD" | "修改" => Some(Degree::Modified),
            "NEQ" | "非等效" => Some(Degree::NotEquivalent),
            _ => None,
        }
    }
}

/// What a body says of one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// The body's own number.
    pub id: ProjectId,
    /// What the page calls it, as printed. Changes with the stage; never a key.
    pub reference: String,
    /// Titles as printed, white space collapsed.
    pub titles: BTreeMap<Language, String>,
    /// The stage; `None` where the page shows none.
    pub stage: Option<PrintedStage>,
    /// The status; `None` where the page shows none.
    pub standing: Option<Standing>,
    /// The day the stage began, by the body.
    pub since: Option<Date>,
    /// The committee in charge as printed.
    pub committee: Option<String>,
    /// Its number, where a Chinese page prints one beside the name: `TC253`.
    pub committee_code: Option<String>,
    /// The supervising department (Chinese sources), as printed.
    pub department: Option<String>,
    /// The kind of document.
    pub deliverable: Option<Deliverable>,
    /// Edition, counted from 1.
    pub edition: Option<u32>,
    /// Day the plan was issued (下达).
    pub issued: Option<Date>,
    /// Day of publication. Some bodies print it before the fact; the stage decides.
    pub published: Option<Date>,
    /// Day of entry into force.
    pub effective: Option<Date>,
    /// Day of withdrawal, or of cancellation.
    pub withdrawn: Option<Date>,
    /// References or ids (`iso:46486`) of what it replaces.
    pub replaces: Vec<String>,
    /// References or ids of what replaces it.
    pub replaced_by: Vec<String>,
    /// International documents it adopts.
    pub adopts: Vec<Adoption>,
    /// Its fields in the International Classification for Standards: `35.030`.
    pub ics: Vec<String>,
    /// Its fields in the Chinese Classification for Standards: `L80`.
    pub ccs: Vec<String>,
    /// The announcement by which it was published, as printed: `2026年第23号`.
    pub announcement: Option<String>,
    /// The plan number from which a standard came, in its normal form.
    pub plan: Option<String>,
    /// The standard number that a plan was given, in its normal form.
    pub standard: Option<String>,
    /// 制订 (new) or 修订 (revision), as printed.
    pub revision: Option<String>,
    /// How long the plan is to take, in months.
    pub cycle_months: Option<u32>,
    /// The window for comments.
    pub consultation: Consultation,
    /// The page of the project at the body.
    pub url: Option<String>,
    /// Of a page that is watched for its words: its lines, joined by newlines. `None` for projects and notices.
    pub text: Option<String>,
}

impl Project {
    /// A project of which nothing but number and reference is known.
    pub fn new(id: ProjectId, reference: impl Into<String>) -> Project {
        Project {
            id,
            reference: reference.into(),
            titles: BTreeMap::new(),
            stage: None,
            standing: None,
            since: None,
            committee: None,
            committee_code: None,
            department: None,
            deliverable: None,
            edition: None,
            issued: None,
            published: None,
            effective: None,
            withdrawn: None,
            replaces: Vec::new(),
            replaced_by: Vec::new(),
            adopts: Vec::new(),
            ics: Vec::new(),
            ccs: Vec::new(),
            announcement: None,
            plan: None,
            standard: None,
            revision: None,
            cycle_months: None,
            consultation: Consultation::default(),
            url: None,
            text: None,
        }
    }

    /// Whether this is a notice (an entry of a news page or a feed) and no project: known by its address, without stage or window.
    pub fn is_notice(&self) -> bool {
        matches!(self.id, ProjectId::Page(_))
            && self.stage.is_none()
            && self.standing.is_none()
            && self.text.is_none()
            && self.consultation.closes.is_none()
    }

    /// Whether it is of one of these committees or their groups, by name or by number; `None` where what is printed does not tell: no
    /// committee at all, or the Chinese name of one that is asked for by its number.
    pub fn is_of(&self, committees: &[Committee]) -> Option<bool> {
        let by_name = self.committee.as_deref().and_then(Committee::parse);
        let by_number = self.committee_code.as_deref().and_then(Committee::of_sac);
        let printed: Vec<Committee> = by_name.into_iter().chain(by_number).collect();
        if committees.iter().any(|wanted| printed.iter().any(|printed| printed.is_under(wanted))) {
            return Some(true);
        }
        let is_another = |wanted: &Committee| printed.iter().any(|printed| !printed.may_be(wanted));
        committees.iter().all(is_another).then_some(false)
    }

    /// The code of its stage, where there is one.
    pub fn stage_code(&self) -> Option<StageCode> {
        self.stage.as_ref().and_then(|stage| stage.code)
    }

    /// The title in the wanted language, else in the first language there is.
    pub fn title(&self, wanted: Language) -> Option<&str> {
        self.titles
            .get(&wanted)
            .or_else(|| Language::ALL.iter().find_map(|language| self.titles.get(language)))
            .map(String::as_str)
    }
}
