"""Rows as responses."""

from __future__ import annotations

from grader.api.backend import Backend
from grader.api.bodies import GradingOut, SubmissionOut
from grader.model.service import Feedback, Grading, Submitted
from grader.service.submitting import dated, told_time


def grading_out(backend: Backend, grading: Grading, feedback: Feedback) -> GradingOut:
    """A grading with its signed verdict, as far as `feedback` lets its times be told."""
    verdict = None
    if grading.verdict and grading.finished:
        verdict = backend.signer.signed(dated(grading.verdict, grading.finished, feedback))
    return GradingOut(
        number=grading.number,
        state=grading.state,
        created=grading.created,
        started=grading.started and told_time(grading.started, feedback),
        finished=grading.finished and told_time(grading.finished, feedback),
        verdict=verdict,
    )


def submission_out(backend: Backend, found: Submitted) -> SubmissionOut:
    """A submission with its latest grading."""
    return SubmissionOut(
        id=found.id,
        exercise=found.exercise,
        exercise_version=found.version,
        submission_digest=found.digest,
        device=found.device,
        feedback=found.feedback,
        external_id=found.external_id,
        metadata=None if found.metadata is None else dict(found.metadata),
        created=found.created,
        erased=found.erased,
        state=found.latest.state,
        grading=grading_out(backend, found.latest, found.feedback),
    )
