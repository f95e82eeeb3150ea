"""What a box has on disk."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest

from grader.box import root
from grader.errors import BoxError


def _targets(*packages: str) -> set[str]:
    return {bind.target for bind in root.build(packages).binds}


def test_only_allowed_packages_are_on_disk() -> None:
    """A numpy exercise has numpy and what the wire needs, and no torch, sklearn or pytest."""
    site = {target.removeprefix("/site/") for target in _targets("numpy") if target.startswith("/site/")}
    assert {name.partition("-")[0].partition(".")[0] for name in site} == {"numpy", "msgspec"}


def test_requirements_come_with_a_package() -> None:
    """Torch cannot be used without sympy, which it requires."""
    assert {"torch", "sympy", "numpy"} <= root.closure(("torch", "numpy"))


def test_a_package_may_be_named_as_it_is_imported() -> None:
    """`sklearn` is installed as scikit-learn, and comes with what that requires."""
    assert root.closure(("sklearn",)) == root.closure(("scikit-learn",)) >= {"scipy", "joblib", "threadpoolctl"}


def test_compiled_files_of_ours_are_covered_before_there_are_any(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that compiles after the box was built must not show it where the checkout is."""
    for folder in (tmp_path / "guest", tmp_path / "guest" / "environments"):
        folder.mkdir()
        (folder / "module.py").touch()
    own = [root.Bind(source=tmp_path / "guest", target="/viva/grader/guest")]
    monkeypatch.setattr(root, "_own_code", lambda: own)
    wanted = {f"/viva/grader/guest/{folder}__pycache__" for folder in ("", "environments/")}
    assert {path for path in root.build(("numpy",)).covered if path.startswith("/viva/")} == wanted
    assert all((tmp_path / path.removeprefix("/viva/grader/")).is_dir() for path in wanted)


def test_extras_do_not_come_with_a_package() -> None:
    """What only an extra requires stays away."""
    assert "optree" not in root.closure(("torch",))


def test_a_package_that_is_not_installed_is_named() -> None:
    """The message says what to run."""
    with pytest.raises(BoxError, match="pip install no-such-package"):
        root.closure(("no-such-package",))


def test_of_our_own_code_only_the_guest_goes_in() -> None:
    """Neither the judge nor content nor anything that knows a reference is there."""
    own = {target for target in _targets("numpy") if target.startswith("/viva")}
    assert own == {"/viva/grader/__init__.py", "/viva/grader/errors.py", "/viva/grader/wire", "/viva/grader/guest"}


def test_no_source_is_a_home_or_the_checkout_as_a_whole() -> None:
    """Each bind is as narrow as it can be."""
    checkout = Path(root.__file__).resolve().parents[2]
    for bind in root.build(("numpy", "torch")).binds:
        assert bind.source not in checkout.parents
        assert bind.source not in (checkout, Path.home(), Path("/"))


def test_every_source_exists() -> None:
    """Nothing is bound that is not there; bubblewrap would refuse."""
    assert all(bind.source.exists() for bind in root.build(("numpy", "torch")).binds)


def test_packages_of_the_interpreter_itself_are_covered() -> None:
    """What lies in the site-packages of the interpreter's prefix cannot be imported in a box."""
    covered = root.build(("numpy",)).covered
    library = Path(sysconfig.get_path("stdlib"))
    present = {name for name in ("site-packages", "dist-packages", "test") if (library / name).is_dir()}
    assert present <= {folder.rpartition("/")[2] for folder in covered}


def test_packages_among_system_libraries_are_covered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some distributions keep Python's packages below /usr/lib64, which is bound for its libraries."""
    (tmp_path / "python3.11" / "site-packages").mkdir(parents=True)
    monkeypatch.setattr(root, "_LIBRARY_FOLDERS", (str(tmp_path),))
    assert f"{tmp_path}/python3.11" in root.build(("numpy",)).covered
