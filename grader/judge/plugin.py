"""The pytest plugin that gives a suite its fixtures.

One suite file runs in two ways, which mean the same. In a judge, `candidate` is a handle to a module that lives in a
guest. Under plain pytest that guest is this very process (`loopback`), so that an author can set a breakpoint:

    pytest reference/f1_auc/test_hidden.py --viva-candidate my_solution.py

Where the objects come from is behind `Provider`; a judge sets its own, and `LocalProvider` is the default.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pytest
from _pytest._code.code import Traceback

from grader.guest.operations import seed_globals
from grader.guest.placement import CPU, CUDA
from grader.judge.changes import changes_noted
from grader.judge.comparison import tolerances
from grader.judge.failure import RemoteError
from grader.judge.generators import case_generator, case_torch_generator
from grader.judge.last_call import WHOLE, forget_call, last_call
from grader.judge.loopback import Loopback
from grader.judge.places import MARK as ON_DEVICE
from grader.judge.places import results_stay
from grader.judge.seeds import derive
from grader.model.exercise import Tolerance

_PACKAGE = Path(__file__).resolve().parents[1]
_OF_CASES = (AssertionError, pytest.fail.Exception, RemoteError)  # what a case ends with when the candidate is wrong

if TYPE_CHECKING:
    from grader.judge.local_ranks import LocalRanks
    from grader.judge.ranks import Group


class Provider(Protocol):
    """What a suite's fixtures are made of."""

    seed: int
    device: str

    def candidate(self, suite: Path) -> Any:
        """The module under test."""

    def driver(self, suite: Path) -> Any:
        """The exercise's driver, loaded beside the module under test."""

    def reference(self, suite: Path) -> Any:
        """The reference solution: always a real module in this process."""

    def tolerances(self, suite: Path) -> Mapping[str, Tolerance]:
        """The manifest's tolerance per dtype."""

    def seed_candidate(self, seed: int) -> None:
        """Seed the global generators where the candidate's code runs."""

    def new_case(self) -> None:
        """Have nothing of the last case left where the candidate's code runs."""

    def ranks(self, suite: Path, count: int) -> Group:
        """As many guests with the module under test, which may work together; asked for once in a case."""

    def release_ranks(self) -> None:
        """The case that asked for them is over."""


PROVIDER = pytest.StashKey[Provider]()


def case_id(item: pytest.Item) -> str:
    """`public::test_x[1]` or `hidden::test_x[1]`."""
    visibility = "public" if item.path.name == "test_public.py" else "hidden"
    return f"{visibility}::{item.name}"


def load_module(path: Path, name: str) -> ModuleType:
    """Execute the file `path` as module `name` and leave it in `sys.modules`.

    Raises FileNotFoundError when there is no such file, and whatever the file itself raises.
    """
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


