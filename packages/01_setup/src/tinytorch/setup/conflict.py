"""A requirement that what is installed does not meet."""

from dataclasses import dataclass

from tinytorch.setup.rendering import Result


@dataclass(frozen=True)
class Conflict(Result):
    """A requirement that what is installed does not meet.

    dependant: the distribution that asks
    requirement: what it asks for, as its metadata says it: `"tinytorch-tensor>=0.1,<0.2"`
    installed: the version that is there instead, None when there is none
    """

    dependant: str
    requirement: str
    installed: str | None

    def __str__(self) -> str:
        there = "none is installed" if self.installed is None else f"{self.installed} is installed"
        return f"{self.dependant} asks for {self.requirement}, but {there}"
