//! What refusals say: the signs that one is enough of, and the words that count only on a page that says hardly anything else.
//! Not what kind of text came.

use super::{Refusal, RefusalKind, Served, refused};
use crate::formats::outline::Outline;

/// How much a page may say and still be taken for a notice. Block pages and log-in forms seen so far say less than half of it.
const NOTICE_CHARS: usize = 1_500;

/// Signs in the text as served, scripts included, that stand on no good page.
const CERTAIN: [(&str, RefusalKind); 2] =
    [("__jsl_clearance", RefusalKind::Challenge), ("_cf_chl_opt", RefusalKind::Challenge)];

/// Signs in what a notice says, or in the title of any page; in lower case.
const NOTICES: [(&str, RefusalKind); 49] = [
    ("js挑战", RefusalKind::Challenge),
    ("安全验证", RefusalKind::Challenge),
    ("人机验证", RefusalKind::Challenge),
    ("滑动验证", RefusalKind::Challenge),
    ("请完成验证", RefusalKind::Challenge),
    ("just a moment", RefusalKind::Challenge),
    ("checking your browser", RefusalKind::Challenge),
    ("verify you are human", RefusalKind::Challenge),
    ("verifying you are human", RefusalKind::Challenge),
    ("enable javascript and cookies to continue", RefusalKind::Challenge),
    ("captcha", RefusalKind::Challenge),
    ("知道创宇云防御", RefusalKind::Blocked),
    ("创宇盾", RefusalKind::Blocked),
    ("疑似黑客攻击", RefusalKind::Blocked),
    ("访问被拒绝", RefusalKind::Blocked),
    ("访问被阻断", RefusalKind::Blocked),
    ("被拦截", RefusalKind::Blocked),
    ("访问过于频繁", RefusalKind::Blocked),
    ("请求过于频繁", RefusalKind::Blocked),
    ("access denied", RefusalKind::Blocked),
    ("request blocked", RefusalKind::Blocked),
    ("request rejected", RefusalKind::Blocked),
    ("you have been blocked", RefusalKind::Blocked),
    ("don't have permission to access", RefusalKind::Blocked),
    ("too many requests", RefusalKind::Blocked),
    ("403 forbidden", RefusalKind::Blocked),
    ("系统维护", RefusalKind::Maintenance),
    ("网站维护", RefusalKind::Maintenance),
    ("维护中", RefusalKind::Maintenance),
    ("正在维护", RefusalKind::Maintenance),
    ("系统升级", RefusalKind::Maintenance),
    ("停止访问服务", RefusalKind::Maintenance),
    ("暂停服务", RefusalKind::Maintenance),
    ("under maintenance", RefusalKind::Maintenance),
    ("scheduled maintenance", RefusalKind::Maintenance),
    ("down for maintenance", RefusalKind::Maintenance),
    ("maintenance en cours", RefusalKind::Maintenance),
    ("technical maintenance", RefusalKind::Maintenance),
    ("temporarily unavailable", RefusalKind::Maintenance),
    // Good pages of openstd hold this sentence in a script, for when they need it.
    ("您所查询的标准系统尚未收录", RefusalKind::NotFound),
    ("页面不存在", RefusalKind::NotFound),
    ("找不到页面", RefusalKind::NotFound),
    ("page not found", RefusalKind::NotFound),
    ("404 not found", RefusalKind::NotFound),
    ("page introuvable", RefusalKind::NotFound),
    ("страница не найдена", RefusalKind::NotFound),
    ("internal server error", RefusalKind::ServerError),
    ("bad gateway", RefusalKind::ServerError),
    ("service unavailable", RefusalKind::ServerError),
];

/// Proofs of a person are asked for with any status.
pub(super) fn challenge_in(served: &Served<'_>, text: &str, outline: &Outline) -> Option<Refusal> {
    let is_mitigated = |(name, value): &&(String, String)| name == "cf-mitigated" && value.contains("challenge");
    if served.headers.iter().any(|header| is_mitigated(&header)) {
        return refused(RefusalKind::Challenge, "header `cf-mitigated: challenge`");
    }
    // Good pages behind the same service load `…/challenge-platform/…/jsd/…`, which asks nothing.
    let asks = |(at, sign): (usize, &str)| {
        let path: String =
            text[at + sign.len()..].chars().take_while(|c| !matches!(c, '"' | '\'' | '>' | ' ')).collect();
        !path.contains("/jsd/")
    };
    if text.match_indices("/cdn-cgi/challenge-platform").any(asks) {
        return refused(RefusalKind::Challenge, "`/cdn-cgi/challenge-platform`");
    }
    if outline.has_script && outline.prose.is_empty() && outline.title.is_empty() {
        return refused(RefusalKind::Challenge, "nothing but scripts on the page");
    }
    None
}

/// One of the signs that stand on no good page.
pub(super) fn certain_sign_in(text: &str) -> Option<Refusal> {
    let (sign, kind) = CERTAIN.iter().find(|(sign, _)| text.contains(sign))?;
    refused(*kind, format!("`{sign}`"))
}

/// What a notice says: the title of any page, or everything on a page that says hardly anything else.
pub(super) fn notice_on(outline: &Outline) -> Option<Refusal> {
    let is_notice = outline.prose.chars().nth(NOTICE_CHARS).is_none();
    let title = outline.title.to_lowercase();
    let prose = if is_notice { outline.prose.to_lowercase() } else { String::new() };
    if let Some((sign, kind)) = sign_in(&title) {
        return refused(kind, format!("`{sign}` in the title"));
    }
    if let Some((sign, kind)) = sign_in(&prose) {
        return refused(kind, format!("`{sign}` on a page that says little else"));
    }
    if is_notice && outline.asks_password {
        return refused(RefusalKind::Login, "a form that asks for a password");
    }
    None
}

/// The first sign of a notice in a text in lower case, and the kind that it stands for.
pub(super) fn sign_in(text: &str) -> Option<(&'static str, RefusalKind)> {
    NOTICES.iter().find(|(sign, _)| text.contains(sign)).copied()
}
