-- When the service was last seen alive: what tells that a clock was set back, and that the disk takes what is written.
CREATE TABLE pulse (
    only_one {INTEGER} NOT NULL PRIMARY KEY,
    at       {INTEGER} NOT NULL
) {STRICT};
