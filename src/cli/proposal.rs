//! A `[[source]]` for a page that was just read, ready to be pasted. Pure: text out, nothing written.

use url::Url;

use crate::formats::fitting::Candidate;
use crate::formats::layout::{Field, Layout, Place};
use crate::formats::surmise::unknown_stages;
use crate::formats::{Format, Scope};
use crate::standards::programme::Defect;
use crate::standards::project::{Project, ProjectId};
use crate::standards::reference::Reference;

/// Ids of sources may be 64 long; this leaves room for a number behind.
const LONGEST_ID: usize = 60;

/// By which clock a body works, by the end of its host.
const CLOCKS: [(&str, &str, u32); 3] = [
    (".cn", "Asia/Shanghai", 9),
    ("iso.org", "Europe/Zurich", 6),
    ("isopublicstorageprod.blob.core.windows.net", "Europe/Zurich", 6),
];

/// The table in TOML. `taken` are the ids that other sources have.
pub fn proposal_of(best: &Candidate, address: &Url, scope: &Scope, taken: &[&str]) -> String {
    let host = address.host_str().unwrap_or_default();
    let clock = CLOCKS.iter().find(|(end, ..)| host.ends_with(end));
    let (zone, hour) = clock.map_or((None, 6), |(_, zone, hour)| (Some(*zone), *hour));
    let mut lines = vec![
        format!("# {}", best.format.about),
        "[[source]]".to_owned(),
        format!("id = {}", quoted(&free_id(&id_of(best, address), taken))),
        format!("format = {}", quoted(best.format.name)),
        format!("url = {}", quoted(address.as_str())),
    ];
    let committees: Vec<String> = scope.committees.iter().map(|committee| quoted(committee.name())).collect();
    if !committees.is_empty() {
        lines.push(format!("committees = [{}]", committees.join(", ")));
    }
    let numbers: Vec<String> =
        numbers_asked_for(address, &best.reading.projects).iter().map(|number| quoted(&number.to_string())).collect();
    if !numbers.is_empty() {
        lines.push(format!("standards = [{}]            # the search answers with neighbours too", numbers.join(", ")));
    }
    lines.extend(best.layout.iter().flat_map(|layout| layout_lines(layout, &best.reading.defects)));
    lines.push(format!("schedule = \"{} {hour} * * Mon-Fri\"", minute_of(address)));
    lines.extend(zone.map(|zone| format!("timezone = {}", quoted(zone))));
    lines.join("\n") + "\n"
}

/// `rows`, `columns` and, for a person to fill in, what the page prints for stages and nobody knows.
fn layout_lines(layout: &Layout, defects: &[Defect]) -> Vec<String> {
    const MOST: usize = 12;
    let mut lines: Vec<String> = layout.rows.iter().map(|rows| format!("rows = {}", quoted(rows))).collect();
    let word =
        |wanted: Field| Field::ALL.iter().find(|(_, field)| *field == wanted).map_or("reference", |(word, _)| word);
    let place = |place: &Place| match place {
        Place::Heading(heading) => quoted(heading),
        Place::Select(selector) => quoted(&format!("css:{selector}")),
    };
    let columns: Vec<String> =
        layout.columns.iter().map(|(field, at)| format!("{} = {}", word(*field), place(at))).collect();
    lines.push(format!("columns = {{ {} }}", columns.join(", ")));
    let unknown: Vec<String> =
        unknown_stages(defects).iter().take(MOST).map(|text| format!("{} = \"\"", quoted(text))).collect();
    if !unknown.is_empty() {
        lines.push(format!("# stages = {{ {} }}   # write what each means: iso:40.20, gb:30 …", unknown.join(", ")));
    }
    lines.push(
        "# complete = true      # where the page lists all there is: a row that stays away is told as no longer listed, and a page \
         that lost more than half is doubted"
            .to_owned(),
    );
    lines
}

/// A text between quotes. The escapes of JSON are escapes of TOML; what JSON leaves as it is and TOML would not (U+007F) is in no
/// address, id or name of a committee.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The numbers that the address itself asks a search for, where the page has them.
fn numbers_asked_for(address: &Url, projects: &[Project]) -> Vec<Reference> {
    let is_shown = |wanted: &Reference| {
        let numbers = projects.iter().flat_map(|project| [Some(&project.reference), project.plan.as_ref()]);
        numbers.flatten().filter_map(|number| Reference::parse(number)).any(|printed| wanted.covers(&printed))
    };
    address.query_pairs().filter_map(|(_, value)| Reference::parse(&value)).filter(is_shown).collect()
}

