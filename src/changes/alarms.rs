//! What the operator is told: the troubles there are × what was told and is not over → what is told now. Each trouble once, again while it
//! lasts, and when it is over. Not the wording, and not the ways out.

use jiff::{SignedDuration, Timestamp};

/// How often a trouble that lasts is told again: not so often that nobody reads it.
const REMINDED_AFTER: SignedDuration = SignedDuration::from_hours(3 * 24);

/// A trouble as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// A source gives nothing good.
    Source {
        /// The source.
        source: String,
        /// How many polls in a row.
        n_polls: u32,
        /// Why the last one was not accepted.
        why: String,
    },
    /// Several sources of one host give nothing good, for one reason.
    Host {
        /// The host.
        host: String,
        /// The sources.
        sources: Vec<String>,
        /// How many polls in a row, of the one that has failed longest.
        n_polls: u32,
        /// Why.
        why: String,
    },
    /// A source was not read for much longer than its schedule says.
    Stale {
        /// The source.
        source: String,
        /// When it was read last.
        last: Timestamp,
    },
    /// A text that no vocabulary has.
    Defect {
        /// The source.
        source: String,
        /// What is wrong with it.
        what: String,
        /// The text.
        text: String,
    },
    /// Mail fails: one server takes all of it, so it is one trouble for however many mailboxes.
    Mail {
        /// How many mailboxes.
        n_mailboxes: usize,
        /// What the server said last of one of them.
        answer: String,
    },
    /// Deliveries to an endpoint fail.
    Failing {
        /// Whose.
        subscriber: String,
        /// By which channel.
        channel: String,
        /// Where, as it may be shown.
        recipient: String,
        /// What the other side said last.
        answer: String,
    },
    /// An endpoint is not tried any more.
    Disabled {
        /// Whose.
        subscriber: String,
        /// By which channel.
        channel: String,
        /// Where, as it may be shown.
        recipient: String,
        /// Why.
        why: super::health::Disabled,
        /// What the other side said last.
        answer: String,
    },
    /// The database cannot be written.
    Disk {
        /// What the store says.
        what: String,
    },
    /// Little space is left beside the database.
    Space {
        /// How much.
        mebibytes: u64,
    },
    /// The clock jumped.
    Clock {
        /// How.
        jump: Jump,
    },
}

/// How a clock jumped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jump {
    /// It shows an earlier time than it has shown already.
    Back(SignedDuration),
    /// It is ahead by more than has passed.
    Ahead(SignedDuration),
}

/// What the operator was told of and what is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// What it is about: `source:iso-open-data`, `disk`.
    pub about: String,
    /// The type of what was told: `source.doubtful`.
    pub kind: String,
    /// What was told, in one line.
    pub what: String,
    /// Since when it lasts.
    pub since: Timestamp,
    /// When it was told last.
    pub told_at: Timestamp,
}

/// What is told now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct News {
    /// Troubles that are new, or worse than before.
    pub raised: Vec<Trouble>,
    /// Troubles that last, each with the alarm that told of it.
    pub lasting: Vec<(Trouble, Alarm)>,
    /// What is over.
    pub over: Vec<Alarm>,
}

impl Trouble {
    /// What tells it from every other trouble: `source:iso-open-data`.
    pub fn about(&self) -> String {
        match self {
            Trouble::Source { source, .. } | Trouble::Stale { source, .. } => format!("source:{source}"),
            Trouble::Host { host, .. } => format!("host:{host}"),
            Trouble::Defect { source, what, text } => format!("defect:{source}:{what}:{text}"),
            Trouble::Failing { subscriber, channel, recipient, .. }
            | Trouble::Disabled { subscriber, channel, recipient, .. } => {
                format!("delivery:{subscriber}:{channel}:{recipient}")
            }
            Trouble::Mail { .. } => "delivery:mail".to_owned(),
            Trouble::Disk { .. } => "disk".to_owned(),
            Trouble::Space { .. } => "space".to_owned(),
            Trouble::Clock { .. } => "clock".to_owned(),
        }
    }

    /// The type of the word that tells of it: `source.doubtful`.
    pub fn kind(&self) -> &'static str {
        match self {
            Trouble::Source { .. } | Trouble::Host { .. } => "source.doubtful",
            Trouble::Stale { .. } => "source.stale",
            Trouble::Defect { .. } => "source.defect",
            Trouble::Failing { .. } | Trouble::Mail { .. } => "delivery.failing",
            Trouble::Disabled { .. } => "delivery.disabled",
            Trouble::Disk { .. } => "disk.trouble",
            Trouble::Space { .. } => "disk.low",
            Trouble::Clock { .. } => "clock.trouble",
        }
    }

    /// The channel that it is a trouble of, and that should not carry the word of it.
    pub fn channel(&self) -> Option<&str> {
        match self {
            Trouble::Failing { channel, .. } | Trouble::Disabled { channel, .. } => Some(channel),
            Trouble::Mail { .. } => Some("email"),
            Trouble::Source { .. }
            | Trouble::Host { .. }
            | Trouble::Stale { .. }
            | Trouble::Defect { .. }
            | Trouble::Disk { .. }
            | Trouble::Space { .. }
            | Trouble::Clock { .. } => None,
        }
    }
}

