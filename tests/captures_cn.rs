//! Every captured page of the Chinese sources, read and compared with what a person wrote down beside it. The pages belong to their
//! publishers and are not part of the project: where the folder is absent, that is said aloud, by name and count.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use regex::Regex;
use serde_json::Value;
use stagewatch::formats::open::{Opened, open};
use stagewatch::formats::refusal::Served;
use stagewatch::formats::{Format, Page, Reading, Scope, named};
use stagewatch::records::project::ProjectRecord;
use stagewatch::standards::deliverable::Deliverable;
use stagewatch::standards::language::Language;
use stagewatch::standards::programme::Wholeness;
use stagewatch::standards::project::{Adoption, Degree, Project};
use stagewatch::standards::stage::{GbStage, StageCode};
use url::Url;

/// What a run without the captures leaves out.
const NOT_RUN: &str =
    "49 expected cases, 52 openstd detail pages, 4 search pages, 50 consultations, the cut and damaged pages";

#[test]
fn every_expected_extract_reads_field_by_field() {
    let Some(captures) = Captures::open("every_expected_extract_reads_field_by_field") else { return };
    let cases = captures.cases("extract");
    let (read, later): (Vec<_>, Vec<_>) = cases.iter().partition(|case| format_of(text(case, "file")).is_some());
    say_later("extracts", &later);
    for case in &read {
        let file = text(case, "file");
        check_extract(case, &captures.read(format_of(file).unwrap(), file));
    }
    assert_eq!((read.len(), later.len()), (37, 0));
}

#[test]
fn between_two_captures_of_a_standard_exactly_the_expected_fields_differ() {
    let Some(captures) = Captures::open("between_two_captures_of_a_standard_exactly_the_expected_fields_differ") else {
        return;
    };
    let cases = captures.cases("pair");
    let (read, later): (Vec<_>, Vec<_>) = cases.iter().partition(|case| format_of(text(case, "before")).is_some());
    say_later("pairs", &later);
    for case in &read {
        let format = format_of(text(case, "before")).unwrap();
        let reading = |moment: &str| captures.read(format, text(case, moment));
        let (before, after) = (reading("before"), reading("after"));
        let are_whole = before.wholeness.is_whole() && after.wholeness.is_whole();
        let ids = |reading: &Reading| reading.projects.iter().map(|project| project.id.clone()).collect::<Vec<_>>();
        assert!(are_whole && !before.projects.is_empty(), "{case}");
        assert_eq!(ids(&before), ids(&after), "{case}");
        for (before, after) in before.projects.iter().zip(&after.projects) {
            check_pair(case, before, after);
        }
    }
    assert_eq!((read.len(), later.len()), (9, 0));
}

#[test]
fn no_reader_takes_a_page_that_is_no_page_for_one() {
    let Some(captures) = Captures::open("no_reader_takes_a_page_that_is_no_page_for_one") else { return };
    let cases = captures.cases("reject");
    assert_eq!(cases.len(), 3);
    for case in cases {
        let file = text(&case, "file");
        for format in chinese_formats() {
            let reading = captures.read(format, file);
            assert!(reading.projects.is_empty(), "{file} as {}", format.name);
            assert!(!reading.wholeness.is_whole(), "{file} as {}", format.name);
            let refusal = captures.open_as_served(format, file).refusal;
            assert!(refusal.is_some(), "{file} as {}: {}", format.name, case["reason"]);
        }
    }
}

#[test]
fn no_good_page_is_refused_and_opening_it_reads_the_same() {
    let Some(captures) = Captures::open("no_good_page_is_refused_and_opening_it_reads_the_same") else { return };
    for page in captures.detail_pages() {
        let opened = captures.open_as_served(openstd(), &page.file);
        assert_eq!(opened.refusal, None, "{}", page.file);
        assert_eq!(opened.reading, captures.read(openstd(), &page.file), "{}", page.file);
    }
}

