//! A world on loopback: a body that publishes, a mail server that takes what is sent, and a webhook receiver that checks what it gets.
//!
//! `stagewatch demo` plays with it in front of a person, and the tests play with it behind the daemon's back: they are the same
//! servers, with real sockets and state of their own. Nothing here knows how stagewatch reads pages or signs webhooks: a mistake
//! made twice would be no check.

/// What came in, in order, and waiting for more.
pub mod arrivals;
/// The body: an HTTP server whose pages are set step by step.
pub mod body;
/// The receiver of webhooks.
pub mod hook;
/// The mail server.
pub mod inbox;
/// Pages in the markup of the bodies, made from plain data.
pub mod pages;
/// The spring of 2023, as data.
pub mod script;

/// Bytes as lower-case hex.
fn hex_of(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes whatever is written to it");
        hex
    })
}
/// The script, played in front of a person.
pub mod play;
