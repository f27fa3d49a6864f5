//! The facts of the story with the chapter from which each holds, and the pages that show them at a chapter. Not which alerts follow.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};

use crate::demo::body::ScriptedBody;
use crate::demo::body::answer::{Answer, Misbehaviour};
use crate::demo::pages::iso_open_data::{self, Row};
use crate::demo::pages::iso_project::{Layout, ProjectPage};
use crate::demo::pages::samr_plans::{self, Plan};
use crate::demo::pages::tc260_consultations::{self, Consultation};
use crate::demo::pages::{cut, refusals};

const OPEN_DATA: &str = "/opendata/_latest/iso_deliverables_metadata/json/iso_deliverables_metadata.jsonl";
const PLANS: &str = "/gb/search/gbProcessInfoPage";
const CONSULTATIONS: &str = "/portal/suggestion";

/// Id, format, and path with query.
pub(super) const SOURCES: [(&str, &str, &str); 5] = [
    ("iso-open-data", "iso-open-data", OPEN_DATA),
    ("iso-27035-4", "iso-project", "/standard/80973.html"),
    ("iso-27071", "iso-project", "/standard/56572.html"),
    (
        "samr-plans",
        "samr-plans",
        "/gb/search/gbProcessInfoPage?searchText=&ics=&sortOrder=asc&pageSize=50&pageNumber=1",
    ),
    ("tc260-consultations", "tc260-consultations", "/portal/suggestion?page=1"),
];

/// The moments of the story; later ones include what earlier ones brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Chapter {
    Baseline,
    Drones,
    FirstFinalDrafts,
    ThirdFinalDraft,
    Rebuilt,
    Blocked,
    CutShort,
    Enquiry,
    NewProjectBallot,
    PublicComment,
}

/// A project of SC 27 and its way.
struct Course {
    id: u64,
    title: &'static str,
    way: &'static [Station],
    /// The address of its own page, where a source watches it.
    page: Option<&'static str>,
}

/// A stage, and the reference that goes with it, from a chapter on.
struct Station {
    from: Chapter,
    stage: &'static str,
    since: &'static str,
    reference: &'static str,
}

/// Ids and titles of the four numbered projects are those of iso.org; every day is demo data. The two proposals have no number that
/// was told: 9999xx is far above the numbers that iso.org has given out.
const COURSES: [Course; 6] = [
    Course {
        id: 78703,
        title: "Cybersecurity — Security reference model for industrial internet platform (SRM-IIP)",
        way: &[
            Station { from: Chapter::Baseline, stage: "40.60", since: "2022-10-14", reference: "ISO/IEC DIS 24392" },
            Station {
                from: Chapter::FirstFinalDrafts,
                stage: "50.00",
                since: "2023-03-28",
                reference: "ISO/IEC FDIS 24392",
            },
        ],
        page: None,
    },
    Course {
        id: 56572,
        title: "Cybersecurity — Security recommendations for establishing trusted connections between devices and services",
        way: &[
            Station { from: Chapter::Baseline, stage: "40.60", since: "2022-11-08", reference: "ISO/IEC DIS 27071" },
            Station {
                from: Chapter::FirstFinalDrafts,
                stage: "50.00",
                since: "2023-03-29",
                reference: "ISO/IEC FDIS 27071",
            },
        ],
        page: Some("/standard/56572.html"),
    },
    Course {
        id: 80972,
        title: "Information technology — Network security — Part 7: Guidelines for network virtualization security",
        way: &[
            Station { from: Chapter::Baseline, stage: "40.60", since: "2022-12-02", reference: "ISO/IEC DIS 27033-7" },
            Station {
                from: Chapter::ThirdFinalDraft,
                stage: "50.00",
                since: "2023-04-11",
                reference: "ISO/IEC FDIS 27033-7",
            },
        ],
        page: None,
    },
    Course {
        id: 80973,
        title: "Information technology — Information security incident management — Part 4: Coordination",
        way: &[
            Station { from: Chapter::Baseline, stage: "30.60", since: "2023-01-20", reference: "ISO/IEC CD 27035-4" },
            Station { from: Chapter::Enquiry, stage: "40.00", since: "2023-04-26", reference: "ISO/IEC DIS 27035-4" },
        ],
        page: Some("/standard/80973.html"),
    },
    Course {
        id: 999_901,
        title: "Cyberspace security guidelines for unmanned aircraft systems (demo data: number invented)",
        way: &[Station { from: Chapter::Drones, stage: "00.00", since: "2023-03-21", reference: "ISO/IEC PWI 99901" }],
        page: None,
    },
    Course {
        id: 999_902,
        title: "Secure multiparty computation — Part 3 (demo data: number invented)",
        way: &[
            Station { from: Chapter::Baseline, stage: "00.60", since: "2023-02-10", reference: "ISO/IEC PWI 99902-3" },
            Station {
                from: Chapter::NewProjectBallot,
                stage: "10.20",
                since: "2023-05-05",
                reference: "ISO/IEC NP 99902-3",
            },
        ],
        page: None,
    },
];

