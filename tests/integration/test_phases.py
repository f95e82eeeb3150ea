"""Whatever phase of a verdict is attacked, the answer comes in time, is the candidate's, and the next one is right."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from grader.content.pack import load_exercise
from grader.engine.engine import Engine
from grader.grading.grade import Options, grade
from grader.model.exercise import Exercise
from grader.model.submission import Submission
from grader.model.verdict import Status, Verdict
from tests.integration.conftest import OTHER, RIGHT, graded, write_exercise

pytestmark = pytest.mark.usefixtures("nothing_left")

_WALL_S = 6.0
_LIMITS = "wall_s: 6, case_wall_s: 1, cpu_s: 6, memory_mb: 256, processes: 8, output_kb: 64"
_PRIME = 2**61 - 1

# What suites do with answers: sets and sorts of them, and texts of their own about them.
_SUITE = '''
import re
import numpy as np
import pytest

@pytest.mark.task("first")
def test_first(candidate):
    """Says nothing yet."""
    assert candidate.other() == "fine"

@pytest.mark.task("first")
def test_probe(candidate):
    """Works on an answer in the ways of suites."""
    answer = candidate.probe()
    if isinstance(answer, list):
        assert len(set(map(tuple, answer))) == len(answer), "rows are alike"
    if isinstance(answer, tuple):
        assert len(set(answer)) == len(answer), "numbers are alike"
    if isinstance(answer, str):
        assert not re.search("(x+x+)+y", answer), "a pattern that takes for ever"
    if isinstance(answer, np.ndarray):
        kept = [np.empty(2 * len(answer), answer.dtype) for _ in range(64)]
        assert len(kept) == 0, "too many"
    if isinstance(answer, dict):
        candidate.other({"kept": [[answer]]})
    assert answer == "done", f"got {answer}"

@pytest.mark.task("second")
def test_second(candidate):
    """Comes after what was attacked."""
    assert candidate.other() == "fine"
'''
_TUPLES = f"""
P1, P2, P5 = 11400714785074694791, 14029467366897019727, 2870177450012600261
M = 2**64 - 1
def rot(x, n): return ((x << n) | (x >> (64 - n))) & M
I1, I2 = pow(P1, -1, 2**64), pow(P2, -1, 2**64)
def colliding(count, length):
    prefix = [10**6 + i for i in range(length - 2)]
    acc = P5
    for v in prefix: acc = rot((acc + v * P2) & M, 31) * P1 & M
    wanted, made, a = rot(12345 * I1 & M, 33), [], 2**32
    while len(made) < count:
        a += 12345678901
        b = (wanted - (rot((acc + a * P2) & M, 31) * P1 & M)) * I2 & M
        b = b - 2**64 if b >= 2**63 else b
        if abs(b) < {_PRIME}: made.append([*prefix, a, b])
    return made
"""

_Statuses = set[Status]
_R, _T, _M, _W = Status.RUNTIME_ERROR, Status.TIME_LIMIT, Status.MEMORY_LIMIT, Status.WRONG_ANSWER
# phase and way -> (statuses that are right, source)
_ATTACKS: dict[str, tuple[_Statuses, str]] = {
    "load: an answer that is too large": (
        {_R, _M},
        "import os, struct\nos.write(3, struct.pack('!4sIIQ', b'viv1', 0, 1, 2**28 + 1))\nimport time; time.sleep(60)",
    ),
    "load: never": ({_T}, "while True: pass"),
    "cases: no answer": ({_T}, f"import time\ndef probe(): time.sleep(60)\n{OTHER}"),
    "decode: parts without end": (
        {_R, _W, _M, _T},
        f"def probe(): return [[0] * 9 for _ in range(4000)]\n{OTHER}",
    ),
    "decode: ints that share a hash": (
        {_R},
        f"def probe(): return {{k * {_PRIME} for k in range(9, 4000)}}\n{OTHER}",
    ),
    "suite: rows that share a hash": ({_T}, f"{_TUPLES}\ndef probe(): return colliding(4000, 600)\n{OTHER}"),
    "suite: ints that share a hash": (
        {_W, _T},
        f"def probe(): return tuple(k * {_PRIME} for k in range(9, 9000))\n{OTHER}",
    ),
    "suite: a text that a pattern is lost in": ({_T}, f"def probe(): return 'x' * 60\n{OTHER}"),
    "suite: arrays that fill the judge": (
        {_M},
        f"import numpy as np\ndef probe(): return np.zeros(100 << 20, np.uint8)\n{OTHER}",
    ),
    "suite: an answer too deep to be passed on": (
        {_W},
        "def probe():\n    deep = []\n    for _ in range(41): deep = [deep]\n    return {'k': deep}\n"
        "def other(kept=None): return 'fine'\n",
    ),
    "comparison: a message of megabytes": ({_W, _T}, f"def probe(): return b'\\n' * (100 << 20)\n{OTHER}"),
    "report: surrogates, escapes and newlines": (
        {_R},
        f"def probe(): raise ValueError('\\ud800\\x1b[2J\\u202e' + '\\n' * 10**6)\n{OTHER}",
    ),
    "report: a SyntaxError with fields of other types": (
        {_R},
        f"def probe(): raise SyntaxError('m', ('f', 2**40, [1], 12345))\n{OTHER}",
    ),
}


@pytest.fixture(scope="session")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Exercise:
    """An exercise whose suite does with answers what suites do."""
    root = tmp_path_factory.mktemp("attacked")
    return write_exercise(root, hidden=_SUITE, limits=_LIMITS)


def _in_time(engine: Engine, exercise: Exercise, source: str, *, diagnose: bool = False) -> Verdict:
    """The verdict, which must be there two seconds after the wall time."""
    options = Options(seed=4, diagnose=diagnose)
    started = time.monotonic()
    verdict = grade(exercise, Submission(name="probe.py", source=source), engine, options)
    assert time.monotonic() - started < _WALL_S + 2
    return verdict


@pytest.mark.parametrize(("statuses", "source"), _ATTACKS.values(), ids=_ATTACKS)
def test_an_attack_on_a_phase_is_answered_in_time(
    statuses: _Statuses, source: str, engine: Engine, attacked: Exercise
) -> None:
    """With a candidate's status; what was judged before stays; and the engine is as good as new."""
    assert graded(engine, attacked, RIGHT).status is Status.ACCEPTED
    verdict = _in_time(engine, attacked, source)
    assert verdict.status in statuses, (verdict.message, verdict.cases)
    assert graded(engine, attacked, RIGHT).status is Status.ACCEPTED


