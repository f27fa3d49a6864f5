//! `[doubt]`: how much a page may change and still be believed. Not the decision: that is `changes::comparison`.

use super::table::Table;

/// The limits between news and doubt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Doubt {
    /// The share of a list that may vanish at once and still be believed.
    pub shrink_share: f64,
    /// In how many whole polls in a row a project must be missing to be no longer listed.
    pub misses: u32,
    /// After how many polls in a row without a good one the operator is told.
    pub tell_after: u32,
}

impl Default for Doubt {
    fn default() -> Doubt {
        Doubt { shrink_share: 0.5, misses: 3, tell_after: 3 }
    }
}

/// Reads `[doubt]`.
pub(super) fn read(table: &Table<'_>) -> Doubt {
    let usual = Doubt::default();
    let count = |key| table.value(key).and_then(|value| value.count(1..=1000));
    Doubt {
        shrink_share: table.value("shrink-share").and_then(|value| value.share()).unwrap_or(usual.shrink_share),
        misses: count("misses").unwrap_or(usual.misses),
        tell_after: count("tell-after").unwrap_or(usual.tell_after),
    }
}
