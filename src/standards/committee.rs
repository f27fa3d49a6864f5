//! Committees by name, and which is under which. Not who sits on them.

use super::reference::text::{self, Token, fold, tokens};

/// What TC 260 of the SAC calls itself in Chinese, today and until 2023.
const TC_260_ALIASES: [&str; 4] =
    ["全国网络安全标准化技术委员会", "全国信息安全标准化技术委员会", "网安标委", "信安标委"];

/// The bodies that have committees, in the order in which joint names list them.
const BODIES: [&str; 7] = ["ISO", "IEC", "ITU", "SAC", "IEEE", "CEN", "CLC"];

/// The kinds of groups that are counted.
const COUNTED: [&str; 14] = ["JTC", "TC", "PC", "SC", "WG", "JWG", "SWG", "AG", "JAG", "AHG", "CAG", "TG", "SG", "TF"];

/// A committee, by its normal name: `ISO/IEC JTC 1/SC 27`, `SAC/TC 260`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Committee {
    name: String,
    bodies: Vec<&'static str>,
    groups: Vec<String>,
}

impl Committee {
    /// Reads any spelling, Chinese names of TC 260 included; `None` for an empty text.
    ///
    /// A name without its body is completed where only one can be meant here: `JTC 1` is of ISO and IEC, and `TC260` is the
    /// Chinese one (`ISO/TC 260`, on human resources, says so itself). A name of another pattern stays as it is printed, white
    /// space collapsed.
    pub fn parse(text: &str) -> Option<Committee> {
        let folded = fold(text);
        if folded.is_empty() {
            return None;
        }
        let plain = without_aliases(&folded);
        let known = plain.as_deref().unwrap_or(&folded);
        Some(read(known).unwrap_or(Committee { name: folded, bodies: Vec::new(), groups: Vec::new() }))
    }

    /// Reads the number by which the sites of SAC print a committee of its own: `TC253`, `SWG12`; `None` for what is no such number, as
    /// `JTC4` or `1`.
    pub fn of_sac(code: &str) -> Option<Committee> {
        let code = fold(code);
        let is_own = ["TC", "SWG"].iter().any(|kind| code.starts_with(kind));
        let named = if is_own { format!("SAC/{code}") } else { code };
        Committee::parse(&named).filter(|committee| committee.bodies == ["SAC"] && !committee.groups.is_empty())
    }

    /// The normal name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is named by body and number, and so can be compared with others.
    pub fn is_numbered(&self) -> bool {
        !self.bodies.is_empty()
    }

    /// Whether the two may be one committee although they are printed otherwise: the one by a Chinese name, the other as one of SAC by
    /// its number, and we do not know how that one is called.
    pub fn may_be(&self, other: &Committee) -> bool {
        let is_chinese_name = |committee: &Committee| !committee.is_numbered() && !committee.name.is_ascii();
        let is_without_name = |committee: &Committee| {
            committee.bodies == ["SAC"] && committee.groups.first().is_none_or(|group| group != "TC 260")
        };
        (is_chinese_name(self) && is_without_name(other)) || (is_without_name(self) && is_chinese_name(other))
    }

    /// Whether it is that committee or one of its groups; a bare body (`IEC`) has all committees that bear its name, joint ones
    /// too.
    pub fn is_under(&self, other: &Committee) -> bool {
        if other.groups.is_empty() && !other.bodies.is_empty() {
            return other.bodies.iter().all(|body| self.bodies.contains(body));
        }
        if other.groups.is_empty() {
            return self.name == other.name;
        }
        self.bodies == other.bodies && self.groups.starts_with(&other.groups)
    }
}

/// The text with the Chinese name of TC 260 replaced by `SAC/TC260`; `None` where it has none. A page that gives name and
/// abbreviation says one thing twice.
fn without_aliases(text: &str) -> Option<String> {
    let alias = TC_260_ALIASES.iter().find(|alias| text.contains(*alias))?;
    let rest: String = text.replacen(*alias, "", 1).replace(['(', ')'], " ");
    let rest = rest.trim();
    let rest = ["SAC/TC 260", "SAC/TC260", "TC 260", "TC260"]
        .into_iter()
        .find_map(|abbreviation| rest.strip_prefix(abbreviation))
        .unwrap_or(rest);
    Some(format!("SAC/TC260 {rest}"))
}

/// A name of the pattern body, groups; `None` for any other.
fn read(text: &str) -> Option<Committee> {
    let found = tokens(text)?;
    let mut rest = found.as_slice();
    let mut bodies = Vec::new();
    while let [Token::Word { text, .. }, after @ ..] = rest {
        let Some(body) = BODIES.into_iter().find(|body| body == text) else { break };
        bodies.push(body);
        rest = without_slash(after);
    }
    let mut groups = Vec::new();
    while !rest.is_empty() {
        let (group, after) = group(rest)?;
        groups.push(group);
        rest = without_slash(after);
    }
    if bodies.is_empty() {
        bodies = bodies_meant_by(groups.first()?)?;
    }
    bodies.sort_by_key(|body| BODIES.iter().position(|known| known == body));
    bodies.dedup();
    Some(Committee { name: name_of(&bodies, &groups), bodies, groups })
}

