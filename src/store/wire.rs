//! What the store keeps of polls and deliveries, as the records that go over the wire. Not the statements that read it.

use super::deliveries::{Attempt, AttemptOutcome};
use super::{Delivery, DeliveryState, Poll};
use crate::records::delivery::{AttemptRecord, DeliveryRecord, PollRecord};

impl From<&Poll> for PollRecord {
    fn from(poll: &Poll) -> PollRecord {
        PollRecord {
            at: poll.at.to_string(),
            outcome: poll.outcome.as_str().to_owned(),
            why: poll.why.clone(),
            status: poll.status,
            size_bytes: poll.size_bytes,
            projects: poll.n_projects,
            defects: poll.n_defects,
            changes: poll.n_changes,
        }
    }
}

impl From<&Delivery> for DeliveryRecord {
    fn from(delivery: &Delivery) -> DeliveryRecord {
        let is_open = matches!(delivery.state, DeliveryState::Waiting | DeliveryState::UnderWay);
        let written = &delivery.delivery;
        DeliveryRecord {
            id: written.id.clone(),
            subscriber: written.subscriber.clone(),
            channel: written.channel.clone(),
            recipient: written.recipient.to_string(),
            subject: written.subject.clone(),
            changes: written.changes.clone(),
            state: delivery.state.as_str().to_owned(),
            attempts: delivery.n_attempts,
            created_at: written.created_at.to_string(),
            next_attempt_at: is_open.then(|| delivery.next_attempt_at.to_string()),
            settled_at: delivery.settled_at.map(|at| at.to_string()),
            answer: delivery.last_answer.clone(),
        }
    }
}

impl From<&Attempt> for AttemptRecord {
    fn from(attempt: &Attempt) -> AttemptRecord {
        AttemptRecord {
            attempt: attempt.number,
            begun_at: attempt.begun_at.to_string(),
            ended_at: attempt.ended_at.map(|at| at.to_string()),
            outcome: attempt.outcome.map(AttemptOutcome::as_str).map(str::to_owned),
            answer: attempt.answer.clone(),
        }
    }
}
