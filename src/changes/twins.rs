//! One consultation under several ids: TC 260 publishes the same draft twice or three times, and gave every one a new id when it rebuilt
//! its site. And one notice under several addresses, for the same reasons, or because a page lost its links. Each id is held as a
//! project of its own; what one of them says that another said already is no news, at one source or at two. And one row of a table that is
//! known by its link, or by what it is called, when the links change, or a cell slips: it is not gone, and it is not new.

use std::collections::BTreeMap;

use super::change::Change;
use super::comparison::Holdings;
use super::difference::{folded_title, says_the_same};
use crate::standards::project::{Project, ProjectId};

/// What a source shows now.
type Shown = BTreeMap<ProjectId, Project>;

/// The changes without those that only repeat, under another id, what is held already or what a change before them says.
pub(super) fn without_repetitions(changes: Vec<Change>, held: &Holdings, shown: &Shown) -> Vec<Change> {
    let mut said: Vec<Change> = Vec::new();
    for change in changes {
        let is_twin = |other: &Project| says_as_much(other, &change.after);
        let is_repetition =
            held.values().any(|held| is_twin(&held.project)) || said.iter().any(|change| is_twin(&change.after));
        if !is_repetition && !is_at_another_address(&change, held, shown) {
            said.push(change);
        }
    }
    said
}

/// Whether what is new is a row that was held under another address, and is not there any more.
fn is_at_another_address(change: &Change, held: &Holdings, shown: &Shown) -> bool {
    let is_row = |project: &Project| matches!(project.id, ProjectId::Page(_)) && !project.is_notice();
    let left = held.values().map(|held| &held.project).filter(|project| !shown.contains_key(&project.id));
    change.before.is_none()
        && is_row(&change.after)
        && left.into_iter().any(|before| is_row(before) && prints_the_same(before, &change.after))
}

/// Whether a project that is missing stands there under another id: as a row without number that is called so, in whatever cell.
pub(super) fn stands_under_another_id(missing: &Project, shown: &Shown) -> bool {
    let name = folded_title(&missing.reference);
    let is_unnumbered = |project: &Project| matches!(project.id, ProjectId::Page(_));
    let is_called_so = |other: &Project| {
        let printed = other.stage.as_ref().map(|stage| &stage.printed);
        let mut texts = other.titles.values().chain([&other.reference]).chain(printed);
        texts.any(|text| folded_title(&without_tags(text)) == name)
    };
    let mut others = shown.values().filter(|other| is_unnumbered(other) || is_unnumbered(missing));
    !name.is_empty() && others.any(is_called_so)
}

/// A text without tags that show as text, because their signs were escaped.
fn without_tags(text: &str) -> String {
    let mut bare = String::new();
    let mut is_inside = false;
    for letter in text.chars() {
        match letter {
            '<' => is_inside = true,
            '>' if is_inside => is_inside = false,
            _ if !is_inside => bare.push(letter),
            _ => {}
        }
    }
    bare
}

/// Whether two sources show one consultation, each under an id of its own. A notice without a window is not asked: its title may be that of
/// any other of the day.
pub fn is_same_consultation(one: &Project, other: &Project) -> bool {
    let is_consultation = |project: &Project| match project.id {
        ProjectId::Tc260(_) => true,
        ProjectId::Page(_) => project.consultation.closes.is_some(),
        ProjectId::Iso(_) | ProjectId::Sac(_) | ProjectId::Gb(_) => false,
    };
    is_consultation(one) && is_consultation(other) && one.id != other.id && agree(one, other)
}

/// Whether another id of the same consultation, or another address of the same notice, says all that this one says. Two are the same if
/// title and days are; the lists of some generations of the site print one day of the window only.
fn says_as_much(other: &Project, this: &Project) -> bool {
    let ((ProjectId::Tc260(other_id), ProjectId::Tc260(id)) | (ProjectId::Page(other_id), ProjectId::Page(id))) =
        (&other.id, &this.id)
    else {
        return false;
    };
    other_id != id && agree(other, this)
}

/// Whether what both print is the same: the stage, the titles, and the days, of which there must be one in common.
fn agree(other: &Project, this: &Project) -> bool {
    let published = (other.published, this.published);
    let closes = (other.consultation.closes, this.consultation.closes);
    [published, closes].into_iter().any(|(other, this)| other.is_some() && this.is_some())
        && prints_the_same(other, this)
}

