-- What a second look needs to know of the first one, and what it found.

-- background: a JSON list of paragraphs of the body that its host repeats: hits in them count less.
ALTER TABLE revisions ADD COLUMN background TEXT NOT NULL DEFAULT '[]';

-- When the page was last read again; found: unchanged, changed, missing, or why it was not to be had.
ALTER TABLE rereads ADD COLUMN looked_at INT;
ALTER TABLE rereads ADD COLUMN found TEXT;
CREATE INDEX rereads_looked ON rereads(looked_at) WHERE looked_at IS NOT NULL;
