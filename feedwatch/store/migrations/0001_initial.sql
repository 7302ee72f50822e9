-- The database of feedwatch, as a document: every table says what it is for, every column why it is there.
--
-- Ids are ours and never leave the database. *_at are UTC microseconds since 1970. Keys that leave (alerts, stories,
-- articles) are text and survive a restore. `claimed_at` marks a row that a loop is working on: at start every claimed
-- row is an orphan and due again. Two counters, both committed before the work: `interrupted` (claimed, and the process
-- died) and `tries` or `failures` (the work itself failed); only the second counts towards giving up.

CREATE TABLE meta(                          -- one row a fact about this file
  key TEXT PRIMARY KEY,                     -- 'fold_version': which folding the search index was made with
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE feeds(                         -- state only, the wish stays in the config; rows are never deleted:
  id INTEGER PRIMARY KEY,                   -- a feed removed and added again is not a first poll
  address TEXT NOT NULL UNIQUE,             -- canonical address as configured: the identity
  url TEXT NOT NULL,                        -- what is asked
  host TEXT NOT NULL,                       -- whom the politeness rules protect
  name TEXT NOT NULL DEFAULT '',            -- what the owner calls it
  title TEXT,                               -- what the feed calls itself
  language TEXT,
  etag TEXT, last_modified TEXT,            -- byte for byte; written with the entries, never earlier
  body_sha BLOB,                            -- a body seen before is not parsed again
  first_polled_at INT,                      -- NULL: never polled well, so the next good poll is the first
  last_polled_at INT, last_good_at INT,
  next_check_at INT,                        -- NULL: not again by itself (410)
  claimed_at INT,
  interrupted INT NOT NULL DEFAULT 0,
  failures INT NOT NULL DEFAULT 0,          -- in a row
  outcome TEXT, detail TEXT,                -- of the last poll: a word and a sentence
  removed_at INT                            -- no longer in the config
) STRICT;
CREATE INDEX feeds_due ON feeds(next_check_at, host) WHERE claimed_at IS NULL AND removed_at IS NULL;
CREATE INDEX feeds_never ON feeds(first_polled_at) WHERE first_polled_at IS NULL;

CREATE TABLE windows(                       -- times in which alerts are gathered and told as one message
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,                 -- the cause of the message it ends in
  channel TEXT NOT NULL,                    -- '' for the backfill: one over all channels
  kind TEXT NOT NULL CHECK(kind IN('backfill','digest','quiet','budget','backlog')),
  opens_at INT NOT NULL,
  closes_at INT NOT NULL,                   -- at the latest
  closed_at INT,
  total INT NOT NULL DEFAULT 0              -- "0 of 212 entries": stored, so that a retry says the same
) STRICT;
CREATE UNIQUE INDEX windows_one_open ON windows(channel, kind) WHERE closed_at IS NULL;

CREATE TABLE articles(                      -- the page behind entries; found by any of its addresses
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,                 -- founding key: 'a:' + address, or 'e:' + feed + entry where it has none
  url TEXT,                                 -- what is fetched; NULL: there is nothing to fetch
  host TEXT NOT NULL,                       -- '' without url
  page_state TEXT NOT NULL CHECK(page_state IN('pending','read','given_up','not_wanted')),
  reason TEXT, detail TEXT,                 -- why the page was not read: a word and a sentence
  tries INT NOT NULL DEFAULT 0,
  due_at INT,                               -- when it wants work: a page to fetch or an entry to decide; NULL: none
  claimed_at INT,
  interrupted INT NOT NULL DEFAULT 0,
  turn_at INT,                              -- when its page was first asked for: max_wait counts from here
  first_seen_at INT NOT NULL
) STRICT;
CREATE INDEX articles_due ON articles(due_at, host) WHERE due_at IS NOT NULL AND claimed_at IS NULL;
CREATE INDEX articles_seen ON articles(first_seen_at);

CREATE TABLE addresses(                     -- every address that leads to an article
  address TEXT PRIMARY KEY,                 -- canonical
  article_id INT NOT NULL REFERENCES articles,
  how TEXT NOT NULL CHECK(how IN('link','redirect','canonical','amp'))
) STRICT, WITHOUT ROWID;
CREATE INDEX addresses_article ON addresses(article_id);

CREATE TABLE entries(                       -- what a feed says about an item
  id INTEGER PRIMARY KEY,
  feed_id INT NOT NULL REFERENCES feeds,
  key TEXT NOT NULL,                        -- the founding one of its keys in `seen`
  version INT NOT NULL DEFAULT 1,           -- + 1 whenever title or summary changed
  decided_version INT NOT NULL DEFAULT 0,   -- pending while < version; set to the version that was READ
  article_id INT NOT NULL REFERENCES articles,
  title TEXT NOT NULL, summary TEXT NOT NULL, content TEXT NOT NULL,
  link TEXT, authors TEXT NOT NULL,         -- authors: a JSON list
  published_at INT,                         -- as claimed; first_seen_at rules
  first_seen_at INT NOT NULL,
  changed_at INT,                           -- when this version was first seen, if it is not the first
  how TEXT NOT NULL CHECK(how IN('new','backfill','baseline')),
  window_id INT REFERENCES windows,         -- backfill: the window that waits for it
  UNIQUE(feed_id, key)
) STRICT;
CREATE INDEX entries_pending ON entries(article_id) WHERE decided_version < version;
CREATE INDEX entries_article ON entries(article_id);
CREATE INDEX entries_window ON entries(window_id) WHERE window_id IS NOT NULL;

CREATE TABLE seen(                          -- outlives entries: pruning never makes an old item new
  feed_id INT NOT NULL REFERENCES feeds,
  kind TEXT NOT NULL CHECK(kind IN('id','address','content')),
  key BLOB NOT NULL,
  entry_key TEXT NOT NULL,
  fingerprint BLOB NOT NULL,                -- of title and summary: tells changed from seen, also after pruning
  ambiguous INT NOT NULL DEFAULT 0,         -- an address under two ids is no identity
  last_shown_at INT NOT NULL,
  PRIMARY KEY(feed_id, kind, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE revisions(                     -- what an article said, each time it said something else
  id INTEGER PRIMARY KEY,
  article_id INT NOT NULL REFERENCES articles,
  n INT NOT NULL,                           -- 1, 2, …
  kind TEXT NOT NULL CHECK(kind IN('page','feed_text','gone')),
  fetched_at INT NOT NULL,
  url TEXT,                                 -- where the redirects ended
  content_sha BLOB NOT NULL,                -- of title and body
  title TEXT NOT NULL, body TEXT NOT NULL,
  language TEXT, authors TEXT NOT NULL, published_at INT,
  UNIQUE(article_id, n)
) STRICT;

-- Searched text: folded, pre-segmented tokens; rowid is the article's id. The table keeps its own content, because a
-- contentless one cannot delete in SQLite 3.40 and an external one leaves ghosts when it is deleted with other tokens.
CREATE VIRTUAL TABLE fts USING fts5(
  title, summary, body, tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co M* P* S*'"
);

CREATE TABLE watchlists(
  root TEXT PRIMARY KEY,                    -- the first id it had; survives `was`; hashed into alert ids
  id TEXT NOT NULL UNIQUE,                  -- the id in the config
  since INT NOT NULL,                       -- what was seen earlier alerts nobody
  removed_at INT
) STRICT, WITHOUT ROWID;

CREATE TABLE watchlist_versions(            -- which wording decided
  id INTEGER PRIMARY KEY,
  root TEXT NOT NULL REFERENCES watchlists,
  query TEXT NOT NULL,
  feeds TEXT NOT NULL,                      -- the narrowing, a JSON list
  from_at INT NOT NULL
) STRICT;
CREATE INDEX watchlist_versions_latest ON watchlist_versions(root, id);

CREATE TABLE stories(                       -- an event; its key is its founding article's, since row numbers are
  id INTEGER PRIMARY KEY,                   -- used again after a restore
  key TEXT NOT NULL UNIQUE,
  first_at INT NOT NULL, last_at INT NOT NULL
) STRICT;

CREATE TABLE story_articles(
  article_id INT PRIMARY KEY REFERENCES articles,
  story_id INT NOT NULL REFERENCES stories,
  relation TEXT NOT NULL CHECK(relation IN('founder','same_text','same_story')),
  evidence TEXT
) STRICT;
CREATE INDEX story_articles_story ON story_articles(story_id);

CREATE TABLE story_watch(                   -- what a watchlist has been told of a story; read inside the deciding
  story_id INT NOT NULL REFERENCES stories, -- transaction, so that two copies decided at once give one first alert
  root TEXT NOT NULL REFERENCES watchlists,
  strength TEXT NOT NULL,
  PRIMARY KEY(story_id, root)
) STRICT, WITHOUT ROWID;

CREATE TABLE alerts(
  id TEXT PRIMARY KEY,                      -- hash(root, kind, cause), 128 bits in hex
  short TEXT NOT NULL UNIQUE,               -- the shortest free prefix of at least six letters
  kind TEXT NOT NULL CHECK(kind IN('first','raise','update','revision','surge','digest','health')),
  root TEXT REFERENCES watchlists,          -- NULL: a digest or health
  story_id INT REFERENCES stories,
  window_id INT REFERENCES windows,
  cause TEXT NOT NULL,
  strength TEXT,
  created_at INT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX alerts_time ON alerts(created_at);

CREATE TABLE decisions(                     -- every match and why it did or did not become an alert
  id INTEGER PRIMARY KEY,
  entry_id INT NOT NULL REFERENCES entries,
  entry_version INT NOT NULL,
  revision_id INT REFERENCES revisions,     -- NULL: decided before any page was read
  version_id INT NOT NULL REFERENCES watchlist_versions,
  outcome TEXT NOT NULL,                    -- alerted, gathered, told, below, baseline, before
  strength TEXT NOT NULL,
  score REAL NOT NULL,
  snippet TEXT NOT NULL,
  reasons TEXT NOT NULL,                    -- JSON: terms and counts by zone, which text was judged
  alert TEXT REFERENCES alerts,
  at INT NOT NULL
) STRICT;
CREATE UNIQUE INDEX decisions_once ON decisions(entry_id, entry_version, ifnull(revision_id, 0), version_id);
CREATE INDEX decisions_alert ON decisions(alert) WHERE alert IS NOT NULL;

CREATE TABLE alert_articles(                -- what an alert tells of; committed before the send, so that a retry
  alert TEXT NOT NULL REFERENCES alerts,    -- tells the same
  article_id INT NOT NULL REFERENCES articles,
  root TEXT NOT NULL REFERENCES watchlists,
  decision_id INT NOT NULL REFERENCES decisions,
  PRIMARY KEY(alert, article_id, root)
) STRICT, WITHOUT ROWID;

CREATE TABLE targets(
  id INTEGER PRIMARY KEY,
  channel TEXT NOT NULL,
  name TEXT NOT NULL,                       -- topic, chat, address; never the URL, which holds secrets
  removed_at INT,                           -- no longer in the config: what waits stays until it is back
  UNIQUE(channel, name)
) STRICT;

CREATE TABLE deliveries(                    -- the outbox: one alert on its way to one target
  id INTEGER PRIMARY KEY,                   -- also the order in which a target is served
  alert TEXT NOT NULL REFERENCES alerts,
  target_id INT NOT NULL REFERENCES targets,
  state TEXT NOT NULL CHECK(state IN('held','pending','sending','sent','merged','dead')),
  worded TEXT NOT NULL,                     -- the kind it is told as: a raise is a first to who had no first
  window_id INT REFERENCES windows,         -- held in, or merged into
  attempts INT NOT NULL DEFAULT 0,          -- counted and committed before the send
  interrupted INT NOT NULL DEFAULT 0,       -- claimed, and the process died
  refusals INT NOT NULL DEFAULT 0,          -- the service was well and did not want this message
  created_at INT NOT NULL,
  next_try_at INT NOT NULL,
  sent_at INT, receipt TEXT, error TEXT,
  UNIQUE(alert, target_id)                  -- no NULL in it
) STRICT;
CREATE INDEX deliveries_open ON deliveries(target_id, id) WHERE state IN('pending','sending');
CREATE INDEX deliveries_alert ON deliveries(alert);
