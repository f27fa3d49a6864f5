-- Who waits, by endpoint: what is due for each is found without reading what is due for the others.
CREATE INDEX deliveries_by_endpoint ON deliveries (state, subscriber, channel, recipient, next_attempt_at, id);
