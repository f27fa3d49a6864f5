"""A database as an earlier version left it: its own migrations up to a schema, and in it all that a present one has and that schema knows.

Usage: earlier.py MIGRATIONS SCHEMA PRESENT NEW
"""

import pathlib
import sqlite3
import sys

MARK = 0x53475754  # What the program writes into a database of its own.
WORDS = {"{ID}": "INTEGER PRIMARY KEY", "{INTEGER}": "INTEGER", "{BYTES}": "BLOB", "{STRICT}": "STRICT"}


def steps(migrations):
    """The migrations in their order, in the words of SQLite."""
    for file in sorted(pathlib.Path(migrations).glob("*.sql")):
        script = file.read_text()
        for word, meaning in WORDS.items():
            script = script.replace(word, meaning)
        yield script


def columns(connection, where, table):
    return [row[1] for row in connection.execute(f"PRAGMA {where}.table_info({table})")]


def make(migrations, schema, present, new):
    connection = sqlite3.connect(new)
    connection.execute(f"PRAGMA application_id = {MARK}")
    for script in list(steps(migrations))[:schema]:
        connection.executescript(script)
    connection.execute("CREATE TABLE schema_version (version INTEGER NOT NULL) STRICT")
    connection.execute("INSERT INTO schema_version VALUES (?)", [schema])
    connection.execute("ATTACH ? AS present", [str(present)])
    tables = "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> 'schema_version'"
    for (table,) in connection.execute(tables).fetchall():
        there = set(columns(connection, "present", table))
        both = ", ".join(column for column in columns(connection, "main", table) if column in there)
        connection.execute(f"INSERT OR REPLACE INTO main.{table} ({both}) SELECT {both} FROM present.{table}")
    connection.commit()
    connection.close()


if __name__ == "__main__":
    make(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4])
