//! One consultation of TC 260 as a project: what it is called, and what stage its words stand for. Not where the words stood on the
//! page: that is for the lists and the notices.

use super::cn_states::put_state;
use super::reading::{defect, is_cut_short};
use super::tc260_list::Entry;
use crate::standards::language::Language;
use crate::standards::programme::Defect;
use crate::standards::project::{Project, ProjectId};

const COMMITTEE: &str = "SAC/TC 260";

/// The words that make a notice a consultation, the more telling one first; each is a stage text of its own.
const CONSULTATION_WORDS: [&str; 2] = ["征求意见稿", "征求意见"];

/// The project of one entry of a list, or of one notice.
pub(super) fn project_of(entry: Entry, defects: &mut Vec<Defect>) -> Project {
    let is_short = is_cut_short(&entry.notice);
    if is_short {
        defects.push(defect("the title is cut short", &entry.notice));
    }
    let word = CONSULTATION_WORDS.into_iter().find(|word| entry.notice.contains(word));
    let title = match word {
        Some(_) => document_title(&entry.notice),
        None => entry.notice,
    };
    let mut project = Project::new(ProjectId::Tc260(entry.id), title.clone());
    // A beginning is no title: the whole one would be another.
    if !is_short {
        project.titles.insert(Language::Chinese, title);
    }
    project.committee = Some(COMMITTEE.to_owned());
    project.published = entry.published;
    project.url = entry.url;
    project.consultation.closes = entry.deadline;
    if let Some(word) = word {
        put_state(&mut project, word, defects);
        project.consultation.opens = entry.published;
    }
    project
}

/// The text between the outer 《》; a notice of several documents, or of none, keeps its own title.
fn document_title(notice: &str) -> String {
    let mut depth = 0_usize;
    let mut start = 0;
    let mut quoted = Vec::new();
    for (at, character) in notice.char_indices() {
        match character {
            '《' => {
                if depth == 0 {
                    start = at + character.len_utf8();
                }
                depth += 1;
            }
            '》' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    quoted.push(notice[start..at].trim());
                }
            }
            _ => {}
        }
    }
    match quoted.as_slice() {
        [title] if !title.is_empty() => (*title).to_owned(),
        _ => notice.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_of_the_document_is_between_the_outer_quotes() {
        for (notice, title) in [
            ("关于《甲 乙》征求意见稿的通知", "甲 乙"),
            ("关于《甲《乙》丙》征求意见稿的通知", "甲《乙》丙"),
            ("关于《甲》《乙》两项标准征求意见的通知", "关于《甲》《乙》两项标准征求意见的通知"),
            ("公开征求意见的通知", "公开征求意见的通知"),
            ("关于《甲征求意见的通知", "关于《甲征求意见的通知"),
            ("》甲《》", "》甲《》"),
        ] {
            assert_eq!(document_title(notice), title);
        }
    }
}
