//! HTML or XML as a text with tags in it: where each element begins and ends, so that a page can be broken at its joints. Not a parser as
//! browsers have it; where tags do not match, elements end with what is around them.

use std::ops::Range;

/// An element.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    pub(crate) name: String,
    /// Its start tag.
    pub(crate) open: Range<usize>,
    /// Its end tag; empty where it has none.
    pub(crate) close: Range<usize>,
    pub(crate) parent: Option<usize>,
}

impl Element {
    pub(crate) fn whole(&self) -> Range<usize> {
        self.open.start..self.close.end
    }

    pub(crate) fn inner(&self) -> Range<usize> {
        self.open.end..self.close.start
    }
}

/// A scanned page.
pub(crate) struct Markup {
    pub(crate) elements: Vec<Element>,
    /// The texts between tags that say something.
    pub(crate) texts: Vec<Range<usize>>,
}

const VOID: [&str; 10] = ["area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"];
const RAW: [&str; 2] = ["script", "style"];

/// Scans.
pub(crate) fn scanned(text: &str) -> Markup {
    let mut markup = Markup { elements: Vec::new(), texts: Vec::new() };
    let mut open: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find('<') {
        markup.note_text(text, at..at + found);
        let start = at + found;
        if text[start..].starts_with("<!--") {
            at = text[start..].find("-->").map_or(text.len(), |end| start + end + 3);
            continue;
        }
        let end = end_of_tag(text, start);
        let tag = start..end;
        at = end;
        let (is_end, name) = name_of(&text[tag.clone()]);
        if name.is_empty() {
            continue;
        }
        if is_end {
            markup.close(&mut open, &name, &tag);
            continue;
        }
        let parent = open.last().copied();
        markup.elements.push(Element { close: end..end, open: tag.clone(), parent, name: name.clone() });
        if RAW.contains(&name.as_str()) {
            at = text[end..].find("</").map_or(text.len(), |found| end + found);
        }
        if !VOID.contains(&name.as_str()) && !text[tag].ends_with("/>") {
            open.push(markup.elements.len() - 1);
        }
    }
    markup.note_text(text, at..text.len());
    for element in open {
        markup.elements[element].close = text.len()..text.len();
    }
    markup
}

impl Markup {
    fn note_text(&mut self, text: &str, range: Range<usize>) {
        if text[range.clone()].contains(char::is_alphanumeric) {
            self.texts.push(range);
        }
    }

    /// Closes the innermost element of that name, and what is left open in it.
    fn close(&mut self, open: &mut Vec<usize>, name: &str, tag: &Range<usize>) {
        let Some(place) = open.iter().rposition(|element| self.elements[*element].name == name) else { return };
        for unclosed in open.drain(place + 1..) {
            self.elements[unclosed].close = tag.start..tag.start;
        }
        let element = open.pop().expect("the place was found in it");
        self.elements[element].close = tag.clone();
    }

    /// Elements of one name and class side by side: rows, cells, cards. At least two in each group.
    pub(crate) fn groups(&self, text: &str) -> Vec<Vec<usize>> {
        let mut groups: std::collections::BTreeMap<(Option<usize>, &str, &str), Vec<usize>> =
            std::collections::BTreeMap::new();
        for (at, element) in self.elements.iter().enumerate() {
            // The active row of a list is one of its rows.
            let class = attribute(&text[element.open.clone()], "class").unwrap_or_default();
            let class = class.split(' ').next().unwrap_or_default();
            let class = if element.name == "li" { "" } else { class };
            groups.entry((element.parent, &element.name, class)).or_default().push(at);
        }
        groups.into_values().filter(|group| group.len() > 1).collect()
    }
}

/// What stands in a page for a reader: without comments, scripts and styles, with the attributes.
pub(crate) fn without_unread(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        kept.push_str(&rest[..at]);
        rest = &rest[at..];
        let skip = if rest.starts_with("<!--") {
            rest.find("-->").map_or(rest.len(), |end| end + 3)
        } else {
            let unread = ["script", "style", "template", "noscript", "textarea", "select", "svg"];
            let (is_end, name) = name_of(&rest[..end_of_tag(rest, 0)]);
            if !is_end && unread.contains(&name.as_str()) {
                rest.find(&format!("</{name}")).unwrap_or(rest.len())
            } else {
                kept.push('<');
                1
            }
        };
        rest = &rest[skip..];
    }
    kept.push_str(rest);
    kept
}

/// The text alone: no tags, no white space.
pub(crate) fn without_tags(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = text[at..].find('<') {
        kept.extend(text[at..at + found].chars().filter(|c| !c.is_whitespace()));
        at = end_of_tag(text, at + found);
    }
    kept.extend(text[at..].chars().filter(|c| !c.is_whitespace()));
    kept
}

/// The value of an attribute in a start tag, as written.
pub(crate) fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let at = tag.find(&format!(" {name}="))?;
    let value = &tag[at + name.len() + 2..];
    match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next(),
        _ => value.split([' ', '>']).next(),
    }
}

fn end_of_tag(text: &str, start: usize) -> usize {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate().skip(start) {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    text.len()
}

/// Whether it is an end tag, and its name; no name where it is no tag.
fn name_of(tag: &str) -> (bool, String) {
    let inner = tag.trim_start_matches('<');
    let is_end = inner.starts_with('/');
    let name = inner.trim_start_matches('/');
    let name: String = name.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | ':')).collect();
    (is_end, name.to_ascii_lowercase())
}
