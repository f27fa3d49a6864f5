//! Two snapshots → the lines that differ. Not which difference matters: that is for the comparison.

use std::time::Duration;

use similar::TextDiff;

/// How long a diff may take before it becomes coarser; pages come from outside and may be built to be slow.
const DIFF_TIMEOUT: Duration = Duration::from_secs(2);

/// How much of a diff goes into a change and with it into alerts; the whole is made from the snapshots when asked for.
const EXCERPT_BYTES: usize = 4000;

/// Lines around one that differs, as `diff -u` has them.
const CONTEXT_LINES: usize = 3;

/// The unified diff of two readable texts, three lines of context; empty where nothing differs.
pub fn unified_diff(before: &str, after: &str, before_name: &str, after_name: &str) -> String {
    diff_within(CONTEXT_LINES, before, after, before_name, after_name)
}

/// The same with every line of both.
pub fn whole_diff(before: &str, after: &str, before_name: &str, after_name: &str) -> String {
    diff_within(before.lines().count().max(after.lines().count()), before, after, before_name, after_name)
}

fn diff_within(n_lines: usize, before: &str, after: &str, before_name: &str, after_name: &str) -> String {
    let diff = TextDiff::configure().timeout(DIFF_TIMEOUT).diff_lines(before, after);
    let mut unified = diff.unified_diff();
    unified.context_radius(n_lines).header(before_name, after_name).missing_newline_hint(false);
    unified.to_string()
}

/// The block of a readable text that is headed by a line beginning with `head` and a space, up to the next heading; headings are the
/// lines that are not indented. Empty where there is none.
pub fn block_of<'a>(text: &'a str, head: &str) -> &'a str {
    let is_heading = |line: &str| !line.starts_with([' ', '\t']);
    let mut start = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        match start {
            Some(start) if is_heading(line) => return &text[start..at],
            None if line.strip_prefix(head).is_some_and(|rest| rest.starts_with(char::is_whitespace)) => {
                start = Some(at);
            }
            Some(_) | None => {}
        }
        at += line.len();
    }
    start.map_or("", |start| &text[start..])
}

/// The hunks of a unified diff that mention one of `words`, or the first ones where none does, cut to what an alert can carry.
pub fn excerpt(diff: &str, words: &[&str]) -> String {
    let hunks = hunks_of(diff);
    let telling: Vec<&str> =
        hunks.iter().copied().filter(|hunk| words.iter().any(|word| !word.is_empty() && hunk.contains(word))).collect();
    let chosen = if telling.is_empty() { hunks } else { telling };
    let mut text = String::new();
    for line in chosen.into_iter().flat_map(str::lines) {
        if text.len() + line.len() > EXCERPT_BYTES {
            text.push_str("…\n");
            break;
        }
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// The parts of a diff from one `@@` to the next, without the header.
fn hunks_of(diff: &str) -> Vec<&str> {
    let starts: Vec<usize> = std::iter::once(0)
        .chain(diff.match_indices("\n@@ ").map(|(at, _)| at + 1))
        .filter(|&at| diff[at..].starts_with("@@ "))
        .collect();
    let ends = starts.iter().skip(1).copied().chain([diff.len()]);
    starts.iter().copied().zip(ends).map(|(start, end)| &diff[start..end]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_no_diff() {
        assert_eq!(unified_diff("a\nb\n", "a\nb\n", "before", "after"), "");
        assert_eq!(excerpt("", &["x"]), "");
    }

    #[test]
    fn a_diff_shows_the_lines_that_differ_and_the_excerpt_those_of_one_project() {
        let before = (0..40).map(|n| format!("row {n}")).collect::<Vec<_>>().join("\n") + "\n";
        let after = before.replace("row 3\n", "row 3 moved\n").replace("row 30\n", "row 30 moved\n");
        let diff = unified_diff(&before, &after, "before", "after");
        assert!(diff.starts_with("--- before\n+++ after\n@@ "), "{diff}");
        let about_30 = excerpt(&diff, &["row 30"]);
        assert!(about_30.starts_with("@@ ") && about_30.contains("+row 30 moved"), "{about_30}");
        assert!(!about_30.contains("row 3 moved"), "{about_30}");
        assert!(excerpt(&diff, &["nowhere"]).contains("+row 3 moved"));
        assert!(!diff.contains(" row 17"), "{diff}");
        let whole = whole_diff(&before, &after, "before", "after");
        assert!(whole.contains("\n row 17\n") && whole.matches("\n@@ ").count() == 1, "{whole}");
    }

    #[test]
    fn a_block_is_found_by_its_head_and_ends_where_the_next_begins() {
        let text = "1 ISO 1\n  stage: a\n11 ISO 11\n  stage: b\n  title: c\n12 ISO 12\n  stage: d\n";
        assert_eq!(block_of(text, "11"), "11 ISO 11\n  stage: b\n  title: c\n");
        assert_eq!(block_of(text, "12"), "12 ISO 12\n  stage: d\n");
        assert_eq!(block_of(text, "2"), "");
        assert_eq!(block_of("", "2"), "");
    }

    #[test]
    fn a_long_diff_is_cut_and_says_so() {
        let after = (0..2000).map(|n| format!("new row {n}")).collect::<Vec<_>>().join("\n") + "\n";
        let cut = excerpt(&unified_diff("", &after, "before", "after"), &[]);
        assert!(cut.len() < EXCERPT_BYTES + 10 && cut.ends_with("…\n"), "{}", cut.len());
    }
}
