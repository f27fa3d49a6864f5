//! The page of one national standard, or of one plan, on std.samr.gov.cn (`/gb/search/gbDetailed`), and on the sister sites that run the
//! same software; the same template in 2018 and in 2026. Not the lists of it, and not what it says of other standards: those that it calls
//! near (相近标准) come with numbers of their own.
//!
//! ```html
//! <div class="page-header"><h4>示例技术</h4><h5>Example</h5><span class="s-status">国家标准</span> … <span class="s-status">现行</span></div>
//! <dt class="basicInfo-item name">标准号</dt><dd class="basicInfo-item value">GB/T 99001-2031</dd> …
//! <script>var CURRENT_LINK=''; var STATE='现行'; var SHARE_TITLE='国家标准-20290001-T-469-示例技术';</script>
//! ```
//!
//! Of a plan's page only its words were seen, never its markup: that it has the same template is taken from the labels, which are. Where
//! it prints the stage is not known, so a plan without one reads without one. The word 废止 stands on every page, as the empty end of a
//! time line; only the badge tells the state, and the script must not tell another one. Days stand twice, in the time line and under
//! their labels: where the two differ neither is believed.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;
use scraper::{ElementRef, Html};

use super::cn_numbers::{plan_number, standard_number};
use super::cn_states::{meaning_of, put_state};
use super::reading::{codes_in, css, date_in, date_or_defect, defect, in_scope, pattern, squeezed, text_of};
use super::{Absence, Authority, Content, Format, Page, Reading};
use crate::standards::committee::Committee;
use crate::standards::language::Language;
use crate::standards::programme::{Defect, Wholeness};
use crate::standards::project::{Adoption, Degree, Project, ProjectId};

/// The row of the table.
pub const FORMAT: Format = Format {
    name: "samr-detail",
    about: "std.samr.gov.cn, gbDetailed: the page of one national standard (plans by their labels; no page of a plan was at hand)",
    content: Content::Html,
    sites: &["std.samr.gov.cn/gb/search/gbDetailed", "www.std.gov.cn/gb/search/gbDetailed"],
    absence: Absence::SaysNothing,
    authority: Authority::OwnPage,
    keep: None,
    read,
};

/// The labels of what a page is about.
const NUMBERS: [&str; 2] = ["标准号", "计划号"];

/// What the badges beside the state say of the kind of document.
const KINDS: [&str; 11] = [
    "国家标准",
    "国家标准计划",
    "推荐性",
    "强制性",
    "指导性技术文件",
    "国家标准化指导性技术文件",
    "推荐性标准",
    "强制性标准",
    "推荐性国家标准",
    "强制性国家标准",
    "采",
];

/// A variable of the page's script: its name and what it holds.
static VARIABLE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\bvar\s+(CURRENT_LINK|STATE|SHARE_TITLE)\s*=\s*'([^']*)'"));

/// The plan number in the title under which a page is shared.
static SHARED_PLAN: LazyLock<Regex> = LazyLock::new(|| pattern(r"^国家标准(?:计划)?-(\d{8}-[A-Z]-\d{3})-"));

/// What is adopted stands below this heading; elsewhere such a sentence is about another standard.
const ADOPTION_HEADING: &str = "采标情况";

/// `本标准修改采用IEC国际标准：IEC 62287-2：2017。`
static ADOPTION: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^本标准(等同|修改|非等效)采用[^：:]*[：:]\s*(.+?)\s*[。.]?$"));

/// `废止于2020-10-01` in the time line; a bare 废止 is the empty slot at its end, and no day.
static EVENT: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(发布|实施|废止|终止)于(\d{4}-\d{1,2}-\d{1,2})"));

/// A page, and what its labels say; the first of two equal labels counts.
struct Sheet {
    document: Html,
    fields: Vec<(String, String)>,
    /// A label of a number that stands there with two of them: the page of another standard inside this one.
    contradiction: Option<String>,
    /// Below all fields stands the script that draws the time line; without it the page was cut, or rebuilt.
    has_script: bool,
}

fn read(page: &Page<'_>) -> Reading {
    let sheet = Sheet::of(page.text);
    if let Some(label) = &sheet.contradiction {
        return Reading::doubt(format!("two values under `{label}`: this is more than one page"));
    }
    let mut defects = Vec::new();
    let mut project = match sheet.numbered() {
        Ok(project) => project,
        Err(why) => return Reading::doubt(why),
    };
    if !sheet.has_script {
        return Reading::doubt(format!("the page of `{}` ends before its script", project.reference));
    }
    match sheet.state() {
        Ok(Some(state)) => put_state(&mut project, &state, &mut defects),
        Ok(None) if matches!(project.id, ProjectId::Sac(_)) => {}
        Ok(None) => return Reading::doubt(format!("no state for `{}`", project.reference)),
        Err(why) => return Reading::doubt(why),
    }
    project.url = page.url.map(ToString::to_string);
    sheet.put_titles(&mut project);
    sheet.put_fields(&mut project, &mut defects);
    sheet.put_relations(&mut project);
    let projects = Vec::from_iter(in_scope(&project, page.scope).then_some(project));
    Reading { projects, defects, wholeness: Wholeness::Whole, follow: Vec::new() }
}

