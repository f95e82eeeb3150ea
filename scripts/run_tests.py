"""The tests in parts, side by side: `run_tests.py -m "not slow"` or `run_tests.py --slow`; the rest goes to pytest.

Each part is a pytest process of its own: a file of the folders whose tests start engines and wait for them, else a
folder. Most tests use one core at a time, so as many parts run as there are cores, but for those that need the machine
for themselves. Of a part that failed the whole report is printed, of the others one line. Exit status: 0 when every
part passed and some test ran, 130 after Ctrl-C, else 1.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

TESTS = Path("tests")
# The slowest first, so that no lane ends long after the others.
FIRST = ("soak",)  # as long as ten others
BY_FILE = ("adversarial", "service", "integration", "acceptance")
BY_FOLDER = ("unit",)
ALONE = ("adversarial/test_table.py",)  # what must end a submission within a second, and say for what
MOST_LANES = 4  # more engines at a time take more memory than a laptop has
_PASSED, _NOTHING_TO_RUN = 0, 5  # of pytest's exit statuses
_STOPPED = 130  # as a shell has it
_LAST = re.compile(r"=* ?\d+ \w+(?:, \d+ \w+)* in [\d.]+s\b.*")
_SLOW = "mark.slow"
_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed|deselected|warnings?)")
_TOLD = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")


@dataclass(frozen=True)
class Ended:
    """What came of one part."""

    part: Path
    status: int
    report: str
    seconds: float

    @property
    def failed(self) -> bool:
        """Whether something of it did not pass, or a test ended the process as if all were well."""
        return self.status not in (_PASSED, _NOTHING_TO_RUN) or not (self.counts or "no tests ran" in self.report)

    @property
    def counts(self) -> Counter[str]:
        """How many tests ended how, by pytest's last line; what is told as the interpreter ends may stand below it."""
        last = next((line for line in reversed(self.report.splitlines()) if _LAST.fullmatch(line)), "")
        return Counter({what.rstrip("s"): int(number) for number, what in _COUNT.findall(last)})


def parts_of(tests: Path) -> Iterator[Path]:
    """Paths that hold every test file once, those first that are probably the slowest."""
    yield from (tests / name for name in FIRST if (tests / name).is_dir())
    for name in BY_FILE:
        yield from sorted((tests / name).glob("test_*.py"), key=_size, reverse=True)
    yield from sorted(_rest(tests), key=_size, reverse=True)


def _rest(tests: Path) -> Iterator[Path]:
    for folder in _folders(tests):
        if folder.name in BY_FOLDER:
            yield from _folders(folder)
            yield from folder.glob("test_*.py")
        elif folder.name not in (*BY_FILE, *FIRST):
            yield folder
    yield from tests.glob("test_*.py")


def _folders(above: Path) -> list[Path]:
    """The folders that hold tests, at whatever depth."""
    return sorted(path for path in above.iterdir() if path.is_dir() and any(path.rglob("test_*.py")))


def _size(part: Path) -> int:
    return part.stat().st_size if part.is_file() else sum(path.stat().st_size for path in part.rglob("test_*.py"))


def has_slow(part: Path) -> bool:
    """Whether any test of a part may be marked slow: a pytest that finds none takes seconds to say so."""
    files = [part] if part.is_file() else part.rglob("*.py")
    return any(_SLOW in path.read_text(encoding="utf-8") for path in files)


def run_part(part: Path, arguments: Sequence[str]) -> Ended:
    """Run one part with plain pytest; what it printed is kept in a file, for tests leave processes that hold pipes."""
    command = [sys.executable, "-m", "pytest", "-q", "-ra", "-p", "no:cacheprovider", *arguments, str(part)]
    started = time.monotonic()
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False)
        output.seek(0)
        report = output.read().decode("utf-8", "replace")
    return Ended(part, done.returncode, report, time.monotonic() - started)


def told(counts: Counter[str]) -> str:
    """Such as `3,210 passed, 2 skipped`."""
    return ", ".join(f"{counts[what]:,} {what}" for what in _TOLD if counts[what]) or "nothing to run"


def _print(ended: Ended) -> None:
    mark = "✗" if ended.failed else "✓"
    print(f"{mark} {ended.seconds:6.1f} s  {ended.part}  {told(ended.counts)}", flush=True)
    if ended.failed:
        print(ended.report, flush=True)


def _summary(ended: Iterable[Ended], prefix: str) -> list[str]:
    """Lines of pytest's short summaries, each once."""
    lines = (line for one in ended for line in one.report.splitlines() if line.startswith(prefix))
    return list(dict.fromkeys(lines))


def _ended(parts: Sequence[Path], arguments: Sequence[str], lanes: int) -> Iterator[Ended]:
    """Run the parts, and print what came of each."""
    pool = ThreadPoolExecutor(lanes)
    try:
        for future in as_completed([pool.submit(run_part, part, arguments) for part in parts]):
            _print(future.result())
            yield future.result()
    finally:  # a Ctrl-C reaches the pytests that run too; those that wait are not begun
        pool.shutdown(cancel_futures=True)


def run_all(parts: Sequence[Path], arguments: Sequence[str], lanes: int) -> int:
    """Run the parts, print what came of each and then of all; the exit status."""
    print(f"{len(parts)} parts, {lanes} at a time; each is told when it has ended", flush=True)
    started = time.monotonic()
    alone = [part for part in parts if part.as_posix().endswith(ALONE)]
    ended = [*_ended(alone, arguments, 1), *_ended([part for part in parts if part not in alone], arguments, lanes)]
    counts = sum((one.counts for one in ended), Counter[str]())
    failed = [one for one in ended if one.failed]
    for line in _summary(ended, "SKIPPED") + _summary(failed, "FAILED") + _summary(failed, "ERROR"):
        print(line)
    seconds = time.monotonic() - started
    print(f"{'✗' if failed else '✓'} {told(counts)} · {seconds // 60:.0f} min {seconds % 60:.0f} s")
    if failed:
        print(f"failed: {' '.join(str(one.part) for one in failed)}; run one alone with `pytest PATH`")
    return 0 if counts["passed"] and not failed else 1


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lanes", type=int, default=min(MOST_LANES, os.cpu_count() or 1), help="parts at a time")
    parser.add_argument("--tests", type=Path, default=TESTS, help="the folder of tests")
    parser.add_argument("--slow", action="store_true", help="only the tests that are marked slow")
    own, arguments = parser.parse_known_args()
    parts = [part for part in parts_of(own.tests) if not own.slow or has_slow(part)]
    # Where this was started in the background, a shell has it ignore Ctrl-C, and tests of signals would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return run_all(parts, [*(["-m", "slow"] if own.slow else []), *arguments], own.lanes)
    except KeyboardInterrupt:
        print("stopped")
        return _STOPPED


if __name__ == "__main__":
    sys.exit(main())
