//! What belongs together is told together: a plan, its consultations and the standard that it becomes; a move that another source does
//! not show; a day that the calendar brings. Every scenario goes through the real pipeline.

use jiff::Timestamp;
use jiff::civil::date;
use stagewatch::changes::change::RecordedChange;
use stagewatch::changes::notice::headline;
use stagewatch::changes::notice_facts::facts;
use stagewatch::changes::notice_sentence::sentence;
use stagewatch::daemon::calendar::tell_ahead;
use stagewatch::demo::pages::iso_open_data::{Row, lines};
use stagewatch::demo::pages::iso_project::{Layout, ProjectPage};
use stagewatch::demo::pages::openstd_standard::Standard;
use stagewatch::demo::pages::samr_plans::{self, Plan};
use stagewatch::demo::pages::samr_search::{self, Card, Register};
use stagewatch::demo::pages::tc260_consultations::{self, Consultation};
use stagewatch::standards::language::Language;
use stagewatch::store::changes::ChangeFilter;
use stagewatch::store::deliveries::DeliveryFilter;

use crate::support::Archive;

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
timezone = "Asia/Shanghai"
[[source]]
id = "consultations"
format = "tc260-consultations"
url = "https://tc.example/portal/suggestion"
timezone = "Asia/Shanghai"
[[watch]]
id = "the-plan"
standards = ["20290001-T-469"]
"#;

const PLAN: &str = "20290001-T-469";

fn changes_of(archive: &Archive) -> Vec<RecordedChange> {
    archive.house.store.changes(&ChangeFilter::default()).unwrap()
}

fn plans(stage: &str) -> String {
    let plan = Plan {
        issued: Some("2029-10-24".to_owned()), ..Plan::of(PLAN, "信息安全技术 示例产品安全要求", stage)
    };
    let other = Plan::of("20290002-T-469", "网络安全技术 另一示例", "正在起草");
    samr_plans::json(&[plan, other])
}

#[test]
fn who_watches_a_plan_learns_of_its_consultation_which_names_no_plan() {
    let archive = Archive::with(SOURCES);
    let earlier = Consultation::of("网络安全技术 别的标准", date(2031, 3, 1), date(2031, 4, 30));
    let draft = Consultation::of("网络安全技术  示例产品安全要求", date(2031, 5, 6), date(2031, 7, 5));
    archive.take("plans", "2031-05-01T12:00:00Z", plans("正在起草"));
    archive.take("consultations", "2031-05-01T12:00:00Z", tc260_consultations::html(std::slice::from_ref(&earlier)));
    archive.take("consultations", "2031-05-07T12:00:00Z", tc260_consultations::html(&[draft, earlier]));
    let told = changes_of(&archive);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].watches, ["the-plan"]);
    let [plan] = told[0].related.as_slice() else { panic!("{:?}", told[0].related) };
    assert_eq!((plan.id.to_string(), plan.relation.as_str(), plan.inferred), (format!("sac:{PLAN}"), "plan", true));
    let deliveries = archive.house.store.deliveries(&DeliveryFilter::default()).unwrap();
    let text = String::from_utf8_lossy(&deliveries[0].delivery.payload).into_owned();
    assert!(text.contains("20290001-T-469 (inferred from title and dates)"), "{text}");

    // The plan's own register says so later: a move of its own, since only title and dates joined the two.
    let moved = archive.take("plans", "2031-06-01T12:00:00Z", plans("正在征求意见"));
    assert_eq!(moved, [format!("sac:{PLAN} stage-moved/advanced 20 → 30")]);
    let related = &changes_of(&archive)[1].related;
    assert_eq!((related[0].relation.as_str(), related[0].inferred), ("consultation", true));
}

