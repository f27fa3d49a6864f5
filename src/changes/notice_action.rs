//! What can be done about a change now, by whom, and until when: what tells an alert that wants something of its reader from one that only
//! tells. For subjects, cards, headers and filters alike. Not the window itself, which the rules of the bodies set.

use jiff::civil::Date;

use super::change::{Kind, RecordedChange};
use super::closing::{Basis, Closing, Open, Window, window_at, window_on};
use super::corroboration::KnownStage;
use super::deed::{Actor, Deed};
use super::notice::{Notice, Occasion};
use super::notice_frame::Frame;
use super::notice_words::{day_in_words, pick};
use crate::standards::deliverable::Deliverable;
use crate::standards::language::Language;
use crate::standards::project::{Project, ProjectId};
use crate::standards::reference::Reference;
use crate::standards::stage::StageCode;

/// What can be done about a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// What.
    pub deed: Deed,
    /// Until when, where that is known; the day belongs to it.
    pub until: Option<Closing>,
    window: Option<Window>,
    kind: Kind,
    project: Given,
}

/// What the words depend on beside the window.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Given {
    is_international: bool,
    is_mandatory: bool,
    is_cancelled: bool,
    next: Option<(StageCode, Window)>,
}

/// What can be done about a change at the moment of the frame.
pub fn action(recorded: &RecordedChange, frame: &Frame) -> Action {
    let kind = recorded.change.kind;
    let open = frame.window(recorded).filter(|_| kind != Kind::NoLongerListed);
    let is_over = open.is_some_and(|open| open.is_over(frame.today(recorded))) || kind == Kind::ConsultationClosed;
    action_in(&recorded.change.after, open, is_over, kind)
}

/// What can be done about a project on a day, whatever brought it where it stands.
pub fn action_on(project: &Project, trail: &[KnownStage], today: Date) -> Action {
    let open = window_on(project, trail);
    action_in(project, open, open.is_some_and(|open| open.is_over(today)), Kind::StageMoved)
}

fn action_in(project: &Project, open: Option<Open>, is_over: bool, kind: Kind) -> Action {
    let deed = match open {
        Some(open) if !is_over => deed_in(open.window),
        Some(_) | None => without_window(kind),
    };
    let until = open.and_then(|open: Open| open.closes);
    Action { deed, until, window: open.map(|open| open.window), kind, project: given(project) }
}

/// The most pressing action of a notice: what wants an answer before what does not, the earlier day first. A sample wants nothing.
pub fn most_pressing(notice: &Notice) -> Option<Action> {
    let happened = if notice.occasion == Occasion::Sample { [].as_slice() } else { &notice.changes };
    happened.iter().map(|recorded| action(recorded, &notice.frame)).min_by_key(Action::urgency)
}

fn given(project: &Project) -> Given {
    let code = project.stage_code();
    let mandatory = Deliverable::MandatoryNationalStandard;
    let is_mandatory = project.deliverable == Some(mandatory)
        || Reference::parse(&project.reference)
            .is_some_and(|reference| reference.is_gb() && reference.deliverable() == mandatory);
    let is_international = matches!(project.id, ProjectId::Iso(_));
    let is_cancelled = code.is_some_and(StageCode::is_cancelled);
    Given { is_international, is_mandatory, is_cancelled, next: code.and_then(next_window) }
}

/// The next window on the ordinary way, where there is one before publication.
fn next_window(code: StageCode) -> Option<(StageCode, Window)> {
    let mut at = code;
    for _ in 0..12 {
        at = at.next().into_iter().next()?;
        if at.is_published() {
            return None;
        }
        // Experts of the working group alone comment on a working draft: for everybody else that is no chance.
        if let Some(window) = window_at(at).filter(|window| *window != Window::WorkingDraft) {
            return Some((at, window));
        }
    }
    None
}

