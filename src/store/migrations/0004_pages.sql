-- What pages ask for: how often what sources show was rewritten, changes by their kind and by the watches that they concern, and how many
-- polls ended how, which outlives the polls themselves.

-- Whoever keeps a copy of all projects sees by this number whether it still is one.
CREATE TABLE revisions (
    what   TEXT NOT NULL PRIMARY KEY,
    number {INTEGER} NOT NULL
) {STRICT};
INSERT INTO revisions (what, number) VALUES ('projects', 1);

-- Empty where a change was recorded before there was this column; filled in when the database is opened.
ALTER TABLE changes ADD COLUMN kind TEXT NOT NULL DEFAULT '';
CREATE INDEX changes_by_kind ON changes (kind, seen_at, id);
CREATE INDEX changes_by_source ON changes (source, seen_at, id);

CREATE TABLE change_watches (
    watch     TEXT NOT NULL,
    seen_at   {INTEGER} NOT NULL,
    change_id TEXT NOT NULL REFERENCES changes (id),
    PRIMARY KEY (watch, seen_at, change_id)
) {STRICT};

CREATE TABLE poll_counts (
    source  TEXT NOT NULL,
    outcome TEXT NOT NULL,
    n_polls {INTEGER} NOT NULL,
    PRIMARY KEY (source, outcome)
) {STRICT};
INSERT INTO poll_counts (source, outcome, n_polls) SELECT source, outcome, count(*) FROM polls GROUP BY source, outcome;
