//! National standard plans with their stage: `gbProcessInfoPage` of std.samr.gov.cn, the one public source of a plan's stage.
//! Not the plan's own page, and not the plans of a committee: the answers are fuzzy searches, so absence says nothing.
//!
//! ```json
//! {"total":1,"pageNumber":1,"rows":[{"id":"…","C_PLAN_CODE":"20990001-T-469","C_C_NAME":"<sacinfo>示例</sacinfo>技术",
//!   "STD_FORM":"制订","SEND_DATE":"2099-10-24","CURRENT_LINK":"正在起草"}]}
//! ```
//!
//! A blocked client gets `{code, message}` with status 200: an answer without `rows` is a failed fetch, never "no results".

use serde_json::Value;

use super::cn_numbers::plan_number;
use super::cn_states::put_state;
use super::reading::{absolute, defect};
use super::samr_listing::{SITE, day_of, read_rows, text_of};
use super::{Absence, Authority, Content, Format, Page, Reading};
use crate::standards::language::Language;
use crate::standards::programme::Defect;
use crate::standards::project::{Project, ProjectId};

/// The row of the table.
pub const FORMAT: Format = Format {
    name: "samr-plans",
    about: "std.samr.gov.cn, gbProcessInfoPage: national standard plans (JSON) with number, title, stage and day of issue",
    content: Content::Json,
    absence: Absence::SaysNothing,
    authority: Authority::Register,
    keep: None,
    sites: &["std.samr.gov.cn/gb/search/gbProcessInfoPage"],
    read,
};

fn read(page: &Page<'_>) -> Reading {
    read_rows(page, project_of)
}

