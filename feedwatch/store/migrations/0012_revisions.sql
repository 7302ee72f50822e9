-- Articles that are read again, what changed in them, and what is kept to prove what they said.

CREATE TABLE rereads(                       -- when an article's page is read again, and why
  article_id INT PRIMARY KEY REFERENCES articles,
  why TEXT NOT NULL,                        -- alerted, body_not_seen, live, changed: who asked first
  since_at INT NOT NULL,                    -- the schedule's ages count from here
  due_at INT,                               -- NULL: not again by itself
  tries INT NOT NULL DEFAULT 0,             -- failed ones of this look
  claimed_at INT,
  interrupted INT NOT NULL DEFAULT 0,
  etag TEXT, last_modified TEXT,            -- of the latest answer, byte for byte; written with its text, never earlier
  missing_at INT                            -- when its server first said that it is not there
) STRICT;
CREATE INDEX rereads_due ON rereads(due_at) WHERE due_at IS NOT NULL AND claimed_at IS NULL;

-- Whose host a first reading is busy with: those who read again give way to it.
CREATE INDEX articles_claimed ON articles(host) WHERE claimed_at IS NOT NULL;

CREATE TABLE posts(                         -- of a live page: what was matched, so that only new ones are told
  article_id INT NOT NULL REFERENCES articles,
  key TEXT NOT NULL,
  PRIMARY KEY(article_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE evidence(                      -- what the server answered, for articles that somebody was alerted of
  revision_id INTEGER PRIMARY KEY REFERENCES revisions,
  article_id INT NOT NULL REFERENCES articles,
  url TEXT NOT NULL,                        -- where the redirects ended
  status INT NOT NULL,
  headers TEXT NOT NULL,                    -- JSON: name in lower case → value
  body BLOB NOT NULL,                       -- zlib (RFC 1950)
  length INT NOT NULL,                      -- of the body as it came, in bytes
  sha256 BLOB NOT NULL,                     -- of the body as it came
  fetched_at INT NOT NULL
) STRICT;
CREATE INDEX evidence_article ON evidence(article_id);

CREATE TABLE changes(                       -- what an alert of the kind `revision` tells
  alert TEXT PRIMARY KEY REFERENCES alerts,
  article_id INT NOT NULL REFERENCES articles,
  kind TEXT NOT NULL CHECK(kind IN('corrected','changed','gone','posts')),
  lines TEXT NOT NULL                       -- a JSON list
) STRICT, WITHOUT ROWID;
CREATE INDEX changes_article ON changes(article_id);

CREATE TABLE surges(                        -- times in which a watchlist found far more than usual: one alert each
  id INTEGER PRIMARY KEY,
  root TEXT NOT NULL REFERENCES watchlists,
  began_at INT NOT NULL,                    -- with root the identity
  high_at INT NOT NULL,                     -- when it was last above its rhythm
  ended_at INT,                             -- NULL: it lasts
  alert TEXT REFERENCES alerts ON DELETE SET NULL,
  hits INT NOT NULL, hours REAL NOT NULL, usual REAL NOT NULL,  -- as told
  UNIQUE(root, began_at)
) STRICT;
CREATE UNIQUE INDEX surges_one_open ON surges(root) WHERE ended_at IS NULL;
CREATE INDEX surges_alert ON surges(alert) WHERE alert IS NOT NULL;

CREATE TABLE near_misses(                   -- what would have matched, but for one thing: `decisions` has only matches
  entry_id INT NOT NULL REFERENCES entries,
  entry_version INT NOT NULL,
  version_id INT NOT NULL REFERENCES watchlist_versions,
  kind TEXT NOT NULL CHECK(kind IN('kept_out','furniture')),  -- by NOT, UNLESS …; only outside the article's text
  snippet TEXT NOT NULL,
  why TEXT NOT NULL,                        -- a JSON list of sentences
  at INT NOT NULL,
  PRIMARY KEY(entry_id, version_id, kind)   -- of the newest version that was read
) STRICT, WITHOUT ROWID;
