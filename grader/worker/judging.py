"""From a claim to what is written of its verdict, by an engine in this process."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from grader.errors import PackageError
from grader.grading.grade import Judging as Engine
from grader.grading.grade import Options, grade, not_judged
from grader.grading.intake import admit_file
from grader.model.exercise import Exercise
from grader.model.service import Claim, Made
from grader.model.submission import Submission
from grader.model.verdict import Status, Verdict
from grader.report.as_json import dumps
from grader.report.feedback import redact
from grader.service.carrying import UnfitError
from grader.service.modules import unpacked
from grader.worker.suites import Suites

_PAUSES_S: Final = (0.5, 2.0)  # what a submission does to the whole machine is over when its own time is


class EngineJudging:
    """Judges claims on threads, one for each lane.

    `probe` is an exercise that can be judged wherever anything can: a `judge_error` is believed only where its stub
    still gets another verdict.
    """

    def __init__(self, engine: Engine, suites: Suites, lanes: int, probe: Exercise | None) -> None:
        self._engine = engine
        self._suites = suites
        self._probe = probe
        self._lanes = ThreadPoolExecutor(max_workers=lanes, thread_name_prefix="viva-lane")

    async def ready(self, claim: Claim) -> None:
        """Have the claim's suite here."""
        await self._suites.ready(claim.of)

    async def judge(self, claim: Claim) -> Made:
        """The verdict of a claim's submission."""
        return await asyncio.get_running_loop().run_in_executor(self._lanes, self._judge, claim)

    def require_fit(self) -> None:
        """Raise UnfitError where this machine cannot judge: every submission would end as `judge_error`."""
        if self._probe is None:
            return
        stub = Submission(name=self._probe.stub.name, source=self._probe.stub.read_text(encoding="utf-8"))
        for pause_s in (*_PAUSES_S, None):
            verdict = grade(self._probe, stub, self._engine, Options(seed=1, diagnose=False))
            if verdict.status is not Status.JUDGE_ERROR:
                return
            if pause_s is not None:
                time.sleep(pause_s)
        raise UnfitError(
            f"this worker cannot grade: {verdict.message or 'its judge failed'}; `viva doctor` looks at each layer",
            f"该工作进程无法判题：{verdict.message or '判题程序出错'}；`viva doctor` 会逐层检查",
        )

    def not_judged(self, claim: Claim, reason: str) -> Made:
        """The verdict that it could not be judged."""
        submission = Submission(name=claim.name, source="")
        return made_of(not_judged(self._suites.exercise(claim), submission, reason, _options(claim)), claim)

    def _judge(self, claim: Claim) -> Made:
        exercise = self._suites.exercise(claim)
        submission = admit_file(claim.name, claim.source or b"", exercise, unpacked(claim.modules))
        try:
            verdict = grade(exercise, submission, self._engine, _options(claim))
        except PackageError as error:  # taken away since the worker began
            return self.not_judged(claim, str(error))
        if verdict.status is Status.JUDGE_ERROR:
            self.require_fit()
        return made_of(verdict, claim)

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
        reason=verdict.message if verdict.status is Status.JUDGE_ERROR else "",
    )


def _options(claim: Claim) -> Options:
    return Options(seed=claim.seed, device=claim.device)
