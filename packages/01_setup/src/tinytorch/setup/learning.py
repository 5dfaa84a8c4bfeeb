"""How the course's packages build on each other, in what order to take them, and what is next."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from tinytorch.setup.commands import install
from tinytorch.setup.course import Package, load_course
from tinytorch.setup.graph import edges_from_table, prerequisites, topological_order
from tinytorch.setup.inventory import PackageStatus, statuses
from tinytorch.setup.rendering import Result, listed, table


@dataclass(frozen=True)
class DependencyGraph(Result):
    """The course's modules and capstones, each with what it builds on directly."""

    packages: tuple[Package, ...]

    @property
    def edges(self) -> dict[str, tuple[str, ...]]:
        """From each name to the names it builds on: `edges["layers"] == ("tensor", …)`."""
        return edges_from_table([asdict(package) for package in self.packages])

    def __str__(self) -> str:
        return table(
            [
                (package.label, package.name, f"builds on {listed(package.depends)}")
                for package in self.packages
            ]
        )


@dataclass(frozen=True)
class LearningPath(Result):
    """The course's modules and capstones in the order in which to take them.

    next: the first released step that is not installed here, None when all are
    """

    steps: tuple[PackageStatus, ...]
    next: PackageStatus | None

    def __str__(self) -> str:
        rows = {
            part: [
                (*step.cells()[:2], step.title, *step.cells()[2:])
                for step in self.steps
                if step.part == part
            ]
            for part in sorted({step.part for step in self.steps})
        }
        sections = [f"Part {part}\n{table(cells)}" for part, cells in rows.items()]
        return "\n".join([*sections, self._advice()])

    def _advice(self) -> str:
        if self.next is None:
            return "Next: everything released is installed"
        return f"Next: {self.next.name}\n  {install([self.next.distribution])}"


@dataclass(frozen=True)
class Missing(Result):
    """A package that has to be here first, and why it is not."""

    name: str
    distribution: str
    reason: Literal["not installed", "not yet released", "broken"]

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


@dataclass(frozen=True)
class MissingPrerequisites(Result):
    """What a module builds on and is not here, in the order in which to take it."""

    module: str
    missing: tuple[Missing, ...]

    def __str__(self) -> str:
        if not self.missing:
            return f"Everything that {self.module} builds on is installed"
        lines = [f"{self.module} builds on what is not here yet:"]
        lines += [f"  {missing}" for missing in self.missing]
        to_install = [m.distribution for m in self.missing if m.reason == "not installed"]
        if to_install:
            lines.append(f"Install it: {install(to_install)}")
        return "\n".join(lines)


def dependency_graph() -> DependencyGraph:
    """The graph of the whole course, installed or not."""
    return DependencyGraph(load_course().packages)


def learning_path(path: Sequence[str] | None = None) -> LearningPath:
    """The order in which to take the course, with how far this environment has come.

    `path` is a list of folders to search like `sys.path`, which is what is searched without it.
    """
    course = load_course()
    order = topological_order(dependency_graph().edges)
    steps = statuses([course.package(name) for name in order], path)
    to_do = [step for step in steps if step.released and not step.installed]
    return LearningPath(steps, to_do[0] if to_do else None)


def missing_prerequisites(module: str, path: Sequence[str] | None = None) -> MissingPrerequisites:
    """What has to be installed before `module` (a module's or capstone's name) can work.

    All that it builds on, directly or through others, in the course's order; not itself.
    `path` is a list of folders to search like `sys.path`, which is what is searched without it.

    Raises ValueError, with the nearest name, when the course has no such module.
    """
    package = load_course().package(module)
    below = prerequisites(dependency_graph().edges, package.name)
    return MissingPrerequisites(
        module=package.name,
        missing=tuple(
            Missing(step.name, step.distribution, _reason(step))
            for step in learning_path(path).steps
            if step.name in below and not step.installed
        ),
    )


def _reason(step: PackageStatus) -> Literal["not installed", "not yet released", "broken"]:
    if step.origin == "broken":
        return "broken"
    return "not installed" if step.released else "not yet released"
