//! The pages: what the notes on the real sites say of their markup holds for ours.

use jiff::civil::date;
use scraper::{Html, Selector};
use stagewatch::demo::pages::iso_open_data::{self, Row};
use stagewatch::demo::pages::iso_project::{Layout, ProjectPage, Relative};
use stagewatch::demo::pages::openstd_standard::Standard;
use stagewatch::demo::pages::samr_plans::{self, Plan};
use stagewatch::demo::pages::samr_search::{self, Card, Register};
use stagewatch::demo::pages::tc260_consultations::{self, Consultation};
use stagewatch::demo::pages::{cut, refusals};

/// The texts of everything that matches, white space collapsed.
fn texts(page: &str, selector: &str) -> Vec<String> {
    let page = Html::parse_document(page);
    let selector = Selector::parse(selector).unwrap();
    let collapsed = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    page.select(&selector).map(|element| collapsed(element.text().collect())).collect()
}

fn attributes(page: &str, selector: &str, name: &str) -> Vec<String> {
    let page = Html::parse_document(page);
    let selector = Selector::parse(selector).unwrap();
    page.select(&selector).filter_map(|element| element.attr(name).map(str::to_owned)).collect()
}

fn dis() -> ProjectPage {
    let stages = [("30.00", "2023-01-09"), ("30.60", "2023-03-08"), ("40.00", "2023-04-11"), ("40.20", "2023-06-13")];
    ProjectPage {
        replaces: vec![Relative { id: 7, reference: "ISO 1:2000".to_owned(), status: "Published".to_owned() }],
        ..ProjectPage::of(80973, "ISO/IEC DIS 27035-4", "Title — Part 4: “A” & <B>", &stages)
    }
}

#[test]
fn a_project_page_shows_one_active_stage_in_every_layout() {
    for layout in [Layout::Of2021, Layout::Of2024] {
        let page = dis().html(layout);
        assert_eq!(texts(&page, ".dropdown-menu li.active .stage-code"), ["40.20"], "{layout:?}");
        assert_eq!(texts(&page, ".dropdown-menu li.active .stage-date"), ["2023-06-13"]);
        assert_eq!(texts(&page, ".dropdown-menu li.active .stage-title"), ["DIS ballot initiated: 12 weeks"]);
        assert_eq!(texts(&page, "a.current-stage strong"), ["40.20"]);
        assert_eq!(texts(&page, "[itemprop=category]"), ["u"]);
        assert_eq!(texts(&page, "#csNumber, [id^=csNumber_]"), ["80973"]);
        assert_eq!(texts(&page, ".step.active h5"), ["ISO/IEC DIS 27035-4"]);
        assert_eq!(texts(&page, "a[href*='/committee/']"), ["ISO/IEC JTC 1/SC 27"]);
        let rss = attributes(&page, "a[href$='.detail.rss']", "href");
        assert_eq!(rss, ["/contents/data/standard/08/09/80973.detail.rss"]);
        assert_eq!(texts(&page, ".steps li h4"), ["Previously", "Now"]);
    }
}

#[test]
fn the_title_and_the_reference_stand_where_each_layout_has_them() {
    let (older, newer) = (dis().html(Layout::Of2021), dis().html(Layout::Of2024));
    assert_eq!(texts(&older, ".heading-condensed h1"), ["ISO/IEC DIS 27035-4"]);
    assert_eq!(texts(&older, ".heading-condensed h2"), ["Title — Part 4: “A” & <B>"]);
    assert_eq!(texts(&newer, "h1.stdTitle span:first-child"), ["ISO/IEC DIS 27035-4"]);
    assert_eq!(texts(&newer, "h1.stdTitle span.lead"), ["Title — Part 4: “A” & <B>"]);
    assert_eq!(texts(&newer, "#stageId a"), ["40.20"]);
    assert_eq!(texts(&newer, ".buybox").len(), 1);
}

#[test]
fn stages_ahead_are_listed_without_a_date_and_the_last_row_is_a_trap() {
    let page = dis().html(Layout::Of2024);
    let codes = texts(&page, ".dropdown-menu .stage-code");
    assert_eq!(codes.last().unwrap(), "60.60");
    assert_eq!(texts(&page, ".dropdown-menu .stage-date").last().unwrap(), "");
    assert_eq!(texts(&page, "#stages > li > a .stage-code").len(), 9);
}

#[test]
fn the_status_follows_the_stage() {
    for (stage, letter, words) in [
        ("00.00", "u", "Under development"),
        ("60.00", "u", "Under development"),
        ("60.60", "p", "Published"),
        ("90.93", "p", "Published"),
        ("95.99", "w", "Withdrawn"),
        ("30.98", "d", "Deleted"),
    ] {
        let page = ProjectPage::of(1, "ISO 1", "T", &[(stage, "2023-01-01")]).html(Layout::Of2024);
        assert_eq!(texts(&page, "[itemprop=category]"), [letter], "{stage}");
        assert_eq!(texts(&page, "#publicationStatus span"), [words], "{stage}");
        assert_eq!(texts(&page, ".dropdown-menu li.active .stage-code"), [stage]);
    }
}

