"""An exception of the candidate's becomes text and data, whatever its class does while it is looked at."""

from __future__ import annotations

import numpy as np
import pytest

from grader.guest.failure import GROUP_PARTS, MESSAGE_LIMIT, TRACEBACK_LIMIT, describe, rebuild
from grader.wire.decoder import Decoder
from grader.wire.encoder import Encoder

BASES, NAME, MESSAGE, ARGS, TRACE, PARTS = range(6)


def raised(source: str, name: str = "solution.py") -> BaseException:
    """What a piece of candidate code raises."""
    space: dict[str, object] = {}
    try:
        exec(compile(source, name, "exec"), space)
    except BaseException as error:
        return error
    raise AssertionError("it did not raise")


def text_of(part: object, encoder: Encoder) -> str:
    """A described text."""
    return str(Decoder([bytearray(b) for b in encoder.blobs]).decode(part))


def test_only_the_candidates_frames_are_shown() -> None:
    """The grader's own files and paths are none of their business."""
    encoder = Encoder()
    trace = text_of(describe(raised("def f():\n    1 / 0\nf()\n"), encoder)[TRACE], encoder)
    assert "line 2, in f" in trace
    assert "test_guest_failure" not in trace
    assert "/" not in trace.replace("1 / 0", "")


def test_every_place_has_its_own_text() -> None:
    """What was printed once is found again, for the same line only; the last of many frames are shown."""
    source = "def f(n):\n    if n > 20: raise ValueError(n)\n    f(n + 1) if n > 0 else 1 / 0\nf({start})\n"
    errors = [raised(source.format(start=start)) for start in (0, 19, 0, 1, 19)]
    zero, near, zero_again, far, near_again = (_trace_of(error) for error in errors)
    assert (zero, near) == (zero_again, near_again)
    assert len({zero, near, far}) == 3
    assert "line 4, in <module>" in near
    assert "line 4, in <module>" not in far
    assert "line 2, in f" in far


def _trace_of(error: BaseException) -> str:
    encoder = Encoder()
    return text_of(describe(error, encoder)[TRACE], encoder)


def test_a_long_traceback_is_cut() -> None:
    """Its end is what tells."""
    encoder = Encoder()
    trace = text_of(describe(raised("def f(n):\n    return f(n + 1)\nf(0)\n"), encoder)[TRACE], encoder)
    assert len(trace) <= TRACEBACK_LIMIT
    assert trace.endswith("RecursionError")


def test_a_syntax_error_names_its_line() -> None:
    """The candidate's file has no frame then."""
    encoder = Encoder()
    described = describe(raised("x = 1\ny = = 2\n"), encoder)
    assert "(line 2)" in text_of(described[TRACE], encoder)


class Hostile(ValueError):
    """Raises wherever it is asked."""

    def __str__(self) -> str:
        raise SystemExit

    def __repr__(self) -> str:
        raise KeyboardInterrupt


class Lying(ValueError):
    @property
    def args(self) -> tuple[object, ...]:  # type: ignore[override]
        return (Slippery(),)


class Slippery(dict):  # type: ignore[type-arg]
    def __iter__(self) -> object:
        raise RuntimeError("no")

    def keys(self) -> object:
        raise RuntimeError("no")


def test_a_hostile_text_is_said_to_be_unreadable() -> None:
    """The guest goes on."""
    assert describe(Hostile("x"), Encoder())[MESSAGE] == "(its message could not be read: SystemExit)"


def test_arguments_that_cannot_cross_are_left_out() -> None:
    """And leave nothing half-written behind."""
    encoder = Encoder()
    described = describe(ValueError(np.ones(3), "text", object()), encoder)
    assert described[ARGS] is None
    assert (encoder.blobs, encoder.mutables, encoder.known) == ([], [], {})


def test_arguments_that_misbehave_are_left_out() -> None:
    """A class may do anything when it is iterated."""
    described = describe(Lying(), Encoder())
    assert described[BASES][:1] == ["ValueError"]


def test_a_long_message_is_cut() -> None:
    """Also when it is one argument."""
    encoder = Encoder()
    assert len(text_of(describe(ValueError("x" * 10**6), encoder)[MESSAGE], encoder)) == MESSAGE_LIMIT


def test_a_class_that_is_called_like_a_built_in_one_is_not_one() -> None:
    """Only the built-in classes themselves count as bases."""
    error = raised("class KeyError(TypeError): pass\nraise KeyError('mine')")
    described = describe(error, Encoder())
    assert described[BASES] == ["TypeError", "Exception", "BaseException", "object"]
    assert described[NAME] == "KeyError"


def test_a_group_is_described_to_a_depth_and_a_number() -> None:
    """It could hold itself a million times over."""
    wide = describe(ExceptionGroup("g", [ValueError(i) for i in range(1_000)]), Encoder())
    assert len(wide[PARTS]) == GROUP_PARTS
    deep: BaseException = ValueError("core")
    for _ in range(50):
        deep = ExceptionGroup("g", [deep])
    levels, part = 0, describe(deep, Encoder())
    while part[PARTS]:
        levels, part = levels + 1, part[PARTS][0]
    assert levels == 4


def test_a_file_name_comes_with_an_os_error() -> None:
    """Python leaves it out of `args`."""
    assert describe(raised("open('/nowhere')"), Encoder())[ARGS] == [2, "No such file or directory", "/nowhere"]


@pytest.mark.parametrize(
    ("bases", "args", "kind"),
    [
        (["KeyError", "LookupError", "Exception"], ["k"], KeyError),
        (["SuiteError", "ValueError"], ["x"], ValueError),
        (["UnicodeDecodeError"], [1], RuntimeError),
        (["SystemExit", "BaseException"], [], Exception),
        ([], None, Exception),
    ],
)
def test_a_suites_exception_is_raised_as_the_nearest_type(bases: list[str], args: list[object], kind: type) -> None:
    """Candidate code can catch it."""
    assert type(rebuild(bases, "text", args)) is kind
