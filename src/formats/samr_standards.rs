//! Published national standards as std.samr.gov.cn answers searches: `gbQueryPage`, and `gbAdvancedSearchPage`, which tells more (plan,
//! committee, what is replaced). Not plans, and not whole sets: the answers are fuzzy searches, so absence says nothing.
//!
//! ```json
//! {"total":1,"pageNumber":1,"rows":[{"id":"…","C_STD_CODE":"GB/T 99001-2031","C_C_NAME":"<sacinfo>示例</sacinfo>技术","STATE":"即将实施",
//!   "ISSUE_DATE":"2031-05-25","ACT_DATE":"2032-06-01","C_PLAN_CODE":"20290001-T-469","TOTAL_REPE":"GB/T 99001-2011","TA_CODE":"TC260"}]}
//! ```
//!
//! The committee comes as a number (`TA_CODE`) and a name (`TA_NAME`). The ids of the site change over the years and are no keys. The
//! names of drafters in an answer are not read.

use serde_json::Value;

use super::cn_numbers::{plan_number, standard_number};
use super::cn_states::put_state;
use super::reading::{absolute, codes_in, defect};
use super::samr_listing::{SITE, day_of, read_rows, text_of};
use super::{Absence, Authority, Content, Format, Page, Reading};
use crate::standards::committee::Committee;
use crate::standards::language::Language;
use crate::standards::programme::Defect;
use crate::standards::project::{Adoption, Degree, Project, ProjectId};

/// The row of the table.
pub const FORMAT: Format = Format {
    name: "samr-standards",
    about: "std.samr.gov.cn, gbQueryPage and gbAdvancedSearchPage: published national standards (JSON) with state, dates and plan number",
    content: Content::Json,
    sites: &["std.samr.gov.cn/gb/search/gbQueryPage", "std.samr.gov.cn/gb/search/gbAdvancedSearchPage"],
    absence: Absence::SaysNothing,
    authority: Authority::Register,
    keep: None,
    read,
};

fn read(page: &Page<'_>) -> Reading {
    read_rows(page, project_of)
}

fn project_of(row: &Value, page: &Page<'_>, defects: &mut Vec<Defect>) -> Result<Project, Defect> {
    let text = |name: &str| text_of(&row[name]);
    let refused = |what: &str| defect(what, &text("C_STD_CODE").or_else(|| text("C_C_NAME")).unwrap_or_default());
    let printed = text("C_STD_CODE").ok_or_else(|| refused("no standard number in this row"))?;
    let number = standard_number(&printed).ok_or_else(|| refused("standard number not understood"))?;
    let state = text("STATE").ok_or_else(|| refused("no state in this row"))?;
    let mut project = Project::new(ProjectId::Gb(number.to_string()), printed);
    put_state(&mut project, &state, defects);
    project.deliverable = Some(number.deliverable());
    for (name, language) in [("C_C_NAME", Language::Chinese), ("C_E_NAME", Language::English)] {
        project.titles.extend(text(name).map(|title| (language, title)));
    }
    project.published = day_of(&row["ISSUE_DATE"], defects);
    project.effective = day_of(&row["ACT_DATE"], defects);
    project.committee_code = text("TA_CODE");
    project.committee = text("TA_NAME").or_else(|| project.committee_code.clone().filter(|code| has_one_name(code)));
    project.department = text("CD_NAME");
    project.ics = text("ICS").map(|codes| codes_in(&codes)).unwrap_or_default();
    project.ccs = text("CCS").map(|codes| codes_in(&codes)).unwrap_or_default();
    project.announcement = text("ISSUE_ANN_NO");
    project.plan = plan_of(row, defects);
    project.replaces = text("TOTAL_REPE").map(|list| listed(&list)).unwrap_or_default();
    project.adopts.extend(adoption_of(row));
    project.url = text("id").and_then(|id| absolute(page, SITE, &format!("/gb/search/gbDetailed?id={id}")));
    Ok(project)
}

fn plan_of(row: &Value, defects: &mut Vec<Defect>) -> Option<String> {
    let printed = text_of(&row["C_PLAN_CODE"])?;
    let plan = plan_number(&printed).map(|number| number.to_string());
    if plan.is_none() {
        defects.push(defect("plan number not understood", &printed));
    }
    plan
}

/// `GB/T 1-2000,GB/T 2-2001`; a lone comma is an empty list.
fn listed(list: &str) -> Vec<String> {
    let parts = list.split([',', '，', '、', ';', '；']).map(str::trim).filter(|part| !part.is_empty());
    parts.map(ToOwned::to_owned).collect()
}

/// Whether this number of a committee is known to be that of a name: any other would look like another committee beside the name.
fn has_one_name(code: &str) -> bool {
    Committee::parse(code).is_some_and(|committee| committee.is_numbered())
}

