"""How long a pack of 2,000 entries takes to load: `.venv/bin/python scripts/measure_loading.py [ENTRIES]`.

The pack is made in a temporary folder from the entries of the built-in one, under new names. Each figure is of a fresh
interpreter: start-up and imports alone, the first load, which fills the cache, and loads after it.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

from grader.content.entry import read_entry
from grader.content.pack import builtin_pack_root
from grader.errors import ContentError

IMPORTS = "import sys; from pathlib import Path; from grader.content.pack import Pack"
LOAD = f"{IMPORTS}; assert len(list(Pack(Path(sys.argv[1])).entries())) == int(sys.argv[2])"
LIST = "import sys; sys.argv = ['viva', 'list', '--pack', sys.argv[1], '--json']; from grader.cli import main; main()"


def make_pack(root: Path, count: int) -> int:
    """Write `count` entries; the bytes that were written."""
    bank = builtin_pack_root() / "bank"
    paths = [path for path in sorted(bank.glob("*/*.yaml")) if _loads(path)]
    size = 0
    for number, path in enumerate(islice(cycle(paths), count)):
        name = f"entry-{number:05d}"
        text = re.sub(r"^id: .*$", f"id: {name}", path.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
        target = root / "bank" / path.parent.name / f"{name}.yaml"
        target.parent.mkdir(parents=True, exist_ok=True)
        size += target.write_text(text, encoding="utf-8")
    return size


def _loads(path: Path) -> bool:
    try:
        read_entry(path)
    except ContentError:
        return False
    return True


def seconds(code: str, root: Path, count: int, cache: Path) -> tuple[float, float]:
    """Wall and processor time of a fresh interpreter that runs `code`."""
    command = [sys.executable, "-c", code, str(root), str(count)]
    begin, used = time.perf_counter(), processor_time()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "VIVA_CACHE": str(cache)})
    return time.perf_counter() - begin, processor_time() - used


def processor_time() -> float:
    """Seconds that finished children have used."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def tell(name: str, code: str, root: Path, count: int, cache: Path, times: int) -> None:
    """Print the best of several runs."""
    wall, used = min(seconds(code, root, count, cache) for _ in range(times))
    print(f"{name:<24}{wall:6.2f} s wall {used:6.2f} s of one processor")


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    with tempfile.TemporaryDirectory() as folder:
        root, cache = Path(folder) / "pack", Path(folder) / "cache"
        size = make_pack(root, count)
        print(f"{count} entries, {size / 1e6:.1f} million characters")
        tell("imports alone", IMPORTS, root, count, cache, 3)
        tell("first load", LOAD, root, count, cache, 1)
        tell("loads after it", LOAD, root, count, cache, 3)
        tell("viva list --json", LIST, root, count, cache, 3)


if __name__ == "__main__":
    main()
