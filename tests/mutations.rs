//! Good pages, our own and captured ones, broken in thousands of ways at their joints: a broken page is refused, doubted or read
//! rightly, and never announces what the body did not say. What cannot be told from a statement of the body is no mutation here, or is
//! counted apart; the places where that is decided say why ([`judge::Says`]).
//!
//! Every mutation has a number, and all that is random about it follows from that. `STAGEWATCH_MUTATION=1234` makes only that one, with what
//! was told and the broken page in a file; `STAGEWATCH_MUTATIONS=50000` makes more of them than usual, and `STAGEWATCH_MUTATION_STORIES=file`
//! writes down what became of each.

/// Broken on the way, and pages in the place of the page.
mod as_served;
/// HTML and XML at its joints.
mod at_joints;
/// The good pages.
mod cases;
/// JSON as JSON.
mod in_json;
/// What becomes of a broken page.
mod judge;
/// HTML and XML as a text with tags.
mod markup;
/// The words for stages.
mod stages;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use fastrand::Rng;
use stagewatch::formats::{Content, FORMATS};

use self::cases::Case;
use self::judge::{Broken, Says, Verdict, judged};

/// How many an ordinary run makes.
const USUALLY: usize = 10_000;

/// What became of one mutation.
struct Outcome {
    number: usize,
    format: &'static str,
    verdict: Verdict,
    /// Page, mutation, announcement.
    story: String,
}

#[test]
fn a_broken_page_never_announces() {
    let cases = cases::all();
    if let Some(number) = number_in("STAGEWATCH_MUTATION") {
        replay(&cases, number);
        return;
    }
    let n_mutations = number_in("STAGEWATCH_MUTATIONS").unwrap_or(USUALLY);
    let outcomes = side_by_side(n_mutations, |number| outcome_of(&cases, number, false));
    let table = table_of(&outcomes);
    // Written past the harness, which keeps what a passing test prints.
    std::io::stderr().write_all(table.as_bytes()).unwrap();
    write_stories(&outcomes);
    for format in FORMATS {
        assert!(
            outcomes.iter().any(|outcome| outcome.format == format.name),
            "no page of `{}` was broken",
            format.name
        );
    }
    let bad = outcomes.iter().filter(|outcome| matches!(outcome.verdict, Verdict::Wrong | Verdict::Misread));
    let stories: Vec<String> = bad
        .map(|outcome| format!("{:?} STAGEWATCH_MUTATION={}: {}", outcome.verdict, outcome.number, outcome.story))
        .collect();
    assert!(stories.is_empty(), "{} of {n_mutations} announce:\n{}", stories.len(), stories.join("\n"));
}

#[test]
fn what_a_body_says_is_told_and_would_be_wrong_of_a_broken_page() {
    let cases = cases::all();
    let case = |name: &str| cases.iter().find(|case| case.name == name).unwrap();
    let told = |name: &str, old: &str, new: &str| {
        let case = case(name);
        assert!(case.text.contains(old), "{name} does not say `{old}`");
        let bytes = case.text.replace(old, new).into_bytes();
        judged(case, &Broken { bytes, content_type: None, status: 200, what: String::new(), says: Says::Nothing })
    };
    let (verdict, what) = told("openstd-standard/in-force-with-committee.html", "现行", "废止");
    assert_eq!((verdict, &what[..19]), (Verdict::Wrong, "withdrawn/withdrawn"));
    let (verdict, what) = told("iso-open-data/one-committee.jsonl", "\"currentStage\":4020", "\"currentStage\":4060");
    assert_eq!((verdict, &what[..20]), (Verdict::Wrong, "stage-moved/advanced"));
    let row = case("iso-open-data/one-committee.jsonl").text.lines().nth(1).unwrap().to_owned() + "\n";
    let (verdict, what) = told("iso-open-data/one-committee.jsonl", &row, "");
    assert_eq!((verdict, &what[..16]), (Verdict::Wrong, "no-longer-listed"));
    let (verdict, what) = told("samr-plans/more-rows-than-this-page.json", "月面驿站", "月背驿站");
    assert_eq!((verdict, &what[..8]), (Verdict::Changed, "retitled"));
}

fn number_in(variable: &str) -> Option<usize> {
    let value = std::env::var(variable).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{variable} is no number: `{value}`")))
}

