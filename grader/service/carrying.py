"""A grading from its claim to its verdict: never silence, never charged to the candidate.

The claim is taken, the submission judged, the verdict written under the claim's attempt number. When the database is
away meanwhile, the verdict is kept and written as soon as it is back. Who took over in between wins; the late one is
dropped. A machine that cannot judge leaves what it took to others, and takes no more.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from grader.errors import StoreError
from grader.model.service import Claim, Made
from grader.service.tracing import SILENT, Facts, Traces

MOST_LOSSES: Final = 3
LATER_S: Final = 10.0  # until what could not be graded for want of its suite is taken again
GIVE_UP_S: Final = 600.0
_FIRST_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 5.0
ERASED: Final = "the submission was erased before it was graded"
LOST: Final = f"{MOST_LOSSES} workers ended while they graded this submission; nothing of it is charged to it"
_log = logging.getLogger("viva.worker")


class UnfitError(StoreError):
    """A machine cannot judge, whatever is handed in; the message says what is missing."""


class Ledger(Protocol):
    """What is kept of gradings; every call may raise `DatabaseAwayError`."""

    async def claim(self, grading: UUID, worker: str) -> Claim | None:
        """Take a grading; None where it is done."""

    async def finish(self, claim: Claim, made: Made) -> bool:
        """Write a verdict; False where the claim is no longer the newest."""

    async def hand_back(self, claim: Claim, wait_s: float = 0.0) -> bool:
        """Give a grading back unfinished, to be taken so much later."""


class Judging(Protocol):
    """Who makes verdicts of claims."""

    async def ready(self, claim: Claim) -> None:
        """Have the claim's suite here; raises StoreError, or what says that the database is away, where it is not."""

    async def judge(self, claim: Claim) -> Made:
        """The verdict of a claim's submission, `judge_error` included; raises UnfitError where none can be made."""

    def not_judged(self, claim: Claim, reason: str) -> Made:
        """The verdict that it could not be judged."""


@dataclass(slots=True)
class Tally:
    """What a worker did since it started."""

    verdicts: int = 0
    late: int = 0
    handed_back: int = 0


class Cell:
    """Room for many at a time, or for one alone: who waits to be alone is let in before those that come later."""

    def __init__(self) -> None:
        self._within = 0
        self._alone = 0  # who is alone or waits to be
        self._is_taken = False
        self._changed = asyncio.Event()

    @asynccontextmanager
    async def room(self, *, alone: bool) -> AsyncIterator[None]:
        """Within, among others or alone."""
        self._alone += alone
        try:
            while self._is_taken or (self._within if alone else self._alone):
                await self._changed.wait()
            self._within += 1
            self._is_taken = alone
            try:
                yield
            finally:
                self._within -= 1
                self._is_taken = False
        finally:
            self._alone -= alone
            self._changed.set()
            self._changed = asyncio.Event()


