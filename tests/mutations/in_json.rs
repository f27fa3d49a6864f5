//! JSON broken as JSON: rows and fields nulled, renamed, retyped, wrapped, cut and closed again. One document, or one a line.

use fastrand::Rng;
use serde_json::{Map, Value, json};
use stagewatch::standards::reference::Reference;

use super::at_joints::{Breaking, short};
use super::judge::Says;
use super::stages;

/// Every way.
pub(crate) const WAYS: [(&str, Breaking); 13] = [
    ("rows dropped", rows_dropped),
    ("row nulled", row_nulled),
    ("field nulled", field_nulled),
    ("field gone", field_gone),
    ("key renamed", key_renamed),
    ("value of another type", retyped),
    ("text emptied", text_emptied),
    ("values swapped", values_swapped),
    ("rows duplicated", rows_duplicated),
    ("wrapped", wrapped),
    ("other stages said beside the rows", chrome),
    ("claims changed", claims_changed),
    ("cut and closed again", cut_and_closed),
];

/// A document whose rows are its objects inside a list, or the lines.
struct Rows {
    /// The document; `None` where each line is one.
    document: Option<Value>,
    rows: Vec<Value>,
}

impl Rows {
    fn of(text: &str) -> Option<Rows> {
        if let Ok(document) = serde_json::from_str::<Value>(text)
            && let Some(rows) = list_in(&document)
        {
            return Some(Rows { rows: rows.clone(), document: Some(document) });
        }
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        let rows: Option<Vec<Value>> = lines.map(|line| serde_json::from_str(line).ok()).collect();
        rows.filter(|rows| !rows.is_empty()).map(|rows| Rows { document: None, rows })
    }

    fn into_text(self) -> String {
        match self.document {
            None => self.rows.iter().map(|row| format!("{row}\n")).collect::<Vec<_>>().concat(),
            Some(mut document) => {
                if let Some(list) = list_in_mut(&mut document) {
                    *list = self.rows;
                }
                document.to_string()
            }
        }
    }

    fn choose<'a>(&'a mut self, rng: &mut Rng) -> Option<(usize, &'a mut Map<String, Value>)> {
        let at = rng.usize(..self.rows.len().max(1));
        Some((at, self.rows.get_mut(at)?.as_object_mut()?))
    }
}

/// The first list of objects; a list of anything else is a field of a row.
fn list_in(document: &Value) -> Option<&Vec<Value>> {
    match document {
        Value::Array(rows) => rows.iter().any(Value::is_object).then_some(rows),
        Value::Object(fields) => fields.values().find_map(list_in),
        _ => None,
    }
}

fn list_in_mut(document: &mut Value) -> Option<&mut Vec<Value>> {
    match document {
        Value::Array(rows) => rows.iter().any(Value::is_object).then_some(rows),
        Value::Object(fields) => fields.values_mut().find_map(list_in_mut),
        _ => None,
    }
}

fn rows_dropped(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let mut rows = Rows::of(text)?;
    let n_rows = rows.rows.len();
    let share = match rng.u8(0..4) {
        0 | 1 => {
            rows.rows.remove(rng.usize(..n_rows.max(1)).min(n_rows.checked_sub(1)?));
            0
        }
        2 => rng.u32(2..6),
        _ => 1,
    };
    if share > 0 {
        rows.rows.retain(|_| share > 1 && rng.u32(0..share) > 0);
    }
    let what = format!("{} of {n_rows}", n_rows - rows.rows.len());
    Some((rows.into_text(), what, Says::Less))
}

/// A row of nothing is a row that could not be read: it may be any of them.
fn row_nulled(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let mut rows = Rows::of(text)?;
    let (at, row) = rows.choose(rng)?;
    let is_whole = rng.bool();
    row.values_mut().for_each(|value| *value = Value::Null);
    if is_whole {
        rows.rows[at] = rng.choice([Value::Null, json!({}), json!([]), json!("row"), json!(0)])?;
    }
    Some((rows.into_text(), format!("row {at}, the whole of it: {is_whole}"), Says::Nothing))
}

/// A field that says nothing, in one row or in all. A row whose owner is `null` is of no committee, and leaves the list of one: that is
/// what a body prints that took a project from a committee.
fn field_nulled(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    on_key(rng, text, |row, key| {
        row.insert(key.to_owned(), Value::Null);
    })
    .map(|(text, what, key)| (text, what, if key == "ownerCommittee" { Says::Less } else { Says::Nothing }))
}

