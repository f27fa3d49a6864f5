-- How long attempts to deliver took, counted by the longest that each bucket takes, which outlives the attempts themselves. The bounds
-- are those of `store/attempt_times`; the last bucket takes everything.
CREATE TABLE attempt_times (
    channel    TEXT NOT NULL,
    outcome    TEXT NOT NULL,
    up_to      {INTEGER} NOT NULL,      -- microseconds
    n_attempts {INTEGER} NOT NULL,
    took       {INTEGER} NOT NULL,      -- microseconds, all of them together
    PRIMARY KEY (channel, outcome, up_to)
) {STRICT};
INSERT INTO attempt_times (channel, outcome, up_to, n_attempts, took)
SELECT channel, outcome, up_to, count(*), sum(took) FROM (
    SELECT channel, outcome, took, CASE
        WHEN took <= 100000 THEN 100000
        WHEN took <= 250000 THEN 250000
        WHEN took <= 500000 THEN 500000
        WHEN took <= 1000000 THEN 1000000
        WHEN took <= 2500000 THEN 2500000
        WHEN took <= 5000000 THEN 5000000
        WHEN took <= 10000000 THEN 10000000
        WHEN took <= 30000000 THEN 30000000
        WHEN took <= 60000000 THEN 60000000
        WHEN took <= 120000000 THEN 120000000
        ELSE 9223372036854775807
    END AS up_to
    FROM (
        SELECT deliveries.channel AS channel, attempts.outcome AS outcome,
               CASE WHEN attempts.ended_at > attempts.begun_at THEN attempts.ended_at - attempts.begun_at ELSE 0 END AS took
        FROM attempts JOIN deliveries ON deliveries.id = attempts.delivery
        WHERE attempts.outcome IS NOT NULL AND attempts.outcome <> 'lost'
    ) AS each_took
) AS in_buckets
GROUP BY channel, outcome, up_to;
