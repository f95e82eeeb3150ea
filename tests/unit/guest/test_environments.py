"""Environments: one file each, found by listing the folder, warmed on one thread without a trace in random states."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from grader.guest import environments
from grader.guest.environments import known, named
from grader.wire.threads import ONE_THREAD

_WARMED = """
import importlib, json, os
import numpy as np
from grader.guest.environments import named
environment = named({name!r})
environment.load()
torch = importlib.import_module("torch") if "torch" in environment.libraries else None
def states():
    numpy_state = [part.tolist() if hasattr(part, "tolist") else part for part in np.random.get_state()]
    return [numpy_state, None if torch is None else torch.get_rng_state().tolist()]
before = states()
environment.first_uses()
environment.warm()
print(json.dumps({{"threads": len(os.listdir("/proc/self/task")), "same": states() == before}}))
"""


@pytest.mark.parametrize("name", known())
def test_warming_uses_one_thread_and_draws_nothing(name: str) -> None:
    """A parent that used two makes its children hang; a random state that moved would depend on who is warm."""
    command = [sys.executable, "-c", _WARMED.format(name=name)]
    root = str(Path(environments.__file__).parents[3])
    done = subprocess.run(
        command, env={"PYTHONPATH": root, **ONE_THREAD}, capture_output=True, text=True, timeout=120, check=True
    )
    assert json.loads(done.stdout) == {"threads": 1, "same": True}


def test_a_file_in_the_folder_is_an_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else is to be edited: not a list, and no other module."""
    source = "from grader.guest.environments import Environment\n"
    source += "ENVIRONMENT = Environment(packages=('msgspec',), libraries=('msgspec',), names={})\n"
    (tmp_path / "plain.py").write_text(source)
    monkeypatch.setattr(environments, "__path__", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "grader.guest.environments.plain", raising=False)
    assert known() == ("plain",)
    assert list(named("plain").load()) == ["msgspec"]


def test_looking_at_environments_imports_no_library() -> None:
    """Manifests are read where nothing heavy may be loaded."""
    code = (
        "import sys; from grader.guest.environments import known, named; [named(name) for name in known()]; "
        "print({'numpy', 'torch', 'sklearn', 'pandas', 'scipy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_an_environment_that_does_not_exist_is_refused() -> None:
    """Also a name that leads out of the folder, and the folder's own module."""
    for name in ("jax", "../warm", "__init__"):
        with pytest.raises(ValueError, match="choose one of numpy, pandas, sklearn, torch"):
            named(name)
