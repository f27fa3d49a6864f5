//! `standards` and `history`: where projects stand, and how they came there.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::changes::change::RecordedChange;
use crate::changes::clock::Clock;
use crate::changes::closing::{Open, window_on};
use crate::changes::corroboration::KnownStage;
use crate::changes::notice_action::basis_in_words;
use crate::changes::notice_position::next_in_words;
use crate::changes::notice_track::Place;
use crate::changes::notice_window::what_closes;
use crate::changes::relations::{Kin, Related};
use crate::changes::stage_days::{dated, day_of};
use crate::changes::subscription::{seen_nowhere, watches_of};
use crate::config::settings::Settings;
use crate::records::project::{ProjectRecord, StageRecord};
use crate::records::standard::{StandardRecord, WindowRecord};
use crate::standards::language::Language;
use crate::standards::project::{Project, ProjectId};
use crate::standards::reference::Reference;
use crate::store::Store;
use crate::store::changes::ChangeFilter;
use crate::store::holdings::ProjectFilter;

use super::arguments::General;
use super::naming::{meant, meant_one};
use super::output::{Output, Tone, harmless};
use super::session::{CliError, Exit, store_of};
use super::track::{lettered, track};

/// One project as all sources together show it.
pub(super) struct Known {
    pub(super) project: Project,
    sources: Vec<String>,
    pub(super) trail: Vec<KnownStage>,
    watches: Vec<String>,
}

/// Every project of every source; where two sources show one, the record is that of the one that was first to show its last stage.
pub(super) fn known_projects(settings: &Settings, store: &Store) -> Result<Vec<Known>, CliError> {
    let mut by_id: BTreeMap<ProjectId, Vec<(String, Project)>> = BTreeMap::new();
    for (source, held) in store.projects(&ProjectFilter::default())? {
        by_id.entry(held.project.id.clone()).or_default().push((source, held.project));
    }
    let ids: Vec<ProjectId> = by_id.keys().cloned().collect();
    let mut trails = store.known_stages(&ids)?;
    let known = by_id.into_iter().map(|(id, shown)| {
        let trail = trails.remove(&id).unwrap_or_default();
        let leader = trail.last().map(|last| last.source.clone());
        let sources = shown.iter().map(|(source, _)| source.clone()).collect();
        let best = shown.iter().position(|(source, _)| Some(source) == leader.as_ref()).unwrap_or(0);
        let others: Vec<Project> = shown.iter().map(|(_, project)| project.clone()).collect();
        let (_, mut project) = shown.into_iter().nth(best).expect("a project is there because a source shows it");
        let same_stage = |other: &&Project| other.stage_code() == project.stage_code();
        project.since = project.since.or_else(|| others.iter().filter(same_stage).find_map(|other| other.since));
        let watches = watches_of(&settings.watches, &project);
        let trail = dated(trail, project.stage_code(), project.since);
        Known { project, sources, trail, watches }
    });
    let mut known: Vec<Known> = known.collect();
    known.sort_by_key(|known| order_of(&known.project));
    Ok(known)
}

/// By body, then by reference without its stage, so that what belongs together stands together whatever its numbers are.
fn order_of(project: &Project) -> (u8, String) {
    let body = match project.id {
        ProjectId::Iso(_) => 0,
        ProjectId::Sac(_) | ProjectId::Gb(_) => 1,
        ProjectId::Tc260(_) => 2,
        ProjectId::Page(_) => 3,
    };
    let stem = Reference::parse(&project.reference).map_or_else(|| project.reference.clone(), |parsed| parsed.stem());
    (body, stem)
}

