//! Bytes as served → text, by the rules of the WHATWG: byte order mark, header, declaration in the page, then a guess. With one
//! exception: bytes that can hardly be anything but UTF-8 are UTF-8, because a server that names another encoding would make every title
//! on its pages another one.
//!
//! Not a judgement of the page: bytes that make no sense become U+FFFD, and the reading says so.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

/// How far into a page a declaration may stand; the WHATWG's number, so that we read what a browser reads.
const DECLARATION_WITHIN_BYTES: usize = 1024;

/// How many characters of UTF-8 are no accident in an encoding of two bytes.
const CHARACTERS_BEYOND_CHANCE: usize = 8;

/// How many good characters make up for a bad one; text of another encoding has more bad ones than good ones.
const GOOD_FOR_A_BAD: usize = 4;

/// Text with the name of the encoding it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text.
    pub text: String,
    /// The encoding's name as the WHATWG spells it.
    pub encoding: &'static str,
    /// Whether some bytes made no sense in it and became U+FFFD.
    pub had_errors: bool,
}

/// Decodes a body. `content_type` is the header as served; `host` gives the guess a hint (`….cn`).
///
/// Labels `gb2312` and `gbk` decode as GB 18030, their superset: pages that declare them hold characters that only it has.
pub fn decode(bytes: &[u8], content_type: Option<&str>, host: Option<&str>) -> Decoded {
    let encoding = encoding_of(bytes, content_type, host);
    // `decode` sniffs the mark too, and takes it off the text.
    let (text, used, had_errors) = encoding.decode(bytes);
    Decoded { text: text.into_owned(), encoding: used.name(), had_errors }
}

fn encoding_of(bytes: &[u8], content_type: Option<&str>, host: Option<&str>) -> &'static Encoding {
    if let Some((marked, _)) = Encoding::for_bom(bytes) {
        return marked;
    }
    content_type
        .and_then(charset_in)
        .and_then(|label| Encoding::for_label(label.as_bytes()))
        .or_else(|| declared_in_xml(bytes))
        .or_else(|| declared_in_page(bytes))
        .map_or_else(
            || guessed(bytes, host),
            |named| if named != UTF_8 && is_plainly_utf8(bytes, named) { UTF_8 } else { named },
        )
}

/// Whether these bytes are UTF-8 whatever they are called, but for a few that were damaged. In an encoding of single bytes nobody writes
/// what is UTF-8 by chance; of two bytes a short word can be (联通 in GBK is), but not several.
fn is_plainly_utf8(bytes: &[u8], named: &'static Encoding) -> bool {
    let enough = if named.is_single_byte() { 1 } else { CHARACTERS_BEYOND_CHANCE };
    let text = String::from_utf8_lossy(bytes);
    let n_bad = text.matches(char::REPLACEMENT_CHARACTER).count();
    let n_good = text.chars().filter(|character| !character.is_ascii()).count() - n_bad;
    n_good >= enough && n_bad * GOOD_FOR_A_BAD <= n_good
}

/// The charset of a `Content-Type`, or of the `content` of a `meta http-equiv`.
fn charset_in(content_type: &str) -> Option<&str> {
    let at = content_type.to_ascii_lowercase().find("charset")?;
    let value = content_type[at + "charset".len()..].trim_start().strip_prefix('=')?.trim_start();
    let value = match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next()?,
        _ => value.split(|c: char| c == ';' || c == ',' || c.is_whitespace()).next()?,
    };
    (!value.is_empty()).then_some(value)
}

/// The declaration of an XML document, a feed: `<?xml version="1.0" encoding="gb2312"?>`.
fn declared_in_xml(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(DECLARATION_WITHIN_BYTES)];
    let end = head.windows(2).position(|pair| pair == b"?>")?;
    let declaration = std::str::from_utf8(&head[..end]).ok()?.trim_start().strip_prefix("<?xml")?;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let declared = Encoding::for_label(value[1..].split(quote).next()?.as_bytes())?;
    // What can be read as ASCII up to here is not UTF-16, whatever it says.
    Some(if declared == UTF_16LE || declared == UTF_16BE { UTF_8 } else { declared })
}

