//! What kind of text came, against what was asked for: nothing at all, half a page, HTML for JSON, an error in JSON, or markup
//! that would take hours to parse. Not what it says.

use serde_json::Value;

use super::signs::{notice_on, sign_in};
use super::{Refusal, RefusalKind, Served, refused};
use crate::formats::Content;
use crate::formats::outline::Outline;

/// How many elements may be open at once. Parsing time grows with the square of the depth: 1,000 cost 4 ms, 8,000 a quarter of a
/// second, and a megabyte of them minutes. Real pages stay under 60.
const MAX_DEPTH: usize = 1_000;

/// By the kind of text alone.
pub(super) fn refusal_by_content(
    content: Content,
    served: &Served<'_>,
    text: &str,
    outline: &Outline,
) -> Option<Refusal> {
    let body = text.trim_start_matches('\u{FEFF}').trim();
    let is_empty = body.is_empty();
    match content {
        // A sieve may have left nothing; the reader says whether that can be.
        Content::JsonLines if is_empty => None,
        _ if is_empty => refused(RefusalKind::Truncated, format!("an empty body with status {}", served.status)),
        Content::Html => refusal_of_html(served, body, outline),
        Content::Xml => refusal_of_xml(body, outline),
        Content::Json | Content::JsonLines if body.starts_with('<') => {
            notice_on(outline).or_else(|| refused(RefusalKind::WrongKind, "HTML or XML in place of JSON"))
        }
        Content::Json => refusal_of_json(body),
        Content::JsonLines => refused_for_zeros(body),
    }
}

/// No page holds zero bytes; a file of which a part was lost does, and reads as if what is left belonged together.
fn refused_for_zeros(body: &str) -> Option<Refusal> {
    body.contains('\0').then(|| refused(RefusalKind::Truncated, "zero bytes in the text")).flatten()
}

fn refusal_of_html(served: &Served<'_>, body: &str, outline: &Outline) -> Option<Refusal> {
    let media_type =
        served.content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_lowercase();
    if body.starts_with("%PDF") || ["application/pdf", "application/zip"].contains(&media_type.as_str()) {
        return refused(RefusalKind::WrongKind, "a file in place of a page");
    }
    if body.starts_with('{') && serde_json::from_str::<Value>(body).is_ok() {
        return refusal_of_json(body).or_else(|| refused(RefusalKind::WrongKind, "JSON in place of HTML"));
    }
    let is_feed = ["<?xml", "<rss", "<feed"].iter().any(|start| body.starts_with(start));
    if is_feed && !outline.is_document {
        return refused(RefusalKind::WrongKind, "XML in place of HTML");
    }
    if let Some(refusal) = refused_for_zeros(body) {
        return Some(refusal);
    }
    if outline.depth > MAX_DEPTH {
        return refused(RefusalKind::WrongKind, format!("{} elements inside one another", outline.depth));
    }
    if let Some(notice) = notice_on(outline) {
        return Some(notice);
    }
    if outline.is_document && !ends_document(body) {
        return refused(RefusalKind::Truncated, "the page does not end in `</html>`");
    }
    None
}

/// An XML document has one element around everything, which names what it is: `html` is a page, and nothing follows its end tag.
///
/// What the elements inside say is no evidence: a feed about captchas holds the word, and entries hold whole pages as text.
fn refusal_of_xml(body: &str, outline: &Outline) -> Option<Refusal> {
    let Some(root) = root_of(body) else {
        let error = || serde_json::from_str::<Value>(body).ok().and_then(|_| refusal_of_json(body));
        return error().or_else(|| refused(RefusalKind::WrongKind, "no XML in this text"));
    };
    if let Some(refusal) = refused_for_zeros(body) {
        return Some(refusal);
    }
    if root.name.eq_ignore_ascii_case("html") {
        return notice_on(outline).or_else(|| refused(RefusalKind::WrongKind, "HTML in place of XML"));
    }
    let end = without_trailing_comments(body).strip_suffix('>').map(str::trim_end);
    let ends = end.is_some_and(|end| {
        end.strip_suffix(root.name).is_some_and(|end| end.ends_with("</")) || (root.is_empty && end.ends_with('/'))
    });
    if !ends {
        return refused(RefusalKind::Truncated, format!("the XML text does not end in `</{}>`", root.name));
    }
    None
}

/// The element around everything.
struct Root<'a> {
    name: &'a str,
    is_empty: bool,
}

/// The first element after declaration, comments and document type; `None` where the text does not come to one.
fn root_of(body: &str) -> Option<Root<'_>> {
    let mut rest = body;
    loop {
        rest = rest.trim_start().strip_prefix('<')?;
        let end = match rest.chars().next()? {
            '?' => "?>",
            '!' if rest.starts_with("!--") => "-->",
            // The internal subset of a document type holds tags of its own.
            '!' if rest.split('>').next()?.contains('[') => "]>",
            '!' => ">",
            _ => break,
        };
        rest = rest.split_once(end)?.1;
    }
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, ':' | '_' | '-' | '.');
    let name = &rest[..rest.find(|letter| !is_part(letter)).unwrap_or(rest.len())];
    let is_empty = rest.split('>').next()?.ends_with('/');
    (!name.is_empty()).then_some(Root { name, is_empty })
}

/// A page that was opened as a document ends as one; only comments may follow. An `</html>` inside says nothing: some pages hold a
/// whole document as their header.
fn ends_document(body: &str) -> bool {
    let body = without_trailing_comments(body);
    let end = body.len().saturating_sub("</html>".len());
    body.get(end..).is_some_and(|ending| ending.eq_ignore_ascii_case("</html>"))
}

fn without_trailing_comments(body: &str) -> &str {
    let mut body = body.trim_end();
    while let Some(before) = body.strip_suffix("-->").and_then(|rest| rest.rfind("<!--").map(|at| &rest[..at])) {
        body = before.trim_end();
    }
    body
}

/// An error in JSON: a code and a message, and no list of anything.
fn refusal_of_json(body: &str) -> Option<Refusal> {
    let value = match serde_json::from_str::<Value>(body) {
        Ok(value) => value,
        Err(error) if error.is_eof() => return refused(RefusalKind::Truncated, "the JSON text ends in the middle"),
        Err(error) => return refused(RefusalKind::WrongKind, format!("no JSON: {error}")),
    };
    let object = value.as_object()?;
    if object.values().any(|value| value.is_array() || value.is_object()) {
        return None;
    }
    let message = ["message", "msg", "error"].into_iter().find_map(|key| object.get(key)?.as_str())?;
    let code = ["code", "status", "errcode"].into_iter().find_map(|key| object.get(key));
    let code = code.map(|code| code.as_str().map_or_else(|| code.to_string(), str::to_owned)).unwrap_or_default();
    // A code of its own making says less than the message beside it.
    let said = sign_in(&message.to_lowercase()).map(|(_, kind)| kind);
    let kind = said.unwrap_or(match code.as_str() {
        "401" => RefusalKind::Login,
        "404" => RefusalKind::NotFound,
        "500" | "502" | "503" | "504" => RefusalKind::ServerError,
        _ => RefusalKind::Blocked,
    });
    refused(kind, format!("JSON without rows: code `{code}`, message `{message}`"))
}
