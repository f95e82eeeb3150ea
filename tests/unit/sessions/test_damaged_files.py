"""Files of people, damaged anyhow: taken, or refused in one sentence; never another exception."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.cli.session_bundle import BundleOrder
from grader.cli.session_bundle import run as bundle
from grader.content.drafts import read_drafts
from grader.errors import ContentError, GraderError, UsageError
from grader.model.session import Session
from grader.report.spreadsheet import entries_csv
from grader.sessions import session_file
from grader.sessions.ledger import Ledger
from grader.sessions.prepare import read_avoided
from grader.sessions.rubric import read_sheet, template
from tests.fakes.entries import AREAS, KINDS, entry

_SETTINGS = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
_WORDS = b'\0 \xff \xed\xa0\x80 " \n \r , \x1b[31m 1e999 nan { : - &a *a !!int \\ud800 "\\ud800" ~ 9999-99-99'
_PIECES = st.sampled_from([*_WORDS.split(b" "), b"9" * 5000, b"[" * 3000]) | st.binary(max_size=8)
_TEXTS = ("", "x" * 2000, "\ud800", "\x1b[31m", "../../up", "a/b", "\0", "en")
_LEAVES = st.sampled_from([None, True, -1, 0, 10**30, 1e308, float("nan"), *_TEXTS])
_DICTS = st.dictionaries(st.sampled_from(["en", "zh", "id"]), _LEAVES, max_size=2)
_VALUES = _LEAVES | st.lists(_LEAVES, max_size=2) | _DICTS


def _order(session: Path, out: Path, *, folder: bool) -> BundleOrder:
    return BundleOrder(session=session, lang="en", guide_lang="same", out=out, folder=folder, live=False, pdf=False)


def _damaged(data: st.DataObject, whole: bytes) -> bytes:
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged)))
        damaged[at : at + data.draw(st.integers(0, 40))] = data.draw(_PIECES)
    return bytes(damaged)


def _refuses_or_takes(read: Callable[[], object]) -> None:
    """What it says is one line where it is printed: `grader.cli.ending` sees to that."""
    with contextlib.suppress(GraderError):
        read()


def _sheet_of_entries() -> bytes:
    return entries_csv([entry(kind) for kind in KINDS], answers=True).encode()


@pytest.mark.parametrize("kind", ["sheet", "rubric", "avoid", "session", "ledger"])
@_SETTINGS
@given(data=st.data())
def test_damaged_bytes(kind: str, data: st.DataObject, tmp_path: Path, session: Session) -> None:
    """Cut, overwritten or doubled anywhere."""
    wholes: dict[str, tuple[bytes, Callable[[Path], Any]]] = {
        "sheet": (_sheet_of_entries(), lambda path: read_drafts(path, AREAS)),
        "rubric": (template(session, "en").encode(), lambda path: read_sheet(path, session, "2026-11-22T10:00:00Z")),
        "avoid": (b"one-entry\nanother-entry # why\n", read_avoided),
        "session": (session_file.dump_session(session), session_file.read_session),
        "ledger": (b'{"kind":"attempt"}\n{"kind":"verdict","verdict":{}}\n{"kind":"rubric"}\n', Ledger),
    }
    whole, read = wholes[kind]
    path = tmp_path / "file"
    path.write_bytes(_damaged(data, whole))
    _refuses_or_takes(lambda: read(path))


@_SETTINGS
@given(data=st.data())
def test_a_session_whose_digest_is_right(data: st.DataObject, tmp_path: Path, session: Session) -> None:
    """Changed by somebody who can work out a digest: it is read and can be bundled, or is refused."""
    document = json.loads(session_file.dump_session(session))
    place: Any = document["session"]
    while isinstance(place, (dict, list)) and place:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not place[key] or not isinstance(place[key], (dict, list)) or data.draw(st.booleans()):
            place[key] = data.draw(_VALUES)
            break
        place = place[key]
    document["digest"] = session_file._digest(document["session"])
    path = tmp_path / "session.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    _refuses_or_takes(lambda: bundle(_order(path, tmp_path / "out", folder=False)))


@pytest.mark.parametrize("name", ["../up.py", "a/../../up.py", "..\\up.py", "x\0.py"])
def test_a_bundle_stays_in_its_folder(name: str, tmp_path: Path, session: Session) -> None:
    """A stranger's session may name its files as it likes."""
    document = json.loads(session_file.dump_session(session))
    exercise = next(question["exercise"] for question in document["session"]["questions"] if question["exercise"])
    exercise["files"][name] = "mine = 1\n"
    document["digest"] = session_file._digest(document["session"])
    path = tmp_path / "s" / "session.json"
    path.parent.mkdir()
    path.write_text(json.dumps(document), encoding="utf-8")
    order = _order(path, tmp_path / "o", folder=True)
    with pytest.raises(UsageError, match="leads out of the bundle"):
        bundle(order)
    assert not list(tmp_path.rglob("*up.py"))


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan"), float("inf")])
def test_a_session_whose_code_share_is_no_share_is_refused(share: float, tmp_path: Path, session: Session) -> None:
    """Its guide says it in per cent."""
    document = json.loads(session_file.dump_session(session))
    document["session"]["code_share"] = share
    document["digest"] = session_file._digest(document["session"])
    path = tmp_path / "session.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ContentError, match=r"session\.code_share"):
        session_file.read_session(path)


@pytest.mark.parametrize("minutes", [-1, 0, 10**15])
def test_a_session_of_no_time_or_of_years_is_refused(minutes: int, tmp_path: Path, session: Session) -> None:
    """Its guide would have a mark for every few minutes."""
    document = json.loads(session_file.dump_session(session))
    document["session"]["minutes"] = minutes
    document["digest"] = session_file._digest(document["session"])
    path = tmp_path / "session.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ContentError, match="minutes"):
        session_file.read_session(path)
