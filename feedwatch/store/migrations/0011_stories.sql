-- What an article is compared with others by, once somebody watches for what it says; see docs/stories.md.

CREATE TABLE tellings(
  article_id INTEGER PRIMARY KEY REFERENCES articles,
  at INT NOT NULL,                          -- when it was compared last: 7 days for copies, 72 hours for reports
  language TEXT NOT NULL,                   -- primary subtag; '': not known
  words INT NOT NULL,                       -- of its text: a short one is nobody's copy
  hashes BLOB NOT NULL,                     -- its rows in shingle, 4 bytes each, little-endian; empty when these are gone
  sampled INT NOT NULL,                     -- how many they were
  vector TEXT NOT NULL,                     -- JSON: term → weight, as its rarity was then; its keys are in story_terms
  headlines TEXT NOT NULL,                  -- JSON: those it had, the first one first; a changed number is seen by them
  credits TEXT NOT NULL                     -- JSON: the agencies that it names as its origin
) STRICT;
CREATE INDEX tellings_at ON tellings(at) WHERE sampled > 0 OR vector != '{}';

CREATE TABLE shingle(                       -- which article has a sampled shingle
  hash INT NOT NULL,
  article_id INT NOT NULL,
  PRIMARY KEY(hash, article_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE story_terms(                   -- which article has a term among its weightiest
  term TEXT NOT NULL,
  article_id INT NOT NULL,
  PRIMARY KEY(term, article_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE term_counts(                   -- in how many of the latest stories a term was
  language TEXT NOT NULL,
  term TEXT NOT NULL,                       -- '': how many stories were counted
  n INT NOT NULL,                           -- all are halved when they are many, so that old news weigh less
  PRIMARY KEY(language, term)
) STRICT, WITHOUT ROWID;