/// On every core, since each mutation stands alone.
fn side_by_side(n_mutations: usize, work: impl Fn(usize) -> Outcome + Sync) -> Vec<Outcome> {
    let next = AtomicUsize::new(0);
    let n_threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let run = || {
        let mut outcomes = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= n_mutations {
                return outcomes;
            }
            outcomes.push(work(number));
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..n_threads).map(|_| scope.spawn(run)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

/// Format after format in turn, so that one with few pages is broken as often as one with many.
fn outcome_of(cases: &[Case], number: usize, is_replay: bool) -> Outcome {
    let mut rng = Rng::with_seed(number as u64);
    let formats: Vec<&str> = FORMATS
        .iter()
        .map(|format| format.name)
        .filter(|name| cases.iter().any(|case| case.format.name == *name))
        .collect();
    let format = formats[number % formats.len()];
    let of_format: Vec<&Case> = cases.iter().filter(|case| case.format.name == format).collect();
    let (case, broken) = loop {
        let case = *rng.choice(&of_format).unwrap();
        let others: Vec<&Case> = of_format.iter().filter(|other| other.name != case.name).copied().collect();
        if let Some(broken) = broken_somehow(&mut rng, case, &others) {
            break (case, broken);
        }
    };
    if is_replay {
        let file = std::env::temp_dir().join(format!("mutation-{number}"));
        std::fs::write(&file, &broken.bytes).unwrap();
        let about = format!("{}: {}, in {}\n", case.name, broken.what, file.display());
        std::io::stderr().write_all(about.as_bytes()).unwrap();
    }
    let (verdict, told) = catch_unwind(AssertUnwindSafe(|| judged(case, &broken)))
        .unwrap_or_else(|_| (Verdict::Wrong, "a panic".to_owned()));
    let story = format!("{}, {}: {told}", case.name, broken.what);
    Outcome { number, format, verdict, story }
}

/// Breaks a page in one of the ways that its kind of text has; `None` where that way finds nothing to break.
fn broken_somehow(rng: &mut Rng, case: &Case, others: &[&Case]) -> Option<Broken> {
    let text = std::str::from_utf8(&case.bytes).ok();
    let joints: Vec<(&str, at_joints::Breaking)> = match case.format.content {
        Content::Html | Content::Xml => {
            let chrome: at_joints::Breaking = stages::in_chrome;
            at_joints::WAYS.into_iter().chain([("other stages said around the page", chrome); 2]).collect()
        }
        Content::Json | Content::JsonLines => in_json::WAYS.to_vec(),
    };
    let way = rng.usize(..joints.len() + as_served::WAYS.len());
    let broken = if let Some((name, breaking)) = joints.get(way) {
        let (text, what, says) = breaking(rng, text?)?;
        let (bytes, content_type) = (text.into_bytes(), case.content_type.clone());
        Broken { bytes, content_type, status: 200, what: format!("{name}: {what}"), says }
    } else {
        let (name, breaking) = as_served::WAYS[way - joints.len()];
        let broken = breaking(rng, case, others)?;
        Broken { what: format!("{name}: {}", broken.what), ..broken }
    };
    let is_as_before = broken.bytes == case.bytes && broken.status == 200 && broken.content_type == case.content_type;
    (!is_as_before).then_some(broken)
}

fn write_stories(outcomes: &[Outcome]) {
    let Some(file) = std::env::var_os("STAGEWATCH_MUTATION_STORIES") else { return };
    let lines: String = outcomes
        .iter()
        .map(|outcome| format!("{} {:?} {}\n", outcome.number, outcome.verdict, outcome.story.replace('\n', " ")))
        .collect::<Vec<_>>()
        .concat();
    std::fs::write(file, lines).unwrap();
}

fn table_of(outcomes: &[Outcome]) -> String {
    let mut counts: BTreeMap<(&str, Verdict), usize> = BTreeMap::new();
    for outcome in outcomes {
        *counts.entry((outcome.format, outcome.verdict)).or_default() += 1;
    }
    let mut table = format!("{:<22}", format!("{} broken pages", outcomes.len()));
    for verdict in Verdict::ALL {
        write!(table, "{:>9}", format!("{verdict:?}").to_lowercase()).unwrap();
    }
    for format in FORMATS {
        write!(table, "\n{:<22}", format.name).unwrap();
        for verdict in Verdict::ALL {
            write!(table, "{:>9}", counts.get(&(format.name, verdict)).copied().unwrap_or_default()).unwrap();
        }
    }
    table + "\n"
}

/// One mutation once more, aloud.
fn replay(cases: &[Case], number: usize) {
    let outcome = outcome_of(cases, number, true);
    let story = format!("{:?}: {}\n", outcome.verdict, outcome.story);
    std::io::stderr().write_all(story.as_bytes()).unwrap();
    assert!(!matches!(outcome.verdict, Verdict::Wrong | Verdict::Misread));
}
