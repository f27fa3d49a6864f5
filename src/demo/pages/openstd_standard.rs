//! The page of one published standard on openstd.samr.gov.cn (`GET /bzgk/std/newGbInfo?hcno=…`), in the markup of 2026.

use serde::Serialize;

use super::markup::Markup;
use super::site_id_of;

/// What the page says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standard {
    /// 标准号: `GB/T 39204-2022`.
    pub number: String,
    /// 中文标准名称.
    pub title: String,
    /// 英文标准名称.
    pub english: String,
    /// 标准状态: 现行, 即将实施, 废止, 被代替.
    pub state: String,
    /// 发布日期, `YYYY-MM-DD`.
    pub published: String,
    /// 实施日期, `YYYY-MM-DD`.
    pub effective: String,
    /// 主管部门.
    pub department: String,
    /// 归口部门.
    pub in_charge: String,
    /// 发布单位.
    pub issuer: String,
    /// 备注.
    pub remark: String,
    /// Whether it adopts an international standard: the page says no more than 采.
    pub adopted: bool,
    /// The User-Agent that the page was asked with: the site prints it into a script.
    pub user_agent: String,
}

impl Standard {
    /// A standard in that state, with both of its days.
    pub fn of(number: &str, title: &str, state: &str, published: &str, effective: &str) -> Standard {
        Standard {
            number: number.to_owned(),
            title: title.to_owned(),
            english: "Demo data".to_owned(),
            state: state.to_owned(),
            published: published.to_owned(),
            effective: effective.to_owned(),
            department: "国家标准委".to_owned(),
            in_charge: "国家标准委".to_owned(),
            issuer: "国家市场监督管理总局、国家标准化管理委员会".to_owned(),
            remark: String::new(),
            adopted: false,
            user_agent: "demo".to_owned(),
        }
    }

    /// The site's own key of the page, for its address.
    pub fn hcno(&self) -> String {
        site_id_of(&self.number).to_uppercase()
    }

    /// The page.
    pub fn html(&self) -> String {
        let alive = matches!(self.state.as_str(), "现行" | "即将实施");
        let colour = if alive { "text-success" } else { "text-danger" };
        Markup::OpenstdStandard.filled(&View { standard: self, hcno: self.hcno(), colour })
    }
}

#[derive(Serialize)]
struct View<'a> {
    standard: &'a Standard,
    hcno: String,
    colour: &'static str,
}
