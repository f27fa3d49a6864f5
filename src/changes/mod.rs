//! What is new, and for whom. Decisions only: values in, values out.

/// Whether a source that showed another stage agrees by now.
pub mod agreement;
/// Troubles that are told as one.
pub mod alarm_groups;
/// A word to the operator, worded.
pub mod alarm_words;
/// What the operator is told.
pub mod alarms;
/// What a subscriber wants to be told of among the changes of their watches.
pub mod appetite;
/// What the calendar will bring.
pub mod calendar;
/// What a page no longer prints is unknown, not gone.
mod carried;
/// A change of one project, and what is kept of it.
pub mod change;
/// Which day it is where a body is.
pub mod clock;
/// What closes when.
pub mod closing;
/// What we held × what a source shows → baseline, changes or doubt.
pub mod comparison;
/// The same move seen at two sources is one move.
pub mod corroboration;
/// A publication under two numbers is one.
pub mod counterpart;
/// What can be done, and by whom.
pub mod deed;
/// Which fields of a project differ, and which differences a body made.
pub mod difference;
/// Two snapshots → the lines that differ.
pub mod evidence;
/// How an endpoint fares, and when it is not tried any more.
pub mod health;
/// Closing days as entries of a calendar.
pub mod icalendar;
/// The kind under which a change is told.
mod kind;
/// How much is gone at once.
mod losses;
/// What formats say of what they read, in both languages.
mod readings;
/// Which projects belong together.
pub mod relations;
/// Reminders: consultations that are about to close.
pub mod reminders;
/// What we said of polls and deliveries, in the language of the reader.
pub mod said;
/// One project of ISO or IEC under several ids.
pub mod same_work;
/// What is said of polls and deliveries, in both languages.
mod sayings;
/// On which day a project came to a stage, and whose day that is.
pub mod stage_days;
/// Stage × stage → what kind of move.
pub mod stage_move;
/// Whether a page is an older copy of itself.
pub mod staleness;
/// What a subscriber asked for; whom a change concerns.
pub mod subscription;
/// One consultation under several ids is one consultation.
pub mod twins;
/// What a committee set out to do, measured.
pub mod work_plan;

/// The changes for one subscriber.
pub mod notice;
/// What can be done about a change, by whom, until when.
pub mod notice_action;
/// What happened, in Chinese.
mod notice_chinese;
/// What happened, in English.
mod notice_english;
/// A change as rows of label and value.
pub mod notice_facts;
/// What a notice needs beyond the changes.
pub mod notice_frame;
/// How a notice of several changes is laid out.
pub mod notice_outline;
/// Where a change has brought its project.
pub mod notice_position;
/// A change as one sentence that can be quoted.
pub mod notice_sentence;
/// A stage in words.
mod notice_stage;
/// How long a project stayed where it was.
mod notice_stay;
/// A notice as plain text.
pub mod notice_text;
/// Where a project stands on its whole way.
pub mod notice_track;
/// What a window is called.
pub mod notice_window;
/// The small words that notices are made of.
pub mod notice_words;
