"""Handles: the judge's view of objects that stay in the guest, and the bridge that turns them into values and back.

To a suite, a handle behaves as the object itself would: it can be called, its attributes read and set, and it can be
measured, indexed, iterated and entered. Everything it gives back has crossed the wire as plain data or is a handle.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

from grader.errors import WireError
from grader.judge.changes import Inout, note_change
from grader.judge.failure import rebuild
from grader.judge.generators import is_of_case
from grader.judge.last_call import note_call
from grader.judge.link import Connection, Link
from grader.judge.mirrors import Mirrors
from grader.judge.places import note_elsewhere
from grader.wire.budget import Budget, out_of_memory
from grader.wire.decoder import MALFORMED, Decoder
from grader.wire.encoder import Encoder, Unsendable
from grader.wire.frame import Caps, Frame
from grader.wire.nodes import Node

MAX_ITEMS = 1_000_000  # of one iteration over a handle
LOAD = -1  # the target of operations that have none
_OWN = ("_link", "_number", "_label", "__name__", "_kind", "__weakref__")


class Handle:
    """One object of the guest."""

    __slots__ = _OWN

    def __init__(self, link: Link, number: int, label: str, name: str, kind: int) -> None:
        for slot, value in zip(_OWN, (link, number, label, name, kind), strict=False):
            object.__setattr__(self, slot, value)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """Call the object."""
        note_call(self, args, kwargs)
        return self._ask("call", *args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(f"{name} of an object in the guest cannot be read")
        known = self._link.methods.get((self._kind, name))
        if known is not None:
            return Method(self, name, known)
        return _attribute(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._link.methods.pop((self._kind, name), None)  # it may be none from now on
        self._ask("setattr", name, value)

    def __delattr__(self, name: str) -> None:
        self._link.methods.pop((self._kind, name), None)
        self._ask("delattr", name)

    def __len__(self) -> int:
        return cast(int, self._ask("len"))

    def __getitem__(self, key: Any) -> Any:
        return self._ask("getitem", key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._ask("setitem", key, value)

    def __delitem__(self, key: Any) -> None:
        self._ask("delitem", key)

    def __contains__(self, item: Any) -> bool:
        return self._ask("contains", item) is True

    def __iter__(self) -> Iterator[Any]:
        return _Iteration(self._ask("iter"))

    def __next__(self) -> Any:
        return self._ask("next")

    def __bool__(self) -> bool:
        return self._ask("bool") is True

    def __enter__(self) -> Any:
        return self._ask("enter")

    def __exit__(self, *_: object) -> None:
        self._ask("leave")

    def __repr__(self) -> str:
        return f"<{self._label} in the guest>"

    def __str__(self) -> str:
        return str(self._ask("str"))

    def _ask(self, operation: str, /, *args: Any, **kwargs: Any) -> Any:
        return self._link.request(operation, self._place(), *args, **kwargs)

    def _place(self) -> int:
        """The number under which the guest knows the object."""
        return cast(int, self._number)


class Method(Handle):
    """An attribute that is known to be a method of its owner's kind: looked up in the guest when it is called.

    That saves a request per call. Whatever else is done with it looks it up first.
    """

    __slots__ = ("_found", "_name", "_owner")

    def __init__(self, owner: Handle, name: str, alike: Handle) -> None:
        own = {"_link": owner._link, "_label": alike._label, "__name__": alike.__name__, "_kind": alike._kind}
        for slot, value in {**own, "_owner": owner, "_name": name, "_found": None}.items():
            object.__setattr__(self, slot, value)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """Look it up and call it."""
        note_call(self, args, kwargs)
        return self._owner._ask("method", self._name, *args, **kwargs)

    def _place(self) -> int:
        """Not a property: an AttributeError of the candidate's would make Python ask for an attribute of that name."""
        if self._found is None:
            object.__setattr__(self, "_found", _attribute(self._owner, self._name))
        if not isinstance(self._found, Handle):
            raise self._link.violation(f"{self._name} was a method, and is none any more")
        return self._found._place()


def _attribute(owner: Handle, name: str) -> Any:
    """An attribute of an object in the guest; remembers when it is a method."""
    answer = owner._ask("getattr", name)
    if type(answer) is not list or len(answer) != 2 or type(answer[1]) is not bool:
        raise owner._link.violation("an attribute did not come as one")
    value, is_method = answer
    if is_method and isinstance(value, Handle):
        owner._link.methods[owner._kind, name] = value
    return value


class _Iteration:
    """Iterates over an iterator of the guest, which may be endless, up to a cap."""

    def __init__(self, remote: Any) -> None:
        self._remote = remote if isinstance(remote, Handle) else iter(remote)
        self._left = MAX_ITEMS

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        self._left -= 1
        if self._left < 0:
            raise RuntimeError(f"the iteration did not end after {MAX_ITEMS} items")
        return next(self._remote)


