-- An article's page taken apart, and what pages of one host have in common.

-- captions: a JSON list of what stands under its pictures. teasers: one of links to others between its paragraphs.
-- whole: 0 for a taste of the text, before a paywall.
ALTER TABLE revisions ADD COLUMN captions TEXT NOT NULL DEFAULT '[]';
ALTER TABLE revisions ADD COLUMN teasers TEXT NOT NULL DEFAULT '[]';
ALTER TABLE revisions ADD COLUMN whole INT NOT NULL DEFAULT 1;

CREATE TABLE host_pages(                    -- the newest pages of each host: a block on many of them is furniture
  host TEXT NOT NULL,
  article_id INT NOT NULL,                  -- not a reference: it may be pruned before
  at INT NOT NULL,
  blocks BLOB NOT NULL,                     -- hashes of its blocks, eight bytes each
  PRIMARY KEY(host, article_id)
) STRICT, WITHOUT ROWID;
