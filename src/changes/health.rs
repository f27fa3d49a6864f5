//! How an endpoint fares: what the attempts to reach it say, and when it is not to be tried any more. One success makes everything good.
//! Not when a delivery is tried again, and not who is told.

use jiff::{SignedDuration, Timestamp};

/// Nothing but failures for so long, and an endpoint is disabled: five days, as mail servers and other senders of webhooks have it.
const PATIENCE: SignedDuration = SignedDuration::from_hours(120);

/// So many refusals in a row that name the mailbox itself, and it is not written to any more: servers err, but not three times.
const BOUNCES: u32 = 3;

/// What an attempt says of the endpoint, whatever becomes of the delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Said {
    /// It took what was sent.
    Took,
    /// It did not, and may later; or this delivery never, and another perhaps.
    NotThis,
    /// It cannot before the operator mends something: credentials, a certificate, an address that may not be reached.
    ForOperator,
    /// There is no such mailbox.
    NoSuchMailbox,
    /// It is gone, and asks to be left alone.
    Gone,
}

/// Why an endpoint is not tried any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Disabled {
    /// It said that it is gone.
    Gone,
    /// It failed for too long.
    Failing,
    /// Its mailbox does not exist.
    Bounced,
}

impl Disabled {
    /// The word of records: `gone`.
    pub fn as_str(self) -> &'static str {
        match self {
            Disabled::Gone => "gone",
            Disabled::Failing => "failing",
            Disabled::Bounced => "bounced",
        }
    }

    /// Reads what [`Disabled::as_str`] writes.
    pub fn parse(text: &str) -> Option<Disabled> {
        [Disabled::Gone, Disabled::Failing, Disabled::Bounced].into_iter().find(|why| why.as_str() == text)
    }
}

/// How an endpoint fares.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Health {
    /// Since when it fails; `None` while the last attempt worked.
    pub failing_since: Option<Timestamp>,
    /// Failures in a row.
    pub n_failures: u32,
    /// Refusals in a row that name the mailbox.
    pub n_bounces: u32,
    /// Whether the last attempt failed for a reason that only the operator can mend.
    pub for_operator: bool,
    /// When it took something last.
    pub last_success: Option<Timestamp>,
    /// Since when it is not tried, and why.
    pub disabled: Option<(Timestamp, Disabled)>,
}

impl Health {
    /// How it fares after one more attempt.
    #[must_use]
    pub fn after(self, said: Said, now: Timestamp) -> Health {
        if said == Said::Took {
            return Health { last_success: Some(now), ..Health::default() };
        }
        let failing_since = self.failing_since.unwrap_or(now).min(now);
        let n_bounces = if said == Said::NoSuchMailbox { self.n_bounces.saturating_add(1) } else { 0 };
        let why = match said {
            Said::Gone => Some(Disabled::Gone),
            Said::NoSuchMailbox if n_bounces >= BOUNCES => Some(Disabled::Bounced),
            Said::Took | Said::NotThis | Said::ForOperator | Said::NoSuchMailbox => {
                (now.duration_since(failing_since) >= PATIENCE).then_some(Disabled::Failing)
            }
        };
        Health {
            failing_since: Some(failing_since),
            n_failures: self.n_failures.saturating_add(1),
            n_bounces,
            for_operator: said == Said::ForOperator,
            last_success: self.last_success,
            disabled: self.disabled.or(why.map(|why| (now, why))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + hour * 3600).unwrap()
    }

    fn after(row: &[(i64, Said)]) -> Health {
        row.iter().fold(Health::default(), |health, (hour, said)| health.after(*said, at(*hour)))
    }

    #[test]
    fn one_success_makes_everything_good() {
        let health = after(&[(0, Said::NotThis), (1, Said::NoSuchMailbox), (200, Said::Took)]);
        assert_eq!(health, Health { last_success: Some(at(200)), ..Health::default() });
    }

    #[test]
    fn five_days_of_nothing_but_failures_disable() {
        assert_eq!(after(&[(0, Said::NotThis), (119, Said::NotThis)]).disabled, None);
        assert_eq!(after(&[(0, Said::NotThis), (120, Said::NotThis)]).disabled, Some((at(120), Disabled::Failing)));
        let between = [(0, Said::NotThis), (60, Said::Took), (120, Said::NotThis), (179, Said::NotThis)];
        assert_eq!(after(&between).disabled, None);
    }

    #[test]
    fn gone_disables_at_once_and_a_mailbox_that_is_not_there_at_the_third_time() {
        assert_eq!(after(&[(0, Said::Gone)]).disabled, Some((at(0), Disabled::Gone)));
        let bounced = [(0, Said::NoSuchMailbox), (1, Said::NoSuchMailbox), (2, Said::NoSuchMailbox)];
        assert_eq!(after(&bounced[..2]).disabled, None);
        assert_eq!(after(&bounced).disabled, Some((at(2), Disabled::Bounced)));
        let between = [bounced[0], bounced[1], (2, Said::NotThis), (3, Said::NoSuchMailbox)];
        assert_eq!(after(&between).disabled, None, "in a row");
    }

    #[test]
    fn a_clock_that_was_ahead_does_not_disable() {
        assert_eq!(after(&[(1000, Said::NotThis), (0, Said::NotThis), (1, Said::NotThis)]).disabled, None);
    }
}
