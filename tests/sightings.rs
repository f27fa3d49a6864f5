//! One event, however it is shown: twice, late, at two sources, on a rebuilt page, under several ids. Every scenario goes through the
//! real pipeline.

use jiff::civil::{Date, date};
use stagewatch::daemon::import::ImportError;
use stagewatch::demo::pages::iso_open_data::{Row, lines};
use stagewatch::demo::pages::iso_project::{Layout, ProjectPage};
use stagewatch::demo::pages::openstd_standard::Standard;
use stagewatch::demo::pages::samr_plans::{self, Plan};
use stagewatch::demo::pages::samr_search::{self, Card, Register};
use stagewatch::demo::pages::tc260_consultations::{self, Consultation};
use stagewatch::store::changes::ChangeFilter;
use stagewatch::store::deliveries::DeliveryFilter;

use crate::support::Archive;

/// Every source that the scenarios speak of; nobody is configured, so the terminal is told of everything.
const SOURCES: &str = r#"
[[source]]
id = "list"
format = "iso-open-data"
url = "https://data.example/deliverables.jsonl"
[[source]]
id = "page"
format = "iso-project"
url = "https://www.example/standard/56572.html"
[[source]]
id = "mirror"
format = "iso-project"
url = "https://mirror.example/standard/56572.html"
[[source]]
id = "plans"
format = "samr-plans"
url = "https://std.example/gb/search/gbProcessInfoPage"
[[source]]
id = "search"
format = "samr-search"
url = "https://std.example/search/stdPage"
[[source]]
id = "standard"
format = "openstd-standard"
url = "https://openstd.example/bzgk/gb/newGbInfo"
[[source]]
id = "consultations"
format = "tc260-consultations"
url = "https://tc.example/portal/suggestion"
timezone = "Asia/Shanghai"
[[source]]
id = "other-consultations"
format = "tc260-consultations"
url = "https://tc.example/portal/suggestion?page=1"
timezone = "Asia/Shanghai"
"#;

fn archive() -> Archive {
    Archive::with(SOURCES)
}

/// ISO/IEC 27071 at a stage, among rows that never move.
fn list(stage: &str) -> String {
    list_of(&[Row::of(56572, "ISO/IEC DIS 27071", "Trusted connections", stage)])
}

fn list_of(rows: &[Row]) -> String {
    let others = [
        Row::of(900_001, "ISO/IEC 90001:2020", "Another one", "60.60"),
        Row::of(900_002, "ISO/IEC CD 90002", "A third one", "30.20"),
    ];
    lines(&[rows, &others].concat())
}

/// The page of ISO/IEC 27071 with these stages behind it, each with its day.
fn page(stages: &[(&str, &str)]) -> String {
    ProjectPage::of(56572, "ISO/IEC DIS 27071", "Trusted connections", stages).html(Layout::Of2024)
}

const AT_ENQUIRY: [(&str, &str); 2] = [("40.20", "2022-08-16"), ("40.60", "2022-11-08")];
const AT_APPROVAL: [(&str, &str); 3] = [AT_ENQUIRY[0], AT_ENQUIRY[1], ("50.00", "2023-03-29")];

/// Noon of a day of 2023, `05-12`.
fn on(day: &str) -> String {
    format!("2023-{day}T12:00:00Z")
}

/// Takes the pages in, each `(source, day, page, what is told)`.
fn check(archive: &Archive, steps: &[(&str, &str, String, &[&str])]) {
    for (number, (source, day, page, expected)) in steps.iter().enumerate() {
        let told = archive.take(source, &on(day), page.as_str());
        assert_eq!(told, *expected, "step {}: `{source}` on {day}", number + 1);
    }
}

const ADVANCED: &str = "iso:56572 stage-moved/advanced 40.60 → 50.00";
const BACK: &str = "iso:56572 stage-moved/referred-back 50.00 → 40.60";

// One project at two sources.

#[test]
fn a_source_that_lags_makes_no_move_of_its_own_with_days_and_without() {
    for lagging in ["page", "list"] {
        let archive = archive();
        let leading = if lagging == "page" { "list" } else { "page" };
        let at = |source: &str, stages: &[(&str, &str)]| match source {
            "list" => list(stages.last().unwrap().0),
            _ => page(stages),
        };
        check(
            &archive,
            &[
                (leading, "01-02", at(leading, &AT_ENQUIRY[..1]), &[]),
                (lagging, "01-02", at(lagging, &AT_ENQUIRY[..1]), &[]),
                (leading, "01-03", at(leading, &AT_ENQUIRY), &["iso:56572 stage-moved/advanced 40.20 → 40.60"]),
                (leading, "04-01", at(leading, &AT_APPROVAL), &[ADVANCED]),
                (lagging, "04-02", at(lagging, &AT_ENQUIRY), &[]),
                (lagging, "04-03", at(lagging, &AT_APPROVAL), &[]),
            ],
        );
    }
}

