//! Which format fits a page: the page read with every format there is, and the readings compared. What a format makes of a page is the
//! evidence; how the page looks is none. Not the choice itself: whoever asks sees every candidate, with its reason.
//!
//! The order: first what was believed, then what showed something in doubt, then the rest. Among these a format that is made for the
//! page comes before one that reads pages of any site; then counts, in this order, whether it shows anything, how much of the address
//! it knows, whether it reads projects rather than words, how many projects have a stage code, how many have a number of their own, and how few defects there are.

use std::cmp::Reverse;

use url::Url;

use super::decode::decode;
use super::layout::Layout;
use super::open::open;
use super::refusal::{RefusalKind, Served};
use super::surmise::layout_in;
use super::{FORMATS, Format, Reading, Scope};
use crate::standards::programme::Wholeness;
use crate::standards::project::ProjectId;

/// A format, with what it made of the page.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The format.
    pub format: &'static Format,
    /// What came of it.
    pub verdict: Verdict,
    /// What it read; a doubt that names the refusal where the answer is no page for it.
    pub reading: Reading,
    /// Why it fits or does not, in one sentence.
    pub why: String,
    /// The layout by which it was read, where that was surmised from the page itself.
    pub layout: Option<Layout>,
}

/// What came of reading a page with a format, from worst to best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It found nothing that it is made for.
    DoesNotFit,
    /// It found something, and does not believe the page.
    InDoubt,
    /// A whole page with something on it; or with nothing, at an address that the format knows: a search that finds nothing today.
    Fits,
}

impl Verdict {
    /// The word of tables and records.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::DoesNotFit => "does-not-fit",
            Verdict::InDoubt => "in-doubt",
            Verdict::Fits => "fits",
        }
    }
}

/// Every format with what it makes of this answer, the one that fits best first; formats that are equal stay in the order of [`FORMATS`].
pub fn candidates_of(served: &Served<'_>, bytes: &[u8], scope: &Scope) -> Vec<Candidate> {
    let mut ranked: Vec<(Rank, Candidate)> = FORMATS.iter().map(|format| tried(format, served, bytes, scope)).collect();
    ranked.sort_by_key(|(rank, _)| Reverse(*rank));
    ranked.into_iter().map(|(_, candidate)| candidate).collect()
}

/// How much of an address a format knows: the length of the longest of its sites that it begins with; 0 for none.
pub fn closeness(format: &Format, url: &Url) -> usize {
    let whole = format!("{}{}", url.host_str().unwrap_or_default(), &url[url::Position::BeforePath..]);
    format.sites.iter().filter(|site| whole.starts_with(**site)).map(|site| site.len()).max().unwrap_or_default()
}

/// What decides between two candidates, the first difference first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::struct_excessive_bools, reason = "each is one question, and their order is what decides")]
struct Rank {
    verdict: Verdict,
    is_its_kind: bool,
    is_made_for_it: bool,
    shows_something: bool,
    closeness: usize,
    /// Words of a page are what remains where nothing more can be read.
    reads_rows: bool,
    n_staged: usize,
    n_numbered: usize,
    few_defects: Reverse<usize>,
    n_projects: usize,
}

/// The layout that a page itself suggests to a format that needs one, where nobody has written any.
fn surmised(format: &Format, served: &Served<'_>, bytes: &[u8], scope: &Scope) -> Option<Layout> {
    if !format.needs_layout() || !scope.layout.columns.is_empty() {
        return None;
    }
    let url = served.answered.or(served.asked);
    layout_in(&decode(bytes, served.content_type, url.and_then(Url::host_str)).text)
}

