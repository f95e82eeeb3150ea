"""A candidate's exception is rebuilt as the nearest built-in type, from text and data only."""

from __future__ import annotations

import builtins
import time
import traceback
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import WireError
from grader.guest.failure import describe
from grader.judge.failure import TEXT_LIMIT, RemoteError, rebuild, summary
from grader.wire.decoder import Decoder
from grader.wire.encoder import Encoder

TYPES = {name: kind for name, kind in vars(builtins).items() if isinstance(kind, type)}
EXCEPTIONS = sorted(name for name, kind in TYPES.items() if issubclass(kind, Exception))
ENDS = ["SystemExit", "KeyboardInterrupt", "GeneratorExit", "BaseException", "BaseExceptionGroup"]
OTHERS = ["exec", "eval", "__import__", "print", "type", "object", "int", "pytest", "os.system", 3, None]


def across(error: BaseException) -> Exception:
    """An exception as it arrives."""
    encoder = Encoder()
    failure = describe(error, encoder)
    return rebuild(failure, Decoder(encoder.blobs))


def failure(bases: Any, args: Any = None, parts: Any = None) -> list[Any]:
    """A description as a hostile guest may write it."""
    return [bases, "Name", "text", args, "trace", parts]


@pytest.mark.parametrize("name", EXCEPTIONS)
@pytest.mark.parametrize("args", [None, [], [1], ["a", 2], ["a", 2, 3, 4, 5], [["L"], ["D"]], [["i", "f" * 40]] * 5])
def test_every_built_in_type_can_be_rebuilt_from_anything(name: str, args: Any) -> None:
    """Also those that insist on arguments of their own kind."""
    error = rebuild(failure([name], args), Decoder([]))
    assert isinstance(error, RemoteError)
    assert isinstance(error, getattr(builtins, name)) or name == "ExceptionGroup"
    assert (str(error), error.remote_type, error.remote_trace) == ("text", "Name", "trace")
    assert repr(error)


@pytest.mark.parametrize(
    "error",
    [
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), FileNotFoundError(2, "none", "f.txt"), OSError("plain"),
        KeyError("k"), SyntaxError("bad", ("f.py", 1, 2, "x", 1, 3)), StopIteration(3), ImportError("x"), ValueError(),
    ],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_an_honest_exception_keeps_its_type_text_and_args(error: Exception) -> None:
    """And what its type derives from them."""
    arrived = across(error)
    assert isinstance(arrived, type(error))
    assert (str(arrived), arrived.args) == (str(error), error.args)
    for name in ("errno", "filename", "start", "value", "lineno"):
        assert getattr(arrived, name, None) == getattr(error, name, None)


def test_all_built_in_bases_catch_it() -> None:
    """As with a class of two bases in the candidate's own process."""

    class NotFittedError(ValueError, AttributeError):
        pass

    arrived = across(NotFittedError("fit first"))
    assert isinstance(arrived, ValueError)
    assert isinstance(arrived, AttributeError)


def test_bases_that_cannot_be_combined_give_the_first() -> None:
    """No honest class has them."""
    arrived = rebuild(failure(["UnicodeDecodeError", "OSError", "SyntaxError"]), Decoder([]))
    assert isinstance(arrived, UnicodeDecodeError)


def test_a_group_arrives_with_its_parts() -> None:
    """So that `except*` finds them."""
    arrived = across(ExceptionGroup("several", [KeyError("a"), ExceptionGroup("inner", [ValueError("b")])]))
    assert isinstance(arrived, ExceptionGroup)
    matched, rest = arrived.split(ValueError)
    assert matched.exceptions[0].exceptions[0].args == ("b",)
    assert rest.exceptions[0].args == ("a",)


def test_a_group_of_ends_is_an_ordinary_exception() -> None:
    """SystemExit within a group does not end the judge either."""
    assert type(across(BaseExceptionGroup("ends", [SystemExit(1)]))) is RemoteError


@pytest.mark.parametrize("name", ENDS)
def test_what_would_end_the_judge_is_an_ordinary_exception(name: str) -> None:
    """Whatever its guest says."""
    assert type(rebuild(failure([name, "BaseException"]), Decoder([]))) is RemoteError


@pytest.mark.parametrize("name", OTHERS)
def test_only_exceptions_are_looked_up(name: Any) -> None:
    """Nothing else of `builtins` is touched."""
    assert type(rebuild(failure([name]), Decoder([]))) is RemoteError


MALFORMED: list[Any] = [
    *(None, 3, "text", [], {}, failure(None), failure("ValueError"), failure([])[:5], [*failure([]), 1]),
    *([["ValueError"], 3, "text", None, "", None], [[], "N", None, None, "", None], [[], "N", "t", None, ["L"], None]),
]


@pytest.mark.parametrize("node", MALFORMED, ids=str)
def test_a_malformed_description_is_refused(node: Any) -> None:
    """With the wire's own error."""
    with pytest.raises(WireError):
        rebuild(node, Decoder([]))


def test_texts_are_cut() -> None:
    """A message of megabytes does not stay in the judge."""
    error = rebuild([[], "N", ["s", 0], None, "t", None], Decoder([bytearray(b"x" * 100_000)]))
    assert len(error.remote_message) == TEXT_LIMIT


@settings(max_examples=100)
@given(st.lists(st.sampled_from([*EXCEPTIONS, "object", "int", "x"]), max_size=6))
def test_any_combination_of_bases_gives_an_exception(names: list[str]) -> None:
    """That something catches."""
    assert isinstance(rebuild(failure(names, ["a"]), Decoder([])), RemoteError)


