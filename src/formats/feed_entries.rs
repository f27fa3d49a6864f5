//! Feeds as the library reads them, with days as civil dates and texts without markup. Not what an entry means: that is for each format.

use feed_rs::model::{Entry, Feed};
use feed_rs::parser;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use scraper::Html;
use url::Url;

use super::Page;
use super::reading::collapsed;

/// The feed in this page, its relative links made absolute.
pub(super) fn parsed(page: &Page<'_>) -> Result<Feed, String> {
    let builder = parser::Builder::new().base_uri(page.url.map(Url::as_str));
    builder.build().parse(page.text.trim_start().as_bytes()).map_err(|error| format!("no feed: {error}"))
}

/// The day of an entry: that of its publication, else that of its last change.
pub(super) fn day_of(entry: &Entry) -> Option<Date> {
    let moment = entry.published.or(entry.updated)?.timestamp();
    Timestamp::from_second(moment).ok().map(|moment| moment.to_zoned(TimeZone::UTC).date())
}

/// A text of a feed without the markup that some put into it.
pub(super) fn plain(text: &str) -> String {
    if !text.contains(['<', '&']) {
        return collapsed(text);
    }
    collapsed(&Html::parse_fragment(text).root_element().text().collect::<String>())
}
