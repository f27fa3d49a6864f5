//! `[[source]]`: one watched address in one format. Not the poll.

use jiff::tz::TimeZone;
use url::Url;

use crate::fetch::Fetcher;
use crate::fetch::error::FetchError;
use crate::fetch::settings::{Options, Tls};
use crate::formats::layout::{Field, Layout, Place};
use crate::formats::{self, FORMATS, Format, Scope};
use crate::standards::stage::{Scheme, StageCode};
use crate::timing::Schedule;

use super::fetch;
use super::ids::Ids;
use super::paths;
use super::suggestion::instead_of;
use super::table::Table;
use super::value::Value;
use super::words;

/// Once on every working day: bodies publish no oftener.
const SCHEDULE: &str = "15 6 * * Mon-Fri";

/// Lists of the bodies have up to 30 pages; one that never ends must be left all the same.
const MAX_PAGES: u32 = 50;

/// Headers that would be a secret in this file.
const SECRET_HEADERS: [&str; 3] = ["authorization", "proxy-authorization", "cookie"];

/// One watched address.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its name.
    pub id: String,
    /// How its pages are read.
    pub format: &'static Format,
    /// Addresses of the same page, in order of preference; never empty.
    pub urls: Vec<Url>,
    /// Which rows matter.
    pub scope: Scope,
    /// When to look.
    pub schedule: Schedule,
    /// How many pages of a list to follow.
    pub max_pages: u32,
    /// How its pages are fetched.
    pub options: Options,
    /// The encoding of its pages, where what they say of themselves is wrong: a name of the WHATWG.
    pub encoding: Option<&'static str>,
}

/// Reads a `[[source]]`.
pub(super) fn read(table: &Table<'_>, ids: &mut Ids) -> Option<Source> {
    let id = ids.claim(table);
    let format = table.required("format").and_then(|value| format(&value));
    if let Some(format) = format {
        check_layout(table, format);
    }
    let urls = urls(table);
    let committees = words::committees(&table.list("committees"));
    let standards = words::references(&table.list("standards"));
    let region = table.value("region").and_then(|value| selector(&value));
    let ignore = table.list("ignore").iter().filter_map(expression).collect();
    let schedule = schedule(table);
    let max_pages = table.value("max-pages").and_then(|value| value.count(1..=1000)).unwrap_or(MAX_PAGES);
    let options = options(table);
    Some(Source {
        id: id?,
        format: format?,
        urls,
        scope: Scope { committees, standards, region, ignore, layout: layout(table), ..Scope::default() },
        schedule: schedule?,
        max_pages,
        options,
        encoding: table.value("encoding").and_then(|value| encoding(&value)),
    })
}