#[test]
fn a_stage_that_was_left_again_is_not_news_at_a_source_that_lags() {
    let archive = archive();
    check(
        &archive,
        &[
            ("list", "01-02", list("40.60"), &[]),
            ("page", "01-02", page(&AT_ENQUIRY), &[]),
            ("list", "04-01", list("50.00"), &[ADVANCED]),
        ],
    );
    doubt(&archive, "list", "04-18", list("40.60"));
    doubt(&archive, "list", "04-19", list("40.60"));
    check(
        &archive,
        &[
            ("list", "04-20", list("40.60"), &[BACK]),
            // The page comes to the stage that the project has left by now.
            ("page", "04-21", page(&AT_APPROVAL), &[]),
        ],
    );
    doubt(&archive, "page", "04-22", page(&AT_ENQUIRY));
    check(
        &archive,
        &[
            ("page", "04-24", page(&AT_ENQUIRY), &[]),
            ("list", "06-01", list("50.00"), &[ADVANCED]),
            ("page", "06-02", page(&[AT_ENQUIRY.as_slice(), &[("50.00", "2023-05-30")]].concat()), &[]),
        ],
    );
}

#[test]
fn an_older_stage_with_its_old_day_at_another_source_is_late() {
    let archive = archive();
    let back: [(&str, &str); 4] = [AT_ENQUIRY[0], AT_ENQUIRY[1], AT_APPROVAL[2], ("40.99", "2023-04-18")];
    check(
        &archive,
        &[
            ("page", "01-02", page(&AT_ENQUIRY[..1]), &[]),
            // Added later, and ahead.
            ("mirror", "04-01", page(&AT_APPROVAL), &[]),
            ("mirror", "04-19", page(&back), &["iso:56572 stage-moved/referred-back 50.00 → 40.99"]),
            ("page", "04-20", page(&AT_APPROVAL), &[]),
            ("page", "04-21", page(&back), &[]),
        ],
    );
}

#[test]
fn a_source_added_later_announces_nothing_and_the_next_move_once() {
    let archive = archive();
    check(
        &archive,
        &[
            ("list", "01-02", list("40.20"), &[]),
            ("page", "02-01", page(&AT_ENQUIRY), &[]),
            ("list", "02-02", list("40.60"), &["iso:56572 stage-moved/advanced 40.20 → 40.60"]),
            ("page", "04-01", page(&AT_APPROVAL), &[ADVANCED]),
            ("list", "04-02", list("50.00"), &[]),
        ],
    );
}

#[test]
fn what_one_source_told_of_a_title_or_a_committee_is_not_told_again_by_another() {
    let archive = archive();
    let row = |title: &str, committee: &str| {
        let mut row = Row::of(56572, "ISO/IEC 27071:2023", title, "60.60").published("2023-07-04", 1);
        row.title.insert("fr".to_owned(), "Connexions fiables".to_owned());
        list_of(&[row.of_committee(committee)])
    };
    let page = |title: &str, committee: &str| {
        let mut page = ProjectPage::of(56572, "ISO/IEC 27071:2023", title, &[("60.60", "2023-07-04")]);
        page.published = Some("2023-07".to_owned());
        page.committee = committee.to_owned();
        page.html(Layout::Of2024)
    };
    let (sc27, tc22) = ("ISO/IEC JTC 1/SC 27", "ISO/TC 22");
    check(
        &archive,
        &[
            ("list", "08-01", row("One", sc27), &[]),
            ("page", "08-01", page("One", sc27), &[]),
            ("list", "08-02", row("Two", sc27), &["iso:56572 retitled"]),
            ("list", "08-03", row("Three", sc27), &["iso:56572 retitled"]),
            ("page", "08-03", page("Two", sc27), &[]),
            ("page", "08-04", page("Three", sc27), &[]),
            ("page", "08-05", page("Three", tc22), &["iso:56572 reassigned"]),
            ("list", "08-06", row("Three", tc22), &[]),
            // And back: news again.
            ("list", "08-07", row("Two", tc22), &["iso:56572 retitled"]),
        ],
    );
}

