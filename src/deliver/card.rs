//! A message for a chat, before any service's markup: a title, and for each language the changes in a few words, with facts and a link.
//! And how it gets shorter where a service has no room for it. Not the words, which come from the notice, and not the layout.

use serde_json::Value;

use crate::changes::change::RecordedChange;
use crate::changes::notice::{Notice, headline, opening, subject};
use crate::changes::notice_facts::{Fact, facts};
use crate::changes::notice_sentence::sentence;
use crate::changes::notice_text::for_whom;
use crate::changes::notice_words::{capped, clean, link_of};
use crate::standards::language::Language;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Card {
    /// What it is about, on one line.
    pub(super) title: String,
    /// The same in each language.
    pub(super) blocks: Vec<Block>,
}

/// What is told in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    /// The language.
    pub(super) language: Language,
    /// Why this comes now, where a reader would wonder.
    pub(super) opening: Option<String>,
    /// One for each change that is told at all.
    pub(super) entries: Vec<Entry>,
    /// How many changes there are.
    pub(super) n_changes: usize,
    /// The page of ours that has all of it, where we serve one.
    page: Option<String>,
    /// Where the rest is, when not all of it is here.
    pub(super) more: Option<String>,
    /// Whom it is for.
    pub(super) footer: String,
}

/// What is told of one change. Every text is one line without control characters; none of it is markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// What happened to which standard; absent where the title says it.
    pub(super) headline: Option<String>,
    /// What happened, in a sentence that can be quoted; absent where there was no room.
    pub(super) sentence: Option<String>,
    /// What is known of it.
    pub(super) facts: Vec<Fact>,
    /// The page at the body: what to call it, and its address.
    pub(super) link: Option<(String, String)>,
}

/// How much of a message is kept.
#[derive(Debug, Clone, Copy)]
struct Measure {
    entries: usize,
    facts: usize,
    sentence_chars: usize,
    value_chars: usize,
    links: bool,
}

/// From all that is ever shown in a chat down to what fits everywhere. Facts come in the order in which readers ask: the last go first.
const MEASURES: [Measure; 7] = [
    Measure { entries: 20, facts: 10, sentence_chars: 1000, value_chars: 300, links: true },
    Measure { entries: 20, facts: 6, sentence_chars: 600, value_chars: 120, links: true },
    Measure { entries: 20, facts: 3, sentence_chars: 400, value_chars: 80, links: true },
    Measure { entries: 10, facts: 0, sentence_chars: 400, value_chars: 0, links: true },
    Measure { entries: 10, facts: 0, sentence_chars: 0, value_chars: 0, links: true },
    Measure { entries: 5, facts: 0, sentence_chars: 0, value_chars: 0, links: false },
    Measure { entries: 1, facts: 0, sentence_chars: 0, value_chars: 0, links: false },
];
/// Longest title and headline.
const LONGEST_LINE: usize = 120;
/// Longest address that is worth a link.
const LONGEST_LINK: usize = 500;

impl Card {
    /// What a notice says.
    pub(super) fn of(notice: &Notice) -> Card {
        let subject = subject(notice);
        let title = subject.strip_prefix("[stagewatch] ").unwrap_or(&subject).to_owned();
        let languages = notice.languages.each();
        let blocks = languages.iter().enumerate().map(|(number, &language)| {
            let title_says_it = number == 0 && notice.changes.len() == 1;
            let told = notice.changes.iter().take(MEASURES[0].entries);
            let entries = told.map(|change| entry(change, language, title_says_it));
            let footer = format!("stagewatch · {}", for_whom(notice, language));
            let opening = opening(notice, language).map(str::to_owned);
            let n_changes = notice.changes.len();
            Block {
                language,
                opening,
                entries: entries.collect(),
                n_changes,
                page: notice.frame.page_of_all(),
                more: None,
                footer,
            }
        });
        Card { title, blocks: blocks.collect() }
    }

    /// A word of ours, of no change: a test, or something that the operator should know.
    pub(super) fn of_words(title: &str, lines: &[String], language: Language) -> Card {
        let entries: Vec<Entry> =
            lines.iter().filter(|line| !line.trim().is_empty()).map(|line| Entry::saying(clean(line))).collect();
        let n_changes = entries.len();
        let footer = "stagewatch".to_owned();
        let block = Block { language, opening: None, entries, n_changes, page: None, more: None, footer };
        Card { title: capped(&clean(title), LONGEST_LINE), blocks: vec![block] }
    }

    /// As it is laid out by a service, at the fullest that the service takes.
    pub(super) fn fitting(&self, lay_out: impl Fn(&Card) -> Value, fits: impl Fn(&Value) -> bool) -> Value {
        let mut laid_out = Value::Null;
        for measure in MEASURES {
            laid_out = lay_out(&self.cut(measure));
            if fits(&laid_out) {
                break;
            }
        }
        laid_out
    }

    fn cut(&self, measure: Measure) -> Card {
        let blocks = self.blocks.iter().map(|block| {
            let kept = block.entries.iter().take(measure.entries).map(|entry| entry.cut(measure));
            let n_left_out = block.n_changes.saturating_sub(measure.entries);
            let entries: Vec<Entry> = block.opening.iter().cloned().map(Entry::saying).chain(kept).collect();
            let is_shorter = n_left_out > 0 || measure.facts < MEASURES[0].facts;
            let more = is_shorter.then(|| where_the_rest_is(n_left_out, block));
            Block { entries, more, footer: capped(&block.footer, 2 * LONGEST_LINE), ..block.clone() }
        });
        Card { title: capped(&self.title, LONGEST_LINE), blocks: blocks.collect() }
    }
}

impl Entry {
    fn saying(line: String) -> Entry {
        Entry { headline: None, sentence: Some(line), facts: Vec::new(), link: None }
    }

    fn cut(&self, measure: Measure) -> Entry {
        let facts = self.facts.iter().take(measure.facts);
        Entry {
            headline: self.headline.as_ref().map(|headline| capped(headline, LONGEST_LINE)),
            sentence: self
                .sentence
                .as_ref()
                .filter(|_| measure.sentence_chars > 0)
                .map(|sentence| capped(sentence, measure.sentence_chars)),
            facts: facts.map(|fact| Fact { value: capped(&fact.value, measure.value_chars), ..fact.clone() }).collect(),
            link: self.link.clone().filter(|_| measure.links),
        }
    }
}

fn entry(recorded: &RecordedChange, language: Language, title_says_it: bool) -> Entry {
    let link = recorded.change.after.url.as_deref().and_then(link_of).filter(|url| url.len() <= LONGEST_LINK);
    let called = match language {
        Language::Chinese => "官方页面",
        Language::English | Language::French | Language::Russian => "Page at the body",
    };
    Entry {
        headline: (!title_says_it).then(|| headline(recorded, language)),
        sentence: Some(sentence(recorded, language)),
        facts: facts(recorded, language).into_iter().filter(|fact| link.is_none() || fact.link != link).collect(),
        link: link.map(|url| (called.to_owned(), url)),
    }
}

fn where_the_rest_is(n_left_out: usize, block: &Block) -> String {
    let page = block.page.as_deref().unwrap_or("stagewatch changes");
    match (block.language, n_left_out) {
        (Language::Chinese, 0) => format!("已缩短；全文见 {page}"),
        (Language::Chinese, n) => format!("另有 {n} 项变动；全文见 {page}"),
        (Language::English | Language::French | Language::Russian, 0) => format!("Shortened; the whole: {page}"),
        (Language::English | Language::French | Language::Russian, n) => format!("And {n} more; the whole: {page}"),
    }
}
