//! A project as JSON.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::standards::consultation::{Attachment, Consultation};
use crate::standards::deliverable::Deliverable;
use crate::standards::language::Language;
use crate::standards::project::{Adoption, Degree, PrintedStage, Project, ProjectId, Standing};
use crate::standards::stage::{Scheme, StageCode};

/// [`Project`] on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ProjectRecord {
    /// `iso:80973`.
    pub id: String,
    /// As printed.
    pub reference: String,
    /// By language code.
    pub titles: BTreeMap<String, String>,
    /// `null` where the page shows none.
    pub stage: Option<StageRecord>,
    /// Status word, `under-development` … `cancelled`.
    pub standing: Option<String>,
    /// Day the stage began.
    #[schemars(extend("format" = "date"))]
    pub since: Option<String>,
    /// As printed.
    pub committee: Option<String>,
    /// `TC253`, as printed.
    #[serde(default)]
    pub committee_code: Option<String>,
    /// As printed.
    pub department: Option<String>,
    /// `IS`, `GB/T` …
    pub deliverable: Option<String>,
    /// From 1.
    pub edition: Option<u32>,
    /// Day the plan was issued.
    #[schemars(extend("format" = "date"))]
    pub issued: Option<String>,
    /// Day of publication.
    #[schemars(extend("format" = "date"))]
    pub published: Option<String>,
    /// Day of entry into force.
    #[schemars(extend("format" = "date"))]
    pub effective: Option<String>,
    /// Day of withdrawal.
    #[schemars(extend("format" = "date"))]
    pub withdrawn: Option<String>,
    /// References or ids.
    pub replaces: Vec<String>,
    /// References or ids.
    pub replaced_by: Vec<String>,
    /// What it adopts.
    pub adopts: Vec<AdoptionRecord>,
    /// `35.030`.
    #[serde(default)]
    pub ics: Vec<String>,
    /// `L80`.
    #[serde(default)]
    pub ccs: Vec<String>,
    /// As printed.
    #[serde(default)]
    pub announcement: Option<String>,
    /// Plan number.
    pub plan: Option<String>,
    /// Standard number given to a plan.
    pub standard: Option<String>,
    /// 制订 or 修订.
    pub revision: Option<String>,
    /// Months.
    pub cycle_months: Option<u32>,
    /// Window for comments.
    pub consultation: ConsultationRecord,
    /// Page at the body.
    pub url: Option<String>,
    /// The lines of a page that is watched for its words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A stage on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct StageRecord {
    /// `iso` or `gb`; `null` for a text that no vocabulary has.
    pub scheme: Option<String>,
    /// `40.20`, `30`, `terminated`; `null` likewise.
    pub code: Option<String>,
    /// As printed.
    pub printed: String,
    /// Names by language code; empty without a code.
    pub name: BTreeMap<String, String>,
    /// `DIS`, `public consultation`; `null` without a code.
    pub label: Option<String>,
}

/// An adoption on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AdoptionRecord {
    /// `IDT`, `MOD`, `NEQ` or `null`.
    pub relation: Option<String>,
    /// The document, as printed, or `null`.
    pub of: Option<String>,
}

/// A consultation on the wire.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConsultationRecord {
    /// First day.
    pub opens: Option<String>,
    /// Last day.
    pub closes: Option<String>,
    /// Files.
    #[serde(default)]
    pub attachments: Vec<AttachmentRecord>,
}

/// A file on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AttachmentRecord {
    /// Name as printed.
    pub name: String,
    /// Address.
    pub url: String,
}

impl From<&PrintedStage> for StageRecord {
    fn from(stage: &PrintedStage) -> StageRecord {
        StageRecord {
            scheme: stage.code.map(|code| code.scheme().as_str().to_owned()),
            code: stage.code.map(|code| code.to_string()),
            printed: stage.printed.clone(),
            name: stage.code.map(names_of).unwrap_or_default(),
            label: stage.code.map(|code| code.label().to_owned()),
        }
    }
}

/// The names of a stage in the two languages of alerts.
pub fn names_of(code: StageCode) -> BTreeMap<String, String> {
    [Language::English, Language::Chinese]
        .into_iter()
        .map(|language| (language.code().to_owned(), code.name(language).to_owned()))
        .collect()
}

