//! Reads references of ISO, IEC and those who publish with them, in the spellings of their own pages, of open data, of other
//! registers and of people. What they consist of is in `international`.

use super::draft::{Draft, draft_of, fused_of, kind_of, supplement_of};
use super::international::{International, PUBLISHERS, Supplement};
use super::text::{Token, number, year};
use crate::standards::deliverable::Deliverable;

/// The longest number that a reference may have, in digits.
const LONGEST_NUMBER: usize = 7;

/// The longest part, in characters; `B01`, `20601`, `1AB`.
const LONGEST_PART: usize = 6;

/// Reads all the pieces of a text; `None` where they are no reference, or more than one.
pub(super) fn read(pieces: &[Token]) -> Option<International> {
    let pieces = without_language(pieces);
    let (head, rest) = read_head(pieces)?;
    let (mut reference, rest) = read_number(head, rest)?;
    let mut rest = rest;
    while !rest.is_empty() {
        let (supplement, after) = read_supplement(rest)?;
        reference.supplements.push(supplement);
        rest = after;
    }
    Some(reference)
}

/// What stands before the number.
#[derive(Default)]
struct Head {
    publishers: Vec<usize>,
    kind: Option<Deliverable>,
    draft: Option<Draft>,
    iteration: Option<u32>,
    is_stub: bool,
}

/// `(E)`, `(en,fr)`, `(E/F/R)` at the end: language editions of one document are one thing to watch.
fn without_language(pieces: &[Token]) -> &[Token] {
    let [before @ .., Token::Symbol { sign: ')' }] = pieces else { return pieces };
    let inside = before
        .iter()
        .rev()
        .take_while(|piece| matches!(piece, Token::Word { .. } | Token::Symbol { sign: ',' | '/' }))
        .count();
    match before.split_at(before.len() - inside) {
        ([outside @ .., Token::Symbol { sign: '(' }], inside) if !inside.is_empty() => outside,
        _ => pieces,
    }
}

/// The words before the number, in any order that bodies use: `ISO/IEC CD TS`, `GUIDE ISO/CEI`, `AWI IWA`, `WD/ISO`.
fn read_head(pieces: &[Token]) -> Option<(Head, &[Token])> {
    let mut head = Head::default();
    let mut rest = pieces;
    while let [Token::Word { text, .. }, after @ ..] = rest {
        rest = after;
        if let ("HL", [Token::Number { text: seven, spaced: false }, after @ ..]) = (text.as_str(), rest)
            && seven == "7"
        {
            head.add_publisher("HL7")?;
            rest = after;
        } else {
            head.add(text)?;
        }
        // `ISO/CD2 14065`: the round is written at the letters.
        if let [Token::Number { text: round, spaced: false }, Token::Number { .. }, ..] = rest
            && head.draft.is_some()
        {
            head.iteration = Some(number(round, 2)?);
            rest = &rest[1..];
        }
        if let [Token::Symbol { sign: '/' }, Token::Word { .. }, ..] = rest {
            rest = &rest[1..];
        }
    }
    let is_workshop_agreement = head.kind == Some(Deliverable::WorkshopAgreement);
    if head.publishers.is_empty() && (is_workshop_agreement || head.is_stub) {
        head.publishers.push(0);
    }
    let is_of_iso_or_iec = head.publishers.iter().any(|place| *place < 2);
    let is_sound = is_of_iso_or_iec && (!is_workshop_agreement || head.publishers == [0]);
    is_sound.then_some((head, rest))
}

impl Head {
    /// `None` for a word that has no place in a reference, or that says a second time what was said.
    fn add(&mut self, word: &str) -> Option<()> {
        if word == "WITHDRAWN" {
            let is_first = self.publishers.is_empty() && self.kind.is_none() && self.draft.is_none() && !self.is_stub;
            self.is_stub = true;
            return is_first.then_some(());
        }
        if let Some(kind) = kind_of(word) {
            return self.set_kind(kind);
        }
        if let Some(draft) = draft_of(word) {
            return self.set_draft(draft);
        }
        if let Some((draft, kind)) = fused_of(word) {
            self.set_draft(draft)?;
            return self.set_kind(kind);
        }
        self.add_publisher(match word {
            "CEI" | "МЭК" => "IEC",
            "ИСО" => "ISO",
            other => other,
        })
    }

