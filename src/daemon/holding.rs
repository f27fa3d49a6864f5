//! Now, later, or never: what becomes of news for one channel of a subscriber at this moment. Not what the news is, and not when later is.

use jiff::Timestamp;

use crate::config::manner::{Paused, When};
use crate::config::subscriber::Subscriber;
use crate::deliver::Channel;
use crate::store::held::HeldWhy;

/// Why news for this channel is not told at this moment; `None` where it is.
pub fn reason_to_hold(subscriber: &Subscriber, channel: Channel, now: Timestamp) -> Option<HeldWhy> {
    let manner = &subscriber.manner;
    match (manner.paused, manner.when(channel)) {
        (Some(Paused::Drop), _) => Some(HeldWhy::Dropped),
        (Some(Paused::Hold), _) => Some(HeldWhy::Paused),
        (None, When::Digest(_)) => Some(HeldWhy::Digest),
        (None, When::Immediately) => is_quiet(subscriber, channel, now).then_some(HeldWhy::Quiet),
    }
}

/// Whether nothing at all goes out over this channel now, not even what was written before.
pub fn is_silent(subscriber: &Subscriber, channel: Channel, now: Timestamp) -> bool {
    subscriber.manner.paused.is_some() || is_quiet(subscriber, channel, now)
}

fn is_quiet(subscriber: &Subscriber, channel: Channel, now: Timestamp) -> bool {
    subscriber.manner.quiet(channel).is_some_and(|quiet| quiet.is_at(now))
}
