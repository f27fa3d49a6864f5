//! Result cards of the search on std.samr.gov.cn (`/search/stdPage`, the frame inside `/search/std`), plans and national standards;
//! the same markup in 2018 and in 2026. Not the lists around it, and not industry or local standards, whose cards are passed over.
//!
//! ```html
//! <div class="nums">为您找到相关结果约<span>2</span>个</div>
//! <div class="panel post"> … <table class="s-title"><td><a tid="BV_GB_PLAN" pid="…"><span class="en-code">20990001-T-469</span>&nbsp;标题</a></td>
//!   <td><span class="s-status">正在起草</span></td></table> …
//!   <div class="media-inner"><div class="media-left"><span>归口单位</span></div><div class="media-body">…</div></div> …
//!   <div class="panel-footer"><span>下达于</span> <time>2099-10-24</time></div></div>
//! ```
//!
//! The search is fuzzy: for a number that does not exist it claims 200 000 results and shows its neighbours. So absence says nothing, and
//! whoever asks for one number compares numbers. The stage of a plan can lag by years behind the standard number on the same card.

use std::collections::BTreeSet;

use scraper::{ElementRef, Html};

use super::cn_numbers::{plan_number, standard_number};
use super::cn_states::put_state;
use super::reading::{absolute, css, date_or_defect, defect, first, in_scope, text_of, text_without};
use super::{Absence, Authority, Content, Format, Page, Reading};
use crate::standards::language::Language;
use crate::standards::programme::{Defect, Wholeness};
use crate::standards::project::{Adoption, Degree, Project, ProjectId};

/// The row of the table.
pub const FORMAT: Format = Format {
    name: "samr-search",
    about: "std.samr.gov.cn, search/stdPage: result cards of national standard plans (with stage) and national standards",
    content: Content::Html,
    absence: Absence::SaysNothing,
    authority: Authority::Overview,
    keep: None,
    sites: &["std.samr.gov.cn/search/stdPage", "www.std.gov.cn/search/stdPage"],
    read,
};

/// Links are made absolute with it where the address of the page is not known.
const SITE: &str = "https://std.samr.gov.cn/";

/// The labels of a card's fields and of its days.
const FIELDS: &str = ".media-left span, .panel-footer span";

/// The mark of an adoption; it wears the same class as the state and must never pass for one.
const ADOPTION_MARK: &str = "采";

fn read(page: &Page<'_>) -> Reading {
    let document = Html::parse_document(page.text);
    let mut projects = Vec::new();
    let mut defects = Vec::new();
    let mut n_cards = 0;
    let mut n_read = 0;
    for card in document.select(&css(".panel.post")) {
        n_cards += 1;
        match project_of(card, page, &mut defects) {
            Ok(project) => {
                n_read += 1;
                projects.extend(project);
            }
            Err(refused) => defects.push(refused),
        }
    }
    let wholeness = wholeness_of(&document, n_cards, n_read);
    projects.retain(|project| in_scope(project, page.scope));
    Reading { projects, defects, wholeness, follow: Vec::new() }
}

/// The claimed number of results is what tells an empty answer from a page that is none.
fn wholeness_of(document: &Html, n_cards: usize, n_read: usize) -> Wholeness {
    let Some(claim) = document.select(&css(".nums span")).next().map(text_of) else {
        return Wholeness::InDoubt("no number of results in this page".to_owned());
    };
    let Ok(total) = claim.replace([',', ' '], "").parse::<usize>() else {
        return Wholeness::InDoubt(format!("number of results not understood: `{claim}`"));
    };
    if total < n_cards || (total > 0 && n_cards == 0) {
        return Wholeness::InDoubt(format!("{n_cards} results where {total} are claimed"));
    }
    if n_cards > 0 && n_read == 0 {
        return Wholeness::InDoubt(format!("none of {n_cards} results could be read"));
    }
    Wholeness::Whole
}

