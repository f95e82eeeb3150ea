"""The guest's side of the conversation: answer one request after the other until the judge hangs up.

Requests are `[id, operation, target, args, kwargs, tensor news, dropped tapes, grad mode, prelude]`, where the prelude
is `[operation, number]` of what to do first and says nothing back (`reset`, `seed`); answers are
`[id, "ok", value, changed, mirrors, tape, tensor news]`, or alike with `"error"` and the description of an exception.
where tensors live on another device than the CPU, the number of those in the value that are not there comes last.
`changed` says which arguments candidate code changed in place, and never to what: the judge's own objects stay as they
are, and a suite that wants to see a change hands its value over for good (`put`) and asks for it.
While candidate code runs it may call back into the judge: `[id, "callback", number, args, kwargs]`, answered by
`["return", value, tensor news]` or `["raise", built-in bases, message, args, tensor news]`; before that answer the
judge may send further requests.
"""

from __future__ import annotations

import abc
import contextlib
import itertools
import linecache
import socket
import sys
import types
from collections.abc import Callable, Sequence
from typing import Any

from grader.errors import WireError
from grader.guest.arguments import Arguments
from grader.guest.failure import CANDIDATE_FILES, describe, rebuild
from grader.guest.operations import OPERATIONS, Given
from grader.guest.own_modules import OwnModules
from grader.guest.placement import CPU, HERE, Placement
from grader.guest.variables import Outputs, Variables
from grader.wire.decoder import Decoder
from grader.wire.encoder import Encoder, Unsendable
from grader.wire.frame import Caps, Frame, FrameReader, send_frame
from grader.wire.nodes import Node

NOTHING = -1  # the target of operations that have none
MAX_HANDLES = 100_000


