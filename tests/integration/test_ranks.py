"""Boxes of a group share one network and nothing else, and are watched together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from grader.box.parent import GuestParent, ParentSpec
from grader.judge.connection import BoxConnection, Usage, ask_for_boxes, asked_of_a_box
from grader.judge.failure import GuestFailure
from grader.judge.ranks import Group, Rank
from grader.model.exercise import Limits
from grader.model.verdict import Status
from grader.wire.frame import Caps

SOURCE = """
import os, signal, socket, time

def serve():
    global server
    server = socket.create_server(("127.0.0.1", 0))
    return server.getsockname()[1]

def meet(rank, port):
    if rank == 0:
        server.settimeout(5)
        stream, _ = server.accept()
        return stream.recv(10)
    with socket.create_connection(("127.0.0.1", port)) as stream:
        stream.send(b"hello")
    return b"sent"

def leave(place):
    if place[0] == "/":
        os.makedirs(os.path.dirname(place), exist_ok=True)
        return open(place, "w").write("x")
    global mailbox
    mailbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    mailbox.bind(chr(0) + place)

def find(place):
    if place[0] == "/":
        return os.path.exists(place)
    try:
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).connect(chr(0) + place)
        return True
    except OSError:
        return False

hits = []
def count_signals(): signal.signal(signal.SIGUSR1, lambda *_: hits.append(1))

def signal_all():
    for pid in range(1, 5000):
        if pid != os.getpid():
            try: os.kill(pid, signal.SIGUSR1)
            except OSError: pass
    try: os.kill(-1, signal.SIGUSR1)
    except OSError: pass

def hit(): return len(hits)
def seen(): return [os.getpid(), os.listdir("/proc"), os.path.exists("/dev/pts/0")]
def interfaces(): return socket.if_nameindex()

def configure():
    import fcntl, struct
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        fcntl.ioctl(probe, 0x8914, struct.pack("16sH14x", b"lo", 0))

def send_what_nobody_reads():
    listening = socket.create_server(("127.0.0.1", 0))
    sending = socket.create_connection(listening.getsockname())
    sending.settimeout(0.5)  # until the buffers on both sides are full
    sent = 0
    try:
        while sent < (64 << 20): sent += sending.send(b"x" * 65536)
    except TimeoutError: pass
    return sent

def burn(seconds):
    ends = time.process_time() + seconds
    while time.process_time() < ends: pass
    return True

def fill(mb): return len(b"x" * (mb << 20))
def end(rank):
    if rank == 1: os._exit(3)
    time.sleep(60)
"""

Start = Callable[..., Group]


@pytest.fixture(scope="module")
def parent() -> Iterator[GuestParent]:
    """Strict boxes with numpy."""
    parent = GuestParent(ParentSpec(environment="numpy", packages=("numpy",), strict=True))
    yield parent
    parent.close()


@pytest.fixture
def start(parent: GuestParent) -> Iterator[Start]:
    """Starts groups, and ends them."""
    client, caps, opened = parent.client(), Caps(), []

    def start(count: int, limits: Limits | None = None) -> Group:
        asked = limits or Limits(cpu_s=10.0)
        ends = ask_for_boxes(client, asked_of_a_box(asked), count)
        connections = [BoxConnection(client, asked, Usage(), caps, None, end) for end in ends]
        opened.extend(connections)
        group = Group([Rank(connection, caps) for connection in connections], case_wall_s=20.0)
        group.load(SOURCE, None)
        return group

    yield start
    for connection in opened:
        connection.close()
    client.close()


def test_ranks_meet_on_their_loopback(start: Start) -> None:
    """What one of them listens on, another can reach; another group cannot."""
    group, stranger = start(2), start(2)
    port = group[0].candidate.serve()
    assert group.call("candidate.meet", [(0, port), (1, port)]) == [b"hello", b"sent"]
    with pytest.raises(ConnectionRefusedError):
        stranger[1].candidate.meet(1, port)


@pytest.mark.parametrize("place", ["/tmp/x", "/dev/shm/x"])
def test_what_one_rank_leaves_no_other_finds(start: Start, place: str) -> None:
    """Scratch files and shared memory are each rank's own."""
    group = start(2)
    group[0].candidate.leave(place)
    assert group.call("candidate.find", [(place,), (place,)]) == [True, False]


def test_no_rank_leaves_a_socket_under_a_name(start: Start) -> None:
    """There are pairs of unix sockets, and none that others could find."""
    with pytest.raises(OSError, match="family not supported"):
        start(2)[0].candidate.leave("a name")


def test_no_rank_signals_or_sees_the_processes_of_another(start: Start) -> None:
    """Each is alone in its process namespace, and /proc is empty."""
    group = start(2)
    group.call("candidate.count_signals")
    group[0].candidate.signal_all()
    assert group.call("candidate.hit") == [0, 0]
    assert group.call("candidate.seen") == [[2, [], False]] * 2


def test_no_rank_may_configure_what_they_share(start: Start) -> None:
    """The network belongs to a user namespace that none of them is in."""
    group = start(2)
    with pytest.raises(OSError, match=r"permitted|ioctl"):
        group[0].candidate.configure()
    assert [[name for _, name in seen] for seen in group.call("candidate.interfaces")] == [["lo"], ["lo"]]


def test_a_connection_holds_little(start: Start) -> None:
    """What a rank sends and nobody reads stops at the buffers' size; megabytes of each would outrun every look."""
    sent = start(2)[0].candidate.send_what_nobody_reads()
    assert 65536 <= sent <= 2 * 262144


def test_cpu_time_counts_together_and_memory_apart(start: Start) -> None:
    """Two ranks that burn three quarters of `cpu_s` each are ended; as much memory as one may have fits in each."""
    group = start(2, Limits(cpu_s=1.0, memory_mb=64))
    assert group.call("candidate.fill", [(40,), (40,)]) == [40 << 20] * 2
    with pytest.raises(GuestFailure, match="more than 1 s of CPU time") as caught:
        group.call("candidate.burn", [(0.75,), (0.75,)])
    assert caught.value.status is Status.TIME_LIMIT


def test_a_rank_that_dies_takes_the_others_with_it_at_once(start: Start) -> None:
    """The message has the rank and how it ended; nobody waits for the one that sleeps."""
    group = start(3)
    started = time.monotonic()
    with pytest.raises(GuestFailure, match=r"rank 1: the code ended its own process \(exit status 3\)"):
        group.call("candidate.end", [(0,), (1,), (2,)])
    assert time.monotonic() - started < 3.0
    with pytest.raises(GuestFailure, match="rank 1"):
        group.call("candidate.seen")
