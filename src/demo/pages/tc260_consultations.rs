//! The consultation list of TC 260 (`GET /portal/suggestion?page=…`), second generation: links without an address, which a script
//! opens. The site prints no plan number, and so does this.

use jiff::civil::Date;
use serde::Serialize;

use super::markup::Markup;
use super::site_id_of;

/// One consultation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consultation {
    /// The id of the site: 14 or 20 digits, or 32 hex.
    pub id: String,
    /// The title of the draft, which the notice wraps in 《》.
    pub title: String,
    /// When the notice was published.
    pub published: Date,
    /// The last day for comments.
    pub closes: Date,
}

impl Consultation {
    /// A consultation with an id made from its title.
    pub fn of(title: &str, published: Date, closes: Date) -> Consultation {
        Consultation { id: site_id_of(title), title: title.to_owned(), published, closes }
    }
}

/// The list, newest first as given, all on one page.
pub fn html(consultations: &[Consultation]) -> String {
    page(consultations, 1, 1)
}

/// One page of several.
pub fn page(consultations: &[Consultation], page_number: usize, n_pages: usize) -> String {
    let items = consultations.iter().map(Item::of).collect();
    Markup::Tc260Consultations.filled(&View { items, page_number, n_pages })
}

#[derive(Serialize)]
struct View<'a> {
    items: Vec<Item<'a>>,
    page_number: usize,
    n_pages: usize,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    title: &'a str,
    published: String,
    closes: String,
}

impl Item<'_> {
    fn of(consultation: &Consultation) -> Item<'_> {
        Item {
            id: &consultation.id,
            title: &consultation.title,
            published: consultation.published.to_string(),
            closes: consultation.closes.to_string(),
        }
    }
}
