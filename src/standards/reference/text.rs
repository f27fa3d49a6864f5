//! What is done to a reference before it is read: widths, dashes and white space folded, then cut into words, numbers and
//! signs. Nothing here knows what a reference means.

use unicode_normalization::UnicodeNormalization as _;

/// A text of more pieces is no reference. Pieces and not bytes, so that white space changes nothing.
const MOST_PIECES: usize = 64;

/// A piece of a reference; `spaced` where white space came before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::standards) enum Token {
    /// Letters of any script, in upper case.
    Word {
        /// The letters.
        text: String,
        /// Whether white space came before.
        spaced: bool,
    },
    /// ASCII digits, leading zeros kept.
    Number {
        /// The digits.
        text: String,
        /// Whether white space came before.
        spaced: bool,
    },
    /// One of `/ - . : , ( ) +`.
    Symbol {
        /// The sign.
        sign: char,
    },
}

/// One width (NFKC), one dash, one space; nothing invisible, nothing at the ends.
pub(in crate::standards) fn fold(text: &str) -> String {
    // Most references are of one width already, and are read ten thousand at a time.
    if text.is_ascii() {
        return spaced_and_dashed(text.chars(), text.len());
    }
    spaced_and_dashed(text.chars().filter(|letter| !is_invisible(*letter)).nfkc(), text.len())
}

fn spaced_and_dashed(letters: impl Iterator<Item = char>, length: usize) -> String {
    let mut folded = String::with_capacity(length);
    let mut space_due = false;
    for letter in letters {
        if letter.is_whitespace() {
            space_due = !folded.is_empty();
            continue;
        }
        if std::mem::take(&mut space_due) {
            folded.push(' ');
        }
        folded.push(if is_dash(letter) { '-' } else { letter });
    }
    folded
}

/// The pieces of a folded text; `None` where something in it belongs to no reference.
pub(in crate::standards) fn tokens(folded: &str) -> Option<Vec<Token>> {
    let mut found: Vec<Token> = Vec::new();
    let mut touching = false;
    for letter in folded.chars() {
        if found.len() > MOST_PIECES {
            return None;
        }
        match (letter, found.last_mut()) {
            (' ', _) => {
                touching = false;
                continue;
            }
            (digit, Some(Token::Number { text, .. })) if digit.is_ascii_digit() && touching => text.push(digit),
            (letter, Some(Token::Word { text, .. })) if letter.is_alphabetic() && touching => {
                text.extend(letter.to_uppercase());
            }
            (digit, last) if digit.is_ascii_digit() => {
                let spaced = last.is_some() && !touching;
                found.push(Token::Number { text: digit.to_string(), spaced });
            }
            (letter, last) if letter.is_alphabetic() => {
                let spaced = last.is_some() && !touching;
                found.push(Token::Word { text: letter.to_uppercase().collect(), spaced });
            }
            (sign @ ('/' | '-' | '.' | ':' | ',' | '(' | ')' | '+'), _) => found.push(Token::Symbol { sign }),
            _ => return None,
        }
        touching = true;
    }
    Some(found)
}

/// The number that the digits spell, if it has at most `longest` of them.
pub(in crate::standards) fn number(digits: &str, longest: usize) -> Option<u32> {
    if digits.len() > longest { None } else { digits.parse().ok() }
}

/// The year that four digits spell: from 1900, before 2200.
pub(in crate::standards) fn year(digits: &str) -> Option<u16> {
    let four = digits.len() == 4;
    four.then(|| digits.parse().ok()).flatten().filter(|year| (1900..2200).contains(year))
}

fn is_dash(letter: char) -> bool {
    matches!(letter, '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2043}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}')
}

/// Characters that pages leave behind: soft hyphens, zero-width spaces and joiners, marks of order and direction.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_dash_and_width_becomes_the_plain_one() {
        for dash in ['‐', '‑', '‒', '–', '—', '―', '－', '−', '-'] {
            assert_eq!(fold(&format!("ＧＢ／Ｔ\u{a0} ３９２０４{dash}２０２２ ")), "GB/T 39204-2022", "{dash}");
        }
        assert_eq!(fold("ISO\u{ad}\u{200b}/IEC\u{feff} 27001：2022"), "ISO/IEC 27001:2022");
        assert_eq!(fold(" \u{3000}\n"), "");
    }

    #[test]
    fn letters_and_digits_that_touch_are_two_pieces_that_know_it() {
        let word = |text: &str, spaced| Token::Word { text: text.to_owned(), spaced };
        let number = |text: &str, spaced| Token::Number { text: text.to_owned(), spaced };
        assert_eq!(tokens("tr20 1"), Some(vec![word("TR", false), number("20", false), number("1", true)]));
        assert_eq!(tokens("1 ab"), Some(vec![number("1", false), word("AB", true)]));
        assert_eq!(tokens("ISO 1; 2"), None);
        assert_eq!(tokens(&"1.".repeat(40)), None);
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,40}|[\\s\\PC]{0,40}") {
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded), folded.clone());
            let _ = tokens(&folded);
        }
    }
}