fn project_of(row: &Value, page: &Page<'_>, defects: &mut Vec<Defect>) -> Result<Project, Defect> {
    let refused = |what: &str| defect(what, &row.to_string());
    let printed = text_of(&row["C_PLAN_CODE"]).ok_or_else(|| refused("no plan number in this row"))?;
    let number = plan_number(&printed).ok_or_else(|| refused("plan number not understood"))?;
    let stage = text_of(&row["CURRENT_LINK"]).ok_or_else(|| refused("no stage in this row"))?;
    let mut project = Project::new(ProjectId::Sac(number.to_string()), printed);
    put_state(&mut project, &stage, defects);
    if let Some(title) = text_of(&row["C_C_NAME"]) {
        project.titles.insert(Language::Chinese, title);
    }
    project.deliverable = Some(number.deliverable());
    project.revision = text_of(&row["STD_FORM"]);
    project.issued = day_of(&row["SEND_DATE"], defects);
    project.url = text_of(&row["id"]).and_then(|id| absolute(page, SITE, &format!("/gb/search/gbDetailed?id={id}")));
    Ok(project)
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::formats::Scope;
    use crate::standards::programme::Wholeness;
    use crate::standards::project::Standing;
    use crate::standards::stage::{GbStage, StageCode};

    fn read_at(url: Option<&str>, text: &str) -> Reading {
        let url = url.map(|url| Url::parse(url).unwrap());
        read(&Page { text, url: url.as_ref(), scope: &Scope::default() })
    }

    fn rows(n: usize, total: usize, number: usize) -> String {
        let row = |i: usize| serde_json::json!({"C_PLAN_CODE": format!("2099{:04}-T-469", number * 1000 + i), "CURRENT_LINK": "正在起草"});
        serde_json::json!({"total": total, "pageNumber": number, "rows": (0..n).map(row).collect::<Vec<_>>()})
            .to_string()
    }

    #[test]
    fn a_row_is_read_with_the_marks_of_the_search_taken_out() {
        let reading = read_at(
            Some("https://std.example/gb/search/gbProcessInfoPage?searchText=x&pageSize=50&pageNumber=1"),
            r#"{"total":"1","rows":[{"id":"AB12","C_PLAN_CODE":"20990001-<sacinfo>T</sacinfo>-469",
               "C_C_NAME":"<sacinfo>网络</sacinfo>安全技术  示例　规范","STD_FORM":"修订","SEND_DATE":"2099-10-24 00:00:00","CURRENT_LINK":"正在征求意见"}]}"#,
        );
        let project = &reading.projects[0];
        assert_eq!(project.id.to_string(), "sac:20990001-T-469");
        assert_eq!(project.reference, "20990001-T-469");
        assert_eq!(project.titles[&Language::Chinese], "网络安全技术 示例 规范");
        assert_eq!(project.stage_code(), Some(StageCode::Gb(GbStage::PublicConsultation)));
        assert_eq!(project.standing, Some(Standing::UnderDevelopment));
        assert_eq!(project.revision.as_deref(), Some("修订"));
        assert_eq!(project.issued.unwrap().to_string(), "2099-10-24");
        assert_eq!(project.url.as_deref(), Some("https://std.example/gb/search/gbDetailed?id=AB12"));
        assert_eq!((reading.wholeness, reading.follow, reading.defects), (Wholeness::Whole, vec![], vec![]));
    }

    #[test]
    fn a_row_without_number_or_without_stage_is_refused_and_the_others_stand() {
        let reading = read_at(
            None,
            r#"{"total":4,"rows":[{"C_PLAN_CODE":"20990001-T-469","CURRENT_LINK":null},{"CURRENT_LINK":"正在起草"},
               {"C_PLAN_CODE":"无","CURRENT_LINK":"正在起草"},{"C_PLAN_CODE":"20990002-Q-252","CURRENT_LINK":"已终止"}]}"#,
        );
        assert_eq!(reading.projects.len(), 1);
        assert_eq!(
            reading.defects.iter().map(|defect| defect.what.as_str()).collect::<Vec<_>>(),
            ["no stage in this row", "no plan number in this row", "plan number not understood"]
        );
        assert!(reading.wholeness.is_whole());
    }

    #[test]
    fn an_answer_without_rows_is_a_doubt_that_quotes_what_the_site_said() {
        let said = read_at(None, r#"{"code":500,"message":"访问过于频繁"}"#).wholeness;
        assert_eq!(
            said,
            Wholeness::InDoubt("no `rows` in the answer, but code `500`, message `访问过于频繁`".to_owned())
        );
        for text in ["", "[]", "null", "{}", "7", r#"{"rows":null}"#, "<html></html>", r#"{"total":3,"rows":[]}"#] {
            let reading = read_at(None, text);
            assert!(!reading.wholeness.is_whole() && reading.projects.is_empty(), "{text}");
        }
    }

    #[test]
    fn rows_of_which_none_can_be_read_are_a_doubt() {
        assert!(!read_at(None, r#"{"total":1,"rows":[{"PLAN":"20990001-T-469"}]}"#).wholeness.is_whole());
        assert!(!read_at(None, &rows(3, 2, 1)).wholeness.is_whole());
        assert!(read_at(None, r#"{"total":0,"rows":[]}"#).wholeness.is_whole());
        assert!(read_at(None, r#"{"data":{"total":0,"rows":[]}}"#).wholeness.is_whole());
    }

    #[test]
    fn pages_are_followed_by_the_size_that_was_served_until_the_total_is_reached() {
        let first = "https://std.example/p?searchText=%E5%AE%89%E5%85%A8&pageSize=50&pageNumber=1";
        let follow = |url: &str, text: &str| read_at(Some(url), text).follow.first().map(Url::to_string);
        let second = follow(first, &rows(20, 45, 1)).unwrap();
        assert_eq!(second, "https://std.example/p?searchText=%E5%AE%89%E5%85%A8&pageSize=20&pageNumber=2");
        let third = follow(&second, &rows(20, 45, 2)).unwrap();
        assert!(third.ends_with("&pageSize=20&pageNumber=3"));
        assert_eq!(follow(&third, &rows(5, 45, 3)), None);
        assert_eq!(follow(first, &rows(45, 45, 1)), None);
        assert_eq!(follow("https://std.example/p?pageNumber=9", r#"{"total":45,"rows":[]}"#), None);
        assert_eq!(read_at(None, &rows(20, 45, 1)).follow, []);
    }

    #[test]
    fn milliseconds_are_the_midnight_of_china() {
        let text = r#"{"rows":[{"C_PLAN_CODE":"20990001-T-469","CURRENT_LINK":"正在起草","SEND_DATE":1538323200000}]}"#;
        assert_eq!(read_at(None, text).projects[0].issued.unwrap().to_string(), "2018-10-01");
    }
}
