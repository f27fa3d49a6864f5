//! Values on their way into statements, and rows by column on their way out. Not tied to an engine.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::error::Failure;

/// One value of a statement or of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// Nothing.
    Null,
    /// A whole number; moments and durations are microseconds.
    Integer(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

/// One row of an answer, its values by the name of their column.
#[derive(Debug, Clone)]
pub(super) struct Row {
    columns: Arc<[String]>,
    values: Vec<Value>,
}

impl Row {
    /// A row of these values under these names.
    pub(super) fn new(columns: Arc<[String]>, values: Vec<Value>) -> Row {
        Row { columns, values }
    }

    /// A text.
    pub(super) fn text(&self, column: &str) -> Result<String, Failure> {
        self.words(column).map(str::to_owned)
    }

    /// A text, where it stands.
    pub(super) fn words(&self, column: &str) -> Result<&str, Failure> {
        match self.value(column) {
            Some(Value::Text(text)) => Ok(text),
            Some(Value::Null | Value::Integer(_) | Value::Blob(_)) | None => Err(self.unreadable(column)),
        }
    }

    /// A text or nothing.
    pub(super) fn optional_text(&self, column: &str) -> Result<Option<String>, Failure> {
        match self.value(column) {
            Some(Value::Text(text)) => Ok(Some(text.clone())),
            Some(Value::Null) => Ok(None),
            Some(Value::Integer(_) | Value::Blob(_)) | None => Err(self.unreadable(column)),
        }
    }

    /// Bytes.
    pub(super) fn blob(&self, column: &str) -> Result<Vec<u8>, Failure> {
        match self.value(column) {
            Some(Value::Blob(bytes)) => Ok(bytes.clone()),
            Some(Value::Null | Value::Integer(_) | Value::Text(_)) | None => Err(self.unreadable(column)),
        }
    }

    /// A whole number, of whatever size is wanted.
    pub(super) fn number<N: TryFrom<i64>>(&self, column: &str) -> Result<N, Failure> {
        self.optional_number(column)?.ok_or_else(|| self.unreadable(column))
    }

    /// A whole number or nothing.
    pub(super) fn optional_number<N: TryFrom<i64>>(&self, column: &str) -> Result<Option<N>, Failure> {
        match self.value(column) {
            Some(Value::Integer(number)) => N::try_from(*number).map(Some).map_err(|_| self.unreadable(column)),
            Some(Value::Null) => Ok(None),
            Some(Value::Text(_) | Value::Blob(_)) | None => Err(self.unreadable(column)),
        }
    }

    /// A moment.
    pub(super) fn moment(&self, column: &str) -> Result<Timestamp, Failure> {
        self.optional_moment(column)?.ok_or_else(|| self.unreadable(column))
    }

    /// A moment or nothing.
    pub(super) fn optional_moment(&self, column: &str) -> Result<Option<Timestamp>, Failure> {
        let Some(micros) = self.optional_number::<i64>(column)? else { return Ok(None) };
        Timestamp::from_microsecond(micros).map(Some).map_err(|_| self.unreadable(column))
    }

    /// A length of time.
    pub(super) fn duration(&self, column: &str) -> Result<Duration, Failure> {
        self.number::<u64>(column).map(Duration::from_micros)
    }

    /// What to say when a column does not hold what we wrote there.
    pub(super) fn unreadable(&self, column: &str) -> Failure {
        let shown = match self.value(column) {
            Some(Value::Null) => "nothing".to_owned(),
            Some(Value::Integer(number)) => format!("`{number}`"),
            Some(Value::Text(text)) => format!("`{}`", text.chars().take(60).collect::<String>()),
            Some(Value::Blob(bytes)) => format!("{} bytes", bytes.len()),
            None => return Failure::Unreadable(format!("there is no column `{column}`")),
        };
        Failure::Unreadable(format!("a row has {shown} in its column `{column}`"))
    }

    fn value(&self, column: &str) -> Option<&Value> {
        let position = self.columns.iter().position(|name| name == column)?;
        self.values.get(position)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Value {
        Value::Text(text.clone())
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Value {
        Value::Blob(bytes.to_owned())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Integer(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Value {
        Value::Integer(i64::from(number))
    }
}

impl From<u16> for Value {
    fn from(number: u16) -> Value {
        Value::Integer(i64::from(number))
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Value {
        Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Value {
        Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<Timestamp> for Value {
    fn from(moment: Timestamp) -> Value {
        Value::Integer(moment.as_microsecond())
    }
}

impl From<Duration> for Value {
    fn from(duration: Duration) -> Value {
        Value::Integer(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(column: &str, value: impl Into<Value>) -> Row {
        Row::new(Arc::from([column.to_owned()]), vec![value.into()])
    }

    #[test]
    fn a_moment_comes_back_to_the_microsecond() {
        let moment: Timestamp = "2026-03-29T01:30:00.123456Z".parse().unwrap();
        assert_eq!(row("at", moment).moment("at").unwrap(), moment);
        assert_eq!(row("at", None::<Timestamp>).optional_moment("at").unwrap(), None);
        let long = Duration::from_micros(61_000_001);
        assert_eq!(row("duration", long).duration("duration").unwrap(), long);
    }

    #[test]
    fn a_column_of_another_kind_is_named_in_the_error_and_never_guessed() {
        let told = |failure: Failure| match failure {
            Failure::Unreadable(what) => what,
            other => panic!("{other:?}"),
        };
        assert_eq!(told(row("at", "soon").moment("at").unwrap_err()), "a row has `soon` in its column `at`");
        assert_eq!(
            told(row("status", 70_000_i64).number::<u16>("status").unwrap_err()),
            "a row has `70000` in its column `status`"
        );
        assert_eq!(told(row("why", None::<&str>).text("why").unwrap_err()), "a row has nothing in its column `why`");
        assert_eq!(told(row("why", "x").blob("body").unwrap_err()), "there is no column `body`");
    }
}
