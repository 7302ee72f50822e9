-- The text by which a change is seen is computed anew. What was seen stays seen, and its text is learnt at the next poll.

UPDATE seen SET fingerprint = x'';