class LocalProvider:
    """Runs the module under test in this process; for authors, and for candidates who run the public cases.

    The file is `--viva-candidate`, else `solution.py`, else `stub.py` beside the suite. A candidate that is text is a
    module's source.
    """

    def __init__(
        self,
        candidate: Path | str | None,
        seed: int,
        device: str = "cpu",
        tolerance: Mapping[str, Tolerance] | None = None,
        guest: Callable[[], Loopback] | None = None,
        *,
        keep_ranks: bool = False,
    ) -> None:
        """On any `device` but the CPU tensors live on one that stands in for it (`stand_in`): none is touched here.

        `keep_ranks` spares forks where many cases run: what is right in a judge's guests is right in these.
        """
        self.seed = seed
        self.device = device
        self._candidate = candidate
        self._tolerance = tolerance
        self._guest = guest or (Loopback if device == CPU else _on_stand_in)
        self._guests: dict[Path, Loopback] = {}
        self._modules: dict[tuple[Path, str], Any] = {}
        self._references: dict[Path, ModuleType] = {}
        self._seed = seed
        self._ranks: LocalRanks | None = None
        self._keep_ranks = keep_ranks

    def new_case(self) -> None:
        """Forget the objects and tensors of the last case."""
        for guest in self._guests.values():
            guest.bridge.reset()

    def candidate(self, suite: Path) -> Any:
        """The module under test, known as `solution` to a driver."""
        return self._load(suite, "solution", *self._candidate_source(suite))

    def driver(self, suite: Path) -> Any:
        """The driver, beside the module under test."""
        self.candidate(suite)
        file = _driver_file(suite)
        return self._load(suite, "driver", _text(file), str(file))

    def ranks(self, suite: Path, count: int) -> Group:
        """Forked processes, until `release_ranks` or longer."""
        if not hasattr(os, "fork"):
            pytest.skip("several ranks need os.fork, which this system lacks: run the suite on Linux or macOS")
        from grader.judge.local_ranks import LocalRanks  # few suites need it, and all import this module

        self._ranks = self._ranks or LocalRanks(keep=self._keep_ranks)
        driver = _driver_file(suite)
        source, _ = self._candidate_source(suite)
        return self._ranks.start(count, source, _text(driver) if driver.is_file() else None, self._seed)

    def release_ranks(self) -> None:
        """End their processes, unless they serve the next case too."""
        if self._ranks is not None:
            self._ranks.release()

    def end_ranks(self) -> None:
        """End their processes, come what may."""
        if self._ranks is not None:
            self._ranks.end()

    def _candidate_source(self, suite: Path) -> tuple[str, str]:
        """The source of the module under test, and the file that it stands in."""
        if isinstance(self._candidate, str):
            return self._candidate, "solution.py"
        beside = [suite.parent / "solution.py", suite.parent / "stub.py"]
        file = self._candidate or next((p for p in beside if p.is_file()), beside[0])
        return _text(file), str(file)

    def reference(self, suite: Path) -> ModuleType:
        """The reference solution of the suite's exercise."""
        path = _other_half(suite, "reference") / "solution.py"
        if path not in self._references:
            self._references[path] = load_module(path, f"reference_{suite.parent.name}")
        return self._references[path]

    def tolerances(self, suite: Path) -> Mapping[str, Tolerance]:
        """What the manifest says; nothing where a suite stands alone."""
        return _stated_tolerances(suite) if self._tolerance is None else self._tolerance

    def seed_candidate(self, seed: int) -> None:
        """Seed this process, in which the module under test lives, and the ranks to come."""
        self._seed = seed
        seed_globals(seed)

    def _load(self, suite: Path, name: str, source: str, file: str) -> Any:
        place = suite.parent
        if (place, name) not in self._modules:
            if place not in self._guests:
                self._guests[place] = self._guest()
            self._modules[place, name] = self._guests[place].load(name, source, file)
        return self._modules[place, name]


def _on_stand_in() -> Loopback:
    from grader.judge.stand_in import placement  # it needs torch

    return Loopback(placement=placement())


@cache
def _stated_tolerances(suite: Path) -> Mapping[str, Tolerance]:
    manifest = _other_half(suite, "exercises") / "exercise.yaml"
    if not manifest.is_file():
        return {}
    import yaml  # only authors need it here; a judge gets the figures with its job

    stated = yaml.safe_load(manifest.read_text(encoding="utf-8")).get("tolerance") or {}
    return {dtype: Tolerance(**figures) for dtype, figures in stated.items() if dtype != CUDA}


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def _driver_file(suite: Path) -> Path:
    beside = suite.parent / "driver.py"
    return beside if beside.is_file() else _other_half(suite, "exercises") / "driver.py"


