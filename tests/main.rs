//! The tests that need more than one room, one module a subject; unit tests stand beside what they test.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it is")]
#![expect(clippy::disallowed_methods, reason = "tests are the outside: they read files, clocks and surroundings")]

/// The rules of the house.
mod house;

/// The words against everything that was captured of the bodies.
mod standards;