impl StageRecord {
    /// The stage; a code that this version does not know is kept as printed only.
    pub fn to_stage(&self) -> PrintedStage {
        let code = match (&self.scheme, &self.code) {
            (Some(scheme), Some(code)) => Scheme::parse(scheme).and_then(|scheme| StageCode::parse(scheme, code)),
            _ => None,
        };
        PrintedStage { printed: self.printed.clone(), code }
    }
}

impl From<&Project> for ProjectRecord {
    fn from(project: &Project) -> ProjectRecord {
        let day = |date: Option<Date>| date.map(|date| date.to_string());
        ProjectRecord {
            id: project.id.to_string(),
            reference: project.reference.clone(),
            titles: project
                .titles
                .iter()
                .map(|(language, title)| (language.code().to_owned(), title.clone()))
                .collect(),
            stage: project.stage.as_ref().map(StageRecord::from),
            standing: project.standing.map(|standing| standing.as_str().to_owned()),
            since: day(project.since),
            committee: project.committee.clone(),
            committee_code: project.committee_code.clone(),
            department: project.department.clone(),
            deliverable: project.deliverable.map(|deliverable| deliverable.as_str().to_owned()),
            edition: project.edition,
            issued: day(project.issued),
            published: day(project.published),
            effective: day(project.effective),
            withdrawn: day(project.withdrawn),
            replaces: project.replaces.clone(),
            replaced_by: project.replaced_by.clone(),
            adopts: project
                .adopts
                .iter()
                .map(|adoption| AdoptionRecord {
                    relation: adoption.relation.map(|degree| degree.as_str().to_owned()),
                    of: adoption.of.clone(),
                })
                .collect(),
            ics: project.ics.clone(),
            ccs: project.ccs.clone(),
            announcement: project.announcement.clone(),
            plan: project.plan.clone(),
            standard: project.standard.clone(),
            revision: project.revision.clone(),
            cycle_months: project.cycle_months,
            consultation: ConsultationRecord {
                opens: day(project.consultation.opens),
                closes: day(project.consultation.closes),
                attachments: project
                    .consultation
                    .attachments
                    .iter()
                    .map(|file| AttachmentRecord { name: file.name.clone(), url: file.url.clone() })
                    .collect(),
            },
            url: project.url.clone(),
            text: project.text.clone(),
        }
    }
}

impl ProjectRecord {
    /// The project again; `None` when the id is not one of ours.
    pub fn to_project(&self) -> Option<Project> {
        let day = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<Date>().ok());
        Some(Project {
            id: ProjectId::parse(&self.id)?,
            reference: self.reference.clone(),
            titles: self
                .titles
                .iter()
                .filter_map(|(code, title)| Some((Language::from_code(code)?, title.clone())))
                .collect(),
            stage: self.stage.as_ref().map(StageRecord::to_stage),
            standing: self.standing.as_deref().and_then(Standing::parse),
            since: day(&self.since),
            committee: self.committee.clone(),
            committee_code: self.committee_code.clone(),
            department: self.department.clone(),
            deliverable: self.deliverable.as_deref().and_then(Deliverable::parse),
            edition: self.edition,
            issued: day(&self.issued),
            published: day(&self.published),
            effective: day(&self.effective),
            withdrawn: day(&self.withdrawn),
            replaces: self.replaces.clone(),
            replaced_by: self.replaced_by.clone(),
            adopts: self
                .adopts
                .iter()
                .map(|adoption| Adoption {
                    relation: adoption.relation.as_deref().and_then(Degree::parse),
                    of: adoption.of.clone(),
                })
                .collect(),
            ics: self.ics.clone(),
            ccs: self.ccs.clone(),
            announcement: self.announcement.clone(),
            plan: self.plan.clone(),
            standard: self.standard.clone(),
            revision: self.revision.clone(),
            cycle_months: self.cycle_months,
            consultation: Consultation {
                opens: day(&self.consultation.opens),
                closes: day(&self.consultation.closes),
                attachments: self
                    .consultation
                    .attachments
                    .iter()
                    .map(|file| Attachment { name: file.name.clone(), url: file.url.clone() })
                    .collect(),
            },
            url: self.url.clone(),
            text: self.text.clone(),
        })
    }
}
