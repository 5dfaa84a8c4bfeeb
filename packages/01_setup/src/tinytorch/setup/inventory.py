"""Which of the course's packages are installed, and whose code runs when they are imported."""

from collections.abc import Sequence
from dataclasses import dataclass

from importlib_metadata import Distribution

from tinytorch.setup.course import Package, load_course, unknown_name
from tinytorch.setup.evidence import gather, installed_distributions, source_url
from tinytorch.setup.origins import Origin, classify
from tinytorch.setup.rendering import Result, table

_IMPORTABLE = ("reference", "student", "shadowed", "unpackaged")


@dataclass(frozen=True)
class PackageStatus(Result):
    """A module or capstone of the course, as it is found here.

    number: None for a capstone
    version: from its metadata, None without
    origin: see `classify`
    location: the file that import runs, None when there is none
    source: the URL it was installed from, None when that was an index
    """

    name: str
    number: int | None
    part: int
    title: str
    distribution: str
    released: bool
    version: str | None
    origin: Origin
    location: str | None
    source: str | None

    @property
    def installed(self) -> bool:
        """Whether import finds its code."""
        return self.origin in _IMPORTABLE

    @property
    def state(self) -> str:
        """Its origin in words."""
        if self.origin == "absent":
            return "not installed" if self.released else "not yet released"
        if self.origin == "shadowed":
            return f"shadowed: {self.location} runs instead"
        if self.origin == "unpackaged":
            return f"unknown to pip, from {self.location}"
        if self.origin == "student":
            return f"yours, from {self.location}"
        return self.origin

    def cells(self) -> tuple[str, ...]:
        label = "--" if self.number is None else f"{self.number:02d}"
        return (label, self.name, self.version or "-", self.state)

    def __str__(self) -> str:
        return "  ".join(self.cells())


@dataclass(frozen=True)
class InstalledModules(Result):
    """The seventeen modules in the course's order; `result["tensor"]` is the status of one."""

    modules: tuple[PackageStatus, ...]

    def __getitem__(self, name: str) -> PackageStatus:
        for module in self.modules:
            if module.name == name:
                return module
        raise KeyError(unknown_name(name, [module.name for module in self.modules]))

    def __str__(self) -> str:
        return table([module.cells() for module in self.modules])


def installed_modules(path: Sequence[str] | None = None) -> InstalledModules:
    """What of the course is installed here, which version, and whose.

    Nothing of it is imported: a module that cannot be imported is reported like any other.
    `path` is a list of folders to search like `sys.path`, which is what is searched without it.
    """
    return InstalledModules(statuses(load_course().modules, path))


def statuses(
    packages: Sequence[Package], path: Sequence[str] | None = None
) -> tuple[PackageStatus, ...]:
    distributions = installed_distributions(path)
    return tuple(
        _status(package, distributions.get(package.distribution), path) for package in packages
    )


def _status(
    package: Package, distribution: Distribution | None, path: Sequence[str] | None
) -> PackageStatus:
    evidence = gather(package, distribution, path)
    return PackageStatus(
        name=package.name,
        number=package.number,
        part=package.part,
        title=package.title,
        distribution=package.distribution,
        released=package.released,
        version=evidence.version,
        origin=classify(evidence),
        location=None if evidence.found is None else str(evidence.found),
        source=None if distribution is None else source_url(distribution),
    )