def test_what_was_judged_before_a_judge_was_ended_stays(engine: Engine, attacked: Exercise) -> None:
    """The case that its judge was stuck in is late; the next says why it did not run; the first one passed."""
    assert graded(engine, attacked, RIGHT).status is Status.ACCEPTED
    verdict = _in_time(engine, attacked, f"def probe(): return 'x' * 60\n{OTHER}")
    assert [case.status for case in verdict.cases] == [Status.ACCEPTED, _T, _T]
    assert "working on the answer" in verdict.cases[1].message.en
    assert "not run, because earlier" in verdict.cases[2].message.en
    assert verdict.isolation.layers
    assert verdict.cases[1].duration_ms < 1000 * 4


_MUTANTS = """
schema: 1
mutants:
  - id: endless
    task: first
    title: {en: Endless, zh: 无尽}
    advice: {en: End., zh: 请结束。}
    file: mutants/endless.py
"""
_ENDLESS = """
import re
def probe():
    re.match("(a*)*b", "a" * 64)
def other():
    return "fine"
"""


def test_the_diagnosis_ends_with_the_wall_time(engine: Engine, tmp_path: Path) -> None:
    """A mutant that is stuck in C costs the verdict nothing but its name."""
    exercise = write_exercise(tmp_path, limits=_LIMITS.replace("case_wall_s: 1", "case_wall_s: 5"))
    private_dir = tmp_path / "reference" / "probe"
    (private_dir / "mutants").mkdir()
    (private_dir / "mutants/endless.py").write_text(_ENDLESS, encoding="utf-8")
    (private_dir / "mutants.yaml").write_text(_MUTANTS, encoding="utf-8")
    exercise = load_exercise(tmp_path, "probe")
    assert [mutant.id for mutant in exercise.mutants] == ["endless"]
    assert graded(engine, exercise, RIGHT).status is Status.ACCEPTED
    verdict = _in_time(engine, exercise, RIGHT.replace("'done'", "'nearly'"), diagnose=True)
    assert (verdict.status, verdict.diagnosis) == (_W, ())
    assert [case.status for case in verdict.cases] == [_W, Status.ACCEPTED]


_STUCK_SUITE = '''
import pytest

@pytest.mark.task("first")
def test_stuck(candidate):
    """Is stuck before it asks anything."""
    import re
    re.match("(a*)*b", "a" * 64)

@pytest.mark.task("second")
def test_second(candidate):
    """Is not reached."""
    assert candidate.other() == "fine"
'''


def test_a_suite_that_is_stuck_by_itself_is_our_failure(engine: Engine, tmp_path: Path) -> None:
    """No answer was involved, so nothing is charged; and it is in time all the same."""
    exercise = write_exercise(tmp_path, hidden=_STUCK_SUITE, limits=_LIMITS.replace("wall_s: 6, ", "wall_s: 2, ", 1))
    engine.start(exercise)
    verdict = _in_time(engine, exercise, RIGHT)
    assert verdict.status is Status.JUDGE_ERROR
    assert verdict.score == 0


_GREEDY_SUITE = '''
import pytest

@pytest.mark.task("first")
@pytest.mark.parametrize("n", range(12))
def test_keeps(candidate, n):
    """Keeps what it compares."""
    from grader.judge import assert_close
    assert_close(candidate.probe(), 1.0)

@pytest.mark.task("second")
def test_second(candidate):
    """Needs memory of its own, for which no guest is to blame."""
    import numpy as np
    assert np.ones(200 << 20, np.uint8).sum() > 0, "impossible"
    assert candidate.other() == "fine"
'''


def test_answers_that_were_compared_are_not_kept(engine: Engine, tmp_path: Path) -> None:
    """Twelve of 80 MB each do not fill the judge, and more than the budget is the candidate's."""
    limits = "wall_s: 20, case_wall_s: 5, cpu_s: 20, memory_mb: 300, processes: 8, output_kb: 64"
    exercise = write_exercise(tmp_path, hidden=_GREEDY_SUITE, limits=limits)
    source = f"import numpy as np\ndef probe(): return np.zeros(80 << 20, np.uint8)\n{OTHER}"
    assert graded(engine, exercise, RIGHT).status is not Status.JUDGE_ERROR
    verdict = graded(engine, exercise, source)
    assert [case.status for case in verdict.cases[:12]] == [_W] * 12
    assert verdict.cases[12].status is Status.ACCEPTED
    over = graded(engine, exercise, source.replace("80 <<", "200 <<"))
    assert [case.status for case in over.cases[6:]] == [_M] * 7, over.cases
    assert all("all answers together" in case.message.en for case in over.cases[6:])
