//! Troubles that are one: sources of one host that fail for one reason. They are told in one message, and so is their end. Not which trouble
//! is told at all, which `alarms` decides, and not the wording.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::alarms::{Alarm, Trouble};

/// How long the word that sources are back waits for the others that were told of with them.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(24);

/// What is told in one message: the trouble as it is put in words, and those that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// One of its own, or one for all of them.
    pub trouble: Trouble,
    /// Each of them.
    pub members: Vec<Trouble>,
    /// Since when.
    pub since: Timestamp,
}

/// Troubles with the moment since when each lasts → what is told. `host_of` is where a source is.
pub fn gathered(troubles: Vec<(Trouble, Timestamp)>, host_of: impl Fn(&str) -> Option<String>) -> Vec<Told> {
    let mut told: Vec<Told> = Vec::new();
    let mut places: BTreeMap<(String, String, Timestamp), usize> = BTreeMap::new();
    for (trouble, since) in troubles {
        let key = key_of(&trouble, &host_of).map(|(host, cause)| (host, cause, since));
        if let Some(place) = key.as_ref().and_then(|key| places.get(key)) {
            told[*place].members.push(trouble);
            continue;
        }
        places.extend(key.map(|key| (key, told.len())));
        told.push(Told { members: vec![trouble.clone()], trouble, since });
    }
    for one in told.iter_mut().filter(|one| one.members.len() > 1) {
        one.trouble = as_one(&one.members, &host_of).unwrap_or_else(|| one.trouble.clone());
    }
    told
}

/// Whether two troubles are of one host and for one reason.
pub fn is_same(one: &Trouble, other: &Trouble, host_of: impl Fn(&str) -> Option<String>) -> bool {
    key_of(one, &host_of).is_some_and(|key| key_of(other, &host_of) == Some(key))
}

/// Host and reason, the reason without what differs from page to page.
fn key_of(trouble: &Trouble, host_of: &impl Fn(&str) -> Option<String>) -> Option<(String, String)> {
    let Trouble::Source { source, why, .. } = trouble else { return None };
    let cause = why.chars().filter(|letter| !letter.is_ascii_digit()).collect();
    Some((host_of(source)?, cause))
}

fn as_one(members: &[Trouble], host_of: &impl Fn(&str) -> Option<String>) -> Option<Trouble> {
    let Trouble::Source { source, why, .. } = members.first()? else { return None };
    let parts = members.iter().filter_map(|member| match member {
        Trouble::Source { source, n_polls, .. } => Some((source.clone(), *n_polls)),
        _ => None,
    });
    let (sources, polls): (Vec<String>, Vec<u32>) = parts.unzip();
    let n_polls = polls.into_iter().max().unwrap_or_default();
    Some(Trouble::Host { host: host_of(source)?, sources, n_polls, why: why.clone() })
}

/// Alarms that are over → groups that are told as one: those of one host that were told together. Left out are those whose others are not
/// over yet and that have not waited for long; `back_since` is when a source gave something good again.
pub fn ends(
    over: &[Alarm],
    alarms: &[Alarm],
    now: Timestamp,
    host_of: impl Fn(&str) -> Option<String>,
    back_since: impl Fn(&str) -> Option<Timestamp>,
) -> Vec<Vec<Alarm>> {
    let place_of = |alarm: &Alarm| Some((host_of(source_of(alarm)?)?, alarm.kind.clone(), alarm.since));
    let mut groups: Vec<Vec<Alarm>> = Vec::new();
    for alarm in over {
        let place = place_of(alarm);
        let is_waited_for =
            place.is_some() && alarms.iter().any(|other| place_of(other) == place && !over.contains(other));
        let back = source_of(alarm).and_then(&back_since);
        if is_waited_for && back.is_some_and(|back| now.duration_since(back) < LONGEST_WAIT) {
            continue;
        }
        let group = groups.iter_mut().find(|group| place.is_some() && place_of(&group[0]) == place);
        match group {
            Some(group) => group.push(alarm.clone()),
            None => groups.push(vec![alarm.clone()]),
        }
    }
    groups
}

fn source_of(alarm: &Alarm) -> Option<&str> {
    alarm.about.strip_prefix("source:").filter(|_| alarm.kind == "source.doubtful")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + hour * 3600).unwrap()
    }

    /// `a1` is a source of the host `a`.
    fn host(source: &str) -> Option<String> {
        source.get(..1).map(str::to_owned)
    }

    fn trouble(source: &str, why: &str) -> (Trouble, Timestamp) {
        (Trouble::Source { source: source.into(), n_polls: 3, why: why.into() }, at(0))
    }

    fn alarm(source: &str) -> Alarm {
        let kind = "source.doubtful".into();
        Alarm { about: format!("source:{source}"), kind, what: String::new(), since: at(0), told_at: at(0) }
    }

    #[test]
    fn sources_of_one_host_that_fail_alike_are_told_as_one() {
        let troubles = vec![
            trouble("a1", "blocked: status 403"),
            trouble("b1", "blocked: status 403"),
            trouble("a2", "blocked: status 403"),
            trouble("a3", "truncated"),
            (Trouble::Space { mebibytes: 1 }, at(0)),
        ];
        let told = gathered(troubles, host);
        let sizes: Vec<usize> = told.iter().map(|one| one.members.len()).collect();
        assert_eq!(sizes, [2, 1, 1, 1]);
        let Trouble::Host { host, sources, .. } = &told[0].trouble else { panic!("{:?}", told[0]) };
        assert_eq!((host.as_str(), sources.as_slice()), ("a", ["a1".to_owned(), "a2".to_owned()].as_slice()));
        assert!(matches!(told[1].trouble, Trouble::Source { .. }));
    }

    #[test]
    fn the_end_waits_for_the_others_that_were_told_together_and_not_for_ever() {
        let alarms = [alarm("a1"), alarm("a2"), alarm("b1")];
        let sizes = |over: &[Alarm], now: i64| -> Vec<usize> {
            ends(over, &alarms, at(now), host, |_| Some(at(1))).iter().map(Vec::len).collect()
        };
        assert_eq!(sizes(&alarms[..1], 2), [0; 0], "the other one is not back yet");
        assert_eq!(sizes(&alarms[..2], 2), [2]);
        assert_eq!(sizes(&alarms[2..], 2), [1]);
        assert_eq!(sizes(&alarms[..1], 25), [1], "after a day it is told by itself");
    }
}
