//! Result cards of the search on std.samr.gov.cn (`GET /search/stdPage`), which is where plans show everything at once.

use serde::Serialize;

use super::markup::Markup;
use super::site_id_of;

/// The register a card comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Register {
    /// 国家标准.
    #[serde(rename = "BV_GB")]
    Standards,
    /// 国标计划.
    #[serde(rename = "BV_GB_PLAN")]
    Plans,
    /// 行业标准, which a search for a national one finds too.
    #[serde(rename = "BV_HB")]
    Industry,
}

/// One result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Card {
    /// Which register.
    pub register: Register,
    /// `GB/T 39204-2022`, `20230259-T-469`.
    pub number: String,
    /// The Chinese title.
    pub title: String,
    /// State or stage: 现行, 正在起草.
    pub status: String,
    /// Label and value, in order: 英文标题, 制修订, 标准编号, 归口单位, 采标关系, 项目周期 …
    pub fields: Vec<(String, String)>,
    /// Label and day in the foot, in order: 下达于, 发布于, 实施于, 终止于.
    pub dates: Vec<(String, String)>,
}

impl Card {
    /// A card with nothing but number, title and status.
    pub fn of(register: Register, number: &str, title: &str, status: &str) -> Card {
        Card {
            register,
            number: number.to_owned(),
            title: title.to_owned(),
            status: status.to_owned(),
            fields: Vec::new(),
            dates: Vec::new(),
        }
    }

    /// The same with one more field.
    #[must_use]
    pub fn with(mut self, label: &str, value: &str) -> Card {
        self.fields.push((label.to_owned(), value.to_owned()));
        self
    }

    /// The same with one more day.
    #[must_use]
    pub fn on(mut self, label: &str, day: &str) -> Card {
        self.dates.push((label.to_owned(), day.to_owned()));
        self
    }
}

/// The page of these cards, which claims that the search found so many in all.
pub fn html(cards: &[Card], claimed_total: usize) -> String {
    let cards = cards.iter().map(CardView::of).collect();
    Markup::SamrSearch.filled(&View { claimed_total, cards })
}

#[derive(Serialize)]
struct View<'a> {
    claimed_total: usize,
    cards: Vec<CardView<'a>>,
}

#[derive(Serialize)]
struct CardView<'a> {
    card: &'a Card,
    site_id: String,
    logo: &'static str,
    /// The number in pieces; the search marks those it was asked for.
    number: Vec<Piece<'a>>,
    adopts: bool,
}

#[derive(Serialize)]
struct Piece<'a> {
    text: &'a str,
    marked: bool,
}

impl CardView<'_> {
    fn of(card: &Card) -> CardView<'_> {
        let logo = match card.register {
            Register::Standards => "国家",
            Register::Plans => "国标",
            Register::Industry => "行业",
        };
        let number = card.number.split_inclusive(['/', '-', ' ']).flat_map(marked_pieces_of).collect();
        let adopts = card.fields.iter().any(|(label, _)| label == "采标关系");
        CardView { card, site_id: site_id_of(&card.number).to_uppercase(), logo, number, adopts }
    }
}

/// The marks of the site break a number anywhere: `<sacinfo>GB</sacinfo><sacinfo>/</sacinfo><sacinfo>T</sacinfo> <sacinfo>…`.
fn marked_pieces_of(part: &str) -> [Piece<'_>; 2] {
    let (word, separator) = match part.strip_suffix(['/', '-', ' ']) {
        Some(word) => part.split_at(word.len()),
        None => (part, ""),
    };
    let is_letters = word.chars().all(|c| c.is_ascii_alphabetic());
    [Piece { text: word, marked: is_letters }, Piece { text: separator, marked: separator == "/" }]
}
