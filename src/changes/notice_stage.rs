//! A stage in words: short for a headline, whole for a sentence. The words themselves are those of the vocabulary; this is how they
//! are put together, and the body's own words always stand beside a translation.

use super::change::Change;
use super::notice_words::{clean, pick, quoted};
use crate::standards::deliverable::Deliverable;
use crate::standards::language::Language;
use crate::standards::project::{PrintedStage, Project};
use crate::standards::stage::{Scheme, StageCode};

/// Where a project stands, and as what: a technical report has other letters than a standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standpoint<'a> {
    stage: &'a PrintedStage,
    deliverable: Option<Deliverable>,
}

/// Where the project stood, and where it stands; `None` where the page showed no stage.
pub(super) fn standpoints(change: &Change) -> (Option<Standpoint<'_>>, Option<Standpoint<'_>>) {
    (change.before.as_ref().and_then(standpoint), standpoint(&change.after))
}

/// Where a project stands.
pub(super) fn standpoint(project: &Project) -> Option<Standpoint<'_>> {
    project.stage.as_ref().map(|stage| Standpoint { stage, deliverable: project.deliverable })
}

/// A stage by itself, of no kind of document.
pub(super) fn standpoint_of(stage: &PrintedStage) -> Standpoint<'_> {
    Standpoint { stage, deliverable: None }
}

/// The letters or the word that people say for a stage of such a document: `DTR`, `DIS`, `征求意见`.
pub(super) fn letters(code: StageCode, deliverable: Option<Deliverable>, language: Language) -> String {
    let letters = deliverable.map_or(code.label(), |deliverable| code.label_for(deliverable));
    if letters == code.label() { code.label_in(language).to_owned() } else { letters.to_owned() }
}

impl Standpoint<'_> {
    /// Whether both are the same stage; another kind of document alone is no move.
    pub(super) fn is_stage_of(&self, other: &Standpoint<'_>) -> bool {
        self.stage == other.stage
    }

    /// Its code, where the vocabulary has one.
    pub(super) fn code(&self) -> Option<StageCode> {
        self.stage.code
    }

    /// The letters or the word that people say: `DIS`, `征求意见`; the print where it is in no vocabulary.
    pub(super) fn short(&self, language: Language) -> String {
        let Some(code) = self.stage.code else { return clean(&self.stage.printed) };
        letters(code, self.deliverable, language)
    }

    /// `FDIS (50.00)`; the code alone tells apart what has the same letters.
    pub(super) fn with_code(&self, language: Language) -> String {
        let short = self.short(language);
        match self.stage.code.map(|code| code.to_string()) {
            Some(code) if code != short => format!("{short} ({code})"),
            Some(_) | None => short,
        }
    }

    /// With its code, its name in the reader's language and the body's own words: `DIS (40.20, DIS ballot initiated: 12 weeks)`,
    /// `public comment (30, “正在征求意见”)`. Nothing is said twice.
    pub(super) fn in_words(&self, language: Language) -> String {
        let Some(code) = self.stage.code else { return quoted(&self.stage.printed) };
        let short = self.short(language);
        let number = code.to_string();
        let name = pick(language, code.name(Language::English), code.name(Language::Chinese)).to_owned();
        let own_words = self.own_words(code);
        let quoted_words = quoted(&own_words);
        let mut said = vec![short.to_lowercase()];
        let mut parts = Vec::new();
        for (text, shown) in [(&number, &number), (&name, &name), (&own_words, &quoted_words)] {
            let lower = text.to_lowercase();
            if !text.is_empty() && !said.contains(&lower) {
                said.push(lower);
                parts.push(shown.as_str());
            }
        }
        match (parts.is_empty(), language) {
            (true, _) => short,
            (false, Language::Chinese) => format!("{short}（{}）", parts.join("，")),
            (false, Language::English | Language::French | Language::Russian) => {
                format!("{short} ({})", parts.join(", "))
            }
        }
    }

    /// What the page prints; where that is only the code, what the body calls the code in its own language.
    fn own_words(&self, code: StageCode) -> String {
        let printed = clean(&self.stage.printed);
        if !printed.is_empty() && printed != code.to_string() {
            return printed;
        }
        match code.scheme() {
            Scheme::Iso => code.name(Language::English).to_owned(),
            Scheme::Gb => code.name(Language::Chinese).to_owned(),
        }
    }
}
