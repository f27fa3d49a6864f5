//! Values on their way into statements and out of rows.
//!
//! `$2` is a *name* to SQLite, numbered by first appearance, so binding by position would swap values silently in
//! `SET a = $2 WHERE b = $1`: values are bound by the number in the name.

use rusqlite::CachedStatement;
use rusqlite::types::ValueRef;

use super::refused;
use crate::store::engine::EngineError;
use crate::store::row::Value;

/// Gives a statement its values.
pub(super) fn bind_by_name(
    statement: &mut CachedStatement<'_>,
    sql: &str,
    values: &[Value],
) -> Result<(), EngineError> {
    let mut n_bound = 0;
    for index in 1..=statement.parameter_count() {
        let name = statement.parameter_name(index).unwrap_or_default();
        let number = name.strip_prefix('$').and_then(|digits| digits.parse::<usize>().ok());
        let Some(value) = number.and_then(|number| values.get(number.checked_sub(1)?)) else {
            return Err(refused(format!("no value for the parameter `{name}` of `{sql}`")));
        };
        match value {
            Value::Null => statement.raw_bind_parameter(index, rusqlite::types::Null)?,
            Value::Integer(number) => statement.raw_bind_parameter(index, number)?,
            Value::Text(text) => statement.raw_bind_parameter(index, text)?,
            Value::Blob(bytes) => statement.raw_bind_parameter(index, bytes)?,
        }
        n_bound += 1;
    }
    if n_bound == values.len() {
        Ok(())
    } else {
        Err(refused(format!("{} values for {n_bound} parameters of `{sql}`", values.len())))
    }
}

/// What a column holds.
pub(super) fn value_of(value: ValueRef<'_>) -> Result<Value, EngineError> {
    match value {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(Value::Integer(number)),
        ValueRef::Text(bytes) => Ok(Value::Text(match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => String::from_utf8_lossy(bytes).into_owned(),
        })),
        ValueRef::Blob(bytes) => Ok(Value::Blob(bytes.to_owned())),
        ValueRef::Real(number) => Err(refused(format!("a fraction, {number}, where none can be"))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{engine, numbers};
    use super::*;
    use crate::store::engine::Engine as _;
    use crate::store::error::Fault;

    #[test]
    fn values_go_to_the_placeholders_of_their_number_whatever_the_order_of_appearance() {
        let (_folder, mut engine) = engine();
        engine
            .execute_script("CREATE TABLE t (a INTEGER, b INTEGER) STRICT; INSERT INTO t VALUES (1, 10), (2, 20);")
            .unwrap();
        let n_rows = engine.execute("UPDATE t SET b = $2 WHERE a = $1", &[1_i64.into(), 99_i64.into()]).unwrap();
        assert_eq!((n_rows, numbers(&mut engine)), (1, vec![(1, 99), (2, 20)]));
        // One value in two places is one value.
        engine.execute("UPDATE t SET b = $1 WHERE a = $2 OR b = $1", &[7_i64.into(), 2_i64.into()]).unwrap();
        assert_eq!(numbers(&mut engine), [(1, 99), (2, 7)]);
    }

    #[test]
    fn a_statement_with_too_few_or_too_many_values_is_refused() {
        let (_folder, mut engine) = engine();
        for values in [vec![], vec![Value::Null], vec![Value::Null, Value::Null, Value::Null]] {
            let error = engine.query("SELECT $1 AS a, $2 AS b", &values).unwrap_err();
            assert_eq!(error.fault, Fault::Refused, "{values:?}");
        }
    }

    #[test]
    fn every_kind_of_value_comes_back_as_it_went() {
        let (_folder, mut engine) = engine();
        engine.execute_script("CREATE TABLE t (a INTEGER, b TEXT, c BLOB, d TEXT) STRICT").unwrap();
        let values: [Value; 4] = [i64::MIN.into(), "阶段 40.20".into(), [0_u8, 255].as_slice().into(), Value::Null];
        engine.execute("INSERT INTO t (d, c, b, a) VALUES ($4, $3, $2, $1)", &values).unwrap();
        let row = &engine.query("SELECT * FROM t", &[]).unwrap()[0];
        assert_eq!(row.number::<i64>("a").unwrap(), i64::MIN);
        assert_eq!(row.text("b").unwrap(), "阶段 40.20");
        assert_eq!(row.blob("c").unwrap(), [0, 255]);
        assert_eq!(row.optional_text("d").unwrap(), None);
    }
}
