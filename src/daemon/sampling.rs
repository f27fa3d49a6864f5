//! A sample alert, to see whether alerts arrive: marked as one wherever it goes, and of another type for programs, which must not act on
//! it. Sent past the outbox: what became of it is told to whoever asked.

use jiff::Timestamp;
use jiff::civil::date;

use crate::changes::alarm_words::Word;
use crate::changes::change::{Change, Difference, Evidence, Kind, Move, RecordedChange, SnapshotRef};
use crate::changes::notice::Occasion;
use crate::config::subscriber::Subscriber;
use crate::deliver::{Channel, Outcome};
use crate::masked::Recipient;
use crate::standards::language::Language;
use crate::standards::project::{PrintedStage, Project, ProjectId};
use crate::standards::stage::{Scheme, StageCode};

use super::House;
use super::composing::{deliveries_over, notice_of, word_over};
use super::dispatcher::send_now;
use super::poll::PollError;

/// What became of a sample.
#[derive(Debug)]
pub struct Tried {
    /// Over which channel.
    pub channel: Channel,
    /// To whom.
    pub recipient: Recipient,
    /// What came of it.
    pub outcome: Outcome,
}

/// Sends a sample over every channel of a subscriber; what each other side said.
pub async fn try_all(house: &House, subscriber: &Subscriber, now: Timestamp) -> Result<Vec<Tried>, PollError> {
    let mut tried = Vec::new();
    for channel in subscriber.channels() {
        let is_operator = house
            .settings
            .operator
            .as_ref()
            .is_some_and(|operator| operator.subscription.subscriber == subscriber.subscription.subscriber);
        let deliveries = if is_operator || channel == Channel::Webhook {
            word_over(house, subscriber, channel, &word(subscriber, now), now)?
        } else {
            let notice = notice_of(&subscriber.subscription, Occasion::Sample, vec![sample(now)]);
            deliveries_over(house, subscriber, channel, &notice, now)?
        };
        for delivery in deliveries {
            let outcome = send_now(house, &delivery).await;
            tried.push(Tried { channel, recipient: delivery.recipient, outcome });
        }
    }
    Ok(tried)
}

fn word(subscriber: &Subscriber, now: Timestamp) -> Word {
    let say = |language: Language| match language {
        Language::Chinese => "这是一条示例消息，仅用于检查能否送达；并无任何变动。".to_owned(),
        Language::English | Language::French | Language::Russian => {
            "This is a sample, sent to see whether messages arrive. Nothing happened.".to_owned()
        }
    };
    let languages = subscriber.subscription.languages.each();
    Word {
        kind: "delivery.sample".to_owned(),
        about: format!("subscriber:{}", subscriber.subscription.subscriber),
        what: languages.iter().map(|language| (*language, say(*language))).collect(),
        remedy: Vec::new(),
        command: None,
        since: now,
        at: now,
    }
}

/// A move that never happened, of a project that there is not.
fn sample(now: Timestamp) -> RecordedChange {
    let at_stage = |reference: &str, code: &str| {
        let mut project = Project::new(ProjectId::Iso(0), reference);
        project.titles.insert(Language::English, "Sample — a standard that does not exist".to_owned());
        project.titles.insert(Language::Chinese, "示例——并不存在的标准".to_owned());
        project.stage = Some(PrintedStage { printed: code.to_owned(), code: StageCode::parse(Scheme::Iso, code) });
        project.since = Some(date(2000, 1, 1));
        project
    };
    let difference = Difference { field: "stage".to_owned(), old: Some("40.60".into()), new: Some("50.00".into()) };
    RecordedChange {
        id: "chg_sample".to_owned(),
        change: Change {
            kind: Kind::StageMoved,
            movement: Some(Move::Advanced),
            before: Some(at_stage("ISO/IEC DIS 99999", "40.60")),
            after: at_stage("ISO/IEC FDIS 99999", "50.00"),
            differences: vec![difference],
        },
        sequence: 0,
        seen_at: now,
        announced: false,
        watches: Vec::new(),
        evidence: Evidence {
            source: "sample".to_owned(),
            url: "https://stagewatch.invalid/sample".to_owned(),
            before: None,
            after: SnapshotRef { sha256: "0".repeat(64), at: now },
            diff: String::new(),
        },
        also_seen_at: Vec::new(),
        related: Vec::new(),
        otherwise_at: Vec::new(),
    }
}
