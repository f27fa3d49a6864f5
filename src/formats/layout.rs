//! Where things stand on a page of anybody's making: what a person writes into the configuration for a format that knows no site.
//! Not the reading.

use crate::standards::stage::StageCode;

/// The layout of a table or a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    /// CSS selector of one row; without one the rows of the first table that has every heading named.
    pub rows: Option<String>,
    /// Which column holds what.
    pub columns: Vec<(Field, Place)>,
    /// Whether the page lists everything there is, so that a row that stays away is news.
    pub is_complete: bool,
    /// What the page prints for stages, and what that means.
    pub stages: Vec<(String, StageCode)>,
}

/// What a column may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The number or the name of the project.
    Reference,
    /// The title in English.
    TitleEn,
    /// The title in Chinese.
    TitleZh,
    /// The stage.
    Stage,
    /// The day the stage began.
    Since,
    /// The committee in charge.
    Committee,
    /// The day of publication.
    Published,
    /// The day of entry into force.
    Effective,
    /// The last day for comments.
    Closes,
    /// A link to the page of the project.
    Link,
}

impl Field {
    /// Every field with its word in the configuration.
    pub const ALL: [(&'static str, Field); 10] = [
        ("reference", Field::Reference),
        ("title-en", Field::TitleEn),
        ("title-zh", Field::TitleZh),
        ("stage", Field::Stage),
        ("since", Field::Since),
        ("committee", Field::Committee),
        ("published", Field::Published),
        ("effective", Field::Effective),
        ("closes", Field::Closes),
        ("link", Field::Link),
    ];

    /// The field of that word.
    pub fn parse(word: &str) -> Option<Field> {
        Field::ALL.iter().find(|(known, _)| *known == word).map(|(_, field)| *field)
    }
}

/// How a column is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// By its heading, white space collapsed.
    Heading(String),
    /// By a CSS selector inside the row.
    Select(String),
}

impl Place {
    /// `css:td.stage` is a selector, anything else a heading.
    pub fn parse(text: &str) -> Place {
        match text.strip_prefix("css:") {
            Some(selector) => Place::Select(selector.trim().to_owned()),
            None => Place::Heading(text.split_whitespace().collect::<Vec<_>>().join(" ")),
        }
    }
}
