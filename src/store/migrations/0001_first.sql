-- The first schema. {ID}, {INTEGER}, {BYTES} and {STRICT} are words that every engine spells its own way.
-- Moments are microseconds since 1970 in UTC; JSON is text; civil dates are text as the body's calendar has them.

CREATE TABLE sources (
    source      TEXT NOT NULL PRIMARY KEY,
    asked_for   TEXT,                   -- what the source was asked for when a poll was last accepted
    accepted_at {INTEGER},              -- null until a poll was accepted: nothing held is not the same as holding nothing
    n_troubles  {INTEGER} NOT NULL
) {STRICT};

CREATE TABLE polls (
    id          {ID},
    source      TEXT NOT NULL REFERENCES sources (source),
    at          {INTEGER} NOT NULL,
    duration    {INTEGER} NOT NULL,
    outcome     TEXT NOT NULL,
    why         TEXT,
    status      {INTEGER},
    size_bytes  {INTEGER} NOT NULL,
    n_projects  {INTEGER} NOT NULL,
    n_defects   {INTEGER} NOT NULL,
    n_changes   {INTEGER} NOT NULL
) {STRICT};
CREATE INDEX polls_by_source ON polls (source, id);

-- Bytes by their SHA-256. A snapshot with a base is compressed with the base as prefix and can only be read through it.
CREATE TABLE snapshots (
    sha256      TEXT NOT NULL PRIMARY KEY,
    size_bytes  {INTEGER} NOT NULL,
    base        TEXT REFERENCES snapshots (sha256),
    depth       {INTEGER} NOT NULL,
    body        {BYTES} NOT NULL
) {STRICT};
CREATE INDEX snapshots_by_base ON snapshots (base);

-- When which page had which bytes, and how they were served.
CREATE TABLE sightings (
    source       TEXT NOT NULL,
    url          TEXT NOT NULL,
    sha256       TEXT NOT NULL REFERENCES snapshots (sha256),
    at           {INTEGER} NOT NULL,
    content_type TEXT,
    headers      TEXT NOT NULL,
    PRIMARY KEY (source, url, sha256, at)
) {STRICT};
CREATE INDEX sightings_by_snapshot ON sightings (sha256);

CREATE TABLE pages (
    source        TEXT NOT NULL REFERENCES sources (source),
    position      {INTEGER} NOT NULL,
    url           TEXT NOT NULL,
    sha256        TEXT NOT NULL REFERENCES snapshots (sha256),
    at            {INTEGER} NOT NULL,
    content_type  TEXT,
    etag          TEXT,
    last_modified TEXT,
    PRIMARY KEY (source, position)
) {STRICT};

-- The last answer of a source that was not believed, for the operator.
CREATE TABLE bad_pages (
    source        TEXT NOT NULL PRIMARY KEY,
    url           TEXT NOT NULL,
    sha256        TEXT NOT NULL,
    at            {INTEGER} NOT NULL,
    content_type  TEXT,
    etag          TEXT,
    last_modified TEXT,
    headers       TEXT NOT NULL,
    size_bytes    {INTEGER} NOT NULL,
    body          {BYTES} NOT NULL
) {STRICT};

CREATE TABLE holdings (
    source    TEXT NOT NULL REFERENCES sources (source),
    project   TEXT NOT NULL,
    reference TEXT NOT NULL,
    missed    {INTEGER} NOT NULL,
    record    TEXT NOT NULL,
    PRIMARY KEY (source, project)
) {STRICT};
CREATE INDEX holdings_by_project ON holdings (project);

CREATE TABLE known_stages (
    id        {ID},
    project   TEXT NOT NULL,
    printed   TEXT NOT NULL,
    record    TEXT NOT NULL,
    since     TEXT NOT NULL,            -- empty where the body prints no day: null would not be unique
    seen_at   {INTEGER} NOT NULL,
    source    TEXT NOT NULL,
    change_id TEXT,
    UNIQUE (project, printed, since, seen_at)
) {STRICT};

CREATE TABLE changes (
    id      TEXT NOT NULL PRIMARY KEY,
    seen_at {INTEGER} NOT NULL,
    source  TEXT NOT NULL,
    project TEXT NOT NULL,
    record  TEXT NOT NULL
) {STRICT};
CREATE INDEX changes_by_moment ON changes (seen_at, id);
CREATE INDEX changes_by_project ON changes (project, seen_at, id);

CREATE TABLE also_seen (
    change_id TEXT NOT NULL REFERENCES changes (id),
    source    TEXT NOT NULL,
    at        {INTEGER} NOT NULL,
    PRIMARY KEY (change_id, source)
) {STRICT};

CREATE TABLE deliveries (
    id               TEXT NOT NULL PRIMARY KEY,
    subscriber       TEXT NOT NULL,
    channel          TEXT NOT NULL,
    recipient        TEXT NOT NULL,
    subject          TEXT NOT NULL,
    payload          {BYTES} NOT NULL,
    created_at       {INTEGER} NOT NULL,
    due_at           {INTEGER} NOT NULL,
    state            TEXT NOT NULL,
    n_attempts       {INTEGER} NOT NULL,
    next_attempt_at  {INTEGER} NOT NULL,
    lease_expires_at {INTEGER},
    last_answer      TEXT,
    settled_at       {INTEGER}
) {STRICT};
CREATE INDEX deliveries_by_due ON deliveries (state, next_attempt_at);
CREATE INDEX deliveries_by_creation ON deliveries (created_at, id);

CREATE TABLE delivery_changes (
    delivery  TEXT NOT NULL REFERENCES deliveries (id),
    position  {INTEGER} NOT NULL,
    change_id TEXT NOT NULL,
    PRIMARY KEY (delivery, position)
) {STRICT};

CREATE TABLE attempts (
    delivery TEXT NOT NULL REFERENCES deliveries (id),
    number   {INTEGER} NOT NULL,
    begun_at {INTEGER} NOT NULL,
    ended_at {INTEGER},
    outcome  TEXT,
    answer   TEXT,
    PRIMARY KEY (delivery, number)
) {STRICT};