/// Named after its one project, else after the format, else (a format of any site) after the site.
fn id_of(best: &Candidate, address: &Url) -> String {
    match best.reading.projects.as_slice() {
        [Project { id: ProjectId::Iso(number), .. }] => format!("iso-{number}"),
        [project] if !matches!(project.id, ProjectId::Page(_)) => {
            slug(project.id.to_string().trim_start_matches("gb:").trim_start_matches("sac:"))
        }
        _ if is_of_any_site(best.format) => site_slug(address),
        _ => best.format.name.to_owned(),
    }
}

fn is_of_any_site(format: &Format) -> bool {
    format.sites.is_empty()
}

/// `www.example.org/a/list.html` → `example-org-list`.
fn site_slug(address: &Url) -> String {
    let host = address.host_str().unwrap_or_default().trim_start_matches("www.");
    let segment = address.path_segments().and_then(|segments| segments.rev().find(|segment| !segment.is_empty()));
    let stem = segment.map(|segment| segment.split('.').next().unwrap_or_default());
    slug(&format!("{host} {}", stem.unwrap_or_default()))
}

fn slug(text: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { ' ' };
    let folded: String = text.chars().map(plain).collect();
    let mut slug = folded.split_whitespace().collect::<Vec<_>>().join("-");
    slug.truncate(LONGEST_ID);
    if slug.is_empty() { "page".to_owned() } else { slug.trim_end_matches('-').to_owned() }
}

fn free_id(wanted: &str, taken: &[&str]) -> String {
    let numbered = (2..).map(|number| format!("{wanted}-{number}"));
    let mut ids = std::iter::once(wanted.to_owned()).chain(numbered);
    ids.find(|id| !taken.contains(&id.as_str())).expect("there is always a next number")
}

/// Made of the address, so that sources that are pasted one after the other do not all ask at the same minute.
fn minute_of(address: &Url) -> u32 {
    address.as_str().bytes().fold(0_u32, |sum, byte| (sum * 31 + u32::from(byte)) % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::fitting::candidates_of;
    use crate::formats::refusal::Served;
    use crate::standards::committee::Committee;

    const PLANS: &str = r#"{"total":2,"pageNumber":1,"rows":[
        {"id":"A","C_PLAN_CODE":"20319001-T-469","C_C_NAME":"示例","STD_FORM":"制订","SEND_DATE":"2031-01-02","CURRENT_LINK":"正在起草"},
        {"id":"B","C_PLAN_CODE":"20319002-T-469","C_C_NAME":"示例二","STD_FORM":"制订","SEND_DATE":"2031-01-02","CURRENT_LINK":"正在起草"}]}"#;

    fn proposal(url: &str, body: &str, committees: &[&str], taken: &[&str]) -> String {
        let url = Url::parse(url).unwrap();
        let served = Served { status: 200, content_type: None, headers: &[], asked: Some(&url), answered: Some(&url) };
        let committees = committees.iter().map(|name| Committee::parse(name).unwrap()).collect();
        let scope = Scope { committees, ..Scope::default() };
        let candidates = candidates_of(&served, body.as_bytes(), &scope);
        proposal_of(&candidates[0], &url, &scope, taken)
    }

    #[test]
    fn a_search_for_a_number_is_watched_for_that_number() {
        let text = proposal(
            "https://std.samr.gov.cn/gb/search/gbProcessInfoPage?searchText=20319001-T-469&pageSize=50&pageNumber=1",
            PLANS,
            &["SAC/TC 260"],
            &["samr-plans", "samr-plans-2"],
        );
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(
            lines,
            [
                "[[source]]",
                "id = \"samr-plans-3\"",
                "format = \"samr-plans\"",
                "url = \"https://std.samr.gov.cn/gb/search/gbProcessInfoPage?searchText=20319001-T-469&pageSize=50&pageNumber=1\"",
                "committees = [\"SAC/TC 260\"]",
                "standards = [\"20319001-T-469\"]            # the search answers with neighbours too",
                "schedule = \"19 9 * * Mon-Fri\"",
                "timezone = \"Asia/Shanghai\"",
            ]
        );
    }

    #[test]
    fn a_site_of_no_known_body_gets_a_slug_and_no_clock() {
        let address = Url::parse("http://www.Example.org:8080/a%20b/List_1.html?x=\\\"'#y").unwrap();
        assert_eq!(site_slug(&address), "example-org-list-1");
        assert_eq!(slug("标准"), "page");
        assert_eq!(slug(&"a-".repeat(80)).len(), LONGEST_ID - 1);
        assert_eq!(free_id("a", &["a", "a-2"]), "a-3");
    }

    #[test]
    fn quotes_and_backslashes_stay_inside_their_text() {
        let table: toml::Table = toml::from_str(&format!("url = {}", quoted("a\\b\"c\nd\u{1}标"))).unwrap();
        assert_eq!(table["url"].as_str(), Some("a\\b\"c\nd\u{1}标"));
    }
}