/// The declaration of a `meta`, in either form, outside comments.
fn declared_in_page(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(DECLARATION_WITHIN_BYTES)];
    // Declarations are ASCII, and so is all markup around them, whatever the encoding.
    let head: String = head.iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { '?' }).collect();
    let mut rest = head.as_str();
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = &comment[comment.find("-->")?..];
            continue;
        }
        let tag = &rest[..=rest.find('>')?];
        if let Some(found) = encoding_of_meta(tag) {
            return Some(found);
        }
        rest = &rest[1..];
    }
    None
}

fn encoding_of_meta(tag: &str) -> Option<&'static Encoding> {
    let name = tag.get(..5)?;
    if !name.eq_ignore_ascii_case("<meta") || !tag[5..].starts_with(|c: char| c.is_ascii_whitespace() || c == '/') {
        return None;
    }
    // Both forms, `charset=…` and `content="text/html; charset=…"`, hold the label after one `charset=`.
    let label = charset_in(tag)?.trim_end_matches(['"', '\'', '/', '>']);
    let declared = Encoding::for_label(label.as_bytes())?;
    Some(if declared == UTF_16LE || declared == UTF_16BE {
        // A page that can be read as ASCII up to here is not UTF-16, whatever it says.
        UTF_8
    } else if declared == X_USER_DEFINED {
        WINDOWS_1252
    } else {
        declared
    })
}

fn guessed(bytes: &[u8], host: Option<&str>) -> &'static Encoding {
    let is_utf8 = match std::str::from_utf8(bytes) {
        Ok(_) => true,
        // A page cut inside its last character is still UTF-8.
        Err(error) => error.error_len().is_none() && error.valid_up_to() > 0 || is_plainly_utf8(bytes, GB18030),
    };
    if is_utf8 {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let country = host.and_then(top_level_domain);
    detector.guess(country.as_deref().map(str::as_bytes), Utf8Detection::Allow)
}