/// `stagewatch standards`.
pub fn standards(
    general: &General,
    reference: Option<&str>,
    all: bool,
    json: bool,
    output: &mut Output,
) -> Result<Exit, CliError> {
    let (settings, store) = store_of(general)?;
    let known = known_projects(&settings, &store)?;
    let chosen: Vec<&Known> = match reference {
        Some(reference) => meant(&known, reference)?,
        None => known.iter().filter(|known| all || is_listed(known, &settings)).collect(),
    };
    if json {
        for known in chosen {
            let (sources, watches) = (known.sources.clone(), known.watches.clone());
            let window = window_on(&known.project, &known.trail).as_ref().map(WindowRecord::from);
            output.json(&StandardRecord { project: ProjectRecord::from(&known.project), sources, watches, window })?;
        }
    } else if reference.is_some() {
        let kin = Kin::of(known.iter().map(|known| known.project.clone()));
        for known in chosen {
            show_whole(known, &kin.related_to(&known.project), output)?;
        }
    } else {
        list(&chosen, &store, output)?;
        list_unseen(&settings, &known, output)?;
    }
    Ok(Exit::Done)
}

fn list(chosen: &[&Known], store: &Store, output: &mut Output) -> Result<(), CliError> {
    if chosen.is_empty() {
        let was_asked = store.source_states()?.values().any(|state| state.last_poll.is_some());
        output.line(if was_asked {
            "no source that was polled shows a standard that is watched; `stagewatch status` tells how they fare"
        } else {
            "no watched standard was seen yet; `stagewatch once` polls the sources"
        })?;
        return Ok(());
    }
    let rows = chosen.iter().map(|known| row_of(known, output)).collect();
    Ok(output.table(&["reference", "track", "stage", "since", "title"], rows)?)
}

/// A number that no source shows tells nobody anything: that is said where somebody looks.
fn list_unseen(settings: &Settings, known: &[Known], output: &mut Output) -> Result<(), CliError> {
    let unseen = seen_nowhere(&settings.watches, known.iter().map(|known| &known.project));
    if unseen.is_empty() {
        return Ok(());
    }
    output.line(output.toned(Tone::Warning, "watched, and seen nowhere yet:"))?;
    for (wanted, watches) in unseen {
        output.line(format!("  {wanted}  (watched by {})", watches.join(", ")))?;
    }
    Ok(())
}

/// Notices and pages of words stand nowhere: they are listed on demand only.
fn is_listed(known: &Known, settings: &Settings) -> bool {
    let is_watched = settings.watches.is_empty() || !known.watches.is_empty();
    is_watched && !known.project.is_notice() && known.project.text.is_none()
}

fn row_of(known: &Known, output: &Output) -> Vec<String> {
    let project = &known.project;
    let place = Place::of(project, &known.trail);
    let drawn = place.map(|place| track(&place, output)).unwrap_or_default();
    vec![
        harmless(&project.reference),
        drawn,
        stage_of(project),
        since_of(known).unwrap_or_default(),
        harmless(project.title(Language::English).unwrap_or_default()),
    ]
}

fn stage_of(project: &Project) -> String {
    match &project.stage {
        Some(stage) => match stage.code {
            Some(code) if code.label_in(Language::English) == stage.printed => stage.printed.clone(),
            Some(code) => format!("{} {}", harmless(&stage.printed), code.label_in(Language::English)),
            None => harmless(&stage.printed),
        },
        None => String::new(),
    }
}

fn show_whole(known: &Known, related: &[Related], output: &mut Output) -> Result<(), CliError> {
    let project = &known.project;
    output.line(output.toned(Tone::Strong, &harmless(&project.reference)))?;
    for title in project.titles.values() {
        output.line(format!("  {}", harmless(title)))?;
    }
    if let Some(place) = Place::of(project, &known.trail) {
        let code = place.code;
        output.line(format!("  {}", lettered(&place, output)))?;
        output.line(format!("  {}: {}", stage_of(project), code.name(Language::English)))?;
    }
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string());
    let facts = [
        ("number", (!project.id.is_ours()).then(|| project.id.to_string())),
        ("since", since_of(known)),
        ("committee", project.committee.clone()),
        ("published", day(project.published)),
        ("in force from", day(project.effective)),
        ("closes", window_on(project, &known.trail).and_then(closing)),
        ("comes next", next_of(project)),
        ("plan", project.plan.clone()),
        ("standard", project.standard.clone()),
        ("at the body", project.url.clone()),
        ("shown by", Some(known.sources.join(", "))),
        ("watched by", (!known.watches.is_empty()).then(|| known.watches.join(", "))),
    ];
    for (name, value) in facts {
        if let Some(value) = value {
            output.line(format!("  {name:<15}{}", harmless(&value)))?;
        }
    }
    for other in related {
        let inferred = if other.inferred { " (inferred from title and dates)" } else { "" };
        let (relation, reference) = (other.relation.as_str().replace('-', " "), harmless(&other.reference));
        output.line(format!("  {relation:<15}{reference}, {}{inferred}", other.id.short()))?;
    }
    for stage in &known.trail {
        output.line(format!("  {}", line_of(stage)))?;
    }
    Ok(())
}