fn tried(format: &'static Format, served: &Served<'_>, bytes: &[u8], scope: &Scope) -> (Rank, Candidate) {
    let layout = surmised(format, served, bytes, scope);
    let scope = match &layout {
        Some(layout) => &Scope { layout: layout.clone(), ..scope.clone() },
        None => scope,
    };
    let opened = open(format, served, bytes, scope);
    let is_its_kind = opened.refusal.is_none_or(|refusal| refusal.kind != RefusalKind::WrongKind);
    let reading = opened.reading;
    let url = served.answered.or(served.asked);
    let closeness = url.map_or(0, |url| closeness(format, url));
    let verdict = match (reading.wholeness.is_whole(), !reading.projects.is_empty()) {
        (true, shows_something) if shows_something || closeness > 0 => Verdict::Fits,
        (false, true) => Verdict::InDoubt,
        (_, _) => Verdict::DoesNotFit,
    };
    let n_numbered = reading.projects.iter().filter(|project| !matches!(project.id, ProjectId::Page(_))).count();
    let rank = Rank {
        verdict,
        is_its_kind,
        // On a site that it does not know, a format has to find a number of its register before it counts as the page's own.
        is_made_for_it: !format.sites.is_empty() && (url.is_none() || closeness > 0 || n_numbered > 0),
        shows_something: !reading.projects.is_empty(),
        closeness,
        reads_rows: !format.reads_words(),
        n_staged: reading.projects.iter().filter(|project| project.stage_code().is_some()).count(),
        n_numbered,
        few_defects: Reverse(reading.defects.len()),
        n_projects: reading.projects.len(),
    };
    let why = reason_of(format, rank, &reading);
    (rank, Candidate { format, verdict, reading, why, layout })
}

fn reason_of(format: &Format, rank: Rank, reading: &Reading) -> String {
    let doubt = match &reading.wholeness {
        Wholeness::Whole if reading.projects.is_empty() => "a whole page, with nothing on it now",
        Wholeness::Whole => return found(format, rank),
        Wholeness::InDoubt(why) => why,
    };
    if rank.closeness > 0 { format!("knows the address; {doubt}") } else { doubt.to_owned() }
}

