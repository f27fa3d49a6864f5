//! The pages that are no page: blocks, challenges, log-ins, maintenance, errors with status 200, pages cut short.
//! Each is recognised by its own evidence. Not whether a good page reads well: that is for the formats.
//!
//! Two kinds of evidence. Some signs never stand on a good page, and one is enough. Others do (a log-in form in a corner, a
//! captcha for downloads, a word about maintenance), and count only where there is hardly anything else on the page, or in its
//! title. What stands in comments and scripts is no evidence of what the page says: real pages carry last year's notice of
//! maintenance in a comment.

/// What kind of text came, against what was asked for: HTML for JSON, half a page, an error in JSON.
mod content;
/// What refusals say, word for word.
mod signs;

use std::fmt;

use url::Url;

use super::Format;
use super::outline::{Outline, outline_of};

/// How an answer was served.
#[derive(Debug, Clone, Copy)]
pub struct Served<'a> {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type` as served.
    pub content_type: Option<&'a str>,
    /// The other headers, names in lower case.
    pub headers: &'a [(String, String)],
    /// The address asked for.
    pub asked: Option<&'a Url>,
    /// The address that answered, after redirects.
    pub answered: Option<&'a Url>,
}

/// Why an answer is no page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Which kind.
    pub kind: RefusalKind,
    /// What in the answer says so, for the operator.
    pub evidence: String,
}

/// The kinds of pages that are no page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalKind {
    /// A firewall or a limit says no.
    Blocked,
    /// A script or a captcha wants proof of a person.
    Challenge,
    /// A log-in form.
    Login,
    /// The site says that it is being worked on.
    Maintenance,
    /// The page does not exist, whatever its status says.
    NotFound,
    /// The server failed.
    ServerError,
    /// Nothing, or less than a whole page.
    Truncated,
    /// An answer of another kind than asked for: HTML for JSON, a redirect body.
    WrongKind,
}

impl RefusalKind {
    /// The word of logs and records: `blocked`, `challenge` …
    pub fn as_str(self) -> &'static str {
        match self {
            RefusalKind::Blocked => "blocked",
            RefusalKind::Challenge => "challenge",
            RefusalKind::Login => "login",
            RefusalKind::Maintenance => "maintenance",
            RefusalKind::NotFound => "not-found",
            RefusalKind::ServerError => "server-error",
            RefusalKind::Truncated => "truncated",
            RefusalKind::WrongKind => "wrong-kind",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.kind.as_str(), self.evidence)
    }
}

/// Folders of an address that belong to a log-in, where the address asked for had none of them.
const LOGIN_FOLDERS: [&str; 6] = ["login", "signin", "sign-in", "cas", "passport", "sso"];

/// Whether this answer is a page of that format at all; `Some` says why not.
pub fn refusal_of(format: &Format, served: &Served<'_>, text: &str) -> Option<Refusal> {
    let outline = outline_of(text);
    signs::challenge_in(served, text, &outline)
        .or_else(|| signs::certain_sign_in(text))
        .or_else(|| refusal_by_status(served, &outline))
        .or_else(|| refusal_by_address(served))
        .or_else(|| content::refusal_by_content(format.content, served, text, &outline))
}

fn refusal_by_status(served: &Served<'_>, outline: &Outline) -> Option<Refusal> {
    let status = served.status;
    let kind = match status {
        200..=299 => return None,
        300..=399 => RefusalKind::WrongKind,
        401 | 407 | 511 => RefusalKind::Login,
        404 | 410 => RefusalKind::NotFound,
        400..=499 => RefusalKind::Blocked,
        _ => RefusalKind::ServerError,
    };
    let evidence = match served.headers.iter().find(|(name, _)| name == "location") {
        Some((_, target)) if kind == RefusalKind::WrongKind => format!("status {status}, a redirect to `{target}`"),
        _ => format!("status {status}"),
    };
    // What the page says of itself is more exact than a number, but only where the number leaves it open.
    let said = signs::notice_on(outline).filter(|said| {
        matches!(
            (kind, said.kind),
            (RefusalKind::ServerError, RefusalKind::Maintenance) | (RefusalKind::Blocked, RefusalKind::Challenge)
        )
    });
    match said {
        Some(said) => refused(said.kind, format!("{evidence} and {}", said.evidence)),
        None => refused(kind, evidence),
    }
}