/// The day of the body, else that on which it was first seen, marked.
fn since_of(known: &Known) -> Option<String> {
    let printed = known.project.since.map(|day| day.to_string());
    printed.or_else(|| Some(day_of(known.trail.last()?, Clock::of_project(&known.project)).in_words(Language::English)))
}

/// The stages that ordinarily follow.
fn next_of(project: &Project) -> Option<String> {
    project.stage_code().and_then(|code| next_in_words(code, Language::English))
}

/// `2023-08-03, expected (12 weeks from 11 May 2023): enquiry ballot closes`.
fn closing(open: Open) -> Option<String> {
    let closing = open.closes?;
    let basis = basis_in_words(open.window, closing, Language::English);
    let expected = if basis.is_empty() { String::new() } else { format!(", expected ({basis})") };
    Some(format!("{}{expected}: {}", closing.day, what_closes(open.window, Language::English)))
}

fn line_of(stage: &KnownStage) -> String {
    let since = stage.since.map_or_else(|| format!("{:<10}", "–"), |day| day.to_string());
    let name = stage.stage.code.map_or("unknown stage text", |code| code.name(Language::English));
    let change = stage.change.as_deref().unwrap_or("baseline");
    let (printed, seen, source) = (harmless(&stage.stage.printed), stage.seen_at.strftime("%Y-%m-%d"), &stage.source);
    format!("{since}  {printed:<8}  {name} (seen {seen} at {source}, {change})")
}

/// One line of `history --json`.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct StepRecord {
    project: String,
    stage: StageRecord,
    since: Option<String>,
    seen_at: String,
    source: String,
    change: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

/// `stagewatch history`.
pub fn history(general: &General, reference: &str, json: bool, output: &mut Output) -> Result<Exit, CliError> {
    let (settings, store) = store_of(general)?;
    let known = known_projects(&settings, &store)?;
    for known in meant_one(&known, reference)? {
        let filter = ChangeFilter { project: Some(known.project.id.clone()), ..ChangeFilter::default() };
        let changes = store.changes(&filter)?;
        if !json {
            output.line(
                output.toned(Tone::Strong, &format!("{}  {}", known.project.id, harmless(&known.project.reference))),
            )?;
        }
        for stage in &known.trail {
            let change = stage.change.as_ref().and_then(|id| changes.iter().find(|change| &change.id == id));
            if json {
                output.json(&step_of(known, stage, change))?;
            } else {
                output.line(format!("  {}", line_of(stage)))?;
                if let Some(change) = change {
                    output.line(output.toned(Tone::Faint, &format!("    evidence: {}", evidence_of(change))))?;
                }
            }
        }
    }
    Ok(Exit::Done)
}

fn step_of(known: &Known, stage: &KnownStage, change: Option<&RecordedChange>) -> StepRecord {
    StepRecord {
        project: known.project.id.to_string(),
        stage: StageRecord::from(&stage.stage),
        since: stage.since.map(|day| day.to_string()),
        seen_at: stage.seen_at.to_string(),
        source: stage.source.clone(),
        change: stage.change.clone(),
        before: change.and_then(|change| change.evidence.before.as_ref()).map(|page| page.sha256.clone()),
        after: change.map(|change| change.evidence.after.sha256.clone()),
    }
}

fn evidence_of(change: &RecordedChange) -> String {
    let short = |sha256: &str| sha256.get(..12).unwrap_or(sha256).to_owned();
    let before = change.evidence.before.as_ref().map_or_else(|| "nothing".to_owned(), |page| short(&page.sha256));
    format!("{} {before} → {}", change.evidence.url, short(&change.evidence.after.sha256))
}
