//! What a subscriber asked for, and whom a change concerns. Not how they are told: that is for the channels.

use super::appetite::Appetite;
use super::change::{Change, RecordedChange};
use super::notice::Languages;
use super::relations::Related;
use crate::standards::committee::Committee;
use crate::standards::project::{Project, ProjectId};
use crate::standards::reference::{Reference, normal_form};

/// A named set of standards that somebody follows: by reference, by words in a title, by committee.
#[derive(Debug, Clone)]
pub struct Watch {
    /// Its name in configuration and records.
    pub id: String,
    /// A line for people.
    pub title: Option<String>,
    /// These, at every stage and in every spelling.
    pub standards: Vec<Reference>,
    /// And every project whose title or reference contains one of these.
    pub keywords: Vec<String>,
    /// And every project of these committees and their groups.
    pub committees: Vec<Committee>,
}

/// Which watches a subscriber follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// `*`: every watch; where none is configured, every project of every source.
    All,
    /// These.
    Watches(Vec<String>),
}

/// Who follows what, in which language.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// The subscriber's id.
    pub subscriber: String,
    /// The watches followed.
    pub selection: Selection,
    /// What is wanted of what they concern.
    pub appetite: Appetite,
    /// The languages of alerts.
    pub languages: Languages,
}

impl Watch {
    /// Whether the project is one of those that the watch names.
    pub fn concerns(&self, project: &Project) -> bool {
        self.names(project) || self.speaks_of(project) || self.is_of_committee(project)
    }

    fn names(&self, project: &Project) -> bool {
        printed_of(project).any(|printed| self.standards.iter().any(|watched| watched.covers(&printed)))
    }

    /// Whether it names a plan or a standard by its number.
    fn names_number(&self, id: &ProjectId) -> bool {
        let (ProjectId::Sac(number) | ProjectId::Gb(number)) = id else { return false };
        Reference::parse(number).is_some_and(|number| self.standards.iter().any(|watched| watched.covers(&number)))
    }

    fn speaks_of(&self, project: &Project) -> bool {
        let texts: Vec<String> = project.titles.values().chain([&project.reference]).map(|text| folded(text)).collect();
        self.keywords
            .iter()
            .map(|keyword| folded(keyword))
            .any(|keyword| !keyword.is_empty() && texts.iter().any(|text| text.contains(&keyword)))
    }

    fn is_of_committee(&self, project: &Project) -> bool {
        project.is_of(&self.committees) == Some(true)
    }
}

/// Every number that a project is known by.
fn printed_of(project: &Project) -> impl Iterator<Item = Reference> {
    let own_number = match &project.id {
        ProjectId::Sac(number) | ProjectId::Gb(number) => Some(number.as_str()),
        ProjectId::Iso(_) | ProjectId::Tc260(_) | ProjectId::Page(_) => None,
    };
    [Some(project.reference.as_str()), own_number, project.plan.as_deref(), project.standard.as_deref()]
        .into_iter()
        .flatten()
        .filter_map(Reference::parse)
}

/// What watches name by its number and no project has, each with the ids of the watches that name it.
pub fn seen_nowhere<'w, 'p>(
    watches: &'w [Watch],
    projects: impl IntoIterator<Item = &'p Project>,
) -> Vec<(&'w Reference, Vec<&'w str>)> {
    let printed: Vec<Reference> = projects.into_iter().flat_map(printed_of).collect();
    let mut found: Vec<(&Reference, Vec<&str>)> = Vec::new();
    for watch in watches {
        for wanted in watch.standards.iter().filter(|wanted| !printed.iter().any(|printed| wanted.covers(printed))) {
            match found.iter_mut().find(|(known, _)| *known == wanted) {
                Some((_, ids)) if ids.contains(&watch.id.as_str()) => {}
                Some((_, ids)) => ids.push(&watch.id),
                None => found.push((wanted, vec![&watch.id])),
            }
        }
    }
    found
}

fn folded(text: &str) -> String {
    normal_form(text).to_lowercase()
}

/// The ids of the watches that concern a project, in configuration order.
pub fn watches_of(watches: &[Watch], project: &Project) -> Vec<String> {
    watches.iter().filter(|watch| watch.concerns(project)).map(|watch| watch.id.clone()).collect()
}

