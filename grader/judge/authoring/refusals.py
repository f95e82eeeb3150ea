"""Bad arguments that must raise: one at a time, two at once, and never the sound ones."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from grader.judge.authoring.claims import fail
from grader.judge.comparison import observe
from grader.judge.failure import RemoteError
from grader.judge.last_call import argument_in_words, call_in_words
from grader.model.text import Text

Names = str | tuple[str, ...]

_RETURNED = Text(
    en="{call} was to raise {error}, and returned {result}", zh="{call} 应当抛出 {error}，却返回了 {result}"
)
_OTHER = Text(en="{call} was to raise {error}, and raised {other}", zh="{call} 应当抛出 {error}，却抛出了 {other}")
_REFUSED = Text(en="{call} was to be accepted, and raised {other}", zh="{call} 应当被接受，却抛出了 {other}")


def assert_each_raises(
    error: type[Exception], call: Callable[..., Any], cases: Iterable[Sequence[Any] | Mapping[str, Any]]
) -> None:
    """Raise `Mismatch` unless `call` raises `error` for each of `cases`; the message names the arguments.

    A case is a list or tuple of positional arguments, or a dict of named ones. The first that fails ends it. What the
    code raises instead is told; running out of memory or time, or ending the process, stays what it is.

        assert_each_raises(ValueError, candidate.f1_score, [(y, y, "samples"), (y, y[:-1]), (y[:-1], y)])
    """
    __tracebackhide__ = True
    for place, case in enumerate(cases):
        args, kwargs = ((), case) if isinstance(case, Mapping) else (case, {})
        _assert_raises(error, partial(call, *args, **kwargs), partial(call_in_words, call, args, kwargs), place)


def assert_refuses(
    call: Callable[..., Any],
    sound: Mapping[str, Any],
    bad: Mapping[Names, Sequence[Any]],
    *,
    error: type[Exception] = ValueError,
    by_name: Collection[str] = (),
    pairs: bool = True,
) -> Any:
    """What `call` returns for the `sound` arguments; raise `Mismatch` unless it raises `error` for each bad value.

    `sound` holds all arguments in the order of the statement's signature; they are passed by position but for those in
    `by_name`, and the message names all of them. `bad` has for a name the values that must be refused while all else is
    sound; for a tuple of names, tuples of values that are bad only together. With `pairs`, every two names are also bad
    at once: the k-th value of one with the k-th of the other, round and round; so write what could cancel (two times
    -1, two times infinity) at the same place. The sound call is made first: code that refuses everything fails.

    One call crosses the wire in about 0.3 ms; three names of six values each take 36.

        assert_refuses(
            candidate.private_mean,
            {"values": values, "lower": 0.0, "upper": 1.0, "epsilon": 1.0, "rng": fresh(rng)},
            {"epsilon": [0.0, -1.0, nan, inf], ("lower", "upper"): [(1.0, 0.0), (1.0, 1.0)]},
        )
    """
    __tracebackhide__ = True
    _check_names(sound, bad, by_name)

    def attempt(given: Mapping[str, Any]) -> Any:
        placed = (value for name, value in given.items() if name not in by_name)
        return call(*placed, **{name: given[name] for name in by_name})

    try:
        result = attempt(sound)
    except RemoteError as other:
        _leave_ours(other)
        words = call_in_words(call, (), sound)
        fail(_REFUSED.filled(call=words, other=_said(other)), expected="a result", actual=_said(other))
    for place, replaced in enumerate(_replacements(bad, pairs=pairs)):
        given = {**sound, **replaced}
        _assert_raises(error, partial(attempt, given), partial(call_in_words, call, (), given), place)
    return result


def _check_names(sound: Mapping[str, Any], bad: Mapping[Names, Sequence[Any]], by_name: Collection[str]) -> None:
    named = {part for names in bad for part in _tuple(names)} | set(by_name)
    unknown = sorted(named - set(sound))
    if unknown:
        raise ValueError(f"assert_refuses: `sound` lacks {', '.join(unknown)}; it holds all arguments of the call")


def _replacements(bad: Mapping[Names, Sequence[Any]], *, pairs: bool) -> Iterator[dict[str, Any]]:
    for names, values in bad.items():
        yield from (_replaced(names, value) for value in values)
    for (one, some), (other, more) in itertools.combinations(bad.items(), 2) if pairs else ():
        if not set(_tuple(one)) & set(_tuple(other)):
            for k in range(max(len(some), len(more))):
                yield {**_replaced(one, some[k % len(some)]), **_replaced(other, more[k % len(more)])}


def _replaced(names: Names, value: Any) -> dict[str, Any]:
    return {names: value} if isinstance(names, str) else dict(zip(names, value, strict=True))


def _tuple(names: Names) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else names


def _assert_raises(error: type[Exception], call: Callable[[], Any], words: Callable[[], str], place: int) -> None:
    """Make the call; `words` is what it is called, asked for when it fails.

    Which one it was (`place`) is kept for the diagnosis: two mistakes that let different arguments through read alike.
    """
    try:
        result = call()
    except error:
        return
    except RemoteError as other:
        _leave_ours(other)
        observe(place, within=0.0)
        message = _OTHER.filled(call=words(), error=error.__name__, other=_said(other))
        fail(message, expected=error.__name__, actual=_said(other))
    observe(place, within=0.0)
    given = argument_in_words(result)
    fail(_RETURNED.filled(call=words(), error=error.__name__, result=given), expected=error.__name__, actual=given)


def _leave_ours(error: RemoteError) -> None:
    """Raise what is no refusal: memory that ran out, a result that cannot cross."""
    if isinstance(error, MemoryError) or error.remote_type == "Unsendable":
        raise error


def _said(error: RemoteError) -> str:
    said = f"{error.remote_type}: {error.remote_message}" if error.remote_message else error.remote_type
    return said if len(said) <= 200 else said[:199] + "…"
