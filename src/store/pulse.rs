//! When the service was last seen alive. Not what follows from it.

use jiff::Timestamp;

use super::Store;
use super::error::StoreError;

impl Store {
    /// Notes that the service is alive, on the disk; when it was noted last.
    pub fn beat(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.write("note that the service is alive", |engine| {
            let rows = engine.query("SELECT at FROM pulse WHERE only_one = 1", &[])?;
            let last = rows.first().map(|row| row.moment("at")).transpose()?;
            let sql =
                "INSERT INTO pulse (only_one, at) VALUES (1, $1) ON CONFLICT (only_one) DO UPDATE SET at = excluded.at";
            engine.execute(sql, &[now.into()])?;
            Ok(last)
        })
    }
}
