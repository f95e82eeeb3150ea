-- What `viva pack purge` goes by, and the suites whose files it took away: no grading may be opened by one of those.
ALTER TABLE packs ADD COLUMN retired timestamptz; -- since when it is not in force any more; null for what never was
ALTER TABLE packs ADD COLUMN installed timestamptz; -- the last sign of a running program that has a suite of it installed
CREATE TABLE purged_suites (
    digest text PRIMARY KEY,
    exercise text NOT NULL,
    pack text NOT NULL,
    purged timestamptz NOT NULL DEFAULT now()
);
