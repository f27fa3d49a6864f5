//! What the operator was told of and what is not over yet. Not what deserves to be told.

use super::error::{Failure, StoreError};
use super::row::{Row, Value};
use super::{NewDelivery, Store, outbox};
use crate::changes::alarms::Alarm;

impl Store {
    /// Every alarm that is not over, by what it is about.
    pub fn alarms(&self) -> Result<Vec<Alarm>, StoreError> {
        self.read("list alarms", |engine| {
            engine.query("SELECT * FROM alarms ORDER BY about", &[])?.iter().map(alarm_from).collect()
        })
    }

    /// Notes alarms that were raised or told again, forgets those that are over, and writes what tells of both, in one transaction.
    pub fn tell_operator(
        &self,
        raised: &[Alarm],
        over: &[String],
        deliveries: &[NewDelivery],
    ) -> Result<(), StoreError> {
        self.write("note what the operator is told", |engine| {
            for alarm in raised {
                let values: [Value; 5] = [
                    alarm.about.as_str().into(),
                    alarm.kind.as_str().into(),
                    alarm.what.as_str().into(),
                    alarm.since.into(),
                    alarm.told_at.into(),
                ];
                let sql = "INSERT INTO alarms (about, kind, what, since, told_at) VALUES ($1, $2, $3, $4, $5) \
                           ON CONFLICT (about) DO UPDATE SET kind = excluded.kind, what = excluded.what, told_at = excluded.told_at";
                engine.execute(sql, &values)?;
            }
            for about in over {
                engine.execute("DELETE FROM alarms WHERE about = $1", &[about.into()])?;
            }
            outbox::add(engine, deliveries)
        })
    }
}

fn alarm_from(row: &Row) -> Result<Alarm, Failure> {
    Ok(Alarm {
        about: row.text("about")?,
        kind: row.text("kind")?,
        what: row.text("what")?,
        since: row.moment("since")?,
        told_at: row.moment("told_at")?,
    })
}
