//! The words of the field: values that anyone who works with standards would recognise, and nothing else.
//!
//! Nothing here knows a web page, a database or a subscriber. Everything here is plain data, made by parsing what
//! bodies print and printed again for people.

/// The committees, and which is under which.
pub mod committee;
/// Windows in which something can be said: ballot, enquiry, public comment.
pub mod consultation;
/// What kind of document a project is to become.
pub mod deliverable;
/// The Chinese terms of the trade in English.
pub mod glossary;
/// The languages that titles and alerts are in.
pub mod language;
/// What one source showed at one moment.
pub mod programme;
/// One line of a work programme.
pub mod project;
/// `ISO/IEC DIS 27035-4`, `GB/T 39204—2022`, `20230259-T-469`: what a document or a project is called.
pub mod reference;
/// Where a project stands: harmonized stage codes of ISO, stages of GB/T 16733.
pub mod stage;