@pytest.mark.parametrize("first", EXCEPTIONS)
def test_every_pair_of_bases_gives_an_exception(first: str) -> None:
    """Also those of which Python makes a class and then no instance (MemoryError with UnicodeDecodeError)."""
    for second in EXCEPTIONS:
        assert isinstance(rebuild(failure([first, second], ["a"]), Decoder([])), RemoteError)


HUGE, LONG = ["i", "f" * 3_000], "x" * 200_000
HOSTILE_ARGS: dict[str, list[Any]] = {
    "a text that is a number": ["m", ["T", "f", 1, 1, 12345]],
    "a column of a trillion": ["m", ["T", "f", 1, 2**40, "x"]],
    "a last column of a trillion": ["m", ["T", "f", 1, 1, "x", 1, 2**40]],
    "an offset that is a list": ["m", ["T", "f", 1, ["L"], "x"]],
    "a negative line": ["m", ["T", "f", -(2**40), -5, "x", -1, -1]],
    "a line that is a dict": ["m", ["T", "f", ["D"], 1, "x"]],
    "a file that is a list": ["m", ["T", ["L"], 1, 1, "x"]],
    "details that are a list": ["m", ["L", "f", 1, 1, "x"]],
    "a message that is a list": [["L"], ["T", "f", 1, 1, "x"]],
    "a long text": ["m", ["T", "f", 1, 150_000, LONG]],
    "surrogates": ["m", ["T", "f", 1, 1, ["s", 0]]],
    "five numbers": [1, 2, 3, 4, 5],
    "a Unicode error beyond its text": ["utf-8", ["b", 0], 2**40, -3, "bad"],
    "a Unicode error of a number": ["utf-8", 3, 0, 1, "bad"],
    "an error number of a thousand digits": [HUGE, "none", "f"],
    "a written count of a thousand digits": [11, "none", HUGE],
    "a file name that is a list": [2, "none", ["L"]],
    "many": list(range(10_000)),
    "one that is long": [LONG],
    "nested": [["L", ["L", ["L", ["D", 1, ["L"]]]]]],
}  # fmt: skip


@pytest.mark.parametrize("args", HOSTILE_ARGS.values(), ids=HOSTILE_ARGS)
@pytest.mark.parametrize("name", EXCEPTIONS)
def test_every_exception_can_be_printed(name: str, args: list[Any]) -> None:
    """By Python and by pytest, in little time and few characters, whatever its fields are made of."""
    error = rebuild(failure([name], args), Decoder([bytearray(b"\xed\xa0\x80")]))
    started = time.process_time()
    try:
        raise error
    except type(error):
        printed = traceback.format_exc()
        shown = str(pytest.ExceptionInfo.from_current().getrepr(style="long", showlocals=False))
    assert "text" in printed or isinstance(error, SyntaxError)  # of which Python prints the message in its fields
    assert len(printed) + len(shown) + len(repr(error)) < 100_000
    assert time.process_time() - started < 10  # of what took minutes, on any machine


def group(depth: int, width: int) -> list[Any]:
    """A description of groups within groups."""
    parts = [failure(["ValueError"], [1])] * width
    for _ in range(depth):
        parts = [_group(parts)] * width
    return _group(parts)


def _group(parts: list[Any]) -> list[Any]:
    return [["ExceptionGroup", "Exception"], "G", "text", None, "trace", parts]


@pytest.mark.parametrize("node", [group(0, 200), group(10, 1), group(3, 8)], ids=["wide", "deep", "both"])
def test_a_group_of_too_many_parts_is_refused(node: list[Any]) -> None:
    """Whatever made it, printing it would take long."""
    with pytest.raises(WireError, match="too many parts"):
        rebuild(node, Decoder([]))


def test_a_group_of_a_few_parts_can_be_printed() -> None:
    """Up to the limits."""
    error = rebuild(group(4, 2), Decoder([]))
    assert "ExceptionGroup" in "".join(traceback.format_exception(error))
    assert str(error) == "text"


@pytest.mark.parametrize("parts", [[], None], ids=["no parts", "none"])
def test_a_group_without_parts_is_an_ordinary_exception(parts: Any) -> None:
    """Python knows no empty group."""
    error = rebuild([["ExceptionGroup", "Exception"], "G", "text", [1], "trace", parts], Decoder([]))
    assert type(error) is RemoteError


def test_an_odd_field_costs_only_the_fields() -> None:
    """Type, text and args are as they were sent; what the type makes of its args is empty."""
    error = rebuild(failure(["SyntaxError"], ["m", ["T", "f", 1, 1, 12345]]), Decoder([]))
    assert isinstance(error, SyntaxError)
    assert (error.args, error.text, error.lineno) == (("m", ("f", 1, 1, 12345)), None, None)


def test_a_suites_exception_that_cannot_be_said_is_summed_up() -> None:
    """It may quote what it was answered."""
    assert "could not be read" in summary(KeyError(10**5000), Encoder())[1]


def test_a_suites_exception_is_summed_up() -> None:
    """What its own function raised goes to the guest as names, text and data."""
    bases = ["KeyError", "LookupError", "Exception", "BaseException", "object"]
    assert summary(KeyError("k", 3), Encoder()) == [bases, "('k', 3)", ["k", 3]]
    assert summary(ValueError(object()), Encoder())[2] is None
