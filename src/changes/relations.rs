//! Which projects belong together: a plan and its standard, a consultation and its plan, a document and its editions, parts and
//! amendments. By number wherever a number is printed; a consultation of TC 260 prints none, so its plan is found by title and dates,
//! and such a link is always marked as inferred. Not whether anything changed.

use jiff::civil::Date;

use super::difference::folded_title;
use super::same_work::Work;
use super::twins::is_same_consultation;
use crate::standards::language::Language;
use crate::standards::project::{Project, ProjectId, Standing};
use crate::standards::reference::Reference;

/// What another project is to this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// The plan from which it comes.
    Plan,
    /// The standard that its plan became.
    Standard,
    /// A public consultation on its draft.
    Consultation,
    /// What it amends, corrects or supplements.
    Amends,
    /// An amendment, corrigendum or supplement of it.
    AmendedBy,
    /// Another edition, or the project that revises it.
    Edition,
    /// Another part of one document.
    Part,
}

impl Relation {
    /// Every relation.
    pub const ALL: [Relation; 7] = [
        Relation::Plan,
        Relation::Standard,
        Relation::Consultation,
        Relation::Amends,
        Relation::AmendedBy,
        Relation::Edition,
        Relation::Part,
    ];

    /// The word of records: `amended-by`.
    pub fn as_str(self) -> &'static str {
        match self {
            Relation::Plan => "plan",
            Relation::Standard => "standard",
            Relation::Consultation => "consultation",
            Relation::Amends => "amends",
            Relation::AmendedBy => "amended-by",
            Relation::Edition => "edition",
            Relation::Part => "part",
        }
    }

    /// Reads what [`Relation::as_str`] writes.
    pub fn parse(text: &str) -> Option<Relation> {
        Relation::ALL.into_iter().find(|relation| relation.as_str() == text)
    }

    /// Whether both are one piece of work under two numbers, so that who follows one follows the other.
    pub fn is_one_work(self) -> bool {
        matches!(self, Relation::Plan | Relation::Standard | Relation::Consultation)
    }
}

/// Another project, and what it is to this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// The other project.
    pub id: ProjectId,
    /// What its page calls it, as printed.
    pub reference: String,
    /// What it is to this one.
    pub relation: Relation,
    /// Whether no number says so, only title and dates.
    pub inferred: bool,
}

/// Projects, with what is asked of each again and again worked out once: a poll may change hundreds, and each is held against all.
#[derive(Debug, Default)]
pub struct Kin {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    project: Project,
    marks: Marks,
}

/// What one project is held against another by.
#[derive(Debug)]
struct Marks {
    reference: Option<(Reference, String)>,
    core: Option<String>,
    work: Option<Work>,
}

impl Marks {
    fn of(project: &Project) -> Marks {
        let parsed = Reference::parse(&project.reference).filter(|parsed| !parsed.is_plan());
        let reference = parsed.map(|parsed| {
            let stem = parsed.stem();
            (parsed, stem)
        });
        Marks { reference, core: core_of(project), work: Work::of(project) }
    }
}

impl Entry {
    fn of(project: Project) -> Entry {
        Entry { marks: Marks::of(&project), project }
    }
}

impl Kin {
    /// Over these projects, of which one may be there several times, as its sources show it.
    pub fn of(projects: impl IntoIterator<Item = Project>) -> Kin {
        Kin { entries: projects.into_iter().map(Entry::of).collect() }
    }

    /// Whether a project is one of these, or may have to do with one of them: where it is asked what belongs to these, those of which no
    /// source says so can be left out.
    pub fn may_concern(&self, project: &Project) -> bool {
        let marks = Marks::of(project);
        self.entries.iter().any(|entry| {
            entry.project.id == project.id
                || (marks.core.is_some() && marks.core == entry.marks.core)
                || by_number(&entry.project, project).is_some()
                || by_reference(&entry.marks, &marks).is_some()
        })
    }

