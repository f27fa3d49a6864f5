//! Small things in words: moments, spans, outcomes. In the two languages of pages.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::changes::change::Kind;
use crate::standards::language::Language;
use crate::store::deliveries::AttemptOutcome;
use crate::store::{DeliveryState, PollOutcome};

/// A moment, for people and for programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Moment {
    /// `2023-05-12T04:15:09Z`.
    pub(super) iso: String,
    /// `2023-05-12 04:15`.
    pub(super) shown: String,
    /// `3 hours ago`.
    pub(super) ago: String,
}

/// One of two wordings.
pub(super) fn pick(language: Language, english: &'static str, chinese: &'static str) -> &'static str {
    if language == Language::Chinese { chinese } else { english }
}

/// A moment as seen from now.
pub(super) fn moment(at: Timestamp, now: Timestamp, language: Language) -> Moment {
    Moment {
        iso: at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        shown: at.strftime("%Y-%m-%d %H:%M").to_string(),
        ago: ago(now.duration_since(at), language),
    }
}

/// `3 hours ago`, `in 2 days`; a moment that is nearly now is `just now`.
fn ago(past: SignedDuration, language: Language) -> String {
    let seconds = past.as_secs();
    let Some(span) = span(seconds.unsigned_abs(), language) else {
        return pick(language, "just now", "刚刚").to_owned();
    };
    match (language, seconds > 0) {
        (Language::Chinese, true) => format!("{span}前"),
        (Language::Chinese, false) => format!("{span}后"),
        (Language::English | Language::French | Language::Russian, true) => format!("{span} ago"),
        (Language::English | Language::French | Language::Russian, false) => format!("in {span}"),
    }
}

/// `3 hours`, in the largest unit of which there is a whole one; `None` below a minute.
fn span(seconds: u64, language: Language) -> Option<String> {
    const UNITS: [(u64, &str, &str); 5] = [
        (365 * 86_400, "year", "年"),
        (30 * 86_400, "month", "个月"),
        (86_400, "day", "天"),
        (3_600, "hour", "小时"),
        (60, "minute", "分钟"),
    ];
    let (unit, english, chinese) = UNITS.into_iter().find(|(unit, _, _)| seconds >= *unit)?;
    let n_units = seconds / unit;
    Some(match language {
        Language::Chinese => format!("{n_units} {chinese}"),
        Language::English | Language::French | Language::Russian => {
            format!("{n_units} {english}{}", if n_units == 1 { "" } else { "s" })
        }
    })
}

/// `in 12 days`, `today`, `4 days ago`: how far a day of the calendar is.
pub(super) fn days_until(day: Date, today: Date, language: Language) -> String {
    let n_days = day.duration_since(today).as_hours() / 24;
    // Far away, days say nothing.
    if n_days.abs() > 90 {
        return ago(SignedDuration::from_hours(-24 * n_days), language);
    }
    match (n_days, language) {
        (0, _) => pick(language, "today", "今天").to_owned(),
        (1, _) => pick(language, "tomorrow", "明天").to_owned(),
        (2.., Language::Chinese) => format!("{n_days} 天后"),
        (2.., _) => format!("in {n_days} days"),
        (_, Language::Chinese) => format!("{} 天前", -n_days),
        (-1, _) => "yesterday".to_owned(),
        (_, _) => format!("{} days ago", -n_days),
    }
}

/// How a poll ended.
pub(super) fn outcome(outcome: PollOutcome, language: Language) -> &'static str {
    match outcome {
        PollOutcome::Baseline => pick(language, "first contact", "首次接触"),
        PollOutcome::Changed => pick(language, "changed", "有变动"),
        PollOutcome::Unchanged => pick(language, "unchanged", "无变动"),
        PollOutcome::NotModified => pick(language, "not modified", "未修改"),
        PollOutcome::Doubtful => pick(language, "doubtful", "存疑"),
        PollOutcome::Refused => pick(language, "refused", "被拒"),
        PollOutcome::Failed => pick(language, "failed", "失败"),
    }
}

