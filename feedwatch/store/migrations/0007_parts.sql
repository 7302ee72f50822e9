-- An index of sitemaps is one feed that is asked at several addresses.

CREATE TABLE parts(
  feed_id INT NOT NULL REFERENCES feeds,
  place INT NOT NULL,                       -- in the order in which they are asked
  url TEXT NOT NULL,
  etag TEXT, last_modified TEXT,            -- byte for byte; written with the entries, never earlier
  body_sha BLOB,                            -- a body seen before is not parsed again
  PRIMARY KEY(feed_id, place)
) STRICT, WITHOUT ROWID;
