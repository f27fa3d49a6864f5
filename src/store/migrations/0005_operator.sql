-- Whether an endpoint fails for a reason that only the operator can mend: credentials, a certificate, an address that may not be reached.
ALTER TABLE endpoints ADD COLUMN for_operator {INTEGER} NOT NULL DEFAULT 0;
