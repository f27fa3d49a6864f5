//! Title, running text and depth of an HTML text, from one scan of its tags.
//!
//! Not a parser: it exists to look at a page *before* it is parsed, in time that grows with its length alone, because the time
//! that parsing takes grows with the square of the depth. Fields are never read from here.

/// What a scan of the tags shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Outline {
    /// The text of `<title>`, white space collapsed.
    pub title: String,
    /// The text outside tags, comments, scripts and styles, white space collapsed.
    pub prose: String,
    /// How many elements are open at once, at most.
    pub depth: usize,
    /// Whether it opens as a document, with `<!doctype` or `<html`; a fragment does not.
    pub is_document: bool,
    /// Whether something can be typed in that is not shown: a password.
    pub asks_password: bool,
    /// Whether there is a script.
    pub has_script: bool,
}

/// Elements whose content is no markup, or nothing that a reader sees.
const UNREAD: [&str; 7] = ["script", "style", "noscript", "template", "textarea", "title", "iframe"];

/// Elements that have no content, or whose end tag may be left out: their open tags say nothing about depth.
const UNCOUNTED: [&str; 33] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
    "html", "head", "body", "p", "li", "dt", "dd", "option", "optgroup", "colgroup", "caption", "thead", "tbody",
    "tfoot", "tr", "td", "th", "rp", "rt",
];

/// Elements that stand inside a word or a sentence: no space comes with them.
const INLINE: [&str; 12] = ["a", "abbr", "b", "em", "font", "i", "mark", "small", "span", "strong", "sub", "sup"];

/// Scans.
pub(super) fn outline_of(html: &str) -> Outline {
    let mut outline = Outline::default();
    let mut prose = String::new();
    let mut n_open = 0_usize;
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        prose.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let Some(tag) = tag_at(rest) else {
            prose.push('<');
            rest = &rest[1..];
            continue;
        };
        rest = &rest[tag.text.len()..];
        if !INLINE.contains(&tag.name.as_str()) {
            prose.push(' ');
        }
        outline.note(&tag, &mut n_open);
        if UNREAD.contains(&tag.name.as_str()) && !tag.is_end {
            let end = end_tag_of(rest, &tag.name);
            if tag.name == "title" && outline.title.is_empty() {
                outline.title = collapsed(&rest[..end]);
            }
            rest = &rest[end..];
        }
    }
    prose.push_str(rest);
    outline.prose = collapsed(&prose);
    outline
}

struct Tag<'a> {
    name: String,
    is_end: bool,
    text: &'a str,
}

impl Outline {
    fn note(&mut self, tag: &Tag<'_>, n_open: &mut usize) {
        match tag.name.as_str() {
            "html" | "!doctype" => self.is_document |= !tag.is_end,
            "script" => self.has_script = true,
            "input" => self.asks_password |= tag.text.to_ascii_lowercase().contains("password"),
            name if UNCOUNTED.contains(&name) || UNREAD.contains(&name) || name.starts_with(['!', '?']) => {}
            _ if tag.is_end => *n_open = n_open.saturating_sub(1),
            _ if tag.text.ends_with("/>") => {}
            _ => {
                *n_open += 1;
                self.depth = self.depth.max(*n_open);
            }
        }
    }
}

/// The tag that begins here; `None` where `<` is only a sign.
fn tag_at(text: &str) -> Option<Tag<'_>> {
    let inner = text.strip_prefix('<')?;
    let (is_end, inner) = inner.strip_prefix('/').map_or((false, inner), |inner| (true, inner));
    if !inner.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!' || c == '?') {
        return None;
    }
    let name: String = inner
        .chars()
        .take_while(|c| !c.is_whitespace() && !matches!(c, '>' | '/'))
        .collect::<String>()
        .to_ascii_lowercase();
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(Tag { name, is_end, text: &text[..=at] }),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    Some(Tag { name, is_end, text })
}

/// Where the end tag of that name begins, in any case; the end of the text where there is none.
fn end_tag_of(text: &str, name: &str) -> usize {
    let matches =
        |at: &usize| text.get(at + 2..at + 2 + name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name));
    text.match_indices("</").map(|(at, _)| at).find(matches).unwrap_or(text.len())
}

fn collapsed(text: &str) -> String {
    super::reading::collapsed(&text.replace("&nbsp;", " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_what_stands_outside_comments_scripts_and_styles() {
        let outline = outline_of(
            "<!DOCTYPE html><html><head><title> A\n page </title><style>p{}</style></head><body><!-- 维护 <b> -->\
             <p>One&nbsp;<b>wor</b>d</p><SCRIPT>if (a < b) '</p>'</SCRIPT><p>two < three</body></html>",
        );
        assert_eq!(outline.title, "A page");
        assert_eq!(outline.prose, "One word two < three");
        assert!(outline.is_document && outline.has_script && !outline.asks_password);
    }

    #[test]
    fn a_fragment_is_no_document() {
        assert!(!outline_of("<ul><li>one</li></ul>").is_document);
        assert!(outline_of("<html lang=en>").is_document);
    }

    #[test]
    fn depth_counts_elements_that_are_open_at_once() {
        assert_eq!(outline_of(&"<div></div>".repeat(5_000)).depth, 1);
        assert_eq!(outline_of(&"<div>".repeat(5_000)).depth, 5_000);
        assert_eq!(outline_of(&"<p>one<br><li>two<td>".repeat(5_000)).depth, 0);
        assert_eq!(outline_of("<div title='>'><i>x</i><b/></div>").depth, 2);
    }

    #[test]
    fn a_password_field_is_seen() {
        assert!(outline_of("<form><input name=p type=\"password\"></form>").asks_password);
    }

    #[test]
    fn broken_markup_never_panics() {
        for text in
            ["<", "</", "<a", "<a href='", "<!--", "<!-", "<script>", "<title>标", "<标>", "</标准", "<!doctype", "<é"]
        {
            outline_of(text);
            outline_of(&text.repeat(3));
        }
    }

    #[test]
    fn a_megabyte_of_signs_is_scanned_at_once() {
        for sign in ["<", "<a ", "<!--", "</script", "<title>", "<a href=\""] {
            outline_of(&sign.repeat(1_000_000 / sign.len()));
        }
    }
}
