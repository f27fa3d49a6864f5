//! Every fixture of every format, read and compared with the file beside it.
//!
//! `tests/fixtures/<format>/<name>.html`, `.json` or `.jsonl` is a page; `<name>.expected.json` holds the lines that
//! `read --json` prints for it; `<name>.given.json`, where there is one, says how it was served: `url`, `status`,
//! `content-type`, `headers`, `committees`, `standards`, `region`, `ignore`. A new folder needs no line here. With `STAGEWATCH_BLESS=1` the expectations are
//! written anew; read the difference before you commit it.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::Value;
use stagewatch::formats::layout::{Field, Layout, Place};
use stagewatch::formats::open::{Opened, open};
use stagewatch::formats::refusal::Served;
use stagewatch::formats::{self, Format, Scope};
use stagewatch::records::line::{DefectRecord, Line, PageRecord};
use stagewatch::records::project::ProjectRecord;
use stagewatch::standards::committee::Committee;
use stagewatch::standards::programme::Wholeness;
use stagewatch::standards::reference::Reference;
use stagewatch::standards::stage::{Scheme, StageCode};
use url::Url;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// The pages in the folder that bears the name of the format.
pub(crate) fn pages_of(format: &Format) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(fixtures().join(format.name)) else { return Vec::new() };
    let is_page = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        let is_beside = [".expected.json", ".given.json"].iter().any(|ending| name.ends_with(ending));
        !is_beside && [".html", ".json", ".jsonl", ".xml"].iter().any(|ending| name.ends_with(ending))
    };
    let mut pages: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).filter(is_page).collect();
    pages.sort();
    pages
}

/// `rows`, `columns`, `stages`, as the configuration has them.
fn layout_in(given: &Value) -> Layout {
    let texts = |key: &str| {
        let named = given[key].as_object().into_iter().flatten();
        named.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect::<Vec<_>>()
    };
    let code = |text: &str| {
        let (scheme, code) = text.split_once(':').unwrap();
        StageCode::parse(Scheme::parse(scheme).unwrap(), code).unwrap()
    };
    Layout {
        is_complete: given["complete"] == true,
        rows: given["rows"].as_str().map(str::to_owned),
        columns: texts("columns")
            .iter()
            .map(|(name, place)| (Field::parse(name).unwrap(), Place::parse(place)))
            .collect(),
        stages: texts("stages").into_iter().map(|(label, text)| (label, code(&text))).collect(),
    }
}

/// How a page was served.
pub(crate) struct Given {
    pub(crate) url: Option<Url>,
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) scope: Scope,
}

