-- Who published an entry, where its feed is an aggregator's and says so.

ALTER TABLE entries ADD COLUMN outlet TEXT NOT NULL DEFAULT '';