class Bridge:
    """Turns the values of requests and replies into nodes and back; owns the handles, callbacks and mirrors."""

    def __init__(
        self, connection: Connection, caps: Caps, budget: Budget | None = None, *, on_device: bool = False
    ) -> None:
        self.link = Link(connection, self, caps, on_device=on_device)
        self._budget = budget
        self._caps = caps
        self._mirrors = Mirrors(self.link)
        self._callbacks: list[Callable[..., Any]] = []
        self._handles: weakref.WeakValueDictionary[int, Handle] = weakref.WeakValueDictionary()
        self._modules: list[Handle] = []

    def load(self, name: str, source: str, path: str = "", modules: Sequence[Sequence[str]] = ()) -> Handle:
        """Execute `source` as module `name` in the guest; the handle to it outlives `reset`.

        `path` is the source's file, if the guest can open it. `modules` are paths and sources that it may import.
        """
        module = self.link.request("load", LOAD, name, source, path, [list(module) for module in modules])
        if not isinstance(module, Handle):
            raise self.link.violation("a module did not load as one")
        self._modules.append(module)
        return module

    def seed(self, seed: int) -> None:
        """Seed the guest's global generators, before its next request."""
        self.link.first("seed", seed)

    def reset(self) -> None:
        """Between two cases: both sides forget tensors, callbacks and all handles but those of modules."""
        self.link.first("reset", len(self._modules))
        self._mirrors = Mirrors(self.link)
        self._callbacks.clear()
        self._handles = weakref.WeakValueDictionary({handle._number: handle for handle in self._modules})

    def outgoing(self, operation: str = "") -> tuple[Encoder, Node]:
        """An encoder for one message to the guest, and the tensor news to send with it."""
        claim = self._mirrors.give if operation == "put" else self._mirrors.claim
        encoder = Encoder(self._outbound, claim, self._caps)
        return encoder, self._mirrors.news(encoder)

    def dropped(self) -> Node:
        """The tapes that the guest may forget; told once."""
        return self._mirrors.dropped()

    def incoming(self, frame: Frame, reply: list[Any], sent: list[Any]) -> Any:
        """The result of one reply, or the exception that it describes; all of it is new, and nothing of `sent` changes.

        Raises WireError for whatever cannot be understood.
        """
        try:
            return self._take(frame, reply, sent)
        except MemoryError as error:
            raise out_of_memory() from error
        except MALFORMED as error:
            raise WireError(f"it is malformed: {type(error).__name__}: {error}") from error

    def _take(self, frame: Frame, reply: list[Any], sent: list[Any]) -> Any:
        _, kind, value, changed, mirrors, tape, news, *places = reply
        plain = Decoder(frame.blobs, budget=self._budget)
        self._mirrors.learn(mirrors)
        outputs = self._mirrors.connect(tape, plain)
        self._mirrors.apply(news, plain)
        decoder = self.decoder(frame, outputs)
        result = rebuild(value, decoder) if kind == "error" else decoder.decode(value)
        self._note(changed, sent)
        for elsewhere in places:
            note_elsewhere(elsewhere)
        return result

    def _note(self, changed: Node, sent: list[Any]) -> None:
        """Keep in mind which arguments the guest says that it changed; a case may claim that it changed none."""
        if type(changed) is not list:
            raise WireError("the changes of arguments are malformed")
        for place in changed:
            if type(place) is list and len(place) == 2 and place[0] == "V":
                note_change(self._mirrors.tensor(place[1]))
            elif type(place) is int and 0 <= place < len(sent):
                note_change(sent[place])
            else:
                raise WireError("an argument was named that was not sent")

    def decoder(self, frame: Frame, outputs: list[Any] | None = None) -> Decoder:
        """A decoder that knows handles, mirrors, and the outputs of the call."""
        return Decoder(frame.blobs, lambda node, _: self._inbound(node, outputs or []), budget=self._budget)

    def callback(self, number: Any) -> Callable[..., Any]:
        """The judge's function behind a callback."""
        if type(number) is not int or not 0 <= number < len(self._callbacks):
            raise WireError("a callback was named that does not exist")
        return self._callbacks[number]

    def _outbound(self, value: Any) -> Node:
        if isinstance(value, Inout):
            value = value.handle(self._put)
        if isinstance(value, Handle):
            if value._link is not self.link:
                raise Unsendable("a handle of an earlier case, or of another rank, cannot be used here")
            return ["H", value._place()]
        if is_of_case(value):
            raise Unsendable(
                "the case's own generator draws the inputs to come and never leaves the judge: pass fresh(rng)"
            )
        if callable(value) and not isinstance(value, type):
            self._callbacks.append(value)
            return ["K", len(self._callbacks) - 1]
        kind = f"{type(value).__module__}.{type(value).__qualname__}"
        raise Unsendable(f"a suite cannot pass a {kind} to candidate code; build it in the exercise's driver.py")

    def _put(self, value: Any) -> Handle:
        """Hand a value over for good."""
        handle = self.link.request("put", LOAD, value)
        if not isinstance(handle, Handle):
            raise self.link.violation("a value that was handed over did not stay")
        return handle

    def _inbound(self, node: Node, outputs: list[Any]) -> Any:
        if node[0] == "H" and len(node) == 5:
            return self._handle(*node[1:])
        if node[0] == "V" and len(node) == 2:
            return self._mirrors.mirror(node[1])
        if node[0] == "Y" and len(node) == 2 and type(node[1]) is int and 0 <= node[1] < len(outputs):
            return outputs[node[1]]
        raise WireError("an unknown kind of node arrived")

    def _handle(self, number: Any, label: Any, name: Any, kind: Any) -> Handle:
        if type(number) is not int or not 0 <= number < 2**31 or type(kind) is not int:
            raise WireError("a handle is malformed")
        if type(label) is not str or type(name) is not str:
            raise WireError("a handle is malformed")
        handle = self._handles.get(number)
        if handle is None:
            handle = self._handles[number] = Handle(self.link, number, label[:200], name[:200], kind)
        return handle
