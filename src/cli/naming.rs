//! Which projects somebody means who types a number. Pure; not what is shown of them.

use std::collections::BTreeSet;

use crate::standards::project::ProjectId;
use crate::standards::reference::Reference;

use super::output::harmless;
use super::session::CliError;
use super::standing::Known;

/// What people leave out before a number.
const PREFIXES: [&str; 6] = ["ISO/IEC ", "ISO ", "IEC ", "GB/T ", "GB ", "GB/Z "];

/// The projects that a text of a person means: an id, a reference at any stage, a plan or standard number, or no more than the number of one,
/// which may be that of several.
pub(super) fn meant<'a>(known: &'a [Known], text: &str) -> Result<Vec<&'a Known>, CliError> {
    let text = text.trim();
    let exact = Wanted {
        id: ProjectId::parse(text),
        text,
        numbers: Reference::parse(text).into_iter().collect(),
        parts: false,
    };
    let mut found: Vec<&Known> = known.iter().filter(|known| exact.is(known)).collect();
    // A number alone may be one of a project and one of a standard.
    if found.is_empty() || text.starts_with(|letter: char| letter.is_ascii_digit()) {
        let loose = Wanted { id: None, text, numbers: with_prefixes(text), parts: true };
        found = known.iter().filter(|known| exact.is(known) || loose.is(known)).collect();
    }
    if found.is_empty() {
        return Err(CliError::Unknown(format!(
            "no source shows `{text}`; `stagewatch standards --all` lists what they show"
        )));
    }
    Ok(found)
}

/// The same where it must be one thing: spellings, stages and editions of one are; the candidates are named where it is several.
pub(super) fn meant_one<'a>(known: &'a [Known], text: &str) -> Result<Vec<&'a Known>, CliError> {
    let found = meant(known, text)?;
    let stem = |known: &&Known| {
        let reference = &known.project.reference;
        Reference::parse(reference).map_or_else(|| reference.clone(), |parsed| parsed.stem())
    };
    let things: BTreeSet<String> = found.iter().map(stem).collect();
    if things.len() > 1 {
        let each =
            found.iter().map(|known| format!("\n  {}  {}", known.project.id, harmless(&known.project.reference)));
        return Err(CliError::Unknown(format!(
            "`{text}` may be one of several; name one:{}",
            each.collect::<String>()
        )));
    }
    Ok(found)
}

/// What is looked for.
struct Wanted<'a> {
    id: Option<ProjectId>,
    text: &'a str,
    numbers: Vec<Reference>,
    /// Whether the parts and amendments of a number are meant with it.
    parts: bool,
}

impl Wanted<'_> {
    fn is(&self, known: &Known) -> bool {
        let project = &known.project;
        let own = project.id.to_string();
        let number = own.split_once(':').map(|(_, number)| number);
        let printed = [Some(project.reference.as_str()), number, project.plan.as_deref(), project.standard.as_deref()];
        let is_id = self.id.as_ref() == Some(&project.id);
        is_id || printed.into_iter().flatten().any(|printed| printed == self.text || self.covers(printed))
    }

    fn covers(&self, printed: &str) -> bool {
        let Some(printed) = Reference::parse(printed) else { return false };
        let belongs = |wanted: &Reference| printed.is_part_of(wanted) || printed.is_supplement_of(wanted);
        let is_batch = || printed.is_plan() && printed.to_string().starts_with(&format!("{}-", self.text));
        self.numbers.iter().any(|wanted| wanted.covers(&printed) || (self.parts && belongs(wanted)))
            || (self.parts && is_batch())
    }
}

/// The references that a number alone may stand for, and those that differ in the kind of a national standard only.
fn with_prefixes(text: &str) -> Vec<Reference> {
    let number = text.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    let is_national = Reference::parse(text).is_some_and(|parsed| parsed.is_gb());
    let is_bare = number.len() == text.len();
    let wanted = PREFIXES.iter().filter(|prefix| is_bare || (is_national && prefix.starts_with("GB")));
    wanted.filter_map(|prefix| Reference::parse(&format!("{prefix}{number}"))).collect()
}
