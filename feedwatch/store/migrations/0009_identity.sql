-- Items are recognised by marks that are computed anew. What was seen stays seen: its text is learnt again at the next
-- poll, and whatever that poll does not recognise is taken for what a first poll shows: one digest, and no flood.

UPDATE seen SET fingerprint = x'';
UPDATE feeds SET first_polled_at = NULL, body_sha = NULL, etag = NULL, last_modified = NULL;