impl Alarm {
    /// The type of the word that tells that it is over; `None` where nobody need be told.
    pub fn recovered_kind(&self) -> Option<&'static str> {
        match self.kind.as_str() {
            "source.doubtful" | "source.stale" => Some("source.recovered"),
            "delivery.failing" | "delivery.disabled" => Some("delivery.recovered"),
            "disk.trouble" | "disk.low" => Some("disk.recovered"),
            "clock.trouble" => Some("clock.recovered"),
            _ => None,
        }
    }
}

/// What is told now. `is_known` says whether what an alarm is about was looked at: what was not is not over.
pub fn news_of(troubles: Vec<Trouble>, alarms: &[Alarm], now: Timestamp, is_known: impl Fn(&Alarm) -> bool) -> News {
    let mut news = News::default();
    let is_there = |alarm: &&Alarm| troubles.iter().any(|trouble| trouble.about() == alarm.about);
    news.over = alarms.iter().filter(|alarm| !is_there(alarm) && is_known(alarm)).cloned().collect();
    for trouble in troubles {
        match alarms.iter().find(|alarm| alarm.about == trouble.about()) {
            Some(alarm) if alarm.kind == trouble.kind() => {
                // A defect stays until somebody extends a vocabulary: once is enough.
                let is_long = now.duration_since(alarm.told_at) >= REMINDED_AFTER;
                if is_long && alarm.recovered_kind().is_some() {
                    news.lasting.push((trouble, alarm.clone()));
                }
            }
            Some(_) | None => news.raised.push(trouble),
        }
    }
    news
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::changes::health::Disabled;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + hour * 3600).unwrap()
    }

    fn source(n_polls: u32) -> Trouble {
        Trouble::Source { source: "a".into(), n_polls, why: "blocked".into() }
    }

    fn hook(disabled: bool) -> Trouble {
        let (subscriber, channel, recipient) = ("plm".into(), "webhook".into(), "https://plm/…".into());
        if disabled {
            let why = Disabled::Failing;
            return Trouble::Disabled { subscriber, channel, recipient, why, answer: String::new() };
        }
        Trouble::Failing { subscriber, channel, recipient, answer: String::new() }
    }

    /// Looks once an hour; what is said at each look.
    fn told(looks: &[&[Trouble]]) -> Vec<String> {
        let mut alarms: Vec<Alarm> = Vec::new();
        let mut lines = Vec::new();
        for (hour, troubles) in (0..).zip(looks) {
            let news = news_of(troubles.to_vec(), &alarms, at(hour), |_| true);
            lines.extend(news.raised.iter().map(|trouble| format!("{hour} {}", trouble.kind())));
            lines.extend(news.lasting.iter().map(|(trouble, _)| format!("{hour} still {}", trouble.kind())));
            lines.extend(news.over.iter().map(|alarm| format!("{hour} over {}", alarm.kind)));
            alarms.retain(|alarm| !news.over.contains(alarm));
            for trouble in news.raised.iter().chain(news.lasting.iter().map(|(trouble, _)| trouble)) {
                alarms.retain(|alarm| alarm.about != trouble.about());
                let (about, kind) = (trouble.about(), trouble.kind().to_owned());
                alarms.push(Alarm { about, kind, what: String::new(), since: at(hour), told_at: at(hour) });
            }
        }
        lines
    }

    #[test]
    fn a_trouble_is_told_once_and_its_end_once() {
        let looks: [&[Trouble]; 6] = [&[], &[source(3)], &[source(4), hook(false)], &[source(5)], &[], &[source(3)]];
        let expected = [
            "1 source.doubtful",
            "2 delivery.failing",
            "3 over delivery.failing",
            "4 over source.doubtful",
            "5 source.doubtful",
        ];
        assert_eq!(told(&looks), expected);
    }

    #[test]
    fn one_that_grows_worse_is_told_again_and_one_that_lasts_after_three_days() {
        assert_eq!(
            told(&[&[hook(false)], &[hook(true)], &[hook(true)]]),
            ["0 delivery.failing", "1 delivery.disabled"]
        );
        let lasting = [source(3)];
        let looks = vec![lasting.as_slice(); 150];
        assert_eq!(told(&looks), ["0 source.doubtful", "72 still source.doubtful", "144 still source.doubtful"]);
    }

    #[test]
    fn a_defect_is_told_once_however_long_it_stays_and_what_was_not_looked_at_is_not_over() {
        let defect = Trouble::Defect { source: "a".into(), what: "unknown stage text".into(), text: "复议".into() };
        assert_eq!(told(&vec![std::slice::from_ref(&defect); 100]), ["0 source.defect"]);
        let alarm = Alarm {
            about: defect.about(),
            kind: defect.kind().into(),
            what: String::new(),
            since: at(0),
            told_at: at(0),
        };
        assert_eq!(news_of(Vec::new(), std::slice::from_ref(&alarm), at(1), |_| false), News::default());
        assert_eq!(news_of(Vec::new(), std::slice::from_ref(&alarm), at(1), |_| true).over, [alarm]);
    }
}