#[test]
fn a_title_that_came_with_a_move_is_not_told_again_by_a_source_that_shows_it_later() {
    let archive = archive();
    let row = |title: &str, stage: &str| list_of(&[Row::of(56572, "ISO/IEC DIS 27071", title, stage)]);
    check(
        &archive,
        &[
            ("list", "01-02", row("One", "40.60"), &[]),
            (
                "page",
                "01-02",
                ProjectPage::of(56572, "ISO/IEC DIS 27071", "One", &AT_ENQUIRY).html(Layout::Of2024),
                &[],
            ),
            ("list", "04-01", row("Two", "50.00"), &[ADVANCED]),
            (
                "page",
                "04-02",
                ProjectPage::of(56572, "ISO/IEC DIS 27071", "One", &AT_APPROVAL).html(Layout::Of2024),
                &[],
            ),
            (
                "page",
                "04-03",
                ProjectPage::of(56572, "ISO/IEC DIS 27071", "Two", &AT_APPROVAL).html(Layout::Of2024),
                &[],
            ),
        ],
    );
}

#[test]
fn entry_into_force_at_two_sources_is_told_once() {
    let archive = archive();
    let (number, issued, effective) = ("GB/T 99001-2022", "2022-11-01", "2023-05-01");
    let page = |state: &str| Standard::of(number, "网络安全技术 示例要求", state, issued, effective).html();
    let card = |state: &str| {
        let card = Card::of(Register::Standards, number, "网络安全技术  示例要求", state).on("发布于", issued);
        samr_search::html(&[card], 1)
    };
    check(
        &archive,
        &[
            ("standard", "01-02", page("即将实施"), &[]),
            ("search", "01-02", card("即将实施"), &[]),
            ("standard", "05-01", page("现行"), &["gb:GB/T 99001-2022 in-force"]),
            ("search", "05-09", card("现行"), &[]),
        ],
    );
}

#[test]
fn a_project_that_comes_to_a_second_source_further_on_is_told_as_a_move() {
    let archive = archive();
    let plans = |stage: &str| samr_plans::json(&[Plan::of("20990001-T-469", "示例", stage)]);
    let card = |number: &str, stage: &str| samr_search::html(&[Card::of(Register::Plans, number, "示例", stage)], 1);
    check(
        &archive,
        &[
            ("plans", "01-02", plans("正在起草"), &[]),
            ("search", "01-02", card("20990002-T-469", "正在起草"), &[]),
            (
                "search",
                "02-01",
                card("20990001-T-469", "正在征求意见"),
                &["sac:20990001-T-469 stage-moved/advanced 20 → 30"],
            ),
            ("plans", "02-09", plans("正在征求意见"), &[]),
            ("plans", "03-01", plans("正在审查"), &["sac:20990001-T-469 stage-moved/advanced 30 → 40"]),
        ],
    );
}

// One project at one source.

#[test]
fn a_project_that_disappears_and_returns_is_told_twice_and_not_for_short_absences() {
    let archive = archive();
    let without = || list_of(&[]);
    check(
        &archive,
        &[
            ("list", "01-02", list("40.60"), &[]),
            ("list", "01-03", without(), &[]),
            ("list", "01-04", without(), &[]),
            ("list", "01-05", list("40.60"), &[]),
            ("list", "01-06", without(), &[]),
            ("list", "01-07", without(), &[]),
            ("list", "01-08", without(), &["iso:56572 no-longer-listed"]),
            ("list", "01-09", without(), &[]),
            ("list", "01-10", list("40.60"), &["iso:56572 listed-again"]),
            ("list", "01-11", without(), &[]),
            ("list", "01-12", list("50.00"), &[ADVANCED]),
        ],
    );
}

#[test]
fn a_row_that_cannot_be_read_is_not_a_row_that_is_gone() {
    let archive = archive();
    let broken = |stage: &str, field: &str, value: &str| {
        let whole = list(stage);
        let broken = whole.replacen(field, value, 1);
        assert_ne!(broken, whole);
        broken
    };
    let edition = |stage: &str| broken(stage, "\"edition\":1", "\"edition\":\"first\"");
    check(
        &archive,
        &[
            ("list", "01-02", list("40.60"), &[]),
            ("list", "01-03", edition("40.60"), &[]),
            ("list", "01-04", edition("40.60"), &[]),
            ("list", "01-05", broken("40.60", "\"currentStage\":4060", "\"currentStage\":[4060]"), &[]),
            ("list", "01-06", edition("40.60"), &[]),
            ("list", "01-07", edition("50.00"), &[ADVANCED]),
        ],
    );
}