    /// What every other project is to this one; the nearest relations first.
    pub fn related_to(&self, this: &Project) -> Vec<Related> {
        let this = Entry::of(this.clone());
        let mut related: Vec<Related> = Vec::new();
        for other in self.entries.iter().filter(|other| other.project.id != this.project.id) {
            let Some((relation, inferred)) = self.relation_of(&this, other) else { continue };
            let (id, reference) = (other.project.id.clone(), other.project.reference.clone());
            let found = Related { id, reference, relation, inferred };
            match related.iter_mut().find(|known| known.id == found.id) {
                // What one source prints, another may leave to be inferred.
                Some(known) if known.inferred && !inferred => *known = found,
                Some(_) => {}
                None => related.push(found),
            }
        }
        related.sort_by(|one, other| (one.relation, &one.id).cmp(&(other.relation, &other.id)));
        self.without_twins(related)
    }

    /// Of one consultation under several ids the first.
    fn without_twins(&self, related: Vec<Related>) -> Vec<Related> {
        let project =
            |id: &ProjectId| self.entries.iter().map(|entry| &entry.project).find(|project| project.id == *id);
        let mut told: Vec<Related> = Vec::new();
        for other in related {
            let twin_of = |known: &Related| project(&known.id).zip(project(&other.id));
            let is_twin = |known: &Related| twin_of(known).is_some_and(|(one, other)| is_same_consultation(one, other));
            if other.relation != Relation::Consultation || !told.iter().any(is_twin) {
                told.push(other);
            }
        }
        told
    }

    /// What `other` is to `this`, and whether that is inferred.
    fn relation_of(&self, this: &Entry, other: &Entry) -> Option<(Relation, bool)> {
        let works = this.marks.work.as_ref().zip(other.marks.work.as_ref());
        if works.is_some_and(|(work, other)| work.is_other_id_of(other)) {
            // The same under another id is no other edition.
            return None;
        }
        if let Some(relation) =
            by_number(&this.project, &other.project).or_else(|| by_reference(&this.marks, &other.marks))
        {
            return Some((relation, false));
        }
        match (&this.project.id, &other.project.id) {
            (ProjectId::Tc260(_), ProjectId::Sac(_)) => self.is_plan_of(other, this).then_some((Relation::Plan, true)),
            (ProjectId::Sac(_), ProjectId::Tc260(_)) => {
                self.is_plan_of(this, other).then_some((Relation::Consultation, true))
            }
            _ => None,
        }
    }

    /// Whether a consultation is on the draft of that plan: one title but for the prefix that changes with the committee's name, within
    /// the plan's life, and no other plan that could be meant.
    fn is_plan_of(&self, plan: &Entry, consultation: &Entry) -> bool {
        could_be_plan_of(plan, consultation)
            && !self
                .entries
                .iter()
                .any(|other| other.project.id != plan.project.id && could_be_plan_of(other, consultation))
    }
}

fn could_be_plan_of(plan: &Entry, consultation: &Entry) -> bool {
    matches!(plan.project.id, ProjectId::Sac(_))
        && plan.marks.core.is_some()
        && plan.marks.core == consultation.marks.core
        && is_in_life_of(&plan.project, &consultation.project)
}

fn by_number(this: &Project, other: &Project) -> Option<Relation> {
    let comes_from = |outcome: &Project, plan: &Project| {
        let ProjectId::Sac(number) = &plan.id else { return false };
        let has_become = match (&outcome.id, &plan.standard) {
            (ProjectId::Gb(standard), Some(given)) => standard == given,
            _ => false,
        };
        outcome.plan.as_ref() == Some(number) || has_become
    };
    if comes_from(this, other) {
        return Some(Relation::Plan);
    }
    comes_from(other, this).then_some(match other.id {
        ProjectId::Tc260(_) => Relation::Consultation,
        _ => Relation::Standard,
    })
}