fn field_gone(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    on_key(rng, text, |row, key| drop(row.remove(key))).map(|(text, what, _)| (text, what, Says::Nothing))
}

fn key_renamed(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let kind = rng.u8(0..3);
    let renamed = on_key(rng, text, |row, key| {
        let new = match kind {
            0 => format!("x_{key}"),
            1 => key.to_uppercase() + "_",
            _ => key.to_lowercase() + "2",
        };
        let value = row.remove(key).unwrap_or_default();
        row.insert(new, value);
    });
    renamed.map(|(text, what, _)| (text, what, Says::Nothing))
}

/// Numbers as texts, texts in lists, lists as objects. No number becomes another one: that would be what a body says.
fn retyped(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let kind = rng.u8(0..4);
    let retyped = on_key(rng, text, |row, key| {
        let Some(value) = row.get_mut(key) else { return };
        *value = match (kind, value.take()) {
            (0, Value::Number(number)) => number.to_string().into(),
            (0, value) => json!(value.to_string()),
            (1, value) => json!([value]),
            (2, value) => json!({ "value": value }),
            (_, _) => json!(true),
        };
    });
    // A text in quotes is another text.
    let says = if kind == 0 { Says::OtherFields } else { Says::Nothing };
    retyped.map(|(text, what, _)| (text, what, says))
}

fn text_emptied(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let empty = *rng.choice(&["", " ", "-", "无", "null"])?;
    on_key(rng, text, |row, key| {
        row.insert(key.to_owned(), empty.into());
    })
    // A row with an empty owner is of no committee, as with `null`.
    .map(|(text, what, key)| (text, what, if key == "ownerCommittee" { Says::Less } else { Says::Nothing }))
}

/// Does something to one key of one row, or of every row; says to which.
fn on_key(
    rng: &mut Rng,
    text: &str,
    mut change: impl FnMut(&mut Map<String, Value>, &str),
) -> Option<(String, String, String)> {
    let mut rows = Rows::of(text)?;
    let is_everywhere = rng.u8(0..3) == 0;
    let (at, row) = rows.choose(rng)?;
    let key = rng.choice(row.keys().cloned().collect::<Vec<_>>())?;
    if is_everywhere {
        rows.rows.iter_mut().filter_map(Value::as_object_mut).for_each(|row| change(row, &key));
    } else {
        change(row, &key);
    }
    let place = if is_everywhere { "every row".to_owned() } else { format!("row {at}") };
    Some((rows.into_text(), format!("`{key}` of {place}"), key))
}

/// The values of two fields of one row change places; the column of another field is what each says then.
fn values_swapped(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let mut rows = Rows::of(text)?;
    let is_everywhere = rng.bool();
    let (at, row) = rows.choose(rng)?;
    let keys: Vec<String> = row.keys().cloned().collect();
    let (one, other) = (rng.choice(&keys)?.clone(), rng.choice(&keys)?.clone());
    // A number in the place of the stage, or of the project's own number, is a number that the body says.
    // So is the number of another standard in the place of this one's.
    let is_number = |value: &Value| value.is_number() || value.as_str().and_then(Reference::parse).is_some();
    let are_numbers = |row: &Value| is_number(&row[&one]) && is_number(&row[&other]);
    if one == other || rows.rows.iter().any(are_numbers) {
        return None;
    }
    let row = rows.rows.get_mut(at)?.as_object_mut()?;
    let swap = |row: &mut Map<String, Value>| {
        let (first, second) = (row.get(&one).cloned(), row.get(&other).cloned());
        if let (Some(first), Some(second)) = (first, second) {
            row.insert(one.clone(), second);
            row.insert(other.clone(), first);
        }
    };
    if is_everywhere {
        rows.rows.iter_mut().filter_map(Value::as_object_mut).for_each(swap);
    } else {
        swap(row);
    }
    Some((
        rows.into_text(),
        format!("`{one}` and `{other}` of row {at}, everywhere: {is_everywhere}"),
        Says::OtherFields,
    ))
}

fn rows_duplicated(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let mut rows = Rows::of(text)?;
    let at = rng.usize(..rows.rows.len().max(1));
    let row = rows.rows.get(at)?.clone();
    if rng.bool() {
        rows.rows.insert(rng.usize(..=rows.rows.len()), row);
    } else {
        rows.rows.extend(rows.rows.clone());
    }
    Some((rows.into_text(), format!("row {at}"), Says::Nothing))
}

