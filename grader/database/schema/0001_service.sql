-- Tenants, submissions, their gradings and verdicts, and who is told of them.
-- Nothing of a person is kept outside submissions.source, .metadata, .external_id and verdicts.document/.shown.

DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'viva_tenant') THEN
        CREATE ROLE viva_tenant NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- another database of this server made it just now
END $$;
DO $$ BEGIN -- from PostgreSQL 16 on, who makes a role is its member and yet may not act in it
    IF NOT pg_has_role(
        current_user, 'viva_tenant',
        CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END
    ) THEN
        EXECUTE format('GRANT viva_tenant TO %I', current_user);
    END IF;
END $$;

CREATE TABLE tenants (
    id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE,
    weight real NOT NULL DEFAULT 1 CHECK (weight > 0),
    feedback text NOT NULL DEFAULT 'score' CHECK (feedback IN ('full', 'titles', 'score')),
    per_minute integer NOT NULL DEFAULT 600,
    in_flight integer NOT NULL DEFAULT 20000,
    per_day integer NOT NULL DEFAULT 100000,
    suspended timestamptz,
    secret text NOT NULL, -- signs what is sent to a submission's own callback
    -- virtual finish times of the last job of either class (weighted fair queueing)
    urgent_finish bigint NOT NULL DEFAULT 0,
    batch_finish bigint NOT NULL DEFAULT 0,
    created timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE virtual_clock (urgent boolean PRIMARY KEY, now bigint NOT NULL);
INSERT INTO virtual_clock VALUES (true, 0), (false, 0);

CREATE TABLE keys (
    id uuid PRIMARY KEY,
    tenant uuid NOT NULL REFERENCES tenants,
    prefix text NOT NULL UNIQUE,
    digest bytea NOT NULL,
    scopes text[] NOT NULL,
    label text NOT NULL DEFAULT '',
    expires timestamptz,
    revoked timestamptz,
    last_used timestamptz,
    created timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE submissions (
    id uuid PRIMARY KEY,
    tenant uuid NOT NULL REFERENCES tenants,
    exercise text NOT NULL,
    version integer NOT NULL,
    name text NOT NULL,
    source bytea,
    digest text NOT NULL,
    device text NOT NULL,
    feedback text NOT NULL,
    external_id text,
    metadata jsonb,
    callback text,
    idempotency_key text,
    request_digest bytea NOT NULL,
    created timestamptz NOT NULL DEFAULT now(),
    erased timestamptz,
    UNIQUE (tenant, idempotency_key)
);
CREATE INDEX submissions_of_tenant ON submissions (tenant, id DESC);
CREATE INDEX submissions_of_exercise ON submissions (tenant, exercise, id DESC);
CREATE INDEX submissions_by_external_id ON submissions (tenant, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE regrades (
    id uuid PRIMARY KEY,
    tenant uuid NOT NULL REFERENCES tenants,
    exercise text NOT NULL,
    since timestamptz,
    until timestamptz,
    created timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE gradings (
    id uuid PRIMARY KEY,
    submission uuid NOT NULL REFERENCES submissions,
    tenant uuid NOT NULL REFERENCES tenants,
    number integer NOT NULL,
    version integer NOT NULL,
    seed bigint NOT NULL,
    urgent boolean NOT NULL,
    finish bigint NOT NULL,
    job bigint NOT NULL,
    regrade uuid REFERENCES regrades,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done')),
    attempt integer NOT NULL DEFAULT 0,
    lost integer NOT NULL DEFAULT 0,
    worker text,
    created timestamptz NOT NULL DEFAULT now(),
    started timestamptz,
    finished timestamptz,
    UNIQUE (submission, number)
);
CREATE INDEX gradings_open ON gradings (tenant) WHERE state <> 'done';
CREATE INDEX gradings_of_regrade ON gradings (regrade) WHERE regrade IS NOT NULL;

CREATE TABLE verdicts (
    grading uuid PRIMARY KEY REFERENCES gradings,
    submission uuid NOT NULL REFERENCES submissions,
    tenant uuid NOT NULL REFERENCES tenants,
    status text NOT NULL,
    score double precision NOT NULL,
    max_score double precision NOT NULL,
    document text NOT NULL,
    shown text NOT NULL,
    created timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE webhooks (
    id uuid PRIMARY KEY,
    tenant uuid NOT NULL REFERENCES tenants,
    url text NOT NULL,
    secret text NOT NULL,
    created timestamptz NOT NULL DEFAULT now(),
    removed timestamptz
);
CREATE INDEX webhooks_of_tenant ON webhooks (tenant) WHERE removed IS NULL;

CREATE TABLE deliveries (
    id uuid PRIMARY KEY,
    tenant uuid NOT NULL REFERENCES tenants,
    webhook uuid REFERENCES webhooks,
    submission uuid NOT NULL REFERENCES submissions,
    grading uuid NOT NULL REFERENCES gradings,
    url text NOT NULL,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'parked')),
    attempts integer NOT NULL DEFAULT 0,
    last_error text,
    job bigint NOT NULL,
    created timestamptz NOT NULL DEFAULT now(),
    delivered timestamptz
);
CREATE INDEX deliveries_open ON deliveries (tenant) WHERE state <> 'delivered';

CREATE TABLE usage (
    tenant uuid NOT NULL REFERENCES tenants,
    day date NOT NULL,
    submissions bigint NOT NULL DEFAULT 0,
    verdicts bigint NOT NULL DEFAULT 0,
    judge_errors bigint NOT NULL DEFAULT 0,
    cpu_ms double precision NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, day)
);

CREATE TABLE workers (
    name text PRIMARY KEY,
    lanes integer NOT NULL,
    exercises integer NOT NULL,
    version text NOT NULL,
    started timestamptz NOT NULL DEFAULT now(),
    seen timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    tenant uuid,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL
);

-- The second lock: whoever acts for a tenant does so in a role that sees this tenant's rows only.
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['submissions', 'gradings', 'verdicts', 'regrades', 'webhooks', 'deliveries', 'usage', 'audit'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY own_rows ON %I TO viva_tenant '
            'USING (tenant = nullif(current_setting(''viva.tenant'', true), '''')::uuid) '
            'WITH CHECK (tenant = nullif(current_setting(''viva.tenant'', true), '''')::uuid)', name);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO viva_tenant', name);
    END LOOP;
END $$;
GRANT UPDATE ON submissions, webhooks, deliveries, usage TO viva_tenant;
GRANT UPDATE (document, shown) ON verdicts TO viva_tenant;
GRANT UPDATE (state, job) ON gradings TO viva_tenant;