#[test]
fn doubtful_pages_between_two_good_ones_leave_no_trace() {
    let archive = archive();
    check(&archive, &[("list", "01-02", list("40.60"), &[])]);
    for (day, bad) in
        [("01-03", String::new()), ("01-04", lines(&[Row::of(900_001, "ISO/IEC 90001:2020", "Another one", "60.60")]))]
    {
        let polled = archive.try_take("list", &on(day), bad).unwrap();
        assert!(polled.poll.outcome.is_trouble(), "{:?}", polled.poll);
    }
    check(&archive, &[("list", "01-05", list("40.60"), &[]), ("list", "01-06", list("50.00"), &[ADVANCED])]);
}

#[test]
fn an_address_that_becomes_https_is_the_same_source() {
    let archive = Archive::with(&SOURCES.replace("https://", "http://"));
    check(&archive, &[("list", "01-02", list("40.60"), &[]), ("page", "01-02", page(&AT_ENQUIRY), &[])]);
    let archive = archive.reconfigured(SOURCES);
    check(
        &archive,
        &[
            ("list", "01-03", list("40.60"), &[]),
            ("page", "01-03", page(&AT_APPROVAL), &[ADVANCED]),
            ("list", "01-04", list("50.00"), &[]),
        ],
    );
}

#[test]
fn a_title_with_other_dashes_and_spaces_is_the_same_title() {
    let archive = archive();
    let titled = |title: &str| list_of(&[Row::of(56572, "ISO/IEC DIS 27071", title, "40.60")]);
    check(&archive, &[("list", "01-02", titled("Cybersecurity — Connections — Part 1: General"), &[])]);
    for (day, same) in [
        ("01-03", "Cybersecurity -- Connections -- Part 1: General"),
        ("01-04", "Cybersecurity—Connections—Part 1: General"),
        ("01-05", "Cybersecurity\u{a0}–\u{a0}Connections\u{3000}– Part 1 : General"),
        ("01-06", "Cybersecurity - Connections - Part 1 — General"),
        ("01-07", "Connections — Part 1: General"),
    ] {
        check(&archive, &[("list", day, titled(same), &[])]);
    }
    check(
        &archive,
        &[("list", "01-08", titled("Cybersecurity — Connections — Part 2: General"), &["iso:56572 retitled"])],
    );
    let plan = |title: &str| samr_plans::json(&[Plan::of("20990001-T-469", title, "正在起草")]);
    check(
        &archive,
        &[
            ("plans", "01-02", plan("网络安全技术 示例 第1部分：原理和过程"), &[]),
            ("plans", "01-03", plan("网络安全技术  示例　第1部分 原理和过程"), &[]),
            ("plans", "01-04", plan("网络安全技术 示例 第1部分:原理和过程"), &[]),
            ("plans", "01-05", plan("网络安全技术 示例 第2部分:原理和过程"), &["sac:20990001-T-469 retitled"]),
        ],
    );
}

#[test]
fn a_committee_that_took_another_name_is_the_same_committee() {
    let archive = archive();
    let card = |committee: &str| {
        let card = Card::of(Register::Plans, "20990001-T-469", "示例", "正在起草").with("归口单位", committee);
        samr_search::html(&[card], 1)
    };
    check(
        &archive,
        &[
            ("search", "01-02", card("全国信息安全标准化技术委员会"), &[]),
            ("search", "01-03", card("全国网络安全标准化技术委员会"), &[]),
            ("search", "01-04", card("TC260（全国网络安全标准化技术委员会）"), &[]),
            ("search", "01-05", card("SAC/TC 260"), &[]),
            ("search", "01-06", card("全国示例标准化技术委员会"), &["sac:20990001-T-469 reassigned"]),
        ],
    );
}

#[test]
fn an_unknown_stage_text_moves_nothing_and_the_next_known_one_does() {
    let archive = archive();
    let plan = |stage: &str| samr_plans::json(&[Plan::of("20990001-T-469", "示例", stage)]);
    check(
        &archive,
        &[
            ("plans", "01-02", plan("正在起草"), &[]),
            ("plans", "01-03", plan("正在暂缓"), &[]),
            ("plans", "01-04", plan("正在起草"), &[]),
            ("plans", "01-05", plan("正在暂缓"), &[]),
            ("plans", "01-06", plan("正在征求意见"), &["sac:20990001-T-469 stage-moved/advanced 20 → 30"]),
        ],
    );
}

