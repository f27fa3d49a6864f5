//! What a site asks of programs in its `robots.txt` (RFC 9309): which addresses to leave alone, and how long to pause. Not the fetching
//! of it, and not manners that no site has to ask for.

use std::fmt::Write as _;
use std::time::Duration;

/// The name by which we look for rules of our own.
const PRODUCT: &str = "stagewatch";

/// More of a file than this is not read; the RFC's number.
const MOST_BYTES: usize = 500 * 1024;

/// A site may ask for longer pauses than this, but a poll must end some day.
const LONGEST_DELAY: Duration = Duration::from_mins(10);

/// The rules for us.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Rules {
    rules: Vec<Rule>,
    /// `Crawl-delay`, which the RFC does not have and sites do.
    pub(super) delay: Option<Duration>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    allows: bool,
    pattern: String,
}

/// Rules for some programs, in the order of the file.
#[derive(Default)]
struct Group {
    agents: Vec<String>,
    rules: Vec<Rule>,
    delay: Option<Duration>,
}

impl Rules {
    /// Reads a file; what is no rule is passed over, so that a page in place of the file asks for nothing.
    pub(super) fn parse(bytes: &[u8]) -> Rules {
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(MOST_BYTES)]);
        let groups = groups_of(text.trim_start_matches('\u{feff}'));
        let of = |name: &str| {
            let mut rules = Rules::default();
            let mut found = false;
            for group in groups.iter().filter(|group| group.agents.iter().any(|agent| agent == name)) {
                found = true;
                rules.rules.extend(group.rules.iter().cloned());
                rules.delay = rules.delay.or(group.delay);
            }
            found.then_some(rules)
        };
        of(PRODUCT).or_else(|| of("*")).unwrap_or_default()
    }

    /// Whether a path with its query may be asked for: the longest rule that matches decides, and of two as long the one that allows.
    pub(super) fn allow(&self, path: &str) -> bool {
        let path = normal(path);
        let matching = self.rules.iter().filter(|rule| matches(&rule.pattern, &path));
        matching.max_by_key(|rule| (rule.pattern.len(), rule.allows)).is_none_or(|rule| rule.allows)
    }
}

fn groups_of(text: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut is_naming = false;
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default();
        let Some((key, value)) = line.split_once(':') else { continue };
        let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
        if key == "user-agent" {
            if !is_naming {
                groups.push(Group::default());
            }
            is_naming = true;
            if let Some(group) = groups.last_mut() {
                group.agents.push(product_of(value));
            }
            continue;
        }
        let Some(group) = groups.last_mut() else { continue };
        match key.as_str() {
            // An empty pattern forbids nothing.
            "allow" | "disallow" if !value.is_empty() => {
                group.rules.push(Rule { allows: key == "allow", pattern: normal(value) });
            }
            "crawl-delay" => {
                let seconds = value.parse::<f64>().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                group.delay = seconds.map(|delay| delay.min(LONGEST_DELAY)).or(group.delay);
            }
            "allow" | "disallow" => {}
            // Lines of other purposes (`Sitemap`) stand anywhere and end nothing.
            _ => continue,
        }
        is_naming = false;
    }
    groups
}

/// `Stagewatch/1.0` names the product `stagewatch`.
fn product_of(value: &str) -> String {
    let name = value.split(|letter: char| letter == '/' || letter.is_whitespace()).next().unwrap_or_default();
    name.to_ascii_lowercase()
}

/// One spelling of a path: everything percent-encoded that must be, and nothing that need not be.
fn normal(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut out = String::with_capacity(path.len());
    let mut at = 0;
    while at < bytes.len() {
        let encoded = (bytes[at] == b'%')
            .then(|| bytes.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        let byte = encoded.unwrap_or(bytes[at]);
        let is_plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let must_be_encoded = if encoded.is_some() { !is_plain } else { !byte.is_ascii() };
        if must_be_encoded {
            let _ = write!(out, "%{byte:02X}");
        } else {
            out.push(char::from(byte));
        }
        at += if encoded.is_some() { 3 } else { 1 };
    }
    out
}

/// `*` stands for anything, `$` at the end for the end; any other pattern is a beginning.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, is_anchored) = pattern.strip_suffix('$').map_or((pattern, false), |pattern| (pattern, true));
    let mut parts = pattern.split('*');
    let Some(mut rest) = path.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return !is_anchored || rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if is_anchored && parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(found) = rest.find(part) else { return false };
        rest = &rest[found + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(robots: &str, answers: &[(&str, bool)]) {
        let rules = Rules::parse(robots.as_bytes());
        for (path, expected) in answers {
            assert_eq!(rules.allow(path), *expected, "{path} by {robots:?}");
        }
    }

    #[test]
    fn the_longest_rule_decides_and_of_two_as_long_the_one_that_allows() {
        let robots = "User-agent: *\nDisallow: /gb/\nAllow: /gb/search/\nDisallow: /x\nAllow: /x\n";
        check(robots, &[("/gb/1", false), ("/gb/search/1", true), ("/x", true), ("/", true), ("/robots.txt", true)]);
    }

    #[test]
    fn rules_for_us_stand_before_those_for_everybody() {
        let robots = "User-agent: *\nDisallow: /\n\nUser-Agent: other\nUser-agent: StageWatch/1.0\nDisallow: /private # really\nCrawl-delay: 7\n";
        check(robots, &[("/list", true), ("/private/list", false)]);
        assert_eq!(Rules::parse(robots.as_bytes()).delay, Some(Duration::from_secs(7)));
        check("User-agent: stagewatcher\nDisallow: /\n", &[("/list", true)]);
        check("User-agent: *\nSitemap: https://x/\nUser-agent: a\nDisallow: /\n", &[("/list", false)]);
    }

    #[test]
    fn signs_and_encodings_are_those_of_the_rfc() {
        check(
            "User-agent: *\nDisallow: /*.pdf$\nDisallow: /*?page=\nDisallow: /标准\nDisallow: /a%3cd\nDisallow: /b%7Ec\n",
            &[
                ("/x/y.pdf", false),
                ("/x/y.pdf?z", true),
                ("/list?page=2", false),
                ("/%E6%A0%87%e5%87%86/1", false),
                ("/a%3Cd", false),
                ("/b~c", false),
            ],
        );
    }

    #[test]
    fn what_is_no_file_of_rules_asks_for_nothing() {
        for text in ["", "<!DOCTYPE html><html>Disallow: /</html>", "Disallow: /\n", "User-agent: *\nDisallow:\n"] {
            check(text, &[("/list", true)]);
        }
        let delay = |value: &str| Rules::parse(format!("User-agent: *\nCrawl-delay: {value}\n").as_bytes()).delay;
        assert_eq!(delay("999999"), Some(LONGEST_DELAY));
        assert_eq!((delay("-1"), delay("soon"), delay("NaN")), (None, None, None));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

        #[test]
        fn no_file_and_no_path_panic(file in "(?s).{0,300}", path in "/[ -~标]{0,40}", pattern in "[/a*$%0-9标]{0,20}") {
            Rules::parse(file.as_bytes()).allow(&path);
            let robots = format!("User-agent: *\nDisallow: {pattern}\n");
            Rules::parse(robots.as_bytes()).allow(&path);
            prop_assert_eq!(normal(&normal(&path)), normal(&path));
        }
    }
}
