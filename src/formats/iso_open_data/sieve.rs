//! Which lines of the file are read at all: of some 100 MB a source wants a few hundred rows, and a line that is plainly of others is not
//! worth parsing. Not what a row says.

use super::Row;
use crate::formats::Scope;
use crate::standards::committee::Committee;
use crate::standards::project::ProjectId;

/// The key by which every row begins.
pub(super) const ID_KEY: &str = "\"id\":";

/// The key that says whose row it is.
pub(super) const OWNER_KEY: &str = "\"ownerCommittee\"";

/// Whether a line is a row of the committees asked for, or no row at all, which `read` must see.
///
/// A row whose owner does not even hold the digits of a committee's own number is not worth parsing; that spares nearly all.
pub(super) fn keep(line: &str, scope: &Scope) -> bool {
    if scope.committees.is_empty() || !is_closed_object(line) {
        return true;
    }
    match owner_in(line) {
        _ if is_followed(line, scope) => true,
        None => true,
        // Of no committee; unless nothing in it is a row's, and it may be any.
        Some("") => serde_json::from_str::<Row<'_>>(line).is_err(),
        Some(owner) => {
            let might = |committee: &Committee| owner.contains('\\') || owner.contains(own_number_of(committee.name()));
            scope.committees.iter().any(might) && is_row_in(line, scope)
        }
    }
}

/// Whether a row is of a project that the source showed already. Every row begins with its number; where one does not, its committee decides.
fn is_followed(line: &str, scope: &Scope) -> bool {
    let number = || {
        let after = line.trim_start().strip_prefix('{')?.trim_start().strip_prefix(ID_KEY)?.trim_start();
        after.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    };
    !scope.followed.is_empty() && number().is_some_and(|number| scope.followed.contains(&ProjectId::Iso(number)))
}

/// The committees of a source are few, the rows many: only lines that passed the sieve come here.
fn is_row_in(line: &str, scope: &Scope) -> bool {
    serde_json::from_str::<Row<'_>>(line).map_or(true, |row| row.is_in(scope))
}

/// The value of `ownerCommittee` as it stands in the line; `Some("")` for `null`.
fn owner_in(line: &str) -> Option<&str> {
    // Inside a JSON text the quotes would be escaped, so this is the key itself.
    let after = &line[line.find(OWNER_KEY)? + OWNER_KEY.len()..];
    let value = after.trim_start().strip_prefix(':')?.trim_start();
    match value.strip_prefix('"') {
        Some(owner) => owner.split('"').next(),
        None => value.starts_with("null").then_some(""),
    }
}

/// `27` of `ISO/IEC JTC 1/SC 27`; empty, and so in every text, for a name without a number.
fn own_number_of(name: &str) -> &str {
    let end = name.trim_end_matches(|c: char| !c.is_ascii_digit());
    &end[end.trim_end_matches(|c: char| c.is_ascii_digit()).len()..]
}

/// Whether a line is one whole `{…}`, by its braces: a scan, not a parse.
pub(super) fn is_closed_object(line: &str) -> bool {
    let (mut depth, mut in_text, mut is_escaped) = (0_u32, false, false);
    let line = line.trim().as_bytes();
    for (at, byte) in line.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_text => is_escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' => depth += 1,
            b'}' if depth <= 1 => return depth == 1 && at + 1 == line.len(),
            b'}' => depth -= 1,
            _ if depth == 0 => return false,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::tests::{ROW, row_with, scope};
    use super::*;

    #[test]
    fn the_sieve_keeps_the_committee_its_groups_and_everything_that_is_no_row() {
        let scope = scope(&["ISO/IEC JTC 1/SC 27"]);
        let owned_by = |owner: &str| row_with("ownerCommittee", &format!("\"{owner}\""));
        for (line, kept) in [
            (ROW.to_owned(), true),
            (owned_by("ISO/IEC JTC 1/SC 27/WG 1"), true),
            (ROW.replace("ISO/IEC JTC 1/SC 27", "ISO\\/IEC JTC 1\\/SC 27"), true),
            (owned_by("ISO/TC 27"), false),
            (owned_by("ISO/TC 34/SC 5"), false),
            (row_with("ownerCommittee", "null"), false),
            (ROW.replace("JTC 1/SC 27", "JTC 1/SC 29")[..200].to_owned(), true),
            ("<html>".to_owned(), true),
            ("{\"code\":403,\"message\":\"no\"}".to_owned(), true),
        ] {
            assert_eq!(keep(&line, &scope), kept, "{line}");
        }
        assert!(keep(&owned_by("ISO/TC 34"), &Scope::default()));
    }
}
