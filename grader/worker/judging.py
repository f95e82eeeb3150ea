"""From a claim to what is written of its verdict, by an engine in this process."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from grader.errors import PackageError
from grader.grading.grade import Judging as Engine
from grader.grading.grade import Options, grade, not_judged
from grader.grading.intake import admit_file
from grader.model.service import Claim, Made
from grader.model.submission import Submission
from grader.model.verdict import Verdict
from grader.report.as_json import dumps
from grader.report.feedback import redact
from grader.worker.suites import Suites


class EngineJudging:
    """Judges claims on threads, one for each lane."""

    def __init__(self, engine: Engine, suites: Suites, lanes: int) -> None:
        self._engine = engine
        self._suites = suites
        self._lanes = ThreadPoolExecutor(max_workers=lanes, thread_name_prefix="viva-lane")

    async def ready(self, claim: Claim) -> None:
        """Have the claim's suite here."""
        await self._suites.ready(claim.of)

    async def judge(self, claim: Claim) -> Made:
        """The verdict of a claim's submission."""
        return await asyncio.get_running_loop().run_in_executor(self._lanes, self._judge, claim)

    def not_judged(self, claim: Claim, reason: str) -> Made:
        """The verdict that it could not be judged."""
        submission = Submission(name=claim.name, source="")
        return made_of(not_judged(self._suites.exercise(claim), submission, reason, _options(claim)), claim)

    def _judge(self, claim: Claim) -> Made:
        exercise = self._suites.exercise(claim)
        submission = admit_file(claim.name, claim.source or b"", exercise)
        try:
            return made_of(grade(exercise, submission, self._engine, _options(claim)), claim)
        except PackageError as error:  # taken away since the worker began
            return self.not_judged(claim, str(error))

    def close(self) -> None:
        """Wait for no lane; the engine that is closed next ends what they do."""
        self._lanes.shutdown(wait=False, cancel_futures=True)


def made_of(verdict: Verdict, claim: Claim) -> Made:
    """What is written of a verdict: whole, and as far as its tenant is shown it."""
    return Made(
        status=verdict.status.value,
        score=verdict.score,
        max_score=verdict.max_score,
        cpu_ms=max(0.0, verdict.resources.cpu_ms),
        document=dumps(verdict),
        shown=dumps(redact(verdict, claim.feedback)),
    )


def _options(claim: Claim) -> Options:
    return Options(seed=claim.seed, device=claim.device)