fn without_slash(rest: &[Token]) -> &[Token] {
    match rest {
        // A slash at the very end belongs to no name.
        [Token::Symbol { sign: '/', .. }, after @ ..] if !after.is_empty() => after,
        _ => rest,
    }
}

/// `SC 27`, `SWG-BDS`, `TMBG`, and what comes after it.
fn group(rest: &[Token]) -> Option<(String, &[Token])> {
    match rest {
        [Token::Word { text: kind, .. }, Token::Number { text: number, .. }, after @ ..]
            if COUNTED.contains(&kind.as_str()) =>
        {
            let number = text::number(number, 4).filter(|number| *number > 0)?;
            match after {
                [Token::Word { text: letter, spaced: false }, after @ ..] if letter.len() == 1 => {
                    Some((format!("{kind} {number}{letter}"), after))
                }
                _ => Some((format!("{kind} {number}"), after)),
            }
        }
        [
            Token::Word { text: kind, .. },
            Token::Symbol { sign: '-', .. },
            Token::Word { text: name, .. },
            after @ ..,
        ] if COUNTED.contains(&kind.as_str()) && name.is_ascii() => Some((format!("{kind}-{name}"), after)),
        [Token::Word { text: name, .. }] | [Token::Word { text: name, .. }, Token::Symbol { sign: '/', .. }, ..]
            if !COUNTED.contains(&name.as_str()) && name.is_ascii() =>
        {
            Some((name.clone(), &rest[1..]))
        }
        _ => None,
    }
}

fn bodies_meant_by(first_group: &str) -> Option<Vec<&'static str>> {
    match first_group {
        "JTC 1" => Some(vec!["ISO", "IEC"]),
        "TC 260" => Some(vec!["SAC"]),
        _ => None,
    }
}