impl Sheet {
    fn of(text: &str) -> Sheet {
        let document = Html::parse_document(text);
        let mut fields: Vec<(String, String)> = Vec::new();
        let mut contradiction = None;
        for label in document.select(&css("dt.basicInfo-item")) {
            let value = label.next_siblings().find_map(ElementRef::wrap).filter(|next| next.value().name() == "dd");
            let (name, Some(value)) = (text_of(label), value) else { continue };
            let value = first_text_of(value);
            match fields.iter().find(|(known, _)| *known == name) {
                None => fields.push((name, value)),
                Some((_, known)) if *known != value && NUMBERS.contains(&name.as_str()) => contradiction = Some(name),
                Some(_) => {}
            }
        }
        let has_script =
            document.select(&css("script")).any(|script| script.text().any(|text| text.contains("var CURRENT_LINK")));
        Sheet { document, fields, contradiction, has_script }
    }

    fn field(&self, label: &str) -> Option<&str> {
        let value = self.fields.iter().find(|(name, _)| name == label).map(|(_, value)| value.as_str());
        value.filter(|value| !value.is_empty())
    }

    /// The number of the standard or of the plan that the page is about.
    fn numbered(&self) -> Result<Project, String> {
        let (printed, number, id) = match (self.field("标准号"), self.field("计划号")) {
            (Some(printed), None) => {
                (printed, standard_number(printed), (|number| ProjectId::Gb(number)) as fn(String) -> ProjectId)
            }
            (None, Some(printed)) => (printed, plan_number(printed), (|number| ProjectId::Sac(number)) as _),
            (None, None) => return Err("neither 标准号 nor 计划号 in this page".to_owned()),
            (Some(standard), Some(plan)) => {
                return Err(format!("both a standard number, `{standard}`, and a plan number, `{plan}`"));
            }
        };
        let number = number.ok_or_else(|| format!("number not understood: `{printed}`"))?;
        let mut project = Project::new(id(number.to_string()), printed);
        project.deliverable = Some(number.deliverable());
        Ok(project)
    }

    /// The last badge that is no kind of document; the script, where it names a state, must name the same.
    fn state(&self) -> Result<Option<String>, String> {
        let badges = css(".page-header .s-status");
        let mut badges = self.document.select(&badges).map(text_of);
        let badge = badges.rfind(|badge| !badge.is_empty() && !KINDS.contains(&badge.as_str()));
        let script = ["STATE", "CURRENT_LINK"].into_iter().find_map(|name| self.variable(name));
        match (badge, script) {
            (Some(badge), Some(script)) if !means_the_same(&badge, &script) => {
                Err(format!("the badge says `{badge}`, the script `{script}`"))
            }
            (Some(badge), _) => Ok(Some(badge)),
            (None, script) => Ok(script),
        }
    }

    fn variable(&self, name: &str) -> Option<String> {
        let scripts = css("script");
        let mut texts = self.document.select(&scripts).map(|script| script.text().collect::<String>());
        texts.find_map(|text| {
            let values = VARIABLE.captures_iter(&text).filter(|found| &found[1] == name);
            values.map(|found| found[2].trim().to_owned()).find(|value| !value.is_empty())
        })
    }

    fn put_titles(&self, project: &mut Project) {
        for (place, language) in [(".page-header h4", Language::Chinese), (".page-header h5", Language::English)] {
            let title = self.document.select(&css(place)).next().map(text_of).filter(|title| !title.is_empty());
            project.titles.extend(title.map(|title| (language, title)));
        }
    }

    fn put_fields(&self, project: &mut Project, defects: &mut Vec<Defect>) {
        project.published = self.day("发布日期", &["发布"], defects);
        project.effective = self.day("实施日期", &["实施"], defects);
        project.withdrawn = self.day("废止日期", &["废止", "终止"], defects);
        project.issued = self.day("下达日期", &[], defects);
        project.ics = self.field("国际标准分类号").map(codes_in).unwrap_or_default();
        project.ccs = self.field("中国标准分类号").map(codes_in).unwrap_or_default();
        project.committee_code = self.committee_code();
        project.committee = self.field("归口单位").map(ToOwned::to_owned);
        project.department = self.field("主管部门").map(ToOwned::to_owned);
        project.revision = self.field("制修订").map(ToOwned::to_owned);
        if let Some(cycle) = self.field("项目周期") {
            project.cycle_months = cycle.strip_suffix("个月").and_then(|months| months.trim().parse().ok());
            if project.cycle_months.is_none() {
                defects.push(defect("duration not understood", cycle));
            }
        }
    }