#[test]
fn another_title_is_told_even_where_the_stage_was_not_understood_before() {
    let archive = archive();
    let plan = |title: &str, stage: &str| samr_plans::json(&[Plan::of("20990001-T-469", title, stage)]);
    check(
        &archive,
        &[
            ("plans", "01-02", plan("示例", "正在暂缓"), &[]),
            ("plans", "01-03", plan("别的标题", "正在起草"), &["sac:20990001-T-469 retitled ? → 20"]),
            ("plans", "01-04", plan("别的标题", "正在审查"), &["sac:20990001-T-469 stage-moved/skipped 20 → 40"]),
        ],
    );
}

#[test]
fn a_corrected_date_is_told_once_and_the_day_of_a_stage_not_at_all() {
    let archive = archive();
    let standard = |published: &str, effective: &str| {
        Standard::of("GB/T 99001-2022", "示例", "即将实施", published, effective).html()
    };
    check(
        &archive,
        &[
            ("standard", "01-02", standard("2022-11-01", "2023-05-01"), &[]),
            ("standard", "01-03", standard("2022-11-01", "2023-06-01"), &["gb:GB/T 99001-2022 redated"]),
            ("standard", "01-04", standard("2022-11-01", "2023-06-01"), &[]),
            ("page", "01-02", page(&AT_ENQUIRY), &[]),
            ("page", "01-03", page(&[AT_ENQUIRY[0], ("40.60", "2022-11-09")]), &[]),
            ("page", "01-04", page(&[AT_ENQUIRY[0], ("40.60", "")]), &[]),
            ("page", "01-05", page(&AT_ENQUIRY), &[]),
        ],
    );
}

#[test]
fn a_standard_that_is_put_on_hold_and_taken_off_again_is_told() {
    let archive = archive();
    let standard = |state: &str| Standard::of("GB/T 99001-2022", "示例", state, "2022-11-01", "2023-05-01").html();
    let card = |state: &str| samr_search::html(&[Card::of(Register::Standards, "GB/T 99001-2022", "示例", state)], 1);
    check(
        &archive,
        &[
            ("standard", "01-02", standard("即将实施"), &[]),
            ("standard", "04-01", standard("暂不实施"), &["gb:GB/T 99001-2022 stage-moved"]),
            ("search", "04-01", card("即将实施"), &[]),
            ("search", "04-02", card("暂不实施"), &[]),
            ("standard", "06-01", standard("现行"), &["gb:GB/T 99001-2022 in-force"]),
        ],
    );
}

#[test]
fn who_follows_a_project_is_told_where_it_went_and_follows_it_there() {
    let watches = r#"
[[watch]]
id = "number"
standards = ["ISO/IEC 27006-2"]
[[watch]]
id = "word"
keywords = ["privacy"]
[[watch]]
id = "committee"
committees = ["ISO/IEC JTC 1/SC 27"]
"#;
    let archive = Archive::with(&format!("{SOURCES}{watches}"));
    let row = |reference: &str, title: &str, stage: &str, committee: &str| {
        list_of(&[Row::of(82894, reference, title, stage).of_committee(committee)])
    };
    let (sc27, tc22) = ("ISO/IEC JTC 1/SC 27", "ISO/TC 22");
    archive.take("list", &on("01-02"), row("ISO/IEC DIS 27006-2", "Privacy systems", "40.60", sc27));
    for (day, page, expected) in [
        ("01-03", row("ISO/IEC DIS 27706", "Privacy systems", "40.60", sc27), "number word committee"),
        ("01-04", row("ISO/IEC DIS 27706", "Other systems", "40.60", sc27), "number word committee"),
        ("01-05", row("ISO/IEC DIS 27706", "Other systems", "40.60", tc22), "number committee"),
        ("01-06", row("ISO/IEC FDIS 27706", "Other systems", "50.00", tc22), "number"),
    ] {
        let polled = archive.try_take("list", &on(day), page).unwrap();
        let [change] = polled.changes.as_slice() else { panic!("{day}: {:?}", polled.changes) };
        assert_eq!(change.watches.join(" "), expected, "{day}");
        assert!(change.announced, "{day}");
    }
}

