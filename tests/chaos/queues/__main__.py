"""Procrastinate and PgQueuer side by side: `python -m tests.chaos.queues --json FILE`.

Both carry out the same works (`task`) through the same scenarios (`scenarios`), in turns, on one embedded PostgreSQL,
set up alike (`contestants`); `accounting` says what was lost, stuck or carried out twice. Times of a busy machine say
little alone: compare the two columns of one run.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from grader.database.embedded import EmbeddedServer
from tests.chaos.queues.contestants import CONTESTANTS
from tests.chaos.queues.fleet import fleet
from tests.chaos.queues.scenarios import SCENARIOS, Outcome

LIBRARIES = ("procrastinate", "pgqueuer")


def main() -> int:
    """Run, print, write; 2 where it cannot."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.queues", description=__doc__)
    parser.add_argument("--scenario", action="append", choices=SCENARIOS, help="only these; all by default")
    parser.add_argument("--library", action="append", choices=CONTESTANTS, help="procrastinate and pgqueuer by default")
    parser.add_argument("--share", type=float, default=1.0, help="of the works; less for a quick look")
    parser.add_argument("--reverse", action="store_true", help="the second library first")
    parser.add_argument("--json", type=Path, help="write everything that was measured here")
    wishes = parser.parse_args()
    if missing := [name for name in ("pgqueuer", "asyncpg") if importlib.util.find_spec(name) is None]:
        print(f"{' and '.join(missing)} not installed; `pip install pgqueuer asyncpg` brings it", file=sys.stderr)
        return 2
    libraries = list(wishes.library or LIBRARIES)
    if wishes.reverse:
        libraries.reverse()
    found = asyncio.run(_all(wishes.scenario or list(SCENARIOS), libraries, wishes.share))
    if wishes.json:
        wishes.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    return 0


async def _all(scenarios: list[str], libraries: list[str], share: float) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(prefix="viva-queues-", ignore_cleanup_errors=True) as place:
        Path(place).chmod(0o755)
        with EmbeddedServer(Path(place) / "postgresql", owned=True) as server, (Path(place) / "log").open("a") as log:
            for scenario in scenarios:
                for library in libraries:
                    name = f"{scenario}_{library}".lower()
                    async with fleet(library, server, name, log) as one:
                        outcome = await SCENARIOS[scenario](one, share)
                    found.setdefault(scenario, {})[library] = asdict(outcome)
                    print(_line(scenario, library, outcome), flush=True)
    return found


def _line(scenario: str, library: str, outcome: Outcome) -> str:
    it = outcome.account
    parts = [
        f"done {it.done} of {it.works}",
        f"lost {len(it.lost)}",
        f"stuck {len(it.stuck)}",
        f"executed twice {len(it.doubled)}",
        f"begun again {it.repeated}",
        f"offered when done {it.idle_offers}",
        f"dropped {it.dropped}",
    ]
    if it.cut_off:
        parts.append(f"cut off {it.cut_off}, again after {it.again} s")
    parts += [f"{name} {value:.4g}" for name, value in outcome.figures.items()]
    return f"{scenario:18} {library:13} " + ", ".join(parts)


if __name__ == "__main__":
    sys.exit(main())