/// Joint bodies are set off by a space, a single one by a slash, as ISO does.
fn name_of(bodies: &[&str], groups: &[String]) -> String {
    let separator = match (groups.is_empty(), bodies.len()) {
        (true, _) => "",
        (false, 1) => "/",
        (false, _) => " ",
    };
    format!("{}{separator}{}", bodies.join("/"), groups.join("/"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> String {
        Committee::parse(text).unwrap().name().to_owned()
    }

    fn under(one: &str, other: &str) -> bool {
        Committee::parse(one).unwrap().is_under(&Committee::parse(other).unwrap())
    }

    #[test]
    fn every_spelling_has_one_normal_name() {
        for text in [
            "ISO/IEC JTC 1/SC 27",
            "ISO/IEC JTC1/SC27",
            "iso/iec jtc 1 sc 27",
            "JTC1/SC27",
            "ISO／IEC JTC 1／SC 27",
            "IEC/ISO JTC 1/SC 27",
        ] {
            assert_eq!(name(text), "ISO/IEC JTC 1/SC 27", "{text}");
        }
        assert_eq!(name("ISO/IEC JTC1/SC27/WG1"), "ISO/IEC JTC 1/SC 27/WG 1");
        assert_eq!(name("ISO/IEC/JTC 4"), "ISO/IEC JTC 4");
        assert_eq!(name("ISO/TC20/SC16"), "ISO/TC 20/SC 16");
        assert_eq!(name("ISO TC 20/SC 16"), "ISO/TC 20/SC 16");
        assert_eq!(name("ISO/TMBG"), "ISO/TMBG");
        assert_eq!(name("ISO/PC 348"), "ISO/PC 348");
        assert_eq!(name("IEC/SC 65A"), "IEC/SC 65A");
        assert_eq!(name("ISO/IEC JTC 1/SC 27/SWG-T"), "ISO/IEC JTC 1/SC 27/SWG-T");
    }

    #[test]
    fn tc_260_is_known_by_all_its_names() {
        for text in [
            "SAC/TC 260",
            "SAC/TC260",
            "TC260",
            "tc 260",
            "全国网络安全标准化技术委员会",
            "全国信息安全标准化技术委员会",
            "网安标委",
            "信安标委",
            "TC260（全国信息安全标准化技术委员会）",
            "全国网络安全标准化技术委员会(SAC/TC 260)",
        ] {
            assert_eq!(name(text), "SAC/TC 260", "{text}");
        }
        assert_eq!(name("TC260/WG9"), "SAC/TC 260/WG 9");
        assert_eq!(name("网安标委WG9"), "SAC/TC 260/WG 9");
        assert_eq!(name("TC260 SWG-BDS"), "SAC/TC 260/SWG-BDS");
        assert_eq!(name("ISO/TC 260"), "ISO/TC 260");
    }

    #[test]
    fn a_number_that_a_chinese_site_prints_is_of_sac() {
        let of_sac = |code: &str| Committee::of_sac(code).map(|committee| committee.name().to_owned());
        assert_eq!(of_sac("TC253").as_deref(), Some("SAC/TC 253"));
        assert_eq!(of_sac("TC28/SC27").as_deref(), Some("SAC/TC 28/SC 27"));
        assert_eq!(of_sac("SWG12").as_deref(), Some("SAC/SWG 12"));
        assert_eq!(of_sac("SAC/TC 260").as_deref(), Some("SAC/TC 260"));
        for code in ["1", "JTC4", "MTC31", "", "全国玩具标准化技术委员会", "ISO/TC 181"] {
            assert_eq!(of_sac(code), None, "{code}");
        }
    }

    #[test]
    fn a_chinese_name_does_not_tell_which_number_it_has() {
        let may = |one: &str, other: &str| Committee::parse(one).unwrap().may_be(&Committee::parse(other).unwrap());
        assert!(may("全国玩具标准化技术委员会", "SAC/TC 253"));
        assert!(!may("全国玩具标准化技术委员会", "SAC/TC 260"));
        assert!(!may("全国玩具标准化技术委员会", "ISO/TC 181"));
        assert!(may("SAC/TC 253", "全国玩具标准化技术委员会"));
        assert!(!may("全国网络安全标准化技术委员会", "SAC/TC 253"));
        assert!(!may("SAC/TC 253", "SAC/TC 28"));
    }

    #[test]
    fn a_name_of_another_pattern_stays_as_printed() {
        assert_eq!(name("  国家标准化管理委员会 "), "国家标准化管理委员会");
        assert_eq!(name("IEC/ISO JSyC BDC"), "IEC/ISO JSyC BDC");
        assert_eq!(name("TC 28"), "TC 28");
        assert_eq!(name("SC 27"), "SC 27");
        assert_eq!(name("全国网络安全标准化技术委员会秘书处"), "全国网络安全标准化技术委员会秘书处");
        assert_eq!(Committee::parse(" \u{3000}"), None);
    }

    #[test]
    fn a_group_is_under_its_committee_and_under_no_namesake() {
        assert!(under("ISO/IEC JTC 1/SC 27/WG 1", "ISO/IEC JTC 1/SC 27"));
        assert!(under("ISO/IEC JTC 1/SC 27", "ISO/IEC JTC1"));
        assert!(under("ISO/IEC JTC 1/SC 27", "ISO/IEC JTC 1/SC 27"));
        assert!(!under("ISO/IEC JTC 1/SC 27", "ISO/IEC JTC 1/SC 2"));
        assert!(!under("ISO/IEC JTC 1/SC 2", "ISO/IEC JTC 1/SC 27"));
        assert!(!under("ISO/IEC JTC 1", "ISO/IEC JTC 1/SC 27"));
        assert!(!under("ISO/TC 260", "SAC/TC 260"));
        assert!(!under("ISO/IEC JTC 1/SC 27/WG 10", "ISO/IEC JTC 1/SC 27/WG 1"));
        assert!(under("TC260/WG9", "网安标委"));
        assert!(under("国家标准化管理委员会", "国家标准化管理委员会"));
        assert!(!under("国家标准化管理委员会", "ISO"));
    }

    #[test]
    fn a_body_has_its_joint_committees_too() {
        assert!(under("ISO/IEC JTC 1/SC 27", "ISO"));
        assert!(under("ISO/IEC JTC 1/SC 27", "IEC"));
        assert!(under("ISO/TMBG", "ISO"));
        assert!(!under("ISO/TC 20", "IEC"));
        assert!(!under("ISO/TC 20", "ISO/IEC"));
    }

    /// Spellings, most of them of the known pattern.
    const SPELLINGS: &str = "\\PC{0,30}|(ISO|IEC|SAC|TC|JTC|SC|WG|网安标委|[0-9]{1,3}|[/ ()-]){1,9}|\
        (ISO|iso|ISO/IEC|IEC/ISO|IEC|SAC|)( |/|)(JTC ?1|TC ?[0-9]{1,3}|PC 0|网安标委|TMBG|)( |/|)\
        (SC ?[0-9]{1,2}[A-Z]?|SWG-BDS|\\(TC260\\)|)(/WG ?[0-9]{1,2}| ahg 3|/CAG|)";

    proptest! {
        #[test]
        fn a_normal_name_is_its_own_normal_name(text in SPELLINGS) {
            if let Some(committee) = Committee::parse(&text) {
                let again = Committee::parse(committee.name());
                prop_assert_eq!(again.as_ref(), Some(&committee));
                prop_assert!(committee.is_under(&committee));
            }
        }

        #[test]
        fn a_group_is_under_what_its_name_begins_with(number in 1..400_u32, group in 1..40_u32, other in 1..40_u32) {
            let whole = format!("ISO/TC {number}/SC {group}");
            let inside = format!("{whole}/WG {other}");
            let elsewhere = format!("ISO/TC {number}/SC {other}/WG 1");
            prop_assert_eq!((under(&inside, &whole), under(&elsewhere, &whole)), (true, group == other));
        }
    }
}