fn top_level_domain(host: &str) -> Option<String> {
    let label = host.trim_end_matches('.').rsplit('.').next()?.to_ascii_lowercase();
    let is_name = label.starts_with(|c: char| c.is_ascii_lowercase()) && label.is_ascii();
    is_name.then_some(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 国家标准 in GBK.
    const GBK: &[u8] = &[0xB9, 0xFA, 0xBC, 0xD2, 0xB1, 0xEA, 0xD7, 0xBC];

    fn check(bytes: &[u8], content_type: Option<&str>, host: Option<&str>) -> String {
        let decoded = decode(bytes, content_type, host);
        format!("{} {}{}", decoded.encoding, decoded.text, if decoded.had_errors { " (errors)" } else { "" })
    }

    fn page(before: &str, bytes: &[u8]) -> Vec<u8> {
        [before.as_bytes(), bytes].concat()
    }

    #[test]
    fn a_byte_order_mark_beats_the_header_and_is_taken_off() {
        assert_eq!(check(b"\xEF\xBB\xBFa\xC3\xA9", Some("text/html; charset=gbk"), None), "UTF-8 aé");
        assert_eq!(check(b"\xFF\xFEa\0", None, None), "UTF-16LE a");
    }

    #[test]
    fn the_header_beats_the_page() {
        let bytes = page("<meta charset=utf-8>", GBK);
        assert_eq!(check(&bytes, Some("text/html;charset=GB2312"), None), "GBK <meta charset=utf-8>国家标准");
        assert_eq!(
            check(&bytes, Some("text/html; Charset = \"gb18030\" ; x=y"), None).split(' ').next(),
            Some("gb18030")
        );
    }

    #[test]
    fn the_declaration_of_an_xml_document_is_read() {
        for declared in ["encoding=\"gb2312\"", "version='1.0' encoding = 'GBK' standalone='yes'"] {
            assert!(check(&page(&format!("<?xml {declared}?><a>"), GBK), None, None).starts_with("GBK "), "{declared}");
        }
        assert_eq!(check("<?xml encoding='utf-16'?>é".as_bytes(), None, None), "UTF-8 <?xml encoding='utf-16'?>é");
        assert_eq!(check("<?xml?><meta charset=utf-8>é".as_bytes(), None, None), "UTF-8 <?xml?><meta charset=utf-8>é");
        let header = check(&page("<?xml encoding='utf-8'?>", GBK), Some("text/xml; charset=gbk"), None);
        assert!(header.starts_with("GBK "), "{header}");
    }

    #[test]
    fn what_can_only_be_utf_8_is_utf_8_whatever_it_is_called() {
        let title = "信息安全技术 示例标准 — 要求";
        for label in ["gbk", "iso-8859-1", "windows-1251", "shift_jis", "utf-16"] {
            let header = format!("text/html; charset={label}");
            assert_eq!(check(title.as_bytes(), Some(&header), None), format!("UTF-8 {title}"));
            let cut = &title.as_bytes()[..title.len() - 1];
            assert!(check(cut, Some(&header), None).starts_with("UTF-8 信息"), "{label}");
        }
        assert_eq!(check("é".as_bytes(), Some("text/html; charset=iso-8859-1"), None), "UTF-8 é");
        // 联通 in GBK is also two characters of UTF-8.
        assert_eq!(check(&[0xC1, 0xAA, 0xCD, 0xA8], Some("text/html; charset=gbk"), None), "GBK 联通");
    }

    #[test]
    fn both_forms_of_the_declaration_are_read() {
        for head in [
            "<meta charset=\"gb2312\">",
            "<META CHARSET='GBK' />",
            "<meta charset=gbk/>",
            "<!-- <meta charset=utf-8> --><meta http-equiv=\"Content-Type\" content=\"text/html; charset=gb2312\"/>",
            "<title>x</title><meta content='text/html;charset=gbk' http-equiv='content-type'>",
        ] {
            assert_eq!(check(&page(head, GBK), Some("text/html"), None), format!("GBK {head}国家标准"));
        }
    }

    #[test]
    fn a_declaration_after_the_first_1024_bytes_is_no_declaration() {
        let late = format!("{}<meta charset=windows-1251>é", " ".repeat(DECLARATION_WITHIN_BYTES));
        assert!(check(late.as_bytes(), None, None).starts_with("UTF-8 "));
    }

    #[test]
    fn gbk_pages_may_hold_what_only_gb_18030_has() {
        // U+20AC in GBK's one byte, U+3400 in four bytes of GB 18030.
        assert_eq!(check(&[0x80, 0x81, 0x39, 0xEE, 0x39], Some("text/html; charset=gbk"), None), "GBK €㐀");
    }

    #[test]
    fn an_undeclared_page_is_guessed_with_the_help_of_its_host() {
        let text = "全国网络安全标准化技术委员会关于征求国家标准意见的通知";
        let (bytes, ..) = encoding_rs::GBK.encode(text);
        assert_eq!(check(&bytes, None, Some("www.example.cn")), format!("GBK {text}"));
        assert_eq!(check(text.as_bytes(), None, Some("www.example.cn")), format!("UTF-8 {text}"));
    }

    #[test]
    fn utf_8_with_a_damaged_byte_stays_utf_8() {
        let mut bytes = "全国网络安全标准化技术委员会".as_bytes().to_vec();
        bytes[4] = 0x20;
        assert!(check(&bytes, None, Some("www.example.cn")).starts_with("UTF-8 全"));
    }

    #[test]
    fn utf_8_cut_inside_a_character_stays_utf_8() {
        let text = "标准".as_bytes();
        assert_eq!(check(&text[..5], None, Some("www.example.cn")), "UTF-8 标\u{FFFD} (errors)");
    }

    #[test]
    fn nonsense_never_panics() {
        for bytes in [&b""[..], b"<", b"<meta", b"<meta charset", b"<!--", b"\xFF\xFF\xFF", b"<meta charset=>", b"\x80"]
        {
            for host in [None, Some(""), Some("127.0.0.1"), Some("[::1]"), Some("EXAMPLE.CN."), Some("例子.中国")] {
                decode(bytes, Some("text/html; charset="), host);
                decode(bytes, None, host);
            }
        }
    }
}