#[test]
fn a_watch_added_later_is_told_of_what_follows_and_not_of_what_was() {
    let archive = archive();
    check(
        &archive,
        &[
            ("list", "01-02", list("40.20"), &[]),
            ("list", "01-03", list("40.60"), &["iso:56572 stage-moved/advanced 40.20 → 40.60"]),
        ],
    );
    let n_before = archive.house.store.deliveries(&DeliveryFilter::default()).unwrap().len();
    let archive =
        archive.reconfigured(&format!("{SOURCES}[[watch]]\nid = \"late\"\nstandards = [\"ISO/IEC 27071\"]\n"));
    check(&archive, &[("list", "01-04", list("40.60"), &[])]);
    assert_eq!(archive.house.store.deliveries(&DeliveryFilter::default()).unwrap().len(), n_before);
    let polled = archive.try_take("list", &on("01-05"), list("50.00")).unwrap();
    assert_eq!(polled.changes[0].watches, ["late"]);
    assert_eq!(archive.house.store.deliveries(&DeliveryFilter::default()).unwrap().len(), n_before + 1);
}

#[test]
fn two_polls_of_one_moment_are_two_changes_and_two_deliveries() {
    let archive = archive();
    let titled = |title: &str| list_of(&[Row::of(56572, "ISO/IEC DIS 27071", title, "40.60")]);
    check(
        &archive,
        &[
            ("list", "01-02", titled("One"), &[]),
            ("list", "01-03", titled("Two"), &["iso:56572 retitled"]),
            ("list", "01-03", titled("Three"), &["iso:56572 retitled"]),
        ],
    );
    assert_eq!(archive.house.store.changes(&ChangeFilter::default()).unwrap().len(), 2);
    assert_eq!(archive.house.store.deliveries(&DeliveryFilter::default()).unwrap().len(), 2);
}

#[test]
fn a_clock_that_was_set_back_does_not_change_the_order_of_stages() {
    let archive = archive();
    check(
        &archive,
        &[
            ("list", "03-01", list("40.20"), &[]),
            ("page", "03-01", page(&AT_ENQUIRY[..1]), &[]),
            ("list", "03-05", list("40.60"), &["iso:56572 stage-moved/advanced 40.20 → 40.60"]),
            // Of the machine's clock, not of the body's: the page is asked after the list, and believes that it is earlier.
            ("page", "03-02", page(&AT_APPROVAL), &["iso:56572 stage-moved/advanced 40.20 → 50.00"]),
            ("list", "03-06", list("50.00"), &[]),
        ],
    );
    doubt(&archive, "list", "03-07", list("40.60"));
    check(&archive, &[("list", "03-14", list("40.60"), &[BACK])]);
    let refused = archive.try_take("list", &on("03-06"), list("50.00")).unwrap_err();
    assert!(matches!(refused, ImportError::OutOfOrder { .. }), "{refused}");
    check(&archive, &[("list", "03-15", list("50.00"), &[ADVANCED])]);
}

// One consultation.

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn consultation(id: &str, title: &str, published: &str, closes: &str) -> Consultation {
    Consultation { id: id.to_owned(), ..Consultation::of(title, day(published), day(closes)) }
}

const SIGNATURE: &str = "信息安全技术 SM9密码算法加密签名消息格式";

/// Entries that were there before, and these before them.
fn consultations(news: &[Consultation]) -> String {
    let others = [
        Consultation::of("网络安全技术 示例一", date(2023, 1, 10), date(2023, 3, 11)),
        Consultation::of("网络安全技术 示例二", date(2023, 1, 9), date(2023, 3, 10)),
    ];
    tc260_consultations::html(&[news, &others].concat())
}

#[test]
fn one_consultation_under_several_ids_is_one_alert_and_every_id_is_kept() {
    let archive = archive();
    let triple = |closes: &str| {
        [
            consultation("20230425104301", SIGNATURE, "2023-04-25", closes),
            consultation("20230425104302", "信息安全技术  SM9密码算法加密签名消息格式", "2023-04-25", closes),
            consultation("20230425104303", SIGNATURE, "2023-04-25", closes),
        ]
    };
    let fourth = consultation("20230427104304", SIGNATURE, "2023-04-25", "2023-06-24");
    let first_id = "tc260:20230425104301";
    check(
        &archive,
        &[
            ("consultations", "04-20", consultations(&[]), &[]),
            (
                "consultations",
                "04-26",
                consultations(&triple("2023-06-24")),
                &[&*format!("{first_id} consultation-opened")],
            ),
            // One more id, days later; and then all of them are given more time, not on one day.
            ("consultations", "04-28", consultations(&[triple("2023-06-24").as_slice(), &[fourth]].concat()), &[]),
            (
                "consultations",
                "05-02",
                consultations(&[&triple("2023-07-24")[..2], &triple("2023-06-24")[2..]].concat()),
                &[&*format!("{first_id} redated")],
            ),
            ("consultations", "05-03", consultations(&triple("2023-07-24")), &[]),
        ],
    );
    let held = archive.house.store.holdings("consultations").unwrap().unwrap();
    assert_eq!(held.len(), 6, "{:?}", held.keys());
    // A second round is another consultation.
    let second = consultation("20231025104305", SIGNATURE, "2023-10-25", "2023-12-24");
    check(
        &archive,
        &[("consultations", "10-26", consultations(&[second]), &["tc260:20231025104305 consultation-opened"])],
    );
}

