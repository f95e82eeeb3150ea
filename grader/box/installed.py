"""Which packages are on this machine: of those that environments are made of, one is an extra of ours."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import metadata

from grader.errors import PackageError
from grader.guest.environments import known, named
from grader.model.text import Text

EXTRAS = frozenset({"torch"})  # of our own distribution, which are large: see pyproject.toml
_DISTRIBUTION = "vivavoce"
_MISSING = Text(
    en="the package {name}, which this exercise needs, is not installed; run `{command}`",
    zh="未安装这道题需要的软件包 {name}；请运行 `{command}`",
)


def command_for(package: str) -> str:
    """What to run in order to have `package`."""
    return f"pip install '{_DISTRIBUTION}[{package}]'" if package in EXTRAS else f"pip install {package}"


def missing(package: str) -> PackageError:
    """The error that `package` is not installed."""
    said = _MISSING.filled(name=package, command=command_for(package))
    return PackageError(said.en, said.zh)


def is_installed(package: str) -> bool:
    """Whether there is a distribution of that name."""
    try:
        metadata.distribution(package)
    except metadata.PackageNotFoundError:
        return False
    return True


def require(environment: str) -> None:
    """Raise PackageError for the first package that an environment is made of and that is not installed."""
    for package in named(environment).packages:
        if not is_installed(package):
            raise missing(package)


def lacking(environments: Iterable[str]) -> dict[str, str]:
    """Those of `environments` that cannot be used here, each with the package that it lacks; unknown ones are not."""
    wanted = set(environments) & set(known())
    found = {name: next((p for p in named(name).packages if not is_installed(p)), "") for name in sorted(wanted)}
    return {name: package for name, package in found.items() if package}