/// The project of a card; `None` for the card of an industry or a local standard.
fn project_of(card: ElementRef<'_>, page: &Page<'_>, defects: &mut Vec<Defect>) -> Result<Option<Project>, Defect> {
    let refused = |what: &str| defect(what, &text_of(card));
    if first(card, &css(".panel.post")).is_some() || says_a_label_twice(card) {
        return Err(refused("two results in one"));
    }
    let link = first(card, &css(".s-title a[tid]")).ok_or_else(|| refused("no link in this result"))?;
    let code = css(".en-code");
    let printed = first(link, &code).map(text_of).ok_or_else(|| refused("no number in this result"))?;
    let (number, register): (_, fn(String) -> ProjectId) = match link.attr("tid").unwrap_or_default() {
        "BV_GB_PLAN" => (plan_number(&printed), ProjectId::Sac),
        "BV_GB" => (standard_number(&printed), ProjectId::Gb),
        _ => return Ok(None),
    };
    let number = number.ok_or_else(|| refused("number not understood"))?;
    let state = state_of(card).ok_or_else(|| refused("no stage in this result"))?;
    let mut project = Project::new(register(number.to_string()), printed);
    put_state(&mut project, &state, defects);
    project.deliverable = Some(number.deliverable());
    let title = text_without(link, &code);
    if !title.is_empty() {
        project.titles.insert(Language::Chinese, title);
    }
    let address = |site_id: &str| absolute(page, SITE, &format!("/gb/search/gbDetailed?id={site_id}"));
    project.url = link.attr("pid").filter(|site_id| !site_id.is_empty()).and_then(address);
    put_fields(&mut project, card, defects);
    put_dates(&mut project, card, defects);
    Ok(Some(project))
}

/// A card that lost its end goes on with the fields of the next one.
fn says_a_label_twice(card: ElementRef<'_>) -> bool {
    let mut seen = BTreeSet::new();
    card.select(&css(FIELDS)).map(text_of).any(|label| !label.is_empty() && !seen.insert(label))
}

fn state_of(card: ElementRef<'_>) -> Option<String> {
    card.select(&css(".s-status")).map(text_of).find(|text| !text.is_empty() && text != ADOPTION_MARK)
}

fn put_fields(project: &mut Project, card: ElementRef<'_>, defects: &mut Vec<Defect>) {
    let (labels, bodies) = (css(".media-left span"), css(".media-body"));
    for field in card.select(&css(".media-inner")) {
        let label = first(field, &labels).map(text_of).unwrap_or_default();
        let value = first(field, &bodies).map(text_of).unwrap_or_default();
        if value.is_empty() {
            continue;
        }
        match label.as_str() {
            "英文标题" => drop(project.titles.insert(Language::English, value)),
            "制修订" => project.revision = Some(value),
            "归口单位" => project.committee = Some(value),
            "归口部门" => project.department = Some(value),
            "采标关系" => project.adopts.extend(adoption_in(&value)),
            "项目周期" => project.cycle_months = months_in(&value, defects),
            "标准编号" => match standard_number(&value) {
                Some(number) => project.standard = Some(number.to_string()),
                None => defects.push(defect("standard number not understood", &value)),
            },
            _ => {}
        }
    }
    let is_marked = card.select(&css(".s-status")).any(|mark| text_of(mark) == ADOPTION_MARK);
    if is_marked && project.adopts.is_empty() {
        project.adopts.push(Adoption { relation: None, of: None });
    }
}

/// `等同  ISO/TS 9002`: the degree, then the document, which may be no number at all.
fn adoption_in(value: &str) -> Option<Adoption> {
    let (word, rest) = value.split_once(' ').unwrap_or((value, ""));
    let relation = Degree::parse(word);
    let of = if relation.is_some() { rest.trim() } else { value };
    (value != "无").then(|| Adoption { relation, of: Some(of.to_owned()).filter(|of| !of.is_empty()) })
}

