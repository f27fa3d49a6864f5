//! Reads the numbers of the Chinese national register. What they consist of is in `national`.

use super::national::{Amendment, Document, National, Plan, PracticeGuide, Standard};
use super::text::{Token, number, year};
use crate::standards::deliverable::Deliverable;

/// Reads all the pieces of a text; `None` where they are no number of the register.
pub(super) fn read(pieces: &[Token]) -> Option<National> {
    match pieces {
        [Token::Word { text, .. }, rest @ ..] if text.starts_with("GB") => {
            read_standard(text, rest).map(National::Standard)
        }
        [Token::Word { text, .. }, Token::Number { text: tc, .. }, Token::Symbol { sign: '-' }, rest @ ..]
            if text == "TC" && tc == "260" =>
        {
            read_document(rest)
        }
        [Token::Number { .. }, ..] => read_plan(pieces).map(National::Plan),
        _ => None,
    }
}

fn read_standard(prefix: &str, pieces: &[Token]) -> Option<Standard> {
    let (kind, rest) = match (prefix, pieces) {
        (
            "GB",
            [Token::Symbol { sign: '/' }, Token::Word { text, .. }, rest @ ..] | [Token::Word { text, .. }, rest @ ..],
        ) => (kind_of(text)?, rest),
        ("GB", rest) => (Deliverable::MandatoryNationalStandard, rest),
        (glued, rest) => (kind_of(glued.strip_prefix("GB")?)?, rest),
    };
    let [Token::Number { text, .. }, rest @ ..] = rest else { return None };
    let mut standard = Standard { kind, number: number(text, 6)?, parts: Vec::new(), year: None, amendment: None };
    let mut rest = rest;
    while let [Token::Symbol { sign: '.' }, Token::Number { text, .. }, after @ ..] = rest {
        standard.parts.push(number(text, 4)?);
        rest = after;
    }
    if let [Token::Symbol { sign: '-' }, Token::Number { text, .. }, after @ ..] = rest {
        standard.year = Some(year(text).or_else(|| short_year(text))?);
        rest = after;
    }
    if !rest.is_empty() {
        standard.amendment = Some(read_amendment(rest)?);
    }
    Some(standard)
}

/// `/XG1-2019`.
fn read_amendment(pieces: &[Token]) -> Option<Amendment> {
    let (digits, rest) = match pieces {
        [Token::Symbol { sign: '/' }, Token::Word { text, .. }, Token::Number { text: digits, .. }, rest @ ..]
            if text == "XG" =>
        {
            (digits, rest)
        }
        _ => return None,
    };
    let year = match rest {
        [] => None,
        [Token::Symbol { sign: '-' }, Token::Number { text, .. }] => Some(year(text)?),
        _ => return None,
    };
    Some(Amendment { number: number(digits, 2)?, year })
}

fn read_plan(pieces: &[Token]) -> Option<Plan> {
    let [
        Token::Number { text: batch, .. },
        Token::Symbol { sign: '-' },
        Token::Word { text: letter, .. },
        Token::Symbol { sign: '-' },
        Token::Number { text: department, .. },
    ] = pieces
    else {
        return None;
    };
    if batch.len() != 8 || department.len() != 3 {
        return None;
    }
    let kind = match letter.as_str() {
        "Q" => Deliverable::MandatoryNationalStandard,
        "T" => Deliverable::RecommendedNationalStandard,
        "Z" => Deliverable::NationalGuidance,
        _ => return None,
    };
    let (batch_year, serial) = batch.split_at(4);
    Some(Plan { year: year(batch_year)?, serial: number(serial, 4)?, kind, department: number(department, 3)? })
}

fn read_document(pieces: &[Token]) -> Option<National> {
    match pieces {
        [Token::Number { text, .. }, rest @ ..] => document(false, text, rest),
        [Token::Word { text: series, .. }, Token::Symbol { sign: '-' }, Token::Number { text, .. }, rest @ ..] => {
            match (series.as_str(), rest) {
                ("TR", rest) => document(true, text, rest),
                ("PG", [Token::Word { text: version, .. }]) => practice_guide(text, version),
                _ => None,
            }
        }
        _ => None,
    }
}

fn document(is_report: bool, digits: &str, rest: &[Token]) -> Option<National> {
    let year = match rest {
        [] => None,
        [Token::Symbol { sign: '-' }, Token::Number { text, .. }] => Some(year(text)?),
        _ => return None,
    };
    Some(National::Document(Document { is_report, number: number(digits, 3)?, year }))
}

fn practice_guide(digits: &str, version: &str) -> Option<National> {
    let (year_digits, serial) = digits.split_at_checked(4)?;
    let version = version.chars().next().filter(|letter| version.len() == 1 && letter.is_ascii_uppercase())?;
    let serial = number(serial, 2).filter(|serial| *serial > 0)?;
    Some(National::PracticeGuide(PracticeGuide { year: year(year_digits)?, serial, version }))
}

fn kind_of(letters: &str) -> Option<Deliverable> {
    match letters {
        "T" => Some(Deliverable::RecommendedNationalStandard),
        "Z" => Some(Deliverable::NationalGuidance),
        _ => None,
    }
}

/// `GB 8566-88`: two digits until the 1990s.
fn short_year(digits: &str) -> Option<u16> {
    let two = digits.len() == 2;
    two.then(|| digits.parse::<u16>().ok()).flatten().filter(|year| (50..100).contains(year)).map(|year| 1900 + year)
}

#[cfg(test)]
mod tests {
    use super::super::text::{fold, tokens};
    use super::*;

    #[test]
    fn numbers_that_only_look_like_it_are_none() {
        for text in [
            "GB",
            "GB/T",
            "GB/X 1-2020",
            "GB/T 39204-20",
            "GB/T 39204-20222",
            "GB/T 39204 2022",
            "GB/T 39204-2022 信息安全技术",
            "GBX 1-2020",
            "2023025-T-469",
            "20230259-T-46",
            "20230259-X-469",
            "20230259-T-469-1",
            "TC260-PG-2021",
            "TC260-PG-20210A",
            "TC260-PG-20211AB",
            "TC260-XX-001",
            "TC28-003",
            "TC260",
            "GM/T 0028-2014",
            "网安秘字〔2026〕119号",
        ] {
            assert_eq!(tokens(&fold(text)).and_then(|pieces| read(&pieces)), None, "{text}");
        }
    }
}