    /// The day under a label, else that of the time line; `None` and a defect where they differ.
    fn day(&self, label: &str, events: &[&str], defects: &mut Vec<Defect>) -> Option<Date> {
        let labelled = self.field(label).and_then(|value| date_or_defect(value, defects));
        let drawn = self.drawn_day(events);
        if let Some((labelled, drawn)) = labelled.zip(drawn).filter(|(labelled, drawn)| labelled != drawn) {
            defects
                .push(defect("the time line says another day", &format!("{label} {labelled}, {} {drawn}", events[0])));
            return None;
        }
        labelled.or(drawn)
    }

    fn drawn_day(&self, wanted: &[&str]) -> Option<Date> {
        let events = css(".timeline .events li a");
        let mut events = self.document.select(&events).map(|event| squeezed(&text_of(event)));
        events.find_map(|event| {
            let found = EVENT.captures(&event)?;
            wanted.contains(&&found[1]).then(|| date_in(&found[2])).flatten()
        })
    }

    /// The sentence at the top names the committee by its number, `TC513（…）`, where it has one.
    fn committee_code(&self) -> Option<String> {
        let links = css("a.triggers[ta_code]");
        let mut names = self.document.select(&links).map(text_of);
        names.find(|name| Committee::of_sac(name).is_some())
    }

    /// The paragraphs below a heading, up to the next one.
    fn below(&self, heading: &str) -> Vec<String> {
        let titles = css("h2.title-text, .para-title");
        let title = self.document.select(&titles).find(|title| text_of(*title) == heading);
        let after = title.into_iter().flat_map(|title| title.next_siblings().filter_map(ElementRef::wrap));
        after.take_while(|element| element.value().name() == "p").map(text_of).collect()
    }

    fn put_relations(&self, project: &mut Project) {
        if matches!(project.id, ProjectId::Gb(_)) {
            let shared = self.variable("SHARE_TITLE");
            let plan = shared.as_deref().and_then(|title| plan_number(&SHARED_PLAN.captures(title)?[1]));
            project.plan = plan.map(|number| number.to_string());
        }
        let replaced = ["全部代替标准", "部分代替标准", "代替标准"].into_iter().filter_map(|label| self.field(label));
        let parts = replaced.flat_map(|list| list.split([',', '，', '、', ';', '；']));
        project.replaces = parts.map(str::trim).filter(|part| !part.is_empty()).map(ToOwned::to_owned).collect();
        project.adopts = self.below(ADOPTION_HEADING).iter().find_map(|said| adoption_in(said)).into_iter().collect();
    }
}

/// Only words of the vocabulary can contradict one another: a script may hold a code beside the word of the badge.
fn means_the_same(badge: &str, script: &str) -> bool {
    meaning_of(badge).zip(meaning_of(script)).is_none_or(|(badge, script)| badge == script)
}

/// The value without the box that pops up beside it, which spells out classifications.
fn first_text_of(value: ElementRef<'_>) -> String {
    super::reading::text_without(value, &css(".icsInfoPop, table"))
}