    fn set_kind(&mut self, kind: Deliverable) -> Option<()> {
        self.kind.replace(kind).is_none().then_some(())
    }

    fn set_draft(&mut self, draft: Draft) -> Option<()> {
        self.draft.replace(draft).is_none().then_some(())
    }

    fn add_publisher(&mut self, name: &str) -> Option<()> {
        let place = PUBLISHERS.iter().position(|known| *known == name)?;
        if self.publishers.contains(&place) {
            return None;
        }
        self.publishers.push(place);
        self.publishers.sort_unstable();
        Some(())
    }
}

/// Number, parts, round, year and edition.
fn read_number(head: Head, pieces: &[Token]) -> Option<(International, &[Token])> {
    let [Token::Number { text, .. }, rest @ ..] = pieces else { return None };
    let mut reference = International {
        publishers: head.publishers,
        kind: head.kind.unwrap_or(Deliverable::InternationalStandard),
        draft: head.draft,
        number: number(text, LONGEST_NUMBER)?,
        parts: Vec::new(),
        iteration: head.iteration,
        year: None,
        edition: None,
        supplements: Vec::new(),
        is_stub: head.is_stub,
    };
    let mut rest = read_parts(&mut reference, rest)?;
    if let [Token::Symbol { sign: '.' }, Token::Number { text, .. }, after @ ..] = rest {
        reference.iteration = Some(number(text, 2)?);
        rest = after;
    }
    if let [Token::Symbol { sign: ':' }, Token::Number { text, .. }, after @ ..] = rest {
        reference.year = Some(year(text)?);
        rest = after;
    }
    rest = read_edition(&mut reference, rest)?;
    if reference.year.is_none() {
        take_dashed_year(&mut reference);
    }
    Some((reference, rest))
}

fn read_parts<'t>(reference: &mut International, pieces: &'t [Token]) -> Option<&'t [Token]> {
    let mut rest = pieces;
    loop {
        match rest {
            [Token::Symbol { sign: '-' }, after @ ..] => {
                let (part, after) = read_part(after)?;
                rest = after;
                match round_in_part(&part) {
                    Some(round) => reference.iteration = Some(round),
                    None => reference.parts.push(part),
                }
            }
            // `ISO 5843/6`: parts had a slash until the 1980s.
            [Token::Symbol { sign: '/' }, after @ ..] if reference.parts.is_empty() && !starts_supplement(after) => {
                let (part, after) = read_part(after)?;
                reference.parts.push(part);
                rest = after;
            }
            _ => return Some(rest),
        }
    }
}

/// Letters and digits that touch each other.
fn read_part(pieces: &[Token]) -> Option<(String, &[Token])> {
    let mut part = String::new();
    let mut rest = pieces;
    while let [Token::Word { text, spaced } | Token::Number { text, spaced }, after @ ..] = rest {
        if *spaced && !part.is_empty() {
            break;
        }
        part.push_str(text);
        rest = after;
    }
    let is_sound = part.is_ascii() && (1..=LONGEST_PART).contains(&part.len());
    is_sound.then_some((part, rest))
}

/// `ISO/IEC CD 17021-CD2`: no part, but the second round of the draft.
fn round_in_part(part: &str) -> Option<u32> {
    let letters = part.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let is_draft = draft_of(letters).is_some();
    is_draft.then(|| number(&part[letters.len()..], 2)).flatten()
}

/// `Ed 2`, `Ed.2`, `ED1`; `Ed` alone says nothing.
fn read_edition<'t>(reference: &mut International, pieces: &'t [Token]) -> Option<&'t [Token]> {
    let [Token::Word { text, .. }, rest @ ..] = pieces else { return Some(pieces) };
    if text != "ED" {
        return Some(pieces);
    }
    let rest = without_dot(rest);
    let [Token::Number { text, .. }, rest @ ..] = rest else { return Some(rest) };
    reference.edition = Some(number(text, 2)?);
    Some(rest)
}

