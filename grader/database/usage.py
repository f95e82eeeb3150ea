"""What a tenant has used by day (UTC): counted in as many rows as there are connections, so that none waits.

`usage` is the table of before these parts; programs of earlier versions count in it still.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from grader.database.connection import Connection

TODAY: Final = """
    SELECT coalesce(sum(submissions), 0) FROM
    (SELECT day, submissions FROM usage_parts UNION ALL SELECT day, submissions FROM usage) parts
    WHERE day = (now() AT TIME ZONE 'UTC')::date
"""
BY_DAY: Final = """
    SELECT day, sum(submissions)::bigint AS submissions, sum(verdicts)::bigint AS verdicts,
        sum(judge_errors)::bigint AS judge_errors, sum(cpu_ms) AS cpu_ms
    FROM (SELECT day, submissions, verdicts, judge_errors, cpu_ms FROM usage_parts
        UNION ALL SELECT day, submissions, verdicts, judge_errors, cpu_ms FROM usage) parts
    GROUP BY day ORDER BY day DESC LIMIT %s
"""
_COUNT = """
    INSERT INTO usage_parts (tenant, day, part, submissions, verdicts, judge_errors, cpu_ms)
    VALUES (%s, (now() AT TIME ZONE 'UTC')::date, pg_backend_pid() %% 64, %s, %s, %s, %s)
    ON CONFLICT (tenant, day, part) DO UPDATE SET submissions = usage_parts.submissions + excluded.submissions,
        verdicts = usage_parts.verdicts + excluded.verdicts,
        judge_errors = usage_parts.judge_errors + excluded.judge_errors, cpu_ms = usage_parts.cpu_ms + excluded.cpu_ms
"""


async def count(
    connection: Connection,
    tenant: UUID,
    *,
    submissions: int = 0,
    verdicts: int = 0,
    judge_errors: int = 0,
    cpu_ms: float = 0.0,
) -> None:
    """Add to what a tenant has used today, in the transaction that it is used in."""
    await connection.execute(_COUNT, (tenant, submissions, verdicts, judge_errors, cpu_ms))
