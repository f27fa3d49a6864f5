-- What is held back, who is not written to, how those fare who are, what the operator was told of, keys, and a number for each change of
-- a project.

-- Changes that somebody is to be told of later: with the next digest, when quiet hours or a pause are over. One that was dropped stays,
-- so that it can be seen that nobody was told, and why.
CREATE TABLE held (
    subscriber TEXT NOT NULL,
    channel    TEXT NOT NULL,
    change_id  TEXT NOT NULL REFERENCES changes (id),
    why        TEXT NOT NULL,
    at         {INTEGER} NOT NULL,
    PRIMARY KEY (subscriber, channel, change_id)
) {STRICT};

-- When the last digest of a subscriber went out over a channel; the first row is written when the digest was first seen to be wanted.
CREATE TABLE digests (
    subscriber TEXT NOT NULL,
    channel    TEXT NOT NULL,
    at         {INTEGER} NOT NULL,
    PRIMARY KEY (subscriber, channel)
) {STRICT};

-- Mailboxes that are not written to any more.
CREATE TABLE stops (
    subscriber TEXT NOT NULL,
    recipient  TEXT NOT NULL,
    watch      TEXT NOT NULL,           -- empty: every watch; null would not be unique
    reason     TEXT NOT NULL,
    at         {INTEGER} NOT NULL,
    PRIMARY KEY (subscriber, recipient, watch)
) {STRICT};

-- How the other sides fare, each under one subscriber and channel.
CREATE TABLE endpoints (
    subscriber    TEXT NOT NULL,
    channel       TEXT NOT NULL,
    recipient     TEXT NOT NULL,
    failing_since {INTEGER},            -- null while the last attempt worked
    n_failures    {INTEGER} NOT NULL,   -- in a row
    n_bounces     {INTEGER} NOT NULL,   -- in a row
    last_success  {INTEGER},
    last_answer   TEXT NOT NULL,
    disabled_at   {INTEGER},
    disabled_why  TEXT,
    PRIMARY KEY (subscriber, channel, recipient)
) {STRICT};

-- What the operator was told of and what is not over yet.
CREATE TABLE alarms (
    about   TEXT NOT NULL PRIMARY KEY,
    kind    TEXT NOT NULL,
    what    TEXT NOT NULL,
    since   {INTEGER} NOT NULL,
    told_at {INTEGER} NOT NULL
) {STRICT};

-- Random keys, each made once.
CREATE TABLE keys (
    name  TEXT NOT NULL PRIMARY KEY,
    bytes {BYTES} NOT NULL
) {STRICT};

ALTER TABLE changes ADD COLUMN sequence {INTEGER} NOT NULL DEFAULT 0;
UPDATE changes SET sequence = (
    SELECT count(*) FROM changes AS earlier WHERE earlier.project = changes.project
    AND (earlier.seen_at < changes.seen_at OR (earlier.seen_at = changes.seen_at AND earlier.id <= changes.id))
);
CREATE INDEX changes_by_sequence ON changes (project, sequence);

CREATE INDEX delivery_changes_by_change ON delivery_changes (change_id);
DROP INDEX deliveries_by_due;
CREATE INDEX deliveries_by_due ON deliveries (state, next_attempt_at, id, subscriber, channel, recipient);