/// `ISO/R 170-1960`, and `ISO 9001-2015` as Chinese texts have it: no part has a number that looks like a year of ISO's own
/// time, except after a year that is written with a colon.
fn take_dashed_year(reference: &mut International) {
    let last = reference.parts.last().and_then(|part| year(part)).filter(|year| (1947..2040).contains(year));
    if last.is_some() && reference.iteration.is_none() {
        reference.parts.pop();
        reference.year = last;
    }
}

/// `/Amd 1:2024`, `/CD Cor 1.2`, `/pDCOR.2`; people leave out the slash.
fn read_supplement(pieces: &[Token]) -> Option<(Supplement, &[Token])> {
    let rest = match pieces {
        [Token::Symbol { sign: '/' }, rest @ ..] => rest,
        _ => pieces,
    };
    let [Token::Word { text, .. }, rest @ ..] = rest else { return None };
    let ((draft, kind), rest) = match (draft_of(text), rest) {
        (Some(draft), [Token::Word { text, .. }, rest @ ..]) => match supplement_of(text)? {
            (None, kind) => ((Some(draft), kind), rest),
            (Some(_), _) => return None,
        },
        _ => (supplement_of(text)?, rest),
    };
    let mut supplement = Supplement { kind, draft, number: None, iteration: None, year: None };
    let mut rest = without_dot(rest);
    if let [Token::Number { text, .. }, after @ ..] = rest {
        supplement.number = Some(number(text, 4)?);
        rest = after;
    }
    if let [Token::Symbol { sign: '.' }, Token::Number { text, .. }, after @ ..] = rest {
        supplement.number?;
        supplement.iteration = Some(number(text, 2)?);
        rest = after;
    }
    if let [Token::Symbol { sign: ':' }, Token::Number { text, .. }, after @ ..] = rest {
        supplement.year = Some(year(text)?);
        rest = after;
    }
    Some((supplement, rest))
}

fn starts_supplement(pieces: &[Token]) -> bool {
    let [Token::Word { text, .. }, ..] = pieces else { return false };
    supplement_of(text).is_some() || draft_of(text).is_some()
}