#[test]
fn every_captured_detail_page_of_seven_years_is_read_whole() {
    let Some(captures) = Captures::open("every_captured_detail_page_of_seven_years_is_read_whole") else { return };
    let pages = captures.detail_pages();
    let files = fs::read_dir(captures.folder.join("openstd")).unwrap();
    let n_files =
        files.filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().starts_with("newGbInfo")).count();
    assert_eq!((pages.len(), n_files), (52, 52));
    for page in pages {
        let reading = captures.read(openstd(), &page.file);
        assert!(reading.wholeness.is_whole() && reading.defects.is_empty(), "{}: {reading:?}", page.file);
        let project = only(reading);
        assert!(page.file.contains(&page.number.replace(['/', ' '], "")), "{}", page.file);
        assert_eq!(project.id.to_string(), format!("gb:{}", page.number), "{}", page.file);
        assert_eq!(project.reference, page.number, "{}", page.file);
        assert_eq!(project.stage.unwrap().printed, page.state, "{}", page.file);
        assert_eq!(project.published.unwrap().to_string(), page.published, "{}", page.file);
        assert_eq!(project.effective.unwrap().to_string(), page.effective, "{}", page.file);
        let in_charge = [project.committee.as_deref(), project.department.as_deref()];
        assert!(in_charge.contains(&Some(page.in_charge.as_str())), "{}: {in_charge:?}", page.file);
        assert_eq!(project.titles.len(), 2, "{}", page.file);
    }
}

#[test]
fn in_seven_years_one_standard_changed_its_class_once_and_the_others_never() {
    let name = "in_seven_years_one_standard_changed_its_class_once_and_the_others_never";
    let Some(captures) = Captures::open(name) else { return };
    for (number, n_wordings, n_classes) in [("GB/T 1.1-2009", 3, 1), ("GB/T 1.1-2020", 0, 0), ("GB/T 20223-2006", 2, 0)]
    {
        let mut series: Vec<_> = captures.detail_pages().into_iter().filter(|page| page.number == number).collect();
        series.sort_by_key(|page| page.captured.clone());
        let stages: Vec<_> =
            series.iter().map(|page| only(captures.read(openstd(), &page.file)).stage.unwrap()).collect();
        let n_changes = |differ: fn(&[_]) -> bool| stages.windows(2).filter(|pair| differ(pair)).count();
        assert_eq!(n_changes(|pair| pair[0].printed != pair[1].printed), n_wordings, "wordings of {number}");
        assert_eq!(n_changes(|pair| pair[0].code != pair[1].code), n_classes, "classes of {number}");
    }
}

#[test]
fn every_card_of_every_captured_search_page_is_read() {
    let Some(captures) = Captures::open("every_card_of_every_captured_search_page_is_read") else { return };
    for (file, n_projects) in [
        ("std_gov_cn_2018/stdPage_gbt_20223.html", 9),
        ("std_gov_cn_2018/stdPage_gbt_20223_2006.html", 9),
        ("std_gov_cn_2018/stdPage_gbt_2023_2006.html", 1),
        ("std_samr/stdPage_GB11120_2026_retyped.html", 2),
    ] {
        let reading = captures.read(named("samr-search").unwrap(), file);
        assert!(reading.wholeness.is_whole() && reading.defects.is_empty(), "{file}: {:?}", reading.defects);
        assert_eq!(reading.projects.len(), n_projects, "{file}");
        assert!(reading.projects.iter().all(|project| project.stage_code().is_some()), "{file}");
        assert!(reading.projects.iter().all(|project| project.titles.contains_key(&Language::Chinese)), "{file}");
    }
}

#[test]
fn fifty_real_consultations_come_back_from_list_and_notice() {
    let Some(captures) = Captures::open("fifty_real_consultations_come_back_from_list_and_notice") else { return };
    let rows = captures.consultations();
    assert_eq!(rows.len(), 50);
    let list: String = rows.iter().map(Consultation::entry).collect();
    let reading = read_text(tc260(), Some("https://www.tc260.org.cn/portal/suggestion?page=1"), &list);
    assert!(reading.wholeness.is_whole() && reading.defects.is_empty());
    assert_eq!(reading.projects.len(), 50);
    for (row, listed) in rows.iter().zip(&reading.projects) {
        row.check(listed);
        let project = only(read_text(tc260(), Some(&row.url), &row.notice_page()));
        row.check(&project);
        let files: Vec<_> =
            project.consultation.attachments.iter().map(|file| (file.name.clone(), file.url.clone())).collect();
        assert_eq!(files, row.attachments, "{}", row.id);
        assert_eq!(only(read_text(tc260_single(), Some(&row.url), &row.notice_page())), project, "{}", row.id);
        assert_eq!(row.list_and_notice_projects(), 1, "{}", row.id);
    }
}

