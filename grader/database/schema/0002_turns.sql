-- Whose messages are on their way: how many decides whose turn comes first.
CREATE INDEX deliveries_pending ON deliveries (tenant) WHERE state = 'pending';
