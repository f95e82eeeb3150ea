"""The public half of exercises: what a platform shows its candidates."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Response

from grader.api.backend import Here
from grader.api.bodies import ExerciseList, ExerciseOut, ExerciseSummary, Slug, TaskOut
from grader.api.callers import Reader
from grader.api.problems import not_found, responses
from grader.model.exercise import Exercise

router = APIRouter(prefix="/v1/exercises", tags=["exercises"])
Language = Annotated[
    str | None, Header(alias="Accept-Language", max_length=200, description="`zh` first gives Chinese.")
]


@router.get("", responses=responses(401, 403, 422, 429, 503), summary="List exercises", operation_id="list_exercises")
async def all_of_them(backend: Here, _caller: Reader, language: Language = None) -> ExerciseList:
    """Every exercise that can be graded here."""
    lang = _lang(language)
    return ExerciseList(items=[ExerciseSummary(**_summary(one, lang)) for one in backend.exercises.values()])


@router.get(
    "/{slug}", responses=responses(401, 403, 404, 422, 429, 503), summary="One exercise", operation_id="get_exercise"
)
async def one(slug: Slug, backend: Here, _caller: Reader, response: Response, language: Language = None) -> ExerciseOut:
    """Statement, stub and public cases of an exercise; its hidden half never leaves the service."""
    exercise = backend.exercises.get(slug)
    if exercise is None:
        raise not_found("exercise")
    lang = _lang(language)
    response.headers["Content-Language"] = lang
    folder = exercise.public_dir
    return ExerciseOut(
        **_summary(exercise, lang),
        language=lang,
        statement=(folder / f"statement.{lang}.md").read_text("utf-8"),
        stub=(folder / "stub.py").read_text("utf-8"),
        public_cases=(folder / "test_public.py").read_text("utf-8"),
        tasks=[TaskOut(id=task.id, title=task.title.get(lang), points=task.points) for task in exercise.tasks],
        limits={name: float(value) for name, value in asdict(exercise.limits).items()},
    )


def _lang(accepted: str | None) -> Literal["en", "zh"]:
    first = (accepted or "").split(",")[0].strip().lower()
    return "zh" if first.startswith("zh") else "en"


def _summary(exercise: Exercise, lang: Literal["en", "zh"]) -> dict[str, Any]:
    return {
        "slug": exercise.id,
        "version": exercise.version,
        "title": exercise.title.get(lang),
        "level": exercise.level,
        "minutes": exercise.minutes,
        "topics": list(exercise.topics),
        "max_score": exercise.max_score,
        "suite_digest": exercise.suite_digest,
    }
