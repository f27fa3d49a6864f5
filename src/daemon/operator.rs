//! The word to the operator: what is in trouble now, held against what was told; what is new is told over the operator's channels, by
//! another one than that which fails, and logged in any case. The wording is in `changes::alarm_words`.

use jiff::Timestamp;

use crate::changes::alarm_groups::{Told, ends, gathered};
use crate::changes::alarm_words::{Word, sentence_of};
use crate::changes::alarms::{Alarm, Trouble, news_of};
use crate::changes::notice::Languages;
use crate::config::subscriber::Subscriber;
use crate::deliver::{Channel, Outcome};
use crate::store::NewDelivery;

use super::House;
use super::composing::word_over;
use super::disk;
use super::dispatcher::send_now;
use super::poll::PollError;
use super::troubles::{Signs, is_known, troubles_of};

/// Tells the operator what is new; how many deliveries that wrote.
pub fn tell_news(house: &House, signs: Signs, now: Timestamp) -> Result<usize, PollError> {
    let alarms = house.store.alarms()?;
    let troubles = troubles_of(house, &alarms, signs, now)?;
    let news = news_of(troubles, &alarms, now, |alarm| is_known(house, alarm));
    let mut noted: Vec<Alarm> = Vec::new();
    let mut deliveries: Vec<NewDelivery> = Vec::new();
    let lasting = news.lasting.into_iter().map(|(trouble, alarm)| (trouble, alarm.since));
    let troubles = news.raised.into_iter().map(|trouble| (trouble, now)).chain(lasting).collect();
    let host_of = |source: &str| host_of(house, source);
    for Told { trouble, members, since } in gathered(troubles, host_of) {
        let word = Word::of_trouble(&trouble, languages(house), since, now);
        deliveries.extend(deliveries_of_word(house, &word, trouble.channel(), now)?);
        for member in &members {
            log(member);
            let (about, kind, what) = (member.about(), member.kind().to_owned(), sentence_of(member));
            noted.push(Alarm { about, kind, what, since, told_at: now });
        }
    }
    let states = house.store.source_states()?;
    let back_since = |source: &str| states.get(source).and_then(|state| state.last_accepted);
    let mut over: Vec<String> = Vec::new();
    for group in ends(&news.over, &alarms, now, host_of, back_since) {
        let host = group[0].about.strip_prefix("source:").and_then(host_of);
        if let Some(word) = Word::of_ends(&group, host.as_deref(), languages(house), now) {
            for alarm in &group {
                tracing::info!("{}: {}", word.kind, ended(alarm));
            }
            deliveries.extend(deliveries_of_word(house, &word, None, now)?);
        }
        over.extend(group.into_iter().map(|alarm| alarm.about));
    }
    if noted.is_empty() && over.is_empty() {
        return Ok(0);
    }
    house.store.tell_operator(&noted, &over, &deliveries)?;
    house.outbox_filled.notify_one();
    Ok(deliveries.len())
}

/// Where a source is: what fails at one host fails for all of its sources.
pub(super) fn host_of(house: &House, source: &str) -> Option<String> {
    house.settings.source(source)?.urls.first()?.host_str().map(str::to_owned)
}

/// Tells that the database can be written again, to whom was told that it cannot.
pub fn tell_disk_works(house: &House, trouble: &disk::Trouble, now: Timestamp) -> Result<(), PollError> {
    if !trouble.is_told {
        return Ok(());
    }
    let told = Trouble::Disk { what: trouble.what.clone() };
    let alarm = Alarm {
        about: told.about(),
        kind: told.kind().to_owned(),
        what: sentence_of(&told),
        since: trouble.since,
        told_at: now,
    };
    let Some(word) = Word::of_end(&alarm, languages(house), now) else { return Ok(()) };
    house.store.enqueue(&deliveries_of_word(house, &word, None, now)?)?;
    house.outbox_filled.notify_one();
    Ok(())
}

/// Tells of a disk that takes no outbox: at once, past it, and as often as it takes until somebody has heard.
pub async fn shout(house: &House, trouble: &disk::Trouble, now: Timestamp) {
    let word =
        Word::of_trouble(&Trouble::Disk { what: trouble.what.clone() }, languages(house), trouble.since, trouble.since);
    let Ok(deliveries) = deliveries_of_word(house, &word, None, now) else { return };
    let mut is_heard = house.settings.operator.is_none();
    for delivery in deliveries {
        is_heard |= matches!(send_now(house, &delivery).await, Outcome::Delivered { .. });
    }
    if is_heard {
        house.disk.is_told();
    }
}

/// What carries a word over the operator's channels, but not over the one that it is about, where there is another.
fn deliveries_of_word(
    house: &House,
    word: &Word,
    failing: Option<&str>,
    now: Timestamp,
) -> Result<Vec<NewDelivery>, PollError> {
    let Some(operator) = &house.settings.operator else { return Ok(Vec::new()) };
    let mut deliveries = Vec::new();
    for channel in ways_past(operator, failing) {
        deliveries.extend(word_over(house, operator, channel, word, now)?);
    }
    Ok(deliveries)
}

fn ways_past(operator: &Subscriber, failing: Option<&str>) -> Vec<Channel> {
    let all = operator.channels();
    let others: Vec<Channel> = all.iter().copied().filter(|channel| Some(channel.as_str()) != failing).collect();
    if others.is_empty() { all } else { others }
}

fn languages(house: &House) -> Languages {
    house.settings.operator.as_ref().map_or(Languages::English, |operator| operator.subscription.languages)
}

/// What ended, said so that nobody takes it for what lasts.
fn ended(alarm: &Alarm) -> String {
    format!("it is over; what was told of `{}` since {:.0}: {}", alarm.about, alarm.since, alarm.what)
}

/// Sources and their defects are in the log already, where they are polled.
fn log(trouble: &Trouble) {
    match trouble {
        Trouble::Source { .. } | Trouble::Host { .. } | Trouble::Defect { .. } => {}
        Trouble::Stale { .. }
        | Trouble::Failing { .. }
        | Trouble::Mail { .. }
        | Trouble::Disabled { .. }
        | Trouble::Disk { .. }
        | Trouble::Space { .. }
        | Trouble::Clock { .. } => tracing::error!("{}: {}", trouble.kind(), sentence_of(trouble)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_of_an_end_does_not_read_as_the_trouble() {
        let at: Timestamp = "2026-11-26T06:00:00Z".parse().unwrap();
        let what = "The source `a` has given no good page for 3 polls in a row: blocked.".to_owned();
        let alarm =
            Alarm { about: "source:a".to_owned(), kind: "source.doubtful".to_owned(), what, since: at, told_at: at };
        assert_eq!(
            ended(&alarm),
            "it is over; what was told of `source:a` since 2026-11-26T06:00:00Z: \
             The source `a` has given no good page for 3 polls in a row: blocked."
        );
    }
}
