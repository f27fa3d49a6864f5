//! One consultation under several ids: TC 260 publishes the same draft twice or three times, and gave every one a new id when it rebuilt
//! its site. And one notice under several addresses, for the same reasons, or because a page lost its links. Each id is held as a
//! project of its own; what one of them says that another said already is no news, at one source or at two.

use super::change::Change;
use super::comparison::Holdings;
use super::difference::says_the_same;
use crate::standards::project::{Project, ProjectId};

/// The changes without those that only repeat, under another id, what is held already or what a change before them says.
pub(super) fn without_repetitions(changes: Vec<Change>, held: &Holdings) -> Vec<Change> {
    let mut said: Vec<Change> = Vec::new();
    for change in changes {
        let is_twin = |other: &Project| says_as_much(other, &change.after);
        let is_repetition =
            held.values().any(|held| is_twin(&held.project)) || said.iter().any(|change| is_twin(&change.after));
        if !is_repetition {
            said.push(change);
        }
    }
    said
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
    let days = || [published, closes].into_iter().filter_map(|(other, this)| other.zip(this));
    other.stage_code() == this.stage_code()
        && days().next().is_some()
        && days().all(|(other, this)| other == this)
        && says_the_same("title.zh", &other.reference, &this.reference)
        && this.titles.iter().all(|(language, title)| {
            other.titles.get(language).is_none_or(|other| says_the_same("title.zh", other, title))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standards::language::Language;

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