/// What kind of change.
pub(super) fn kind(kind: Kind, language: Language) -> &'static str {
    let (english, chinese) = match kind {
        Kind::Appeared => ("new project", "新项目"),
        Kind::StageMoved => ("stage moved", "阶段变动"),
        Kind::Published => ("published", "发布"),
        Kind::EnteringIntoForce => ("entering into force", "即将实施"),
        Kind::InForce => ("in force", "实施"),
        Kind::Withdrawn => ("withdrawn", "废止"),
        Kind::Retitled => ("new title", "名称变更"),
        Kind::Reassigned => ("new committee", "归口变更"),
        Kind::Redated => ("new dates", "日期变更"),
        Kind::ConsultationOpened => ("consultation opened", "开始征求意见"),
        Kind::ConsultationClosing => ("consultation closing", "征求意见即将截止"),
        Kind::ConsultationClosed => ("consultation closed", "征求意见截止"),
        Kind::NoLongerListed => ("no longer listed", "不再列出"),
        Kind::ListedAgain => ("listed again", "重新列出"),
        Kind::TextChanged => ("page reworded", "页面文字变更"),
        Kind::Announced => ("notice", "公告"),
    };
    pick(language, english, chinese)
}

/// Where a delivery stands.
pub(super) fn state(state: DeliveryState, language: Language) -> &'static str {
    match state {
        DeliveryState::Waiting => pick(language, "waiting", "等待中"),
        DeliveryState::UnderWay => pick(language, "under way", "投递中"),
        DeliveryState::Delivered => pick(language, "delivered", "已送达"),
        DeliveryState::Failed => pick(language, "given up", "已放弃"),
        DeliveryState::Held => pick(language, "held back", "已暂缓"),
        DeliveryState::Dropped => pick(language, "dropped", "已丢弃"),
    }
}

/// How an attempt ended; one that has not is under way.
pub(super) fn attempt_outcome(outcome: Option<AttemptOutcome>, language: Language) -> &'static str {
    match outcome {
        None => pick(language, "under way", "投递中"),
        Some(AttemptOutcome::Delivered) => pick(language, "delivered", "已送达"),
        Some(AttemptOutcome::TryAgain) => pick(language, "to be tried again", "将重试"),
        Some(AttemptOutcome::Failed) => pick(language, "failed", "失败"),
        Some(AttemptOutcome::Lost) => pick(language, "lost: it may have arrived", "中断：可能已送达"),
        Some(AttemptOutcome::Held) => pick(language, "held back", "已暂缓"),
    }
}

/// `12.3 MB`.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["B", "kB", "MB", "GB"];
    let (mut value, mut unit) = (bytes, 0);
    let mut tenths = 0;
    while value >= 1000 && unit + 1 < UNITS.len() {
        tenths = value % 1000 / 100;
        value /= 1000;
        unit += 1;
    }
    if unit == 0 || value >= 100 {
        format!("{value} {}", UNITS[unit])
    } else {
        format!("{value}.{tenths} {}", UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_from_now_in_both_languages() {
        let now: Timestamp = "2026-05-12T12:00:00Z".parse().unwrap();
        let check = |at: &str, english: &str, chinese: &str| {
            let at = at.parse().unwrap();
            assert_eq!(moment(at, now, Language::English).ago, english);
            assert_eq!(moment(at, now, Language::Chinese).ago, chinese);
        };
        check("2026-05-12T11:59:30Z", "just now", "刚刚");
        check("2026-05-12T11:00:00Z", "1 hour ago", "1 小时前");
        check("2026-05-10T11:00:00Z", "2 days ago", "2 天前");
        check("2026-05-12T12:20:00Z", "in 20 minutes", "20 分钟后");
        check("2024-05-12T12:00:00Z", "2 years ago", "2 年前");
    }

    #[test]
    fn days_and_sizes_are_short() {
        let today: Date = "2026-05-12".parse().unwrap();
        let until = |day: &str| days_until(day.parse().unwrap(), today, Language::English);
        assert_eq!(
            ["2026-05-12", "2026-05-13", "2026-06-12", "2026-05-11", "2026-05-01"].map(until),
            ["today", "tomorrow", "in 31 days", "yesterday", "11 days ago"]
        );
        assert_eq!([12, 1_240, 15_000_000, 999_999].map(size), ["12 B", "1.2 kB", "15.0 MB", "999 kB"]);
    }
}