/// Whether what both print is the same, as far as both print it.
fn prints_the_same(other: &Project, this: &Project) -> bool {
    let published = (other.published, this.published);
    let closes = (other.consultation.closes, this.consultation.closes);
    let mut days = [published, closes].into_iter().filter_map(|(other, this)| other.zip(this));
    other.stage_code() == this.stage_code()
        && days.all(|(other, this)| other == this)
        && says_the_same("title.zh", &other.reference, &this.reference)
        && this.titles.iter().all(|(language, title)| {
            other.titles.get(language).is_none_or(|other| says_the_same("title.zh", other, title))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::changes::change::Kind;
    use crate::changes::comparison::Held;
    use crate::standards::language::Language;
    use crate::standards::project::PrintedStage;
    use crate::standards::stage::{Scheme, StageCode};

    fn check(one: (&str, Option<&str>, Option<&str>), other: (&str, Option<&str>, Option<&str>), expected: bool) {
        let project = |id: &str, (title, published, closes): (&str, Option<&str>, Option<&str>)| {
            let mut project = Project::new(ProjectId::Tc260(id.into()), title);
            project.published = published.map(|day| day.parse().unwrap());
            project.consultation.closes = closes.map(|day| day.parse().unwrap());
            project
        };
        assert_eq!(says_as_much(&project("1", one), &project("2", other)), expected, "{one:?} / {other:?}");
        assert!(!says_as_much(&project("1", one), &project("1", one)), "an id is no twin of its own");
    }

    #[test]
    fn a_notice_at_another_address_is_the_same_notice_if_it_is_of_the_same_day() {
        let notice = |address: &str, title: &str, day: Option<&str>| {
            let mut notice = Project::new(ProjectId::of_page(address), title);
            notice.titles.insert(Language::Chinese, title.to_owned());
            notice.published = day.map(|day| day.parse().unwrap());
            notice
        };
        let old = notice("https://body.example/portal/1", "关于示例的通知", Some("2031-05-06"));
        let check = |title, day| says_as_much(&old, &notice("https://body.example/tzgg/1", title, day));
        assert!(check("关于示例的通知", Some("2031-05-06")));
        assert!(!check("关于示例的通知", Some("2031-06-06")));
        assert!(!check("关于示例的公告", Some("2031-05-06")));
        assert!(!check("关于示例的通知", None));
    }

    #[test]
    fn a_row_that_is_known_by_its_link_is_the_same_row_under_another_link() {
        let row = |address: &str, name: &str, stage: &str| {
            let mut row = Project::new(ProjectId::of_page(address), name);
            row.titles.insert(Language::English, format!("Title of {name}"));
            row.stage = Some(PrintedStage { printed: stage.into(), code: StageCode::parse(Scheme::Iso, stage) });
            row
        };
        let held = |rows: &[Project]| -> Holdings {
            rows.iter().map(|row| (row.id.clone(), Held { project: row.clone(), missed: 0 })).collect()
        };
        let shown = |rows: &[Project]| -> Shown { rows.iter().map(|row| (row.id.clone(), row.clone())).collect() };
        let appeared = |row: &Project| Change {
            kind: Kind::Appeared,
            movement: None,
            before: None,
            after: row.clone(),
            differences: Vec::new(),
        };
        let (old, new, moved) = (row("/1", "EX 1", "40.20"), row("/a", "EX 1", "40.20"), row("/a", "EX 1", "40.60"));
        let told = |now: &Project, left: &[Project]| {
            without_repetitions(vec![appeared(now)], &held(std::slice::from_ref(&old)), &shown(left)).len()
        };
        assert_eq!(told(&new, std::slice::from_ref(&new)), 0);
        assert_eq!(told(&new, &[new.clone(), old.clone()]), 1, "both are there");
        assert_eq!(told(&moved, std::slice::from_ref(&moved)), 1);
        assert!(stands_under_another_id(&old, &shown(&[moved])));
        assert!(stands_under_another_id(&old, &shown(&[row("/b", "<a href='/1'>EX 1</a>", "40.20")])));
        assert!(!stands_under_another_id(&old, &shown(&[row("/c", "EX 11", "40.20")])));
        let iso = |number: u64| Project::new(ProjectId::Iso(number), "ISO/CD 1");
        assert!(!stands_under_another_id(&iso(1), &shown(&[iso(2)])), "two projects may bear one reference");
    }

    #[test]
    fn title_and_window_make_one_consultation_of_two_ids() {
        let (opened, closes) = (Some("2025-04-25"), Some("2025-06-24"));
        check(("示例 要求", opened, closes), ("示例  要求", opened, closes), true);
        check(("示例 要求", opened, closes), ("示例 要求", opened, None), true);
        check(("示例 要求", None, closes), ("示例 要求", opened, closes), true);
        check(("示例 要求", opened, closes), ("示例 要求", opened, Some("2025-07-24")), false);
        check(("示例 要求", opened, None), ("示例 要求", None, closes), false);
        check(("示例 要求", None, None), ("示例 要求", None, None), false);
        check(("示例 要求", opened, closes), ("示例 规范", opened, closes), false);
    }
}
