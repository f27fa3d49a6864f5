//! The text of a page as a person reads it, a block a line, for diffs. Not for reading fields out of.

use std::fmt::Write as _;

use scraper::node::Element;
use scraper::{ElementRef, Html, Node, Selector};
use serde_json::Value;

use super::Content;
use super::outline::outline_of;
use super::reading::collapsed;

/// The readable text: HTML without scripts, styles, comments and what is hidden; JSON with one field a line; of JSON lines a block
/// a row.
pub fn readable_text(content: Content, text: &str) -> String {
    match content {
        Content::Html => readable_html(text),
        Content::Xml => readable_xml(text),
        Content::Json => readable_json(text),
        Content::JsonLines => text.lines().filter(|line| !line.trim().is_empty()).map(readable_row).collect(),
    }
}

/// A tag a line: what a feed says, where it says it.
fn readable_xml(text: &str) -> String {
    text.replace("><", ">\n<").lines().map(collapsed).filter(|line| !line.is_empty()).fold(
        String::new(),
        |mut all, line| {
            all.push_str(&line);
            all.push('\n');
            all
        },
    )
}

/// Deeper pages are refused as pages; a snapshot of one is shown as its bare text, which needs no parsing.
const MAX_DEPTH: usize = 1_000;

const DROPPED: [&str; 10] =
    ["script", "style", "noscript", "template", "svg", "iframe", "select", "textarea", "head", "object"];

const INLINE: [&str; 24] = [
    "a", "abbr", "b", "bdi", "cite", "code", "em", "font", "i", "img", "input", "kbd", "label", "mark", "q", "s",
    "small", "span", "strike", "strong", "sub", "sup", "time", "u",
];

/// Classes by which sites hide what is in the page for scripts or for screen readers.
const HIDDEN_CLASSES: [&str; 5] = ["hidden", "visually-hidden", "sr-only", "ng-hide", "d-none"];

fn readable_html(text: &str) -> String {
    let outline = outline_of(text);
    if outline.depth > MAX_DEPTH {
        return format!("{}\n{}\n", outline.title, outline.prose);
    }
    let html = Html::parse_document(text);
    let mut lines = Lines::default();
    lines.add(&outline.title);
    lines.end_line();
    // A stack of our own: the call stack is too small for the depth that is let through.
    let mut ahead = vec![(html.tree.root(), Step::Enter)];
    while let Some((node, step)) = ahead.pop() {
        match (node.value(), step) {
            (Node::Text(text), _) => lines.add(text),
            (Node::Element(element), Step::Leave) => lines.leave(element.name()),
            (Node::Element(element), Step::Enter) if is_unread(element) => {}
            (Node::Element(element), Step::Enter) => {
                lines.enter(element.name(), || ElementRef::wrap(node).is_some_and(holds_no_table));
                ahead.push((node, Step::Leave));
                ahead.extend(node.children().rev().map(|child| (child, Step::Enter)));
            }
            (_, _) => ahead.extend(node.children().rev().map(|child| (child, Step::Enter))),
        }
    }
    lines.end_line();
    lines.done
}

#[derive(Clone, Copy)]
enum Step {
    Enter,
    Leave,
}

fn is_unread(element: &Element) -> bool {
    let style = || element.attr("style").unwrap_or_default().replace(' ', "").to_ascii_lowercase();
    DROPPED.contains(&element.name())
        || element.attr("hidden").is_some()
        || element.classes().any(|class| HIDDEN_CLASSES.contains(&class))
        || style().contains("display:none")
}

/// A row of a table that lays out a page is no row of data.
fn holds_no_table(row: ElementRef<'_>) -> bool {
    let table = Selector::parse("table").expect("a constant selector");
    row.select(&table).next().is_none()
}

/// The lines so far, and the one that is being written.
#[derive(Default)]
struct Lines {
    done: String,
    current: String,
    /// The cells of the row that is being written.
    cells: Option<Vec<String>>,
}

impl Lines {
    fn add(&mut self, text: &str) {
        self.current.push_str(text);
    }

    fn enter(&mut self, name: &str, is_data_row: impl Fn() -> bool) {
        if name == "tr" && is_data_row() {
            self.end_line();
            self.cells = Some(Vec::new());
        } else if self.cells.is_some() && matches!(name, "td" | "th") {
            self.current.clear();
        } else if !INLINE.contains(&name) {
            self.end_line();
        }
    }

    fn leave(&mut self, name: &str) {
        match (name, &mut self.cells) {
            ("td" | "th", Some(cells)) => cells.push(collapsed(&std::mem::take(&mut self.current))),
            ("tr", Some(cells)) => {
                self.current = if cells.iter().all(String::is_empty) { String::new() } else { cells.join(" | ") };
                self.cells = None;
                self.end_line();
            }
            _ if INLINE.contains(&name) => {}
            _ => self.end_line(),
        }
    }

