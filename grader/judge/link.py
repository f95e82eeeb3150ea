"""The judge's end of the wire: one request at a time, with an unpredictable id, a deadline and caps.

A reply is believed only in the sense that its values are taken as what the candidate returned. Whatever breaks the
rules (a wrong id, a malformed node, a second reply) ends the guest and becomes the case's outcome, a `GuestFailure`.
"""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from grader.errors import WireError
from grader.judge.failure import GuestFailure, summary
from grader.model.text import Text
from grader.model.verdict import Status
from grader.wire.budget import OverBudget
from grader.wire.decoder import Decoder
from grader.wire.encoder import Encoder, Unsendable
from grader.wire.frame import Caps, ConnectionLost, DeadlineExceeded, Frame
from grader.wire.nodes import Node

MAX_CALLBACKS = 100_000
MAX_CALLBACK_DEPTH = 8
PARTS, PARTS_ON_DEVICE = 7, 8  # of a reply; where tensors live elsewhere, it says of the result's where they are
OUT_OF_TIME = Text(en="the time limit of this case ran out", zh="本用例的时限已到")
_UNREADABLE = Text(en="the answer of the code could not be read: {what}", zh="无法读取代码的答复：{what}")


class Connection(Protocol):
    """A stream of frames to one guest, and how it ended.

    `raised` is the exception itself that the last reply describes, where the guest lives in this process.
    """

    raised: BaseException | None

    def send(self, frame: Frame, deadline: float) -> None:
        """Write a frame; raises ConnectionLost or DeadlineExceeded."""

    def receive(self, deadline: float) -> Frame:
        """Read a frame; raises ConnectionLost, DeadlineExceeded or WireError."""

    def close(self) -> None:
        """End the guest."""

    def cause_of_death(self) -> tuple[Status, Text]:
        """Why the guest ended by itself."""


class Exchange(Protocol):
    """What wraps values going out and coming in: handles, callbacks and autograd (`Bridge`)."""

    def outgoing(self, operation: str = "") -> tuple[Encoder, Node]:
        """An encoder for one message to the guest, and the tensor news to send with it."""

    def dropped(self) -> Node:
        """The tapes that the guest may forget; told once."""

    def incoming(self, frame: Frame, reply: list[Any], sent: list[Any]) -> Any:
        """The result of one reply, or the exception that it describes; `sent` are the mutable arguments by number."""

    def decoder(self, frame: Frame) -> Decoder:
        """A decoder that knows handles."""

    def callback(self, number: Any) -> Callable[..., Any]:
        """The judge's function behind a callback."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request that waits for its answer; `sent` are its mutable arguments by number."""

    id: int
    sent: list[Any]


