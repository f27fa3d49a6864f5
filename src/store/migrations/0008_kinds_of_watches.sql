-- What pages ask for where two filters meet: the rare kinds of a watch, or of a source. The kind is empty where a change was recorded before
-- there was a column for it; it is filled in when the database is opened.
ALTER TABLE change_watches ADD COLUMN kind TEXT NOT NULL DEFAULT '';
UPDATE change_watches SET kind = (SELECT changes.kind FROM changes WHERE changes.id = change_watches.change_id);
CREATE INDEX change_watches_by_kind ON change_watches (watch, kind, seen_at, change_id);
CREATE INDEX changes_by_source_and_kind ON changes (source, kind, seen_at, id);

-- How long polls took, counted by the longest that each bucket takes, which outlives the polls themselves. The bounds are those of
-- `store/poll_times`; the last bucket takes everything.
CREATE TABLE poll_times (
    source  TEXT NOT NULL,
    up_to   {INTEGER} NOT NULL,         -- microseconds
    n_polls {INTEGER} NOT NULL,
    took    {INTEGER} NOT NULL,         -- microseconds, all of them together
    PRIMARY KEY (source, up_to)
) {STRICT};
INSERT INTO poll_times (source, up_to, n_polls, took)
SELECT source, up_to, count(*), sum(took) FROM (
    SELECT source, duration AS took, CASE
        WHEN duration <= 500000 THEN 500000
        WHEN duration <= 1000000 THEN 1000000
        WHEN duration <= 2500000 THEN 2500000
        WHEN duration <= 5000000 THEN 5000000
        WHEN duration <= 10000000 THEN 10000000
        WHEN duration <= 30000000 THEN 30000000
        WHEN duration <= 60000000 THEN 60000000
        WHEN duration <= 300000000 THEN 300000000
        WHEN duration <= 1800000000 THEN 1800000000
        ELSE 9223372036854775807
    END AS up_to
    FROM polls
) AS in_buckets
GROUP BY source, up_to;
