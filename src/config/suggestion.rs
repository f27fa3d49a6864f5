//! "Did you mean": the nearest of the words that would have been right. Never a guess that is far off.

/// Below this likeness a suggestion would puzzle more than it helps: `sources` for `source` is 0.86, `shedule` for `schedule` 0.88,
/// `password` for `password-file` 0.62, `interval` for `retitled` under 0.4.
const LIKENESS: f64 = 0.6;

/// The known word that is most like this one, where one is like it at all.
pub(super) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let word = word.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (strsim::normalized_damerau_levenshtein(&word, &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness >= LIKENESS)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, candidate)| candidate)
}

/// What would be right instead of `word`: the nearest known word, or all of them.
pub(super) fn instead_of<'k>(word: &str, known: impl IntoIterator<Item = &'k str> + Clone) -> String {
    match nearest(word, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("write {}", one_of(known)),
    }
}

/// Words in a row: `a, b or c`.
pub(super) fn one_of<'k>(words: impl IntoIterator<Item = &'k str>) -> String {
    let quoted: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_understood() {
        let known = ["schedule", "timezone", "password-file", "public-url"];
        for (slip, meant) in [
            ("shedule", "schedule"),
            ("time-zone", "timezone"),
            ("Timezone", "timezone"),
            ("password", "password-file"),
            ("public_url", "public-url"),
        ] {
            assert_eq!(nearest(slip, known), Some(meant), "{slip}");
        }
    }

    #[test]
    fn a_word_like_none_is_answered_with_all() {
        assert_eq!(nearest("interval", ["schedule", "timezone"]), None);
        assert_eq!(instead_of("interval", ["en", "zh", "both"]), "write `en`, `zh` or `both`");
        assert_eq!(instead_of("interval", ["en"]), "write `en`");
    }
}