fn without_dot(pieces: &[Token]) -> &[Token] {
    match pieces {
        [Token::Symbol { sign: '.' }, Token::Number { .. }, ..] => &pieces[1..],
        _ => pieces,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Reference;

    fn check(text: &str, normal: &str) {
        assert_eq!(Reference::parse(text).map(|reference| reference.to_string()).as_deref(), Some(normal), "{text}");
    }

    #[test]
    fn normal_forms_of_todays_pages_are_kept() {
        for text in [
            "ISO/IEC 27033-7:2023",
            "ISO/IEC CD 27565.2",
            "ISO/IEC CD TS 20540",
            "ISO/IEC DTS 27103",
            "ISO/IEC 27001:2022/Amd 1:2024",
            "ISO/IEC 18014-1:2008/CD Amd 1",
            "ISO/IEC 18014-1:2008/DAM 1",
            "ISO/IEC 11770-3:2021/FDAM 1",
            "ISO/IEC 27006-1:2024/PRF Amd 1",
            "ISO/IEC 27017:2015/CD Cor 1.2",
            "ISO/IEC 26300:2006/DCOR 2",
            "ISO/IEC FDIS 23008-1/WD Amd 1",
            "ISO/IEC Guide 2:2004",
            "ISO Guide 73:2009",
            "ISO/DGuide 82",
            "ISO/CD Guide 82",
            "ISO/PRF PAS 8800",
            "IWA 14-1:2013",
            "AWI IWA 36",
            "ISO/IEC/IEEE 9945:2009",
            "ISO/HL7 27953-2:2011",
            "ISO/CIE DIS 11664-2.2",
            "ISO 105-B01:1994",
            "ISO/WD 0",
            "ISO 2631:1978/Add 1:1983",
            "Withdrawn 1701/Add 1",
            "IEC TS 62443-1-1",
            "IEC/IEEE 60079-30-1",
            "ISO/IEC TR 29110-5-1-1",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn older_and_foreign_spellings_have_the_normal_form_of_today() {
        check("GUIDE ISO/CEI 71:2001(F)", "ISO/IEC Guide 71:2001");
        check("ИСО/МЭК ТО 19791:2008", "ISO/IEC TR 19791:2008");
        check("ИСО/ОПМС 26000:2010(R)", "ISO/FDIS 26000:2010");
        check("ISO/IEC 10646-1:1993/pDCOR.2", "ISO/IEC 10646-1:1993/CD Cor 2");
        check("ISO 10993-18:2020/DAmd 1", "ISO 10993-18:2020/DAM 1");
        check("ISO/IEC 19788-2:2011/FPDAM 1(en)", "ISO/IEC 19788-2:2011/DAM 1");
        check("ISO/IEC PDTR 24718", "ISO/IEC CD TR 24718");
        check("ISO/CD2 14065:2018", "ISO/CD 14065.2:2018");
        check("ISO/IEC CD 17021-CD2", "ISO/IEC CD 17021.2");
        check("ISO/NWIP 19144-4", "ISO/NP 19144-4");
        check("ISO 5843/6", "ISO 5843-6");
        check("ISO/R 170-1960", "ISO/R 170:1960");
        check("ISO 9001-2015", "ISO 9001:2015");
        check("ISO 1234-2001:2014", "ISO 1234-2001:2014");
        check("IEC/ISO 31010:2009", "ISO/IEC 31010:2009");
        check("ISO/IWA4:2008", "IWA 4:2008");
        check("ISO 9652-4:2000 Ed 1", "ISO 9652-4:2000 Ed 1");
        check("ISO 22610:2006 Ed", "ISO 22610:2006");
        check("ISO/IEC 30142 ED1", "ISO/IEC 30142 Ed 1");
        check("ISO/IEC 2382-36:2019(E/F)", "ISO/IEC 2382-36:2019");
        check("ISO 14451-1:2013(en,fr,other)", "ISO 14451-1:2013");
    }

    #[test]
    fn what_people_type_is_read() {
        check("iso/iec 27035-4", "ISO/IEC 27035-4");
        check("  Iso / Iec27035 - 4 ", "ISO/IEC 27035-4");
        check("ISO /IEC 17030:2003", "ISO/IEC 17030:2003");
        check("ISO/TS 10303- 1751:2014", "ISO/TS 10303-1751:2014");
        check("ISO/TR20573:2006", "ISO/TR 20573:2006");
        check("iso/iec dis 27706.2", "ISO/IEC DIS 27706.2");
        check("ISO/IEC 27001：2022/amd1:2024", "ISO/IEC 27001:2022/Amd 1:2024");
        check("ISO/IEC 27001:2022 Amd 1:2024", "ISO/IEC 27001:2022/Amd 1:2024");
        check("ISO/IEC 27035–4", "ISO/IEC 27035-4");
        check("ISO/IEC IS 27001", "ISO/IEC 27001");
    }

    #[test]
    fn what_is_no_reference_is_none() {
        for text in [
            "",
            "27001",
            "ISO",
            "ISO/IEC",
            "ISO/IEC JTC 1/SC 27",
            "ISO/TC 20/SC 16",
            "ISO/IEC DIR 1",
            "ISO/IEC DIS DIS 27001",
            "ISO/ISO 27001",
            "IEEE 802",
            "EN 12643:2014",
            "CEN/TS 15370-1:2006",
            "ISO 小册子——2010版",
            "ISO 27001:202",
            "ISO 27001:20222",
            "ISO/IEC 27001:2022 Information security",
            "ISO/IEC 27001:2022/",
            "ISO/IEC 27001:2022/Foo 1",
            "ISO 27001-",
            "ISO 1(2)",
            "ISO/IEC IWA 3",
            "ISO 12345678",
            "Withdrawn Withdrawn 1",
            "ISO 1//2",
        ] {
            assert_eq!(Reference::parse(text), None, "{text}");
        }
    }
}