#[test]
fn open_data_is_json_lines_with_stages_as_numbers() {
    let rows = [
        Row::of(1, "ISO/IEC PWI 1", "A", "00.00"),
        Row::of(2, "ISO/IEC NP 2", "B", "00.98"),
        Row::of(3, "ISO 3:2022", "C", "60.60").published("2022-10-25", 3).of_committee("ISO/TC 3"),
    ];
    let text = iso_open_data::lines(&rows);
    let read: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let stages: Vec<_> = read.iter().map(|row| row["currentStage"].as_u64().unwrap()).collect();
    assert_eq!(stages, [0, 98, 6060]);
    assert_eq!(read[2]["ownerCommittee"], "ISO/TC 3");
    assert_eq!(read[2]["publicationDate"], "2022-10-25");
    let others = iso_open_data::of_others(10);
    assert!(others.iter().all(|row| row.owner_committee != "ISO/IEC JTC 1/SC 27"));
}

#[test]
fn plans_are_rows_with_both_keys_and_no_empty_ones() {
    let issued = Plan { issued: Some("2019-10-24".to_owned()), ..Plan::of("20193257-T-469", "题目", "正在审查") };
    let text = samr_plans::json(&[Plan::of("20230259-T-469", "（演示数据）", "正在起草"), issued]);
    let read: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((read["total"].as_u64(), read["pageNumber"].as_u64()), (Some(2), Some(1)));
    let first = &read["rows"][0];
    assert_eq!(
        (first["C_PLAN_CODE"].as_str(), first["CURRENT_LINK"].as_str()),
        (Some("20230259-T-469"), Some("正在起草"))
    );
    assert!(first.get("SEND_DATE").is_none());
    assert_eq!(first["id"].as_str().unwrap().len(), 32);
    assert_eq!(read["rows"][1]["SEND_DATE"], "2019-10-24");
}

#[test]
fn search_cards_break_their_numbers_and_join_again() {
    let plan = Card::of(Register::Plans, "20230259-T-469", "题目", "正在起草")
        .with("制修订", "制订")
        .with("归口单位", "全国网络安全标准化技术委员会")
        .with("项目周期", "18 个月")
        .on("下达于", "2023-03-21");
    let standard = Card::of(Register::Standards, "GB/T 39204-2022", "题目", "现行").with("采标关系", "等同 ISO 1");
    let page = samr_search::html(&[plan, standard], 17);
    assert_eq!(attributes(&page, ".panel.post .s-title a[pid]", "tid"), ["BV_GB_PLAN", "BV_GB"]);
    assert_eq!(texts(&page, ".panel.post .en-code"), ["20230259-T-469", "GB/T 39204-2022"]);
    assert!(page.contains("<sacinfo>GB</sacinfo><sacinfo>/</sacinfo><sacinfo>T</sacinfo> 39204-2022"));
    assert_eq!(texts(&page, ".s-status"), ["正在起草", "现行", "采"]);
    assert_eq!(texts(&page, ".nums span"), ["17", ""]);
    assert_eq!(texts(&page, ".media-inner .media-left span"), ["制修订", "归口单位", "项目周期", "采标关系"]);
    assert_eq!(texts(&page, ".panel-footer time"), ["2023-03-21"]);
}

#[test]
fn an_openstd_page_has_its_number_title_state_and_days() {
    let standard =
        Standard { adopted: true, ..Standard::of("GB/T 1-2023", "题目", "即将实施", "2023-05-23", "2023-12-01") };
    let page = standard.html();
    assert_eq!(texts(&page, "div.bor2 table.mk1 h1"), ["标准号：GB/T 1-2023 采"]);
    assert_eq!(texts(&page, "table.mk1 h1 span.label-warning"), ["采"]);
    assert_eq!(texts(&page, "table.tdlist td b"), ["题目"]);
    assert_eq!(texts(&page, "span.text-success"), ["即将实施"]);
    let labels = texts(&page, "div.title");
    let values = texts(&page, "div.title + div");
    let value_of = |label: &str| values[labels.iter().position(|its| its == label).unwrap()].as_str();
    assert_eq!((value_of("发布日期"), value_of("实施日期")), ("2023-05-23", "2023-12-01"));
    assert!(page.trim_end().ends_with("</html>"));
}

#[test]
fn a_consultation_is_a_link_without_an_address() {
    let one = Consultation::of("网络安全技术 演示", date(2026, 2, 11), date(2026, 4, 12));
    let page = tc260_consultations::page(std::slice::from_ref(&one), 1, 3);
    let links = ".publication .right div.item > a[onclick^='jumpDetail(']";
    assert_eq!(texts(&page, links), ["关于国家标准《网络安全技术 演示》征求意见稿征求意见的通知"]);
    assert_eq!(attributes(&page, links, "onclick"), [format!("jumpDetail('{}','2026-04-12')", one.id)]);
    assert_eq!(attributes(&page, links, "href").len(), 0);
    assert_eq!(texts(&page, ".publication .right div.item > span:last-child"), ["2026-02-11"]);
    assert_eq!(texts(&page, ".page a"), ["1", "2", "3"]);
}

#[test]
fn refusals_carry_the_marks_of_real_ones() {
    let text = |answer: stagewatch::demo::body::answer::Answer| String::from_utf8(answer.body).unwrap();
    assert_eq!(refusals::blocked().status, 403);
    assert!(text(refusals::blocked()).contains("wafblock"));
    assert_eq!(refusals::challenge().status, 200);
    assert!(text(refusals::challenge()).contains("/cdn-cgi/challenge-platform/"));
    let limited: serde_json::Value = serde_json::from_str(&text(refusals::limited_json())).unwrap();
    assert!(limited.get("rows").is_none());
    assert!(limited.get("code").is_some() && limited.get("message").is_some());
    assert!(refusals::empty().body.is_empty());
}

#[test]
fn a_cut_never_falls_into_a_character() {
    assert_eq!(cut("网络", 4), "网");
    assert_eq!(cut("网络", 99), "网络");
}