/// Standards of SC 27 that stay as they are: id, reference, title, day of publication, edition.
const QUIET: [(u64, &str, &str, &str, u32); 3] = [
    (
        82875,
        "ISO/IEC 27001:2022",
        "Information security, cybersecurity and privacy protection — Information security management systems — Requirements",
        "2022-10-25",
        3,
    ),
    (
        75652,
        "ISO/IEC 27002:2022",
        "Information security, cybersecurity and privacy protection — Information security controls",
        "2022-02-15",
        3,
    ),
    (
        80585,
        "ISO/IEC 27005:2022",
        "Information security, cybersecurity and privacy protection — Guidance on managing information security risks",
        "2022-10-25",
        4,
    ),
];

/// Puts every page of a chapter on the body.
pub(super) fn show(body: &ScriptedBody, chapter: Chapter) {
    let today = body.started().to_zoned(TimeZone::UTC).date();
    body.set_page(OPEN_DATA, Answer::json_lines(iso_open_data::lines(&rows_at(chapter))));
    for (course, path) in COURSES.iter().filter_map(|course| Some((course, course.page?))) {
        let layout = if chapter < Chapter::Rebuilt { Layout::Of2021 } else { Layout::Of2024 };
        body.set_page(path, page_of(course, chapter, layout));
    }
    body.set_page(PLANS, Answer::json(samr_plans::json(&plans_at(chapter))).without_validators());
    let list = tc260_consultations::html(&consultations_at(chapter, today));
    body.set_page(CONSULTATIONS, Answer::html(list.as_str()));
    match chapter {
        Chapter::Blocked => block(body),
        Chapter::CutShort => cut_short(body, chapter, &list),
        Chapter::Baseline
        | Chapter::Drones
        | Chapter::FirstFinalDrafts
        | Chapter::ThirdFinalDraft
        | Chapter::Rebuilt
        | Chapter::Enquiry
        | Chapter::NewProjectBallot
        | Chapter::PublicComment => {}
    }
}

fn block(body: &ScriptedBody) {
    body.set_page("/standard/80973.html", refusals::blocked());
    body.set_page("/standard/56572.html", refusals::challenge());
    body.set_page(PLANS, refusals::limited_json());
}

fn cut_short(body: &ScriptedBody, chapter: Chapter, list: &str) {
    // Another row at the end makes the file another one: an unchanged file would be answered with 304, and never break off.
    let mut rows = rows_at(chapter);
    rows.extend(iso_open_data::of_others(1));
    let lines = iso_open_data::lines(&rows);
    let after = lines.len() / 2;
    body.set_page(OPEN_DATA, Answer::json_lines(lines).misbehaving(Misbehaviour::Truncated { after }));
    body.set_page(CONSULTATIONS, Answer::html(cut(list, list.len() / 2)).without_validators());
}

/// The open data: rows of others around ours, as in the real file, which is sorted by nothing.
fn rows_at(chapter: Chapter) -> Vec<Row> {
    let mut rows = iso_open_data::of_others(40);
    rows.extend(
        QUIET
            .map(|(id, reference, title, day, edition)| Row::of(id, reference, title, "60.60").published(day, edition)),
    );
    rows.extend(COURSES.iter().filter_map(|course| {
        let station = stations_at(course, chapter).last()?;
        Some(Row::of(course.id, station.reference, course.title, station.stage))
    }));
    rows
}

fn page_of(course: &Course, chapter: Chapter, layout: Layout) -> Answer {
    let stations: Vec<&Station> = stations_at(course, chapter).collect();
    let stages: Vec<(&str, &str)> = stations.iter().map(|station| (station.stage, station.since)).collect();
    let reference = stations.last().map_or("", |station| station.reference);
    // The pages of iso.org carry no validators: they are sent whole every time.
    Answer::html(ProjectPage::of(course.id, reference, course.title, &stages).html(layout)).without_validators()
}

fn stations_at(course: &Course, chapter: Chapter) -> impl Iterator<Item = &Station> {
    course.way.iter().filter(move |station| station.from <= chapter)
}

/// The two plans that the summary names, whose Chinese titles are not known, and one whose title is.
fn plans_at(chapter: Chapter) -> Vec<Plan> {
    let stage = if chapter < Chapter::PublicComment { "正在起草" } else { "正在征求意见" };
    let known = Plan {
        issued: Some("2019-10-24".to_owned()),
        ..Plan::of("20193257-T-469", "信息安全技术 网络产品和服务安全通用要求", "正在审查")
    };
    vec![
        Plan::of("20230259-T-469", "（演示数据）", stage),
        Plan::of("20221848-T-469", "（演示数据）", "正在起草"),
        known,
    ]
}

/// The consultations. Their days count from today, not from 2023: a deadline that has long passed would show nothing of what
/// deadlines are for. They last 60 days, as all real ones do.
fn consultations_at(chapter: Chapter, today: Date) -> Vec<Consultation> {
    let shown = |id: &str, title: &str, days_ago: i64| {
        let published = day_after(today, (-days_ago).days());
        Consultation { id: id.to_owned(), ..Consultation::of(title, published, day_after(published, 60.days())) }
    };
    let mut consultations = Vec::new();
    if chapter >= Chapter::PublicComment {
        consultations.push(shown("20230516090000", "网络安全技术 演示标准丙（演示数据）", 0));
    }
    consultations.push(shown("20230414093000", "网络安全技术 演示标准乙（演示数据）", 21));
    consultations.push(shown("20230331160000", "网络安全技术 演示标准甲（演示数据）", 35));
    consultations
}

fn day_after(day: Date, span: Span) -> Date {
    day.checked_add(span).expect("the clock of this machine is some centuries from the end of the calendar")
}
