-- The counts of `usage` in parts, one for each connection that counts: a single row per tenant and day is held by each
-- verdict until its commit, so all workers waited for one another. What was counted before, and what programs of
-- earlier versions still count, stays in `usage`; what is asked for is the sum of both.
CREATE TABLE usage_parts (
    tenant uuid NOT NULL REFERENCES tenants,
    day date NOT NULL,
    part smallint NOT NULL,
    submissions bigint NOT NULL DEFAULT 0,
    verdicts bigint NOT NULL DEFAULT 0,
    judge_errors bigint NOT NULL DEFAULT 0,
    cpu_ms double precision NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, day, part)
);
ALTER TABLE usage_parts ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON usage_parts TO viva_tenant
    USING (tenant = nullif(current_setting('viva.tenant', true), '')::uuid)
    WITH CHECK (tenant = nullif(current_setting('viva.tenant', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE ON usage_parts TO viva_tenant;
