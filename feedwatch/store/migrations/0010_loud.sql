-- How loud: what a channel's manners hold back, and the updates of a story.

-- What people type for a window: the start of a hash of its key, free when it was made.
ALTER TABLE windows ADD COLUMN short TEXT;
UPDATE windows SET short = printf('%06x', id);
CREATE UNIQUE INDEX windows_short ON windows(short);

-- Of a digest with nothing in it: the feeds of the config when it ended, and how many of them were well.
ALTER TABLE windows ADD COLUMN feeds INT;
ALTER TABLE windows ADD COLUMN well INT;

-- Its watchlist may wake people, as the config said then.
ALTER TABLE deliveries ADD COLUMN urgent INT NOT NULL DEFAULT 0;

CREATE INDEX deliveries_held ON deliveries(target_id) WHERE state = 'held';

CREATE TABLE manners(                       -- what a channel's manners must remember of its past
  channel TEXT PRIMARY KEY,
  tokens REAL NOT NULL,                     -- messages that it had left …
  filled_at INT NOT NULL,                   -- … then
  digest_at INT                             -- for when its latest digest was meant
) STRICT, WITHOUT ROWID;

-- When a watchlist was last told of a story, how many batches of further reports it has heard since the first, and
-- when the open batch is told; NULL: there is none.
ALTER TABLE story_watch ADD COLUMN told_at INT;
ALTER TABLE story_watch ADD COLUMN updates INT NOT NULL DEFAULT 0;
ALTER TABLE story_watch ADD COLUMN closes_at INT;
CREATE INDEX story_watch_due ON story_watch(closes_at) WHERE closes_at IS NOT NULL;

CREATE TABLE update_articles(               -- what is in the open batches
  story_id INT NOT NULL,
  root TEXT NOT NULL,
  article_id INT NOT NULL REFERENCES articles ON DELETE CASCADE,
  decision_id INT NOT NULL REFERENCES decisions ON DELETE CASCADE,
  PRIMARY KEY(story_id, root, article_id),
  FOREIGN KEY(story_id, root) REFERENCES story_watch ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX update_articles_article ON update_articles(article_id);
CREATE INDEX update_articles_decision ON update_articles(decision_id);
