"""A guest in this very process: for authors under plain pytest, for references and for mutants, all of them trusted.

The same session answers the same frames as in a box, without a stream in between, so that a suite means the same in
both ways of running it. Candidate code runs on the caller's own stack, where a breakpoint works.
"""

from __future__ import annotations

import bdb
from collections.abc import Callable
from typing import Any

from _pytest.outcomes import OutcomeException

from grader.errors import WireError
from grader.guest.placement import CPU, HERE, Placement
from grader.guest.session import Session
from grader.judge.failure import GuestFailure
from grader.judge.handle import Bridge, Handle
from grader.model.text import Text
from grader.model.verdict import Status
from grader.wire.encoder import Encoder
from grader.wire.frame import Caps, Frame, check_size

_ENDED = Text(en="the code was ended", zh="代码已被终止")
# What is not the candidate's to answer: a time limit that rang, a Ctrl-C, a debugger that was quit, a failed case.
_OURS = (GuestFailure, KeyboardInterrupt, bdb.BdbQuit, OutcomeException)


class LocalSession(Session):
    """A session that answers when it is asked, and keeps the last exception for whoever wants its traceback."""

    def __init__(self, caps: Caps, ask: Callable[[Frame], Frame], placement: Placement = HERE) -> None:
        super().__init__(caps, placement)
        self.raised: BaseException | None = None
        self._ask_judge = ask

    def _ask(self, frame: Frame) -> Frame:
        return self._ask_judge(frame)

    def _describe(self, error: BaseException, encoder: Encoder) -> list[Any]:
        if isinstance(error, _OURS):
            raise error
        self.raised = error
        return super()._describe(error, encoder)


class Loopback:
    """The judge's `Connection` to a session in this process."""

    def __init__(self, session: type[LocalSession] = LocalSession, placement: Placement = HERE) -> None:
        self.raised: BaseException | None = None
        self.bridge = Bridge(self, Caps(), on_device=placement.name != CPU)
        self.session = session(Caps(), self._call_back, placement)
        self._frame: Frame | None = None

    def load(self, name: str, source: str, file: str) -> Handle:
        """Execute `source` as module `name`, as if it stood in `file`."""
        return self.bridge.load(name, source, file)

    def send(self, frame: Frame, deadline: float) -> None:
        """Keep a message until its answer is wanted; raises WireError when it is over the caps."""
        check_size(frame.structure, Caps())
        self._frame = frame

    def receive(self, deadline: float) -> Frame:
        """Have the session answer."""
        self.session.raised = None
        request = self._taken()
        reply = self.session.answer(request)
        self.raised = self.session.raised
        try:
            check_size(reply.structure, Caps())
        except WireError as error:
            return self.session.refusal(request, error)
        return reply

    def close(self) -> None:
        """There is nothing to end."""

    def cause_of_death(self) -> tuple[Status, Text]:
        """Only what breaks the wire's rules ends a session of this process."""
        return Status.RUNTIME_ERROR, _ENDED

    def _call_back(self, frame: Frame) -> Frame:
        self.bridge.link.serve_callback(frame)
        return self._taken()

    def _taken(self) -> Frame:
        frame, self._frame = self._frame, None
        assert frame is not None
        return frame
