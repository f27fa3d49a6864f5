//! Pages broken on the way: cut, bits flipped, encodings mislabelled, statuses; and pages in the place of the page, or around it.

use encoding_rs::{GBK, UTF_16LE};
use fastrand::Rng;

use super::at_joints::short;
use super::cases::Case;
use super::judge::{Broken, Says};

/// One way of breaking that needs more than the text.
pub(crate) type Breaking = fn(&mut Rng, &Case, &[&Case]) -> Option<Broken>;

/// Every way; the last argument is the other pages of the format.
pub(crate) const WAYS: [(&str, Breaking); 14] = [
    ("cut", cut),
    ("bytes flipped", flipped),
    ("zero bytes", zeroed),
    ("encoding mislabelled", mislabelled),
    ("encoded otherwise", encoded_otherwise),
    ("byte order mark", marked),
    ("another status", another_status),
    ("page of another project", another_page),
    ("two pages in one", two_pages),
    ("two pages in one, the other first", other_first),
    ("a page in the other's middle", page_in_page),
    ("inside an error page", inside_error_page),
    ("an error page in place of it", error_page),
    ("a home page in place of it", home_page),
];

fn broken(case: &Case, bytes: Vec<u8>, what: String, says: Says) -> Broken {
    Broken { bytes, content_type: case.content_type.clone(), status: 200, what, says }
}

/// After every tenth byte of ten; digits are not cut in two, since the beginning of a number is another number.
#[expect(clippy::unnecessary_wraps, reason = "one of a table of functions")]
fn cut(rng: &mut Rng, case: &Case, _: &[&Case]) -> Option<Broken> {
    let tenth = rng.usize(1..10);
    let mut end = case.bytes.len() * tenth / 10;
    while end > 0 && case.bytes[end - 1].is_ascii_digit() && case.bytes.get(end).is_some_and(u8::is_ascii_digit) {
        end -= 1;
    }
    Some(broken(case, case.bytes[..end].to_vec(), format!("after {tenth} tenths, at byte {end}"), Says::Less))
}

/// No digit becomes another digit: a number with another digit is another number, and nothing on a page could tell.
fn flipped(rng: &mut Rng, case: &Case, _: &[&Case]) -> Option<Broken> {
    let mut bytes = case.bytes.clone();
    let n_flipped = 1 << rng.u32(0..8);
    for _ in 0..n_flipped {
        let byte = rng.choice(bytes.iter_mut())?;
        let new = if rng.bool() { *byte ^ (1 << rng.u32(0..8)) } else { rng.u8(..) };
        if !(byte.is_ascii_digit() && new.is_ascii_digit()) {
            *byte = new;
        }
    }
    Some(broken(case, bytes, format!("{n_flipped} of {}", case.bytes.len()), Says::OtherSeams))
}

fn zeroed(rng: &mut Rng, case: &Case, _: &[&Case]) -> Option<Broken> {
    let mut bytes = case.bytes.clone();
    let from = rng.usize(..bytes.len().max(1));
    let to = (from + (1 << rng.u32(0..13))).min(bytes.len());
    // Whole numbers only, as with the cut.
    let is_inside =
        |at: usize| at > 0 && at < bytes.len() && bytes[at - 1].is_ascii_digit() && bytes[at].is_ascii_digit();
    if is_inside(from) || is_inside(to) {
        return None;
    }
    bytes[from..to].fill(0);
    Some(broken(case, bytes, format!("from {from} to {to}"), Says::OtherSeams))
}

fn mislabelled(rng: &mut Rng, case: &Case, _: &[&Case]) -> Option<Broken> {
    let label = rng.choice([
        "gbk",
        "gb2312",
        "iso-8859-1",
        "windows-1251",
        "utf-16",
        "utf-16be",
        "big5",
        "shift_jis",
        "euc-kr",
        "koi8-r",
        "no-such-charset",
        "",
    ])?;
    let content_type = Some(format!("text/html; charset={label}"));
    Some(Broken { content_type, ..broken(case, case.bytes.clone(), format!("as `{label}`"), Says::Nothing) })
}

/// The page in another encoding than it says.
fn encoded_otherwise(rng: &mut Rng, case: &Case, _: &[&Case]) -> Option<Broken> {
    let text = std::str::from_utf8(&case.bytes).ok()?;
    let (bytes, how) = match rng.u8(0..3) {
        0 => (GBK.encode(text).0.into_owned(), "GBK"),
        1 => (text.encode_utf16().flat_map(u16::to_le_bytes).collect(), UTF_16LE.name()),
        // UTF-8 taken for Latin-1 and encoded once more.
        _ => (case.bytes.iter().map(|byte| char::from(*byte)).collect::<String>().into_bytes(), "UTF-8 twice"),
    };
    let content_type = rng.bool().then(|| "text/html; charset=utf-8".to_owned());
    let says = if how == "UTF-8 twice" { Says::OtherFields } else { Says::Nothing };
    Some(Broken { content_type, ..broken(case, bytes, how.to_owned(), says) })
}