fn deed_in(window: Window) -> Deed {
    match window {
        Window::PublicComment | Window::CommitteeDraft => Deed::Comment,
        // The experts of the working group know of it, and nobody else is asked.
        Window::WorkingDraft => Deed::Nothing,
        Window::ProposalBallot | Window::Enquiry | Window::FinalBallot | Window::Review | Window::WithdrawalBallot => {
            Deed::Vote
        }
        Window::EntryIntoForce => Deed::Prepare,
    }
}

fn without_window(kind: Kind) -> Deed {
    match kind {
        Kind::Published | Kind::InForce | Kind::Withdrawn | Kind::TextChanged | Kind::Announced => Deed::Read,
        Kind::Appeared
        | Kind::StageMoved
        | Kind::EnteringIntoForce
        | Kind::Retitled
        | Kind::Reassigned
        | Kind::Redated
        | Kind::ConsultationOpened
        | Kind::ConsultationClosing
        | Kind::ConsultationClosed
        | Kind::NoLongerListed
        | Kind::ListedAgain => Deed::Nothing,
    }
}

impl Action {
    /// Whether something is wanted of the reader.
    pub fn is_asked(&self) -> bool {
        matches!(self.deed, Deed::Comment | Deed::Vote | Deed::Prepare)
    }

    /// Whether the day is not printed by the body but reckoned by its rules.
    pub fn is_expected(&self) -> bool {
        self.until.is_some_and(|closing| closing.basis != Basis::Printed)
    }

    /// Who can do it; nobody where nothing is asked.
    pub fn actor(&self) -> Option<Actor> {
        match self.window.filter(|_| self.is_asked())? {
            Window::PublicComment | Window::EntryIntoForce => Some(Actor::Anybody),
            Window::WorkingDraft => None,
            Window::ProposalBallot
            | Window::CommitteeDraft
            | Window::Enquiry
            | Window::FinalBallot
            | Window::Review
            | Window::WithdrawalBallot => Some(Actor::NationalBodies),
        }
    }

    /// For a header, a filter, a field: `comment; until=2023-10-15`, `vote; until=2023-08-03; expected`, `none`.
    pub fn field(&self) -> String {
        if let Some(closing) = self.until.filter(|_| self.is_asked()) {
            let expected = if self.is_expected() { "; expected" } else { "" };
            return format!("{}; until={}{expected}", self.deed.as_str(), closing.day);
        }
        self.deed.as_str().to_owned()
    }

    /// What orders actions: what is asked for first, then the earlier day.
    pub fn urgency(&self) -> (bool, Date, Deed) {
        let day = self.until.filter(|_| self.is_asked()).map_or(Date::MAX, |closing| closing.day);
        (!self.is_asked(), day, self.deed)
    }

    /// A label of a few words: `To do: comment until 15 October 2023`, `No action needed`.
    pub fn label(&self, language: Language) -> String {
        let day = self.until.map(|closing| day_in_words(closing.day, language));
        let expected = if self.is_expected() { pick(language, " (expected)", "（预计）") } else { "" };
        match (self.deed, day, language) {
            (Deed::Comment, Some(day), Language::Chinese) => format!("需办：{day}前（含）提出意见{expected}"),
            (Deed::Vote, Some(day), Language::Chinese) => format!("需办：{day}前（含）投票{expected}"),
            (Deed::Prepare, Some(day), Language::Chinese) => format!("需办：为{day}起实施做好准备"),
            (Deed::Comment, Some(day), _) => format!("To do: comment until {day}{expected}"),
            (Deed::Vote, Some(day), _) => format!("To do: vote until {day}{expected}"),
            (Deed::Prepare, Some(day), _) => format!("To do: be ready by {day}"),
            (Deed::Comment, None, _) => pick(language, "To do: comment", "需办：提出意见").to_owned(),
            (Deed::Vote, None, _) => pick(language, "To do: vote", "需办：投票").to_owned(),
            (Deed::Prepare, None, _) => pick(language, "To do: get ready", "需办：做好准备").to_owned(),
            (Deed::Read, _, _) => pick(language, "To read; no answer needed", "供阅，无需答复").to_owned(),
            (Deed::Nothing, _, _) => pick(language, "No action needed", "无需办理").to_owned(),
        }
    }