#[test]
fn the_notice_of_the_first_generation_is_read_with_its_inline_deadline() {
    let Some(captures) = Captures::open("the_notice_of_the_first_generation_is_read_with_its_inline_deadline") else {
        return;
    };
    let project = only(captures.read(tc260(), "tc260/gen1_HANDMADE_SecLens_detail_match.html"));
    assert_eq!(project.id.to_string(), "tc260:20250827154251");
    assert_eq!(project.reference, "网络安全技术 AAA 标准");
    assert_eq!(project.stage_code(), Some(StageCode::Gb(GbStage::PublicConsultation)));
    assert_eq!(project.published.unwrap().to_string(), "2025-09-15");
    assert_eq!(project.consultation.closes.unwrap().to_string(), "2025-10-30");
    assert_eq!(only(captures.read(tc260_single(), "tc260/gen1_HANDMADE_SecLens_detail_match.html")), project);
}

#[test]
fn no_list_of_consultations_is_taken_for_the_page_of_one() {
    let Some(captures) = Captures::open("no_list_of_consultations_is_taken_for_the_page_of_one") else { return };
    for file in [
        "tc260/gen1_HANDMADE_SecLens_list.html",
        "tc260/gen2_snippets_seclens-collectors_list_and_detail.html",
        "tc260/gen3_snippet_rss2cubox_inList.html",
    ] {
        // Even at an address that has an id.
        let address = "https://www.tc260.org.cn/portal/suggestion-detail/20250827154251";
        let reading = read_text(tc260_single(), Some(address), &captures.text(file));
        assert!(reading.projects.is_empty() && !reading.wholeness.is_whole(), "{file}");
    }
}

/// The folder of captures of the Chinese sources, with its index.
pub(crate) struct Captures {
    folder: PathBuf,
    index: BTreeMap<String, Indexed>,
}

#[derive(Clone)]
struct Indexed {
    address: String,
    captured: String,
    status: String,
    content_type: String,
    shows: String,
}

/// What the index says of one captured detail page.
struct DetailPage {
    file: String,
    captured: String,
    number: String,
    state: String,
    published: String,
    effective: String,
    in_charge: String,
}

impl Captures {
    /// The captures, where they are; says aloud what is not run where they are not.
    pub(crate) fn open(test: &str) -> Option<Captures> {
        let root = std::env::var_os("STAGEWATCH_CAPTURES")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/captures"), PathBuf::from);
        let folder = root.join("cn");
        let Ok(index) = fs::read_to_string(folder.join("INDEX.tsv")) else {
            say(&format!("NOT RUN: {test}: no captures in {} (in all: {NOT_RUN})", folder.display()));
            return None;
        };
        let mut lines = index.lines();
        let heads: Vec<&str> = lines.next().unwrap().split('\t').collect();
        let column = |name: &str| heads.iter().position(|head| *head == name).unwrap();
        let (file, address, captured, shows) =
            (column("file"), column("source_url"), column("capture_date"), column("shows"));
        let (status, content_type) = (column("http_status"), column("content_type"));
        let index = lines
            .map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>())
            .map(|row| {
                let indexed = Indexed {
                    address: row[address].clone(),
                    captured: row[captured].clone(),
                    status: row[status].clone(),
                    content_type: row[content_type].clone(),
                    shows: row[shows].clone(),
                };
                (row[file].clone(), indexed)
            })
            .collect();
        Some(Captures { folder, index })
    }

    pub(crate) fn text(&self, file: &str) -> String {
        if let Some((_, id)) = file.split_once("jsonl#") {
            return self.consultations().into_iter().find(|row| row.id == id).unwrap().notice_page();
        }
        let text = String::from_utf8(fs::read(self.folder.join(file)).unwrap()).unwrap();
        if file.contains("planDetail") { in_template_of_details(&text) } else { text }
    }

    /// The address of a capture, where the index knows one whole address.
    pub(crate) fn url_of(&self, file: &str) -> Option<String> {
        if let Some((_, id)) = file.split_once("jsonl#") {
            return Some(self.consultations().into_iter().find(|row| row.id == id)?.url);
        }
        let address = &self.index.get(file)?.address;
        Url::parse(address.split(' ').next()?).ok().map(String::from)
    }

    fn read(&self, format: &Format, file: &str) -> Reading {
        read_text(format, self.url_of(file).as_deref(), &self.text(file))
    }

    /// Opened as a poll opens it, with the status and the type that the index says.
    fn open_as_served(&self, format: &Format, file: &str) -> Opened {
        let indexed = &self.index[file];
        let url = self.url_of(file).and_then(|url| Url::parse(&url).ok());
        let content_type = Some(indexed.content_type.as_str()).filter(|given| !given.is_empty());
        let served = Served {
            status: indexed.status.parse().unwrap(),
            content_type,
            headers: &[],
            asked: url.as_ref(),
            answered: url.as_ref(),
        };
        open(format, &served, &fs::read(self.folder.join(file)).unwrap(), &Scope::default())
    }

    fn cases(&self, kind: &str) -> Vec<Value> {
        let cases = fs::read_to_string(self.folder.join("expected.jsonl")).unwrap();
        let cases = cases.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        cases.filter(|case| case["kind"] == kind).map(with_row_in_file_name).collect()
    }

    fn detail_pages(&self) -> Vec<DetailPage> {
        let summary = Regex::new(r"^(\S+ \S+) \| (\S+) \| 发布(\S+) 实施(\S+) \| 归口=(.*)$").unwrap();
        let pages = self.index.iter().filter(|(file, _)| file.contains("newGbInfo"));
        pages
            .map(|(file, indexed)| {
                let shows = summary.captures(&indexed.shows).unwrap_or_else(|| panic!("{file}: {}", indexed.shows));
                DetailPage {
                    file: file.clone(),
                    captured: indexed.captured.clone(),
                    number: shows[1].to_owned(),
                    state: shows[2].to_owned(),
                    published: shows[3].to_owned(),
                    effective: shows[4].to_owned(),
                    in_charge: shows[5].to_owned(),
                }
            })
            .collect()
    }

    fn consultations(&self) -> Vec<Consultation> {
        let rows = fs::read_to_string(self.folder.join("tc260/gen2_suggestions_50_redacted.jsonl")).unwrap();
        rows.lines().map(|line| Consultation::of(&serde_json::from_str(line).unwrap())).collect()
    }

    pub(crate) fn pages_of_known_formats(&self) -> Vec<String> {
        let files = self.index.keys().filter(|file| format_of(file).is_some() && !file.ends_with("jsonl"));
        let consultations = ["20250618112449", "fba1a787d73e441d9f8a617e375cdbb1"];
        let consultations = consultations.map(|id| format!("tc260/gen2_suggestions_50_redacted.jsonl#{id}"));
        files.cloned().chain(consultations).collect()
    }
}

