//! Plans of national standards with their stage: the answer of `GET /gb/search/gbProcessInfoPage` on std.samr.gov.cn.

use serde::Serialize;

use super::site_id_of;

/// One plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// 计划号: `20230259-T-469`.
    pub code: String,
    /// 项目名称.
    pub title: String,
    /// 制订 or 修订.
    pub form: String,
    /// 下达日期, `YYYY-MM-DD`; the key is left out where there is none, as the site does.
    pub issued: Option<String>,
    /// 项目进度: 正在起草, 正在征求意见 …
    pub stage: String,
}

impl Plan {
    /// A plan for a new standard, whose day of issue is not told.
    pub fn of(code: &str, title: &str, stage: &str) -> Plan {
        Plan {
            code: code.to_owned(),
            title: title.to_owned(),
            form: "制订".to_owned(),
            issued: None,
            stage: stage.to_owned(),
        }
    }
}

/// The answer that holds all of these plans on one page.
pub fn json(plans: &[Plan]) -> String {
    page(plans, plans.len(), 1)
}

/// One page of an answer that claims so many plans in all.
pub fn page(plans: &[Plan], total: usize, page_number: usize) -> String {
    let rows = plans.iter().map(Row::of).collect();
    serde_json::to_string(&Listing { total, page_number, rows }).expect("a plan is text")
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listing<'a> {
    total: usize,
    page_number: usize,
    rows: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    id: String,
    #[serde(rename = "C_PLAN_CODE")]
    code: &'a str,
    #[serde(rename = "C_C_NAME")]
    title: &'a str,
    #[serde(rename = "STD_FORM")]
    form: &'a str,
    #[serde(rename = "SEND_DATE", skip_serializing_if = "Option::is_none")]
    issued: Option<&'a str>,
    #[serde(rename = "CURRENT_LINK")]
    stage: &'a str,
}

impl Row<'_> {
    fn of(plan: &Plan) -> Row<'_> {
        Row {
            id: site_id_of(&plan.code).to_uppercase(),
            code: &plan.code,
            title: &plan.title,
            form: &plan.form,
            issued: plan.issued.as_deref(),
            stage: &plan.stage,
        }
    }
}
