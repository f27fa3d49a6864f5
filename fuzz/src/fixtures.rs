//! The fixtures of one format, as `tests/formats.rs` reads them: the page, how it was served, and what a first poll of it holds.
//! The folder is read once, when the target starts.

use std::path::{Path, PathBuf};

use jiff::civil::{Date, date};
use serde_json::Value;
use stagewatch::changes::comparison::{Comparison, Holdings, compare};
use stagewatch::formats::open::open;
use stagewatch::formats::refusal::Served;
use stagewatch::formats::layout::{Field, Layout, Place};
use stagewatch::formats::{Format, Scope, named};
use stagewatch::standards::committee::Committee;
use stagewatch::standards::reference::Reference;
use stagewatch::standards::stage::{Scheme, StageCode};
use url::Url;

use crate::page::{limits_of, programme_of};

/// Every poll is of this day.
pub const TODAY: Date = date(2031, 5, 12);

/// The format that is tried, with its fixtures.
pub struct Bench {
    /// The format.
    pub format: &'static Format,
    /// Its fixtures, in the order of their names: the first byte of an input chooses one.
    pub fixtures: Vec<Fixture>,
}

/// One fixture.
pub struct Fixture {
    /// The address.
    pub url: Option<Url>,
    /// What the source is asked for.
    pub scope: Scope,
    /// What is held of it after a first poll; `None` where it is no good page.
    pub holdings: Option<Holdings>,
}

impl Bench {
    /// The format that `STAGEWATCH_FUZZ_FORMAT` names.
    pub fn from_environment() -> Bench {
        let name = std::env::var("STAGEWATCH_FUZZ_FORMAT").expect("STAGEWATCH_FUZZ_FORMAT names a format");
        let format = named(&name).unwrap_or_else(|| panic!("`{name}` is no format"));
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures").join(&name);
        let fixtures = pages_in(&folder).iter().map(|page| Fixture::of(format, page)).collect();
        Bench { format, fixtures }
    }
}

impl Fixture {
    fn of(format: &Format, page: &Path) -> Fixture {
        let given: Value = std::fs::read(page.with_extension("given.json"))
            .map(|bytes| serde_json::from_slice(&bytes).expect("a .given.json is JSON"))
            .unwrap_or_default();
        let scope = scope_in(&given);
        let url = given["url"].as_str().and_then(|url| Url::parse(url).ok());
        let served = Served {
            status: given["status"].as_u64().and_then(|status| status.try_into().ok()).unwrap_or(200),
            content_type: given["content-type"].as_str(),
            headers: &[],
            asked: url.as_ref(),
            answered: url.as_ref(),
        };
        let bytes = std::fs::read(page).expect("a fixture can be read");
        let programme = programme_of(&open(format, &served, &bytes, &scope).reading);
        let holdings = match compare(None, &programme, limits_of(format, &scope), TODAY) {
            Comparison::Baseline(holdings) => Some(holdings),
            Comparison::Compared { .. } | Comparison::Doubt(_) => None,
        };
        Fixture { url, scope, holdings }
    }
}

fn scope_in(given: &Value) -> Scope {
    let texts = |key: &str| given[key].as_array().into_iter().flatten().filter_map(Value::as_str);
    let named = |key: &str| given[key].as_object().into_iter().flatten().filter_map(|(name, text)| Some((name, text.as_str()?)));
    let code = |text: &str| {
        let (scheme, code) = text.split_once(':')?;
        StageCode::parse(Scheme::parse(scheme)?, code)
    };
    Scope {
        committees: texts("committees").filter_map(Committee::parse).collect(),
        standards: texts("standards").filter_map(Reference::parse).collect(),
        region: given["region"].as_str().map(str::to_owned),
        ignore: texts("ignore").map(str::to_owned).collect(),
        layout: Layout {
            rows: given["rows"].as_str().map(str::to_owned),
            columns: named("columns").filter_map(|(name, place)| Some((Field::parse(name)?, Place::parse(place)))).collect(),
            is_complete: given["complete"] == true,
            stages: named("stages").filter_map(|(label, text)| Some((label.clone(), code(text)?))).collect(),
        },
        ..Scope::default()
    }
}

/// The pages of a folder of fixtures, without what stands beside them; `fuzz/run` numbers its seeds in the same order.
fn pages_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let is_page = |path: &PathBuf| {
        let name = path.to_string_lossy();
        !name.ends_with(".expected.json") && !name.ends_with(".given.json")
    };
    let mut pages: Vec<PathBuf> = entries.map(|entry| entry.expect("a folder entry").path()).filter(is_page).collect();
    pages.sort();
    pages
}