/// One row of the fifty consultations, and the pages that we make of it in the markup of the second generation.
struct Consultation {
    id: String,
    url: String,
    notice: String,
    title: String,
    published: String,
    deadline: String,
    attachments: Vec<(String, String)>,
}

impl Consultation {
    fn of(row: &Value) -> Consultation {
        let text = |name: &str| row[name].as_str().unwrap().to_owned();
        let file = |file: &Value| {
            let name = collapsed(file["name"].as_str().unwrap());
            (name, file["url"].as_str().unwrap().to_owned())
        };
        Consultation {
            id: text("suggestion_id"),
            url: text("url"),
            notice: text("notice_title"),
            title: text("std_title"),
            published: text("published"),
            deadline: text("deadline"),
            attachments: row["attachments"].as_array().unwrap().iter().map(file).collect(),
        }
    }

    fn entry(&self) -> String {
        let Consultation { id, notice, published, deadline, .. } = self;
        format!(
            "<div class=\"item\" style=\"display: flex;\">\n  <a target=\"_blank\" onclick=\"jumpDetail('{id}','{deadline}')\">\n    {notice}\n  </a>\n  \
             <span>{published}</span>\n</div>\n"
        )
    }

    fn notice_page(&self) -> String {
        let Consultation { notice, published, title, .. } = self;
        let (year, rest) = self.deadline.split_once('-').unwrap();
        let (month, day) = rest.split_once('-').unwrap();
        let link = |(name, url): &(_, _)| format!("<li><label>附件：</label><a href=\"{url}\">\n {name}\n</a></li>");
        let files = self.attachments.iter().map(link).collect::<Vec<_>>().concat();
        format!(
            "<html><body><div class=\"advice\"><div class=\"title\"><h1>{notice}</h1><div class=\"time\">发布时间：{published}</div></div></div>\
             <div class=\"advice-c\"><div class=\"info\"><p>各相关单位和专家：</p><p>现已形成国家标准《{title}》征求意见稿。</p>\
             <p>并将意见于{year}\n年\n<span>{month}</span>月{day}\n日前反馈给网安标委秘书处。</p></div><div class=\"list\"><ul>{files}</ul></div></div></body></html>"
        )
    }

