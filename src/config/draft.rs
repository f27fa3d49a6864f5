//! A configuration while its files are being read: what each said, and what can only be checked when all have been. Not the reading of
//! a section.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::changes::subscription::Watch;
use crate::changes::work_plan::WorkPlan;
use crate::deliver::guard::Guard;
use crate::masked::Recipient;
use crate::{deliver, store};

use super::calendar;
use super::doubt::{self, Doubt};
use super::environment::Environment;
use super::ids::Ids;
use super::keep::{self, Keep};
use super::keys::{self, Keys};
use super::problem::{Place, Report};
use super::settings::Settings;
use super::source::{self, Source};
use super::subscriber::{self, Subscriber, Target};
use super::suggestion::instead_of;
use super::table::Table;
use super::value::Value;
use super::web;
use super::work_plan;
use super::{fetch, files, mail, operator, state, watch, webhook};
use crate::changes::calendar::Ahead;

/// What the files have said so far.
#[derive(Debug, Default)]
pub(super) struct Draft {
    ids: Ids,
    sections: BTreeMap<&'static str, Place>,
    sources_named: bool,
    has_open_folder: bool,
    state: Option<store::Settings>,
    fetch: Option<crate::fetch::settings::Settings>,
    web: Option<crate::web::settings::Settings>,
    mail: Option<deliver::email::Settings>,
    posting: Option<deliver::posting::Settings>,
    doubt: Option<Doubt>,
    ahead: Option<Ahead>,
    keep: Option<Keep>,
    sources: Vec<Source>,
    watches: Vec<Watch>,
    subscribers: Vec<Subscriber>,
    operator: Option<Subscriber>,
    work_plans: Vec<WorkPlan>,
    wanted_watches: Vec<Wanted>,
    mail_users: Vec<Place>,
    posted_to: Vec<Target>,
}

/// A watch that a subscriber named.
#[derive(Debug)]
struct Wanted {
    id: String,
    place: Place,
}

impl Draft {
    /// Adds what one file says.
    pub(super) fn read(&mut self, top: &Table<'_>) {
        self.read_state(top);
        if let Some(table) = self.section(top, "fetch", &keys::FETCH) {
            self.fetch = Some(fetch::read(&table));
        }
        if let Some(table) = self.section(top, "web", &keys::WEB) {
            self.web = Some(web::read(&table));
        }
        if let Some(table) = self.section(top, "mail", &keys::MAIL) {
            self.mail = mail::read(&table);
        }
        if let Some(table) = self.section(top, "webhook", &keys::POSTING) {
            self.posting = Some(webhook::read(&table));
        }
        if let Some(table) = self.section(top, "calendar", &keys::CALENDAR) {
            self.ahead = Some(calendar::read(&table));
        }
        if let Some(table) = self.section(top, "keep", &keys::KEEP) {
            self.keep = Some(keep::read(&table));
        }
        if let Some(table) = self.section(top, "doubt", &keys::DOUBT) {
            self.doubt = Some(doubt::read(&table));
        }
        self.has_open_folder |= files::includes_a_folder(top);
        self.sources_named |= top.value("source").is_some_and(|value| !value.is_empty_list());
        for table in top.tables("source", &keys::SOURCE) {
            self.sources.extend(source::read(&table, &mut self.ids));
        }
        for table in top.tables("watch", &keys::WATCH) {
            self.watches.extend(watch::read(&table, &mut self.ids));
        }
        for table in top.tables("subscriber", &keys::SUBSCRIBER) {
            self.subscriber(&table);
        }
        if let Some(table) = self.section(top, "operator", &keys::OPERATOR) {
            self.mail_users.extend(table.value("email").map(|value| value.place()));
            self.operator = Some(operator::read(&table, &mut self.posted_to));
        }
        for table in top.tables("work-plan", &keys::WORK_PLAN) {
            self.work_plans.extend(work_plan::read(&table, &mut self.ids));
        }
    }

    /// Adds what one file says of the database, and nothing else.
    pub(super) fn read_state(&mut self, top: &Table<'_>) {
        if let Some(table) = self.section(top, "state", &keys::STATE) {
            self.state = state::read(&table);
        }
    }