fn format(value: &Value<'_>) -> Option<&'static Format> {
    let name = value.text()?;
    let format = formats::named(name);
    if format.is_none() {
        value.wrong("no such format", instead_of(name, FORMATS.iter().map(|format| format.name)));
    }
    format
}

/// `rows`, `columns`, `stages` and `complete`, for the format that reads any table.
fn layout(table: &Table<'_>) -> Layout {
    let rows = table.value("rows").and_then(|value| selector(&value));
    let named = table.texts_by_name("columns").into_iter();
    let columns = named.filter_map(|(name, value)| column(name, &value)).collect();
    let named = table.texts_by_name("stages").into_iter();
    let stages = named.filter_map(|(label, value)| Some((label.to_owned(), stage(&value)?))).collect();
    let is_complete = table.value("complete").and_then(|value| value.flag()).unwrap_or(false);
    Layout { rows, columns, is_complete, stages }
}

fn column(name: &str, value: &Value<'_>) -> Option<(Field, Place)> {
    let Some(field) = Field::parse(name) else {
        value.problem(format_args!("no such field; {}", instead_of(name, Field::ALL.iter().map(|(known, _)| *known))));
        return None;
    };
    let place = Place::parse(value.text()?);
    if let Place::Select(selector) = &place
        && let Err(error) = scraper::Selector::parse(selector)
    {
        value.wrong(error, "write a CSS selector after `css:`, e.g. \"css:td.stage\"");
        return None;
    }
    Some((field, place))
}

fn stage(value: &Value<'_>) -> Option<StageCode> {
    let parse = |text: &str| {
        let (scheme, code) = text.split_once(':').ok_or("it does not name a scheme")?;
        let scheme = Scheme::parse(scheme.trim()).ok_or("no such scheme")?;
        StageCode::parse(scheme, code.trim()).ok_or("no such code")
    };
    value.parsed(parse, "write a harmonized stage code, e.g. \"iso:40.20\", or a stage of GB/T 16733, e.g. \"gb:30\"")
}

/// Keys that only one format reads are a mistake beside another.
fn check_layout(table: &Table<'_>, format: &Format) {
    for (keys, owner) in
        [(["rows", "columns", "stages", "complete"].as_slice(), "table"), (&["region", "ignore"], "page-text")]
    {
        for key in keys.iter().filter(|_| format.name != owner) {
            if let Some(value) = table.value(key) {
                value.problem(format_args!("only the format `{owner}` reads it, and this is `{}`", format.name));
            }
        }
    }
    if format.name == "table" && table.value("columns").is_none() {
        table.problem(
            "columns",
            "missing; write which column holds what, e.g. { reference = \"No.\", stage = \"Stage\" }",
        );
    }
}

fn encoding(value: &Value<'_>) -> Option<&'static str> {
    let find = |label: &str| encoding_rs::Encoding::for_label(label.trim().as_bytes()).ok_or("no such encoding");
    value
        .parsed(find, "write a name that browsers know, e.g. \"gb18030\" or \"utf-8\"")
        .map(encoding_rs::Encoding::name)
}

fn selector(value: &Value<'_>) -> Option<String> {
    let remedy = "write a CSS selector, e.g. \"main .content\"";
    value.parsed(
        |text| scraper::Selector::parse(text).map_err(|error| error.to_string()).map(|_| text.to_owned()),
        remedy,
    )
}

fn expression(value: &Value<'_>) -> Option<String> {
    let remedy = "write a regular expression, e.g. \"^Visitors: \\\\d+\"";
    value.parsed(|text| regex::Regex::new(text).map_err(|error| error.to_string()).map(|_| text.to_owned()), remedy)
}

fn urls(table: &Table<'_>) -> Vec<Url> {
    let values = match (table.value("url"), table.value("urls")) {
        (Some(url), None) => vec![url],
        (None, Some(urls)) => urls.list(),
        (Some(_), Some(urls)) => {
            urls.problem("`url` is there too; write either one address or a list");
            return Vec::new();
        }
        (None, None) => {
            table.problem("url", "missing; write `url`, the address of its page, or `urls`, in order of preference");
            return Vec::new();
        }
    };
    if let (true, Some(list)) = (values.is_empty(), table.value("urls")) {
        list.wrong("it names nothing", "write at least one address");
    }
    values.iter().filter_map(words::web_address).collect()
}

fn schedule(table: &Table<'_>) -> Option<Schedule> {
    let zone = table.value("timezone").and_then(|value| words::time_zone(&value)).unwrap_or(TimeZone::UTC);
    match table.value("schedule") {
        Some(value) => value.understood(|line| Schedule::parse(line, zone)),
        None => Some(Schedule::parse(SCHEDULE, zone).expect("our own line is a crontab line")),
    }
}

fn options(table: &Table<'_>) -> Options {
    let named = table.texts_by_name("headers");
    Options {
        proxy: words::proxy(table),
        headers: named.into_iter().filter_map(|(name, value)| header(name, &value)).collect(),
        extra_ca: table.value("extra-ca").and_then(|value| extra_ca(&value)),
        tls: table.value("tls").and_then(|value| tls(&value)).unwrap_or_default(),
        ignore_robots: table.value("ignore-robots").and_then(|value| value.flag()).unwrap_or(false),
    }
}

fn tls(value: &Value<'_>) -> Option<Tls> {
    let parse = |text: &str| match text {
        "modern" => Ok(Tls::Modern),
        "legacy" => Ok(Tls::Legacy),
        _ => Err("no such way"),
    };
    let tls = value.parsed(parse, "write \"legacy\" for a server that speaks no other TLS, or leave it out")?;
    accepted(value, &Options { tls, ..Options::default() }).then_some(tls)
}

fn extra_ca(value: &Value<'_>) -> Option<Vec<u8>> {
    let pem = paths::certificates(value)?;
    accepted(value, &Options { extra_ca: Some(pem.clone()), ..Options::default() }).then_some(pem)
}

fn header(name: &str, value: &Value<'_>) -> Option<(String, String)> {
    let lower = name.to_ascii_lowercase();
    if SECRET_HEADERS.contains(&lower.as_str()) {
        value.problem(format_args!("`{name}` would be a secret in this file; leave it out"));
        return None;
    }
    let header = (lower, value.text()?.to_owned());
    accepted(value, &Options { headers: vec![header.clone()], ..Options::default() }).then_some(header)
}

/// Whether fetching can work with this; it knows best, and says why not.
fn accepted(value: &Value<'_>, options: &Options) -> bool {
    let tried = Fetcher::new(fetch::default()).and_then(|fetcher| fetcher.check(options));
    match tried {
        Err(FetchError::Settings { key, why, .. }) if value.key().ends_with(key) => {
            value.problem(why);
            false
        }
        // Whatever else is wrong is not about this value, and is told when fetching begins.
        Ok(()) | Err(_) => true,
    }
}
