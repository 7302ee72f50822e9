-- When a watchlist matched: its rhythm, and whether it went quiet, without a look through all decisions.

CREATE INDEX decisions_matches ON decisions(version_id, at) WHERE outcome NOT IN ('baseline', 'before');