/// A redirect that was followed may have led to a log-in, or to the front page: the usual answer for a page that is gone.
fn refusal_by_address(served: &Served<'_>) -> Option<Refusal> {
    let (asked, answered) = (served.asked?, served.answered?);
    let logs_in =
        |url: &Url| url.path().split(['/', '.']).any(|folder| LOGIN_FOLDERS.contains(&folder.to_lowercase().as_str()));
    if logs_in(answered) && !logs_in(asked) {
        return refused(RefusalKind::Login, format!("answered from `{}`", answered.path()));
    }
    let is_front = |url: &Url| matches!(url.path(), "/" | "/home.html" | "/index.html") && url.query().is_none();
    if is_front(answered) && !is_front(asked) {
        return refused(RefusalKind::NotFound, format!("answered from the front page, `{answered}`"));
    }
    None
}

#[expect(clippy::unnecessary_wraps, reason = "every caller returns it as its own answer")]
fn refused(kind: RefusalKind, evidence: impl Into<String>) -> Option<Refusal> {
    Some(Refusal { kind, evidence: evidence.into() })
}

#[cfg(test)]
mod tests {
    use super::super::{Content, named};
    use super::*;

    /// A page long enough to be more than a notice.
    fn long(extra: &str) -> String {
        let body = "<p>Widgets are looked after by a committee that meets twice a year.</p>".repeat(60);
        format!("<!DOCTYPE html><html><head><title>Widgets</title></head><body>{body}{extra}</body></html>")
    }

    fn short(body: &str) -> String {
        format!("<html><head><title>x</title></head><body>{body}</body></html>")
    }

    fn check_served(content: Content, status: u16, headers: &[(&str, &str)], text: &str) -> String {
        let headers: Vec<(String, String)> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let served = Served { status, content_type: None, headers: &headers, asked: None, answered: None };
        let format = Format { content, ..*named("iso-project").unwrap() };
        refusal_of(&format, &served, text).map_or_else(|| "a page".to_owned(), |refusal| refusal.to_string())
    }

    fn check(text: &str) -> String {
        check_served(Content::Html, 200, &[], text)
    }

    fn check_json(text: &str) -> String {
        check_served(Content::Json, 200, &[], text)
    }

    #[test]
    fn a_good_page_is_a_page() {
        assert_eq!(check(&long("")), "a page");
        assert_eq!(check(&format!("{}\n<!-- served in 3 ms -->\n", long(""))), "a page");
        assert_eq!(check("<ul><li>a fragment</li></ul>"), "a page");
        assert_eq!(check_json("{\"total\":0,\"rows\":[]}"), "a page");
        assert_eq!(check_served(Content::JsonLines, 200, &[], ""), "a page");
    }

    #[test]
    fn statuses_name_their_kind() {
        for (status, answer) in [
            (301, "wrong-kind: status 301"),
            (400, "blocked: status 400"),
            (401, "login: status 401"),
            (403, "blocked: status 403"),
            (404, "not-found: status 404"),
            (407, "login: status 407"),
            (410, "not-found: status 410"),
            (429, "blocked: status 429"),
            (500, "server-error: status 500"),
            (503, "server-error: status 503"),
        ] {
            assert_eq!(check_served(Content::Html, status, &[], &long("")), answer);
        }
        assert_eq!(
            check_served(Content::Html, 302, &[("location", "/login")], ""),
            "wrong-kind: status 302, a redirect to `/login`"
        );
    }

