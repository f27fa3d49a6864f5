//! The Chinese terms of the trade in English. Not a translator: only what the field has a fixed word for.

use unicode_normalization::UnicodeNormalization as _;

/// Chinese and English, in the order in which a project meets them.
const TERMS: [(&str, &str); 102] = [
    // Kinds of documents.
    ("国家标准", "national standard (GB)"),
    ("强制性", "mandatory"),
    ("推荐性", "recommended"),
    ("强制性国家标准", "mandatory national standard (GB)"),
    ("推荐性国家标准", "recommended national standard (GB/T)"),
    ("国家标准化指导性技术文件", "guidance technical document (GB/Z)"),
    ("指导性技术文件", "guidance technical document"),
    ("实践指南", "practice guide"),
    ("技术文件", "technical document"),
    ("工作要点", "key working points (annual)"),
    ("工作月报", "monthly work report"),
    ("通知公告", "notices"),
    // The plan.
    ("国家标准计划", "national standard plan (project)"),
    ("计划号", "plan (project) number"),
    ("制定", "new"),
    ("制订", "new"),
    ("修订", "revision"),
    ("制修订", "new or revision"),
    ("立项", "project approval"),
    ("公示", "public notice (of a proposed plan)"),
    ("公示截止日期", "end of public notice"),
    ("申报日期", "date applied for"),
    ("下达", "issued (plan)"),
    ("下达日期", "date issued"),
    ("项目周期", "project cycle (months)"),
    ("目的意义", "purpose and significance"),
    // Stages and drafts.
    ("预阶段", "preliminary stage"),
    ("起草", "drafting"),
    ("正在起草", "drafting under way"),
    ("标准草案", "working draft"),
    ("征求意见", "public consultation"),
    ("正在征求意见", "public consultation under way"),
    ("征求意见稿", "draft for comment"),
    ("编制说明", "drafting explanation"),
    ("意见汇总处理表", "table of comments and dispositions"),
    ("截至日期", "closing date"),
    ("截止日期", "closing date"),
    ("审查", "review"),
    ("正在审查", "review under way"),
    ("送审稿", "draft for review"),
    ("专家审查", "expert review"),
    ("全体委员投票", "vote of the full committee"),
    ("批准", "approval"),
    ("正在批准", "approval under way"),
    ("报批稿", "draft for approval"),
    ("出版", "publication"),
    ("发布", "published"),
    ("已发布", "published"),
    ("获批发布", "approved and published"),
    ("国家标准公告", "national standard announcement"),
    ("复审", "periodic review"),
    ("继续有效", "remains valid"),
    ("终止", "cancelled (plan)"),
    ("已终止", "cancelled (plan)"),
    // What a standard is afterwards.
    ("即将实施", "published, not yet in force"),
    ("现行", "in force"),
    ("废止", "withdrawn"),
    ("被代替", "superseded"),
    ("暂不实施", "implementation on hold"),
    ("发布日期", "date of publication"),
    ("实施日期", "date of entry into force"),
    ("废止日期", "date of withdrawal"),
    ("全部代替标准", "replaces entirely"),
    ("部分代替", "replaces in part"),
    // What it adopts, and how it is classed.
    ("采标", "adoption of an international standard"),
    ("采标关系", "adoption of an international standard"),
    ("等同", "identical (IDT)"),
    ("修改", "modified (MOD)"),
    ("非等效", "not equivalent (NEQ)"),
    ("国际标准分类号", "ICS code"),
    ("国际标准分类号(ICS)", "ICS code"),
    ("中国标准分类号", "Chinese classification code"),
    ("中国标准分类号(CCS)", "Chinese classification code"),
    // Who.
    ("起草单位", "drafting organisations"),
    ("归口单位", "committee in charge"),
    ("归口部门", "department in charge"),
    ("执行单位", "executing body"),
    ("主管部门", "supervising authority"),
    ("批准发布部门", "issuing authority"),
    ("秘书处", "secretariat"),
    ("全国网络安全标准化技术委员会", "National Technical Committee 260 on Cybersecurity of SAC"),
    ("网安标委", "National Technical Committee 260 on Cybersecurity of SAC"),
    ("全国信息安全标准化技术委员会", "National Information Security Standardization TC (until 2023)"),
    ("信安标委", "National Information Security Standardization TC (until 2023)"),
    ("中国电子技术标准化研究院", "China Electronics Standardization Institute, CESI"),
    ("国家标准化管理委员会", "Standardization Administration of China, SAC"),
    ("国家标准委", "Standardization Administration of China, SAC"),
    ("国家市场监督管理总局", "State Administration for Market Regulation, SAMR"),
    ("市场监管总局", "State Administration for Market Regulation, SAMR"),
    ("中央网信办", "Cyberspace Administration of China, CAC"),
    ("人工智能安全标准工作组", "working group on AI security (WG9)"),
    // Subjects and prefixes of titles.
    ("网络安全", "cybersecurity"),
    ("网络安全技术", "cybersecurity technology"),
    ("信息安全技术", "information security technology"),
    ("数据安全", "data security"),
    ("数据安全技术", "data security technology"),
    ("个人信息保护", "personal information protection"),
    ("关键信息基础设施", "critical information infrastructure"),
    ("人工智能生成合成内容标识", "labelling of AI-generated content"),
    ("软件物料清单", "software bill of materials"),
    ("密码", "cryptography"),
    ("工作组", "working group"),
];

/// The English term for a Chinese one, whatever its spacing and width; `None` where the field has none.
pub fn english_of(chinese: &str) -> Option<&'static str> {
    let wanted: String = chinese.nfkc().filter(|letter| !letter.is_whitespace()).collect();
    let wanted = wanted.trim_end_matches(':');
    TERMS.iter().find(|(term, _)| *term == wanted).map(|(_, english)| *english)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_term_is_listed_twice_and_every_one_is_found() {
        let terms: BTreeSet<&str> = TERMS.iter().map(|(chinese, _)| *chinese).collect();
        assert_eq!(terms.len(), TERMS.len());
        for (chinese, english) in TERMS {
            assert_eq!(english_of(chinese), Some(english), "{chinese}");
            assert!(english.is_ascii() && !chinese.is_ascii());
        }
    }

    #[test]
    fn spacing_width_and_a_colon_do_not_matter() {
        assert_eq!(english_of(" 归口\u{3000}单位："), Some("committee in charge"));
        assert_eq!(english_of("国际标准分类号（ICS）"), Some("ICS code"));
    }

    #[test]
    fn what_the_field_has_no_word_for_stays_untranslated() {
        assert_eq!(english_of("棉短绒"), None);
        assert_eq!(english_of(""), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_look_up_panic(text in "\\PC{0,20}") {
            let _ = english_of(&text);
        }
    }
}