    fn list_and_notice_projects(&self) -> usize {
        read_text(tc260(), None, &(self.entry() + &self.notice_page())).projects.len()
    }

    fn check(&self, project: &Project) {
        assert_eq!(project.id.to_string(), format!("tc260:{}", self.id));
        assert_eq!(project.reference, collapsed(&self.title), "{}", self.id);
        assert_eq!(project.titles[&Language::Chinese], collapsed(&self.title), "{}", self.id);
        assert_eq!(project.published.unwrap().to_string(), self.published, "{}", self.id);
        assert_eq!(project.consultation.opens, project.published, "{}", self.id);
        assert_eq!(project.consultation.closes.unwrap().to_string(), self.deadline, "{}", self.id);
        assert_eq!(project.stage.as_ref().unwrap().printed, "征求意见稿", "{}", self.id);
        assert_eq!(project.committee.as_deref(), Some("SAC/TC 260"), "{}", self.id);
        assert_eq!(project.url.as_deref(), Some(self.url.as_str()), "{}", self.id);
        assert_eq!(project.plan, None, "{}", self.id);
    }
}

/// Writes to standard error itself, since the test runner swallows what the print macros say.
fn say(what: &str) {
    std::io::stderr().write_all(format!("captures of Chinese sources: {what}\n").as_bytes()).unwrap();
}

fn say_later(what: &str, later: &[&Value]) {
    let names: Vec<_> = later.iter().map(|case| text(case, "case")).collect();
    say(&format!("{} {what} NOT YET READ, their formats come later: {}", later.len(), names.join(", ")));
}

fn text<'a>(case: &'a Value, field: &str) -> &'a str {
    case[field].as_str().unwrap()
}

fn openstd() -> &'static Format {
    named("openstd-standard").unwrap()
}

fn tc260() -> &'static Format {
    named("tc260-consultations").unwrap()
}

/// The same page by itself, without the lists.
fn tc260_single() -> &'static Format {
    named("tc260-consultation").unwrap()
}

pub(crate) fn chinese_formats() -> [&'static Format; 8] {
    [
        "samr-plans",
        "samr-search",
        "samr-detail",
        "samr-standards",
        "openstd-standard",
        "openstd-list",
        "tc260-consultations",
        "tc260-consultation",
    ]
    .map(|name| named(name).unwrap())
}

/// Which format reads a captured file; `None` for the lists and pages whose format comes later.
pub(crate) fn format_of(file: &str) -> Option<&'static Format> {
    let name = file.rsplit('/').next().unwrap();
    let is_tc260 = ["gen1_HANDMADE", "gen2_s", "gen3_snippet"].iter().any(|start| name.starts_with(start));
    match () {
        () if name.starts_with("newGbInfo") => Some(openstd()),
        () if name.starts_with("std_list") => named("openstd-list"),
        () if name.starts_with("gbDetailed") || name.starts_with("planDetail") => named("samr-detail"),
        () if name.starts_with("gbAdvancedSearchPage") || name.starts_with("samr_standards") => named("samr-standards"),
        () if name.starts_with("stdPage") => named("samr-search"),
        () if is_tc260 => Some(tc260()),
        () => None,
    }
}

/// The one page of a plan is there as text only: its labels and values, a line each, put into the template that the pages of standards
/// have. What this shows is that the labels are read, not that the markup is that of the site.
fn in_template_of_details(text: &str) -> String {
    const LABELS: [&str; 12] = [
        "计划号",
        "制修订",
        "项目周期",
        "下达日期",
        "申报日期",
        "公示开始日期",
        "公示截止日期",
        "标准类别",
        "国际标准分类号",
        "归口单位",
        "执行单位",
        "主管部门",
    ];
    let lines: Vec<&str> = text.lines().collect();
    let field = |label: &&str| {
        let at = lines.iter().position(|line| line == label).unwrap();
        format!("<dt class='basicInfo-item name'>{label}</dt><dd class='basicInfo-item value'>{}</dd>", lines[at + 1])
    };
    let title = Regex::new("《(.+?)》").unwrap().captures(text).unwrap()[1].to_owned();
    let fields: String = LABELS.iter().map(field).collect();
    let in_charge = Regex::new("由 ?(TC\\d+)").unwrap().captures(text).unwrap()[1].to_owned();
    let charge = format!("<p>由<a class='triggers' TA_CODE='1'>{in_charge}</a>归口</p>");
    format!(
        "<div class='page-header'><h4>{title}</h4></div>{charge}<dl>{fields}</dl><script>var CURRENT_LINK='';</script>"
    )
}