    /// Who can do it, how, and what if the day is past: one to three sentences.
    pub fn in_words(&self, language: Language) -> String {
        match (self.is_asked(), self.window) {
            (true, Some(window)) => self.asked(window, language),
            (true, None) | (false, _) => self.not_asked(language),
        }
    }

    fn asked(&self, window: Window, language: Language) -> String {
        let through = pick(
            language,
            "This goes through your national body, which sets an earlier day of its own.",
            "须通过所在国的国家成员体进行，其内部截止日期更早。",
        );
        let until = self.until_in_words(language);
        let who = match window {
            Window::PublicComment => {
                let who = pick(language, "anybody may comment on the draft", "任何人均可对征求意见稿提出意见");
                return sentence(who, &until, language);
            }
            Window::EntryIntoForce | Window::WorkingDraft => return self.to_prepare(language),
            Window::ProposalBallot => {
                pick(language, "national bodies vote on whether to take up the project", "国家成员体就是否立项投票")
            }
            Window::CommitteeDraft => {
                pick(language, "national bodies comment on the committee draft", "国家成员体对委员会草案（CD）提出意见")
            }
            Window::Enquiry => pick(
                language,
                "national bodies vote and comment on the enquiry draft",
                "国家成员体对征询意见草案投票并提出意见",
            ),
            Window::FinalBallot => pick(
                language,
                "national bodies vote yes or no on the final draft; only editorial comments are still taken up",
                "国家成员体对最终草案投赞成票或反对票，仅接受编辑性意见",
            ),
            Window::Review => pick(
                language,
                "national bodies vote on whether the standard is confirmed, revised or withdrawn",
                "国家成员体就标准的确认、修订或废止投票",
            ),
            Window::WithdrawalBallot => pick(
                language,
                "national bodies vote on whether the standard is withdrawn",
                "国家成员体就是否废止该标准投票",
            ),
        };
        let space = pick(language, " ", "");
        format!("{}{space}{through}", sentence(who, &until, language))
    }

    fn to_prepare(&self, language: Language) -> String {
        let day = self.until.map(|closing| day_in_words(closing.day, language)).unwrap_or_default();
        match (self.project.is_mandatory, language) {
            (true, Language::Chinese) => format!("强制性国家标准，自{day}起必须执行。"),
            (false, Language::Chinese) => {
                format!("自{day}起实施。推荐性标准，被法律法规、合同或其他标准引用时具有约束力。")
            }
            (true, _) => format!("It is a mandatory national standard: it must be met from {day} on."),
            (false, _) => format!(
                "It applies from {day} on. It is not mandatory by itself, but binds where a law, a contract or another standard refers to it."
            ),
        }
    }

    /// `Until 15 October 2023`, with what the day is reckoned from where the body prints none.
    fn until_in_words(&self, language: Language) -> String {
        let Some(closing) = self.until else { return String::new() };
        let day = day_in_words(closing.day, language);
        let why = self.window.map(|window| basis_in_words(window, closing, language)).unwrap_or_default();
        match (language, why.is_empty()) {
            (Language::Chinese, true) => format!("，截止日期：{day}"),
            (Language::Chinese, false) => format!("，预计截止日期：{day}（{why}）"),
            (_, true) => format!("Until {day}"),
            (_, false) => format!("Until {day} (expected: {why})"),
        }
    }

