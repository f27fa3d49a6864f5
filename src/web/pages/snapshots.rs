//! `/snapshots/{sha256}`: bytes as a body served them. They come from outside, so nothing in them is ever run: a browser shows them in a
//! sandbox without scripts, forms or addresses of other sites, and whatever is no text is a file.

use axum::http::{HeaderName, header};

use crate::web::answer::{Answer, Content, Desk, Refusal};

/// Larger ones are files: no browser shows them well.
const LARGEST_SHOWN: usize = 4 * 1024 * 1024;

/// What a snapshot may do: look like itself. No script, no form, no picture from elsewhere, no plug-in.
const POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'";

/// A snapshot.
pub(super) fn page(desk: &Desk<'_>, sha256: &str) -> Result<Answer, Refusal> {
    let bytes = desk.store.page_bytes(sha256)?.ok_or(Refusal::NotThere)?;
    let served = desk.store.snapshot(sha256)?.and_then(|snapshot| snapshot.sightings.into_iter().next());
    let kind = served.and_then(|served| served.content_type).unwrap_or_default();
    let is_file = desk.parameter("download").is_some() || bytes.len() > LARGEST_SHOWN;
    let shown_as = if is_file { "application/octet-stream" } else { shown_as(&kind, &bytes) };
    let mut content = Content::of(shown_as, bytes);
    let name = HeaderName::from_static("x-frame-options");
    content.headers.push((header::CONTENT_SECURITY_POLICY, POLICY.to_owned()));
    content.headers.push((name, "SAMEORIGIN".to_owned()));
    if is_file {
        content.headers.push((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{sha256}\"")));
    }
    Ok(content.into())
}

/// HTML as HTML, in the encoding that it declares; everything else as plain text.
fn shown_as(served: &str, bytes: &[u8]) -> &'static str {
    let kind = served.to_ascii_lowercase();
    let beginning: String = String::from_utf8_lossy(&bytes[..bytes.len().min(512)]).to_lowercase();
    let is_html = kind.starts_with("text/html") || (kind.is_empty() && beginning.contains("<html"));
    if !is_html {
        return "text/plain; charset=utf-8";
    }
    if kind.contains("gb2312") || kind.contains("gbk") || kind.contains("gb18030") {
        return "text/html; charset=gb18030";
    }
    // Without a word from the server, what the page says of itself.
    if kind.contains("utf-8") { "text/html; charset=utf-8" } else { "text/html" }
}
