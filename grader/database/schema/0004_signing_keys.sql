-- The public halves of the keys that verdicts are and were signed with: those that people hold must stay checkable.
CREATE TABLE signing_keys (
    key_id text PRIMARY KEY,
    public bytea NOT NULL,
    begun timestamptz NOT NULL DEFAULT now(),
    used timestamptz NOT NULL DEFAULT now(), -- the last sign of an api that signs with it
    revoked timestamptz
);
