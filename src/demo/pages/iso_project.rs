//! The page of one project on iso.org: <https://www.iso.org/standard/…html>, in the markup of 2021 and of 2024. Beside what a reader
//! wants it has what makes reading hard: stages ahead without a date, and the stage in three places.

use serde::Serialize;

use super::iso_stages::{GROUPS, ahead_of, name_of, name_of_2021};
use super::markup::Markup;

/// A generation of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// 2021 to 2022.
    Of2021,
    /// Since 2024, the newest seen.
    Of2024,
}

/// What the page says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProjectPage {
    /// The project number.
    pub id: u64,
    /// As printed: `ISO/IEC DIS 27035-4`.
    pub reference: String,
    /// The title in English.
    pub title: String,
    /// The stages passed, in order, `SS.ss` with their day; the last one is where it stands, and its day may be empty.
    pub stages: Vec<(String, String)>,
    /// The committee in charge.
    pub committee: String,
    /// Counted from 1.
    pub edition: u32,
    /// The month that is printed as publication date, `YYYY-MM`, sometimes before the fact.
    pub published: Option<String>,
    /// What it replaces.
    pub replaces: Vec<Relative>,
    /// What replaces it, or will.
    pub replaced_by: Vec<Relative>,
}

/// Another document in the life cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Relative {
    /// Its project number.
    pub id: u64,
    /// As printed.
    pub reference: String,
    /// Its status as printed: `Withdrawn`, `Under development`.
    pub status: String,
}

impl ProjectPage {
    /// A first edition of SC 27 with these stages behind it.
    pub fn of(id: u64, reference: &str, title: &str, stages: &[(&str, &str)]) -> ProjectPage {
        ProjectPage {
            id,
            reference: reference.to_owned(),
            title: title.to_owned(),
            stages: stages.iter().map(|(code, day)| ((*code).to_owned(), (*day).to_owned())).collect(),
            committee: "ISO/IEC JTC 1/SC 27".to_owned(),
            edition: 1,
            published: None,
            replaces: Vec::new(),
            replaced_by: Vec::new(),
        }
    }

    /// The page in that generation's markup.
    pub fn html(&self, layout: Layout) -> String {
        let (markup, name): (Markup, fn(&str) -> &'static str) = match layout {
            Layout::Of2021 => (Markup::IsoProject2021, name_of_2021),
            Layout::Of2024 => (Markup::IsoProject2024, name_of),
        };
        markup.filled(&self.view(name))
    }

    fn view(&self, name: fn(&str) -> &'static str) -> View<'_> {
        let stage = self.stages.last().map_or("00.00", |(code, _)| code);
        let status = Status::at(stage);
        let padded = format!("{:06}", self.id);
        View {
            page: self,
            rss: format!("/contents/data/standard/{}/{}/{}.detail.rss", &padded[..2], &padded[2..4], self.id),
            category: status.letter(),
            status: status.words(),
            colour: status.colour(),
            stage,
            stage_name: name(stage),
            stage_remark: remark_of(stage),
            heading_of_next: if status == Status::Withdrawn { "Revised by" } else { "Will be replaced by" },
            groups: GROUPS.iter().map(|group| self.group_view(*group, stage, status, name)).collect(),
        }
    }

    fn group_view(
        &self,
        (code, title): (&'static str, &'static str),
        stage: &str,
        status: Status,
        name: fn(&str) -> &'static str,
    ) -> Group<'_> {
        let last = self.stages.len().saturating_sub(1);
        let passed =
            self.stages.iter().enumerate().map(|(index, (code, day))| (code.as_str(), day.as_str(), index == last));
        let ahead = ahead_of(stage).map(|code| (code, "", false));
        let leaves = passed.chain(ahead).filter(|(leaf, ..)| leaf.starts_with(&format!("{code}.")));
        Group {
            code,
            title,
            active: stage.starts_with(&format!("{code}.")),
            colour: if code <= stage { status.colour() } else { "muted" },
            leaves: leaves.map(|(code, day, active)| Leaf { code, day, active, name: name(code) }).collect(),
        }
    }
}

#[derive(Serialize)]
struct View<'a> {
    page: &'a ProjectPage,
    rss: String,
    category: &'static str,
    status: &'static str,
    colour: &'static str,
    stage: &'a str,
    stage_name: &'static str,
    stage_remark: &'static str,
    heading_of_next: &'static str,
    groups: Vec<Group<'a>>,
}

#[derive(Serialize)]
struct Group<'a> {
    code: &'static str,
    title: &'static str,
    active: bool,
    colour: &'static str,
    leaves: Vec<Leaf<'a>>,
}

#[derive(Serialize)]
struct Leaf<'a> {
    code: &'a str,
    day: &'a str,
    active: bool,
    name: &'static str,
}

/// The status that a page prints for a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    UnderDevelopment,
    Published,
    Withdrawn,
    Deleted,
}

impl Status {
    fn at(stage: &str) -> Status {
        match stage {
            _ if stage.ends_with(".98") => Status::Deleted,
            "95.99" => Status::Withdrawn,
            _ if stage >= "60.60" => Status::Published,
            _ => Status::UnderDevelopment,
        }
    }

    /// The hidden letter of `[itemprop=category]`, the same in every language.
    fn letter(self) -> &'static str {
        match self {
            Status::UnderDevelopment => "u",
            Status::Published => "p",
            Status::Withdrawn => "w",
            Status::Deleted => "d",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Status::UnderDevelopment => "Under development",
            Status::Published => "Published",
            Status::Withdrawn => "Withdrawn",
            Status::Deleted => "Deleted",
        }
    }

    fn colour(self) -> &'static str {
        match self {
            Status::UnderDevelopment => "info",
            Status::Published => "success",
            Status::Withdrawn | Status::Deleted => "dark",
        }
    }
}

/// What the page prints in brackets behind the code.
fn remark_of(stage: &str) -> &'static str {
    match stage {
        "60.00" => " (Under publication)",
        "90.20" | "90.60" => " (Under review)",
        "90.92" => " (To be revised)",
        "90.93" => " (Confirmed)",
        _ => "",
    }
}
