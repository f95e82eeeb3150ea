"""Wrong solutions as edits of a reference, run in another process by the hidden suite alone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SEEDS = range(2)
THE_REFERENCE = "the reference"
FailedTasks = dict[str, list[list[str]]]  # by solution: for each seed the tasks whose cases failed
_RUN = """
import json, sys
from grader.judge.plugin import LocalProvider
from grader.judge.run import collect, run_locally
order = json.load(sys.stdin)
suite = collect((order["suite"],))
def failed(source, seed):
    records = run_locally(suite, LocalProvider(source, seed=seed), 60.0)
    return [record.outcome.task for record in records if record.outcome.status.value != "accepted"]
seeds, sources = order["seeds"], order["sources"]
print(json.dumps({name: [failed(source, seed) for seed in seeds] for name, source in sources.items()}))
"""


def failed_tasks_of(slug: str, wrong: Mapping[str, Sequence[tuple[str, str]]]) -> FailedTasks:
    """What the reference and each of `wrong` (what stands in the reference once, and what is to) fail."""
    private_dir = ROOT / "reference" / slug
    source = (private_dir / "solution.py").read_text(encoding="utf-8")
    sources = {THE_REFERENCE: source, **{name: _edited(source, pairs, name) for name, pairs in wrong.items()}}
    order = {"suite": str(private_dir / "test_hidden.py"), "sources": sources, "seeds": list(SEEDS)}
    command = [sys.executable, "-W", "ignore", "-c", _RUN]
    run = subprocess.run(command, input=json.dumps(order), capture_output=True, text=True, cwd=ROOT, check=True)
    found: FailedTasks = json.loads(run.stdout.splitlines()[-1])
    return found


def _edited(source: str, pairs: Sequence[tuple[str, str]], name: str) -> str:
    """Parts of lines, also where several lines take their place, which edits of mutants are not."""
    for old, new in pairs:
        assert source.count(old) == 1, f"{name}: the reference has changed"
        source = source.replace(old, new)
    return source
