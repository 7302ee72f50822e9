-- Why a feed is asked when it is: its rhythm, what it asks for, and where it has moved to.

-- Its newest entry's own time, as claimed; microseconds between its entries, and that they span in one document.
ALTER TABLE feeds ADD COLUMN dated_at INT;
ALTER TABLE feeds ADD COLUMN gap INT;
ALTER TABLE feeds ADD COLUMN span INT;

-- JSON: what its last document asked for: wait, hours, days.
ALTER TABLE feeds ADD COLUMN asked TEXT;

-- For people: why the next poll is when it is, and within how many microseconds an entry is noticed.
ALTER TABLE feeds ADD COLUMN because TEXT;
ALTER TABLE feeds ADD COLUMN late INT;

-- When a document last shared no entry with those before: items may have been missed.
ALTER TABLE feeds ADD COLUMN missed_at INT;

-- Where permanent redirects lead, how often and since when; at last the address that is asked instead of url.
ALTER TABLE feeds ADD COLUMN moved_to TEXT;
ALTER TABLE feeds ADD COLUMN moved_times INT NOT NULL DEFAULT 0;
ALTER TABLE feeds ADD COLUMN moved_since INT;
ALTER TABLE feeds ADD COLUMN asks TEXT;

-- Until when the feed's server asked for peace: its host's pages wait, too.
ALTER TABLE feeds ADD COLUMN hold_until INT;
CREATE INDEX feeds_held ON feeds(host, hold_until) WHERE hold_until IS NOT NULL;