    /// The database; that of a configuration without `[state]` only where no file was lost that may have one.
    pub(super) fn database(self, environment: &Environment, complete: bool) -> Option<PathBuf> {
        let said = self.sections.contains_key("state");
        let state = self.state.or_else(|| state::default(environment).filter(|_| complete && !said))?;
        Some(state.database)
    }

    /// Checks what only all files together can show.
    pub(super) fn check(&self, first: &Place, environment: &Environment, report: &Report) {
        if !self.sections.contains_key("state") && state::default(environment).is_none() {
            let what = "missing, and none of $STATE_DIRECTORY, $XDG_STATE_HOME and $HOME says where state goes; \
                        write \"sqlite:/PATH/stagewatch.db\"";
            report.problem(first.clone(), "state.database", what);
        }
        if !self.sources_named && self.has_open_folder {
            let what = "there is none: nothing is watched yet; put or link a file with a [[source]] into a folder of `include`";
            report.warning(first.clone(), "source", what);
        } else if !self.sources_named {
            report.problem(first.clone(), "source", "there is none: nothing would be watched; write a [[source]]");
        }
        if !self.sections.contains_key("mail") {
            for place in &self.mail_users {
                report.problem(place.clone(), "subscriber.email", "there is no [mail] to send it with; write one");
            }
        }
        self.check_targets(report);
        for wanted in self.wanted_watches.iter().filter(|wanted| !self.ids.taken("watch.id").any(|id| id == wanted.id))
        {
            let remedy = match self.ids.taken("watch.id").next() {
                Some(_) => instead_of(&wanted.id, self.ids.taken("watch.id")),
                None => String::from("write a [[watch]] with that id"),
            };
            let what = format_args!("found {:?}: no such watch; {remedy}", wanted.id);
            report.problem(wanted.place.clone(), "subscriber.watches", what);
        }
        if self.fetch.as_ref().is_none_or(|fetch| fetch.contact.is_none()) {
            let place = self.sections.get("fetch").unwrap_or(first);
            report.warning(
                place.clone(),
                "fetch.contact",
                "missing; the sites you watch cannot reach you if something is wrong",
            );
        }
    }

    /// Checks that what is posted to may be reached, as far as an address tells.
    fn check_targets(&self, report: &Report) {
        let allowed = self.posting.iter().flat_map(|posting| posting.allowed.iter().copied());
        let guard = Guard::allowing(allowed);
        for target in &self.posted_to {
            if let Err(forbidden) = guard.check_url(&target.url) {
                let what = format_args!("found \"{}\": {forbidden}", Recipient::new(target.url.as_str()));
                report.problem(target.place.clone(), target.key.clone(), what);
            }
        }
    }

    /// The settings; `None` when something that is needed was noted as a problem.
    pub(super) fn settings(self, environment: &Environment) -> Option<Settings> {
        Some(Settings {
            state: self.state.or_else(|| state::default(environment))?,
            fetch: self.fetch.unwrap_or_else(fetch::default),
            web: self.web.unwrap_or_default(),
            mail: self.mail,
            posting: self.posting.unwrap_or_default(),
            doubt: self.doubt.unwrap_or_default(),
            keep: self.keep.unwrap_or_default(),
            ahead: self.ahead.unwrap_or_else(calendar::default),
            sources: self.sources,
            watches: self.watches,
            subscribers: self.subscribers,
            operator: self.operator,
            work_plans: self.work_plans,
        })
    }

    /// A table that may stand in one file only.
    fn section<'d>(&mut self, top: &Table<'d>, key: &'static str, keys: &'static Keys) -> Option<Table<'d>> {
        let value = top.value(key)?;
        let table = top.table(key, keys);
        if let Some(first) = self.sections.get(key) {
            value.problem(format_args!("{} is at {first} already; write it once", keys.heading));
            return None;
        }
        self.sections.insert(key, value.place());
        table
    }

    fn subscriber(&mut self, table: &Table<'_>) {
        self.mail_users.extend(table.value("email").map(|value| value.place()));
        let named = table.value("watches").map(|value| value.elements()).unwrap_or_default();
        let wanted =
            |value: Value<'_>| Some(Wanted { id: value.found().as_str()?.trim().to_owned(), place: value.place() });
        self.wanted_watches.extend(named.into_iter().filter_map(wanted).filter(|wanted| wanted.id != "*"));
        self.subscribers.extend(subscriber::read(table, &mut self.ids, &mut self.posted_to));
    }
}