/// The ids of the watches that a change concerns. A project is watched as what it was, too: who follows it learns that it took another
/// title or went to another committee; and who named it by a number follows it under the next one. `earlier` are its recorded changes.
/// Who named a plan follows its consultations and the standard that it becomes: `related` are the projects that belong to it.
pub fn watches_of_change(
    watches: &[Watch],
    change: &Change,
    earlier: &[RecordedChange],
    related: &[Related],
) -> Vec<String> {
    let was_named =
        |watch: &Watch| earlier.iter().filter_map(|past| past.change.before.as_ref()).any(|was| watch.names(was));
    let concerns = |watch: &Watch| {
        watch.concerns(&change.after)
            || change.before.as_ref().is_some_and(|was| watch.concerns(was))
            || was_named(watch)
            || related.iter().any(|other| other.relation.is_one_work() && watch.names_number(&other.id))
    };
    watches.iter().filter(|watch| concerns(watch)).map(|watch| watch.id.clone()).collect()
}

/// Leaves of what was recorded of a project what [`watches_of_change`] needs: for each watch that named the project once, one change that
/// says so.
pub fn needed_of(watches: &[Watch], earlier: &mut Vec<RecordedChange>) {
    let named_by =
        |past: &RecordedChange, watch: &Watch| past.change.before.as_ref().is_some_and(|was| watch.names(was));
    let mut open: Vec<&Watch> = watches.iter().filter(|watch| !watch.standards.is_empty()).collect();
    earlier.retain(|past| {
        let n_open = open.len();
        open.retain(|watch| !named_by(past, watch));
        open.len() < n_open
    });
    earlier.shrink_to_fit();
}

impl Subscription {
    /// Everything, in English.
    pub fn to_everything(subscriber: &str) -> Subscription {
        Subscription {
            subscriber: subscriber.to_owned(),
            selection: Selection::All,
            appetite: Appetite::default(),
            languages: Languages::English,
        }
    }

    /// Whether this watch is followed.
    pub fn follows_watch(&self, watch: &str) -> bool {
        match &self.selection {
            Selection::All => true,
            Selection::Watches(followed) => followed.iter().any(|id| id == watch),
        }
    }

    /// Whether a change is for this subscriber. `n_watches` is how many are configured.
    pub fn wants(&self, recorded: &RecordedChange, n_watches: usize) -> bool {
        self.appetite.is_for(&recorded.change) && self.follows(&recorded.watches, n_watches)
    }