fn months_in(value: &str, defects: &mut Vec<Defect>) -> Option<u32> {
    let months = value.strip_suffix("个月").and_then(|number| number.trim().parse().ok());
    if months.is_none() {
        defects.push(defect("duration not understood", value));
    }
    months
}

/// The footer is a row of labels, each followed by its day; any of them may be missing.
fn put_dates(project: &mut Project, card: ElementRef<'_>, defects: &mut Vec<Defect>) {
    let mut label = String::new();
    for part in card.select(&css(".panel-footer span, .panel-footer time")) {
        let text = text_of(part);
        if part.value().name() != "time" {
            label = text;
            continue;
        }
        match label.as_str() {
            "下达于" => project.issued = date_or_defect(&text, defects),
            "发布于" => project.published = date_or_defect(&text, defects),
            "实施于" => project.effective = date_or_defect(&text, defects),
            "终止于" | "废止于" => project.withdrawn = date_or_defect(&text, defects),
            _ => {}
        }
        label.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Scope;
    use crate::standards::project::Standing;
    use crate::standards::stage::{GbStage, StageCode};

    fn read_text(text: &str) -> Reading {
        read(&Page { text, url: None, scope: &Scope::default() })
    }

    fn page(total: &str, cards: &[String]) -> String {
        format!(
            "<html><body><div class=nums>约&nbsp;<span>{total}</span>&nbsp;个</div>{}</body></html>",
            cards.concat()
        )
    }

    fn card(tid: &str, number: &str, state: &str, fields: &[(&str, &str)], footer: &str) -> String {
        use std::fmt::Write as _;
        let mut inner = String::new();
        for (label, value) in fields {
            write!(
                inner,
                "<div class='media media-inner'><div class='media-left'><span>{label}</span></div><div class='media-body'>{value}</div></div>"
            )
            .unwrap();
        }
        format!(
            "<div class='panel panel-default post'><table class=s-title><tr><td><a href='#' tid='{tid}' pid='AB12'>\
             <span class=en-code>{number}</span>&nbsp;&nbsp;示例  标题</a></td><td>{state}</td></tr></table>{inner}\
             <div class=panel-footer>{footer}</div></div>"
        )
    }

    fn plan(state: &str) -> String {
        card(
            "BV_GB_PLAN",
            "20990001-<sacinfo>T</sacinfo>-469",
            &format!("<span class=s-status>{state}</span>"),
            &[],
            "",
        )
    }

    #[test]
    fn a_plan_card_is_read_by_its_labels() {
        let fields = [
            ("英文标题", "Example <sacinfo>technology</sacinfo>"),
            ("制修订", "<span>\n制订\n</span>"),
            ("标准编号", "<span><sacinfo>GB</sacinfo><sacinfo>/</sacinfo><sacinfo>T</sacinfo> 99204-2032</span>"),
            ("归口单位", "<span rid=2>全国示例标准化技术委员会</span>"),
            ("采标关系", "修改&nbsp;&nbsp;ISO 小册子——2010版"),
            ("项目周期", "24&nbsp;个月"),
        ];
        let footer = "<span class=glyphicon></span>&nbsp;<span>下达于</span><time>2029-05-23</time>\
                      <span class=glyphicon></span><span>终止于</span><time>2031-01-02</time>";
        let state = "<span class=s-status>已终止</span>";
        let reading = read_text(&page("1", &[card("BV_GB_PLAN", "20990001-T-469", state, &fields, footer)]));
        let project = &reading.projects[0];
        assert_eq!(project.id.to_string(), "sac:20990001-T-469");
        assert_eq!(project.titles[&Language::Chinese], "示例 标题");
        assert_eq!(project.titles[&Language::English], "Example technology");
        assert_eq!(project.stage_code(), Some(StageCode::Gb(GbStage::Terminated)));
        assert_eq!(project.standing, Some(Standing::Cancelled));
        assert_eq!(project.standard.as_deref(), Some("GB/T 99204-2032"));
        assert_eq!(project.revision.as_deref(), Some("制订"));
        assert_eq!(project.committee.as_deref(), Some("全国示例标准化技术委员会"));
        let of = Some("ISO 小册子——2010版".to_owned());
        assert_eq!(project.adopts, [Adoption { relation: Some(Degree::Modified), of }]);
        assert_eq!(project.cycle_months, Some(24));
        assert_eq!(project.issued.unwrap().to_string(), "2029-05-23");
        assert_eq!(project.withdrawn.unwrap().to_string(), "2031-01-02");
        assert_eq!(project.url.as_deref(), Some("https://std.samr.gov.cn/gb/search/gbDetailed?id=AB12"));
        assert!(reading.wholeness.is_whole() && reading.defects.is_empty());
    }

    #[test]
    fn the_mark_of_an_adoption_is_never_taken_for_the_state() {
        let marked = "<span class=s-status>采</span>";
        let reading = read_text(&page("2", &[card("BV_GB", "GB 99001-2031", marked, &[], ""), plan("正在起草")]));
        assert_eq!(reading.projects.len(), 1);
        assert_eq!(reading.defects[0].what, "no stage in this result");
        let both = format!("<span class=s-status>现行</span>{marked}");
        let project = &read_text(&page("1", &[card("BV_GB", "GB 99001-2031", &both, &[], "")])).projects[0];
        assert_eq!(project.stage_code(), Some(StageCode::Gb(GbStage::Published)));
        assert_eq!(project.adopts, [Adoption { relation: None, of: None }]);
    }

    #[test]
    fn a_day_without_a_label_of_its_own_is_left_out() {
        let state = "<span class=s-status>现行</span>";
        let footer = "<time>2027-01-01</time><span>实施于</span><time>2031-08-01</time><time>2033-03-03</time>\
                      <span>修改于</span><time>2034-04-04</time>";
        let project = &read_text(&page("1", &[card("BV_GB", "GB 99001-2031", state, &[], footer)])).projects[0];
        assert_eq!(project.effective.unwrap().to_string(), "2031-08-01");
        assert_eq!((project.published, project.issued, project.withdrawn), (None, None, None));
    }

    #[test]
    fn industry_and_local_standards_are_passed_over_without_a_defect() {
        let state = "<span class=s-status>现行</span>";
        let cards = [card("BV_HB", "NB/T 99-2013", state, &[], ""), card("BV_DB", "DB44/T 99-2017", state, &[], "")];
        let reading = read_text(&page("201882", &cards));
        assert_eq!((reading.projects.len(), reading.defects.len()), (0, 0));
        assert!(reading.wholeness.is_whole());
    }

    #[test]
    fn no_results_are_whole_but_a_page_that_claims_none_is_a_doubt() {
        assert!(read_text(&page("0", &[])).wholeness.is_whole());
        for text in [
            String::new(),
            "<html><body>首页</body></html>".to_owned(),
            page("12", &[]),
            page("1", &[plan("正在起草"), plan("正在起草")]),
            page("许多", &[plan("正在起草")]),
            page("1", &[card("BV_GB", "GB 99001", "<span class=s-status>现行</span>", &[], "")]),
        ] {
            assert!(!read_text(&text).wholeness.is_whole(), "{text}");
        }
    }

    #[test]
    fn an_adoption_whose_degree_is_not_given_keeps_the_document() {
        let of = |text: &str| Some(text.to_owned());
        assert_eq!(adoption_in("ISO 8068:2006"), Some(Adoption { relation: None, of: of("ISO 8068:2006") }));
        assert_eq!(adoption_in("等同"), Some(Adoption { relation: Some(Degree::Identical), of: None }));
        assert_eq!(adoption_in("无"), None);
    }
}
