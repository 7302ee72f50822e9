-- What people ask of a running feedwatch: acks, mutes, messages that are sent again.

CREATE TABLE mutes(                         -- a watchlist that somebody silenced for a while
  id INTEGER PRIMARY KEY,
  root TEXT NOT NULL REFERENCES watchlists,
  key TEXT NOT NULL UNIQUE,                 -- the cause of the message that ends it
  actor TEXT NOT NULL,                      -- who asked for it last
  from_at INT NOT NULL,
  until_at INT NOT NULL,                    -- may be moved while it lasts
  ended_at INT                              -- its count is told; NULL: open
) STRICT;
CREATE UNIQUE INDEX mutes_one_open ON mutes(root) WHERE ended_at IS NULL;

-- The mute that kept the match back.
ALTER TABLE decisions ADD COLUMN mute_id INT REFERENCES mutes;
CREATE INDEX decisions_mute ON decisions(mute_id) WHERE mute_id IS NOT NULL;

-- Of a digest: the mute that it ends.
ALTER TABLE alerts ADD COLUMN mute_id INT REFERENCES mutes;

-- Somebody has seen it: no further updates; what is stronger is told all the same.
ALTER TABLE story_watch ADD COLUMN acked_at INT;
ALTER TABLE story_watch ADD COLUMN acked_by TEXT;