    #[test]
    fn what_the_page_says_makes_a_status_exact() {
        assert_eq!(
            check_served(Content::Html, 503, &[], &short("系统维护，请稍后再试")),
            "maintenance: status 503 and `系统维护` on a page that says little else"
        );
        assert_eq!(
            check_served(Content::Html, 403, &[], &short("Please solve the CAPTCHA")),
            "challenge: status 403 and `captcha` on a page that says little else"
        );
    }

    #[test]
    fn a_challenge_is_one_with_any_status() {
        for status in [200, 403, 429, 503] {
            let headers = [("cf-mitigated", "challenge")];
            let answer = check_served(Content::Html, status, &headers, &long(""));
            assert_eq!(answer, "challenge: header `cf-mitigated: challenge`");
        }
        let jsl = "<script>document.cookie=('_')+('_')+('jsl');location.href=location.pathname</script>";
        assert_eq!(check_served(Content::Html, 521, &[], jsl), "challenge: nothing but scripts on the page");
        assert_eq!(check("<script>var __jsl_clearance = 1</script>x"), "challenge: `__jsl_clearance`");
        assert_eq!(check_json("<script>go()</script>"), "challenge: nothing but scripts on the page");
        assert_eq!(check(&short("js挑战")), "challenge: `js挑战` on a page that says little else");
    }

    #[test]
    fn a_script_that_asks_nothing_is_no_challenge() {
        let watching = "<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>";
        assert_eq!(check(&long(watching)), "a page");
        let asking = "<script src='/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1'></script>";
        assert_eq!(check(&long(asking)), "challenge: `/cdn-cgi/challenge-platform`");
    }

    #[test]
    fn words_in_comments_scripts_and_long_pages_are_no_evidence() {
        for extra in [
            "<!-- 系统暂时停止访问服务 -->",
            "<script>'系统维护 captcha'</script>",
            "<p>系统维护</p>",
            "<input type=password>",
        ] {
            assert_eq!(check(&long(extra)), "a page", "{extra}");
        }
        assert_eq!(check(&short("Widgets<!-- 系统暂时停止访问服务 -->")), "a page");
    }

    #[test]
    fn notices_name_their_kind() {
        for (body, kind) in [
            ("系统暂时停止访问服务", "maintenance"),
            ("Access Denied", "blocked"),
            ("您的请求已被拦截", "blocked"),
            ("<form><input type='password'></form>", "login"),
            ("Bad Gateway", "server-error"),
            ("您所查询的标准系统尚未收录！", "not-found"),
        ] {
            assert!(check(&short(body)).starts_with(kind), "{body}: {}", check(&short(body)));
        }
        for title in ["ISO - Page not found", "Page introuvable", "Страница не найдена"] {
            assert!(check(&long("").replace("Widgets</title>", &format!("{title}</title>"))).starts_with("not-found"));
        }
    }

    #[test]
    fn nothing_or_half_a_page_is_truncated() {
        assert_eq!(check(" \n"), "truncated: an empty body with status 200");
        assert_eq!(check_json(""), "truncated: an empty body with status 200");
        let page = long("<div><html>a header</html></div>");
        for end in [200, 2_000, page.len() - 10] {
            assert_eq!(check(&page[..end]), "truncated: the page does not end in `</html>`");
        }
        assert_eq!(check_json("{\"rows\":[{\"a\""), "truncated: the JSON text ends in the middle");
        assert_eq!(check(&long("\0\0")), "truncated: zero bytes in the text");
    }

    #[test]
    fn an_answer_of_another_kind_is_named() {
        assert_eq!(check_json(&long("")), "wrong-kind: HTML or XML in place of JSON");
        assert_eq!(
            check_served(Content::JsonLines, 200, &[], "<?xml?><Error/>"),
            "wrong-kind: HTML or XML in place of JSON"
        );
        assert_eq!(check("{\"rows\":[]}"), "wrong-kind: JSON in place of HTML");
        assert_eq!(check("%PDF-1.7"), "wrong-kind: a file in place of a page");
        assert_eq!(check("<?xml version='1.0'?><rss><channel></channel></rss>"), "wrong-kind: XML in place of HTML");
        assert_eq!(check(&format!("<?xml version='1.0'?>{}", long(""))), "a page");
        assert!(check_json("hello").starts_with("wrong-kind: no JSON: "));
    }

