-- Feedwatch's own health: what was bad, from when to when, and what was told of it.

CREATE TABLE episodes(
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK(kind IN('failing','silent','stuck','dead','disk','clock','watching')),
  subject TEXT NOT NULL,                    -- a feed's address, channel/target, 'disk', 'clock', 'watching'
  began_at INT NOT NULL,                    -- the first bad sighting; with kind and subject the identity
  since_at INT NOT NULL,                    -- since when as far as we know: what a message says
  name TEXT NOT NULL, text TEXT NOT NULL, cure TEXT NOT NULL,  -- as told; as seen last until it is told
  told_at INT,                              -- NULL: not ripe yet, or nobody to tell
  channels TEXT NOT NULL,                   -- that were told, a JSON list: its end goes there too
  alert TEXT REFERENCES alerts ON DELETE SET NULL,
  ended_at INT,
  settled_at INT,                           -- its end was told, or needed no telling
  ended_alert TEXT REFERENCES alerts ON DELETE SET NULL,
  UNIQUE(kind, subject, began_at)
) STRICT;
CREATE UNIQUE INDEX episodes_one_open ON episodes(kind, subject) WHERE ended_at IS NULL;
CREATE INDEX episodes_unsettled ON episodes(id) WHERE settled_at IS NULL;
CREATE INDEX episodes_alert ON episodes(alert) WHERE alert IS NOT NULL;
CREATE INDEX episodes_ended_alert ON episodes(ended_alert) WHERE ended_alert IS NOT NULL;

-- A feed's rhythm and its newest entry.
CREATE INDEX entries_arrivals ON entries(feed_id, first_seen_at);

-- When it was given up; NULL where that was before this was kept.
ALTER TABLE deliveries ADD COLUMN died_at INT;
CREATE INDEX deliveries_died ON deliveries(target_id, died_at) WHERE died_at IS NOT NULL;
