//! Pages in the markup of the bodies, made from plain data: what the demo shows and what tests put before the daemon. The markup is
//! that of the real sites, in the generations that were seen; every word of content is ours or the caller's.
//!
//! Not a reader turned round: nothing here is shared with [`crate::formats`], so that a page which a reader takes proves something.

/// ISO Open Data, deliverables, JSON lines.
pub mod iso_open_data;
/// The page of one project on iso.org, in two generations.
pub mod iso_project;
/// The names of harmonized stages as iso.org words them.
mod iso_stages;
/// Templates and how they are filled.
mod markup;
/// The page of one published standard on openstd.samr.gov.cn.
pub mod openstd_standard;
/// Answers that are no page: blocks, challenges, home pages where something else was.
pub mod refusals;
/// Plans with their stage on std.samr.gov.cn, JSON.
pub mod samr_plans;
/// Result cards of the search on std.samr.gov.cn.
pub mod samr_search;
/// The consultation list of TC 260, second generation.
pub mod tc260_consultations;

use sha2::{Digest, Sha256};

use super::hex_of;

/// The first part of a page, as a connection that broke behind a proxy leaves it: shorter, and nothing says so. Cut between two
/// characters.
pub fn cut(page: &str, keep_bytes: usize) -> &str {
    &page[..page.floor_char_boundary(keep_bytes)]
}

/// A site's own id for something: 32 hex digits that mean nothing and are the same every time.
fn site_id_of(what: &str) -> String {
    hex_of(&Sha256::digest(what)[..16])
}
