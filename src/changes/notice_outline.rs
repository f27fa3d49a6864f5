//! How a notice of several changes is laid out: what belongs to one standard stands together, what wants something of its reader comes
//! first, and what is too much to be told in full is named. Not the words.

use super::change::RecordedChange;
use super::notice::{Notice, name_of};
use super::notice_action::{Action, action};
use super::notice_words::{capped, pick, title_of};
use crate::standards::language::Language;
use crate::standards::project::ProjectId;

/// How many changes are told in full; a message of megabytes is refused by mail servers, and read by nobody.
const TOLD_IN_FULL: usize = 30;
/// Up to how many standards each is told with everything that belongs into a file.
const WITH_FILE: usize = 3;
/// … and up to how many where there is no page of ours that has it: mail programs cut long messages.
const WITH_FILE_ANYWAY: usize = 10;
/// How many of the others are named.
const NAMED: usize = 500;
/// Longest title of a group in characters.
const LONGEST_TITLE: usize = 160;

/// The changes of one standard.
#[derive(Debug, Clone)]
pub struct Group<'a> {
    /// What happened, oldest first; the last one says where the standard is now.
    pub changes: Vec<&'a RecordedChange>,
    /// What can be done about the newest of them.
    pub action: Action,
    ids: Vec<&'a ProjectId>,
}

/// A whole notice.
#[derive(Debug, Clone)]
pub struct Outline<'a> {
    /// What is told in full, most pressing first.
    pub groups: Vec<Group<'a>>,
    /// What is only named.
    pub named: Vec<&'a RecordedChange>,
    /// How many are only counted.
    pub n_counted: usize,
}

impl<'a> Group<'a> {
    /// The change that says where the standard is now.
    pub fn newest(&self) -> &'a RecordedChange {
        self.changes[self.changes.len() - 1]
    }

    /// What the standard is called: `ISO/IEC 27071`.
    pub fn name(&self) -> String {
        name_of(&self.newest().change.after)
    }

    /// Its title, where that says more than its name.
    pub fn title(&self, language: Language) -> Option<String> {
        let title = title_of(&self.newest().change.after, language)?;
        (title != self.name()).then(|| capped(&title, LONGEST_TITLE))
    }
}

impl Outline<'_> {
    /// Whether there is so much that a table of contents stands above it.
    pub fn is_long(&self) -> bool {
        self.groups.len() > 1 || !self.named.is_empty()
    }

    /// Whether what is only for the file is left to the page with the evidence: a long notice is read for its news.
    pub fn leaves_the_file(&self, notice: &Notice) -> bool {
        let n_groups = self.groups.len();
        n_groups > WITH_FILE && notice.frame.public_url.is_some() || n_groups > WITH_FILE_ANYWAY
    }
}

/// Lays a notice out.
pub fn outline(notice: &Notice) -> Outline<'_> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for recorded in &notice.changes {
        let id = &recorded.change.after.id;
        let kin = recorded.related.iter().filter(|other| other.relation.is_one_work() && !other.inferred);
        let ids: Vec<&ProjectId> = std::iter::once(id).chain(kin.map(|other| &other.id)).collect();
        match groups.iter_mut().find(|group| ids.iter().any(|id| group.ids.contains(id))) {
            Some(group) => {
                group.changes.push(recorded);
                group.ids.extend(ids);
            }
            None => groups.push(Group { changes: vec![recorded], action: action(recorded, &notice.frame), ids }),
        }
    }
    for group in &mut groups {
        group.changes.sort_by_key(|recorded| recorded.seen_at);
        group.action = action(group.newest(), &notice.frame);
    }
    groups.sort_by_key(|group| group.action.urgency());
    shortened(groups)
}

fn shortened(mut groups: Vec<Group<'_>>) -> Outline<'_> {
    let mut left = TOLD_IN_FULL;
    let mut rest = Vec::new();
    groups.retain_mut(|group| {
        // Of one standard with very many changes the newest are told.
        let told = group.changes.split_off(group.changes.len() - group.changes.len().min(left));
        left -= told.len();
        rest.append(&mut group.changes);
        group.changes = told;
        !group.changes.is_empty()
    });
    let n_counted = rest.len().saturating_sub(NAMED);
    rest.truncate(NAMED);
    Outline { groups, named: rest, n_counted }
}

/// What stands above everything where there are several changes: how many, of how many standards, how many of those want something.
pub fn summary(notice: &Notice, outline: &Outline<'_>, language: Language) -> String {
    let n_changes = notice.changes.len();
    let n_asked = outline.groups.iter().filter(|group| group.action.is_asked()).count();
    // Standards that are only named are not told apart.
    let n_standards = outline.groups.len();
    let of = match (outline.named.is_empty(), language) {
        (false, _) => String::new(),
        (true, Language::Chinese) => format!("，涉及 {n_standards} 项标准"),
        (true, _) if n_standards == 1 => " to one standard".to_owned(),
        (true, _) => format!(" to {n_standards} standards"),
    };
    match (language, n_asked) {
        (Language::Chinese, 0) => format!("{n_changes} 项变动{of}，均无需办理。"),
        (Language::Chinese, _) => format!("{n_changes} 项变动{of}，其中 {n_asked} 项标准需办理。"),
        (_, 0) => format!("{n_changes} changes{of}; none of them needs action."),
        (_, 1) => format!("{n_changes} changes{of}; one of them needs action."),
        (_, _) => format!("{n_changes} changes{of}; {n_asked} of them need action."),
    }
}

/// What stands above the headlines of the changes that are not told in full.
pub fn heading_of_others(n_others: usize, language: Language) -> String {
    match language {
        Language::Chinese => format!("另有 {n_others} 项变动（详见 `stagewatch changes`）："),
        Language::English | Language::French | Language::Russian => {
            format!("And {n_others} more (whole in `stagewatch changes`):")
        }
    }
}

/// ` · 3 changes`, where there is more than one.
pub fn count_in_words(group: &Group<'_>, language: Language) -> String {
    match group.changes.len() {
        0 | 1 => String::new(),
        n_changes => format!(" · {n_changes}{}", pick(language, " changes", " 项变动")),
    }
}
