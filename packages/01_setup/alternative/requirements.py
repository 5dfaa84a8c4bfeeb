"""Another solution of task 1.7: three questions to each line, each a function."""

from collections.abc import Iterator, Mapping, Sequence

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tinytorch.setup.conflict import Conflict


def conflicts(
    versions: Mapping[str, str], requirements: Mapping[str, Sequence[str]]
) -> list[Conflict]:
    return [
        Conflict(dependant, line, versions.get(_name(line)))
        for dependant, line in _lines(requirements)
        if _counts_here(line) and not _is_met(line, versions.get(_name(line)))
    ]


def _lines(requirements: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    for dependant, lines in requirements.items():
        for line in lines:
            yield dependant, line


def _name(line: str) -> str:
    return canonicalize_name(Requirement(line).name)


def _counts_here(line: str) -> bool:
    marker = Requirement(line).marker
    return marker is None or marker.evaluate({"extra": ""})


def _is_met(line: str, version: str | None) -> bool:
    if version is None:
        return False
    specifier = Requirement(line).specifier
    specifier.prereleases = True
    return Version(version) in specifier
