//! HTML and XML broken at its joints: rows, cells, headings, names of tags and attributes, texts, blocks.

use std::ops::Range;
use std::sync::LazyLock;

use fastrand::Rng;
use regex::Regex;

use super::judge::Says;
use super::markup::{Element, Markup, attribute, scanned};
use super::stages;

/// One way of breaking: the new text with what was done, or `None` where the page has nothing to be broken so.
pub(crate) type Breaking = fn(&mut Rng, &str) -> Option<(String, String, Says)>;

/// Every way.
pub(crate) const WAYS: [(&str, Breaking); 17] = [
    ("rows dropped", rows_dropped),
    ("rows in another order", rows_reordered),
    ("cells swapped", cells_swapped),
    ("heading renamed", heading_renamed),
    ("headings swapped", headings_swapped),
    ("attribute renamed", attribute_renamed),
    ("class or id renamed", value_renamed),
    ("attributes gone", attributes_gone),
    ("tag renamed", tag_renamed),
    ("tags gone", tags_gone),
    ("one tag gone", one_tag_gone),
    ("texts emptied", texts_emptied),
    ("block duplicated", block_duplicated),
    ("block moved", block_moved),
    ("part commented out", part_commented),
    ("part inside a script", part_inside),
    ("markup escaped", escaped),
];

fn rows_dropped(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let markup = scanned(text);
    let group = rng.choice(markup.groups(text))?;
    let name = &markup.elements[group[0]].name;
    let (dropped, how) = match rng.u8(0..4) {
        0 | 1 => (vec![*rng.choice(&group)?], "one"),
        2 => (group.iter().copied().filter(|_| rng.bool()).collect(), "some"),
        _ => (group.clone(), "all"),
    };
    let ranges = dropped.iter().map(|row| (markup.elements[*row].whole(), String::new()));
    let what = format!("{how} of {} `{name}`: {}", group.len(), dropped.len());
    Some((replaced(text, ranges), what, Says::Less))
}

fn rows_reordered(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let markup = scanned(text);
    let group = rng.choice(markup.groups(text))?;
    let mut shuffled = group.clone();
    rng.shuffle(&mut shuffled);
    let ranges = group
        .iter()
        .zip(&shuffled)
        .map(|(place, row)| (markup.elements[*place].whole(), text[markup.elements[*row].whole()].to_owned()));
    let name = &markup.elements[group[0]].name;
    // Rows stand for themselves; labels and values stand for what is beside them.
    let says = if ["li", "tr", "item", "entry"].contains(&name.as_str()) { Says::Nothing } else { Says::OtherFields };
    Some((replaced(text, ranges), format!("{} `{name}`", group.len()), says))
}

/// The contents of two neighbours change places; never those of two that both name a stage, which would be what a body does.
fn cells_swapped(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let markup = scanned(text);
    let mut pairs: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    let mut by_parent: std::collections::BTreeMap<Option<usize>, Vec<&Element>> = std::collections::BTreeMap::new();
    for element in &markup.elements {
        by_parent.entry(element.parent).or_default().push(element);
    }
    for siblings in by_parent.values() {
        pairs.extend(siblings.windows(2).map(|pair| (pair[0].inner(), pair[1].inner())));
    }
    pairs.retain(|(one, other)| {
        text[one.clone()] != text[other.clone()]
            && !(stages::are_named_in(&text[one.clone()]) && stages::are_named_in(&text[other.clone()]))
    });
    let (one, other) = rng.choice(pairs)?;
    let (first, second) = (text[one.clone()].to_owned(), text[other.clone()].to_owned());
    let what = format!("`{}` and `{}`", short(&first), short(&second));
    // The value of one field stands under the label of another.
    Some((replaced(text, [(one, second), (other, first)]), what, Says::OtherFields))
}

/// Texts that look like labels: short, and without digits.
fn headings_in<'a>(text: &'a str, markup: &Markup) -> Vec<(Range<usize>, &'a str)> {
    let texts = markup.texts.iter().map(|range| (range.clone(), text[range.clone()].trim()));
    texts
        .filter(|(_, heading)| heading.chars().count() <= 24 && !heading.contains(|c: char| c.is_ascii_digit()))
        .collect()
}

