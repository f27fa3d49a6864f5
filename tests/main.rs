//! The tests that need more than one room, one module a subject; unit tests stand beside what they test.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it is")]
#![expect(clippy::disallowed_methods, reason = "tests are the outside: they read files, clocks and surroundings")]

/// The rules of the house.
mod house;

/// Every captured page of China, read.
mod captures_cn;
/// Every captured page of ISO, read.
mod captures_iso;
/// Captured pages of China, damaged.
mod damaged_cn;
/// Which format fits a page.
mod fitting;
/// Every fixture of ours, read.
mod formats;
/// Good pages broken in ten thousand ways.
mod mutations;
/// Pages that are no page.
mod refusals;
/// The words against everything that was captured of the bodies.
mod standards;

/// Files → settings.
mod config;
/// What notices say, how they are packed, and what becomes of them.
mod deliver;
/// Pages over sockets.
mod fetch;
/// Servers that speak TLS as it was spoken ten years ago.
#[cfg(feature = "legacy-tls")]
mod legacy_tls;
/// The receivers of the documents, sent to.
mod receivers;
/// The published schemas, and what they are the schemas of.
mod schemas;
/// The sources and watches that are shipped.
mod shipped;
/// What is remembered.
mod store;

/// Projects that belong together, and days that come.
mod belonging;
/// The commands as users call them.
mod commands;
/// The parts of the demo.
mod demo_parts;
/// What the doctor finds.
mod doctor;
/// The database as operators keep it.
mod keeping;
/// What is written for operators, against the program.
mod operating;
/// What the operator is told.
mod operators;
/// Implementations of others, to compare with.
mod peers;
/// Killed at any moment.
mod restarts;
/// Started, asked, given another configuration, and stopped.
mod running;
/// One standard of ISO, in tables and in ISO's own data.
mod same_standard;
/// Every text of polls and deliveries, in Chinese.
mod sayings;
/// Years of real pages, taken in one after the other.
mod series;
/// One event, however it is shown.
mod sightings;
/// What scenarios need.
mod support;
/// When somebody is told, and of what.
mod telling;
/// The whole product against servers with state.
mod watch;
/// The pages over sockets.
mod web;
