//! The pages of the demo, read by the readers of the product: whole, without a defect, at the stage that was put in; and those that are
//! no page are taken for none.

use std::collections::BTreeMap;

use jiff::civil::date;
use stagewatch::demo::body::ScriptedBody;
use stagewatch::demo::pages::iso_project::{Layout, ProjectPage, Relative};
use stagewatch::demo::pages::openstd_standard::Standard;
use stagewatch::demo::pages::samr_search::{self, Card, Register};
use stagewatch::demo::script::{STEPS, sources};
use stagewatch::formats::decode::decode;
use stagewatch::formats::refusal::{Served, refusal_of};
use stagewatch::formats::{Page, Reading, Scope, named};
use stagewatch::standards::committee::Committee;
use stagewatch::standards::project::{Project, Standing};
use url::Url;

use super::client;

fn scope() -> Scope {
    Scope { committees: vec![Committee::parse("ISO/IEC JTC 1/SC 27").unwrap()], ..Scope::default() }
}

fn read(format: &str, url: &str, text: &str) -> Reading {
    let (url, scope) = (Url::parse(url).unwrap(), Scope::default());
    (named(format).unwrap().read)(&Page { text, url: Some(&url), scope: &scope })
}

/// What a poll of that source would make of it: the reading, or why there is none.
async fn polled(format: &str, url: &str) -> Result<Reading, String> {
    let answer = client().get(url).send().await.map_err(|error| error.to_string())?;
    let (status, url) = (answer.status().as_u16(), Url::parse(url).unwrap());
    let headers: Vec<(String, String)> =
        answer.headers().iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    let content_type = headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.clone());
    let bytes = answer.bytes().await.map_err(|error| error.to_string())?;
    let text = decode(&bytes, content_type.as_deref(), url.host_str()).text;
    let format = named(format).unwrap();
    let served = Served {
        status,
        content_type: content_type.as_deref(),
        headers: &headers,
        asked: Some(&url),
        answered: Some(&url),
    };
    if let Some(refusal) = refusal_of(format, &served, &text) {
        return Err(refusal.kind.as_str().to_owned());
    }
    let scope = if format.name == "iso-open-data" { scope() } else { Scope::default() };
    let reading = (format.read)(&Page { text: &text, url: Some(&url), scope: &scope });
    if reading.wholeness.is_whole() { Ok(reading) } else { Err(format!("{:?}", reading.wholeness)) }
}

fn printed_code(project: &Project) -> String {
    project.stage_code().map(|code| code.to_string()).unwrap_or_default()
}

#[tokio::test]
async fn every_source_reads_whole_at_every_step_but_those_in_doubt() {
    let body = ScriptedBody::start().await.unwrap();
    for step in STEPS {
        (step.apply)(&body);
        for (id, format, url) in sources(&body.base_url()) {
            let polled = polled(format, &url).await;
            assert_eq!(polled.is_err(), step.in_doubt.contains(&id), "{id}: {polled:?}: {}", step.caption);
            if let Ok(reading) = polled {
                assert_eq!(reading.defects, [], "{id}: {}", step.caption);
                assert_eq!(reading.follow, [], "{id}: {}", step.caption);
            }
        }
    }
}

#[tokio::test]
async fn what_differs_between_two_steps_is_what_the_script_expects() {
    let body = ScriptedBody::start().await.unwrap();
    let mut seen: BTreeMap<(&str, String), String> = BTreeMap::new();
    for (index, step) in STEPS.iter().enumerate() {
        (step.apply)(&body);
        let mut moved = BTreeMap::new();
        for (id, format, url) in sources(&body.base_url()) {
            let Ok(reading) = polled(format, &url).await else { continue };
            for project in &reading.projects {
                let code = printed_code(project);
                assert_ne!(code, "", "{id}: {}", project.reference);
                let before = seen.insert((id, project.id.to_string()), code.clone());
                if before.as_ref() != Some(&code) {
                    moved.insert(project.id.to_string(), code);
                }
            }
        }
        if index > 0 {
            let expected = step.expect.iter().map(|alert| (alert.project.to_owned(), alert.to.unwrap().to_owned()));
            assert_eq!(moved, expected.collect(), "{}", step.caption);
        }
    }
    assert!(seen.contains_key(&("iso-open-data", "iso:82875".to_owned())), "published standards are read too");
    assert!(seen.keys().all(|(_, project)| !project.starts_with("iso:90000")), "rows of others are dropped");
}

#[tokio::test]
async fn pages_that_are_none_are_taken_for_what_they_are() {
    let body = ScriptedBody::start().await.unwrap();
    let mut reasons = BTreeMap::new();
    for step in STEPS.iter().filter(|step| !step.in_doubt.is_empty()) {
        (step.apply)(&body);
        for (id, format, url) in sources(&body.base_url()) {
            if step.in_doubt.contains(&id) {
                reasons.insert(id, polled(format, &url).await.unwrap_err());
            }
        }
    }
    assert_eq!(reasons["iso-27035-4"], "blocked");
    assert_eq!(reasons["iso-27071"], "challenge");
    assert_eq!(reasons["tc260-consultations"], "truncated");
    assert_eq!(reasons["samr-plans"], "blocked");
}