fn heading_renamed(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let markup = scanned(text);
    let titles: Vec<&str> =
        markup.elements.iter().filter_map(|element| attribute(&text[element.open.clone()], "data-title")).collect();
    let heading = match rng.choice(&titles) {
        Some(title) if rng.bool() => *title,
        _ => rng.choice(headings_in(text, &markup))?.1,
    };
    let other = *rng.choice(&["Other words", "某项", "X", "Étiquette"])?;
    let is_everywhere = rng.bool();
    let renamed = if is_everywhere { text.replace(heading, other) } else { text.replacen(heading, other, 1) };
    Some((renamed, format!("`{heading}` is `{other}`, everywhere: {is_everywhere}"), Says::OtherFields))
}

/// Labels change places, never two stages.
fn headings_swapped(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let markup = scanned(text);
    let headings = headings_in(text, &markup);
    let (one, first) = rng.choice(&headings)?.clone();
    let (other, second) = rng.choice(&headings)?.clone();
    if first == second || stages::is_one(first) && stages::is_one(second) {
        return None;
    }
    let swapped = replaced(text, [(one, second.to_owned()), (other, first.to_owned())]);
    Some((swapped, format!("`{first}` and `{second}`"), Says::OtherFields))
}

const ATTRIBUTES: [&str; 13] = [
    "class",
    "id",
    "href",
    "data-title",
    "tid",
    "pid",
    "onclick",
    "itemprop",
    "title",
    "data-index",
    "lang",
    "rel",
    "datetime",
];

fn attribute_renamed(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let there: Vec<&str> = ATTRIBUTES.into_iter().filter(|name| text.contains(&format!(" {name}="))).collect();
    let name = *rng.choice(&there)?;
    let (old, new) = (format!(" {name}="), format!(" data-x-{name}="));
    let is_everywhere = rng.bool();
    let renamed = if is_everywhere { text.replace(&old, &new) } else { nth_replaced(rng, text, &old, &new)? };
    Some((renamed, format!("`{name}`, everywhere: {is_everywhere}"), Says::Less))
}

static NAMED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#" (?:class|id|itemprop)="([^"<>]+)""#).expect("a constant pattern"));