#[test]
fn a_publication_is_told_once_under_the_number_of_the_plan_and_that_of_the_standard() {
    let number = "GB/T 99001-2031";
    let plan = |stage: &str, given: bool| {
        let card = Card::of(Register::Plans, PLAN, "示例要求", stage);
        if given { card.with("标准编号", number) } else { card }
    };
    let standard = || Card::of(Register::Standards, number, "示例要求", "即将实施").on("发布于", "2031-05-01");
    let cards = |cards: &[Card]| samr_search::html(cards, cards.len());
    let published = format!("sac:{PLAN} published/published 50 → 60");

    for in_one_poll in [true, false] {
        let archive = Archive::with(SOURCES);
        archive.take("search", "2031-05-01T12:00:00Z", cards(&[plan("正在批准", false)]));
        if !in_one_poll {
            let told = archive.take("search", "2031-05-02T12:00:00Z", cards(&[plan("已发布", true)]));
            assert_eq!(told, [published.as_str()]);
        }
        let told = archive.take("search", "2031-05-03T12:00:00Z", cards(&[plan("已发布", true), standard()]));
        let appeared = format!("gb:{number} appeared");
        if in_one_poll {
            // Numbers come in order: the standard is what is told, and names its plan.
            assert_eq!(told, [published.as_str()], "{appeared}");
        } else {
            assert!(told.is_empty(), "{told:?}");
        }
        // It goes on under its own number.
        let in_force = Card::of(Register::Standards, number, "示例要求", "现行").on("发布于", "2031-05-01");
        let told = archive.take("search", "2031-09-01T12:00:00Z", cards(&[plan("已发布", true), in_force]));
        assert_eq!(told, [format!("gb:{number} in-force")]);
    }
}

#[test]
fn a_move_that_a_source_nearer_to_the_register_does_not_show_is_told_as_such() {
    let archive = Archive::with(&SOURCES.replace("20290001-T-469", "ISO/IEC 27071"));
    let list = |stage: &str| {
        let rows = [
            Row::of(56572, "ISO/IEC DIS 27071", "Trusted connections", stage),
            Row::of(900_001, "ISO/IEC 90001:2020", "Another one", "60.60"),
        ];
        lines(&rows)
    };
    let page = |stages: &[(&str, &str)]| {
        ProjectPage::of(56572, "ISO/IEC DIS 27071", "Trusted connections", stages).html(Layout::Of2024)
    };
    let at_enquiry = [("40.20", "2022-08-16"), ("40.60", "2022-11-08")];
    archive.take("list", "2023-01-02T12:00:00Z", list("40.60"));
    archive.take("page", "2023-01-03T12:00:00Z", page(&at_enquiry));
    archive.take("list", "2023-01-04T12:00:00Z", list("40.98"));
    let told = changes_of(&archive);
    let [otherwise] = told[0].otherwise_at.as_slice() else { panic!("{:?}", told[0].otherwise_at) };
    assert_eq!((otherwise.source.as_str(), otherwise.stage.printed.as_str()), ("page", "40.60"));
    let said = sentence(&told[0], Language::English);
    assert!(
        said.contains("; not confirmed by the source “page”, which showed DIS (40.60, Close of voting) on 2023-01-03"),
        "{said}"
    );

    // The page is nearer: what it shows needs no confirmation by the list.
    let approved = [at_enquiry[0], at_enquiry[1], ("50.00", "2023-03-29")];
    archive.take("page", "2023-04-01T12:00:00Z", page(&approved));
    assert!(changes_of(&archive)[1].otherwise_at.is_empty());
}