    #[test]
    fn a_feed_is_xml_to_its_end_and_no_page() {
        let check = |text: &str| check_served(Content::Xml, 200, &[], text);
        for good in [
            "<?xml version='1.0'?><rss><channel></channel></rss>\n<!-- served by 7 -->\n",
            "<!DOCTYPE rss PUBLIC '-//N//DTD RSS 0.91//EN' 'x.dtd'><rss></rss >",
            "<!-- a <b> --><!DOCTYPE rdf:RDF [<!ENTITY a '<b>'>]>\n<rdf:RDF></rdf:RDF>",
            "<rss><description><![CDATA[<p>x</p> <html><form><input type=password></html> captcha]]></description></rss>",
            "<feed xmlns='http://www.w3.org/2005/Atom'/>",
        ] {
            assert_eq!(check(good), "a page", "{good}");
        }
        for cut in
            ["<rss><item><title>one</ti", "<rss><item></item>", "<rss><item/>", "<rss><item></item></rss", "<rss>"]
        {
            assert_eq!(check(cut), "truncated: the XML text does not end in `</rss>`", "{cut}");
        }
        assert_eq!(check(&long("")), "wrong-kind: HTML in place of XML");
        assert_eq!(check("<HTML lang=en><body>x</body></HTML>"), "wrong-kind: HTML in place of XML");
        assert!(check(&short("系统维护")).starts_with("maintenance"));
        for text in ["hello", "<?xml version='1.0'?>", "<!-- <rss></rss>", "<", "< >"] {
            assert_eq!(check(text), "wrong-kind: no XML in this text", "{text}");
        }
        assert!(check(r#"{"code":403,"message":"too often"}"#).starts_with("blocked"));
    }

    #[test]
    fn an_error_in_json_is_no_empty_list() {
        for (text, answer) in [
            (r#"{"code":403,"message":"too often"}"#, "blocked: JSON without rows: code `403`, message `too often`"),
            (r#"{"code":"401","msg":"未登录","data":null}"#, "login: JSON without rows: code `401`, message `未登录`"),
            (r#"{"code":500,"message":"x"}"#, "server-error: JSON without rows: code `500`, message `x`"),
            (
                r#"{"code":503,"message":"访问过于频繁"}"#,
                "blocked: JSON without rows: code `503`, message `访问过于频繁`",
            ),
            (r#"{"code":0,"message":"ok","rows":[]}"#, "a page"),
        ] {
            assert_eq!(check_json(text), answer);
        }
    }

    #[test]
    fn a_page_too_deep_to_parse_is_refused_before_parsing() {
        let deep = format!("<html>{}</html>", "<div>".repeat(200_000));
        assert_eq!(check(&deep), "wrong-kind: 200000 elements inside one another");
        assert_eq!(check(&long(&"<div>".repeat(500))), "a page");
    }

    #[test]
    fn a_redirect_that_was_followed_can_be_a_refusal() {
        let url = |path: &str| Url::parse("https://widgets.example.org/").unwrap().join(path).unwrap();
        let check = |asked: &str, answered: &str| {
            let (asked, answered) = (url(asked), url(answered));
            let served = Served {
                status: 200,
                content_type: None,
                headers: &[],
                asked: Some(&asked),
                answered: Some(&answered),
            };
            refusal_of(named("iso-project").unwrap(), &served, &long("")).map(|refusal| refusal.kind)
        };
        assert_eq!(check("/plans", "/sso/login?next=/plans"), Some(RefusalKind::Login));
        assert_eq!(check("/plans", "/"), Some(RefusalKind::NotFound));
        assert_eq!(check("/plans", "/en/plans"), None);
        assert_eq!(check("/", "/"), None);
    }
}
