//! What stands on the pages of one thing: every part of it that somebody comes for. Over pages of bodies that are taken in as if polled.

use jiff::Timestamp;
use jiff::civil::date;
use stagewatch::demo::pages::samr_plans::{self, Plan};
use stagewatch::demo::pages::samr_search::{self, Card, Register};
use stagewatch::demo::pages::tc260_consultations::{self, Consultation};

use crate::support::Archive;

use super::client::Served;

const SOURCES: &str = r#"
[[source]]
id = "plans"
format = "samr-plans"
url = "https://std.example/gb/search/gbProcessInfoPage"
[[source]]
id = "search"
format = "samr-search"
url = "https://std.example/search/stdPage"
[[source]]
id = "consultations"
format = "tc260-consultations"
url = "https://tc.example/portal/suggestion"
timezone = "Asia/Shanghai"
[[watch]]
id = "the-plan"
standards = ["20250001-T-469"]
[[work-plan]]
id = "year"
title = "The year"
[[work-plan.task]]
title = "Publish both"
standards = ["20250001-T-469", "20250009-T-469"]
goal = "publish"
at-least = 2
until = 2027-12-31
"#;

const PLAN: &str = "20250001-T-469";

fn plans(stage: &str) -> String {
    let plan = Plan {
        issued: Some("2025-10-24".to_owned()), ..Plan::of(PLAN, "信息安全技术 示例产品安全要求", stage)
    };
    samr_plans::json(&[plan, Plan::of("20250002-T-469", "网络安全技术 另一示例", "正在起草")])
}

/// A plan, and its consultation.
fn story() -> Archive {
    let archive = Archive::with(SOURCES);
    let earlier = Consultation::of("网络安全技术 别的标准", date(2026, 1, 1), date(2026, 3, 1));
    let draft = Consultation::of("网络安全技术  示例产品安全要求", date(2026, 3, 6), date(2026, 5, 5));
    archive.take("plans", "2026-02-01T12:00:00Z", plans("正在起草"));
    archive.take("consultations", "2026-02-01T12:00:00Z", tc260_consultations::html(std::slice::from_ref(&earlier)));
    archive.take("consultations", "2026-03-07T12:00:00Z", tc260_consultations::html(&[draft, earlier]));
    archive.take("plans", "2026-03-08T12:00:00Z", plans("正在征求意见"));
    archive
}

fn become_a_standard(archive: &Archive) {
    let card =
        |stage: &str| Card::of(Register::Plans, PLAN, "示例产品安全要求", stage).with("标准编号", "GB/T 99001-2026");
    let standard =
        Card::of(Register::Standards, "GB/T 99001-2026", "示例产品安全要求", "即将实施").on("发布于", "2026-06-01");
    archive.take("search", "2026-06-02T12:00:00Z", samr_search::html(&[card("正在批准")], 1));
    archive.take("search", "2026-06-03T12:00:00Z", samr_search::html(&[card("已发布"), standard], 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_a_standard_is_on_its_page_and_what_is_inferred_is_marked() {
    let archive = story();
    let served = Served::over(&archive.house, Timestamp::now(), |_| {}).await;
    let page = async || served.get(&format!("/standards/sac:{PLAN}")).await.text();
    let relative = |text: &str, id: &str| {
        let relatives = text.split("What belongs to it").nth(1).and_then(|rest| rest.split("</section>").next());
        let found = relatives.unwrap_or_default().split("<li>").find(|item| item.contains(id));
        found.unwrap_or_else(|| panic!("{id}: {text}")).to_owned()
    };
    let inferred = "inferred from title and dates";
    let consultation = relative(&page().await, "/standards/tc260:");
    assert!(consultation.contains(inferred) && consultation.contains("consultation on its draft"), "{consultation}");
    become_a_standard(&archive);
    let text = page().await;
    let standard = relative(&text, "/standards/gb:");
    assert!(!standard.contains(inferred) && standard.contains("became the standard"), "{standard}");
    for part in [
        "/calendar.ics?project=sac:",
        "/feed.atom?project=sac:",
        "class=\"way\"",
        "aria-current=\"step\"",
        "<th scope=\"col\">By the body</th>",
        "<th scope=\"col\">First seen</th>",
        "href=\"/standards?watch=the-plan\"",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let consultation = served.get("/standards?body=tc260&watch=*").await.text();
    assert!(consultation.contains("closed") || consultation.contains("public comment closes"), "{consultation}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_shows_its_polls_as_bars_its_records_its_last_reading_and_when_it_is_asked_next() {
    let archive = story();
    let refused = archive.try_take("plans", "2026-03-09T12:00:00Z", "");
    assert!(refused.is_ok_and(|polled| polled.poll.outcome.is_trouble()));
    let served = Served::over(&archive.house, Timestamp::now(), |_| {}).await;
    let text = served.get("/sources/plans").await.text();
    for part in [
        "<rect class=\"o-baseline\"",
        "<rect class=\"o-changed\"",
        "<rect class=\"o-refused\"",
        "<polyline points=\"0,",
        "20250002-T-469",
        "正在征求意见",
        "next poll",
        "troubles in a row",
        "an empty body with status 200",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let chinese = served.get("/sources/plans?lang=zh&defects=1").await.text();
    assert!(chinese.contains("内容为空，状态码 200"), "{chinese}");
    assert!(chinese.contains("所有行均已读取") && chinese.contains("国家标准计划（JSON）"), "{chinese}");
    let list = served.get("/sources").await.text();
    assert_eq!(list.matches("<svg class=\"bars\"").count(), 3, "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_work_plan_shows_what_counts_how_far_it_is_and_until_when() {
    let archive = story();
    become_a_standard(&archive);
    let served = Served::over(&archive.house, Timestamp::now(), |_| {}).await;
    let text = served.get("/plans").await.text();
    for part in
        ["The year", "Publish both", "be published", "2027-12-31", "under way", "width=\"50\"", "not seen", PLAN]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(text.contains("<strong>1</strong> / 2"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_has_its_proof_in_two_frames_and_tells_no_title_as_a_number() {
    let archive = story();
    let changes = archive.house.store.changes(&stagewatch::store::changes::ChangeFilter::default()).unwrap();
    let served = Served::over(&archive.house, Timestamp::now(), |_| {}).await;
    let opened = changes.iter().find(|change| change.change.kind.as_str() == "consultation-opened").unwrap();
    let text = served.get(&format!("/changes/{}", opened.id)).await.text();
    let frames: Vec<&str> = text.split("<iframe").skip(1).collect();
    assert_eq!(frames.len(), 2, "{text}");
    assert!(frames.iter().all(|frame| frame.starts_with(" class=\"served\" sandbox loading=\"lazy\"")), "{text}");
    assert!(text.contains("Notice published") && !text.contains("Date of publication"), "{text}");
    assert!(!text.contains("<dt>Reference</dt>"), "{text}");
    for part in ["evidence.zip", &opened.evidence.after.sha256, "Who was told", "No action needed"] {
        assert!(text.contains(part), "{part} in {text}");
    }
}
