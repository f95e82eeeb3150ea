-- Packs that an operator added: their archives by digest, and the suites in them. No tenant may read them: no grants.
CREATE TABLE packs (
    digest text PRIMARY KEY,
    name text NOT NULL,
    archive bytea NOT NULL,
    proven text NOT NULL CHECK (proven IN ('all', 'quick', 'program')),
    added timestamptz NOT NULL DEFAULT now(),
    in_force timestamptz -- since when submissions are taken for it; null where another took its place, or it was retired
);
CREATE UNIQUE INDEX packs_in_force ON packs (name) WHERE in_force IS NOT NULL;
ALTER TABLE packs ALTER COLUMN archive SET STORAGE EXTERNAL; -- it is compressed already

CREATE TABLE suites (
    pack text NOT NULL REFERENCES packs,
    exercise text NOT NULL,
    version integer NOT NULL,
    digest text NOT NULL,
    environment text NOT NULL,
    PRIMARY KEY (pack, exercise)
);
CREATE INDEX suites_by_digest ON suites (digest);

-- The suite that a grading was accepted for. Null: by a program that knew the version only.
ALTER TABLE gradings ADD COLUMN suite text;
CREATE INDEX gradings_open_by_suite ON gradings (suite) WHERE state <> 'done';