fn by_reference(this: &Marks, other: &Marks) -> Option<Relation> {
    let ((one, stem), (another, other_stem)) = (this.reference.as_ref()?, other.reference.as_ref()?);
    if stem == other_stem {
        Some(Relation::Edition)
    } else if one.is_supplement_of(another) {
        Some(Relation::Amends)
    } else if another.is_supplement_of(one) {
        Some(Relation::AmendedBy)
    } else {
        one.is_sibling_of(another).then_some(Relation::Part)
    }
}

/// Names of the field that TC 260 puts before titles; the committee was renamed in 2024, and drafts with it.
const PREFIXES: [&str; 3] = ["信息安全技术", "网络安全技术", "数据安全技术"];

/// Shorter titles say too little to go by.
const SHORTEST_TITLE: usize = 4;

/// The Chinese title without that prefix, in the form in which titles are compared.
fn core_of(project: &Project) -> Option<String> {
    let title = folded_title(project.titles.get(&Language::Chinese)?);
    let bare = PREFIXES.iter().find_map(|prefix| title.strip_prefix(prefix)).unwrap_or(&title);
    (bare.chars().count() >= SHORTEST_TITLE).then(|| bare.to_owned())
}

/// Whether the consultation falls between the day on which the plan was issued and the day on which it ended, as far as they are printed.
fn is_in_life_of(plan: &Project, consultation: &Project) -> bool {
    let Some(day) = first_day_of(consultation) else { return false };
    let begins = match plan.issued {
        Some(issued) => issued <= day,
        // Without its first day only a plan that is still under way can be meant.
        None => plan.standing == Some(Standing::UnderDevelopment),
    };
    let ended = |end: Option<Date>| end.is_some_and(|end| end < day);
    begins && !ended(plan.published) && !ended(plan.withdrawn)
}

