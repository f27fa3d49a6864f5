//! What somebody reads who comes to the pages for the first time: no id that says nothing, one day for one thing, what comes next, how much
//! is left out, and every trouble once.

use std::fmt::Write as _;

use jiff::{Timestamp, ToSpan as _};
use stagewatch::changes::alarms::Alarm;
use stagewatch::changes::change::RecordedChange;
use stagewatch::changes::notice_facts::facts;
use stagewatch::demo::pages::iso_open_data::{self, Row};
use stagewatch::demo::pages::iso_project::{Layout, ProjectPage};
use stagewatch::standards::language::Language;
use stagewatch::store::changes::ChangeFilter;

use crate::support::{Archive, World, output_of, program};

use super::client::Served;
use super::programs::story;

const OWN: &str = r#"
[[source]]
id = "own"
format = "table"
url = "https://own.example/programme.html"
columns = { reference = "No.", title-en = "Title", stage = "Status" }
"#;

/// A programme of a body that no format knows: its rows have no number of a body.
fn rows_of(rows: &[(&str, &str)]) -> String {
    let mut html = "<table><tr><th>No.</th><th>Title</th><th>Status</th></tr>".to_owned();
    for (reference, stage) in rows {
        let _ = write!(html, "<tr><td>{reference}</td><td>Trusted connections</td><td>{stage}</td></tr>");
    }
    html + "</table>"
}

fn changes_of(archive: &Archive) -> Vec<RecordedChange> {
    archive.house.store.changes(&ChangeFilter::default()).unwrap()
}

/// What a browser shows of a page, without what stands in attributes.
fn shown(html: &str) -> String {
    let parts = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    parts.collect::<Vec<_>>().join(" ")
}