/// A case that names one row of the fifty consultations is given a file name of its own.
fn with_row_in_file_name(mut case: Value) -> Value {
    if let Some(id) = case["at"].as_str().and_then(|at| at.strip_prefix("suggestion_id=")) {
        case["file"] = format!("{}#{id}", text(&case, "file")).into();
    }
    case
}

pub(crate) fn read_text(format: &Format, url: Option<&str>, text: &str) -> Reading {
    let url = url.map(|url| Url::parse(url).unwrap());
    (format.read)(&Page { text, url: url.as_ref(), scope: &Scope::default() })
}

fn only(mut reading: Reading) -> Project {
    assert_eq!((reading.projects.len(), &reading.wholeness), (1, &Wholeness::Whole), "{:?}", reading.defects);
    reading.projects.remove(0)
}

fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn check_extract(case: &Value, reading: &Reading) {
    let name = text(case, "case");
    assert!(reading.wholeness.is_whole(), "{name}: {:?}", reading.wholeness);
    let expected = &case["expected"];
    let parts = ["cards", "items", "rows"].into_iter().find_map(|name| expected[name].as_array());
    if let Some(parts) = parts {
        assert_eq!(reading.projects.len(), parts.len(), "{name}");
        assert!(expected["total"].is_null() || expected["total"] == parts.len(), "{name}");
        for (part, project) in parts.iter().zip(&reading.projects) {
            check_fields(name, part, project);
        }
        return;
    }
    let wanted = |project: &&Project| {
        expected["number"] == *project.reference || expected["id"].as_str().is_some_and(|id| ends_id(project, id))
    };
    let project = reading.projects.iter().find(wanted).unwrap_or_else(|| panic!("{name}: not found"));
    check_fields(name, expected, project);
}

fn ends_id(project: &Project, id: &str) -> bool {
    project.id.to_string().split_once(':').is_some_and(|(_, number)| number == id)
}

/// Compares every field that a case names; a field that this does not know is a failure, not a pass.
fn check_fields(case: &str, expected: &Value, project: &Project) {
    let day = |date: Option<jiff::civil::Date>| date.map_or(Value::Null, |date| date.to_string().into());
    let text = |text: Option<&String>| text.map_or(Value::Null, |text| text.clone().into());
    for (field, wanted) in expected.as_object().unwrap() {
        let found: Value = match field.as_str() {
            "number" => project.reference.clone().into(),
            "id" => project.id.to_string().split_once(':').map_or(Value::Null, |(_, number)| number.into()),
            "title_zh" | "title" => text(project.titles.get(&Language::Chinese)),
            "title_en" => text(project.titles.get(&Language::English)),
            "state" | "stage_text" => text(project.stage.as_ref().map(|stage| &stage.printed)),
            "stage" => number_of(project.stage_code()),
            "published" | "date" => day(project.published),
            "effective" => day(project.effective),
            "issued" => day(project.issued),
            "terminated" => day(project.withdrawn),
            "deadline" => day(project.consultation.closes),
            "committee" => text(project.committee.as_ref()),
            "department" => text(project.department.as_ref()),
            "revision" => text(project.revision.as_ref()),
            "standard_number" => text(project.standard.as_ref()),
            "plan" => text(project.plan.as_ref()),
            "cycle_months" => project.cycle_months.into(),
            "attachments" => project.consultation.attachments.len().into(),
            "adoption" => adoption(&project.adopts),
            "adopts_iso" => (!project.adopts.is_empty()).into(),
            "tid" => if project.id.to_string().starts_with("sac:") { "BV_GB_PLAN" } else { "BV_GB" }.into(),
            "path" => {
                project.url.as_ref().and_then(|url| Url::parse(url).ok()).map_or(Value::Null, |url| url.path().into())
            }
            "norm_id" | "recode_id" => parameter(project, field),
            "hcno" if project.url.as_ref().is_some_and(|url| url.contains("newGbInfo")) => parameter(project, field),
            "replaces" => project.replaces.clone().into(),
            "tc" => text(project.committee_code.as_ref()),
            "ics" => project.ics.join(";").into(),
            "ccs" => project.ccs.join(";").into(),
            "announcement" => text(project.announcement.as_ref()),
            "kind" => text(project.deliverable.and_then(kind_of).as_ref()),
            "timeline" => time_line_of(project).into(),
            other if NOT_OF_A_PROJECT.iter().any(|(field, _)| *field == other) => wanted.clone(),
            other => panic!("{case}: nothing compares `{other}`"),
        };
        assert_eq!(found, *wanted, "{case}: {field}");
    }
}