fn first_day_of(consultation: &Project) -> Option<Date> {
    consultation.published.or(consultation.consultation.opens).or(consultation.consultation.closes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(number: &str, title: &str, issued: Option<&str>) -> Project {
        let mut plan = Project::new(ProjectId::Sac(number.into()), number);
        plan.titles.insert(Language::Chinese, title.into());
        plan.issued = issued.map(|day| day.parse().unwrap());
        plan.standing = Some(Standing::UnderDevelopment);
        plan
    }

    fn consultation(title: &str, published: &str) -> Project {
        let mut consultation = Project::new(ProjectId::Tc260("1".into()), title);
        consultation.titles.insert(Language::Chinese, title.into());
        consultation.published = Some(published.parse().unwrap());
        consultation
    }

    fn iso(number: u64, reference: &str) -> Project {
        Project::new(ProjectId::Iso(number), reference)
    }

    fn check(this: &Project, all: &[Project], expected: &[&str]) {
        let related = Kin::of(all.to_vec()).related_to(this);
        let own = Kin::of([this.clone()]);
        let near = all.iter().filter(|project| own.may_concern(project)).cloned();
        assert_eq!(Kin::of(near).related_to(this), related, "the others make no difference");
        let told: Vec<String> = related
            .iter()
            .map(|other| {
                let inferred = if other.inferred { " (inferred)" } else { "" };
                format!("{} {}{inferred}", other.relation.as_str(), other.id)
            })
            .collect();
        assert_eq!(told, expected, "{}", this.reference);
    }

    #[test]
    fn a_plan_and_its_standard_are_joined_by_number_from_either_side() {
        let plan = plan("20990001-T-469", "示例技术要求", None);
        let mut standard = Project::new(ProjectId::Gb("GB/T 99001-2031".into()), "GB/T 99001-2031");
        check(&standard, std::slice::from_ref(&plan), &[]);
        let given = Project { standard: Some("GB/T 99001-2031".into()), ..plan.clone() };
        check(&standard, std::slice::from_ref(&given), &["plan sac:20990001-T-469"]);
        check(&given, std::slice::from_ref(&standard), &["standard gb:GB/T 99001-2031"]);
        standard.plan = Some("20990001-T-469".into());
        check(&standard, std::slice::from_ref(&plan), &["plan sac:20990001-T-469"]);
        check(&plan, &[standard], &["standard gb:GB/T 99001-2031"]);
    }

    #[test]
    fn a_consultation_is_joined_to_its_plan_by_title_and_that_is_marked() {
        let plan = plan("20990001-T-469", "信息安全技术 网络产品示例要求", Some("2029-10-24"));
        let draft = consultation("网络安全技术  网络产品示例要求", "2031-05-06");
        check(&draft, std::slice::from_ref(&plan), &["plan sac:20990001-T-469 (inferred)"]);
        check(&plan, std::slice::from_ref(&draft), &["consultation tc260:1 (inferred)"]);
        let numbered = Project { plan: Some("20990001-T-469".into()), ..draft };
        check(&numbered, std::slice::from_ref(&plan), &["plan sac:20990001-T-469"]);
        check(&plan, &[numbered], &["consultation tc260:1"]);
    }

    #[test]
    fn one_consultation_under_two_ids_is_named_once() {
        let plan = plan("20990001-T-469", "信息安全技术 网络产品示例要求", Some("2029-10-24"));
        let draft = consultation("网络安全技术 网络产品示例要求", "2031-05-06");
        let twin = Project { id: ProjectId::Tc260("2".into()), ..draft.clone() };
        let later = Project {
            id: ProjectId::Tc260("3".into()),
            ..consultation("网络安全技术 网络产品示例要求", "2031-09-06")
        };
        let all = [twin, draft, later];
        check(&plan, &all, &["consultation tc260:1 (inferred)", "consultation tc260:3 (inferred)"]);
    }

    #[test]
    fn a_title_alone_joins_nothing_outside_the_life_of_a_plan_or_when_two_plans_have_it() {
        let draft = consultation("数据安全技术 示例评估方法", "2031-05-06");
        let at = |issued: Option<&str>| plan("20990001-T-469", "信息安全技术 示例评估方法", issued);
        check(&draft, &[at(Some("2031-05-07"))], &[]);
        check(&draft, &[at(Some("2031-05-06"))], &["plan sac:20990001-T-469 (inferred)"]);
        let day = |text: &str| Some(text.parse().unwrap());
        check(&draft, &[Project { withdrawn: day("2031-05-05"), ..at(Some("2030-01-01")) }], &[]);
        check(&draft, &[Project { published: day("2031-01-05"), ..at(Some("2030-01-01")) }], &[]);
        check(&draft, &[at(None)], &["plan sac:20990001-T-469 (inferred)"]);
        check(&draft, &[Project { standing: Some(Standing::Cancelled), ..at(None) }], &[]);
        let second = plan("20990002-T-469", "网络安全技术 示例评估方法", Some("2030-01-01"));
        check(&draft, &[at(Some("2030-01-01")), second], &[]);
        check(&consultation("信息安全技术 要求", "2031-05-06"), &[plan("20990001-T-469", "要求", None)], &[]);
    }

    #[test]
    fn editions_parts_and_amendments_are_related_and_not_confused() {
        let all = [
            iso(1, "ISO/IEC 27035-1:2016"),
            iso(2, "ISO/IEC 27035-1:2023"),
            iso(3, "ISO/IEC DIS 27035-4"),
            iso(4, "ISO/IEC 27035-1:2023/DAM 1"),
            iso(5, "ISO/IEC 27001:2022"),
            Project::new(ProjectId::Gb("GB/T 27035.1-2030".into()), "GB/T 27035.1-2030"),
        ];
        check(&all[1], &all, &["amended-by iso:4", "edition iso:1", "part iso:3"]);
        check(&all[3], &all, &["amends iso:2"]);
        check(&all[4], &all, &[]);
        check(&all[2], &all, &["part iso:1", "part iso:2"]);
    }
}