#[test]
fn a_project_page_is_read_alike_in_both_layouts() {
    let page = ProjectPage {
        replaces: vec![Relative { id: 7, reference: "ISO 1:2000".to_owned(), status: "Published".to_owned() }],
        replaced_by: vec![Relative {
            id: 9,
            reference: "ISO/AWI 1".to_owned(),
            status: "Under development".to_owned(),
        }],
        edition: 2,
        ..ProjectPage::of(
            80973,
            "ISO/IEC DIS 27035-4",
            "Title — Part 4: “A” & <B>",
            &[("30.00", "2023-01-09"), ("40.20", "2023-06-13")],
        )
    };
    let read = |layout| read("iso-project", "http://127.0.0.1:1/standard/80973.html", &page.html(layout));
    let (older, newer) = (read(Layout::Of2021), read(Layout::Of2024));
    assert!(older.wholeness.is_whole(), "{:?}", older.wholeness);
    assert_eq!(older, newer);
    let project = &newer.projects[0];
    assert_eq!(project.reference, "ISO/IEC DIS 27035-4");
    assert_eq!(project.titles.values().collect::<Vec<_>>(), ["Title — Part 4: “A” & <B>"]);
    assert_eq!(printed_code(project), "40.20");
    assert_eq!(project.since, Some(date(2023, 6, 13)));
    assert_eq!(project.committee.as_deref(), Some("ISO/IEC JTC 1/SC 27"));
    assert_eq!(project.edition, Some(2));
    assert_eq!(
        (project.replaces.as_slice(), project.replaced_by.as_slice()),
        (&["iso:7".to_owned()][..], &["iso:9".to_owned()][..])
    );
}

#[test]
fn a_project_page_is_read_at_every_stage_in_both_layouts() {
    for stage in
        ["00.00", "10.20", "20.60", "30.98", "40.93", "50.20", "60.00", "60.60", "90.20", "90.92", "90.93", "95.99"]
    {
        for layout in [Layout::Of2021, Layout::Of2024] {
            let page = ProjectPage::of(5, "ISO/IEC 5", "T", &[(stage, "2023-01-01")]).html(layout);
            let reading = read("iso-project", "http://127.0.0.1:1/standard/5.html", &page);
            assert!(reading.wholeness.is_whole(), "{stage} {layout:?}: {:?}", reading.wholeness);
            assert_eq!(reading.defects, [], "{stage} {layout:?}");
            assert_eq!(printed_code(&reading.projects[0]), stage);
        }
    }
}

#[test]
fn search_cards_are_read_with_their_stage() {
    let plan = Card::of(Register::Plans, "20230259-T-469", "（演示数据）", "正在征求意见")
        .with("制修订", "制订")
        .with("标准编号", "GB/T 99999-2024")
        .with("归口单位", "全国网络安全标准化技术委员会")
        .with("项目周期", "18 个月")
        .on("下达于", "2023-03-21");
    let page = samr_search::html(&[plan], 1);
    let url = "http://127.0.0.1:1/search/stdPage?q=20230259-T-469&tid=BV_GB_PLAN&pageNo=1";
    let reading = read("samr-search", url, &page);
    assert!(reading.wholeness.is_whole(), "{:?}", reading.wholeness);
    assert_eq!(reading.defects, []);
    let project = &reading.projects[0];
    assert_eq!((project.id.to_string().as_str(), printed_code(project).as_str()), ("sac:20230259-T-469", "30"));
    assert_eq!(project.standard.as_deref(), Some("GB/T 99999-2024"));
    assert_eq!((project.cycle_months, project.issued), (Some(18), Some(date(2023, 3, 21))));
}

#[test]
fn an_openstd_page_is_read_with_its_state_and_days() {
    let standard = Standard::of("GB/T 99999-2023", "演示标准（演示数据）", "即将实施", "2023-05-23", "2023-12-01");
    let url = format!("http://127.0.0.1:1/bzgk/std/newGbInfo?hcno={}", standard.hcno());
    for (state, standing) in
        [("即将实施", Standing::Published), ("现行", Standing::InForce), ("废止", Standing::Withdrawn)]
    {
        let page = Standard { state: state.to_owned(), ..standard.clone() }.html();
        let reading = read("openstd-standard", &url, &page);
        assert!(reading.wholeness.is_whole(), "{:?}", reading.wholeness);
        assert_eq!(reading.defects, []);
        let project = &reading.projects[0];
        assert_eq!(project.id.to_string(), "gb:GB/T 99999-2023");
        assert_eq!(project.standing, Some(standing));
        assert_eq!((project.published, project.effective), (Some(date(2023, 5, 23)), Some(date(2023, 12, 1))));
    }
}
