"""The commands that mend an installation, for the installer that this environment has."""

import importlib.util
from collections.abc import Sequence

from packaging.version import Version


def install(requirements: Sequence[str]) -> str:
    return f"{_installer()} install {_quoted(requirements)}"


def reinstall(distribution: str, version: str | None = None) -> str:
    """Brings the reference back; installing by name alone does nothing when a version fits."""
    wanted = distribution if version is None else f"{distribution}=={Version(version).public}"
    return f"{_installer()} install --force-reinstall --no-deps {_quoted([wanted])}"


def uninstall(distribution: str) -> str:
    return f"{_installer()} uninstall {distribution}"


def _installer() -> str:
    return "python -m pip" if importlib.util.find_spec("pip") else "uv pip"


def _quoted(requirements: Sequence[str]) -> str:
    """Quoted where a shell would take `<` and `>` for redirections."""
    return " ".join(f'"{word}"' if set(word) & set("<>=!~;* ") else word for word in requirements)
