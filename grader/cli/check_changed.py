"""`viva check --changed`: prove where no record vouches, or whose turn it is; `--record` keeps what was proven."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from grader.content.pack import Pack
from grader.content.proof_record import (
    Record,
    current_records,
    engine_digest,
    files_digest,
    record_proofs,
    turn_of,
    turn_on,
)
from grader.errors import UsageError
from grader.grading.proofs import Claims, Finding
from grader.report.console import Console


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One of `share` turns; in each, another part of the exercises is proven again."""

    number: int
    share: int
    why: str

    @classmethod
    def chosen(cls, share: int | None, number: int | None) -> Turn | None:
        """That of today, unless a `number` is wished for; None without a `share`. Raises UsageError."""
        if share is None:
            if number is not None:
                raise UsageError("--turn goes with --rotate; give both", "--turn 须与 --rotate 合用；请同时给出")
            return None
        if number is None:
            today = datetime.now(UTC).date()
            return cls(number=turn_on(today, share), share=share, why=f"that of {today}; --turn N repeats another")
        if number > share:
            raise UsageError(
                f"--turn is {number}, and there are {share} turns; give a number from 1 to {share}",
                f"--turn 是 {number}，而总共只有 {share} 轮；请给出 1 到 {share} 之间的数",
            )
        return cls(number=number, share=share, why="as wished")

    def has(self, slug: str) -> bool:
        """Whether an exercise is proven in it."""
        return turn_of(slug, self.share) == self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Of one exercise: what to prove, its files before that, and the record that vouches for the rest."""

    pack: Pack
    slug: str
    claims: Claims
    digest: str = ""
    record: Record | None = None

    @property
    def vouched(self) -> str:
        """What to say of claims that are not proven."""
        return f" · the others on record since {self.record.on}" if self.record and self.claims.quick else ""


def plan_all(chosen: Sequence[tuple[Pack, str]], claims: Claims) -> list[Plan]:
    """The same claims for every exercise."""
    return [Plan(pack=pack, slug=slug, claims=claims, digest=files_digest(pack.root, slug)) for pack, slug in chosen]


def plan_changed(console: Console, plans: Sequence[Plan], seeds: int, turn: Turn | None) -> list[Plan]:
    """Of what a current record vouches for and whose turn it is not, only the quick claims. Says what is proven."""
    packs = {plan.pack.root: plan.pack for plan in plans}
    vouching = {root: current_records(pack, seeds) for root, pack in packs.items()}
    planned = [_planned(plan, vouching[plan.pack.root], turn) for plan in plans]
    _say(console, planned, seeds, turn)
    return planned


def _planned(plan: Plan, records: Mapping[str, Record], turn: Turn | None) -> Plan:
    record = records.get(plan.slug)
    due = record is None or (turn is not None and turn.has(plan.slug))
    claims = plan.claims if due else Claims(seeds=plan.claims.seeds[:1], quick=True)
    return Plan(pack=plan.pack, slug=plan.slug, claims=claims, digest=plan.digest, record=record)


def _say(console: Console, planned: Sequence[Plan], seeds: int, turn: Turn | None) -> None:
    vouched = [plan.record for plan in planned if plan.record is not None]
    unproven = [plan.slug for plan in planned if plan.record is None]
    again = [plan.slug for plan in planned if plan.record is not None and not plan.claims.quick]
    lines = [f"on record, {seeds} seed{'s' if seeds > 1 else ''} or more: {len(vouched)} of {len(planned)} exercises"]
    lines += [f"  to prove, without a current record: {_listed(unproven)}"]
    if turn is not None:
        lines += [f"  to prove again, turn {turn.number} of {turn.share} ({turn.why}): {_listed(again)}"]
    if others := sum(record.engine != engine_digest() for record in vouched):
        lines += [f"  proven by another engine than this: {others}; `viva check --record` proves all anew"]
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)


def _listed(slugs: Sequence[str]) -> str:
    return f"{len(slugs)} ({', '.join(slugs)})" if slugs else "none"


def keep(plan: Plan, findings: Sequence[Finding], today: date | None = None) -> None:
    """Record that every claim of a plan held, or take out the record of an exercise of which one did not."""
    if plan.claims.quick and all(finding.holds for finding in findings):
        return
    if not all(finding.holds for finding in findings):
        record_proofs(plan.pack, (), [plan.slug])
        return
    proven = Record(
        exercise=plan.slug,
        digest=plan.digest,
        engine=engine_digest(),
        seeds=len(plan.claims.seeds),
        claims=len(findings),
        on=today or datetime.now(UTC).date(),
    )
    record_proofs(plan.pack, [proven], ())