fn marked(rng: &mut Rng, case: &Case, _: &[&Case]) -> Option<Broken> {
    let mark = rng.choice([&b"\xEF\xBB\xBF"[..], b"\xFF\xFE", b"\xFE\xFF", b"\xEF\xBB\xBF\xEF\xBB\xBF"])?;
    Some(broken(case, [mark, &case.bytes].concat(), format!("{mark:X?}"), Says::Nothing))
}

fn another_status(rng: &mut Rng, case: &Case, _: &[&Case]) -> Option<Broken> {
    let status = rng.choice([204, 206, 302, 401, 403, 404, 410, 418, 429, 500, 502, 503, 521])?;
    Some(Broken { status, ..broken(case, case.bytes.clone(), format!("{status}"), Says::Nothing) })
}

/// A page of others, with no project of this one: the page of the same project at another time is what a body serves when it moves.
fn of_others<'a>(rng: &mut Rng, case: &Case, others: &[&'a Case]) -> Option<&'a Case> {
    let apart = others.iter().filter(|other| other.held.keys().all(|id| !case.held.contains_key(id)));
    rng.choice(apart.copied().collect::<Vec<_>>())
}

fn another_page(rng: &mut Rng, case: &Case, others: &[&Case]) -> Option<Broken> {
    let other = of_others(rng, case, others)?;
    Some(broken(case, other.bytes.clone(), other.name.clone(), Says::Others))
}

/// Here the same project may stand on both, at two stages: a page that contradicts itself.
fn two_pages(rng: &mut Rng, case: &Case, others: &[&Case]) -> Option<Broken> {
    let other = rng.choice(others)?;
    Some(broken(case, [&case.bytes[..], b"\n", &other.bytes].concat(), other.name.clone(), Says::Others))
}

fn other_first(rng: &mut Rng, case: &Case, others: &[&Case]) -> Option<Broken> {
    let other = rng.choice(others)?;
    Some(broken(case, [&other.bytes[..], b"\n", &case.bytes].concat(), other.name.clone(), Says::Others))
}

/// Only of others, since what it is put into may lose the very row of which the other page says something else.
fn page_in_page(rng: &mut Rng, case: &Case, others: &[&Case]) -> Option<Broken> {
    let other = of_others(rng, case, others)?;
    let places: Vec<usize> =
        case.bytes.iter().enumerate().filter(|(_, byte)| **byte == b'>').map(|(at, _)| at + 1).collect();
    let (before, after) = case.bytes.split_at(rng.choice(places)?);
    let what = format!("{} at byte {}", other.name, before.len());
    Some(broken(case, [before, &other.bytes, after].concat(), what, Says::Others))
}

const ERRORS: [&str; 6] = [
    "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center>{}</body></html>",
    "<html><head><title>系统提示</title></head><body><div class=\"error\">系统繁忙，请稍后再试{}</div></body></html>",
    "<!DOCTYPE html><html><head><title>Sorry</title></head><body><p>Something went wrong. Please come back later.</p>{}</body></html>",
    "<html><body><h1>Welcome to nginx!</h1>{}</body></html>",
    "{\"code\":500,\"message\":\"系统异常\",\"detail\":\"{}\"}",
    "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>Access denied{}</Message></Error>",
];

/// What stands on an error page besides is what an interception shows; what it shows of the page is the page.
fn inside_error_page(rng: &mut Rng, case: &Case, _: &[&Case]) -> Option<Broken> {
    let page = rng.choice(ERRORS)?;
    let (before, after) = page.split_once("{}")?;
    let bytes = [before.as_bytes(), &case.bytes, after.as_bytes()].concat();
    Some(broken(case, bytes, short(before), Says::Less))
}

fn error_page(rng: &mut Rng, case: &Case, _: &[&Case]) -> Option<Broken> {
    let page = rng.choice(ERRORS)?.replace("{}", "");
    // A long one, too: much text is no sign of a good page.
    let page = if rng.bool() { page } else { page.replace("</body>", &"<p>请联系管理员。</p>".repeat(400)) };
    Some(broken(case, page.clone().into_bytes(), short(&page), Says::Less))
}

const HOME_PAGES: [&str; 3] = [
    "<!DOCTYPE html><html><head><title>全国标准信息公共服务平台</title></head><body><ul class=\"nav\"><li class=\"active\">首页</li><li>现行</li><li>废止</li></ul>{}</body></html>",
    "<!DOCTYPE html><html><head><title>ISO - International Organization for Standardization</title></head><body><nav><a href=\"/standards.html\">Standards</a></nav><h1>Great things happen when the world agrees</h1>{}</body></html>",
    "<!DOCTYPE html><html><body><table><tr><th>标准号</th><th>状态</th></tr></table>{}</body></html>",
];

fn home_page(rng: &mut Rng, case: &Case, _: &[&Case]) -> Option<Broken> {
    let page =
        rng.choice(HOME_PAGES)?.replace("{}", &"<p>News of standards. 标准化新闻。</p>".repeat(rng.usize(0..300)));
    let what = short(&page);
    Some(broken(case, page.into_bytes(), what, Says::Less))
}