/// `12 of 12 with a stage code; knows the address`.
fn found(format: &Format, rank: Rank) -> String {
    let n_projects = rank.n_projects;
    let stages = match rank.n_staged {
        0 => "no stage code".to_owned(),
        n_staged => format!("{n_staged} of {n_projects} with a stage code"),
    };
    let numbers = match n_projects - rank.n_numbered {
        0 => "",
        n_unnumbered if n_unnumbered == n_projects => ", none with a number that is known here",
        _ => ", some without a number that is known here",
    };
    let site = match (format.sites.is_empty(), rank.closeness > 0) {
        (true, _) => "; reads pages of any site",
        (false, true) => "; knows the address",
        (false, false) => "",
    };
    format!("{stages}{numbers}{site}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::named;

    const OPENSTD: &str = "<html><body><div class=bor2><table class=mk1><tr><td><h1>标准号：GB/T 99001-2031</h1></td></tr></table>\
         <table class=tdlist><tr><td>中文标准名称：<b>示例</b></td></tr><tr><td>标准状态：<span>现行</span></td></tr></table>\
         <div class=title>发布日期</div><div>2031-01-02</div><div class=title>实施日期</div><div>2031-08-01</div></div></body></html>";

    fn candidates(url: Option<&str>, status: u16, body: &str) -> Vec<Candidate> {
        let url = url.map(|url| Url::parse(url).unwrap());
        let served = Served { status, content_type: None, headers: &[], asked: url.as_ref(), answered: url.as_ref() };
        candidates_of(&served, body.as_bytes(), &Scope::default())
    }

    fn told<'a>(candidates: &'a [Candidate], name: &str) -> &'a Candidate {
        candidates.iter().find(|candidate| candidate.format.name == name).unwrap()
    }

    #[test]
    fn what_reads_a_number_of_its_register_fits_at_any_address() {
        for (url, why) in [
            (None, "1 of 1 with a stage code"),
            (Some("https://mirror.example.org/x"), "1 of 1 with a stage code"),
            (
                Some("http://openstd.samr.gov.cn/bzgk/std/newGbInfo?hcno=0"),
                "1 of 1 with a stage code; knows the address",
            ),
        ] {
            let candidates = candidates(url, 200, OPENSTD);
            let best = &candidates[0];
            assert_eq!((best.format.name, best.verdict), ("openstd-standard", Verdict::Fits), "{url:?}");
            assert_eq!(best.why, why);
            assert_eq!(candidates.len(), FORMATS.len());
        }
    }

    #[test]
    fn a_page_that_is_no_page_fits_nothing_whatever_its_address() {
        let address = "https://openstd.samr.gov.cn/bzgk/gb/newGbInfo?hcno=0";
        for (status, body) in [(403, OPENSTD), (200, ""), (200, &OPENSTD[..OPENSTD.len() - 20])] {
            for candidate in candidates(Some(address), status, body) {
                assert_eq!(candidate.verdict, Verdict::DoesNotFit, "{status} {}", candidate.format.name);
                assert!(!candidate.why.is_empty());
            }
        }
        let broken = candidates(Some(address), 403, OPENSTD);
        assert!(told(&broken, "openstd-standard").why.starts_with("knows the address; blocked"));
        assert!(told(&broken, "samr-search").why.starts_with("blocked"));
    }

    #[test]
    fn a_search_that_finds_nothing_fits_where_the_address_is_known() {
        let nothing = r#"{"total":0,"rows":[]}"#;
        let known = candidates(Some("https://std.samr.gov.cn/gb/search/gbProcessInfoPage?searchText=x"), 200, nothing);
        assert_eq!((known[0].format.name, known[0].verdict), ("samr-plans", Verdict::Fits));
        assert_eq!(known[0].why, "knows the address; a whole page, with nothing on it now");
        let unknown = candidates(Some("https://example.org/x"), 200, nothing);
        assert_eq!(told(&unknown, "samr-plans").verdict, Verdict::DoesNotFit);
    }

    #[test]
    fn the_longest_site_that_an_address_begins_with_counts() {
        let detail: Url = "https://www.tc260.org.cn/portal/suggestion-detail/1".parse().unwrap();
        let list: Url = "https://www.tc260.org.cn/portal/suggestion".parse().unwrap();
        let (of_one, of_many) = (named("tc260-consultation").unwrap(), named("tc260-consultations").unwrap());
        assert!(closeness(of_one, &detail) > closeness(of_many, &detail));
        assert!(closeness(of_one, &list) < closeness(of_many, &list));
        let foreign: Url = "https://example.org/www.tc260.org.cn/portal/suggestion".parse().unwrap();
        assert_eq!(closeness(of_many, &foreign), 0);
        assert_eq!(closeness(of_many, &"data:text/html,x".parse().unwrap()), 0);
    }

    #[test]
    fn verdicts_come_before_everything_and_sites_before_counts() {
        let rank = |verdict, is_made_for_it, closeness, n_staged| Rank {
            verdict,
            is_its_kind: true,
            is_made_for_it,
            shows_something: true,
            closeness,
            reads_rows: true,
            n_staged,
            n_numbered: 0,
            few_defects: Reverse(0),
            n_projects: n_staged,
        };
        assert!(rank(Verdict::Fits, false, 0, 0) > rank(Verdict::InDoubt, true, 40, 9));
        assert!(rank(Verdict::Fits, true, 0, 1) > rank(Verdict::Fits, false, 0, 9));
        assert!(rank(Verdict::Fits, true, 30, 1) > rank(Verdict::Fits, true, 0, 9));
        assert!(
            Rank { few_defects: Reverse(0), ..rank(Verdict::Fits, true, 0, 2) }
                > Rank { few_defects: Reverse(3), ..rank(Verdict::Fits, true, 0, 2) }
        );
    }

    #[test]
    fn every_site_is_the_beginning_of_an_address_in_its_normal_form() {
        for format in FORMATS {
            for site in format.sites {
                let url = Url::parse(&format!("https://{site}")).unwrap();
                assert_eq!(url.as_str(), format!("https://{site}"), "{}", format.name);
                assert_eq!(closeness(format, &url), site.len(), "{}", format.name);
            }
        }
    }
}
