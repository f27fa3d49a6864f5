//! What a body published before and what it publishes now go in; a list of changes comes out. Everything else brings the two in,
//! or carries the list away.
//!
//! The rooms, in the order in which to read them; ARCHITECTURE.md draws the house. Pure rooms have no outside; rim rooms have one
//! outside thing each and do not know one another; the wiring knows them all.

// Floor 1: the words, and rules about time.
pub mod masked;
pub mod quantities;
pub mod signed;
pub mod standards;
pub mod timing;

// Floor 2: how bodies publish, what is new, how both are written down. Pure.
pub mod changes;
pub mod formats;
pub mod records;

// Floor 3: the rim.
pub mod deliver;
pub mod fetch;
pub mod logging;
pub mod store;

// Floor 4: store → pages, files → settings.
pub mod config;
pub mod web;

// Floors 5 and 6: the wiring, a world to try it in, and the command line.
pub mod cli;
pub mod daemon;
pub mod demo;
