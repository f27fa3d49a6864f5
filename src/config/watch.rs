//! `[[watch]]`: which changes matter. Not the matching: that is `changes::subscription`.

use crate::changes::subscription::Watch;

use super::ids::Ids;
use super::table::Table;
use super::words;

/// Reads a `[[watch]]`.
pub(super) fn read(table: &Table<'_>, ids: &mut Ids) -> Option<Watch> {
    let id = ids.claim(table);
    let title = table.value("title").and_then(|value| value.filled()).map(str::to_owned);
    let standards = words::references(&table.list("standards"));
    let keywords = table.list("keywords").iter().filter_map(|value| value.filled().map(str::to_owned)).collect();
    let committees = words::committees(&table.list("committees"));
    let asks = ["standards", "keywords", "committees"].into_iter().filter_map(|key| table.value(key));
    if asks.filter(|value| !value.is_empty_list()).count() == 0 {
        table.problem("", "asks for nothing; write standards, keywords or committees");
    }
    Some(Watch { id: id?, title, standards, keywords, committees })
}