class Carrier:
    """Carries gradings out, one call each; safe to call several at a time."""

    def __init__(
        self,
        ledger: Ledger,
        judging: Judging,
        worker: str,
        away: tuple[type[Exception], ...],
        traces: Traces = SILENT,
        stop: Callable[[], None] = lambda: None,
    ) -> None:
        """`away` are the errors by which `ledger` says that the database cannot be reached.

        `stop` is called when the machine turns out to be unfit: nothing more is to be taken then.
        """
        self._ledger = ledger
        self._judging = judging
        self._worker = worker
        self._away = away
        self._traces = traces
        self._stop = stop
        self._not_here: tuple[type[Exception], ...] = (StoreError, *away)
        self._cell = Cell()
        self.tally = Tally()
        self.unfit: UnfitError | None = None
        """Set when the machine can judge no more; what was claimed is left to others, and nothing more may be taken."""

    async def carry_out(self, grading: UUID, again: bool = False, free: Callable[[], None] = lambda: None) -> None:
        """Judge it and write its verdict; cancelled, hand it back.

        One that comes `again` because its worker was lost is carried out alone: if it was what killed the worker, it
        does so again, and takes no other submission with it a second time. It waits before it is claimed, because what
        is claimed when a worker dies counts as lost. `free` is called when it is judged: who judges need not wait until
        a verdict is written.
        """
        async with self._cell.room(alone=again):
            await self._carry_out(grading, free)

    async def _carry_out(self, grading: UUID, free: Callable[[], None]) -> None:
        claim = await self._ledger.claim(grading, self._worker)
        if claim is None:
            return
        try:
            if not await self._is_ready(claim):
                return
            made = await self._traced(claim)
        except asyncio.CancelledError:
            self.tally.handed_back += await asyncio.shield(self._ledger.hand_back(claim))
            raise
        except UnfitError as error:
            self._give_up(claim, error)
            return
        free()
        written = await self._until_back(lambda: self._ledger.finish(claim, made), claim)
        self.tally.verdicts += written
        self.tally.late += not written
        _log.log(
            logging.WARNING if made.reason else logging.INFO,
            "verdict %s",
            made.status,
            extra={
                "submission": str(claim.submission),
                "tenant": str(claim.tenant),
                "kept": written,
                **({"reason": made.reason} if made.reason else {}),
            },
        )

    def _give_up(self, claim: Claim, error: UnfitError) -> None:
        """Take no more, and leave the claim as a worker does that dies: another takes it over, and it counts as lost.

        A verdict of this machine would be `judge_error` for everybody; and were it the submission that made the machine
        unfit, it would go from one to the next for ever if that did not count.
        """
        _log.error("left to others: %s", error, extra={"submission": str(claim.submission)})
        self.unfit = error
        self._stop()

    async def _traced(self, claim: Claim) -> Made:
        """The verdict; how long its grading waited and was judged is told."""
        facts: Facts = {"submission": str(claim.submission), "tenant": str(claim.tenant), "exercise": claim.of.exercise}
        with self._traces.span("wait", facts, kind="consumer", parent=claim.traceparent, began=claim.asked):
            pass
        more: Facts = {"version": claim.of.version, "attempt": claim.attempt, "worker": self._worker}
        with self._traces.span("grading", {**facts, **more}, parent=claim.traceparent) as span:
            made = await self._made(claim)
            span.tell({"status": made.status})
        return made

    async def _is_ready(self, claim: Claim) -> bool:
        """Have its suite here, or hand it back: no verdict may come of another suite than that it was sent for."""
        try:
            await self._judging.ready(claim)
        except self._not_here as error:
            _log.warning("handed back: %s", error, extra={"submission": str(claim.submission)})
            self.tally.handed_back += await self._ledger.hand_back(claim, LATER_S)
            return False
        return True

    async def _made(self, claim: Claim) -> Made:
        if claim.source is None:
            return self._judging.not_judged(claim, ERASED)
        if claim.lost >= MOST_LOSSES:
            return self._judging.not_judged(claim, LOST)
        return await self._judging.judge(claim)

    async def _until_back(self, write: Callable[[], Awaitable[bool]], claim: Claim) -> bool:
        """Try until the database is back; raises StoreError when it stays away too long."""
        waited, pause = 0.0, _FIRST_PAUSE_S
        while True:
            try:
                return await write()
            except self._away as error:
                if waited >= GIVE_UP_S:
                    raise StoreError(
                        f"the verdict of submission {claim.submission} could not be written for {GIVE_UP_S:.0f} s "
                        f"({type(error).__name__}); it will be graded again",
                        f"提交 {claim.submission} 的判定在 {GIVE_UP_S:.0f} 秒内未能写入"
                        f"（{type(error).__name__}）；将重新判题",
                    ) from error
                _log.warning("the database does not take a verdict (%s), which waits", error or type(error).__name__)
            await asyncio.sleep(pause)
            waited, pause = waited + pause, min(2 * pause, _LONGEST_PAUSE_S)