pub(crate) fn given_beside(page: &Path) -> Given {
    let given: Value = std::fs::read(page.with_extension("given.json"))
        .map(|bytes| serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{}: {error}", page.display())))
        .unwrap_or_default();
    let text = |key: &str| given[key].as_str().map(str::to_owned);
    let header = |(name, value): (&String, &Value)| (name.clone(), value.as_str().unwrap().to_owned());
    let committees = given["committees"].as_array().into_iter().flatten();
    let standards = given["standards"].as_array().into_iter().flatten();
    let ignored = given["ignore"].as_array().into_iter().flatten();
    Given {
        url: text("url").map(|url| Url::parse(&url).unwrap()),
        status: given["status"].as_u64().map_or(200, |status| u16::try_from(status).unwrap()),
        content_type: text("content-type"),
        headers: given["headers"].as_object().into_iter().flatten().map(header).collect(),
        scope: Scope {
            committees: committees.map(|name| Committee::parse(name.as_str().unwrap()).unwrap()).collect(),
            standards: standards.map(|number| Reference::parse(number.as_str().unwrap()).unwrap()).collect(),
            region: text("region"),
            ignore: ignored.map(|line| line.as_str().unwrap().to_owned()).collect(),
            layout: layout_in(&given),
            ..Scope::default()
        },
    }
}

fn open_page(format: &Format, page: &Path) -> Opened {
    let given = given_beside(page);
    let served = Served {
        status: given.status,
        content_type: given.content_type.as_deref(),
        headers: &given.headers,
        asked: given.url.as_ref(),
        answered: given.url.as_ref(),
    };
    open(format, &served, &std::fs::read(page).unwrap(), &given.scope)
}

fn lines_of(format: &Format, opened: &Opened) -> String {
    let reading = &opened.reading;
    let why = match &reading.wholeness {
        Wholeness::Whole => None,
        Wholeness::InDoubt(why) => Some(why.clone()),
    };
    let projects = reading.projects.iter().map(|project| Line::Project(Box::new(ProjectRecord::from(project))));
    let defects = reading.defects.iter().map(|defect| Line::Defect(DefectRecord::from(defect)));
    let page = Line::Page(PageRecord {
        format: format.name.to_owned(),
        whole: why.is_none(),
        why,
        projects: reading.projects.len(),
        defects: reading.defects.len(),
        next: reading.follow.iter().map(Url::to_string).collect(),
    });
    projects.chain(defects).chain([page]).map(|line| serde_json::to_string(&line).unwrap() + "\n").collect()
}

#[test]
fn every_fixture_reads_as_the_file_beside_it_says() {
    let is_blessing = std::env::var_os("STAGEWATCH_BLESS").is_some();
    let mut troubles = Vec::new();
    for format in formats::FORMATS {
        for page in pages_of(format) {
            let read = lines_of(format, &open_page(format, &page));
            let expectation = page.with_extension("expected.json");
            if is_blessing {
                std::fs::write(&expectation, &read).unwrap();
                continue;
            }
            let expected = std::fs::read_to_string(&expectation).unwrap_or_default();
            if expected != read {
                troubles.push(format!("{}\n--- expected\n{expected}--- read\n{read}", page.display()));
            }
        }
    }
    assert!(troubles.is_empty(), "{} fixtures read otherwise:\n{}", troubles.len(), troubles.join("\n"));
}

#[test]
fn every_format_has_a_good_page_and_a_doubtful_one() {
    for format in formats::FORMATS {
        let pages = pages_of(format);
        let n_whole = pages.iter().filter(|page| open_page(format, page).reading.wholeness.is_whole()).count();
        assert!(n_whole > 0, "no whole page among the fixtures of `{}`", format.name);
        assert!(n_whole < pages.len(), "no doubtful page among the fixtures of `{}`", format.name);
    }
}

#[test]
fn no_fixture_cut_short_panics_or_invents_a_project() {
    for format in formats::FORMATS {
        for page in pages_of(format) {
            let text = std::fs::read(&page).unwrap();
            let given = given_beside(&page);
            let url = given.url.as_ref();
            let whole = String::from_utf8_lossy(&text);
            let whole = (format.read)(&formats::Page { text: &whole, url, scope: &given.scope });
            for tenth in 0..10 {
                let cut = String::from_utf8_lossy(&text[..text.len() * tenth / 10]).into_owned();
                let reading = (format.read)(&formats::Page { text: &cut, url, scope: &given.scope });
                for project in &reading.projects {
                    let known = whole.projects.iter().any(|other| other.id == project.id);
                    assert!(known, "{} cut at {tenth}/10 shows `{}`", page.display(), project.id);
                }
            }
        }
    }
}

#[test]
fn formats_have_names_of_their_own() {
    let mut names: Vec<&str> = formats::FORMATS.iter().map(|format| format.name).collect();
    assert!(names.iter().all(|name| formats::named(name).is_some_and(|format| format.name == *name)));
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), formats::FORMATS.len());
    assert!(formats::named("no-such-format").is_none());
}

#[test]
fn what_the_sieve_kept_reads_as_the_whole_file_did() {
    for format in formats::FORMATS.iter().filter(|format| format.keep.is_some()) {
        for page in pages_of(format) {
            let given = given_beside(&page);
            let whole = open_page(format, &page);
            if whole.refusal.is_some() {
                continue;
            }
            let served =
                Served { status: 200, content_type: None, headers: &[], asked: given.url.as_ref(), answered: None };
            let again = open(format, &served, whole.text.as_bytes(), &given.scope);
            assert_eq!(again.reading, whole.reading, "{}", page.display());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn no_bytes_whatever_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600), status in 100_u16..600) {
        let served = Served { status, content_type: None, headers: &[], asked: None, answered: None };
        for format in formats::FORMATS {
            let opened = open(format, &served, &bytes, &Scope::default());
            prop_assert!(opened.reading.projects.is_empty());
            formats::readable::readable_text(format.content, &opened.text);
        }
    }

    #[test]
    fn a_page_with_a_hole_never_panics(which in any::<prop::sample::Index>(), from in any::<prop::sample::Index>(), length in 1..4_000_usize) {
        let pages: Vec<_> = formats::FORMATS.iter().flat_map(|f| pages_of(f).into_iter().map(move |page| (f, page))).collect();
        let (format, page) = which.get(&pages);
        let text = String::from_utf8(std::fs::read(page).unwrap()).unwrap();
        let chars: Vec<char> = text.chars().collect();
        let from = from.index(chars.len() + 1);
        let holed: String = chars[..from].iter().chain(&chars[(from + length).min(chars.len())..]).collect();
        let given = given_beside(page);
        let served = Served { status: 200, content_type: None, headers: &[], asked: given.url.as_ref(), answered: None };
        let opened = open(format, &served, holed.as_bytes(), &given.scope);
        formats::readable::readable_text(format.content, &opened.text);
    }
}