    /// Ends the line; inside a row of a table only the word.
    fn end_line(&mut self) {
        if self.cells.is_some() {
            self.current.push(' ');
            return;
        }
        let line = collapsed(&std::mem::take(&mut self.current));
        if !line.is_empty() {
            self.done.push_str(&line);
            self.done.push('\n');
        }
    }
}

/// Fields with names of persons, which are nobody's business in an alert.
const PERSONS: [&str; 1] = ["DRAFT_STAFF"];

fn readable_json(text: &str) -> String {
    serde_json::from_str::<Value>(text)
        .map(without_persons)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .map_or_else(|_| text.to_owned(), |pretty| pretty + "\n")
}

fn without_persons(value: Value) -> Value {
    match value {
        Value::Array(parts) => Value::Array(parts.into_iter().map(without_persons).collect()),
        Value::Object(fields) => {
            let named = fields.into_iter().filter(|(name, _)| !PERSONS.contains(&name.as_str()));
            Value::Object(named.map(|(name, value)| (name, without_persons(value))).collect())
        }
        plain => plain,
    }
}

/// `70001 ISO/IEC DIS 70001-4`, then a line a field, indented.
fn readable_row(line: &str) -> String {
    let Ok(Value::Object(row)) = serde_json::from_str::<Value>(line) else {
        return format!("{}\n", collapsed(line));
    };
    let heading: Vec<String> = ["id", "reference"].into_iter().filter_map(|key| row.get(key).map(shown)).collect();
    let mut block = format!("{}\n", heading.join(" "));
    for (key, value) in &row {
        match value {
            Value::Object(parts) => {
                for (part, value) in parts {
                    add_field(&mut block, &format!("{key}.{part}"), value);
                }
            }
            value => add_field(&mut block, key, value),
        }
    }
    block
}

fn add_field(block: &mut String, key: &str, value: &Value) {
    writeln!(block, "  {key}: {}", shown(value)).expect("a String takes any text");
}

/// One line of plain text; markup inside a value is taken off.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.contains('<') => outline_of(text).prose,
        Value::String(text) => collapsed(text),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_persons_stay_out_of_what_alerts_show() {
        let text = r#"{"rows":[{"C_STD_CODE":"GB/T 1-2031","DRAFT_STAFF":"某人"}]}"#;
        let shown = readable_text(Content::Json, text);
        assert!(shown.contains("GB/T 1-2031") && !shown.contains("某人"), "{shown}");
    }

    #[test]
    fn blocks_break_lines_and_rows_are_one_line() {
        let text = "<html><head><title>Plans</title><style>x</style></head><body><h1>One <b>t</b>itle</h1><!-- no -->\
                    <p>First<br>second</p><script>no</script><div class='x hidden'>no</div><p style='display: none'>no</p>\
                    <table><tr><th>Plan</th><th>Stage</th></tr><tr><td><p>20310001-T-469</p></td><td> 30<br>40 </td><td></td></tr>\
                    <tr><td></td></tr></table><input type=hidden value=no></body></html>";
        assert_eq!(
            readable_text(Content::Html, text),
            "Plans\nOne title\nFirst\nsecond\nPlan | Stage\n20310001-T-469 | 30 40 |\n"
        );
    }

    #[test]
    fn a_table_for_layout_does_not_swallow_the_page() {
        let text =
            "<table><tr><td><p>One</p><table><tr><td>a</td><td>b</td></tr></table></td><td>two</td></tr></table>";
        assert_eq!(readable_text(Content::Html, text), "One\na | b\ntwo\n");
    }

    #[test]
    fn what_cannot_be_parsed_in_time_is_shown_as_bare_text() {
        let text = format!("<title>t</title>{}deep", "<div>".repeat(100_000));
        assert_eq!(readable_text(Content::Html, &text), "t\ndeep\n");
        readable_text(Content::Html, &"<div><p><b>x".repeat(900));
    }

    #[test]
    fn json_has_a_field_a_line() {
        assert_eq!(
            readable_text(Content::Json, r#"{"b":[1],"a":"x"}"#),
            "{\n  \"a\": \"x\",\n  \"b\": [\n    1\n  ]\n}\n"
        );
        assert_eq!(readable_text(Content::Json, "no json"), "no json");
    }

    #[test]
    fn json_lines_have_a_block_a_row() {
        let text = "{\"id\":7,\"reference\":\"ISO 7\",\"scope\":{\"en\":\"<p>About\\n <b>locks</b></p>\"},\"replaces\":[1,2]}\n\nno row\n";
        assert_eq!(
            readable_text(Content::JsonLines, text),
            "7 ISO 7\n  id: 7\n  reference: ISO 7\n  replaces: [1,2]\n  scope.en: About locks\nno row\n"
        );
    }
}
