"""Running a collected suite: against a guest for the verdict, and against mutants for the diagnosis."""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from _pytest.config import Config, get_config
from _pytest.main import Session
from _pytest.runner import runtestprotocol

from grader.errors import JudgeError
from grader.judge import plugin
from grader.judge.comparison import Observations, collect_observations, without_figures
from grader.judge.failure import GuestFailure, RemoteError
from grader.judge.link import OUT_OF_TIME
from grader.judge.outcome import Circumstances, Recorder, Seen, describe, is_unexpected, judge
from grader.judge.patience import Patience
from grader.judge.plugin import PROVIDER, Provider
from grader.judge.provider import GuestProvider
from grader.model.text import Text
from grader.model.verdict import Outcome, Status

# Plain assertions: rewritten ones print what was compared, which a guest may have made costly, and nobody reads it.
_ARGUMENTS = (
    "-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:faulthandler", "-p", "no:junitxml", "-p", "no:doctest",
    "-p", "no:debugging", "-p", "no:pastebin", "-p", "no:stepwise", "-p", "no:logging",
    "--capture=no", "--assert=plain", "--noconftest", "--import-mode=importlib", "-c", "/dev/null", "--rootdir",
)  # fmt: skip


_BROKEN = Text(en="the suite fails on the reference too: {message}", zh="测试集在参考解答上也失败：{message}")
_MISSING = Text(en="the code does not define {name}, which the statement asks for", zh="代码没有定义题面要求的 {name}")


@dataclass(slots=True)
class Suite:
    """A collected suite, ready to run any number of times in forks of this process."""

    config: Config
    session: Session
    items: list[pytest.Function]
    recorder: Recorder
    clock: _Clock


class _Clock:
    """A pytest plugin that ends a local case's own function, and nothing of pytest around it, after `seconds`."""

    def __init__(self) -> None:
        self.seconds: float | None = None

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_pyfunc_call(self) -> Any:
        """Innermost: an exception out of pytest's own code would leave this case's fixtures to the next one."""
        with contextlib.nullcontext() if self.seconds is None else _alarm(self.seconds):
            return (yield)


class _CollectionErrors:
    """A pytest plugin that keeps, in a line each, what went wrong while suites were collected."""

    def __init__(self) -> None:
        self.said: list[str] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Any:
        """Keep the innermost cause, which names the author's own slip; pytest's report of it has many lines."""
        report = yield
        call = getattr(report, "call", None)
        error = call.excinfo.value if report.failed and call is not None else None
        while error is not None and error.__cause__ is not None:
            error = error.__cause__
        if error is not None:
            self.said.append(f"{collector.name}: {type(error).__name__}: {error}")
        return report


@dataclass(slots=True, kw_only=True)
class CaseRecord:
    """An outcome, with what diagnosis compares, and whether the suite or the reference raised unexpectedly.

    A case that was not run has failed.
    """

    outcome: Outcome
    was_run: bool = True
    observations: Observations = field(default_factory=Observations)
    unexpected: bool = False

    @property
    def tells(self) -> bool:
        """Whether it tells something about the code: not where it was not run, or met what is still to be written."""
        unwritten = self.outcome.status is Status.RUNTIME_ERROR and self.raised == NotImplementedError.__name__
        return self.was_run and not unwritten

    @property
    def words(self) -> str:
        """The first line of the message without its figures."""
        return without_figures(self.outcome.message.en)

    @property
    def raised(self) -> str:
        """The type of the candidate's exception, of which the text is its own."""
        return self.words.partition(":")[0]


def collect(suites: tuple[str, ...]) -> Suite:
    """Collect the suite files; raises JudgeError when one does not load or holds no case."""
    recorder, errors, clock = Recorder(), _CollectionErrors(), _Clock()
    config = get_config([], plugins=None)
    root = str(Path(suites[0]).parent)
    config.pluginmanager.register(recorder, "viva-recorder")
    config.pluginmanager.register(errors, "viva-collection-errors")
    config.pluginmanager.register(clock, "viva-clock")
    if not config.pluginmanager.has_plugin("viva"):
        config.pluginmanager.register(plugin, "viva")
    config = config.pluginmanager.hook.pytest_cmdline_parse(
        pluginmanager=config.pluginmanager, args=[*_ARGUMENTS, root, *suites]
    )
    config._do_configure()
    session = Session.from_config(config)
    config.hook.pytest_sessionstart(session=session)
    session.perform_collect()
    if session.testsfailed or not session.items:
        raise JudgeError("; ".join(errors.said) or "it holds no case")
    items = [item for item in session.items if isinstance(item, pytest.Function)]
    # Public cases first, whatever the files are called: what is printed in them cannot hold hidden inputs.
    items.sort(key=lambda item: item.path.name != "test_public.py")
    return Suite(config, session, items, recorder, clock)


