//! Which fields of a project differ, and which of those differences a body made rather than a web page: a dash, a space, a longer or
//! shorter way of printing one title is no difference, and neither is a field that a page prints for the first time.

use std::collections::BTreeMap;

use super::change::Difference;
use crate::standards::committee::Committee;
use crate::standards::language::Language;
use crate::standards::project::Project;
use crate::standards::reference::{Reference, normal_form};

/// What a body changed when it changed a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matter {
    /// The title, or the number.
    Name,
    /// The committee in charge.
    Committee,
    /// A date that it had set.
    Day,
    /// The status beside the stage.
    Standing,
    /// The words of a page that is watched for them.
    Words,
}

/// The matter of a difference; `None` where only the print differs.
pub fn matter_of(difference: &Difference) -> Option<Matter> {
    let (Some(old), Some(new)) = (&difference.old, &difference.new) else { return None };
    let matter = matter_of_field(&difference.field)?;
    // What could not be decoded says nothing.
    if matter != Matter::Words && (old.contains('\u{FFFD}') || new.contains('\u{FFFD}')) {
        return None;
    }
    (!says_the_same(&difference.field, old, new)).then_some(matter)
}

fn matter_of_field(field: &str) -> Option<Matter> {
    match field {
        "reference" => Some(Matter::Name),
        _ if field.starts_with("title.") => Some(Matter::Name),
        "committee" => Some(Matter::Committee),
        "published" | "effective" | "withdrawn" | "consultation.closes" => Some(Matter::Day),
        "standing" => Some(Matter::Standing),
        "text" => Some(Matter::Words),
        _ => None,
    }
}

/// Whether two prints of a field mean one thing.
pub fn says_the_same(field: &str, one: &str, other: &str) -> bool {
    match matter_of_field(field) {
        Some(Matter::Name) if field == "reference" => match (Reference::parse(one), Reference::parse(other)) {
            (Some(one), Some(other)) => one.stem() == other.stem(),
            // What is no reference is a title, and stands among the titles.
            _ => true,
        },
        Some(Matter::Name) => is_one_title(one, other),
        Some(Matter::Committee) => Committee::parse(one) == Committee::parse(other),
        Some(Matter::Words) => bare_words(one) == bare_words(other),
        Some(Matter::Day | Matter::Standing) | None => one == other,
    }
}

/// Words without their layout: a table that became a list says what it said.
fn bare_words(lines: &str) -> String {
    lines.chars().filter(|letter| !letter.is_whitespace() && *letter != '|').collect()
}

/// Every field that differs between two sights of one project, as printed; the later sight with what it no longer prints carried forward.
pub fn differences_of(before: &Project, now: &Project) -> Vec<Difference> {
    let mut differences = Differences::default();
    differences.compare_names(before, now);
    differences.compare_stage(before, now);
    differences.note("committee", before.committee.clone(), now.committee.clone());
    differences.compare_dates(before, now);
    differences.compare_relations(before, now);
    differences.compare_text(before, now);
    differences.all
}

#[derive(Default)]
struct Differences {
    all: Vec<Difference>,
}

impl Differences {
    fn note(&mut self, field: impl Into<String>, old: Option<String>, new: Option<String>) {
        if old != new {
            self.all.push(Difference { field: field.into(), old, new });
        }
    }

    fn compare_names(&mut self, before: &Project, now: &Project) {
        self.note("reference", Some(before.reference.clone()), Some(now.reference.clone()));
        for language in Language::ALL {
            let (Some(old), Some(new)) = (before.titles.get(&language), now.titles.get(&language)) else { continue };
            self.note(format!("title.{}", language.code()), Some(old.clone()), Some(new.clone()));
        }
    }

    fn compare_stage(&mut self, before: &Project, now: &Project) {
        let printed = |project: &Project| project.stage.as_ref().map(|stage| stage.printed.clone());
        self.note("stage", printed(before), printed(now));
        let standing = |project: &Project| project.standing.map(|standing| standing.as_str().to_owned());
        self.note("standing", standing(before), standing(now));
    }

    fn compare_dates(&mut self, before: &Project, now: &Project) {
        let fields = [
            ("published", before.published, now.published),
            ("effective", before.effective, now.effective),
            ("withdrawn", before.withdrawn, now.withdrawn),
            ("consultation.closes", before.consultation.closes, now.consultation.closes),
        ];
        for (field, old, new) in fields {
            let text = |date: Option<jiff::civil::Date>| date.map(|date| date.to_string());
            self.note(field, text(old), text(new));
        }
    }