#[expect(clippy::unnecessary_wraps, reason = "one of a table of functions")]
fn wrapped(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let whole: Value = serde_json::from_str(text).unwrap_or_else(|_| json!(text));
    let (wrapped, how) = match rng.u8(0..6) {
        0 => (json!({ "code": 200, "data": whole }).to_string(), "in `data`"),
        1 => (json!({ "data": { "page": { "result": whole } } }).to_string(), "in three objects"),
        2 => (json!([whole]).to_string(), "in a list"),
        3 => (json!(text).to_string(), "in a text"),
        4 => (format!("<html><body><pre>{text}</pre></body></html>"), "in HTML"),
        _ => (format!("callback({text});"), "in a call"),
    };
    Some((wrapped, how.to_owned(), Says::Less))
}

/// Words for stages in fields that say no stage.
fn chrome(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let word = rng.choice(["废止", "已终止", "95.99", "现行", "Withdrawn"])?;
    let mut rows = Rows::of(text)?;
    if let Some(Value::Object(fields)) = &mut rows.document {
        fields.insert("message".into(), word.into());
        fields.insert("legend".into(), json!({ "states": word }));
    }
    let (at, row) = rows.choose(rng)?;
    row.insert("NOTE".into(), word.into());
    row.insert("stageNames".into(), json!({ "en": word }));
    Some((rows.into_text(), format!("`{word}` in row {at}"), Says::Nothing))
}

fn claims_changed(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    // Of a document around rows; in a row such a number would be what the body says.
    let mut document = Rows::of(text)?.document?;
    let fields = document.as_object_mut()?;
    let numbers = fields.iter().filter(|(_, value)| value.is_number()).map(|(key, _)| key.clone());
    let key = rng.choice(numbers.collect::<Vec<_>>())?;
    let claim = rng.choice([json!(0), json!(1), json!(999_999), json!(-1), json!("12"), json!(null), json!(0.5)])?;
    fields.insert(key.clone(), claim.clone());
    Some((document.to_string(), format!("`{key}` is {claim}"), Says::Nothing))
}

/// Cut anywhere but inside a number, an id or a stage, since the beginning of a number is another number, and closed by what was open.
fn cut_and_closed(rng: &mut Rng, text: &str) -> Option<(String, String, Says)> {
    let line_start = text.trim_end().rfind('\n').map_or(0, |at| at + 1);
    // Of a file of lines the last one is cut, or one in the middle.
    let is_lines = Rows::of(text)?.document.is_none();
    let (before, line, after) = if !is_lines {
        ("", text, "")
    } else if rng.bool() {
        (&text[..line_start], &text[line_start..], "")
    } else {
        let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let start = *rng.choice(&starts)?;
        let end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        (&text[..start], &text[start..end], &text[end..])
    };
    let mut end = line.floor_char_boundary(rng.usize(..=line.len()));
    while line[..end].ends_with(|c: char| c.is_ascii_digit()) && line[end..].starts_with(|c: char| c.is_ascii_digit()) {
        end -= 1;
    }
    let cut = &line[..end];
    let last_text = cut.rsplit('"').next().unwrap_or_default();
    let is_id = last_text.len() > 1 && last_text.chars().all(|c| c.is_ascii_alphanumeric());
    if stages::are_named_in(last_text) || is_id && !cut.ends_with('"') {
        return None;
    }
    let closed = ["", "\"", "\":null", ":null", "null", "\"\":null"]
        .into_iter()
        .map(|patch| format!("{}{patch}", cut.trim_end().trim_end_matches(',')))
        .map(|patched| format!("{patched}{}", closers_of(&patched)))
        .find(|closed| serde_json::from_str::<Value>(closed).is_ok())?;
    let what = format!("after `…{}`", short(&cut[cut.floor_char_boundary(cut.len().saturating_sub(40))..]));
    Some((format!("{before}{closed}{after}"), what, Says::Less))
}

/// What closes everything that is open.
fn closers_of(text: &str) -> String {
    let (mut open, mut in_text, mut is_escaped) = (Vec::new(), false, false);
    for c in text.chars() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if in_text => is_escaped = true,
            '"' => in_text = !in_text,
            _ if in_text => {}
            '{' => open.push('}'),
            '[' => open.push(']'),
            '}' | ']' => drop(open.pop()),
            _ => {}
        }
    }
    open.iter().rev().collect()
}