fn value_renamed(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let words: std::collections::BTreeSet<&str> =
        NAMED.captures_iter(text).flat_map(|found| found.extract::<1>().1[0].split_whitespace()).collect();
    let word = rng.choice(words)?;
    let is_everywhere = rng.bool();
    let other = format!("x-{word}");
    let pattern = Regex::new(&format!(r#"([" ]){}([" ])"#, regex::escape(word))).expect("an escaped word");
    let with = format!("${{1}}{other}${{2}}");
    let renamed =
        if is_everywhere { pattern.replace_all(text, &with) } else { pattern.replace(text, &with) }.into_owned();
    Some((renamed, format!("`{word}`, everywhere: {is_everywhere}"), Says::Less))
}

fn attributes_gone(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let name = rng.choice(ATTRIBUTES)?;
    let pattern = Regex::new(&format!(r#"(?s) {name}=("[^"]*"|'[^']*')"#)).expect("a constant name");
    Some((pattern.replace_all(text, "").into_owned(), format!("`{name}`"), Says::Less))
}

const TAGS: [&str; 22] = [
    "td", "tr", "table", "tbody", "th", "li", "ul", "a", "h1", "h2", "h3", "span", "div", "p", "strong", "time",
    "label", "b", "item", "entry", "title", "link",
];

fn tag_renamed(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let markup = scanned(text);
    let known = markup.elements.iter().filter(|element| TAGS.contains(&element.name.as_str()));
    let element = rng.choice(known.collect::<Vec<_>>())?;
    let (old, new) = (element.name.clone(), rng.choice(["div", "span", "p", "x-part", "section", "h4"])?);
    let is_everywhere = rng.bool();
    let renamed: Vec<(Range<usize>, String)> = markup
        .elements
        .iter()
        .filter(|other| other.name == old && (is_everywhere || other.open == element.open))
        .flat_map(|element| {
            let name_at = element.open.start + 1..element.open.start + 1 + old.len();
            let close = (!element.close.is_empty()).then(|| (element.close.clone(), format!("</{new}>")));
            [Some((name_at, new.to_owned())), close].into_iter().flatten()
        })
        .collect();
    let says = if new == "h4" { Says::OtherSeams } else { Says::Less };
    Some((replaced(text, renamed), format!("`{old}` is `{new}`, everywhere: {is_everywhere}"), says))
}

/// An element that does not end holds what follows: that is what the page says then to any browser.
fn tags_gone(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let name = rng.choice(TAGS)?;
    let pattern = Regex::new(&format!(r"(?i)</?{name}(\s[^>]*)?>")).expect("a constant name");
    Some((pattern.replace_all(text, "").into_owned(), format!("`{name}`"), Says::OtherSeams))
}

fn one_tag_gone(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let markup = scanned(text);
    let element = rng.choice(&markup.elements)?;
    let tag = if rng.bool() { element.open.clone() } else { element.close.clone() };
    let what = format!("`{}`", short(&text[tag.clone()]));
    (!tag.is_empty()).then(|| (replaced(text, [(tag, String::new())]), what, Says::OtherSeams))
}

fn texts_emptied(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let markup = scanned(text);
    let one = rng.choice(&markup.texts)?.clone();
    let share = rng.u32(2..8);
    let emptied: Vec<Range<usize>> = match rng.u8(0..3) {
        0 | 1 => vec![one],
        _ => markup.texts.into_iter().filter(|_| rng.u32(0..share) == 0).collect(),
    };
    let what =
        format!("{} of them, first `{}`", emptied.len(), emptied.first().map_or("", |range| &text[range.clone()]));
    Some((replaced(text, emptied.into_iter().map(|range| (range, String::new()))), what, Says::Less))
}

fn block_duplicated(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let markup = scanned(text);
    let element = rng.choice(&markup.elements)?;
    let block = text[element.whole()].to_owned();
    let body = text.find("<body").and_then(|at| Some(at + text[at..].find('>')? + 1)).unwrap_or(0);
    let end = text.rfind("</body").unwrap_or(text.len());
    let place = rng.choice([element.whole().end, element.whole().start, body, end])?;
    let what = format!("`{}` at byte {place}", short(&block));
    Some((replaced(text, [(place..place, block)]), what, Says::Nothing))
}

/// Never a block that names a stage: where it comes to stand it would be said of another project.
fn block_moved(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let markup = scanned(text);
    let element = rng.choice(&markup.elements)?;
    let block = text[element.whole()].to_owned();
    let place = rng.choice(&markup.elements)?.whole().start;
    if stages::are_named_in(&block) || element.whole().contains(&place) {
        return None;
    }
    let what = format!("`{}` to byte {place}", short(&block));
    Some((replaced(text, [(element.whole(), String::new()), (place..place, block)]), what, Says::OtherFields))
}

fn part_commented(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let markup = scanned(text);
    let element = rng.choice(&markup.elements)?;
    let part = &text[element.whole()];
    let commented = format!("<!-- {part} -->");
    Some((replaced(text, [(element.whole(), commented)]), format!("`{}`", short(part)), Says::Less))
}

fn part_inside(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let markup = scanned(text);
    let element = rng.choice(&markup.elements)?;
    let part = &text[element.whole()];
    let around = rng.choice(["script", "template", "noscript", "textarea", "style", "select", "svg"])?;
    let what = format!("`{}` in `{around}`", short(part));
    Some((replaced(text, [(element.whole(), format!("<{around}>{part}</{around}>"))]), what, Says::Less))
}

fn escaped(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let markup = scanned(text);
    let element = rng.choice(&markup.elements)?;
    let range = if rng.u8(0..4) == 0 { 0..text.len() } else { element.whole() };
    let markup = text[range.clone()].replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let what = format!("`{}`", short(&text[range.clone()]));
    // What was markup is now said, and may be part of a title.
    Some((replaced(text, [(range, markup)]), what, Says::OtherFields))
}

/// The text with these ranges exchanged; of ranges that overlap the first stands.
fn replaced(text: &str, ranges: impl IntoIterator<Item = (Range<usize>, String)>) -> String {
    let mut ranges: Vec<(Range<usize>, String)> = ranges.into_iter().collect();
    ranges.sort_by_key(|(range, _)| (range.start, range.end));
    let mut done = String::with_capacity(text.len());
    let mut at = 0;
    for (range, new) in ranges.into_iter().filter(|(range, _)| range.start <= range.end) {
        if range.start >= at {
            done.push_str(&text[at..range.start]);
            done.push_str(&new);
            at = range.end;
        }
    }
    done + &text[at..]
}

fn nth_replaced(rng: &mut Rng, text: &str, old: &str, new: &str) -> Option<String> {
    let (at, _) = rng.choice(text.match_indices(old).collect::<Vec<_>>())?;
    Some(replaced(text, [(at..at + old.len(), new.to_owned())]))
}

pub(crate) fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(70) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