def _other_half(suite: Path, half: str) -> Path:
    """`exercises/<slug>/` or `reference/<slug>/` of the pack that holds `suite`."""
    return suite.parent.parent.parent / half / suite.parent.name


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options for running a suite by hand."""
    group = parser.getgroup("viva")
    group.addoption("--viva-candidate", type=Path, metavar="FILE", help="module to run a viva suite against")
    group.addoption("--viva-seed", type=int, default=0, help="seed of the suite's random inputs (default 0)")


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark, and provide modules of this process unless a judge has said otherwise."""
    config.addinivalue_line("markers", "task(id): the task of the exercise that this case belongs to")
    config.addinivalue_line("markers", f"{ON_DEVICE}: on a GPU, results must be on the device of the inputs")
    if PROVIDER not in config.stash:
        file = config.getoption("--viva-candidate")
        config.stash[PROVIDER] = LocalProvider(file and file.resolve(), config.getoption("--viva-seed"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Under plain pytest, show the case's line, the call and what the candidate's code raised, and no frame of ours.

    A judge's reports are neither printed nor made here; `--full-trace` shows all frames, for who looks for our faults.
    """
    found = call.excinfo
    if found is not None and not item.config.getoption("fulltrace", True):
        found.traceback = Traceback(_without_ours(found.tb) or found.tb)
        for error in _told_with(found.value):
            error.__traceback__ = _without_ours(error.__traceback__) or (found.tb if error is found.value else None)
    report = yield
    if found is not None and report.longrepr is not None and found.errisinstance(_OF_CASES):
        report.sections += _told_beside(found.value)
    return report


def _without_ours(frames: TracebackType | None) -> TracebackType | None:
    """A traceback of the frames that are not this program's."""
    theirs: list[TracebackType] = []
    while frames is not None:
        if not Path(frames.tb_frame.f_code.co_filename).is_relative_to(_PACKAGE):
            theirs.append(frames)
        frames = frames.tb_next
    shown: TracebackType | None = None
    for frame in reversed(theirs):
        shown = TracebackType(shown, frame.tb_frame, frame.tb_lasti, frame.tb_lineno)
    return shown


def _told_with(error: BaseException) -> Iterator[BaseException]:
    """An exception and all that is printed with it: what it came of, what was being handled, the parts of a group."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        parts = one.exceptions if isinstance(one, BaseExceptionGroup) else ()
        waiting += [one.__cause__, one.__context__, *parts]


def _told_beside(error: BaseException) -> Iterator[tuple[str, str]]:
    words = last_call(WHOLE)
    if words is not None:
        yield "last call of the candidate's code", words
    if isinstance(error, RemoteError) and error.remote_trace:
        yield "raised by the candidate's code", error.remote_trace


@dataclass(frozen=True, slots=True)
class RunningCase:
    """What the fixtures of one case are made of."""

    provider: Provider
    suite: Path
    id: str
    on_device: bool = False  # whether results must be where the inputs are

    def seed(self, purpose: str) -> int:
        """A seed of this case for one purpose."""
        return derive(self.provider.seed, self.id, purpose)


@pytest.fixture
def running_case(request: pytest.FixtureRequest) -> RunningCase:
    """The case at hand. It alone asks for `request`, which pytest makes anew for every fixture that names it."""
    marked = request.node.get_closest_marker(ON_DEVICE) is not None
    return RunningCase(request.config.stash[PROVIDER], request.path, case_id(request.node), marked)


@pytest.fixture
def candidate_setup(running_case: RunningCase) -> Iterator[None]:
    """Global generators and tolerances of one case; whatever touches candidate code asks for it."""
    provider = running_case.provider
    forget_call()
    provider.new_case()
    seed_globals(running_case.seed("globals"))
    provider.seed_candidate(running_case.seed("guest"))
    stay = results_stay(running_case.on_device)
    with tolerances(provider.tolerances(running_case.suite)), changes_noted(), stay:
        yield


@pytest.fixture
def candidate(running_case: RunningCase, candidate_setup: None) -> Any:
    """The module under test."""
    return running_case.provider.candidate(running_case.suite)


@pytest.fixture
def driver(running_case: RunningCase, candidate_setup: None) -> Any:
    """The exercise's `driver.py`, which can `import solution`."""
    return running_case.provider.driver(running_case.suite)


@pytest.fixture
def ranks(running_case: RunningCase, candidate_setup: None) -> Iterator[Callable[[int], Group]]:
    """A function: `ranks(n)` are n guests that can work together. See `grader.judge.ranks`."""
    provider, suite = running_case.provider, running_case.suite
    try:
        yield lambda count: provider.ranks(suite, count)
    finally:
        provider.release_ranks()


@pytest.fixture
def reference(running_case: RunningCase) -> Any:
    """The reference solution, in the judge."""
    return running_case.provider.reference(running_case.suite)


@pytest.fixture
def rng(running_case: RunningCase) -> np.random.Generator:
    """A numpy generator seeded by the verdict's seed and the case; it never leaves the judge."""
    return case_generator(running_case.seed("rng"))


@pytest.fixture
def torch_rng(running_case: RunningCase) -> Any:
    """A torch generator (on the CPU) seeded by the verdict's seed and the case; it never leaves the judge."""
    return case_torch_generator(running_case.seed("torch_rng"))


@pytest.fixture
def device() -> Any:
    """Where tensors live, to be passed on: on the CPU for the suite's own, always; in a guest, wherever its own are."""
    torch = sys.modules.get("torch")
    return CPU if torch is None else torch.device(CPU)  # which a guest with a GPU takes for that (`wire/decoder.py`)


@pytest.fixture
def seed_candidate(running_case: RunningCase) -> Callable[[int], None]:
    """A function that seeds the global generators where the candidate's code runs."""
    return running_case.provider.seed_candidate
