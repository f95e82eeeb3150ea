"""How often the diagnosis of wrong solutions is right: `.venv/bin/python scripts/measure_diagnosis.py FOLDER`.

FOLDER holds SLUG/*.py, wrong solutions of the exercise SLUG that its mutants were not written from. A file may say in a
comment on its first line, `# right: NAME, NAME`, which mutants describe its mistake or the effect of it; with no name
after the colon none does. Printed is a JSON line for each file (`file`, `status`, `failed` tasks, `diagnoses`, and
`judged`: right, other, silent, or accepted; it is null where the diagnosis speaks and the file says nothing), and the
counts of `judged` on the error stream. A diagnosis is right if any mutant that it names is.
"""

from __future__ import annotations

import argparse
import collections
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MARK = "# right:"


def verdicts(slug: str, files: list[Path], seed: int) -> Iterator[dict[str, Any]]:
    """What `viva grade` says of each file, in their order."""
    command = [sys.executable, "-m", "grader", "grade", slug, *map(str, files), "--json", "--seed", str(seed)]
    done = subprocess.run([*command, "--feedback", "full"], capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    if len(lines) != len(files):
        raise SystemExit(f"{slug}: {len(lines)} verdicts for {len(files)} files\n{done.stderr}")
    yield from map(json.loads, lines)


def judged(file: Path, status: str, named: list[str]) -> str | None:
    """Whether the diagnosis is right, as far as the file says what would be."""
    if not named:
        return "accepted" if status == "accepted" else "silent"
    first = file.read_text(encoding="utf-8").partition("\n")[0]
    if not first.startswith(MARK):
        return None
    right = {name.strip() for name in first.removeprefix(MARK).split(",")}
    return "right" if right & set(named) else "other"


def main() -> None:
    """Grade every file and say how it was diagnosed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=11)
    given = parser.parse_args()
    counts: collections.Counter[str | None] = collections.Counter()
    by_slug: dict[str, list[Path]] = {}
    for file in sorted(given.folder.glob("*/*.py")):
        by_slug.setdefault(file.parent.name, []).append(file)
    for slug, files in by_slug.items():
        for file, verdict in zip(files, verdicts(slug, files, given.seed), strict=True):
            named = verdict["diagnosis"] or []
            row = {
                "file": f"{slug}/{file.name}",
                "status": verdict["status"],
                "failed": [one["id"] for one in verdict["tasks"] if one["score"] < one["max_score"]],
                "diagnoses": [{key: one[key] for key in ("mutant", "likeness", "title")} for one in named],
            }
            row["judged"] = judged(file, row["status"], [one["mutant"] for one in named])
            counts[row["judged"]] += 1
            print(json.dumps(row, ensure_ascii=False), flush=True)
    print(json.dumps(counts), file=sys.stderr)


if __name__ == "__main__":
    main()
