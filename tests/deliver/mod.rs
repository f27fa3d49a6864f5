//! Carrying notices away: what they say, how they are packed, and what becomes of them with servers on loopback that answer by a script.

#![expect(clippy::unwrap_used, reason = "a test whose stage cannot be set has failed")]

mod chats;
mod closing_days;
mod gallery;
mod mailing;
mod messages;
mod misbehaving;
mod notices;
mod posting;
pub(crate) mod samples;
pub(crate) mod services;
mod signing;
mod smtp;
mod standing;
mod templates;