    fn compare_relations(&mut self, before: &Project, now: &Project) {
        let joined = |list: &[String]| (!list.is_empty()).then(|| list.join(", "));
        self.note("replaces", joined(&before.replaces), joined(&now.replaces));
        self.note("replaced-by", joined(&before.replaced_by), joined(&now.replaced_by));
        self.note("standard", before.standard.clone(), now.standard.clone());
    }

    /// Of two texts the lines that differ are told, not the texts.
    fn compare_text(&mut self, before: &Project, now: &Project) {
        let (Some(before), Some(now)) = (&before.text, &now.text) else { return };
        let (gone, come) = lines_that_differ(before, now);
        self.note("text", Some(gone), Some(come));
    }
}

/// The lines of `before` that are gone, and those of `now` that are new, in page order; a line that only moved is neither. Counting takes
/// as long as the texts are, whatever they say.
fn lines_that_differ(before: &str, now: &str) -> (String, String) {
    let without = |text: &str, other: &str| {
        let mut left: BTreeMap<&str, usize> = BTreeMap::new();
        for line in other.lines() {
            *left.entry(line).or_default() += 1;
        }
        let is_left = |line: &&str| match left.get_mut(*line) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        };
        text.lines().filter(is_left).collect::<Vec<_>>().join("\n")
    };
    (without(before, now), without(now, before))
}

/// Whether two prints are of one title: equal but for case, space and signs, or one of them leaving out an introductory element.
fn is_one_title(old: &str, new: &str) -> bool {
    let (old, new) = (folded_title(old), folded_title(new));
    // Where an element ends is a matter of print, too: a colon comes and goes.
    let in_one = |title: &str| title.replace('-', "");
    in_one(&old) == in_one(&new) || leaves_out_introduction(&old, &new) || leaves_out_introduction(&new, &old)
}

fn leaves_out_introduction(short: &str, long: &str) -> bool {
    !short.is_empty() && long.strip_suffix(short).is_some_and(|introduction| introduction.ends_with('-'))
}

/// How bodies print the end of one element of a title and the beginning of the next.
const ELEMENT_ENDS: [&str; 7] = [" — ", " – ", " -- ", " - ", ": ", "：", "—"];

/// Letters and digits of any script, and one `-` where an element of the title ends.
pub(super) fn folded_title(title: &str) -> String {
    let mut elements = title.split_whitespace().collect::<Vec<_>>().join(" ");
    for end in ELEMENT_ENDS {
        elements = elements.replace(end, "\0");
    }
    let letters = |element: &str| -> String {
        normal_form(element).chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    elements.split('\0').map(letters).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_printed_another_way_is_one_title() {
        for (old, new) in [
            ("Rubber latex -- Sampling", "Rubber latex — Sampling"),
            (
                "Information security management systems — Requirements",
                "Information security, cybersecurity and privacy protection — Information security management systems — Requirements",
            ),
            ("网络安全技术  密码模块安全要求", "网络安全技术 密码模块安全要求"),
            ("Vocabulary ", "vocabulary"),
            ("Network security — Part 7: Guidelines", "Network security—Part 7 – Guidelines"),
            ("网络安全技术 示例 第1部分：原理和过程", "网络安全技术 示例 第1部分 原理和过程"),
        ] {
            assert!(is_one_title(old, new), "{old} / {new}");
        }
    }

    #[test]
    fn words_laid_out_otherwise_are_the_same_words() {
        assert!(says_the_same("text", "one | two\nthree", "one\ntwo\nthree"));
        assert!(!says_the_same("text", "one | two", "two | one"));
    }

    #[test]
    fn what_could_not_be_decoded_is_no_other_title() {
        let difference = |field: &str, new: &str| Difference {
            field: field.to_owned(),
            old: Some("示例 要求".to_owned()),
            new: Some(new.to_owned()),
        };
        assert_eq!(matter_of(&difference("title.zh", "示例 \u{FFFD}求")), None);
        assert_eq!(matter_of(&difference("title.zh", "示例 规范")), Some(Matter::Name));
    }

    #[test]
    fn another_title_is_another_title() {
        for (old, new) in [
            ("Part 1: General", "Part 1: Overview"),
            ("General", "Overview and General"),
            ("Amendment 3", "Amendment 1"),
            ("网络安全技术 密码模块安全要求", "网络安全技术 密码模块检测要求"),
        ] {
            assert!(!is_one_title(old, new), "{old} / {new}");
        }
    }
}
