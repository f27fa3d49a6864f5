//! Text made safe inside somebody's markup: what a body printed must stay what it printed, whatever signs are in it. Not the layout.

use std::fmt::Write as _;

/// A sign without width: it breaks a mention in two and is not seen.
const NOTHING: char = '\u{200b}';

/// Text inside Markdown that knows the backslash; mentions are broken.
pub(super) fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for (place, letter) in text.char_indices() {
        let opens_a_line = place == 0 && matches!(letter, '-' | '+' | '=');
        if opens_a_line
            || matches!(letter, '\\' | '`' | '*' | '_' | '~' | '|' | '[' | ']' | '<' | '>' | '#' | '!' | '&' | ':')
        {
            // `:` begins an emoji, and `<` a mention.
            if letter != ':' || is_emoji(&text[place..]) {
                out.push('\\');
            }
        }
        out.push(letter);
        if letter == '@' {
            out.push(NOTHING);
        }
    }
    out
}

/// Whether a word that begins with a colon has another one: `:smile:`, and not `04:15`.
fn is_emoji(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default();
    word.len() > 2 && word[1..].contains(':')
}

/// Text inside Markdown that knows no escape at all: the signs that mean something are written with their wide twins.
pub(super) fn wide(text: &str) -> String {
    let twin = |letter: char| match letter {
        '*' => '＊',
        '_' => '＿',
        '`' => '｀',
        '[' => '［',
        ']' => '］',
        '<' => '＜',
        '>' => '＞',
        '#' => '＃',
        '~' => '～',
        '|' => '｜',
        '\\' => '＼',
        '!' => '！',
        '@' => '＠',
        '&' => '＆',
        other => other,
    };
    text.chars().map(twin).collect()
}

/// Text inside HTML.
pub(super) fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Text where three signs are written as entities, and nothing else is markup.
pub(super) fn entities(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// An address where brackets, bars and white space would end it.
pub(super) fn address(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for letter in url.chars() {
        if letter.is_whitespace() || letter.is_control() || "()[]<>|\"'`\\*".contains(letter) {
            let mut bytes = [0; 4];
            for byte in letter.encode_utf8(&mut bytes).bytes() {
                // Writing to a String cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        } else {
            out.push(letter);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_that_knows_the_backslash_shows_what_was_printed() {
        assert_eq!(
            markdown("# **a** `b` [c](http://d) <@1> @all"),
            r"\# \*\*a\*\* \`b\` \[c\](http://d) \<@".to_owned() + "\u{200b}1\\> @\u{200b}all"
        );
        assert_eq!(markdown("- x - y"), r"\- x - y");
        assert_eq!(markdown("GB/T 1: new :smile: 10:30"), r"GB/T 1: new \:smile: 10:30");
    }

    #[test]
    fn markdown_that_knows_no_escape_gets_wide_twins() {
        assert_eq!(wide("<@all> **x** [a](b) `c`"), "＜＠all＞ ＊＊x＊＊ ［a］(b) ｀c｀");
    }

    #[test]
    fn an_address_cannot_end_early() {
        assert_eq!(address("https://a.example/x(1)|<y> z"), "https://a.example/x%281%29%7C%3Cy%3E%20z");
        assert_eq!(address("https://a.example/标准"), "https://a.example/标准");
    }
}