fn number_of(code: Option<StageCode>) -> Value {
    match code {
        Some(StageCode::Gb(GbStage::Drafting)) => 20.into(),
        Some(StageCode::Gb(GbStage::PublicConsultation)) => 30.into(),
        Some(StageCode::Gb(GbStage::Approval)) => 50.into(),
        Some(StageCode::Gb(GbStage::Terminated)) => "terminated".into(),
        other => format!("{other:?}").into(),
    }
}

/// What cases name and no project has, and why.
const NOT_OF_A_PROJECT: [(&str, &str); 8] = [
    ("state_class", "of the page's making"),
    ("label_now", "of the page's making: under which label the department stands"),
    ("row", "which row the case is about"),
    ("hcno", "the id of the text at another site, where the number finds it as well; ids of sites are no keys"),
    ("applied", "before the plan was issued, and over once it has a page"),
    ("public_notice_from", "before the plan was issued, and over once it has a page"),
    ("public_notice_to", "before the plan was issued, and over once it has a page"),
    ("category", "a class of standards at large, by which nobody watches"),
];

/// What openstd calls a kind of standard.
fn kind_of(deliverable: Deliverable) -> Option<String> {
    match deliverable {
        Deliverable::MandatoryNationalStandard => Some("强标".to_owned()),
        Deliverable::RecommendedNationalStandard => Some("推标".to_owned()),
        Deliverable::NationalGuidance => Some("指导性技术文件".to_owned()),
        _ => None,
    }
}

/// The time line of a standard as its days draw it; its last slot is there before it is filled.
fn time_line_of(project: &Project) -> Vec<String> {
    let days = [("发布", project.published), ("实施", project.effective)];
    let mut drawn: Vec<String> = days.iter().filter_map(|(word, day)| Some(format!("{word}于{}", (*day)?))).collect();
    drawn.push(project.withdrawn.map_or_else(|| "废止".to_owned(), |day| format!("废止于{day}")));
    drawn
}

fn adoption(adopts: &[Adoption]) -> Value {
    let [adoption] = adopts else { return adopts.len().into() };
    let relation = adoption.relation.map(|degree| match degree {
        Degree::Identical => "等同",
        Degree::Modified => "修改",
        Degree::NotEquivalent => "非等效",
    });
    serde_json::json!({ "relation": relation, "of": adoption.of })
}

fn parameter(project: &Project, name: &str) -> Value {
    let url = Url::parse(project.url.as_deref().unwrap()).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map_or(Value::Null, |(_, value)| value.as_ref().into())
}

fn check_pair(case: &Value, before: &Project, after: &Project) {
    let name = text(case, "case");
    let mut allowed = BTreeSet::new();
    for change in case["expected_changes"].as_array().unwrap() {
        let (old, new) = match change["field"].as_str().unwrap() {
            "state" => {
                allowed.extend(["stage", "standing"]);
                let printed = |project: &Project| project.stage.as_ref().map(|stage| stage.printed.clone());
                (printed(before), printed(after))
            }
            "committee" => {
                allowed.insert("committee");
                (before.committee.clone(), after.committee.clone())
            }
            other => panic!("{name}: nothing compares `{other}`"),
        };
        assert_eq!(
            (serde_json::json!(old), serde_json::json!(new)),
            (change["old"].clone(), change["new"].clone()),
            "{name}"
        );
    }
    let record = |project: &Project| serde_json::to_value(ProjectRecord::from(project)).unwrap();
    let (old, new) = (record(before), record(after));
    for (field, value) in old.as_object().unwrap() {
        let may_differ = allowed.contains(field.as_str()) || field == "url";
        assert!(may_differ || *value == new[field], "{name}: `{field}` was {value}, is {}", new[field]);
    }
    let is_a_move = before.stage_code() != after.stage_code();
    assert_eq!(is_a_move, case["stage_alert"] == true, "{name}");
    assert_eq!(is_a_move, before.standing != after.standing, "{name}");
}