class Session(abc.ABC):
    """One submission, its objects and its tensors; answers exactly one judge, however the frames travel."""

    def __init__(self, caps: Caps, placement: Placement = HERE) -> None:
        self._caps = caps
        self._placement = placement
        self._elsewhere = 0  # tensors of the present result that are not where the placement puts them
        self._objects: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}  # id(object) -> handle; `_objects` keeps the object alive
        self._kinds: dict[type, int] = {}
        self._handles = itertools.count()  # never used twice: a handle of an earlier case must not find another object
        self._variables = Variables()
        self._call_id = 0
        self._files = set(CANDIDATE_FILES)  # whose frames a traceback shows

    def answer(self, frame: Frame) -> Frame:
        """Do what a request asks for; the reply says what came of it, whatever that was."""
        call_id, *question = frame.structure
        outer, self._call_id = self._call_id, call_id
        try:
            return self._perform(frame, *question)
        except BaseException as error:  # noqa: BLE001 - SystemExit and the like must not end the guest either
            return self._failed(error)
        finally:
            self._call_id = outer

    @abc.abstractmethod
    def _ask(self, frame: Frame) -> Frame:
        """What the judge answers to a callback."""

    def _perform(self, frame: Frame, name: str, target: int, args: Node, kwargs: Node, *context: Any) -> Frame:
        news, dropped, grad_mode, prelude = context
        for operation, number in prelude:
            self._run(operation, NOTHING, [number], {})
        copies: dict[int, tuple[Any, Any]] = {}
        decoder = self._decoder(frame, copies)
        self._variables.drop_tapes(dropped)
        if news:
            self._variables.apply(news, decoder)
        values = [decoder.decode(node) for node in args]
        named = {key: decoder.decode(node) for key, node in kwargs}
        before = Arguments(decoder, copies)
        try:
            with _grad_mode(grad_mode):
                result = self._run(name, target, values, named)
        except BaseException as error:  # noqa: BLE001 - what it did to its arguments before it failed counts too
            return self._reply("error", error, before)
        return self._reply("ok", result, before)

    def _decoder(self, frame: Frame, copies: dict[int, tuple[Any, Any]]) -> Decoder:
        place = None if self._placement.name == CPU else self._placement
        return Decoder(
            frame.blobs, lambda node, decoder: self._inbound(node, decoder, copies), aliases=True, place=place
        )

    def _run(self, name: str, target: int, values: list[Any], named: dict[str, Any]) -> Any:
        if name == "load":
            return self._load(*values)
        if name == "backward":
            return self._variables.backward(target, *values)
        if name == "reset":
            return self._reset(*values)
        return OPERATIONS[name](None if target == NOTHING else self._object(target), *values, **named)

    def _reply(self, kind: str, result: Any, before: Arguments) -> Frame:
        outputs = Outputs()
        encoder = Encoder(self._outbound, lambda tensor, encoder: self._tensor(tensor, outputs, encoder), self._caps)
        self._elsewhere = 0
        value = self._describe(result, encoder) if kind == "error" else encoder.encode(result)
        tape = self._variables.record(outputs, encoder) if outputs else None
        changed = [*before.changed(), *self._variables.put_back()]
        mirrors = self._variables.describe()
        news = self._variables.news(encoder)
        reply = [self._call_id, kind, value, changed, mirrors, tape, news]
        return Frame([*reply, *self._places()], encoder.blobs)

    def _places(self) -> list[int]:
        """What a reply says of the places of tensors: nothing where there is one place only."""
        return [] if self._placement.name == CPU else [self._elsewhere]

    def refusal(self, request: Frame, error: WireError) -> Frame:
        """The reply in the place of one that is over the caps."""
        outer, self._call_id = self._call_id, request.structure[0]
        try:
            return self._failed(Unsendable(str(error)))
        finally:
            self._call_id = outer

    def _failed(self, error: BaseException) -> Frame:
        """A reply that says nothing but what went wrong."""
        encoder, self._elsewhere = Encoder(), 0
        reply = [self._call_id, "error", self._describe(error, encoder), [], [], None, []]
        return Frame([*reply, *self._places()], encoder.blobs)

    def _describe(self, error: BaseException, encoder: Encoder) -> list[Any]:
        return describe(error, encoder, self._files)

    def _tensor(self, tensor: Any, outputs: Outputs, encoder: Encoder) -> Node:
        """A node for a tensor that autograd knows; None for one that is only a value."""
        self._elsewhere += not self._placement.holds(tensor)
        leaf = tensor.is_leaf and (tensor.requires_grad or isinstance(tensor, sys.modules["torch"].nn.Parameter))
        if leaf and not self._variables.is_of_judge(tensor):
            return ["V", self._variables.export(tensor)]
        return ["Y", outputs.add(tensor)] if tensor.requires_grad else None

    def _outbound(self, value: Any) -> Node:
        """A handle for an object that stays here."""
        if type(value) is Given:
            value = value.value
        number = self._numbers.get(id(value))
        if number is None:
            if len(self._objects) >= MAX_HANDLES:
                raise WireError(f"more than {MAX_HANDLES} objects were handed out")
            self._placement.settle(value)
            number = next(self._handles)
            self._objects[number] = value
            self._numbers[id(value)] = number
        kind = type(value)
        label = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.").removeprefix("solution.")
        name = getattr(value, "__name__", "")
        named = name[:200] if type(name) is str and name.isascii() else ""
        return ["H", number, label[:200], named, self._kind(value, number)]

    def _kind(self, value: Any, number: int) -> int:
        """The same for two objects whose methods are the same: a number of the type; a module is its own kind."""
        if isinstance(value, types.ModuleType):
            return -1 - number
        return self._kinds.setdefault(type(value), len(self._kinds))

    def _object(self, number: int) -> Any:
        if number not in self._objects:
            raise WireError("an object of an earlier case was named")
        return self._objects[number]

    def _inbound(self, node: Node, decoder: Decoder, copies: dict[int, tuple[Any, Any]]) -> Any:
        if node[0] == "H":
            return self._object(node[1])
        if node[0] == "K":
            return self._callback(node[1])
        if node[0] == "W":
            return self._variables.receive(node, decoder, copies)
        if node[0] == "Q":
            return self._variables.own(node, decoder)
        raise WireError(f"an unknown kind of node arrived: {node[0]!r}")

    def _callback(self, number: int) -> Callable[..., Any]:
        def callback(*args: Any, **kwargs: Any) -> Any:
            encoder = Encoder(self._outbound, _only_values, self._caps)
            sent = [encoder.encode(value) for value in args]
            named = [[key, encoder.encode(value)] for key, value in kwargs.items()]
            return self._returned(self._ask(Frame([self._call_id, "callback", number, sent, named], encoder.blobs)))

        return callback

    def _returned(self, frame: Frame) -> Any:
        """What a function of the suite gave back, or the exception that it raised."""
        kind, *answer, news = frame.structure
        decoder = self._decoder(frame, {})
        self._variables.apply(news, decoder)
        if kind == "return":
            return decoder.decode(answer[0])
        bases, message, args = answer
        values = None if args is None else [decoder.decode(node) for node in args]
        raise rebuild(bases, decoder.decode(message), values)

    def _load(self, name: str, source: str, path: str = "", modules: Sequence[Sequence[str]] = ()) -> types.ModuleType:
        """Execute `source` as module `name`; tracebacks call its file `path`, where there is one to open.

        It may import `modules`, of which each is a path and a source.
        """
        module = types.ModuleType(name)
        module.__file__ = path or f"{name}.py"
        if modules:
            sys.meta_path.append(OwnModules({module[0]: module[1] for module in modules}))
        for file, text in ((module.__file__, source), *modules):
            self._files.add(file)
            linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
        sys.modules[name] = module
        exec(compile(source, module.__file__, "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - its purpose
        return module

    def _reset(self, keep: int) -> None:
        """Between two cases: forget every tensor, and every handle but the first `keep`."""
        self._variables = Variables()
        self._objects = dict(itertools.islice(self._objects.items(), keep))
        self._numbers = {id(value): number for number, value in self._objects.items()}


class GuestSession(Session):
    """A session whose frames come and go on a stream socket."""

    def __init__(self, stream: socket.socket, caps: Caps, placement: Placement = HERE) -> None:
        super().__init__(caps, placement)
        self._stream = stream
        self._reader = FrameReader(stream, caps)

    def serve(self) -> None:
        """Answer requests until the stream ends (ConnectionLost) or its bytes make no sense (WireError)."""
        while True:
            self._serve_one(self._reader.read())

    def _serve_one(self, frame: Frame) -> None:
        reply = self.answer(frame)
        with contextlib.suppress(Exception):  # a candidate may have closed or replaced the streams
            sys.stdout.flush()
            sys.stderr.flush()
        try:
            send_frame(self._stream, reply, self._caps)
        except WireError as error:
            send_frame(self._stream, self.refusal(frame, error), self._caps)

    def _ask(self, frame: Frame) -> Frame:
        send_frame(self._stream, frame, self._caps)
        while (answer := self._reader.read()).structure[0] not in ("return", "raise"):
            self._serve_one(answer)
        return answer


def _only_values(tensor: Any, _: Encoder) -> None:
    """A callback runs in the judge, where no graph of this side can go on."""
    if tensor.requires_grad and sys.modules["torch"].is_grad_enabled():
        raise Unsendable("a tensor that requires grad cannot be passed to a function of the suite; detach it")


def _grad_mode(enabled: bool) -> contextlib.AbstractContextManager[Any]:
    torch = sys.modules.get("torch")
    return contextlib.nullcontext() if torch is None else torch.set_grad_enabled(enabled)
