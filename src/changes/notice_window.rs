//! What a window is called where it opens, closes or is over: one phrase for each, in subjects, sentences, rows and calendars alike. ISO's own
//! words: an enquiry draft (DIS) and a final draft are balloted, a committee draft is commented on. Not when.

use super::closing::{Window, window_of};
use super::notice_facts::label_of;
use super::notice_words::pick;
use crate::standards::language::Language;
use crate::standards::project::Project;

/// What happens on the last day of a window.
pub fn what_closes(window: Window, language: Language) -> &'static str {
    let (english, chinese) = match window {
        Window::PublicComment => ("public comment closes", "征求意见截止"),
        Window::ProposalBallot => ("ballot on the proposal closes", "立项投票截止"),
        Window::WorkingDraft => ("comments on the working draft close", "工作草案意见截止"),
        Window::CommitteeDraft => ("consultation on the committee draft closes", "委员会草案征求意见截止"),
        Window::Enquiry => ("enquiry ballot closes", "征询意见草案投票截止"),
        Window::FinalBallot => ("final ballot closes", "最终草案投票截止"),
        Window::Review => ("systematic review closes", "系统复审投票截止"),
        Window::WithdrawalBallot => ("withdrawal ballot closes", "废止投票截止"),
        Window::EntryIntoForce => ("enters into force", "实施"),
    };
    pick(language, english, chinese)
}

/// What begins on the first day of a window, as the label of a row.
pub(super) fn opening_label(window: Window, language: Language) -> &'static str {
    match window {
        Window::PublicComment => pick(language, "Public comment opens", "征求意见开始"),
        window if is_ballot(window) => pick(language, "Ballot opens", "投票开始"),
        _ => pick(language, "Consultation opens", "征求意见开始"),
    }
}

/// The same as the label of a row: `Enquiry ballot closes`.
pub(super) fn closing_label(window: Window, language: Language) -> String {
    let words = what_closes(window, language);
    let (first, rest) = words.split_at(words.chars().next().map_or(0, char::len_utf8));
    format!("{}{rest}", first.to_uppercase())
}

/// The window that a project is in as its page shows it; what has none that is known is open to the public, where anything is.
pub(super) fn window_shown(project: &Project) -> Window {
    window_of(project, None)
        .map(|open| open.window)
        .filter(|window| *window != Window::EntryIntoForce)
        .unwrap_or(Window::PublicComment)
}

/// The name of a field in a sentence about a project: a closing day is that of its window.
pub(super) fn field_in_words(field: &str, project: &Project, language: Language) -> String {
    match field {
        "consultation.closes" => what_closes(window_shown(project), language).to_owned(),
        field => label_of(field, language).to_lowercase(),
    }
}

/// Whether a window is for votes.
fn is_ballot(window: Window) -> bool {
    match window {
        Window::PublicComment | Window::WorkingDraft | Window::CommitteeDraft | Window::EntryIntoForce => false,
        Window::ProposalBallot | Window::Enquiry | Window::FinalBallot | Window::Review | Window::WithdrawalBallot => {
            true
        }
    }
}

/// What is open: `open for comment`, `open for vote`.
pub(super) fn open_for(project: &Project, language: Language) -> &'static str {
    match window_shown(project) {
        window if is_ballot(window) => pick(language, "open for vote", "正在投票"),
        Window::CommitteeDraft => pick(language, "open for comment by national bodies", "正在征求国家成员体意见"),
        _ => pick(language, "open for comment", "公开征求意见"),
    }
}

/// What is over: `closed for comment`, `closed for vote`.
pub(super) fn closed_for(project: &Project, language: Language) -> &'static str {
    if is_ballot(window_shown(project)) {
        pick(language, "closed for vote", "投票已截止")
    } else {
        pick(language, "closed for comment", "征求意见已截止")
    }
}