class Link:
    """Requests to one guest; after a failure it is closed and every further request fails alike."""

    def __init__(self, connection: Connection, exchange: Exchange, caps: Caps, *, on_device: bool = False) -> None:
        """`on_device` says that the guest's tensors live on another device than the CPU."""
        self._connection = connection
        self._exchange = exchange
        self._caps = caps
        self._parts = PARTS_ON_DEVICE if on_device else PARTS
        self._callbacks = 0
        self._depth = 0
        self._prelude: list[list[Any]] = []
        self.deadline = float("inf")  # monotonic seconds; the running case's
        self.failure: GuestFailure | None = None
        self.violations: list[str] = []
        self.methods: dict[tuple[int, str], Any] = {}  # by kind and name: a handle to one of them

    def request(self, operation: str, target: int, /, *args: Any, **kwargs: Any) -> Any:
        """Have the guest do `operation` on object `target`; returns its result or raises what it raised."""
        question = self.begin(operation, target, *args, **kwargs)
        while (answer := self.advance(question)) is None:
            pass
        return answer[0]

    def begin(self, operation: str, target: int, /, *args: Any, **kwargs: Any) -> Question:
        """Ask as `request` does and do not wait; nothing else may be asked before `advance` has given the answer."""
        if self.failure is not None:
            raise self.failure
        with self._ending_on_failure():
            return self._ask(operation, target, args, kwargs)

    def advance(self, question: Question) -> tuple[Any] | None:
        """Take one message of the guest: the answer, in a tuple, or None for a callback; raises what it raised."""
        if self.failure is not None:
            raise self.failure
        with self._ending_on_failure():
            return self._take(self._connection.receive(self.deadline), question)

    @contextmanager
    def _ending_on_failure(self) -> Iterator[None]:
        try:
            yield
        except ConnectionLost as error:
            raise self.fail(*self._connection.cause_of_death()) from error
        except DeadlineExceeded as error:
            raise self.fail(Status.TIME_LIMIT, OUT_OF_TIME) from error
        except Unsendable:
            raise  # a suite that passes what cannot cross is the suite's fault
        except OverBudget as error:
            raise self.fail(Status.MEMORY_LIMIT, Text(en=str(error), zh=error.chinese)) from error
        except WireError as error:
            raise self.violation(str(error)) from error

    def first(self, operation: str, number: int) -> None:
        """Have the guest do `operation` before the next request; what it raises, that request raises.

        Of several, the last one counts.
        """
        self._prelude = [[earlier, given] for earlier, given in self._prelude if earlier != operation]
        self._prelude.append([operation, number])

    def violation(self, what: str) -> GuestFailure:
        """The failure to raise when a reply breaks the rules; the guest is ended."""
        self.violations.append(what)
        return self.fail(Status.RUNTIME_ERROR, _UNREADABLE.filled(what=what))

    def fail(self, status: Status, message: Text) -> GuestFailure:
        """End the guest; the failure that every further request raises."""
        self.failure = GuestFailure(status, message)
        self._connection.close()
        return self.failure

    def _ask(self, operation: str, target: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Question:
        call_id = secrets.randbits(62)
        encoder, news = self._exchange.outgoing(operation)
        nodes = [encoder.encode(value) for value in args]
        named = [[key, encoder.encode(value)] for key, value in kwargs.items()]
        encoder.settle()
        dropped = self._exchange.dropped()
        structure = [call_id, operation, target, nodes, named, news, dropped, _grad_enabled(), self._prelude]
        self._send(Frame(structure, encoder.blobs))
        self._prelude = []  # only now: a message that is over the caps is not sent
        return Question(call_id, encoder.mutables)

    def _take(self, frame: Frame, question: Question) -> tuple[Any] | None:
        reply = frame.structure
        if type(reply) is not list or len(reply) < 3 or reply[0] != question.id or type(reply[0]) is not int:
            raise WireError("it does not belong to the question that was asked")
        if reply[1] == "callback" and len(reply) == 5:
            self.serve_callback(frame)
            return None
        if reply[1] not in ("ok", "error") or len(reply) != self._parts:
            raise WireError("it is neither a result nor an error")
        result = self._exchange.incoming(frame, reply, question.sent)
        if reply[1] == "error":
            raise result from self._connection.raised
        return (result,)

    def _send(self, frame: Frame) -> None:
        """Write a frame; one that is over the caps is the suite's fault."""
        if time.monotonic() >= self.deadline:
            raise DeadlineExceeded
        try:
            self._connection.send(frame, self.deadline)
        except WireError as error:
            raise Unsendable(f"a suite passed too much at once: {error}") from error

    def serve_callback(self, frame: Frame) -> None:
        """Call the function of the suite that candidate code asks for, and send what it gave."""
        reply = frame.structure
        self._callbacks += 1
        if self._callbacks > MAX_CALLBACKS or self._depth >= MAX_CALLBACK_DEPTH:
            raise WireError("too many callbacks, or callbacks nested too deeply")
        if type(reply[3]) is not list or type(reply[4]) is not list:
            raise WireError("a callback is malformed")
        decoder = self._exchange.decoder(frame)
        function = self._exchange.callback(reply[2])
        args = [decoder.decode(node) for node in reply[3]]
        kwargs = {_name(pair): decoder.decode(pair[1]) for pair in reply[4]}
        self._depth += 1
        try:
            result, error = function(*args, **kwargs), None
        except Unsendable:
            raise
        except Exception as refusal:  # noqa: BLE001 - the suite's function refused the candidate's arguments
            result, error = None, refusal
        finally:
            self._depth -= 1
        encoder, news = self._exchange.outgoing()
        answer = ["return", encoder.encode(result)] if error is None else ["raise", *summary(error, encoder)]
        encoder.settle()
        self._send(Frame([*answer, news], encoder.blobs))


def _name(pair: Any) -> str:
    if type(pair) is not list or len(pair) != 2 or type(pair[0]) is not str:
        raise WireError("a callback is malformed")
    return pair[0]


def _grad_enabled() -> bool:
    torch = sys.modules.get("torch")
    return torch is None or bool(torch.is_grad_enabled())
