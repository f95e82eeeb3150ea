"""Starts ranks, lets each call the submission, and brings back what became of their models.

Theory of operation. `train` and `broadcast` fork one process per rank. A rank joins a gloo group over the loopback
interface, builds its model from plain tensors, calls the submission and writes one report into its own pipe: an `.npz`
archive, or the error that it met. The ranks meet at a socket that is bound before they are forked and that rank 0
serves; a port that is looked up first and bound later could go to another process in between. A rank that has reported
keeps still, with its sockets open, so that the others do not fail because it left; the driver ends every rank when all
reports are in, when one is an error, or when the time is up. A rank whose driver has gone is ended by an alarm.

Nothing here is secret and nothing is judged here.
"""

from __future__ import annotations

import builtins
import io
import json
import math
import os
import selectors
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, NoReturn

import numpy as np
import solution
import torch
import torch.distributed as dist
from torch import nn
from torch.nn import functional

LIMIT_S = 5.0  # from the fork to the last report; a group with a few small steps takes about 0.1 s
VALUES, ERROR = b"V", b"E"  # first byte of a report

Job = dict[str, Any]
Arrays = dict[str, np.ndarray]


class Mlp(nn.Module):
    """Two layers, and two buffers that training leaves alone."""

    def __init__(self, d_in: int, d_hidden: int, d_out: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(d_in, d_hidden)
        self.fc2 = nn.Linear(d_hidden, d_out)
        self.register_buffer("shift", torch.zeros(d_in))
        self.register_buffer("version", torch.tensor(0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: (rows, d_in) -> (rows, d_out)."""
        return self.fc2(torch.tanh(self.fc1(x - self.shift)))


class Experts(nn.Module):
    """Each row goes through the one expert that its first column names; an expert without rows is not called."""

    def __init__(self, n_experts: int, d_in: int, d_hidden: int, d_out: int) -> None:
        super().__init__()
        self.experts = nn.ModuleList(nn.Linear(d_in, d_hidden) for _ in range(n_experts))
        self.head = nn.Linear(d_hidden, d_out)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: (rows, 1 + d_in) -> (rows, d_out)."""
        chosen, features = x[:, 0].long(), x[:, 1:]
        hidden = features.new_zeros(len(x), self.head.in_features)
        for number, expert in enumerate(self.experts):
            rows = (chosen == number).nonzero().squeeze(1)
            if len(rows):
                hidden = hidden.index_copy(0, rows, expert(features[rows]))
        return self.head(hidden)


class Line(nn.Linear):
    """One weight matrix without a bias."""

    def __init__(self, d_in: int, d_out: int) -> None:
        super().__init__(d_in, d_out, bias=False)


MODELS = {"line": Line, "mlp": Mlp, "experts": Experts}
LOSSES = {"mse": functional.mse_loss, "cross_entropy": functional.cross_entropy}  # both are means over the rows
OPTIMIZERS = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}


def train(job: Job, group: bool = True) -> list[dict[str, Any]]:
    """Run `ddp_step` on every rank; there are as many ranks as `job["states"]`, and no process group without `group`.

    The job: `model` and `sizes` (a name of MODELS and its arguments), `states` (one state dict per rank), `optimizer`
    and `options` (a name of OPTIMIZERS and its keyword arguments), `loss` (a name of LOSSES), `steps` (per step, per
    rank: inputs and targets) and, where some are frozen, `frozen` (names of parameters).
    Returns, per rank, `losses` (what each call returned) and `state` (the state dict after the last step).
    """

    def work(rank: int) -> Arrays:
        model, optimizer = _build(job, rank)
        loss_fn = LOSSES[job["loss"]]
        losses = [float(solution.ddp_step(model, optimizer, loss_fn, *shards[rank])) for shards in job["steps"]]
        return {"losses": np.array(losses), **_arrays(model)}

    _warm_up(job)
    return [_plain(arrays) for arrays in _run_ranks(len(job["states"]), work, group)]


def broadcast(job: Job, src: int | None = None, group: bool = True) -> list[dict[str, Any]]:
    """Run `broadcast_parameters` on every rank, then one ordinary local step on the rows `job["rows"]`, if any.

    The job is that of `train` without `steps`. The optimizer exists before the call, as it may in a real program.
    Returns, per rank, `state` (the state dict in the end).
    """

    def work(rank: int) -> Arrays:
        model, optimizer = _build(job, rank)
        solution.broadcast_parameters(model) if src is None else solution.broadcast_parameters(model, src)
        for inputs, targets in job.get("rows", []):
            LOSSES[job["loss"]](model(inputs), targets).backward()
            optimizer.step()
        return _arrays(model)

    _warm_up(job)
    return [_plain(arrays) for arrays in _run_ranks(len(job["states"]), work, group)]


def _build(job: Job, rank: int) -> tuple[nn.Module, torch.optim.Optimizer]:
    state = job["states"][rank]
    model = MODELS[job["model"]](*job["sizes"])
    model.to(next(iter(state.values())).dtype).load_state_dict(state)
    for name in job.get("frozen", []):
        model.get_parameter(name).requires_grad_(False)
    return model, OPTIMIZERS[job["optimizer"]](model.parameters(), **job["options"])


def _warm_up(job: Job) -> None:
    """Pay for what the first step of an optimizer imports once, here, and not in every rank."""
    weight = nn.Parameter(torch.zeros(1))
    weight.grad = torch.zeros(1)
    OPTIMIZERS[job["optimizer"]]([weight], lr=0.0).step()


def _arrays(model: nn.Module) -> Arrays:
    return {f"state/{name}": value.detach().numpy() for name, value in model.state_dict().items()}


def _plain(arrays: Arrays) -> dict[str, Any]:
    state = {name.removeprefix("state/"): torch.from_numpy(a) for name, a in arrays.items() if "/" in name}
    return {"state": state} | ({"losses": arrays["losses"].tolist()} if "losses" in arrays else {})


class _Rank:
    """A started rank, as the driver sees it."""

    def __init__(self, number: int, process: int, pipe: int) -> None:
        self.number = number
        self.process = process
        self.pipe = pipe  # the reading end
        self.status: int | None = None  # known once the rank has ended

    def end(self) -> str:
        """Kill the process if it still runs, wait for it, and say how it ended."""
        if self.status is None:
            os.kill(self.process, signal.SIGKILL)  # of no effect on one that has ended by itself
            self.status = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        return f"exit status {self.status}" if self.status >= 0 else f"signal {-self.status}"


def _run_ranks(count: int, work: Callable[[int], Arrays], group: bool) -> list[Arrays]:
    """What `work(rank)` gives on each of `count` ranks; raises the first error of a rank; leaves no process behind."""
    sys.stdout.flush()  # or each rank would print again what is waiting here
    sys.stderr.flush()
    ranks: list[_Rank] = []
    meeting = socket.create_server(("127.0.0.1", 0)) if group else None
    try:
        for number in range(count):
            ranks.append(_start(number, work, meeting, count))
        return [_unpack(report) for report in _collect(ranks)]
    finally:
        if meeting is not None:
            meeting.close()
        for rank in ranks:
            os.close(rank.pipe)
            rank.end()


def _start(number: int, work: Callable[[int], Arrays], meeting: socket.socket | None, count: int) -> _Rank:
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        _be_rank(number, work, meeting, count, writing)
    os.close(writing)
    return _Rank(number, process, reading)


def _be_rank(
    number: int, work: Callable[[int], Arrays], meeting: socket.socket | None, count: int, pipe: int
) -> NoReturn:
    """The life of a rank: it never returns into the code that forked it."""
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(math.ceil(LIMIT_S) + 2)
        report = _report(lambda: _join_and_work(number, work, meeting, count))
        sys.stdout.flush()
        sys.stderr.flush()
        with os.fdopen(pipe, "wb") as stream:
            stream.write(report)
        signal.pause()
    finally:
        os._exit(1)


def _join_and_work(number: int, work: Callable[[int], Arrays], meeting: socket.socket | None, count: int) -> Arrays:
    torch.set_num_threads(1)  # a forked process hangs in threads that its parent had
    if meeting is not None:
        os.environ["GLOO_SOCKET_IFNAME"] = "lo0" if sys.platform == "darwin" else "lo"
        patience = timedelta(seconds=2 * LIMIT_S)  # longer than the driver's, whose message says more
        server = {"is_master": True, "master_listen_fd": meeting.fileno()} if number == 0 else {}
        store = dist.TCPStore(*meeting.getsockname(), count, timeout=patience, **server)
        dist.init_process_group("gloo", store=store, rank=number, world_size=count, timeout=patience)
    return work(number)


def _report(work: Callable[[], Arrays]) -> bytes:
    try:
        stream = io.BytesIO()
        np.savez(stream, **work())
        return VALUES + stream.getvalue()
    except BaseException as error:  # SystemExit, too, is an answer of the submission
        simple = all(isinstance(arg, str | int | float | None) for arg in error.args)
        kind = type(error)
        fields = {
            "type": kind.__name__,
            "builtin": kind.__module__ == "builtins" and isinstance(error, Exception),
            "args": list(error.args) if simple else [str(error)],
            "message": str(error),
            "trace": "".join(traceback.format_exception(error)),
        }
        return ERROR + json.dumps(fields).encode()


def _collect(ranks: list[_Rank]) -> list[bytes]:
    """The report of every rank; raises as soon as one is an error, a rank has died or the time is up."""
    reports = [bytearray() for _ in ranks]
    deadline = time.monotonic() + LIMIT_S
    with selectors.DefaultSelector() as selector:
        for rank in ranks:
            selector.register(rank.pipe, selectors.EVENT_READ, rank)
        while waiting := [key.data.number for key in selector.get_map().values()]:
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"not finished within {LIMIT_S:g} s: ranks {sorted(waiting)} of {len(ranks)};"
                    " does every rank call the same collectives in the same order?"
                )
            for key, _ in ready:
                chunk = os.read(key.fd, 1 << 16)
                reports[key.data.number] += chunk
                if not chunk:
                    selector.unregister(key.fd)
                    _check(reports[key.data.number], key.data)
    return [bytes(report) for report in reports]


def _check(report: bytearray, rank: _Rank) -> None:
    """Raise what went wrong on the rank, if anything did: a built-in error as the same type."""
    if report.startswith(VALUES):
        return
    if not report.startswith(ERROR):
        raise RuntimeError(
            f"rank {rank.number} ended without a result ({rank.end()});"
            " does every rank call the same collectives, on tensors of the same shapes?"
        )
    fields = json.loads(report[1:])
    error: Exception = RuntimeError(f"{fields['type']}: {fields['message']}")
    if fields["builtin"]:
        with suppress(TypeError):  # a few built-in errors cannot be made from their message
            error = getattr(builtins, fields["type"])(*fields["args"])
    error.add_note(f"raised on rank {rank.number}:\n{fields['trace']}")
    raise error


def _unpack(report: bytes) -> Arrays:
    with np.load(io.BytesIO(report[1:]), allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}