/// `ADOPT_TYPE` says 无 where nothing is adopted.
fn adoption_of(row: &Value) -> Option<Adoption> {
    let of = text_of(&row["ADOPT_NO"]).filter(|of| of != "无");
    let relation = text_of(&row["ADOPT_LEVEL"]).and_then(|level| Degree::parse(&level));
    (of.is_some() || relation.is_some()).then_some(Adoption { relation, of })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Scope;
    use crate::standards::project::Standing;
    use crate::standards::reference::Reference;

    fn read_scoped(text: &str, scope: &Scope) -> Reading {
        read(&Page { text, url: None, scope })
    }

    #[test]
    fn a_row_of_the_rich_search_tells_plan_committee_and_what_is_replaced() {
        let text = r#"{"total":1,"rows":[{"id":"AB12","C_STD_CODE":"GB/T 99001-2031","C_C_NAME":"<sacinfo>示例</sacinfo>技术",
            "C_E_NAME":"Example","STATE":"即将实施","ISSUE_DATE":"2031-05-25","ACT_DATE":"2032-06-01","C_PLAN_CODE":"20290001-T-469",
            "TOTAL_REPE":"GB/T 99001-2011，GB/T 99002-2012","TA_CODE":"TC260","TA_NAME":"全国网络安全标准化技术委员会",
            "ADOPT_LEVEL":"等同","ADOPT_NO":"ISO/IEC 99001:2020","DRAFT_STAFF":"某人","ICS":"35.030;35.020","CCS":"L80",
            "ISSUE_ANN_NO":"2031年第23号"}]}"#;
        let reading = read_scoped(text, &Scope::default());
        let project = &reading.projects[0];
        assert_eq!(project.id.to_string(), "gb:GB/T 99001-2031");
        assert_eq!(project.titles[&Language::Chinese], "示例技术");
        assert_eq!(project.standing, Some(Standing::Published));
        assert_eq!(project.plan.as_deref(), Some("20290001-T-469"));
        assert_eq!(project.committee.as_deref(), Some("全国网络安全标准化技术委员会"));
        assert_eq!(project.committee_code.as_deref(), Some("TC260"));
        assert_eq!((project.ics.join(" "), project.ccs.join(" ")), ("35.030 35.020".to_owned(), "L80".to_owned()));
        assert_eq!(project.announcement.as_deref(), Some("2031年第23号"));
        assert_eq!(project.replaces, ["GB/T 99001-2011", "GB/T 99002-2012"]);
        let of = Some("ISO/IEC 99001:2020".to_owned());
        assert_eq!(project.adopts, [Adoption { relation: Some(Degree::Identical), of }]);
        assert!(reading.defects.is_empty() && reading.wholeness.is_whole());
        assert!(!format!("{reading:?}").contains("某人"));
    }

    #[test]
    fn a_row_with_hardly_anything_is_read_and_a_lone_comma_replaces_nothing() {
        let text = r#"{"total":2,"rows":[{"C_STD_CODE":"GB 99001-2031","STATE":"现行","TOTAL_REPE":","},{"C_STD_CODE":"GB 99002-2031"}]}"#;
        let reading = read_scoped(text, &Scope::default());
        assert_eq!(reading.projects.len(), 1);
        let project = &reading.projects[0];
        assert!(project.replaces.is_empty() && project.published.is_none() && project.adopts.is_empty());
        assert_eq!(reading.defects[0].what, "no state in this row");
    }

    #[test]
    fn committees_are_asked_for_by_number_or_by_name() {
        let text = r#"{"total":3,"rows":[{"C_STD_CODE":"GB/T 99001-2031","STATE":"现行","TA_CODE":"TC253","TA_NAME":"全国玩具标准化技术委员会"},
            {"C_STD_CODE":"GB/T 99002-2031","STATE":"现行","TA_CODE":"TC260","TA_NAME":"全国网络安全标准化技术委员会"},
            {"C_STD_CODE":"GB/T 99003-2031","STATE":"现行","TA_NAME":"全国网络安全标准化技术委员会"}]}"#;
        for (committees, numbers) in [
            (["SAC/TC 253"].as_slice(), "GB/T 99001-2031"),
            (&["全国玩具标准化技术委员会"], "GB/T 99001-2031"),
            (&["SAC/TC 260"], "GB/T 99002-2031 GB/T 99003-2031"),
            (&["全国网络安全标准化技术委员会"], "GB/T 99002-2031 GB/T 99003-2031"),
            (&["SAC/TC 28"], ""),
        ] {
            let committees = committees.iter().filter_map(|name| Committee::parse(name)).collect();
            let reading = read_scoped(text, &Scope { committees, ..Scope::default() });
            let found: Vec<&str> = reading.projects.iter().map(|project| project.reference.as_str()).collect();
            assert_eq!(found.join(" "), numbers);
        }
    }

    #[test]
    fn neighbours_of_the_number_asked_for_are_left_out() {
        let text = r#"{"total":2,"rows":[{"C_STD_CODE":"GB/T 99001-2031","STATE":"现行"},{"C_STD_CODE":"GB/T 99001.2-2031","STATE":"现行"}]}"#;
        let standards = vec![Reference::parse("GB/T 99001").unwrap()];
        let reading = read_scoped(text, &Scope { standards, ..Scope::default() });
        assert_eq!(reading.projects.len(), 1);
        assert!(reading.wholeness.is_whole());
    }
}
