//! Mail: the HTML part of a message. Says what the text part says, in the same order; brings no images and asks nobody for anything. Not
//! the words, which are those of the notice, and not the message around it.

use std::sync::LazyLock;

use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use super::email_pieces::{Piece, pieces, shortened};
use crate::changes::change::RecordedChange;
use crate::changes::notice::{Notice, headline, opening, subject};
use crate::changes::notice_facts::{Fact, links, names, particulars, proof};
use crate::changes::notice_outline::{Group, count_in_words, heading_of_others, outline, summary};
use crate::changes::notice_position::{position, stages};
use crate::changes::notice_sentence::sentence;
use crate::changes::notice_text::{excerpt, for_whom, heading_of_file, heading_of_lines, stop_in_words};
use crate::changes::notice_track::{Mark, Step, track};
use crate::changes::notice_words::link_of;
use crate::standards::language::Language;

const TEMPLATE: &str = "email.html";

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment
        .add_template(TEMPLATE, include_str!("templates/email.html"))
        .expect("the template is part of the program, and a test renders it");
    environment
});

#[derive(Serialize)]
struct Page<'a> {
    subject: String,
    language: &'static str,
    id: &'a str,
    unsubscribe: Option<&'a str>,
    blocks: Vec<Block>,
}

/// The whole notice in one language.
#[derive(Serialize)]
struct Block {
    language: &'static str,
    opening: Option<&'static str>,
    summary: Option<String>,
    contents: Vec<Entry>,
    groups: Vec<Section>,
    others: Vec<String>,
    others_heading: String,
    n_counted: usize,
    file_heading: &'static str,
    lines_heading: &'static str,
    for_whom: String,
    unsubscribe: &'static str,
}

#[derive(Serialize)]
struct Entry {
    headline: String,
    count: String,
    asked: Option<String>,
}

/// One standard.
#[derive(Serialize)]
struct Section {
    headline: String,
    title: Option<String>,
    sentences: Vec<Vec<Piece>>,
    action: String,
    action_in_words: String,
    is_asked: bool,
    steps: Vec<Drawn>,
    position: Vec<Row>,
    record: Vec<Row>,
    changes: Vec<Shown>,
}

#[derive(Serialize)]
struct Drawn {
    label: String,
    sign: &'static str,
    mark: &'static str,
    since: Option<String>,
}

#[derive(Serialize)]
struct Shown {
    excerpt: Vec<Vec<Piece>>,
    proof: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    label: String,
    value: Vec<Piece>,
    link: Option<String>,
}

impl From<Fact> for Row {
    fn from(fact: Fact) -> Row {
        let value = match &fact.link {
            Some(link) => pieces(&shortened(&fact.value, link), None),
            None => pieces(&fact.value, None),
        };
        Row { label: fact.label, value, link: fact.link }
    }
}

impl From<Step> for Drawn {
    fn from(step: Step) -> Drawn {
        let mark = match step.mark {
            Mark::Passed => "passed",
            Mark::Here => "here",
            Mark::Ahead => "ahead",
            Mark::Ended => "ended",
        };
        // The month is all that a narrow column holds; the day stands below.
        let since = step.since.map(|day| day.strftime("%Y-%m").to_string());
        // The one word that is wider than a column of a telephone may be broken where it is spelled so.
        let label = step.label.replace("preliminary", "prelimi\u{ad}nary");
        Drawn { label, sign: step.mark.sign(), mark, since }
    }
}

/// The page. `id` is the delivery's; `unsubscribe` is where its reader can stop it.
pub(super) fn html(notice: &Notice, id: &str, unsubscribe: Option<&str>) -> Result<String, minijinja::Error> {
    let page = Page {
        subject: subject(notice),
        language: notice.languages.first().code(),
        id,
        unsubscribe,
        blocks: notice.languages.each().iter().map(|language| block(notice, *language)).collect(),
    };
    TEMPLATES.get_template(TEMPLATE)?.render(Serde(page))
}

fn block(notice: &Notice, language: Language) -> Block {
    let outline = outline(notice);
    let with_file = !outline.leaves_the_file(notice);
    let entry = |group: &Group<'_>| Entry {
        headline: headline(group.newest(), language),
        count: count_in_words(group, language),
        asked: group.action.is_asked().then(|| group.action.label(language)),
    };
    Block {
        language: language.code(),
        opening: opening(notice, language),
        summary: (notice.changes.len() > 1).then(|| summary(notice, &outline, language)),
        contents: if outline.is_long() { outline.groups.iter().map(entry).collect() } else { Vec::new() },
        groups: outline.groups.iter().map(|group| section(notice, group, language, with_file)).collect(),
        others: outline.named.iter().map(|recorded| headline(recorded, language)).collect(),
        others_heading: heading_of_others(outline.named.len() + outline.n_counted, language),
        n_counted: outline.n_counted,
        file_heading: heading_of_file(language),
        lines_heading: heading_of_lines(language),
        for_whom: for_whom(notice, language),
        unsubscribe: stop_in_words(language),
    }
}

/// The sentence, with the address in it as a link where it may be followed.
fn told(recorded: &RecordedChange, language: Language) -> Vec<Piece> {
    pieces(&sentence(recorded, language), link_of(&recorded.evidence.url).as_deref())
}

/// Lines of a page are what they are; the last one, which counts the others, may name a command.
fn excerpt_of(recorded: &RecordedChange) -> Vec<Vec<Piece>> {
    let lines = excerpt(recorded);
    lines.iter().map(|line| if line.starts_with('…') { pieces(line, None) } else { vec![Piece::plain(line)] }).collect()
}

fn section(notice: &Notice, group: &Group<'_>, language: Language, with_file: bool) -> Section {
    let newest = group.newest();
    let frame = &notice.frame;
    let rows = |facts: Vec<Fact>| facts.into_iter().map(Row::from);
    let shown = |recorded: &&RecordedChange| Shown {
        excerpt: excerpt_of(recorded),
        proof: rows(proof(recorded, language)).collect(),
    };
    let record =
        rows(names(newest, language)).chain(rows(stages(newest, language))).chain(rows(particulars(newest, language)));
    Section {
        headline: headline(newest, language),
        title: group.title(language),
        sentences: group.changes.iter().map(|recorded| told(recorded, language)).collect(),
        action: group.action.label(language),
        action_in_words: group.action.in_words(language),
        is_asked: group.action.is_asked(),
        steps: track(newest, frame, language).into_iter().flatten().map(Drawn::from).collect(),
        position: rows(position(newest, frame, language)).chain(rows(links(newest, frame, language))).collect(),
        record: if with_file { record.collect() } else { Vec::new() },
        changes: if with_file { group.changes.iter().map(shown).collect() } else { Vec::new() },
    }
}