#[test]
fn a_rebuilt_site_that_gives_every_consultation_a_new_id_announces_none_again() {
    let archive = archive();
    let old = [
        consultation("20230425104301", SIGNATURE, "2023-04-25", "2023-06-24"),
        consultation("20230424104301", "网络安全技术 示例三", "2023-04-24", "2023-06-23"),
    ];
    let new = |extra: &str| {
        format!(
            "<html><head><title>通知公告</title></head><body><ul class=\"inList\">{extra}\
             <li><a href=\"/tc260/tzgg/202304/4a537d5c1.shtml\" title=\"关于国家标准《{SIGNATURE}》征求意见稿征求意见的通知\">x<span class=\"date\">2023-04-25</span></a></li>\
             <li><a href=\"/tc260/tzgg/202304/4a537d5c2.shtml\" title=\"关于国家标准《网络安全技术 示例三》征求意见稿征求意见的通知\">x<span class=\"date\">2023-04-24</span></a></li>\
             </ul></body></html>"
        )
    };
    let extra = "<li><a href=\"/tc260/tzgg/202305/4a537d5c3.shtml\" title=\"关于国家标准《网络安全技术 示例四》征求意见稿征求意见的通知\">x<span class=\"date\">2023-05-04</span></a></li>";
    check(&archive, &[("consultations", "04-26", tc260_consultations::html(&old), &[])]);
    // The operator writes the address of the new site into the configuration.
    let archive = archive.reconfigured(&SOURCES.replace("/portal/suggestion", "/tc260/tzgg/list.shtml"));
    check(
        &archive,
        &[
            ("consultations", "05-01", new(""), &[]),
            ("consultations", "05-05", new(extra), &["tc260:4a537d5c3 appeared"]),
        ],
    );
}

#[test]
fn a_consultation_that_another_source_had_already_is_not_opened_again() {
    let archive = archive();
    let entry = consultation("20230425104301", SIGNATURE, "2023-04-25", "2023-06-24");
    let known = consultations(std::slice::from_ref(&entry));
    check(
        &archive,
        &[
            ("consultations", "04-26", known, &[]),
            ("other-consultations", "04-26", consultations(&[]), &[]),
            ("other-consultations", "04-27", consultations(&[entry]), &[]),
        ],
    );
}

#[test]
fn a_window_whose_end_is_printed_later_is_not_opened_a_second_time() {
    let archive = archive();
    let notice = format!("关于国家标准《{SIGNATURE}》征求意见稿征求意见的通知");
    let without_deadline = format!(
        "<html><head><title>征求意见</title></head><body><div class=\"publication\"><div class=\"right\"><div class=\"item\">\
         <a onclick=\"jumpDetail('20230425104301')\">{notice}</a><span>2023-04-25</span></div></div></div></body></html>"
    );
    let entry = consultation("20230425104301", SIGNATURE, "2023-04-25", "2023-06-24");
    check(
        &archive,
        &[
            ("consultations", "04-26", without_deadline.clone(), &[]),
            ("consultations", "04-27", tc260_consultations::html(&[entry]), &[]),
            ("consultations", "04-28", without_deadline, &[]),
        ],
    );
}