def run_case(suite: Suite, index: int, provider: Any, begin: Callable[[], None]) -> CaseRecord:
    """Run one case. `begin` readies the candidate's code and may raise what that code raises."""
    item = suite.items[index]
    suite.recorder.seen.clear()
    started = time.monotonic()
    with collect_observations() as observations:
        try:
            begin()
        except (GuestFailure, RemoteError) as error:
            suite.recorder.seen.append(_seen_before(error))
        else:
            # No next item: everything is torn down, so that cases may run in any order and after one that never began.
            runtestprotocol(item, log=False, nextitem=None)
            if suite.session._setupstate.stack:
                raise JudgeError(f"{item.name} was not taken down; the next case would be given what is left of it")
    duration = 1000 * (time.monotonic() - started)
    failure = getattr(provider, "failure", None)
    around = Circumstances(
        failure=failure,
        duration_ms=duration,
        output=getattr(provider, "printed", str)(),
    )
    outcome = judge(item, suite.recorder.seen, around)
    unexpected = failure is None and is_unexpected(suite.recorder.seen)
    return CaseRecord(outcome=outcome, observations=observations, unexpected=unexpected)


def _seen_before(error: BaseException) -> Seen:
    return Seen("setup", error)


def run_against_guest(suite: Suite, provider: GuestProvider) -> Iterator[CaseRecord]:
    """Every case against the submission; a module that does not load fails all of them at once."""
    suite.config.stash[PROVIDER] = provider
    patience = Patience()
    try:
        broken = _load_failure(suite, provider)
        for index, item in enumerate(suite.items):
            outcome = describe(item, Status.TIME_LIMIT)
            if broken is not None:
                outcome = replace(outcome, status=broken.status, message=broken.message)
                yield CaseRecord(outcome=outcome, was_run=False)
            elif (refusal := patience.refusal(outcome.task)) is not None:
                yield CaseRecord(outcome=replace(outcome, message=refusal), was_run=False)
            else:
                record = run_case(suite, index, provider, provider.begin_case)
                record = _attributed(suite, index, provider, record) if record.unexpected else record
                patience.learn(record.outcome)
                yield record
    finally:
        provider.close()


def _attributed(suite: Suite, index: int, provider: GuestProvider, record: CaseRecord) -> CaseRecord:
    """Whose fault is an exception of the suite's or the reference's? Ours if the reference itself meets it too."""
    if record.outcome.status is Status.MEMORY_LIMIT:  # an answer that filled this process must not fail the reference
        suite.recorder.forget()
        gc.collect()
    try:
        again = next(run_locally(suite, provider.local_reference(), provider.case_wall_s, [index]))
    finally:
        suite.config.stash[PROVIDER] = provider
    if again.outcome.status is Status.ACCEPTED:
        return record
    raised = next((one.error for one in suite.recorder.seen if one.error is not None), None)
    said = _BROKEN.filled(message=again.outcome.message if raised is None else f"{type(raised).__name__}: {raised}")
    return replace(record, outcome=replace(record.outcome, status=Status.JUDGE_ERROR, message=said))


def _load_failure(suite: Suite, provider: GuestProvider) -> Outcome | None:
    """What loading the submission failed with, as the first case's outcome."""
    try:
        provider.begin_case()
        missing = provider.missing_entry_point()
    except (GuestFailure, RemoteError) as error:
        around = Circumstances(failure=provider.failure, output=provider.printed())
        return judge(suite.items[0], [_seen_before(error)], around)
    if missing is not None:
        message = _MISSING.filled(name=repr(missing))
        return describe(suite.items[0], Status.REJECTED, message=message)
    return None


def run_locally(
    suite: Suite, provider: Provider, case_wall_s: float, order: Sequence[int] | None = None
) -> Iterator[CaseRecord]:
    """Cases (all, or those in `order`) against a module of this process, trusted, each within its time limit."""
    suite.config.stash[PROVIDER] = provider
    for index in range(len(suite.items)) if order is None else order:
        suite.clock.seconds = case_wall_s
        try:
            record = run_case(suite, index, provider, lambda: None)
        finally:
            suite.clock.seconds = None
        yield record


@contextlib.contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise GuestFailure in the block after `seconds`; code that never leaves C is ended from outside.

    There is one such timer in a process; where it was set before (a judge's own end), it goes on afterwards.
    """
    import signal

    running = True

    def ring(*_: object) -> None:
        if running:
            raise GuestFailure(Status.TIME_LIMIT, OUT_OF_TIME)

    before = signal.signal(signal.SIGALRM, ring)
    started = time.monotonic()
    left, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        running = False  # first: one that rang meanwhile must not keep what follows from being done
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(0.001, left - (time.monotonic() - started)))