#[test]
fn an_entry_into_force_is_told_ahead_once_and_not_when_it_comes() {
    let archive = Archive::with(&SOURCES.replace(PLAN, "GB/T 99001"));
    let source = archive.house.settings.source("standard").unwrap().clone();
    let page = |state: &str, effective: &str| {
        Standard::of("GB/T 99001-2031", "示例要求", state, "2031-05-01", effective).html()
    };
    let look = |day: &str| -> Vec<String> {
        let now: Timestamp = format!("{day}T12:00:00Z").parse().unwrap();
        let told = tell_ahead(&archive.house, &source, now).unwrap();
        told.iter()
            .map(|told| format!("{} {}", told.change.kind.as_str(), told.change.after.effective.unwrap()))
            .collect()
    };
    let take = |day: &str, page: String| archive.take("standard", &format!("{day}T12:00:00Z"), page);

    assert!(look("2031-05-02").is_empty(), "nothing is held yet");
    assert!(take("2031-05-02", page("即将实施", "2031-08-01")).is_empty());
    assert!(look("2031-07-17").is_empty());
    assert_eq!(look("2031-07-18"), ["entering-into-force 2031-08-01"]);
    assert!(look("2031-07-19").is_empty());
    assert_eq!(take("2031-07-20", page("即将实施", "2031-09-01")), ["gb:GB/T 99001-2031 redated"]);
    assert!(look("2031-07-20").is_empty());
    assert_eq!(look("2031-08-25"), ["entering-into-force 2031-09-01"]);
    assert!(take("2031-09-01", page("现行", "2031-09-01")).is_empty());
    assert!(look("2031-09-01").is_empty());

    let told = changes_of(&archive);
    let said = sentence(&told[2], Language::English);
    assert!(said.contains("enters into force on 1 September 2031, as read at"), "{said}");
    assert!(said.contains("on 2031-07-20 12:00 UTC"), "{said}");
    let n_deliveries = archive.house.store.deliveries(&DeliveryFilter::default()).unwrap().len();
    assert_eq!((told.len(), n_deliveries), (3, 3));
}

#[test]
fn a_page_of_words_tells_its_lines_and_a_list_of_news_its_new_entries() {
    let archive = Archive::with(
        "[[source]]\nid = \"words\"\nformat = \"page-text\"\nurl = \"https://body.example/members\"\n\
         [[source]]\nid = \"news\"\nformat = \"feed\"\nurl = \"https://body.example/feed.xml\"\n",
    );
    let page = |lines: &[&str]| {
        let lines = lines.iter().map(|line| format!("<li>{line}</li>")).collect::<Vec<_>>().concat();
        format!("<html><head><title>Members</title></head><body><main>{lines}</main></body></html>")
    };
    archive.take("words", "2031-01-01T12:00:00Z", page(&["One", "Two", "Three"]));
    assert!(
        archive
            .take("words", "2031-01-02T12:00:00Z", page(&["One", "Two", "Three"]).replace("<li>", " <li class=x> "))
            .is_empty()
    );
    archive.take("words", "2031-01-03T12:00:00Z", page(&["One", "2", "Three", "Four"]));
    let told = changes_of(&archive);
    let said = sentence(&told[0], Language::English);
    assert!(
        said.contains("At the source “words”, Members reads differently than before (1 lines gone, 2 new), as read at"),
        "{said}"
    );
    let facts = facts(&told[0], Language::English);
    let value = |label: &str| facts.iter().find(|fact| fact.label == label).unwrap().value.clone();
    assert_eq!((value("Lines gone"), value("Lines new")), ("Two".to_owned(), "2 ⏎ Four".to_owned()));

    let feed = |titles: &[&str]| {
        let entry = |title: &&str| format!("<item><title>{title}</title><link>/{}</link></item>", title.len());
        let entries = titles.iter().map(entry).collect::<Vec<_>>().concat();
        format!("<?xml version='1.0'?><rss version='2.0'><channel><title>News</title>{entries}</channel></rss>")
    };
    archive.take("news", "2031-01-01T12:00:00Z", feed(&["old", "older"]));
    assert_eq!(archive.take("news", "2031-01-02T12:00:00Z", feed(&["newest", "old", "older"])).len(), 1);
    let told = changes_of(&archive).into_iter().find(|told| told.evidence.source == "news").unwrap();
    assert_eq!(headline(&told, Language::English), "newest: new notice");
}
