"""`viva verify`: whether a verdict is what a grading backend signed, and whether it comes out again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import wiring
from grader.cli.exit_status import DONE, NOT_ACCEPTED
from grader.cli.sentences import tell
from grader.errors import UsageError, unreadable
from grader.grading.grade import Options, grade
from grader.grading.intake import read_submission
from grader.grading.own_modules import modules_beside
from grader.grading.rejection import Rejection
from grader.model.exercise import Exercise
from grader.model.service import SigningKey
from grader.model.submission import Submission
from grader.model.text import Lang
from grader.model.verdict import Verdict
from grader.report.as_json import to_document
from grader.report.catalogue import say
from grader.service.addresses import is_safe_way
from grader.service.verifying import read_keys, verify

KEYS = "/.well-known/viva-keys.json"
_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyOrder:
    """What the command line asked for."""

    file: Path
    keys: str | None
    replay: Path | None
    packs: tuple[Path, ...]
    lang: Lang


def run(order: VerifyOrder) -> int:
    """Check, say what was signed, perhaps grade again; returns the exit status."""
    document = _verdict_in(_json_of(order.file))
    if order.keys is None:
        raise UsageError(
            "name the public keys: `--keys FILE`, or `--keys https://…` for the service's own",
            "请给出公钥：`--keys 文件`，或用 `--keys https://…` 取服务端的公钥",
        )
    keys = _keys(order.keys)
    wrong = verify(document, keys)
    if wrong is not None:
        tell(say("service.not_signed", order.lang, why=wrong.get(order.lang)))
        return NOT_ACCEPTED
    key = keys[document["signature"]["key_id"]]
    tell(say("service.signed", order.lang, **_facts(document), shown=key.key_id))
    if key.until is not None:
        tell(say("service.signed_before", order.lang, until=key.until.isoformat()))
    return DONE if order.replay is None else _replay(order, document, order.replay)


def _facts(document: dict[str, Any]) -> dict[str, str]:
    return {
        "exercise": str(document["exercise"]["id"]),
        "status": str(document["status"]),
        "score": f"{document['score']:g}",
        "max_score": f"{document['max_score']:g}",
        "created": str(document["created"]),
    }


def _replay(order: VerifyOrder, document: dict[str, Any], source: Path) -> int:
    if document["seed"] is None:
        raise UsageError(
            "this verdict does not tell its seed (its feedback level withholds it); it cannot be graded again here",
            "该判定不含种子（其反馈级别不公开种子），无法在此重新判题",
        )
    exercise = wiring.open_exercise(document["exercise"]["id"], order.packs)
    with wiring.open_engine("strict", warm=False) as engine:
        submission = _what_was_sent(source, exercise, document["submission_digest"])
        verdict = grade(exercise, submission, engine, Options(seed=document["seed"], lang=order.lang))
    same = verdict.submission_digest == document["submission_digest"] and _outcomes(to_document(verdict)) == _outcomes(
        document
    )
    _tell_replay(verdict, order.lang, same=same)
    return DONE if same else NOT_ACCEPTED


def _what_was_sent(source: Path, exercise: Exercise, digest: str) -> Submission | Rejection:
    """The file; with the modules beside it where it alone is not what the verdict is about."""
    alone = read_submission(source, exercise)
    return alone if alone.digest == digest else read_submission(source, exercise, modules_beside(source, exercise))


def _tell_replay(verdict: Verdict, lang: Lang, *, same: bool) -> None:
    facts = {"status": verdict.status.value, "score": f"{verdict.score:g}", "max_score": f"{verdict.max_score:g}"}
    key = "service.replayed_same" if same else "service.replayed_other"
    tell(say(key, lang, seed=str(verdict.seed), **facts))


def _outcomes(document: dict[str, Any]) -> Any:
    return document["status"], document["score"], [(case["id"], case["status"]) for case in document["cases"]]


def _verdict_in(document: Any) -> dict[str, Any]:
    """The verdict itself, or the one that a submission of the api holds."""
    if isinstance(document, dict) and isinstance(document.get("grading"), dict):
        document = document["grading"].get("verdict")
    if not isinstance(document, dict) or document.get("schema") != "viva.verdict/1":
        raise UsageError(
            "this file holds no verdict of the schema viva.verdict/1; save what the service answered",
            "该文件不含 viva.verdict/1 格式的判定；请保存服务端返回的内容",
        )
    return document


def _json_of(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"), object_pairs_hook=_without_repeats)
    except OSError as error:
        raise unreadable(path, error.strerror, "name another file", "请指定另一个文件") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{path} is not JSON, or names a member twice; save what the service answered",
            f"{path} 不是 JSON，或其中有重复的成员；请保存服务端返回的内容",
        ) from error


def _without_repeats(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; one that names a member twice says different things to different readers."""
    found = dict(members)
    if len(found) != len(members):
        raise ValueError("a member is named twice")
    return found


def _keys(place: str) -> dict[str, SigningKey]:
    document = _fetched(place) if place.startswith(("http://", "https://")) else _json_of(Path(place))
    try:
        return read_keys(document)
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"{place} holds no public keys; it should be what {KEYS} of the service answers",
            f"{place} 中没有公钥；它应当是服务端 {KEYS} 返回的内容",
        ) from error


def _fetched(url: str) -> Any:
    import httpx

    address = url if url.endswith(KEYS) else url.rstrip("/") + KEYS
    if not is_safe_way(url):
        raise UsageError(
            f"public keys from {url} could be anybody's: fetch them over https, or name a file that you trust",
            f"从 {url} 取得的公钥可能被人替换：请用 https，或给出你信任的文件",
        )
    try:
        return httpx.get(address, timeout=_TIMEOUT_S).raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise UsageError(
            f"the public keys cannot be fetched from {address} ({type(error).__name__})",
            f"无法从 {address} 取得公钥（{type(error).__name__}）",
        ) from error
