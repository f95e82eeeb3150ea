"""One guest, seen from the judge: the wire, what the candidate prints, and the report on how the box ended."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.errors import BoxError, JudgeError
from grader.model.exercise import Limits
from grader.model.text import Text
from grader.model.verdict import Status
from grader.wire.budget import Budget
from grader.wire.frame import Caps, ConnectionLost, DeadlineExceeded, Frame, FrameReader, send_frame
from grader.wire.passing import receive_message, send_message

_READY_WITHIN_S = 30.0  # building a box takes milliseconds; a loaded machine may need longer
_END_WITHIN_S = 10.0
_DYING_WITHIN_S = 0.5  # a box whose stream has ended is about to report why; one that only closed it never does
_CHUNK = 65_536
_PRINTED = Text(en="the code printed more than {kb} KB", zh="代码的输出超过 {kb} KB")
_ENDED = Text(en="the box was ended from outside", zh="沙箱被外部终止")
_CPU = Text(en="the code used more than {seconds} s of CPU time", zh="代码使用的 CPU 时间超过 {seconds} 秒")
_MEMORY = Text(en="the code used more than {mb} MB of memory", zh="代码使用的内存超过 {mb} MB")
_GPU_MEMORY = Text(en="the code used more than {mb} MB of the GPU's memory", zh="代码使用的显存超过 {mb} MB")
_SIGNAL = Text(en="the code's process was ended by {signal}", zh="代码的进程被 {signal} 终止")
_EXIT = Text(en="the code ended its own process (exit status {code})", zh="代码自行结束了进程（退出状态 {code}）")
_CLOSED = Text(en="the code closed its connection", zh="代码关闭了自己的连接")


Ends = tuple[int, int, int]  # of a box: the wire, what is printed, and the report


@dataclass(slots=True)
class Usage:
    """What all boxes of one verdict used, and the layers that confined them."""

    cpu_ms: float = 0.0
    peak_rss_bytes: int = 0
    output_bytes: int = 0
    disturbed: bool = False  # a process was killed, perhaps not by the candidate
    layers: list[str] = field(default_factory=list)
    budget: Budget | None = None


class OutputLimitExceeded(ConnectionLost):
    """The candidate printed more than its limit; the box is being ended."""


class BoxConnection:
    """A stream of frames to one box. Draining its output and keeping deadlines happen while it waits for frames."""

    def __init__(
        self,
        client: socket.socket,
        limits: Limits,
        usage: Usage,
        caps: Caps,
        results: socket.socket | None = None,
        ends: Ends | None = None,
    ) -> None:
        """Ask the guest parent behind `client` for a box, unless it gave its `ends`; raises BoxError when it refuses.

        When the other end of `results` is closed, nobody waits for the verdict any more, and waiting here ends too.
        """
        self.raised: BaseException | None = None  # stays with the guest
        self._limits = limits
        self._usage = usage
        self._caps = caps
        self._printed = bytearray()
        self._over = False
        self._end: dict[str, Any] | None = None
        wire, self._output, report = ends or ask_for_boxes(client, asked_of_a_box(limits))[0]
        self._wire, self._report = socket.socket(fileno=wire), socket.socket(fileno=report)
        os.set_blocking(self._output, False)
        self._reader = FrameReader(self._wire, caps, self._wait, usage.budget)
        self._results = -1 if results is None else results.fileno()
        self._poll = select.poll()
        for descriptor, events in self.awaited():
            self._poll.register(descriptor, events)
        self._await_ready()

    def send(self, frame: Frame, deadline: float) -> None:
        """Write a frame; raises ConnectionLost or DeadlineExceeded."""
        left = deadline - time.monotonic()
        self._wire.settimeout(None if left == float("inf") else max(0.001, left))
        send_frame(self._wire, frame, self._caps)

    def receive(self, deadline: float) -> Frame:
        """Read a frame; raises ConnectionLost, DeadlineExceeded or WireError."""
        return self._reader.read(deadline)

    @property
    def peak_rss_bytes(self) -> int:
        """The most memory that the box was seen with; 0 until it has ended."""
        return int((self._end or {}).get("peak_rss_bytes", 0))

    def awaited(self) -> Iterator[tuple[int, int]]:
        """What to wait for beside other connections: descriptors, and the events of each (see poll(2))."""
        yield self._wire.fileno(), select.POLLIN
        if self._output >= 0:
            yield self._output, select.POLLIN
        if self._results >= 0:
            yield self._results, 0  # only its end is news

    def attend(self, events: Mapping[int, int]) -> bool:
        """See to the events of its descriptors; whether `receive` has something to say, be it a failure.

        Raises JudgeError when nobody waits for the verdict any more.
        """
        if self._results in events:
            raise JudgeError("nobody waits for this verdict any more")
        if self._output in events:
            self._drain()
        return self._over or self._wire.fileno() in events or self._reader.has_early

    def printed(self) -> str:
        """What the candidate printed since this was last asked."""
        self._drain()
        text = self._printed.decode("utf-8", "backslashreplace")
        self._printed.clear()
        return text

    def cause_of_death(self) -> tuple[Status, Text]:
        """Why the box ended by itself; `judge_error` when it was ended from outside, or with its parent."""
        if self._over:
            return Status.OUTPUT_LIMIT, _PRINTED.filled(kb=self._limits.output_kb)
        end = self._read_end(_DYING_WITHIN_S) or self._finish()
        code = end.get("code", 0)
        self._usage.disturbed |= end.get("cause") == "signal" and code == signal.SIGKILL
        match end.get("cause"):
            case "lost" | None:
                self._usage.disturbed = True
                return Status.JUDGE_ERROR, _ENDED
            case "cpu":
                return Status.TIME_LIMIT, _CPU.filled(seconds=f"{self._limits.cpu_s:g}")
            case "memory":
                return Status.MEMORY_LIMIT, _MEMORY.filled(mb=self._limits.memory_mb)
            case "gpu-memory":
                return Status.MEMORY_LIMIT, _GPU_MEMORY.filled(mb=self._limits.gpu_memory_mb)
            case "signal" if code == signal.SIGXCPU:
                return Status.TIME_LIMIT, _CPU.filled(seconds=f"{self._limits.cpu_s:g}")
            case "signal":
                return Status.RUNTIME_ERROR, words_of_exit(-code)
            case "exit":
                return Status.RUNTIME_ERROR, words_of_exit(code)
        return Status.RUNTIME_ERROR, _CLOSED

    def close(self) -> None:
        """Have the box ended, and add up what it used."""
        self._finish()
        self._drain()
        self._wire.close()
        self._report.close()
        if self._output >= 0:
            os.close(self._output)
            self._output = -1

    def _finish(self) -> dict[str, Any]:
        """Have the parent kill what is left of the box, and read its last report."""
        if self._end is None:
            with contextlib.suppress(OSError):
                self._report.shutdown(socket.SHUT_WR)
        return self._read_end(_END_WITHIN_S)

    def _read_end(self, within_s: float) -> dict[str, Any]:
        """The last report; empty when it does not come in time."""
        if self._end is not None:
            return self._end
        self._report.settimeout(within_s)
        try:
            message = receive_message(self._report)
        except TimeoutError:
            return {}
        except OSError:
            message = None
        self._end = message[0] if message else {"cause": "lost"}
        self._usage.cpu_ms += self._end.get("cpu_ms", 0.0)
        self._usage.peak_rss_bytes = max(self._usage.peak_rss_bytes, self._end.get("peak_rss_bytes", 0))
        return self._end

    def _await_ready(self) -> None:
        self._report.settimeout(_READY_WITHIN_S)
        try:
            message = receive_message(self._report)
        except OSError as error:
            raise BoxError(f"the box did not start within {_READY_WITHIN_S:g} s") from error
        if message is None or message[0]["event"] != "ready":
            detail = message[0].get("detail") if message else "the guest parent is gone"
            raise BoxError(f"the box could not be built: {detail}")
        self._usage.layers = message[0]["layers"]

    def _wait(self, deadline: float | None) -> None:
        """Block until the wire has something to read."""
        while True:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                raise DeadlineExceeded
            timeout = None if left is None or left == float("inf") else left * 1000 + 1
            if self.attend(dict(self._poll.poll(timeout))):
                if self._over:
                    raise OutputLimitExceeded
                return

    def _drain(self) -> None:
        """Take what was printed; beyond the limit nothing more is read."""
        while self._output >= 0 and not self._over:
            try:
                data = os.read(self._output, _CHUNK)
            except BlockingIOError:
                return
            if not data:
                self._poll.unregister(self._output)
                os.close(self._output)
                self._output = -1
                return
            self._usage.output_bytes += len(data)
            self._printed += data
            if self._usage.output_bytes > self._limits.output_kb * 1024:
                self._over = True
                del self._printed[self._limits.output_kb * 1024 :]


def asked_of_a_box(limits: Limits) -> dict[str, float]:
    """Those limits of an exercise that its boxes keep."""
    kept = ("cpu_s", "memory_mb", "processes", "output_kb", "network", "gpu_memory_mb")
    return {name: getattr(limits, name) for name in kept}


def ask_for_boxes(client: socket.socket, limits: Mapping[str, float], ranks: int = 0) -> list[Ends]:
    """Descriptors of a new box, or of a group of `ranks` that share a network; their building may still go on.

    Raises BoxError when the guest parent is gone.
    """
    client.settimeout(_READY_WITHIN_S)
    try:
        # Ranks meet on their loopback, whatever the manifest says of a box alone.
        group = {"limits": {**limits, "network": True}, "ranks": ranks}
        send_message(client, group if ranks else {"limits": dict(limits)})
        message = receive_message(client, descriptors=3 * max(1, ranks))
    except OSError as error:
        raise BoxError(f"the guest parent did not answer: {error}") from error
    if message is None:
        raise BoxError("the box could not be built: the guest parent is gone")
    ends = iter(message[1])
    return list(zip(ends, ends, ends, strict=True))


def words_of_exit(status: int) -> Text:
    """How a process of the candidate's ended: its exit status, or a signal's number as a negative one."""
    return _EXIT.filled(code=status) if status >= 0 else _SIGNAL.filled(signal=_signal_name(-status))


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