fn adoption_in(sentence: &str) -> Option<Adoption> {
    let found = ADOPTION.captures(sentence)?;
    Some(Adoption { relation: Degree::parse(&found[1]), of: Some(found[2].to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Scope;
    use crate::standards::project::Standing;

    fn read_text(text: &str) -> Reading {
        read(&Page { text, url: None, scope: &Scope::default() })
    }

    fn page(badge: &str, fields: &[(&str, &str)], script: &str) -> String {
        let fields: Vec<String> = fields
            .iter()
            .map(|(label, value)| {
                format!("<dt class='basicInfo-item name'>{label}</dt><dd class='basicInfo-item value'> {value} </dd>")
            })
            .collect();
        format!(
            "<html><div class=page-header><h4>示例  技术</h4><h5></h5><span class=s-status>国家标准</span>\
             <span class=s-status>推荐性</span><span class=s-status>{badge}</span></div>\
             <p>国家标准《示例》由<a class=triggers TA_CODE=1>TC28</a>（全国示例标准化技术委员会）归口</p><div class=timeline><div class=events><li><a>发布<span>于&nbsp;2031-01-02</span></a></li><li><a>废止</a></li></div></div>\
             <dl>{}</dl><h2>相近标准(计划)</h2><dl><dd class='basicInfo-item value'><a>20299999-T-469 另一计划</a></dd></dl>\
             <p>本标准修改采用IEC国际标准：IEC 1。</p><div class=para-title><h2 class=title-text>采标情况</h2></div>\
             <p>本标准等同采用ISO/IEC国际标准：ISO/IEC 99001:2030。</p><script>var CURRENT_LINK=''; {script}</script></html>",
            fields.concat()
        )
    }

    const STANDARD: [(&str, &str); 4] = [
        ("标准号", "GB/T 99001-2031"),
        ("发布日期", "2031-01-02"),
        ("全部代替标准", "GB/T 99001-2011"),
        ("国际标准分类号", "35.030<div class=icsInfoPop><table><tr><td>35</td></tr></table></div>"),
    ];

    #[test]
    fn a_standard_is_read_by_its_labels_and_its_plan_from_the_shared_title() {
        let script = "var STATE='现行'; var SHARE_TITLE = '国家标准-20290001-T-469-示例技术';";
        let project = &read_text(&page("现行", &STANDARD, script)).projects[0];
        assert_eq!(project.id.to_string(), "gb:GB/T 99001-2031");
        assert_eq!(project.standing, Some(Standing::InForce));
        assert_eq!(project.titles[&Language::Chinese], "示例 技术");
        assert_eq!(project.plan.as_deref(), Some("20290001-T-469"));
        assert_eq!(project.replaces, ["GB/T 99001-2011"]);
        assert_eq!((project.withdrawn, project.committee_code.as_deref()), (None, Some("TC28")));
        assert_eq!(project.ics, ["35.030"]);
        let of = Some("ISO/IEC 99001:2030".to_owned());
        assert_eq!(project.adopts, [Adoption { relation: Some(Degree::Identical), of }]);
        let old = page("现行", &STANDARD, "var SHARE_TITLE = '国家标准-示例  技术';");
        assert_eq!(read_text(&old).projects[0].plan, None);
    }

    #[test]
    fn a_plan_is_read_with_its_stage_or_without_one() {
        let fields =
            [("计划号", "20290001-T-469"), ("制修订", "制定"), ("项目周期", "24个月"), ("下达日期", "2029-10-24")];
        let project = &read_text(&page("正在起草", &fields, "")).projects[0];
        assert_eq!(project.id.to_string(), "sac:20290001-T-469");
        assert_eq!(project.stage.as_ref().unwrap().printed, "正在起草");
        assert_eq!((project.cycle_months, project.plan.as_deref()), (Some(24), None));
        let by_script = &read_text(&page("", &fields, "var CURRENT_LINK = '正在审查';")).projects[0];
        assert_eq!(by_script.stage.as_ref().unwrap().printed, "正在审查");
        let without = read_text(&page("", &fields, ""));
        assert!(without.wholeness.is_whole() && without.projects[0].stage.is_none() && without.defects.is_empty());
    }

    #[test]
    fn a_page_that_contradicts_itself_or_names_no_number_is_a_doubt() {
        for text in [
            page("现行", &STANDARD, "var STATE='废止';"),
            page("", &STANDARD, ""),
            page("现行", &[], ""),
            page("现行", &[("标准号", "GB/T 99001-2031"), ("计划号", "20290001-T-469")], ""),
            page("现行", &[("标准号", "GB/T 99001")], ""),
            String::new(),
        ] {
            let reading = read_text(&text);
            assert!(!reading.wholeness.is_whole() && reading.projects.is_empty(), "{text}");
        }
        assert!(read_text(&page("被代替", &STANDARD, "var STATE='废止';")).wholeness.is_whole());
    }

    #[test]
    fn a_day_that_the_time_line_tells_otherwise_is_not_believed() {
        let fields = [("标准号", "GB/T 99001-2031"), ("发布日期", "2031-01-03"), ("实施日期", "2031-08-01")];
        let reading = read_text(&page("现行", &fields, ""));
        let project = &reading.projects[0];
        assert_eq!((project.published, project.effective.unwrap().to_string()), (None, "2031-08-01".to_owned()));
        assert_eq!(reading.defects[0].what, "the time line says another day");
        assert_eq!(reading.defects[0].text, "发布日期 2031-01-03, 发布 2031-01-02");
        let drawn = &read_text(&page("现行", &fields[..1], "")).projects[0];
        assert_eq!(drawn.published.unwrap().to_string(), "2031-01-02");
    }

    #[test]
    fn a_sentence_elsewhere_is_about_another_standard() {
        let text = page("现行", &STANDARD, "").replace("采标情况", "起草单位");
        assert_eq!(read_text(&text).projects[0].adopts, []);
    }

    #[test]
    fn an_unknown_badge_is_kept_as_printed_and_is_a_defect() {
        let reading = read_text(&page("暂缓实施", &STANDARD, ""));
        assert_eq!(reading.projects[0].stage.as_ref().unwrap().printed, "暂缓实施");
        assert_eq!(reading.defects[0].what, "unknown stage text");
    }
}
