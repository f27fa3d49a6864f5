//! Mail: text of ours as the HTML part shows it. What stands between backquotes is a command, and an address inside a sentence is a link that
//! is called by its host: the text part has the whole of it. Not the layout.

use serde::Serialize;
use url::Url;

/// Longest address that is shown as it is, in characters.
const LONGEST_ADDRESS: usize = 60;

/// A run of text of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) link: Option<String>,
    pub(super) is_code: bool,
}

impl Piece {
    /// Words, and nothing else.
    pub(super) fn plain(text: &str) -> Piece {
        Piece { text: text.to_owned(), link: None, is_code: false }
    }
}

/// A text in pieces; `address` is one that it may name, and that may be followed.
pub(super) fn pieces(text: &str, address: Option<&str>) -> Vec<Piece> {
    let parts: Vec<&str> = text.split('`').collect();
    // One that has no fellow was printed by a page, and opens nothing.
    if parts.len().is_multiple_of(2) {
        return linked(text, address);
    }
    let each = parts.iter().enumerate().flat_map(|(place, part)| match place % 2 {
        0 => linked(part, address),
        _ => vec![Piece { is_code: true, ..Piece::plain(part) }],
    });
    each.filter(|piece| !piece.text.is_empty()).collect()
}

fn linked(text: &str, address: Option<&str>) -> Vec<Piece> {
    let Some((address, (before, after))) = address.and_then(|address| Some((address, text.split_once(address)?)))
    else {
        return vec![Piece::plain(text)];
    };
    let host = host_of(address).unwrap_or_else(|| address.to_owned());
    let link = Piece { text: host, link: Some(address.to_owned()), is_code: false };
    let around = [Piece::plain(before), link, Piece::plain(after)];
    around.into_iter().filter(|piece| !piece.text.is_empty()).collect()
}

/// The text with an address in it made shorter where it is long: `www.example.org/…/list.html`.
pub(super) fn shortened(text: &str, address: &str) -> String {
    if address.chars().count() <= LONGEST_ADDRESS || !text.contains(address) {
        return text.to_owned();
    }
    let Some(host) = host_of(address) else { return text.to_owned() };
    let url = Url::parse(address).ok();
    let last = url.as_ref().and_then(|url| url.path_segments()?.rfind(|segment| !segment.is_empty()));
    let last = last.filter(|last| last.chars().count() < LONGEST_ADDRESS).unwrap_or_default();
    text.replace(address, &format!("{host}/…/{last}"))
}

fn host_of(address: &str) -> Option<String> {
    Url::parse(address).ok()?.host_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, address: Option<&str>) -> String {
        let piece = |piece: &Piece| match (&piece.link, piece.is_code) {
            (Some(link), _) => format!("[{}]({link})", piece.text),
            (None, true) => format!("<{}>", piece.text),
            (None, false) => piece.text.clone(),
        };
        pieces(text, address).iter().map(piece).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn commands_and_addresses_are_told_from_words() {
        let address = "https://www.example.org/a/b?c=d";
        let text = format!("as read at {address} on a day; see `stagewatch diff chg_1`.");
        let expected =
            "as read at |[www.example.org](https://www.example.org/a/b?c=d)| on a day; see |<stagewatch diff chg_1>|.";
        assert_eq!(told(&text, Some(address)), expected);
        assert_eq!(told("a ` alone", None), "a ` alone");
        assert_eq!(told("", None), "");
        assert_eq!(told("no address", Some(address)), "no address");
    }

    #[test]
    fn a_long_address_keeps_its_host_and_its_end() {
        let long = "https://data.example.org/opendata/_latest/deliverables_metadata/json/deliverables.jsonl";
        assert_eq!(shortened(&format!("iso: {long}"), long), "iso: data.example.org/…/deliverables.jsonl");
        let short = "https://www.example.org/standard/1.html";
        assert_eq!(shortened(short, short), short);
    }
}
