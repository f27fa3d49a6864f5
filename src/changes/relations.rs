//! Which projects belong together: a plan and its standard, a consultation and its plan, a document and its editions, parts and
//! amendments. By number wherever a number is printed; a consultation of TC 260 prints none, so its plan is found by title and dates,
//! and such a link is always marked as inferred. Not whether anything changed.

use jiff::civil::Date;

use super::difference::folded_title;
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

/// What every other project of `all` is to this one; the nearest relations first. `all` may hold one project several times, as its
/// sources show it.
pub fn related_to(this: &Project, all: &[Project]) -> Vec<Related> {
    let mut related: Vec<Related> = Vec::new();
    for other in all.iter().filter(|other| other.id != this.id) {
        let Some((relation, inferred)) = relation_of(this, other, all) else { continue };
        let found = Related { id: other.id.clone(), reference: other.reference.clone(), relation, inferred };
        match related.iter_mut().find(|known| known.id == other.id) {
            // What one source prints, another may leave to be inferred.
            Some(known) if known.inferred && !inferred => *known = found,
            Some(_) => {}
            None => related.push(found),
        }
    }
    related.sort_by(|one, other| (one.relation, &one.id).cmp(&(other.relation, &other.id)));
    related
}

/// What `other` is to `this`, and whether that is inferred.
fn relation_of(this: &Project, other: &Project, all: &[Project]) -> Option<(Relation, bool)> {
    if let Some(relation) = by_number(this, other).or_else(|| by_reference(this, other)) {
        return Some((relation, false));
    }
    match (&this.id, &other.id) {
        (ProjectId::Tc260(_), ProjectId::Sac(_)) => is_plan_of(other, this, all).then_some((Relation::Plan, true)),
        (ProjectId::Sac(_), ProjectId::Tc260(_)) => {
            is_plan_of(this, other, all).then_some((Relation::Consultation, true))
        }
        _ => None,
    }
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

fn by_reference(this: &Project, other: &Project) -> Option<Relation> {
    let (one, another) = (Reference::parse(&this.reference)?, Reference::parse(&other.reference)?);
    if one.is_plan() || another.is_plan() {
        return None;
    }
    if one.stem() == another.stem() {
        Some(Relation::Edition)
    } else if one.is_supplement_of(&another) {
        Some(Relation::Amends)
    } else if another.is_supplement_of(&one) {
        Some(Relation::AmendedBy)
    } else {
        one.is_sibling_of(&another).then_some(Relation::Part)
    }
}

/// Whether a consultation is on the draft of that plan: one title but for the prefix that changes with the committee's name, within the
/// plan's life, and no other plan that could be meant.
fn is_plan_of(plan: &Project, consultation: &Project, all: &[Project]) -> bool {
    let could_be = |plan: &Project| {
        matches!(plan.id, ProjectId::Sac(_)) && has_one_title(plan, consultation) && is_in_life_of(plan, consultation)
    };
    could_be(plan) && !all.iter().any(|other| other.id != plan.id && could_be(other))
}

/// Names of the field that TC 260 puts before titles; the committee was renamed in 2024, and drafts with it.
const PREFIXES: [&str; 3] = ["信息安全技术", "网络安全技术", "数据安全技术"];

/// Shorter titles say too little to go by.
const SHORTEST_TITLE: usize = 4;

fn has_one_title(one: &Project, other: &Project) -> bool {
    let core = |project: &Project| {
        let title = folded_title(project.titles.get(&Language::Chinese)?);
        let bare = PREFIXES.iter().find_map(|prefix| title.strip_prefix(prefix)).unwrap_or(&title).to_owned();
        (bare.chars().count() >= SHORTEST_TITLE).then_some(bare)
    };
    core(one).zip(core(other)).is_some_and(|(one, other)| one == other)
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
        let told: Vec<String> = related_to(this, all)
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