    fn not_asked(&self, language: Language) -> String {
        let told = match (self.deed, self.kind) {
            (Deed::Read, Kind::Published | Kind::InForce) if self.project.is_international => pick(
                language,
                "The published text is available from ISO and from national bodies.",
                "可向ISO或各国国家成员体获取正式文本。",
            ),
            (Deed::Read, Kind::Published | Kind::InForce) => pick(
                language,
                "The published text can be looked up at the body's own page.",
                "可在官方页面查阅正式文本。",
            ),
            (Deed::Read, Kind::Withdrawn) => pick(
                language,
                "Documents of yours that refer to it may have to be brought up to date.",
                "引用该标准的文件可能需要更新。",
            ),
            (Deed::Read, _) => pick(language, "What is new stands on the page itself.", "新内容见页面原文。"),
            (_, _) if self.window == Some(Window::WorkingDraft) => pick(
                language,
                "Only the experts of the working group comment on a working draft.",
                "工作草案（WD）仅由工作组专家提出意见。",
            ),
            (_, Kind::ConsultationClosed) => pick(language, "The time for comments is over.", "征求意见期已结束。"),
            (_, _) if self.project.is_cancelled => pick(
                language,
                "The project was given up; there is nothing to be heard on any more.",
                "项目已终止，不再征求意见或投票。",
            ),
            (_, Kind::NoLongerListed) => pick(
                language,
                "Nothing is asked of you. Look at the body's own page before you conclude anything from this.",
                "无需办理。下结论前请先查看官方页面。",
            ),
            _ => pick(
                language,
                "Nothing is asked of anybody outside the committee at this moment.",
                "目前无需委员会以外的人员采取行动。",
            ),
        };
        match (&self.project.next, self.deed) {
            (Some((code, window)), Deed::Nothing) if self.kind != Kind::NoLongerListed => {
                format!("{told}{}", next_chance(*code, *window, language))
            }
            _ => told.to_owned(),
        }
    }
}

fn sentence(who: &str, until: &str, language: Language) -> String {
    match (language, until.is_empty()) {
        (Language::Chinese, _) => format!("{who}{until}。"),
        (_, false) => format!("{until}, {who}."),
        (_, true) => {
            let (first, rest) = who.split_at(who.chars().next().map_or(0, char::len_utf8));
            format!("{}{rest}.", first.to_uppercase())
        }
    }
}

/// What the expected day was reckoned from; nothing where the body prints it.
pub fn basis_in_words(window: Window, closing: Closing, language: Language) -> String {
    let Some(length) = window.days().map(|days| length_in_words(days, language)) else { return String::new() };
    match (closing.basis, language) {
        (Basis::Printed, _) => String::new(),
        (Basis::FromOpening(day), Language::Chinese) => format!("自{}起{length}", day_in_words(day, language)),
        (Basis::FromSight(day), Language::Chinese) => {
            format!("自{}首次发现起{length}，实际可能更早", day_in_words(day, language))
        }
        (Basis::FromOpening(day), _) => format!("{length} from {}", day_in_words(day, language)),
        (Basis::FromSight(day), _) => {
            format!("{length} from {}, when it was first seen, or earlier", day_in_words(day, language))
        }
    }
}

/// `12 weeks`, `60 days`.
pub(super) fn length_in_words(days: u32, language: Language) -> String {
    match (days.is_multiple_of(7), language) {
        (true, Language::Chinese) => format!("{}周", days / 7),
        (false, Language::Chinese) => format!("{days}天"),
        (true, _) => format!("{} weeks", days / 7),
        (false, _) => format!("{days} days"),
    }
}

fn next_chance(code: StageCode, window: Window, language: Language) -> String {
    let what = match window {
        Window::ProposalBallot => pick(language, "the ballot on the proposal", "立项投票"),
        Window::CommitteeDraft => pick(language, "the consultation on the committee draft", "委员会草案征求意见"),
        Window::Enquiry => pick(language, "the enquiry ballot", "征询意见草案投票"),
        Window::FinalBallot => pick(language, "the final ballot", "最终草案投票"),
        Window::PublicComment => pick(language, "the public comment", "公开征求意见"),
        Window::WorkingDraft | Window::Review | Window::WithdrawalBallot | Window::EntryIntoForce => {
            return String::new();
        }
    };
    let length = window.days().map(|days| length_in_words(days, language)).unwrap_or_default();
    match language {
        Language::Chinese => format!("下一次可参与的环节：{what}（{code}，通常{length}）。"),
        Language::English | Language::French | Language::Russian => {
            format!(" The next chance to be heard is {what} ({code}, ordinarily {length}).")
        }
    }
}