#[test]
fn one_consultation_under_other_ids_at_two_sources_is_one_alert_that_names_both() {
    let archive = archive();
    let here = consultation("20230425104301", SIGNATURE, "2023-04-25", "2023-06-24");
    let there = consultation("fba1a787d73e441d9f8a617e375cdbb1", SIGNATURE, "2023-04-25", "2023-06-24");
    let given_time = |entry: &Consultation| Consultation { closes: day("2023-07-24"), ..entry.clone() };
    let (first, other) = ("tc260:20230425104301", "tc260:fba1a787d73e441d9f8a617e375cdbb1");
    check(
        &archive,
        &[
            ("consultations", "04-20", consultations(&[]), &[]),
            ("other-consultations", "04-20", consultations(&[]), &[]),
            (
                "consultations",
                "04-26",
                consultations(std::slice::from_ref(&here)),
                &[&*format!("{first} consultation-opened")],
            ),
            ("other-consultations", "04-27", consultations(std::slice::from_ref(&there)), &[]),
            ("other-consultations", "05-02", consultations(&[given_time(&there)]), &[&*format!("{other} redated")]),
            ("consultations", "05-03", consultations(&[given_time(&here)]), &[]),
        ],
    );
    let changes = archive.house.store.changes(&ChangeFilter::default()).unwrap();
    let seen: Vec<String> = changes.iter().map(|change| change.also_seen_at.join(" ")).collect();
    assert_eq!(seen, ["other-consultations", "consultations"]);
}

// One committee.

#[test]
fn a_project_that_goes_to_another_committee_leaves_a_source_of_one_committee_and_is_not_missed() {
    let of_sc27 = SOURCES.replacen("url =", "committees = [\"ISO/IEC JTC 1/SC 27\"]\nurl =", 1);
    let archive = Archive::with(&of_sc27);
    let list = |committee: &str, stage: &str| {
        list_of(&[Row::of(56572, "ISO/IEC DIS 27071", "Trusted connections", stage).of_committee(committee)])
    };
    let (sc27, tc22) = ("ISO/IEC JTC 1/SC 27", "ISO/TC 22");
    let reassigned: &[&str] = &["iso:56572 reassigned"];
    check(
        &archive,
        &[
            ("list", "01-02", list(sc27, "40.60"), &[]),
            ("list", "01-03", list(tc22, "40.60"), reassigned),
            ("list", "01-04", list(tc22, "50.00"), &[]),
            ("list", "01-05", list(tc22, "50.00"), &[]),
            ("list", "01-06", list(tc22, "50.00"), &[]),
            ("list", "01-07", list(tc22, "50.00"), &[]),
            ("list", "01-08", list(sc27, "50.00"), &["iso:56572 stage-moved/advanced 40.60 → 50.00"]),
        ],
    );
}

// One old page.

/// Takes a page that is not believed yet.
fn doubt(archive: &Archive, source: &str, day: &str, page: String) {
    let polled = archive.try_take(source, &on(day), page).unwrap();
    assert_eq!(polled.poll.outcome.as_str(), "doubtful", "`{source}` on {day}: {:?}", polled.changes);
    let why = polled.poll.why.unwrap();
    assert!(why.starts_with("this reads as it did on 2023-"), "{why}");
}

#[test]
fn an_old_copy_of_a_page_moves_nothing_back_until_it_stays() {
    let archive = archive();
    check(&archive, &[("list", "01-02", list("40.60"), &[]), ("list", "04-01", list("50.00"), &[ADVANCED])]);
    doubt(&archive, "list", "04-02", list("40.60"));
    check(&archive, &[("list", "04-03", list("50.00"), &[])]);
    doubt(&archive, "list", "04-04", list("40.60"));
    doubt(&archive, "list", "04-05", list("40.60"));
    check(&archive, &[("list", "04-06", list("40.60"), &[BACK]), ("list", "04-07", list("50.00"), &[ADVANCED])]);
}

#[test]
fn a_copy_that_is_still_there_after_two_days_is_no_copy() {
    let archive = archive();
    check(&archive, &[("list", "01-02", list("40.60"), &[]), ("list", "04-01", list("50.00"), &[ADVANCED])]);
    doubt(&archive, "list", "04-07", list("40.60"));
    check(&archive, &[("list", "04-14", list("40.60"), &[BACK])]);
}

#[test]
fn a_step_back_on_a_page_that_shows_anything_else_too_is_told_at_once() {
    let archive = archive();
    let others = |stage: &str, title: &str| {
        list_of(&[
            Row::of(56572, "ISO/IEC DIS 27071", "Trusted connections", stage),
            Row::of(900_003, "ISO/IEC 90003:2021", title, "60.60"),
        ])
    };
    check(
        &archive,
        &[
            ("list", "01-02", others("40.60", "One"), &[]),
            ("list", "04-01", others("50.00", "Two"), &[ADVANCED, "iso:900003 retitled"]),
            ("list", "04-20", others("40.60", "Two"), &[BACK]),
        ],
    );
}