    /// Whether a change that concerns these watches is of one that is followed.
    fn follows(&self, concerned: &[String], n_watches: usize) -> bool {
        match &self.selection {
            Selection::All => n_watches == 0 || !concerned.is_empty(),
            Selection::Watches(followed) => followed.iter().any(|id| concerned.contains(id)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::changes::change::{Evidence, Kind, SnapshotRef};
    use crate::standards::language::Language;

    fn watch(standards: &[&str], keywords: &[&str], committees: &[&str]) -> Watch {
        Watch {
            id: "w".into(),
            title: None,
            standards: standards.iter().filter_map(|text| Reference::parse(text)).collect(),
            keywords: keywords.iter().map(|&text| text.to_owned()).collect(),
            committees: committees.iter().filter_map(|text| Committee::parse(text)).collect(),
        }
    }

    fn project(id: ProjectId, reference: &str, title: &str, committee: &str) -> Project {
        let mut project = Project::new(id, reference);
        project.titles.insert(Language::English, title.to_owned());
        project.committee = Some(committee.to_owned());
        project
    }

    #[test]
    fn a_watched_number_is_found_at_every_stage_and_in_every_spelling() {
        let by_number = watch(&["ISO/IEC 27035-4", "20230259-T-469", "GB/T 39204-2022"], &[], &[]);
        let iso = |reference| project(ProjectId::Iso(80973), reference, "Coordination", "ISO/IEC JTC 1/SC 27");
        assert!(by_number.concerns(&iso("ISO/IEC DIS 27035-4")));
        assert!(by_number.concerns(&iso("ISO/IEC 27035-4:2024")));
        assert!(!by_number.concerns(&iso("ISO/IEC DIS 27035-3")));
        assert!(!by_number.concerns(&iso("ISO/IEC 27035")));
        let plan = Project::new(ProjectId::Sac("20230259-T-469".into()), "20230259—T—469");
        assert!(by_number.concerns(&plan));
        let standard = Project::new(ProjectId::Gb("GB/T 39204-2022".into()), "GB/T 39204—2022");
        assert!(by_number.concerns(&standard));
    }

    #[test]
    fn a_standard_is_found_by_the_plan_it_came_from() {
        let mut standard = Project::new(ProjectId::Gb("GB/T 99001-2027".into()), "GB/T 99001-2027");
        standard.plan = Some("20230259-T-469".into());
        assert!(watch(&["20230259-T-469"], &[], &[]).concerns(&standard));
    }

    #[test]
    fn keywords_are_found_whatever_their_case_and_width() {
        let drones = watch(&[], &["unmanned AIR", "无人机"], &[]);
        assert!(drones.concerns(&project(ProjectId::Iso(1), "x", "Guidelines for Unmanned Aircraft systems", "")));
        assert!(drones.concerns(&project(ProjectId::Iso(1), "x", "民用无人机安全", "")));
        assert!(!drones.concerns(&project(ProjectId::Iso(1), "x", "Manned flight", "")));
    }

    #[test]
    fn a_committee_includes_its_groups_and_nobody_else() {
        let sc27 = watch(&[], &[], &["ISO/IEC JTC 1/SC 27"]);
        assert!(sc27.concerns(&project(ProjectId::Iso(1), "x", "", "ISO/IEC JTC 1/SC 27/WG 1")));
        assert!(!sc27.concerns(&project(ProjectId::Iso(1), "x", "", "ISO/IEC JTC 1/SC 2")));
    }

    fn recorded(id: &str, before: Project) -> RecordedChange {
        let seen_at = jiff::Timestamp::UNIX_EPOCH;
        let after = Project::new(before.id.clone(), "ISO/IEC 99");
        RecordedChange {
            id: id.to_owned(),
            change: Change {
                kind: Kind::Retitled,
                movement: None,
                before: Some(before),
                after,
                differences: Vec::new(),
            },
            sequence: 1,
            seen_at,
            announced: true,
            watches: Vec::new(),
            evidence: Evidence {
                source: "list".to_owned(),
                url: String::new(),
                before: None,
                after: SnapshotRef { sha256: String::new(), at: seen_at },
                diff: String::new(),
            },
            also_seen_at: Vec::new(),
            related: Vec::new(),
            otherwise_at: Vec::new(),
        }
    }

    #[test]
    fn of_what_was_recorded_one_change_is_kept_for_each_watch_that_named_the_project_then() {
        let watches = [watch(&["ISO/IEC 27001"], &[], &[]), watch(&[], &[], &["ISO/IEC JTC 1/SC 27"])];
        let past =
            |reference: &str, id: &str| recorded(id, project(ProjectId::Iso(1), reference, "", "ISO/IEC JTC 1/SC 27"));
        let all = vec![past("ISO/IEC 1", "a"), past("ISO/IEC CD 27001", "b"), past("ISO/IEC DIS 27001", "c")];
        let mut needed = all.clone();
        needed_of(&watches, &mut needed);
        assert_eq!(needed, all[1..2]);
        assert_eq!(needed.capacity(), 1, "what is not needed takes no room");
        let of = |earlier: &[RecordedChange]| {
            let now = recorded("d", project(ProjectId::Iso(1), "ISO/IEC 99", "", "")).change;
            watches_of_change(&watches, &now, earlier, &[])
        };
        assert_eq!(of(&needed), of(&all));
    }

    #[test]
    fn a_star_means_every_watch_and_without_any_watch_everything() {
        let all = Subscription::to_everything("s");
        assert!(all.follows(&["w".into()], 1));
        assert!(!all.follows(&[], 1));
        assert!(all.follows(&[], 0));
        let one = Subscription { selection: Selection::Watches(vec!["w".into()]), ..all };
        assert!(one.follows(&["v".into(), "w".into()], 2));
        assert!(!one.follows(&["v".into()], 2));
    }
}