/// What the program prints over the store of an archive.
fn printed(archive: &Archive, arguments: &[&str]) -> String {
    let mut command = program();
    command.args(["--config", archive.configuration().to_str().unwrap()]).args(arguments);
    let (out, said, code) = output_of(&mut command);
    assert_eq!(code, 0, "{said}");
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_no_body_gave_is_shown_by_its_first_digits_or_not_at_all() {
    let archive = Archive::with(OWN);
    archive.take("own", "2026-06-01T12:00:00Z", rows_of(&[("ISO/IEC DIS 27071", "40.60")]));
    archive.take("own", "2026-06-02T12:00:00Z", rows_of(&[("ISO/IEC FDIS 27071", "50.00")]));
    let change = changes_of(&archive).remove(0);
    let id = change.change.after.id.to_string();
    assert_eq!(id.len(), "page:".len() + 64);
    let served = Served::over(&archive.house, Timestamp::now(), |_| {}).await;
    for language in ["en", "zh"] {
        for path in [format!("/standards/{id}"), format!("/changes/{}", change.id), "/standards".to_owned()] {
            let text = served.get(&format!("{path}?lang={language}")).await.text();
            assert!(!shown(&text).contains(&id), "{path}: {text}");
        }
        let text = served.get(&format!("/standards/{id}?lang={language}")).await.text();
        assert!(!text.contains("<dt>number</dt>") && !text.contains("<dt>项目号</dt>"), "{text}");
    }
    let text = served.get(&format!("/changes/{}", change.id)).await.text();
    assert!(text.contains(&format!("title=\"{id}\">{}…</a>", &id[..13])), "{text}");
    let project = facts(&change, Language::English).into_iter().find(|fact| fact.label == "Project").unwrap();
    assert_eq!(project.value, "ISO/IEC 27071");
    assert!(!printed(&archive, &["standards", "ISO/IEC 27071"]).contains(&id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standard_says_what_can_be_done_and_what_comes_next_also_where_nothing_is_open() {
    let archive = Archive::with(OWN);
    archive.take("own", "2026-06-01T12:00:00Z", rows_of(&[("ISO/IEC DIS 27071", "40.60")]));
    archive.take("own", "2026-06-02T12:00:00Z", rows_of(&[("ISO/IEC FDIS 27071", "50.00")]));
    let change = changes_of(&archive).remove(0);
    let served = Served::over(&archive.house, Timestamp::now(), |_| {}).await;
    for (language, words) in [
        ("en", ["What can be done", "No action needed", "Ordinarily comes next"]),
        ("zh", ["可参与事项", "无需办理", "通常的下一步"]),
    ] {
        let text = served.get(&format!("/standards/{}?lang={language}", change.change.after.id)).await.text();
        assert!(words.iter().all(|word| text.contains(word)), "{text}");
        let of = if language == "zh" { Language::Chinese } else { Language::English };
        let next = facts(&change, of).into_iter().find(|fact| fact.label == words[2]).unwrap().value;
        assert!(next.starts_with("50.20") && text.contains(&next), "{next} in {text}");
    }
    assert!(printed(&archive, &["standards", "ISO/IEC 27071"]).contains("  comes next     50.20"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_has_one_day_everywhere_that_of_the_body_where_any_source_prints_one() {
    let archive = Archive::with(
        "[[source]]\nid = \"open-data\"\nformat = \"iso-open-data\"\nurl = \"https://data.example/all.jsonl\"\n\
         [[source]]\nid = \"own-page\"\nformat = \"iso-project\"\nurl = \"https://www.iso.org/standard/56572.html\"\n",
    );
    let row = |letters: &str, stage: &str| Row::of(56572, &format!("ISO/IEC {letters} 27071"), "Connections", stage);
    let other = || Row::of(90_001, "ISO/IEC CD 90001", "Another", "30.20");
    archive.take("open-data", "2026-06-01T12:00:00Z", iso_open_data::lines(&[row("DIS", "40.60"), other()]));
    archive.take("open-data", "2026-06-26T12:00:00Z", iso_open_data::lines(&[row("FDIS", "50.00"), other()]));
    let change = changes_of(&archive).remove(0);
    let served = Served::over(&archive.house, Timestamp::now(), |_| {}).await;
    let pages = ["/standards/iso:56572".to_owned(), format!("/changes/{}", change.id)];
    for path in pages.iter().cloned().chain(["/timeline".to_owned()]) {
        let text = served.get(&path).await.text();
        assert!(text.contains("seen 2026-06-26"), "{path}: {text}");
    }
    assert!(served.get("/changes").await.text().contains("27071"));
    assert!(served.get("/standards?q=27071").await.text().contains("seen <strong>2026-06-26"));
    assert!(printed(&archive, &["standards"]).contains("seen 2026-06-26"));
    let stages = [("40.60", "2022-11-01"), ("50.00", "2023-03-29")];
    let page = ProjectPage::of(56572, "ISO/IEC FDIS 27071", "Connections", &stages);
    archive.take("own-page", "2026-06-26T13:00:00Z", page.html(Layout::Of2024));
    for path in pages.iter().cloned().chain(["/standards?q=27071".to_owned(), "/timeline".to_owned()]) {
        let text = served.get(&path).await.text();
        assert!(text.contains("2023-03-29") && !text.contains("seen 2026-06-26"), "{path}: {text}");
    }
    let text = served.get(&pages[1]).await.text();
    assert!(text.contains("<dt>In this stage since</dt><dd>29 March 2023"), "{text}");
    for arguments in [["history", "ISO/IEC 27071"].as_slice(), &["standards"], &["standards", "ISO/IEC 27071"]] {
        assert!(printed(&archive, arguments).contains("2023-03-29"), "{arguments:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_seen_to_move_last_comes_first_whatever_old_day_its_body_prints() {
    let archive = Archive::with(
        "[[source]]\nid = \"own\"\nformat = \"table\"\nurl = \"https://own.example/programme.html\"\n\
         columns = { reference = \"No.\", title-en = \"Title\", stage = \"Status\", since = \"Since\" }\n",
    );
    let page = |rows: &[(&str, &str, &str)]| {
        let row = |(reference, stage, since): &(&str, &str, &str)| {
            format!("<tr><td>{reference}</td><td>Of {reference}</td><td>{stage}</td><td>{since}</td></tr>")
        };
        let rows: String = rows.iter().map(row).collect();
        format!("<table><tr><th>No.</th><th>Title</th><th>Status</th><th>Since</th></tr>{rows}</table>")
    };
    let there = ("ISO/IEC CD 90002", "30.20", "2026-05-01");
    archive.take("own", "2026-06-01T12:00:00Z", page(&[("ISO/IEC DIS 27071", "40.60", "2022-11-01"), there]));
    archive.take("own", "2026-06-02T12:00:00Z", page(&[("ISO/IEC FDIS 27071", "50.00", "2023-03-29"), there]));
    let served = Served::over(&archive.house, Timestamp::now(), |_| {}).await;
    let order = async |path: &str| {
        let text = served.get(path).await.text();
        let list = text.split("class=\"plain standards\"").nth(1).unwrap().to_owned();
        list.find("27071").unwrap() < list.find("90002").unwrap()
    };
    assert!(order("/standards").await, "it was seen to move");
    assert!(order("/standards?sort=waiting").await, "it is there longer, by its body");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_what_closes_soon_says_how_far_it_looks_how_much_it_leaves_out_and_where_that_is() {
    let archive = Archive::with(
        "[[source]]\nid = \"own\"\nformat = \"table\"\nurl = \"https://own.example/programme.html\"\n\
         columns = { reference = \"No.\", title-en = \"Title\", closes = \"Closes\" }\n",
    );
    let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let row = |number: i64| {
        let day = today.checked_add((number + 2).days()).unwrap();
        format!("<tr><td>ISO/IEC DIS {}</td><td>Part {number}</td><td>{day}</td></tr>", 90_000 + number)
    };
    let table = |rows: String| format!("<table><tr><th>No.</th><th>Title</th><th>Closes</th></tr>{rows}</table>");
    archive.take("own", "2026-06-01T12:00:00Z", table((0..15).map(row).collect()));
    let served = Served::over(&archive.house, Timestamp::now(), |_| {}).await;
    for (language, words) in [("en", ["within 60 days", "3 more that close as soon"]), ("zh", ["60 天内", "另有 3 项"])]
    {
        let text = served.get(&format!("/?lang={language}")).await.text();
        let list = text.split("class=\"plain closing\"").nth(1).unwrap().split("</section>").next().unwrap();
        assert_eq!(list.matches("<li").count(), 12);
        assert!(text.contains(words[0]) && list.contains(words[1]), "{text}");
        assert!(list.contains("href=\"/standards?sort=closes\""), "{list}");
    }
    let text = served.get("/standards?sort=closes").await.text();
    assert!(text.contains("90014"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_tells_what_it_tells_of_by_its_name() {
    let world = World::start().await;
    let house = story(&world).await;
    let served = Served::of(&world, |_| {}).await;
    let change = house.store.changes(&ChangeFilter::default()).unwrap().pop().unwrap();
    let delivery = world.hook.deliveries().pop().unwrap().id;
    let text = served.get(&format!("/deliveries/{delivery}")).await.text();
    let told = text.split("Tells of").nth(1).unwrap();
    assert!(told.contains(&format!("href=\"/changes/{}\">", change.id)), "{told}");
    assert!(told.contains("href=\"/standards/iso:56572\""), "{told}");
    assert!(shown(told).contains("FDIS 27071") && !shown(told).contains(&change.id), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_the_operator_was_told_of_is_in_need_once() {
    let archive = Archive::with(&format!("{OWN}{}", OWN.replace("\"own\"", "\"other\"").replace("own.ex", "other.ex")));
    for source in ["own", "other"] {
        let refused = archive.try_take(source, "2026-06-01T12:00:00Z", "");
        assert!(refused.is_ok_and(|polled| polled.poll.outcome.is_trouble()));
    }
    let at: Timestamp = "2026-06-01T12:00:00Z".parse().unwrap();
    let (about, kind) = ("source:own".to_owned(), "source.doubtful".to_owned());
    let alarm = Alarm { about, kind, what: "`own` served no page".to_owned(), since: at, told_at: at };
    archive.house.store.tell_operator(&[alarm], &[], &[]).unwrap();
    let served = Served::over(&archive.house, Timestamp::now(), |_| {}).await;
    let text = served.get("/").await.text();
    let needs = text.split("class=\"plain needs\"").nth(1).unwrap().split("</ul>").next().unwrap();
    assert_eq!(needs.matches("href=\"/sources/own\"").count(), 1, "{needs}");
    assert_eq!(needs.matches("<li>").count(), 2, "one for each source: {needs}");
    let alarm = needs.split("<li>").find(|item| item.contains("alarm")).unwrap();
    assert!(alarm.contains("href=\"/sources/own\"") && alarm.contains("served no page"), "{alarm}");
}
