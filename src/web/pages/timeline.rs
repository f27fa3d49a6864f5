//! `/timeline`: all projects of a watch over time, one line each. Stages are colours from light to dark, with their letters in them, so that
//! the picture says the same in grey.

use serde::Serialize;

use super::standards::{Choice, Wanted, stage_in_words, today, watches};
use crate::changes::stage_days::{dated, day_of};
use crate::standards::project::ProjectId;
use crate::standards::stage::Scheme;
use crate::web::answer::{Answer, Desk, Refusal, with_parameter};
use crate::web::catalogue::Entry;
use crate::web::drawing::{Segment, Tick, Window, legend};

/// Lines of a page.
const ROWS: usize = 60;

/// One project.
#[derive(Serialize)]
struct Row {
    id: String,
    reference: String,
    title: String,
    stage: String,
    segments: Vec<Segment>,
}

/// What the page shows.
#[derive(Serialize)]
struct Page {
    watches: Vec<Choice>,
    rows: Vec<Row>,
    n_found: usize,
    ticks: Vec<Tick>,
    today: String,
    legends: Vec<(&'static str, Vec<(String, &'static str)>)>,
    earlier: Option<String>,
    later: Option<String>,
}

/// The page.
pub(super) fn page(desk: &Desk<'_>) -> Result<Answer, Refusal> {
    let catalogue = desk.catalogue()?;
    let wanted = Wanted::of(desk);
    let found = wanted.found(desk, &catalogue);
    let n_pages = found.len().div_ceil(ROWS).max(1);
    let number = desk.parameter("page").map_or(Ok(1), |text| text.parse::<usize>()).map_err(|_| Refusal::Wrong)?;
    let number = number.clamp(1, n_pages);
    let shown = &found[(number - 1) * ROWS..found.len().min(number * ROWS)];
    let ids: Vec<ProjectId> = shown.iter().map(|entry| entry.id.clone()).collect();
    let mut trails = desk.store.known_stages(&ids)?;
    for entry in shown {
        let trail = trails.remove(&entry.id).unwrap_or_default();
        trails.insert(entry.id.clone(), dated(trail, entry.code, entry.since));
    }
    let (today, language) = (today(desk), desk.language());
    let trail_of = |entry: &Entry| trails.get(&entry.id).map(Vec::as_slice).unwrap_or_default();
    let days = shown.iter().flat_map(|entry| trail_of(entry).iter().map(|known| day_of(known, entry.clock()).day));
    let window = Window::over(days, today);
    let rows = shown.iter().map(|entry| Row {
        id: entry.id.to_string(),
        reference: entry.reference.clone(),
        title: entry.title(language).unwrap_or_default().to_owned(),
        stage: stage_in_words(entry.code, &entry.printed, language),
        segments: window.line(entry.clock(), trail_of(entry), today, language),
    });
    let at = |page: usize| with_parameter(&desk.ask.uri, "page", &page.to_string());
    let legends = [("ISO, IEC", Scheme::Iso), ("GB/T 16733", Scheme::Gb)];
    let is_there = |scheme: Scheme| shown.iter().any(|entry| entry.code.is_some_and(|code| code.scheme() == scheme));
    let page = Page {
        watches: watches(desk, &wanted.watch),
        rows: rows.collect(),
        n_found: found.len(),
        ticks: window.ticks(),
        today: window.today(today),
        legends: legends
            .into_iter()
            .filter(|(_, scheme)| is_there(*scheme))
            .map(|(name, scheme)| (name, legend(scheme, language)))
            .collect(),
        earlier: (number > 1).then(|| at(number - 1)),
        later: (number < n_pages).then(|| at(number + 1)),
    };
    Ok(desk.page("timeline.html", page))
}
