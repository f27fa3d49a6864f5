//! A cursor over one value: it reads the plain kinds (text, number, yes or no, day, list), and notes what was found instead. What a
//! text means is decided by the function that [`Value::parsed`] is given.

use std::fmt::Display;
use std::ops::RangeInclusive;

use jiff::civil::Date;
use toml::Spanned;
use toml::de::DeValue;

use crate::masked::Recipient;

use super::document::Context;
use super::keys::Keys;
use super::problem::Place;

/// How much of a value a message shows.
const SHOWN_CHARS: usize = 80;

/// One value of a document, with the key it stands under.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value<'d> {
    context: Context<'d>,
    keys: &'static Keys,
    key: &'static str,
    spanned: &'d Spanned<DeValue<'d>>,
}

impl<'d> Value<'d> {
    /// A value that stands under `key` in a table with these keys.
    pub(super) fn new(
        context: Context<'d>,
        keys: &'static Keys,
        key: &'static str,
        spanned: &'d Spanned<DeValue<'d>>,
    ) -> Value<'d> {
        Value { context, keys, key, spanned }
    }

    /// The value as TOML has it.
    pub(super) fn found(&self) -> &'d DeValue<'d> {
        self.spanned.get_ref()
    }

    /// Where it begins in its document.
    pub(super) fn offset(&self) -> usize {
        self.spanned.span().start
    }

    /// The line it begins on.
    pub(super) fn place(&self) -> Place {
        self.context.document.place(self.offset())
    }

    /// The key with its table: `source.schedule`.
    pub(super) fn key(&self) -> String {
        self.keys.full(self.key)
    }

    /// What the value is read with.
    pub(super) fn context(&self) -> Context<'d> {
        self.context
    }

    /// Notes a problem without showing the value.
    pub(super) fn problem(&self, what: impl Display) {
        self.context.report.problem(self.place(), self.key(), what);
    }

    /// Notes something that works and still deserves a word.
    pub(super) fn warning(&self, what: impl Display) {
        self.context.report.warning(self.place(), self.key(), what);
    }

    /// Notes what was found, why it is wrong, and what would be right.
    pub(super) fn wrong(&self, why: impl Display, remedy: impl Display) {
        self.problem(format_args!("found {}: {why}; {remedy}", shown(self.found())));
    }

    /// A text.
    pub(super) fn text(&self) -> Option<&'d str> {
        if let DeValue::String(text) = self.found() {
            return Some(text);
        }
        self.wrong("that is no text", "write it in quotes");
        None
    }

    /// A text that is not blank, without the white space around it.
    pub(super) fn filled(&self) -> Option<&'d str> {
        let text = self.text()?.trim();
        if text.is_empty() {
            let about = self.keys.about(self.key).unwrap_or_default();
            self.wrong("that is empty", format_args!("write {about}"));
            return None;
        }
        Some(text)
    }

    /// What a text means; `remedy` is what would be right when it means nothing.
    pub(super) fn parsed<T, E: Display>(&self, parse: impl FnOnce(&str) -> Result<T, E>, remedy: &str) -> Option<T> {
        parse(self.text()?).map_err(|why| self.wrong(why, remedy)).ok()
    }

    /// What a text means to a function whose errors say themselves what would be right.
    pub(super) fn understood<T, E: Display>(&self, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        let text = self.text()?;
        let note = |error: E| {
            let explanation = error.to_string();
            // An error that quotes the whole text has said what was found.
            if explanation.starts_with(&format!("`{text}`")) {
                self.problem(explanation);
            } else {
                self.problem(format_args!("found {}: {explanation}", shown(self.found())));
            }
        };
        parse(text).map_err(note).ok()
    }

    /// A whole number within limits.
    pub(super) fn count(&self, limits: RangeInclusive<u32>) -> Option<u32> {
        let number = match self.found() {
            DeValue::Integer(integer) => u32::from_str_radix(integer.as_str(), integer.radix()).ok(),
            _ => None,
        };
        let within = number.filter(|number| limits.contains(number));
        if within.is_none() {
            let (least, most) = limits.into_inner();
            self.wrong(
                "that is not a fitting whole number",
                format_args!("write one from {least} to {most}, without quotes"),
            );
        }
        within
    }

    /// A share: more than 0, at most 1.
    pub(super) fn share(&self) -> Option<f64> {
        let number: Option<f64> = match self.found() {
            DeValue::Float(float) => float.as_str().parse().ok(),
            DeValue::Integer(integer) => integer.as_str().parse().ok(),
            _ => None,
        };
        let within = number.filter(|share| *share > 0.0 && *share <= 1.0);
        if within.is_none() {
            self.wrong("that is no share", "write a number above 0 and up to 1, e.g. 0.5 for a half");
        }
        within
    }

    /// Yes or no.
    pub(super) fn flag(&self) -> Option<bool> {
        if let DeValue::Boolean(flag) = self.found() {
            return Some(*flag);
        }
        self.wrong("that is neither yes nor no", "write true or false, without quotes");
        None
    }

    /// A day.
    pub(super) fn day(&self) -> Option<Date> {
        let day = match self.found() {
            DeValue::Datetime(moment) if moment.time.is_none() && moment.offset.is_none() => {
                moment.date.and_then(|date| format!("{date}").parse().ok())
            }
            _ => None,
        };
        if day.is_none() {
            self.wrong("that is no day", "write it as 2023-12-31, without quotes");
        }
        day
    }

    /// The values of a list.
    pub(super) fn list(&self) -> Vec<Value<'d>> {
        if !self.found().is_array() {
            self.wrong("that is no list", "write it in brackets, e.g. [\"one\", \"two\"]");
        }
        self.elements()
    }

    /// The values of a list; none of anything else.
    pub(super) fn elements(&self) -> Vec<Value<'d>> {
        let array = self.found().as_array().map(|array| array.iter()).into_iter().flatten();
        array.map(|spanned| Value { spanned, ..*self }).collect()
    }

    /// Whether it is a list with nothing in it.
    pub(super) fn is_empty_list(&self) -> bool {
        self.found().as_array().is_some_and(|array| array.is_empty())
    }
}

/// A value as a message may show it: short, on one line, and without what an address or a secret would give away.
fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) if text.contains("whsec_") => "a secret".to_owned(),
        DeValue::String(text) if text.contains("://") && text.contains('@') => {
            format!("\"{}\"", Recipient::new(text.as_ref()))
        }
        DeValue::String(text) => {
            let mut short: String = text.chars().take(SHOWN_CHARS).collect();
            if short.len() < text.len() {
                short.push('…');
            }
            format!("{short:?}")
        }
        DeValue::Integer(integer) => format!("the number {integer}"),
        DeValue::Float(float) => format!("the number {float}"),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(moment) => moment.to_string(),
        DeValue::Array(array) if array.is_empty() => "an empty list".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}
